"""Quorum systems: which groups of members may act for the whole cluster.

Five rules are built in, each from its source: ``majority`` (Thomas 1979), ``weighted`` (Gifford 1979),
``grid`` (Cheung, Ammar and Ahamad 1992), ``hierarchical`` (Kumar 1991) and ``flexible`` (Howard, Malkhi and
Spiegelman 2016). ``threshold`` is the plain "any k members" rule, which may be unsafe: it is there to show
what breaks when two quorums can miss each other.

Every system answers the same questions: ``members``, ``is_quorum``, ``minimal_quorums``, ``fault_tolerance``,
``always_intersects``, ``load``, ``capacity`` and ``strategy``. Where only a number of members is given, they
are named ``etcd-1`` to ``etcd-n``. ``counts`` and ``commit`` hold what follows from a majority by counting alone.
"""

from quorumlab.quorums.base import Chance, Intersection, QuorumSystem
from quorumlab.quorums.build import flexible, grid, hierarchical, majority, threshold, weighted
from quorumlab.quorums.commit import REQUESTS, RequestKind, commit_time, outlives_any_leader, request_cost
from quorumlab.quorums.counts import (
    election_quorum,
    elects_nobody,
    fault_tolerance,
    overlap_counts,
    quorum_size,
    tigerbeetle_quorums,
)
from quorumlab.quorums.strategy import Strategy

__all__ = [
    "REQUESTS",
    "Chance",
    "Intersection",
    "QuorumSystem",
    "RequestKind",
    "Strategy",
    "commit_time",
    "election_quorum",
    "elects_nobody",
    "fault_tolerance",
    "flexible",
    "grid",
    "hierarchical",
    "majority",
    "outlives_any_leader",
    "overlap_counts",
    "quorum_size",
    "request_cost",
    "threshold",
    "tigerbeetle_quorums",
    "weighted",
]
