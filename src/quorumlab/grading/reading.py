"""Points that a person gave: for a task that is read, or for one that could not be graded. They stand above what was computed."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quorumlab.grading.judging import TaskResult
from quorumlab.grading.lab import Lab
from quorumlab.grading.scores import plain
from quorumlab.grading.store import Record

READ = "read.csv"
"""Kept in the folder of results, so that a later run knows them too."""


class ReadingError(Exception):
    """The file cannot be used; the message says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Reading:
    """What a person gave one student for one task, and why."""

    points: float
    reason: str


def read(path: Path, lab: Lab) -> dict[tuple[str, str], Reading]:
    """A CSV file with the columns ``student``, ``task``, ``points`` and perhaps ``reason``, by student and task.

    Raises ReadingError if it cannot be used.
    """
    most = {task.id: task.points for task in lab.tasks}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReadingError(f"{str(path)!r} cannot be read ({error}); give a CSV file in UTF-8.") from None
    readings = {}
    for number, row in enumerate(rows, 2):
        task, text = row.get("task") or "", row.get("points") or ""
        if task not in most or not row.get("student"):
            raise ReadingError(
                f"Line {number} of {str(path)!r} has the task {task!r} of {row.get('student')!r}; "
                f"give a student, and one of the tasks {', '.join(most)}."
            )
        try:
            points = float(text)
        except ValueError:
            points = -1
        if not 0 <= points <= most[task]:
            raise ReadingError(
                f"Line {number} of {str(path)!r} gives {text!r} points for {task!r}; give a number from 0 to {most[task]:g}."
            )
        readings[unquoted(row["student"]), task] = Reading(points, row.get("reason") or "")
    return readings


def unquoted(student: str) -> str:
    """An id as ``scores.csv`` writes it, without what keeps a spreadsheet from taking it for a formula."""
    return student[1:] if student[:1] == "'" and plain(student[1:]) == student else student


def with_readings(records: Sequence[Record], readings: Mapping[tuple[str, str], Reading]) -> list[Record]:
    """The records with the points that a person gave."""
    return [
        replace(
            record,
            results=tuple(
                _with(result, readings.get((record.student, result.task))) for result in record.results
            ),
        )
        for record in records
    ]


def _with(result: TaskResult, reading: Reading | None) -> TaskResult:
    if reading is None:
        return result
    return replace(
        result, points=reading.points, status="graded", reason=reading.reason, shown=reading.reason
    )
