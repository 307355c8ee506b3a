"""What a learner can do to a cluster on the stage, each deed in one place: its words, what it takes, and how it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, Self, cast, runtime_checkable

from quorumlab.arguments import shown
from quorumlab.cluster import Cluster
from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import Invoke, Message
from quorumlab.cluster.sentences import message_words

Names = tuple[str, ...]


@runtime_checkable
class Forks(Protocol):
    """Something that can go back and go on in another way."""

    def fork(self, *, at: float | None = None, record_heartbeats: bool | None = None) -> Self:
        """Another one with the same past up to ``at``."""


class ForkableCluster(Cluster, Forks, Protocol):
    """A simulated cluster, whose timers and messages are at hand."""

    def time_out(self, *names: str) -> None:
        """Let election timers run out now."""

    def drop(self, message: int) -> None:
        """Lose a message on its way."""


@dataclass(frozen=True)
class Deed:
    """Something a learner can do: how many names it ``takes``, what has been ``done`` in words, and how to ``do`` it; some can be
    done in a simulation alone."""

    takes: tuple[int, ...]
    done: str
    do: Callable[[Cluster, Names], Pending | None]
    simulated: bool = False


def check_deed(verb: str, names: Names) -> None:
    """Raises ValueError for what is no deed, and TypeError for too many or too few names."""
    if not isinstance(verb, str) or verb not in DEEDS:
        raise ValueError(f"{shown(verb)} is not something to change; use one of {', '.join(DEEDS)}.")
    takes = DEEDS[verb].takes
    if len(names) not in takes:
        what = "numbers of messages" if verb == "drop" else "of the members' names"
        raise TypeError(f"{shown(verb)} needs {' or '.join(map(str, takes))} {what}, not {len(names)}.")


def deed_words(cluster: Cluster, verb: str, names: Names, asked: Pending | None) -> str:
    """What has been done, after *at this moment I*."""
    done = DEEDS[verb].done
    if asked is not None:
        what = f"{asked.key} = {asked.value}" if asked.kind == "write" else asked.key
        return f"{done} of {what}{f' through {names[0]}' if names else ''}"
    if verb == "drop":
        return f"{done} {message_words(_message(cluster, names[0]))}"
    return f"{done} {' – '.join(names)}".rstrip()


# ---------------------------------------------------------------- the deeds


def _cut_off(cluster: Cluster, name: str) -> None:
    """All its links at once; those of others stay as they are."""
    for other in cluster.members:
        if other != name:
            cluster.cut(name, other)


def _join(cluster: Cluster, name: str) -> None:
    for other in cluster.members:
        if other != name:
            cluster.heal(name, other)


def _key(cluster: Cluster) -> str:
    """The key that the page is about: the one written last."""
    written = (e.key for e in reversed(cluster.trace.events) if isinstance(e, Invoke) and e.verb == "write")
    return next(written, "x")


def _write(cluster: Cluster, via: str | None = None) -> Pending:
    """Each write is told from the last by its value."""
    earlier = sum(isinstance(e, Invoke) and e.verb == "write" for e in cluster.trace.events)
    return cluster.submit("write", _key(cluster), str(earlier + 1), via=via)


def _read(cluster: Cluster, via: str | None = None) -> Pending:
    return cluster.submit("read", _key(cluster), via=via)


def _read_stale(cluster: Cluster, via: str | None = None) -> Pending:
    return cluster.submit("read", _key(cluster), via=via, mode="serializable")


def _message(cluster: Cluster, number: str) -> Message:
    """A message of the trace. Raises ValueError for a number that none has."""
    for event in cluster.trace.events:
        if isinstance(event, Message) and str(event.id) == number:
            return event
    raise ValueError(
        f"There is no message of number {shown(number)}; cluster.trace.in_flight(seconds) lists those on their way."
    )


def _drop(cluster: Cluster, number: str) -> None:
    cast(ForkableCluster, cluster).drop(_message(cluster, number).id)


DEEDS: Mapping[str, Deed] = {
    "crash": Deed((1,), "crashed", lambda cluster, names: cluster.crash(*names)),
    "restart": Deed((1,), "revived", lambda cluster, names: cluster.restart(*names)),
    "pause": Deed((1,), "paused", lambda cluster, names: cluster.pause(*names)),
    "resume": Deed((1,), "let go on:", lambda cluster, names: cluster.resume(*names)),
    "cut": Deed((2,), "cut", lambda cluster, names: cluster.cut(*names)),
    "heal": Deed((0, 2), "healed", lambda cluster, names: cluster.heal(*names)),
    "cut_off": Deed((1,), "cut off", lambda cluster, names: _cut_off(cluster, *names)),
    "join": Deed((1,), "joined", lambda cluster, names: _join(cluster, *names)),
    "time_out": Deed((1,), "timed out", lambda cluster, names: cast(ForkableCluster, cluster).time_out(*names), simulated=True),
    "drop": Deed((1,), "lost", lambda cluster, names: _drop(cluster, *names), simulated=True),
    "write": Deed((0, 1), "a write", lambda cluster, names: _write(cluster, *names)),
    "read": Deed((0, 1), "a read", lambda cluster, names: _read(cluster, *names)),
    "read_stale": Deed((0, 1), "a serializable read", lambda cluster, names: _read_stale(cluster, *names)),
}  # fmt: skip

ACTS = ("crash", "pause", "cut", "cut_off", "time_out", "drop", "write", "read")
"""What a page can put at hand; each brings what undoes it, and a read both of its kinds."""

AT_FIRST = ("crash", "cut")
"""At hand unless the page says otherwise; the rest is behind *More…*."""


def checked_acts(given: Sequence[str] | str | None, default: tuple[str, ...] = AT_FIRST) -> tuple[str, ...]:
    """What is at hand, in the order of ``ACTS``. Raises ValueError for what is none of them."""
    if given is None:
        return default
    if not isinstance(given, Iterable):
        raise TypeError(
            f"acts are {shown(given)}, but must be a list of names; choose from {', '.join(ACTS)}."
        )
    asked = (given,) if isinstance(given, str) else tuple(islice(given, len(ACTS) + 1))
    for act in asked:
        if act not in ACTS:
            raise ValueError(f"{shown(act)} is nothing to put at hand; choose from {', '.join(ACTS)}.")
    return tuple(act for act in ACTS if act in asked)
