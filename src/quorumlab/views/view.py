"""A view: one set of facts as a sentence, as a table and as a picture."""

import base64
import html
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from quorumlab.views.style import STYLE
from quorumlab.views.table import Table as Table
from quorumlab.words import unbroken

if TYPE_CHECKING:
    from matplotlib import RcParams
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FOREIGN = re.compile(
    "[\u0590-\u1dff\u2e80-\ua6ff\uac00-\ufdff\ufe70-\ufefe\uff00-\uffef\U0001f000-\U0003ffff]"
)
"""Letters that DejaVu Sans, the font of our pictures, lacks or cannot join as its script asks."""

LACKING = "(Glyph|Matplotlib currently)"
"""How the warnings begin that say so, of which we know."""

CSS_PIXELS_PER_INCH = 100
"""A figure 7 inches wide is shown 700 CSS pixels wide."""


@dataclass(frozen=True)
class View:
    """One set of facts, three ways to take it in.

    ``sentence`` says in full what the picture shows now; ``alt`` describes the picture to someone who cannot see it; ``table`` holds
    the same facts; ``draw`` puts them on an empty matplotlib figure; ``size`` is the figure's (width, height) in inches, at 100 CSS
    pixels an inch; ``margins`` are the inches (left, right, top, bottom) kept for labels. They are fixed, rather than fitted at
    every redraw, so that the axes stand still while a control moves, and a redraw takes half the time; tests hold that no
    label leaves the picture.
    """

    sentence: str
    alt: str
    table: Table
    draw: "Callable[[Figure], object]"
    size: tuple[float, float] = (7.0, 3.4)
    margins: tuple[float, float, float, float] = (0.85, 0.3, 0.5, 0.65)

    def figure(self, onto: "Figure | None" = None) -> "Figure":
        """The picture; drawn onto the given figure, which is cleared first, or onto a new one."""
        from matplotlib import rc_context
        from matplotlib.figure import Figure

        (width, height), (left, right, top, bottom) = self.size, self.margins
        with rc_context(_course_style()):
            figure = Figure() if onto is None else onto
            _empty(figure)
            figure.set_size_inches(self.size)
            figure.subplots_adjust(left / width, bottom / height, 1 - right / width, 1 - top / height)
            self.draw(figure)
            for axes in figure.axes:
                _few_ticks(axes)
                _fix_labels(axes, left, bottom)
        return figure

    @property
    def foreign(self) -> bool:
        """Whether it has names in a script that our font lacks or cannot join, such as Chinese, Arabic or emoji."""
        cells = (str(cell) for row in self.table.rows for cell in row)
        return any(FOREIGN.search(text) for text in (self.sentence, self.alt, *cells))

    def svg(self, onto: "Figure | None" = None) -> bytes:
        """The picture as SVG: sharp at any zoom, small, and quicker to make than pixels. Letters are drawn as shapes, so
        that it looks the same on every machine; but where some are ``foreign``, the browser draws all of them."""
        from matplotlib import rc_context, rcParams
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        picture = io.BytesIO()
        with warnings.catch_warnings():
            if self.foreign:
                warnings.filterwarnings("ignore", LACKING)
            figure = self.figure(onto)
        # Printed by the canvas itself: ``savefig`` would lay out and draw everything twice.
        with warnings.catch_warnings(), rc_context(_course_style()):
            if self.foreign:
                warnings.filterwarnings("ignore", LACKING)
                rcParams["svg.fonttype"] = "none"
            canvas = FigureCanvasSVG(figure)
            canvas.print_svg(picture, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
        return picture.getvalue()

    def to_html(self) -> str:
        """A page that needs nothing running: picture with alt text, sentence, and the table behind a switch."""
        source = base64.b64encode(self.svg()).decode("ascii")
        return static_figure(
            f'<img src="data:image/svg+xml;base64,{source}" width="{round(self.size[0] * CSS_PIXELS_PER_INCH)}" '
            f'alt="{html.escape(self.alt, quote=True)}">',
            self.sentence,
            self.table,
        )

    def to_text(self) -> str:
        """The sentence and the table as plain text."""
        return f"{self.sentence}\n\n{self.table.to_text()}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


def static_figure(picture: str, sentence: str, table: Table) -> str:
    """An HTML figure around a picture: the sentence under it, then the same facts as a table behind a switch."""
    # A range such as 150–200 ms stays on one line.
    kept = html.escape(unbroken(sentence)).replace("–", "&NoBreak;–&NoBreak;")
    return (
        # JupyterLab leaves the sheet out of a page that is not trusted yet, and the attribute in.
        f"{CHART_CSS}<figure class='ql-figure' style='margin:8px 0'>{picture}"
        f"<figcaption>{kept}</figcaption></figure>"
        f"<details><summary>The same facts as a table</summary>{table.to_html()}</details>"
    )


CHART_CSS = (
    "<style>.ql-figure img{max-width:100%;height:auto;border-radius:6px}"
    ".ql-figure figcaption{margin-top:6px;max-width:46em}.ql-figure+details{overflow-x:auto}"
    # Charts are drawn on paper; the dark theme turns the lightness round and keeps the hues.
    "[data-jp-theme-light='false'] .ql-figure img{filter:invert(.92) hue-rotate(180deg)}</style>"
)


def _empty(figure: "Figure") -> None:
    # ``figure.clear`` would first put each axes into the state of a new one, ticks and all, only to throw it away.
    for axes in figure.axes:
        figure.delaxes(axes)
    for artist in [*figure.texts, *figure.legends, *figure.artists]:
        artist.remove()


def _few_ticks(axes: "Axes") -> None:
    # Half as many ticks as matplotlib would choose: calmer, and each tick costs a redraw as much as a label.
    from matplotlib.ticker import AutoLocator

    for axis in (axes.xaxis, axes.yaxis):
        locator = axis.get_major_locator()
        if isinstance(locator, AutoLocator):
            locator.set_params(nbins=4)


def _fix_labels(axes: "Axes", left: float, bottom: float) -> None:
    """Put the axis labels at the outer edge of the margins, in inches: to find their places, matplotlib would measure every
    tick label at each redraw, a quarter of its time."""
    box = axes.get_window_extent().transformed(axes.figure.dpi_scale_trans.inverted())
    axes.xaxis.set_label_coords(0.5, -(bottom - 0.28) / box.height)
    axes.yaxis.set_label_coords(-(left - 0.25) / box.width, 0.5)


@cache
def _course_style() -> "RcParams":
    # Read once: parsing the style sheet at every redraw would cost more than drawing.
    from matplotlib import rc_params_from_file

    return rc_params_from_file(STYLE, use_default_template=False)
