"""Design reviews: every number against the rooms below, the smallest change against an exhaustive search, faults against counting."""

from itertools import product

import pytest

from quorumlab.availability import unavailability
from quorumlab.etcd.recordings import recorded
from quorumlab.experiments.briefs import BRIEFS, HALLS, MEMBER_UP, PAYMENTS, REGION_UP, SHOP, ZONE_UP
from quorumlab.experiments.design_review import (
    DESIGNS,
    LONG_S,
    bad_day_ms,
    breaks_first,
    by_arithmetic,
    design_review,
    designs_lose_a_place,
    layout,
    simulated_loss,
    worst_loss,
)
from quorumlab.latency import commit_latency
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology
from quorumlab.views.design_review import review_view

EVES = Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
SIGNED = {
    "shop": Topology.of(dict.fromkeys(SHOP.places, 1)).without("etcd-6"),
    "halls": Topology.of("eu-west-1a: 2, eu-central-1a: 2, us-east-1a: 1"),
    "payments": Topology.of("us-east-1a: 2, us-east-2a: 2, eu-west-1a: 1"),
}


@pytest.mark.parametrize("name", BRIEFS)
def test_a_brief_can_be_kept_and_what_is_signed_survives_what_it_says(name):
    brief, t = BRIEFS[name], SIGNED[name]
    review = design_review(t, brief)
    assert review.passes and review.change is None and str(review).startswith("I would sign this.")
    for level in brief.survive:
        what, _, more = level.partition("+")
        for members in t.zones.values() if what == "zone" else t.regions.values():
            for other in t.voters if more else ("",):
                assert t.survives(members={*members, other} - {""})


def distance(before, after):
    """How many voters are moved, added or taken away."""
    old, new = before.votes_in("zone"), after.votes_in("zone")
    gone = sum(max(0, old.get(z, 0) - new.get(z, 0)) for z in {*old, *new})
    come = sum(max(0, new.get(z, 0) - old.get(z, 0)) for z in {*old, *new})
    return max(gone, come)


@pytest.mark.parametrize(("name", "held"), [
    ("shop", {"us-east-1a": 2, "us-east-1b": 2, "us-east-1c": 1}),
    ("halls", {"eu-west-1a": 3, "eu-central-1a": 2}),
    ("halls", {"eu-west-1a": 1, "eu-central-1a": 1}),
    ("payments", {"us-east-1a": 3, "eu-west-1a": 3, "ap-south-1a": 3}),
    ("payments", {"us-east-1a": 3}),
])  # fmt: skip
def test_the_smallest_change_mends_it_and_no_smaller_one_does(name, held):
    brief = BRIEFS[name]
    t = layout(held, brief)
    review = design_review(t, brief)
    assert not review.passes and review.changed is not None
    assert design_review(review.changed, brief).passes
    least = distance(t, review.changed)
    most = max(held.values())
    for counts in product(range(most + 1), repeat=len(brief.places)):
        if 0 < sum(counts) <= brief.members:
            near = layout({z: c for z, c in zip(brief.places, counts, strict=True) if c}, brief)
            if distance(t, near) < least:
                assert not all(check.holds for check in by_arithmetic(near, brief)), near


def test_a_brief_of_ones_own_is_reviewed_by_its_own_lines():
    own = SHOP._replace(words="Ours.", survive=("zone",), members=3, hours_a_year=5)
    review = design_review(Topology.of("us-east-1a: 2, us-east-1b: 1"), own)
    assert review.change == "move a voter from us-east-1a to us-east-1c"
    assert design_review(review.changed, own).passes


def test_zones_of_ones_own_are_where_the_brief_says():
    halls = Topology.of("hall-a: 2, hall-b: 1")
    places = {"hall-a": "eu-west-1", "hall-b": "eu-central-1", "hall-c": "us-east-1"}
    own = HALLS._replace(places=places, client="eu-west-1")
    same = design_review(Topology.of("eu-west-1a: 2, eu-central-1a: 1"), HALLS)
    review = design_review(halls, own)
    assert [check.holds for check in review.checks] == [check.holds for check in same.checks]
    assert str(review).replace("hall-a", "eu-west-1a").replace("hall-b", "eu-central-1a").replace(
        "hall-c", "us-east-1a"
    ) == str(same)
    assert review_view(halls, review).figure()
    at_home = design_review(
        Topology.of("a: 1, b: 1, c: 1"), SHOP._replace(places=dict.fromkeys("abc", "north"), client="north")
    )
    assert {check.asked for check in at_home.checks if check.holds} >= {
        "only places that there are",
        "a write: at most 5 ms",
    }


@pytest.mark.parametrize("zones", ["us-west-1a: 3", "a: 2, b: 1"])
def test_where_no_round_trip_is_known_the_way_out_is_said(zones):
    with pytest.raises(
        ValueError,
        match=r"^There is no round trip between 'us-east-1' and '(us-west-1|a)' in ql\.RTT, and a review needs one; use",
    ):
        design_review(Topology.of(zones), SHOP)
    with pytest.raises(ValueError, match=r"between 'us-east-1' and 'mars' in ql\.RTT"):
        design_review(Topology.of("us-east-1a: 3"), SHOP._replace(places={**SHOP.places, "c": "mars"}))


def test_a_layout_that_nothing_small_mends_is_told_so():
    t = Topology.of({"sa-east-1a": 9, "ap-northeast-1a": 9})
    review = design_review(t, PAYMENTS)
    assert review.change is None and "No change of up to 4 voters makes it hold" in str(review)
    assert any(check.found == "sa-east-1a and ap-northeast-1a cannot be had" for check in review.checks)


def test_numbers_are_those_of_the_rooms_below():
    checks = {check.asked: check for check in by_arithmetic(SIGNED["payments"], PAYMENTS)}
    down = unavailability(SIGNED["payments"], MEMBER_UP, ZONE_UP, REGION_UP)
    assert checks["out of service a year: at most 1 hour"].found == f"{float(down) * 8760:.3g} hours"
    slowest = max(
        min(
            commit_latency(SIGNED["payments"], leader=leader, down=lost)
            for leader in SIGNED["payments"].may_lead
            if leader not in lost
        )
        for lost in map(set, SIGNED["payments"].regions.values())
        if "etcd-1" in lost
    )  # whoever leads then
    assert bad_day_ms(SIGNED["payments"], PAYMENTS) >= slowest
    assert bad_day_ms(Topology.of("us-east-1a: 3"), PAYMENTS) is None


@pytest.mark.parametrize(("held", "said"), [
    ("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1", "the loss of us-east-1a and us-east-1b together"),
    ("us-east-1a: 1, us-east-1b: 3, us-east-1c: 1", "the loss of us-east-1b alone"),
    ("us-east-1a: 2, us-east-1b: 2", "the loss of us-east-1a alone"),
])  # fmt: skip
def test_what_breaks_it_first_is_the_fewest_zones(held, said):
    t = Topology.of(held)
    assert breaks_first(t) == said
    assert f" Counted in whole zones, what breaks it first is {said}." in str(
        design_review(t, BRIEFS["shop"])
    )


@pytest.mark.parametrize(
    "held",
    [
        "us-east-1a: 2, us-east-1b: 2, us-east-1c: 1",
        "eu-west-1a: 3, eu-central-1a: 2",
        "us-east-1a: 1, eu-west-1a: 1, ap-south-1a: 1",
    ],
)
@pytest.mark.parametrize("level", ["zone", "zone+1", "region"])
def test_simulated_faults_agree_with_counting(held, level):
    t = Topology.of(held)
    lost = worst_loss(t, level)
    fault = simulated_loss(t, lost)
    assert fault.goes_on is t.survives(members=lost)
    assert fault.without_s < 10 if fault.goes_on else fault.without_s >= LONG_S


def test_the_worst_loss_with_a_machine_more_is_a_zone_and_another_voter():
    lost = worst_loss(EVES, "zone+1")
    assert len(lost) == 3 and {"etcd-1", "etcd-2"} < lost


def test_designs_are_put_to_their_loss_the_same_in_all_worlds():
    counted = {what: t.survives(members=worst_loss(t, level)) for what, (t, level) in DESIGNS.items()}
    assert counted == designs_lose_a_place(SimulatedCluster) == dict(recorded("designs_lose_a_place").answers)


@pytest.mark.parametrize(("t", "brief"), [("us-east-1a: 3", SHOP), (EVES, "shop"), (None, SHOP)])
def test_what_is_no_layout_or_no_brief_is_refused_in_a_sentence(t, brief):
    with pytest.raises(TypeError, match=r"give a (Topology|Brief)\."):
        design_review(t, brief)
