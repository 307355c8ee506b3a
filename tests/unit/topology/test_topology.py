"""What survives what, against counting by hand; and the reviewer's verdict."""

import pytest

from quorumlab.quorums import majority
from quorumlab.topology import Placement, Topology

PAGE = Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
NINE = Topology.of(
    {f"{region}{letter}": 1 for region in ("us-east-1", "eu-west-1", "ap-south-1") for letter in "abc"}
)


def test_members_zones_and_regions():
    assert PAGE.members == PAGE.voters == ("etcd-1", "etcd-2", "etcd-3", "etcd-4", "etcd-5")
    assert PAGE.zones == {
        "us-east-1a": ("etcd-1", "etcd-2"),
        "us-east-1b": ("etcd-3", "etcd-4"),
        "us-east-1c": ("etcd-5",),
    }
    assert PAGE.regions == {"us-east-1": PAGE.members}
    assert PAGE.zone_of["etcd-4"] == "us-east-1b"
    assert PAGE.region_of["etcd-4"] == "us-east-1"
    assert PAGE.quorum_system == majority(PAGE.members)
    assert (PAGE.quorum, PAGE.spare) == (3, 2)
    assert repr(PAGE) == "Topology(us-east-1a: 2, us-east-1b: 2, us-east-1c: 1)"


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("us-east-1a", "us-east-1"),
        ("us-east1-b", "us-east1"),
        ("us-east-1", "us-east-1"),
        ("dc1", "dc1"),
        ("Berlin", "Berlin"),
        ("a", "a"),
    ],
)
def test_a_region_is_read_off_the_zone_or_is_the_zone(zone, region):
    assert Topology.of({zone: 1}).region_of["etcd-1"] == region


def test_roles():
    t = Topology.of("a: 1, b: 1", witnesses="c: 1", learners={"d": 2})
    assert t.voters == ("etcd-1", "etcd-2", "etcd-3")
    assert t.may_lead == ("etcd-1", "etcd-2")
    assert t.witnesses == ("etcd-3",)
    assert t.learners == ("etcd-4", "etcd-5")
    assert t.role_of["etcd-3"] == "witness"
    assert t.quorum == 2
    assert t.spare_after_loss_of(zone="d") == 1
    assert t.spare_after_loss_of(zone="c") == 0


def test_the_same_cluster_however_it_is_made():
    by_name = Topology.placed(
        {"etcd-1": "x", "etcd-2": "x", "etcd-3": "y"}, regions={"x": "r"}, roles={"etcd-3": "learner"}
    )
    by_number = Topology.of({"x": 2}, learners="y: 1", regions={"x": "r"})
    by_hand = Topology(
        (
            Placement("etcd-1", "x", "r"),
            Placement("etcd-2", "x", "r"),
            Placement("etcd-3", "y", "y", "learner"),
        )
    )
    assert by_name == by_number == by_hand == Topology.from_yaml(by_name.to_yaml())
    assert len({by_name, by_number, by_hand}) == 1


def test_numpy_numbers_are_numbers():
    np = pytest.importorskip("numpy")
    assert Topology.of({"a": np.int64(2)}) == Topology.of("a: 2")


# What survives what -------------------------------------------------------------------------------


def test_the_page_can_lose_any_zone_and_then_nothing_more_or_one():
    assert [PAGE.spare_after_loss_of(zone=zone) for zone in PAGE.zones] == [0, 0, 1]
    assert PAGE.survives_any("zone")
    assert not PAGE.survives_any_plus_one("zone")
    assert PAGE.worst_zone() == "us-east-1a"
    assert not PAGE.survives(region="us-east-1")
    assert PAGE.spare_after_loss_of(region="us-east-1") == -3


def test_losses_add_up_and_overlap():
    assert PAGE.lost(zone=["us-east-1a", "us-east-1c"], members="etcd-1") == {"etcd-1", "etcd-2", "etcd-5"}
    assert not PAGE.survives(zone=["us-east-1a", "us-east-1c"])
    assert PAGE.survives(members={"etcd-1", "etcd-5"})
    assert PAGE.survives(members=[])
    assert NINE.survives(region="us-east-1", members="etcd-9")
    assert not NINE.survives(region="us-east-1", zone=["eu-west-1a", "ap-south-1a"])


@pytest.mark.parametrize(
    ("zones", "any_zone", "plus_one"),
    [
        ("a: 3, b: 1, c: 1", False, False),
        ("a: 2, b: 2, c: 1", True, False),
        ("a: 1, b: 1, c: 1", True, False),
        ("a: 1, b: 1, c: 1, d: 1, e: 1", True, True),
        ("a: 3, b: 3, c: 3", True, True),
        ("a: 2, b: 2, c: 2", True, False),
        ("a: 3, b: 2", False, False),
        ("a: 2, b: 2", False, False),
        ("a: 1", False, False),
    ],
)
def test_the_layouts_of_the_course(zones, any_zone, plus_one):
    t = Topology.of(zones)
    assert bool(t.survives_any("zone")) == any_zone
    assert bool(t.survives_any_plus_one("zone")) == plus_one


def test_nine_is_the_smallest_three_zone_layout_that_loses_a_zone_and_one_more():
    for n in range(1, 9):
        for a in range(1, n + 1):
            for b in range(n - a + 1):
                counts = {"a": a, "b": b, "c": n - a - b}
                t = Topology.of({zone: count for zone, count in counts.items() if count})
                assert not t.survives_any_plus_one("zone")
    assert Topology.of("a: 3, b: 3, c: 3").survives_any_plus_one("zone")


def test_the_rule_gives_its_reason():
    assert str(Topology.of("a: 3, b: 1, c: 1").survives_any("zone")) == (
        "The loss of a stops writes: it holds 3 of 5 voters, and ⌊(5−1)/2⌋ = 2 is the most that one zone may hold; without it "
        "only 2 are left, and a quorum is 3."
    )
    assert str(PAGE.survives_any("zone")).endswith("without it 3 are left for a quorum of 3, none to spare.")
    assert PAGE.survives_any("member")
    assert not Topology.of("a: 2").survives_any("member")


# The verdict --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zones", "change", "changed"),
    [
        ("a: 3, b: 1, c: 1", "move etcd-3 to b.", {"a": 2, "b": 2, "c": 1}),
        ("a: 3, b: 2", "move etcd-3 to another zone.", {"a": 2, "another zone": 1, "b": 2}),
        ("a: 2, b: 1", "move etcd-2 to another zone.", {"a": 1, "another zone": 1, "b": 1}),
        ("a: 2, b: 2", "add a voter in another zone.", {"a": 2, "b": 2, "another zone": 1}),
        (
            "us-east-1a: 1",
            "add a voter in a new zone, us-east-1b and add a voter in a new zone, us-east-1c.",
            {"us-east-1a": 1, "us-east-1b": 1, "us-east-1c": 1},
        ),
        ("us-east-1a: 2, eu-west-1a: 1", "move etcd-2 to another region.", None),
        ("a: 2, b: 2, c: 1", None, None),
    ],
)
def test_the_smallest_change(zones, change, changed):
    review = Topology.of(zones).verdict()
    assert review.change == change
    assert review.passes == (change is None)
    if changed:
        assert review.changed.votes_in("zone") == changed
    if change:
        assert f"Smallest change: {change}" in str(review)


def test_the_verdict_says_what_else_a_reviewer_sees():
    assert "4 voters tolerate 1 loss, as 3 would" in str(Topology.of("a: 2, b: 1, c: 1").verdict())
    assert "more than the 7 that etcd advises" in str(NINE.verdict())
    assert "--max-learners" in str(Topology.of("a: 1, b: 1, c: 1", learners="d: 2").verdict())
    assert "etcd-3 is a witness, which etcd does not have." in str(
        Topology.of("a: 1, b: 1", witnesses="c: 1").verdict()
    )
    one_region = Topology.of(
        "us-east-1a: 1, us-east-1b: 1, us-east-1c: 1, eu-west-1a: 1, eu-west-1b: 1"
    ).verdict()
    assert one_region.findings[0].startswith("The loss of us-east-1 stops writes")


# Changes ------------------------------------------------------------------------------------------


def test_a_changed_topology_is_another_one():
    t = PAGE.moved("etcd-2", "us-east-1d").joined("etcd-6", "us-east-1d", role="learner").without("etcd-1")
    assert t.zones["us-east-1d"] == ("etcd-2", "etcd-6")
    assert t.learners == ("etcd-6",)
    assert "etcd-1" not in t.members
    assert PAGE.zone_of["etcd-2"] == "us-east-1a"


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Topology.of("a: x"), ValueError, "The zones hold 'a: x'"),
        (lambda: Topology.of("a: 1, a: 2"), ValueError, "Zone 'a' stands twice"),
        (lambda: Topology.of({"a": True}), TypeError, "the number of members in a is True"),
        (lambda: Topology.of({"a": 0}), ValueError, "the number of members in a is 0"),
        (lambda: Topology.of(5), TypeError, "The zones are 5"),
        (lambda: Topology.of({1: 1}), ValueError, "A zone is 1 (int)"),
        (lambda: Topology.of("a: 1, b: 1", regions={"c": "r"}), ValueError, "regions names {c}"),
        (lambda: Topology.of("a: 1", witnesses="b: 2"), ValueError, "2 of the 3 voters are witnesses"),
        (lambda: Topology.of("a: 9999"), ValueError, "members number 9999"),
        (lambda: Topology.placed(["a"]), TypeError, "The members are ['a']"),
        (lambda: Topology.placed({"x": "a"}, roles={"y": "learner"}), ValueError, "roles names {y}"),
        (lambda: Topology.placed({"x": "a"}, roles={"x": "boss"}), ValueError, "The role of x is 'boss'"),
        (lambda: Topology(()), ValueError, "There are no nodes"),
        (lambda: Topology((Placement("x", "a", "a", "learner"),)), ValueError, "All nodes are learners"),
        (
            lambda: Topology((Placement("x", "a", "r"), Placement("y", "a", "q"))),
            ValueError,
            "Zone 'a' is in region",
        ),
        (lambda: PAGE.survives(), TypeError, "Nothing is named that is lost"),
        (lambda: PAGE.survives(zone="us-east-1d"), ValueError, "There is no zone 'us-east-1d'"),
        (lambda: PAGE.survives(members=5), TypeError, "The members are 5"),
        (lambda: PAGE.survives(members=["x"]), ValueError, "There is no member 'x'"),
        (lambda: PAGE.moved("x", "a"), ValueError, "There is no member 'x'"),
        (lambda: PAGE.joined("etcd-1", "a"), ValueError, "The name 'etcd-1' stands twice"),
        (lambda: PAGE.without(PAGE.members), ValueError, "There are no nodes"),
        (lambda: PAGE.survives_any("city"), ValueError, "what is 'city'"),
    ],
)
def test_errors_are_one_sentence(call, error, said):
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert message.startswith(said)
    assert message.endswith(".") and "\n" not in message and ("; " in message or ", but " in message)
