"""The exercises of notebook 07: another way to be right, and the references against topologies themselves."""

from collections.abc import Callable
from itertools import count, product
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.course.exercise import judge
from quorumlab.course.exercises.zones import EXERCISES
from quorumlab.latency.traffic import traffic_cost

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def any_zone_one_by_one(counts: list[int]) -> bool:
    return all(2 * (sum(counts) - lost) > sum(counts) for lost in counts)


def fewest_by_dealing_out(zones: int) -> int:
    for n in count(1):
        counts = [n // zones + (i < n % zones) for i in range(zones)]
        if 2 * (n - counts[0] - 1) > n:
            return n
    raise AssertionError


def copies_one_by_one(counts: list[int], zone: int) -> int:
    return sum(count for other, count in enumerate(counts) if other != zone)


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("any-zone", any_zone_one_by_one),
        ("zone-and-one", fewest_by_dealing_out),
        ("copies-between-zones", copies_one_by_one),
    ],
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    assert judge(BY_ID[id], answer).message == BY_ID[id].praise


def placed(counts: list[int]) -> ql.Topology:
    zones = {f"us-east-1{chr(97 + i)}": n for i, n in enumerate(counts)}
    return ql.Topology.of(zones)


def test_the_references_are_what_topologies_do() -> None:
    for zones in (1, 2, 3, 4):
        for counts in product((1, 2, 3), repeat=zones):
            t = placed(list(counts))
            assert BY_ID["any-zone"].reference(list(counts)) == bool(t.survives_any("zone"))
            for zone, name in enumerate(t.zones):
                crossing = traffic_cost(t, leader=t.zones[name][0], between_zones=1)
                assert BY_ID["copies-between-zones"].reference(list(counts), zone) == crossing


@pytest.mark.parametrize(("zones", "fewest"), [(3, 9), (4, 7), (5, 5), (6, 5)])
def test_the_fewest_for_a_zone_and_one_more_by_trying_all_layouts(zones: int, fewest: int) -> None:
    def some_layout(n: int) -> bool:
        layouts = product(range(n + 1), repeat=zones - 1)
        return any(
            placed([c for c in (*counts, n - sum(counts)) if c]).survives_any_plus_one("zone")
            for counts in layouts
            if sum(counts) <= n and list(counts) == sorted(counts)
        )

    reference = BY_ID["zone-and-one"].reference
    assert reference(zones) == fewest and reference(2) is None
    assert some_layout(fewest) and not any(some_layout(n) for n in range(1, fewest))
