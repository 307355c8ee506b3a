"""Pictures of notebook 05: how long elections take, which timeouts suit a round trip, and terms that run away.

The dissertation is Ongaro, "Consensus: Bridging Theory and Practice" (Stanford 2014); the advice on timeouts is etcd's, from
its "Tuning" page.
"""

from collections.abc import Mapping, Sequence
from statistics import mean, median
from typing import TYPE_CHECKING, NamedTuple

from quorumlab.experiments import expected_election_time, split_vote_probability
from quorumlab.views.one_node import percent
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLACES, SERIES, VERMILION
from quorumlab.views.view import Table, View, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = ("-", "--", "-.", ":")
TICKS_MS = {10: "10 ms", 100: "100 ms", 1_000: "1 s", 10_000: "10 s", 100_000: "100 s"}


def downtimes_view(runs: Mapping[str, Sequence[float]], title: str = "Time without a leader") -> View:
    """For each run the share of its elections that were over after a time: Figure 16 of the Raft paper for other data.

    `runs` maps a label to the times without a leader, in ms. Raises ValueError for no run, more than four, or a run in which
    there is no election or one that took no time.
    """
    if not 1 <= len(runs) <= len(SERIES):
        raise ValueError(f"{plural(len(runs), 'run')} cannot be told apart here; give 1 to {len(SERIES)}.")
    for label, times in runs.items():
        if not times or min(times) <= 0:
            raise ValueError(
                f"The run {label!r} needs elections that took more than 0 ms; give one number for each."
            )
    ordered = {label: sorted(times) for label, times in runs.items()}
    rows = [
        (label, f"{len(t):,}", *(f"{ms:,.0f} ms" for ms in (t[0], median(t), mean(t), t[-1])))
        for label, t in ordered.items()
    ]
    said = [
        f"{'' if len(rows) == 1 else label + ': '}half of {count} elections were over after {middle}, the longest took {worst}"
        for label, count, _, middle, _, worst in rows
    ]
    sentence = "; ".join(said) + "."

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=title, xlabel="time without a leader", ylabel="elections that were over", xscale="log"
        )
        slowest = max(ordered, key=lambda label: median(ordered[label]))
        for (label, times), colour, dash in zip(ordered.items(), SERIES, DASHES, strict=False):
            shares = [(i + 1) / len(times) for i in range(len(times))]
            axes.plot([times[0], *times], [0, *shares], color=colour, linestyle=dash, marker="")
            if len(ordered) > 1:
                behind = label == slowest  # its label goes to its right, below the rest of the curve
                place = (
                    (times[6 * len(times) // 10], 0.25) if behind else (times[62 * len(times) // 100], 0.62)
                )
                axes.annotate(
                    label,
                    place,
                    (9 if behind else -9, 0),
                    textcoords="offset points",
                    ha="left" if behind else "right",
                    va="center",
                    color=colour,
                    bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
                )
            else:
                middle = median(times)
                axes.plot([middle], [0.5], color=colour, marker="o", markersize=9)
                axes.annotate(
                    f"half: {middle:,.0f} ms",
                    (middle, 0.5),
                    (12, 0),
                    textcoords="offset points",
                    va="center",
                    color=colour,
                )
        shortest = min(t[0] for t in ordered.values())
        longest = max(t[-1] for t in ordered.values())
        axes.set_xlim(shortest / (2.5 if len(ordered) > 1 else 1.15), longest * 1.3)
        _time_axis(axes.xaxis, shortest / 2.5, longest * 1.3)
        axes.set_ylim(0, 1.03)
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")

    alt = "Rising curves over a logarithmic axis of time, one for each run: " + "; ".join(
        f"{label} from {least} to {worst}, its middle at {middle}"
        for label, _, least, middle, _, worst in rows
    )
    columns = ("run", "elections", "shortest", "median", "mean", "longest")
    return View(sentence, f"{alt}.", Table.of(columns, rows), draw, (7.0, 3.6))


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

    state = f"T = {timeout_ms} ms, round trip {rtt_ms:g} ms ({_number(timeout_ms / rtt_ms)} round trips): "
    if timeout_ms > rtt_ms:
        here = expected_ms(timeout_ms, rtt_ms, alive)
        sentence = (
            f"{state}{_share(split(timeout_ms))} of votes are split, "
            f"and a crash costs {_ms(here)} without a leader on average."
        )
    else:
        here = None
        sentence = f"{state}a candidate gives up before its votes are back, so there may never be a leader."
    rows = [
        (
            f"{ms} ms",
            _number(ms / rtt_ms),
            _share(split(ms)) if ms > rtt_ms else "–",
            _ms(expected_ms(ms, rtt_ms, alive)) if ms > rtt_ms else "perhaps never",
            "shown" if ms == timeout_ms else "",
        )
        for ms in TIMEOUTS_MS
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{alive} of {MEMBERS} are left, round trip {rtt_ms:g} ms",
            xlabel="election timeout T",
            ylabel="without a leader, on average",
            xscale="log",
            yscale="log",
        )
        low, high = TIMEOUTS_MS[0] / 1.3, TIMEOUTS_MS[-1] * 1.3
        grid = [ms for i in range(201) if (ms := low * (high / low) ** (i / 200)) > rtt_ms * 1.0001]
        axes.plot(
            grid, [expected_ms(ms, rtt_ms, alive) for ms in grid], color=ACCENT, linestyle="-", marker=""
        )
        if rtt_ms > low:
            axes.axvspan(low, rtt_ms, color=PLACES[1], linewidth=0)
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
            (12, -12) if left else (-12, 12),
            textcoords="offset points",
            ha="left" if left else "right",
            color=colour,
            va="center",
        )
        axes.set_xlim(low, high)
        axes.set_ylim(4, 20_000)
        _time_axis(axes.xaxis, low, high)
        _time_axis(axes.yaxis, 4, 20_000)

    alt = (
        f"A curve of the average time without a leader over the election timeout, both logarithmic, for a round trip of {rtt_ms:g} ms: "
        "steep where the timeout is near a round trip, then rising slowly with the timeout. "
        f"A mark stands at {timeout_ms} ms: {'perhaps never' if here is None else _ms(here)}."
    )
    columns = ("election timeout", "in round trips", "votes split", "average time without a leader", "")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.7), (0.95, 0.3, 0.5, 0.65))


class Advice(NamedTuple):
    """One line of etcd's advice: what it is about, the times it allows in ms, and whether they are kept, in a word."""

    what: str
    least: float
    most: float
    verdict: str


MOST_ELECTION_MS = 50_000


def tuning(rtt_ms: float, heartbeat_ms: float, election_ms: float) -> tuple[Advice, Advice]:
    """etcd's advice on the heartbeat interval and the election timeout for a round trip, and whether it is kept.

    Heartbeat: 0.5 to 1.5 round trips; a longer one is no danger, only slower than need be. Election timeout: at least 10
    round trips and at most 50 s; etcd refuses to start below 5 heartbeats. Raises ValueError for a time not above 0 ms.
    """
    for name, ms in (
        ("round trip", rtt_ms),
        ("heartbeat interval", heartbeat_ms),
        ("election timeout", election_ms),
    ):
        if not ms > 0:
            raise ValueError(f"The {name} is {ms!r} ms, but must be longer than 0 ms; give such a time.")
    low, high = 0.5 * rtt_ms, 1.5 * rtt_ms
    beat = (
        "too short"
        if heartbeat_ms < low
        else "longer than it need be"
        if heartbeat_ms > high
        else "as advised"
    )
    least = 10 * rtt_ms
    if election_ms < 5 * heartbeat_ms:
        wait = "refused: below 5 heartbeats"
    elif election_ms > MOST_ELECTION_MS:
        wait = "refused: above 50 s"
    else:
        wait = "too short" if election_ms < least else "as advised"
    return Advice("heartbeat interval", low, high, beat), Advice(
        "election timeout", least, MOST_ELECTION_MS, wait
    )


def tuning_view(rtt_ms: float, heartbeat_ms: float, election_ms: float) -> View:
    """Where the two timers stand, and where etcd's advice wants them for a round trip; see `tuning`. All times in ms."""
    advice = tuning(rtt_ms, heartbeat_ms, election_ms)
    chosen = (heartbeat_ms, election_ms)
    sentence = (
        f"Round trip {rtt_ms:g} ms: a heartbeat every {heartbeat_ms:g} ms is {advice[0].verdict}, "
        f"an election timeout of {election_ms:g} ms ({_number(election_ms / rtt_ms)} round trips) is {advice[1].verdict}."
    )
    rows = [
        ("round trip", f"{rtt_ms:g} ms", "", ""),
        *(
            (a.what, f"{ms:g} ms", f"{a.least:g} to {a.most:g} ms", a.verdict)
            for a, ms in zip(advice, chosen, strict=True)
        ),
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title="Two timers and what is advised", xscale="log")
        axes.plot([rtt_ms], [0], color=INK, marker="D", markersize=10)
        axes.annotate(
            f"{rtt_ms:g} ms", (rtt_ms, 0), (0, 12), textcoords="offset points", ha="center", color=INK
        )
        for row, (a, ms) in enumerate(zip(advice, chosen, strict=True), 1):
            fine = a.verdict in ("as advised", "longer than it need be")
            colour = ACCENT if fine else VERMILION
            if a.least < a.most:
                axes.barh([row], [a.most - a.least], left=[a.least], height=0.34, color=PLACES[0])
            axes.plot(
                [ms],
                [row],
                color=colour,
                marker="o" if fine else "X",
                markersize=11 if fine else 13,
                markerfacecolor=colour if a.verdict == "as advised" or not fine else PAPER,
            )
            near_edge = ms > 2_000
            axes.annotate(
                f"{ms:g} ms: {a.verdict}",
                (ms, row),
                (4 if near_edge else 0, 14),
                textcoords="offset points",
                ha="right" if near_edge else "center" if ms > 30 else "left",
                color=colour,
            )
        axes.set_yticks(range(3), ["round trip", "heartbeat\ninterval", "election\ntimeout"])
        axes.set_ylim(2.5, -0.6)
        axes.set_xlim(0.3, 70_000)
        axes.set_xticks([1, 10, 100, 1_000, 10_000], ["1 ms", "10 ms", "100 ms", "1 s", "10 s"])
        axes.minorticks_off()
        axes.grid(axis="y", visible=False)

    alt = (
        f"Three rows over a logarithmic axis of time. A diamond marks the round trip, {rtt_ms:g} ms. "
        + " ".join(
            f"The {a.what}, {ms:g} ms, is {a.verdict}; a bar shows {a.least:g} to {a.most:g} ms."
            for a, ms in zip(advice, chosen, strict=True)
        )
    )
    columns = ("", "now", "advised", "verdict")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.0), (1.05, 0.3, 0.5, 0.5))


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
        first = next(iter(runs.values()))
        axes.set_xlim(first[0].seconds, first[-1].seconds)
        axes.yaxis.get_major_locator().set_params(integer=True)

    alt = (
        "Steps that rise with the term, one line for each run, hatched below where there was no leader. "
        + (sentence)
    )
    columns = ("run", "first term", "last term", "without a leader")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.6))


def leaderless(looks: Sequence[Moment]) -> float:
    """The seconds without a leader: each look without one counts for the interval before the next."""
    pairs = zip(looks, looks[1:], strict=False)
    return sum(after.seconds - look.seconds for look, after in pairs if not look.led)


def _ms(ms: float) -> str:
    return f"{ms:,.0f} ms" if ms < 10_000 else f"{ms / 1000:,.0f} s"


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _share(share: float) -> str:
    return percent(float(f"{share:.2g}"))


def _time_axis(axis: object, low: float, high: float) -> None:
    """Logarithmic ticks in words, at 1, 2 and 5 of each power of ten where there are fewer than two powers."""
    ticks = [ms for ms in TICKS_MS if low <= ms <= high]
    if len(ticks) < 2:
        ticks = [k * ms for ms in TICKS_MS for k in (1, 2, 5) if low <= k * ms <= high]
    axis.set_ticks(ticks, labels=[f"{t} ms" if t < 1000 else f"{t / 1000:g} s" for t in ticks])  # type: ignore[attr-defined]
    axis.set_ticks([], minor=True)  # type: ignore[attr-defined]
