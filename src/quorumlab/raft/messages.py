"""What Raft members say to each other. Each message is a plain immutable tuple; ``term`` is the sender's
current term.

The first four are the two RPCs of Figure 2 of the Raft paper, with request and reply as two messages. An
``Append`` without entries is a heartbeat. ``round`` counts the leader's rounds of ReadIndex (dissertation
§6.4): a reply repeats the number it was sent.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from quorumlab.raft.log import Entry, Refusal, Snapshot


class RequestVote(NamedTuple):
    """A candidate asks for a vote; with ``pre`` it asks whether it would get one (PreVote, dissertation
    §9.6).

    ``transfer`` says that the leader itself asked for this election, so that nobody holds back on its
    account.
    """

    sender: str
    to: str
    term: int
    last_index: int
    last_term: int
    pre: bool = False
    transfer: bool = False


class Vote(NamedTuple):
    """The answer to RequestVote. A granted pre-vote carries the term it was asked for, which is not yet
    anybody's term.
    """

    sender: str
    to: str
    term: int
    granted: bool
    pre: bool = False


class Append(NamedTuple):
    """AppendEntries: ``entries`` follow the entry at ``prev_index``, whose term is ``prev_term``; all up to
    ``commit`` is committed.
    """

    sender: str
    to: str
    term: int
    prev_index: int
    prev_term: int
    entries: tuple[Entry, ...]
    commit: int
    round: int = 0


class Appended(NamedTuple):
    """The answer to Append and InstallSnapshot.

    With ``ok`` the follower's log agrees with the leader's up to ``position``; without, ``position`` is where
    the leader should try next.
    """

    sender: str
    to: str
    term: int
    ok: bool
    position: int
    round: int = 0


class InstallSnapshot(NamedTuple):
    """For a follower whose next entry the leader has already folded into a snapshot (§7)."""

    sender: str
    to: str
    term: int
    snapshot: Snapshot


class TimeoutNow(NamedTuple):
    """The leader asks a follower that has all entries to stand for election at once (dissertation §3.10)."""

    sender: str
    to: str
    term: int


class Propose(NamedTuple):
    """A follower hands its client's request on to the leader. ``term`` is 0: the leader of any term may take
    it.
    """

    sender: str
    to: str
    term: int
    request: int
    verb: str
    data: Any


class ReadIndex(NamedTuple):
    """A follower asks the leader up to where it must have applied the log before it may answer a read."""

    sender: str
    to: str
    term: int
    request: int


class Readable(NamedTuple):
    """The answer to ReadIndex: the read may be answered once everything up to ``commit`` is applied."""

    sender: str
    to: str
    term: int
    request: int
    commit: int


class Refused(NamedTuple):
    """The answer to a Propose that certainly had no effect."""

    sender: str
    to: str
    term: int
    request: int
    error: Refusal


Message = (
    RequestVote
    | Vote
    | Append
    | Appended
    | InstallSnapshot
    | TimeoutNow
    | Propose
    | ReadIndex
    | Readable
    | Refused
)
