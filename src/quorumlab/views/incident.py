"""An incident: what the board shows, and what somebody on call made of it beside the best that is known."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorumlab.arguments import shown
from quorumlab.experiments.incident import Course, Incident, Judgement
from quorumlab.experiments.on_call import Acts
from quorumlab.views.draw import lines_across, name_rows, note
from quorumlab.views.style import ACCENT, INK, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENOUGH_S = 20.0
"""The shortest time that the picture shows."""


@dataclass(frozen=True)
class Board:
    """A dashboard: what the pager says now, what was done so far, a line an act, and the members."""

    sentence: str
    acts: Acts
    members: Table

    def to_html(self) -> str:
        """Sentence, acts and table."""
        return f"<p>{html.escape(self.sentence)}</p>{self.acts.to_html() if len(self.acts) else ''}{self.members.to_html()}"

    def to_text(self) -> str:
        """The same as plain text."""
        acts = [str(self.acts)] if len(self.acts) else []
        return "\n\n".join((self.sentence, *acts, self.members.to_text()))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


def board(incident: Incident) -> Board:
    """The incident as a dashboard shows it at this moment. Raises TypeError for what is no incident."""
    if not isinstance(incident, Incident):
        raise TypeError(f"{shown(incident)} is no incident; make one with Incident(1).")
    cluster = incident.cluster
    columns = ("member", "process", "role", "commit index", "follows", "disk")
    return Board(
        f"{cluster.since(cluster.now):.0f} s after it broke: {incident.pager}",
        Acts(cluster.acts),
        Table.of(columns, incident.board()),
    )


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
    alt = "Two bars over time, filled while clients are served and hatched while not. " + "; ".join(
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
    done = "\n".join(f"{act.at:.0f} s: {act.call}: {act.told}" for act in course.acts) or "nothing"
    lost = str(len(course.lost))
    return who, str(len(course.acts)), f"{course.unserved:.1f} s", lost, well, done if tell else "try first"


def _sentence(yours: Course, best: Course) -> str:
    """The verdict: whether all is well, then what it cost beside the best."""
    if yours.restored is None:
        gone = f" {_lost(yours)}." if yours.lost else ""
        return (
            f"Not yet well: {' '.join(yours.missing)}{gone} "
            f"(Best known: {plural(len(best.acts), 'act')}, all well after {best.restored:.0f} s{f', {_lost(best)}' if yours.lost else ''}.)"
        )
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
    signs = "s since it broke     ■ served   ▨ not served   ● an act   ┃ all is well"
    axes = figure.add_subplot(title="Are clients served?", xlabel=signs)
    end = max(ENOUGH_S, *(course.service[-1][1] for course in (yours, best) if course.service))
    for row, course in enumerate((yours, best)):
        for start, until, well in course.service:
            axes.barh(row, until - start, left=start, height=0.36, **_look(well))
        for number, act in enumerate(course.acts, 1):
            if row == 0 or tell:
                axes.plot([act.at], [row - 0.36], color=INK, marker="o", markersize=5, clip_on=False)
                note(axes, str(number), (act.at, row - 0.36), (0, 4), INK, ha="center", va="bottom")
        if course.restored is not None:
            ends = [row - 0.3, row + 0.3]
            axes.plot([course.restored] * 2, ends, color=INK, linestyle="-", linewidth=2.5, marker="")
    name_rows(axes, [who, "best known"], above=0.75, below=0.6)
    axes.set_xlim(0, end)
    lines_across(axes)


def _look(well: bool) -> dict[str, Any]:
    """A bar is filled while clients are served, hollow and hatched while not."""
    return {"color": ACCENT} if well else {"facecolor": PAPER, "edgecolor": VERMILION, "hatch": "////"}
