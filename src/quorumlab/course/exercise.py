"""A function to write, and the verdict on what a learner wrote: correct, incorrect, not attempted or not judged, in words that help.

A task compares the learner's function with a reference on listed inputs, and on further ones that are shown only if they tell
against it. When it is wrong in the way that a known misconception is wrong, on every one of them, the misconception is named; what
else can be said of it stands in ``remarks``. Nothing here knows a registry or keeps progress, and nothing needs more than plain
Python, so that a sandbox can use it.
"""

import html
import time
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from quorumlab.course import remarks
from quorumlab.course.answers import Endless, Odd, Stopped, same, shown, told_apart
from quorumlab.course.calls import Limit, outcome
from quorumlab.course.remarks import Call
from quorumlab.views.table import Table

__all__ = ["CheckResult", "Mark", "Misconception", "Task", "judge", "same"]

Mark = Literal["correct", "incorrect", "not attempted", "not judged"]
Case = tuple[Any, ...]
MARKS: Mapping[Mark, str] = {
    "correct": "✓ Correct",
    "incorrect": "✕ Not yet",
    "not attempted": "○ Not attempted",
    "not judged": "○ Not judged",
}
MARK_CSS = (
    "<style>.ql-correct{color:#0b6b3a}.ql-incorrect{color:#b4330b}[data-jp-theme-light='false'] .ql-correct{color:#7fd6a3}"
    "[data-jp-theme-light='false'] .ql-incorrect{color:#ff9d73}</style>"
)
"""The colours of a question's verdict (``quorumlab.css``), which is there only where a widget has run."""
LIMIT_S = 5
"""Seconds that all calls of a learner's function may take together."""
SLOW_S = 0.02
FURTHER_S = 1
"""Further inputs grow. They end before one that would take long: at the second that takes ``SLOW_S`` (the first may have been Python's,
which was clearing up), or after ``FURTHER_S`` in all, of the processor's time, so that a busy machine makes no difference."""


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
    nudge to nearly the answer; ``praise`` says what the learner has shown. ``further`` gives more argument tuples, of growing size:
    the longer a function takes, the fewer it is asked.

    Where many answers are right, ``fault(expected, got, *case)`` says in a sentence what is wrong with one, or gives an empty text;
    ``reference`` then gives what ``fault`` needs to know, which is not shown.
    """

    id: str
    parameters: tuple[str, ...]
    cases: tuple[Case, ...]
    reference: Callable[..., Any]
    misconceptions: tuple[Misconception, ...]
    hints: tuple[str, ...]
    praise: str
    further: Callable[[], Iterable[Case]] = tuple
    fault: Callable[..., str] | None = None


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
        """The result as HTML, each hint closed until it is asked for, and the table too once all is right."""
        judged = self.outcome in ("correct", "incorrect")
        mark = f"<strong class='ql-{self.outcome}'>" if judged else "<strong>"
        head = f"<p>{mark}{MARKS[self.outcome]}.</strong> {html.escape(self.message)}</p>"
        parts = [MARK_CSS + head if judged else head]
        if self.table:
            table = self.table.to_html()
            summary = f"<summary>Your {len(self.table.rows)} answers</summary>"
            parts.append(f"<details>{summary}{table}</details>" if self else table)
        for number, hint in enumerate(self.hints, 1):
            parts.append(f"<details><summary>Hint {number}</summary><p>{html.escape(hint)}</p></details>")
        return "".join(parts)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


def judge(
    task: Task, answer: Callable[..., Any], *, tell_answers: bool = True, seconds: float = LIMIT_S
) -> CheckResult:
    """The verdict on one function, without hints and without keeping anything.

    ``answer`` is called with a copy of each case; it may stand for a function that runs elsewhere, such as in a sandbox. Without
    ``tell_answers`` neither the inputs nor the expected answers are told, for cases that are to stay hidden.
    """
    if not callable(answer):
        return CheckResult(
            "incorrect",
            f"This check needs your function, but was given {shown(answer)}; pass its name without brackets.",
        )
    with Limit(seconds) as limit:
        try:
            calls = _answers(task, answer, limit)
        except NotImplementedError:
            return CheckResult(
                "not attempted",
                "Replace the line that raises NotImplementedError with your own, then run both cells.",
            )
        if all(call.right for call in calls):
            calls += [call for call in _further(task, answer, limit) if not call.right][:1]
        right = all(call.right for call in calls)
        message = task.praise if right else _why(task, answer, calls, limit, tell_answers)
    table = _table(task, calls, message) if tell_answers else None
    return CheckResult("correct" if right else "incorrect", message, table)


def _answers(task: Task, answer: Callable[..., Any], limit: Limit) -> list[Call]:
    """The calls with the cases of the task, up to one that does not come back."""
    calls: list[Call] = []
    for case in task.cases:
        calls.append(_call(task, case, outcome(answer, case, limit), limit))
        # What judges an answer may have used up the time too; the function is then not to be blamed for the next case.
        if type(calls[-1].got) is Endless or (calls[-1].fault and limit.over):
            break
    return calls


def _call(task: Task, case: Case, got: Any, limit: Limit) -> Call:
    expected = task.reference(*deepcopy(case))
    if task.fault is None or type(got) in (Stopped, Endless):
        return Call(case, expected, got)
    if type(got) is Odd:
        return Call(case, expected, got, f"your function gives {shown(got)}; give a plain value.")
    # The answer may have any shape, and what judges it may trip over it, or be kept busy by it.
    fault = outcome(task.fault, type(case)((expected, got, *case)), limit)
    if type(fault) is str:
        return Call(case, expected, got, fault)
    return Call(case, expected, got, f"your answer has a form that cannot be judged ({shown(fault)}).")


def _further(task: Task, answer: Callable[..., Any], limit: Limit) -> Iterable[Call]:
    """Calls with further inputs, as many as the function is quick enough for."""
    begun, slow = time.process_time(), 0
    for case in task.further():
        called = time.process_time()
        try:
            got = outcome(answer, case, limit)
        except NotImplementedError as error:
            got = Stopped(type(error).__name__)
        now = time.process_time()
        yield _call(task, case, got, limit)
        slow += now - called > SLOW_S
        if type(got) is Endless or slow > 1 or now - begun > FURTHER_S:
            return


def _why(task: Task, answer: Callable[..., Any], calls: list[Call], limit: Limit, tell: bool) -> str:
    """What is wrong: what is so of any such function, else a known misconception, else what its numbers show; then a difference."""
    if type(calls[-1].got) is Endless:
        return (
            f"{_where(task, calls[-1], tell)} your function had not come back after {limit.seconds:g} s; "
            "does its loop end?"
        )
    telling = min((call for call in calls if not call.right), key=lambda call: call.at_the_edge)
    said = remarks.of_its_form(answer, task.parameters, calls, may_be_constant=task.fault is not None)
    if not said and (named := _named(task, answer, calls, limit)):
        said = named.message
    if task.fault is None:
        said = said or remarks.of_its_values(calls)
    if not said and tell and task.fault is None:
        again = outcome(answer, telling.case, limit)
        said = remarks.of_its_numbers(answer, task.parameters, calls, again)
    if said and all(call.got is None for call in calls):
        return said
    return f"{said} {_difference(task, telling, tell)}".strip()


def _named(task: Task, answer: Callable[..., Any], calls: list[Call], limit: Limit) -> Misconception | None:
    """The misconception that gives what the learner's function gives, for every input that there is."""
    fit = [m for m in task.misconceptions if all(_fits(m, call) for call in calls)]
    if not any(not call.right and not _refused(call) for call in calls):
        return None
    further = _further(task, answer, limit) if fit else ()
    for call in further:
        fit = [m for m in fit if _fits(m, call)]
        if not fit:
            return None
    return fit[0] if fit else None


def _fits(misconception: Misconception, call: Call) -> bool:
    return _refused(call) or same(outcome(misconception.wrong, call.case), call.got)


def _refused(call: Call) -> bool:
    """A function of the course may refuse the smallest input, where a formula gives a number: the idea is the same."""
    return call.at_the_edge and type(call.got) is Stopped


def _table(task: Task, calls: list[Call], message: str) -> Table:
    """The answers, row by row; the words of an error stand once, in the message or in the first row that has it."""
    rows, said = [], {message}
    for call in calls:
        expected, yours = told_apart(call.expected, call.got)
        if type(call.got) is Stopped:
            if any(yours.rstrip(".") in text for text in said):
                yours = f"stopped with {call.got.type}"
            said.add(yours)
        answers = (yours,) if task.fault is not None else (expected, yours)
        rows.append((*map(repr, call.case), *answers, "✓" if call.right else "✕"))
    heads = ("yours", "right?") if task.fault is not None else ("expected", "yours", "same?")
    return Table.of((*task.parameters, *heads), rows)


def _where(task: Task, call: Call, tell: bool) -> str:
    if not tell:
        return "In a case that is not shown"
    called = ", ".join(f"{name} = {value!r}" for name, value in zip(task.parameters, call.case, strict=True))
    return f"For {called}" if called else "Here"


def _difference(task: Task, call: Call, tell: bool) -> str:
    where, got = _where(task, call, tell), call.got
    if type(got) is Stopped:
        stopped = shown(got).rstrip(".") if tell else f"stopped with {got.type}"
        number, text = got.line or (0, "")
        line = f" That was in its line {number}{text and f', “{text}”'}." if number else ""
        return f"{where} your function {stopped}.{line}"
    if call.fault:
        return f"{where}, {call.fault}"
    if not tell:
        return f"{where} your answer is not right."
    expected, yours = told_apart(call.expected, got)
    return f"{where} the answer is {expected}, and yours is {yours}."
