"""The map: coasts where they are, words that say what is drawn, estimates that say so."""

import hashlib
import math
from importlib.resources import files
from itertools import combinations, product

import pytest
from matplotlib.lines import Line2D
from matplotlib.path import Path

from quorumlab.latency import CLOUDS
from quorumlab.latency.regions import REGIONS
from quorumlab.views.land import HEIGHT, WIDTH, coasts, on_map
from quorumlab.views.world import APART, spots, world_view

HOME, EUROPE, INDIA = "us-east-1", "eu-west-1", "ap-south-1"
THREE = {HOME: 1, EUROPE: 1, INDIA: 1}


def is_land(lat: float, lon: float) -> bool:
    """Whether a place lies inside an odd number of outlines."""
    return sum(Path(ring).contains_point(on_map(lat, lon)) for ring in coasts()) % 2 == 1


@pytest.mark.parametrize(
    "place", [(48.9, 2.4), (23, 80), (-25, 134), (40, -100), (-10, -55), (10, 20), (62, 100), (64.9, -18)]
)
def test_land_is_land(place: tuple[float, float]) -> None:
    assert is_land(*place)


@pytest.mark.parametrize(
    "place", [(30, -40), (-30, 80), (0, -120), (36, 18), (56, 3), (42, 51), (-17, 100), (-40, 0)]
)
def test_sea_is_sea(place: tuple[float, float]) -> None:
    assert not is_land(*place)


def test_the_coasts_are_natural_earths_unchanged_and_their_licence_is_there() -> None:
    folder = files("quorumlab.views")
    data = folder.joinpath("land-110m.json").read_bytes()
    assert (
        hashlib.sha256(data).hexdigest() == "ead5f68119c49a9250902e7da303bcb209341bbb8fefe7369a439b48b704658a"
    )
    notice = folder.joinpath("land-110m.txt").read_text(encoding="utf-8")
    assert (
        "world-atlas 2.0.2" in notice
        and "Permission to use, copy, modify" in notice
        and "Natural Earth" in notice
    )


def test_coasts_are_few_enough_to_draw_at_every_move() -> None:
    assert 500 < sum(map(len, coasts())) < 3000


@pytest.mark.parametrize("cloud", CLOUDS)
def test_regions_stand_apart_on_the_map_and_near_their_places(cloud: str) -> None:
    at = spots(cloud)
    assert set(at) == {region.name for region in CLOUDS[cloud]}
    for name, (x, y) in at.items():
        assert 12 <= x <= WIDTH - 12 and 12 <= y <= HEIGHT - 12
        assert math.dist((x, y), on_map(REGIONS[name].lat, REGIONS[name].lon)) < 2 * APART
    assert all(math.dist(a, b) > APART - 1 for a, b in combinations(at.values(), 2))


def test_the_words_say_what_is_drawn() -> None:
    view = world_view({HOME: 3, EUROPE: 3, INDIA: 3}, HOME, INDIA)
    assert view.sentence.startswith(
        "9 members in 3 regions, quorum 5. us-east-1 leads: a write is committed after 69.7 ms, and writes go on if any 4 more are lost."
    )
    assert "A client in ap-south-1 waits 261 ms for its write" in view.sentence
    assert "ap-south-1: 3 members, the client is here" in view.alt and "eu-west-1 70 ms" in view.alt
    assert "estimate" not in view.sentence


def test_a_loss_is_told_with_what_is_left() -> None:
    view = world_view(THREE, HOME, "eu-central-1", EUROPE)
    assert (
        "eu-west-1 is lost; us-east-1 leads: a write is committed after 191 ms, and no further member may be lost."
        in view.sentence
    )
    assert view.table.columns == ("what takes how long", "all is well", "without eu-west-1")
    assert view.table.rows[0] == ("a commit at the leader", "69.7 ms", "191 ms")
    dead = world_view({HOME: 3, EUROPE: 1, INDIA: 1}, HOME, INDIA, HOME)
    assert (
        "2 of 5 are no quorum: no write can be committed. A client in ap-south-1 still gets serializable reads"
        in dead.sentence
    )
    assert "--force-new-cluster" in dead.sentence
    assert (
        "a write, client in ap-south-1",
        "261 ms",
        "no answer",
    ) not in dead.table.rows  # it was quick while it lived
    assert ("further members that may be lost", "2", "no quorum") in dead.table.rows
    gone = world_view(THREE, HOME, INDIA, INDIA)
    assert "The client in ap-south-1 is lost as well." in gone.sentence


def test_an_estimate_is_said_to_be_one_with_its_formula() -> None:
    some = world_view({HOME: 1, EUROPE: 1, "eu-north-1": 1}, HOME)
    assert (
        "These round trips are estimates: eu-north-1–eu-west-1 and eu-north-1–us-east-1 (≈), 1.62 × the time of light in a straight fibre"
        in some.sentence
    )
    assert "eu-north-1 ≈108 ms" in some.alt and "eu-west-1 70 ms" in some.alt
    every = world_view({"eastus": 1, "northeurope": 1, "uaenorth": 1}, cloud="Azure")
    assert "All round trips between regions are estimates (≈)" in every.sentence
    one = world_view({HOME: 1, "eu-north-1": 1})
    assert one.sentence.count("estimate") == 1 and "All round trips" in one.sentence


EXTREMES = [
    ({HOME: 1}, None, None, None, "AWS"),
    ({HOME: 1}, HOME, INDIA, HOME, "AWS"),
    *((dict.fromkeys((r.name for r in CLOUDS[cloud]), 3), None, CLOUDS[cloud][-1].name, CLOUDS[cloud][0].name, cloud) for cloud in CLOUDS),
    *((THREE, leader, client, lost, "AWS") for leader, client, lost in product((HOME, INDIA), ("sa-east-1", "ap-southeast-2"), (None, EUROPE, "eu-north-1"))),
    ({"us-east-1": 1, "us-east-2": 1, "ca-central-1": 1, "eu-west-1": 1, "eu-central-1": 1}, None, "us-east-2", "ca-central-1", "AWS"),
]  # fmt: skip


@pytest.mark.parametrize("controls", EXTREMES, ids=str)
def test_names_on_the_map_do_not_lie_on_each_other(controls: tuple[object, ...]) -> None:
    """Measured as drawn: no two names overlap unless every region has one, and none leaves the picture."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    view = world_view(*controls)  # type: ignore[arg-type]
    figure = view.figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    names = [text for text in figure.texts if len(text.get_text()) > 3]
    boxes = [text.get_window_extent(canvas.get_renderer()) for text in names]
    frame = figure.bbox
    assert all(b.x0 >= 0 and b.x1 <= frame.x1 and b.y0 >= 0 and b.y1 <= frame.y1 for b in boxes)
    if len(names) <= 6:
        assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


NINE = dict.fromkeys((HOME, EUROPE, INDIA), 3)
DRAWN = {
    "notebook 09, nine": (NINE,),
    "notebook 09, the sketch": ({HOME: 3, EUROPE: 1, INDIA: 1},),
    "notebook 09, the dare": (THREE, None, "eu-central-1"),
    "the map as it begins": (THREE, None, INDIA),
    "led from Europe": ({HOME: 2, EUROPE: 2, INDIA: 1}, EUROPE, "sa-east-1"),
    "Ireland lost": ({HOME: 1, EUROPE: 1, INDIA: 1, "us-east-2": 1, "eu-central-1": 1, "eu-north-1": 1}, "eu-central-1", None, EUROPE),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWN)
def test_names_on_the_map_lie_on_no_line(name: str) -> None:
    """Measured as drawn: who reads a line sees where it begins and ends."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = world_view(*DRAWN[name]).figure()  # type: ignore[arg-type]
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    lines = [
        line.get_transform().transform_path(line.get_path())
        for line in figure.artists
        if isinstance(line, Line2D) and line.get_linestyle() != "None" and len(line.get_xdata()) == 2  # type: ignore[arg-type]
    ]
    assert len(lines) >= 2
    for text in figure.texts:
        if len(text.get_text()) > 3:
            assert text.get_bbox_patch() is None  # a box would hide coasts and lines behind it
            box = text.get_window_extent(canvas.get_renderer())
            assert not any(line.intersects_bbox(box, filled=False) for line in lines), text.get_text()
