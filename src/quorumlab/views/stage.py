"""The cluster stage as a still picture: who is up, in which place, and whether writes go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from quorumlab.quorums import QuorumSystem
from quorumlab.views.layout import RADIUS, Box, Layout, Place, Spot, arrange, place_words
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLACES, VERMILION
from quorumlab.views.view import CSS_PIXELS_PER_INCH, Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

FAINT = 0.85
"""Of a link between members: fainter than they are, and still 3:1 on the ground of each place."""


def describe(
    system: QuorumSystem, down: Collection[str] = (), *, word: str = "majority", cut: int = 0
) -> tuple[str, str]:
    """What a state of the cluster means: ("on" | "off" | "split", one full sentence).

    ``down`` names the crashed members; ``cut`` is the number of members left of a network cut (0: no cut); ``word`` is what a quorum
    is called in the sentence. The stage says the same words in the browser (``widgets/verdict.js``).
    """
    members = system.members
    up = [m for m in members if m not in down]
    count = f"{len(up)} of {len(members)} {'is' if 1 in (len(up), len(members)) else 'are'} up"
    if 0 < cut < len(members):
        left, right = [m for m in members[:cut] if m in up], [m for m in members[cut:] if m in up]
        ready = system.is_quorum(left), system.is_quorum(right)
        sizes = f"{count}, {len(left)} left of the cut and {len(right)} right of it: "
        if all(ready):
            return "split", (
                f"{sizes}both sides have a {word}, so both take writes and neither knows of the other's. This is split brain."
            )
        if any(ready):
            side = "left" if ready[0] else "right"
            return "on", f"{sizes}the {side} side has a {word}, so writes go on there; the other side waits."
        then = "they go on when the cut heals" if system.is_quorum(up) else "healing the cut is not enough"
        return "off", f"{sizes}neither side has a {word}, so writes stop everywhere; {then}."
    if system.is_quorum(up):
        if len(up) == len(members):  # how many may crash is for the learner to find out
            return "on", f"{count}: a {word}, so writes go on."
        crashed = _fewest_crashes_to_stop(system, up)
        spare = len(crashed) - 1
        if spare:
            return "on", (
                f"{count}: a {word}, so writes go on, and any {_number(spare)} more may crash without stopping them."
            )
        fatal = [m for m in up if not system.is_quorum([u for u in up if u != m])]
        some = f"they stop if {fatal[0]} crashes" if len(fatal) == 1 else "one more crash may stop them"
        last = "one more crash stops them" if len(fatal) == len(up) else some
        return "on", f"{count}: a {word}, so writes go on; {last}."
    if len(members) == 1:
        return "off", f"{count}: no {word}, so writes stop until it comes back."
    missing = min(sum(m not in up for m in quorum) for quorum in system.minimal_quorums())
    away = [m for m in members if m not in up]
    any_will_do = all(system.is_quorum([*up, *back]) for back in combinations(away, missing))
    returns = "comes" if missing == 1 else "come"
    return "off", (
        f"{count}: no {word}, so writes stop until {'' if any_will_do else 'at least '}"
        f"{_number(missing)} more {returns} back."
    )


def _fewest_crashes_to_stop(system: QuorumSystem, up: Sequence[str]) -> tuple[str, ...]:
    for size in range(len(up) + 1):
        for crashed in combinations(up, size):
            if not system.is_quorum([m for m in up if m not in crashed]):
                return crashed
    return tuple(up)


def _number(n: int) -> str:
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def stage_view(
    system: QuorumSystem,
    down: Collection[str] = (),
    *,
    places: Mapping[str, Place] | None = None,
    word: str = "majority",
    cut: int | None = None,
) -> View:
    """The stage as a picture: a solid disc is up, a hollow crossed one is down, a box is a place, a dashed line a cut.

    ``places`` maps each member to its zone, or to its region and zone; ``cut`` is the number of members left of the cut, None
    for no cut line. With a cut the members stand in a row and the table tells sides instead of places, as in the browser.
    """
    _, sentence = describe(system, down, word=word, cut=cut or 0)
    place_of = {m: (places or {}).get(m, "") for m in system.members}
    if cut is None:
        where, standing = "place", {m: place_words(place) for m, place in place_of.items()}
    else:
        where, standing = "side of the cut", _sides(system.members, cut)
    rows = [(m, standing[m] or "–", "down" if m in down else "up") for m in system.members]
    words = ", ".join(f"{name} {state}" for name, _, state in rows)
    layout = arrange(place_of, in_a_row=cut is not None)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_xlim(0, layout.width)
        axes.set_ylim(layout.height, 0)
        for i, box in enumerate(layout.boxes):
            _draw_box(axes, box, PLACES[i % len(PLACES)])
        if not layout.step:
            _draw_links(axes, layout)
        for name, _, state in rows:
            spot = layout.spots[name]
            _draw_member(axes, spot, name, state == "up", _ground(layout, spot))
        if cut is not None:
            at = next(iter(layout.spots.values())).x + layout.step * (cut - 0.5)
            axes.plot([at, at], [8, 124], color=VERMILION, linestyle="--", marker="", linewidth=2)

    alt = f"A cluster of {plural(len(rows), 'member')}: {words}."
    if cut and cut < len(rows):
        alt += f" A network cut stands between {rows[cut - 1][0]} and {rows[cut][0]}."
    size = layout.width / CSS_PIXELS_PER_INCH, layout.height / CSS_PIXELS_PER_INCH
    return View(sentence, alt, Table.of(("member", where, "state"), rows), draw, size, (0, 0, 0, 0))


def _sides(members: Sequence[str], cut: int) -> dict[str, str]:
    if not 0 < cut < len(members):
        return dict.fromkeys(members, "")
    return {m: "left" if i < cut else "right" for i, m in enumerate(members)}


def _draw_box(axes: Axes, box: Box, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(
        FancyBboxPatch(
            (box.x, box.y), box.width, box.height, boxstyle="round,pad=0,rounding_size=10",
            facecolor=PAPER if box.depth else colour, edgecolor=MUTED, linewidth=0.8,
        )
    )  # fmt: skip
    axes.text(box.x + box.width / 2, box.y + 19, box.name, ha="center", va="center", weight="bold")


def _draw_links(axes: Axes, layout: Layout) -> None:
    for a, b in combinations(layout.spots.values(), 2):
        axes.plot([a.x, b.x], [a.y, b.y], color=MUTED, alpha=FAINT, marker="", ls="-", lw=1, zorder=1.5)


def _ground(layout: Layout, at: Spot) -> str:
    """The colour behind a member: of the innermost box around it, or of the page."""
    around = [
        (box.depth, PLACES[i % len(PLACES)])
        for i, box in enumerate(layout.boxes)
        if box.x <= at.x <= box.x + box.width and box.y <= at.y <= box.y + box.height
    ]
    depth, colour = max(around, default=(1, PAPER))
    return PAPER if depth else colour


def _draw_member(axes: Axes, at: Spot, name: str, is_up: bool, ground: str) -> None:
    """The name stands in the disc; where the member is down, over its cross. A link behind the words under it stops beside them."""
    from matplotlib.patches import Circle
    from matplotlib.patheffects import withStroke

    colour = ACCENT if is_up else VERMILION
    axes.add_patch(
        Circle((at.x, at.y), RADIUS, facecolor=ACCENT if is_up else PAPER, edgecolor=colour, lw=2, zorder=2)
    )
    if not is_up:
        for sign in (1, -1):
            axes.plot(
                [at.x - 11, at.x + 11],
                [at.y - sign * 11, at.y + sign * 11],
                color=VERMILION,
                marker="",
                ls="-",
            )
    halo = [] if is_up else [withStroke(linewidth=4, foreground=PAPER)]
    axes.text(at.x, at.y, name, ha="center", va="center", weight="bold", color=PAPER if is_up else INK, path_effects=halo)  # fmt: skip
    axes.text(at.x, at.y + RADIUS + 13, "up" if is_up else "down", ha="center", va="center",
              color=INK if is_up else VERMILION, path_effects=[withStroke(linewidth=4, foreground=ground)])  # fmt: skip
