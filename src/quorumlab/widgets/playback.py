"""The playback: the cluster stage over time. A trace to play, step and rewind; a simulated one goes on in another way from any
moment, and a live one as it happens."""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any, cast

import anywidget
import traitlets

from quorumlab.cluster import Cluster, Trace
from quorumlab.cluster.events import SECOND, plain
from quorumlab.cluster.story import story
from quorumlab.topology import Topology
from quorumlab.views.layout import Place, arrange, places_of
from quorumlab.views.timeline import timeline_view
from quorumlab.views.view import View
from quorumlab.widgets.base import module, sheet, with_static
from quorumlab.widgets.sources import (
    Acts,
    ForkableCluster,
    Forks,
    Live,
    Recording,
    Simulation,
    Source,
    check_deed,
    run_to,
)

MOST_MEMBERS = 9
"""More members than this leave no room for their logs."""

MOST_EVENTS = 1_000_000
"""What a browser holds in some hundred megabytes."""

MOST_LINES = 300
"""Of the story that a saved page keeps."""

HEARTBEATS_UNTIL = 60.0
"""Seconds: a longer run is played without its idle heartbeats, whose trace would be megabytes to send."""

FURTHEST = 3600.0
"""Seconds that a simulation is played beyond its present."""

LONGEST = 1_000_000.0
"""Seconds that a recording lasts at most."""

LOOKS_EVERY = 0.1
"""Seconds from one look at a live cluster to the next; longer where telling its story takes long."""

Line = tuple[int, str]


@dataclass(frozen=True)
class Future:
    """One way things went: what the learner changed, and what followed. Its first ``kept`` events and ``lines`` of the story are
    those of future number ``base``."""

    label: str
    source: Source
    trace: Trace
    story: tuple[Line, ...]
    base: int | None = None
    kept: int = 0
    lines: int = 0


def _everything(_value: object, widget: Playback) -> bytes:
    """All futures, as a browser needs them that has none yet: asked for whenever one opens the widget."""
    return _as_json([_piece(number, future) for number, future in enumerate(widget._futures)])


class Playback(anywidget.AnyWidget):
    """A trace played, stepped and rewound in the browser; made by ``play``.

    With a simulated cluster behind it, ``change`` (a click on a member or a link) goes back to a moment, does something else there
    and lets the same world go on: the past stays. All futures are kept; ``shown`` is the number of the one on the stage, 0 for
    the original. With a live cluster, ``change`` happens now. ``time`` is the moment shown, in seconds; ``cluster`` is the cluster
    of the future shown, at its end.
    """

    _esm = module("playback.js")
    _css = sheet("quorumlab.css", "playback.css")

    record = traitlets.Any().tag(sync=True, to_json=_everything)
    counts: traitlets.List[Any] = traitlets.List().tag(sync=True)
    positions = traitlets.Dict().tag(sync=True)
    start = traitlets.Float(0.0).tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    speed = traitlets.Float(0.05).tag(sync=True)
    futures: traitlets.List[Any] = traitlets.List().tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    can = traitlets.Unicode("watch").tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        source: Source,
        *,
        start: float,
        speed: float,
        places: Mapping[str, Place] | Topology | None = None,
        note: str = "",
    ) -> None:
        trace = source.trace
        self._futures = [Future("the original", source, trace, _told(trace))]
        self._places = places_of(places)
        self._lock = threading.RLock()  # a live cluster is looked at from a thread of its own
        super().__init__(
            start=start,
            time=trace.until / SECOND if source.can == "act" else start,
            speed=1.0 if source.can == "act" else speed,
            can=source.can,
            note=note,
            positions=self._positions(trace),
            futures=["the original"],
            counts=[len(trace.events)],
        )
        self.observe(self._show, names="shown")
        self.on_msg(self._on_message)
        if source.can == "act":
            _watch(self)

    @property
    def future(self) -> Future:
        """The future shown."""
        return self._futures[self.shown]

    @property
    def cluster(self) -> Cluster:
        """The cluster of the future shown, at its end. Raises ValueError where only a trace is played."""
        source = self.future.source
        if not isinstance(source, Live | Simulation):
            raise ValueError("This is a recording, which has no cluster; to have one, play a cluster.")
        return source.cluster

    @property
    def view(self) -> View:
        """The future shown as a still timeline, with its story as the table: as much of it as a page can hold."""
        trace = self.future.trace
        ends = [t for t, _ in self.future.story if t >= self.start * SECOND][MOST_LINES:]
        view = timeline_view(trace.ended_at(ends[0]) if ends else trace, self.start)
        return replace(view, sentence=f"{view.sentence} {self.note}".rstrip())

    def change(self, verb: str, *names: str, at: float | None = None) -> Future:
        """Do something else at ``at`` seconds (``time``, if None), and show what follows; with a live cluster, do it now.

        ``verb`` is "crash", "restart", "pause" or "resume" with a member, "cut" or "heal" with two, or "write" with the
        member to write through or none (the leader). What was done after that moment in the future now shown is not
        done again. Raises ValueError or TypeError with one sentence for what cannot be done.
        """
        check_deed(verb, names)
        moment = self.time if at is None else at
        base = self.future
        source, done = base.source.change(verb, names, moment, base.trace.until / SECOND)
        self.problem = ""
        if source is base.source:
            self.look()
            return self.future
        return self._add(source, f"future {len(self._futures)}: {done} at {moment:.3f} s", moment)

    def look(self) -> None:
        """Show what has happened in a live cluster since the last look."""
        with self._lock:
            old = self._futures[0]
            trace = old.source.trace
            kept, lines = len(old.trace.events), len(old.story)
            if len(trace.events) == kept:
                news = Future(old.label, old.source, trace, old.story, 0, kept, lines)
            else:
                told = _told(trace)
                lines = _common(old.story, told)
                news = Future(old.label, old.source, trace, told, 0, kept, lines)
            self._futures[0] = replace(news, base=None, kept=0, lines=0)
            self._bring([_piece(0, news)])
            self.counts = [len(trace.events)]
            if trace.members != old.trace.members:
                self.positions = self._positions(trace)

    def _add(self, source: Source, label: str, moment: float) -> Future:
        base, trace = self.future, source.trace
        told = _told(trace)
        kept, lines = _common(base.trace.events, trace.events), _common(base.story, told)
        future = Future(label, source, trace, told, self.shown, kept, lines)
        self._futures.append(future)
        self._bring([_piece(len(self._futures) - 1, future)])
        with self.hold_sync():
            self.counts = [len(f.trace.events) for f in self._futures]
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
            self.positions = self._positions(self.future.trace)
            self.time = min(self.time, self.future.trace.until / SECOND)

    def _positions(self, trace: Trace) -> dict[str, Any]:
        return arrange({name: self._places.get(name, "") for name in trace.members}, logs=True).plain()

    def _bring(self, pieces: Sequence[dict[str, Any]]) -> None:
        self.send({"pieces": len(pieces)}, buffers=[_as_json(pieces)])

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        """A click in the browser: whatever cannot be done is said there, in one sentence. Or it has missed something."""
        if "missed" in content:
            with self._lock:
                self._bring([_piece(number, future) for number, future in enumerate(self._futures)])
            return
        try:
            self.change(content["verb"], *content["names"], at=content["at"])
        except (ValueError, TypeError) as refusal:
            self.problem = str(refusal)
        finally:
            self.answered += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        view = self.view
        return with_static(super()._repr_mimebundle_(**kwargs), view.to_html(), view.to_text())


# ---------------------------------------------------------------- what the browser is sent


def _piece(number: int, future: Future) -> dict[str, Any]:
    """A future as it is sent: what its base has is left out. Times in µs."""
    return {
        "future": number,
        "base": future.base,
        "kept": future.kept,
        "lines": future.lines,
        "until": future.trace.until,
        "heartbeats": bool(future.trace.settings.get("record_heartbeats")),
        "events": [plain(event) for event in future.trace.events[future.kept :]],
        "story": future.story[future.lines :],
    }


def _as_json(pieces: Sequence[dict[str, Any]]) -> bytes:
    return json.dumps(pieces, ensure_ascii=False, separators=(",", ":")).encode()


def _told(trace: Trace) -> tuple[Line, ...]:
    return tuple((round(t * SECOND), words) for t, words in story(trace))


def _common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of two sequences agree from their beginning on."""
    for count, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return count
    return min(len(one), len(other))


def _watch(playback: Playback) -> None:
    """Look at a live cluster now and then, in a thread that ends with the widget."""
    ref = weakref.ref(playback)

    def watch() -> None:
        while (widget := ref()) is not None and widget.comm is not None:
            began = time.monotonic()
            try:
                widget.look()
            except (
                Exception
            ) as gone:  # a closed cluster may raise anything; the thread must not end in silence
                widget.problem = f"The cluster can no longer be watched ({gone})."
                return
            del widget
            time.sleep(max(LOOKS_EVERY, 5 * (time.monotonic() - began)))

    threading.Thread(target=copy_context().run, args=(watch,), name="quorumlab-playback", daemon=True).start()


# ---------------------------------------------------------------- what can be played


def play(
    cluster_or_trace: Cluster | Trace | Any,
    *,
    start: float | None = None,
    until: float | None = None,
    speed: float = 0.05,
    places: Mapping[str, Place] | Topology | None = None,
) -> Playback:
    """Play what happened, from ``start`` to ``until`` seconds, at ``speed`` times real time (1/20 by default).

    A simulated cluster can be played beyond its present, and changed at any moment; it is not touched itself, as what is
    played is a copy. A cluster that runs by itself is played as it goes on, and what is done to it happens. A ``Trace``, or
    what has only a trace, can be played and not changed; its ``note``, if it has one, is shown. ``places`` maps members to their zone, or to
    their region and zone; a topology does.
    A simulated cluster's idle heartbeats are shown, up to runs of 60 s.

    Raises TypeError for anything else, and ValueError for times outside what can be played, for what is too long, for more than
    nine members or for a speed that is not above 0.
    """
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0 < speed <= 10:
        raise ValueError(
            f"speed={speed!r} cannot be played; give a number above 0, such as 1/20, and at most 10."
        )
    if until is not None:
        _check_end(until)
    source = _source(cluster_or_trace, until)
    trace = source.trace
    first = 0.0 if start is None else start
    last = trace.until / SECOND
    if isinstance(first, bool) or not isinstance(first, int | float) or not 0 <= first <= last:
        raise ValueError(f"start={start!r} is outside what there is to play; choose from 0 to {last} s.")
    if not 1 <= len(trace.members) <= MOST_MEMBERS:
        raise ValueError(
            f"A playback shows 1 to {MOST_MEMBERS} members, not {len(trace.members)}; use a smaller cluster."
        )
    if len(trace.events) > MOST_EVENTS or last > LONGEST:
        raise ValueError(
            f"A playback shows at most {MOST_EVENTS:,} events and {LONGEST:,.0f} s, not {len(trace.events):,} and {last:,.0f}; "
            "play a part of it, with until=…."
        )
    note = getattr(cluster_or_trace, "note", "") if source.can == "watch" else ""
    return Playback(source, start=float(first), speed=float(speed), places=places, note=note)


def _source(given: object, until: float | None) -> Source:
    if isinstance(given, Forks):
        return Simulation(_twin(cast(ForkableCluster, given), until))
    if isinstance(given, Acts) and until is None:
        return Live(cast(Cluster, given))
    return Recording(_ended(getattr(given, "trace", given), until))


def _twin(cluster: ForkableCluster, until: float | None) -> ForkableCluster:
    """The same run, recorded with its heartbeats, up to ``until`` seconds, or to its present."""
    end = cluster.now if until is None else until
    if end > cluster.now + FURTHEST:
        raise ValueError(
            f"until={until!r} is more than an hour beyond the present of this cluster; "
            f"choose at most {cluster.now + FURTHEST:g} s."
        )
    twin = cluster.fork(at=min(end, cluster.now), record_heartbeats=end <= HEARTBEATS_UNTIL)
    run_to(twin, end)
    return twin


def _ended(trace: object, until: float | None) -> Trace:
    if not isinstance(trace, Trace):
        raise TypeError(f"{type(trace).__name__} cannot be played; give a cluster or its trace.")
    if until is None:
        return trace
    end = round(until * SECOND)
    if end > trace.until:
        raise ValueError(
            f"until={until!r} is after the end of this trace; choose at most {trace.until / SECOND} s."
        )
    return trace.ended_at(end)


def _check_end(end: object) -> None:
    if isinstance(end, bool) or not isinstance(end, int | float) or not 0 <= end < float("inf"):
        raise ValueError(f"until={end!r} is no time; give a number of seconds from 0 up.")
