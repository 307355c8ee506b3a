"""One Raft member as a pure state machine: messages and the time go in, messages and records to save come
out.

It has no clock, no network, no disk and no dice of its own; whoever runs it (``quorumlab.simulation.cluster``)
supplies them. Read it beside Figure 2 of "In Search of an Understandable Consensus Algorithm" (Ongaro &
Ousterhout 2014). "Raft paper", and a § alone, are that paper's extended version, whose §8 the conference's print
does not have; the dissertation is Ongaro, "Consensus: Bridging Theory and Practice" (2014):

    messages.py      what members say to each other
    log.py           the log and its snapshot
    state.py         the fields of Figure 2, in its groups
    replication.py   AppendEntries, the commit rule, snapshots
    elections.py     RequestVote, PreVote, CheckQuorum, leadership transfer
    reads.py         linearizable reads by ReadIndex
    member.py        proposals, one-at-a-time membership changes, and the two ways in: ``receive`` and ``tick``
"""

from quorumlab.raft.log import Change, Entry, Log, Membership, Refusal, Snapshot
from quorumlab.raft.member import Member
from quorumlab.raft.messages import Message
from quorumlab.raft.replication import CommittedEntryRewritten
from quorumlab.raft.state import Saved, Settings

__all__ = [
    "Change",
    "CommittedEntryRewritten",
    "Entry",
    "Log",
    "Member",
    "Membership",
    "Message",
    "Refusal",
    "Saved",
    "Settings",
    "Snapshot",
]
