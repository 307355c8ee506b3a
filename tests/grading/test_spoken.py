"""What is written of a stranger's answers: one line of text, whatever the answer was, and never a fall of the grader."""

from dataclasses import replace
from pathlib import Path

import pytest

from quorumlab.grading import verdict
from quorumlab.grading.judging import Answer, cases_of
from quorumlab.grading.lab import Lab
from quorumlab.grading.labs import found
from quorumlab.grading.pages import said
from quorumlab.grading.reading import Reading, with_readings
from quorumlab.grading.regrade import regrade
from quorumlab.grading.report import report_page
from quorumlab.grading.store import Record, Settings
from quorumlab.grading.verdict import verdict_on

TRICKS = "\u202e=cmd|'/C calc'!A0\x1b[2J\nb\u2066"


def test_an_answers_own_words_are_quoted_as_one_line_of_text() -> None:
    """Control characters move a terminal's cursor, marks of direction turn a sentence around, a new line begins a row."""
    task = next(task for task in found()["multi-region"].graded if task.id == "best-leader")
    result = verdict_on(task, [Answer(part, case, TRICKS) for part, case in cases_of(task, "s")], {})
    assert "calc" in result.reason and (result.reason + result.shown).isprintable()
    assert said(TRICKS) == "<p> =cmd|&#x27;/C calc&#x27;!A0 [2J b </p>"


def record_of(lab: Lab, task: str, got: object, student: str = "ann") -> Record:
    """A student who gave the same answer to all cases of one task."""
    own = next(each for each in lab.graded if each.id == task)
    answers = [Answer(part, case, got) for part, case in cases_of(own, "s")]
    return Record(student, lab.name, "d", "a", {task: answers}, (verdict_on(own, answers, {}),))


def test_a_judge_that_trips_when_a_task_is_judged_again_costs_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab: Lab
) -> None:
    task, real = lab.graded[0], verdict.judged
    records = [record_of(lab, task.id, "trip", "\x1b[2Jann"), record_of(lab, task.id, -1, "bob")]

    def judged(task, answers, facts, patience):  # type: ignore[no-untyped-def]
        if answers[0].got == "trip":
            raise OverflowError("over it")
        return replace(real(task, answers, facts, patience), points=1.0)

    monkeypatch.setattr(verdict, "judged", judged)
    made, told = regrade(lab, task, Settings(lab.name, "s", "told"), records, tmp_path)
    assert [record.results[0].points for record in made] == [None, 1.0]
    assert "bob: 0 → 1" in told and "\x1b" not in told


def test_points_given_by_hand_bring_no_odd_answer_onto_the_board() -> None:
    lab = found()["judging-histories"]
    task = next(task for task in lab.graded if task.board)
    record = record_of(lab, task.id, 7)
    by_hand = {("ann", task.id): Reading(task.points, "seen on paper")}
    records = with_readings([record], by_hand)
    assert records[0].results[0].points == task.points
    page = report_page(lab, Settings(lab.name, "s", "told"), records, [], None)
    assert page.count("Nobody has a right answer.") == sum(task.board is not None for task in lab.graded)
