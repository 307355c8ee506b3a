"""The exercises of notebook 08: other right answers, and the references against quorums gone through one by one."""

from collections.abc import Callable
from itertools import combinations, count
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.course.exercise import judge
from quorumlab.course.exercises.two_sites import EXERCISES
from quorumlab.planning import over_sites

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def lead(a: int, b: int) -> int:
    return 0 if a == b else 1


def by_search(a: int, b: int) -> int:
    return next(c for c in count(1) if all(2 * lost < a + b + c for lost in (a, b, c)))


def half(n: int, left: int) -> bool:
    return 2 * left < n


@pytest.mark.parametrize(
    ("id", "answer"), [("sites-that-may-go", lead), ("third-site", by_search), ("may-lack", half)]
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    assert judge(BY_ID[id], answer).message == BY_ID[id].praise


def test_how_many_sites_may_go_is_what_topologies_survive() -> None:
    for a in range(1, 6):
        for b in range(1, 6):
            t = over_sites({"A": a, "B": b})
            assert BY_ID["sites-that-may-go"].reference(a, b) == sum(t.survives(region=s) for s in "AB") < 2


def test_the_third_site_is_the_smallest_that_survives_any_one() -> None:
    for a in range(1, 6):
        for b in range(1, 6):
            c = BY_ID["third-site"].reference(a, b)
            assert over_sites({"A": a, "B": b, "C": c}).survives_any("region")
            assert not over_sites({"A": a, "B": b, "C": c - 1}).survives_any("region")


def test_a_write_may_be_lacked_if_some_quorum_has_nobody_who_is_left() -> None:
    for n in range(1, 8):
        s = ql.majority(n)
        for left in range(1, n + 1):
            survivors = set(s.members[:left])
            missed = any(not survivors & set(quorum) for quorum in combinations(s.members, ql.quorum_size(n)))
            assert BY_ID["may-lack"].reference(n, left) == missed
