"""What was handed in, by whom and when: found in folders, read as notebooks, and refused with a reason where it is none.

Nothing is run, no link is followed, and no file outside the folder of submissions is read.
"""

import csv
import hashlib
import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MOST_BYTES = 20 << 20
"""A notebook larger than this is not read."""
MOST_CELLS = 1000
NOBODYS = frozenset({".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__", ".DS_Store", ".Trashes"})
"""What programs leave in a folder; whatever else holds a notebook is somebody's."""
MOST_CHARACTERS = 200_000
"""Of all code cells together."""
NOTHING = "Nothing was handed in."
NO_FILE = "The notebook is no file."
TIMESTAMP = "timestamp.txt"
EXCHANGED = re.compile(r"\+\d{4}-\d\d-\d\d[ T]\d\d")
"""The time in the name of a folder of nbgrader's exchange, ``STUDENT+LAB+TIME``; a plain folder's name may hold a + too."""
COLLECTED = "submitted"
"""Where nbgrader collects to, in a course's folder."""
COURSE = ("source", "release", "nbgrader_config.py", "gradebook.db")
"""What else a course's folder of nbgrader holds."""
PACKED = frozenset({".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar"})
LATEST_S = datetime(9999, 1, 1, tzinfo=UTC).timestamp()


class SubmissionsError(Exception):
    """The folder or the roster cannot be used; the message says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Student:
    """One line of a roster; what it does not say is empty."""

    id: str
    name: str = ""
    email: str = ""
    canvas_id: str = ""
    section: str = ""
    path: str = ""


@dataclass(frozen=True)
class Submission:
    """What one student handed in: the code cells in their order, or the reason why there are none."""

    student: str
    path: Path | None
    trouble: str = ""
    cells: tuple[str, ...] = field(default=(), repr=False)
    digest: str = ""
    handed_in: datetime | None = None
    attempt: int = 1
    """Counts the works of one student that were graded: each is asked other hidden cases, so what feedback told of the last is worth nothing."""


def found(folder: Path, lab: str, roster: Iterable[Student] = ()) -> list[Submission]:
    """The submission of each student, sorted by student: of all in the folder, or of all in the roster if there is one.

    ``folder`` holds a folder or a notebook for each student, or is a collected tree of nbgrader: ``submitted/STUDENT/LAB/LAB.ipynb``
    or ``inbound/STUDENT+LAB+TIME``. Raises SubmissionsError if there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise SubmissionsError(
            f"There is no folder of submissions {str(folder)!r}; name one with a folder or a notebook for each student."
        )
    folder = _where(folder, lab)
    places, twice = _each_once(_places(folder, lab))
    students = list(roster)
    if not students:
        if not places:
            raise SubmissionsError(
                f"There is nothing handed in in {str(folder)!r}; it should hold a folder or a notebook for each student."
            )
        return [_read(student, place, lab, folder, twice) for student, place in sorted(places.items())]
    named = _by_name(students, places)
    listed = {s.id: folder / s.path if s.path else named.get(s.id) for s in students}
    strangers = {
        name: place
        for name, place in places.items()
        if name not in listed and not _named(place, listed.values())
    }
    return [
        _read(student, place, lab, folder, twice)
        for student, place in sorted({**listed, **strangers}.items())
    ]


def _where(folder: Path, lab: str) -> Path:
    """The folder of collected work in a course of nbgrader's, else the folder itself: a student may be called as that folder is."""
    inner = folder / COLLECTED
    if inner.is_symlink() or not inner.is_dir() or _holds_one(inner, lab):
        return folder
    if any(os.path.lexists(folder / name) for name in COURSE):
        return inner
    others = (place for name, place in _places(folder, lab) if name != COLLECTED)
    return folder if any(_holds_one(place, lab) for place in others) else inner


def _by_name(students: Sequence[Student], places: Mapping[str, Path]) -> dict[str, Path]:
    """The place that is called as each student, or else the only one whose name is the same but for capitals and how an accent is
    written, if it is nobody else's."""
    ids = {student.id for student in students}
    rest = [name for name in places if name not in ids]
    spelt = Counter(map(_spelt, (*ids, *rest)))
    others = {_spelt(name): places[name] for name in rest if spelt[_spelt(name)] == 2}
    own = {id: places.get(id) or others.get(_spelt(id)) for id in ids}
    return {id: place for id, place in own.items() if place is not None}


def _spelt(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _each_once(places: Iterable[tuple[str, Path]]) -> tuple[dict[str, Path], dict[Path, str]]:
    """The place of each student, and a reason for each place that is not the only one: nobody can tell which of two counts.

    In an exchange the later one counts, since its name ends with the time.
    """
    kept: dict[str, Path] = {}
    twice: dict[Path, str] = {}
    for student, place in places:
        before = kept.get(student)
        if before is not None and not (EXCHANGED.search(before.name) and EXCHANGED.search(place.name)):
            names = f"{_id(before.name)!r} and {_id(place.name)!r}"
            twice[place] = f"There are two for this student, {names}; leave the one that counts."
        kept[student] = place
    return kept, twice


def _read(student: str, place: Path | None, lab: str, folder: Path, twice: Mapping[Path, str]) -> Submission:
    if place is not None and place in twice:
        return Submission(student, place, twice[place], handed_in=_handed_in(place, folder))
    return read(student, place, lab, folder)


def _named(place: Path, places: Iterable[Path | None]) -> bool:
    return any(each is not None and (each == place or place in each.parents) for each in places)


def _places(folder: Path, lab: str) -> Iterator[tuple[str, Path]]:
    """Where each student's work lies; the last of several in an inbound folder counts, since their names end with the time."""
    for entry in sorted(folder.iterdir()):
        if (
            entry.name in NOBODYS
            or _is_double(entry)
            or (entry.name.startswith((".", "__")) and not _holds_one(entry, lab))
        ):
            continue
        if _is_notebook(entry) or (entry.suffix.lower() in PACKED and entry.is_file()):
            yield _id(entry.stem), entry
        elif entry.is_dir() or entry.is_symlink():
            parts = entry.name.split("+") if EXCHANGED.search(entry.name) else []
            inbound = len(parts) >= 3 and parts[1] == lab
            if len(parts) >= 3 and not inbound:
                continue  # another lab's, in an exchange that holds several
            yield _id(parts[0] if inbound else entry.name), entry


def _is_notebook(path: Path) -> bool:
    return path.suffix.lower() == ".ipynb" and not _is_double(path)


def _is_double(path: Path) -> bool:
    """Whether a Mac put the file beside another, for what only a Mac keeps of it."""
    return path.name.startswith("._") and path.is_file()


def _holds_one(place: Path, lab: str) -> bool:
    try:
        return _notebook(place, lab).is_file()
    except (_TroubleError, OSError):
        return False


def _id(name: str) -> str:
    """A name of the file system as text that can be written: it may hold any bytes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read(student: str, place: Path | None, lab: str, folder: Path) -> Submission:
    """One student's submission, which lies in ``folder``; what is wrong with it is told in ``trouble``."""
    if place is None:
        return Submission(student, None, NOTHING)
    try:
        if place.parent.resolve() != folder.resolve() / place.parent.relative_to(folder):
            raise _TroubleError("The way to it is a link to somewhere else, which is not followed.")
        path = _notebook(place, lab)
        data = _bytes(path)
        cells = _cells(data)
    except _TroubleError as error:
        words = str(error)
        return Submission(student, place, words, handed_in=_handed_in(place, folder))
    except (OSError, RuntimeError) as error:  # links in a circle are one or the other
        words = f"It cannot be read: {getattr(error, 'strerror', None) or error}."
        return Submission(student, place, words, handed_in=_handed_in(place, folder))
    return Submission(student, path, "", cells, hashlib.sha256(data).hexdigest(), _handed_in(path, folder))


class _TroubleError(Exception):
    """Why a submission cannot be graded, in a sentence."""


def _notebook(place: Path, lab: str) -> Path:
    """The notebook at a place, which is one or a folder of one, perhaps with the lab's folder in it."""
    if place.is_symlink():
        raise _TroubleError("It is a link to somewhere else, which is not followed.")
    if place.is_file() and place.suffix.lower() in PACKED:
        raise _TroubleError("It is an archive and no notebook; unpack it, and grade again.")
    if place.is_file():
        return place
    if not place.is_dir():
        raise _TroubleError(NO_FILE if os.path.lexists(place) else NOTHING)
    inner = place / lab
    if inner.is_symlink():
        raise _TroubleError("Its folder is a link to somewhere else, which is not followed.")
    folders = [inner, place] if inner.is_dir() else [place]  # a lab's folder may hold its data alone
    notebooks: list[Path] = []
    for folder in folders:
        named = folder / f"{lab}.ipynb"
        if os.path.lexists(named):
            return named
        notebooks = notebooks or sorted(path for path in folder.iterdir() if _is_notebook(path))
    if len(notebooks) == 1:
        return notebooks[0]
    if notebooks:
        raise _TroubleError(f"There are {len(notebooks)} notebooks and none is called {lab}.ipynb.")
    raise _TroubleError("There is no notebook in its folder.")


def _bytes(path: Path) -> bytes:
    if path.is_symlink():
        raise _TroubleError("The notebook is a link to somewhere else, which is not followed.")
    if not path.is_file():
        raise _TroubleError(NO_FILE)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise _TroubleError(
            f"The notebook has {size >> 20} MB; at most {MOST_BYTES >> 20} MB are read. Clear its outputs."
        )
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MOST_BYTES + 1)


def _cells(data: bytes) -> tuple[str, ...]:
    """The code cells of a notebook; its metadata, kernel and outputs count for nothing."""
    try:
        notebook = json.loads(
            data, parse_int=float
        )  # no number of it counts, and a whole one may be too long
    except (ValueError, RecursionError, MemoryError):
        raise _TroubleError("The notebook is not JSON: the file is damaged, or something else.") from None
    cells = _listed(notebook)
    if cells is None:
        raise _TroubleError("The file is JSON, but no notebook: it has no list of cells.")
    sources = [_source(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    if not sources:
        raise _TroubleError("The notebook has no code cells.")
    if len(sources) > MOST_CELLS:
        raise _TroubleError(f"The notebook has {len(sources)} code cells; at most {MOST_CELLS} are run.")
    length = sum(map(len, sources))
    if length > MOST_CHARACTERS:
        raise _TroubleError(
            f"The code of the notebook has {length} characters; at most {MOST_CHARACTERS} are run."
        )
    return tuple(sources)


def _listed(notebook: object) -> list[Any] | None:
    """The cells of a notebook, also of one in the format 3, which had them on sheets; None if it has none."""
    if not isinstance(notebook, dict):
        return None
    sheets = notebook.get("worksheets")
    if "cells" not in notebook and isinstance(sheets, list):
        lists = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in lists if isinstance(cells, list) for cell in cells]
    cells = notebook.get("cells")
    return cells if isinstance(cells, list) else None


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()


def _handed_in(path: Path, folder: Path) -> datetime | None:
    """When it was handed in: as nbgrader's timestamp says, else as the file does; None where neither can be read.

    Only in a tree that nbgrader collected: elsewhere such a file is a student's own, and says what the student likes.
    """
    inside = path.relative_to(folder)
    # nbgrader writes it in STUDENT/LAB, and a folder of that name may hold a plain class.
    collected = folder.name == COLLECTED and len(inside.parts) == 3
    stamps = (path.parent / TIMESTAMP, path / TIMESTAMP)
    for stamp in stamps if collected or EXCHANGED.search(str(inside)) else ():
        try:
            if stamp.is_file() and not stamp.is_symlink() and stamp.stat().st_size < 200:
                return _utc(datetime.fromisoformat(_iso(stamp.read_text(errors="replace").strip())))
        except (ValueError, OverflowError, OSError):  # no moment, or a folder that nobody may look into
            continue
    try:
        return datetime.fromtimestamp(min(max(path.lstat().st_mtime, 0), LATEST_S), UTC)
    except OSError:
        return None


def _iso(text: str) -> str:
    """nbgrader writes ``2015-02-02 15:58:23.948203 UTC``."""
    return re.sub(r"\s+UTC$", "+00:00", text)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_roster(path: Path) -> list[Student]:
    """The students of a CSV file with a column ``student`` (or ``id``), and perhaps ``name``, ``email``, ``canvas_id``, ``section`` and
    ``path`` (where in the folder of submissions their work lies).

    Raises SubmissionsError if it cannot be used.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SubmissionsError(
            f"The roster {str(path)!r} cannot be read ({error}); give a CSV file in UTF-8."
        ) from None
    students = []
    for number, row in enumerate(rows, 2):
        known = {
            (key or "").strip().lower(): (value or "").strip()
            for key, value in row.items()
            if isinstance(value, str)
        }
        id = known.get("student") or known.get("id", "")
        if not id:
            raise SubmissionsError(
                f"Line {number} of the roster {str(path)!r} has no student; give it a column student with an id in each line."
            )
        where = known.get("path", "")
        parts = Path(where).parts
        if where and (Path(where).is_absolute() or not parts or ".." in parts or "\0" in where):
            raise SubmissionsError(
                f"Line {number} of the roster {str(path)!r} points outside the submissions ({where!r}); give a path inside."
            )
        own = {key: known.get(key, "") for key in ("name", "email", "canvas_id", "section")}
        students.append(Student(id, path=where, **own))
    twice = {s.id for s in students if sum(other.id == s.id for other in students) > 1}
    if twice:
        raise SubmissionsError(
            f"The roster {str(path)!r} has {min(twice)!r} more than once; give each student one line."
        )
    return students


__all__ = ["Student", "Submission", "SubmissionsError", "found", "read", "read_roster"]
