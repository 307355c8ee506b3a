"""One task of a whole class, judged again from the answers that are kept: no student code is run."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from quorumlab.grading.judging import TaskResult
from quorumlab.grading.lab import GradedTask, Lab
from quorumlab.grading.scores import number, numbered
from quorumlab.grading.store import Record, Settings, write, write_record
from quorumlab.grading.verdict import printable, verdict_on

COLUMNS = ("student", "task", "old", "new", "reason")


def regrade(
    lab: Lab, task: GradedTask, settings: Settings, records: Sequence[Record], out: Path
) -> tuple[list[Record], str]:
    """The records with the task judged anew, and a sentence on what changed; who changed stands, old and new, in the history.

    Work that could not be graded at all stays as it is.
    """
    made, changed = [], []
    seen: dict[str, TaskResult] = {}
    for record in records:
        answers, old = record.answers.get(task.id), record.result(task.id)
        if not answers or old is None:
            made.append(record)
            continue
        facts = lab.facts_of(record.student if settings.variants else "")
        # Many answer the same, and are judged the same.
        same_work = repr([facts, answers])
        new = seen[same_work] = seen.get(same_work) or verdict_on(task, answers, facts)
        if new != old:
            record = record.with_result(new)
            write_record(out, record)
        made.append(record)
        if (new.points, new.status) != (old.points, old.status):
            changed.append((record.student, task.id, number(old.points), number(new.points), new.reason))
    if not changed:
        return made, f"{task.id}: judged again for {len(made)} students; no points changed."
    path = numbered(out, "regrade")
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([COLUMNS, *changed])
    write(path, file.getvalue())
    lines = [
        f"  {printable(student)}: {old or 'ungraded'} → {new or 'ungraded'}"
        for student, _, old, new, _ in changed
    ]
    head = (
        f"{task.id}: judged again for {len(made)} students; {len(changed)} changed ({path.relative_to(out)}):"
    )
    return made, "\n".join([head, *lines])
