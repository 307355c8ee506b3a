"""Layouts over regions side by side: the tables hold what arithmetic says, loss by loss."""

from itertools import combinations

import pytest

import quorumlab as ql
from quorumlab.experiments.regions import HOME, HOME_MAJORITY, ONE_EACH, ONE_REGION, THREE_EACH, Put, bad_day
from quorumlab.views.regions import bad_days_view, losses_view

LAYOUTS = {"1 region": ONE_REGION, "1 + 1 + 1": ONE_EACH, "3 + 1 + 1": HOME_MAJORITY, "3 + 3 + 3": THREE_EACH}


def test_every_loss_of_one_and_of_two_regions_is_there_and_right() -> None:
    view = losses_view(LAYOUTS)
    rows = {row[0]: dict(zip(LAYOUTS, row[1:], strict=True)) for row in view.table.rows}
    regions = ("us-east-1", "eu-west-1", "ap-south-1")
    lost = [*combinations(regions, 1), *combinations(regions, 2)]
    assert list(rows) == ["nothing", *(" and ".join(names) for names in lost)]
    for names in lost:
        for layout, t in LAYOUTS.items():
            held = [name for name in names if name in t.regions]
            after = ql.after_loss(t, leader="etcd-1", region=held) if held else None
            cell = rows[" and ".join(names)][layout]
            if after is None:
                assert cell == rows["nothing"][layout]
            elif after.goes_on:
                assert cell == f"{after.commit_latency:.0f} ms, {after.spare or 'no'} spare"
            else:
                assert cell == "✕ stops"
    assert (
        rows["us-east-1"]["1 + 1 + 1"] == "126 ms, no spare"
        and rows["us-east-1"]["3 + 3 + 3"] == "126 ms, 1 spare"
    )
    assert view.sentence == (
        "1 + 1 + 1 and 3 + 3 + 3 go on after the loss of any one region; "
        "1 region and 3 + 1 + 1 go on after some loss of two."
    )
    of_two = [row for lost, row in rows.items() if " and " in lost]
    survive_two = {name for row in of_two for name, cell in row.items() if "stops" not in cell}
    assert len(of_two) == 3 and survive_two == {"1 region", "3 + 1 + 1"}


def test_a_layout_alone_and_none_that_survives() -> None:
    assert losses_view({"home": ONE_REGION}).sentence.startswith(
        "No layout here goes on after the loss of every one region"
    )
    alone = losses_view({"1 + 1 + 1": ONE_EACH})
    assert alone.sentence == "1 + 1 + 1 goes on after the loss of any one region; no layout survives two."
    assert losses_view({"home": HOME_MAJORITY}).sentence.endswith("; home goes on after some loss of two.")
    for wrong in ({}, {str(i): ONE_EACH for i in range(5)}):
        with pytest.raises(ValueError, match="do not fit side by side; give 1 to 4"):
            losses_view(wrong)


def test_two_days_side_by_side() -> None:
    view = bad_days_view({"1 + 1 + 1": bad_day(ONE_EACH), "3 + 1 + 1": bad_day(HOME_MAJORITY)}, HOME)
    assert view.table.rows[0][0] == "1 + 1 + 1" and view.table.rows[0][3] == "126 ms"
    assert view.table.rows[1][2:] == ("no more writes", "–", "60")
    assert "3 + 1 + 1 writes no more" in view.sentence
    figure = view.figure()
    assert len(figure.axes) == 2 and {axes.get_title(loc="left") for axes in figure.axes} == {
        "1 + 1 + 1",
        "3 + 1 + 1",
    }
    with pytest.raises(ValueError, match="give one or two"):
        bad_days_view({}, HOME)


def test_each_put_is_drawn_once() -> None:
    puts = [Put(0.0, 70.0), Put(1.0, 70.0), Put(2.1, None), Put(5.0, 126.0)]
    axes = bad_days_view({"a": puts}, HOME).figure().axes[0]
    discs, crosses = axes.lines[0], axes.lines[1]
    assert list(discs.get_xdata()) == [0.0, 1.0, 5.0] and list(discs.get_ydata()) == [70.0, 70.0, 126.0]
    assert list(crosses.get_xdata()) == [2.1]
