"""Counts, shares and lengths of time in words."""

from datetime import timedelta
from fractions import Fraction

import pytest

from quorumlab.words import (
    Prose,
    a_year,
    figure,
    in_words,
    listed,
    ms,
    parity,
    percent,
    plural,
    times,
    unbroken,
    whole_ms,
)


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
        (timedelta(days=999.7), "1,000 days"),
        (timedelta(days=36.5), "36.5 days"),
    ],
)
def test_lengths_in_words(length: timedelta, words: str) -> None:
    assert in_words(length) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.5, "50 %"),
        (0.9995, "99.95 %"),
        (0.999999, "99.9999 %"),
        (0.99999999999, "99.999999999 %"),
        (1 - 1e-16, "just under 100 %"),
        (1, "100 %"),
        (1e-9, "0.0000001 %"),
    ],
)
def test_probabilities_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(("count", "words"), [(0, "0 members"), (1, "1 member"), (2, "2 members")])
def test_counts_have_their_noun(count, words):
    assert plural(count, "member") == words
    assert plural(count, "quorum", "quora") == words.replace("members", "quora").replace("member", "quorum")


@pytest.mark.parametrize(
    ("ratio", "said"),
    [(2, "2 times"), (1.9899, "1.99 times"), (1, "1 times"), (12_345.6, "12,346 times"), (0.5, "1/2"), (1 / 33.6, "1/33.6"), (999.7, "1,000 times"), (1 / 999.7, "1/1,000"), (5e6, "5,000,000 times")],
)  # fmt: skip
def test_ratios(ratio: float, said: str) -> None:
    assert times(ratio) == said


@pytest.mark.parametrize(("names", "said"), [("a", "a"), ("ab", "a and b"), ("abc", "a, b and c")])
def test_lists(names: str, said: str) -> None:
    assert listed(names) == said


def test_times_in_ms() -> None:
    assert [ms(t) for t in (0, 12.5, 60_000, 1e6, 1e-5)] == [
        "0 ms", "12.5 ms", "60,000 ms", "1,000,000 ms", "0.00001 ms",
    ]  # fmt: skip
    assert [whole_ms(t) for t in (0.4, 287.3, 9_999, 12_345)] == ["0 ms", "287 ms", "9,999 ms", "12 s"]


def test_shares_of_a_year() -> None:
    assert [a_year(share) for share in (0.01, 1e-15, 0, Fraction(1, 365))] == [
        "3.65 days", "less than a millisecond", "less than a millisecond", "1 day",
    ]  # fmt: skip
    assert [parity(n) for n in (3, 4)] == ["odd", "even"]


@pytest.mark.parametrize("exponent", range(-12, 13))
@pytest.mark.parametrize("digits", [1.0, 1.2345, 9.996])
def test_no_number_has_an_exponent(exponent: int, digits: float) -> None:
    number = digits * 10.0**exponent
    for said in (figure(number), times(number), ms(number), percent(min(number, 1)), whole_ms(number)):
        assert "e+" not in said and "e-" not in said and "E" not in said
    assert float(figure(number).replace(",", "")) == pytest.approx(number, rel=0.006)


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("2 + 2 + 1 or 5 × 1, and 3.", "2~+~2~+~1 or 5~×~1, and 3."),
        ("10 + 20", "10~+~20"),
        ("one + one, 2 +, a + 2 and 3+3", "one + one, 2 +, a + 2 and 3+3"),
    ],
)
def test_a_sum_is_not_broken_over_two_lines(words: str, kept: str) -> None:
    assert unbroken(words) == kept.replace("~", "\N{NO-BREAK SPACE}")


def test_prose_is_shown_as_text_and_never_as_markup() -> None:
    class Said(Prose):
        def __str__(self) -> str:
            return "Zone <a> & b, 2 + 1:\nlost.\n\nNext: $5."

    assert (
        Said()._repr_html_()
        == "<p>Zone &lt;a&gt; &amp; b, 2\xa0+\xa01:<br>lost.</p><p>Next: <span>$</span>5.</p>"
    )
