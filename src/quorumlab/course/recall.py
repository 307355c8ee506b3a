"""Looking back: the tutorial page's statements with their verdicts and links, and the learner's bets beside what came of them."""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import dataclass

from quorumlab.course import progress
from quorumlab.course.questions import Prediction, bank
from quorumlab.course.statements import Judged, found, statements, verdict_kind
from quorumlab.words import listed, plural

KINDS = {
    "true": "hold as they stand",
    "true, but": "hold with a word more",
    "not quite": "do not quite hold",
    "false": "are false",
}
"""Verdicts, the mildest first, and what is said of the statements that got them."""

Cell = str | tuple[tuple[str, str], ...]
"""Words, or links as pairs of (words, address)."""


@dataclass(frozen=True)
class Linked:
    """A table whose cells may be links, below a sentence, for a notebook page."""

    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def to_html(self) -> str:
        """The sentence and the table as HTML."""
        left = "style='text-align:left'"
        head = "".join(f"<th scope='col' {left}>{html.escape(c)}</th>" for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td {left}>{_html(cell)}</td>" for cell in row) + "</tr>" for row in self.rows
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if self.rows else ""
        return f"<p>{html.escape(self.sentence)}</p>{table}"

    def to_text(self) -> str:
        """The same as plain text, without addresses."""
        lines = [" | ".join(_text(cell) for cell in row) for row in self.rows]
        return "\n".join([self.sentence, *([" | ".join(self.columns)] if lines else []), *lines])

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


def all_statements() -> Linked:
    """Every statement of the tutorial page: each verdict with its evidence, and the page that tested it, to open."""
    rows: list[tuple[Cell, ...]] = []
    every = statements()
    for statement in every:
        for i, judged in enumerate(statement.judged):
            link = ((judged.page[:2], f"{judged.page}.ipynb"),)
            rows.append((statement.says if i == 0 else "″", judged.verdict, judged.evidence, link))
    counted = Counter(_kind(statement.judged) for statement in every if statement.judged)
    told = [f"{counted[kind]} {words}" for kind, words in KINDS.items() if counted[kind]]
    sentence = (
        f"{plural(len(every), 'statement')} of the tutorial page: {listed(told)}. Some are judged by more than one page, so there are "
        f"{len(rows)} verdicts."
    )
    return Linked(sentence, ("the page says", "verdict", "what was found", "in"), tuple(rows))


def _kind(judged: tuple[Judged, ...]) -> str:
    """The hardest thing that any page says of a statement: true, true with a word more, not quite, false."""
    return max((verdict_kind(j.verdict) for j in judged), key=list(KINDS).index)


def bets() -> Linked:
    """The learner's own predictions, all over the course, beside what came out; what was not bet on stays untold."""
    kept = progress.load()["predictions"]
    outcomes = found()["outcomes"]
    asked = [
        (id, *outcomes[id])
        for id, question in bank().items()
        if isinstance(question, Prediction) and id in outcomes
    ]
    rows: list[tuple[Cell, ...]] = []
    hits = 0
    for id, page, outcome in asked:
        if id in kept:
            hit = kept[id] == outcome
            hits += hit
            prompt = bank()[id].prompt
            rows.append(
                (prompt, kept[id], f"✓ {outcome}" if hit else outcome, ((page[:2], f"{page}.ipynb"),))
            )
    return Linked(
        _told(len(rows), hits, len(asked)),
        ("asked", "you said", "what came out (✓: as you said)", "in"),
        tuple(rows),
    )


def _told(made: int, hits: int, asked: int) -> str:
    if made == 0:
        return (
            f"You have not made any of this course's {asked} bets yet. Each page asks before it answers. Go back to any of them: what you "
            "bet there will stand here, beside what came out."
        )
    rest = (
        f" {plural(asked - made, 'question')} still {'waits' if asked - made == 1 else 'wait'} for your bet."
        if asked > made
        else ""
    )
    return f"You have bet {plural(made, 'time')}, and {hits} came out as you said. Where it did not, you have learned something.{rest}"


def _html(cell: Cell) -> str:
    if isinstance(cell, str):
        return html.escape(cell)
    return ", ".join(
        f'<a href="{html.escape(to, quote=True)}">{html.escape(words)}</a>' for words, to in cell
    )


def _text(cell: Cell) -> str:
    return cell if isinstance(cell, str) else ", ".join(words for words, _ in cell)
