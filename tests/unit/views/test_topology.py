"""A topology under review and layouts side by side: figures against counting by hand and against brute force."""

from itertools import product

import pytest

import quorumlab as ql
from quorumlab.experiments.zones import FIVE_OVER_THREE, OTHERS
from quorumlab.views.topology import LAYOUTS, MOST_ROWS, layouts_view, losses, review_view, reviewed, zoned


def by_hand(counts: list[int], member_up: float, zone_up: float) -> float:
    """Every way in which zones can be up and down; members within by every way too."""
    n, total = sum(counts), 0.0
    for zones in product((0, 1), repeat=len(counts)):
        weight = 1.0
        for up in zones:
            weight *= zone_up if up else 1 - zone_up
        standing = sum(count for count, up in zip(counts, zones, strict=True) if up)
        for members in product((0, 1), repeat=standing):
            chance = weight
            for up in members:
                chance *= member_up if up else 1 - member_up
            total += chance * (2 * sum(members) <= n)
    return total


@pytest.mark.parametrize(("member_up", "zone_up"), [(0.99, 0.999), (0.9, 0.99)])
def test_layouts_are_down_as_counted_by_hand(member_up: float, zone_up: float) -> None:
    rows = {row[0]: row for row in layouts_view(member_up, zone_up).table.rows}
    assert set(rows) == set(LAYOUTS)
    for name, row in rows.items():
        counts = [int(part.split(":")[1]) for part in LAYOUTS[name].split(",")]
        assert float(row[4]) == pytest.approx(by_hand(counts, member_up, zone_up), rel=0.005)
        assert row[1:4] == (
            str(sum(counts)),
            "yes" if 2 * (sum(counts) - max(counts)) > sum(counts) else "no",
            "yes" if 2 * (sum(counts) - max(counts) - 1) > sum(counts) else "no",
        )


def test_traffic_of_the_layouts_is_that_of_copies_that_cross() -> None:
    cents = {row[0]: row[6] for row in layouts_view(0.99, 0.999).table.rows}
    assert (
        cents["1 + 1 + 1"] == "$0.04" and cents["2 + 2 + 1"] == "$0.06" and cents["5 in one zone"] == "$0.00"
    )


def test_the_review_says_what_the_loss_of_each_zone_leaves() -> None:
    view = reviewed(FIVE_OVER_THREE)
    assert view.sentence == str(ql.Topology.from_yaml(FIVE_OVER_THREE).verdict())
    assert view.table.rows == (
        ("us-east-1a", "etcd-1, etcd-4", "2", "3 of 5", "goes on, none to spare"),
        ("us-east-1b", "etcd-2, etcd-5", "2", "3 of 5", "goes on, none to spare"),
        ("us-east-1c", "etcd-3", "1", "4 of 5", "goes on, 1 to spare"),
    )
    lopsided = review_view(ql.Topology.of("a: 3, b: 1, c: 1", learners="c: 1"))
    assert lopsided.table.rows[0][-1] == "writes stop" and "writes stop" in lopsided.alt
    several = review_view(ql.Topology.of("us-east-1a: 1, us-east-1b: 1, eu-west-1a: 1"))
    assert several.table.columns[1] == "region"


def test_of_many_zones_the_fullest_are_drawn_and_all_are_in_the_table() -> None:
    many = review_view(ql.Topology.of({f"zone-{i}": 1 + i % 20 for i in range(40)}))
    assert len(many.table.rows) == 40 and many.alt.count("without it") == MOST_ROWS
    assert " and 8 more" in many.table.rows[19][2 if many.table.columns[1] == "region" else 1]
    assert [x.votes for x in losses(zoned("3 + 1 + 1"))] == [3, 1, 1]


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="zone_up"):
        layouts_view(0.99, 1)
    with pytest.raises(ValueError, match="Line 1"):
        reviewed("nothing: here")


def test_the_layouts_tried_on_etcd_are_those_of_the_picture() -> None:
    assert {name: LAYOUTS[name] for name in OTHERS} == OTHERS
