"""Check a learner's function against an exercise of the course, and keep how it went."""

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from quorumlab.course import progress
from quorumlab.course.exercise import CheckResult, Task, judge
from quorumlab.course.exercises import found


def check(id: str, answer: Callable[..., Any]) -> CheckResult:
    """Check the learner's function for an exercise and keep the outcome; raises ValueError for an unknown exercise.

    Nothing a learner writes makes this raise, save interrupting it.
    """
    task = exercises().get(id)
    if task is None:
        raise ValueError(f"There is no exercise {id!r}; the exercises are {', '.join(sorted(exercises()))}.")
    result = judge(task, answer)
    kept = progress.recall("exercises", id) or {}
    misses = kept.get("misses", 0) + (result.outcome == "incorrect")
    if result.outcome != "not attempted":
        progress.record("exercises", id, {"correct": bool(result), "misses": misses})
    opened = () if result else task.hints[: max(1, misses)]
    return CheckResult(result.outcome, result.message, result.table, opened)


@cache
def exercises() -> Mapping[str, Task]:
    """Every exercise of the course by its id; raises ValueError for an id that is used twice."""
    by_id: dict[str, Task] = {}
    for page, tasks in found().items():
        for task in tasks:
            if task.id in by_id:
                raise ValueError(
                    f"The exercise id {task.id!r} of {page} is used twice; give each exercise its own."
                )
            by_id[task.id] = task
    return MappingProxyType(by_id)
