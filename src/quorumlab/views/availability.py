"""Availability in nines and in hours: of one node, of several that are needed together, and of clusters."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from quorumlab.arguments import is_number, probability, shown, whole
from quorumlab.availability import downtime, nines, unavailability
from quorumlab.quorums import QuorumSystem, majority, quorum_size, threshold
from quorumlab.views.draw import LOG_SCALE, beside, name_rows, note, parity_look, ticks_in_words
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER
from quorumlab.views.view import Table, View
from quorumlab.words import YEAR, a_year, in_words, parity, percent, plural, times
from quorumlab.words import figure as in_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROUND_AVAILABILITIES = (0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
PERIODS = {365: "a year", 30: "in 30 days", 1: "a day"}
TIME_TICKS_S = {0.1: "0.1 s", 1: "1 s", 60: "1 min", 3_600: "1 hour", 86_400: "1 day", 864_000: "10 days"}
SIZES = range(1, 10)


def downtime_view(up: float, days: int = 365) -> View:
    """The availability ``up`` among round ones, and the downtime each allows in a period of 365, 30 or 1 ``days``.

    The downtime is (1 - availability) × period. Raises ValueError for other periods or unless 0 < ``up`` < 1, TypeError for
    what is no number.
    """
    up = float(probability(up, "up", strictly=True))
    if not is_number(days) or days not in PERIODS:
        raise ValueError(
            f"A period of {shown(days)} days is not shown; choose one of {', '.join(map(str, PERIODS))}."
        )
    period = PERIODS[days]
    told = sorted({*ROUND_AVAILABILITIES, up})
    lengths = [max(downtime(1 - a) * (days / YEAR.days), timedelta.resolution) for a in told]  # never none
    words = [in_words(length) for length in lengths]
    rows = [
        (percent(a), f"{nines(a):.1f}", text, "chosen" if a == up else "")
        for a, text in zip(told, words, strict=True)
    ]
    chosen = words[told.index(up)]
    sentence = (
        f"A node that is up {percent(up)} of the time has {nines(up):.1f} nines: on average it is down for {chosen} "
        f"{period}. One more nine would make it a tenth of that."
    )
    alt = f"A dot for each availability on a logarithmic axis of downtime {period}; at {percent(up)} it is {chosen}."
    table = Table.of(("availability", "nines", f"downtime {period}", ""), rows)
    seconds = [length.total_seconds() for length in lengths]
    return View(
        sentence, alt, table, lambda figure: _draw_downtimes(figure, up, period, told, seconds, words),
        margins=(1.25, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _draw_downtimes(
    figure: "Figure",
    up: float,
    period: str,
    shown: Sequence[float],
    seconds: Sequence[float],
    words: Sequence[str],
) -> None:
    axes = figure.add_subplot(
        title=f"Downtime {period}", xlabel="downtime: each nine divides it by ten", xscale="log"
    )
    low, high = min(seconds) / 3, max(seconds) * 3
    middle = math.sqrt(low * high)
    for i, (a, s, text) in enumerate(zip(shown, seconds, words, strict=True)):
        colour = ACCENT if a == up else MUTED
        axes.plot([s], [i], color=colour, marker="o", linestyle="", markersize=10 if a == up else 6)
        beside(axes, text, (s, i), colour, left=s > middle)
    name_rows(axes, [percent(a) for a in shown], above=0.5)
    axes.set_ylabel("availability")
    axes.set_xlim(low, high)
    ticks_in_words(axes.xaxis, TIME_TICKS_S, low, high)
    axes.grid(axis="x")


def ways_to_need(nodes: int) -> dict[str, QuorumSystem]:
    """Three ways to depend on ``nodes`` equal nodes, each as the system of groups that are enough.

    All of them is a series, any one is a parallel arrangement, and a majority lies between (k out of n: Barlow and Proschan
    1975). Raises ValueError or TypeError unless ``nodes`` is a whole number of at least 1.
    """
    return {
        "all are needed": threshold(nodes, nodes),
        "a majority is needed": majority(nodes),
        "any one is enough": threshold(nodes, 1),
    }


def series_parallel_view(nodes: int, up: float) -> View:
    """``nodes`` nodes, each up with probability ``up`` and independent, in series, as a majority and in parallel, in nines.

    Raises ValueError unless 0 < ``up`` < 1 and ``nodes`` is at least 1, TypeError for what is no number.
    """
    up = float(probability(up, "up", strictly=True))
    down = {way: float(unavailability(s, up)) for way, s in ways_to_need(nodes).items()}
    in_nines = {way: nines(unavailability=u) for way, u in down.items()}
    alone = nines(up)
    words = {way: f"{in_nines[way]:.1f} nines, down {a_year(u)} a year" for way, u in down.items()}
    rows = [(way, f"{u:.3g}", f"{in_nines[way]:.1f}", a_year(u)) for way, u in down.items()]
    if nodes == 1:
        sentence = (
            f"One node, up {percent(up)}: all, a majority and any one are the same node, so all three agree."
        )
    else:
        sentence = (
            f"{nodes} nodes, each up {percent(up)} ({alone:.1f} nines): needing all gives {in_nines['all are needed']:.1f} "
            f"nines, a majority {in_nines['a majority is needed']:.1f}, any one {in_nines['any one is enough']:.1f}."
        )
    title = f"{plural(nodes, 'node')}, {'each ' if nodes > 1 else ''}up {percent(up)}"
    alt = (
        f"Three dots on an axis of nines, with a dashed line at {alone:.1f} for one node alone: "
        + "; ".join(f"{way}: {text}" for way, text in words.items())
    )
    table = Table.of(("of the nodes", "unavailability", "nines", "down a year"), rows)
    return View(
        sentence, alt + ".", table, lambda figure: _draw_nines(figure, title, alone, in_nines, words),
        (7.0, 2.9), margins=(1.75, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _draw_nines(
    figure: "Figure", title: str, alone: float, in_nines: Mapping[str, float], words: Mapping[str, str]
) -> None:
    axes = figure.add_subplot(title=title, xlabel="nines of the whole (right is better)")
    limit = 1.25 * max(1.0, *in_nines.values())
    axes.axvline(alone, color=MUTED, linestyle="--", linewidth=1.6)
    beside(axes, "one node alone", (alone, -0.72), MUTED, left=alone > 0.5 * limit)
    for i, (way, value) in enumerate(in_nines.items()):
        colour = ACCENT if way == "a majority is needed" else INK
        axes.plot([value], [i], color=colour, marker="o", linestyle="", markersize=9)
        beside(axes, words[way], (value, i), colour, left=value > 0.5 * limit)
    name_rows(axes, list(in_nines), above=1.1, below=0.6)
    axes.set_xlim(0, limit)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x")


def one_two_three_view(up: float, any_one: bool = False) -> View:
    """Expected downtime a year with one, two and three members, each up with probability ``up`` and independent.

    A write needs a majority; with ``any_one`` the client reads from whichever member answers and accepts old data, which any
    single member can serve. Raises ValueError unless 0 < ``up`` < 1, TypeError for what is no number.
    """
    up = float(probability(up, "up", strictly=True))
    what = "Reads of possibly old data" if any_one else "Writes"
    needed = {n: 1 if any_one else quorum_size(n) for n in (1, 2, 3)}
    down = {n: float(unavailability(threshold(n, k), up)) for n, k in needed.items()}
    words = {n: a_year(u) for n, u in down.items()}
    rows = [(plural(n, "member"), f"{needed[n]} of {n}", f"{u:.3g}", words[n]) for n, u in down.items()]
    sentence = (
        f"{what}, each member up {percent(up)}: one member is out for {words[1]} a year, two for {words[2]} "
        f"({_how_long(down[2] / down[1])}), three for {words[3]} ({_how_long(down[3] / down[1])})."
    )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title=f"{what}: expected downtime a year")
        for i, (n, u) in enumerate(down.items()):
            colour = ACCENT if n == 2 else MUTED
            axes.barh(i, u, height=0.55, color=colour)
            beside(axes, words[n], (u, i), colour)
        name_rows(axes, [f"{plural(n, 'member')}, {k} needed" for n, k in needed.items()], above=0.5)
        axes.set_xlim(0, 1.35 * max(down.values()))
        axes.set_xticks([])
        axes.grid(visible=False)

    alt = (
        "Three bars of downtime a year: " + ", ".join(f"{plural(n, 'member')} {words[n]}" for n in down) + "."
    )
    table = Table.of(("cluster", "must be up", "unavailability", "down a year"), rows)
    return View(sentence, alt, table, draw, (7.0, 2.3), margins=(1.9, 0.3, 0.5, 0.2))


def extra_member_view(member_up: float, size: int) -> View:
    """How often a majority of 1 to 9 members is missing, odd sizes against even ones, on a logarithmic scale.

    ``member_up`` is the probability that a member is up, strictly between 0 and 1, members failing independently; ``size`` is
    the number of members that the sentence is about. Exact binomial sums, from ``quorumlab.availability``. Raises ValueError for
    a probability or size outside the picture, TypeError for what is no number.
    """
    member_up = float(probability(member_up, "member_up", strictly=True))
    size = whole(size, "size", most=SIZES[-1])
    up_exactly = Fraction(str(member_up))  # 1 - 0.995 as floats is not quite 0.005
    down = {n: float(unavailability(majority(n), up_exactly)) for n in SIZES}
    up = f"{'each ' if size > 1 else ''}up {percent(member_up)} of the time"
    state = f"{plural(size, 'member')}, {up}: no majority for {a_year(down[size])} a year"
    if size == 1:
        sentence = f"{state}."
    elif size % 2:
        sentence = f"{state}; {size - 1} would have {times(down[size - 1] / down[size])} that."
    else:
        sentence = (
            f"{state}, {times(down[size] / down[size - 1])} what {plural(size - 1, 'member')} would have."
        )
    rows = [
        (n, parity(n), f"{down[n]:.3g}", a_year(down[n]), "–" if n == 1 else times(down[n] / down[n - 1]))
        for n in SIZES
    ]
    alt = (
        f"Two falling lines over 1 to 9 members, members up {percent(member_up)} of the time. Filled circles are odd sizes, "
        f"hollow squares even ones; each even size lies above the odd size before it, and a dotted line goes from size to size. A ring marks {plural(size, 'member')}, "
        f"at {down[size]:.3g}."
    )
    columns = ("members", "odd or even", "without a majority", "a year", "against one member fewer")
    return View(
        sentence,
        alt,
        Table.of(columns, rows),
        lambda figure: _draw_odd_and_even(figure, size, down),
        (7.0, 3.8),
    )


def _draw_odd_and_even(figure: "Figure", size: int, down: Mapping[int, float]) -> None:
    axes = figure.add_subplot(
        title=f"{plural(size, 'member')}: no majority {down[size]:.3g} of the time",
        xlabel="members",
        ylabel=f"without a majority {LOG_SCALE}",
        yscale="log",
    )
    axes.plot(SIZES, [down[n] for n in SIZES], color=MUTED, marker="", linestyle=":", linewidth=1.2)
    if size > 1:
        step = down[size] / down[size - 1]
        words = f"×{in_figures(step)}" if step > 1 else f"÷{in_figures(1 / step)}"
        note(axes, words, (size, down[size]), (0, 17), INK, on=PAPER, ha="center")
    for start in (1, 2):
        sizes = range(start, 10, 2)
        look = parity_look(start)
        axes.plot(
            sizes, [down[n] for n in sizes], **look, markersize=9, linestyle="-" if start == 1 else "--"
        )
        note(axes, f"{parity(start)} sizes", (sizes[-1], down[sizes[-1]]), (14, 0), look["color"], on=PAPER)
    axes.plot([size], [down[size]], color=INK, marker="o", markersize=19, fillstyle="none", clip_on=False)
    axes.set_xticks(SIZES)
    axes.set_xlim(0.5, 10.4)
    axes.margins(y=0.09)  # for the words above the highest point
    if max(down.values()) < 10 * min(down.values()):  # perhaps no power of ten lies between them
        from matplotlib.ticker import LogLocator

        axes.yaxis.set_major_locator(LogLocator(subs=range(1, 10)))
    axes.yaxis.set_major_formatter(lambda share, _: _power_of_ten(share))
    axes.minorticks_off()


def _how_long(ratio: float) -> str:
    """How a downtime compares with that of one member: ``1.99 times as long``, ``34 times shorter``."""
    if math.isclose(ratio, 1):
        return "just as long"
    return f"{times(ratio)} as long" if ratio > 1 else f"{times(1 / ratio)} shorter"


def _power_of_ten(share: float) -> str:
    # An exponent set as a superscript would be smaller than the style sheet's text.
    return f"{share:g}" if share >= 1e-3 else f"{share:.0e}".replace("e-0", "e-")
