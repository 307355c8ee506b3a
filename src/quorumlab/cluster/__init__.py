"""The contract of every cluster and the record of what happened in it; the worlds themselves stand in ``simulation``
and ``etcd``.

protocol.py    the verbs, their outcomes and every word an ``Outcome.error`` can be
trace.py       what happened, as plain data: to draw, to save, to ask for the state at any moment
story.py       the same in sentences
"""

from quorumlab.cluster.protocol import Cluster, MemberStatus, Outcome
from quorumlab.cluster.trace import Trace, TraceError

__all__ = ["Cluster", "MemberStatus", "Outcome", "Trace", "TraceError"]
