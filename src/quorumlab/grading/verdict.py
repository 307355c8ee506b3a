"""The verdict on one task's answers: never a fall of the grader, and nothing in it but lines of text."""

from collections.abc import Sequence
from dataclasses import replace

from quorumlab.grading.judging import Answer, Patience, TaskResult, judged
from quorumlab.grading.lab import Facts, GradedTask

FAILED = "The grader could not grade it"


def verdict_on(
    task: GradedTask, answers: Sequence[Answer], facts: Facts, patience: Patience | None = None
) -> TaskResult:
    """A task's result; a judge that trips over an answer costs nobody else anything."""
    try:
        result = judged(task, answers, facts, patience)
    except Exception as error:
        why = f"{FAILED}: its judge stopped with {type(error).__name__}; tell your instructor."
        return TaskResult(task.id, None, task.points, "ungradable", why)
    return replace(result, reason=printable(result.reason), shown=printable(result.shown))


def printable(text: str) -> str:
    """A text that may quote a stranger, as one line that can be written anywhere.

    Without what moves a terminal's cursor, turns the direction of reading, or begins a new line of a table.
    """
    kept = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return kept.encode("utf-8", "replace").decode()
