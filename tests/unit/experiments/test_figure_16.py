"""Figure 16 of the Raft paper: the published curves against the simulation."""

from bisect import bisect_right
from statistics import mean, median

import pytest

from quorumlab import SimulatedCluster
from quorumlab.experiments import election_downtime, elections
from quorumlab.experiments.elections import shorten_logs
from quorumlab.experiments.figure_16 import DISK_MS, ONE_WAY_MS, PUBLISHED, SHARES
from quorumlab.simulation import WholeMs


def test_the_figures_of_the_text():
    """Raft paper (extended version) §9.3: median 287 ms with 150–155, worst of 1,000 513 ms with 150–200, mean 35 and worst 152 ms with 12–24."""
    assert median(election_downtime((150, 155), trials=1000, seed=1)) == pytest.approx(287, rel=0.05)
    assert max(election_downtime((150, 200), trials=1000, seed=1)) == pytest.approx(513, rel=0.15)
    short = election_downtime((12, 24), trials=1000, seed=1)
    assert mean(short) == pytest.approx(35, rel=0.05)
    assert max(short) == pytest.approx(152, rel=0.15)


@pytest.mark.parametrize("seeds", [(1,), (2, 3)])
@pytest.mark.parametrize("timeouts", PUBLISHED)
def test_every_row_follows_its_published_curve(timeouts, seeds):
    """At each time read off the curve, the share of elections that are over is off by 9 points of 100 at most. Seed 1 is the one
    whose longest elections were looked at; the others were used for nothing.
    """
    published = PUBLISHED[timeouts]
    times = sorted(ms for seed in seeds for ms in election_downtime(timeouts, trials=1000, seed=seed))
    assert median(times) == pytest.approx(published.at[SHARES.index(0.5)], rel=0.05)
    assert mean(times) == pytest.approx(published.mean, rel=0.07)
    for ms, share in zip(published.at, SHARES, strict=True):
        assert bisect_right(times, ms) / len(times) == pytest.approx(share, abs=0.09)


def test_the_longest_of_a_thousand_is_luck():
    """The longest of another thousand is often more than 15 % off, so that of one run proves little either way."""
    longest = [max(election_downtime((12, 24), trials=1000, seed=seed)) for seed in range(1, 6)]
    assert max(longest) > 1.15 * min(longest)
    assert min(longest) < 152 < 1.1 * max(longest)


def test_no_randomness():
    """Raft paper §9.3: without randomness elections consistently took longer than 10 s."""
    assert min(election_downtime((150, 150), trials=10, seed=1)) > 10_000


@pytest.mark.parametrize(
    ("timeouts", "share"), [((150, 155), 0.293), ((150, 175), 0.84), ((150, 200), 0.928)]
)
def test_shares_that_need_one_term(timeouts, share):
    """The heights of the first steps of the published curves, where they are flat."""
    times = election_downtime(timeouts, trials=1000, seed=1)
    assert sum(ms < 1.55 * timeouts[0] for ms in times) / 1000 == pytest.approx(share, abs=0.06)


def test_the_least_downtime_is_half_the_least_timeout():
    """Dissertation §9.3."""
    assert min(election_downtime((100, 200), trials=300, seed=1)) > 50


@pytest.mark.parametrize(
    ("row", "timers", "blocks", "least"),
    [((150, 151), (150, 151), True, 2.0), ((12, 24), WholeMs(12, 24), False, 1.1)],
)
def test_what_logcabin_does_is_needed(row, timers, blocks, least):
    """Without whole milliseconds, or without waiting for the disk, a row is missed by far more than 5 %."""
    run = elections(
        timers, 600, 1, one_way_ms=ONE_WAY_MS, disk_ms=DISK_MS, disk_blocks=blocks, different_logs=True
    )
    ratio = median(election.downtime for election in run) / PUBLISHED[row].at[SHARES.index(0.5)]
    assert max(ratio, 1 / ratio) > least


def test_the_logs_of_the_survivors_differ_and_two_of_them_can_win():
    cluster = SimulatedCluster(5, leader="etcd-1", disk_ms=2, disk_blocks=True)
    shorten_logs(cluster, "etcd-1", ["etcd-3", "etcd-4", "etcd-5"])
    cluster.run_for(1)
    assert cluster.agreed_leader == "etcd-1"
    members = [cluster._world.nodes[f"etcd-{i}"].member for i in (2, 3, 4, 5)]
    lengths = [member.log.last_index for member in members]
    assert [lengths[0] - length for length in lengths] == [0, 1, 2, 3]
    can_win = [sum(other <= mine for other in lengths) >= 3 for mine in lengths]  # of five, itself among them
    assert can_win == [True, True, False, False]


def test_wrong_questions():
    with pytest.raises(ValueError, match="trials is 0, but must be"):
        election_downtime(trials=0)
    with pytest.raises(ValueError, match="is out of order"):
        election_downtime((155, 150), trials=1)
