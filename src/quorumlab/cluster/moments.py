"""The one fold over a trace's events: what each moment was like before and after what happened in it.

The story, the timeline and the recorders read it; the stage's own copy in the browser (``widgets/replay.js``) is held to it by
a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, NamedTuple, overload

from quorumlab.cluster.events import (
    UNKNOWN,
    Condition,
    Disk,
    Entry,
    Event,
    Folded,
    Invoke,
    Joined,
    Link,
    Log,
    Process,
    Return,
    Role,
    State,
    Unknown,
)


class Entries(Sequence[Entry]):
    """A log that is never changed in place, so that what it was before can be kept: a view of a list that only grows.

    Adding at the end costs what is added; taking the place of entries costs a copy. ``first`` is the number of the first entry
    held, those before it being folded into a snapshot.
    """

    __slots__ = ("_begin", "_end", "_store", "first")

    def __init__(self, store: list[Entry], begin: int, end: int, first: int) -> None:
        self._store, self._begin, self._end, self.first = store, begin, end, first

    @classmethod
    def empty(cls, first: int = 1) -> Entries:
        """No entries; the next one is number ``first``."""
        return cls([], 0, 0, first)

    def __len__(self) -> int:
        return self._end - self._begin

    @overload
    def __getitem__(self, at: int) -> Entry: ...
    @overload
    def __getitem__(self, at: slice) -> list[Entry]: ...
    def __getitem__(self, at: int | slice) -> Entry | list[Entry]:
        if isinstance(at, slice):
            return [self._store[self._begin + i] for i in range(*at.indices(len(self)))]
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return self._store[(self._begin if at >= 0 else self._end) + at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entries) and self.first == other.first and self[:] == other[:]

    __hash__ = None  # type: ignore[assignment]

    @property
    def last(self) -> int:
        """The number of the newest entry, folded ones included; 0 if there has been none."""
        return self.first + len(self) - 1

    def numbered(self, number: int) -> Entry | None:
        """The entry of that number, or None where it is not held."""
        return self[number - self.first] if self.first <= number <= self.last else None

    def put(self, start: int, entries: Sequence[Entry]) -> Entries:
        """With ``entries`` from number ``start`` on, in place of what stood there and after. Raises ValueError if that leaves a gap."""
        if start > self.last + 1:
            raise ValueError(f"entry {start} cannot follow entry {self.last}")
        if start < self.first:  # a snapshot was lost in a crash, before it was on disk
            return Entries(list(entries), 0, len(entries), start)
        store, begin, end = self._store, self._begin, self._end
        there = store[end : end + len(entries)] if start == self.last + 1 else None
        if there == []:
            store.extend(entries)
        elif there != list(entries):  # else another fold over the same events has put them there
            store, begin, end = [*self[: start - self.first], *entries], 0, start - self.first
        return Entries(store, begin, end + len(entries), self.first)

    def fold(self, last_index: int, last_term: int) -> Entries:
        """Without the entries up to ``last_index``; empty if they do not agree with the snapshot, as nothing after it can stay."""
        known = self.numbered(last_index)
        if last_index >= self.first and (known is None or known.term != last_term):
            return Entries.empty(last_index + 1)
        return Entries(
            self._store, self._begin + max(last_index + 1 - self.first, 0), self._end, last_index + 1
        )


@dataclass(frozen=True, slots=True)
class MemberState:
    """What is told of one member. ``timed`` is when its timer was last told, ``started`` when its process last started, in µs."""

    condition: Condition | None
    learner: bool
    role: Role | Unknown | None = UNKNOWN
    term: int | Unknown = UNKNOWN
    voted_for: str | Unknown | None = UNKNOWN
    leader: str | Unknown | None = UNKNOWN
    commit: int | Unknown = UNKNOWN
    timeout: int | Unknown = UNKNOWN
    due: int | Unknown = UNKNOWN
    voters: tuple[str, ...] | Unknown = UNKNOWN
    learners: tuple[str, ...] | Unknown = UNKNOWN
    log: Entries | Unknown = UNKNOWN
    disk_delay: int = 0
    timed: int = 0
    started: int = 0

    @property
    def runs(self) -> bool:
        """Whether it is up, so that it can act."""
        return self.condition == "up"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is told of a cluster at one moment: ``members`` by name, the ``links`` with a fault by their two ends, and the
    ``requests`` not yet answered by their number."""

    members: Mapping[str, MemberState] = field(default_factory=dict)
    links: Mapping[tuple[str, str], Link] = field(default_factory=dict)
    requests: Mapping[int, Invoke] = field(default_factory=dict)


class Moment(NamedTuple):
    """All that happened at ``t`` µs, and what was told before and after it."""

    t: int
    before: Situation
    events: tuple[Event, ...]
    after: Situation


def moments(events: Iterable[Event]) -> Iterator[Moment]:
    """The moments at which something happened, in order of time."""
    now = Situation()
    for t, happened in groupby(events, key=lambda event: event.t):
        together = tuple(happened)
        before, now = now, fold(together, now)
        yield Moment(t, before, together, now)


def fold(events: Iterable[Event], now: Situation | None = None) -> Situation:
    """The situation after ``events``, from ``now`` (nothing, if None) on."""
    situation = Situation() if now is None else now
    for event in events:
        situation = following(situation, event)
    return situation


def following(now: Situation, event: Event) -> Situation:
    """The situation after one event. ``now`` itself stays as it is."""
    match event:
        case Joined(_, name, learner):
            return _with(now, name, MemberState(None, learner))
        case Process(t, name, condition):
            member = now.members[name]
            if condition in ("down", "removed"):  # what it was, it was in memory only
                return _with(now, name, replace(member, condition=condition, role=None, leader=None))
            starts = condition == "up" and member.condition != "paused"
            return _with(
                now, name, replace(member, condition=condition, started=t if starts else member.started)
            )
        case State():
            return _with(now, event.member, _told(now.members[event.member], event))
        case Log(_, name, start, entries):
            member = now.members[name]
            log = member.log if isinstance(member.log, Entries) else Entries.empty(start)
            return _with(now, name, replace(member, log=log.put(start, entries)))
        case Folded(_, name, last_index, last_term):
            member = now.members[name]
            log = member.log if isinstance(member.log, Entries) else Entries.empty()
            return _with(now, name, replace(member, log=log.fold(last_index, last_term)))
        case Disk(_, name, delay):
            return _with(now, name, replace(now.members[name], disk_delay=delay))
        case Link(_, sender, to, cut, delay):
            links = {pair: link for pair, link in now.links.items() if pair != (sender, to)}
            if cut or delay:
                links[sender, to] = event
            return replace(now, links=links)
        case Invoke():
            return replace(now, requests={**now.requests, event.op: event})
        case Return():
            return replace(now, requests={op: asked for op, asked in now.requests.items() if op != event.op})
    return now  # messages change nobody until they are acted upon  # fmt: skip


def _with(now: Situation, name: str, member: MemberState) -> Situation:
    return Situation({**now.members, name: member}, now.links, now.requests)


def _told(member: MemberState, event: State) -> MemberState:
    news: dict[str, Any] = {
        fact: value for fact, value in zip(event._fields[2:], event[2:], strict=True) if value is not UNKNOWN
    }
    if "due" in news:
        news["timed"] = event.t
    voters, learners = news.get("voters", member.voters), news.get("learners", member.learners)
    if voters or learners:  # one that has not yet caught up with its own joining knows of no members at all
        news["learner"] = bool(learners) and event.member in learners
    return replace(member, **news)
