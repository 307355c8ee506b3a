"""Where a name can stand beside a spot of a picture, so that it lies on nothing."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Point = tuple[float, float]
Line = tuple[Point, Point]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Side = Literal["left", "center", "right"]


class Place(NamedTuple):
    """A point, which side of the words is there, and whether they lie on no line."""

    x: float
    y: float
    side: Side
    clear: bool


BESIDE: tuple[tuple[float, float, Side], ...] = (
    (19, 0, "left"), (-19, 0, "right"), (0, 26, "center"), (0, -26, "center"), (0, -36, "center"),
    (4, 25, "left"), (-4, 25, "right"), (4, -25, "left"), (-4, -25, "right"),
    (17, 14, "left"), (-17, 14, "right"), (17, -14, "left"), (-17, -14, "right"), (0, 42, "center"), (0, -52, "center"),
)  # fmt: skip
"""Places beside a spot, the best first: pixels from it, and which side of the words is there."""

HALF = 9.0
"""Pixels from the middle of a name to its upper and lower edge."""

EDGE = 2.0
"""Pixels that stay free at the edge of the picture."""


def free_place(
    spot: Point, wide: float, taken: list[Box], lines: Sequence[Line], size: tuple[float, float]
) -> Place:
    """Where words so many pixels wide can stand beside a spot.

    On nothing that is ``taken`` if that can be, and then on as few of the ``lines`` as can be; within ``size``. The place is added
    to what is taken.
    """
    options = [(spot[0] + dx, spot[1] + dy, side) for dx, dy, side in BESIDE]
    boxes = [_box(option, wide) for option in options]
    inside = [i for i, box in enumerate(boxes) if _within(box, size)]
    crossed = {i: sum(_crosses(line, boxes[i]) for line in lines) for i in inside}
    best = min(inside, key=lambda i: (_meets(boxes[i], taken), crossed[i]))
    taken.append(boxes[best])
    return Place(*options[best], not crossed[best])


def _box(place: tuple[float, float, Side], wide: float) -> Box:
    x, y, side = place
    left = x - {"left": 0.0, "center": wide / 2, "right": wide}[side]
    return left, y - HALF, left + wide, y + HALF


def _within(box: Box, size: tuple[float, float]) -> bool:
    return box[0] > EDGE and box[1] > EDGE and box[2] < size[0] - EDGE and box[3] < size[1] - EDGE


def _meets(box: Box, taken: Sequence[Box]) -> bool:
    return any(box[0] < x1 and x0 < box[2] and box[1] < y1 and y0 < box[3] for x0, y0, x1, y1 in taken)


def _crosses(line: Line, box: Box) -> bool:
    """Whether a line has a point in a box: what is left of it between the box's sides (Liang and Barsky, 1984)."""
    first, last = 0.0, 1.0
    for axis in (0, 1):
        start, way = line[0][axis], line[1][axis] - line[0][axis]
        if way == 0:
            if not box[axis] <= start <= box[axis + 2]:
                return False
            continue
        near, far = sorted(((box[axis] - start) / way, (box[axis + 2] - start) / way))
        first, last = max(first, near), min(last, far)
    return first <= last
