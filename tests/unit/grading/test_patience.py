"""Judging one submission ends, whatever it answers: what is not reached has a reason, and what was reached has its points."""

import time
from collections.abc import Callable
from typing import Any, cast

import pytest

from quorumlab.grading import judging
from quorumlab.grading.grade import Grader, recorded
from quorumlab.grading.judging import JUDGING_S, SUBMISSION_S, TOO_LONG, Answer, cases_of
from quorumlab.grading.lab import GradedTask, Lab, Part
from quorumlab.grading.run import Answers
from quorumlab.grading.sandbox import Limits
from quorumlab.grading.store import Record, Settings
from quorumlab.grading.submissions import Submission

CLOCK = [0.0]


def slow(expected: object, got: object, task: int, case: int, seconds: float) -> str:
    """Judges that all is right, and takes so long by the clock of these tests."""
    CLOCK[0] += seconds
    return ""


def endless(expected: object, got: object, task: int, case: int, seconds: float) -> str:
    """Is never done with an answer."""
    while True:
        pass


def busy_lab(fault: Callable[..., str], seconds: float) -> Lab:
    """Five tasks of two parts, each with one case, that keep their judge busy."""
    return Lab(
        "busy",
        "Busy",
        tuple(
            GradedTask(
                id=f"task-{n}", title="", function="f", parameters=("task", "case", "seconds"), visible=((n, 0, seconds),),
                parts=(Part("one", 1, lambda chance, n=n: [(n, 1, seconds)]), Part("other", 1, lambda chance, n=n: [(n, 2, seconds)])),
                reference=lambda *case: 0, praise="Good.", fault=f"{__name__}:{fault.__name__}",
            )
            for n in range(5)
        ),
    )  # fmt: skip


def graded(lab: Lab) -> Record:
    """The record of who answers 1 to everything."""
    tasks = {task.id: [Answer(part, case, 1) for part, case in cases_of(task, "")] for task in lab.graded}
    nothing: Any = None  # no box is needed to judge
    grader = Grader(lab, (lab,), Settings("busy", "", "none"), nothing, cast(Limits, nothing))
    return recorded(grader, Submission("ann", None), Answers(tasks))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: CLOCK[0])


def points(record: Record) -> list[float | None]:
    return [result.points for result in record.results]


@pytest.mark.usefixtures("clock")
def test_a_submission_that_is_judged_quickly_is_judged_whole() -> None:
    assert points(graded(busy_lab(slow, 0.5))) == [2] * 5


@pytest.mark.usefixtures("clock")
def test_nearly_the_bound_in_every_part_is_too_much_for_a_submission() -> None:
    nearly = JUDGING_S - 1
    begun = CLOCK[0]
    record = graded(busy_lab(slow, nearly))
    assert points(record) == [2, None, None, None, None]
    assert CLOCK[0] - begun < SUBMISSION_S + JUDGING_S
    for result in record.results[1:]:
        assert (result.status, result.reason) == ("ungradable", f"{TOO_LONG}: not judged.")


@pytest.mark.usefixtures("clock")
def test_a_task_that_is_not_judged_to_its_end_is_graded_as_far_as_it_went() -> None:
    record = graded(busy_lab(slow, 13))
    assert points(record) == [2, 1, None, None, None]
    assert (record.results[1].status, record.results[1].parts) == ("graded", ("one",))
    assert record.results[1].reason == f"{TOO_LONG}; this task was graded as far as it went."


def test_what_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "SUBMISSION_S", 0.3)
    record = graded(busy_lab(endless, 1))
    assert [result.status for result in record.results] == ["ungradable"] * 5
