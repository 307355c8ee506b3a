"""A history as a timeline: what each client asked and was told, and what the judge made of it."""

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from quorumlab.arguments import sequence, shown
from quorumlab.history import Operation, Verdict
from quorumlab.views.draw import lines_across, note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_DRAWN = 24
"""Operations in one picture; with more, the labels of short ones would no longer find room."""

INCH_PER_CHARACTER = 0.085
"""Width of a label's character, rounded up, so that labels that might touch go into rows of their own."""


def history_view(history: Sequence[Operation], verdict: Verdict | None = None) -> View:
    """A short history, one row for each client, in the order of time.

    A bar reaches from call to answer; a dashed one with an arrow has no known result and may take effect at any later time. With
    a ``verdict`` on this history, the sentence is its explanation; if legal, a dot on each bar marks a moment for the operation, and its
    label begins with its place, in an order that explains all answers; if not, the operations that prove it are in colour, and a cross marks the answer that cannot
    be explained. Moments are spaced evenly, since only their order decides.

    Raises ValueError for an empty history and for more than 24 operations: draw the proof alone, with
    ``history_view(verdict.window, verdict)``.
    """
    history = sequence(history, "The history", "cluster.history()")
    for operation in history:
        if not isinstance(operation, Operation):
            raise TypeError(f"{shown(operation)} is not an Operation; give a sequence of ql.Operation(...).")
    if not isinstance(verdict, Verdict | None):
        raise TypeError(
            f"The verdict is {shown(verdict)}, but must be what ql.check_linearizable gave; leave it out if there is none."
        )
    if not history:
        raise ValueError("An empty history has no timeline; give at least one operation.")
    if len(history) > MOST_DRAWN:
        raise ValueError(
            f"A timeline of {len(history)} operations cannot be read; give at most {MOST_DRAWN}, "
            "such as the window of a verdict."
        )
    operations = sorted(history, key=lambda op: op.invoked)
    clients = list(dict.fromkeys(op.client for op in operations))
    places = _places(operations, verdict)
    layout = _layout(operations, clients, verdict, places)
    count = f"{plural(len(operations), 'operation')} by {plural(len(clients), 'client')}"
    sentence = f"{count}, not judged yet." if verdict is None else verdict.explanation
    alt = f"A timeline of {count}: " + "; ".join(str(op) for op in operations) + "."
    if any(place is not None for place in places):
        alt += " Dots mark a moment for each: " + ", ".join(
            f"{op.client}'s {op.kind} is {place}" for op, place in zip(operations, places, strict=True) if place
        ) + "."  # fmt: skip
    columns = ["client", "key", "operation", "called (ms)", "answered (ms)"]
    if verdict is not None and verdict.linearizable is not None:
        columns.append("place in the order" if verdict else "in the proof")
    table = Table.of(
        columns, [_cells(op, verdict, place) for op, place in zip(operations, places, strict=True)]
    )
    size = (layout.width, 1.2 + 0.6 * (max(bar.row for bar in layout.bars) + 1))
    return View(sentence, alt, table, lambda figure: _draw(figure, layout, clients, verdict), size)


class Bar(NamedTuple):
    """One operation in the picture: its words, its row, the numbers of the moments at which it begins and ends, the moment up
    to which it or its words reach, and the moment given to it in the order that explains all, if there is one."""

    op: Operation
    label: str
    row: int
    start: int
    end: int
    reach: float
    dot: float | None


class Layout(NamedTuple):
    """The moments that are told apart, in ms, the bars between them, and the picture's width in inches."""

    moments: list[float]
    bars: list[Bar]
    width: float


def _layout(
    operations: Sequence[Operation],
    clients: Sequence[Hashable],
    verdict: Verdict | None,
    places: Sequence[int | None],
) -> Layout:
    several_keys = len({op.key for op in operations}) > 1
    labels = [
        _in_short(op, verdict, place, several_keys) for op, place in zip(operations, places, strict=True)
    ]
    moments = sorted({time for op in operations for time in (op.invoked, op.returned) if time is not None})
    width = min(11.0, max(7.0, 1.6 + 0.6 * len(moments)))
    characters = (width - 1.6) / (len(moments) + 0.5) / INCH_PER_CHARACTER  # from one moment to the next
    starts = [moments.index(op.invoked) for op in operations]
    ends = [
        moments.index(op.returned) if op.known and op.returned is not None else len(moments)
        for op in operations
    ]
    reach = [
        max(end, start + len(label) / characters)
        for start, end, label in zip(starts, ends, labels, strict=True)
    ]
    rows = _rows(operations, clients, starts, reach)
    dots = _dots(operations, places, starts, ends)
    bars = [Bar(*facts) for facts in zip(operations, labels, rows, starts, ends, reach, dots, strict=True)]
    return Layout(moments, bars, width)


def _places(operations: Sequence[Operation], verdict: Verdict | None) -> list[int | None]:
    """Each operation's place in the order on its key that explains all answers; None where there is none, or it is not needed."""
    free: dict[Operation, list[int]] = {}  # two operations may be equal
    for order in verdict.orders.values() if verdict else ():
        for place, op in enumerate(order, 1):
            free.setdefault(op, []).append(place)
    return [free[op].pop(0) if free.get(op) else None for op in operations]


def _dots(
    operations: Sequence[Operation],
    places: Sequence[int | None],
    starts: Sequence[int],
    ends: Sequence[int],
) -> list[float | None]:
    """A moment for each operation that has a place, within its bar and in the order of the places on its key."""
    dots: list[float | None] = [None] * len(operations)
    for key in {op.key for op in operations}:
        order = sorted(
            (place, i)
            for i, (op, place) in enumerate(zip(operations, places, strict=True))
            if op.key == key and place is not None
        )
        latest = float("inf")
        hurried = set()  # those that one with no time to spare comes after, or that have none themselves
        earliest, since = 0, dict[int, list[int]]()  # those that can be no earlier than a moment, in order
        for _, i in order:
            earliest = max(earliest, starts[i])
            since.setdefault(earliest, []).append(i)
        begins = {i: moment for moment, together in since.items() for i in together}
        for _, i in reversed(order):
            latest = min(latest, ends[i])
            if latest == begins[i]:
                hurried.add(i)
        for moment, together in since.items():
            others = [i for i in together if i not in hurried]
            dots_of = {i: moment + n / (len(others) + 1) for n, i in enumerate(others, 1)}
            for i in together:
                dots[i] = dots_of.get(i, float(moment))
    return dots


def _draw(figure: "Figure", layout: Layout, clients: Sequence[Hashable], verdict: Verdict | None) -> None:
    axes = figure.add_subplot(xlabel="ms (moments in order, not to scale)")
    for bar in layout.bars:
        _draw_bar(axes, bar, verdict)
    first_rows = {bar.op.client: bar.row for bar in sorted(layout.bars, key=lambda bar: -bar.row)}
    moments = layout.moments
    axes.set_yticks([first_rows[client] for client in clients], [str(client) for client in clients])
    axes.set_xticks(range(len(moments)), [f"{round(time, 3):.12g}" for time in moments])
    if len(moments) > 12:
        axes.tick_params("x", labelrotation=45)
    axes.set_xlim(-0.2, max(*(bar.reach for bar in layout.bars), len(moments)) + 0.3)
    axes.set_ylim(max(bar.row for bar in layout.bars) + 0.4, -0.7)
    lines_across(axes)
    axes.tick_params("y", length=0)
    axes.spines["left"].set_visible(False)


def _in_short(op: Operation, verdict: Verdict | None, place: int | None, with_key: bool) -> str:
    """The operation in a few characters, such as ``3: read 1``."""
    if op.kind == "cas":
        deed = f"cas {op.value[0]}→{op.value[1]}"
    else:
        deed = f"{op.kind} {'' if op.kind == 'read' and not op.known else op.value}".rstrip()
    result = " ?" if not op.known else "" if op.ok else " failed"
    number = (
        f"{place}: " if place is not None else "✗ " if verdict is not None and op == verdict.culprit else ""
    )
    return f"{number}{f'{op.key}: ' if with_key else ''}{deed}{result}"


def _rows(
    operations: Sequence[Operation],
    clients: Sequence[Hashable],
    starts: Sequence[float],
    ends: Sequence[float],
) -> list[int]:
    """A row for each operation: each client's together, further ones only for what would touch in the first."""
    row_of: dict[int, int] = {}
    next_row = 0
    for client in clients:
        free_from: list[float] = []  # of each row of this client
        for i, op in enumerate(operations):
            if op.client == client:
                row = next((r for r, free in enumerate(free_from) if free <= starts[i]), len(free_from))
                free_from[row : row + 1] = [ends[i]]
                row_of[i] = next_row + row
        next_row += len(free_from)
    return [row_of[i] for i in range(len(operations))]


def _draw_bar(axes: "Axes", bar: Bar, verdict: Verdict | None) -> None:
    op, row = bar.op, bar.row
    culprit = verdict is not None and op == verdict.culprit
    proof = verdict is not None and op in verdict.window
    colour = VERMILION if culprit else ACCENT if proof or verdict is None or verdict else MUTED
    axes.plot(
        [bar.start, bar.end], [row, row], color=colour, linestyle="-" if op.known else (0, (2, 1.5)),
        solid_capstyle="butt", linewidth=5 if culprit else 3.5, marker="",
    )  # fmt: skip
    axes.plot([bar.start], [row], color=colour, marker="|", markersize=14, markeredgewidth=2, linestyle="")
    marker, size = ("|", 14) if op.known else (">", 9)
    axes.plot([bar.end], [row], color=colour, marker=marker, markersize=size, markeredgewidth=2, linestyle="")
    if bar.dot is not None:
        axes.plot(
            [bar.dot], [row], marker="o", markersize=11, markerfacecolor=PAPER, markeredgecolor=INK,
            markeredgewidth=2.4, linestyle="", zorder=5, clip_on=False,
        )  # fmt: skip
    weight = "bold" if culprit else "normal"
    ink = colour if culprit else INK
    note(axes, bar.label, (bar.start, row), (4, 10), ink, va="baseline", weight=weight)


def _cells(op: Operation, verdict: Verdict | None, place: int | None) -> list[str]:
    called = f"{round(op.invoked, 3):.12g}"
    answered = "no answer" if op.returned is None else f"{round(op.returned, 3):.12g}"
    cells = [str(op.client), str(op.key), op.deed, called, answered]
    if verdict is None or verdict.linearizable is None:
        return cells
    if verdict:
        return [*cells, "not needed" if place is None else str(place)]
    return [*cells, "culprit" if op == verdict.culprit else "yes" if op in verdict.window else "no"]
