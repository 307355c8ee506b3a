"""Layouts over regions side by side: what is left after each loss, and the bad day as a client lives through it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quorumlab.arguments import mapping, shown
from quorumlab.experiments.regions import GIVES_UP_MS, LOST_AT_S, Put, stopped_s
from quorumlab.latency import AfterLoss, after_loss, commit_latency, loss_table
from quorumlab.topology import Topology
from quorumlab.views.draw import LOG_SCALE, log_time_axis
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LAYOUTS = 4
SHORTEST_MS = 1.0


def losses_view(layouts: Mapping[str, Topology], leader: str = "etcd-1") -> View:
    """Every loss of one region and of two together, for up to four layouts over the same regions: the commit latency and the spare that are left.

    All are led by the member ``leader`` while it lives. Raises ValueError for no layout, more than four, or different regions.
    """
    for t in mapping(layouts, "The layouts", "{'mine': ql.Topology.of('a: 3')}").values():
        if not isinstance(t, Topology):
            raise TypeError(
                f"A layout is {shown(t)}, but must be a Topology; write for example ql.Topology.of('a: 3')."
            )
    if not 1 <= len(layouts) <= MOST_LAYOUTS:
        raise ValueError(f"{len(layouts)} layouts do not fit side by side; give 1 to {MOST_LAYOUTS}.")
    regions = list(dict.fromkeys(region for t in layouts.values() for region in t.regions))
    losses = list(
        dict.fromkeys(loss.lost for t in layouts.values() for loss in loss_table(t, leader, what="region"))
    )
    losses.sort(key=lambda lost: (len(lost), [regions.index(region) for region in lost]))
    cells = {
        name: [_whole(t, leader), *(_cell(t, lost, leader) for lost in losses)] for name, t in layouts.items()
    }
    heads = ["nothing", *(" and ".join(lost) for lost in losses)]
    rows = [(head, *(cells[name][i] for name in layouts)) for i, head in enumerate(heads)]
    survivors = [
        name for name in layouts if all("stops" not in cell for cell in cells[name][1 : 1 + len(regions)])
    ]
    sentence = (
        f"{listed(survivors)} {'goes' if len(survivors) == 1 else 'go'} on after the loss of any one region"
        if survivors
        else "No layout here goes on after the loss of every one region"
    )
    two = [name for name in layouts if any("stops" not in cell for cell in cells[name][1 + len(regions) :])]
    sentence += (
        f"; {listed(two)} {'goes' if len(two) == 1 else 'go'} on after some loss of two."
        if two
        else "; no layout survives two."
    )
    alt = "What is left, layout by layout. " + "; ".join(
        f"{name}: " + ", ".join(f"{head} lost: {cell}" for head, cell in zip(heads, cells[name], strict=True))
        for name in layouts
    )
    return View(
        sentence, f"{alt}.", Table.of(("lost", *layouts), rows), lambda figure: _draw_losses(figure, list(layouts), rows),
        (7.0, 1.1 + 0.42 * len(rows)), (2.3, 0.2, 0.45, 0.5),
    )  # fmt: skip


def _whole(t: Topology, leader: str) -> str:
    commit = commit_latency(t, leader)
    assert commit is not None  # all are up
    return f"{commit:.0f} ms, {t.spare} spare"


def _cell(t: Topology, lost: Sequence[str], leader: str) -> str:
    held = [region for region in lost if region in t.regions]
    if not held:
        return _whole(t, leader)
    after: AfterLoss = after_loss(t, leader, region=held)
    return f"{after.commit_latency:.0f} ms, {after.spare or 'no'} spare" if after.goes_on else "✕ stops"


def _short(cell: str) -> str:
    """A cell as the picture has it: ``126 ms (+1)``."""
    return cell.replace(", no spare", " (+0)").replace(", ", " (+").replace(" spare", ")")


def _draw_losses(figure: Figure, names: Sequence[str], rows: Sequence[tuple[str, ...]]) -> None:
    axes = figure.add_subplot()
    axes.set(xlim=(-0.5, len(names) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xticks(range(len(names)), names, weight="bold")
    axes.xaxis.tick_top()
    axes.set_yticks(range(len(rows)), [row[0] if row[0] == "nothing" else f"− {row[0]}" for row in rows])
    axes.set_xlabel("a commit (+ how many more members may be lost)")
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for i, (_, *cells) in enumerate(rows):
        for column, cell in enumerate(cells):
            stops = "stops" in cell
            axes.text(
                column, i, _short(cell), ha="center", va="center", color=VERMILION if stops else INK,
                bbox={"facecolor": PAPER, "edgecolor": VERMILION if stops else MUTED, "boxstyle": "round,pad=0.3", "linewidth": 1.1},
            )  # fmt: skip


def bad_days_view(days: Mapping[str, Sequence[Put]], lost: str) -> View:
    """One or two layouts on the day when the region ``lost`` is lost: each write by when it was asked and how long its client waited.

    A disc is a write that was answered, a cross one whose client gave up. Raises ValueError for other than one or two layouts.
    """
    if not 1 <= len(days) <= 2:
        raise ValueError(f"{len(days)} layouts do not fit side by side; give one or two.")
    rows, told = [], []
    for name, puts in days.items():
        before = [p.waited_ms for p in puts if p.asked_s < LOST_AT_S and p.waited_ms is not None]
        after = [p.waited_ms for p in puts if p.asked_s >= LOST_AT_S and p.waited_ms is not None]
        gap = stopped_s(list(puts))
        failed = sum(p.waited_ms is None for p in puts)
        rows.append(
            (
                name,
                f"{before[0]:.0f} ms",
                "no more writes" if gap is None else f"{gap:.1f} s",
                f"{after[-1]:.0f} ms" if after else "–",
                failed,
            )
        )
        told.append(
            f"{name} writes no more"
            if gap is None
            else f"{name} writes again after {gap:.1f} s, in {after[-1]:.0f} ms instead of {before[0]:.0f}"
        )
    columns = ("layout", "a write before", "no write for", "a write afterwards", "writes given up")
    sentence = f"At {LOST_AT_S:.0f} s {lost} is lost: {'; '.join(told)}."
    alt = f"Writes over time, a picture for each layout. {sentence}"
    return View(
        sentence,
        alt,
        Table.of(columns, rows),
        lambda figure: _draw_days(figure, days, lost),
        (7.0, 3.3),
        (1.1, 0.2, 0.5, 0.65),
    )


def _draw_days(figure: Figure, days: Mapping[str, Sequence[Put]], lost: str) -> None:
    for i, (name, puts) in enumerate(days.items()):
        axes = figure.add_subplot(1, len(days), i + 1, title=name, xlabel="seconds")
        answered = [p for p in puts if p.waited_ms is not None]
        axes.plot(
            [p.asked_s for p in answered], [max(p.waited_ms or 0.0, SHORTEST_MS) for p in answered],
            color=ACCENT, marker="o", markersize=4, linestyle="",
        )  # fmt: skip
        given_up = [p.asked_s for p in puts if p.waited_ms is None]
        axes.plot(
            given_up,
            [GIVES_UP_MS] * len(given_up),
            color=VERMILION,
            marker="x",
            markersize=6,
            linestyle="",
            clip_on=False,
        )
        axes.axvline(LOST_AT_S, color=VERMILION, linestyle="--", linewidth=1.4)
        axes.set_yscale("log")
        axes.set_ylim(SHORTEST_MS * 0.8, GIVES_UP_MS * 2.2)
        log_time_axis(axes.yaxis, SHORTEST_MS * 0.8, GIVES_UP_MS * 2.2)
        axes.text(LOST_AT_S + 0.15, SHORTEST_MS, f"{lost} lost", color=VERMILION, va="bottom")
        if given_up:
            axes.text(LOST_AT_S + 0.15, GIVES_UP_MS * 1.25, "× gave up", color=VERMILION, va="bottom")
        if i:
            axes.set_yticklabels([])
        else:
            axes.set_ylabel(f"a client waits {LOG_SCALE}")
