"""What a widget shares that shows a view which Python draws anew at every move: the picture, its words and its table."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from quorumlab.views.view import CSS_PIXELS_PER_INCH, View
from quorumlab.widgets.base import with_static


class Pictured(anywidget.AnyWidget):
    """One persistent figure, redrawn and sent as SVG, with its sentence, alt text and table.

    If a view is refused with a ValueError, its sentence is shown and the last picture stays, dimmed. On a page where nothing runs,
    the first picture stays, with its sentence and table.
    """

    picture = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    table = traitlets.Dict().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        self._figure = Figure()
        self._shown: View | None = None
        super().__init__(**traits)

    def _show(self, make: Callable[[], View]) -> bool:
        """Show the view that ``make`` gives, or say why it cannot; whether it could. The first one must be possible."""
        try:
            view = make()
        except ValueError as refusal:
            if self._shown is None:
                raise
            self.problem = str(refusal)
            return False
        # One message: picture and words change together.
        with _no_collection(), self.hold_sync():
            self.picture = view.svg(onto=self._figure)
            self.width = round(view.size[0] * CSS_PIXELS_PER_INCH)
            self.problem, self.alt, self.sentence = "", view.alt, view.sentence
            self._shown = view
            self.table = {"columns": list(view.table.columns), "rows": [list(row) for row in view.table.rows]}
        return True

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # The last picture, even while the controls ask for one that is refused.
        assert self._shown is not None
        return with_static(super()._repr_mimebundle_(**kwargs), self._shown.to_html(), self._shown.to_text())


@contextmanager
def _no_collection() -> Iterator[None]:
    # A redraw makes enough objects to set off several garbage collections, a third of its time; they can wait until the
    # picture is on its way.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
