"""Check a learner's function: correct, incorrect or not attempted, in words that help.

An exercise compares the learner's function with a reference on listed inputs. When it is wrong in the way that a known
misconception is wrong, on every input, the misconception is named; otherwise the first difference is.
"""

import html
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from numbers import Number, Real
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
LONGEST_SHOWN = 120
"""Characters of an answer that feedback shows; a longer one is cut."""


@dataclass(frozen=True)
class Misconception:
    """A known wrong way to solve an exercise: `wrong` computes what it would answer, `message` tells the learner why not.

    Where `wrong` stops with an error, a learner's function fits it if it stops with an error of the same type.
    """

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
            f"This check needs your function, but was given {_shown(answer)}; pass its name without brackets.",
        )
    suspects = list(exercise.misconceptions)
    rows: list[tuple[str, ...]] = []
    first_difference = ""
    gave_nothing = True
    for case in exercise.cases:
        expected = exercise.reference(*deepcopy(case))
        try:
            got = _outcome(answer, case)
        except NotImplementedError:
            return CheckResult(
                "not attempted",
                "Replace the line that raises NotImplementedError with your own, then run both cells.",
            )
        # Compared and put into words at once: the next call may change an object that this one gave back.
        agrees = same(expected, got)
        rows.append((*map(repr, case), repr(expected), _shown(got), "✓" if agrees else "✕"))
        gave_nothing = gave_nothing and got is None
        suspects = [suspect for suspect in suspects if same(_outcome(suspect.wrong, case), got)]
        if not agrees and not first_difference:
            first_difference = _difference(exercise, case, expected, got)
    table = Table.of((*exercise.parameters, "expected", "yours", "same?"), rows)
    if not first_difference:
        return CheckResult("correct", exercise.praise, table)
    if gave_nothing:
        return CheckResult(
            "incorrect", "Your function gives nothing back; end it with return and the value.", table
        )
    named = f"{suspects[0].message} " if suspects else ""
    return CheckResult("incorrect", named + first_difference, table)


def same(expected: object, got: object) -> bool:
    """Whether two answers agree: floats to 9 digits, True and 1 kept apart, everything else by equality."""
    numbers = isinstance(expected, Number) and isinstance(got, Number)
    if numbers and isinstance(expected, bool) != isinstance(got, bool):
        return False
    try:
        if isinstance(expected, float) and isinstance(got, Real):
            return math.isclose(expected, got, rel_tol=1e-9, abs_tol=1e-15)
        return bool(expected == got)
    except Exception:  # a learner's object may refuse to be compared
        return False


@dataclass(frozen=True)
class _Stopped:
    """What a call came to that ended in an error; two of one type are the same."""

    type: str
    words: str = field(compare=False)

    def __repr__(self) -> str:
        return f"stopped with {self.type}{self.words and f': {self.words}'}"


def _outcome(function: Callable[..., Any], case: tuple[Any, ...]) -> Any:
    """What a function gives for its own copy of a case, which it may change, or the error that it stopped with."""
    try:
        return function(*deepcopy(case))
    except (NotImplementedError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a learner's sys.exit() too must end nothing but the call
        try:
            words = str(error)
        except Exception:
            words = ""
        return _Stopped(type(error).__name__, words)


def _difference(exercise: Exercise, case: tuple[Any, ...], expected: object, got: object) -> str:
    called = ", ".join(f"{name} = {value!r}" for name, value in zip(exercise.parameters, case, strict=True))
    if isinstance(got, _Stopped):
        return f"For {called} your function {_shown(got).rstrip('.')}."
    return f"For {called} the answer is {expected!r}, and yours is {_shown(got)}."


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # a learner's object may have no words for itself, and an int may be too long to write
        return f"an object of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


@cache
def exercises() -> Mapping[str, Exercise]:
    """Every exercise of the course by its id."""
    from quorumlab.course.exercises import ALL

    return MappingProxyType({exercise.id: exercise for exercise in ALL})
