"""A trace as a still timeline: who led, who stood, who was away, what clients asked; its table is the story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorumlab.arguments import shown
from quorumlab.cluster.events import SECOND, UNKNOWN, Invoke, Link, Return
from quorumlab.cluster.moments import MemberState, moments
from quorumlab.cluster.story import story
from quorumlab.cluster.trace import Trace
from quorumlab.views.draw import crown
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLUM, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, LEFT, RIGHT = 9.0, 1.15, 0.25  # inches
INCH_PER_CHARACTER = 0.095
"""Width of a label's character in bold, rounded up: a word goes into a bar only where it has room."""

MOST_LANES = 4
"""Rows for requests under way at once; further ones share the last, without words: the table has them."""

ROLE_UNKNOWN = "up, role unknown"

LOOKS: dict[str, dict[str, Any]] = {
    ROLE_UNKNOWN: {"facecolor": PAPER, "edgecolor": MUTED},
    "follower": {"facecolor": "#dfe3e8", "edgecolor": MUTED},
    "learner": {"facecolor": PAPER, "edgecolor": MUTED, "linestyle": (0, (4, 3))},
    "pre-candidate": {"facecolor": PAPER, "edgecolor": PLUM, "hatch": "//"},
    "candidate": {"facecolor": PLUM, "edgecolor": PAPER},  # so that two terms in a row are told apart
    "leader": {"facecolor": ACCENT, "edgecolor": ACCENT},
    "paused": {"facecolor": PAPER, "edgecolor": VERMILION, "hatch": ".."},
    "down": {"facecolor": PAPER, "edgecolor": VERMILION, "linestyle": (0, (2, 2))},
}
ON_DARK = {"candidate", "leader"}


Request = tuple[float, float | None, str]
"""When a client asked and was answered, if ever; and words for it."""


@dataclass(frozen=True)
class Span:
    """A member in one state from ``start`` to ``end`` seconds; ``term`` is None where it is not known."""

    start: float
    end: float
    state: str
    term: int | None


def timeline_view(trace: Trace, start: float = 0, end: float | None = None) -> View:
    """What happened from ``start`` to ``end`` seconds (the end of the trace, if None): a row for each member, then one for
    clients' requests and one for the network where there were any. The table is the story in words.

    Raises ValueError if there is no such stretch in the trace.
    """
    last = trace.until / SECOND if end is None else end
    if not 0 <= start <= last <= trace.until / SECOND:
        raise ValueError(
            f"from {shown(start)} to {shown(last)} s is no stretch of this trace; choose times from 0 to {trace.until / SECOND} s in order."
        )
    spans = {name: _clip(found, start, last) for name, found in _spans(trace).items()}
    told = [(t, words) for t, words in story(trace) if start <= t <= last]
    picture = _Picture(
        start,
        last,
        spans,
        [r for r in _requests(trace) if start <= r[0] <= last],
        [f for f in _faults(trace) if start <= f[0] <= last],
    )
    count = plural(len(trace.members), "member")
    sentence = f"{count} from {start:.3f} to {last:.3f} s: {_led(spans, start)}."
    alt = (
        f"A timeline of {sentence[:-1]}. "
        + "; ".join(f"{name}: {', '.join(_span_words(s) for s in found)}" for name, found in spans.items())
        + "."
    )
    table = Table.of(("seconds", "what happened"), [(f"{t:.3f}", words) for t, words in told])
    return View(sentence, alt, table, picture.draw, (WIDTH, picture.height), (LEFT, RIGHT, 0.2, 0.95))


class _Picture:
    """A stretch of a trace, ready to be drawn."""

    def __init__(
        self,
        start: float,
        last: float,
        spans: dict[str, list[Span]],
        requests: list[Request],
        faults: list[tuple[float, str]],
    ) -> None:
        self.start, self.last, self.spans, self.requests, self.faults = start, last, spans, requests, faults
        self.inches = (WIDTH - LEFT - RIGHT) / max(last - start, 1e-6)  # for each second
        self.lanes = _lanes(requests, last, self.inches)
        self.rows = [
            *spans,
            *(["clients"] if self.lanes else []),
            *[""] * (max((lane for lane, _ in self.lanes), default=0)),
            *(["network"] if faults else []),
        ]
        self.height = 0.55 + 0.46 * len(self.rows) + 1.0

    def draw(self, figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.xaxis.set_major_formatter(lambda moment, _: f"{moment:.10g} s")
        for row, found in enumerate(self.spans.values()):
            for span in found:
                _draw_span(axes, span, row, self.inches, self.start)
        self._draw_elections(axes)
        for request, (lane, has_room) in zip(self.requests, self.lanes, strict=True):
            row = self.rows.index("clients") + lane
            _draw_request(axes, request, row, self.last, self.inches, has_room)
        if self.faults:
            _draw_faults(axes, self.faults, self.rows.index("network"), self.inches, self.last)
        axes.set_yticks(range(len(self.rows)), [_short(name) for name in self.rows])
        axes.set_ylim(len(self.rows) - 0.4, -0.75)
        axes.set_xlim(self.start, max(self.last, self.start + 1e-6))
        axes.grid(visible=False)
        axes.tick_params("y", length=0)
        axes.spines["left"].set_visible(False)
        there = {span.state for found in self.spans.values() for span in found}
        _legend(figure, [state for state in LOOKS if state in there], self.height)

    def _draw_elections(self, axes: Axes) -> None:
        for name, span in _elections(self.spans):
            if span.start == self.start:
                continue  # it was elected before
            at = [span.start], [list(self.spans).index(name) - 0.47]
            axes.axvline(span.start, color=ACCENT, linewidth=0.8, linestyle=":", marker="", zorder=0.5)
            axes.plot(*at, marker=crown(), markersize=13, color=ACCENT, linestyle="", clip_on=False)


# ---------------------------------------------------------------- what there is to draw


def _spans(trace: Trace) -> dict[str, list[Span]]:
    """Each member's states one after the other."""
    spans: dict[str, list[Span]] = {name: [] for name in trace.members}
    since: dict[str, tuple[int, str | None, int | None]] = {}

    def ends(name: str, t: int) -> None:
        began, state, term = since[name]
        if state is not None and t > began:
            spans[name].append(Span(began / SECOND, t / SECOND, state, term))

    for moment in moments(trace.events):
        for name, member in moment.after.members.items():
            new = (_state(member), member.term if isinstance(member.term, int) else None)
            if name not in since:
                since[name] = (moment.t, *new)
            elif new != since[name][1:]:
                ends(name, moment.t)
                since[name] = (moment.t, *new)
    for name in since:
        ends(name, trace.until)
    return spans


def _state(member: MemberState) -> str | None:
    """A member's state as a word of ``LOOKS``, or None when it has gone or never started."""
    match member.condition:
        case None | "removed":
            return None
        case "up":
            if member.learner and member.role in ("follower", None, UNKNOWN):
                return "learner"
            return member.role if isinstance(member.role, str) else ROLE_UNKNOWN
        case condition:
            return condition


def _clip(spans: list[Span], start: float, end: float) -> list[Span]:
    return [
        Span(max(s.start, start), min(s.end, end), s.state, s.term)
        for s in spans
        if s.end > start and s.start < end
    ]


def _elections(spans: dict[str, list[Span]]) -> list[tuple[str, Span]]:
    """(who, from when) for each leader of each term, in order of time."""
    leading = sorted(
        ((name, s) for name, found in spans.items() for s in found if s.state == "leader"),
        key=lambda p: p[1].start,
    )
    first: dict[tuple[str, float], tuple[str, Span]] = {}
    for name, span in leading:  # where terms are not known, each time is told
        first.setdefault((name, -1 - span.start if span.term is None else span.term), (name, span))
    return list(first.values())


def _requests(trace: Trace) -> list[Request]:
    returns = {e.op: e for e in trace.events if isinstance(e, Return)}
    found: list[Request] = []
    for event in trace.events:
        if not isinstance(event, Invoke):
            continue
        answer = returns.get(event.op)
        what = f"{event.key} = {event.value}" if event.verb == "write" else f"{event.verb} {event.key}"
        how = "?" if answer is None or answer.error == "timeout" else "✓" if answer.ok else "✗"
        found.append((event.t / SECOND, None if answer is None else answer.t / SECOND, f"{what} {how}"))
    return found


def _faults(trace: Trace) -> list[tuple[float, str]]:
    """(when, one word) for each moment at which links changed."""
    words: dict[int, str] = {}
    for event in trace.events:
        if isinstance(event, Link):
            word = "cut" if event.cut else "slow" if event.delay else "healed"
            if words.setdefault(event.t, word) == "healed":
                words[event.t] = word
    return [(t / SECOND, word) for t, word in words.items()]


# ---------------------------------------------------------------- drawing


def _draw_span(axes: Axes, span: Span, row: int, inches: float, first: float) -> None:
    from matplotlib.patches import Rectangle

    width = span.end - span.start
    axes.add_patch(Rectangle((span.start, row - 0.32), width, 0.64, linewidth=1.2, **LOOKS[span.state]))
    long = span.state if span.term is None else f"{span.state}, term {span.term}"
    short = (
        f"term {span.term}" if span.term is not None and span.state in ("follower", "leader") else span.state
    )
    for words in (long, short):
        if len(words) * INCH_PER_CHARACTER < width * inches:
            axes.text(
                span.start + width / 2, row, words, ha="center", va="center", clip_on=True,
                color=PAPER if span.state in ON_DARK else INK, weight="bold" if span.state == "leader" else "normal",
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5} if "hatch" in LOOKS[span.state] else None,
            )  # fmt: skip
            break
    if span.state == "down":
        axes.plot(
            [max(span.start, first + 0.09 / inches)],  # beside the name of the row, never on it
            [row],
            marker="x",
            markersize=9,
            markeredgewidth=2.4,
            color=VERMILION,
            linestyle="",
            clip_on=False,
        )


def _lanes(requests: list[Request], last: float, inches: float) -> list[tuple[int, bool]]:
    """A row for each request, so that neither bars nor words touch; and whether its words find room there."""
    free: list[float] = []  # of each row, from when on
    lanes = []
    for asked, answered, words in requests:
        begin, end = _room(asked, words, last, inches)
        lane = next((i for i, taken in enumerate(free) if taken <= begin), len(free))
        if lane < MOST_LANES:
            free[lane : lane + 1] = [max(end, last if answered is None else answered)]
        lanes.append((min(lane, MOST_LANES - 1), lane < MOST_LANES))
    return lanes


def _room(at: float, words: str, last: float, inches: float) -> tuple[float, float]:
    """From when to when a mark with words beside it reaches: to the right if there is room, else to the left."""
    width = (len(words) + 1) * INCH_PER_CHARACTER / inches
    return (at, at + width) if at + width <= last else (at - width, at)


def _draw_request(
    axes: Axes,
    request: Request,
    row: int,
    last: float,
    inches: float,
    has_room: bool,
) -> None:
    asked, answered, words = request
    until = last if answered is None else min(answered, last)
    line = "-" if words.endswith(("✓", "✗")) else ":"
    axes.plot([asked, until], [row + 0.3] * 2, color=INK, linewidth=2.5, marker="", linestyle=line)
    axes.plot([asked], [row + 0.12], marker="|", markersize=13, markeredgewidth=2, color=INK, linestyle="")
    if has_room:
        _label(axes, asked, row, words, INK, float("-inf"), last, inches)


def _draw_faults(axes: Axes, faults: list[tuple[float, str]], row: int, inches: float, last: float) -> None:
    free = float("-inf")
    for when, word in faults:
        colour = MUTED if word == "healed" else VERMILION
        axes.axvline(when, color=colour, linewidth=1.2, linestyle="--", marker="", zorder=0.5)
        free = _label(axes, when, row, word, colour, free, last, inches)


def _label(
    axes: Axes, at: float, row: int, words: str, colour: str, free: float, last: float, inches: float
) -> float:
    """Write beside a mark if the words before it leave room; returns until where the row is taken now."""
    begin, end = _room(at, words, last, inches)
    right = begin == at
    if begin < free:
        return free
    axes.annotate(words, (at, row), (6 if right else -6, 0), textcoords="offset points", ha="left" if right else "right",
                  va="center", color=colour, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1})  # fmt: skip
    return end


def _legend(figure: Figure, used: list[str], height: float) -> None:
    from matplotlib.patches import Patch

    figure.legend(
        [Patch(linewidth=1.2, **LOOKS[state]) for state in used], used, loc="lower center", ncols=len(used),
        bbox_to_anchor=(0.5, 0.04 / height), handlelength=1.6, columnspacing=1.6, handletextpad=0.6, borderpad=0.2,
    )  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= 10 else f"…{name[-9:]}"


def _span_words(span: Span) -> str:
    term = _of_term(span, " of") if span.state == "leader" else ""
    return f"{span.state}{term} from {span.start:.3f} to {span.end:.3f} s"


def _of_term(span: Span, of: str = "") -> str:
    return "" if span.term is None else f"{of} term {span.term}"


def _led(spans: dict[str, list[Span]], start: float) -> str:
    leaders = [
        f"{name} leads{_of_term(span)} {'at the start' if span.start == start else f'from {span.start:.3f} s'}"
        for name, span in _elections(spans)
    ]
    if leaders:
        return ", then ".join(leaders)
    hidden = any(span.state == ROLE_UNKNOWN for found in spans.values() for span in found)
    return "nobody is known to lead" if hidden else "nobody leads"
