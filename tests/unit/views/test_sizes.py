"""How many members, in pictures: the figures in sentence and table against sums made another way."""

from itertools import combinations
from math import comb

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from quorumlab.views.sizes import fan_out_view, fourth_machine_view, returns_view


def one_by_one(n: int, up: float) -> float:
    return sum(comb(n, k) * (1 - up) ** k * up ** (n - k) for k in range(n - n // 2, n + 1))


@pytest.mark.parametrize("member_up", [0.9, 0.99])
@pytest.mark.parametrize("shared_up", [1, 0.999, 0.5])
def test_the_table_is_the_sum_by_hand(member_up: float, shared_up: float) -> None:
    rows = returns_view(5, member_up, shared_up).table.rows
    down = {n: 1 - shared_up * (1 - one_by_one(n, member_up)) for n in (1, 3, 5, 7, 9)}
    assert [row[:3] for row in rows] == [(str(n), str(n // 2 + 1), str((n - 1) // 2)) for n in down]
    hours = float(rows[1][4].split()[0]) * {"hours": 1, "days": 24}[rows[1][4].split()[1]]
    assert hours == pytest.approx(8760 * down[3], rel=0.005)
    ratio = rows[2][5]
    assert ratio == "just as long" or float(ratio.split()[0]) == pytest.approx(down[3] / down[5], rel=0.005)


def test_the_sentence_says_what_two_more_leave_or_save() -> None:
    assert returns_view(3, 0.99).sentence == (
        "3 members: no majority for 2.61 hours a year. Two more would leave 5.18 minutes, 1/30.3 of it."
    )
    assert returns_view(5, 0.99, 0.999).sentence == (
        "5 members: no majority for 8.85 hours a year; 8.76 hours of that would be left with any number of them. Two more would "
        "save 4.99 minutes."
    )
    assert returns_view(9, 0.99, 0.999).sentence.endswith("with any number of them.")


@pytest.mark.parametrize("member_up", [0.1, 0.4, 0.5])
@pytest.mark.parametrize("shared_up", [1, 0.999999, 0.9999, 0.99, 0.3])
def test_more_of_what_is_up_half_the_time_or_less_save_nothing(member_up: float, shared_up: float) -> None:
    for size in (1, 3, 5, 7):
        view = returns_view(size, member_up, shared_up)
        assert view.sentence.endswith(". Two more would save nothing.")
        assert {row[5] for row in view.table.rows[1:]} == {"just as long"} or member_up < 0.5
    worse = one_by_one(3, 0.1) / one_by_one(1, 0.1)
    assert returns_view(3, 0.1).table.rows[1][5] == f"1/{worse:.3g} as long"


def test_bars_stand_beside_what_fits_on_the_line() -> None:
    view = fan_out_view({9: 1245.2, 3: 4906.8}, 0.1)
    assert view.table.rows == (("3", "2", "5,000", "4,907"), ("9", "8", "1,250", "1,245"))
    assert view.sentence == (
        "9 members take 1,245 writes a second, 3 members 4,907: the leader sends 8 copies of each instead of 2."
    )


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_four_machines_in_every_way(lost: int) -> None:
    view = fourth_machine_view(lost)
    voters, spare = (
        sum(2 * (n - sum(i < n for i in gone)) > n for gone in combinations(range(4), lost)) for n in (4, 3)
    )
    ways = comb(4, lost)
    assert f"four voters write on in {voters} of {ways}" in view.sentence
    assert f"three voters and a spare write on in {spare} of {ways}." in view.sentence
    assert [row[1:].count("writes go on") for row in view.table.rows].count(2) == voters
    assert (voters, spare) == {1: (4, 4), 2: (0, 3), 3: (0, 0)}[lost]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="size is 4, but only odd sizes are drawn; choose one of 1, 3"):
        returns_view(4, 0.99)
    with pytest.raises(ValueError, match="shared_up is 0"):
        returns_view(3, 0.99, 0)
    with pytest.raises(ValueError, match="give a time above 0 ms, and a size"):
        fan_out_view({3: 100.0}, 0)
    with pytest.raises(ValueError, match="lost is 4, but must be a whole number from 1 to 3"):
        fourth_machine_view(4)


@pytest.mark.parametrize("member_up", [0.9, 0.99, 0.999])
@pytest.mark.parametrize("shared_up", [0.99, 0.999, 0.9999, 0.99999])
def test_no_words_lie_on_the_line_of_members_that_fail_one_by_one(member_up: float, shared_up: float) -> None:
    figure = returns_view(3, member_up, shared_up).figure()
    FigureCanvasAgg(figure)
    (axes,) = figure.axes
    line = axes.lines[0]
    path = line.get_transform().transform_path(line.get_path())
    (words,) = (text for text in axes.texts if text.get_text() == "what all share")
    assert not path.intersects_bbox(words.get_window_extent(), filled=False)
    others = [text.get_window_extent() for text in axes.texts if text is not words]
    assert not any(words.get_window_extent().overlaps(other) for other in others)
