"""The pictures of notebook 01, over everything its controls can ask for, against computations of their own."""

import math
import re
from datetime import timedelta
from fractions import Fraction
from itertools import product

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from quorumlab.views.one_node import (
    clients_view,
    downtime_view,
    one_two_three_view,
    series_parallel_view,
    works_for,
)
from quorumlab.views.view import View
from quorumlab.words import in_words, percent

UPS = (0.5, 0.9, 0.95, 0.99, 0.999)
SLIDER_UPS = (0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999, 0.99999, 0.999999)
UNIT_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1, "millisecond": 0.001}


def seconds_in(words: str) -> float:
    """The length that words such as `3.65 days` stand for."""
    number, unit = words.split(" ", 1)
    return float(number) * UNIT_SECONDS[unit.rstrip("s")]


def brute_unavailability(n: int, up: float, needed: int) -> Fraction:
    """The chance that fewer than `needed` of n are up, by going through all states exactly."""
    p = Fraction(str(up))
    states = product((True, False), repeat=n)
    return sum((p ** sum(s) * (1 - p) ** (n - sum(s)) for s in states if sum(s) < needed), start=Fraction(0))


def words_are(words: str, unavailability: Fraction, days: int = 365) -> bool:
    """Whether words such as `3.65 days` say, to three digits, the downtime in that many days."""
    exact = float(unavailability) * days * 86_400
    if words == "less than a millisecond":
        return exact < 0.001
    if words == "no time":  # a timedelta ends at the microsecond
        return exact < 1e-6
    return math.isclose(seconds_in(words), exact, rel_tol=6e-3)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "no time"),
        (timedelta(microseconds=3), "less than a millisecond"),
        (timedelta(milliseconds=1), "1 millisecond"),
        (timedelta(seconds=31.536), "31.5 seconds"),
        (timedelta(seconds=60), "1 minute"),
        (timedelta(hours=8.76), "8.76 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=36.5), "36.5 days"),
    ],
)
def test_lengths_in_words(length: timedelta, words: str) -> None:
    assert in_words(length) == words


@pytest.mark.parametrize(("share", "words"), [(0.5, "50 %"), (0.9995, "99.95 %"), (0.999999, "99.9999 %")])
def test_probabilities_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


def test_what_needs_a_decision_stops_at_once_and_what_was_read_goes_on() -> None:
    lasts = works_for(lease_s=10, copy_s=60)
    assert list(lasts.values()) == [0, 0, 10, 60, math.inf]
    assert [a for a, s in lasts.items() if s == 0] == ["take a new lock", "start up and read settings"]


@pytest.mark.parametrize("outage_s", [5, 30, 90, 600])
@pytest.mark.parametrize("lease_s", [5, 10, 30, 60])
@pytest.mark.parametrize("copy_s", [10, 60, 300])
def test_clients_view_says_who_stops_when(outage_s: int, lease_s: int, copy_s: int) -> None:
    view = clients_view(outage_s, lease_s, copy_s)
    outcomes = dict(view.table.rows)
    assert outcomes["take a new lock"] == outcomes["start up and read settings"] == "stops at once"
    assert outcomes["run on settings read before"] == "goes on throughout"
    for activity, seconds in (("hold a lock", lease_s), ("find a service", copy_s)):
        if seconds >= outage_s:
            assert outcomes[activity] == "goes on throughout"
        else:
            assert seconds_in(outcomes[activity].split(",")[0]) == seconds
    throughout = 1 + (lease_s >= outage_s) + (copy_s >= outage_s)
    later = 3 - throughout
    counts = re.findall(r"(\d|none) (?:stops?|goe?s?) (at once|later|on)", view.sentence)
    assert counts == [("2", "at once"), (str(later or "none"), "later"), (str(throughout), "on")]
    assert all(f"{activity}: {outcome}" in view.alt for activity, outcome in outcomes.items())


@pytest.mark.parametrize("up", SLIDER_UPS)
@pytest.mark.parametrize("days", [365, 30, 1])
def test_downtime_view_gives_the_share_of_the_period(up: float, days: int) -> None:
    view = downtime_view(up, days)
    for availability, nines, words, _ in view.table.rows:
        share = 1 - Fraction(availability.removesuffix(" %")) / 100
        assert words_are(words, share, days)
        assert nines == f"{-math.log10(share):.1f}"
    chosen = [row for row in view.table.rows if row[3] == "chosen"]
    assert [row[0] for row in chosen] == [percent(up)]
    assert chosen[0][2] in view.sentence
    assert chosen[0][2] in view.alt
    assert f"{percent(up)} of the time has {chosen[0][1]} nines" in view.sentence


@pytest.mark.parametrize("nodes", range(1, 8))
@pytest.mark.parametrize("up", UPS)
def test_series_majority_and_parallel_agree_with_all_states(nodes: int, up: float) -> None:
    view = series_parallel_view(nodes, up)
    for (way, printed, nines, words), needed in zip(view.table.rows, (nodes, nodes // 2 + 1, 1), strict=True):
        exact = brute_unavailability(nodes, up, needed)
        assert math.isclose(float(printed), exact, rel_tol=6e-3)
        assert math.isclose(float(nines), -math.log10(exact), abs_tol=0.0501)
        assert words_are(words, exact)
        assert f"{way}: {nines} nines, down {words} a year" in view.alt
        assert nodes == 1 or f"{nines}" in view.sentence


@pytest.mark.parametrize("up", UPS)
@pytest.mark.parametrize("any_one", [False, True])
def test_one_two_three_agree_with_all_states(up: float, any_one: bool) -> None:
    view = one_two_three_view(up, any_one)
    for n, (cluster, needed, printed, words) in enumerate(view.table.rows, 1):
        k = 1 if any_one else n // 2 + 1
        exact = brute_unavailability(n, up, k)
        assert (int(cluster.split()[0]), needed) == (n, f"{k} of {n}")
        assert math.isclose(float(printed), exact, rel_tol=6e-3)
        assert words_are(words, exact)
        assert words in view.sentence
        assert f"{cluster} {words}" in view.alt


def test_two_are_worse_for_writes_and_better_for_reads() -> None:
    assert "7.26 days (1.99 times as long), three for 2.61 hours (33.6 times shorter)" in (
        one_two_three_view(0.99).sentence
    )
    assert "52.6 minutes (100 times shorter)" in one_two_three_view(0.99, any_one=True).sentence
    assert "three for 182 days (just as long)" in one_two_three_view(0.5).sentence


def test_bad_parameters_are_refused_in_one_sentence() -> None:
    for up in (0, 1, -0.1, 1.5, math.nan):
        for view in (downtime_view, one_two_three_view, lambda up: series_parallel_view(3, up)):
            with pytest.raises(ValueError, match=re.escape(f"up is {up!r}, but must lie between 0 and 1")):
                view(up)
    with pytest.raises(ValueError, match="period of 7 days is not shown; choose one of 365, 30, 1"):
        downtime_view(0.99, 7)
    with pytest.raises(ValueError, match="members is 0"):
        series_parallel_view(0, 0.9)
    with pytest.raises(ValueError, match="outage lasts 0 s"):
        clients_view(0, 10, 60)
    with pytest.raises(ValueError, match="lease lasts -1 s"):
        clients_view(5, -1, 60)
    with pytest.raises(ValueError, match="copy lasts nan s"):
        works_for(5, math.nan)


@pytest.mark.parametrize(
    "view",
    [
        *(clients_view(*controls) for controls in product((5, 600), (5, 60), (10, 300))),
        *(downtime_view(up, days) for up, days in product((0.9, 0.9995, 0.999999), (365, 1))),
        *(series_parallel_view(nodes, up) for nodes, up in product((1, 7), (0.5, 0.999))),
        *(one_two_three_view(up, any_one) for up, any_one in product((0.5, 0.999), (False, True))),
    ],
    ids=lambda view: view.sentence[:50],
)
def test_the_extremes_can_be_drawn_without_words_leaving_the_picture(view: View) -> None:
    assert view.svg().endswith(b"</svg>\n")
    figure = view.figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,) = figure.axes
    box = axes.get_tightbbox(canvas.get_renderer())
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.bbox.x1 and box.y1 <= figure.bbox.y1
