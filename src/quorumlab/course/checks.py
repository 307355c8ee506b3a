"""Check a learner's function against an exercise of the course, and keep how it went."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from quorumlab.arguments import near, shown
from quorumlab.course import progress
from quorumlab.course.calls import function_of
from quorumlab.course.cells import watch
from quorumlab.course.exercise import CheckResult, Task, judge
from quorumlab.course.exercises import found

BEFORE = " (You have had this right before; that is kept.)"


def check(id: str, answer: Callable[..., Any]) -> CheckResult:
    """Check the learner's function for an exercise and keep the outcome; raises ValueError for an unknown exercise.

    Nothing a learner writes makes this raise, save interrupting it. What was right once stays right: a later wrong try is explained
    and changes nothing about that.
    """
    task = exercises().get(id) if isinstance(id, str) else None
    if task is None:
        raise ValueError(f"There is no exercise {shown(id)}; choose one such as {near(id, exercises())}.")
    kept = progress.recall("exercises", id) or {}
    was_right = kept.get("correct", False)
    if why := _why_stale(answer):
        kept_too = BEFORE if was_right else ""
        return CheckResult("not judged", f"{why}{kept_too}", None, task.hints[: kept.get("misses", 0)])
    result = judge(task, answer)
    misses = kept.get("misses", 0) + (result.outcome == "incorrect")
    if result.outcome != "not attempted":
        progress.record("exercises", id, {"correct": was_right or bool(result), "misses": misses})
    opened = () if result else task.hints[: max(1, misses)]
    before = BEFORE if was_right and not result else ""
    return CheckResult(result.outcome, result.message + before, result.table, opened)


def _why_stale(answer: Callable[..., Any]) -> str:
    """Why there is nothing new to judge: the cell that should have replaced this function did not."""
    written = function_of(answer)
    return watch().why_stale(written.__name__, answer) if written else ""


@cache
def exercises() -> Mapping[str, Task]:
    """Every exercise of the course by its id; raises ValueError for an id that is used twice."""
    by_id: dict[str, Task] = {}
    for page, tasks in found().items():
        for task in tasks:
            if task.id in by_id:
                raise ValueError(
                    f"The exercise id {shown(task.id)} of {page} is used twice; give each exercise its own."
                )
            by_id[task.id] = task
    return MappingProxyType(by_id)
