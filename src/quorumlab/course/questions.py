"""Questions: a prediction to commit to, and a quick check whose every wrong answer has its own explanation.

The words stand in ``questions/*.toml``, one file a notebook, so that an author can edit them without reading code and a notebook
page does not give the answer away. What comes out of a prediction is computed by its page; the words say, for each choice, why
somebody would choose it and what is so.
"""

import html
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import anywidget
import traitlets

from quorumlab.arguments import near, shown
from quorumlab.course import progress
from quorumlab.course.cells import watch
from quorumlab.views.view import Table, View
from quorumlab.widgets.base import HERE as WIDGETS
from quorumlab.widgets.base import STILL, module, with_static
from quorumlab.words import unbroken

MISSES_BEFORE_HINT = 2
UNCOMMITTED = (
    "Commit to an answer above, then run this cell: it says what came out, and what your answer was worth. Even a wrong guess makes the "
    "right answer easier to remember."
)
TO_ANSWER = "Run this cell (Shift+Enter) to answer, or to see the answer you gave."
"""Both stand on saved pages too, below whatever the learner has answered meanwhile: they say what to do, never what was not done."""


@dataclass(frozen=True)
class Choice:
    """One answer that can be chosen, and what is said to whoever chose it."""

    text: str
    because: str
    correct: bool = False


@dataclass(frozen=True)
class Prediction:
    """A question to commit to before the experiment; the experiment answers it, so no choice is marked as correct.

    `told_by` and `shown_by` are regular expressions of words that would give its answer away: wherever they stand, and in the
    question's own section. A test keeps them from whoever has not committed yet.
    """

    id: str
    prompt: str
    choices: tuple[Choice, ...]
    told_by: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()

    @property
    def texts(self) -> list[str]:
        """The choices as a learner reads them."""
        return [choice.text for choice in self.choices]


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
        for question in parse(file.read_text(encoding="utf-8"), file.name):
            if question.id in found:
                raise ValueError(
                    f"The question id {shown(question.id)} is used twice; give each question its own."
                )
            found[question.id] = question
    return MappingProxyType(found)


def parse(page: str, name: str) -> list[Prediction | QuickCheck]:
    """The questions of one TOML page; raises ValueError with the page's ``name`` and the question that is not well formed."""
    try:
        tables = tomllib.loads(page)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name} is not TOML ({error}); correct it there.") from None
    makers = (("predict", _prediction), ("check", _quick_check))
    return [_made(make, entry, name) for kind, make in makers for entry in tables.get(kind, [])]


def _made(
    make: Callable[[dict[str, Any]], Prediction | QuickCheck], entry: dict[str, Any], name: str
) -> Prediction | QuickCheck:
    try:
        question = make(entry)
    except (
        TypeError,
        ValueError,
    ) as error:  # TypeError: a key is missing or unknown, and the message says which
        raise ValueError(
            f"The question {shown(entry.get('id'))} in {name} is not well formed: {error}."
        ) from None
    return question


def _prediction(entry: dict[str, Any]) -> Prediction:
    choices = _choices(entry)
    if any(choice.correct for choice in choices):
        raise ValueError("its page computes which choice comes out; mark none as correct")
    tells = {name: entry.get(name, []) for name in ("told_by", "shown_by")}
    if not all(
        isinstance(words, list) and all(isinstance(w, str) for w in words) for words in tells.values()
    ):
        raise ValueError("its told_by and shown_by need lists of texts")
    return Prediction(
        **{**entry, "choices": choices, **{name: tuple(words) for name, words in tells.items()}}
    )


def _quick_check(entry: dict[str, Any]) -> QuickCheck:
    choices = _choices(entry)
    if sum(choice.correct for choice in choices) != 1:
        raise ValueError("it needs exactly one correct choice")
    return QuickCheck(**{**entry, "choices": choices})


def _choices(entry: dict[str, Any]) -> tuple[Choice, ...]:
    choices = tuple(Choice(**choice) for choice in entry.get("choices", ()))
    if len(choices) < 2 or len({choice.text for choice in choices}) < len(choices):
        raise ValueError("it needs at least two choices, no two choices alike")
    return choices


def _look_up(id: str, kind: type) -> Any:
    question = bank().get(id) if isinstance(id, str) else None
    if not isinstance(question, kind):
        words = {Prediction: "prediction", QuickCheck: "quick check"}
        known = near(id, [q.id for q in bank().values() if isinstance(q, kind)])
        raise ValueError(f"There is no {words[kind]} called {shown(id)}; choose one such as {known}.")
    return question


class _Question(anywidget.AnyWidget):
    _esm = module("question.js")
    _css = WIDGETS / "quorumlab.css"

    heading = traitlets.Unicode().tag(sync=True)
    prompt = traitlets.Unicode().tag(sync=True)
    choices = traitlets.Tuple().tag(sync=True)
    button = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    submissions = traitlets.Int(0).tag(sync=True)
    settled = traitlets.Bool(False).tag(sync=True)
    verdict = traitlets.Unicode("").tag(sync=True)
    feedback = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    others = traitlets.Tuple().tag(sync=True)
    """The other choices with what is said of each, once all is told."""

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
        """Answer from code, as a click would: without effect once settled. Raises ValueError that lists the choices."""
        if text not in self.choices:
            raise ValueError(f"{shown(text)} is not one of the choices: {'; '.join(self.choices)}.")
        if self.settled:
            return
        self.chosen = self.choices.index(text)
        self.submissions += 1

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # The saved page shows the question as it was asked, never one reader's answer, and nothing that looks like a button.
        items = "".join(f"<li>{html.escape(unbroken(choice))}</li>" for choice in self.choices)
        page = (
            f"<p><strong>{html.escape(self.heading)}</strong> {html.escape(unbroken(self.prompt))}</p><ul>{items}</ul>"
            f"<p {STILL}><em>{TO_ANSWER}</em></p>"
        )
        listed = "\n".join(f"  - {choice}" for choice in self.choices)
        text = f"{self.heading} {self.prompt}\n{listed}\n{TO_ANSWER}"
        return with_static(super()._repr_mimebundle_(**kwargs), page, text)


class _PredictionCard(_Question):
    def __init__(self, question: Prediction) -> None:
        self._question = question
        super().__init__(
            heading="Predict.",
            prompt=question.prompt,
            choices=question.texts,
            button="Commit to my answer",
        )
        self._settle_if_kept()

    def _answered(self, position: int) -> None:
        # The same question may stand open twice, in two cells or two kernels: the first commitment counts.
        if not self._settle_if_kept():
            progress.record("predictions", self._question.id, self.choices[position])
            self._settle_if_kept()

    def _settle_if_kept(self) -> bool:
        answer = progress.recall("predictions", self._question.id)
        if answer not in self.choices:
            return False
        self.chosen = self.choices.index(answer)
        self.settled = True
        self.verdict = "Kept"
        self.feedback = f"You said: {answer}. Now find out."
        return True


class _QuickCheckCard(_Question):
    def __init__(self, question: QuickCheck) -> None:
        self._question = question
        self._explained: int | None = None
        super().__init__(
            heading="Check.",
            prompt=question.prompt,
            choices=[choice.text for choice in question.choices],
            button="Check my answer",
        )
        was_right, misses = self._kept()
        if was_right:
            right = next(i for i, choice in enumerate(question.choices) if choice.correct)
            self.chosen = right
            self._explain(question.choices[right], misses)

    def _kept(self) -> tuple[bool, int]:
        kept = progress.recall("checks", self._question.id) or {"correct": False, "misses": 0}
        return kept["correct"], kept["misses"]

    def _answered(self, position: int) -> None:
        if position == self._explained:
            return  # a double click, or the same answer again: its explanation stands there already
        self._explained = position
        choice = self._question.choices[position]
        was_right, misses = self._kept()
        misses += not choice.correct
        progress.record(
            "checks", self._question.id, {"correct": was_right or choice.correct, "misses": misses}
        )
        self._explain(choice, misses)

    def _explain(self, choice: Choice, misses: int) -> None:
        self.settled = choice.correct
        self.verdict = "Right" if choice.correct else "Not quite"
        self.feedback = choice.because
        self.hint = self._question.hint if misses >= MISSES_BEFORE_HINT and not choice.correct else ""
        others = ([other.text, other.because] for other in self._question.choices if other is not choice)
        self.others = tuple(others) if choice.correct else ()


def predict(id: str) -> _PredictionCard:
    """Ask the learner to commit to an answer, and keep it; raises ValueError for an unknown id."""
    watch()  # a page asks before it has anything written: the cells of its exercises are known from the first on
    return _PredictionCard(_look_up(id, Prediction))


def quick_check(id: str) -> _QuickCheckCard:
    """Ask a question whose every answer is explained; raises ValueError for an unknown id."""
    return _QuickCheckCard(_look_up(id, QuickCheck))


@dataclass(frozen=True)
class Reveal:
    """What was computed, as an answer to what the learner had committed to (None: nothing yet).

    Before a commitment the answer is folded away, in the page that is shown and in its plain text.
    """

    computed: Choice
    predicted: Choice | None
    show: View | Table | None = None

    @property
    def outcome(self) -> str:
        """What came out, next to what the learner said."""
        if self.predicted is None:
            return f"What came out is “{self.computed.text}”."
        if self.predicted.text == self.computed.text:
            return f"You said “{self.predicted.text}”, and that is what came out."
        return f"You said “{self.predicted.text}”; what came out is “{self.computed.text}”."

    @property
    def because(self) -> str:
        """Why somebody would say what the learner said, and what is so."""
        return (self.predicted or self.computed).because

    @property
    def sentence(self) -> str:
        """The outcome and the reason."""
        return f"{self.outcome} {self.because}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        outcome, because = (html.escape(unbroken(words)) for words in (self.outcome, self.because))
        answer = f"<p><strong>{outcome}</strong> {because}</p>"
        text = self.sentence
        if self.show is not None:
            answer += self.show.to_html()
            text += f"\n\n{self.show.to_text()}"
        if self.predicted is not None:
            return {"text/html": answer, "text/plain": text}
        fold = f"<details><summary>What came out</summary>{answer}</details>"
        return {"text/html": f"<p>{UNCOMMITTED}</p>{fold}", "text/plain": UNCOMMITTED}


def reveal(id: str, computed: str, *, show: View | Table | None = None) -> Reveal:
    """Answer the learner's prediction with the outcome that was computed; `show` is a picture or table that goes with it.

    Raises ValueError for an unknown id, or an outcome that is not one of the choices, TypeError for what cannot be shown.
    """
    question: Prediction = _look_up(id, Prediction)
    choices = {choice.text: choice for choice in question.choices}
    if not isinstance(computed, str) or computed not in choices:
        raise ValueError(
            f"{shown(computed)} is not one of the choices of {shown(id)}: {'; '.join(choices)}; give the one that came out."
        )
    if not isinstance(show, View | Table | None):
        raise TypeError(f"{shown(show)} cannot be shown with an answer; give a View or a Table.")
    return Reveal(choices[computed], choices.get(progress.recall("predictions", id)), show)
