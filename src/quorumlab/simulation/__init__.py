"""The first world behind the contract of ``cluster``: deterministic, with a clock of its own, to be rewound and forked.

cluster.py     ``SimulatedCluster``: the verbs
world.py       members, disks, links and a queue of events
node.py        a place in it where a member runs
requests.py    what becomes of a client's request in it
roster.py      who belongs to the cluster: members that join, and that must hear of their removal
settings.py    what a cluster is made of: checked once, never changed
network.py     how long a message takes, and whether it arrives
storage.py     a member's disk, and the key-value store its log drives
recorder.py    writes down what happens in the world
safety.py      Raft's five promises, checked after every step
chaos.py       faults and clients at random
"""

from quorumlab.simulation.cluster import SimulatedCluster
from quorumlab.simulation.network import Constant, LongTailed, Uniform, WholeMs
from quorumlab.simulation.requests import Request

__all__ = ["Constant", "LongTailed", "Request", "SimulatedCluster", "Uniform", "WholeMs"]
