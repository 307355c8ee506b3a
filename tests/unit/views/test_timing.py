"""Timeouts against the round trip in pictures, against numbers made another way."""

import re
from itertools import product
from math import comb
from statistics import mean

import pytest

from quorumlab.experiments import elections
from quorumlab.timing import expected_ms, tuning
from quorumlab.views.timing import TIMEOUTS_MS, election_time_view, tuning_view

TRIPS = (1, 10, 20, 70, 190)


RTTS, HEARTBEATS, TIMEOUTS = (
    (1, 5, 20, 70, 100, 190, 400),
    (10, 50, 100, 200, 500),
    (100, 500, 1000, 2000, 5000, 60_000),
)


def number(cell: str) -> float:
    found = re.match(r"[\d.,]+", cell)
    assert found, cell
    return float(found[0].replace(",", ""))


@pytest.mark.parametrize(
    ("timeout", "trip", "crashed"), [*list(product(TIMEOUTS_MS, TRIPS, (1, 2)))[::3], (5000, 190, 2)]
)
def test_election_time_says_what_the_formulas_say(timeout: int, trip: int, crashed: int) -> None:
    view = election_time_view(timeout, trip, crashed)
    alive = 5 - crashed
    for ms, row in zip(TIMEOUTS_MS, view.table.rows, strict=True):
        assert (row[4] == "shown") == (ms == timeout)
        if ms <= trip:
            assert row[2:4] == ("–", "perhaps never")
            continue
        one_way = trip / 2 / ms
        # Split unless enough of the others stand later than one trip after the first: the complement, term by term.
        held = sum(
            comb(alive, k) * one_way**k * (1 - one_way) ** (alive - k) for k in range(max(alive - 2, 0))
        )
        if 1 - held < 1e-4:
            assert row[2] == "under 0.01 %"
        else:
            assert number(row[2]) / 100 == pytest.approx(1 - held, rel=0.06)
        longer = ms * ((1 + 1 / (alive + 1) + one_way) / held + 3 * one_way - 1 / 4)
        assert number(row[3]) == pytest.approx(longer, abs=0.51)
    shown = view.table.rows[TIMEOUTS_MS.index(timeout)]
    if timeout > trip:
        assert (
            f"{shown[2]} of votes are split, and a crash costs {shown[3]} without a leader" in view.sentence
        )
    else:
        assert "a round trip is no shorter than the timeout" in view.sentence
    assert view.alt.endswith(f"at {timeout:,} ms: {shown[3]}.")


@pytest.mark.parametrize(("timeout", "trip", "alive"), [(200, 20, 4), (100, 10, 3), (1000, 70, 4)])
def test_elections_take_as_long_as_the_view_says(timeout: int, trip: float, alive: int) -> None:
    took = [
        election.downtime
        for election in elections((timeout, 2 * timeout), 300, 3, alive=alive, one_way_ms=trip / 2, disk_ms=0)
    ]
    spread = (sum((t - mean(took)) ** 2 for t in took) / len(took)) ** 0.5
    assert mean(took) == pytest.approx(expected_ms(timeout, trip, alive), abs=4 * spread / len(took) ** 0.5)


@pytest.mark.parametrize(("trip", "lowest"), [(1, None), (10, 18), (20, 36), (70, 126), (190, 343)])
def test_the_lowest_point_and_the_shaded_side_are_said(trip: int, lowest: int | None) -> None:
    """Found by another search: the least of `expected_ms` over whole milliseconds, for one member down."""
    view = election_time_view(200, trip, 1)
    (axes,) = view.figure().axes
    words = " ".join(text.get_text() for text in axes.texts)
    assert ("a round trip or less" in words) == ("Shaded" in view.alt) == (trip > 20 / 1.3)
    if lowest is None:
        assert "rising with the timeout." in view.alt
        return
    assert lowest == min(range(trip + 1, 10 * trip), key=lambda ms: expected_ms(ms, trip, 4))
    said = re.search(r"lowest at about (\d+) ms", view.alt)
    assert said and int(said[1]) == pytest.approx(lowest, rel=0.03)


def test_timers_of_one_and_of_fewer_round_trips_are_said_so() -> None:
    assert "(1 round trip):" in election_time_view(20, 20, 1).sentence
    assert "(10 round trips):" in election_time_view(200, 20, 1).sentence
    assert "(1 round trip)" in tuning_view(100, 100, 100).sentence


@pytest.mark.parametrize("arguments", [(30, 10, 1), (200, 0, 1), (200, -1, 1), (200, 10, 0), (200, 10, 3)])
def test_election_time_refuses_what_it_cannot_show(arguments: tuple[int, float, int]) -> None:
    with pytest.raises(ValueError, match="choose"):
        election_time_view(*arguments)


def by_the_book(rtt: float, heartbeat: float, election: float) -> tuple[bool, bool, bool]:
    """Whether the heartbeat is not too short, whether etcd starts, and whether all advice on the timeout is kept."""
    starts = election >= 5 * heartbeat and election <= 50_000
    return heartbeat >= rtt / 2, starts, starts and election >= 10 * rtt


@pytest.mark.parametrize("trip", RTTS)
def test_tuning_is_etcds_advice(trip: float) -> None:
    for heartbeat, election in product(HEARTBEATS, TIMEOUTS):
        beat, wait = tuning(trip, heartbeat, election)
        enough, starts, kept = by_the_book(trip, heartbeat, election)
        assert (beat.verdict == "shorter than it need be") != enough
        assert (beat.verdict == "as advised") == (trip / 2 <= heartbeat <= 3 * trip / 2)
        assert wait.verdict.startswith("refused") != starts
        assert (wait.verdict == "as advised") == kept
        view = tuning_view(trip, heartbeat, election)
        for advice, row in zip((beat, wait), view.table.rows[1:], strict=True):
            assert row[0] == advice.what and row[3] == advice.verdict and advice.verdict in view.sentence
            assert f"is {advice.verdict}" in view.alt


def test_a_timeout_that_etcd_refuses_lies_outside_the_bar() -> None:
    for trip, heartbeat, election in product(RTTS, HEARTBEATS, TIMEOUTS):
        view = tuning_view(trip, heartbeat, election)
        (axes,) = view.figure().axes
        bar = axes.patches[-1].get_bbox()
        inside = bar.x0 <= election <= bar.x1
        assert inside == by_the_book(trip, heartbeat, election)[2]
        assert view.table.rows[2][2] == f"{max(10 * trip, 5 * heartbeat):,} to 50,000 ms"
        assert axes.get_xlim()[1] > 1.5 * election
