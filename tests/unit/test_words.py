"""Counts, shares and lengths of time in words."""

from datetime import timedelta

import pytest

from quorumlab.words import in_words, percent, plural


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


@pytest.mark.parametrize(("count", "words"), [(0, "0 members"), (1, "1 member"), (2, "2 members")])
def test_counts_have_their_noun(count, words):
    assert plural(count, "member") == words
    assert plural(count, "quorum", "quora") == words.replace("members", "quora").replace("member", "quorum")
