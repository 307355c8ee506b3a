"""``report.html``: a class at a glance, for whoever teaches it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quorumlab.grading.judging import VISIBLE_PART
from quorumlab.grading.lab import GradedTask, Lab
from quorumlab.grading.pages import bars, page, said, table
from quorumlab.grading.scores import Row, number
from quorumlab.grading.store import Record, Settings

MOST_LISTED = 10


@dataclass(frozen=True)
class Pair:
    """Two students' work that is alike: ``share`` of the one's is found in the other's, from 0 to 1."""

    one: str
    other: str
    share: float


def report_page(
    lab: Lab, settings: Settings, records: Sequence[Record], rows: Sequence[Row], pairs: Sequence[Pair] | None
) -> str:
    """The report: how it was graded, each task's points, misconceptions, who needs a look, the slowest, the shortest answers."""
    graded = sum(any(r.points is not None for r in record.results) for record in records)
    parts = [
        said(
            f"{len(records)} students, {graded} of them with points. {settings.isolation}",
            "p",
            "note",
        ),
        *_histograms(lab, rows),
        *_misconceptions(lab, records),
        *_trouble(records),
        *_remarks(records),
        *_boards(lab, records),
        *_slowest(records),
        *_alike(pairs),
    ]
    return page(f"{lab.title}: report", *parts)


def _histograms(lab: Lab, rows: Sequence[Row]) -> Iterable[str]:
    for task in lab.tasks:
        own = [row for row in rows if row.task == task.id]
        yield said(f"{task.title} ({task.id}, {_points(task.points)})", "h2")
        counts = Counter(number(row.points) for row in own if row.points is not None)
        # Whatever can be won has its line, also where nobody did.
        for score in _possible(task):
            counts.setdefault(score, 0)
        shown = sorted(counts.items(), key=lambda pair: float(pair[0]))
        without = Counter(row.status for row in own if row.points is None)
        yield bars(("points", "students"), [*shown, *sorted(without.items())])


def _points(points: float) -> str:
    return f"{number(points)} point{'' if points == 1 else 's'}"


def _possible(task: object) -> set[str]:
    if not isinstance(task, GradedTask):
        return set()
    sums = {0.0}
    for part in task.parts:
        sums |= {each + part.points for each in sums}
    return {number(each) for each in sums}


def _misconceptions(lab: Lab, records: Sequence[Record]) -> Iterable[str]:
    messages = {(task.id, m.name): m.message for task in lab.graded for m in task.misconceptions}
    counts = Counter(
        (result.task, result.misconception)
        for record in records
        for result in record.results
        if result.misconception
    )
    yield said("Common misconceptions", "h2")
    if not counts:
        yield said("No known misconception fits anybody's answers.")
        return
    rows = [
        (task, name, str(count), messages.get((task, name), ""))
        for (task, name), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    yield table(("task", "misconception", "students", "what they were told"), rows, numbers=[2])


def _trouble(records: Sequence[Record]) -> Iterable[str]:
    whole = [(record.student, "all", record.trouble) for record in records if record.trouble]
    single = [
        (record.student, result.task, result.reason)
        for record in records
        if not record.trouble
        for result in record.results
        if result.status == "ungradable"
    ]
    yield said("Not graded, and why", "h2")
    rows = [*whole, *single]
    yield table(("student", "task", "reason"), rows) if rows else said("Everything could be graded.")


def _remarks(records: Sequence[Record]) -> Iterable[str]:
    rows = [(record.student, remark) for record in records for remark in record.remarks]
    if rows:
        yield said("Answers of another's variant", "h2")
        yield table(("student", "what was found"), rows)


def _boards(lab: Lab, records: Sequence[Record]) -> Iterable[str]:
    for task in lab.graded:
        if task.board is None:
            continue
        board = sorted(
            (measured, record.student)
            for record in records
            if (measured := shortest(task, record)) is not None
        )
        yield said(f"{task.title}: the shortest", "h2")
        rows = [(student, f"{measured:g}") for measured, student in board[:MOST_LISTED]]
        yield table(("student", "length"), rows, numbers=[1]) if rows else said("Nobody has a right answer.")


def shortest(task: GradedTask, record: Record) -> float | None:
    """The longest of a student's answers to a task that they won in full, as its board measures; None if they did not."""
    result = record.result(task.id)
    if task.board is None or result is None or len(result.parts) < len(task.parts):
        return None  # points given by hand say nothing of the answers
    answers = [answer.got for answer in record.answers.get(task.id, ()) if answer.part != VISIBLE_PART]
    return max((task.board(answer) for answer in answers), default=None)


def _slowest(records: Sequence[Record]) -> Iterable[str]:
    timed = sorted((r for r in records if r.seconds), key=lambda r: (-r.seconds, r.student))[:MOST_LISTED]
    if timed:
        yield said("The slowest", "h2")
        yield table(("student", "seconds"), [(r.student, f"{r.seconds:.1f}") for r in timed], numbers=[1])


def _alike(pairs: Sequence[Pair] | None) -> Iterable[str]:
    if pairs is None:
        return
    yield said("Alike", "h2")
    if not pairs:
        yield said("No two students' work is more alike than the task makes it.")
        return
    yield said("A reason to look, and no proof: compare the two yourself, and ask.")
    rows = [(pair.one, pair.other, f"{100 * pair.share:.0f} %") for pair in pairs]
    yield table(("student", "student", "alike"), rows, numbers=[2])
