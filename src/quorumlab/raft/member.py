"""A whole member: the two ways in, ``receive`` and ``tick``, and what clients ask of it.

After each input, whoever runs the member takes away ``outbox`` (messages to send), ``writes`` (to be saved,
in order, before any message but a leader's Append leaves), ``answers`` (for its own clients), ``restored`` (a
snapshot to load into the state machine) and ``take_committed()`` (entries to apply), reports finished writes
with ``saved_vote`` and ``saved`` and calls ``tick`` at the time ``due``. It ends the member once it has applied its
own removal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quorumlab.raft.log import COMMAND, MEMBERSHIP, NOOP, Change, Entry, Membership, Refusal
from quorumlab.raft.messages import (
    Append,
    Appended,
    InstallSnapshot,
    Message,
    Propose,
    Readable,
    ReadIndex,
    Refused,
    RequestVote,
    TimeoutNow,
    Vote,
)
from quorumlab.raft.reads import Reads
from quorumlab.raft.state import LEADER, Saved, Settings

CAUGHT_UP = 0.9  # etcd: "can only promote a learner member which is in sync with leader", readyPercent in server/etcdserver


class Member(Reads):
    """A whole Raft member: a pure state machine, as this file's heading describes."""

    def __init__(
        self,
        name: str,
        saved: Saved,
        settings: Settings,
        timeouts: Iterator[int],
        now: int = 0,
        phase: int = 0,
    ) -> None:
        super().__init__(name, saved, settings, timeouts, now, phase)
        self.handlers: dict[type, Any] = {
            RequestVote: self.on_request_vote,
            Vote: self.on_vote,
            Append: self.on_append,
            Appended: self.on_appended,
            InstallSnapshot: self.on_install_snapshot,
            TimeoutNow: self.on_timeout_now,
            Propose: self.on_propose,
            ReadIndex: self.on_read_index,
            Readable: self.on_readable,
            Refused: self.on_refused,
        }

    # --- the two ways in ---

    def receive(self, now: int, message: Message) -> None:
        """A message arrives at ``now`` µs."""
        self.now = now
        if message.term > self.current_term:
            self.observe_term(message)
        self.handlers[type(message)](message)

    def observe_term(self, message: Message) -> None:
        """A higher term makes anybody a follower, except where nobody is in that term yet or the candidate is
        to be ignored.
        """
        if isinstance(message, RequestVote) and (message.pre or self.holds_back(message)):
            return
        if isinstance(message, Vote) and message.pre and message.granted:
            return
        self.become_follower(message.term)

    def tick(self, now: int) -> None:
        """The time ``due`` (µs) has come: an election timeout, or a leader's next heartbeat."""
        self.now = now
        if now < self.due:
            return
        if self.role != LEADER:
            self.election_timed_out()
            return
        if now >= self.quorum_due:
            self.check_quorum()
            if self.role != LEADER:
                return
        self.due = self.last_tick() + self.settings.heartbeat
        self.broadcast()

    def advance(self, ticks: int) -> None:
        """Let a follower's clock be ``ticks`` ahead, as if it had waited so long already."""
        if self.role != LEADER:
            self.due -= ticks * self.tick_length
            self.last_heard -= ticks * self.tick_length

    # --- what clients ask ---

    def propose(self, request: int, verb: str, data: Any) -> None:
        """A client's write (``command``) or membership change (``add_learner``, ``add_voter``, ``promote``,
        ``remove``).

        The outcome shows when the entry with this ``request`` is applied here, or as a Refused in
        ``answers``; or never (``on_propose``).
        """
        if self.role == LEADER:
            self.on_propose(Propose(self.name, self.name, 0, request, verb, data))
        elif self.leader is not None:
            self.send(Propose(self.name, self.leader, 0, request, verb, data))
        else:
            self.on_refused(Refused(self.name, self.name, 0, request, "no_leader"))

    def on_propose(self, m: Propose) -> None:
        """A request reaches the leader: append it, or refuse it.

        There is one change of the membership at a time, and a new leader first applies all that it found in its log.
        A change that comes too early is not refused: as in etcd an empty entry is put in its place, and whoever asked
        hears nothing.
        """
        if self.role != LEADER or self.transferee is not None or self.name not in self.membership.all:
            self.refuse(m, "no_leader")
        elif m.verb == COMMAND:
            self.append_entry(COMMAND, m.data, m.request)
        elif self.pending_change > self.last_applied:
            self.append_entry(NOOP)
        else:
            self.pending_change = self.log.last_index + 1
            self.append_entry(MEMBERSHIP, Change(m.verb, m.data, self.membership), m.request)

    def refuse(self, m: Propose, error: Refusal) -> None:
        """Turn a request down, wherever it came from."""
        answer = Refused(self.name, m.sender, 0, m.request, error)
        if m.sender == self.name:
            self.on_refused(answer)
        else:
            self.send(answer)

    def on_refused(self, m: Refused) -> None:
        """A request of this member's own client was refused."""
        self.answers.append(m)
        self.changed = True

    # --- applying ---

    def take_committed(self) -> Iterator[tuple[int, Entry, Refusal | None]]:
        """The entries to apply now, with their numbers: committed, on this member's disk and not taken before; one
        after the other, each change of the membership taking effect before the next entry comes. With it comes why
        the change was refused, or None.
        """
        while self.last_applied < min(self.commit_index, self.saved_index):
            self.last_applied += 1
            entry = self.log.entry(self.last_applied)
            yield self.last_applied, entry, self.enact(entry.data) if entry.kind == MEMBERSHIP else None

    def enact(self, change: Change) -> Refusal | None:
        """Carry out a change of the membership, if it fits what is in force."""
        error = change.refusal(self.settings.max_learners)
        self.take_on(change.after if error is None else change.before)
        return error

    def take_on(self, membership: Membership) -> None:
        """A leader begins to send to who has joined; it leads no more once it has applied its own removal."""
        known = self.peers
        super().take_on(membership)
        if self.role != LEADER:
            return
        if self.name not in membership.all:
            self.become_follower(self.current_term)
            return
        self.next_index = {p: self.next_index.get(p, self.log.last_index + 1) for p in self.peers}
        self.match_index = {p: self.match_index.get(p, 0) for p in (*self.peers, self.name)}
        if self.transferee not in membership.voters:
            self.transferee = None
        for peer in self.peers:
            if peer not in known:
                self.active.add(peer)  # until the next CheckQuorum, so that it has time to be heard from
                self.send_append(peer)
        self.advance_commit()  # a smaller majority may have more than the one before

    def is_caught_up(self, name: str, *, before: int = 0) -> bool:
        """Whether a member has as good as all of this leader's log, so that it may vote; ``before`` is how many entries more than are
        kept here the log had at its beginning.
        """
        found = self.match_index.get(name, 0)
        return found > 0 and found + before >= CAUGHT_UP * (self.match_index[self.name] + before)
