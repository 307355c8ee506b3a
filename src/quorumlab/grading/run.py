"""One submission, from its cells to its answers: run in a box, asked case by case, and brought back after each end of its process.

A cell or a task that ends the process is left out, and the rest goes on in a new one; so each is graded as far as it went.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from quorumlab.course.answers import Stopped, shown
from quorumlab.grading.judging import Answer, Ended, cases_of
from quorumlab.grading.lab import Case, Facts, GradedTask, Lab
from quorumlab.grading.sandbox import Box, Limits
from quorumlab.grading.session import EndedError, MissingError, Session
from quorumlab.grading.submissions import Submission

TOTAL_S = 300
"""Of the wall clock, for one submission with all its processes."""


@dataclass(frozen=True)
class Answers:
    """All that a submission answered, task by task. ``trouble`` is why there is nothing; ``seconds`` is how long it took."""

    tasks: Mapping[str, Sequence[Answer]]
    trouble: str = ""
    seconds: float = field(default=0, compare=False)


def answers_of(
    lab: Lab,
    others: Sequence[Lab],
    submission: Submission,
    seed: str,
    facts: Facts,
    box: Box,
    limits: Limits,
) -> Answers:
    """Run a submission and ask each task's function all its cases."""
    begun = time.monotonic()
    trouble = submission.trouble or another_lab(lab, others, submission.cells)
    if trouble:
        return Answers({}, trouble)
    run = _Run(submission.cells, box, limits, begun + TOTAL_S)
    try:
        tasks = {task.id: run.asked(task, cases_of(task, seed, facts)) for task in lab.graded}
    finally:
        run.close()
    return Answers(tasks, "", time.monotonic() - begun)


def another_lab(lab: Lab, others: Sequence[Lab], cells: Sequence[str]) -> str:
    """That a notebook defines nothing of this lab, but functions of another, in a sentence; else an empty text."""

    def defined(of: Lab) -> int:
        return sum(any(defines(cell, task.function) for cell in cells) for task in of.graded)

    if defined(lab):
        return ""
    other = next((each for each in others if each.name != lab.name and defined(each)), None)
    return f"This is the notebook of another lab, {other.name!r}." if other else ""


def defines(cell: str, name: str) -> bool:
    """Whether the text of a cell gives something to a name."""
    # Blanks of one line only: over many lines the search would take as long as their number squared.
    given = rf"^[ \t]*((async[ \t]+)?def[ \t]+{name}[ \t]*\(|{name}[ \t]*(:[^=\n]{{1,99}})?=[^=])"
    return re.search(given, cell, re.M) is not None


class _Run:
    """The cells of a submission, in a process that is made anew whenever it has ended."""

    def __init__(self, cells: Sequence[str], box: Box, limits: Limits, until: float) -> None:
        self.cells, self.box, self.limits, self.until = cells, box, limits, until
        self.session: Session | None = None
        self.troubles: dict[int, str] = {}
        """Of cells that stopped or ended the process."""
        self.left_out: set[int] = set()

    def asked(self, task: GradedTask, cases: Sequence[tuple[str, Case]]) -> list[Answer]:
        """The answers to all cases of a task; from the first that ended the process on, there is none."""
        answers: list[Answer] = []
        ends = time.monotonic() + (self.limits.task_s or task.seconds)
        allowed = self.limits.task_s or task.seconds
        for part, case in cases:
            try:
                session = self._ready()
                left = min(ends, self.until) - time.monotonic()
                if not answers:
                    # Making the process ready is not the task's time.
                    ends = time.monotonic() + allowed
                    left = min(ends, self.until) - time.monotonic()
                got = session.call(task.function, task.call, case, max(left, 0.001))
            except EndedError as error:
                self.close()
                why = (
                    str(error)
                    if "had not come back" not in str(error)
                    else f"had not come back after {allowed:g} s"
                )
                return answers + [Answer(p, c, Ended(why)) for p, c in cases[len(answers) :]]
            except MissingError:
                return [Answer(p, c, Ended(self._missing(task.function))) for p, c in cases]
            answers.append(Answer(part, case, got))
        return answers

    def close(self) -> None:
        """End the process, if there is one."""
        if self.session is not None:
            self.session.__exit__(None, None, None)
            self.session = None

    def _ready(self) -> Session:
        """A process in which all cells have run but those that end it; raises EndedError when there have been too many."""
        while self.session is None:
            if time.monotonic() > self.until:
                raise EndedError(f"was not reached: the notebook as a whole took more than {TOTAL_S} s")
            if len(self.left_out) > self.limits.ends:
                raise EndedError(
                    f"was not reached: {len(self.left_out)} cells of the notebook ended its process"
                )
            self._begin()
        return self.session

    def _begin(self) -> None:
        session = Session(self.box, self.limits).__enter__()
        for number, cell in enumerate(self.cells):
            if number in self.left_out:
                continue
            try:
                left = min(self.limits.cell_s, self.until - time.monotonic())
                stopped = session.cell(cell, f"<cell {number + 1}>", max(left, 0.001))
            except EndedError as error:
                session.__exit__(None, None, None)
                self.left_out.add(number)
                self.troubles[number] = str(error)
                return
            if stopped is not None:
                self.troubles[number] = _said(stopped)
        self.session = session

    def _missing(self, function: str) -> str:
        """Why nothing of a name is there, as the end of a sentence."""
        for number, cell in enumerate(self.cells):
            if number in self.troubles and defines(cell, function):
                return f"is not defined: its cell {self.troubles[number]}"
        return "is not defined in the notebook"


def _said(stopped: Stopped) -> str:
    return shown(stopped).rstrip(".")


def fingerprint(lab: Lab, seed: str, facts: Facts) -> str:
    """What decides which questions are asked: a run that was cut short goes on only with answers to the same ones."""
    asked = [[task.id, task.function, task.call, cases_of(task, seed, facts)] for task in lab.graded]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
