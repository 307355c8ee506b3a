"""Elections in pictures, against numbers made another way."""

import re
from fractions import Fraction
from itertools import product
from math import factorial, prod
from random import Random
from statistics import mean, median

import pytest

from quorumlab.experiments.figure_16 import SHARES, Measured
from quorumlab.experiments.timers import Moment, leaderless
from quorumlab.views.elections import downtimes_view, gaps_view, split_vote_view, terms_view


def nobody_by_counts(n: int, candidates: int, crashed: int) -> Fraction:
    """The same share from multinomial coefficients: over the counts of votes instead of over the votes."""
    others = n - crashed - candidates
    lost = sum(
        factorial(others) // prod(map(factorial, extra))
        for extra in product(range(others + 1), repeat=candidates)
        if sum(extra) == others and 2 * (1 + max(extra)) <= n
    )
    return Fraction(lost, candidates**others)


@pytest.mark.parametrize("leader_crashed", [False, True])
@pytest.mark.parametrize("candidates", [1, 2, 3, 4])
def test_split_vote_view_tells_one_story_three_ways(candidates: int, leader_crashed: bool) -> None:
    view = split_vote_view(candidates, leader_crashed)
    crashed = int(leader_crashed)
    some_odd_size_fails, every_size_elects, expected, sure = False, True, "", []
    for n, row in zip(range(3, 10), view.table.rows, strict=True):
        assert row[:4] == (str(n), "odd" if n % 2 else "even", str(n - crashed), str(n // 2 + 1))
        if candidates > n - crashed:
            assert row[4] == "–" and f"{n} members" not in view.alt
            continue
        share = nobody_by_counts(n, candidates, crashed)
        assert row[4].split()[0] == str(share) and f"{n} members {share}" in view.alt
        some_odd_size_fails |= n % 2 == 1 and share > 0
        every_size_elects &= share == 0
        sure += [str(n)] if share == 1 else []
        if n == 5 and share != 1:
            expected = (
                f"nobody wins in {share.numerator} of {share.denominator} ways"
                if share
                else "somebody always wins"
            )
    assert ("odd sizes can fail to elect a leader too" in view.sentence) == some_odd_size_fails
    assert ("every size elects somebody" in view.sentence) == every_size_elects
    if not every_size_elects:
        assert ("With 5 members" in view.sentence) == bool(expected)
        assert re.search(f"With 5 members {expected}" if expected else "nobody can win", view.sentence)
    named = re.search(r"With ([\d, or]+) members nobody can win\.$", view.sentence)
    assert (re.findall(r"\d", named[1]) if named else []) == sure


@pytest.mark.parametrize(("candidates", "leader_crashed"), [(0, False), (10, False), (9, True)])
def test_split_vote_view_refuses_what_no_size_has(candidates: int, leader_crashed: bool) -> None:
    with pytest.raises(ValueError, match=r"cannot stand here; choose 1 to \d"):
        split_vote_view(candidates, leader_crashed)


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
        half = f"half of {len(times)} elections were over after {row[3]}, the longest took {row[5]}"
        assert half in view.sentence or half.capitalize() in view.sentence
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


STEADY = [Moment(0.5 * i, 1, True) for i in range(40)]


WILD = [Moment(0.5 * i, 1 + i // 3, not 20 <= i < 25) for i in range(40)]


def test_terms_view_counts_terms_and_seconds() -> None:
    assert leaderless(STEADY) == 0 and leaderless(WILD) == 2.5
    view = terms_view({"without PreVote": WILD, "with PreVote": STEADY}, away=[(2, 12)])
    assert view.table.rows == (
        ("without PreVote", "1", "14", "2.50 s"),
        ("with PreVote", "1", "1", "0.00 s"),
    )
    assert view.sentence == (
        "Without PreVote the term goes from 1 to 14, and nobody leads for 2.50 s; "
        "with PreVote the term stays 1, and somebody always leads."
    )
    assert view.sentence in view.alt


@pytest.mark.parametrize(
    "runs", [{"long": WILD, "short": STEADY[3:20]}, {"short": STEADY[3:20], "long": WILD}]
)
def test_terms_view_shows_the_longer_run_to_its_end(runs: dict[str, list[Moment]]) -> None:
    (axes,) = terms_view(runs).figure().axes
    assert axes.get_xlim() == (WILD[0].seconds, WILD[-1].seconds)
    assert {text.get_text() for text in axes.texts} == {
        " hatched: nobody leads",
        *runs,
    }  # WILD has such a time


@pytest.mark.parametrize("runs", [{}, {"a": STEADY[:1]}, dict.fromkeys("abc", STEADY)])
def test_terms_view_refuses_what_cannot_be_shown(runs: dict[str, list[Moment]]) -> None:
    with pytest.raises(ValueError, match="give"):
        terms_view(runs)


def test_real_kills_over_the_simulated_curve() -> None:
    view = gaps_view(
        [1200, 900, 1100], [1000.0, 980.0, 1020.0, 900.0, 1500.0], 0.74, "This is a recorded run."
    )
    assert view.sentence == (
        "Half of 3 kills on real etcd were over after 1,100 ms, half of 5 simulated ones after 1,000 ms: etcd’s middle is 10 % later. "
        "This is a recorded run."
    )
    assert view.table.rows == (
        ("real etcd", "3", "900 ms", "1,100 ms", "1,200 ms"),
        ("simulation", "5", "900 ms", "1,000 ms", "1,500 ms"),
    )
    rings = view.figure().axes[0].lines[1]
    assert list(rings.get_xdata()) == [900, 1100, 1200] and "0.7 ms one way" in view.alt
    assert "equal to the percent" in gaps_view([1000], [1001], 1).sentence
    with pytest.raises(ValueError, match="needs elections"):
        gaps_view([], [1.0], 1)
