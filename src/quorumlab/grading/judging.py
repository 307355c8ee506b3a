"""From the answers of a submission to points: the course's own judge, on answers that were given elsewhere.

Nothing here runs what a student wrote. Answers are plain JSON values or a named ending, kept beside the cases that were asked; so the
same answers can be judged again, by a corrected lab, without running anything.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from quorumlab.course.answers import Odd, Stopped
from quorumlab.course.exercise import CheckResult, Misconception, Task, judge
from quorumlab.course.selfcheck import answering, resolved
from quorumlab.course.wire import to_wire
from quorumlab.grading.lab import Case, Facts, GradedTask, Lab

VISIBLE_PART = "visible"
JUDGING_S = 20
"""Seconds that judging all answers of one part may take: an answer may be made to keep its judge busy."""
SUBMISSION_S = 60
"""Seconds that judging all answers of one submission may take; an honest one takes less than one."""
TOO_LONG = "The answers of this submission take longer to judge than they may, all together"
REMEMBERED = 5_000
"""Characters of an answer, with its case, up to which what is wrong with it is remembered."""


@dataclass(frozen=True)
class Ended:
    """No answer: the process ended, or was ended, before it gave one. ``why`` is the end of a sentence that begins with "it"."""

    why: str


@dataclass(frozen=True)
class Answer:
    """One call: which part asked, with which case, and what came: a JSON value, a ``Stopped``, an ``Odd``, an ``Ended``."""

    part: str
    case: Case
    got: Any


@dataclass(frozen=True)
class Untried:
    """The stub as it was handed out."""


@dataclass(frozen=True)
class TaskResult:
    """A task's points, or None where nothing could be graded; ``parts`` are the names of those won.

    ``status`` is graded, ungradable or unread (a person is to read it). ``reason`` is a sentence without inputs, ``shown`` one with
    the visible inputs; both are empty for a right answer, and the same where only visible cases are wrong. ``misconception`` is the name of
    one that fits.
    """

    task: str
    points: float | None
    most: float
    status: str
    reason: str = ""
    shown: str = ""
    parts: tuple[str, ...] = ()
    misconception: str = ""


class Patience:
    """The seconds that are left for judging the answers of one submission."""

    def __init__(self) -> None:
        self.left: float = SUBMISSION_S

    @property
    def over(self) -> bool:
        """Whether nothing is left, so that nothing more is judged."""
        return self.left <= 0

    def judge(self, task: Task, answers: Sequence[Answer], *, tell: bool) -> CheckResult:
        """The verdict on these answers, in what time is left and in no more than a part may take."""
        if self.over:
            return CheckResult("incorrect", TOO_LONG)
        begun = time.monotonic()
        try:
            return judge(task, _Replay(answers), tell_answers=tell, seconds=min(JUDGING_S, self.left))
        finally:
            self.left -= time.monotonic() - begun


def cases_of(task: GradedTask, seed: str, facts: Facts | None = None) -> list[tuple[str, Case]]:
    """All cases of a task by their part: the visible ones, then the hidden ones as the seed draws them."""
    asked = [(VISIBLE_PART, case) for case in task.visible_of(facts or {})]
    own = (facts or {},) if task.personal else ()
    for part in task.parts:
        chance = Random(f"{seed}/{task.id}/{part.name}")
        asked += [(part.name, tuple(case)) for case in part.cases(chance, *own)]
    return asked


class _Kept(tuple[Any, ...]):
    """A case that nobody changes, since no student's function gets it here: a copy of it is itself."""

    def __deepcopy__(self, _memo: object) -> "_Kept":
        return self


class _Replay:
    """Stands for a function that ran elsewhere: gives what it gave."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self.by_case = {json.dumps(answer.case): answer.got for answer in answers}

    def __call__(self, *case: Any) -> Any:
        got = self.by_case[json.dumps(case)]
        if type(got) is Untried:
            raise NotImplementedError
        return Stopped(got.why) if type(got) is Ended else got


def as_task(task: GradedTask, cases: Iterable[Case], facts: Facts) -> Task:
    """The task as the course's judge knows tasks, with these cases."""
    own = (facts,) if task.personal else ()

    def known(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *case: _known(function, json.dumps(case), json.dumps(own))

    misconceptions = tuple(Misconception(m.name, known(m.wrong), m.message) for m in task.misconceptions)
    return Task(
        task.id,
        task.parameters,
        tuple(map(_Kept, cases)),
        known(task.reference),
        misconceptions,
        task.hints,
        task.praise,
        fault=_remembered(task.fault) if task.fault else None,
    )


def _remembered(fault: str) -> Callable[..., str]:
    """What is wrong with an answer, asked once for each: it may mean running a simulation again."""

    def told(*given: Any) -> str:
        text = json.dumps(given)
        return (_faulted if len(text) <= REMEMBERED else _faulted.__wrapped__)(fault, text)

    return told


@lru_cache(maxsize=50_000)
def _faulted(fault: str, given: str) -> str:
    judge_of = resolved(fault)
    assert judge_of is not None
    return str(judge_of(*json.loads(given)))


@lru_cache(maxsize=50_000)
def _known(function: Callable[..., Any], case: str, own: str) -> Any:
    """What a function of the lab gives for a case: a whole class is asked the same, so each is computed once."""
    return to_wire(function(*json.loads(case), *json.loads(own)))


def judged(
    task: GradedTask, answers: Sequence[Answer], facts: Facts, patience: Patience | None = None
) -> TaskResult:
    """The points for what a function answered, and why not more; ``patience`` is that for all tasks of a submission.

    Visible cases carry no points, since answers made to fit them would earn some, and parts are what points are said to be for. Whoever
    is wrong there alone keeps all points and is told where: what a visible case asks, some hidden case should ask too.
    A task that is not judged to its end gets the points of the parts that were judged and won, and none can be told where there are none.
    """
    if all(type(answer.got) in (Ended, Odd) for answer in answers):
        first = answers[0].got
        why = first.why if type(first) is Ended else f"gave {first!r}, which is no plain value"
        return TaskResult(task.id, None, task.points, "ungradable", f"{task.function} {why}.")
    patience = patience or Patience()
    won = tuple(part.name for part in task.parts if _all_right(task, part.name, answers, facts, patience))
    points = sum(part.points for part in task.parts if part.name in won)
    if patience.over and len(won) < len(task.parts):
        if not won:
            return TaskResult(task.id, None, task.points, "ungradable", f"{TOO_LONG}: not judged.")
        reason = f"{TOO_LONG}; this task was graded as far as it went."
        return TaskResult(task.id, points, task.points, "graded", reason, reason, won)
    reason, shown, misconception = _reasons(task, answers, facts, patience)
    if len(won) == len(task.parts) and shown:
        reason = shown  # what is wrong is no secret, and the sentence without inputs would speak of cases that are not shown
    return TaskResult(task.id, points, task.points, "graded", reason, shown or reason, won, misconception)


def _reasons(
    task: GradedTask, answers: Sequence[Answer], facts: Facts, patience: Patience
) -> tuple[str, str, str]:
    """Why not all is right, without inputs and with the visible ones, and the misconception that fits; empty if all is."""
    ended = next((answer.got for answer in answers if type(answer.got) is Ended), None)
    answered = [answer for answer in answers if type(answer.got) is not Ended]
    reason, misconception = _why(task, answered, facts, patience, tell=False)
    if not reason and not ended:
        return "", "", ""
    visible = [answer for answer in answered if answer.part == VISIBLE_PART]
    shown, _ = _why(task, visible, facts, patience, tell=True) if visible else ("", "")
    if ended:
        reason = f"{task.function} {ended.why}; it was graded as far as it went. {reason}".strip()
    return reason, shown, misconception


def _all_right(
    task: GradedTask, part: str, answers: Sequence[Answer], facts: Facts, patience: Patience
) -> bool:
    own = [answer for answer in answers if answer.part == part]
    if not own or any(type(answer.got) is Ended for answer in own):
        return False
    return bool(patience.judge(as_task(task, [answer.case for answer in own], facts), own, tell=False))


def _why(
    task: GradedTask, answers: Sequence[Answer], facts: Facts, patience: Patience, *, tell: bool
) -> tuple[str, str]:
    """Why not all is right, in a sentence, and the misconception that fits; empty texts if all is right."""
    result = patience.judge(as_task(task, [answer.case for answer in answers], facts), answers, tell=tell)
    if result:
        return "", ""
    if patience.over:
        return f"{TOO_LONG}, so why this task is not all right was not looked for.", ""
    if result.outcome == "not attempted":
        return "Not attempted: the stub is as it was handed out.", ""
    named = next((m.name for m in task.misconceptions if result.message.startswith(m.message)), "")
    return result.message, named


def answers_of(task: GradedTask, function: object, seed: str, facts: Facts | None = None) -> list[Answer]:
    """What a function of this process answers to all cases: for tests of a lab, where nobody is mistrusted."""
    answer = answering(function, resolved(task.call))
    return [Answer(part, case, _given(answer, case)) for part, case in cases_of(task, seed, facts)]


def _given(answer: Callable[..., Any], case: Case) -> Any:
    try:
        return answer(*json.loads(json.dumps(case)))
    except NotImplementedError:
        return Untried()
    except Exception as error:
        return Stopped(type(error).__name__, str(error))


def grade_function(
    task: GradedTask, function: object, seed: str = "", facts: Facts | None = None
) -> TaskResult:
    """The result of a function of this process; see ``answers_of``."""
    return judged(task, answers_of(task, function, seed, facts), facts or {})


def visible_data(lab: Lab, student: str = "") -> dict[str, Any]:
    """What a student's machine may know of a lab, as it stands in ``visible.json``."""
    facts = lab.facts_of(student)
    return {"lab": lab.name, "tasks": {task.id: visible_half(task, facts) for task in lab.graded}}


def visible_half(task: GradedTask, facts: Facts) -> Mapping[str, Any]:
    """What a student's machine may know of a task: its visible cases with their answers, and what the known misconceptions give there."""
    cases = task.visible_of(facts)
    made = as_task(task, cases, facts)
    return {
        "id": task.id,
        "title": task.title,
        "function": task.function,
        "points": task.points,
        "parameters": list(task.parameters),
        "cases": [list(case) for case in cases],
        "expected": [made.reference(*case) for case in cases],
        "misconceptions": [
            {"name": m.name, "message": m.message, "answers": [_kept(m.wrong, case) for case in cases]}
            for m in made.misconceptions
        ],
        "hints": list(task.hints),
        "praise": task.praise,
        "call": task.call,
        "fault": task.fault,
    }


def _kept(wrong: Callable[..., Any], case: Case) -> Any:
    """What a misconception gives as JSON; None for one that stops with an error there, or gives no plain value."""
    try:
        got = wrong(*case)
    except Exception:
        return None
    return None if type(got) is Odd else got
