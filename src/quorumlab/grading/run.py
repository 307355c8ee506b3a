"""One submission, from its cells to its answers: run in a box, asked case by case, and brought back after each end of its process.

A cell or a task that ends the process is left out, and the rest goes on in a new one; so each is graded as far as it went.
"""

import builtins
import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quorumlab.course.answers import Odd, Stopped, shown
from quorumlab.grading.judging import Answer, Ended, cases_of
from quorumlab.grading.lab import Case, Facts, GradedTask, Lab
from quorumlab.grading.sandbox import MB, Box, Limits
from quorumlab.grading.session import EndedError, MissingError, Session
from quorumlab.grading.submissions import Submission

TOTAL_S = 300
"""Of the wall clock, for one submission with all its processes."""
MOST_HEARD = 4 * MB
"""Bytes of all answers of one submission: they are kept."""


UNNAMED = "that the notebook does not name"
KNOWN = frozenset(
    [
        "int",
        "that",
        "is",
        "too",
        "long",
        "finite",
        "not",
        "no",
        "Unicode",
        "or",
        "deep",
        "whose",
        "keys",
        "are",
        "all",
        "strings",
        "dict",
        "ndarray",
        "DataFrame",
        "Series",
        "Figure",
        "generator",
        "function",
        "module",
        "coroutine",
        "method",
        "Counter",
        "deque",
        "defaultdict",
        "OrderedDict",
        "partial",
        "map",
        "Cluster",
        "Topology",
        "SimulatedCluster",
        "Member",
        "Op",
        "Table",
        "NoScheduleError",
        "ObjectionError",
        "SafetyViolation",
        "CommittedEntryRewritten",
        "JSONDecodeError",
        "YAMLError",
        "ScannerError",
        "ParserError",
        "LinAlgError",
        "AxisError",
        "InvalidOperation",
        "DivisionByZero",
        "StatisticsError",
    ]
)
"""Words of the course's own refusals, and names of types that students meet without writing them."""


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
    seed = seed_of(seed, submission.attempt)
    try:
        tasks = {task.id: run.asked(task, cases_of(task, seed, facts)) for task in lab.graded}
    finally:
        run.close()
    return Answers(tasks, "", time.monotonic() - begun)


def quoted(got: Any, cells: Sequence[str]) -> Any:
    """An answer that is none, with no more of the student's words than stand in the notebook: names that are made up while a hidden
    case is asked would carry that case into the feedback."""
    if type(got) is Stopped:
        line = got.line if got.line and any(got.line[1] in cell for cell in cells) else None
        return Stopped(got.type if _named(got.type, cells) else UNNAMED, got.words, line)
    if type(got) is Odd and not all(_named(word, cells) for word in got.kind.split()):
        return Odd(UNNAMED)
    return got


def _named(word: str, cells: Sequence[str]) -> bool:
    """Whether a name is Python's, the course's or a known library's, or stands in the notebook."""
    if hasattr(builtins, word) or word in KNOWN:
        return True
    return word.isidentifier() and any(word in cell for cell in cells)


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
        self.heard = 0
        """Bytes of the answers of processes that have ended."""
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
                got = quoted(session.call(task.function, task.call, case, max(left, 0.001)), self.cells)
                if self.heard + session.heard > MOST_HEARD:
                    raise EndedError(f"brought all answers together to more than {MOST_HEARD // MB} MB")
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
            self.heard += self.session.heard
            self.session.__exit__(None, None, None)
            self.session = None

    def _ready(self) -> Session:
        """A process in which all cells have run but those that end it; raises EndedError when there have been too many."""
        while self.session is None:
            if time.monotonic() > self.until:
                raise EndedError(f"was not reached: the notebook as a whole took more than {TOTAL_S} s")
            if self.heard > MOST_HEARD:
                raise EndedError(
                    f"was not reached: the answers before it had more than {MOST_HEARD // MB} MB"
                )
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


def seed_of(seed: str, attempt: int) -> str:
    """What hidden cases are drawn from: everybody's first work is asked the same, and each further work something else."""
    return seed if attempt == 1 else f"{seed}/{attempt}"


def fingerprint(lab: Lab, seed: str, facts: Facts) -> str:
    """What decides which questions are asked: a run that was cut short goes on only with answers to the same ones."""
    asked = [[task.id, task.function, task.call, cases_of(task, seed, facts)] for task in lab.graded]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
