"""Totals for a learning platform, in the columns its importer documents.

*Canvas*: ``Student, ID, SIS User ID, SIS Login ID, Section`` and the assignment, and below the head a line of points possible
(``lib/gradebook_importer.rb`` of canvas-lms; a blank score changes nothing). *Moodle*: a line each, mapped by ID number or email, and
``-`` where there is no grade (``grade/import/csv`` of moodle); a grade and its feedback are imported together.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from quorumlab.grading.lab import Lab
from quorumlab.grading.scores import Row, number, plain
from quorumlab.grading.store import write
from quorumlab.grading.submissions import Student

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("ID number", "Full name", "Email address")


def total(rows: Sequence[Row]) -> float | None:
    """All points so far; None where no task has any, which is not zero."""
    points = [row.points for row in rows if row.points is not None]
    return sum(points) if points else None


def canvas(lab: Lab, rows: Mapping[str, Sequence[Row]], roster: Iterable[Student]) -> str:
    """The CSV that Canvas imports; whoever is not on the roster is found by the SIS user id."""
    known = {student.id: student for student in roster}
    lines = [(*CANVAS, lab.title), ("    Points Possible", "", "", "", "", number(lab.points))]
    for student, own in rows.items():
        who = known.get(student, Student(student))
        lines.append(
            (
                plain(who.name or student),
                plain(who.canvas_id),
                plain(student),
                plain(who.email),
                plain(who.section),
                number(total(own)),
            )
        )
    return _csv(lines)


def moodle(lab: Lab, rows: Mapping[str, Sequence[Row]], roster: Iterable[Student]) -> str:
    """The CSV that Moodle imports, with a line for each task as feedback."""
    known = {student.id: student for student in roster}
    titles = {task.id: task.title for task in lab.tasks}
    lines: list[Sequence[str]] = [(*MOODLE, lab.title, f"{lab.title}: feedback")]
    for student, own in rows.items():
        who = known.get(student, Student(student))
        feedback = "\n".join(
            f"{titles[row.task]}: {number(row.points) or '–'} of {number(row.most)}. {row.reason}".strip()
            for row in own
        )
        lines.append((plain(student), plain(who.name), plain(who.email), number(total(own)) or "-", feedback))
    return _csv(lines)


def _csv(lines: Iterable[Sequence[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(lines)
    return file.getvalue()


def write_exports(
    out: Path, lab: Lab, rows: Mapping[str, Sequence[Row]], roster: Sequence[Student], kinds: Iterable[str]
) -> list[str]:
    """Write the CSV files that are wanted; what was written, line by line."""
    makers = {"canvas": canvas, "moodle": moodle}
    told = []
    for kind in kinds:
        path = out / f"{kind}.csv"
        write(path, makers[kind](lab, rows, roster))
        told.append(f"For {kind.title()}: {path}.")
    return told
