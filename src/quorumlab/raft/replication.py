"""Log replication (Raft paper §5.3), the commit rule (§5.4.2) and snapshots of the log (§7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quorumlab.raft.log import Entry, Snapshot
from quorumlab.raft.messages import Append, Appended, InstallSnapshot, TimeoutNow
from quorumlab.raft.state import FOLLOWER, LEADER, SaveEntries, SaveSnapshot, State


class CommittedEntryRewritten(Exception):  # noqa: N818  (it is a finding, not a fault of the program)
    """A leader asks for another entry in place of a committed one, which Raft rules out. etcd panics."""


class Replication(State):
    """A member that keeps its log in step with the leader's."""

    # --- the leader ---

    def append_entry(self, kind: str, data: Any = None, request: int | None = None) -> None:
        """Put a new entry at the end of the leader's log and send it to everybody."""
        entry = Entry(self.current_term, kind, data, request)
        self.store_entries(self.log.last_index + 1, (entry,))
        self.broadcast()

    def broadcast(self) -> None:
        """Send everybody what they need, or a heartbeat."""
        for peer in self.peers:
            self.send_append(peer)

    def send_append(self, peer: str) -> None:
        """Send what ``peer`` still needs, or a heartbeat if that is nothing or its window is full.

        ``next_index`` moves on at once: a lost message is found out by the next heartbeat, which the follower
        then refuses.
        """
        log = self.log
        prev = self.next_index[peer] - 1
        prev_term = log.term_at(prev)
        if prev_term is None:
            self.next_index[peer] = log.snapshot.last_index + 1
            self.send(InstallSnapshot(self.name, peer, self.current_term, log.snapshot))
            return
        entries: tuple[Entry, ...] = ()
        if prev < log.last_index:
            room = self.settings.window - (prev - self.match_index[peer])
            entries = log.after(prev, max(0, min(self.settings.max_entries, room)))
            self.next_index[peer] = prev + len(entries) + 1
        self.outbox.append(
            Append(
                self.name, peer, self.current_term, prev, prev_term, entries, self.commit_index, self.round
            )
        )

    def on_appended(self, m: Appended) -> None:
        """A follower's answer: note how far it agrees, or step back to where it says (fast back-up, §5.3)."""
        peer = m.sender
        if self.role != LEADER or m.term < self.current_term or peer not in self.next_index:
            return
        self.active.add(peer)
        if self.reads:
            self.confirm_reads(peer, m.round)
        if not m.ok:
            back = max(self.match_index[peer] + 1, min(self.next_index[peer] - 1, m.position))
            if back < self.next_index[peer]:
                self.next_index[peer] = back
                self.send_append(peer)
            return
        if m.position > self.match_index[peer]:
            self.match_index[peer] = m.position
            self.next_index[peer] = max(self.next_index[peer], m.position + 1)
            self.advance_commit()
            if peer == self.transferee and m.position == self.log.last_index:
                self.send(TimeoutNow(self.name, peer, self.current_term))
        if self.next_index[peer] <= self.log.last_index:
            self.send_append(peer)

    def saved(self, index: int, term: int) -> None:
        """The disk has this member's log up to entry ``index``, which is of ``term``: it may apply what is committed
        so far, and a leader may count itself.

        A leader need not wait for its own disk before it asks others (dissertation §10.2.1), and an entry may be
        committed without it. But nobody applies an entry that is not on its own disk, so etcd's leader answers no
        client before.
        """
        if index > self.saved_index and self.log.term_at(index) == term:
            self.saved_index = index
            self.changed = True
            if self.incoming is not None and index >= self.incoming.last_index:
                self.restored, self.incoming = self.incoming, None
                self.last_applied = self.restored.last_index
        if self.role == LEADER and term == self.current_term and index > self.match_index[self.name]:
            self.match_index[self.name] = index
            self.advance_commit()

    def agreed_index(self) -> int:
        """The highest entry that a quorum of voters has saved: the quorum-th largest ``match_index``."""
        saved = sorted((self.match_index.get(voter, 0) for voter in self.membership.voters), reverse=True)
        return saved[self.quorum - 1] if saved else 0

    def advance_commit(self) -> None:
        """Rules for Servers, leaders: commit what a quorum has, if it is of the current term (§5.4.2).

        Entries of earlier terms become committed through it; counting them by themselves could lose them
        (Figure 8).
        """
        index = self.agreed_index()
        if index > self.commit_index and self.log.term_at(index) == self.current_term:
            self.commit_index = index
            self.informed = True
            self.broadcast()  # so that followers apply it now, not at the next heartbeat
            self.committed()

    def confirm_reads(self, peer: str, acked: int) -> None:
        """A peer has answered in round ``acked`` of ReadIndex."""
        raise NotImplementedError  # in reads.py

    # --- a follower ---

    def on_append(self, m: Append) -> None:
        """AppendEntries RPC, receiver implementation, steps 1 to 5."""
        if m.term < self.current_term:
            self.send(Appended(self.name, m.sender, self.current_term, False, 0))
            return
        self.hear_leader(m.sender)
        if self.log.term_at(m.prev_index) != m.prev_term and m.prev_index >= self.log.snapshot.last_index:
            self.send(
                Appended(
                    self.name, m.sender, self.current_term, False, self.retry_index(m.prev_index), m.round
                )
            )
            return
        match = m.prev_index
        if m.entries:
            self.merge_entries(m.prev_index + 1, m.entries)
            match += len(m.entries)
        if m.commit > self.commit_index and match > self.commit_index:
            self.commit_index = min(m.commit, match)
            if self.writes and isinstance(self.writes[-1], SaveEntries):
                self.writes[-1] = self.writes[-1]._replace(commit=self.commit_index)
            self.committed()
        if not self.informed and m.commit <= self.commit_index:
            self.informed = self.changed = True
        self.outbox.append(Appended(self.name, m.sender, self.current_term, True, match, m.round))

    def hear_leader(self, leader: str) -> None:
        """A message of this term's leader: follow it, and wait a full timeout again."""
        if self.role != FOLLOWER or self.leader != leader:
            self.become_follower(self.current_term, leader)
        now = self.now
        self.last_heard = heard = (
            now - (now - self.phase) % self.tick_length
        )  # last_tick, in the busiest place
        self.due = heard + self.timeout

    def retry_index(self, index: int) -> int:
        """Where the leader should try next: the start of the conflicting term, or the end of a log that is
        too short.
        """
        return self.log.start_of_term(index) if index <= self.log.last_index else self.log.last_index + 1

    def merge_entries(self, start: int, entries: Sequence[Entry]) -> None:
        """Steps 3 and 4: keep what agrees, and from the first entry that does not, put the leader's in place
        of ours.

        Entries that agree are never cut off, since an old message may arrive late. What a snapshot covers
        agrees. Raises CommittedEntryRewritten where what is committed does not.
        """
        for i, entry in enumerate(entries):
            index = start + i
            if index > self.log.snapshot.last_index and self.log.term_at(index) != entry.term:
                if index <= self.commit_index:
                    raise CommittedEntryRewritten(
                        f"{self.name} was sent another entry {index} of term {entry.term}, but has committed that of "
                        f"term {self.log.term_at(index)}; one of the two was never elected by right."
                    )
                self.store_entries(index, entries[i:])
                return

    def store_entries(self, start: int, entries: Sequence[Entry]) -> None:
        """Put entries into the log from ``start`` on, to be saved."""
        self.log.put(start, entries)
        self.saved_index = min(self.saved_index, start - 1)
        self.writes.append(SaveEntries(start, tuple(entries), self.commit_index))
        self.changed = True

    # --- applying, and snapshots ---

    def compact(self, data: Any) -> None:
        """Fold the applied entries into a snapshot; ``data`` is the state machine's state after applying
        them.
        """
        index = self.last_applied
        term = self.log.term_at(index)
        if index > self.log.snapshot.last_index and term is not None:
            self.adopt_snapshot(Snapshot(index, term, self.membership, data))

    def adopt_snapshot(self, snapshot: Snapshot) -> None:
        """Put a snapshot in place of the entries it covers, to be saved."""
        self.log.fold(snapshot)
        self.writes.append(SaveSnapshot(snapshot))
        self.changed = True

    def on_install_snapshot(self, m: InstallSnapshot) -> None:
        """InstallSnapshot RPC: take the leader's snapshot unless all of it is known already."""
        if m.term < self.current_term:
            self.send(Appended(self.name, m.sender, self.current_term, False, 0))
            return
        self.hear_leader(m.sender)
        if m.snapshot.last_index > self.commit_index:
            self.commit_index = m.snapshot.last_index
            if self.log.term_at(m.snapshot.last_index) != m.snapshot.last_term:
                self.incoming = m.snapshot  # to be applied once it is on disk
                self.saved_index = self.last_applied
                self.adopt_snapshot(m.snapshot)
                self.take_on(m.snapshot.membership)
            self.committed()
        self.send(
            Appended(
                self.name, m.sender, self.current_term, True, max(m.snapshot.last_index, self.commit_index)
            )
        )
