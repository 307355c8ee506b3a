"""Operating through failure: a cache that goes on alone, and a watcher after a restore."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from quorumlab.arguments import truth, whole
from quorumlab.experiments.operating import HalfDone, written_meanwhile
from quorumlab.experiments.restoring import Watched, after_restore
from quorumlab.views.draw import lines_across, name_rows, note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def orders_table(orders: Mapping[str, HalfDone]) -> Table:
    """What a replacement comes to whose new member never starts, for each order of the two commands."""
    columns = ("order", "members", "that run", "quorum", "writes go on", "to undo it is answered with")
    rows = [
        (order, half.members, half.running, half.quorum, "yes" if half.goes_on else "no", half.undo)
        for order, half in orders.items()
    ]
    return Table.of(columns, rows)


OUTAGE_S = 60.0
"""The outage that the picture shows."""

_written = cache(written_meanwhile)


def copy_view(seconds: float, every: float, cut_off: bool) -> View:
    """How old a cache's copy is ``seconds`` into an outage of a minute, and by how many writes it is behind.

    A client tries to write every ``every`` seconds, simulated. With ``cut_off`` the cache's side is cut off and the other goes on; else a
    majority is down. Raises ValueError for times out of range, TypeError for what is no number.
    """
    done = _written(OUTAGE_S, every, cut_off)
    behind = sum(at <= seconds for at in done)
    tried = int(seconds / every)
    why = "the others go on without it" if cut_off else "nobody can write"
    sentence = (
        f"After {seconds:g} s the copy is {seconds:g} s old and {plural(behind, 'write')} behind: {why}."
    )
    rows = [
        ("its side is cut off" if cut_off else "a majority is down", f"{seconds:g} s", tried, behind),
    ]  # fmt: skip
    alt = f"A line of {OUTAGE_S:g} s with a mark for each write: {behind} of {tried} tried within {seconds:g} s were done."
    columns = ("outage", "age of the copy", "writes tried", "writes done")
    return View(
        sentence, alt, Table.of(columns, rows),
        lambda figure: _draw_copy(figure, seconds, every, done), (7.0, 2.4), (1.4, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _draw_copy(figure: Figure, seconds: float, every: float, done: list[float]) -> None:
    signs = "s since the cache last heard anything     ● a write done   × not done"
    axes = figure.add_subplot(title="Behind the cache's back", xlabel=signs)
    tried = [every * n for n in range(1, int(OUTAGE_S / every) + 1)]
    failed = [at for at in tried if all(abs(at - other) > every / 2 for other in done)]
    axes.plot(done, [0] * len(done), color=ACCENT, marker="o", linestyle="", markersize=7)
    axes.plot(failed, [0] * len(failed), color=VERMILION, marker="x", linestyle="", markersize=7)
    axes.barh(1, seconds, height=0.3, color=PAPER, edgecolor=INK)
    words = "old, and wrong" if any(at <= seconds for at in done) else "old, and right"
    left = seconds > 0.7 * OUTAGE_S
    note(axes, words, (seconds, 1), (-6 if left else 6, 0), INK, ha="right" if left else "left")
    axes.axvline(seconds, color=INK, linewidth=1.2, linestyle="--", zorder=1)
    name_rows(axes, ["writes", "the copy"], above=0.7, below=0.6)
    axes.set_xlim(0, OUTAGE_S + 1)
    lines_across(axes)


SNAPSHOT = 20
"""The revision of the snapshot in the picture."""
BUMP = 16
"""What the revision is raised by, if it is."""
MOST_LOST = 1_000
"""Writes of one kind that can be asked about."""


def watcher_view(lost: int, written: int, raised: bool, compacted: bool) -> View:
    """A watcher that has seen ``lost`` writes more than the snapshot holds, after a restore and ``written`` new writes.

    ``raised``: the revision was raised on restoring, and ``compacted``: all before was marked as compacted, which etcd allows only with
    it. Raises ValueError for numbers out of range, TypeError for what is no whole number.
    """
    lost, written = (
        whole(n, what, least=0, most=MOST_LOST) for n, what in ((lost, "lost"), (written, "written"))
    )
    raised, compacted = truth(raised, "raised"), truth(compacted, "compacted")
    bump = BUMP if raised else 0
    seen = SNAPSHOT + lost
    told = after_restore(seen, SNAPSHOT, written, bump, compacted and raised)
    rows = [
        ("seen before", f"up to revision {seen}"), ("in the snapshot", f"up to revision {SNAPSHOT}"),
        ("new writes begin at", f"revision {told.first}"), ("new writes it is never told of", told.missed),
        ("writes it believes in that are gone", told.phantom), ("is told to begin anew", "yes" if told.anew else "no"),
    ]  # fmt: skip
    said = _said(told, written)
    if compacted and not raised:
        said += " (etcdutl refuses to mark where the revision is not raised, so here nothing is marked.)"
    alt = f"Three rows of revisions: before, in the snapshot, and after the restore. {said}"
    return View(
        said, alt, Table.of(("what", "is"), rows),
        lambda figure: _draw_watcher(figure, seen, written, told), (7.0, 2.7), (1.6, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _said(told: Watched, written: int) -> str:
    if told.anew:
        return "The watcher is told that its revision is gone, and reads everything again: it misses nothing and believes in nothing that is gone."
    missed = (
        f"misses {told.missed} of {plural(written, 'new write')}"
        if told.missed
        else "is told every new write"
    )
    believes = (
        f"believes in {plural(told.phantom, 'write')} that no longer happened"
        if told.phantom
        else "believes in nothing that is gone"
    )
    return f"The watcher is told nothing of the restore: it {missed}, and {believes}."


def _draw_watcher(figure: Figure, seen: int, written: int, told: Watched) -> None:
    signs = "revision     ● told of   ○ not told of   × told of, and gone"
    axes = figure.add_subplot(title="Revisions, and what the watcher is told", xlabel=signs)
    first = SNAPSHOT - 5
    axes.plot(range(first, SNAPSHOT + 1), [0] * 6, color=INK, marker="o", linestyle="")
    gone = range(SNAPSHOT + 1, seen + 1)
    axes.plot(gone, [0] * len(gone), color=VERMILION, marker="x", linestyle="", markersize=8)
    axes.plot(range(first, SNAPSHOT + 1), [1] * 6, color=INK, marker="o", linestyle="")
    new = range(told.first, told.first + written)
    for revision in new:
        missed = revision < told.first + told.missed
        axes.plot(
            [revision],
            [2],
            color=VERMILION if missed else ACCENT,
            marker="o",
            markerfacecolor=PAPER if missed else ACCENT,
        )
    axes.axvline(seen + 0.5, color=MUTED, linewidth=1.2, linestyle="--", marker="")
    note(axes, "it asks from here on", (seen + 0.5, -0.62), (4, 0), MUTED)
    name_rows(axes, ["seen before", "in the snapshot", "after the restore"], above=0.9, below=0.6)
    axes.set_xlim(first - 1, max(seen + 14, told.first + written + 1))
    lines_across(axes)
