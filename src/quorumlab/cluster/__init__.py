"""The contract of every cluster and the record of what happened in it; the worlds themselves stand in ``simulation``
and ``etcd``.

protocol.py    the verbs, their outcomes and every word an ``Outcome.error`` can be
clients.py     what clients asked and were told, and the history made of it
checks.py      what the verbs take
events.py      each thing that can happen in a cluster, as plain data
moments.py     the one fold over events: what each moment was like before and after
trace.py       a recording: its world, its settings, its events; saved and loaded
story.py       the same in sentences (links.py: those about the network)
"""

from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import UNKNOWN
from quorumlab.cluster.protocol import Cluster, MemberStatus, Outcome
from quorumlab.cluster.trace import Trace, TraceError

__all__ = ["UNKNOWN", "Cluster", "MemberStatus", "Outcome", "Pending", "Trace", "TraceError"]
