"""Raft's five promises after every step, linearizability of what clients saw, and progress once faults are
repaired.
"""

from __future__ import annotations

import os

import pytest

from quorumlab.history import check_linearizable
from quorumlab.simulation.chaos import disturb, random_cluster, repair
from quorumlab.simulation.safety import SafetyMonitor

BLOCKS = 10
SCHEDULES = int(os.environ.get("RAFT_SCHEDULES", "2500"))  # 40 actions each; about 10 ms each
REPLAY = "replay with tests/property/test_raft_safety.py: schedule({seed})"


def schedule(seed):
    """One random schedule; raises SafetyViolation in the step that breaks a promise. Returns the cluster
    after it.
    """
    cluster = random_cluster(seed)
    SafetyMonitor(cluster)
    disturb(cluster, seed, 40)
    return cluster


@pytest.mark.parametrize("block", range(BLOCKS))
def test_promises_hold_under_random_faults(block):
    known = 0
    for seed in range(block, SCHEDULES, BLOCKS):
        try:
            cluster = schedule(seed)
        except Exception as error:
            error.add_note(REPLAY.format(seed=seed))
            raise
        history = cluster.history(serializable=False)
        verdict = check_linearizable(history)
        assert verdict, f"{verdict} ({REPLAY.format(seed=seed)})"
        known += sum(operation.known for operation in history)
    assert known > 5 * SCHEDULES / BLOCKS  # else the schedules would show nothing


@pytest.mark.parametrize("seed", range(150))
def test_a_repaired_cluster_elects_and_commits(seed):
    """Within ten of the longest timeouts of the repair there is a leader and a write succeeds."""
    cluster = random_cluster(seed, loss=0.0, duplication=0.0, latency_ms=(1, 3), disk_ms=0)
    disturb(cluster, seed, 40, changes=False)
    repair(cluster)
    longest = 0.080
    assert cluster.run_until(lambda: cluster.agreed_leader is not None, within=10 * longest), f"seed {seed}"
    assert cluster.put("after", "repair").ok


@pytest.mark.parametrize("seed", range(150))
def test_a_majority_is_enough(seed):
    """With a minority down for good, the rest elects a leader and commits."""
    cluster = random_cluster(seed, loss=0.0, duplication=0.0, latency_ms=(1, 3), disk_ms=0)
    disturb(cluster, seed, 30, changes=False)
    repair(cluster)
    minority = cluster.members[: (len(cluster.members) - 1) // 2]
    cluster.crash(*minority)
    rest = cluster.members[len(minority) :]
    assert cluster.run_until(lambda: cluster.agreed_leader in rest, within=1.0), f"seed {seed}"
    assert cluster.put("without", "the minority").ok


@pytest.mark.parametrize("seed", range(200))
def test_a_repaired_cluster_goes_on_whatever_became_of_its_members(seed):
    """Changes of the membership under way, slow disks and all: who belongs to it in the end elects and commits."""
    cluster = random_cluster(seed, loss=0.0, duplication=0.0, latency_ms=(1, 3))
    disturb(cluster, seed, 40)
    repair(cluster)
    # One alone that has added a second voter waits until that has read from it in vain, 5 s and two timeouts (see ``joining``).
    assert cluster.run_until(lambda: cluster.leader in cluster.members, within=30), f"seed {seed}"
    cluster.run_for(1)
    repair(cluster)
    tries = range(10)  # where a disk write takes half an election timeout, one may come to nothing
    assert any(cluster.put("after", "repair").ok for _ in tries), f"seed {seed}"
    there = cluster.status()
    assert all(there[name].condition == "up" for name in cluster.members), f"seed {seed}"


@pytest.mark.parametrize("seed", range(60))
def test_membership_changes_end_in_a_cluster_that_works(seed):
    cluster = random_cluster(
        seed, size=3, loss=0.0, duplication=0.0, latency_ms=(1, 3), disk_ms=0, pre_vote=True
    )
    SafetyMonitor(cluster)
    cluster.run_for(1)
    for _ in range(2):
        assert cluster.add_learner().ok
        cluster.run_for(0.3)
        assert cluster.promote(cluster.members[-1]).ok
        cluster.crash(cluster.members[seed % len(cluster.members)])
        cluster.run_for(0.5)
        repair(cluster)
        cluster.run_for(0.5)
    assert len(cluster.members) == 5
    assert cluster.remove(cluster.leader).ok
    cluster.run_for(1)
    assert len(cluster.members) == 4
    assert cluster.leader in cluster.members
    assert cluster.put("k", "v").ok
