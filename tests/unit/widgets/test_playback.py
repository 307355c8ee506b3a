"""The playback without a browser: futures from Python, what it refuses, and what a saved page keeps."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.cluster import Pending, Trace
from quorumlab.cluster.events import Event, Invoke, Link, Message, Process, plain
from quorumlab.cluster.story import story
from quorumlab.experiments.scenes import FIGURE_8, TWO_READS, perform
from quorumlab.simulation import SimulatedCluster, Uniform, WholeMs
from quorumlab.widgets import playback
from quorumlab.widgets.base import ALIVE
from quorumlab.widgets.playback import MOST_LINES, Playback, play
from quorumlab.widgets.sources import AFTERMATH, Chronicle, as_lines


@pytest.fixture
def cluster() -> SimulatedCluster:
    c = SimulatedCluster(5, seed=7)
    c.put("x", "1")
    c.run_for(2)
    return c


def past(trace: Trace, until: float) -> list[Event]:
    return [event for event in trace.events if event.t < until * 1_000_000]


def opened(widget: Playback) -> list[list[dict[str, Any]]]:
    """The events of each future as a browser has them that opens the widget now."""
    futures: list[list[dict[str, Any]]] = []
    for piece in json.loads(widget.get_state()["record"]):
        base = [] if piece["base"] is None else futures[piece["base"]]
        futures.append(base[: piece["kept"]] + piece["events"])
    return futures


def as_sent(trace: Trace) -> list[dict[str, Any]]:
    """The events of a trace as JSON holds them."""
    made: list[dict[str, Any]] = json.loads(json.dumps([plain(event) for event in trace.events]))
    return made


def test_what_is_played_is_a_copy_with_its_heartbeats(cluster: SimulatedCluster) -> None:
    before = cluster.trace.to_json()
    p = play(cluster, until=8)
    assert p.future.trace.until == 8_000_000
    assert p.cluster.now == 8
    assert any(
        isinstance(event, Message) and event.type == "heartbeat"
        for event in past(p.future.trace, 8)
        if event.t > 5_000_000
    )
    assert p.future.trace.at(3).members["etcd-1"].log == cluster.trace.at(3).members["etcd-1"].log
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
    assert opened(p) == [as_sent(original), as_sent(p.future.trace)]


def test_a_new_future_is_sent_without_its_past(
    cluster: SimulatedCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = play(cluster, until=8)
    pieces: list[dict[str, Any]] = []
    monkeypatch.setattr(p, "send", lambda _content, buffers: pieces.extend(json.loads(buffers[0])))
    p.change("crash", "etcd-1", at=6)
    [piece] = pieces
    assert (piece["future"], piece["base"]) == (1, 0)
    assert piece["kept"] == len([e for e in p._futures[0].trace.events if e.t <= 6_000_000])
    assert piece["kept"] + len(piece["events"]) == len(p.future.trace.events)
    assert all(t >= 6_000_000 for t, _ in piece["story"])
    assert opened(p)[1] == as_sent(p.future.trace)


def test_a_future_says_what_was_recorded_and_does_not_happen_in_it() -> None:
    c = SimulatedCluster(3, leader="etcd-1")
    c.run_for(1 - c.now)
    c.put("lock", "ada", client="Ada")
    c.crash("etcd-2")
    p = play(c)
    assert p.change("write", at=0.996).anew == (
        "From 0.996 s on everything is simulated anew. What was recorded after that does not happen by itself; "
        "at 1.000 s that was “Ada asks etcd-1 to write lock = ada.”"
    )
    assert not any(event.client == "Ada" for event in p.future.trace.events if isinstance(event, Invoke))
    # Neither in what is made of that, at whatever moment; and a fault is as much of what was recorded as a request.
    assert p.change("crash", "etcd-3", at=1.2).anew.startswith("From 0.996 s on")
    p.shown = 0
    assert "“etcd-2 crashes.”" in p.change("cut", "etcd-1", "etcd-3", at=1.001).anew
    p.shown = 0
    assert p.change("crash", "etcd-3", at=c.now).anew == ""
    assert p.forks[1]["anew"].startswith("From 0.996 s on")


def test_instead_of_the_crash_a_link_is_cut_and_another_future_follows(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("crash", "etcd-1", at=4)
    p.change("cut", "etcd-1", "etcd-2", at=2)
    assert p.cluster.status()["etcd-1"].condition == "up"
    assert p.future.trace.at(2).links.keys() == {("etcd-1", "etcd-2"), ("etcd-2", "etcd-1")}
    p.change("heal", "etcd-1", "etcd-2", at=3)
    assert p.future.trace.at(2.9).links and not p.future.trace.at(3).links
    assert list(p.futures) == [
        "the original",
        "future 1: crashed etcd-1 at 4.000 s",
        "future 2: cut etcd-1 – etcd-2 at 2.000 s",
        "future 3: cut etcd-1 – etcd-2 at 2.000 s, then healed etcd-1 – etcd-2 at 3.000 s",
    ]
    p.shown = 1
    assert p.cluster.status()["etcd-1"].condition == "down"
    p.shown = 0
    assert p.future.label == "the original"


@pytest.mark.parametrize(
    ("verb", "undo", "condition"), [("crash", "restart", "down"), ("pause", "resume", "paused")]
)
def test_what_a_learner_does_to_a_member_can_be_undone(
    cluster: SimulatedCluster, verb: str, undo: str, condition: str
) -> None:
    p = play(cluster, until=8)
    p.change(verb, "etcd-2", at=2)
    assert p.future.trace.at(2).members["etcd-2"].condition == condition
    p.change(undo, "etcd-2", at=3)
    assert p.future.trace.at(2.9).members["etcd-2"].condition == condition
    assert p.future.trace.at(3).members["etcd-2"].condition == "up"


def test_a_write_goes_through_the_leader_or_the_member_named(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("write", at=2)
    assert p.future.label == "future 1: a write of x = 2 at 2.000 s"
    assert p.cluster.get("x").value == "2"
    p.change("write", "etcd-3", at=3)
    assert p.future.label == (
        "future 2: a write of x = 2 at 2.000 s, then a write of x = 3 through etcd-3 at 3.000 s"
    )
    assert [e.via for e in p.future.trace.events if isinstance(e, Invoke)] == [
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


def fourth_with_two_down() -> SimulatedCluster:
    """A member was added while one of three was down, and crashed before it ever took part."""
    c = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
    c.crash("etcd-3")
    c.add_voter("etcd-4")
    c.crash("etcd-4")
    return c


def test_a_new_future_lasts_until_a_new_member_takes_part_and_there_is_a_leader_again() -> None:
    """Without a quorum its first reads are given up after 5 s and two election timeouts at each of the two others (see ``joining``)."""
    p = play(fourth_with_two_down())
    p.change("restart", "etcd-4", at=p.cluster.now)
    waited = 2 * (5 + 2)
    assert waited + AFTERMATH * 2 <= p.future.trace.until / 1e6 - p.time <= waited + 2 * AFTERMATH * 2
    assert p.cluster.leader is not None


def test_a_change_that_changes_nothing_is_refused() -> None:
    c = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
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
    assert (p.shown, p.futures) == (0, ("the original",))
    p._on_message(p, {"verb": "crash", "names": ["etcd-1"], "at": 2}, [])
    assert (p.problem, p.shown) == ("", 1)


def test_a_trace_is_played_and_cannot_be_changed(cluster: SimulatedCluster) -> None:
    for source in (cluster.trace, Trace.from_json(cluster.trace.to_json())):
        p = play(source, until=2)
        assert p.can == "watch"
        assert p.future.trace.until == 2_000_000
        p._on_message(p, {"verb": "crash", "names": ["etcd-1"], "at": 1}, [])
        assert (
            p.problem
            == "This is a recording, which can only be watched; to change something, play a cluster."
        )
        with pytest.raises(ValueError, match="This is a recording, which has no cluster"):
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
        (
            {"until": 1e9},
            r"until=1000000000.0 is more than an hour beyond the present of this cluster; choose at most 36",
        ),
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
    assert p.future.story[0][1].startswith("1 member starts")


def test_a_long_run_is_played_without_idle_heartbeats(cluster: SimulatedCluster) -> None:
    long = play(cluster, until=600).future.trace
    assert long.settings["record_heartbeats"] is False
    assert len(long.events) < 300


def test_the_story_is_in_microseconds_and_in_order(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    assert all(isinstance(t, int) for t, _ in p.future.story)
    assert all(one[0] <= other[0] for one, other in pairwise(p.future.story))


def test_a_saved_page_keeps_the_timeline_and_the_story(cluster: SimulatedCluster) -> None:
    p = play(cluster, start=1)
    data, _ = p._repr_mimebundle_()
    assert data["text/html"] == p.view.to_html() + ALIVE
    assert "<img" in data["text/html"] and "becomes leader of term 1" in data["text/html"]
    assert data["text/plain"].startswith("5 members from 1.000 to")
    assert isinstance(p, Playback)


def test_a_saved_page_keeps_the_beginning_of_a_long_story() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    for number in range(MOST_LINES):
        cluster.put("x", str(number))
    p = play(cluster)
    assert len(p.future.story) > 2 * MOST_LINES
    assert MOST_LINES <= len(p.view.table.rows) < MOST_LINES + 10


def test_an_endless_recording_is_refused_in_one_sentence(recorded: Trace) -> None:
    with pytest.raises(ValueError, match=r"at most 1,000,000 events and 1,000,000 s, not 26 and 9,000,000"):
        play(Trace(recorded.world, recorded.settings, 9 * 10**12, recorded.events))


def test_a_write_without_a_leader_is_played_until_its_client_has_an_answer(cluster: SimulatedCluster) -> None:
    cluster.crash("etcd-1", "etcd-2", "etcd-3")
    cluster.run_for(0.1)
    p = play(cluster)
    p.change("write", at=cluster.now)
    assert any("gives up waiting" in words for _, words in p.future.story)


def test_members_stand_where_their_topology_says(cluster: SimulatedCluster) -> None:
    topology = ql.Topology.of("us-east-1a: 2, us-east-1b: 2, eu-west-1a: 1")
    p = play(cluster, places=topology)
    assert [box["name"] for box in p.positions["boxes"]] == [
        "us-east-1", "eu-west-1", "us-east-1a", "us-east-1b", "eu-west-1a",
    ]  # fmt: skip
    assert set(p.positions["spots"]) == set(cluster.members)


# ---------------------------------------------------------------- a recording of a real cluster


def test_a_trace_that_tells_little_is_played_and_saved(recorded: Trace) -> None:
    p = play(recorded)
    assert opened(p) == [as_sent(recorded)]
    page = p._repr_mimebundle_()[0]["text/plain"]
    assert "etcd-1 leads term 2 from 0.600 s, then etcd-2 leads term 3 from 3.200 s." in page
    assert "vote" not in page.replace("it votes for itself", "")


# ---------------------------------------------------------------- a live cluster


class Living:
    """A cluster that lives by itself: what is done to it happens at once, and time passes by its own clock."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.done: list[tuple[object, ...]] = []

    def happens(self, *events: Event, until: float) -> None:
        """More of its trace."""
        micros = round(until * 1e6)
        self.trace = Trace("etcd", self.trace.settings, micros, (*self.trace.events, *events))

    def crash(self, *names: str) -> None:
        """It can be crashed, as a cluster can."""
        if names[0] not in self.trace.members:
            raise ValueError(f"there is no member {names[0]!r}.")
        self.done.append(("crash", *names))
        now = self.trace.until + 1000
        self.happens(*(Process(now, name, "down") for name in names), until=now / 1e6)

    def cut(self, a: str, b: str) -> None:
        """Links can be cut."""
        self.done.append(("cut", a, b))
        self.happens(Link(self.trace.until, a, b, True, 0), until=self.trace.until / 1e6)

    def submit(self, kind: str, key: str, value: str, *, via: str | None = None) -> Pending:
        """A write begins, and nobody waits for it."""
        self.done.append((kind, key, value, via))
        return Pending("client", "write", key, value, via or "etcd-1", "linearizable", 0.0)


@pytest.fixture
def living(recorded: Trace, monkeypatch: pytest.MonkeyPatch) -> Living:
    monkeypatch.setattr(playback, "LOOKS_EVERY", 0.01)
    return Living(recorded)


def wait_for(condition: Any) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to be")


def test_what_is_done_to_a_live_cluster_happens_now(living: Living) -> None:
    p = play(living)
    assert (p.can, p.time, p.speed) == ("act", 9.0, 1.0)
    assert p.cluster is living
    p._on_message(p, {"verb": "crash", "names": ["etcd-2"], "at": 2.0}, [])
    assert living.done == [("crash", "etcd-2")]
    assert p.future.trace.events[-1] == Process(9_001_000, "etcd-2", "down")
    assert p.future.story[-1] == (9_001_000, "etcd-2 crashes.")
    assert p.futures == ("the original",)
    p.change("cut", "etcd-1", "etcd-2")
    p.change("write", "etcd-1")
    assert living.done[1:] == [("cut", "etcd-1", "etcd-2"), ("write", "x", "3", "etcd-1")]
    p._on_message(p, {"verb": "crash", "names": ["etcd-9"], "at": 2.0}, [])
    assert p.problem == "there is no member 'etcd-9'."
    p.close()


def test_what_happens_in_a_live_cluster_is_sent_as_it_happens(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: list[dict[str, Any]] = []
    monkeypatch.setattr(
        Playback, "send", lambda _self, _content, buffers: pieces.extend(json.loads(buffers[0]))
    )
    p = play(living)
    before = len(living.trace.events)
    living.happens(Process(9_500_000, "etcd-1", "paused"), until=9.6)
    wait_for(lambda: len(p.future.trace.events) > before and p.counts == (before + 1,))
    living.happens(until=9.9)
    wait_for(lambda: p.future.trace.until == 9_900_000)
    p.close()
    told = [piece for piece in pieces if piece["events"]]
    assert [(piece["kept"], piece["lines"], piece["events"], piece["story"]) for piece in told] == [
        (
            before,
            17,
            [{"t": 9_500_000, "kind": "process", "member": "etcd-1", "condition": "paused"}],
            [[9_500_000, "etcd-1 is paused: its process stands still, and messages to it wait."]],
        )
    ]
    assert pieces[-1]["until"] == 9_900_000
    assert opened(p) == [as_sent(living.trace)]


def test_the_watch_ends_with_the_widget_and_with_the_cluster(
    living: Living, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = play(living)
    monkeypatch.setattr(Living, "trace", property(lambda _self: 1 / 0), raising=False)
    wait_for(lambda: p.problem == "The cluster can no longer be watched (division by zero).")
    p.close()


def test_a_browser_that_missed_something_is_given_everything(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=3)
    p.change("crash", "etcd-1", at=2)
    sent: list[bytes] = []
    p.send = lambda _content, buffers: sent.extend(buffers)
    p._on_message(p, {"missed": True}, [])
    assert sent == [p.get_state()["record"]]


# ---------------------------------------------------------------- what a learner can do


def test_a_member_is_cut_off_and_joins_again_and_all_links_are_healed(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("cut", "etcd-1", "etcd-2", at=2)
    p.change("cut_off", "etcd-3", at=2.2)
    assert len(p.future.trace.at(2.2).links) == 2 + 8
    p.change("join", "etcd-3", at=2.4)
    assert p.future.trace.at(2.4).links.keys() == {("etcd-1", "etcd-2"), ("etcd-2", "etcd-1")}
    p.change("heal", at=2.6)
    assert not p.future.trace.at(2.6).links
    assert p.future.label == (
        "future 4: cut etcd-1 – etcd-2 at 2.000 s, then cut off etcd-3 at 2.200 s, then joined etcd-3 at 2.400 s, "
        "then healed at 2.600 s"
    )
    with pytest.raises(
        ValueError, match=r"The network cannot be healed at 3\.000 s, as nothing would change"
    ):
        p.change("heal", at=3)


def test_a_timer_runs_out_by_hand_and_the_story_says_so(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=4)
    p.change("time_out", "etcd-4", at=2)
    said = [words for t, words in p.future.story if t >= 2_000_000]
    assert said[:2] == [
        "The election timer of etcd-4 is made to run out.",
        "etcd-4 asks the others whether it should stand.",
    ]
    assert said[2] == "etcd-4 no longer asks: etcd-1 leads term 1."
    with pytest.raises(ValueError, match="etcd-1 leads, so no election timer runs there; choose a follower"):
        p.change("time_out", "etcd-1", at=2)


def test_one_message_is_lost_and_the_rest_of_the_run_goes_on() -> None:
    c = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    c.run_for(1 - c.now)
    c.submit("write", "lock", "ada", client="Ada")
    c.run_for(0.1)
    p = play(c)
    appends = [m for m in p.future.trace.in_flight(1.004) if m.type == "append"]
    assert [m.to for m in appends] == ["etcd-2", "etcd-3"]
    p.change("drop", str(appends[0].id), at=1.004)
    assert p.future.label == "future 1: lost the new entries from etcd-1 to etcd-2 at 1.004 s"
    assert [m.to for m in p.future.trace.in_flight(1.005) if m.type == "append"] == ["etcd-3"]
    assert "A message is lost on its way: the new entries from etcd-1 to etcd-2." in [
        w for _, w in p.future.story
    ]
    assert len(p.future.trace.at(1.012).members["etcd-2"].log) == 1
    assert len(p.cluster.trace.at(p.cluster.now).members["etcd-2"].log) == 2  # the leader sends it again
    with pytest.raises(ValueError, match=r"No message of number \d+ is on its way at 1.5 s"):
        p.change("drop", str(appends[0].id), at=1.5)
    with pytest.raises(ValueError, match="There is no message of number '999999'"):
        p.change("drop", "999999", at=1)
    Trace.from_json(p.future.trace.to_json())


def test_reads_ask_for_the_key_of_the_page() -> None:
    c = SimulatedCluster(3, leader="etcd-1")
    c.put("lock", "ada")
    p = play(c)
    p.change("read", "etcd-2", at=c.now)
    assert p.future.label.endswith(f"a read of lock through etcd-2 at {c.now:.3f} s")
    p.change("read_stale", "etcd-3", at=c.now)
    asked = [(e.verb, e.key, e.via, e.mode) for e in p.future.trace.events if isinstance(e, Invoke)]
    assert asked[-2:] == [
        ("read", "lock", "etcd-2", "linearizable"), ("read", "lock", "etcd-3", "serializable"),
    ]  # fmt: skip


def test_undo_goes_back_to_where_the_last_change_was_made(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("crash", "etcd-1", at=2)
    p.change("crash", "etcd-2", at=3)
    p.time = 5.0
    p.undo()
    assert (p.shown, p.time) == (1, 3)
    p._on_message(p, {"verb": "undo", "names": [], "at": 0}, [])
    assert (p.shown, p.time) == (0, 2)
    with pytest.raises(ValueError, match="so there is nothing to undo"):
        p.undo()
    assert p.forks[2] == {"parent": 1, "last": 3, "first": 2, "anew": p.future.anew}


def test_what_was_done_after_the_moment_of_a_change_is_no_part_of_its_path(cluster: SimulatedCluster) -> None:
    p = play(cluster, until=8)
    p.change("crash", "etcd-1", at=2)
    p.change("crash", "etcd-2", at=3)
    p.change("crash", "etcd-3", at=2.5)
    assert p.futures[-1] == "future 3: crashed etcd-1 at 2.000 s, then crashed etcd-3 at 2.500 s"
    assert p.cluster.status()["etcd-2"].condition == "up"


def test_a_page_says_what_is_at_hand(cluster: SimulatedCluster) -> None:
    p = play(cluster)
    assert p.at_hand == ("crash", "cut")
    assert p.more == ("pause", "cut_off", "time_out", "drop", "write", "read")
    assert play(cluster, acts=("write", "crash")).at_hand == ("crash", "write")
    assert play(cluster, acts="pause").at_hand == ("pause",)
    assert play(cluster, acts=()).at_hand == ()
    assert not {"time_out", "drop"} & {*play(cluster.trace).at_hand, *play(cluster.trace).more}
    with pytest.raises(ValueError, match="'explode' is nothing to put at hand; choose from crash, pause"):
        play(cluster, acts="explode")


def test_clients_stand_below_the_members_and_no_more_than_have_room() -> None:
    c = SimulatedCluster(3, leader="etcd-1")
    for name in ("Ada", "Bob", "Cai", "Dan", "Eve"):
        c.put("x", name, client=name)
    bare, drawn = play(c), play(c, clients=True)
    assert bare.clients == [] and bare.positions["clients"] == {}
    assert drawn.clients == ["Ada", "Bob", "Cai", "Dan"] == list(drawn.positions["clients"])
    assert drawn.positions["height"] > bare.positions["height"]
    assert all(at["y"] < drawn.positions["height"] for at in drawn.positions["clients"].values())
    assert drawn.positions["spots"] == bare.positions["spots"]
    assert play(c, clients=True, start=c.now).clients == []


# ---------------------------------------------------------------- a scene


def test_a_client_that_still_waits_where_a_play_begins_is_drawn() -> None:
    turn = perform(TWO_READS)
    begin = 1.065
    assert play(turn, start=begin).clients == play(turn).clients == ["Ada", "Bob"]


def test_a_scene_is_played_from_its_beginning_with_its_captions_and_clients() -> None:
    scene = perform(FIGURE_8)
    p = play(scene)
    assert [act["caption"] for act in p.scene] == [act.caption for act in scene.acts]
    assert [act["ends"] for act in p.scene] == [round(act.ends * 1e6) for act in scene.acts]
    assert (p.start, p.at_hand, p.clients) == (FIGURE_8.begin, (), ["Ada", "Bob"])
    assert p.future.trace.until == p.scene[-1]["ends"]
    page = p._repr_mimebundle_()[0]
    assert page["text/plain"].startswith("1. Term 1. etcd-1 leads")
    assert "<ol><li>Term 1." in page["text/html"]
    first = play(scene.up_to(2), acts="crash")
    assert (len(first.scene), first.at_hand) == (2, ("crash",))
    assert first.future.trace.until == first.scene[-1]["ends"] < p.scene[2]["ends"]
    assert past(first.future.trace, 1) == past(p.future.trace, 1)


def test_a_live_story_is_told_from_where_it_ended(living: Living) -> None:
    chronicle = Chronicle()
    assert chronicle.go_on(living.trace) == as_lines(story(living.trace))
    told = chronicle.events
    living.happens(Process(9_500_000, "etcd-1", "paused"), until=9.5)
    assert chronicle.go_on(living.trace)[-1][0] == 9_500_000
    living.happens(Process(9_500_000, "etcd-2", "paused"), until=9.5)  # of the same moment
    living.happens(until=9.9)
    assert chronicle.go_on(living.trace) == as_lines(story(living.trace))
    assert chronicle.events > told
    with pytest.raises(ValueError, match="Timers and messages of a real cluster cannot be reached from here"):
        play(living).change("time_out", "etcd-1")
