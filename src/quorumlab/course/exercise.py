"""A function to write, and the verdict on what a learner wrote: correct, incorrect or not attempted, in words that help.

A task compares the learner's function with a reference on listed inputs. When it is wrong in the way that a known misconception
is wrong, on every input, the misconception is named; otherwise the first difference is. Nothing here knows a registry or keeps
progress, and nothing needs more than plain Python, so that a sandbox can use it.
"""

import html
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from numbers import Real
from typing import Any, Literal

from quorumlab.arguments import is_truth
from quorumlab.views.table import Table

Mark = Literal["correct", "incorrect", "not attempted"]
MARKS: Mapping[Mark, str] = {
    "correct": "✓ Correct",
    "incorrect": "✕ Not yet",
    "not attempted": "○ Not attempted",
}
LONGEST_SHOWN = 120
"""Characters of an answer that feedback shows; a longer one is cut."""


@dataclass(frozen=True)
class Misconception:
    """A known wrong way to solve a task: ``wrong`` computes what it would answer, ``message`` tells the learner why not.

    Where ``wrong`` stops with an error, a learner's function fits it if it stops with an error of the same type.
    """

    name: str
    wrong: Callable[..., Any]
    message: str


@dataclass(frozen=True)
class Task:
    """A function to write.

    ``cases`` are argument tuples; ``parameters`` names them in feedback; ``reference`` is the right function; ``hints`` go from a
    nudge to nearly the answer; ``praise`` says what the learner has shown.
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
    """What a check found. ``table`` sets the learner's answers beside the expected ones; ``hints`` are those opened so far."""

    outcome: Mark
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


def judge(task: Task, answer: Callable[..., Any], *, tell_answers: bool = True) -> CheckResult:
    """The verdict on one function, without hints and without keeping anything.

    ``answer`` is called with a copy of each case; it may stand for a function that runs elsewhere, such as in a sandbox. Without
    ``tell_answers`` neither the inputs nor the expected answers are told, for cases that are to stay hidden.
    """
    if not callable(answer):
        return CheckResult(
            "incorrect",
            f"This check needs your function, but was given {_shown(answer)}; pass its name without brackets.",
        )
    suspects = list(task.misconceptions)
    rows: list[tuple[str, ...]] = []
    first_difference = ""
    gave_nothing = True
    for case in task.cases:
        expected = task.reference(*deepcopy(case))
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
            first_difference = _difference(task, case, expected, got, tell_answers)
    table = Table.of((*task.parameters, "expected", "yours", "same?"), rows) if tell_answers else None
    if not first_difference:
        return CheckResult("correct", task.praise, table)
    if gave_nothing:
        return CheckResult(
            "incorrect", "Your function gives nothing back; end it with return and the value.", table
        )
    named = f"{suspects[0].message} " if suspects else ""
    return CheckResult("incorrect", named + first_difference, table)


def same(expected: object, got: object) -> bool:
    """Whether two answers agree: floats to 9 digits, True and 1 kept apart, everything else by equality."""
    if is_truth(expected) != is_truth(got):
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


def _difference(task: Task, case: tuple[Any, ...], expected: object, got: object, tell: bool) -> str:
    called = ", ".join(f"{name} = {value!r}" for name, value in zip(task.parameters, case, strict=True))
    where = f"For {called}" if tell else "In a case that is not shown"
    if isinstance(got, _Stopped):
        stopped = _shown(got).rstrip(".") if tell else f"stopped with {got.type}"
        return f"{where} your function {stopped}."
    return (
        f"{where} the answer is {expected!r}, and yours is {_shown(got)}."
        if tell
        else f"{where} your answer is not right."
    )


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # a learner's object may have no words for itself, and an int may be too long to write
        return f"an object of type {type(value).__name__} that cannot be shown"
    return text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
