"""The logs of all members at a few moments, side by side: which entries each has, of which term, and what it knows to be committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from quorumlab.arguments import mapping, shown
from quorumlab.cluster.events import Entry
from quorumlab.cluster.moments import Entries, MemberState, Situation
from quorumlab.cluster.trace import Trace
from quorumlab.views.draw import crown
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX = 0.62  # inches an entry is wide
GAP = 0.45  # inches between two moments
MOST_MOMENTS, MOST_ENTRIES = 4, 6


class Row(NamedTuple):
    """One member at one moment: its name, its entries in short, up to which number it knows them to be committed, and in a word
    what it is ("leader", "down", or nothing)."""

    member: str
    entries: tuple[str, ...]
    committed: int
    is_now: str


def logs_view(trace: Trace, moments: Mapping[str, float]) -> View:
    """The logs at each of the ``moments`` (a heading, and seconds since the start).

    An entry is a box with its term and what it writes. It is filled where its member knows it to be committed. Raises ValueError for no
    moment or more than four, for logs of more than six entries or none, and for a world whose logs cannot be seen.
    """
    if not isinstance(trace, Trace):
        raise TypeError(f"The trace is {shown(trace)}, but must be one; give cluster.trace.")
    mapping(moments, "The moments", "{'at first': 0.5}")
    if not 1 <= len(moments) <= MOST_MOMENTS:
        raise ValueError(f"{plural(len(moments), 'moment')} cannot be drawn; give 1 to {MOST_MOMENTS}.")
    told = {heading: _rows(trace.at(seconds)) for heading, seconds in moments.items()}
    longest = max(len(row.entries) for rows in told.values() for row in rows)
    if not 1 <= longest <= MOST_ENTRIES:
        raise ValueError(
            f"Logs of {plural(longest, 'entry', 'entries')} cannot be drawn; choose moments with 1 to {MOST_ENTRIES}."
        )
    table = Table.of(
        ("moment", "member", "its log, as term and write", "knows to be committed"),
        [
            (" ".join(heading.split()), f"{row.member}{f' ({row.is_now})' if row.is_now else ''}",
             ", ".join(row.entries) or "empty", f"up to entry {row.committed}" if row.committed else "nothing")
            for heading, rows in told.items()
            for row in rows
        ],
    )  # fmt: skip
    last, rows = list(told.items())[-1]
    width = 1.15 + len(told) * (longest * BOX + GAP)
    height = 0.95 + 0.42 * len(rows)
    return View(
        _sentence(" ".join(last.split()), rows), f"{_alt(told)}.", table,
        lambda figure: _draw(figure, told, longest), (width, height), (1.05, 0.1, 0.72, 0.1),
    )  # fmt: skip


def _rows(now: Situation) -> list[Row]:
    leader = _leader(now.members)
    return [
        Row(name, tuple(_in_short(entry) for entry in _log(name, member)), _known(member), _word(name, member, leader))
        for name, member in now.members.items()
    ]  # fmt: skip


def _leader(members: Mapping[str, MemberState]) -> str | None:
    """Who leads in the highest term."""
    leading = [
        (m.term, name) for name, m in members.items() if m.role == "leader" and isinstance(m.term, int)
    ]
    return max(leading)[1] if leading else None


def _log(name: str, member: MemberState) -> Sequence[Entry]:
    if not isinstance(member.log, Entries) or member.log.first != 1:
        raise ValueError(
            f"The log of {name} cannot be seen from its first entry on; show a simulated cluster's."
        )
    return member.log


def _known(member: MemberState) -> int:
    return member.commit if isinstance(member.commit, int) else 0


def _word(name: str, member: MemberState, leader: str | None) -> str:
    return "down" if member.condition == "down" else "leader" if name == leader else ""


def _in_short(entry: Entry) -> str:
    """The term and, in a few characters, what is written: ``–`` for a leader's empty first entry."""
    match entry.kind, entry.data:
        case "command", ["put", _, value]:
            return f"{entry.term} {value}"
        case "command", ["cas", _, _, value]:
            return f"{entry.term} {value}"
        case "noop", _:
            return f"{entry.term} –"
    return f"{entry.term} …"


def _sentence(heading: str, rows: Sequence[Row]) -> str:
    """Who has which log at the last moment: members with equal logs together."""
    by_log: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        by_log.setdefault(row.entries, []).append(row.member)
    said = [
        f"{listed(names)} {'has' if len(names) == 1 else 'have'} {', '.join(entries) or 'nothing'}"
        for entries, names in by_log.items()
    ]
    return f"{heading}. {'; '.join(said)}."


def _alt(shown: Mapping[str, Sequence[Row]]) -> str:
    return "Logs as rows of boxes, each with its term. " + ". ".join(
        f"{' '.join(heading.split())}: "
        + "; ".join(
            f"{row.member}{f' ({row.is_now})' if row.is_now else ''} {', '.join(row.entries)}" for row in rows
        )
        for heading, rows in shown.items()
    )


def _draw(figure: Figure, shown: Mapping[str, Sequence[Row]], longest: int) -> None:
    axes = figure.add_subplot()
    names = [row.member for row in next(iter(shown.values()))]
    step = longest * BOX + GAP
    for place, (heading, rows) in enumerate(shown.items()):
        left = place * step
        axes.annotate(
            heading, (left, -0.5), (0, 4), textcoords="offset points", va="bottom", color=INK, weight="bold"
        )
        for y, row in enumerate(rows):
            _draw_log(axes, row, left, y)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, len(shown) * step)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.tick_params("y", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_log(axes: Axes, row: Row, left: float, y: int) -> None:
    from matplotlib.patches import Rectangle

    down = row.is_now == "down"
    for i, words in enumerate(row.entries):
        known = i < row.committed and not down
        edge = MUTED if down else ACCENT if known else INK
        axes.add_patch(
            Rectangle(
                (left + i * BOX, y - 0.36), BOX - 0.06, 0.72, facecolor=ACCENT if known else PAPER, edgecolor=edge,
                linewidth=1.4, linestyle=(0, (2, 2)) if down else "-",
            )
        )  # fmt: skip
        axes.text(
            left + (i + 0.5) * BOX - 0.03, y, words, ha="center", va="center",
            color=MUTED if down else PAPER if known else INK,
        )  # fmt: skip
    end = left + len(row.entries) * BOX
    if down:
        axes.plot(
            [end + 0.08], [y], marker="x", markersize=8, markeredgewidth=2.2, color=VERMILION, linestyle=""
        )
    elif row.is_now == "leader":
        axes.plot([end + 0.1], [y], marker=crown(), markersize=12, color=ACCENT, linestyle="")
