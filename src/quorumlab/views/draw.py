"""Drawing idioms that pictures share: words beside a mark, rows with names, axes of time."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from quorumlab.views.style import ACCENT, PAPER, VERMILION

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform

Point = tuple[float, float]

TICKS_MS: dict[float, str] = {
    1: "1 ms",
    10: "10 ms",
    100: "100 ms",
    1_000: "1 s",
    10_000: "10 s",
    100_000: "100 s",
}


LOG_SCALE = "(log scale)"
"""What an axis says of itself, as nobody sees it from one or two ticks."""


def note(
    axes: "Axes",
    words: str,
    at: Point,
    shift: Point,
    colour: str,
    *,
    on: str | None = None,
    ha: str = "left",
    va: str = "center",
    **more: Any,
) -> None:
    """Words near a point of the data, ``shift`` points (1/72 inch) away from it; ``on`` is the colour of a patch behind them that
    keeps lines from crossing them. ``more`` goes to matplotlib's ``annotate``."""
    patch = None if on is None else {"facecolor": on, "edgecolor": "none", "pad": 1}
    axes.annotate(
        words, at, shift, textcoords="offset points", ha=ha, va=va, color=colour, bbox=patch, **more
    )


def beside(
    axes: "Axes", words: str, at: Point, colour: str, *, left: bool = False, on: str | None = PAPER
) -> None:
    """Words beside a mark, right or ``left`` of it, shown even where the mark is at the edge."""
    shift, ha = (-11, "right") if left else (11, "left")
    note(axes, words, at, (shift, 0), colour, on=on, ha=ha, annotation_clip=False)


def name_rows(axes: "Axes", names: Sequence[str], *, above: float = 0.6, below: float = 0.5) -> None:
    """A named row for each thing, the first on top, with room ``above`` the first and ``below`` the last, in rows."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 1 + below, -above)


def lines_across(axes: "Axes") -> None:
    """Grid lines for the values along the rows only."""
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)


def ticks_in_words(axis: "Axis", ticks: Mapping[float, str], low: float, high: float) -> None:
    """Those ticks that lie between two values, each with its words, and no others."""
    shown = {value: words for value, words in ticks.items() if low <= value <= high}
    axis.set_ticks(list(shown), labels=list(shown.values()))
    axis.set_ticks([], minor=True)


def log_time_axis(axis: "Axis", low: float, high: float) -> None:
    """Logarithmic ticks in words between two times in ms, closer to each other where fewer than three of the coarser ones fit."""
    if sum(low <= value <= high for value in TICKS_MS) >= 2:
        ticks_in_words(axis, TICKS_MS, low, high)
        return
    finer = [k * value for value in TICKS_MS for k in (1, 2, 5)]
    if sum(low <= value <= high for value in finer) < 3:
        finer = [k * value for value in TICKS_MS for k in (1, 1.5, 2, 3, 4, 5, 7)]
    words: dict[float, str] = {t: f"{t:g} ms" if t < 1000 else f"{t / 1000:g} s" for t in finer}
    ticks_in_words(axis, words, low, high)


def share_axis(axis: "Axis") -> None:
    """Shares in percent."""
    axis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")


def parity_look(n: int) -> dict[str, Any]:
    """How a size is marked: a filled circle if it is odd, a hollow square if it is even."""
    colour, marker, fill = (ACCENT, "o", ACCENT) if n % 2 else (VERMILION, "s", PAPER)
    return {"color": colour, "marker": marker, "markerfacecolor": fill}


def crown() -> Any:
    """The marker of who leads."""
    from matplotlib.path import Path

    return Path(
        [(-1, -0.6), (-1, 0.6), (-0.45, 0), (0, 0.8), (0.45, 0), (1, 0.6), (1, -0.6), (-1, -0.6)], closed=True
    )


class Sheet(NamedTuple):
    """A figure to draw on in pixels from its upper left corner, without axes: to make their ticks, which nobody sees, would take a quarter of
    a redraw."""

    figure: "Figure"
    pixels: "Transform"

    @classmethod
    def over(cls, figure: "Figure", width: float, height: float) -> "Sheet":
        """All of a figure, so many pixels wide and high."""
        from matplotlib.transforms import Affine2D

        return cls(figure, Affine2D().scale(1 / width, -1 / height).translate(0, 1) + figure.transFigure)

    def add(self, artist: "Artist", *, clip: bool = False) -> None:
        """Put a thing in pixels on the sheet; ``clip`` cuts off what lies beyond it."""
        artist.set_transform(self.pixels)
        self.figure.add_artist(artist, clip=clip)

    def plot(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """A line, or signs, through some points."""
        from matplotlib.lines import Line2D

        self.add(Line2D(xs, ys, **look))

    def text(self, x: float, y: float, words: str, **look: Any) -> None:
        """Words at a point."""
        self.figure.text(x, y, words, transform=self.pixels, **look)
