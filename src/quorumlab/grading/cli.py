"""``quorumlab-grade LAB SUBMISSIONS --out DIR``: grades, feedback and a report of a class, in one command."""

import argparse
import secrets
import shutil
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from quorumlab.grading.feedback import FEEDBACK
from quorumlab.grading.grade import Grader, grade, processors
from quorumlab.grading.gradebook import GradebookError
from quorumlab.grading.lab import Lab
from quorumlab.grading.labs import found
from quorumlab.grading.outputs import LEVELS, Wanted, write_all
from quorumlab.grading.reading import READ, ReadingError, read, with_readings
from quorumlab.grading.regrade import regrade
from quorumlab.grading.sandbox import Box, Limits, SandboxError, sandbox, without_sandbox
from quorumlab.grading.spread import SpreadError
from quorumlab.grading.store import (
    HISTORY,
    STUDENTS,
    Record,
    Settings,
    StoreError,
    alone,
    read_records,
    read_settings,
    write_settings,
)
from quorumlab.grading.submissions import Student, Submission, SubmissionsError, read_roster
from quorumlab.grading.submissions import found as handed_in
from quorumlab.grading.variants import with_remarks


class UsageError(Exception):
    """What was asked for cannot be done; the message says in one sentence why, and what to do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the command line says; end with one sentence where that cannot be done."""
    options = parser().parse_args(arguments)
    try:
        run(options)
    except (
        UsageError,
        GradebookError,
        ReadingError,
        SandboxError,
        SpreadError,
        StoreError,
        SubmissionsError,
    ) as error:
        sys.exit(str(error))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        sys.exit(
            f"A file cannot be read or written ({error.strerror or error}{where}); mend that, and give the same command to go on "
            "from here."
        )
    except KeyboardInterrupt:
        sys.exit("\nStopped; give the same command to go on from here.")


def parser() -> argparse.ArgumentParser:
    """All options, in the order in which an instructor meets them."""
    made = argparse.ArgumentParser(
        prog="quorumlab-grade", description="Grade a class's submissions to one lab."
    )
    made.add_argument("lab", help="the lab's name, such as quorum-math")
    made.add_argument(
        "submissions", type=Path, nargs="?", help="folder with a folder or a notebook for each student"
    )
    made.add_argument("--out", type=Path, required=True, help="folder for scores, feedback and the report")
    made.add_argument(
        "--roster", type=Path, help="CSV of the class: student, and perhaps name, email, canvas_id, path"
    )
    made.add_argument(
        "--seed", help="what the hidden cases are drawn from (default: drawn anew for each --out)"
    )
    made.add_argument("--workers", type=int, default=processors(), help="how many submissions to run at once")
    made.add_argument(
        "--scheduler", metavar="tcp://HOST:PORT", default="", help="let workers of dask.distributed run them"
    )
    made.add_argument("--trust-submissions", action="store_true", help="run student code WITHOUT the sandbox")
    made.add_argument(
        "--variants", action="store_true", help="each student had a variant of the lab, by the student's id"
    )
    made.add_argument(
        "--regrade", metavar="TASK", help="judge one task again, from the answers that are kept"
    )
    made.add_argument(
        "--read", type=Path, metavar="CSV", help="points a person gave: student, task, points, reason"
    )
    late = made.add_argument_group("late work")
    late.add_argument("--due", help="such as 2026-11-30T23:59+01:00; later work has the status late")
    late.add_argument("--late-days", type=int, default=0, help="days that cost nothing")
    late.add_argument(
        "--late-penalty", type=float, default=0, metavar="PERCENT", help="off for each further day"
    )
    out = made.add_argument_group("what students and platforms get")
    out.add_argument("--feedback", choices=LEVELS, default="reasons", help="what feedback tells")
    out.add_argument("--feedback-from", metavar="MOMENT", help="no feedback is written before it")
    out.add_argument("--zip", action="store_true", help="also write all feedback into feedback.zip")
    out.add_argument("--canvas", action="store_true", help="also write canvas.csv")
    out.add_argument("--moodle", action="store_true", help="also write moodle.csv")
    out.add_argument("--similarity", action="store_true", help="also look for copied work in the class")
    out.add_argument(
        "--gradebook", metavar="FILE", type=Path, help="also put the scores into nbgrader's gradebook"
    )
    return made


def run(options: argparse.Namespace) -> None:
    """Grade or regrade, write all that is wanted, and print where the scores are."""
    labs = found()
    if options.lab not in labs:
        raise UsageError(f"There is no lab {options.lab!r}; the labs are {', '.join(sorted(labs))}.")
    lab = labs[options.lab]
    roster = read_roster(options.roster) if options.roster else []
    if options.regrade and read_settings(options.out) is None:
        raise UsageError(_no_results(lab, options))
    submissions = [] if options.regrade else _handed_in(lab, options, roster)
    with alone(options.out):
        if options.regrade:
            settings, records = _regraded(lab, options)
        else:
            settings, records = _graded(lab, labs, options, submissions)
        _write(lab, options, roster, settings, records, submissions)


def _write(
    lab: Lab,
    options: argparse.Namespace,
    roster: Sequence[Student],
    settings: Settings,
    records: list[Record],
    submissions: Sequence[Submission],
) -> None:
    """Write all that is wanted, and print where it is."""
    records = _read(lab, with_remarks(lab, records) if settings.variants else records, options)
    wanted = Wanted(
        options.feedback,
        moment(options.feedback_from) if options.feedback_from else "",
        options.zip,
        options.canvas,
        options.moodle,
        options.similarity,
        options.gradebook,
    )
    notebooks = {each.student: each.path for each in submissions if each.path}
    now = datetime.now(UTC)
    for line in write_all(options.out, lab, settings, records, roster, wanted, now, notebooks):
        print(line)


def _handed_in(lab: Lab, options: argparse.Namespace, roster: Sequence[Student]) -> list[Submission]:
    if options.submissions is None:
        raise UsageError("Name the folder of submissions, or a task with --regrade.")
    out = options.out.resolve()
    if options.submissions.resolve() in (out, *out.parents):
        raise UsageError("The results would lie among the submissions; name another folder with --out.")
    place = options.submissions.resolve()
    if any(out / own in (place, *place.parents) for own in (STUDENTS, FEEDBACK, HISTORY)):
        raise UsageError(
            "The submissions lie among the results, where files come and go; name another folder with --out."
        )
    return handed_in(options.submissions, lab.name, roster)


def _graded(
    lab: Lab, labs: Mapping[str, Lab], options: argparse.Namespace, submissions: Sequence[Submission]
) -> tuple[Settings, list[Record]]:
    box = _box(options)
    settings = _settings(lab, options, box)
    write_settings(options.out, settings)
    grader = Grader(lab, list(labs.values()), settings, box, Limits(), options.scheduler)
    records = grade(grader, submissions, options.out, workers=options.workers, progress=told)
    return settings, records


def _read(lab: Lab, records: list[Record], options: argparse.Namespace) -> list[Record]:
    """The records with the points that a person gave, now or before."""
    kept = options.out / READ
    if options.read:
        read(options.read, lab)  # before it takes the place of what is kept
        shutil.copyfile(options.read, kept)
    return with_readings(records, read(kept, lab)) if kept.exists() else records


def _box(options: argparse.Namespace) -> Box:
    if options.trust_submissions:
        box = without_sandbox()
        print(f"warning: {box.told}", file=sys.stderr)
        return box
    secret = [path for path in (options.submissions, options.out, options.roster, options.gradebook) if path]
    return sandbox([Path(path).resolve() for path in secret])


def _settings(lab: Lab, options: argparse.Namespace, box: Box) -> Settings:
    if options.late_days < 0 or not 0 <= options.late_penalty <= 100:
        raise UsageError(
            f"--late-days {options.late_days} with --late-penalty {options.late_penalty:g} would give points for lateness; give "
            "days from 0 on, and percent from 0 to 100."
        )
    before = read_settings(options.out)
    if before is not None and before.lab != lab.name:
        raise UsageError(
            f"{str(options.out)!r} has the results of the lab {before.lab!r}; name another folder with --out."
        )
    seed = options.seed or (before.seed if before else secrets.token_hex(16))
    return Settings(
        lab.name,
        seed,
        box.told,
        moment(options.due) if options.due else "",
        options.late_days,
        options.late_penalty,
        options.variants,
    )


def _regraded(lab: Lab, options: argparse.Namespace) -> tuple[Settings, list[Record]]:
    settings = read_settings(options.out)
    if settings is None or settings.lab != lab.name:
        raise UsageError(_no_results(lab, options))
    task = next((task for task in lab.graded if task.id == options.regrade), None)
    if task is None:
        names = ", ".join(task.id for task in lab.graded)
        raise UsageError(
            f"{lab.name!r} has no task {options.regrade!r} that is graded by answers; its tasks are {names}."
        )
    records, said = regrade(lab, task, settings, read_records(options.out), options.out)
    print(said)
    return settings, records


def _no_results(lab: Lab, options: argparse.Namespace) -> str:
    return f"There are no results of {lab.name!r} in {str(options.out)!r}; grade the class first."


def moment(text: str) -> str:
    """A moment as it is kept; raises UsageError for text that is none. Without a zone it is this machine's."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no moment; write it like 2026-11-30T23:59+01:00.") from None
    return given.astimezone().isoformat()


def told(done: int, of: int) -> None:
    """A bar of progress on the error stream: redrawn on a terminal, one line at the end elsewhere."""
    if not sys.stderr.isatty():
        if done == of:
            print(f"graded {done} of {of}", file=sys.stderr)
        return
    filled = 30 * done // max(1, of)
    end = "\n" if done == of else ""
    print(f"\r[{'█' * filled}{'·' * (30 - filled)}] {done} of {of}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
