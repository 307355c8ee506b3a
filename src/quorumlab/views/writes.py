"""Which writes outlive their leader."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from quorumlab.arguments import truth, whole
from quorumlab.experiments import crash_leader, ten_ms_apart
from quorumlab.experiments.writes import Fate
from quorumlab.quorums import outlives_any_leader, quorum_size
from quorumlab.views.draw import note
from quorumlab.views.style import ACCENT, INK, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RUNS = 20
"""Simulated runs for each bar: seeds 1 to 20."""


@cache
def _fates(members: int, copies: int, heard_back: bool) -> list[Fate]:
    return [crash_leader(members, copies, heard_back, ten_ms_apart(seed)) for seed in range(1, RUNS + 1)]


def crash_view(members: int, heard_back: bool) -> View:
    """Writes whose leader crashed, by how many members had them: in how many of 20 simulated runs they are still there.

    ``heard_back`` says whether the leader crashed after its followers' answers arrived. Raises ValueError for other than 3 to
    7 members, TypeError for what is no whole number.
    """
    members = whole(members, "members", least=3, most=7)
    heard_back = truth(heard_back, "heard_back")
    needed = quorum_size(members)
    fates = {copies: _fates(members, copies, heard_back) for copies in range(1, members + 1)}
    kept = {copies: sum(fate.survived for fate in runs) for copies, runs in fates.items()}
    told = {copies: " or ".join(sorted({fate.told for fate in runs})) for copies, runs in fates.items()}
    fewer = listed([str(kept[copies]) for copies in range(1, needed)])
    more = min(kept[copies] for copies in range(needed, members + 1))
    held = (
        "only the leader" if needed == 2 else f"{', '.join(map(str, range(1, needed - 1)))} or {needed - 1}"
    )
    sentence = (
        f"{members} members. Where {held} had the write, it was there afterwards in {fewer} of {RUNS} runs; "
        f"where {needed} or more had it, in {more} of {RUNS}. With {needed}, the client had been told: {told[needed]}."
    )
    rows = [
        (
            copies,
            "a quorum" if copies >= needed else "no quorum",
            f"{kept[copies]} of {RUNS} runs",
            "never" if copies == 1 else "always" if outlives_any_leader(members, copies) else "not always",
            told[copies],
        )
        for copies in fates
    ]
    alt = "Bar chart of the runs that kept the write: " + ", ".join(
        f"{count} of {RUNS} with {copies} holding it" for copies, count in kept.items()
    )
    columns = ("members that have it", "that is", "kept it", "by arithmetic", "the client was told")
    return View(
        sentence, f"{alt}. A line marks the quorum of {needed}.", Table.of(columns, rows),
        lambda figure: _draw(figure, needed, kept, told), (7.0, 3.8), (0.85, 0.3, 0.5, 0.85),
    )  # fmt: skip


def _draw(figure: "Figure", needed: int, kept: Mapping[int, int], told: Mapping[int, str]) -> None:
    axes = figure.add_subplot(
        title=f"Writes that outlived their leader, of {RUNS}",
        xlabel="members that had the write when the leader crashed, and what its client was told",
        ylabel="runs",
    )
    for copies, count in kept.items():
        safe = copies >= needed
        axes.bar(
            copies, count, color=ACCENT if safe else PAPER, edgecolor=ACCENT if safe else VERMILION,
            hatch="" if safe else "//", width=0.62,
        )  # fmt: skip
        axes.text(copies, count + 0.4, str(count), ha="center", va="bottom", color=INK)
    axes.axvline(needed - 0.5, color=INK, linestyle="--", linewidth=1.4)
    note(axes, "a quorum from here", (needed - 0.5, RUNS * 1.19), (5, 0), INK, on=PAPER)
    axes.set_xticks(list(kept), [f"{copies}\n{words}" for copies, words in told.items()])
    axes.set_xlim(0.4, len(kept) + 0.6)
    axes.set_ylim(0, RUNS * 1.28)
    axes.set_yticks(range(0, RUNS + 1, 5))
