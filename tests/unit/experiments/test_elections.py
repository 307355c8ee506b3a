"""Elections against published figures and closed forms."""

from statistics import mean

import pytest

from quorumlab.experiments import (
    crash_table,
    elections,
    expected_election_time,
    sides_that_write,
    split_vote_probability,
    writes_survive,
)
from quorumlab.quorums import fault_tolerance


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


def test_published_split_vote_probabilities():
    """Dissertation §9.2: range 100 ms, one-way 1, 10 and 20 ms: 0.06 %, 5.2 % and 18.1 %."""
    assert split_vote_probability(5, 4, 0.01) == pytest.approx(0.0006, abs=5e-5)
    assert split_vote_probability(5, 4, 0.1) == pytest.approx(0.0523, abs=5e-5)
    assert split_vote_probability(5, 4, 0.2) == pytest.approx(0.181, abs=5e-4)
    assert split_vote_probability(1, 1, 0.5) == 0
    assert split_vote_probability(5, 4, 0) == 0


def test_wrong_questions():
    with pytest.raises(ValueError, match="alive=2 of 5 cannot elect; choose 3 to 5"):
        split_vote_probability(5, 2, 0.1)
    with pytest.raises(ValueError, match="no fraction"):
        split_vote_probability(5, 4, 1.5)
    with pytest.raises(ValueError, match="every vote is split"):
        expected_election_time(5, 4, 1.0)
    with pytest.raises(ValueError, match="trials=0 is too few"):
        next(elections((150, 300), 0, 1, one_way_ms=1))
    with pytest.raises(ValueError, match="alive=5 of 5"):
        next(elections((150, 300), 1, 1, alive=5, one_way_ms=1))


def test_writes_survive_as_the_arithmetic_says():
    table = crash_table(range(1, 8))
    for size, survives in table.items():
        assert survives == [crashed <= fault_tolerance(size) for crashed in range(size + 1)]
    with pytest.raises(ValueError, match="choose from 0 to 3"):
        writes_survive(3, 4)


def test_only_a_side_with_a_majority_writes():
    assert sides_that_write((3, 2)) == [True, False]
    assert sides_that_write((2, 2)) == [False, False]
    assert sides_that_write((2, 3, 2)) == [False, False, False]
    assert sides_that_write((1, 4)) == [False, True]
