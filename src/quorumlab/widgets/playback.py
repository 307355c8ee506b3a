"""The playback: the cluster stage over time. A trace to play, step and rewind; a simulated one goes on in another way from any
moment, and a live one as it happens."""

from __future__ import annotations

import html
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from dataclasses import replace
from typing import Any, cast

import anywidget
import traitlets

from quorumlab.arguments import is_finite, is_number, shown, truth
from quorumlab.cluster import Cluster, Trace
from quorumlab.cluster.events import SECOND, Invoke, Return
from quorumlab.experiments.scenes import Scene
from quorumlab.topology import Topology
from quorumlab.views.layout import Place, arrange, places_of
from quorumlab.views.timeline import timeline_view
from quorumlab.views.view import View
from quorumlab.widgets.base import FixedDict, module, sheet, with_static
from quorumlab.widgets.deeds import ACTS, AT_FIRST, DEEDS, ForkableCluster, Forks, check_deed, checked_acts
from quorumlab.widgets.futures import ORIGINAL, Future, as_json, common, left_out, path_words, piece
from quorumlab.widgets.sources import Acts, Live, Recording, Simulation, Source, run_to

MOST_MEMBERS = 9
"""More members than this leave no room for their logs."""

MOST_CLIENTS = 4
"""More clients than this leave no room for what they asked and were told."""

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


def _everything(_value: object, widget: Playback) -> bytes:
    """All futures, as a browser needs them that has none yet: asked for whenever one opens the widget."""
    return as_json([piece(number, future) for number, future in enumerate(widget._futures)])


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
    counts = traitlets.Tuple().tag(sync=True)
    positions = FixedDict().tag(sync=True)
    start = traitlets.Float(0.0).tag(sync=True)
    time = traitlets.Float(0.0).tag(sync=True)
    speed = traitlets.Float(0.05).tag(sync=True)
    futures = traitlets.Tuple().tag(sync=True)
    shown = traitlets.Int(0).tag(sync=True)
    can = traitlets.Unicode("watch").tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)
    forks = traitlets.Tuple().tag(sync=True)
    at_hand = traitlets.Tuple().tag(sync=True)
    more = traitlets.Tuple().tag(sync=True)
    scene = traitlets.Tuple().tag(sync=True)

    def __init__(
        self,
        source: Source,
        *,
        start: float,
        speed: float,
        places: Mapping[str, Place] | Topology | None = None,
        note: str = "",
        acts: Sequence[str] = (),
        clients: bool = False,
        scene: Scene | None = None,
    ) -> None:
        trace = source.trace
        self._futures = [Future(ORIGINAL, source, trace, source.told(trace))]
        self._places = places_of(places)
        self._with_clients = clients
        self._from = start
        offered = [act for act in ACTS if source.can == "fork" or not DEEDS[act].simulated]
        self._lock = threading.RLock()  # a live cluster is looked at from a thread of its own
        super().__init__(
            start=start,
            time=trace.until / SECOND if source.can == "act" else start,
            speed=1.0 if source.can == "act" else speed,
            can=source.can,
            note=note,
            positions=self._positions(trace),
            futures=[ORIGINAL],
            forks=[self._futures[0].fork],
            counts=[len(trace.events)],
            at_hand=[act for act in offered if act in acts],
            more=[act for act in offered if act not in acts],
            scene=[
                {"caption": a.caption, "ends": round(a.ends * SECOND)} for a in (scene.acts if scene else ())
            ],
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

    @property
    def clients(self) -> list[str]:
        """The clients that are drawn, in the order in which they first ask, or wait; more than there is room for are not."""
        return self._clients(self.future.trace)

    def _clients(self, trace: Trace) -> list[str]:
        if not self._with_clients:
            return []
        begin = self._from * SECOND
        over = {e.op for e in trace.events if isinstance(e, Return) and e.t <= begin}  # before anybody looks
        asked = (e for e in trace.events if isinstance(e, Invoke) and e.op not in over)
        names = dict.fromkeys(e.client for e in asked if e.verb in ("read", "write", "cas"))
        return list(names)[:MOST_CLIENTS]

    def change(self, verb: str, *names: str, at: float | None = None) -> Future:
        """Do something else at ``at`` seconds (``time``, if None), and show what follows; with a live cluster, do it now.

        ``verb`` is "crash", "restart", "pause", "resume", "cut_off", "join" or "time_out" with a member, "cut" or "heal" with two,
        "heal" with none (everything), "drop" with the number of a message, or "write", "read" or "read_stale" with the member to
        ask or none (the leader). What was done after that moment in the future now shown is not done again. Raises ValueError or TypeError with one sentence for what cannot be done.
        """
        check_deed(verb, names)
        moment = self.time if at is None else at
        base = self.future
        source, done = base.source.change(verb, names, moment, base.trace.until / SECOND)
        self.problem = ""
        if source is base.source:
            self.look()
            return self.future
        return self._add(source, done, moment)

    def undo(self) -> Future:
        """Back to the future that was shown before the last change, at the moment of that change. Raises ValueError if there was none."""
        if not self.future.path:
            raise ValueError("Nothing has been changed here, so there is nothing to undo.")
        fork = self.future.fork
        with self.hold_sync():
            self.shown = fork["parent"]
            self.time = min(fork["last"], self.future.trace.until / SECOND)
        return self.future

    def look(self) -> None:
        """Show what has happened in a live cluster since the last look."""
        with self._lock:
            old = self._futures[0]
            trace = old.source.trace
            kept, lines = len(old.trace.events), len(old.story)
            news = Future(old.label, old.source, trace, old.source.told(trace), 0, kept, lines)
            self._futures[0] = replace(news, base=None, kept=0, lines=0)
            self._bring([piece(0, news)])
            self.counts = (len(trace.events),)
            if trace.members != old.trace.members or self._with_clients:
                self.positions = self._positions(trace)

    def _add(self, source: Source, done: str, moment: float) -> Future:
        base, trace = self.future, source.trace
        told = source.told(trace)
        path = (*(deed for deed in base.path if deed[1] <= moment), (done, moment))
        kept, lines = common(base.trace.events, trace.events), common(base.story, told)
        label = path_words(len(self._futures), path)
        anew = left_out(self._futures[0], path[0][1])
        future = Future(label, source, trace, told, self.shown, kept, lines, path, self.shown, anew)
        self._futures.append(future)
        self._bring([piece(len(self._futures) - 1, future)])
        with self.hold_sync():
            self.counts = tuple(len(f.trace.events) for f in self._futures)
            self.time = moment
            self.futures = tuple(f.label for f in self._futures)
            self.forks = tuple(f.fork for f in self._futures)
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
        places = {name: self._places.get(name, "") for name in trace.members}
        return arrange(places, logs=True, clients=self._clients(trace)).plain()

    def _bring(self, pieces: Sequence[dict[str, Any]]) -> None:
        self.send({"pieces": len(pieces)}, buffers=[as_json(pieces)])

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        """A click in the browser: whatever cannot be done is said there, in one sentence. Or it has missed something."""
        if "missed" in content:
            with self._lock:
                self._bring([piece(number, future) for number, future in enumerate(self._futures)])
            return
        try:
            if content["verb"] == "undo":
                self.undo()
                return
            self.change(content["verb"], *content["names"], at=content["at"])
        except (ValueError, TypeError) as refusal:
            self.problem = str(refusal)
        finally:
            self.answered += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        view = self.view
        captions = [act["caption"] for act in self.scene]
        told = "".join(f"<li>{html.escape(caption)}</li>" for caption in captions)
        said = "".join(f"{number}. {caption}\n" for number, caption in enumerate(captions, 1))
        return with_static(
            super()._repr_mimebundle_(**kwargs),
            (f"<ol>{told}</ol>" if told else "") + view.to_html(),
            (f"{said}\n" if said else "") + view.to_text(),
        )


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
    what: Cluster | Trace | Scene | Any,
    *,
    start: float | None = None,
    until: float | None = None,
    speed: float = 0.05,
    places: Mapping[str, Place] | Topology | None = None,
    acts: Sequence[str] | str | None = None,
    clients: bool | None = None,
) -> Playback:
    """Play what happened, from ``start`` to ``until`` seconds, at ``speed`` times real time (1/20 by default).

    A simulated cluster can be played beyond its present, and changed at any moment; it is not touched itself, as what is
    played is a copy. A cluster that runs by itself is played as it goes on, and what is done to it happens. A ``Trace``, or
    what has only a trace, can be played and not changed; its ``note``, if it has one, is shown. A ``Scene`` is played act by act, each with its caption. ``places`` maps
    members to their zone, or to their region and zone; a topology does.
    ``acts`` is what a learner has at hand, of "crash", "pause", "cut", "cut_off", "time_out", "drop", "write" and "read": "crash" and
    "cut" by default, and in a scene nothing; all else is behind *More…*. With ``clients`` the first four clients that ask are drawn, with
    what they asked and were told, as they are in a scene. A simulated cluster's idle heartbeats are shown, up to runs of 60 s.

    Raises TypeError for anything else, and ValueError for times outside what can be played, for what is too long, for more than
    nine members or for a speed that is not above 0.
    """
    if not is_number(speed) or not 0 < speed <= 10:
        raise ValueError(
            f"speed={shown(speed)} cannot be played; give a number above 0, such as 1/20, and at most 10."
        )
    until = None if until is None else _checked_end(until)
    with_clients = None if clients is None else truth(clients, "clients")
    scene = what if isinstance(what, Scene) else None
    at_hand = checked_acts(acts, () if scene else AT_FIRST)
    source = _source(
        what if scene is None else scene.cluster, scene.acts[-1].ends if scene and until is None else until
    )
    trace = source.trace
    first = (scene.begin if scene else 0.0) if start is None else start
    last = trace.until / SECOND
    if not is_number(first) or not 0 <= first <= last:
        raise ValueError(f"start={shown(start)} is outside what there is to play; choose from 0 to {last} s.")
    if not 1 <= len(trace.members) <= MOST_MEMBERS:
        raise ValueError(
            f"A playback shows 1 to {MOST_MEMBERS} members, not {len(trace.members)}; use a smaller cluster."
        )
    if len(trace.events) > MOST_EVENTS or last > LONGEST:
        raise ValueError(
            f"A playback shows at most {MOST_EVENTS:,} events and {LONGEST:,.0f} s, not {len(trace.events):,} and {last:,.0f}; "
            "play a part of it, with until=…."
        )
    note = getattr(what, "note", "") if source.can == "watch" else ""
    return Playback(
        source,
        start=float(first),
        speed=float(speed),
        places=places,
        note=note,
        acts=at_hand,
        clients=scene is not None if with_clients is None else with_clients,
        scene=scene,
    )


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
            f"until={shown(until)} is more than an hour beyond the present of this cluster; "
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
            f"until={shown(until)} is after the end of this trace; choose at most {trace.until / SECOND} s."
        )
    return trace.ended_at(end)


def _checked_end(end: object) -> float:
    if not is_number(end) or not is_finite(end) or end < 0:
        raise ValueError(f"until={shown(end)} is no time; give a number of seconds from 0 up.")
    return float(end)
