"""The pictures of notebook 05 against numbers made another way, over all that the notebook's controls allow."""

import re
from itertools import product
from math import comb
from random import Random
from statistics import mean, median

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from quorumlab.experiments import elections, split_vote_probability
from quorumlab.experiments.figure_16 import SHARES, Measured
from quorumlab.views.elections import (
    TIMEOUTS_MS,
    Moment,
    downtimes_view,
    election_time_view,
    expected_ms,
    leaderless,
    terms_view,
)
from quorumlab.views.timers import tuning, tuning_view
from quorumlab.views.view import View

TRIPS = (1, 10, 20, 70, 190)
RTTS, HEARTBEATS, TIMEOUTS = (
    (1, 5, 20, 70, 100, 190, 400),
    (10, 50, 100, 200, 500),
    (100, 500, 1000, 2000, 5000, 60_000),
)
NUMBERS = Random("downtimes")
RUNS = {
    "150–155 ms": [75 + 300 * NUMBERS.random() for _ in range(101)],
    "150–200 ms": [75 + 100 * NUMBERS.random() for _ in range(200)],
    "12–24 ms": [6 + 140 * NUMBERS.random() ** 3 for _ in range(50)],
}


def number(cell: str) -> float:
    found = re.match(r"[\d.,]+", cell)
    assert found, cell
    return float(found[0].replace(",", ""))


@pytest.mark.parametrize("labels", [("12–24 ms",), ("150–155 ms", "12–24 ms"), tuple(RUNS)])
def test_downtimes_say_median_and_extremes(labels: tuple[str, ...]) -> None:
    view = downtimes_view({label: RUNS[label] for label in labels})
    for label, row in zip(labels, view.table.rows, strict=True):
        times = RUNS[label]
        assert row[:2] == (label, str(len(times)))
        facts = (min(times), median(times), mean(times), max(times))
        assert [number(cell) for cell in row[2:]] == [round(fact) for fact in facts]
        assert (
            f"half of {len(times)} elections were over after {row[3]}, the longest took {row[5]}"
            in view.sentence
        )
        assert f"{label} from {row[2]} to {row[5]}, its middle at {row[3]}" in view.alt


@pytest.mark.parametrize("runs", [{}, {"a": []}, {"a": [0.0, 1.0]}, {key: [1.0] for key in "abcde"}])
def test_downtimes_refuse_what_cannot_be_shown(runs: dict[str, list[float]]) -> None:
    with pytest.raises(ValueError, match="give"):
        downtimes_view(runs)


def test_the_curve_starts_at_none_and_ends_at_all() -> None:
    (axes,) = downtimes_view(RUNS).figure().axes
    for line, times in zip(axes.lines, RUNS.values(), strict=True):
        assert list(line.get_xdata()) == [min(times), *sorted(times)]
        assert (line.get_ydata()[0], line.get_ydata()[-1]) == (0, 1)


def test_what_was_published_stands_beside_the_run_of_its_name() -> None:
    measured = Measured((7, 8, 9, 12, 30, 50, 70, 90, 140), 41.4, 1600.0)
    view = downtimes_view(RUNS, published={"12–24 ms": measured, "another row": measured})
    assert [row[0] for row in view.table.rows] == [*RUNS, "12–24 ms, published"]
    assert view.table.rows[-1] == ("12–24 ms, published", "1,000", "–", "30 ms", "41 ms", "1,600 ms")
    assert view.sentence.endswith("Circles: as published.") and "Open circles" in view.alt
    (axes,) = view.figure().axes
    (circles,) = [line for line in axes.lines if line.get_marker() == "o" and len(line.get_xdata())]
    assert list(circles.get_xdata()) == list(measured.at) and list(circles.get_ydata()) == list(SHARES)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [*RUNS, "published"]
    assert "ircles" not in downtimes_view(RUNS).sentence + downtimes_view(RUNS).alt


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


def test_a_timeout_of_100_ms_splits_two_votes_in_five_at_a_round_trip_of_70() -> None:
    """So says the question `timers-for-70`."""
    assert 0.4 < split_vote_probability(5, 4, 35 / 100) < 0.45


@pytest.mark.parametrize("arguments", [(30, 10, 1), (200, 0, 1), (200, -1, 1), (200, 10, 0), (200, 10, 3)])
def test_election_time_refuses_what_it_cannot_show(arguments: tuple[int, float, int]) -> None:
    with pytest.raises(ValueError, match="choose"):
        election_time_view(*arguments)


def test_no_time_is_foreseen_within_a_round_trip() -> None:
    with pytest.raises(ValueError, match="choose a timeout above 190 ms"):
        expected_ms(190, 190, 4)


def by_the_book(rtt: float, heartbeat: float, election: float) -> tuple[bool, bool, bool]:
    """Whether the heartbeat is not too short, whether etcd starts, and whether all advice on the timeout is kept."""
    starts = election >= 5 * heartbeat and election <= 50_000
    return heartbeat >= rtt / 2, starts, starts and election >= 10 * rtt


@pytest.mark.parametrize("trip", RTTS)
def test_tuning_is_etcds_advice(trip: float) -> None:
    for heartbeat, election in product(HEARTBEATS, TIMEOUTS):
        beat, wait = tuning(trip, heartbeat, election)
        enough, starts, kept = by_the_book(trip, heartbeat, election)
        assert (beat.verdict == "too short") != enough
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


def test_the_defaults_suit_round_trips_up_to_100_ms() -> None:
    good = [rtt for rtt in range(1, 200) if tuning(rtt, 100, 1000)[1].verdict == "as advised"]
    assert good == list(range(1, 101))


@pytest.mark.parametrize("times", [(0, 100, 1000), (10, -1, 1000), (10, 100, 0)])
def test_tuning_refuses_times_that_are_none(times: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="longer than 0 ms"):
        tuning(*times)


STEADY = [Moment(0.5 * i, 1, True) for i in range(40)]
WILD = [Moment(0.5 * i, 1 + i // 3, not 20 <= i < 25) for i in range(40)]


def test_terms_view_counts_terms_and_seconds() -> None:
    assert leaderless(STEADY) == 0 and leaderless(WILD) == 2.5
    view = terms_view({"without PreVote": WILD, "with PreVote": STEADY}, away=[(2, 12)])
    assert view.table.rows == (
        ("without PreVote", "1", "14", "2.50 s"),
        ("with PreVote", "1", "1", "0.00 s"),
    )
    assert "without PreVote: term 1 to 14, 2.50 s without a leader" in view.sentence
    assert view.sentence in view.alt


@pytest.mark.parametrize(
    "runs", [{"long": WILD, "short": STEADY[3:20]}, {"short": STEADY[3:20], "long": WILD}]
)
def test_terms_view_shows_the_longer_run_to_its_end(runs: dict[str, list[Moment]]) -> None:
    (axes,) = terms_view(runs).figure().axes
    assert axes.get_xlim() == (WILD[0].seconds, WILD[-1].seconds)
    assert {text.get_text() for text in axes.texts} == set(runs)


@pytest.mark.parametrize("runs", [{}, {"a": STEADY[:1]}, dict.fromkeys("abc", STEADY)])
def test_terms_view_refuses_what_cannot_be_shown(runs: dict[str, list[Moment]]) -> None:
    with pytest.raises(ValueError, match="give"):
        terms_view(runs)


EXTREMES = (
    downtimes_view({"one": RUNS["12–24 ms"]}),
    downtimes_view(RUNS, "Figure 16 of the Raft paper, simulated"),
    *(election_time_view(*a) for a in product((20, 5000), (1, 190), (1, 2))),
    *(tuning_view(*a) for a in product((1, 400), (10, 500), (100, 60_000))),
    terms_view({"a": STEADY}),
    terms_view({"without PreVote": WILD, "with PreVote": STEADY}, away=[(2, 12)]),
)


@pytest.mark.parametrize("view", EXTREMES, ids=lambda view: view.sentence[:44])
def test_every_picture_is_drawn_with_all_its_words_inside(view: View) -> None:
    assert view.svg().endswith(b"</svg>\n")
    figure = view.figure()
    FigureCanvasAgg(figure).draw()
    drawn = figure.get_tightbbox()  # in inches, labels included
    assert min(drawn.p0) >= 0 and drawn.x1 <= view.size[0] and drawn.y1 <= view.size[1], drawn
