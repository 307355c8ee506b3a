"""Names beside spots: on nothing if that can be, and what runs through a box is what its points say."""

from itertools import product
from random import Random

import pytest

from quorumlab.views.labels import BESIDE, EDGE, HALF, Box, Line, free_place

SIZE = (700.0, 300.0)
SPOT = (350.0, 150.0)


def box_of(place: tuple[float, float, str], wide: float) -> Box:
    left = {"left": place[0], "center": place[0] - wide / 2, "right": place[0] - wide}[place[2]]
    return left, place[1] - HALF, left + wide, place[1] + HALF


def touches(line: Line, box: Box, parts: int = 4000) -> bool:
    """Whether one of many points of a line is in a box."""
    (x0, y0), (x1, y1) = line
    points = ((x0 + (x1 - x0) * i / parts, y0 + (y1 - y0) * i / parts) for i in range(parts + 1))
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in points)


def test_with_nothing_around_it_stands_to_the_right() -> None:
    taken: list[Box] = []
    assert free_place(SPOT, 80, taken, [], SIZE) == (369, 150, "left", True)
    assert taken == [(369, 141, 449, 159)]


@pytest.mark.parametrize("seed", range(30))
def test_it_takes_the_first_place_on_nothing_and_on_the_fewest_lines(seed: int) -> None:
    rng = Random(seed)
    ends = [(rng.uniform(250, 450), rng.uniform(80, 220)) for _ in range(2 * rng.randint(0, 8))]
    lines = list(zip(ends[::2], ends[1::2], strict=True))
    taken = [(x, y, x + 24, y + 24) for x, y in ends[:3]]
    spot, wide = (rng.uniform(20, 680), rng.uniform(20, 280)), rng.uniform(30, 150)
    costs = []
    for dx, dy, side in BESIDE:
        box = box_of((spot[0] + dx, spot[1] + dy, side), wide)
        if box[0] > EDGE and box[1] > EDGE and box[2] < SIZE[0] - EDGE and box[3] < SIZE[1] - EDGE:
            meets = any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3] for t in taken)
            costs.append(
                ((meets, sum(touches(line, box) for line in lines)), (spot[0] + dx, spot[1] + dy, side))
            )
    place = free_place(spot, wide, taken, lines, SIZE)
    cost, best = min(costs, key=lambda pair: pair[0])
    assert place[:3] == best and place.clear == (cost[1] == 0)


@pytest.mark.parametrize(("dx", "dy"), list(product((-1, 0, 1), repeat=2)))
def test_upright_level_and_empty_lines_are_lines_too(dx: int, dy: int) -> None:
    """A ray from just beyond the first place meets it, or not, as its points do."""
    start = (367.0, 150.0)
    line = start, (start[0] + 200 * dx, start[1] + 200 * dy)
    place = free_place(SPOT, 80, [], [line], SIZE)
    assert (place[:3] == (369, 150, "left")) == (not touches(line, (369, 141, 449, 159)))
