"""A class: every submission run, judged and kept; what was done before is not done again."""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from quorumlab.grading.judging import Patience, TaskResult
from quorumlab.grading.lab import Essay, Facts, GradedTask, Lab
from quorumlab.grading.run import Answers, answers_of, fingerprint, seed_of
from quorumlab.grading.sandbox import Box, Limits
from quorumlab.grading.spread import spread
from quorumlab.grading.store import HISTORY, Record, Settings, read_record, set_aside, write_record
from quorumlab.grading.submissions import NOTHING, Submission
from quorumlab.grading.verdict import FAILED, verdict_on

Progress = Callable[[int, int], None]
"""Told how many of how many submissions are graded."""
UNREAD = "A person reads this task."


@dataclass(frozen=True)
class Grader:
    """All that grading one submission needs beside the submission."""

    lab: Lab
    others: Sequence[Lab]
    settings: Settings
    box: Box
    limits: Limits
    scheduler: str = ""
    """Where workers are to be found; empty for this machine alone."""

    def answers(self, submission: Submission) -> Answers:
        """Run one submission."""
        facts = self.facts(submission.student)
        return answers_of(self.lab, self.others, submission, self.settings.seed, facts, self.box, self.limits)

    def facts(self, student: str) -> Facts:
        """What is the student's own: what the lab shows to everybody, unless variants were handed out."""
        return self.lab.facts_of(student if self.settings.variants else "")

    def asked(self, student: str, attempt: int) -> str:
        """Which questions the student is asked, as a short text."""
        return fingerprint(self.lab, seed_of(self.settings.seed, attempt), self.facts(student))


def grade(
    grader: Grader, submissions: Sequence[Submission], out: Path, *, workers: int, progress: Progress
) -> list[Record]:
    """The record of every submission, in their order; each is kept in ``out`` as soon as it is there."""
    done: dict[str, Record] = {}
    waiting = []
    for submission in submissions:
        kept = read_record(out, submission.student)
        if (
            kept
            and submission.digest
            and (kept.digest, kept.asked) == (submission.digest, grader.asked(kept.student, kept.attempt))
        ):
            submission = replace(submission, attempt=kept.attempt)
            # What was answered stays; what it is worth is asked of the lab as it is now.
            before = Answers(kept.answers, kept.trouble, kept.seconds)
            done[submission.student] = record = recorded(grader, submission, before)
            if record != kept:
                write_record(out, record)
        else:
            waiting.append(replace(submission, attempt=_attempt(out, submission, kept)))
    progress(len(done), len(submissions))
    with closing(_run(grader, waiting, workers)) as run:
        for submission, answers in run:
            record = recorded(grader, submission, answers)
            write_record(out, record)
            done[submission.student] = record
            progress(len(done), len(submissions))
    set_aside(out, done)
    return [done[submission.student] for submission in submissions]


def _attempt(out: Path, submission: Submission, kept: Record | None) -> int:
    """Which of the student's works this is: also one that was taken away in between has been asked, and told."""
    before = kept or read_record(out / HISTORY, submission.student)
    if before is None:
        return 1
    return before.attempt + (bool(before.answers) and before.digest != submission.digest)


def _run(
    grader: Grader, submissions: Sequence[Submission], workers: int
) -> Generator[tuple[Submission, Answers], None, None]:
    """The answers of each, as they come; a fault of the grader's own is one submission's trouble, and never the end of the rest."""
    if grader.scheduler:
        given = spread(
            grader.scheduler,
            grader.lab.name,
            grader.settings,
            grader.limits,
            not grader.box.sandboxed,
            submissions,
        )
        yield from ((submission, _outcome(answers)) for submission, answers in given)
        return
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        running: dict[Future[Answers], Submission] = {pool.submit(grader.answers, s): s for s in submissions}
        try:
            for future in as_completed(running):
                yield running[future], _outcome(future.exception() or future.result())
        except BaseException:  # interrupted, or a result could not be kept
            grader.box.stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            grader.box.stop.clear()


def _outcome(given: Answers | BaseException) -> Answers:
    if isinstance(given, Answers):
        return given
    if not isinstance(given, Exception):
        raise given
    return Answers({}, f"{FAILED} ({type(given).__name__}: {given}); tell your instructor.")


def recorded(grader: Grader, submission: Submission, answers: Answers) -> Record:
    """The record of a submission: its answers, judged."""
    facts, patience = grader.facts(submission.student), Patience()
    results = tuple(
        TaskResult(task.id, None, task.points, "unread", UNREAD)
        if isinstance(task, Essay) and not answers.trouble
        else _result(task, answers, facts, patience)
        for task in grader.lab.tasks
    )
    return Record(
        submission.student,
        grader.lab.name,
        "" if answers.trouble.startswith(FAILED) else submission.digest,  # then it is tried again
        grader.asked(submission.student, submission.attempt),
        answers.tasks,
        results,
        answers.trouble,
        submission.handed_in,
        cells=submission.cells,
        seconds=answers.seconds,
        attempt=submission.attempt,
    )


def _result(task: GradedTask | Essay, answers: Answers, facts: Facts, patience: Patience) -> TaskResult:
    if answers.trouble or isinstance(task, Essay):
        missing = answers.trouble == NOTHING
        return TaskResult(task.id, None, task.points, "missing" if missing else "ungradable", answers.trouble)
    return verdict_on(task, answers.tasks[task.id], facts, patience)


def processors() -> int:
    """How many submissions to run at once: as many as there are processors for this process."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def totals(records: Iterable[Record]) -> dict[str, float | None]:
    """Each student's points over all tasks; None where nothing could be graded."""
    sums: dict[str, float | None] = {}
    for record in records:
        points = [r.points for r in record.results if r.points is not None]
        sums[record.student] = sum(points) if points else None
    return sums
