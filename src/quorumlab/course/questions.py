"""Questions: a prediction to commit to, and a quick check whose every wrong answer has its own explanation.

The words stand in `questions/*.toml`, one file a notebook, so that an author can edit them without reading code and a notebook
page does not give the answer away.
"""

import html
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import anywidget
import traitlets

from quorumlab.course import progress
from quorumlab.widgets.explorer import HERE as WIDGETS
from quorumlab.widgets.explorer import with_static

MISSES_BEFORE_HINT = 2


@dataclass(frozen=True)
class Prediction:
    """A question to commit to before the experiment; the experiment answers it."""

    id: str
    prompt: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """One answer of a quick check, with the reason it is right or wrong."""

    text: str
    because: str
    correct: bool = False


@dataclass(frozen=True)
class QuickCheck:
    """A question with exactly one right answer, and a hint that appears after two misses."""

    id: str
    prompt: str
    hint: str
    choices: tuple[Choice, ...]


@cache
def bank() -> Mapping[str, Prediction | QuickCheck]:
    """Every question of the course by its id; raises ValueError naming the question that is not well formed."""
    found: dict[str, Prediction | QuickCheck] = {}
    for file in sorted(files("quorumlab.course").joinpath("questions").iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".toml"):
            continue
        page = tomllib.loads(file.read_text(encoding="utf-8"))
        for entry in page.get("predict", []):
            _add(found, Prediction(entry["id"], entry["prompt"], tuple(entry["choices"])))
        for entry in page.get("check", []):
            choices = tuple(Choice(**choice) for choice in entry["choices"])
            if sum(choice.correct for choice in choices) != 1:
                raise ValueError(
                    f"The question {entry['id']!r} in {file.name} needs exactly one correct choice."
                )
            _add(found, QuickCheck(entry["id"], entry["prompt"], entry["hint"], choices))
    return MappingProxyType(found)


def _add(found: dict[str, Prediction | QuickCheck], question: Prediction | QuickCheck) -> None:
    if question.id in found:
        raise ValueError(f"The question id {question.id!r} is used twice; give each question its own.")
    found[question.id] = question


def _look_up(id: str, kind: type) -> Any:
    question = bank().get(id)
    if not isinstance(question, kind):
        known = ", ".join(sorted(q.id for q in bank().values() if isinstance(q, kind)))
        raise ValueError(f"There is no {kind.__name__} called {id!r}; the ones there are: {known}.")
    return question


class _Question(anywidget.AnyWidget):
    _esm = WIDGETS / "question.js"
    _css = WIDGETS / "quorumlab.css"

    heading = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    choices = traitlets.List(traitlets.Unicode()).tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    submissions = traitlets.Int(0).tag(sync=True)
    settled = traitlets.Bool(False).tag(sync=True)
    verdict = traitlets.Unicode("").tag(sync=True)
    feedback = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.observe(self._submitted, names="submissions")

    def _submitted(self, _change: object) -> None:
        if 0 <= self.chosen < len(self.choices) and not self.settled:
            with self.hold_sync():
                self._answered(self.chosen)

    def _answered(self, position: int) -> None:
        raise NotImplementedError

    def answer(self, text: str) -> None:
        """Answer from code, as a click would; raises ValueError that lists the choices."""
        if text not in self.choices:
            raise ValueError(f"{text!r} is not one of the choices: {'; '.join(self.choices)}.")
        self.chosen = self.choices.index(text)
        self.submissions += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # The saved page shows the question as it was asked, never one reader's answer.
        items = "".join(f"<li>{html.escape(choice)}</li>" for choice in self.choices)
        page = (
            f"<p><strong>{html.escape(self.heading)}</strong> {html.escape(self.prompt)}</p><ul>{items}</ul>"
        )
        text = f"{self.heading} {self.prompt}\n" + "\n".join(f"  - {choice}" for choice in self.choices)
        return with_static(super()._repr_mimebundle_(**kwargs), page, text)


class _PredictionCard(_Question):
    def __init__(self, question: Prediction) -> None:
        self._question = question
        super().__init__(
            heading="Predict.",
            prompt=question.prompt,
            choices=list(question.choices),
            button="Commit to my answer",
        )
        kept = progress.recall("predictions", question.id)
        if kept in question.choices:
            self.chosen = question.choices.index(kept)
            self._settle(kept)

    def _answered(self, position: int) -> None:
        answer = self._question.choices[position]
        progress.record("predictions", self._question.id, answer)
        self._settle(answer)

    def _settle(self, answer: str) -> None:
        self.settled = True
        self.verdict = "Kept"
        self.feedback = f"You said: {answer}. Now find out."


class _QuickCheckCard(_Question):
    def __init__(self, question: QuickCheck) -> None:
        self._question = question
        self._misses = 0
        super().__init__(
            heading="Check.",
            prompt=question.prompt,
            choices=[choice.text for choice in question.choices],
            button="Check my answer",
        )
        kept = progress.recall("checks", question.id)
        if isinstance(kept, dict) and kept.get("correct") is True:
            right = next(i for i, choice in enumerate(question.choices) if choice.correct)
            self.chosen = right
            self._explain(question.choices[right])

    def _answered(self, position: int) -> None:
        choice = self._question.choices[position]
        self._misses += not choice.correct
        progress.record("checks", self._question.id, {"correct": choice.correct, "misses": self._misses})
        self._explain(choice)

    def _explain(self, choice: Choice) -> None:
        self.settled = choice.correct
        self.verdict = "Right" if choice.correct else "Not quite"
        self.feedback = choice.because
        self.hint = self._question.hint if self._misses >= MISSES_BEFORE_HINT and not choice.correct else ""


def predict(id: str) -> _PredictionCard:
    """Ask the learner to commit to an answer, and keep it; raises ValueError for an unknown id."""
    return _PredictionCard(_look_up(id, Prediction))


def quick_check(id: str) -> _QuickCheckCard:
    """Ask a question whose every answer is explained; raises ValueError for an unknown id."""
    return _QuickCheckCard(_look_up(id, QuickCheck))


@dataclass(frozen=True)
class Reveal:
    """What was computed, next to what the learner had committed to (None: nothing)."""

    computed: str
    predicted: str | None

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        if self.predicted is None:
            return f"Computed: {self.computed}. (You have not committed to an answer above.)"
        same = (
            "That is what you predicted."
            if self.predicted == self.computed
            else f"You predicted: {self.predicted}."
        )
        return f"Computed: {self.computed}. {same}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        mark = "" if self.predicted is None else ("✓ " if self.predicted == self.computed else "≠ ")
        return {
            "text/html": f"<p><strong>{mark}{html.escape(self.sentence)}</strong></p>",
            "text/plain": self.sentence,
        }


def reveal(id: str, computed: str) -> Reveal:
    """Set a computed outcome beside the prediction; raises ValueError if it is not one of the choices."""
    question: Prediction = _look_up(id, Prediction)
    if computed not in question.choices:
        raise ValueError(f"{computed!r} is not one of the choices of {id!r}: {'; '.join(question.choices)}.")
    kept = progress.recall("predictions", id)
    return Reveal(computed, kept if kept in question.choices else None)
