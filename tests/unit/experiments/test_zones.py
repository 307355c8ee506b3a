"""Whole zones are lost, in the simulation, against counting by hand."""

from quorumlab import SimulatedCluster, Topology
from quorumlab.experiments.zones import FIVE_OVER_THREE, OTHERS, other_layouts, zones_lost


def test_each_zone_of_the_page_and_one_more() -> None:
    held = {"us-east-1a": 2, "us-east-1b": 2, "us-east-1c": 1}
    assert dict(Topology.from_yaml(FIVE_OVER_THREE).votes_in("zone")) == held
    expected = {}
    for zone, count in held.items():
        expected[f"{zone} lost: writes go on"] = 5 - count >= 3
        expected[f"{zone} lost, and one more: writes go on"] = 5 - count - 1 >= 3
    assert zones_lost(SimulatedCluster) == expected


def test_other_layouts_lose_their_fullest_zone() -> None:
    expected = {}
    for name, placed in OTHERS.items():
        counts = [int(part.split(":")[1]) for part in placed.split(",")]
        left = sum(counts) - max(counts)
        expected[f"{name}: a zone lost"] = 2 * left > sum(counts)
        if 2 * left > sum(counts):
            expected[f"{name}: and one more"] = 2 * (left - 1) > sum(counts)
    assert other_layouts(SimulatedCluster) == expected
