"""The labs as their tests need them: the notebooks, what the solutions define, and an answer put to the grader's judge."""

from collections.abc import Callable, Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

import nbformat

from quorumlab.course.answers import same
from quorumlab.course.calls import outcome
from quorumlab.course.selfcheck import resolved
from quorumlab.course.wire import to_wire
from quorumlab.grading.judging import Answer, TaskResult, cases_of, judged
from quorumlab.grading.lab import Facts, GradedTask, Lab
from quorumlab.grading.labs import found
from tools.notebooks import ROOT

NAMES = sorted(found())
TASKS = [(name, task.id) for name in NAMES for task in found()[name].graded]


@cache
def load(name: str) -> SimpleNamespace:
    """A lab: its name, the grader's half, the notebook with solutions and the student's copy."""
    source, copy = (
        nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)
        for folder in ("solutions", "labs")
    )
    return SimpleNamespace(name=name, lab=found()[name], source=source, copy=copy)


def task_of(name: str, id: str) -> GradedTask:
    """A graded task of a lab."""
    return next(task for task in found()[name].graded if task.id == id)


@cache
def solved(name: str) -> Mapping[str, Any]:
    """What the solutions of a lab define; nothing else of the notebook is run but its imports."""
    names: dict[str, Any] = {}
    for cell in load(name).source.cells:
        if cell.cell_type == "code" and (
            cell.source.startswith(("import ", "from ")) or cell.metadata.get("nbgrader", {}).get("solution")
        ):
            exec(cell.source, names)
    return names


def facts_of(lab: Lab) -> Facts:
    """The facts of a student who has no name."""
    return lab.facts_of("")


def graded_as(
    task: GradedTask, answer: Callable[..., Any], seed: str = "0", facts: Facts | None = None
) -> TaskResult:
    """The result of who answers each case as ``answer`` does, which takes a case as it is kept."""
    answers = [
        Answer(part, case, to_wire(outcome(answer, case))) for part, case in cases_of(task, seed, facts)
    ]
    return judged(task, answers, facts or {})


def is_right(task: GradedTask, case: tuple[Any, ...], got: Any, facts: Facts | None = None) -> bool:
    """Whether one answer to one case is right."""
    expected = to_wire(task.reference(*case, *((facts,) if task.personal else ())))
    fault = resolved(task.fault)
    return fault(expected, to_wire(got), *case) == "" if fault else same(expected, to_wire(got))
