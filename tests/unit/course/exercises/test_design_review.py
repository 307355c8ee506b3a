"""The exercises of notebook 11: other right ways, and the references against every layout there is and against topologies."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest

from quorumlab.course.exercise import judge
from quorumlab.course.exercises.design_review import EXERCISES
from quorumlab.topology import Topology

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def splits(n: int, zones: int) -> Iterator[tuple[int, ...]]:
    """All ways to share n voters over zones."""
    if zones == 1:
        yield (n,)
        return
    for first in range(n + 1):
        yield from ((first, *rest) for rest in splits(n - first, zones - 1))


def fewest_by_search(zones: int, more: int) -> int | None:
    """The first number of voters of which some layout survives every loss, gone through one by one."""
    if zones < 3:
        return None
    for n in range(1, 60):
        even = [n // zones + (i < n % zones) for i in range(zones)]
        if all(2 * (n - held - more) > n for held in even):
            return n
    raise AssertionError


def stop_by_combinations(votes: list[int]) -> int:
    n = sum(votes)
    return next(
        k for k in range(1, len(votes) + 1) if any(2 * (n - sum(c)) <= n for c in combinations(votes, k))
    )


@pytest.mark.parametrize(
    ("id", "answer"), [("fewest-voters", fewest_by_search), ("zones-to-stop", stop_by_combinations)]
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    result = judge(BY_ID[id], answer)
    assert result.outcome == "correct" and result.message == BY_ID[id].praise, result.message


@pytest.mark.parametrize("zones", [1, 2, 3, 4])
@pytest.mark.parametrize("more", [0, 1])
def test_no_layout_at_all_of_fewer_voters_survives(zones: int, more: int) -> None:
    fewest = BY_ID["fewest-voters"].reference(zones, more)

    def survives(split: tuple[int, ...]) -> bool:
        t = Topology.of({f"zone {i}": held for i, held in enumerate(split) if held})
        return bool(t.survives_any_plus_one("zone") if more else t.survives_any("zone"))

    for n in range(1, 12 if fewest is None else fewest):
        assert not any(survives(split) for split in splits(n, zones))
    assert fewest is None or any(survives(split) for split in splits(fewest, zones))


def test_zones_to_stop_agrees_with_topologies() -> None:
    for votes in ((2, 2, 1), (1, 1, 1, 1, 1), (3, 1, 1), (2, 2)):
        t = Topology.of({f"zone {i}": held for i, held in enumerate(votes)})
        k = BY_ID["zones-to-stop"].reference(list(votes))
        zones = list(t.zones)
        assert any(not t.survives(zone=c) for c in combinations(zones, k))
        assert all(t.survives(zone=c) for c in combinations(zones, k - 1)) or k == 1
