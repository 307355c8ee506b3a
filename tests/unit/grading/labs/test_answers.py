"""What each kind of answer to a task of a lab gets and is told: the stub, constants, each known misconception, another right answer."""

from collections.abc import Callable
from typing import Any

import pytest

from quorumlab.course.wire import to_wire
from quorumlab.grading.judging import Answer, Untried, cases_of, judged
from quorumlab.grading.labs import found
from tests.labs import NAMES, TASKS, facts_of, graded_as, load, solved, task_of

SEEDS = [str(seed) for seed in range(20)]
WRONG = [(name, id, m.name) for name, id in TASKS for m in task_of(name, id).misconceptions]


def own(name: str, function: Callable[..., Any], personal: bool) -> Callable[..., Any]:
    """The function with the facts of a student, where a task is told them."""
    facts = facts_of(load(name).lab)
    return (lambda *case: function(*case, facts)) if personal else function


def test_there_are_enough_misconceptions_each_with_a_sentence_of_its_own() -> None:
    assert len(WRONG) >= 30
    for name in NAMES:
        for task in found()[name].graded:
            told = [m.message for m in task.misconceptions]
            assert len(set(told)) == len(told) and all(len(text) > 30 and text.endswith(".") for text in told)
            assert len(set(task.misconceptions)) == len(told) and task.praise.endswith(".") and task.hints


@pytest.mark.parametrize(("name", "id", "misconception"), WRONG, ids=lambda value: value)
def test_a_misconception_is_named_and_loses_points_whatever_is_asked(
    name: str, id: str, misconception: str
) -> None:
    task = task_of(name, id)
    known = next(m for m in task.misconceptions if m.name == misconception)
    for seed in SEEDS:
        result = graded_as(task, own(name, known.wrong, task.personal), seed, facts_of(load(name).lab))
        assert result.points is not None and result.points < task.points, seed
        assert result.misconception == misconception, (seed, result.reason)
        assert result.shown.startswith(known.message), (seed, result.shown)


@pytest.mark.parametrize(("name", "id"), TASKS, ids=lambda value: value)
def test_an_untouched_stub_was_not_attempted(name: str, id: str) -> None:
    task = task_of(name, id)
    answers = [Answer(part, case, Untried()) for part, case in cases_of(task, "0", facts_of(load(name).lab))]
    result = judged(task, answers, facts_of(load(name).lab))
    assert (result.points, result.reason) == (0, "Not attempted: the stub is as it was handed out.")


@pytest.mark.parametrize(("name", "id"), TASKS, ids=lambda value: value)
def test_nobody_gets_a_point_for_a_constant(name: str, id: str) -> None:
    task, facts = task_of(name, id), facts_of(load(name).lab)
    right = [own(name, task.reference, task.personal)(*case) for case in task.visible_of(facts)]
    if not task.parameters or id == "by-hand" or id.startswith("hunt-"):
        right = []  # here one answer may be right for every case
    for constant in (None, True, False, 0, 1, "", "x", [], [1, 2], {}, {"a": 1}, [[]], *map(to_wire, right)):
        result = graded_as(task, lambda *_, constant=constant: constant, facts=facts)
        assert result.points == 0, (constant, result.parts)


@pytest.mark.parametrize(("name", "id"), TASKS, ids=lambda value: value)
def test_whatever_is_answered_is_judged(name: str, id: str) -> None:
    task, facts = task_of(name, id), facts_of(load(name).lab)
    deep: Any = "deep"
    for _ in range(18):
        deep = [deep]
    odd = (deep, [None] * 99, {"a": {"b": []}}, -1, 10**300, 1.5e308, "etcd-cluster:\n  nodes:\n", "a\nb: c", [["put"]],
           [["put", [], {}]], [["run_for", [-1], {}]], [["run_for", ["x"], {"seconds": 3}]], [["crash", [[]], {}]],
           [["partition", [{"a": 1}], {"a": 2}]], [["submit", ["remove", "etcd-1"], {}]])  # fmt: skip
    for answer in odd:
        result = graded_as(task, lambda *_, answer=answer: answer, facts=facts)
        assert (result.status, result.points) == ("graded", 0), answer
        assert result.reason and "cannot be judged" not in result.reason, (answer, result.reason)


@pytest.mark.parametrize("name", NAMES)
def test_a_misconception_in_one_part_keeps_the_points_of_the_others(name: str) -> None:
    """Where a task has parts, some known misconception wins one of them: that is what the parts are for."""
    kept = 0
    for task in found()[name].graded:
        for known in task.misconceptions:
            result = graded_as(task, own(name, known.wrong, task.personal), facts=facts_of(load(name).lab))
            kept += bool(result.points)
    assert kept > 0


def test_solutions_define_every_function() -> None:
    for name, id in TASKS:
        assert callable(solved(name)[task_of(name, id).function])
