"""Election timeouts against the round trip: what a timeout costs, and where etcd's advice wants the two timers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from quorumlab.arguments import shown, time_ms, whole
from quorumlab.timing import Advice, expected_ms, split_vote_probability, tuning
from quorumlab.views.draw import LOG_SCALE, log_time_axis, name_rows, note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import ms, percent, whole_ms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MEMBERS = 5
TIMEOUTS_MS = (20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Election timeouts that ``election_time_view`` lists, in ms."""

LOWEST_MS, HIGHEST_MS = TIMEOUTS_MS[0] / 1.3, TIMEOUTS_MS[-1] * 1.3
"""The timeouts between which its curve is drawn."""


def election_time_view(timeout_ms: int, rtt_ms: float, crashed: int) -> View:
    """The price of a timeout that is too short, and of one that is too long, for five members.

    ``timeout_ms`` is T, one of ``TIMEOUTS_MS``; ``rtt_ms`` the round trip, above 0; ``crashed`` members are down, the old leader
    among them (1 or 2). Times and shares by the dissertation's formulas; see ``timing.expected_ms``. Raises ValueError
    otherwise, TypeError for what is no number.
    """
    if timeout_ms not in TIMEOUTS_MS:
        raise ValueError(
            f"The table has no timeout of {shown(timeout_ms)} ms; choose one of {', '.join(map(str, TIMEOUTS_MS))}."
        )
    rtt = time_ms(rtt_ms, "the round trip", zero=False)
    alive = MEMBERS - whole(crashed, "crashed", most=2)
    mean = expected_ms(timeout_ms, rtt, alive) if timeout_ms > rtt else None
    state = f"T = {timeout_ms:,} ms, round trip {rtt:g} ms ({trips_in_words(timeout_ms, rtt)}): "
    if mean is not None:
        sentence = (
            f"{state}{_split(timeout_ms, rtt, alive)} of votes are split, "
            f"and a crash costs {whole_ms(mean)} without a leader on average."
        )
    else:
        sentence = (
            f"{state}a round trip is no shorter than the timeout, so candidates may stand again before their votes are back, "
            "and a leader may give up before it is answered."
        )
    timeouts, means = _curve(rtt, alive)
    lowest = timeouts[means.index(min(means))]
    shape = (
        "rising with the timeout"
        if lowest == timeouts[0]
        else f"lowest at about {lowest:,.0f} ms, rising to both sides"
    )
    alt = (
        f"A curve of the average time without a leader over the election timeout, both logarithmic, for a round trip of {rtt:g} ms: "
        f"{shape}. {'Shaded: timeouts of a round trip or less. ' if rtt > LOWEST_MS else ''}"
        f"A mark stands at {timeout_ms:,} ms: {'perhaps never' if mean is None else whole_ms(mean)}."
    )
    columns = ("election timeout", "in round trips", "votes split", "average time without a leader", "")
    title = f"{alive} of {MEMBERS} are left, round trip {rtt:g} ms"
    return View(
        sentence, alt, Table.of(columns, _rows(timeout_ms, rtt, alive)),
        lambda figure: _draw_election_time(figure, title, timeout_ms, rtt, mean, (timeouts, means)),
        (7.0, 3.7), (0.95, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _rows(timeout_ms: int, rtt: float, alive: int) -> list[tuple[str, ...]]:
    return [
        (
            f"{t:,} ms",
            in_round_trips(t, rtt),
            _split(t, rtt, alive) if t > rtt else "–",
            whole_ms(expected_ms(t, rtt, alive)) if t > rtt else "perhaps never",
            "shown" if t == timeout_ms else "",
        )
        for t in TIMEOUTS_MS
    ]


def _curve(rtt: float, alive: int) -> tuple[list[float], list[float]]:
    """Timeouts longer than a round trip, evenly on the logarithmic axis, and the mean time without a leader for each."""
    grid = [LOWEST_MS * (HIGHEST_MS / LOWEST_MS) ** (i / 200) for i in range(201)]
    timeouts = [timeout for timeout in grid if timeout > rtt * 1.0001]
    return timeouts, [expected_ms(timeout, rtt, alive) for timeout in timeouts]


def _split(timeout_ms: float, rtt: float, alive: int) -> str:
    share = split_vote_probability(MEMBERS, alive, rtt / 2 / timeout_ms)
    return percent(float(f"{share:.2g}")) if share >= 1e-4 else "under 0.01 %"


def _draw_election_time(
    figure: "Figure",
    title: str,
    timeout_ms: int,
    rtt: float,
    mean: float | None,
    curve: tuple[list[float], list[float]],
) -> None:
    axes = figure.add_subplot(
        title=title,
        xlabel="election timeout T (both scales are logarithmic)",
        ylabel="without a leader, on average",
        xscale="log",
        yscale="log",
    )
    axes.plot(*curve, color=ACCENT, linestyle="-", marker="")
    _draw_round_trips(axes, rtt)
    left = timeout_ms < 1000
    if mean is None:
        at, words, colour, above = 3000.0, "perhaps never", VERMILION, (12.0, 10.0) if left else (-12.0, 12.0)
        axes.plot([timeout_ms], [at], color=colour, marker="X", markersize=13)
    else:
        at, words, colour, above = mean, whole_ms(mean), INK, (12.0, -12.0) if left else (-12.0, 12.0)
        axes.plot([timeout_ms], [at], color=colour, marker="o", markersize=12)
    ha = "left" if left else "right"
    note(axes, words, (timeout_ms, at), above, colour, on=None if mean is None else PAPER, ha=ha)
    axes.set_xlim(LOWEST_MS, HIGHEST_MS)
    axes.set_ylim(4, 20_000)
    log_time_axis(axes.xaxis, LOWEST_MS, HIGHEST_MS)
    log_time_axis(axes.yaxis, 4, 20_000)


def _draw_round_trips(axes: "Axes", rtt: float) -> None:
    """Shade the timeouts of one round trip or less, and mark ten of them."""
    if rtt > LOWEST_MS:
        axes.axvspan(LOWEST_MS, rtt, color=PLACES[1], linewidth=0)
        if rtt > 6 * LOWEST_MS:
            note(axes, "a round trip or less", (LOWEST_MS, 11_000), (6, 0), MUTED)
        else:
            note(axes, "← a round trip or less", (rtt, 11_000), (4, 0), MUTED)
    ten = 10 * rtt
    if LOWEST_MS < ten < HIGHEST_MS:
        axes.axvline(ten, color=MUTED, linestyle=":", linewidth=1.6, marker="")
        right = ten < 2_000
        note(
            axes, "10 round trips", (ten, 7), (5 if right else -5, 0), MUTED, ha="left" if right else "right"
        )


def tuning_view(rtt_ms: float, heartbeat_ms: float, election_ms: float) -> View:
    """Where the two timers stand, and where etcd's advice wants them for a round trip; see ``timing.tuning``. All times in ms.

    Raises ValueError for a time not above 0 ms, TypeError for what is no number.
    """
    advice = tuning(rtt_ms, heartbeat_ms, election_ms)
    chosen = (heartbeat_ms, election_ms)
    sentence = (
        f"Round trip {ms(rtt_ms)}: a heartbeat every {ms(heartbeat_ms)} is {advice[0].verdict}, "
        f"an election timeout of {ms(election_ms)} ({trips_in_words(election_ms, rtt_ms)}) is {advice[1].verdict}."
    )
    rows = [
        ("round trip", ms(rtt_ms), "", ""),
        *((a.what, ms(time), _range(a), a.verdict) for a, time in zip(advice, chosen, strict=True)),
    ]
    alt = (
        f"Three rows over a logarithmic axis of time. A diamond marks the round trip, {ms(rtt_ms)}. "
        + " ".join(
            f"The {a.what}, {ms(time)}, is {a.verdict}; a bar shows {_range(a)}."
            for a, time in zip(advice, chosen, strict=True)
        )
    )
    columns = ("", "now", "advised", "verdict")
    return View(
        sentence, alt, Table.of(columns, rows), lambda figure: _draw_timers(figure, rtt_ms, advice, chosen),
        (7.0, 3.0), (1.05, 0.3, 0.5, 0.5),
    )  # fmt: skip


def _draw_timers(figure: "Figure", rtt: float, advice: Sequence[Advice], chosen: Sequence[float]) -> None:
    axes = figure.add_subplot(title=f"Two timers and what is advised {LOG_SCALE}", xscale="log")
    axes.plot([rtt], [0], color=INK, marker="D", markersize=10)
    note(axes, ms(rtt), (rtt, 0), (0, 12), INK, ha="center", va="baseline")
    for row, (a, time) in enumerate(zip(advice, chosen, strict=True), 1):
        fine = a.verdict in ("as advised", "longer than it need be", "shorter than it need be")
        colour = ACCENT if fine else VERMILION
        if a.least < a.most:
            axes.barh([row], [a.most - a.least], left=[a.least], height=0.34, color=PLACES[0])
        axes.plot(
            [time], [row], color=colour, marker="o" if fine else "X", markersize=11 if fine else 13,
            markerfacecolor=PAPER if fine and a.verdict != "as advised" else colour,
        )  # fmt: skip
        near_edge = time > 2_000
        ha = "right" if near_edge else "center" if time > 30 else "left"
        shift = (4.0 if near_edge else 0.0, 14.0)
        note(axes, f"{ms(time)}: {a.verdict}", (time, row), shift, colour, ha=ha, va="baseline")
    name_rows(axes, ["round trip", "heartbeat\ninterval", "election\ntimeout"])
    axes.set_xlim(0.3, 110_000)
    log_time_axis(axes.xaxis, 0.3, 110_000)
    axes.grid(axis="y", visible=False)


def in_round_trips(time_ms: float, rtt_ms: float) -> str:
    """How many round trips fit into a time, to three digits."""
    trips = float(time_ms / rtt_ms)
    return f"{trips:,.0f}" if trips >= 100 else f"{trips:.3g}"


def trips_in_words(time_ms: float, rtt_ms: float) -> str:
    """``1 round trip``, ``14.3 round trips``: a time in round trips, as ``in_round_trips`` counts them."""
    count = in_round_trips(time_ms, rtt_ms)
    return f"{count} round trip{'' if count == '1' else 's'}"


def _range(advice: Advice) -> str:
    return f"{advice.least:,g} to {ms(advice.most)}"
