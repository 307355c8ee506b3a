"""The folder of results: what each student's work answered, what it was worth, and the settings of the run.

One file a student, written at once or not at all, so that a run that was cut short goes on, and a task can be judged again without
running anything. ``run.json`` holds the seed: whoever knows it knows the hidden cases.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from quorumlab.course.answers import Odd, Stopped
from quorumlab.grading.judging import Answer, Ended, TaskResult, Untried

STUDENTS = "students"
RUN = "run.json"
HISTORY = "history"
LOCK = ".lock"
LONGEST_NAME = 150


class StoreError(Exception):
    """The folder cannot be used; the message says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Settings:
    """What one run was told: kept, so that going on, and judging again, do the same."""

    lab: str
    seed: str
    isolation: str
    due: str = ""
    late_days: int = 0
    penalty: float = 0
    """Percent of the points for each day beyond the free ones."""
    variants: bool = False


@dataclass(frozen=True)
class Record:
    """One student's work: its answers, and what they were worth. ``asked`` tells which questions were put."""

    student: str
    lab: str
    digest: str
    asked: str
    answers: Mapping[str, Sequence[Answer]]
    results: tuple[TaskResult, ...]
    trouble: str = ""
    handed_in: datetime | None = None
    remarks: tuple[str, ...] = ()
    """What a person should look at, such as answers that belong to another's variant."""
    cells: tuple[str, ...] = field(default=(), repr=False)
    seconds: float = field(default=0, compare=False)
    attempt: int = 1

    def result(self, task: str) -> TaskResult | None:
        """The result of one task, if it has one."""
        return next((result for result in self.results if result.task == task), None)

    def with_result(self, result: TaskResult) -> "Record":
        """The record with another result for one task."""
        return replace(self, results=tuple(result if r.task == result.task else r for r in self.results))


def file_name(student: str) -> str:
    """A student's id as a file's name, whatever it holds; two ids never give one name."""
    name = quote(student, safe=" @+,=()")
    if name.startswith("."):
        name = name.replace(".", "%2E")
    if len(name) <= LONGEST_NAME:
        return name or "%"
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(student.encode()).hexdigest()[:12]}"


def write(path: Path, text: str) -> None:
    """Write a file at once: whoever reads it finds the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.part")
    partial.write_text(text, encoding="utf-8", newline="")
    partial.replace(path)


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Within it, nobody else works in the folder, which is made if there is none; its end, however it comes, sets the folder free.

    Raises StoreError while another does.
    """
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows, where there is no sandbox either
        yield
        return
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOCK).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(
                f"Another quorumlab-grade is at work in {str(out)!r}; wait for its end, or name another folder with --out."
            ) from None
        except OSError:
            pass  # a file system without locks
        yield


def write_settings(out: Path, settings: Settings) -> None:
    """Keep the settings of a run."""
    write(out / RUN, json.dumps(asdict(settings), indent=1) + "\n")


def read_settings(out: Path) -> Settings | None:
    """The settings of an earlier run into the folder; None if there was none. Raises StoreError if they are damaged."""
    path = out / RUN
    if not path.exists():
        return None
    try:
        return Settings(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise StoreError(
            f"{str(path)!r} is no settings file of quorumlab-grade; name another folder with --out, or delete it."
        ) from None


def write_record(out: Path, record: Record) -> None:
    """Keep one student's record, in place of an older one."""
    data = {
        "student": record.student,
        "lab": record.lab,
        "digest": record.digest,
        "asked": record.asked,
        "attempt": record.attempt,
        "trouble": record.trouble,
        "handed_in": record.handed_in.isoformat() if record.handed_in else None,
        "seconds": round(record.seconds, 2),
        "remarks": list(record.remarks),
        "results": [asdict(result) for result in record.results],
        "answers": {task: [_kept(answer) for answer in answers] for task, answers in record.answers.items()},
        "cells": list(record.cells),
    }
    write(out / STUDENTS / f"{file_name(record.student)}.json", json.dumps(data, ensure_ascii=False) + "\n")


def read_record(out: Path, student: str) -> Record | None:
    """A student's record; None if there is none that can be read."""
    try:
        data = json.loads((out / STUDENTS / f"{file_name(student)}.json").read_text(encoding="utf-8"))
        return _record(data)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def read_records(out: Path) -> list[Record]:
    """All records, sorted by student. Raises StoreError if one is damaged."""
    records = []
    for path in (out / STUDENTS).glob("*.json"):
        try:
            records.append(_record(json.loads(path.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise StoreError(
                f"{str(path)!r} is damaged; grade the class again, which makes it anew."
            ) from None
    return sorted(records, key=lambda record: record.student)


def set_aside(out: Path, students: Iterable[str]) -> None:
    """Move the records of all others to the history: their work is no longer handed in."""
    kept = {f"{file_name(student)}.json" for student in students}
    for path in (out / STUDENTS).glob("*.json"):
        if path.name not in kept:
            aside = out / HISTORY / STUDENTS / path.name
            aside.parent.mkdir(parents=True, exist_ok=True)
            path.replace(aside)


def _record(data: Mapping[str, Any]) -> Record:
    handed_in = data["handed_in"]
    return Record(
        data["student"],
        data["lab"],
        data["digest"],
        data["asked"],
        {task: [_answer(kept) for kept in answers] for task, answers in data["answers"].items()},
        tuple(TaskResult(**{**result, "parts": tuple(result["parts"])}) for result in data["results"]),
        data["trouble"],
        datetime.fromisoformat(handed_in) if handed_in else None,
        tuple(data["remarks"]),
        tuple(data["cells"]),
        data["seconds"],
        data.get("attempt", 1),
    )


def _kept(answer: Answer) -> list[Any]:
    got = answer.got
    if type(got) is Stopped:
        kept: dict[str, Any] = {"stopped": [got.type, got.words, got.line]}
    elif type(got) is Odd:
        kept = {"odd": got.kind}
    elif type(got) is Ended:
        kept = {"ended": got.why}
    else:
        kept = {"untried": True} if type(got) is Untried else {"value": got}
    return [answer.part, list(answer.case), kept]


def _answer(kept: Sequence[Any]) -> Answer:
    part, case, got = kept
    return Answer(part, tuple(case), _got(got))


def _got(kept: Mapping[str, Any]) -> Any:
    if "value" in kept:
        return kept["value"]
    if "stopped" in kept:
        kind, words, line = kept["stopped"]
        return Stopped(kind, words, (line[0], line[1]) if line else None)
    if "odd" in kept:
        return Odd(kept["odd"])
    return Ended(kept["ended"]) if "ended" in kept else Untried()
