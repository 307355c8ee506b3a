"""Where a playback gets its trace, and what can be done there: a simulation forks, a live cluster acts, a recording is watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol, Self, runtime_checkable

from quorumlab.cluster import Cluster, Trace
from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import Invoke

Can = Literal["fork", "act", "watch"]
Names = tuple[str, ...]

AFTERMATH = 2.5
"""Longest election timeouts that a new future lasts at least, so that there is something to see after a change at the end."""

PATIENCE = 30.0
"""Seconds that a new future lasts at most beyond that, until its client has its answer."""


class Source(Protocol):
    """``fork``: a change leaves the past and makes another future; ``act``: it happens now; ``watch``: there is none."""

    can: ClassVar[Can]

    @property
    def trace(self) -> Trace:
        """What has happened so far."""

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Do something, and return where to see what follows, and what was done in words; ``at`` and ``until`` (seconds) are
        when, and how long what follows lasts at least, where that can be chosen.

        Raises ValueError with one sentence for what cannot be done, as the cluster's own verbs do.
        """


@runtime_checkable
class Forks(Protocol):
    """Something that can go back and go on in another way."""

    def fork(self, *, at: float | None = None, record_heartbeats: bool | None = None) -> Self:
        """Another one with the same past up to ``at``."""


@runtime_checkable
class Acts(Protocol):
    """Something to which faults happen, as to a cluster."""

    def crash(self, *names: str) -> None:
        """Kill members."""


class ForkableCluster(Cluster, Forks, Protocol):
    """A simulated cluster."""


# ---------------------------------------------------------------- what can be done


@dataclass(frozen=True)
class Deed:
    """Something a learner can do: how many names it ``takes``, what has been ``done`` in words, and how to ``do`` it."""

    takes: tuple[int, ...]
    done: str
    do: Callable[[Cluster, Names], Pending | None]


DEEDS: Mapping[str, Deed] = {
    "crash": Deed((1,), "crashed", lambda cluster, names: cluster.crash(*names)),
    "restart": Deed((1,), "revived", lambda cluster, names: cluster.restart(*names)),
    "pause": Deed((1,), "paused", lambda cluster, names: cluster.pause(*names)),
    "resume": Deed((1,), "let go on:", lambda cluster, names: cluster.resume(*names)),
    "cut": Deed((2,), "cut", lambda cluster, names: cluster.cut(*names)),
    "heal": Deed((2,), "healed", lambda cluster, names: cluster.heal(*names)),
    "write": Deed((0, 1), "a write", lambda cluster, names: _write(cluster, *names)),
}


def _write(cluster: Cluster, via: str | None = None) -> Pending:
    """Each write is told from the last by its value."""
    earlier = sum(isinstance(e, Invoke) and e.verb == "write" for e in cluster.trace.events)
    return cluster.submit("write", "x", str(earlier + 1), via=via)


def check_deed(verb: str, names: Names) -> None:
    """Raises ValueError for what is no deed, and TypeError for too many or too few names."""
    if verb not in DEEDS:
        raise ValueError(f"{verb!r} is not something to change; use one of {', '.join(DEEDS)}.")
    takes = DEEDS[verb].takes
    if len(names) not in takes:
        raise TypeError(
            f"{verb!r} needs {' or '.join(map(str, takes))} of the members' names, not {len(names)}."
        )


def _words(verb: str, names: Names, asked: Pending | None) -> str:
    if asked is not None:
        return f"{DEEDS[verb].done} of {asked.key} = {asked.value}{f' through {names[0]}' if names else ''}"
    return f"{DEEDS[verb].done} {' – '.join(names)}"


# ---------------------------------------------------------------- the three kinds


@dataclass(frozen=True)
class Recording:
    """A trace without its cluster."""

    trace: Trace
    can: ClassVar[Can] = "watch"

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Always refused."""
        raise ValueError(
            "This is a recording, which can only be watched; to change something, play a cluster."
        )


@dataclass(frozen=True)
class Live:
    """A cluster that runs by itself. Its ``trace`` is read from another thread than its verbs are called from."""

    cluster: Cluster
    can: ClassVar[Can] = "act"

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.cluster.trace

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """It happens now, whatever moment is shown."""
        asked = DEEDS[verb].do(self.cluster, names)
        return self, _words(verb, names, asked)


@dataclass(frozen=True)
class Simulation:
    """A simulated cluster at the end of what is played."""

    cluster: ForkableCluster
    can: ClassVar[Can] = "fork"

    @property
    def trace(self) -> Trace:
        """What has happened so far."""
        return self.cluster.trace

    def change(self, verb: str, names: Names, at: float, until: float) -> tuple[Source, str]:
        """Another cluster, forked at that moment. Raises ValueError also if nothing would change."""
        cluster = self.cluster.fork(at=at)
        before = len(cluster.trace.events)
        asked = DEEDS[verb].do(cluster, names)
        if len(cluster.trace.events) == before:
            raise ValueError(
                f"{' – '.join(names)} cannot be {DEEDS[verb].done.rstrip(':')} at {at:.3f} s, as nothing would change; "
                "choose another moment or another change."
            )
        run_to(cluster, max(until, at + AFTERMATH * _longest_timeout(cluster.trace)))
        if asked is not None:
            cluster.run_until(lambda: asked.done, within=PATIENCE)
        return Simulation(cluster), _words(verb, names, asked)


def run_to(cluster: Cluster, end: float) -> None:
    """Let time pass until ``end`` seconds, if that is still to come."""
    if end > cluster.now:
        cluster.run_for(end - cluster.now)


def _longest_timeout(trace: Trace) -> float:
    """The longest election timeout of a simulation, in seconds."""
    election = trace.settings["election_ms"]
    return float(election[1] if isinstance(election, list) else 2 * election) / 1000
