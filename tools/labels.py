"""Find, by its form alone, what says how something came out beside a question that a learner has not answered yet.

Three kinds, each within one screen below a prediction or an exercise, on the pages as they are stored:

- the first line of a folded cell, and the summary of a fold, which stand open: they name what lies below, and do not say what comes out;
- open prose below a reveal that draws a conclusion (*So …*) from an answer that may not have been seen;
- a figure that is the right choice's alone.

What tells an answer in other ways is found by the patterns that stand with the question: see tools/giveaways.py, which prints both.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.giveaways import (
    ASKS,
    CHECKS,
    REVEALS,
    Giveaway,
    Seen,
    asked,
    folds,
    named,
    plain,
    visible,
    within_a_screen,
)

SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.S)
OUTCOME = re.compile(r"What came out is “(.*?)”\.", re.S)
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")
LEAST_FIGURE = 10
"""Smaller ones stand everywhere: sizes, zones, quorums."""

ASKING = r"(what|how|who|which|where|when|whether|why)\b"
SETTLES = r"\b(no|not|none|never|nobody|nothing|neither|nor|only|alone|always)\b"
AGREES = r"(all|simulation and arithmetic|arithmetic and etcd)( witnesses)? (agree|say so|say the same)\b"
VERBS = r"\b(is|are|was|were|has|have|had|does|do|did|can|cannot|may|will|must)\b"
# The parts of the first line of a checked cell: what was checked, as a question or as a thing, and that all agree.
NAMES = re.compile(
    rf"(and )?({ASKING}|{AGREES}|(\w+[’']s|the|its|here|of|by|for|on|in|after|before|from|up to|at)\b(?!.*({SETTLES}|{VERBS})))",
    re.I,
)
CONCLUDES = re.compile(r"(So(?! far\b)|Then|Thus|Hence|Therefore|That is why)\b(?!.{0,30}\?)")


def told_beside(pages: Sequence[tuple[str, Any]], questions: Mapping[str, Any]) -> list[Giveaway]:
    """Every label, conclusion or figure within a screen below a question that says what comes out, by its form."""
    found = []
    for name, notebook in pages:
        pieces, answers = list(visible(notebook)), folds(notebook)
        for at, id in sorted(asked(notebook) + named(notebook, CHECKS)):
            below = list(within_a_screen(piece for piece in pieces if piece.cell > at))
            for cell in sorted({piece.cell for piece in below}):
                found += [
                    Giveaway(id, name, cell, label) for label in labels(notebook.cells[cell]) if says(label)
                ]
            if id in answers:
                found += [Giveaway(id, name, *told) for told in _concluded(notebook, id, below)]
                figures = _figures(questions[id], answers[id])
                found += [Giveaway(id, name, *told) for told in _shown(below, figures)]
    return found


def labels(cell: Any) -> list[str]:
    """What a learner sees of what is folded in a cell: the first line of its code, the summary of each fold in its prose."""
    if cell.cell_type == "markdown":
        return [plain(summary) for summary in SUMMARY.findall(cell.source)]
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
    return cell.source.splitlines()[:1] if hidden else []


def says(label: str) -> bool:
    """Whether a label says how something came out, where it should name what stands below it."""
    _, checked, rest = label.partition("hecked: ")
    parts = re.split(r"[,;:.?] ", (rest if checked else label).removeprefix("# ").rstrip("."))
    if checked:
        return not all(NAMES.match(part) for part in parts)
    return any(
        re.search(SETTLES, part, re.I) and not re.match(rf"(and )?{ASKING}", part, re.I) for part in parts
    )


def _concluded(notebook: Any, id: str, below: Sequence[Seen]) -> Iterator[tuple[int, str]]:
    """Open prose that draws a conclusion: the paragraphs below the reveal of a prediction, up to the next heading or question."""
    revealed = next(at for at, revealed in named(notebook, REVEALS) if revealed == id)
    for piece in below:
        cell = notebook.cells[piece.cell]
        if piece.cell > revealed:
            if piece.words.startswith("#") or ASKS.search(cell.source):
                return
            if cell.cell_type == "markdown" and CONCLUDES.match(piece.words.strip()):
                yield piece.cell, piece.words[:60]


def _figures(question: Any, answer: str) -> list[float]:
    """The figures of what came out that stand neither in the question nor in another choice."""
    came = OUTCOME.search(answer)
    if not came:
        return []
    others = [question.prompt, *(choice.text for choice in question.choices if choice.text != came[1])]
    known = {figure for text in others for figure in _numbers(text)}
    return [figure for figure in _numbers(came[1]) if figure >= LEAST_FIGURE and figure not in known]


def _shown(below: Sequence[Seen], figures: Sequence[float]) -> Iterator[tuple[int, str]]:
    """The figures, to a hundredth, where they stand below a question."""
    for piece in below:
        for seen in _numbers(piece.words):
            if any(abs(seen - figure) <= figure / 100 for figure in figures):
                yield piece.cell, f"{seen:g}"


def _numbers(text: str) -> list[float]:
    return [float(figure.replace(",", "")) for figure in FIGURE.findall(text)]
