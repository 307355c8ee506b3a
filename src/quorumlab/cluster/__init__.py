"""Clusters to experiment on: the same verbs on a simulated world and on real etcd.

protocol.py    the verbs, their outcomes and every word an ``Outcome.error`` can be
simulated.py   ``SimulatedCluster``: the verbs on a deterministic world that can be rewound and forked
world.py       that world: members, disks, links and a queue of events
node.py        a place in it where a member runs
requests.py    what becomes of a client's request in it
roster.py      who belongs to the cluster: members that join, and that must hear of their removal
arguments.py   what a cluster may be made of and what its verbs take
network.py     how long a message takes, and whether it arrives
storage.py     a member's disk, and the key-value store its log drives
recorder.py    writes down what happens in the world
safety.py      Raft's five promises, checked after every step
chaos.py       faults and clients at random
trace.py       what happened, as plain data: to draw, to save, to ask for the state at any moment
story.py       the same in sentences
"""

from quorumlab.cluster.network import Constant, LongTailed, Uniform, WholeMs
from quorumlab.cluster.protocol import Cluster, MemberStatus, Outcome
from quorumlab.cluster.requests import Request
from quorumlab.cluster.simulated import SimulatedCluster
from quorumlab.cluster.trace import Trace, TraceError

__all__ = [
    "Cluster",
    "Constant",
    "LongTailed",
    "MemberStatus",
    "Outcome",
    "Request",
    "SimulatedCluster",
    "Trace",
    "TraceError",
    "Uniform",
    "WholeMs",
]
