"""Writes down what a real cluster shows: faults and requests as they happen, and what members say when they are asked.

etcd shows neither messages nor its log nor its timers, so the trace tells nothing of them. What happens to a member between two
looks is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import (
    SECOND,
    UNKNOWN,
    Condition,
    Disk,
    Event,
    Invoke,
    Joined,
    Link,
    Process,
    Return,
    State,
)
from quorumlab.cluster.protocol import Outcome
from quorumlab.etcd.gateway import RaftStatus

Facts = dict[str, object]


class Recorder:
    """The events so far, in order of time; ``now`` tells the seconds since the start."""

    def __init__(self, now: Callable[[], float], *, wanted: bool) -> None:
        self.now = now
        self.wanted = wanted
        self.events: list[Event] = []
        self.shown: dict[str, Facts] = {}
        self.conditions: dict[str, Condition] = {}
        self.lock = Lock()

    def founded(self, members: tuple[str, ...]) -> None:
        """The founders join, and their processes run, when the clock starts."""
        if self.wanted:
            self.conditions.update(dict.fromkeys(members, "up"))
            self.events += [Joined(0, member, False) for member in members]
            self.events += [Process(0, member, "up") for member in members]

    def joined(self, member: str, learner: bool) -> None:
        """A member joins."""
        self._add(lambda t: Joined(t, member, learner))

    def process(self, member: str, condition: Condition) -> None:
        """A member's process starts, stands still, goes on or ends."""
        if self.conditions.get(member) != condition:
            self.conditions[member] = condition
            if condition in ("down", "removed"):
                self.shown.pop(member, None)
            self._add(lambda t: Process(t, member, condition))

    def link(self, sender: str, to: str, *, cut: bool, delay_ms: float) -> None:
        """A link was cut, slowed or healed."""
        self._add(lambda t: Link(t, sender, to, cut, round(delay_ms * 1000)))

    def disk(self, member: str, delay_ms: float) -> None:
        """A disk was slowed."""
        self._add(lambda t: Disk(t, member, round(delay_ms * 1000)))

    def state(self, member: str, status: RaftStatus, name_of: Callable[[int], str | None]) -> None:
        """What a member says of itself, if it is anything new."""
        self._show(
            member,
            {
                "role": status.role,
                "term": status.term,
                "voted_for": (name_of(status.vote) or UNKNOWN) if status.vote else None,
                "leader": (name_of(status.leader) or UNKNOWN) if status.leader else None,
                "commit": status.commit,
            },
        )

    def membership(self, member: str, voters: tuple[str, ...], learners: tuple[str, ...]) -> None:
        """The membership that a member believes in, if it is anything new."""
        self._show(member, {"voters": voters, "learners": learners})

    def invoked(self, number: int, request: Pending) -> None:
        """A client asks."""
        asked = (request.client, request.kind, request.key, request.value, request.via, request.mode)
        self._add(lambda t: Invoke(t, number, *asked))

    def returned(self, number: int, outcome: Outcome) -> None:
        """A client has its answer, or gives up."""
        said = (outcome.ok, outcome.value, outcome.error, outcome.revision)
        self._add(lambda t: Return(t, number, *said))

    def _show(self, member: str, facts: Facts) -> None:
        before = self.shown.setdefault(member, {})
        news = {name: value for name, value in facts.items() if name not in before or before[name] != value}
        if news:
            before |= news
            self._add(lambda t: State(t, member, **news))  # type: ignore[arg-type]

    def _add(self, event: Callable[[int], Event]) -> None:
        if self.wanted:
            with self.lock:  # so that the times are in order
                self.events.append(event(round(self.now() * SECOND)))
