"""Quorum systems: which groups of members may act for the whole cluster.

Five rules are built in, each from its source: ``majority`` (Thomas 1979), ``weighted`` (Gifford 1979),
``grid`` (Cheung, Ammar and Ahamad 1992), ``hierarchical`` (Kumar 1991) and ``flexible`` (Howard, Malkhi and
Spiegelman 2016). ``threshold`` is the plain "any k members" rule, which may be unsafe: it is there to show
what breaks when two quorums can miss each other.

Every system answers the same questions: ``members``, ``is_quorum``, ``minimal_quorums``, ``fault_tolerance``,
``always_intersects``, ``load``, ``capacity`` and ``strategy``. Where only a number of members is given, they
are named ``etcd-1`` to ``etcd-n``.
"""

from quorumlab.quorums.base import Chance, Intersection, QuorumSystem
from quorumlab.quorums.build import flexible, grid, hierarchical, majority, threshold, weighted
from quorumlab.quorums.counts import fault_tolerance, quorum_size
from quorumlab.quorums.strategy import Strategy

__all__ = [
    "Chance",
    "Intersection",
    "QuorumSystem",
    "Strategy",
    "fault_tolerance",
    "flexible",
    "grid",
    "hierarchical",
    "majority",
    "quorum_size",
    "threshold",
    "weighted",
]
