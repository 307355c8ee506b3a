"""What a learner answered, kept in one small file between sessions.

The file only ever grows: each answer is one line added at its end, ``{"quorumlab": 2, "predictions": {id: text}}``, or ``checks`` or
``exercises`` with ``{id: {"correct": true or false, "misses": number}}``. So two kernels can answer at once and neither loses what the
other wrote, a link stays a link, and a full disk costs at most the line that did not fit. A file of the first version, one JSON
object with all three sections, is read as it stands, and new lines follow it.

It lies in the user's data folder, or where the environment variable QUORUMLAB_PROGRESS points. A course must never fail because
of it: what cannot be read or written costs one sentence, the answer is kept until the kernel stops and written with the next
one, and what is not a progress file of ours is never touched.
"""

import codecs
import errno
import json
import os
import re
import shutil
import stat
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from quorumlab.arguments import shown

SECTIONS = ("predictions", "checks", "exercises")
MARK = {"quorumlab": 2}
OLD_MARK = {"version": 1}
BEGINS = b'{"quorumlab": 2'
OLD_BEGINS = re.compile(rb'\{\s*("version": 1,\s*)?"(predictions|checks|exercises)":')
"""How a damaged file of the first version is recognised."""
ROOM_NEEDED = 64 * 1024
"""Bytes free on the disk below which the environment check speaks: a whole course fits into it."""
ANOTHER_FILE = "set QUORUMLAB_PROGRESS to a file you may write"

_unsaved: list[dict[str, Any]] = []
_told: dict[str, str] = {}

Answers = dict[str, dict[str, Any]]


class _RefusalError(Exception):
    """Why the file cannot be used, as the part of a sentence that follows "because"."""


def progress_path() -> Path:
    """Where progress is kept; raises ValueError in one sentence if the home folder that it names is not there."""
    chosen = os.environ.get("QUORUMLAB_PROGRESS")
    path = Path(chosen) if chosen else _default_path()
    try:
        path = path.expanduser()
    except RuntimeError:
        path = Path("~")
    if path.parts[:1] and path.parts[0].startswith("~"):
        raise ValueError(
            f"The home folder in {chosen or 'the place for your answers'} is not known; {ANOTHER_FILE}."
        )
    return path


def _default_path() -> Path:
    return user_data_path("quorumlab", appauthor=False) / "progress.json"


def load() -> Answers:
    """All that is kept, by section; what cannot be read costs one warning."""
    documents: Iterable[Any] = ()
    try:
        documents = _documents(_read(_path()))
    except _RefusalError as refusal:
        _tell("reading", f"Your earlier answers are not shown, because {refusal}.")
    kept: Answers = {section: {} for section in SECTIONS}
    damaged = 0
    for document in [*documents, *_unsaved]:
        damaged += not _add(document, kept)
    if damaged:
        _tell(
            "damage",
            f"A part of {_path()} is damaged and left out; all other answers count, and nothing in it was changed.",
        )
    return kept


def record(section: str, key: str, value: Any) -> None:
    """Keep one answer: a text for a prediction, ``{"correct": ..., "misses": ...}`` for a check or an exercise.

    Once correct stays correct, and misses never become fewer. What cannot be written costs one warning. Raises TypeError if the
    value is not JSON, ValueError if there is no such section.
    """
    if section not in SECTIONS:
        raise ValueError(
            f"{shown(section)} is no section of the progress file; use one of {', '.join(SECTIONS)}."
        )
    answer = {**MARK, section: {key: value}}
    if not _add(answer, {name: {} for name in SECTIONS}):
        raise TypeError(
            f"{shown(value)} is no answer of {section}; give a text for a prediction, or correct and misses for an attempt."
        )
    _unsaved.append(answer)
    try:
        path = _path()
        if path != Path(os.devnull):  # a way to say: keep nothing
            _append(path)
    except _RefusalError as refusal:
        _tell(
            "writing",
            f"Your answers are kept only until this kernel stops, because {refusal}; {ANOTHER_FILE}, then restart the kernel.",
        )


def recall(section: str, key: str) -> Any:
    """One kept answer, or None."""
    return load()[section].get(key)


def problem() -> str:
    """Why answers cannot be kept, or nothing if they can; looking changes nothing."""
    try:
        path = _path()
        if path == Path(os.devnull):
            return ""
        _read(path)
        _writable(path)
    except _RefusalError as refusal:
        return str(refusal)
    return ""


def reset_progress() -> None:
    """Start the course afresh; the old file stays beside the new one as a backup."""
    _unsaved.clear()
    _told.clear()
    try:
        path = _path()
        if _read(path):
            # The file itself, not a link to it: the link goes on to point to where new answers are written.
            print(f"Your earlier answers are kept in {_backup(Path(os.path.realpath(path)))}.")
    except _RefusalError as refusal:
        _tell("reset", f"Your earlier answers stay, because {refusal}; {ANOTHER_FILE} to start afresh.")
    except OSError as error:
        _tell(
            "reset",
            f"Your earlier answers stay, because {path} cannot be renamed ({error}); {ANOTHER_FILE} to start afresh.",
        )


def _path() -> Path:
    try:
        return progress_path()
    except ValueError:
        raise _RefusalError("the home folder that it should lie in is not known") from None


def _read(path: Path) -> bytes:
    """The file's bytes, none if it is not there yet; a folder, a device or somebody else's file is refused and left alone."""
    try:
        # Looked at before it is opened: opening a pipe would wait for its other end.
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            raise _RefusalError(f"{path} is a folder, not a file")
        if path != Path(os.devnull) and not stat.S_ISREG(kind):
            raise _RefusalError(f"{path} is not an ordinary file")
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise _RefusalError(f"{path} cannot be read just now ({error})") from None
    if not (path == _default_path() or _is_ours(content)):
        raise _RefusalError(f"{path} is not a progress file of this course and was left as it is")
    return content


def _is_ours(content: bytes) -> bool:
    start = content.removeprefix(codecs.BOM_UTF8).strip()
    # A disk may have been full in the middle of the very first line; an empty file is the shortest such piece.
    if start.startswith(BEGINS) or BEGINS.startswith(start):
        return True
    first = next(_documents(content), None)
    if isinstance(first, dict):
        return OLD_MARK.items() <= first.items() and first.keys() <= {*OLD_MARK, *SECTIONS}
    return bool(OLD_BEGINS.match(start))


def _documents(content: bytes) -> Iterator[Any]:
    """The parts of a file: first the whole of an old one, if it begins with one, then line by line. None stands for damage."""
    text = content.decode("utf-8-sig", "replace").lstrip()
    try:
        first, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        pass
    else:
        yield first
        text = text[end:]
    for line in text.split("\n"):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                yield None


def _add(document: Any, kept: Answers) -> bool:
    """Add the answers of one document to those before it; False if any of it is not understood."""
    if not isinstance(document, dict) or not any(m.items() <= document.items() for m in (MARK, OLD_MARK)):
        return False
    sound = True
    for section in SECTIONS:
        answers = document.get(section, {})
        if not isinstance(answers, dict):
            sound = False
            continue
        for key, value in answers.items():
            if section == "predictions" and isinstance(value, str):
                kept[section][key] = value
            elif section != "predictions" and _is_attempts(value):
                before = kept[section].get(key, {"correct": False, "misses": 0})
                kept[section][key] = {
                    "correct": before["correct"] or value["correct"],
                    "misses": max(before["misses"], value["misses"]),
                }
            else:
                sound = False
    return sound


def _is_attempts(value: Any) -> bool:
    return isinstance(value, dict) and type(value.get("correct")) is bool and type(value.get("misses")) is int


def _append(path: Path) -> None:
    """Write what is not written yet, in one step at the file's end."""
    _read(path)  # refuses what is not ours
    # The line break comes first: it also ends a line that a full disk cut short.
    lines = "".join(f"\n{json.dumps(answer)}" for answer in _unsaved).encode("ascii")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            if os.write(handle, lines) < len(lines):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(handle)
    except OSError as error:
        raise _RefusalError(f"{path} cannot be written ({error})") from None
    _unsaved.clear()
    _told.pop("writing", None)


def _writable(path: Path) -> None:
    try:
        target = Path(os.path.realpath(path))
        there = target if target.exists() else next(p for p in target.parents if p.exists())
        if there != target and not there.is_dir():
            raise _RefusalError(f"{there} is a file, and {path} would lie below it")
        if not os.access(there, os.W_OK if there == target else os.W_OK | os.X_OK):
            raise _RefusalError(f"{there} does not allow it")
        free = shutil.disk_usage(there if there.is_dir() else there.parent).free
    except OSError as error:
        raise _RefusalError(f"{path} cannot be looked at ({error})") from None
    if free < ROOM_NEEDED:
        raise _RefusalError(f"the disk of {path} is full ({free} bytes are free)")


def _backup(path: Path) -> Path:
    number = 1
    while (backup := path.with_name(f"{path.name}.backup-{number}")).exists():
        number += 1
    path.rename(backup)
    return backup


def _tell(about: str, sentence: str) -> None:
    # Once is enough, however many questions a page asks.
    if _told.get(about) != sentence:
        _told[about] = sentence
        warnings.warn(sentence, stacklevel=3)
