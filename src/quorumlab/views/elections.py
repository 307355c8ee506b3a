"""Pictures of notebook 05: how long elections take, what a timeout costs, and terms that run away.

The dissertation is Ongaro, "Consensus: Bridging Theory and Practice" (Stanford 2014).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import mean, median
from typing import TYPE_CHECKING, NamedTuple

from quorumlab.experiments import expected_election_time, split_vote_probability
from quorumlab.experiments.figure_16 import SHARES, Measured
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLACES, SERIES, VERMILION
from quorumlab.views.timers import in_round_trips, trips_in_words
from quorumlab.views.view import Table, View
from quorumlab.words import percent, plural

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

DASHES = ("-", "--", "-.", ":")
TICKS_MS = {10: "10 ms", 100: "100 ms", 1_000: "1 s", 10_000: "10 s", 100_000: "100 s"}


def downtimes_view(
    runs: Mapping[str, Sequence[float]],
    title: str = "Time without a leader",
    published: Mapping[str, Measured] | None = None,
) -> View:
    """For each run the share of its elections that were over after a time, as in Figure 16 of the Raft paper.

    `runs` maps a label to the times without a leader, in ms; where `published` has that label too, what was measured elsewhere is
    marked beside the curve. Raises ValueError for no run, more than four, or a run in which there is no election or one that
    took no time.
    """
    published = {label: row for label, row in (published or {}).items() if label in runs}
    if not 1 <= len(runs) <= len(SERIES):
        raise ValueError(f"{plural(len(runs), 'run')} cannot be told apart here; give 1 to {len(SERIES)}.")
    for label, times in runs.items():
        if not times or min(times) <= 0:
            raise ValueError(
                f"The run {label!r} needs elections that took more than 0 ms; give one number for each."
            )
    ordered = {label: sorted(times) for label, times in runs.items()}
    rows = []
    said = []
    for label, times in ordered.items():
        row = (label, f"{len(times):,}", *map(_ms, (times[0], median(times), mean(times), times[-1])))
        rows.append(row)
        said.append(
            f"{'' if len(runs) == 1 else label + ': '}half of {row[1]} elections were over after {row[3]}, the longest took {row[5]}"
        )
        if label in published:
            at, average, longest = published[label]
            middle = at[SHARES.index(0.5)]
            rows.append((f"{label}, published", "1,000", "–", *map(_ms, (middle, average, longest))))
    sentence = "; ".join(said) + (". Circles: as published." if published else ".")

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=title, xlabel="time without a leader", ylabel="elections that were over", xscale="log"
        )
        for (label, times), colour, dash in zip(ordered.items(), SERIES, DASHES, strict=False):
            shares = [(i + 1) / len(times) for i in range(len(times))]
            axes.plot([times[0], *times], [0, *shares], color=colour, linestyle=dash, marker="", label=label)
            if label in published:
                axes.plot(
                    published[label].at, SHARES, color=colour, linestyle="", marker="o", markersize=7,
                    markerfacecolor="none", markeredgewidth=1.4,
                )  # fmt: skip
        if published:
            axes.plot(
                [], [], color=MUTED, linestyle="", marker="o", markerfacecolor="none", label="published"
            )
        if len(ordered) > 1:
            axes.legend(loc="lower right")
        else:
            (times,) = ordered.values()
            middle = median(times)
            axes.plot([middle], [0.5], color=SERIES[0], marker="o", markersize=9)
            axes.annotate(
                f"half: {_ms(middle)}",
                (middle, 0.5),
                (12, 0),
                textcoords="offset points",
                va="center",
                color=SERIES[0],
            )
        shortest = min(t[0] for t in ordered.values()) / 1.15
        longest = max(t[-1] for t in ordered.values()) * (2 if len(ordered) > 1 else 1.3)
        axes.set_xlim(shortest, longest)
        _time_axis(axes.xaxis, shortest, longest)
        axes.set_ylim(0, 1.03)
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")

    alt = "Rising curves over a logarithmic axis of time, one for each run: " + "; ".join(
        f"{label} from {least} to {worst}, its middle at {middle}"
        for label, _, least, middle, _, worst in rows
        if label in ordered
    )
    circles = ". Open circles mark what was published, for the shares from 1 to 99 %" if published else ""
    columns = ("run", "elections", "shortest", "median", "mean", "longest")
    return View(sentence, f"{alt}{circles}.", Table.of(columns, rows), draw, (7.0, 3.6))


MEMBERS = 5
TIMEOUTS_MS = (20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Election timeouts that `election_time_view` lists, in ms."""


def expected_ms(timeout_ms: float, rtt_ms: float, alive: int) -> float:
    """How long five members are without a leader on average, in ms, from the crash to the new leader's first heartbeat.

    `timeout_ms` is T, timeouts being drawn from [T, 2T) and heartbeats sent every T/2; `rtt_ms` the round trip; `alive` of
    five members are left. The dissertation's formula (§9.3, `expected_election_time`) counts from the moment at which followers would
    have the last heartbeat to the decision; that heartbeat's way and the first new one's are two one-way latencies more.
    Raises ValueError unless `rtt_ms` < `timeout_ms`: a candidate waits that long for its votes.
    """
    if not 0 <= rtt_ms < timeout_ms:
        raise ValueError(
            f"With T = {timeout_ms:g} ms a candidate may not wait for votes that take a round trip of {rtt_ms:g} ms; "
            f"choose a timeout above {rtt_ms:g} ms."
        )
    one_way = rtt_ms / 2 / timeout_ms
    return timeout_ms * (expected_election_time(MEMBERS, alive, one_way) + 2 * one_way)


def election_time_view(timeout_ms: int, rtt_ms: float, crashed: int) -> View:
    """The price of a timeout that is too short, and of one that is too long, for five members.

    `timeout_ms` is T, one of `TIMEOUTS_MS`; `rtt_ms` the round trip, above 0; `crashed` members are down, the old leader
    among them (1 or 2). Times and shares by the dissertation's formulas; see `expected_ms`. Raises ValueError otherwise.
    """
    if timeout_ms not in TIMEOUTS_MS:
        raise ValueError(
            f"The table has no timeout of {timeout_ms!r} ms; choose one of {', '.join(map(str, TIMEOUTS_MS))}."
        )
    if crashed not in (1, 2) or not rtt_ms > 0:
        raise ValueError(
            f"{crashed!r} crashed at a round trip of {rtt_ms!r} ms is not shown; choose 1 or 2, and a time above 0 ms."
        )
    alive = MEMBERS - crashed

    def split(ms: float) -> float:
        return split_vote_probability(MEMBERS, alive, rtt_ms / 2 / ms)

    state = f"T = {timeout_ms:,} ms, round trip {rtt_ms:g} ms ({trips_in_words(timeout_ms, rtt_ms)}): "
    if timeout_ms > rtt_ms:
        here = expected_ms(timeout_ms, rtt_ms, alive)
        sentence = (
            f"{state}{_share(split(timeout_ms))} of votes are split, "
            f"and a crash costs {_ms(here)} without a leader on average."
        )
    else:
        here = None
        sentence = (
            f"{state}a round trip is no shorter than the timeout, so candidates may stand again before their votes are back, "
            "and a leader may give up before it is answered."
        )
    rows = [
        (
            f"{ms:,} ms",
            in_round_trips(ms, rtt_ms),
            _share(split(ms)) if ms > rtt_ms else "–",
            _ms(expected_ms(ms, rtt_ms, alive)) if ms > rtt_ms else "perhaps never",
            "shown" if ms == timeout_ms else "",
        )
        for ms in TIMEOUTS_MS
    ]
    low, high = TIMEOUTS_MS[0] / 1.3, TIMEOUTS_MS[-1] * 1.3
    grid = [ms for i in range(201) if (ms := low * (high / low) ** (i / 200)) > rtt_ms * 1.0001]
    curve = [expected_ms(ms, rtt_ms, alive) for ms in grid]
    lowest = grid[curve.index(min(curve))]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{alive} of {MEMBERS} are left, round trip {rtt_ms:g} ms",
            xlabel="election timeout T",
            ylabel="without a leader, on average",
            xscale="log",
            yscale="log",
        )
        axes.plot(grid, curve, color=ACCENT, linestyle="-", marker="")
        if rtt_ms > low:
            axes.axvspan(low, rtt_ms, color=PLACES[1], linewidth=0)
            wide = rtt_ms > 6 * low
            axes.annotate(
                "a round trip or less" if wide else "← a round trip or less",
                (low if wide else rtt_ms, 11_000),
                (6 if wide else 4, 0),
                textcoords="offset points",
                color=MUTED,
                va="center",
            )
        ten = 10 * rtt_ms
        if low < ten < high:
            axes.axvline(ten, color=MUTED, linestyle=":", linewidth=1.6, marker="")
            axes.annotate(
                "10 round trips",
                (ten, 7),
                (5 if ten < 2_000 else -5, 0),
                textcoords="offset points",
                ha="left" if ten < 2_000 else "right",
                color=MUTED,
                va="center",
            )
        if here is None:
            axes.plot([timeout_ms], [3000], color=VERMILION, marker="X", markersize=13)
            words, height, colour = "perhaps never", 3000.0, VERMILION
        else:
            axes.plot([timeout_ms], [here], color=INK, marker="o", markersize=12)
            words, height, colour = _ms(here), here, INK
        left = timeout_ms < 1000
        axes.annotate(
            words,
            (timeout_ms, height),
            (-12, 12) if not left else (12, 10) if here is None else (12, -12),
            textcoords="offset points",
            ha="left" if left else "right",
            color=colour,
            va="center",
            bbox=None if here is None else {"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )
        axes.set_xlim(low, high)
        axes.set_ylim(4, 20_000)
        _time_axis(axes.xaxis, low, high)
        _time_axis(axes.yaxis, 4, 20_000)

    alt = (
        f"A curve of the average time without a leader over the election timeout, both logarithmic, for a round trip of {rtt_ms:g} ms: "
        f"{'rising with the timeout' if lowest == grid[0] else f'lowest at about {lowest:,.0f} ms, rising to both sides'}. "
        f"{'Shaded: timeouts of a round trip or less. ' if rtt_ms > low else ''}"
        f"A mark stands at {timeout_ms:,} ms: {'perhaps never' if here is None else _ms(here)}."
    )
    columns = ("election timeout", "in round trips", "votes split", "average time without a leader", "")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.7), (0.95, 0.3, 0.5, 0.65))


class Moment(NamedTuple):
    """A look at a cluster: when, in seconds; the highest term of any member; whether a leader has a quorum behind it."""

    seconds: float
    term: int
    led: bool


def terms_view(runs: Mapping[str, Sequence[Moment]], away: Sequence[tuple[float, float]] = ()) -> View:
    """How terms grow over time, and when there was no leader, for one or two runs.

    `runs` maps a label to looks taken at equal intervals; `away` are the times, from and to in seconds, at which a member was
    cut off. Raises ValueError for no run, more than two, or a run of fewer than two looks.
    """
    if not 1 <= len(runs) <= 2:
        raise ValueError(f"{plural(len(runs), 'run')} cannot be shown here; give one or two.")
    for label, looks in runs.items():
        if len(looks) < 2:
            raise ValueError(f"The run {label!r} has {plural(len(looks), 'look')}; give at least two.")
    facts = {label: (looks[0].term, looks[-1].term, leaderless(looks)) for label, looks in runs.items()}
    sentence = (
        "; ".join(
            f"{label}: term {first} to {last}, {without:.2f} s without a leader"
            for label, (first, last, without) in facts.items()
        )
        + "."
    )
    rows = [(label, first, last, f"{without:.2f} s") for label, (first, last, without) in facts.items()]

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import MaxNLocator

        axes = figure.add_subplot(title="Terms, and times without a leader", xlabel="seconds", ylabel="term")
        top = max(look.term for looks in runs.values() for look in looks)
        for start, end in away:
            axes.axvspan(start, end, color=PLACES[4], linewidth=0)
        if away:
            axes.text(
                away[0][0], top * 1.28, " grey: one member is cut off", color=MUTED, va="top", ha="left"
            )
        for (label, looks), colour, dash in zip(runs.items(), (VERMILION, ACCENT), DASHES, strict=False):
            times, terms = [look.seconds for look in looks], [look.term for look in looks]
            axes.step(times, terms, where="post", color=colour, linestyle=dash, marker="")
            axes.fill_between(
                times, terms, step="post", where=[not look.led for look in looks], facecolor=PAPER,
                edgecolor=colour, hatch="////", linewidth=0,
            )  # fmt: skip
            axes.annotate(
                label, (times[-1], terms[-1]), (-4, 9), textcoords="offset points", ha="right", color=colour
            )
        axes.set_ylim(0, top * 1.3 + 0.4)
        axes.set_xlim(
            min(looks[0].seconds for looks in runs.values()),
            max(looks[-1].seconds for looks in runs.values()),
        )
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))

    alt = (
        "Steps that rise with the term, one line for each run, hatched below where there was no leader. "
        + (sentence)
    )
    columns = ("run", "first term", "last term", "without a leader")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.6))


def leaderless(looks: Sequence[Moment]) -> float:
    """The seconds without a leader: each look without one counts for the interval before the next."""
    return sum(after.seconds - look.seconds for look, after in pairwise(looks) if not look.led)


def _ms(ms: float) -> str:
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:,.0f} s"


def _share(share: float) -> str:
    return percent(float(f"{share:.2g}")) if share >= 1e-4 else "under 0.01 %"


def _time_axis(axis: "Axis", low: float, high: float) -> None:
    """Logarithmic ticks in words, at 1, 2 and 5 of each power of ten where there are fewer than two powers."""
    ticks = [ms for ms in TICKS_MS if low <= ms <= high]
    if len(ticks) < 2:
        ticks = [k * ms for ms in TICKS_MS for k in (1, 2, 5) if low <= k * ms <= high]
    axis.set_ticks(ticks, labels=[f"{t} ms" if t < 1000 else f"{t / 1000:g} s" for t in ticks])
    axis.set_ticks([], minor=True)
