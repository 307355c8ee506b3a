"""Writes whose leader crashes, and what a request costs through each member (notebook 04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quorumlab.arguments import shown, time_ms, whole
from quorumlab.experiments.make import Make, leader_first, scattered, still
from quorumlab.quorums import REQUESTS, RequestKind
from quorumlab.simulation import SimulatedCluster

ONE_WAY_MS = 10.0
"""One-way time of every message in ``crash_leader``."""


class Fate(NamedTuple):
    """What became of a write: what its client was told ("done" or an error), and whether it is there under the next leader."""

    told: str
    survived: bool


def ten_ms_apart(seed: int | str = 7) -> Make:
    """Makes simulated clusters for ``crash_leader``: ``etcd-1`` leads, every message takes 10 ms one way."""
    return lambda size: SimulatedCluster(
        size, seed=seed, leader="etcd-1", latency_ms=ONE_WAY_MS, record=False
    )


def crash_leader(members: int, copies: int, heard_back: bool, make: Make | None = None) -> Fate:
    """Crash the leader when ``copies`` of ``members`` have a write, itself included, and look for the write under the next leader.

    The leader crashes 15 ms after the request, when the answers of its followers are still under way, or with ``heard_back``
    after 25 ms, when they have arrived. ``make`` makes clusters whose messages take 10 ms one way; by default
    ``ten_ms_apart()``. Raises ValueError for other than 3 to 7 members or copies that cannot be, TypeError for what is no whole
    number.
    """
    members = whole(members, "members", least=3, most=7)
    copies = whole(copies, "copies", most=members)
    with (make or ten_ms_apart())(members) as cluster:
        order = leader_first(cluster)
        cluster.partition(order[:copies])  # the others do not hear of it
        write = cluster.submit("write", "lock", "ada", via=order[0])
        cluster.run_for((2.5 if heard_back else 1.5) * ONE_WAY_MS / 1000)
        cluster.crash(order[0])
        cluster.heal()
        cluster.run_until(lambda: cluster.agreed_leader is not None and write.outcome is not None, within=60)
        told = "timeout" if write.outcome is None else write.outcome.error or "done"
        return Fate(told, cluster.get("lock").value == "ada")


def measured_cost(kind: RequestKind, rtts: Sequence[float], make: Make = still) -> list[float]:
    """What a request costs through each member, in ms, the leader first: ``quorums.request_cost``, measured.

    ``rtts`` are the round trips from the leader to its followers in ms; ``make`` makes the cluster without distances. Raises
    ValueError for another kind of request or a time below 0, TypeError for what is no number, RuntimeError if a request fails.
    """
    if kind not in REQUESTS:
        raise ValueError(f"The request {shown(kind)} is unknown; choose one of {', '.join(REQUESTS)}.")
    costs = []
    with scattered([time_ms(rtt, "a round trip") / 2 for rtt in rtts], make) as cluster:
        for name in leader_first(cluster):
            if kind == "write":
                outcome = cluster.put("lock", "ada", via=name)
            else:
                stale = kind == "serializable read"
                outcome = cluster.get("lock", via=name, mode="serializable" if stale else "linearizable")
            if not outcome.ok:
                raise RuntimeError(
                    f"The {kind} through {name} ended as {shown(outcome.error)}; run it again."
                )
            costs.append(outcome.latency)
            cluster.run_for(1.0)
    return costs
