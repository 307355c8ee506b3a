"""What explorers, editors and the map share: one view shown as picture, sentence and table, redrawn in place."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anywidget
import traitlets
from matplotlib.figure import Figure

from quorumlab.arguments import cut, shown
from quorumlab.views.view import CSS_PIXELS_PER_INCH, View
from quorumlab.widgets.base import HERE, FixedDict, with_static


class Shown(anywidget.AnyWidget):
    """A widget below whose controls one view is shown.

    The picture is one persistent figure, redrawn and sent as SVG. What the view refuses with a ValueError is told by its sentence,
    and the last picture stays, dimmed. On a page where nothing runs, the first picture stays, with its sentence and table.
    """

    _css = HERE / "quorumlab.css"

    picture = traitlets.Bytes().tag(sync=True)
    width = traitlets.Int().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)
    sentence = traitlets.Unicode().tag(sync=True)
    table = FixedDict().tag(sync=True)
    problem = traitlets.Unicode().tag(sync=True)
    room = traitlets.Tuple().tag(sync=True)
    """The longest sentences that may be shown: the page keeps room for them, so that nothing below moves when one comes."""

    def __init__(self, **traits: Any) -> None:
        self._figure = Figure()
        self._shown: View | None = None
        super().__init__(**traits)

    @property
    def view(self) -> View:
        """The view for what the controls say now."""
        raise NotImplementedError("a widget that shows a view says which")

    def _redraw(self, _change: object = None) -> bool:
        """Show the view as it is now, or say why it cannot be; whether it could."""
        try:
            view = self.view
        except ValueError as refusal:
            if self._shown is None:
                raise
            self._refuse(str(refusal))
            return False
        # One message: picture and words change together.
        with _no_collection(), self.hold_sync():
            self.picture = self._drawn(view)
            self.width = round(view.size[0] * CSS_PIXELS_PER_INCH)
            self._refuse("")
            self.alt, self.sentence = view.alt, view.sentence
            self._shown = view
            self.table = {"columns": list(view.table.columns), "rows": [list(row) for row in view.table.rows]}
        return True

    def _drawn(self, view: View) -> bytes:
        """What is sent of the picture, as SVG."""
        return view.svg(onto=self._figure)

    def _refuse(self, why: str) -> None:
        """Say why the last picture is not one of what the controls ask for; "" if it is."""
        self.problem = why

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # The last picture, even while the controls ask for one that is refused.
        shown = self._shown or self.view
        return with_static(super()._repr_mimebundle_(**kwargs), shown.to_html(), shown.to_text())


Make = Callable[..., View]
"""A pure view: what the controls say → what is shown."""


def check_view(view: object) -> None:
    """Raises TypeError for what cannot be called."""
    if not callable(view):
        raise TypeError(
            f"The view is {shown(view)}, but must be a function that gives a View; write its name alone."
        )


def shown_by(given: object) -> View:
    """What a view gave; TypeError unless it is a View."""
    if not isinstance(given, View):
        raise TypeError(f"The view gave {shown(given)}, but must give a View; end it with return.")
    return given


def shown_name(view: Make) -> str:
    """The view in a sentence."""
    return f"The view {cut(getattr(view, '__name__', shown(view)))}"


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
