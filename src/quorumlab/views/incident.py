"""An incident: what the board shows, and what somebody on call made of it beside the best that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorumlab.arguments import shown
from quorumlab.experiments.incident import Course, Incident, Judgement
from quorumlab.views.draw import lines_across, name_rows
from quorumlab.views.style import ACCENT, INK, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ENOUGH_S = 20.0
"""The shortest time that the picture shows."""


def board(incident: Incident) -> Table:
    """The members as a dashboard shows them."""
    columns = ("member", "process", "role", "commit index", "follows", "disk")
    return Table.of(columns, incident.board())


def judged_view(judgement: Judgement, *, tell: bool = False, who: str = "you") -> View:
    """What ``who`` did beside the best that is known; how that was done is told only with ``tell``.

    Raises TypeError for what is no judgement, or no name.
    """
    if not isinstance(judgement, Judgement):
        raise TypeError(f"{shown(judgement)} is no judgement; give incident.judge().")
    if not isinstance(who, str):
        raise TypeError(f"{shown(who)} is no name; give who as a text, such as 'Eve'.")
    yours, best = judgement
    rows = [_row(who, yours, tell=True), _row("best known", best, tell=tell)]
    columns = (
        "who",
        "acts",
        "clients not served",
        "acknowledged writes lost",
        "all well after",
        "what was done",
    )
    alt = "Two bars over time, filled while clients are served. " + "; ".join(
        f"{name}: {acts}, not served for {unserved}, all well after {well}"
        for name, acts, unserved, _, well, _ in rows
    )
    return View(
        _sentence(yours, best),
        f"{alt}.",
        Table.of(columns, rows),
        lambda figure: _draw(figure, who, yours, best, tell),
        (7.0, 2.9),
        (1.1, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _row(who: str, course: Course, *, tell: bool) -> tuple[str, ...]:
    well = "not yet" if course.restored is None else f"{course.restored:.0f} s"
    done = "; ".join(f"{act.call}: {act.told}" for act in course.acts) or "nothing"
    lost = str(len(course.lost))
    return who, str(len(course.acts)), f"{course.unserved:.1f} s", lost, well, done if tell else "try first"


def _sentence(yours: Course, best: Course) -> str:
    """The verdict: whether all is well, then what it cost beside the best."""
    if yours.restored is None:
        return f"Not yet well: {' '.join(yours.missing)} (Best known: {plural(len(best.acts), 'act')}, all well after {best.restored:.0f} s.)"
    cost = f"All well after {yours.restored:.0f} s and {plural(len(yours.acts), 'act')}"
    cost += f"; clients were not served for {yours.unserved:.1f} s; {_lost(yours)}."
    if yours.rank <= best.rank:
        return f"{cost} Nothing better is known."
    apart = []
    if len(yours.lost) > len(best.lost):
        apart.append(f"loses {len(best.lost) or 'none'}")
    if yours.unserved > best.unserved:
        apart.append(f"leaves clients unserved for {best.unserved:.1f} s")
    if yours.spare < best.spare:
        apart.append(
            f"bears {plural(best.spare, 'further crash', 'further crashes')} afterwards, this one {yours.spare}"
        )
    if yours.restored > (best.restored or 0):
        apart.append(f"is done after {best.restored:.0f} s")
    return f"{cost} The best known {', '.join(apart) or f'takes {len(best.acts)} acts'}."


def _lost(course: Course) -> str:
    """How many acknowledged writes are gone, in words."""
    count = len(course.lost)
    return (
        f"{plural(count, 'acknowledged write')} {'is' if count == 1 else 'are'} gone"
        if count
        else "no acknowledged write is lost"
    )


def _draw(figure: Figure, who: str, yours: Course, best: Course, tell: bool) -> None:
    axes = figure.add_subplot(title="Are clients served? ●: an act", xlabel="s since it broke")
    end = max(ENOUGH_S, *(course.service[-1][1] for course in (yours, best) if course.service))
    for row, course in enumerate((yours, best)):
        for start, until, well in course.service:
            _stretch(axes, row, start, until, well)
        for number, act in enumerate(course.acts, 1):
            if row == 0 or tell:
                axes.plot([act.at], [row - 0.36], color=INK, marker="o", markersize=5, clip_on=False)
                axes.annotate(
                    str(number),
                    (act.at, row - 0.36),
                    (0, 4),
                    textcoords="offset points",
                    ha="center",
                    color=INK,
                )
        if course.restored is not None:
            axes.plot(
                [course.restored] * 2,
                [row - 0.3, row + 0.3],
                color=INK,
                linestyle="-",
                linewidth=2.5,
                marker="",
            )
    name_rows(axes, [who, "best known"], above=0.75, below=0.6)
    axes.set_xlim(0, end)
    lines_across(axes)


def _stretch(axes: Axes, row: int, start: float, until: float, well: bool) -> None:
    """A bar: filled while clients are served, hollow and hatched while not."""
    look = {"color": ACCENT} if well else {"facecolor": PAPER, "edgecolor": VERMILION, "hatch": "////"}
    axes.barh(row, until - start, left=start, height=0.36, **look)  # type: ignore[arg-type]
