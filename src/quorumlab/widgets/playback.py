"""The playback: the cluster stage over time. A trace to play, step and rewind, and to continue in another way from any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from quorumlab.cluster import Trace
from quorumlab.cluster.events import SECOND, Invoke
from quorumlab.cluster.story import story
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.timeline import timeline_view
from quorumlab.views.view import View
from quorumlab.widgets.explorer import joined, with_static

SCRIPT = joined("dom.js", "replay.js", "scene.js", "playback.js")

MOST_MEMBERS = 9
"""More members than this leave no room for their logs."""

HEARTBEATS_UNTIL = 60.0
"""Seconds: a longer run is played without its idle heartbeats, whose trace would be megabytes to send."""

AFTERMATH = 2.5
"""Longest election timeouts that a new future lasts at least, so that there is something to see after a change at the end."""

DEEDS: Mapping[str, str] = {
    "crash": "crashed",
    "restart": "revived",
    "pause": "paused",
    "resume": "let go on:",
    "cut": "cut",
    "heal": "healed",
    "write": "a write",
}


@dataclass(frozen=True)
class Future:
    """One way things went: what the learner changed, and what followed. ``cluster`` is None for a plain trace."""

    label: str
    trace: Trace
    cluster: SimulatedCluster | None


class Playback(anywidget.AnyWidget):
    """A trace played, stepped and rewound in the browser; made by ``play``.

    Where there is a simulated cluster behind it, ``change`` (a click on a member or a link) goes back to a moment, does something
    else there and lets the same world go on: the past stays. All futures are kept; ``shown`` is the number of the one on
    the stage, 0 for the original. ``time`` is the moment shown, in seconds; ``cluster`` is the cluster of the future
    shown, at its end.
    """

    _esm = SCRIPT
    _css = joined("quorumlab.css", "playback.css")

    trace = traitlets.Unicode().tag(sync=True)
    story: traitlets.List[Any] = traitlets.List().tag(sync=True)
    start = traitlets.Float(0.0).tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    speed = traitlets.Float(0.05).tag(sync=True)
    futures: traitlets.List[Any] = traitlets.List().tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    can_change = traitlets.Bool(False).tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, original: Future, *, start: float, speed: float) -> None:
        self._futures = [original]
        super().__init__(
            start=start,
            time=start,
            speed=speed,
            futures=[original.label],
            can_change=original.cluster is not None,
            **self._sent(original),
        )
        self.observe(self._show, names="shown")
        self.on_msg(self._on_message)

    @property
    def future(self) -> Future:
        """The future shown."""
        return self._futures[self.shown]

    @property
    def cluster(self) -> SimulatedCluster:
        """The cluster of the future shown, at its end. Raises ValueError where only a trace is played."""
        if self.future.cluster is None:
            raise ValueError(
                "This is a recording; only a simulated cluster can be changed, so play one of those."
            )
        return self.future.cluster

    @property
    def view(self) -> View:
        """The future shown as a still timeline, with its story as the table."""
        return timeline_view(self.future.trace, self.start)

    def change(self, verb: str, *names: str, at: float | None = None) -> Future:
        """Do something else at ``at`` seconds (``time``, if None), and show what follows.

        ``verb`` is "crash", "restart", "pause" or "resume" with a member, "cut" or "heal" with two, or "write" with the
        member to write through or none (the leader). What was done after that moment in the future now shown is not
        done again. Raises ValueError or TypeError with one sentence for what cannot be done.
        """
        moment = self.time if at is None else at
        if verb not in DEEDS:
            raise ValueError(f"{verb!r} is not something to change; use one of {', '.join(DEEDS)}.")
        wanted = (2,) if verb in ("cut", "heal") else (0, 1) if verb == "write" else (1,)
        if len(names) not in wanted:
            raise TypeError(
                f"{verb!r} needs {' or '.join(map(str, wanted))} of the members' names, not {len(names)}."
            )
        cluster = self.cluster.fork(at=moment)
        if verb == "write":
            earlier = sum(isinstance(e, Invoke) and e.verb == "write" for e in cluster.trace.events)
            value = str(earlier + 1)
            cluster.submit("write", "x", value, via=names[0] if names else None)
            deed = f"a write of x = {value}{f' through {names[0]}' if names else ''}"
        else:
            before = len(cluster.trace.events)
            getattr(cluster, verb)(*names)
            deed = f"{DEEDS[verb]} {' – '.join(names)}"
            if len(cluster.trace.events) == before:
                raise ValueError(
                    f"{' – '.join(names)} cannot be {DEEDS[verb].rstrip(':')} at {moment:.3f} s, as nothing would change; "
                    "choose another moment or another change."
                )
        _run_to(
            cluster,
            max(self.future.trace.until / SECOND, moment + AFTERMATH * _longest_timeout(cluster.trace)),
        )
        future = Future(f"future {len(self._futures)}: {deed} at {moment:.3f} s", cluster.trace, cluster)
        self._futures.append(future)
        with self.hold_sync():
            self.problem = ""
            self.time = moment
            self.futures = [f.label for f in self._futures]
            self.shown = len(self._futures) - 1
        return future

    def _show(self, _change: object = None) -> None:
        if not 0 <= self.shown < len(self._futures):
            wrong, self.shown = self.shown, 0
            raise ValueError(f"There is no future {wrong}; choose from 0 to {len(self._futures) - 1}.")
        with self.hold_sync():
            self.problem = ""
            for name, value in self._sent(self.future).items():
                setattr(self, name, value)
            self.time = min(self.time, self.future.trace.until / SECOND)

    def _sent(self, future: Future) -> dict[str, Any]:
        """What the browser needs of a future. Times in µs there."""
        told = [[round(t * SECOND), words] for t, words in story(future.trace)]
        return {"trace": future.trace.to_json(), "story": told}

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        """A click in the browser: whatever cannot be done is said there, in one sentence."""
        try:
            self.change(content["verb"], *content["names"], at=content["at"])
        except (ValueError, TypeError) as refusal:
            self.problem = str(refusal)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        view = self.view
        return with_static(super()._repr_mimebundle_(**kwargs), view.to_html(), view.to_text())


def play(
    cluster_or_trace: SimulatedCluster | Trace | Any,
    *,
    start: float | None = None,
    until: float | None = None,
    speed: float = 0.05,
) -> Playback:
    """Play what happened, from ``start`` to ``until`` seconds, at ``speed`` times real time (1/20 by default).

    A ``SimulatedCluster`` can be played beyond its present, and changed at any moment; it is not touched itself, as what is
    played is a copy. A ``Trace``, or a cluster that has only a trace, can be played and not changed. A simulated
    cluster's idle heartbeats are shown, up to runs of 60 s.

    Raises TypeError for anything else, and ValueError for times outside what can be played, more than nine members or a
    speed that is not above 0.
    """
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= 10:
        raise ValueError(
            f"speed={speed!r} cannot be played; give a number above 0, such as 1/20, and at most 10."
        )
    if isinstance(cluster_or_trace, SimulatedCluster):
        end = cluster_or_trace.now if until is None else until
        cluster: SimulatedCluster | None = _twin(cluster_or_trace, end)
        assert cluster is not None
        trace = cluster.trace
    else:
        cluster, trace = None, _ended(getattr(cluster_or_trace, "trace", cluster_or_trace), until)
    first = 0.0 if start is None else start
    last = trace.until / SECOND
    if isinstance(first, bool) or not isinstance(first, int | float) or not 0 <= first <= last:
        raise ValueError(f"start={start!r} is outside what there is to play; choose from 0 to {last} s.")
    if not 1 <= len(trace.members) <= MOST_MEMBERS:
        raise ValueError(
            f"A playback shows 1 to {MOST_MEMBERS} members, not {len(trace.members)}; use a smaller cluster."
        )
    return Playback(Future("the original", trace, cluster), start=float(first), speed=float(speed))


def _twin(cluster: SimulatedCluster, end: float) -> SimulatedCluster:
    """The same run, recorded with its heartbeats, up to ``end`` seconds."""
    _check_end(end)
    twin = cluster.fork(at=min(end, cluster.now), record_heartbeats=end <= HEARTBEATS_UNTIL)
    _run_to(twin, end)
    return twin


def _ended(trace: object, until: float | None) -> Trace:
    if not isinstance(trace, Trace):
        raise TypeError(f"{type(trace).__name__} cannot be played; give a cluster or its trace.")
    if until is None:
        return trace
    _check_end(until)
    end = round(until * SECOND)
    if end > trace.until:
        raise ValueError(
            f"until={until!r} is after the end of this trace; choose at most {trace.until / SECOND} s."
        )
    return trace.ended_at(end)


def _check_end(end: object) -> None:
    if isinstance(end, bool) or not isinstance(end, int | float) or not 0 <= end < float("inf"):
        raise ValueError(f"until={end!r} is no time; give a number of seconds from 0 up.")


def _run_to(cluster: SimulatedCluster, end: float) -> None:
    if end > cluster.now:
        cluster.run_for(end - cluster.now)


def _longest_timeout(trace: Trace) -> float:
    """The longest election timeout, in seconds."""
    election = trace.settings["election_ms"]
    return float(election[1] if isinstance(election, list) else 2 * election) / 1000
