"""``scores.csv``: one line for each student and task, and what lateness costs."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from quorumlab.grading.store import HISTORY, Record, Settings, write

COLUMNS = ("student", "lab", "task", "points", "max", "status", "reason")
SCORES = "scores.csv"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """A line of the scores; ``points`` is None where nothing could be graded yet, which is not zero."""

    student: str
    lab: str
    task: str
    points: float | None
    most: float
    status: str
    reason: str


def days_late(handed_in: datetime | None, due: str) -> int:
    """The days, begun ones counted, after the due moment; 0 if it was in time, or the moment is not known."""
    if not due or handed_in is None:
        return 0
    over = handed_in - datetime.fromisoformat(due)
    return max(0, math.ceil(over / DAY))


def rows_of(record: Record, settings: Settings) -> Iterator[Row]:
    """The lines of one student: ``late`` instead of ``graded`` for work after the due moment."""
    late = days_late(record.handed_in, settings.due)
    paid = max(0, late - settings.late_days)
    share = max(0.0, 1 - paid * settings.penalty / 100)
    for result in record.results:
        points, status, reason = result.points, result.status, result.reason
        if late and points is not None and status == "graded":
            status = "late"
            cost = f", {paid} of them beyond the free days: {100 * (1 - share):g} % off" if share < 1 else ""
            days = "1 day" if late == 1 else f"{late} days"
            reason = f"Handed in {days} late{cost}. {reason}".strip()
            points *= share
        yield Row(record.student, record.lab, result.task, points, result.most, status, reason)


def number(points: float | None) -> str:
    """Points as they are written: to two digits, and empty where there are none."""
    return "" if points is None else f"{round(points, 2):g}"


def plain(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r\n" and text else text


def csv_of(rows: Iterable[Row]) -> str:
    """The lines as CSV with its head."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(
            (
                plain(row.student),
                row.lab,
                row.task,
                number(row.points),
                number(row.most),
                row.status,
                row.reason,
            )
        )
    return file.getvalue()


def write_scores(out: Path, rows: Iterable[Row]) -> None:
    """Write ``scores.csv``; one that says something else is kept under ``history``, numbered in their order."""
    text = csv_of(rows)
    path = out / SCORES
    if path.exists():
        before = path.read_bytes()
        if before == text.encode():
            return
        # A spreadsheet may have saved it in any encoding; what cannot be read as text is kept all the same.
        write(numbered(out, "scores"), before.decode("utf-8", "backslashreplace"))
    write(path, text)


def numbered(out: Path, name: str) -> Path:
    """The next free file of the history with this name."""
    taken = [path.stem.rpartition("-")[2] for path in (out / HISTORY).glob(f"{name}-*.csv")]
    last = max((int(each) for each in taken if each.isdecimal()), default=0)
    return out / HISTORY / f"{name}-{last + 1:04d}.csv"
