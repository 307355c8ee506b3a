"""Pictures of notebook 01: who stops with the only coordinator, what nines mean in hours, and what more nodes buy."""

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from quorumlab.availability import YEAR, downtime, nines, unavailability
from quorumlab.quorums import QuorumSystem, majority, quorum_size, threshold
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import in_words, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ROUND_AVAILABILITIES = (0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
PERIODS = {365: "a year", 30: "in 30 days", 1: "a day"}
TIME_TICKS = {0.1: "0.1 s", 1: "1 s", 60: "1 min", 3_600: "1 hour", 86_400: "1 day", 864_000: "10 days"}


def works_for(lease_s: float, copy_s: float) -> dict[str, float]:
    """How long each client's activity goes on after the only coordinator died, in seconds; `inf` is for ever.

    Best case: the lock was renewed, and the copy of the addresses refreshed, at the moment of the crash. `lease_s` is the
    time to live of the lock's lease, `copy_s` how long the finder of services trusts its copy. What needs a new decision or
    a first answer stops at 0. Raises ValueError for a negative time.
    """
    for name, seconds in (("lease", lease_s), ("copy", copy_s)):
        if not seconds >= 0:
            raise ValueError(
                f"The {name} lasts {seconds!r} s, but must last 0 s or more; give such a number."
            )
    return {
        "take a new lock": 0.0,
        "start up and read settings": 0.0,
        "hold a lock": float(lease_s),
        "find a service": float(copy_s),
        "run on settings read before": math.inf,
    }


REASON_TO_STOP = {"hold a lock": "then the lease ends", "find a service": "then the copy is stale"}


def clients_view(outage_s: float, lease_s: float, copy_s: float) -> View:
    """What the clients of a single coordinator can still do while it is away for `outage_s` seconds (see `works_for`).

    Raises ValueError unless the outage is longer than 0 s and the other times are 0 s or more.
    """
    if not outage_s > 0:
        raise ValueError(
            f"The outage lasts {outage_s!r} s, but must last longer than 0 s; give such a number."
        )
    lasts = works_for(lease_s, copy_s)
    at_once = sum(s == 0 for s in lasts.values())
    throughout = sum(s >= outage_s for s in lasts.values())
    later = len(lasts) - at_once - throughout

    def outcome(activity: str, seconds: float) -> str:
        if seconds >= outage_s:
            return "goes on throughout"
        if seconds == 0:
            return "stops at once"
        return f"{in_words(timedelta(seconds=seconds))}, {REASON_TO_STOP[activity]}"

    rows = [(activity, outcome(activity, seconds)) for activity, seconds in lasts.items()]
    sentence = (
        f"The only node is away for {in_words(timedelta(seconds=outage_s))}. Of {len(lasts)} things its clients do, "
        f"{_stop(at_once)} at once, {_stop(later)} later, and "
        f"{throughout} {'goes' if throughout == 1 else 'go'} on throughout with what was already known."
    )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title="What clients can still do", xlabel="time since the crash")
        for i, seconds in enumerate(lasts.values()):
            goes_on = seconds >= outage_s
            end = min(seconds, outage_s)
            axes.barh(i, end, height=0.5, color=ACCENT)
            if not goes_on:
                axes.plot([end], [i], color=VERMILION, marker="X", markersize=9, clip_on=False, zorder=3)
            if end > 0.55 * outage_s:
                _label(axes, end, i, rows[i][1], PAPER, left=True, background=ACCENT)
            else:
                _label(axes, end, i, rows[i][1], VERMILION, left=False)
        axes.set_yticks(range(len(lasts)), list(lasts))
        axes.set_ylim(len(lasts) - 0.5, -0.6)
        axes.set_xlim(0, outage_s)
        axes.set_xticks(
            [0, outage_s / 2, outage_s], ["crash", _short(outage_s / 2), f"back: {_short(outage_s)}"]
        )
        axes.grid(visible=False)

    alt = (
        f"A bar for each of {len(lasts)} activities, as long as it goes on during the outage: "
        + "; ".join(f"{activity}: {what}" for activity, what in rows)
        + "."
    )
    table = Table.of(("clients want to", "while the only node is away"), rows)
    return View(sentence, alt, table, draw, margins=(2.2, 0.6, 0.5, 0.65))


def _stop(count: int) -> str:
    return f"{count or 'none'} {'stops' if count <= 1 else 'stop'}"


def _short(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 60 else f"{seconds / 60:.3g} min"


def downtime_view(up: float, days: int = 365) -> View:
    """The availability `up` among round ones, and the downtime each allows in a period of 365, 30 or 1 `days`.

    The downtime is (1 - availability) × period. Raises ValueError for other periods or unless 0 < `up` < 1.
    """
    _check_up(up)
    if days not in PERIODS:
        raise ValueError(
            f"A period of {days!r} days is not shown; choose one of {', '.join(map(str, PERIODS))}."
        )
    shown = sorted({*ROUND_AVAILABILITIES, up})
    lengths = [downtime(1 - a) * (days / YEAR.days) for a in shown]
    words = [in_words(length) for length in lengths]
    rows = [
        (percent(a), f"{nines(a):.1f}", text, "chosen" if a == up else "")
        for a, text in zip(shown, words, strict=True)
    ]
    chosen = words[shown.index(up)]
    sentence = (
        f"A node that is up {percent(up)} of the time has {nines(up):.1f} nines: on average it is down for {chosen} "
        f"{PERIODS[days]}. One more nine would make it a tenth of that."
    )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"Downtime {PERIODS[days]}", xlabel="downtime: each nine divides it by ten", xscale="log"
        )
        seconds = [length.total_seconds() for length in lengths]
        low, high = min(seconds) / 3, max(seconds) * 3
        middle = math.sqrt(low * high)
        for i, (a, s, text) in enumerate(zip(shown, seconds, words, strict=True)):
            colour = ACCENT if a == up else MUTED
            axes.plot([s], [i], color=colour, marker="o", linestyle="", markersize=10 if a == up else 6)
            _label(axes, s, i, text, colour, left=s > middle)
        axes.set_yticks(range(len(shown)), [percent(a) for a in shown])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.set_ylabel("availability")
        axes.set_xlim(low, high)
        ticks = {t: text for t, text in TIME_TICKS.items() if low <= t <= high}
        axes.set_xticks(list(ticks), list(ticks.values()))
        axes.minorticks_off()
        axes.grid(axis="x")

    alt = f"A dot for each availability on a logarithmic axis of downtime {PERIODS[days]}; at {percent(up)} it is {chosen}."
    table = Table.of(("availability", "nines", f"downtime {PERIODS[days]}", ""), rows)
    return View(sentence, alt, table, draw, margins=(1.25, 0.3, 0.5, 0.65))


def ways_to_need(nodes: int) -> dict[str, QuorumSystem]:
    """Three ways to depend on `nodes` equal nodes, each as the system of groups that are enough.

    All of them is a series, any one is a parallel arrangement, and a majority lies between (k out of n: Barlow and Proschan
    1975). Raises ValueError or TypeError unless `nodes` is a whole number of at least 1.
    """
    return {
        "all are needed": threshold(nodes, nodes),
        "a majority is needed": majority(nodes),
        "any one is enough": threshold(nodes, 1),
    }


def series_parallel_view(nodes: int, up: float) -> View:
    """`nodes` nodes, each up with probability `up` and independent, in series, as a majority and in parallel, in nines.

    Raises ValueError unless 0 < `up` < 1 and `nodes` is at least 1.
    """
    _check_up(up)
    down = {way: float(unavailability(s, up)) for way, s in ways_to_need(nodes).items()}
    in_nines = {way: nines(unavailability=u) for way, u in down.items()}
    alone = nines(up)
    words = {way: f"{in_nines[way]:.1f} nines, down {_a_year(u)} a year" for way, u in down.items()}
    rows = [(way, f"{u:.3g}", f"{in_nines[way]:.1f}", _a_year(u)) for way, u in down.items()]
    if nodes == 1:
        sentence = (
            f"One node, up {percent(up)}: all, a majority and any one are the same node, so all three agree."
        )
    else:
        sentence = (
            f"{nodes} nodes, each up {percent(up)} ({alone:.1f} nines): needing all gives {in_nines['all are needed']:.1f} "
            f"nines, a majority {in_nines['a majority is needed']:.1f}, any one {in_nines['any one is enough']:.1f}."
        )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{plural(nodes, 'node')}, {'each ' if nodes > 1 else ''}up {percent(up)}",
            xlabel="nines of the whole (right is better)",
        )
        limit = 1.25 * max(1.0, *in_nines.values())
        axes.axvline(alone, color=MUTED, linestyle="--", linewidth=1.6)
        on_left = alone > 0.5 * limit
        _label(axes, alone, -0.72, "one node alone", MUTED, left=on_left)
        for i, (way, value) in enumerate(in_nines.items()):
            colour = ACCENT if way == "a majority is needed" else INK
            axes.plot([value], [i], color=colour, marker="o", linestyle="", markersize=9)
            _label(axes, value, i, words[way], colour, left=value > 0.5 * limit)
        axes.set_yticks(range(len(in_nines)), list(in_nines))
        axes.set_ylim(len(in_nines) - 0.4, -1.1)
        axes.set_xlim(0, limit)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x")

    alt = (
        f"Three dots on an axis of nines, with a dashed line at {alone:.1f} for one node alone: "
        + "; ".join(f"{way}: {text}" for way, text in words.items())
    )
    table = Table.of(("of the nodes", "unavailability", "nines", "down a year"), rows)
    return View(sentence, alt + ".", table, draw, (7.0, 2.9), margins=(1.75, 0.3, 0.5, 0.65))


def one_two_three_view(up: float, any_one: bool = False) -> View:
    """Expected downtime a year with one, two and three members, each up with probability `up` and independent.

    A write needs a majority; with `any_one` the client reads from whichever member answers and accepts old data, which any
    single member can serve. Raises ValueError unless 0 < `up` < 1.
    """
    _check_up(up)
    what = "Reads of possibly old data" if any_one else "Writes"
    needed = {n: 1 if any_one else quorum_size(n) for n in (1, 2, 3)}
    down = {n: float(unavailability(threshold(n, k), up)) for n, k in needed.items()}
    words = {n: in_words(downtime(u)) for n, u in down.items()}
    rows = [(plural(n, "member"), f"{needed[n]} of {n}", f"{u:.3g}", words[n]) for n, u in down.items()]
    sentence = (
        f"{what}, each member up {percent(up)}: one member is out for {words[1]} a year, two for {words[2]} "
        f"({_times(down[2] / down[1])}), three for {words[3]} ({_times(down[3] / down[1])})."
    )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title=f"{what}: expected downtime a year")
        limit = max(down.values())
        for i, (n, u) in enumerate(down.items()):
            colour = ACCENT if n == 2 else MUTED
            axes.barh(i, u, height=0.55, color=colour)
            _label(axes, u, i, words[n], colour, left=False)
        axes.set_yticks(range(3), [f"{plural(n, 'member')}, {k} needed" for n, k in needed.items()])
        axes.set_ylim(2.5, -0.5)
        axes.set_xlim(0, 1.35 * limit)
        axes.set_xticks([])
        axes.grid(visible=False)

    alt = (
        "Three bars of downtime a year: " + ", ".join(f"{plural(n, 'member')} {words[n]}" for n in down) + "."
    )
    table = Table.of(("cluster", "must be up", "unavailability", "down a year"), rows)
    return View(sentence, alt, table, draw, (7.0, 2.3), margins=(1.9, 0.3, 0.5, 0.2))


def _a_year(unavailability: float) -> str:
    # A timedelta holds no less than a microsecond; what is rarer still is not "no time".
    return in_words(max(downtime(unavailability), timedelta.resolution))


def _times(ratio: float) -> str:
    """How a downtime compares with that of one member: `1.99 times as long`, `34 times shorter`."""
    if math.isclose(ratio, 1):
        return "just as long"
    times = max(ratio, 1 / ratio)
    figure = f"{times:,.0f}" if times >= 1000 else f"{times:.3g}"
    return f"{figure} times as long" if ratio > 1 else f"{figure} times shorter"


def _check_up(up: float) -> None:
    if not 0 < up < 1:
        raise ValueError(
            f"up is {up!r}, but must lie between 0 and 1, both excluded; give 0.99, for example."
        )


def _label(
    axes: "Axes", x: float, y: float, text: str, colour: str, *, left: bool, background: str = PAPER
) -> None:
    """Words beside a mark, left or right of it, on a patch that keeps lines from crossing them."""
    axes.annotate(
        text,
        (x, y),
        (-11 if left else 11, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        color=colour,
        bbox={"facecolor": background, "edgecolor": "none", "pad": 1},
        annotation_clip=False,
    )
