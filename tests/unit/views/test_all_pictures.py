"""Every picture at the extremes of its controls: it can be drawn, no words leave it, and its sentence begins as sentences do."""

from itertools import combinations, product
from random import Random

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import BboxBase

from quorumlab.cluster.trace import Trace
from quorumlab.experiments.incident import Incident
from quorumlab.experiments.old_terms import figure_8
from quorumlab.experiments.regions import HOME_MAJORITY, ONE_EACH, ONE_REGION, THREE_EACH, bad_day
from quorumlab.experiments.timers import Minute, Moment
from quorumlab.quorums import REQUESTS, majority
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology
from quorumlab.views.availability import (
    downtime_view,
    extra_member_view,
    one_two_three_view,
    series_parallel_view,
)
from quorumlab.views.clients import clients_view, sleeper_view
from quorumlab.views.design_review import proposal_view
from quorumlab.views.elections import downtimes_view, gaps_view, split_vote_view, terms_view
from quorumlab.views.incident import judged_view
from quorumlab.views.latency import request_cost_view, slow_followers_view
from quorumlab.views.logs import logs_view
from quorumlab.views.operating import copy_view, watcher_view
from quorumlab.views.quorums import fatal_sets_view, overlap_view, teams_view, two_quorums_view
from quorumlab.views.reads import stale_reads_view
from quorumlab.views.regions import bad_days_view, losses_view
from quorumlab.views.sites import decision_view, left_view, price_view, third_site_view
from quorumlab.views.sizes import fan_out_view, fourth_machine_view, returns_view
from quorumlab.views.stage import stage_view
from quorumlab.views.timeline import timeline_view
from quorumlab.views.timers import distance_view, timers_view
from quorumlab.views.timing import election_time_view, tuning_view
from quorumlab.views.topology import layouts_view, review_view
from quorumlab.views.view import View
from quorumlab.views.witnesses import Witness, witnesses_view
from quorumlab.views.world import world_view
from quorumlab.views.writes import crash_view

CHANCE = Random("downtimes")
TIMES = {
    "150–155 ms": [75 + 300 * CHANCE.random() for _ in range(101)],
    "150–200 ms": [75 + 100 * CHANCE.random() for _ in range(200)],
    "12–24 ms": [6 + 140 * CHANCE.random() ** 3 for _ in range(50)],
}
STEADY = [Moment(0.5 * i, 1, True) for i in range(40)]
WILD = [Moment(0.5 * i, 1 + i // 3, not 20 <= i < 25) for i in range(40)]
SCENE = figure_8()
APART = {("Frankfurt", "Dublin"): 25, ("Frankfurt", "Stockholm"): 22, ("Dublin", "Stockholm"): 40}

NAMES = ("arithmetic", "simulation", "real etcd")


def _down_from_the_start() -> tuple[Trace, float]:
    with SimulatedCluster(3, leader="etcd-1") as cluster:
        began = cluster.now
        cluster.crash("etcd-1", "etcd-2")
        cluster.run_for(1)
        return cluster.trace, began


VIEWS = (
    *((clients_view, controls) for controls in product((5, 600), (5, 60), (10, 300))),
    *((sleeper_view, controls) for controls in product((5, 8, 60), (5, 10, 40), (False, True))),
    *((downtime_view, controls) for controls in product((0.9, 0.9995, 0.999999), (365, 1))),
    *((series_parallel_view, controls) for controls in product((1, 7), (0.5, 0.999))),
    *((one_two_three_view, controls) for controls in product((0.5, 0.999), (False, True))),
    *((extra_member_view, controls) for controls in product((0.9, 0.9999), (1, 2, 9))),
    *((split_vote_view, controls) for controls in product((1, 4), (False, True))),
    *((two_quorums_view, controls) for controls in ((3, 1), (3, 2), (6, 3), (9, 1), (9, 5))),
    *((overlap_view, controls) for controls in ((1, 1), (2, 1), (5, 3), (9, 1), (9, 5), (9, 9))),
    *((teams_view, controls) for controls in ((1, 1, 0), (4, 2, 2), (5, 3, 3), (7, 4, 6), (9, 5, 8))),
    *((fatal_sets_view, (members,)) for members in range(2, 7)),
    *((slow_followers_view, controls) for controls in ((1, 0, 80), (3, 2, 80), (7, 6, 500), (9, 4, 80))),
    *((crash_view, controls) for controls in product((3, 5, 7), (False, True))),
    *((request_cost_view, controls) for controls in product(REQUESTS, (0, 4))),
    *((stale_reads_view, controls) for controls in product((0, 80), (20, 80))),
    *((election_time_view, controls) for controls in product((20, 5000), (1, 190), (1, 2))),
    *((tuning_view, controls) for controls in product((1, 400), (10, 500), (100, 60_000))),
    (downtimes_view, ({"one": TIMES["12–24 ms"]},)),
    (downtimes_view, (TIMES, "Figure 16 of the Raft paper, simulated")),
    (terms_view, ({"a": STEADY},)),
    (terms_view, ({"without PreVote": WILD, "with PreVote": STEADY}, [(2, 12)])),
    (logs_view, (SCENE.cluster.trace, {"1: nobody\nhears": SCENE.acts[1].ends})),
    (
        logs_view,
        (SCENE.cluster.trace, {f"{n}: a heading of\ntwo lines": SCENE.acts[3].ends for n in range(4)}),
    ),
    (gaps_view, ([900, 1100, 2900], TIMES["150–155 ms"], 0.7)),
    (gaps_view, ([1.0], [60_000.0], 0.0, "This is a recorded run.")),
    (distance_view, ({10: Minute(1, 0, 0.9), 1100: Minute(9, 16, 55.9), 2000: Minute(0, None, 60)},)),
    (distance_view, ({2000: Minute(0, None, 59.9)}, 50)),
    *((timers_view, controls) for controls in ((100, 25, 300), (2000, 100, 1000), (100, 190, 0))),
    *((left_view, controls) for controls in product((1, 5, 15), (1, 6), (0, 5))),
    *((price_view, controls) for controls in product((0.9, 0.9999), (0.9, 0.99999))),
    *(
        (third_site_view, ("us-east-1", there, "sa-east-1", each))
        for there in ("ap-northeast-1", "ap-southeast-2")
        for each in (1, 2)
    ),
    *(
        (decision_view, (dict(zip(("Frankfurt", "Dublin", "Stockholm"), n, strict=True)), APART))
        for n in product((0, 5), (0, 1), (1, 5))
    ),
    *((returns_view, controls) for controls in product((1, 9), (0.9, 0.9999), (0.99, 0.999999, 1))),
    (fan_out_view, ({3: 4907.0, 5: 2478.0, 7: 1657.0, 9: 1245.0}, 0.1)),
    (fan_out_view, ({2: 9.0}, 100)),
    *((fourth_machine_view, (lost,)) for lost in (1, 2, 3)),
    *((layouts_view, controls) for controls in product((0.9, 0.9999), (0.99, 0.999999))),
    (review_view, (Topology.of("a: 1"),)),
    (review_view, (Topology.of("a: 3, b: 1, c: 1", learners="c: 1", witnesses="b: 1"),)),
    (review_view, (Topology.of({f"a-zone-of-a-long-name-{i}": 29 + i for i in range(30)}),)),
    (stage_view, (majority(1),)),
    (
        losses_view,
        (
            {
                "1 region": ONE_REGION,
                "1 + 1 + 1": ONE_EACH,
                "3 + 1 + 1": HOME_MAJORITY,
                "3 + 3 + 3": THREE_EACH,
            },
        ),
    ),
    (losses_view, ({"1 + 1 + 1": ONE_EACH},)),
    (bad_days_view, ({"1 + 1 + 1": bad_day(ONE_EACH), "3 + 1 + 1": bad_day(HOME_MAJORITY)}, "us-east-1")),
    (bad_days_view, ({"1 + 1 + 1": bad_day(ONE_EACH, "ap-south-1")}, "ap-south-1")),
    (world_view, ({"us-east-1": 1},)),
    (
        world_view,
        ({"us-west-2": 3, "ap-southeast-2": 3, "af-south-1": 3}, None, "eu-north-1", "ap-northeast-1"),
    ),
    *((copy_view, controls) for controls in product((0, 60), (1, 10), (False, True))),
    *((watcher_view, controls) for controls in product((0, 8), (0, 12), (False, True), (False, True))),
    *((proposal_view, controls) for controls in ((1, 0, 0, 0), (2, 2, 1, 0), (5, 4, 4, 3), (9, 9, 9, 9))),
    *((judged_view, (Incident(seed).judge(),)) for seed in (0, 5)),
    (
        witnesses_view,
        ("Times", [Witness(name, {"a read of a far member": 0.0, "a write": 260.0}) for name in NAMES]),
    ),
    (
        witnesses_view,
        (
            "Times",
            [
                Witness(name, {"near": ms / 50, "a write": 257 + ms})
                for name, ms in zip(NAMES, (0, 9, 4), strict=True)
            ],
        ),
    ),
    (
        witnesses_view,
        ("Words", [Witness(name, {"its side is cut off": "all that was tried"}) for name in NAMES]),
    ),
    (timeline_view, _down_from_the_start()),
)


def begins_a_sentence(words: str) -> bool:
    """Whether it begins with a capital, or a number."""
    return words[:1].isupper() or words[:1].isdigit()


def words_of(figure: Figure) -> list[tuple[str, BboxBase]]:
    """All words within a figure and their boxes: titles, what signs mean, what stands beside marks, and names of rows."""
    found = [*figure.texts]
    for axes in figure.axes:
        found += [*axes.texts, axes._left_title]  # type: ignore[attr-defined]
        found += axes.get_legend().get_texts() if axes.get_legend() else []
        found += [label for label in axes.get_yticklabels() if axes.axison]
    return [(text.get_text(), text.get_window_extent()) for text in found if text.get_text().strip()]


def stand_on_one_another(one: BboxBase, other: BboxBase) -> bool:
    """Whether two boxes share more than the pixel or two by which letters do not fill them."""
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > 1
        and min(one.y1, other.y1) - max(one.y0, other.y0) > 2
    )


LEGENDS = [
    *((request_cost_view, (request, far)) for request in REQUESTS for far in range(5)),
    (fan_out_view, ({3: 4907.0, 5: 2478.0, 7: 1657.0, 9: 1245.0}, 0.1)),
    (fan_out_view, ({2: 9.0}, 100)),
    (downtimes_view, (TIMES, "Figure 16 of the Raft paper, simulated")),
    (gaps_view, ([900, 1100, 2900], TIMES["150–155 ms"], 0.7)),
    (terms_view, ({"without PreVote": WILD, "with PreVote": STEADY}, [(2, 12)])),
]


@pytest.mark.parametrize(("make", "controls"), LEGENDS, ids=lambda x: getattr(x, "__name__", str(x)[:40]))
def test_what_its_signs_mean_lies_on_no_bar_and_no_mark(make, controls) -> None:  # type: ignore[no-untyped-def]
    figure = make(*controls).figure()
    FigureCanvasAgg(figure).draw()
    for axes in figure.axes:
        legends = [text.get_window_extent() for text in axes.texts if text.get_transform() == axes.transAxes]
        legends += [axes.get_legend().get_window_extent()] if axes.get_legend() else []
        bars = [bar.get_window_extent() for container in axes.containers for bar in container]
        dots = [line.get_transform().transform(line.get_xydata()) for line in axes.lines]
        for legend in legends:
            assert not any(stand_on_one_another(legend, bar) for bar in bars)
            assert not any(legend.contains(*dot) for line in dots for dot in line)


EXPLORED = [
    clients_view, sleeper_view, downtime_view, series_parallel_view, one_two_three_view, extra_member_view, split_vote_view,
    two_quorums_view, overlap_view, fatal_sets_view, slow_followers_view, crash_view, request_cost_view, stale_reads_view,
    election_time_view, tuning_view, timers_view, left_view, price_view, decision_view, third_site_view, returns_view, copy_view,
    watcher_view, proposal_view,
]  # fmt: skip


@pytest.mark.parametrize("make", EXPLORED, ids=lambda make: make.__name__)
def test_a_picture_with_controls_keeps_its_size(make) -> None:  # type: ignore[no-untyped-def]
    """What stands below it does not move with a control."""
    sizes = {view(*controls).size for view, controls in VIEWS if view is make}  # type: ignore[operator]
    assert len(sizes) == 1


@pytest.mark.parametrize(("make", "controls"), VIEWS, ids=lambda x: getattr(x, "__name__", str(x)[:40]))
def test_it_is_drawn_with_all_its_words_inside(make, controls) -> None:  # type: ignore[no-untyped-def]
    view: View = make(*controls)
    assert begins_a_sentence(view.sentence), view.sentence
    assert view.svg().endswith(b"</svg>\n")
    figure = view.figure()
    FigureCanvasAgg(figure).draw()
    drawn = figure.get_tightbbox()  # in inches, labels included
    assert min(drawn.p0) >= -0.01 and drawn.x1 <= view.size[0] + 0.01 and drawn.y1 <= view.size[1] + 0.01, (
        drawn
    )
    for (one, where), (other, there) in combinations(words_of(figure), 2):
        assert not stand_on_one_another(where, there), f"{one!r} and {other!r} stand on one another"
    for axes in figure.axes:
        for name in (label.get_window_extent() for label in axes.get_yticklabels() if label.get_text()):
            for line in axes.lines:
                if line.get_marker() not in ("None", "", None):
                    clear = name.padded(3)  # a sign that touches the last letter is read as one
                    assert not clear.overlaps(line.get_window_extent()), (
                        f"a sign stands on the name at {name}"
                    )
        words = [text.get_bbox_patch() for text in axes.texts if text.get_bbox_patch() is not None]
        boxes = [box.get_window_extent() for box in words]
        if make is witnesses_view:
            assert not any(a.overlaps(b) for a, b in combinations(boxes, 2)), "answers stand on one another"
            assert min((box.x0 for box in boxes), default=axes.bbox.x0) >= axes.bbox.x0
