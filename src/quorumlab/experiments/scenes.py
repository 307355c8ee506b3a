"""Scenes for the stage: short runs that show one thing, whose trace is played. The same scene on either world."""

from __future__ import annotations

from collections.abc import Callable

from quorumlab.cluster.protocol import Cluster
from quorumlab.cluster.trace import Trace
from quorumlab.experiments.make import leading

Make = Callable[..., Cluster]
QUICK = {"heartbeat_ms": 50, "election_ms": 500, "timeout_ms": 1000}
LONG = 20.0  # seconds after which something is given up
BREATH = 0.5  # seconds in which a picture can be looked at


def leader_killed(make: Make) -> Trace:
    """Three members: the leader is killed, another takes over, and the dead one comes back as a follower."""
    with make(3, **QUICK) as cluster:
        old = leading(cluster)
        cluster.put("lock", "ada")
        cluster.run_for(BREATH)
        cluster.crash(old)
        cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
        cluster.put("lock", "bob")
        cluster.run_for(BREATH)
        cluster.restart(old)
        cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
        cluster.run_for(BREATH)
        return cluster.trace


def sides_of_a_cut(make: Make) -> Trace:
    """Five members, of which two are cut off with the leader: the three elect another, the two confirm nothing, and all agree once healed."""
    with make(5, leader="etcd-1", **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.run_for(BREATH)
        cluster.partition({"etcd-1", "etcd-2"})
        cut_off = cluster.submit("write", "lock", "eve", via="etcd-2")
        cluster.run_until(lambda: cluster.leader not in (None, "etcd-1", "etcd-2"), within=LONG)
        cluster.put("lock", "bob")
        cluster.run_until(lambda: cut_off.done, within=LONG)
        cluster.run_for(BREATH)
        cluster.heal()
        cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
        cluster.run_for(BREATH)
        return cluster.trace


SCENES = (leader_killed, sides_of_a_cut)
"""Those whose run on real etcd ships with the course."""
