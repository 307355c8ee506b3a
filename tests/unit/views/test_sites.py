"""The pictures of sites: what they say, and that they take their numbers from the rooms below."""

import pytest

import quorumlab as ql
from quorumlab.planning import over_sites
from quorumlab.views.sites import (
    COMPARED,
    decision_view,
    left_view,
    price_view,
    third_site_view,
    without_quorum,
)

APART = {("Frankfurt", "Dublin"): 25, ("Frankfurt", "Stockholm"): 22, ("Dublin", "Stockholm"): 40}


def test_who_is_left_is_said_for_each_site():
    view = left_view(3, 2)
    assert view.sentence == (
        "3 + 2, and a quorum is 3 of 5; without A, 2 are left: writes stop; without B, 3 are left: writes go on."
    )
    assert view.table.rows[1:] == (
        ("A is lost", "2", "3", "writes stop"),
        ("B is lost", "3", "3", "writes go on"),
    )
    assert "without C, 4 are left: writes go on" in left_view(2, 2, 1).sentence
    assert "without A, none are left: writes stop" in left_view(1, 0).sentence
    with pytest.raises(ValueError, match="no members in any site"):
        left_view(0, 0)


def test_the_picture_of_who_is_left_agrees_with_topologies():
    for a in range(1, 5):
        for b in range(1, 5):
            for c in range(3):
                t = over_sites({"A": a, "B": b, "C": c})
                for row in left_view(a, b, c).table.rows[1:]:
                    assert (row[3] == "writes go on") == t.survives(region=row[0][0])


def test_prices_are_exact_and_compared_with_three_in_one_site():
    view = price_view()
    assert [row[0] for row in view.table.rows] == list(COMPARED)
    assert view.table.rows[1][2:] == ("1.317e-03", "11.5", "1.02 times")
    assert without_quorum((2, 2, 1)) == ql.unavailability(
        ql.Topology.of("A: 2, B: 2, C: 1"), member_up=0.99, zone_up=0.999
    )
    with pytest.raises(ValueError, match="member_up"):
        price_view(1.0)


def test_a_decision_says_verdict_price_and_the_smallest_change():
    view = decision_view({"Frankfurt": 3, "Dublin": 2, "Stockholm": 0}, APART, "Frankfurt")
    assert view.sentence == (
        "3 in Frankfurt and 2 in Dublin, led from Frankfurt: the loss of Frankfurt stops writes. A write waits for no other site, on a "
        "usual day and when another site is lost. There is no quorum for 9.11 hours a year; 5 in one site would have none for "
        "8.85 hours. The smallest change that survives any one site: 2 in Frankfurt, 2 in Dublin and 1 in another site."
    )
    assert view.table.rows[1][5].startswith("Bring back 1 of etcd-1, etcd-2 and etcd-3")
    assert view.table.rows[1][6].startswith("The latest writes")
    good = decision_view({"Frankfurt": 2, "Dublin": 2, "Stockholm": 1}, APART, "Frankfurt")
    assert (
        "any one site may be lost. A write takes 22 ms on a usual day, and takes up to 40 ms on a bad one"
        in good.sentence
    )
    assert "smallest change" not in good.sentence
    halves = decision_view({"Frankfurt": 2, "Dublin": 2}, APART)
    assert (
        "the loss of either Frankfurt or Dublin stops writes. A write takes 25 ms on a usual day."
        in halves.sentence
    )
    alone = decision_view({"Frankfurt": 3}, APART).sentence
    assert (
        alone.startswith("3 in Frankfurt: the loss of Frankfurt stops writes.")
        and "in one site would" not in alone
    )
    assert alone.endswith("1 in Frankfurt, 1 in another site and 1 in a third site.")


def test_a_third_site_makes_the_bad_day():
    far, near = (third_site_view("us-east-1", "eu-west-1", third) for third in ("ap-south-1", "us-east-2"))
    assert "takes 69.7 ms on a usual day, and takes up to 191.1 ms on a bad one" in far.sentence
    assert "takes 15.8 ms on a usual day, and takes up to 80.5 ms on a bad one" in near.sentence
    with pytest.raises(ValueError, match="must be three; choose another region"):
        third_site_view("us-east-1", "us-east-1", "us-east-2")


def test_what_the_line_marks_is_said_and_no_scale_is_shown_where_nobody_waits():
    for counts in ((3, 2), (5, 5, 5), (15, 15), (1, 0)):
        axes = left_view(*counts).figure().axes[0]
        (label,) = [text for text in axes.texts if text.get_text() == "a quorum from here"]
        assert label.xy[0] == sum(counts) // 2 + 0.5
    alone = decision_view({"Frankfurt": 3, "Dublin": 2}, APART, "Frankfurt").figure().axes[0]
    assert list(alone.get_xticks()) == [0] and "✕ writes stop" in [text.get_text() for text in alone.texts]
    assert len(decision_view({"Frankfurt": 2, "Dublin": 2}, APART).figure().axes[0].get_xticks()) > 2
