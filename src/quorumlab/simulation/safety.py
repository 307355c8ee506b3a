"""The five promises of Raft (Figure 3 of the paper), checked after every step of every member."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quorumlab.raft import Entry, Member, Snapshot
from quorumlab.raft.state import LEADER, Save, SaveEntries, SaveSnapshot
from quorumlab.simulation.cluster import SimulatedCluster
from quorumlab.simulation.watch import Watch


class SafetyViolation(Exception):  # noqa: N818  (it is a finding, not a fault of the program)
    """A promise of Raft was broken. The message says which, by whom and when."""


class SafetyMonitor(Watch):
    """Watches a cluster from now on and raises SafetyViolation in the step that breaks a promise.

    Watching members that were made by ``fork`` or run before needs no preparation: what they hold is read
    first.
    """

    def __init__(self, cluster: SimulatedCluster) -> None:
        self.world = cluster._world
        self.leaders: dict[int, str] = {}  # by term
        self.seen: dict[
            tuple[int, int], tuple[Entry, int | None]
        ] = {}  # (index, term) -> entry, term before it
        self.committed: dict[
            int, tuple[int, int]
        ] = {}  # index -> term of the entry, term in which it was committed
        self.known: dict[str, int] = {}  # by member, the commit index looked at
        self.lengths: dict[tuple[str, int], int] = {}  # (leader, term) -> length of its log
        self.applied_entries: dict[int, Entry] = {}
        self.applied_up_to: dict[str, int] = {}  # by member, since its start
        self.snapshots: dict[int, Any] = {}  # by the entry they reach up to
        for node in self.world.nodes.values():
            log = node.member.log
            self.wrote(node.member, [SaveEntries(log.snapshot.last_index + 1, tuple(log.entries))])
            self.stepped(self.world.now, node.member)
        self.world.watchers.add(self)

    def changed(self, now: int, member: Member) -> None:
        """It may have something to write."""
        if member.writes:
            self.wrote(member, member.writes)

    def wrote(self, member: Member, writes: Sequence[Save]) -> None:
        """Leader Append-Only, and Log Matching by induction: entries alike in index and term are alike, and
        so are their predecessors.
        """
        for record in writes:
            if isinstance(record, SaveSnapshot):
                self.folded(member, record.snapshot)
            if not isinstance(record, SaveEntries):
                continue
            before = self.lengths.get((member.name, member.current_term), 0)
            if member.role == LEADER and record.start <= before:
                self.broken("Leader Append-Only", f"{member.name} overwrote its entry {record.start}")
            previous = member.log.term_at(record.start - 1)
            for index, entry in enumerate(record.entries, record.start):
                known, known_previous = self.seen.setdefault((index, entry.term), (entry, previous))
                if known != entry or (None not in (known_previous, previous) and known_previous != previous):
                    self.broken(
                        "Log Matching", f"{member.name} has another entry {index} of term {entry.term}"
                    )
                previous = entry.term

    def stepped(self, now: int, member: Member) -> None:
        """Election Safety and Leader Completeness; and note what is newly committed."""
        if member.role == LEADER:
            term = member.current_term
            first = self.leaders.setdefault(term, member.name)
            if first != member.name:
                self.broken("Election Safety", f"{first} and {member.name} both lead in term {term}")
            if (member.name, term) not in self.lengths:
                self.check_complete(member)
            self.lengths[member.name, term] = member.log.last_index
        for index in range(self.known.get(member.name, 0) + 1, member.commit_index + 1):
            entry_term = member.log.term_at(index)
            if entry_term is not None:
                self.committed.setdefault(index, (entry_term, member.current_term))
        self.known[member.name] = member.commit_index

    def check_complete(self, leader: Member) -> None:
        """Leader Completeness: a new leader has all that was committed in earlier terms."""
        for index, (term, committed_in) in self.committed.items():
            held = leader.log.term_at(index)
            missing = held != term and index > leader.log.snapshot.last_index
            if committed_in < leader.current_term and missing:
                self.broken("Leader Completeness", f"{leader.name} leads without the committed entry {index}")

    def folded(self, member: Member, snapshot: Snapshot) -> None:
        """State Machine Safety, for what a snapshot says in place of entries."""
        index = snapshot.last_index
        if self.snapshots.setdefault(index, snapshot.data) != snapshot.data:
            self.broken(
                "State Machine Safety",
                f"{member.name} has another snapshot up to entry {index} than others have",
            )
        self.applied_up_to[member.name] = index

    def applied(self, now: int, member: Member, index: int, entry: Entry) -> None:
        """State Machine Safety: the same entries everywhere, each once and in order. What is applied is committed."""
        if self.applied_up_to.get(member.name, index - 1) != index - 1:
            self.broken("State Machine Safety", f"{member.name} applied entry {index} out of order")
        self.applied_up_to[member.name] = index
        self.committed.setdefault(index, (entry.term, member.current_term))
        if self.applied_entries.setdefault(index, entry) != entry:
            self.broken(
                "State Machine Safety", f"{member.name} applied another entry {index} than others did"
            )

    def restarted(self, now: int, member: Member) -> None:
        """A member has forgotten what is committed, so it will learn it again."""
        self.known.pop(member.name, None)
        self.applied_up_to.pop(member.name, None)

    def broken(self, promise: str, what: str) -> None:
        """Raise SafetyViolation, saying when."""
        raise SafetyViolation(f"{promise} is broken at {self.world.now / 1_000_000} s: {what}.")
