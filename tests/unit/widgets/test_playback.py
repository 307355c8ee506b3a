"""The playback without a browser: futures from Python, what it refuses, and what a saved page keeps."""

import json
from itertools import pairwise

import pytest

from quorumlab.cluster import Trace
from quorumlab.simulation import SimulatedCluster, Uniform, WholeMs
from quorumlab.widgets.playback import AFTERMATH, Playback, play


@pytest.fixture
def cluster() -> SimulatedCluster:
    c = SimulatedCluster(5, seed=7)
    c.put("x", "1")
    c.run_for(2)
    return c


def past(trace: Trace, until: float) -> list[object]:
    return [event for event in trace.events if event["t"] < until * 1_000_000]


def test_what_is_played_is_a_copy_with_its_heartbeats(cluster: SimulatedCluster) -> None:
    before = cluster.trace.to_json()
    p = play(cluster, until=8)
    assert p.future.trace.until == 8_000_000
    assert p.cluster.now == 8
    assert any(
        event.get("type") == "heartbeat" for event in past(p.future.trace, 8) if event["t"] > 5_000_000
    )
    assert p.future.trace.at(3)["members"]["etcd-1"]["log"] == cluster.trace.at(3)["members"]["etcd-1"]["log"]
    p.change("crash", "etcd-1", at=2)
    assert cluster.trace.to_json() == before
    assert cluster.status()["etcd-1"].condition == "up"


def test_a_crash_leaves_the_past_and_opens_another_future(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    original = p.future.trace
    p.change("crash", "etcd-1", at=2.5)
    assert past(p.future.trace, 2.5) == past(original, 2.5)
    assert p.future.trace.until == original.until
    assert p.future.label == "future 1: crashed etcd-1 at 2.500 s"
    assert (p.shown, p.time) == (1, 2.5)
    assert p.cluster.status()["etcd-1"].condition == "down"
    assert p.cluster.leader not in ("etcd-1", None)
    assert json.loads(p.trace)["events"] == p.future.trace.events


def test_instead_of_the_crash_a_link_is_cut_and_another_future_follows(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("crash", "etcd-1", at=4)
    p.change("cut", "etcd-1", "etcd-2", at=2)
    assert p.cluster.status()["etcd-1"].condition == "up"
    assert p.future.trace.at(2)["links"].keys() == {("etcd-1", "etcd-2"), ("etcd-2", "etcd-1")}
    p.change("heal", "etcd-1", "etcd-2", at=3)
    assert p.future.trace.at(2.9)["links"] and not p.future.trace.at(3)["links"]
    assert p.futures == [
        "the original",
        "future 1: crashed etcd-1 at 4.000 s",
        "future 2: cut etcd-1 – etcd-2 at 2.000 s",
        "future 3: healed etcd-1 – etcd-2 at 3.000 s",
    ]
    p.shown = 1
    assert p.cluster.status()["etcd-1"].condition == "down"
    p.shown = 0
    assert p.future.label == "the original"
    assert json.loads(p.trace) == json.loads(p.future.trace.to_json())


@pytest.mark.parametrize(
    ("verb", "undo", "condition"), [("crash", "restart", "down"), ("pause", "resume", "paused")]
)
def test_what_a_learner_does_to_a_member_can_be_undone(
    cluster: SimulatedCluster, verb: str, undo: str, condition: str
) -> None:
    p = play(cluster, until=8)
    p.change(verb, "etcd-2", at=2)
    assert p.future.trace.at(2)["members"]["etcd-2"]["condition"] == condition
    p.change(undo, "etcd-2", at=3)
    assert p.future.trace.at(2.9)["members"]["etcd-2"]["condition"] == condition
    assert p.future.trace.at(3)["members"]["etcd-2"]["condition"] == "up"


def test_a_write_goes_through_the_leader_or_the_member_named(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("write", at=2)
    assert p.future.label == "future 1: a write of x = 2 at 2.000 s"
    assert p.cluster.get("x").value == "2"
    p.change("write", "etcd-3", at=3)
    assert p.future.label == "future 2: a write of x = 3 through etcd-3 at 3.000 s"
    assert [e["via"] for e in p.future.trace.events if e["kind"] == "invoke"] == [
        "etcd-1",
        "etcd-1",
        "etcd-3",
    ]


def test_a_change_at_the_very_end_leaves_something_to_see(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    p.change("crash", "etcd-1", at=cluster.now)
    assert p.future.trace.until / 1e6 == pytest.approx(cluster.now + AFTERMATH * 2)
    assert p.cluster.leader not in ("etcd-1", None)


@pytest.mark.parametrize("timeouts", [WholeMs(150, 300), Uniform(150, 300), (150, 300), 150])
def test_a_new_future_lasts_some_election_timeouts_however_they_are_drawn(timeouts: object) -> None:
    p = play(SimulatedCluster(3, heartbeat_ms=30, election_ms=timeouts, leader="etcd-1"))
    p.change("crash", "etcd-1", at=p.cluster.now)
    assert p.future.trace.until / 1e6 == pytest.approx(p.time + AFTERMATH * 0.3)


def test_a_change_that_changes_nothing_is_refused() -> None:
    c = SimulatedCluster(3, leader="etcd-1")
    c.remove("etcd-3")
    c.run_for(1)
    p = play(c)
    for verb, names in (
        ("restart", ["etcd-3"]),
        ("crash", ["etcd-3"]),
        ("restart", ["etcd-1"]),
        ("heal", ["etcd-1", "etcd-2"]),
    ):
        with pytest.raises(ValueError, match="as nothing would change; choose another"):
            p.change(verb, *names, at=c.now)
    assert len(p.futures) == 1


def test_a_change_at_the_very_start_is_possible(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("crash", "etcd-1", at=0)
    assert p.cluster.leader not in ("etcd-1", None)


def test_the_time_follows_into_a_shorter_future(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    p.change("crash", "etcd-1", at=cluster.now)
    p.time = p.future.trace.until / 1e6
    p.shown = 0
    assert p.time == cluster.now


@pytest.mark.parametrize(
    ("verb", "names", "at", "words"),
    [
        ("explode", ["etcd-1"], 1, "'explode' is not something to change; use one of crash, restart"),
        ("crash", ["etcd-9"], 1, "there is no member 'etcd-9'"),
        ("crash", [], 1, "'crash' needs 1 of the members' names, not 0"),
        ("cut", ["etcd-1"], 1, "'cut' needs 2 of the members' names, not 1"),
        ("crash", ["etcd-1"], 99, "lies in the future"),
        ("crash", ["etcd-1"], -1, "is no time"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    cluster: SimulatedCluster, verb: str, names: list[str], at: float, words: str
) -> None:
    p = play(cluster)
    with pytest.raises((ValueError, TypeError), match=words):
        p.change(verb, *names, at=at)
    # From the browser the same is a sentence in the widget.
    p._on_message(p, {"verb": verb, "names": names, "at": at}, [])
    assert words in p.problem
    assert (p.shown, p.futures) == (0, ["the original"])
    p._on_message(p, {"verb": "crash", "names": ["etcd-1"], "at": 2}, [])
    assert (p.problem, p.shown) == ("", 1)


def test_a_trace_is_played_and_cannot_be_changed(cluster: SimulatedCluster) -> None:
    for source in (cluster.trace, Trace.from_json(cluster.trace.to_json())):
        p = play(source, until=2)
        assert not p.can_change
        assert p.future.trace.until == 2_000_000
        p._on_message(p, {"verb": "crash", "names": ["etcd-1"], "at": 1}, [])
        assert (
            p.problem == "This is a recording; only a simulated cluster can be changed, so play one of those."
        )
        with pytest.raises(ValueError, match="only a simulated cluster can be changed"):
            _ = p.cluster


def test_a_future_that_is_not_there_is_refused_and_the_original_shown(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    with pytest.raises(ValueError, match="There is no future 4; choose from 0 to 0"):
        p.shown = 4
    assert (p.shown, p.future.label) == (0, "the original")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"start": -1}, "start=-1 is outside what there is to play; choose from 0 to"),
        ({"start": 99}, "start=99 is outside"),
        ({"until": -1}, "until=-1 is no time"),
        ({"until": float("inf")}, "until=inf is no time"),
        ({"speed": 0}, "speed=0 cannot be played; give a number above 0"),
        ({"speed": True}, "speed=True cannot be played"),
    ],
)
def test_times_outside_what_there_is_are_refused(
    cluster: SimulatedCluster, options: dict[str, float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        play(cluster, **options)


def test_what_is_no_cluster_or_too_large_is_refused(cluster: SimulatedCluster) -> None:
    with pytest.raises(TypeError, match="int cannot be played; give a cluster or its trace"):
        play(5)
    with pytest.raises(ValueError, match="shows 1 to 9 members, not 10; use a smaller cluster"):
        play(SimulatedCluster(10))
    with pytest.raises(ValueError, match="is after the end of this trace; choose at most"):
        play(cluster.trace, until=99)


def test_a_cluster_without_a_trace_and_a_single_member_can_be_played() -> None:
    p = play(SimulatedCluster(1, record=False), until=3)
    assert p.cluster.leader == "etcd-1"
    assert p.story[0][1].startswith("1 member starts")


def test_a_long_run_is_played_without_idle_heartbeats(cluster: SimulatedCluster) -> None:
    long = play(cluster, until=600).future.trace
    assert long.settings["record_heartbeats"] is False
    assert len(long.events) < 300


def test_the_story_is_in_microseconds_and_in_order(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    assert all(isinstance(t, int) for t, _ in p.story)
    assert all(one[0] <= other[0] for one, other in pairwise(p.story))


def test_a_saved_page_keeps_the_timeline_and_the_story(cluster: SimulatedCluster) -> None:
    p = play(cluster, start=1)
    data, _ = p._repr_mimebundle_()
    assert data["text/html"] == p.view.to_html()
    assert "<img" in data["text/html"] and "becomes leader of term 1" in data["text/html"]
    assert data["text/plain"].startswith("5 members from 1.000 to")
    assert isinstance(p, Playback)
