"""The cluster stage as a still picture: who is up, in which place, and whether writes go on."""

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from quorumlab.quorums import QuorumSystem
from quorumlab.views.style import ACCENT, INK, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
Point = tuple[float, float]


def describe(
    system: QuorumSystem, down: Collection[str] = (), *, word: str = "majority", cut: int = 0
) -> tuple[str, str]:
    """What a state of the cluster means: ("on" | "off" | "split", one full sentence).

    `down` names the crashed members; `cut` is the number of members left of a network cut (0: no cut); `word` is what a quorum
    is called in the sentence. The stage says the same words in the browser (`widgets/stage.js`).
    """
    members = system.members
    up = [m for m in members if m not in down]
    count = f"{len(up)} of {len(members)} {'is' if len(members) == 1 else 'are'} up"
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
        everyone = all(not system.is_quorum([u for u in up if u != m]) for m in up)
        last = "one more crash stops them" if everyone else f"they stop if {crashed[0]} crashes"
        return "on", f"{count}: a {word}, so writes go on; {last}."
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
    places: Mapping[str, str] | None = None,
    word: str = "majority",
    cut: int | None = None,
) -> View:
    """The stage as a picture: a solid disc is up, a hollow crossed one is down, a box is a place, a dashed line a cut.

    `places` maps each member to its zone or region; `cut` is the number of members left of the cut, None for no cut line. With
    a cut the members stand in a row and the table tells sides instead of places, as in the browser.
    """
    _, sentence = describe(system, down, word=word, cut=cut or 0)
    place_of = {m: (places or {}).get(m, "") for m in system.members}
    if cut is None:
        where, standing = "place", place_of
    else:
        where, standing = "side of the cut", _sides(system.members, cut)
    rows = [(m, standing[m] or "–", "down" if m in down else "up") for m in system.members]
    words = ", ".join(f"{name} {state}" for name, _, state in rows)
    points, size = _positions(list(place_of.values()), in_a_row=cut is not None)

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_aspect("equal")
        if cut is None:
            _draw_places(axes, place_of, points)
        for i, (name, _, state) in enumerate(rows):
            _draw_member(axes, points[i], name, state == "up", " " if cut is None else "\n")
        if cut is not None:
            middle = points[0][0] + (cut - 0.5)
            axes.plot(
                [middle, middle], [-0.62, 0.55], color=VERMILION, linestyle="--", marker="", linewidth=2
            )
        xs, ys = [x for x, _ in points], [y for _, y in points]
        axes.set_xlim(min(xs) - 1.1, max(xs) + 1.1)
        axes.set_ylim(min(ys) - 0.7, max(ys) + 0.75)

    alt = f"A cluster of {plural(len(rows), 'member')}: {words}."
    if cut and cut < len(rows):
        alt += f" A network cut stands between {rows[cut - 1][0]} and {rows[cut][0]}."
    return View(sentence, alt, Table.of(("member", where, "state"), rows), draw, size, (0.1, 0.1, 0.1, 0.1))


def _sides(members: Sequence[str], cut: int) -> dict[str, str]:
    if not 0 < cut < len(members):
        return dict.fromkeys(members, "")
    return {m: "left" if i < cut else "right" for i, m in enumerate(members)}


def _positions(places: Sequence[str], in_a_row: bool) -> tuple[list[Point], tuple[float, float]]:
    n = len(places)
    names = list(dict.fromkeys(places))
    alone = names == [""]
    if in_a_row or (alone and n <= 2):
        return [(float(i), 0.0) for i in range(n)], (7.0, 1.7)
    if alone:
        radius = max(0.95, n / (2 * math.pi))
        angles = [math.pi / 2 - 2 * math.pi * i / n for i in range(n)]
        height = min(4.6, 1.05 * (2 * radius + 1.5))
        return [(radius * math.cos(a), radius * math.sin(a)) for a in angles], (7.0, height)
    seen = dict.fromkeys(names, 0)
    points = []
    for place in places:
        points.append((1.9 * names.index(place), -1.05 * seen[place]))
        seen[place] += 1
    return points, (7.0, 1.5 + 0.95 * max(seen.values()))


def _draw_places(axes: "Axes", place_of: Mapping[str, str], points: Sequence[Point]) -> None:
    from matplotlib.patches import FancyBboxPatch

    for i, place in enumerate(dict.fromkeys(p for p in place_of.values() if p)):
        inside = [point for point, p in zip(points, place_of.values(), strict=True) if p == place]
        low = min(y for _, y in inside)
        x = inside[0][0]
        axes.add_patch(
            FancyBboxPatch(
                (x - 0.75, low - 0.55), 1.5, -low + 1.1,
                boxstyle="round,pad=0.05,rounding_size=.12", facecolor=PLACES[i % len(PLACES)], edgecolor="none",
            )
        )  # fmt: skip
        axes.text(x, 0.42, place, ha="center", va="bottom", weight="bold")


def _draw_member(axes: "Axes", at: Point, name: str, is_up: bool, gap: str) -> None:
    from matplotlib.patches import Circle

    x, y = at
    axes.add_patch(
        Circle(at, 0.3, facecolor=ACCENT if is_up else PAPER, edgecolor=ACCENT if is_up else VERMILION, lw=2)
    )
    if not is_up:
        for sign in (1, -1):
            axes.plot(
                [x - 0.12, x + 0.12], [y - sign * 0.12, y + sign * 0.12], color=VERMILION, marker="", ls="-"
            )
    axes.text(x, y - 0.34, f"{name}{gap}{'up' if is_up else 'down'}", ha="center", va="top",
              color=INK if is_up else VERMILION)  # fmt: skip
