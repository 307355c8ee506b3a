"""A member's state, in the groups of Figure 2 of the Raft paper, and what every rule needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from quorumlab.raft.log import Entry, Log, Membership, Snapshot
from quorumlab.raft.messages import Message, Readable, Refused

FOLLOWER, PRE_CANDIDATE, CANDIDATE, LEADER = "follower", "pre-candidate", "candidate", "leader"


@dataclass(frozen=True)
class Settings:
    """Times are whole microseconds, like all times in this package.

    heartbeat      how often a leader sends heartbeats
    election       the base election timeout T; each timeout is drawn from [T, 2T), by whoever runs the member
    tick           how often the member's clock ticks; all its timers count ticks, so that a wait of k ticks ends at the k-th from now
                   and lasts more than k − 1 and at most k of them. 0 for timers that run continuously. etcd's ticks are one
                   heartbeat interval long
    pre_vote       ask whether an election could be won before starting one (dissertation §9.6; etcd's default since 3.5)
    check_quorum   a leader that has not heard from a quorum for T steps down, and a member that has heard from a leader within T
                   ignores candidates (dissertation §6.2 and §4.2.3; always on in etcd)
    max_entries    most entries in one Append
    window         most entries sent to a follower and not yet acknowledged; later ones wait and travel together
    max_learners   etcd's ``--max-learners``
    may_lead       False for a witness, which votes by a log whose data it need not keep (not in etcd)
    """

    heartbeat: int = 100_000
    election: int = 1_000_000
    tick: int = 0
    pre_vote: bool = True
    check_quorum: bool = True
    max_entries: int = 64
    window: int = 256
    max_learners: int = 1
    may_lead: bool = True


class SaveState(NamedTuple):
    """To be written to disk: the current term and vote."""

    term: int
    voted_for: str | None


class SaveEntries(NamedTuple):
    """To be written to disk: ``entries`` from number ``start`` on, in place of what stood there and after, and up to
    where the log was then known to be ``commit``ted.

    The two belong together: who finds two changes of the membership on its disk must also find that the first of them
    was committed, else it might stand for election by a membership two changes old. etcd writes both in one
    record too (HardState and entries).
    """

    start: int
    entries: tuple[Entry, ...]
    commit: int = 0


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
    commit: int = 0

    @classmethod
    def new(cls, membership: Membership) -> Saved:
        """The disk of a member that has never run. A member that joins later knows no membership yet:
        ``Membership(())``.
        """
        return cls(0, None, Snapshot(0, 0, membership))


class State:
    """One member. ``saved`` is its disk, ``timeouts`` yields the election timeouts that somebody else draws for it
    (whole ticks, if its clock ticks), and ``phase`` is a moment at which its clock ticks; all in µs.
    """

    def __init__(
        self,
        name: str,
        saved: Saved,
        settings: Settings,
        timeouts: Iterator[int],
        now: int = 0,
        phase: int = 0,
    ) -> None:
        self.name = name
        self.settings = settings
        self.timeouts = timeouts
        self.phase = phase
        self.tick_length = settings.tick or 1  # the finest there is stands for timers that run continuously

        # Persistent state on all servers: saved before any message that depends on it leaves.
        self.current_term = saved.term
        self.voted_for = saved.voted_for
        self.log = Log(saved.snapshot, saved.entries)

        # Volatile state on all servers.
        self.commit_index = max(saved.commit, saved.snapshot.last_index)
        self.saved_index = self.log.last_index  # up to where the log is on this member's own disk
        self.last_applied = saved.snapshot.last_index
        self.informed = False  # whether it has learnt, since it started, up to where the log is committed now
        self.role = FOLLOWER
        self.leader: str | None = None
        self.now = now
        self.due = 0  # when this member next wants its ``tick``
        self.timeout = 0  # the election timeout in use
        self.last_heard = now - settings.election  # the last tick before a leader last made itself known

        # Volatile state on candidates.
        self.votes: set[str] = set()

        # Volatile state on leaders.
        self.next_index: dict[str, int] = {}
        self.match_index: dict[str, int] = {}
        self.active: set[str] = set()  # members heard from since the last CheckQuorum
        self.quorum_due = 0  # the next CheckQuorum, and the end of a transfer that has not come about
        self.transferee: str | None = None
        self.pending_change = 0  # the newest entry that may be a change of the membership
        self.round = 0  # of ReadIndex
        self.acked_round: dict[str, int] = {}
        self.reads: list[tuple[int, int, int, str]] = []  # (round, index, request, asked by)
        self.early_reads: list[tuple[int, str]] = []  # asked before the term's first commit

        # Results, which whoever runs the member takes away after each input.
        self.outbox: list[Message] = []
        self.writes: list[Save] = []
        self.answers: list[Readable | Refused] = []
        self.incoming: Snapshot | None = None  # a leader's snapshot on its way to the disk
        self.restored: Snapshot | None = None
        self.changed = True  # anything but timers and messages changed

        self.peers: tuple[str, ...] = ()
        self.take_on(saved.snapshot.membership)
        self.reset_election_timer()

    def send(self, message: Message) -> None:
        """Leave a message in the outbox."""
        self.outbox.append(message)

    def last_tick(self) -> int:
        """When this member's clock last ticked, in µs: now, if its timers run continuously."""
        return self.now - (self.now - self.phase) % self.tick_length

    def reset_election_timer(self) -> None:
        """Draw a new election timeout and start it now."""
        self.timeout = next(self.timeouts)
        self.due = self.last_tick() + self.timeout

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
            self.leader is not None and self.last_tick() - self.last_heard < self.settings.election
        )

    def is_quorum(self, members: set[str]) -> bool:
        """Whether ``members`` hold a majority of the voters."""
        return sum(voter in members for voter in self.membership.voters) >= self.quorum

    def take_on(self, membership: Membership) -> None:
        """This membership is in force here now: the newest that has been applied, as in etcd.

        The dissertation (§4.1) has the newest in the log in force, committed or not. A change is then committed by
        the new majority; here by the old one.
        """
        self.membership = membership
        self.quorum = membership.quorum
        self.peers = tuple(name for name in membership.all if name != self.name)
        self.changed = True

    def committed(self) -> None:
        """Called whenever ``commit_index`` has moved on; the rooms that care extend it."""
        self.changed = True
