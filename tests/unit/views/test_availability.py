"""Availability in pictures, over everything the controls can ask for, against computations made another way."""

import math
import re
from fractions import Fraction
from itertools import product

import pytest

from quorumlab.views.availability import (
    downtime_view,
    extra_member_view,
    one_two_three_view,
    series_parallel_view,
)
from quorumlab.words import percent

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


RELIABILITIES = (0.9, 0.95, 0.99, 0.995, 0.999, 0.9999)


SIZES = range(1, 10)


def down(n: int, up: float) -> Fraction:
    """The chance that too few of n members are up, summed over every pattern of ups and downs."""
    p = Fraction(str(up))
    patterns = (sum(pattern) for pattern in product((0, 1), repeat=n))
    return sum((p**k * (1 - p) ** (n - k) for k in patterns if 2 * k <= n), Fraction(0))


@pytest.mark.parametrize("up", RELIABILITIES)
def test_extra_member_table_agrees_with_every_pattern_of_members(up: float) -> None:
    table = extra_member_view(up, 4).table
    exact = {n: down(n, up) for n in SIZES}
    assert [row[:3] for row in table.rows] == [
        (str(n), "odd" if n % 2 else "even", f"{float(exact[n]):.3g}") for n in SIZES
    ]
    for n, row in zip(SIZES[1:], table.rows[1:], strict=True):
        factor = row[4].removesuffix(" times").replace(",", "")
        number = 1 / float(factor[2:]) if factor.startswith("1/") else float(factor)
        assert number == pytest.approx(float(exact[n] / exact[n - 1]), rel=0.005)


@pytest.mark.parametrize("up", RELIABILITIES)
@pytest.mark.parametrize("size", SIZES)
def test_extra_member_sentence_compares_with_one_member_fewer(up: float, size: int) -> None:
    view = extra_member_view(up, size)
    assert view.sentence.startswith(f"{size} member") and f"up {100 * up:g} % of the time" in view.sentence
    assert f"a ring marks {size} member" in view.alt.lower() and f"{float(down(size, up)):.3g}" in view.alt
    if size == 1:
        assert "times" not in view.sentence
        return
    found = re.search(r"([\d.,]+) times (what|that)", view.sentence)
    assert found
    ratio = float(down(size, up) / down(size - 1, up))
    assert (found[2] == "what") == (size % 2 == 0) == (ratio > 1)
    assert float(found[1].replace(",", "")) == pytest.approx(max(ratio, 1 / ratio), rel=0.005)


@pytest.mark.parametrize(
    ("up", "size", "words"),
    [(0.99, 1, "3.65 days"), (0.99, 4, "5.19 hours"), (0.9999, 9, "less than a millisecond")],
)
def test_extra_member_says_the_time_a_year(up: float, size: int, words: str) -> None:
    view = extra_member_view(up, size)
    assert f"no majority for {words} a year" in view.sentence
    assert view.table.rows[size - 1][3] == words


@pytest.mark.parametrize(("up", "size"), [(0.0, 3), (1.0, 3), (1.5, 3), (0.9, 0), (0.9, 10)])
def test_extra_member_refuses_what_it_cannot_show(up: float, size: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        extra_member_view(up, size)


@pytest.mark.parametrize("up", [1 - 1e-10, 1 - 1e-14, 1 - 2**-53])
@pytest.mark.parametrize("days", [365, 30, 1])
def test_what_may_be_down_is_never_down_for_no_time(up: float, days: int) -> None:
    for view in (downtime_view(up, days), extra_member_view(up, 3)):
        said = f"{view.sentence} {view.alt} {view.to_text()}"
        assert "no time" not in said
        view.to_html()
    assert "it is down for " in downtime_view(up, days).sentence
