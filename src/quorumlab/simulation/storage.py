"""What a member keeps: its disk, which survives a crash, and the key-value store, which is rebuilt from the
log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from quorumlab.raft import Log, Message, Saved
from quorumlab.raft.messages import Append
from quorumlab.raft.state import Save, SaveEntries, SaveSnapshot, SaveState

Job = tuple[list[Save], list[Message]]
"""What to write together, and what to send then."""


class Disk:
    """What has been written so far, and the writes and messages that wait for the disk.

    One write runs at a time; what comes meanwhile is written together next (group commit). Messages that
    promise what is not yet written wait with it. With ``blocks`` every record is a write of its own, and nothing
    comes meanwhile, since the member waits.
    """

    def __init__(self, saved: Saved, write_time: Callable[[], int] | None, blocks: bool) -> None:
        self.term = saved.term
        self.voted_for = saved.voted_for
        self.log = Log(saved.snapshot, saved.entries)
        self.commit = saved.commit
        self.write_time = write_time  # None: writing takes no time
        self.blocks = blocks
        self.extra = 0  # µs that each write takes longer, a fault
        self.running: Job | None = None
        self.next: Job = ([], [])

    @property
    def keeps_waiting(self) -> bool:
        """Whether the member can do nothing now, because it writes."""
        return self.blocks and self.running is not None

    @property
    def takes_time(self) -> bool:
        """Whether a write takes any time."""
        return self.write_time is not None or self.extra > 0

    def begin(self, job: Job) -> int:
        """Start to write. Returns how long it takes, in µs."""
        self.running = job
        writes = len(job[0]) if self.blocks else 1
        usual = sum(self.write_time() for _ in range(writes)) if self.write_time is not None else 0
        return usual + writes * self.extra

    def hold_back(self, messages: Iterable[Message]) -> list[Message]:
        """Keep messages until the last write under way is done, since they may promise something that it writes.
        Returns those that may leave at once: a leader's Appends, once its term is on disk (dissertation
        §10.2.1), from a member that need not wait.
        """
        at_once: list[Message] = [
            m for m in messages if isinstance(m, Append) and m.term == self.term and not self.blocks
        ]
        last = self.next if self.next[0] or self.running is None else self.running
        last[1].extend(m for m in messages if m not in at_once)
        return at_once

    def write(self, writes: Iterable[Save]) -> None:
        """Carry out records, in order."""
        for record in writes:
            match record:
                case SaveState(term, voted_for):
                    self.term, self.voted_for = term, voted_for
                case SaveEntries(start, entries, commit):
                    self.log.put(start, entries)
                    self.commit = max(self.commit, commit)
                case SaveSnapshot(snapshot):
                    self.log.fold(snapshot)

    def saved(self) -> Saved:
        """What a member that starts now finds."""
        return Saved(self.term, self.voted_for, self.log.snapshot, tuple(self.log.entries), self.commit)

    def lose_unwritten(self) -> None:
        """A crash."""
        self.running = None
        self.next = ([], [])


class Result(NamedTuple):
    """What a command did: whether it was carried out, the key's value now, the store's revision now."""

    ok: bool
    value: str | None
    revision: int


class Store:
    """A key-value store as etcd's: revision 1 when empty, raised by one with each write."""

    def __init__(self) -> None:
        self.data: dict[str, str] = {}
        self.revision = 1

    def apply(self, command: tuple[Any, ...]) -> Result:
        """Carry out ``("put", key, value)`` or ``("cas", key, expected, new)``; ``expected`` None means that
        the key is not there.
        """
        match command:
            case ("put", key, value):
                pass
            case ("cas", key, expected, value):
                if self.data.get(key) != expected:
                    return Result(False, self.data.get(key), self.revision)
            case _:
                raise ValueError(f"{command!r} is no command of the store.")
        self.data[key] = value
        self.revision += 1
        return Result(True, value, self.revision)

    def get(self, key: str) -> Result:
        """The key's value, None if nobody wrote it."""
        return Result(True, self.data.get(key), self.revision)

    def snapshot(self) -> tuple[int, dict[str, str]]:
        """All there is, to be loaded elsewhere."""
        return self.revision, dict(self.data)

    def load(self, snapshot: tuple[int, dict[str, str]]) -> None:
        """Take a snapshot in place of what is here."""
        self.revision, data = snapshot
        self.data = dict(data)
