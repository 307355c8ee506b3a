"""Elections that nobody needed, in the simulation: rules of thumb that must come out, whatever the seed."""

from functools import partial

import pytest

from quorumlab import SimulatedCluster
from quorumlab.cluster.story import story
from quorumlab.experiments import (
    cut_off,
    flapping,
    leaderless,
    look,
    minute,
    needless_elections,
    price,
    reigns,
    watch,
)
from quorumlab.experiments.timers import Moment


def cold(rtt: float, **settings) -> partial[SimulatedCluster]:  # type: ignore[no-untyped-def]
    return partial(SimulatedCluster, latency_ms=rtt / 2, settle=False, **settings)


def test_a_look_needs_a_quorum_behind_a_leader() -> None:
    cluster = SimulatedCluster(5, leader="etcd-1")
    assert look(cluster) == Moment(cluster.now, 1, True)
    cluster.crash("etcd-1")
    assert not look(cluster).led
    looks = watch(cluster, 4)
    assert len(looks) == 80 and looks[-1].led and looks[-1].term == 2
    assert 1 < leaderless(looks) < 2.2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_cliff_stands_at_the_timeout(seed: int) -> None:
    assert minute(cold(900, seed=seed))[:2] == (1, 0)
    beyond = minute(cold(1100, seed=seed))
    assert beyond.leaders > 3 and beyond.leaderless > 30
    assert minute(cold(2000, seed=seed))[:2] == (0, None)


def test_beyond_it_each_leader_gives_up_after_one_timeout_unless_it_does_not_check() -> None:
    lasted = reigns(60, cold(1100, seed=1))
    assert len(lasted) > 3 and all(seconds == pytest.approx(1) for seconds in lasted)
    assert reigns(60, cold(1100, seed=1, check_quorum=False)) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_leader_is_overlooked(seed: int) -> None:
    """A leader that has not yet committed anything says nothing of itself; the story knows of each that was elected."""
    make = cold(1100, seed=seed)
    with make(5) as cluster:
        cluster.run_for(60)
        told = [said for _, said in story(cluster.trace)]
    elected, over = (
        sum(words in said for said in told) for words in ("becomes leader of", "no longer leads")
    )
    assert minute(partial(make, record=False)).leaders == elected > 3
    assert len(reigns(60, make)) == over


@pytest.mark.parametrize(("timeout", "fewest", "most"), [(100, 12, 30), (1000, 0, 0)])
def test_a_stall_costs_elections_only_if_the_timeout_is_shorter(timeout: int, fewest: int, most: int) -> None:
    make = partial(SimulatedCluster, seed=1, heartbeat_ms=timeout / 10, election_ms=timeout)
    assert fewest <= needless_elections(make) <= most


@pytest.mark.parametrize("leader", ["etcd-1", "etcd-5"])
def test_prevote_keeps_a_member_that_comes_back_from_costing_the_leader(leader: str) -> None:
    without, with_it = (
        cut_off(partial(SimulatedCluster, seed=7, pre_vote=pre_vote, leader=leader))
        for pre_vote in (False, True)
    )
    assert leaderless(without) > 1 and without[-1].term > 5
    assert leaderless(with_it) == 0 and with_it[-1].term == 1
    flaps = {
        pre: flapping(partial(SimulatedCluster, seed=7, pre_vote=pre, leader=leader)) for pre in (False, True)
    }
    assert flaps[True] == (1, 0) and flaps[False][0] > 20 and flaps[False][1] > 10


def test_what_timers_cost_in_needless_elections_and_in_waiting() -> None:
    def timers(timeout: float, rtt: float) -> partial[SimulatedCluster]:
        return partial(
            SimulatedCluster,
            seed=1,
            latency_ms=rtt / 2,
            heartbeat_ms=timeout / 10,
            election_ms=timeout,
            record=False,
        )

    quick, slow = price(timers(100, 25)), price(timers(1000, 25))
    assert quick.needless >= 12 and slow.needless == 0
    assert quick.after_crash_ms and slow.after_crash_ms and 3 * quick.after_crash_ms < slow.after_crash_ms
    assert price(timers(100, 190), 0).after_crash_ms is None
    assert needless_elections(timers(100, 25), 0) == 0
    with pytest.raises(ValueError, match="a stall is 6"):
        needless_elections(timers(100, 25), 6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_leader_in_office_outlives_a_round_trip_beyond_the_timeout(seed: int) -> None:
    """Heartbeats go out every 100 ms and their answers keep coming, so CheckQuorum is content; a new leader is not answered in time."""
    cluster = SimulatedCluster(5, seed=seed, leader="etcd-1")
    for extra in range(10, 701, 10):
        for a in cluster.members:
            for b in cluster.members:
                if a < b:
                    cluster.delay(a, b, ms=extra)
        cluster.run_for(0.5)
    looks = watch(cluster, 20)
    assert leaderless(looks) == 0 and looks[-1].term == 1
    written = cluster.put("lock", "ada")
    assert written.ok and written.latency > 1400
    cluster.crash("etcd-1")
    assert leaderless(watch(cluster, 30)) > 15
