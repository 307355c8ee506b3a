"""Where a playback gets its trace, and what can be done there: a simulation forks, a live cluster acts, a recording is watched."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, runtime_checkable

from quorumlab.cluster import Cluster, Trace
from quorumlab.cluster.events import SECOND
from quorumlab.cluster.story import Teller, story
from quorumlab.widgets.deeds import DEEDS, ForkableCluster, Names, deed_words

Can = Literal["fork", "act", "watch"]
Line = tuple[int, str]
"""A line of the story: when, in µs, and what."""

AFTERMATH = 2.5
"""Longest election timeouts that a new future lasts at least, so that there is something to see after a change at the end."""

PATIENCE = 30.0
"""Seconds that a new future lasts at most beyond that, until a new member takes part, and until its client has its answer."""


class Source(Protocol):
    """``fork``: a change leaves the past and makes another future; ``act``: it happens now; ``watch``: there is none."""

    can: ClassVar[Can]

    @property
    def trace(self) -> Trace:
        """What has happened so far."""

    def told(self, trace: Trace) -> tuple[Line, ...]:
        """The story of this source's ``trace``."""

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Do something, and return where to see what follows, and what was done in words; ``at`` and ``until`` (seconds) are
        when, and how long what follows lasts at least, where that can be chosen.

        Raises ValueError with one sentence for what cannot be done, as the cluster's own verbs do.
        """


@runtime_checkable
class Acts(Protocol):
    """Something to which faults happen, as to a cluster."""

    def crash(self, *names: str) -> None:
        """Kill members."""


@dataclass(frozen=True)
class Recording:
    """A trace without its cluster."""

    trace: Trace
    can: ClassVar[Can] = "watch"

    def told(self, trace: Trace) -> tuple[Line, ...]:
        """The whole story."""
        return as_lines(story(trace))

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Always refused."""
        raise ValueError(
            "This is a recording, which can only be watched; to change something, play a cluster."
        )


@dataclass
class Chronicle:
    """The story of a cluster that goes on, told each time from where the last telling ended."""

    teller: Teller = field(default_factory=Teller)
    events: int = 0  # told for good
    lines: list[Line] = field(default_factory=list)

    def go_on(self, trace: Trace) -> tuple[Line, ...]:
        """The story so far. All of one moment is told together, so the last moment, of which more may come, is told anew each time."""
        end = bisect_left(trace.events, trace.until, key=lambda event: event.t)
        if end > self.events:
            self.lines += as_lines(self.teller.tell(trace.events[self.events : end]))
            self.events = end
        return (*self.lines, *as_lines(self.teller.copy().tell(trace.events[self.events :])))


@dataclass(frozen=True)
class Live:
    """A cluster that runs by itself. Its ``trace`` is read from another thread than its verbs are called from."""

    cluster: Cluster
    chronicle: Chronicle = field(default_factory=Chronicle)
    can: ClassVar[Can] = "act"

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.cluster.trace

    def told(self, trace: Trace) -> tuple[Line, ...]:
        """Told on from the last time."""
        return self.chronicle.go_on(trace)

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """It happens now, whatever moment is shown. Raises ValueError for what can be done in a simulation alone."""
        if DEEDS[verb].simulated:
            raise ValueError(
                "Timers and messages of a real cluster cannot be reached from here; pause a member, or cut a link."
            )
        asked = DEEDS[verb].do(self.cluster, names)
        return self, deed_words(self.cluster, verb, names, asked)


@dataclass(frozen=True)
class Simulation:
    """A simulated cluster at the end of what is played."""

    cluster: ForkableCluster
    can: ClassVar[Can] = "fork"

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.cluster.trace

    def told(self, trace: Trace) -> tuple[Line, ...]:
        """The whole story."""
        return as_lines(story(trace))

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Another cluster, forked at that moment. Raises ValueError also if nothing would change."""
        cluster, at = self.cluster.fork(at=at), float(at)
        before = len(cluster.trace.events)
        asked = DEEDS[verb].do(cluster, names)
        if len(cluster.trace.events) == before:
            raise ValueError(
                f"{' – '.join(names) or 'The network'} cannot be {DEEDS[verb].done.rstrip(':')} at {at:.3f} s, as nothing would "
                "change; choose another moment or another change."
            )
        words = deed_words(cluster, verb, names, asked)
        aftermath = AFTERMATH * _longest_timeout(cluster.trace)
        run_to(cluster, max(until, at + aftermath))
        if any_waits(cluster):
            cluster.run_until(lambda: not any_waits(cluster), within=PATIENCE)
            cluster.run_for(aftermath)
        if asked is not None:
            cluster.run_until(lambda: asked.done, within=PATIENCE)
        return Simulation(cluster), words


def as_lines(told: Iterable[tuple[float, str]]) -> tuple[Line, ...]:
    """A story as the browser has it, in whole µs."""
    return tuple((round(t * SECOND), words) for t, words in told)


def run_to(cluster: Cluster, end: float) -> None:
    """Let time pass until ``end`` seconds, if that is still to come."""
    if end > cluster.now:
        cluster.run_for(end - cluster.now)


def any_waits(cluster: Cluster) -> bool:
    """Whether a member runs and takes no part yet."""
    return any(status.condition == "up" and status.role is None for status in cluster.status().values())


def _longest_timeout(trace: Trace) -> float:
    """The longest election timeout of a simulation, in seconds."""
    election = trace.settings["election_ms"]
    return float(election[1] if isinstance(election, list) else 2 * election) / 1000
