"""An explorer: a few labelled controls bound to a pure view, redrawn in place."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from time import process_time
from typing import Any

import traitlets

from quorumlab.views.view import View
from quorumlab.widgets.base import Fixed, module
from quorumlab.widgets.shown import Make, Shown

MOST_CONTROLS = 4
"""More than four controls and a reader no longer sees which one did it."""


LOOKS_AHEAD_S = 0.1
"""Seconds of work that an explorer does beforehand to know its longest sentences. It begins at the ends of its controls; where a view takes
longer, the page makes room as the others come."""

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
            if option == value and isinstance(option, bool) == isinstance(value, bool):
                return position
        allowed = ", ".join(repr(option) for _, option in self.options)
        raise ValueError(f"“{self.label}” cannot be {value!r}; choose one of {allowed}.")


def slider(label: str, values: Sequence[Any], start: Any = None, text: Callable[[Any], str] = str) -> Control:
    """A slider over the given values, worded by ``text``; starts at ``start``, or at the first value."""
    return _control("slider", label, [(text(value), value) for value in values], start)


def choice(label: str, options: Mapping[str, Any], start: Any = None) -> Control:
    """A drop-down list of texts and the values they stand for; starts at the value ``start``, or at the first."""
    return _control("choice", label, list(options.items()), start)


def switch(label: str, start: bool = False) -> Control:
    """A tick box that gives the view False or True."""
    return _control("switch", label, [("off", False), ("on", True)], start)


def _control(kind: str, label: str, options: list[tuple[str, Any]], start: Any) -> Control:
    if not options:
        raise ValueError(f"“{label}” has no values to choose from; give at least one.")
    control = Control(kind, label, tuple(options))
    return control if start is None else Control(kind, label, control.options, control.position_of(start))


class Explorer(Shown):
    """Controls above one picture, its sentence and its table.

    ``Explorer(view, members=slider("members", range(1, 10)))`` calls ``view(members=...)`` whenever a control moves and shows the
    ``View`` it returns, as ``Shown`` says.
    """

    _esm = module("explorer.js")

    controls = traitlets.Tuple().tag(sync=True)
    positions = traitlets.Dict().tag(sync=True)

    def __init__(self, view: Make, **controls: Control) -> None:
        if not 1 <= len(controls) <= MOST_CONTROLS:
            raise ValueError(
                f"An explorer has 1 to {MOST_CONTROLS} controls, not {len(controls)}; leave out what the section is not about."
            )
        for name, control in controls.items():
            if not isinstance(control, Control):
                raise TypeError(
                    f"{name} is {control!r}, but must be a control; make one with ql.slider, ql.choice or ql.switch."
                )
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
        self.room = self._longest()
        self.observe(self._redraw, names="positions")

    def _longest(self) -> tuple[str, ...]:
        """The longest sentences of what can be asked for, refusals among them."""
        values = [[value for _, value in control.options] for control in self._controls.values()]
        ends = [[options[0], options[-1]] for options in values]
        said: set[str] = set()
        until = process_time() + LOOKS_AHEAD_S
        for asked in chain(product(*ends), product(*values)):
            if process_time() > until:
                break
            try:
                said.add(self._view(**dict(zip(self._controls, asked, strict=True))).sentence)
            except ValueError as refusal:
                said.add(str(refusal))
            except Exception:  # an author's mistake, which is told when a control is moved there
                continue
        return tuple(sorted(said, key=lambda sentence: (-len(sentence), sentence))[:ROOM_FOR])

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
        return Fixed(positions)

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
                    f"There is no control {name!r} here; the controls are {', '.join(self._controls)}."
                )
            moved[name] = self._controls[name].position_of(value)
        self.positions = moved

    @property
    def view(self) -> View:
        """The view for what the controls say now."""
        return self._view(**self.values)
