"""All that a run leaves in its folder, and what it says about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from quorumlab.grading.exports import write_exports
from quorumlab.grading.feedback import LEVELS, Level, write_feedback, zip_feedback
from quorumlab.grading.gradebook import write_gradebook
from quorumlab.grading.lab import Lab
from quorumlab.grading.report import Pair, report_page
from quorumlab.grading.scores import SCORES, Row, rows_of, write_scores
from quorumlab.grading.similarity import SimilarityError, pairs
from quorumlab.grading.store import Record, Settings, write
from quorumlab.grading.submissions import Student

REPORT = "report.html"


@dataclass(frozen=True)
class Wanted:
    """What to write beside the scores and the report. ``feedback_from`` is a moment before which no feedback is written, or empty."""

    feedback: Level = "reasons"
    feedback_from: str = ""
    zip: bool = False
    canvas: bool = False
    moodle: bool = False
    similarity: bool = False
    gradebook: Path | None = None


def write_all(
    out: Path,
    lab: Lab,
    settings: Settings,
    records: Sequence[Record],
    roster: Sequence[Student],
    wanted: Wanted,
    now: datetime,
    notebooks: Mapping[str, Path] | None = None,
) -> list[str]:
    """Write everything, and tell line by line what was done; ``notebooks`` are the files that were handed in, by student."""
    rows = {record.student: list(rows_of(record, settings)) for record in records}
    flat = [row for each in rows.values() for row in each]
    write_scores(out, flat)
    alike, told = _alike(records) if wanted.similarity else (None, [])
    write(out / REPORT, report_page(lab, settings, records, flat, alike))
    kinds = [kind for kind, is_wanted in (("canvas", wanted.canvas), ("moodle", wanted.moodle)) if is_wanted]
    return [
        f"Scores are in {out / SCORES}, the report in {out / REPORT}.",
        *told,
        *_feedback(out, lab, records, rows, wanted, now),
        *write_exports(out, lab, rows, roster, kinds),
        *(
            [write_gradebook(wanted.gradebook, lab, records, rows, roster, notebooks or {})]
            if wanted.gradebook
            else []
        ),
    ]


def _alike(records: Sequence[Record]) -> tuple[list[Pair] | None, list[str]]:
    works = [(record.student, "\n".join(record.cells)) for record in records if record.cells]
    try:
        found = pairs(works)
    except SimilarityError as error:
        return None, [str(error)]
    return found, [f"{len(found)} pairs of students have work that is alike; see the report."]


def _feedback(
    out: Path,
    lab: Lab,
    records: Sequence[Record],
    rows: dict[str, list[Row]],
    wanted: Wanted,
    now: datetime,
) -> list[str]:
    early = wanted.feedback_from and now < datetime.fromisoformat(wanted.feedback_from)
    write_feedback(out, lab, records, rows, "nothing" if early else wanted.feedback)
    if early:
        return [f"No feedback is written before {wanted.feedback_from}; give the command again then."]
    return [f"All feedback is in {zip_feedback(out)}."] if wanted.zip else []


__all__ = ["LEVELS", "Wanted", "write_all"]
