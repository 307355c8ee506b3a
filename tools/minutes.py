"""How long a notebook takes a learner, by one rule for all: what there is to read, and a fixed time for each thing to do.

`python -m tools.minutes` prints it. Read are the prose, the open code, what the cells put out, each question with its
choices and the explanation of its answer; not what lies in a fold, save what a reveal opens. Done are predictions, checks,
exercises with one mistake on the way, widgets, and the waits for real etcd.

The figures are those of three walks, cell by cell, through pages 00 to 05 and the first lab as they were then: 8, 40, 40, 47, 60 to
75 and 55 to 70 minutes, and 60 to 65. The rule gives 8, 43, 45, 50, 58 and 55 for those pages, and 61 for the lab. They are an
estimate until a class has been timed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat

from quorumlab.course.questions import QuickCheck, bank
from tools.giveaways import ASKS, OF_A_PICTURE, QUICK, REVEALS, plain, unfolded
from tools.notebooks import all_notebooks

WORDS_A_MINUTE = 200  # 238 is the mean of 190 studies (Brysbaert 2019); what explains is read more slowly
TABLED_A_MINUTE = 400  # words of a table: it is looked up rather than read
LINES_A_MINUTE = 20  # of code
MINUTES_FOR: Mapping[str, float] = {
    "ql.predict(": 0.5,  # to make up one's mind
    "ql.quick_check(": 0.5,
    "ql.check(": 6.0,
    "ql.Stage(": 1.0,
    "ql.play(": 3.0,
    "ql.Explorer(": 2.0,
    "ql.WorldMap(": 5.0,
    "ql.Editor(": 5.0,
    "board(": 2.0,  # of an incident: to read it, and to act
    "ql.compare(": 0.3,  # real etcd answers after some 20 s
    "ql.on_real_etcd(": 0.3,
    "ql.real_scene(": 0.3,
}
MINUTES_A_TASK = 7.0
"""For each answer of a lab that is graded."""

TABLE = re.compile(r"<table.*?</table>", re.S)
UNREAD = re.compile(r"<img [^>]*>|<p class=.ql-alive.*?</p>", re.S)
"""What stands in an output for those who do not see it, or do not run it."""


def main() -> None:
    for path in all_notebooks():
        print(f"{path.name:32} {minutes(nbformat.read(path, as_version=4)):5.0f} min")


def minutes(notebook: Any) -> float:
    """How long a notebook takes a learner."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    graded = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("solution")]
    doing = sum(cost * cell.source.count(call) for cell in code for call, cost in MINUTES_FOR.items())
    return reading(notebook) + doing + MINUTES_A_TASK * len(graded)


def reading(notebook: Any) -> float:
    """How many minutes it takes to read a notebook, with what its cells put out."""
    words = tabled = lines = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words += _count(unfolded(cell.source)[0])
            continue
        lines += _lines(cell)
        words += sum(_count(explanation) for explanation in _explanations(cell.source))
        for page in _pages(cell):
            tabled += sum(_count(plain(table)) for table in TABLE.findall(page))
            words += _count(plain(TABLE.sub("", page)))
    return words / WORDS_A_MINUTE + tabled / TABLED_A_MINUTE + lines / LINES_A_MINUTE


def _count(text: str) -> int:
    return len(text.split())


def _lines(cell: Any) -> int:
    """The lines of code that a reader sees: of a folded cell the first."""
    lines = [line for line in cell.source.splitlines() if line.strip()]
    return min(len(lines), 1) if cell.metadata.get("jupyter", {}).get("source_hidden") else len(lines)


def _explanations(source: str) -> Iterator[str]:
    """What is said of the right answer of each check; the right answer of a prediction is in what its reveal puts out."""
    for id in QUICK.findall(source):
        question = bank().get(id)
        if isinstance(question, QuickCheck):
            yield from (choice.because for choice in question.choices if choice.correct)


def _pages(cell: Any) -> Iterator[str]:
    """What a cell puts out for a reader, as HTML; of a playback without its story, which is read while it plays."""
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "text/html" not in data:
            yield str(data.get("text/plain") or output.get("text") or "").replace("<", " ")
            continue
        page = UNREAD.sub("", data["text/html"])
        seen, folded = unfolded(OF_A_PICTURE.sub("", page))
        if REVEALS.search(cell.source) and folded:
            seen = folded  # what is said before is for those who have not answered yet
        yield TABLE.sub("", seen) if "ql.play(" in cell.source and not ASKS.search(cell.source) else seen


if __name__ == "__main__":
    main()
