"""The still timeline: what its words say must be what the trace says, and no label may leave the picture."""

from itertools import combinations, pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from quorumlab.cluster import Trace
from quorumlab.cluster.events import Joined, Process, State
from quorumlab.cluster.story import story
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.timeline import _spans, timeline_view


def crashed() -> Trace:
    c = SimulatedCluster(5, seed=7)
    c.put("x", "1")
    c.run_for(0.5)
    c.crash("etcd-1")
    c.run_for(3)
    c.put("x", "2")
    return c.trace


def faulty(seed: int) -> Trace:
    c = SimulatedCluster(["a-member-with-a-long-name", *(f"etcd-{i}" for i in range(2, 8))], seed=seed)
    old = c.leader
    assert old
    c.partition({old}, set(c.members) - {old})
    for i in range(6):
        c.submit("write", "a-long-key", str(i), via=old)
    c.run_for(6)
    c.heal()
    c.run_for(2)
    c.add_learner()
    c.pause("etcd-3")
    c.crash("etcd-2")
    c.run_for(2)
    c.restart("etcd-2")
    c.resume("etcd-3")
    c.put("x", "1")
    return c.trace


def test_sentence_and_table_say_who_led_and_what_happened() -> None:
    trace = crashed()
    view = timeline_view(trace)
    leads = [e.t / 1e6 for e in trace.events if isinstance(e, State) and e.role == "leader"]
    stands = next(e.t / 1e6 for e in trace.events if isinstance(e, State) and e.role == "pre-candidate")
    assert view.sentence == (
        f"5 members from 0.000 to {trace.until / 1e6:.3f} s: etcd-1 leads term 1 from {leads[0]:.3f} s, "
        f"then etcd-2 leads term 2 from {leads[1]:.3f} s."
    )
    assert view.table.rows == tuple((f"{t:.3f}", words) for t, words in story(trace))
    assert f"etcd-1: follower from 0.000 to {stands:.3f} s" in view.alt
    crash = next(e.t for e in trace.events if isinstance(e, Process) and e.condition == "down")
    assert f"down from {crash / 1e6:.3f} to {trace.until / 1e6:.3f} s" in view.alt


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_spans_are_what_the_trace_says_at_every_moment(seed: int) -> None:
    trace = faulty(seed)
    for name, spans in _spans(trace).items():
        for before, span in pairwise(spans):
            assert before.end == span.start
        for span in spans:
            member = trace.at((span.start + span.end) / 2).members[name]
            assert span.term == member.term
            if member.condition == "up":
                assert span.state == member.role or (span.state == "learner" and member.role == "follower")
            else:
                assert span.state == member.condition


def test_a_stretch_leaves_out_the_rest() -> None:
    view = timeline_view(crashed(), 2, 3)
    assert view.sentence.startswith("5 members from 2.000 to 3.000 s: etcd-2 leads term 2")
    assert all(2 <= float(t) <= 3 for t, _ in view.table.rows)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 1e6), (9e5, None)])
def test_a_stretch_outside_the_trace_is_refused_in_one_sentence(start: float, end: float | None) -> None:
    with pytest.raises(ValueError, match="is no stretch of this trace; choose times from 0 to"):
        timeline_view(crashed(), start, end)


@pytest.mark.parametrize(
    "trace", [crashed(), *(faulty(seed) for seed in (1, 2))], ids=["crash", "faults-1", "faults-2"]
)
@pytest.mark.parametrize("stretch", [(0, None), (1.2, 1.3), (1, 4)])
def test_no_label_leaves_the_picture_or_covers_another(
    trace: Trace, stretch: tuple[float, float | None]
) -> None:
    figure = timeline_view(trace, *stretch).figure()
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = figure.get_tightbbox(canvas.get_renderer())
    width, height = figure.get_size_inches()
    assert drawn.x0 >= 0 and drawn.y0 >= 0 and drawn.x1 <= width and drawn.y1 <= height
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.axes[0].texts]
    for (one, box), (other, box_2) in combinations(boxes, 2):
        assert not box.overlaps(box_2), (one, other)


def test_a_single_member_at_a_single_moment_can_be_drawn() -> None:
    view = timeline_view(SimulatedCluster(1).trace, 0, 0)
    assert view.sentence == "1 member from 0.000 to 0.000 s: nobody leads."
    assert view.svg()


def test_who_leads_when_the_picture_begins_was_not_elected_there() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.run_for(1)
    cluster.crash("etcd-1")
    cluster.run_for(3)
    view = timeline_view(cluster.trace, 0.5)
    assert "etcd-1 leads term 1 at the start, then" in view.sentence
    crowns = [line for line in view.figure().axes[0].lines if line.get_markersize() == 13]
    assert [line.get_xdata()[0] > 0.5 for line in crowns] == [True]


def test_a_learner_stays_one_when_another_member_leaves() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
    cluster.add_learner()
    cluster.run_for(1)
    cluster.remove("etcd-3")
    cluster.run_for(1)
    of_the_learner = timeline_view(cluster.trace).alt.split("etcd-4:")[1]
    assert cluster.status()["etcd-4"].learner
    assert "learner" in of_the_learner and "follower" not in of_the_learner


def test_a_member_that_joins_again_keeps_its_first_life_in_the_picture() -> None:
    events = (
        Joined(0, "new", False), Process(0, "new", "up"), Process(1_000_000, "new", "removed"),
        Joined(3_000_000, "new", True), Process(3_000_000, "new", "up"),
    )  # fmt: skip
    lives = [(s.start, s.end, s.state) for s in _spans(Trace("etcd", {}, 4_000_000, events))["new"]]
    assert lives == [(0, 1, "up, role unknown"), (3, 4, "learner")]


# ---------------------------------------------------------------- what a real cluster does not show


def test_what_is_not_known_is_said_or_left_out(recorded: Trace) -> None:
    view = timeline_view(recorded)
    assert view.sentence.endswith("etcd-1 leads term 2 from 0.600 s, then etcd-2 leads term 3 from 3.200 s.")
    assert "etcd-3: up, role unknown from 0.000 to 8.000 s; etcd-4: learner from 7.100" in view.alt
    assert view.svg()
    early = timeline_view(recorded, 0, 0.5)
    assert early.sentence == "4 members from 0.000 to 0.500 s: nobody is known to lead."


def test_terms_that_are_not_known_are_not_told() -> None:
    events = (
        Joined(0, "a", False), Process(0, "a", "up"), State(1, "a", role="leader"), State(2_000_000, "a", role="follower"),
        State(3_000_000, "a", role="leader"),
    )  # fmt: skip
    view = timeline_view(Trace("etcd", {}, 4_000_000, events))
    assert view.sentence == "1 member from 0.000 to 4.000 s: a leads from 0.000 s, then a leads from 3.000 s."
    assert "term" not in view.alt
    assert view.svg()
