"""The land of the earth on a flat map, in CSS pixels: Natural Earth's coastlines, which come with the course (``land-110m.txt``)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any

Point = tuple[float, float]

WIDTH = 700
WEST, EAST = -130.0, 160.0
NORTH, SOUTH = 66.0, -42.0
PIXELS_PER_DEGREE = WIDTH / (EAST - WEST)
COARSE = 1.5
"""Points of a coast nearer to each other than so many pixels cannot be told apart, and cost a redraw."""

BEYOND = 12.0

GRAIN = 0.1 / 0.72
"""Coasts are kept to a tenth of a point (1/72 inch; 100 pixels are an inch): SVG then writes each number with one digit, not six."""


def _miller(lat: float) -> float:
    """Miller's cylindrical projection: degrees on the map for degrees north (Snyder, "Map Projections", 1987, p. 88)."""
    return math.degrees(1.25 * math.log(math.tan(math.pi / 4 + 0.4 * math.radians(lat))))


HEIGHT = round((_miller(NORTH) - _miller(SOUTH)) * PIXELS_PER_DEGREE)


def on_map(lat: float, lon: float) -> Point:
    """Where a place is, in pixels from the upper left corner of the map; a place off the map is outside it."""
    return (lon - WEST) * PIXELS_PER_DEGREE, (_miller(NORTH) - _miller(lat)) * PIXELS_PER_DEGREE


@cache
def coasts() -> tuple[tuple[Point, ...], ...]:
    """The outlines of all land that the map shows, each as points in pixels; an inland sea is an outline within one."""
    topology = json.loads(files("quorumlab.views").joinpath("land-110m.json").read_text(encoding="utf-8"))
    arcs = [_degrees(arc, topology["transform"]) for arc in topology["arcs"]]
    (land,) = topology["objects"]["land"]["geometries"]
    rings = (_joined(ring, arcs) for polygon in land["arcs"] for ring in polygon)
    flat = (
        _coarse([_clamped(on_map(max(lat, -80.0), lon)) for lon, lat in _unbroken(ring)]) for ring in rings
    )
    return tuple(ring for ring in flat if len(ring) > 3 and _seen(ring))


def _degrees(arc: Sequence[Point], transform: Any) -> list[Point]:
    """An arc as degrees (east, north): TopoJSON keeps whole numbers, each the difference to the one before."""
    (east, north), (x0, y0) = transform["scale"], transform["translate"]
    xs, ys = accumulate(x for x, _ in arc), accumulate(y for _, y in arc)
    return [(x0 + east * x, y0 + north * y) for x, y in zip(xs, ys, strict=True)]


def _unbroken(ring: Sequence[Point]) -> list[Point]:
    """A ring that goes on over 180° east instead of coming back from the west, where it would cross the whole map; of its copies all
    around the globe the one nearest to the middle of the map."""
    points = [ring[0]]
    for lon, lat in ring[1:]:
        turns = round((points[-1][0] - lon) / 360)
        points.append((lon + 360 * turns, lat))
    middle = (min(lon for lon, _ in points) + max(lon for lon, _ in points)) / 2
    around = 360 * round((middle - (WEST + EAST) / 2) / 360)
    return [(lon - around, lat) for lon, lat in points]


def _joined(ring: Sequence[int], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """The arcs of a ring one after the other; a negative number is an arc from its end, and where two meet a point stands twice."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def _clamped(point: Point) -> Point:
    """A point far off the map is drawn at its edge, just outside: coasts there need no detail."""
    x, y = min(max(point[0], -BEYOND), WIDTH + BEYOND), min(max(point[1], -BEYOND), HEIGHT + BEYOND)
    return round(x / GRAIN) * GRAIN, round(y / GRAIN) * GRAIN


def _coarse(points: Sequence[Point]) -> tuple[Point, ...]:
    kept = [points[0]]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) >= COARSE:
            kept.append(point)
    return (*kept, points[-1])


def _seen(ring: Sequence[Point]) -> bool:
    xs, ys = zip(*ring, strict=True)
    return bool(max(xs) > 0 and min(xs) < WIDTH and max(ys) > 0 and min(ys) < HEIGHT)
