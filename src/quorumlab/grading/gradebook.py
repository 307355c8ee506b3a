"""Scores in nbgrader's gradebook, so that formgrader, manual grading and nbgrader's exports go on from there.

What could not be graded, and what a person reads, is marked as waiting for a person. Points that a person gave there are never touched.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from quorumlab.grading.lab import Essay, GradedTask, Lab
from quorumlab.grading.scores import Row
from quorumlab.grading.store import Record, file_name
from quorumlab.grading.submissions import Student

AUTOGRADED = "autograded"
"""Where formgrader looks for notebooks, in the folder of the gradebook."""


class GradebookError(Exception):
    """The gradebook cannot be written; the message says in one sentence why, and what to do."""


def write_gradebook(
    path: Path,
    lab: Lab,
    records: Sequence[Record],
    rows: Mapping[str, Sequence[Row]],
    roster: Iterable[Student],
    notebooks: Mapping[str, Path],
) -> str:
    """Put every score into the gradebook at ``path``, which is made if there is none; what was done, in a sentence.

    ``notebooks`` are the files that were handed in, by student, for formgrader to show. Raises GradebookError.
    """
    api = _nbgrader()
    known = {student.id: student for student in roster}
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with _own_commands(), api.Gradebook(f"sqlite:///{path.resolve()}") as book:
            _describe(book, lab)
            for record in records:
                _enter(book, lab, record, rows[record.student], known.get(record.student))
    except api.InvalidEntry as error:
        raise GradebookError(f"nbgrader's gradebook {str(path)!r} refuses a score ({error}).") from None
    for student, notebook in notebooks.items():
        _show(path.parent, lab, student, notebook)
    return f"Scores of {len(records)} students are in nbgrader's gradebook {path}."


def _nbgrader() -> Any:
    try:
        from nbgrader import api
    except ModuleNotFoundError:
        raise GradebookError(
            "Writing nbgrader's gradebook needs nbgrader; install it with python -m pip install 'quorumlab[grading]'."
        ) from None
    return api


@contextlib.contextmanager
def _own_commands() -> Iterator[None]:
    """nbgrader makes a new gradebook with the command ``alembic``, which it looks for on the path only."""
    before = os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def cell_of(task: GradedTask | Essay) -> str:
    """The nbgrader id of the cell that carries a task's points."""
    return task.id if isinstance(task, Essay) else f"{task.id}-check"


def _describe(book: Any, lab: Lab) -> None:
    """The lab as nbgrader knows assignments: a notebook with its cells and their points."""
    book.update_or_create_assignment(lab.name)
    book.update_or_create_notebook(lab.name, lab.name)
    for task in lab.tasks:
        kind = "markdown" if isinstance(task, Essay) else "code"
        book.update_or_create_grade_cell(
            cell_of(task), lab.name, lab.name, max_score=task.points, cell_type=kind
        )
        book.update_or_create_solution_cell(task.id, lab.name, lab.name)


def _enter(book: Any, lab: Lab, record: Record, rows: Sequence[Row], student: Student | None) -> None:
    names = {"last_name": student.name, "email": student.email} if student else {}
    book.update_or_create_student(record.student, **names)
    if record.handed_in is None:
        return  # nothing was handed in, which nbgrader shows by having no submission
    submission = book.update_or_create_submission(lab.name, record.student)
    submission.timestamp = record.handed_in.replace(tzinfo=None)
    by_task = {row.task: row for row in rows}
    cells = {cell_of(task): by_task[task.id] for task in lab.tasks}
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            row = cells[grade.name]
            by_hand = row.status == "graded" and isinstance(_task(lab, row.task), Essay)
            grade.auto_score = None if by_hand else row.points
            if by_hand and grade.manual_score is None:
                grade.manual_score = row.points
            grade.needs_manual_grade = row.points is None and grade.manual_score is None
        for comment in notebook.comments:
            comment.auto_comment = by_task[comment.name].reason or None
    book.db.commit()


def _task(lab: Lab, name: str) -> GradedTask | Essay:
    return next(task for task in lab.tasks if task.id == name)


def _show(course: Path, lab: Lab, student: str, notebook: Path) -> None:
    """Lay a notebook where formgrader finds it; a student whose id is no plain file name cannot be shown there."""
    if file_name(student) != student or notebook.is_symlink() or not notebook.is_file():
        return
    place = course / AUTOGRADED / student / lab.name / f"{lab.name}.ipynb"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(notebook, place)
