"""Where members stand: all apart, all on the picture, each in the boxes of its own places."""

import math
from itertools import combinations

import pytest

import quorumlab as ql
from quorumlab.views.layout import RADIUS, Layout, arrange, place_words, places_of

REGIONS = ql.Topology.of("us-east-1a: 2, us-east-1b: 1, eu-west-1a: 2, eu-west-1b: 1, ap-south-1a: 1")
ZONES = ql.Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
SHAPES = {
    **{f"{n} in a ring": dict.fromkeys((f"etcd-{i}" for i in range(n)), "") for n in range(1, 10)},
    "zones": places_of(ZONES),
    "zones in regions": places_of(REGIONS),
    "nine zones": {f"etcd-{i}": f"zone-{i}" for i in range(9)},
    "some nowhere": {"a": "zone-a", "b": "", "c": ("region", "zone")},
    "eight in one zone": dict.fromkeys("abcdefgh", ("region", "zone")),
}


def layouts() -> dict[str, Layout]:
    made = {}
    for name, places in SHAPES.items():
        made[name] = arrange(places)
        made[f"{name}, with logs"] = arrange(places, logs=True)
        made[f"{name}, in a row"] = arrange(places, in_a_row=True)
    return made


LAYOUTS = layouts()


@pytest.mark.parametrize("name", LAYOUTS)
def test_members_stand_apart_and_on_the_picture(name: str) -> None:
    layout = LAYOUTS[name]
    for spot in layout.spots.values():
        assert RADIUS <= spot.x <= layout.width - RADIUS
        assert RADIUS <= spot.y <= layout.height - RADIUS
    for a, b in combinations(layout.spots.values(), 2):
        assert (a.x - b.x) ** 2 + (a.y - b.y) ** 2 > (2 * RADIUS) ** 2


@pytest.mark.parametrize("sizes", [(3,), (3, 2), (2, 3), (3, 3), (1, 1, 1), (2, 2, 1), (1, 3, 1), (2, 1, 2)])
@pytest.mark.parametrize("logs", [False, True])
def test_no_link_passes_behind_a_member(sizes: tuple[int, ...], logs: bool) -> None:
    zones = [zone for zone, size in zip("abc", sizes, strict=False) for _ in range(size)]
    spots = arrange({f"etcd-{i}": zone for i, zone in enumerate(zones)}, logs=logs).spots.values()
    for a, b in combinations(spots, 2):
        length = math.dist((a.x, a.y), (b.x, b.y))
        for other in spots:
            beside = abs((b.x - a.x) * (other.y - a.y) - (b.y - a.y) * (other.x - a.x)) / length
            along = ((b.x - a.x) * (other.x - a.x) + (b.y - a.y) * (other.y - a.y)) / length
            assert other in (a, b) or not 0 < along < length or beside > RADIUS


@pytest.mark.parametrize("name", ["zones", "zones in regions", "some nowhere", "eight in one zone"])
@pytest.mark.parametrize("logs", [False, True])
def test_each_box_holds_the_members_of_its_place_and_no_others(name: str, logs: bool) -> None:
    layout = arrange(SHAPES[name], logs=logs)
    for box in layout.boxes:
        inside = {
            member
            for member, spot in layout.spots.items()
            if box.x < spot.x < box.x + box.width and box.y < spot.y < box.y + box.height
        }
        paths = {m: (p,) if isinstance(p, str) else tuple(p) for m, p in SHAPES[name].items()}
        own = {m for m, path in paths.items() if box.name in path[box.depth : box.depth + 1]}
        assert inside == own
    for a, b in combinations((box for box in layout.boxes if box.depth == 1), 2):
        assert a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def test_a_topology_of_one_region_has_zones_only() -> None:
    assert [box.name for box in arrange(places_of(ZONES)).boxes] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert {box.name for box in arrange(places_of(REGIONS)).boxes if not box.depth} == {
        "us-east-1", "eu-west-1", "ap-south-1",
    }  # fmt: skip


def test_words_go_where_there_is_room() -> None:
    spots = arrange(SHAPES["5 in a ring"], logs=True).spots
    assert [spot.words for spot in spots.values()] == ["raised", "right", "right", "left", "left"]
    assert {spot.words for spot in arrange(SHAPES["zones"], logs=True).spots.values()} == {"below"}


def test_a_place_in_words() -> None:
    assert [place_words(place) for place in ("", "zone", ("region", "zone"), ())] == [
        "", "zone", "region, zone", "",
    ]  # fmt: skip


def test_what_is_sent_is_plain() -> None:
    plain = arrange({"a": "zone"}).plain()
    assert plain["spots"]["a"]["words"] == "below"
    assert plain["boxes"][0]["name"] == "zone"
