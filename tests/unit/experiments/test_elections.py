"""Elections against published figures and closed forms."""

from functools import partial
from statistics import mean, median

import pytest

from quorumlab import SimulatedCluster
from quorumlab.cluster.events import State
from quorumlab.experiments import elections, gaps, one_way_ms, terms_taken, without_leader
from quorumlab.timing import expected_election_time, split_vote_probability


@pytest.mark.parametrize(("size", "alive", "latency"), [(5, 4, 0.1), (5, 3, 0.2), (3, 2, 0.1), (7, 5, 0.15)])
def test_split_votes_and_election_time_agree_with_the_formulas(size, alive, latency):
    """Dissertation §9.2 and §9.3. Ours counts two latencies more: until the last heartbeat arrives that
    started the timers, and until the new leader's first arrives.
    """
    trials = 2000
    run = list(
        elections((1000, 2000), trials, 3, size=size, alive=alive, one_way_ms=1000 * latency, disk_ms=0)
    )
    split = split_vote_probability(size, alive, latency)
    deviation = (split * (1 - split) / trials) ** 0.5
    assert sum(e.terms > 1 for e in run) / trials == pytest.approx(split, abs=3 * deviation)
    simulated = mean(e.downtime for e in run) / 1000 - 2 * latency
    assert simulated == pytest.approx(expected_election_time(size, alive, latency), rel=0.08)


def test_wrong_questions():
    with pytest.raises(ValueError, match="trials is 0, but must be a whole number of 1 or more"):
        next(elections((150, 300), 0, 1, one_way_ms=1))
    with pytest.raises(ValueError, match="alive=5 of 5"):
        next(elections((150, 300), 1, 1, alive=5, one_way_ms=1))


def test_a_crash_costs_a_timeout_and_terms_are_counted_from_the_crash():
    downtime = without_leader(0.5, lambda size: SimulatedCluster(size, leader="etcd-2"))
    assert 900 < downtime < 2200
    assert (
        terms_taken(SimulatedCluster(5, latency_ms=10, heartbeat_ms=50, election_ms=100, pre_vote=False)) >= 1
    )
    with pytest.raises(RuntimeError, match="The cluster has no leader"):
        without_leader(0, lambda size: SimulatedCluster(size, settle=False))


def test_gaps_of_one_cluster_lie_where_ticks_put_them():
    """Timers wait 900 to 1,900 ms from the last heartbeat, which left up to 100 ms before; and six messages follow one another."""
    found = gaps(partial(SimulatedCluster, seed=3, latency_ms=1, record=False), 200)
    assert len(found) == 200
    assert 800 < min(found) < 950 and 1000 < median(found) < 1120
    three = gaps(partial(SimulatedCluster, seed=3, latency_ms=1, record=False), 200, size=3)
    assert median(three) > median(found) + 50


def test_gaps_need_a_majority_that_outlives_a_kill_and_a_leader():
    with pytest.raises(ValueError, match="size is 2, but must be"):
        gaps(SimulatedCluster, 1, size=2)
    with pytest.raises(ValueError, match="kills is 0"):
        gaps(SimulatedCluster, 0)
    with pytest.raises(RuntimeError, match="no leader"):
        gaps(partial(SimulatedCluster, latency_ms=1100, settle=False, record=False), 1)


@pytest.mark.parametrize("ms", [0, 0.5, 40])
def test_a_client_can_measure_how_long_a_message_takes(ms):
    assert one_way_ms(SimulatedCluster(5, latency_ms=ms)) == pytest.approx(ms)


def test_two_tries_are_rare_but_come_too_early_now_and_then():
    """What page 05 says of its five hundred: the first to ask is sometimes told no, as others have heard the leader within T."""
    tries = []
    for seed in range(80):
        cluster = SimulatedCluster(5, seed=seed, leader="etcd-1")
        cluster.run_for(1 + seed / 800)
        cluster.crash("etcd-1")
        began = cluster.now
        cluster.run_until(lambda c=cluster: c.agreed_leader is not None, within=60)
        roles = [e.role for e in cluster.trace.events if isinstance(e, State) and e.t / 1e6 > began]
        tries.append(roles.count("pre-candidate"))
    assert 0.1 < sum(count > 1 for count in tries) / 80 < 0.45
