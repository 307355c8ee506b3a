"""Real etcd on this machine, without root: the second world behind the contract of ``cluster.protocol``.

cluster.py     ``EtcdCluster``: the verbs
settings.py    what a cluster may be made of
starting.py    all members healthy, or nothing left running
members.py     the members as processes: ports, command lines, conditions
operations.py  what etcd has beyond the contract: snapshots, a majority that is gone, leases, watches
snapshots.py   a member's store saved, and the data of a new cluster made of it
granting.py    leases
watches.py     one watch
requests.py    what becomes of a client's request
changes.py     changes of the membership and of the leadership
watching.py    looking at the members again and again
recorder.py    what is written down of it
gateway.py     one member asked through etcd's JSON gateway
links.py       the links between members, as the notebook handles them
processes.py   the supervisor, as the notebook handles it
binary.py      which etcd to run

Three files are processes of their own, started as scripts with the standard library only:

supervisor.py  starts, signals and ends the members, whatever becomes of the notebook
disks.py       part of it: slow disks
emulator.py    what all traffic between the members passes, so that it can be cut and slowed
"""

from quorumlab.etcd.binary import EtcdUnavailableError, find_etcd
from quorumlab.etcd.cluster import EtcdCluster

__all__ = ["EtcdCluster", "EtcdUnavailableError", "find_etcd"]
