"""Picture of notebook 05: the two timers of a cluster against its round trip. The advice is etcd's, from its "Tuning" page."""

from typing import TYPE_CHECKING, NamedTuple

from quorumlab.views.style import ACCENT, INK, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
    round trips and 5 heartbeats, below which etcd refuses to start, and at most 50 s. Raises ValueError for a time not above 0 ms.
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
    least = max(10 * rtt_ms, 5 * heartbeat_ms)
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
        f"Round trip {_ms(rtt_ms)}: a heartbeat every {_ms(heartbeat_ms)} is {advice[0].verdict}, "
        f"an election timeout of {_ms(election_ms)} ({trips_in_words(election_ms, rtt_ms)}) is {advice[1].verdict}."
    )
    rows = [
        ("round trip", _ms(rtt_ms), "", ""),
        *((a.what, _ms(ms), _range(a), a.verdict) for a, ms in zip(advice, chosen, strict=True)),
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title="Two timers and what is advised", xscale="log")
        axes.plot([rtt_ms], [0], color=INK, marker="D", markersize=10)
        axes.annotate(_ms(rtt_ms), (rtt_ms, 0), (0, 12), textcoords="offset points", ha="center", color=INK)
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
                f"{_ms(ms)}: {a.verdict}",
                (ms, row),
                (4 if near_edge else 0, 14),
                textcoords="offset points",
                ha="right" if near_edge else "center" if ms > 30 else "left",
                color=colour,
            )
        axes.set_yticks(range(3), ["round trip", "heartbeat\ninterval", "election\ntimeout"])
        axes.set_ylim(2.5, -0.6)
        axes.set_xlim(0.3, 110_000)
        axes.set_xticks(
            [1, 10, 100, 1_000, 10_000, 100_000], ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"]
        )
        axes.minorticks_off()
        axes.grid(axis="y", visible=False)

    alt = (
        f"Three rows over a logarithmic axis of time. A diamond marks the round trip, {_ms(rtt_ms)}. "
        + " ".join(
            f"The {a.what}, {_ms(ms)}, is {a.verdict}; a bar shows {_range(a)}."
            for a, ms in zip(advice, chosen, strict=True)
        )
    )
    columns = ("", "now", "advised", "verdict")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.0), (1.05, 0.3, 0.5, 0.5))


def in_round_trips(ms: float, rtt_ms: float) -> str:
    """How many round trips fit into a time, to three digits."""
    return f"{ms / rtt_ms:,.0f}" if ms >= 100 * rtt_ms else f"{ms / rtt_ms:.3g}"


def trips_in_words(ms: float, rtt_ms: float) -> str:
    """`1 round trip`, `14.3 round trips`: a time in round trips, as `in_round_trips` counts them."""
    count = in_round_trips(ms, rtt_ms)
    return f"{count} round trip{'' if count == '1' else 's'}"


def _ms(ms: float) -> str:
    return f"{ms:,g} ms"


def _range(advice: Advice) -> str:
    return f"{advice.least:,g} to {_ms(advice.most)}"
