"""Answers that belong to another student's variant: found by what they give, or by whose numbers they are made of.

Each is named as such and left to a person; nothing is taken off for it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from quorumlab.course.answers import same
from quorumlab.grading.judging import VISIBLE_PART, Answer, as_task
from quorumlab.grading.lab import Facts, GradedTask, Lab
from quorumlab.grading.store import Record

TOKEN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*|\d+(?:\.\d+)?")
ENOUGH = 3
"""So many names or numbers that only another's variant has must stand in the work; fewer may be chance."""


def with_remarks(lab: Lab, records: Sequence[Record]) -> list[Record]:
    """The records, with a remark for each whose answers or numbers are another's."""
    facts = {record.student: lab.facts_of(record.student) for record in records}
    marks = {student: distinctive(own) for student, own in facts.items()}
    return [replace(record, remarks=tuple(_remarks(lab, record, facts, marks))) for record in records]


def _remarks(
    lab: Lab, record: Record, facts: Mapping[str, Facts], marks: Mapping[str, frozenset[str]]
) -> Iterable[str]:
    for task in lab.graded:
        if not task.personal:
            continue
        result = record.result(task.id)
        if result is None or result.points == task.points:
            continue
        for other in sorted(set(facts) - {record.student}):
            if _answers_of(task, record.answers.get(task.id, ()), facts[record.student], facts[other]):
                yield f"The answers to {task.id!r} are right for the variant of {other!r}, and wrong for this one."
    written = frozenset(token for cell in record.cells for token in TOKEN.findall(cell))
    for other, theirs in sorted(marks.items()):
        found = (theirs - marks[record.student]) & written
        if other != record.student and len(found) >= max(ENOUGH, len(theirs) // 2):
            yield f"{len(found)} names and numbers of the variant of {other!r} stand in this work."


def _answers_of(task: GradedTask, answers: Sequence[Answer], own: Facts, other: Facts) -> bool:
    """Whether all hidden answers are right for another's facts, which give other answers than one's own."""
    hidden = [answer for answer in answers if answer.part != VISIBLE_PART]
    if not hidden or own == other:
        return False
    mine, theirs = as_task(task, (), own).reference, as_task(task, (), other).reference
    try:
        fits = all(same(theirs(*answer.case), answer.got) for answer in hidden)
        return fits and not all(same(mine(*answer.case), answer.got) for answer in hidden)
    except (KeyError, ValueError, TypeError, IndexError):
        return False  # the other variant knows nothing of these inputs


def distinctive(facts: Any) -> frozenset[str]:
    """The names and numbers of a variant that are long enough to be its own."""
    if isinstance(facts, Mapping):
        return frozenset().union(*map(distinctive, [*facts, *facts.values()]))
    if isinstance(facts, list | tuple):
        return frozenset().union(*map(distinctive, facts))
    text = str(facts)
    return frozenset({text}) if len(text) >= 5 and not isinstance(facts, bool) else frozenset()
