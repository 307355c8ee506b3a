"""An explorer: a few labelled controls bound to a pure view, redrawn in place."""

import inspect
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from itertools import chain, islice, product
from math import prod
from time import monotonic, process_time
from typing import Any

import traitlets

from quorumlab.arguments import cut, is_truth, shortened, shown, truth
from quorumlab.views.view import View
from quorumlab.widgets.base import FixedDict, module
from quorumlab.widgets.shown import Make, Shown, check_view, shown_by, shown_name

MOST_VALUES = 10_000
"""More values than anybody can choose from."""

MOST_CONTROLS = 4
"""More than four controls and a reader no longer sees which one did it."""


LOOKS_AHEAD_S = 0.1
"""Seconds of work that an explorer does beforehand to know its longest sentences. It begins at the ends of its controls; where a view takes
longer, the page makes room as the others come."""

WAITS_AHEAD_S = 1.0
"""Seconds that pass at most meanwhile, where a view waits more than it works, or the machine has other work."""

ROOM_FOR = 3
"""Sentences: as letters differ in width, the longest in letters may not be the one that needs most room."""


@dataclass(frozen=True)
class Control:
    """A control named in the learner's words; ``options`` are (text shown, value given to the view) in order.

    ``kind`` is "slider", "choice" or "switch"; ``start`` is the position of the option chosen at first.
    """

    kind: str
    label: str
    options: tuple[tuple[str, Any], ...]
    start: int = 0

    def position_of(self, value: Any) -> int:
        """The position of a value, True and 1 kept apart; raises ValueError that names the values allowed."""
        for position, (_, option) in enumerate(self.options):
            if option == value and is_truth(option) == is_truth(value):
                return position
        allowed = shortened([shown(option) for _, option in self.options], at_most=20)
        raise ValueError(f"“{cut(self.label)}” cannot be {shown(value)}; choose one of {allowed}.")


def slider(label: str, values: Sequence[Any], start: Any = None, text: Callable[[Any], str] = str) -> Control:
    """A slider over the given values, worded by ``text``; starts at ``start``, or at the first value."""
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        raise TypeError(
            f"The values of {shown(label)} are {shown(values)}, but must be a list or a range; write for example range(1, 10)."
        )
    if not callable(text):
        raise TypeError(
            f"The text of {shown(label)} is {shown(text)}, but must be a function from a value to its words; leave it out for str."
        )
    return _control(
        "slider", label, [(text(value), value) for value in islice(values, MOST_VALUES + 1)], start
    )


def choice(label: str, options: Mapping[str, Any], start: Any = None) -> Control:
    """A drop-down list of texts and the values they stand for; starts at the value ``start``, or at the first."""
    if not isinstance(options, Mapping):
        raise TypeError(
            f"The options of {shown(label)} are {shown(options)}, but must be a dict from text to value; write for example "
            "{'three': 3}."
        )
    return _control("choice", label, list(options.items()), start)


def switch(label: str, start: bool = False) -> Control:
    """A tick box that gives the view False or True."""
    return _control("switch", label, [("off", False), ("on", True)], truth(start, "start"))


def _control(kind: str, label: str, options: list[tuple[str, Any]], start: Any) -> Control:
    if not isinstance(label, str):
        raise TypeError(f"The label is {shown(label)}, but must be a text; write it in quotes.")
    for words, _ in options:
        if not isinstance(words, str):
            raise TypeError(
                f"An option of {shown(label)} is told as {shown(words)}, but must be told in a text; write it in quotes."
            )
    if len(options) > MOST_VALUES:
        raise ValueError(
            f"“{cut(label)}” has more than {MOST_VALUES:,} values, more than anybody can choose from; give fewer."
        )
    if not options:
        raise ValueError(f"“{cut(label)}” has no values to choose from; give at least one.")
    control = Control(kind, label, tuple(options))
    return control if start is None else Control(kind, label, control.options, control.position_of(start))


def _check_taken(view: Make, names: Iterable[str]) -> None:
    """Raises TypeError if the view cannot be called with these names."""
    try:
        asked = inspect.signature(view)
    except ValueError:  # of something built in, which does not tell
        return
    try:
        asked.bind(**dict.fromkeys(names))
    except TypeError as problem:
        raise TypeError(
            f"{shown_name(view)} cannot be called with {', '.join(names)} ({problem}); name each control as the view names its argument."
        ) from None


class Explorer(Shown):
    """Controls above one picture, its sentence and its table.

    ``Explorer(view, members=slider("members", range(1, 10)))`` calls ``view(members=...)`` whenever a control moves and shows the
    ``View`` it returns, as ``Shown`` says. When it is made, the view is also called for values that nobody has asked for yet,
    to know how much room its sentences need; what it prints then is not shown.
    """

    _esm = module("explorer.js")

    controls = traitlets.Tuple().tag(sync=True)
    positions = FixedDict().tag(sync=True)
    drawn = FixedDict().tag(sync=True)
    """The positions that picture and words are of: until they are those of the controls, the page says that it is computing."""
    guessed = traitlets.Bool(False).tag(sync=True)
    """Whether the view is too slow for the longest sentences to be known: the page then keeps room for three lines."""

    def __init__(self, view: Make, **controls: Control) -> None:
        check_view(view)
        if not 1 <= len(controls) <= MOST_CONTROLS:
            raise ValueError(
                f"An explorer has 1 to {MOST_CONTROLS} controls, not {len(controls)}; leave out what the section is not about."
            )
        for name, control in controls.items():
            if not isinstance(control, Control):
                raise TypeError(
                    f"{name} is {shown(control)}, but must be a control; make one with ql.slider, ql.choice or ql.switch."
                )
        _check_taken(view, controls)
        self._view = view
        self._controls = controls
        super().__init__(
            controls=[
                {"name": name, "kind": c.kind, "label": c.label, "texts": [text for text, _ in c.options]}
                for name, c in controls.items()
            ],
            positions={name: c.start for name, c in controls.items()},
        )
        self._redraw()
        self.room, self.guessed = self._longest()
        self.observe(self._redraw, names="positions")

    def _redraw(self, _change: object = None) -> bool:
        # What it is of comes with the picture, and also where the view stops with an error.
        with self.hold_sync():
            try:
                return super()._redraw()
            finally:
                self.drawn = dict(self.positions)

    def _longest(self) -> tuple[tuple[str, ...], bool]:
        """The longest sentences of what can be asked for, refusals among them; and whether not even the ends of the controls were asked."""
        said: set[str] = set()
        asked, ends = 0, prod(len({0, len(control.options) - 1}) for control in self._controls.values())
        work, began = process_time(), monotonic()
        with redirect_stdout(io.StringIO()):
            for values in self._ends_first():
                if process_time() > work + LOOKS_AHEAD_S or monotonic() > began + WAITS_AHEAD_S:
                    break
                asked += 1
                try:
                    said.add(self._view(**values).sentence)
                except ValueError as refusal:
                    said.add(str(refusal))
                except Exception:  # an author's mistake, which is told when a control is moved there
                    continue
        longest = sorted(said, key=lambda sentence: (-len(sentence), sentence))[:ROOM_FOR]
        return tuple(longest), asked < ends

    def _ends_first(self) -> Iterator[dict[str, Any]]:
        """What the view can be asked, once each, the ends of the controls first."""
        every = [range(len(control.options)) for control in self._controls.values()]
        ends = set(product(*({at[0], at[-1]} for at in every)))
        for positions in chain(sorted(ends), (at for at in product(*every) if at not in ends)):
            yield {
                name: control.options[at][1]
                for (name, control), at in zip(self._controls.items(), positions, strict=True)
            }

    @traitlets.validate("positions")
    def _known_positions(self, proposal: Any) -> Any:
        positions = proposal["value"]
        there = {name: range(len(c.options)) for name, c in self._controls.items()}
        if positions.keys() != there.keys() or not all(
            type(at) is int and at in there[name] for name, at in positions.items()
        ):
            allowed = ", ".join(f"{name} 0 to {len(options) - 1}" for name, options in there.items())
            raise traitlets.TraitError(
                f"The positions cannot be {positions}; give one for each control: {allowed}."
            )
        return positions

    @property
    def values(self) -> dict[str, Any]:
        """What the controls say now, as the view receives it."""
        return {name: c.options[self.positions[name]][1] for name, c in self._controls.items()}

    def set(self, **values: Any) -> None:
        """Move controls as a learner would; raises ValueError for a value or a control that is not there."""
        moved = dict(self.positions)
        for name, value in values.items():
            if name not in self._controls:
                raise ValueError(
                    f"There is no control {shown(name)} here; the controls are {', '.join(self._controls)}."
                )
            moved[name] = self._controls[name].position_of(value)
        self.positions = moved

    @property
    def view(self) -> View:
        """The view for what the controls say now."""
        return shown_by(self._view(**self.values))
