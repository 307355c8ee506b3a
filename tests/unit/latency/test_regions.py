"""Where regions stand, how far apart they are, and estimates of round trips held to those that are known."""

import math

import pytest

import quorumlab as ql
from quorumlab.latency import CLOUDS, RttTable, distances, spread_over
from quorumlab.latency.regions import (
    AWS,
    FIBRE_KM_PER_MS,
    MOSTLY_OFF_BY,
    OFF_BY_AT_MOST,
    REGIONS,
    Region,
    detour,
    estimated_ms,
    kilometres,
    light_ms,
)


def by_vectors(one: Region, other: Region) -> float:
    """The same distance another way: the angle between two directions from the middle of the earth."""

    def direction(r: Region) -> tuple[float, float, float]:
        lat, lon = math.radians(r.lat), math.radians(r.lon)
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    cosine = sum(a * b for a, b in zip(direction(one), direction(other), strict=True))
    return 6371 * math.acos(max(-1.0, min(1.0, cosine)))


def test_distances_over_the_globe() -> None:
    for one in AWS:
        for other in AWS:
            assert kilometres(one, other) == pytest.approx(by_vectors(one, other), abs=0.2)
    # Published great-circle distance Dublin–Sydney, about 17,200 km.
    assert kilometres(REGIONS["eu-west-1"], REGIONS["ap-southeast-2"]) == pytest.approx(17_200, rel=0.01)


def test_no_known_round_trip_is_quicker_than_light() -> None:
    for a, b in ql.RTT:
        assert ql.RTT[a, b] > light_ms(REGIONS[a], REGIONS[b]) > 0


def test_estimates_of_known_round_trips_are_within_the_band_that_is_stated() -> None:
    off = [abs(estimated_ms(a, b) / known - 1) for (a, b), known in ql.RTT.items()]
    assert max(off) <= OFF_BY_AT_MOST
    assert sum(o <= MOSTLY_OFF_BY for o in off) >= 0.9 * len(off)


def test_the_band_holds_also_for_a_pair_that_the_factor_was_not_fitted_on() -> None:
    ratios = {pair: known / light_ms(*(REGIONS[name] for name in pair)) for pair, known in ql.RTT.items()}
    off = []
    for pair, ratio in ratios.items():
        others = [math.log(r) for p, r in ratios.items() if p != pair]
        off.append(abs(math.exp(sum(others) / len(others)) / ratio - 1))
    assert max(off) <= OFF_BY_AT_MOST and sum(o <= MOSTLY_OFF_BY for o in off) >= 0.9 * len(off)


def test_the_factor_is_that_of_the_formula() -> None:
    one, other = REGIONS["us-east-1"], REGIONS["eu-north-1"]
    assert estimated_ms("us-east-1", "eu-north-1") == detour() * 2 * kilometres(one, other) / FIBRE_KM_PER_MS
    assert 1.5 < detour() < 1.75


def test_what_is_known_is_taken_and_what_is_not_is_said_to_be_an_estimate() -> None:
    found = distances(["us-east-1", "eu-west-1", "eu-north-1"])
    assert found.table["us-east-1", "eu-west-1"] == 69.7
    assert found.estimated == {("eu-north-1", "eu-west-1"), ("eu-north-1", "us-east-1")}
    assert found.table["us-east-1", "eu-north-1"] == estimated_ms("eu-north-1", "us-east-1")
    assert "estimates" in found.table.source
    own = distances(["us-east-1", "eu-west-1"], RttTable({("us-east-1", "eu-west-1"): 80.0}))
    assert (own.table["eu-west-1", "us-east-1"], own.estimated) == (80.0, frozenset())
    assert distances(["us-east-1"]).estimated == frozenset()


@pytest.mark.parametrize("name", ["us-east-9", "", 7])
def test_an_unknown_region_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match="must be one on the map; choose one of"):
        estimated_ms("us-east-1", name)  # type: ignore[arg-type]


def test_every_region_of_the_table_of_round_trips_has_a_place_and_names_are_unique() -> None:
    assert set(ql.RTT.regions) <= {region.name for region in AWS}
    names = [region.name for cloud in CLOUDS.values() for region in cloud]
    assert len(names) == len(set(names))
    for region in REGIONS.values():
        assert -60 < region.lat < 70 and -180 <= region.lon <= 180 and region.place


def test_members_are_spread_over_the_zones_of_their_region() -> None:
    t = spread_over({"us-east-1": 4, "eu-west-1": 0, "us-east4": 1, "eastus": 1})
    assert dict(t.zone_of) == {
        "etcd-1": "us-east-1a", "etcd-2": "us-east-1b", "etcd-3": "us-east-1c", "etcd-4": "us-east-1a",
        "etcd-5": "us-east4-a", "etcd-6": "eastus-a",
    }  # fmt: skip
    assert t.votes_in("region") == {"us-east-1": 4, "us-east4": 1, "eastus": 1}
    assert ql.Topology.from_yaml(t.to_yaml()) == t


@pytest.mark.parametrize("members", [{}, {"us-east-1": 0}])
def test_a_cluster_without_members_is_refused(members: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="No region has a member, but a cluster needs one"):
        spread_over(members)


@pytest.mark.parametrize("count", [-1, 10, 1.5, "three"])
def test_too_many_members_or_none_of_a_number_are_refused(count: object) -> None:
    with pytest.raises(ValueError, match=r"us-east-1 has .* members, but a region here has 0 to 9"):
        spread_over({"us-east-1": count})  # type: ignore[dict-item]
