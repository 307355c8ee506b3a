"""``feedback/STUDENT.html``: what a student is told, and no more than the instructor chose. Hidden inputs are never told."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from quorumlab.grading.judging import TaskResult
from quorumlab.grading.lab import Lab
from quorumlab.grading.pages import page, said, table
from quorumlab.grading.scores import Row, number
from quorumlab.grading.store import Record, file_name, write

Level = Literal["nothing", "points", "reasons", "inputs"]
LEVELS: tuple[Level, ...] = get_args(Level)
FEEDBACK = "feedback"


def feedback_page(lab: Lab, record: Record, rows: Sequence[Row], level: Level) -> str:
    """A student's page: the points of each task, from ``reasons`` on why not more, and with ``inputs`` what the visible cases gave."""
    points = [row.points for row in rows if row.points is not None]
    graded = sum(row.most for row in rows if row.points is not None)
    open_ = sum(row.most for row in rows if row.points is None)
    sums = f"{number(sum(points))} of {number(graded)} points" if points else "No points yet"
    rest = f"; {number(open_)} more are not graded yet." if open_ else "."
    by_task = {result.task: result for result in record.results}
    parts = [said(f"Student {record.student}"), said(f"{sums}{rest}", "p", "note")]
    if record.trouble:
        parts.append(said(record.trouble))
    parts.append(table(*_table(lab, rows, by_task, level), numbers=[1]))
    return page(f"{lab.title}: feedback", *parts)


def _table(
    lab: Lab, rows: Sequence[Row], results: Mapping[str, TaskResult], level: Level
) -> tuple[Sequence[str], list[Sequence[str]]]:
    titles = {task.id: task.title for task in lab.tasks}
    head = ["Task", "Points", "Status"]
    lines = [
        [titles[row.task], f"{number(row.points) or '–'} of {number(row.most)}", row.status] for row in rows
    ]
    if level in ("reasons", "inputs"):
        head.append("Why")
        for line, row in zip(lines, rows, strict=True):
            line.append(_why(lab, row, results[row.task], level))
    return head, list(lines)


def _why(lab: Lab, row: Row, result: TaskResult, level: Level) -> str:
    """The reason, and which parts were right; with ``inputs``, the reason that names visible inputs in place of the other."""
    reason = row.reason
    if level == "inputs" and result.shown and result.reason:
        reason = reason.replace(result.reason, result.shown)
    task = next((task for task in lab.graded if task.id == row.task), None)
    if task is None or result.points is None:
        return reason
    if result.parts and len(result.parts) < len(task.parts):
        reason = f"{reason} Right in all of: {', '.join(result.parts)}."
    if not result.reason:
        reason = f"{reason} {task.praise}".strip()
    return reason


def write_feedback(
    out: Path, lab: Lab, records: Sequence[Record], rows: Mapping[str, Sequence[Row]], level: Level
) -> None:
    """A page for each student, and none that an earlier run left there."""
    names = set()
    for record in records if level != "nothing" else ():
        path = out / FEEDBACK / f"{file_name(record.student)}.html"
        write(path, feedback_page(lab, record, rows[record.student], level))
        names.add(path.name)
    for path in (out / FEEDBACK).glob("*.html"):
        if path.name not in names:
            path.unlink()


def zip_feedback(out: Path) -> Path:
    """All pages in ``feedback.zip``; the same pages give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((out / FEEDBACK).glob("*.html")):
            archive.writestr(
                zipfile.ZipInfo(f"{FEEDBACK}/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED
            )
    made = out / "feedback.zip"
    made.write_bytes(buffer.getvalue())
    return made
