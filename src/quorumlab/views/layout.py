"""Where members stand on a picture of a cluster: in a ring, in a row that can be cut, or in boxes for their zones and regions.

The stages in the browser and the still pictures all draw from these numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from quorumlab.arguments import shown
from quorumlab.topology import Topology

WIDTH = 700.0
RADIUS = 30.0
"""Of a member's disc."""

STRIP = 84.0
"""Of a picture, for its clients below the members."""

GAP = 96.0
"""From one member to the next."""

PAD = 14.0
"""Between boxes, and from a box to what stands in it."""

TOP = 10.0
"""From the upper edge to the boxes."""

BEND = RADIUS + 3
"""How far the middle of a column, or of a row of boxes, stands beside its ends, so that a link between the ends passes it."""

Place = str | Sequence[str]
"""Where a member stands: a zone, or all its places, the outermost first; "" or () is nowhere in particular."""

Side = Literal["left", "right", "raised", "below"]
"""Where the words and the log of a member go; "raised" is to the right, and clear of a link that runs there."""


@dataclass(frozen=True)
class Spot:
    """The middle of a member's disc, and where its words go."""

    x: float
    y: float
    words: Side


@dataclass(frozen=True)
class Box:
    """A place by its upper left corner; ``depth`` counts the places around it."""

    name: str
    x: float
    y: float
    width: float
    height: float
    depth: int


@dataclass(frozen=True)
class Layout:
    """Spots by member, and the boxes around them, outermost first, on a picture of ``width`` and ``height``; CSS pixels from its
    upper left corner. ``step`` is from one member of a row to the next, 0 where they stand in no row. ``clients`` are the middles of
    the clients, which stand in a row below."""

    width: float
    height: float
    spots: Mapping[str, Spot]
    boxes: tuple[Box, ...] = ()
    step: float = 0.0
    clients: Mapping[str, Spot] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def arrange(
    places: Mapping[str, Place], *, in_a_row: bool = False, logs: bool = False, clients: Sequence[str] = ()
) -> Layout:
    """Where the members of ``places`` stand. ``logs`` leaves room beside each for its words and its log; ``clients`` stand below."""
    layout = _arranged(places, in_a_row, logs)
    if not clients:
        return layout
    step = layout.width / len(clients)
    row = {name: Spot((i + 0.5) * step, layout.height + 34, "below") for i, name in enumerate(clients)}
    return replace(layout, height=layout.height + STRIP, clients=row)


def _arranged(places: Mapping[str, Place], in_a_row: bool, logs: bool) -> Layout:
    paths = {name: _path(place) for name, place in places.items()}
    if in_a_row:
        return _row(list(paths))
    if any(paths.values()):
        return _boxes(paths, logs)
    if logs:
        return _ring_with_logs(list(paths))
    return _row(list(paths)) if len(paths) <= 2 else _ring(list(paths))


def places_of(given: Mapping[str, Place] | Topology | None) -> dict[str, Place]:
    """Each member's place; those of a topology are its regions, if there are several, and zones. TypeError for what is no places."""
    if not isinstance(given, Topology):
        return _checked_places({} if given is None else given)
    if len(given.regions) == 1:
        return dict(given.zone_of)
    return {name: (given.region_of[name], zone) for name, zone in given.zone_of.items()}


def _checked_places(given: object) -> dict[str, Place]:
    if not isinstance(given, Mapping):
        raise TypeError(
            f"places are {shown(given)}, but must be a dict from member to zone; write for example {{'etcd-1': 'a'}}."
        )
    for name, place in given.items():
        parts = [place] if isinstance(place, str) else place
        if not (isinstance(parts, tuple | list) and all(isinstance(part, str) for part in parts)):
            raise TypeError(
                f"The place of {shown(name)} is {shown(place)}, but must be a zone, or region and zone; write for example 'a'."
            )
    return dict(given)


def place_words(place: Place) -> str:
    """A member's place in words, "" for none."""
    return ", ".join(_path(place))


def _path(place: Place) -> tuple[str, ...]:
    return tuple(part for part in ((place,) if isinstance(place, str) else place) if part)


def _row(names: Sequence[str]) -> Layout:
    step = min(GAP, (WIDTH - 40) / len(names))
    first = WIDTH / 2 - step * (len(names) - 1) / 2
    spots = {name: Spot(first + i * step, 64, "below") for i, name in enumerate(names)}
    return Layout(WIDTH, 150, spots, step=step)


def _ring(names: Sequence[str]) -> Layout:
    radius = max(90.0, GAP * len(names) / (2 * math.pi))
    spots = {}
    for i, name in enumerate(names):
        angle = 2 * math.pi * i / len(names) - math.pi / 2
        x, y = WIDTH / 2 + radius * math.cos(angle), RADIUS + 26 + radius * (1 + math.sin(angle))
        spots[name] = Spot(x, y, "below")
    return Layout(WIDTH, max(spot.y for spot in spots.values()) + RADIUS + 28, spots)


def _ring_with_logs(names: Sequence[str]) -> Layout:
    """Flat for few members, high for many: words and logs stand left and right of it."""
    n = len(names)
    across, up = (0.0 if n == 1 else 155.0), (0.0 if n <= 2 else max(145.0, 29.0 * n))
    turn = math.pi if n == 2 else math.pi / 2
    spots = {}
    for i, name in enumerate(names):
        angle = 2 * math.pi * i / n - turn
        x, y = WIDTH / 2 + across * math.cos(angle), up * (1 + math.sin(angle)) + 66
        words: Side = "raised" if i == 0 and n > 2 else "left" if x < WIDTH / 2 - 1 else "right"
        spots[name] = Spot(x, y, words)
    return Layout(WIDTH, max(spot.y for spot in spots.values()) + 64, spots)


# ---------------------------------------------------------------- boxes

Path = tuple[str, ...]


def _boxes(paths: Mapping[str, Path], logs: bool) -> Layout:
    """A column for each outermost place; the places in it one below the other."""
    # Under a crown and above a log; high enough for a link from row to row to pass who stands between.
    cell = (152.0, 187.0) if logs else (GAP, 132.0)
    columns = list(dict.fromkeys(path[:1] for path in paths.values()))
    nested = any(len(path) > 1 for path in paths.values())
    fits = (WIDTH - 20) / len(columns) - PAD
    width = max(cell[0] if logs else 0.0, min(2 * cell[0] + 2 * PAD if nested else 210.0, fits))
    whole = max(WIDTH, len(columns) * (width + PAD) + PAD)
    left = (whole - len(columns) * (width + PAD) + PAD) / 2
    spots: dict[str, Spot] = {}
    boxes: list[Box] = []
    for i, column in enumerate(columns):
        inside = {name: path[1:] for name, path in paths.items() if path[:1] == column}
        drop = BEND * (_bulge(i, len(columns)) + 0.5) if len(columns) > 2 else 0.0
        _fill(column, inside, (left + i * (width + PAD), TOP + drop), width, cell, spots, boxes, 0)
    bottom = max(box.y + box.height for box in boxes)
    level = [replace(b, y=TOP, height=bottom - TOP) if not b.depth else b for b in boxes]
    ordered = {name: spots[name] for name in paths}
    return Layout(
        whole, bottom + 10, ordered, tuple(sorted((b for b in level if b.name), key=lambda b: b.depth))
    )


def _fill(
    place: Path,
    inside: Mapping[str, Path],
    corner: tuple[float, float],
    width: float,
    cell: tuple[float, float],
    spots: dict[str, Spot],
    boxes: list[Box],
    depth: int,
) -> float:
    """Stand the members ``inside`` a place into its box, places within it first; returns the height of the box."""
    x, y = corner
    below = y + 36
    for inner in dict.fromkeys(path[:1] for path in inside.values() if path):
        deeper = {name: path[1:] for name, path in inside.items() if path[:1] == inner}
        below += PAD + _fill(inner, deeper, (x + PAD / 2, below), width - PAD, cell, spots, boxes, depth + 1)
    here = [name for name, path in inside.items() if not path]
    abreast = max(1, int(width // cell[0])) if depth else 1
    for i, name in enumerate(here):
        row, column = divmod(i, abreast)
        in_row = min(abreast, len(here) - row * abreast)
        middle = x + width / 2 + (column - (in_row - 1) / 2) * cell[0]
        if abreast == 1 and len(here) > 2:
            middle += _bulge(i, len(here)) * min(BEND, max(width - cell[0], 0.0))
        spots[name] = Spot(middle, below + RADIUS + (28 if cell[0] > GAP else 18) + row * cell[1], "below")
    height = below - y + math.ceil(len(here) / abreast) * cell[1] + (PAD if here else 0)
    boxes.append(Box(place[0] if place else "", x, y, width, height, depth))
    return height


def _bulge(index: int, count: int) -> float:
    """Where the member at ``index`` of a bent column of ``count`` stands: -1/2 at the ends, 1/2 in the middle, on a parabola, so that
    no three stand in a line."""
    along = index / (count - 1)
    return 4 * along * (1 - along) - 0.5
