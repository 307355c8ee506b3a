"""A whole member: the two ways in, ``receive`` and ``tick``, and what clients ask of it.

After each input, whoever runs the member takes away ``outbox`` (messages to send), ``writes`` (to be saved,
in order, before any message but a leader's Append leaves), ``answers`` (for its own clients), ``restored`` (a
snapshot to load into the state machine) and ``take_committed()`` (entries to apply), reports finished writes
with ``saved_vote`` and ``saved`` and calls ``tick`` at the time ``due``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quorumlab.raft.log import COMMAND, MEMBERSHIP
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
        self, name: str, saved: Saved, settings: Settings, timeouts: Iterator[int], now: int = 0
    ) -> None:
        super().__init__(name, saved, settings, timeouts, now)
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
        if self.transferee and now >= self.transfer_due:
            self.transferee = None  # it did not take over in time, so requests need wait no longer
        if now >= self.quorum_due:
            self.check_quorum()
            if self.role != LEADER:
                return
        self.due = now + self.settings.heartbeat
        self.broadcast()

    # --- what clients ask ---

    def propose(self, request: int, verb: str, data: Any) -> None:
        """A client's write (``command``) or membership change (``add_learner``, ``add_voter``, ``promote``,
        ``remove``).

        The outcome shows when the entry with this ``request`` is applied here, or as a Refused in
        ``answers``.
        """
        if self.role == LEADER:
            self.on_propose(Propose(self.name, self.name, 0, request, verb, data))
        elif self.leader is not None:
            self.send(Propose(self.name, self.leader, 0, request, verb, data))
        else:
            self.on_refused(Refused(self.name, self.name, 0, request, "no_leader"))

    def on_propose(self, m: Propose) -> None:
        """A request reaches the leader: append it, or refuse it."""
        error = self.refusal(m.verb, m.data)
        if error is not None:
            answer = Refused(self.name, m.sender, 0, m.request, error)
            if m.sender == self.name:
                self.on_refused(answer)
            else:
                self.send(answer)
        elif m.verb == COMMAND:
            self.append_entry(COMMAND, m.data, m.request)
        else:
            self.append_entry(MEMBERSHIP, self.membership.changed(m.verb, m.data), m.request)

    def on_refused(self, m: Refused) -> None:
        """A request of this member's own client was refused."""
        self.answers.append(m)
        self.changed = True

    def refusal(self, verb: str, data: Any) -> str | None:
        """Why a request cannot be taken now, as a word of ``quorumlab.cluster.protocol.ERRORS``, or None."""
        if self.role != LEADER or self.transferee is not None:
            return "no_leader"
        return None if verb == COMMAND else self.change_refusal(verb, data)

    def change_refusal(self, action: str, name: str) -> str | None:
        """One change at a time, and none before the term's first commit (Ongaro's correction of 2015, raft-
        dev).
        """
        voters, learners = self.membership
        if (
            self.membership_index > self.commit_index
            or self.log.term_at(self.commit_index) != self.current_term
        ):
            return "change_pending"
        if action in ("add_learner", "add_voter") and name in self.membership.all:
            return "already_a_member"
        if action == "add_learner" and len(learners) >= self.settings.max_learners:
            return "too_many_learners"
        if action in ("promote", "remove") and name not in self.membership.all:
            return "not_a_member"
        if action == "promote" and name in voters:
            return "not_a_learner"
        if action == "promote" and self.match_index[name] < CAUGHT_UP * self.log.last_index:
            return "learner_not_ready"
        if action == "remove" and voters == (name,):
            return "last_voter"
        return None

    def committed(self) -> None:
        """A leader that is no longer a voter steps down once its own removal is committed (dissertation
        §4.2.2).
        """
        super().committed()
        if (
            self.role == LEADER
            and self.name not in self.membership.voters
            and self.membership_index <= self.commit_index
        ):
            self.become_follower(self.current_term)
