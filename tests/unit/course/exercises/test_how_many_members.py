"""The exercises of notebook 06: what each kind of answer is told, and the references against other ways to count."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.course.exercise import judge
from quorumlab.course.exercises.how_many_members import EXERCISES

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def down_by_union(alone: float, shared_up: float) -> float:
    either_up_or_not = alone * shared_up
    return either_up_or_not + (1 - shared_up)


def ways_one_by_one(voters: int, spares: int, lost: int) -> int:
    machines = ["voter"] * voters + ["spare"] * spares
    return sum(
        2 * sum(m == "voter" and i not in gone for i, m in enumerate(machines)) > voters
        for gone in combinations(range(len(machines)), lost)
    )


@pytest.mark.parametrize(
    ("id", "answer"), [("shared-fate", down_by_union), ("ways-to-lose", ways_one_by_one)]
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    assert judge(BY_ID[id], answer).message == BY_ID[id].praise


@pytest.mark.parametrize("n", [1, 3, 4, 7])
def test_the_shared_room_is_that_of_the_exact_sum_over_zones(n: int) -> None:
    alone = ql.unavailability(ql.majority(n), 0.9)
    exact = ql.unavailability(ql.Topology.of({"room": n}), 0.9, 0.95)
    assert BY_ID["shared-fate"].reference(alone, 0.95) == pytest.approx(exact, rel=1e-12)


def test_four_machines_two_of_them_lost() -> None:
    reference = BY_ID["ways-to-lose"].reference
    assert (reference(4, 0, 2), reference(3, 1, 2)) == (0, 3)
