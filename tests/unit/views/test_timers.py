"""Timers on bad days in pictures: the sentence, the table and the marks say what was found."""

import pytest

from quorumlab.experiments.timers import Minute
from quorumlab.views.timers import distance_view, timers_view

FOUND = {
    10: Minute(1, 0, 0.9),
    900: Minute(1, 0, 3.1),
    1100: Minute(9, 16, 55.9),
    2000: Minute(0, None, 59.9),
}


def test_the_first_minute_told_three_ways() -> None:
    view = distance_view(FOUND)
    assert view.sentence == (
        "From a cold start, with an election timeout of 1,000 ms: one leader that stays, up to a round trip of 900 ms; "
        "from 1,100 ms on none that stays."
    )
    assert [row[1] for row in view.table.rows] == [
        "one, and it stays", "one, and it stays", "9, none of which stays", "nobody is elected"
    ]  # fmt: skip
    assert view.table.rows[2] == ("1,100 ms", "9, none of which stays", "55.9 s of 60", "16")
    axes = view.figure().axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.9, 3.1, 55.9, 59.9]
    assert any("as long as the election timeout, 1,000 ms" in text.get_text() for text in axes.texts)


def test_a_minute_in_which_no_leader_stays() -> None:
    view = distance_view({2000: Minute(0, None, 59.9)}, 50)
    assert view.sentence.endswith("an election timeout of 50 ms: no leader that stays.")
    with pytest.raises(ValueError, match="give at least one"):
        distance_view({})
    with pytest.raises(ValueError, match="a round trip is -1"):
        distance_view({-1: Minute(1, 0, 0.9)})


def test_what_timers_cost() -> None:
    quick, slow = timers_view(100, 25, 300), timers_view(1000, 25, 300)
    assert int(quick.table.rows[0][1]) >= 12 and slow.table.rows[0][1] == "0"
    assert "costs no needless election; after a crash there is no leader for 1,0" in slow.sentence
    left, right = slow.figure().axes
    assert left.patches[0].get_width() == 0 and 1 < right.patches[0].get_width() < 1.3
    assert timers_view(100, 190, 0).sentence.endswith("nobody is elected that stays.")
    with pytest.raises(ValueError, match="the election timeout is 0"):
        timers_view(0, 25, 300)
