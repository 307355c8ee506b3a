"""What a release must not do: give an answer away, or destroy something. Each refusal is a sentence that says what to do."""

import json
import math
import os
import re
from collections.abc import Collection, Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

MARKS = tuple(
    f"{side} {what}" for side in ("begin", "end") for what in ("solution", "hidden tests", "mark scheme")
)
LIKE_A_MARK = 0.75
"""How alike a comment and a mark must be, from 0 to 1, for it to be taken for a misspelt one."""
COMMENT = re.compile(r"^\s*(?:#+|<!--+|%+|//+)\s*(.*?)\s*(?:--+>)?\s*$")
CELL_METADATA = {"nbgrader", "tags", "jupyter", "deletable", "editable", "quorumlab", "slideshow"}
NOTEBOOK_METADATA = {"kernelspec", "language_info", "quorumlab"}
ADDED = ("visible.json",)
SCHEMA = 3
"""The version of nbgrader's marks in a cell's metadata that nbgrader 0.9 reads."""
DATA = (".csv", ".tsv", ".yaml", ".yml", ".png", ".jpg", ".svg")


def same_place(solutions: Path, labs: Path) -> str:
    """That labs would be written over solutions: the two folders are one, or one lies in the other."""
    one, other = solutions.resolve(), labs.resolve()
    if one == other or one in other.parents or other in one.parents:
        return f"The labs would take the place of their solutions in {labs.as_posix()!r}; name another folder with --labs."
    return ""


def no_folder(labs: Path) -> str:
    """That labs cannot be written where a file stands; empty if there is none."""
    file = next((place for place in (labs, *labs.parents) if place.exists() and not place.is_dir()), None)
    if file is None:
        return ""
    return f"{file.as_posix()!r} is a file, where a folder for the labs must be; move it, or name another folder with --labs."


def in_the_marks(folder: Path) -> str:
    """What nbgrader would trip over in a solution: its name, or its cells' marks; empty if nothing."""
    if "+" in folder.name:
        return f"nbgrader takes no + in a lab's name; rename the folder {folder.name!r} and its notebook."
    path = folder / f"{folder.name}.ipynb"
    if not path.is_file():
        return f"There is no notebook {path.name!r} in the folder {folder.name!r}; give the lab's notebook that name."
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        marks = [(number, cell["metadata"].get("nbgrader")) for number, cell in enumerate(cells, 1)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"The notebook {path.name!r} cannot be read as one; open it in JupyterLab and save it again."
    for number, mark in marks:
        if mark is not None and (trouble := _in_mark(mark)):
            return f"Cell {number} of {path.name!r} {trouble}"
    return ""


def _in_mark(mark: Mapping[str, Any]) -> str:
    version, points = mark.get("schema_version"), mark.get("points")
    if version != SCHEMA:
        return f"is marked for version {version} of nbgrader's marks, and {SCHEMA} is what can be read here; mark the cell anew, under Create Assignment."
    if not mark.get("grade"):
        return ""
    if isinstance(points, bool) or not isinstance(points, (int, float)) or not 0 <= points < math.inf:
        return f"carries {points} points; give it a number of points, 0 or more."
    return ""


def withdrawn(labs: Path, names: Collection[str]) -> list[str]:
    """What is said of each lab of an earlier release that has no solution any more; students still get it."""
    old = sorted(path.parent for path in labs.glob("*/*.ipynb") if path.stem == path.parent.name)
    return [
        f"{lab.as_posix()!r} has no solution any more and stays as it was; delete it if students are not to get it."
        for lab in old
        if lab.name not in names
    ]


def in_the_source(folder: Path) -> str:
    """What in a solution's folder would leak with the lab; empty if nothing."""
    notebook = folder / f"{folder.name}.ipynb"
    text = notebook.read_text(encoding="utf-8") if notebook.is_file() else ""
    for path in _files(folder):
        where = path.relative_to(folder.parent).as_posix()
        if path.is_symlink():
            return f"{where!r} is a link, and a lab would get what it points to; put the file itself there, or delete it."
        if path.is_file() and path != notebook and _stray(path) and path.name not in text:
            return (
                f"{where!r} is no data of the lab, and its notebook does not name it; delete it, or name it in the text if "
                "students are to have it."
            )
    return ""


def _stray(path: Path) -> bool:
    """Whether a file beside a solution is more likely left there than meant for students."""
    told = re.search(r"answer|solution|hidden|rubric|secret|key|old|copy|backup", path.stem, re.I)
    return path.suffix.lower() not in DATA or path.name.startswith(".") or told is not None


def in_the_copy(copy: Path) -> str:
    """What in a lab's notebooks still tells more than it should, after the answers were taken out; empty if nothing."""
    for path in sorted(copy.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        own = set(notebook["metadata"]) - NOTEBOOK_METADATA
        if own:
            what = "saved widget state" if "widgets" in own else f"the metadata {min(own)!r}"
            return f"The notebook {path.name!r} carries {what}, which may hold answers; take it out of the solution's metadata."
        for number, cell in enumerate(notebook["cells"], 1):
            if trouble := _in_cell(cell):
                return f"Cell {number} of {path.name!r} {trouble}"
    return ""


def _in_cell(cell: Mapping[str, Any]) -> str:
    if cell.get("attachments"):
        return "has an attachment, which nobody looks into; put the picture into a file beside the notebook."
    own = set(cell["metadata"]) - CELL_METADATA
    if own:
        return f"carries the metadata {min(own)!r}, which may hold answers; take it out of the solution."
    for line in "".join(cell["source"]).splitlines():
        mark = misspelt(line)
        if mark:
            return f"still has the line {line.strip()!r}, which looks like {mark!r}; write that mark exactly, in capitals."
    return ""


def misspelt(line: str) -> str:
    """The mark, in capitals, that a comment seems to mean; empty if it means none."""
    comment = COMMENT.match(line)
    if comment is None:
        return ""
    words = re.sub(r"[\W_]+", " ", comment[1].lower()).strip()
    alike = max(MARKS, key=lambda mark: SequenceMatcher(None, mark, words).ratio())
    return f"### {alike.upper()}" if SequenceMatcher(None, alike, words).ratio() >= LIKE_A_MARK else ""


def in_the_way(copy: Path, lab: Path) -> str:
    """What of an earlier release would stay in a lab's folder, or be written through; empty if nothing."""
    if lab.is_symlink():
        return (
            f"{lab.as_posix()!r} is a link, and the lab would be written to where it points; delete the link."
        )
    if lab.exists() and not lab.is_dir():
        return f"{lab.as_posix()!r} is a file, where the lab's folder must be; move it away."
    made = {path.relative_to(copy) for path in _files(copy)} | {Path(name) for name in ADDED}
    for path in made:
        if (lab / path).is_dir():
            return f"{(lab / path).as_posix()!r} is a folder, where a file of the lab must be; move it away."
    for path in _files(lab):
        if path.is_symlink():
            return f"{path.as_posix()!r} is a link, and the lab would be written to where it points; delete the link."
        if path.is_file() and path.relative_to(lab) not in made:
            return (
                f"{path.as_posix()!r} is left of an earlier release and would go out with the lab; delete it."
            )
    return ""


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".ipynb_checkpoints", "__pycache__"})
        yield from (
            Path(place, name) for name in sorted(names) + [f for f in folders if Path(place, f).is_symlink()]
        )
