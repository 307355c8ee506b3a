"""The exercises of notebook 03: what each kind of answer is told."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from quorumlab.course.exercise import judge
from quorumlab.course.exercises.odd_sizes import EXERCISES

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def smallest_by_search(f: int) -> int:
    return next(n for n in count(1) if 2 * (n - f) > n)


def side_by_minority(here: int, there: int, n: int) -> bool:
    elsewhere = n - here
    return not here <= elsewhere


@pytest.mark.parametrize(
    ("id", "answer"), [("smallest-cluster", smallest_by_search), ("side-of-a-cut", side_by_minority)]
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    assert judge(BY_ID[id], answer).outcome == "correct"
    assert judge(BY_ID[id], answer).message == BY_ID[id].praise


def test_the_reference_survives_every_set_of_crashes_and_one_member_fewer_does_not() -> None:
    """`smallest-cluster` against the quorum systems themselves."""
    import quorumlab as ql

    reference = BY_ID["smallest-cluster"].reference
    for f in range(5):
        assert ql.majority(reference(f)).fault_tolerance == f
        assert f == 0 or ql.majority(reference(f) - 1).fault_tolerance < f


def test_the_reference_agrees_with_the_majority_on_each_side() -> None:
    import quorumlab as ql

    reference = BY_ID["side-of-a-cut"].reference
    for n in range(1, 8):
        s = ql.majority(n)
        for here in range(n + 1):
            for there in range(n + 1 - here):
                assert reference(here, there, n) == s.is_quorum(s.members[:here])
                assert not (reference(here, there, n) and reference(there, here, n))
