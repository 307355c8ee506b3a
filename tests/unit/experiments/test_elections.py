"""Elections against published figures and closed forms."""

from statistics import mean

import pytest

from quorumlab import SimulatedCluster
from quorumlab.experiments import elections, terms_taken, without_leader
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
