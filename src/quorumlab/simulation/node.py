"""A place where a member runs: what surrounds it in the simulated world, and whether it can act now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from quorumlab.cluster.events import Condition
from quorumlab.simulation.storage import Disk, Store

if TYPE_CHECKING:
    from quorumlab.raft import Member
    from quorumlab.simulation.network import Link
    from quorumlab.simulation.requests import Request

NEVER = 1 << 62

Waiting = tuple[Callable[[Any], None], Any]
"""An action and its argument."""


class Node:
    """A place where a member runs: its disk, its store, and the requests of the clients that asked it."""

    def __init__(self, name: str, disk: Disk, timeouts: Iterator[int], phases: Iterator[int]) -> None:
        self.name = name
        self.disk = disk
        self.timeouts = timeouts
        self.phases = phases
        self.condition: Condition = "down"
        self.ready = False  # whether it takes in what happens: it is up, and not kept waiting by its disk
        self.member: Member
        self.store: Store
        self.links: dict[str, Link] = {}
        self.timer_at = NEVER  # when the timer event in the queue that counts is due
        self.backlog: list[Waiting] = []  # what happened while it runs but was not ready
        self.waiting: list[Request] = []  # until a leader is known
        self.started = False  # whether it has ever served, so that all know its name (etcd's IsStarted)
        self.serving = False  # whether a leader has told it since its start what is committed
        self.early: list[Request] = []  # serializable reads that came before
        self.open: dict[int, Request] = {}  # handed over, not yet answered
        self.readable: list[tuple[int, Request]] = []  # (read index, request) until that is applied
        self.added_as_learner = False

    @property
    def learns(self) -> bool:
        """Whether it is a learner by what it has applied, and as long as that does not name it, by how it was added."""
        membership = self.member.membership
        return self.name in membership.learners or (
            self.name not in membership.voters and self.added_as_learner
        )

    def refresh(self) -> None:
        """Whether it is ready, after a change of its condition or its disk."""
        self.ready = self.condition == "up" and not self.disk.keeps_waiting

    def waits(self, action: Callable[[Any], None], argument: Any) -> bool:
        """Whether the member is not ready; if it runs, ``action(argument)`` is then done as soon as it is."""
        if not self.ready and self.condition in ("up", "paused"):
            self.backlog.append((action, argument))
        return not self.ready
