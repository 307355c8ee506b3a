"""``check("task")`` in a lab: the visible cases, run at once and offline, on the function that the notebook defines.

What it knows stands in ``visible.json``, which is made with the lab and holds the visible cases only.
"""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from quorumlab.arguments import shown
from quorumlab.course.cells import watch
from quorumlab.course.exercise import CheckResult, Misconception, Task, judge
from quorumlab.course.wire import to_wire

VISIBLE = "visible.json"
MISSING = object()
LATER = "Points are given when the lab is graded, on cases that are not shown."


class Check:
    """The self-check of one lab; ``missing`` and errors of a student's function are told, and never raised."""

    def __init__(self, lab: str) -> None:
        self.lab = lab
        self.right: set[str] = set()
        watch()

    def __call__(self, task: str) -> CheckResult:
        """Check the function of a task against the visible cases; raises ValueError for an unknown task.

        The function is looked for by its name, where the call stands.
        """
        names = sys._getframe(1).f_globals
        path = _visible(self.lab)
        if path is None:
            return CheckResult(
                "not attempted",
                f"There is no {VISIBLE} of the lab {shown(self.lab)} here; put the one you got with the notebook beside it.",
            )
        known = json.loads(path.read_text(encoding="utf-8"))["tasks"]
        if not isinstance(task, str) or task not in known:
            raise ValueError(
                f"The lab {shown(self.lab)} has no task {shown(task)} with a check; its tasks are {', '.join(known)}."
            )
        function = known[task]["function"]
        if why := watch().why_stale(function, names.get(function)):
            return CheckResult("not judged", why)
        result = checked(known[task], names.get(function, MISSING))
        (self.right.add if result else self.right.discard)(task)
        return replace(result, message=f"{result.message} {self._so_far(len(known))}")

    def _so_far(self, checks: int) -> str:
        return f"Since this notebook was started, {len(self.right)} of this lab's {checks} checks came out right."

    def __repr__(self) -> str:
        return f"<check of the lab {self.lab!r}: check('task')>"


def lab(name: str) -> Check:
    """The self-check of a lab, by the lab's name: ``check = ql.lab("quorum-math")``, then ``check("members-needed")``."""
    if not isinstance(name, str):
        raise TypeError(
            f"The lab is {shown(name)}, but must be its name; write it in quotes, such as 'quorum-math'."
        )
    return Check(name)


def _visible(name: str) -> Path | None:
    """The data of a lab: beside the notebook, or in the course's folder of labs, above."""
    here = Path.cwd()
    places = [here / VISIBLE, *(above / "labs" / name / VISIBLE for above in (here, *here.parents))]
    return next((path for path in places if _of(path) == name), None)


def _of(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["lab"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def checked(known: Mapping[str, Any], given: object) -> CheckResult:
    """The verdict on what a notebook defines, by the visible cases of one task."""
    if given is MISSING:
        return CheckResult(
            "not attempted",
            f"There is no {known['function']} yet: run the cell that defines it, then this one.",
        )
    call = resolved(known["call"])
    if known["parameters"] and call is None and not callable(given):
        return CheckResult(
            "incorrect", f"{known['function']} is no longer a function; run the cell that defines it."
        )
    result = judge(as_task(known), answering(given, call))
    hints = () if result else tuple(known["hints"][:1])
    later = "" if result.outcome == "not attempted" else f" {LATER}"
    return CheckResult(result.outcome, f"{result.message}{later}", result.table, hints)


def as_task(known: Mapping[str, Any]) -> Task:
    """A task out of the data of its visible cases: what a function would give there is looked up."""
    cases = tuple(tuple(case) for case in known["cases"])
    return Task(
        known["id"],
        tuple(known["parameters"]),
        cases,
        _looked_up(cases, known["expected"]),
        tuple(
            Misconception(m["name"], _looked_up(cases, m["answers"]), m["message"])
            for m in known["misconceptions"]
        ),
        tuple(known["hints"]),
        known["praise"],
        fault=resolved(known["fault"]),
    )


def _looked_up(cases: tuple[tuple[Any, ...], ...], answers: list[Any]) -> Callable[..., Any]:
    by_case = dict(zip(map(json.dumps, cases), answers, strict=True))
    return lambda *case: by_case[json.dumps(case)]


def resolved(name: str) -> Callable[..., Any] | None:
    """The function behind ``"module:function"``; None for an empty name."""
    if not name:
        return None
    module, _, function = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def answering(given: Any, call: Callable[..., Any] | None) -> Callable[..., Any]:
    """What answers the cases: the function given, called as its lab says; each answer is what may cross to another process.

    What is no function is itself the answer; ``...`` stands for one that is still to be written.
    """
    if given is ...:
        return _untouched
    function = given if callable(given) else lambda *_: given
    if call is not None:
        return partial(_adapted, call, function)

    def answer(*case: Any) -> Any:
        return to_wire(function(*case))

    if type(given) is FunctionType:
        answer.__wrapped__ = given  # type: ignore[attr-defined] # so that its text can still be read
    return answer


def _adapted(call: Callable[..., Any], function: Callable[..., Any], *case: Any) -> Any:
    return to_wire(call(function, *case))


def _untouched(*_: object) -> Any:
    raise NotImplementedError
