"""A cluster on the map: the milliseconds of the facts, and the simulation as a second witness."""

from itertools import product

import pytest

import quorumlab as ql
from quorumlab.latency.situation import awaited_regions, situation, times

HOME, EUROPE, INDIA = "us-east-1", "eu-west-1", "ap-south-1"
THREE = {HOME: 1, EUROPE: 1, INDIA: 1}
NINE = {HOME: 3, EUROPE: 3, INDIA: 3}


@pytest.mark.parametrize("members", [THREE, NINE, {HOME: 2, EUROPE: 2, INDIA: 1}])
def test_the_figures_of_the_facts(members: dict[str, int]) -> None:
    s = situation(members, HOME, INDIA)
    found = times(s, lost=False)
    assert (found.commit, round(found.write or 0, 1)) == (69.7, 260.8)
    after = {
        lost: times(situation(members, HOME, lost=lost), lost=True).commit for lost in (HOME, EUROPE, INDIA)
    }
    assert (after[HOME], after[INDIA]) == (125.6, 69.7)


def test_the_bad_day_of_one_in_each() -> None:
    assert times(situation(THREE, HOME, lost=EUROPE), lost=True).commit == 191.1
    s = situation({HOME: 3, EUROPE: 1, INDIA: 1}, HOME, INDIA, lost=HOME)
    assert times(s, lost=False).commit == 1.0
    assert times(s, lost=True) == (None, None, None, 1.0)  # the member in India still answers, perhaps stale
    assert s.now_leads is None and s.after is not None and not s.after.goes_on


def test_a_client_that_is_lost_waits_for_nothing() -> None:
    assert times(situation(THREE, HOME, client=INDIA, lost=INDIA), lost=True) == (69.7, None, None, None)
    assert times(situation({HOME: 1}, HOME, client=INDIA, lost=HOME), lost=True) == (None, None, None, None)


def test_the_leader_is_where_a_commit_is_quickest_unless_it_is_chosen() -> None:
    assert situation({HOME: 1, EUROPE: 1, INDIA: 3}).leads == INDIA
    assert situation({HOME: 1, EUROPE: 1, INDIA: 3}, EUROPE).leads == EUROPE


def test_the_regions_awaited_are_those_without_which_it_would_take_longer() -> None:
    for counts in product(range(4), repeat=3):
        members = {r: n for r, n in zip((HOME, EUROPE, INDIA), counts, strict=True) if n}
        if HOME not in members:
            continue
        s = situation(members, HOME)
        commit = times(s, lost=False).commit
        for region in set(members) - {HOME}:
            slower = ql.commit_latency(s.t, s.leader, rtt=s.apart.table, down=s.t.regions[region])
            if slower is None or slower > (commit or 0):
                assert region in awaited_regions(s), (members, region)


@pytest.mark.parametrize(
    "members", [THREE, {HOME: 3, EUROPE: 1, INDIA: 1}, {EUROPE: 2, "eu-central-1": 2, HOME: 1}]
)
def test_the_simulation_takes_as_long(members: dict[str, int]) -> None:
    s = situation(members)
    expected = times(s, lost=False).commit
    with ql.SimulatedCluster(s.t, rtt=s.apart.table, leader=s.leader, record=False) as cluster:
        assert cluster.put("a", "1", via=s.leader).latency == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cloud": "Moon"}, "The cloud is 'Moon'"),
        ({"members": {"us-east-9": 1}}, "'us-east-9' is no region of AWS here"),
        ({"client": "eastus"}, "'eastus' is no region of AWS here"),
        ({"leader": "eu-central-1"}, "No member stands in eu-central-1, so none there can lead"),
        ({"members": {}}, "No region has a member"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        situation(**{"members": THREE, **given})  # type: ignore[arg-type]


def test_the_dare_of_the_page_can_be_met() -> None:
    """Five members that commit within 30 ms, survive any region, and commit within 100 ms whichever is lost; nothing estimated."""
    members = {EUROPE: 2, "eu-central-1": 2, HOME: 1}
    assert (times(situation(members), lost=False).commit or 99) < 30
    for lost in members:
        s = situation(members, lost=lost)
        assert not s.apart.estimated and (times(s, lost=True).commit or 999) < 100
