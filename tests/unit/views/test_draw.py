"""The idioms that pictures share."""

import pytest
from matplotlib.figure import Figure

from quorumlab.views.draw import beside, log_time_axis, name_rows, note, ticks_in_words
from quorumlab.views.style import ACCENT, PAPER


def axes_of(**made_of):
    return Figure().add_subplot(**made_of)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.3, 110_000, ["1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"]),
        (15, 6_500, ["100 ms", "1 s"]),
        (100, 400, ["100 ms", "150 ms", "200 ms", "300 ms", "400 ms"]),
        (870, 3100, ["1 s", "1.5 s", "2 s", "3 s"]),
        (300, 4_000, ["500 ms", "1 s", "2 s"]),
        (12, 15, ["15 ms"]),
    ],
)
def test_times_are_ticked_in_words_and_more_finely_where_few_powers_fit(low, high, words):
    axes = axes_of(xscale="log")
    log_time_axis(axes.xaxis, low, high)
    assert [label.get_text() for label in axes.get_xticklabels()] == words
    assert not len(axes.get_xticks(minor=True))


def test_only_ticks_between_the_ends_are_shown():
    axes = axes_of()
    ticks_in_words(axes.yaxis, {1: "one", 2: "two", 3: "three"}, 1.5, 3)
    assert list(axes.get_yticks()) == [2, 3]


def test_words_stand_on_paper_only_where_lines_would_cross_them():
    axes = axes_of()
    note(axes, "bare", (0, 0), (3, 4), ACCENT)
    note(axes, "on paper", (0, 0), (3, 4), ACCENT, on=PAPER)
    bare, papered = axes.texts
    assert bare.get_bbox_patch() is None and papered.get_bbox_patch() is not None
    assert (bare.xyann, bare.get_color()) == ((3, 4), ACCENT)


@pytest.mark.parametrize(("left", "ha"), [(True, "right"), (False, "left")])
def test_words_beside_a_mark_lead_away_from_it(left, ha):
    axes = axes_of()
    beside(axes, "here", (1, 1), ACCENT, left=left)
    (text,) = axes.texts
    assert text.get_ha() == ha and (text.xyann[0] < 0) == left


def test_the_first_row_is_on_top():
    axes = axes_of()
    name_rows(axes, ["first", "second"])
    assert axes.get_ylim() == (1.5, -0.6)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["first", "second"]
