"""A member's state, in the groups of Figure 2 of the Raft paper, and what every rule needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from quorumlab.raft.log import MEMBERSHIP, Entry, Log, Membership, Snapshot
from quorumlab.raft.messages import Message, Readable, Refused

FOLLOWER, PRE_CANDIDATE, CANDIDATE, LEADER = "follower", "pre-candidate", "candidate", "leader"


@dataclass(frozen=True)
class Settings:
    """Times are whole microseconds, like all times in this package.

    heartbeat      how often a leader sends heartbeats
    election       the base election timeout T; each timeout is drawn from [T, 2T), by whoever runs the member
    pre_vote       ask whether an election could be won before starting one (dissertation §9.6; etcd's default since 3.5)
    check_quorum   a leader that has not heard from a quorum for T steps down, and a member that has heard from a leader within T
                   ignores candidates (dissertation §6.2 and §4.2.3; always on in etcd)
    max_entries    most entries in one Append
    window         most entries sent to a follower and not yet acknowledged; later ones wait and travel together
    max_learners   etcd's ``--max-learners``
    """

    heartbeat: int = 100_000
    election: int = 1_000_000
    pre_vote: bool = True
    check_quorum: bool = True
    max_entries: int = 64
    window: int = 256
    max_learners: int = 1


class SaveState(NamedTuple):
    """To be written to disk: the current term and vote."""

    term: int
    voted_for: str | None


class SaveEntries(NamedTuple):
    """To be written to disk: ``entries`` from number ``start`` on, in place of what stood there and after."""

    start: int
    entries: tuple[Entry, ...]


class SaveSnapshot(NamedTuple):
    """To be written to disk: a snapshot in place of the entries it covers."""

    snapshot: Snapshot


Save = SaveState | SaveEntries | SaveSnapshot


@dataclass(frozen=True)
class Saved:
    """What a member finds on its disk when it starts."""

    term: int
    voted_for: str | None
    snapshot: Snapshot
    entries: tuple[Entry, ...] = ()

    @classmethod
    def new(cls, membership: Membership) -> Saved:
        """The disk of a member that has never run. A member that joins later knows no membership yet:
        ``Membership(())``.
        """
        return cls(0, None, Snapshot(0, 0, membership))


class State:
    """One member. ``saved`` is its disk, ``timeouts`` yields the election timeouts that somebody else draws
    for it.
    """

    def __init__(
        self, name: str, saved: Saved, settings: Settings, timeouts: Iterator[int], now: int = 0
    ) -> None:
        self.name = name
        self.settings = settings
        self.timeouts = timeouts

        # Persistent state on all servers: saved before any message that depends on it leaves.
        self.current_term = saved.term
        self.voted_for = saved.voted_for
        self.log = Log(saved.snapshot, saved.entries)

        # Volatile state on all servers.
        self.commit_index = saved.snapshot.last_index
        self.last_applied = saved.snapshot.last_index
        self.role = FOLLOWER
        self.leader: str | None = None
        self.now = now
        self.due = 0  # when this member next wants its ``tick``
        self.timeout = 0  # the election timeout in use
        self.last_heard = now - settings.election  # when a leader last made itself known

        # Volatile state on candidates.
        self.votes: set[str] = set()

        # Volatile state on leaders.
        self.next_index: dict[str, int] = {}
        self.match_index: dict[str, int] = {}
        self.active: set[str] = set()  # members heard from since the last CheckQuorum
        self.quorum_due = 0
        self.transferee: str | None = None
        self.transfer_due = 0
        self.round = 0  # of ReadIndex
        self.acked_round: dict[str, int] = {}
        self.reads: list[tuple[int, int, int, str]] = []  # (round, index, request, asked by)
        self.early_reads: list[tuple[int, str]] = []  # asked before the term's first commit

        # Results, which whoever runs the member takes away after each input.
        self.outbox: list[Message] = []
        self.writes: list[Save] = []
        self.answers: list[Readable | Refused] = []
        self.restored: Snapshot | None = None
        self.changed = True  # anything but timers and messages changed

        # The membership in force is the newest in the log, committed or not (dissertation §4.1).
        self.refresh_membership()
        self.reset_election_timer()

    def send(self, message: Message) -> None:
        """Leave a message in the outbox."""
        self.outbox.append(message)

    def reset_election_timer(self) -> None:
        """Draw a new election timeout and start it now."""
        self.timeout = next(self.timeouts)
        self.due = self.now + self.timeout

    def save_state(self) -> None:
        """Have the current term and vote saved."""
        self.writes.append(SaveState(self.current_term, self.voted_for))
        self.changed = True

    def become_follower(self, term: int, leader: str | None = None) -> None:
        """Rules for Servers, all servers: whoever sees a higher term takes it on and follows.

        A running election timer goes on: only a leader's message or a granted vote resets it (§5.2).
        """
        was_leader = self.role == LEADER
        self.role = FOLLOWER
        self.leader = leader
        self.transferee = None
        if was_leader:
            self.reads.clear()
            self.early_reads.clear()
            self.reset_election_timer()
        self.changed = True
        if term > self.current_term:
            self.current_term = term
            self.voted_for = None
            self.save_state()

    def hears_leader(self) -> bool:
        """Whether this member is the leader or has heard from one within the base election timeout."""
        return self.role == LEADER or (
            self.leader is not None and self.now - self.last_heard < self.settings.election
        )

    def is_quorum(self, members: set[str]) -> bool:
        """Whether ``members`` hold a majority of the voters."""
        return sum(voter in members for voter in self.membership.voters) >= self.quorum

    def refresh_membership(self) -> None:
        """Take the membership from the log. A member being removed still gets messages until that is
        committed.
        """
        self.membership_index, self.membership = self.log.membership()
        self.quorum = self.membership.quorum
        _, self.committed_membership = self.log.membership(self.commit_index)
        uncommitted = self.log.between(
            max(self.commit_index, self.log.snapshot.last_index), self.log.last_index
        )
        self.membership_changes = [index for index, entry in uncommitted if entry.kind == MEMBERSHIP]
        everybody = dict.fromkeys(self.committed_membership.all + self.membership.all)
        self.peers = tuple(name for name in everybody if name != self.name)
        if self.role == LEADER:
            self.next_index = {p: self.next_index.get(p, self.log.last_index + 1) for p in self.peers}
            self.match_index = {p: self.match_index.get(p, 0) for p in (*self.peers, self.name)}
        self.changed = True

    def committed(self) -> None:
        """Called whenever ``commit_index`` has moved on; the rooms that care extend it."""
        self.changed = True
        if self.membership_changes and self.membership_changes[0] <= self.commit_index:
            self.refresh_membership()
