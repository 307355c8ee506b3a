"""How long a message takes from one member to another, and whether it arrives.

All times are whole microseconds. Only +, ×, ÷ and √ are used on random numbers, since those give the same
bits on every platform.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from quorumlab.arguments import is_number, shown
from quorumlab.cluster.checks import MOST_MS

MS = 1_000
SECOND = 1_000_000


@dataclass(frozen=True)
class Constant:
    """Always ``ms`` milliseconds."""

    ms: float

    def sampler(self, random: Random) -> Callable[[], int]:
        """A function that draws one time, in µs."""
        micros = round(self.ms * MS)
        return lambda: micros


@dataclass(frozen=True)
class Uniform:
    """Any time between ``low`` and ``high`` milliseconds, all alike."""

    low: float
    high: float

    def sampler(self, random: Random) -> Callable[[], int]:
        """A function that draws one time, in µs."""
        draw, low, span = random.random, round(self.low * MS), round((self.high - self.low) * MS)
        return lambda: low + int(span * draw())


@dataclass(frozen=True)
class WholeMs(Uniform):
    """A time between ``low`` and ``high`` rounded to a whole millisecond, so that the two ends come half as often as
    what lies between. So LogCabin, the implementation in the Raft paper, draws its election timeouts
    (``Core::Random::randomRange``).
    """

    def sampler(self, random: Random) -> Callable[[], int]:
        """A function that draws one time, in µs."""
        draw, low, span = random.random, self.low, self.high - self.low
        return lambda: MS * int(low + span * draw() + 0.5)


@dataclass(frozen=True)
class Ticks(Uniform):
    """A whole number of ticks of ``tick`` ms, from as many as fit into ``low`` up to one less than twice that. So etcd draws
    its election timeouts (``resetRandomizedElectionTimeout`` in etcd-io/raft).
    """

    tick: float

    def sampler(self, random: Random) -> Callable[[], int]:
        """A function that draws one time, in µs."""
        draw, tick = random.random, round(self.tick * MS)
        least = round(self.low * MS) // tick
        return lambda: tick * (least + int(least * draw()))


@dataclass(frozen=True)
class LongTailed:
    """``least`` milliseconds and an excess with a long tail: ``excess`` on average, 9 times that in one of
    100 cases, 31 times in one of 1,000 (a Lomax distribution with shape 2).
    """

    least: float
    excess: float

    def sampler(self, random: Random) -> Callable[[], int]:
        """A function that draws one time, in µs."""
        draw, least, excess = random.random, round(self.least * MS), self.excess * MS
        return lambda: least + int(excess * (1 / math.sqrt(1 - draw()) - 1))


Delay = Constant | Uniform | LongTailed
DelayLike = float | tuple[float, float] | Delay
LatencyLike = DelayLike | Mapping[tuple[str, str], DelayLike]


def as_delay(value: Any, what: str) -> Delay:
    """``value`` as a distribution of times: a number of ms, a pair (low, high) of ms, or one of the classes
    above.

    Raises TypeError or ValueError with one sentence that names ``what``.
    """
    how = "give a number of ms, a pair (low, high), or a Constant, Uniform or LongTailed"
    match value:
        case Constant() | Uniform() | LongTailed():
            delay: Delay = value
        case (low, high):
            delay = Uniform(low, high)
        case _ if is_number(value):
            delay = Constant(value)
        case _:
            raise TypeError(f"{what}={shown(value)} is no time; {how}.")
    times = list(vars(delay).values())
    if not all(map(is_number, times)):
        raise TypeError(f"{what}={shown(value)} is no time; {how}.")
    if not all(0 <= t <= MOST_MS for t in times) or (isinstance(delay, Uniform) and times != sorted(times)):
        raise ValueError(
            f"{what}={shown(value)} is out of range; give times from 0 to {MOST_MS:,} ms, the lower one first."
        )
    return delay


def delays(latency: object) -> Delay | dict[tuple[str, str], Delay]:
    """``latency_ms`` with each time checked."""
    if not isinstance(latency, Mapping):
        return as_delay(latency, "latency_ms")
    for pair in latency:
        if not (isinstance(pair, tuple) and [type(name) for name in pair] == [str, str]):
            raise TypeError(
                f"latency_ms has the key {shown(pair)}, which is no pair of names; write ('etcd-1', 'etcd-2')."
            )
    return {pair: as_delay(value, f"latency_ms[{shown(pair)}]") for pair, value in latency.items()}


class Link:
    """One direction between two members. ``cut`` and ``extra`` (µs) are faults; ``latest`` keeps messages in
    order as TCP does.
    """

    __slots__ = ("cut", "draw", "extra", "last_message", "latest", "ordered")

    def __init__(self, draw: Callable[[], int], ordered: bool) -> None:
        self.draw = draw
        self.ordered = ordered
        self.cut = False
        self.extra = 0
        self.latest = 0
        self.last_message: object = None  # to tell idle heartbeats from news

    def arrival(self, now: int) -> int:
        """When a message sent now arrives."""
        at = now + self.draw() + self.extra
        if self.ordered:
            if at < self.latest:
                return self.latest
            self.latest = at
        return at


class Network:
    """All links. ``latency`` is one distribution for all, or one for each pair of members (both directions of
    a pair alike).
    """

    def __init__(
        self, seed: object, latency: LatencyLike, *, ordered: bool, loss: float, duplication: float
    ) -> None:
        self.seed = seed
        self.latency = delays(latency)
        self.ordered = ordered
        self.loss = loss
        self.duplication = duplication
        self.lossy = bool(loss or duplication)
        self.faults = Random(f"{seed}/loss")
        self.links: dict[tuple[str, str], Link] = {}

    def link(self, a: str, b: str) -> Link:
        """The link from ``a`` to ``b``. Each has its own source of chance, so that a fault on one leaves the
        others as they were.
        """
        if (a, b) not in self.links:
            sampler = self.delay_between(a, b).sampler(Random(f"{self.seed}/latency/{a}/{b}"))
            self.links[a, b] = Link(sampler, self.ordered)
        return self.links[a, b]

    def lay(self, ways: Mapping[tuple[str, str], float]) -> None:
        """Say what messages take, in ms, between members whose links do not exist yet."""
        assert isinstance(self.latency, dict)
        self.latency.update({pair: Constant(ms) for pair, ms in ways.items()})

    def delay_between(self, a: str, b: str) -> Delay:
        """What the messages between two members take. Raises ValueError if ``latency`` does not say."""
        if not isinstance(self.latency, dict):
            return self.latency
        for pair in ((a, b), (b, a)):
            if pair in self.latency:
                return self.latency[pair]
        raise ValueError(
            f"latency_ms says nothing about {shown(a)} and {shown(b)}; give the pair ({shown(a)}, {shown(b)}) as well."
        )

    def fate(self) -> int:
        """How many copies of a message arrive: 0 if it is lost, 2 if it is duplicated, else 1."""
        if self.faults.random() < self.loss:
            return 0
        return 2 if self.faults.random() < self.duplication else 1
