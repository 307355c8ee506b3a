"""What more members bring and cost, simulated, against arithmetic made another way."""

from functools import partial
from itertools import combinations
from statistics import NormalDist

import pytest

import quorumlab as ql
from quorumlab import SimulatedCluster
from quorumlab.experiments.crashes import writes_survive
from quorumlab.experiments.sizes import spare_or_voter, three_killed, write_times, writes_a_second
from quorumlab.simulation.network import Uniform


@pytest.mark.parametrize("size", [2, 3, 5, 9])
@pytest.mark.parametrize("line_ms", [0.05, 0.4])
def test_as_many_writes_get_through_as_copies_fit_on_the_line(size: int, line_ms: float) -> None:
    make = partial(SimulatedCluster, leader="etcd-1", latency_ms=1, line_ms=line_ms, record=False)
    found = writes_a_second(size, 500, make)
    # The last copy leaves when all before it have; then it travels 1 ms, and its answer another.
    last_answer_ms = 500 * (size - 1) * line_ms + 2
    assert found == pytest.approx(500 / last_answer_ms * 1000, rel=0.01)
    assert found <= 1000 / ((size - 1) * line_ms)


def test_without_a_line_the_size_makes_no_difference() -> None:
    make = partial(SimulatedCluster, leader="etcd-1", latency_ms=1, record=False)
    assert writes_a_second(3, 100, make) == writes_a_second(9, 100, make)


@pytest.mark.parametrize("size", [3, 5, 9])
def test_a_single_write_waits_for_the_middle_of_the_followers(size: int) -> None:
    """Two trips of 1 to 2 ms each: the median write is the expected (n−1)/2-th smallest of n − 1 such sums, by sampling apart."""
    from random import Random

    make = partial(SimulatedCluster, leader="etcd-1", latency_ms=Uniform(1, 2), record=False)
    times, chance = write_times(size, 400, make), Random(5)
    drawn = sorted(
        sorted(2 + chance.random() + chance.random() for _ in range(size - 1))[(size - 1) // 2 - 1]
        for _ in range(20_000)
    )
    error = NormalDist().inv_cdf(0.9999) * (drawn[17_000] - drawn[3_000]) / 400**0.5
    assert times[200] == pytest.approx(drawn[10_000], abs=error)


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="size is 1, but must be a whole number of 2 or more"):
        writes_a_second(1)
    with pytest.raises(ValueError, match="writes is 6000, but must be a whole number from 1 to 5000"):
        writes_a_second(3, 6000)

    def torn(size: int) -> SimulatedCluster:
        cluster = SimulatedCluster(size, leader="etcd-1", timeout_ms=100)
        cluster.partition({"etcd-1"})
        return cluster

    with pytest.raises(RuntimeError, match="ask for fewer"):
        writes_a_second(3, 10, torn)
    with pytest.raises(RuntimeError, match="A write failed"):
        write_times(3, 2, torn)


def test_a_spare_or_a_fourth_voter_by_going_through_all_pairs() -> None:
    """The simulated answers against majorities counted by hand."""

    def survived(voters: int) -> set[bool]:
        return {2 * len(set(range(voters)) - set(gone)) > voters for gone in combinations(range(4), 2)}

    voters, with_spare, two_voters, promoted = spare_or_voter(SimulatedCluster).values()
    assert survived(4) == {voters} == {False}
    assert survived(3) == {with_spare, two_voters} == {True, False}
    assert with_spare and promoted
    assert list(three_killed(SimulatedCluster).values()) == [2 * (n - 3) > n for n in (5, 7)]


# ---------------------------------------------------------------- asked by people who operate this


def test_six_masters_of_which_three_crash() -> None:
    """k3s 6913: three of six are healthy, and nothing can be changed; five would have survived as much, and seven more."""
    six = ql.majority(6)
    assert not six.is_quorum(six.members[:3]) and six.is_quorum(six.members[:4])
    assert [writes_survive(6, crashed) for crashed in (2, 3)] == [True, False]
    assert writes_survive(5, 2) and not writes_survive(5, 3) and writes_survive(7, 3)


def test_three_and_three_add_one_or_remove_one() -> None:
    """autobase 798: either makes one of the two places safe to lose, none makes both; five are as safe as six one by one."""
    even, fewer, more = (ql.Topology.of(f"a: {a}, b: {b}") for a, b in ((3, 3), (3, 2), (4, 3)))
    assert [even.survives(zone=z) for z in "ab"] == [False, False]
    assert [fewer.survives(zone=z) for z in "ab"] == [more.survives(zone=z) for z in "ab"] == [False, True]
    assert (fewer.spare, even.spare, more.spare) == (2, 2, 3)
    down = [ql.unavailability(t, member_up=0.99, zone_up=0.999) for t in (even, fewer, more)]
    assert down[0] == pytest.approx(2.019e-3, rel=1e-3) and down[1] == pytest.approx(1.040e-3, rel=1e-3)
    # Counted in time the two ways out are alike: the place that holds the majority is what counts.
    assert down[2] == pytest.approx(down[1], rel=1e-3) and max(down[1:]) < 0.52 * down[0]
    for t, sides in ((even, (False, False)), (fewer, (False, True)), (more, (False, True))):
        for zone, goes_on in zip("ab", sides, strict=True):
            with SimulatedCluster(t, seed=3) as cluster:
                cluster.crash(*t.zones[zone])
                via = next(m for m in t.members if m not in t.zones[zone])
                assert any(cluster.put("k", "v", via=via).ok for _ in range(2)) is goes_on
