"""One experiment, and what each witness says of it: arithmetic, the simulation, a real cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from quorumlab.arguments import is_number, is_truth
from quorumlab.views.draw import note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, plural, upper_first

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Answer = bool | float | str | None
"""What a witness says to one question: yes or no, a time in ms, a word; None if it has nothing to say."""

WITHIN, PLUS_MS = 0.05, 5.0
"""Two times agree that are at most 5 % and 5 ms apart: a real machine has work of its own to do."""

MARKS = ("D", "s", "o")
SIGNS = "◇■○"
"""The marks in words."""
SIZES = (16, 10, 6)
QUESTION = 33
"""Letters of a question that fit beside the answers."""

FILLS = (PAPER, ACCENT, PAPER)


@dataclass(frozen=True)
class Witness:
    """Who says it, and what to which question."""

    name: str
    answers: Mapping[str, Answer]


def agree(answers: Sequence[Answer]) -> bool:
    """Whether all who say something say the same: the same word, or times at most 5 % and 5 ms apart."""
    said = [answer for answer in answers if answer is not None]
    if any(isinstance(answer, str) or is_truth(answer) for answer in said):
        return len({(is_truth(answer), answer) for answer in said}) <= 1
    times = [float(answer) for answer in said]
    return not times or max(times) - min(times) <= WITHIN * max(times) + PLUS_MS


def witnesses_view(title: str, witnesses: Sequence[Witness], note: str = "") -> View:
    """What two or three witnesses say, question by question, and whether they agree.

    The questions are those of the last witness. Times (numbers) are in ms. ``note`` is a sentence that follows the verdict. Raises ValueError for other than two or three
    witnesses, or no question.
    """
    if not 2 <= len(witnesses) <= len(MARKS):
        raise ValueError(
            f"{plural(len(witnesses), 'witness', 'witnesses')} cannot be compared; give two or three."
        )
    questions = list(witnesses[-1].answers)
    if not questions:
        raise ValueError("The experiment answers no question; give back a dict from question to answer.")
    said = {q: [w.answers.get(q) for w in witnesses] for q in questions}
    same = {q: agree(answers) for q, answers in said.items()}
    names = [w.name for w in witnesses]
    rows = [(q, *map(_worded, said[q]), "yes" if same[q] else "no") for q in questions]
    alt = f"{title}. " + "; ".join(
        f"{q}: " + ", ".join(f"{name} says {_worded(a)}" for name, a in zip(names, said[q], strict=True))
        for q in questions
    )
    numbers = all(is_number(a) for q in questions for a in said[q] if a is not None)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(title=title)
        axes.set_yticks(range(len(questions)), [_broken(q) for q in questions])
        axes.set_ylim(len(questions) - 0.4, -0.75 if numbers else -1.0)
        axes.grid(visible=False)
        (_draw_times if numbers else _draw_words)(axes, said, names, same)

    height = 1.15 + 0.52 * len(questions) + (0.45 if numbers else 0.0)
    table = Table.of(("question", *names, "agree"), rows)
    return View(
        " ".join(filter(None, (_sentence(names, said, same), note))),
        f"{alt}.",
        table,
        draw,
        (7.0, height),
        (2.6, 0.3, 0.5, 0.75 if numbers else 0.35),
    )


def _sentence(names: Sequence[str], said: Mapping[str, Sequence[Answer]], same: Mapping[str, bool]) -> str:
    answer = {q: [name for name, a in zip(names, said[q], strict=True) if a is not None] for q in said}
    apart = [question for question, yes in same.items() if not yes]
    if apart:
        differ = [name for name in names if any(name in answer[q] for q in apart)]
        return f"{upper_first(listed(differ))} differ on {listed([f'“{q}”' for q in apart])}."
    shared = [who for who in answer.values() if len(who) > 1]
    alone = [who for who in answer.values() if len(who) == 1]
    counts = {name: sum(name in who for who in shared) for name in names}
    on_all = [name for name in names if shared and counts[name] == len(shared)]
    if len(on_all) < 2:
        return f"{upper_first(listed(list(names)))} agree wherever two of them answer."
    how_many = (
        f"{_counted(len(shared))} of {len(said)} questions"
        if alone
        else {1: "the question", 2: "both questions"}.get(len(said), f"all {len(said)} questions")
    )
    some = "".join(
        f", and {name} with them on {_counted(counts[name])} of these"
        for name in names
        if 0 < counts[name] < len(shared)
    )
    told = f"{upper_first(listed(on_all))} agree on {how_many}{some}."
    if not alone:
        return told
    others = f"The other {len(alone)}" if len(alone) > 1 else "The other"
    return f"{told} {others} only {listed(dict.fromkeys(name for who in alone for name in who))} can answer."


def _counted(number: int) -> str:
    return "one" if number == 1 else f"{number}"


def _draw_times(
    axes: Axes, said: Mapping[str, Sequence[Answer]], names: Sequence[str], _same: Mapping[str, bool]
) -> None:
    longest = max(float(a) for answers in said.values() for a in answers if a is not None)
    for row, answers in enumerate(said.values()):
        axes.plot([0, longest], [row, row], color=MUTED, linewidth=0.6, linestyle="-", marker="", zorder=0)
        for answer, mark, size, fill in zip(answers, MARKS, SIZES, FILLS, strict=False):
            if answer is not None:
                axes.plot(
                    [float(answer)],
                    [row],
                    marker=mark,
                    markersize=size,
                    markerfacecolor=fill,
                    color=INK,
                    linestyle="",
                    clip_on=False,
                )
        _say_times(axes, row, answers, longest)
    axes.set_xlim(-0.05 * longest, longest * 1.03 or 1)  # a sign at 0 stays off the names of the rows
    axes.set_xlabel("ms   " + "   ".join(f"{sign} {name}" for sign, name in zip(SIGNS, names, strict=False)))


def _say_times(axes: Axes, row: int, answers: Sequence[Answer], longest: float) -> None:
    """The times above their marks, each behind the signs of those who say it."""
    who: dict[str, str] = {}
    for sign, answer in zip(SIGNS, answers, strict=False):
        if answer is not None:
            who[_worded(answer)] = who.get(_worded(answer), "") + sign
    told = [float(answer) for answer in answers if answer is not None]
    low, high = min(told), max(told)
    middle = (low + high) / 2
    # Words near an edge begin, or end, with the outermost mark.
    at, ha, shift = (
        (low, "left", -10)
        if middle < longest / 4
        else (high, "right", 10)
        if middle > 3 * longest / 4
        else (middle, "center", 0)
    )
    words = "   ".join(f"{signs} {time}" for time, signs in who.items())
    note(axes, words, (at, row), (shift, 14), INK, ha=ha, va="baseline")


def _draw_words(
    axes: Axes, said: Mapping[str, Sequence[Answer]], names: Sequence[str], same: Mapping[str, bool]
) -> None:
    for column, name in enumerate(names):
        axes.text(column, -0.7, name, ha="center", va="bottom", weight="bold", color=INK)
    fits = 44 // len(names) - 2  # characters of an answer in its column
    for row, (question, answers) in enumerate(said.items()):
        for column, answer in enumerate(answers):
            colour = MUTED if answer is None else INK if same[question] else VERMILION
            axes.text(
                column, row, _broken(_worded(answer), fits), ha="center", va="center", color=colour,
                bbox={"facecolor": PAPER, "edgecolor": colour, "boxstyle": "round,pad=0.3", "linewidth": 1.2},
            )  # fmt: skip
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params("y", length=0)


def _worded(answer: Answer) -> str:
    if answer is None:
        return "–"
    if is_truth(answer):
        return "✓ yes" if answer else "✕ no"
    if isinstance(answer, str):
        return answer
    return f"{answer:,.0f} ms" if answer >= 10 else f"{answer:.1f} ms"


def _broken(words: str, width: int = QUESTION) -> str:
    """Long words over as few lines as there must be, and these as even as can be: no last word stands alone."""

    def lines(room: int) -> list[str]:
        return wrap(words, room, break_long_words=False, break_on_hyphens=False)

    fewest = len(lines(width))
    return next("\n".join(lines(room)) for room in range(1, width + 1) if len(lines(room)) == fewest)
