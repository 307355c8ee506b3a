"""A member's log: entries numbered from 1, the oldest of which may have been folded into a snapshot (Raft
paper §7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from quorumlab.quorums import quorum_size

NOOP, COMMAND, MEMBERSHIP = "noop", "command", "membership"

Refusal = Literal[
    "no_leader",  # this member does not lead, or is handing over
    "learner",  # a learner cannot lead
    "not_a_member",
    "not_a_learner",
    "already_a_member",
    "too_many_learners",
    "learner_not_ready",
    "last_voter",
]
"""Why a member, or whoever runs it, turns a request down; nothing has happened then."""


class Entry(NamedTuple):
    """One log entry: the term of the leader that created it, its kind, what it carries, and which client
    request it answers.
    """

    term: int
    kind: str
    data: Any = None
    request: int | None = None


class Membership(NamedTuple):
    """Who belongs to the cluster. Learners get the log but count neither for commits nor for elections. Who was
    ``removed`` never comes back.
    """

    voters: tuple[str, ...]
    learners: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Voters, then learners."""
        return self.voters + self.learners

    @property
    def quorum(self) -> int:
        """How many voters make a majority; with nobody to vote, more than there can ever be."""
        return quorum_size(len(self.voters)) if self.voters else 1


class Change(NamedTuple):
    """What a membership entry asks for: ``add_learner``, ``add_voter``, ``promote`` or ``remove`` of ``name``.

    ``before`` is the membership that it changes. The founders' stands in nobody's log, so that a member that joins
    later would not know it. There is one change at a time, so that all agree on it.
    """

    action: str
    name: str
    before: Membership

    @property
    def after(self) -> Membership:
        """The membership with this change made."""
        (voters, learners, removed), name = self.before, self.name
        match self.action:
            case "add_voter":
                return Membership((*voters, name), learners, removed)
            case "add_learner":
                return Membership(voters, (*learners, name), removed)
            case "promote":
                return Membership((*voters, name), _without(learners, name), removed)
            case _:
                return Membership(_without(voters, name), _without(learners, name), (*removed, name))

    def refusal(self, max_learners: int) -> Refusal | None:
        """Why the change cannot be made, or None; in the order of etcd's ValidateConfigurationChange
        (server/etcdserver/api/membership/cluster.go).
        """
        before, name = self.before, self.name
        if name in before.removed:
            return "not_a_member"
        if self.action in ("add_learner", "add_voter"):
            if name in before.all:
                return "already_a_member"
            full = self.action == "add_learner" and len(before.learners) >= max_learners
            return "too_many_learners" if full else None
        if name not in before.all:
            return "not_a_member"
        if self.action == "promote" and name in before.voters:
            return "not_a_learner"
        return "last_voter" if self.action == "remove" and before.voters == (name,) else None


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in names if other != name)


class Snapshot(NamedTuple):
    """Everything up to entry ``last_index`` in short: that entry's term, the membership then, and the state
    machine's ``data``.
    """

    last_index: int
    last_term: int
    membership: Membership
    data: Any = None


class Log:
    """Entries after a snapshot. ``last_index`` is the number of the newest entry, 0 in a log that is empty."""

    __slots__ = ("entries", "last_index", "snapshot")

    def __init__(self, snapshot: Snapshot, entries: Sequence[Entry] = ()) -> None:
        self.snapshot = snapshot
        self.entries = list(entries)
        self.last_index = snapshot.last_index + len(self.entries)

    @property
    def last_term(self) -> int:
        """The term of the newest entry, 0 in a log that is empty."""
        return self.entries[-1].term if self.entries else self.snapshot.last_term

    def term_at(self, index: int) -> int | None:
        """The term of entry ``index``, or None where the log does not hold it (not yet, or no longer)."""
        offset = index - self.snapshot.last_index
        if offset > 0:
            return self.entries[offset - 1].term if offset <= len(self.entries) else None
        return self.snapshot.last_term if offset == 0 else None

    def entry(self, index: int) -> Entry:
        """Entry ``index``, which the log must hold."""
        return self.entries[index - self.snapshot.last_index - 1]

    def after(self, index: int, most: int) -> tuple[Entry, ...]:
        """At most ``most`` entries after ``index``."""
        start = index - self.snapshot.last_index
        return tuple(self.entries[start : start + most])

    def between(self, index: int, last: int) -> list[tuple[int, Entry]]:
        """The entries after ``index`` up to ``last``, with their numbers."""
        start = self.snapshot.last_index
        return [(i, self.entries[i - start - 1]) for i in range(index + 1, last + 1)]

    def put(self, start: int, entries: Sequence[Entry]) -> None:
        """Store ``entries`` from number ``start`` on, in place of all that stood there and after."""
        self.entries[start - self.snapshot.last_index - 1 :] = entries
        self.last_index = self.snapshot.last_index + len(self.entries)

    def fold(self, snapshot: Snapshot) -> None:
        """Put ``snapshot`` in place of the entries it covers, and of all entries if they do not agree with
        it.
        """
        agrees = self.term_at(snapshot.last_index) == snapshot.last_term
        self.entries = self.entries[snapshot.last_index - self.snapshot.last_index :] if agrees else []
        self.snapshot = snapshot
        self.last_index = snapshot.last_index + len(self.entries)

    def start_of_term(self, index: int) -> int:
        """The first entry held of the term that entry ``index`` has."""
        term = self.term_at(index)
        while self.term_at(index - 1) == term and index - 1 > self.snapshot.last_index:
            index -= 1
        return index
