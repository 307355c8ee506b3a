"""Linearizable reads without a log entry: ReadIndex (dissertation §6.4), on the leader and on followers.

The leader notes its commit index, then makes sure with one round of heartbeats that it still leads.
Everything that was committed when the read was asked for is at or below that index, so a member that has
applied so far may answer.
"""

from __future__ import annotations

from quorumlab.raft.elections import Elections
from quorumlab.raft.messages import Readable, ReadIndex
from quorumlab.raft.state import LEADER


class Reads(Elections):
    """A member that answers linearizable reads too."""

    def read_index(self, request: int) -> None:
        """A client of this member wants to read. ``answers`` will hold a Readable; it may get lost, so ask
        again after a while.
        """
        if self.role == LEADER:
            self.start_read(request, self.name)
        elif self.leader is not None:
            self.send(ReadIndex(self.name, self.leader, 0, request))

    def on_read_index(self, m: ReadIndex) -> None:
        """A follower asks on behalf of its client."""
        if self.role == LEADER:
            self.start_read(m.request, m.sender)

    def start_read(self, request: int, asker: str) -> None:
        """Begin a round. Before its term's first commit a new leader does not know what is committed, so the
        read waits.
        """
        if self.log.term_at(self.commit_index) != self.current_term:
            self.early_reads.append((request, asker))
            return
        self.round += 1
        self.reads.append((self.round, self.commit_index, request, asker))
        if not self.is_quorum({self.name}):
            self.broadcast()
        self.release_reads()

    def confirm_reads(self, peer: str, acked: int) -> None:
        """A follower has answered a message of round ``acked``, so it had no newer leader when it did."""
        if acked > self.acked_round.get(peer, 0):
            self.acked_round[peer] = acked
            self.release_reads()

    def release_reads(self) -> None:
        """Answer the reads whose round is confirmed, oldest first."""
        while self.reads and self.is_confirmed(self.reads[0][0]):
            _, index, request, asker = self.reads.pop(0)
            answer = Readable(self.name, asker, 0, request, index)
            if asker == self.name:
                self.on_readable(answer)
            else:
                self.send(answer)

    def is_confirmed(self, number: int) -> bool:
        """Whether a quorum, this leader included, has answered in round ``number`` or a later one."""
        return self.is_quorum(
            {self.name, *(peer for peer, acked in self.acked_round.items() if acked >= number)}
        )

    def on_readable(self, m: Readable) -> None:
        """The leader's answer, or this leader's own."""
        self.answers.append(m)
        self.changed = True

    def committed(self) -> None:
        """With its term's first commit a leader begins the reads that waited for it."""
        super().committed()
        if self.role == LEADER:
            waiting, self.early_reads = self.early_reads, []
            for request, asker in waiting:
                self.start_read(request, asker)
