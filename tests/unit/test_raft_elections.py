"""Elections against published figures and closed forms."""

from statistics import mean, median

import pytest

from quorumlab.experiments import (
    crash_table,
    election_downtime,
    elections,
    expected_election_time,
    sides_that_write,
    split_vote_probability,
    writes_survive,
)
from quorumlab.quorums import fault_tolerance


def test_figure_16_a_little_randomness():
    """Raft paper §9.3: with 150–155 ms the median is 287 ms."""
    assert median(election_downtime((150, 155), trials=1000, seed=1)) == pytest.approx(287, rel=0.05)


def test_figure_16_hardly_any_randomness():
    """The median of 150–151 ms as read off the published curve (dissertation Figure 9.5): 1193 ms."""
    assert median(election_downtime((150, 151), trials=1000, seed=1)) == pytest.approx(1193, rel=0.05)


def test_figure_16_more_randomness():
    """Raft paper §9.3: with 150–200 ms the worst of 1,000 is 513 ms."""
    assert max(election_downtime((150, 200), trials=1000, seed=1)) == pytest.approx(513, rel=0.15)


def test_figure_16_short_timeouts():
    """Raft paper §9.3: with 12–24 ms the mean is 35 ms, the worst of 1,000 is 152 ms."""
    downtimes = election_downtime((12, 24), trials=1000, seed=1)
    assert mean(downtimes) == pytest.approx(35, rel=0.05)
    assert max(downtimes) == pytest.approx(152, rel=0.15)


@pytest.mark.parametrize("seed", [2, 3])
def test_figure_16_is_no_matter_of_the_seed(seed):
    assert median(election_downtime((150, 155), trials=1000, seed=seed)) == pytest.approx(287, rel=0.07)
    assert mean(election_downtime((12, 24), trials=1000, seed=seed)) == pytest.approx(35, rel=0.05)


def test_figure_16_no_randomness():
    """Raft paper §9.3: without randomness elections consistently took longer than 10 s."""
    assert min(election_downtime((150, 150), trials=10, seed=1)) > 10_000


def test_figure_16_shares_that_need_one_term():
    """Read off the published curves (dissertation Figure 9.5): 29 % with 150–155 ms, 84 % with 150–175 ms,
    median 142 ms.
    """
    for timeouts, share, tolerance in (((150, 155), 0.292, 0.09), ((150, 175), 0.837, 0.04)):
        run = list(elections(timeouts, 1000, 1, different_logs=True))
        first = [e for e in run if e.downtime < 1.45 * timeouts[0]]
        assert len(first) / len(run) == pytest.approx(share, abs=tolerance)
    assert median(e.downtime for e in run) == pytest.approx(142, rel=0.05)


def test_the_least_downtime_is_half_the_least_timeout():
    assert min(election_downtime((100, 200), trials=300, seed=1)) > 50


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
    with pytest.raises(ValueError, match="too few"):
        election_downtime(trials=0)
    with pytest.raises(ValueError, match="alive=5 of 5"):
        next(elections((150, 300), 1, 1, alive=5))


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
