"""An editor: a text to change by hand, and at once what a view makes of it."""

import re
from typing import Any

import traitlets

from quorumlab.arguments import shown
from quorumlab.views.view import View
from quorumlab.widgets.base import module
from quorumlab.widgets.shown import Make, Shown, check_view, shown_by

MOST_CHARACTERS = 20_000
"""More than anybody writes by hand; a longer text is refused before it is read at every pause."""

_LINE = re.compile(r"\bline (\d+)\b", re.IGNORECASE)


class Editor(Shown):
    """A text above the sentence, picture and table of what it says.

    ``Editor(view, text)`` calls ``view(text)`` whenever the writer pauses, and shows the ``View`` it returns. A text that the view refuses
    with a ValueError is told so in its one sentence; where that names a line, the line is marked. The last picture stays meanwhile,
    dimmed. ``label`` stands above the text.
    """

    _esm = module("editor.js")

    label = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    start = traitlets.Unicode().tag(sync=True)
    line = traitlets.Int(0).tag(sync=True)

    def __init__(self, view: Make, text: str, *, label: str = "Change this text:") -> None:
        check_view(view)
        if not isinstance(label, str):
            raise TypeError(f"The label is {shown(label)}, but must be a text; write it in quotes.")
        if not isinstance(text, str):
            raise TypeError(f"The text to edit is {shown(text)}, but must be a text; write it in quotes.")
        self._view = view
        super().__init__(text=text, start=text, label=label)
        self._redraw()
        self.observe(self._redraw, names="text")

    @property
    def view(self) -> View:
        """The view for what the text says now."""
        if len(self.text) > MOST_CHARACTERS:
            raise ValueError(
                f"The text has {len(self.text)} characters, but at most {MOST_CHARACTERS} are read here; shorten it."
            )
        return shown_by(self._view(self.text))

    def _refuse(self, why: str) -> None:
        named: Any = _LINE.search(why)
        self.problem, self.line = why, int(named[1]) if named else 0
