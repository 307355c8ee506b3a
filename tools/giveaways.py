"""Find what gives a prediction's answer away before a learner has committed to one.

`python -m tools.giveaways` reads the pages as they are stored, which is how a learner opens them, and names every place that a
learner sees too early: anywhere before the question, or unfolded within one screen below it. What would give an answer away
stands with the question, in `course/questions/*.toml`: `told_by` are words that tell it wherever they stand, `shown_by` words and
figures that tell it in the question's own section. A heading, an objective, a saved output, a line of code: all count. What lies in
a closed fold does not, and of a cell whose source is folded only the first line does.

What lies further back has been opened: of everything above a question, and of all earlier pages, the folds are read too, with what came out
of their questions, so that no prediction is asked whose answer (`told_by`) was learned before.

The answer of an exercise is its reference: no code that a learner sees beside a task, or before it, may hold the expression that it returns.
"""

import ast
import base64
import html
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import nbformat

from quorumlab.course import exercises
from quorumlab.course.questions import bank
from tools.notebooks import ROOT

SCREEN_PX = 900
"""What a learner sees at once below a question, in a window that shows nothing else."""
CHARACTERS_A_LINE = 105
LINE_PX, GAP_PX, ROW_PX = 21, 18, 27
"""Measured in JupyterLab, 1,280 pixels wide: the heights of cells and of whole pages come out within a tenth."""

LONG_NODES = 8
"""Of a reference's answer, as a tree: ``n - home >= max(commit, elect)`` has 14, ``len(votes)`` four."""

PREDICTS = re.compile(r'ql\.predict\("([\w-]+)"\)')
QUICK = re.compile(r'ql\.quick_check\("([\w-]+)"\)')
CHECKS = re.compile(r'ql\.check\("([\w-]+)"')
ASKS = re.compile(r"ql\.(predict|quick_check)\(")
REVEALS = re.compile(r'ql\.reveal\("([\w-]+)"')
PICTURE = re.compile(r'<img src="data:image/svg\+xml;base64,([^"]*)" width="(\d+)"')
FOLD = re.compile(r"<details[^>]*>|</details>")
# The table under a picture is folded, and the picture shows the same facts to everybody.
OF_A_PICTURE = re.compile(r"<details><summary>The same facts as a table</summary>(.*?)</details>", re.S)


@dataclass(frozen=True)
class Seen:
    """A piece of a page: the cell that it stands in, the words that a learner sees, and its height."""

    cell: int
    words: str
    height_px: float


@dataclass(frozen=True)
class Giveaway:
    """Words that tell the answer of a prediction too early, and where they stand."""

    prediction: str
    page: str
    cell: int
    words: str

    def __str__(self) -> str:
        return f"{self.prediction}: {self.page}[{self.cell}] “{self.words}”"


def giveaways(pages: Sequence[tuple[str, Any]], questions: Mapping[str, Any]) -> list[Giveaway]:
    """Every place on these (name, notebook) pages, in reading order, that tells an answer too early."""
    found = []
    before: list[tuple[str, list[Seen]]] = []
    for name, notebook in pages:
        pieces, opened = list(visible(notebook)), list(learned(notebook, questions))
        for at, id in asked(notebook):
            question = questions[id]
            section = _section(notebook, at)
            above = [piece for piece in pieces if piece.cell < at]
            below = list(within_a_screen(piece for piece in pieces if piece.cell > at))
            near = [piece for piece in above if piece.cell >= section] + below
            known = [piece for piece in opened if piece.cell < at]
            for page, seen in [*before, (name, known + below)]:
                found += _matches(id, page, seen, question.told_by)
            found += _matches(id, name, near, question.shown_by)
        before.append((name, opened))
    return found


def solved(pages: Sequence[tuple[str, Any]], references: Mapping[str, Callable[..., Any]]) -> list[Giveaway]:
    """Every place where code on these pages, above a task or within a screen below it, holds what the task's reference returns.

    ``references`` gives the right function of each exercise by its id.
    """
    found = []
    before: list[tuple[str, list[tuple[int, str]]]] = []
    for name, notebook in pages:
        code = list(shown_code(notebook))
        pieces = list(visible(notebook))
        for at, id in _named(notebook, CHECKS):
            answers = returned(references[id])
            below = {piece.cell for piece in within_a_screen(piece for piece in pieces if piece.cell > at)}
            near = [(cell, source) for cell, source in code if cell < at or cell in below]
            for page, cells in [*before, (name, near)]:
                for cell, source in cells:
                    found += [Giveaway(id, page, cell, words) for words in answers & expressions(source)]
        before.append((name, code))
    return found


def shown_code(notebook: Any) -> Iterator[tuple[int, str]]:
    """The code that stands open on a page, with the number of its cell."""
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            yield at, cell.source


def returned(function: Callable[..., Any]) -> set[str]:
    """What a function returns, as it is written; without what is too short to tell, such as a name or a call of one thing."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    values = [
        node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None
    ]
    return {ast.unparse(value) for value in values if sum(1 for _ in ast.walk(value)) >= LONG_NODES}


def expressions(source: str) -> set[str]:
    """Every expression within some code, written the same way."""
    return {ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)}


def asked(notebook: Any) -> list[tuple[int, str]]:
    """The predictions of a page, each with its cell."""
    return _named(notebook, PREDICTS)


def folds(notebook: Any) -> dict[str, str]:
    """For each reveal of a page the words that its stored fold holds."""
    return {
        id: plain(unfolded(_html(cell))[1])
        for cell in notebook.cells
        if cell.cell_type == "code"
        for id in REVEALS.findall(cell.source)
    }


def learned(notebook: Any, questions: Mapping[str, Any]) -> Iterator[Seen]:
    """What a learner who has worked through the page has read: the folds too, and what was said of the right answer of each check."""
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield Seen(at, re.sub(r"[*`]", "", cell.source), 0)
            continue
        for id in QUICK.findall(cell.source):
            for choice in questions[id].choices if id in questions else ():
                if choice.correct:
                    yield Seen(at, f"{choice.text} {choice.because}", 0)
        if not ASKS.search(cell.source):
            yield Seen(at, cell.source, 0)
            yield from (Seen(at, _all_of(output), 0) for output in cell.get("outputs", []))


def visible(notebook: Any) -> Iterator[Seen]:
    """What a learner who opens the page sees, piece by piece, from the top."""
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            yield from _prose(at, cell.source)
            continue
        lines = cell.source.splitlines()
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            lines = lines[:1]
        # A cell that reveals has to name the choices, which gives none of them away.
        words = "" if REVEALS.search(cell.source) else "\n".join(lines)
        yield Seen(at, words, LINE_PX * len(lines) + GAP_PX)
        for output in cell.get("outputs", []):
            for seen in _output(at, output):
                # A question's choices stand side by side, right and wrong, and tell nothing.
                yield replace(seen, words="") if ASKS.search(cell.source) else seen


def within_a_screen(pieces: Iterable[Seen]) -> Iterator[Seen]:
    """The pieces that begin within one screen."""
    down = 0.0
    for piece in pieces:
        if down > SCREEN_PX:
            return
        yield piece
        down += piece.height_px


def _prose(at: int, source: str) -> Iterator[Seen]:
    for paragraph in unfolded(source)[0].split("\n\n"):
        lines = sum(1 + len(line) // CHARACTERS_A_LINE for line in paragraph.replace("\n", " ").split("\n- "))
        yield Seen(at, re.sub(r"[*`]", "", paragraph), LINE_PX * lines + GAP_PX)


def _output(at: int, output: Any) -> Iterator[Seen]:
    data = output.get("data", {})
    if "text/html" in data:
        page, _ = unfolded(OF_A_PICTURE.sub(r"<pictured>\1</pictured>", data["text/html"]))
        pictured = " ".join(re.findall(r"<pictured>(.*?)</pictured>", page, re.S))
        page = re.sub(r"<pictured>.*?</pictured>", "", page, flags=re.S)
        text = plain(page)
        blocks = len(re.findall(r"<(?:p|li|figcaption|details)\b", data["text/html"]))
        lines = max(blocks, 1) + len(text) // CHARACTERS_A_LINE
        height = LINE_PX * lines + GAP_PX + ROW_PX * page.count("<tr>") + _picture_px(page)
        yield Seen(at, f"{text} {plain(pictured)}", height)
    else:
        for line in str(data.get("text/plain") or output.get("text") or "").splitlines():
            yield Seen(at, line, LINE_PX)


def unfolded(page: str) -> tuple[str, str]:
    """What of an HTML page, or of prose, stands outside of every closed fold, and what inside of one."""
    parts, folds, start = {False: "", True: ""}, [], 0
    for mark in FOLD.finditer(page):
        parts[any(folds)] += page[start : mark.start()]
        start = mark.end()
        if mark[0] == "</details>":
            folds[-1:] = []
        else:
            folds.append(" open" not in mark[0])
    parts[any(folds)] += page[start:]
    return parts[False], parts[True]


def _picture_px(page: str) -> float:
    height = 0.0
    for source, width in PICTURE.findall(page):
        sizes = re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', base64.b64decode(source))
        height += int(width) * float(sizes[2]) / float(sizes[1]) if sizes else 0
    return height


def plain(page: str) -> str:
    page = re.sub(r"<style.*?</style>", "", page, flags=re.S)
    page = re.sub(r'<img [^>]*?alt="([^"]*)"[^>]*>', r" \1 ", page)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("⁠", "")).strip()


def _all_of(output: Any) -> str:
    data = output.get("data", {})
    return (
        plain(data["text/html"])
        if "text/html" in data
        else str(data.get("text/plain") or output.get("text") or "")
    )


def _html(cell: Any) -> str:
    return " ".join(str(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", []))


def _named(notebook: Any, pattern: re.Pattern[str]) -> list[tuple[int, str]]:
    """The ids that a pattern finds in the code of a page, each with its cell."""
    return [
        (at, id)
        for at, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        for id in pattern.findall(cell.source)
    ]


def _section(notebook: Any, at: int) -> int:
    """The cell in which the section of this cell begins."""
    headed = (
        number
        for number in range(at, -1, -1)
        if notebook.cells[number].cell_type == "markdown"
        and re.search(r"^#{1,6} ", notebook.cells[number].source, re.M)
    )
    return next(headed, 0)


def _matches(id: str, page: str, seen: Iterable[Seen], patterns: Sequence[str]) -> list[Giveaway]:
    return [
        Giveaway(id, page, piece.cell, match[0])
        for piece in seen
        for pattern in patterns
        for match in [re.search(pattern, re.sub(r"\s+", " ", piece.words), re.I)]
        if match
    ]


def stored_pages() -> list[tuple[str, Any]]:
    """The pages of the course in reading order, by name."""
    return [
        (path.stem[:2], nbformat.read(path, as_version=4))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    ]


def references() -> dict[str, Callable[..., Any]]:
    """The right function of each exercise of the course by its id."""
    return {task.id: task.reference for tasks in exercises.found().values() for task in tasks}


if __name__ == "__main__":
    print(*giveaways(stored_pages(), bank()), *solved(stored_pages(), references()), sep="\n")
