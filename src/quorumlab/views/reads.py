"""How long a serializable read may be stale."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from quorumlab.experiments import freshness
from quorumlab.experiments.reads import Freshness
from quorumlab.views.draw import lines_across, name_rows
from quorumlab.views.style import ACCENT, INK, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, ms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN_MS = 100.0

_freshness = cache(freshness)


def stale_reads_view(after: float, farthest: float) -> View:
    """What each of five members answers to a serializable read, ``after`` ms after the writer was told "done".

    Followers are 5, 10, 20 and ``farthest`` ms from the leader, one way; simulated. Raises ValueError for times out of range,
    TypeError for what is no number.
    """
    found = _freshness(after, farthest)
    stale = [row.member for row in found if row.answer == "old"]
    if stale:
        verb = "answers" if len(stale) == 1 else "answer"
        sentence = f"{ms(after)} after the writer was told, {listed(stale)} still {verb} with the old value."
    else:
        sentence = f"{ms(after)} after the writer was told, all five members answer with the new value."
    longest = max(row.fresh_after for row in found)
    last = [row.member for row in found if row.fresh_after == longest]
    sentence += f" The last to know {'is' if len(last) == 1 else 'are'} {listed(last)}, {ms(longest)} after."
    rows = [(r.member, ms(r.one_way), ms(r.fresh_after), r.answer) for r in found]
    alt = (
        f"A line for each member, dotted while it answers with the old value; read {ms(after)} after the write: "
        + ", ".join(f"{row.member} says {row.answer}" for row in found)
    )
    columns = ("member", "one way from the leader", "new value from", "answer now")
    return View(
        sentence, f"{alt}.", Table.of(columns, rows), lambda figure: _draw(figure, after, found),
        (7.0, 3.5), margins=(1.45, 1.1, 0.5, 0.65),
    )  # fmt: skip


def _draw(figure: "Figure", after: float, found: Sequence[Freshness]) -> None:
    axes = figure.add_subplot(
        title=f"A serializable read {ms(after)} after the write", xlabel='ms after the writer was told "done"'
    )
    for i, row in enumerate(found):
        fresh, old = min(row.fresh_after, SHOWN_MS), row.answer == "old"
        axes.plot([0, fresh], [i, i], color=VERMILION, linestyle=(0, (1.5, 1.2)), linewidth=4, marker="")
        axes.plot(
            [fresh, SHOWN_MS], [i, i], color=ACCENT, linestyle="-", linewidth=7, solid_capstyle="butt", marker="",
        )  # fmt: skip
        axes.plot([after], [i], color=INK, marker="o", markersize=10, markerfacecolor=PAPER if old else INK)
        colour = VERMILION if old else ACCENT
        axes.text(SHOWN_MS + 2, i, f"says {row.answer}", va="center", color=colour, weight="bold")
    axes.axvline(after, color=INK, linewidth=1.2, linestyle="--", zorder=1)
    name_rows(axes, [f"{row.member}{'' if i else ' (leader)'}" for i, row in enumerate(found)], below=0.6)
    axes.set_xlim(-2, SHOWN_MS)
    lines_across(axes)
