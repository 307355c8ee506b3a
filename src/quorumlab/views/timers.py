"""Timers on bad days: far members from a cold start, stalls, and what a crash costs meanwhile; all of it simulated."""

from collections.abc import Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

from quorumlab.arguments import number, time_ms
from quorumlab.experiments.timers import Minute, Price, price
from quorumlab.simulation import SimulatedCluster
from quorumlab.timing import MOST_ELECTION_MS
from quorumlab.views.draw import beside, lines_across, name_rows, note
from quorumlab.views.style import ACCENT, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import ms, plural, whole_ms

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MINUTE = 60.0
SHORTEST_MS = 10.0
"""Of an election timeout: heartbeats are a tenth of it, and a minute of shorter ones takes long to simulate."""


def distance_view(minutes: Mapping[float, Minute], election_ms: float = 1000) -> View:
    """For each round trip, in ms and rising, how much of its first minute a cluster had no leader, and what became of its leaders.

    ``election_ms`` is the election timeout, at which a line is drawn. Raises ValueError for no round trip, TypeError for a time that
    is no number.
    """
    timeout = time_ms(election_ms, "the election timeout", zero=False)
    if not minutes:
        raise ValueError("There is no round trip to show; give at least one with its minute.")
    told = {time_ms(rtt, "a round trip"): (minute, _leaders(minute)) for rtt, minute in minutes.items()}
    rows = [
        (
            ms(rtt),
            words,
            f"{minute.leaderless:.1f} s of 60",
            "–" if minute.needless is None else minute.needless,
        )
        for rtt, (minute, words) in told.items()
    ]
    steady = [rtt for rtt, (minute, _) in told.items() if minute[:2] == (1, 0)]
    wild = [rtt for rtt in told if rtt not in steady]
    sentence = (
        f"From a cold start, with an election timeout of {ms(timeout)}: "
        + (
            f"one leader that stays, up to a round trip of {ms(max(steady))}"
            if steady
            else "no leader that stays"
        )
        + (f"; from {ms(min(wild))} on none that stays." if wild and steady else ".")
    )
    alt = (
        "One bar for each round trip, as long as the time without a leader in the first minute. "
        + "; ".join(f"{rtt}: {without}, {words}" for rtt, words, without, _ in rows)
    )
    columns = ("round trip", "leaders in the first minute", "without a leader", "needless elections")
    height = 1.3 + 0.36 * len(rows)
    return View(
        sentence, f"{alt}.", Table.of(columns, rows), lambda figure: _draw_distance(figure, told, timeout),
        (7.0, height), (1.05, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _leaders(minute: Minute) -> str:
    if minute.leaders == 0:
        return "nobody is elected"
    return "one, and it stays" if minute[:2] == (1, 0) else f"{minute.leaders}, none of which stays"


def _draw_distance(figure: "Figure", told: Mapping[float, tuple[Minute, str]], timeout: float) -> None:
    axes = figure.add_subplot(title="The first minute, without a crash", xlabel="seconds without a leader")
    for row, (minute, words) in enumerate(told.values()):
        colour = ACCENT if minute[:2] == (1, 0) else VERMILION
        axes.barh([row], [minute.leaderless], height=0.56, color=colour)
        inside = minute.leaderless > MINUTE / 2
        note(axes, words, (minute.leaderless, row), (-8, 0) if inside else (8, 0), PAPER if inside else colour,
             ha="right" if inside else "left")  # fmt: skip
    beyond = next((row for row, rtt in enumerate(told) if rtt >= timeout), None)
    if beyond:
        axes.axhline(beyond - 0.5, color=MUTED, linestyle=":", linewidth=1.6, marker="")
        note(axes, f"a round trip as long as the election timeout, {ms(timeout)}", (MINUTE, beyond - 0.5), (0, 7),
             MUTED, ha="right", va="baseline")  # fmt: skip
    name_rows(axes, [ms(rtt) for rtt in told])
    axes.set_xlim(0, MINUTE)
    axes.set_ylabel("round trip")
    lines_across(axes)


def timers_view(election_ms: float, rtt_ms: float, stall_ms: float) -> View:
    """What an election timeout costs five members: elections that nobody needed, and the wait after a crash; all in ms.

    The leader's heartbeats come every tenth of the timeout. In a simulated minute it stalls for ``stall_ms`` twelve times; and ten
    times it is killed. Raises ValueError for a time out of range, TypeError for what is no number.
    """
    timeout = float(
        number(election_ms, "the election timeout", least=SHORTEST_MS, most=MOST_ELECTION_MS, unit="ms")
    )
    rtt = float(number(rtt_ms, "the round trip", least=0, most=MOST_ELECTION_MS, unit="ms"))
    stall = time_ms(stall_ms, "a stall")
    found = _priced(timeout, rtt, stall)
    wait = (
        "nobody is elected"
        if found.after_crash_ms is None
        else f"{whole_ms(found.after_crash_ms)} on average"
    )
    cost = "no needless election" if found.needless == 0 else plural(found.needless, "needless election")
    stalls = f"a minute with twelve stalls of {ms(stall)}" if stall else "a minute without a stall"
    sentence = (
        f"Heartbeat {ms(timeout / 10)}, election timeout {ms(timeout)}, round trip {ms(rtt)}: {stalls} costs {cost}; "
        f"after a crash there is no leader for {wait}."
        if found.after_crash_ms is not None
        else f"Heartbeat {ms(timeout / 10)}, election timeout {ms(timeout)}, round trip {ms(rtt)}: {wait} that stays."
    )
    rows = [(f"needless elections in {stalls}", found.needless), ("without a leader after a crash", wait)]
    alt = "Two bars, each on an axis of its own. " + "; ".join(f"{what}: {how}" for what, how in rows)
    return View(
        sentence, f"{alt}.", Table.of(("what", "simulated"), rows), lambda figure: _draw_timers(figure, found),
        (7.0, 2.6), (0.3, 0.3, 0.5, 0.65),
    )  # fmt: skip


@cache
def _priced(timeout: float, rtt: float, stall: float) -> Price:
    make = partial(
        SimulatedCluster,
        seed=1,
        latency_ms=rtt / 2,
        heartbeat_ms=timeout / 10,
        election_ms=timeout,
        record=False,
    )
    return price(make, stall / 1000)


MOST_ELECTIONS, MOST_WAIT_S = 30, 3.0


def _draw_timers(figure: "Figure", found: Price) -> None:
    left, right = figure.subplots(1, 2, gridspec_kw={"wspace": 0.18})
    left.set_title("nobody crashes")
    left.set_xlabel("needless elections in a minute")
    right.set_title("the leader crashes")
    right.set_xlabel("seconds without a leader")
    wait = found.after_crash_ms
    bars = (
        (left, found.needless, MOST_ELECTIONS, str(found.needless), found.needless > 0),
        (right, MOST_WAIT_S if wait is None else wait / 1000, MOST_WAIT_S,
         "nobody is elected" if wait is None else whole_ms(wait), wait is None),
    )  # fmt: skip
    for axes, value, most, words, bad in bars:
        colour = VERMILION if bad else ACCENT
        axes.barh([0], [min(value, most)], height=0.5, color=colour)
        full = value > 0.6 * most
        if full:
            note(axes, words, (min(value, most), 0), (-8, 0), PAPER, ha="right")
        else:
            beside(axes, words, (value, 0), colour)
        axes.set_xlim(0, most)
        axes.set_ylim(-0.6, 0.6)
        axes.set_yticks([])
        lines_across(axes)
