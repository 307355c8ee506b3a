"""A member's log: entries numbered from 1, the oldest of which may have been folded into a snapshot (Raft
paper §7).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from quorumlab.quorums import quorum_size

NOOP, COMMAND, MEMBERSHIP = "noop", "command", "membership"


class Entry(NamedTuple):
    """One log entry: the term of the leader that created it, its kind, what it carries, and which client
    request it answers.
    """

    term: int
    kind: str
    data: Any = None
    request: int | None = None


class Membership(NamedTuple):
    """Who belongs to the cluster. Learners get the log but count neither for commits nor for elections."""

    voters: tuple[str, ...]
    learners: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Voters, then learners."""
        return self.voters + self.learners

    @property
    def quorum(self) -> int:
        """How many voters make a majority; with nobody to vote, more than there can ever be."""
        return quorum_size(len(self.voters)) if self.voters else 1

    def changed(self, action: str, name: str) -> Membership:
        """The membership after ``add_learner``, ``add_voter``, ``promote`` or ``remove`` of one member."""
        voters = tuple(v for v in self.voters if v != name)
        learners = tuple(v for v in self.learners if v != name)
        if action in ("add_voter", "promote"):
            voters += (name,)
        elif action == "add_learner":
            learners += (name,)
        return Membership(voters, learners)


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

    def membership(self, until: int | None = None) -> tuple[int, Membership]:
        """The newest membership up to entry ``until`` (the whole log if None) and the number of its entry."""
        stop = len(self.entries) if until is None else max(until - self.snapshot.last_index, 0)
        for offset in range(min(stop, len(self.entries)), 0, -1):
            if self.entries[offset - 1].kind == MEMBERSHIP:
                return self.snapshot.last_index + offset, self.entries[offset - 1].data
        return self.snapshot.last_index, self.snapshot.membership

    def start_of_term(self, index: int) -> int:
        """The first entry held of the term that entry ``index`` has."""
        term = self.term_at(index)
        while self.term_at(index - 1) == term and index - 1 > self.snapshot.last_index:
            index -= 1
        return index
