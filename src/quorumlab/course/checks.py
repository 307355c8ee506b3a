"""Check a learner's function: correct, incorrect or not attempted, in words that help.

An exercise compares the learner's function with a reference on listed inputs. When it is wrong in the way that a known
misconception is wrong, on every input, the misconception is named; otherwise the first difference is.
"""

import html
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from quorumlab.course import progress
from quorumlab.views.view import Table

Outcome = Literal["correct", "incorrect", "not attempted"]
MARKS: Mapping[str, str] = {
    "correct": "✓ Correct",
    "incorrect": "✕ Not yet",
    "not attempted": "○ Not attempted",
}


@dataclass(frozen=True)
class Misconception:
    """A known wrong way to solve an exercise: `wrong` computes what it would answer, `message` tells the learner why not."""

    name: str
    wrong: Callable[..., Any]
    message: str


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    `cases` are argument tuples; `parameters` names them in feedback; `reference` is the right function; `hints` go from a nudge
    to nearly the answer; `praise` says what the learner has shown.
    """

    id: str
    parameters: tuple[str, ...]
    cases: tuple[tuple[Any, ...], ...]
    reference: Callable[..., Any]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    praise: str


@dataclass(frozen=True)
class CheckResult:
    """What a check found. `table` sets the learner's answers beside the expected ones; `hints` are those opened so far."""

    outcome: Outcome
    message: str
    table: Table | None = None
    hints: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.outcome == "correct"

    def to_text(self) -> str:
        """The result as plain text, without the hints."""
        head = f"{MARKS[self.outcome]}. {self.message}"
        return f"{head}\n\n{self.table.to_text()}" if self.table else head

    def to_html(self) -> str:
        """The result as HTML, each hint closed until it is asked for."""
        parts = [f"<p><strong>{MARKS[self.outcome]}.</strong> {html.escape(self.message)}</p>"]
        if self.table:
            parts.append(self.table.to_html())
        for number, hint in enumerate(self.hints, 1):
            parts.append(f"<details><summary>Hint {number}</summary><p>{html.escape(hint)}</p></details>")
        return "".join(parts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


def check(id: str, answer: Callable[..., Any]) -> CheckResult:
    """Check the learner's function for an exercise and keep the outcome; raises ValueError for an unknown exercise.

    Nothing a learner writes makes this raise, save interrupting it.
    """
    exercise = exercises().get(id)
    if exercise is None:
        raise ValueError(f"There is no exercise {id!r}; the exercises are {', '.join(sorted(exercises()))}.")
    result = judge(exercise, answer)
    kept = progress.recall("exercises", id) or {}
    misses = kept.get("misses", 0) + (result.outcome == "incorrect")
    if result.outcome != "not attempted":
        progress.record("exercises", id, {"correct": bool(result), "misses": misses})
    opened = () if result else exercise.hints[: max(1, misses)]
    return CheckResult(result.outcome, result.message, result.table, opened)


def judge(exercise: Exercise, answer: Callable[..., Any]) -> CheckResult:
    """The verdict on one function, without hints and without keeping anything."""
    if not callable(answer):
        return CheckResult(
            "incorrect",
            f"This check needs your function, but was given {answer!r}; pass its name without brackets.",
        )
    got: list[Any] = []
    for case in exercise.cases:
        try:
            got.append(answer(*case))
        except NotImplementedError:
            return CheckResult(
                "not attempted",
                "Replace the line that raises NotImplementedError with your own, then run both cells.",
            )
        except Exception as error:
            return CheckResult(
                "incorrect",
                f"For {_called(exercise, case)} your function stopped with {type(error).__name__}: {error}.",
            )
    expected = [exercise.reference(*case) for case in exercise.cases]
    table = _table(exercise, expected, got)
    wrong = [i for i, (e, g) in enumerate(zip(expected, got, strict=True)) if not same(e, g)]
    if not wrong:
        return CheckResult("correct", exercise.praise, table)
    if all(g is None for g in got):
        return CheckResult(
            "incorrect", "Your function gives nothing back; end it with return and the value.", table
        )
    first = wrong[0]
    difference = f"For {_called(exercise, exercise.cases[first])} the answer is {expected[first]!r}, and yours is {got[first]!r}."
    for misconception in exercise.misconceptions:
        if all(
            same(_quietly(misconception.wrong, case), g) for case, g in zip(exercise.cases, got, strict=True)
        ):
            return CheckResult("incorrect", f"{misconception.message} {difference}", table)
    return CheckResult("incorrect", difference, table)


def same(expected: object, got: object) -> bool:
    """Whether two answers agree: floats to 9 digits, True and 1 kept apart, everything else by equality."""
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, float) and isinstance(got, (int, float)):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-15)
    try:
        return bool(expected == got)
    except Exception:  # a learner's object may refuse to be compared
        return False


@cache
def exercises() -> Mapping[str, Exercise]:
    """Every exercise of the course by its id."""
    from quorumlab.course.exercises import ALL

    return MappingProxyType({exercise.id: exercise for exercise in ALL})


def _quietly(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    try:
        return function(*case)
    except (ArithmeticError, ValueError, TypeError):
        return None


def _called(exercise: Exercise, case: tuple[Any, ...]) -> str:
    return ", ".join(f"{name} = {value!r}" for name, value in zip(exercise.parameters, case, strict=True))


def _table(exercise: Exercise, expected: list[Any], got: list[Any]) -> Table:
    rows = [
        (*map(repr, case), repr(e), repr(g), "✓" if same(e, g) else "✕")
        for case, e, g in zip(exercise.cases, expected, got, strict=True)
    ]
    return Table.of((*exercise.parameters, "expected", "yours", "same?"), rows)
