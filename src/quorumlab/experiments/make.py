"""How an experiment gets its cluster: it is given ``make``, and everything else goes through the verbs of the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from quorumlab.cluster import Cluster
from quorumlab.simulation import SimulatedCluster

Make = Callable[[int], Cluster]
"""Makes a cluster of so many members. ``SimulatedCluster`` is one; so is ``lambda size: SimulatedCluster(size, seed=3)``."""


def still(size: int) -> SimulatedCluster:
    """A simulated cluster led by ``etcd-1``, in which messages take no time until a link is delayed, and disks none at all."""
    return SimulatedCluster(size, leader="etcd-1", latency_ms=0)


def leading(cluster: Cluster) -> str:
    """The member that leads; RuntimeError if there is none, which an experiment cannot begin with."""
    leader = cluster.leader
    if leader is None:
        raise RuntimeError(
            "The cluster has no leader; let it run until there is one, then begin the experiment."
        )
    return leader


def leader_first(cluster: Cluster) -> list[str]:
    """All members, the leader first, the others in their order; RuntimeError if nobody leads."""
    leader = leading(cluster)
    return [leader, *(name for name in cluster.members if name != leader)]


def scattered(one_way_ms: Sequence[float] = (5, 10, 20, 40), make: Make = still) -> Cluster:
    """A cluster whose followers are so many ms from the leader, one way, one after the other; it has run for a second.

    ``make`` makes it with no distances of its own.
    """
    cluster = make(len(one_way_ms) + 1)
    leader, *followers = leader_first(cluster)
    for follower, ms in zip(followers, one_way_ms, strict=True):
        cluster.delay(leader, follower, ms=ms)
    cluster.run_for(1.0)
    return cluster
