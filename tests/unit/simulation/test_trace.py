"""The trace: the same bytes for the same seed, saved and loaded, asked for any moment; and forks of it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from quorumlab.cluster import Trace, TraceError
from quorumlab.cluster.story import story
from quorumlab.cluster.trace import FIELDS
from quorumlab.simulation import LongTailed, SimulatedCluster
from quorumlab.simulation.chaos import disturb, random_cluster

# The trace of `eventful()`. It changes with the protocol, the world or the trace's format, and then only: a
# different value on one platform means that something depends on the platform.
GOLDEN = "21f05734851b5f2cd284a63c3cc30a1cb0c506075bfbf137e6b321347c9334f4"


def eventful(**more):
    """A run in which much happens."""
    cluster = SimulatedCluster(
        5,
        seed=11,
        latency_ms=LongTailed(5, 3),
        disk_ms=(0, 4),
        loss=0.02,
        duplication=0.02,
        reorder=True,
        **more,
    )
    cluster.put("k", "1")
    cluster.crash(cluster.leader)
    cluster.run_for(4)
    cluster.partition({"etcd-2", "etcd-3"})
    cluster.put("k", "2", via="etcd-4")
    cluster.restart(*cluster.members)
    cluster.heal()
    cluster.run_for(2)
    cluster.add_learner()
    cluster.get("k", via="etcd-2")
    cluster.pause("etcd-3")
    cluster.run_for(1)
    cluster.resume("etcd-3")
    cluster.run_for(1)
    return cluster


def digest():
    return hashlib.sha256(eventful().trace.to_json().encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes():
    assert digest() == GOLDEN


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_nothing_depends_on_the_order_of_hashes(hash_seed):
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import {__name__.split('.')[-1]} as t; print(t.digest())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == GOLDEN


def test_another_seed_gives_another_trace():
    assert SimulatedCluster(3, seed=1).trace.to_json() != SimulatedCluster(3, seed=2).trace.to_json()


def test_save_and_load(tmp_path):
    trace = eventful().trace
    path = tmp_path / "run.json"
    trace.save(path)
    loaded = Trace.load(path)
    assert loaded == trace
    assert loaded.to_json() == trace.to_json()
    assert loaded.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4", "etcd-5", "etcd-6")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[:-10], "is no JSON"),
        (lambda text: "[]", "is not a trace of quorumlab"),
        (lambda text: "", "is no JSON"),
        (lambda text: text.replace('"quorumlab-trace"', '"other"'), "is not a trace of quorumlab"),
        (
            lambda text: text.replace('"version":1', '"version":99'),
            "version 99, but this quorumlab reads version 1",
        ),
        (
            lambda text: text.replace('"kind":"state"', '"kind":"stat"', 1),
            "is a damaged trace: event .* is of no known kind",
        ),
        (lambda text: text.replace('{"t":0,', '{"t":99999999999,', 1), "event 0 is out of order"),
        (lambda text: text.replace('"events":[', '"other":['), "no end or no events"),
    ],
)
def test_what_is_no_trace_gets_one_clear_sentence(tmp_path, damage, says):
    path = tmp_path / "run.json"
    path.write_text(damage(SimulatedCluster(3).trace.to_json()), encoding="utf-8")
    with pytest.raises(TraceError, match=says) as caught:
        Trace.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def damaged(change):
    """What reading a trace says after ``change`` has had its way with the events."""
    whole = json.loads(eventful(snapshot_every=2).trace.to_json())
    change(whole)
    with pytest.raises(TraceError) as caught:
        Trace.from_json(json.dumps(whole))
    assert str(caught.value).startswith("this text is a damaged trace: ")
    return str(caught.value)


@pytest.mark.parametrize("kind", sorted(FIELDS))
def test_an_event_that_lacks_a_field_or_has_another_type_in_it_is_named(kind):
    whole = json.loads(eventful(snapshot_every=2).trace.to_json())
    number, event = next((i, e) for i, e in enumerate(whole["events"]) if e["kind"] == kind)
    for field in FIELDS[kind]:
        broken = {k: v for k, v in event.items() if k != field}
        assert f"event {number} ({kind}) lacks {field};" in damaged(
            lambda w, broken=broken: w["events"].__setitem__(number, broken)
        )
        assert f"event {number} ({kind}) has {field} 1.5;" in damaged(
            lambda w, field=field: w["events"][number].update({field: 1.5})
        )


def first(whole, kind, **what):
    return next(e for e in whole["events"] if e["kind"] == kind and what.items() <= e.items())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: first(w, "log").update(member="x"), "(log) names 'x', which is no member"),
        (lambda w: first(w, "message").update(to="x"), "(message) names 'x', which is no member"),
        (lambda w: first(w, "up").update(condition="odd"), "(up) has condition 'odd'"),
        (lambda w: first(w, "state").update(role="king"), "(state) has role 'king'"),
        (lambda w: first(w, "state").pop("role"), "(state) lacks role"),
        (lambda w: first(w, "state", role="leader").update(term="x"), "(state) has term 'x'"),
        (lambda w: first(w, "message", type="vote").pop("granted"), "(message) lacks granted"),
        (lambda w: first(w, "log").update(entries=[5]), "(log) has an entry that is 5"),
        (lambda w: first(w, "log").update(entries=[{"term": 1}]), "(log) has an entry that lacks kind"),
        (lambda w: first(w, "invoke").update(verb="cas"), "(invoke) has no pair as its value"),
        (lambda w: w["settings"].clear(), "its settings lack election_ms"),
        (lambda w: w["events"][0].update(kind=["x"]), "event 0 is of no known kind"),
    ],
)
def test_an_event_that_cannot_be_is_named(change, says):
    assert says in damaged(change)


def test_text_nested_too_deeply_is_no_trace():
    with pytest.raises(TraceError, match="is no JSON"):
        Trace.from_json("[" * 100_000)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(TraceError, match="is not text"):
        Trace.load(path)


def test_the_state_at_the_end_is_the_clusters():
    cluster = eventful()
    state = cluster.trace.at(cluster.now)
    for name, status in cluster.status().items():
        shown = state["members"][name]
        member = cluster._world.nodes[name].member
        assert (shown["condition"], shown["term"], shown["role"], shown["leader"]) == (
            status.condition, status.term, status.role, status.leader,
        )  # fmt: skip
        assert shown["commit"] == status.commit_index
        assert shown["voted_for"] == member.voted_for
        assert [entry["term"] for entry in shown["log"]] == [entry.term for entry in member.log.entries]
        assert shown["voters"] == list(member.membership.voters)


def test_the_state_at_a_moment_of_the_past():
    cluster = SimulatedCluster(3, latency_ms=10, leader="etcd-1")
    start = cluster.now
    cluster.submit("write", "k", "v", via="etcd-1")
    cluster.run_for(0.015)
    trace = cluster.trace
    at_once = trace.at(start + 0.001)
    assert [(m["type"], m["to"]) for m in at_once["messages"]] == [("append", "etcd-2"), ("append", "etcd-3")]
    assert at_once["requests"][0]["value"] == "v"
    assert [len(at_once["members"][name]["log"]) for name in cluster.members] == [2, 1, 1]
    later = trace.at(start + 0.012)
    assert [len(later["members"][name]["log"]) for name in cluster.members] == [2, 2, 2]
    assert {m["type"] for m in later["messages"]} == {"appended"}
    for moment in (99, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="outside this trace; choose from 0 to"):
            trace.at(moment)
    for moment in ("x", None, True):
        with pytest.raises(TypeError, match="is no time; give a number of seconds from 0 to"):
            trace.at(moment)


def test_idle_heartbeats_are_recorded_only_on_request():
    quiet, full = SimulatedCluster(3), SimulatedCluster(3, record_heartbeats=True)
    sizes = [len(c.trace.events) for c in (quiet, full)]
    for cluster in (quiet, full):
        cluster.run_for(60)
    assert len(quiet.trace.events) == sizes[0]
    assert len(full.trace.events) > sizes[1] + 60 * 10 * 4
    assert any("due" in e for e in full.trace.events if e["kind"] == "state" and e["t"] > 30_000_000)


def test_a_fork_has_the_same_past_and_its_own_future():
    cluster = SimulatedCluster(5, seed=5)
    cluster.put("k", "1")
    moment = cluster.now + 0.5
    cluster.run_for(1)
    cluster.crash(cluster.leader)
    cluster.run_for(5)
    cluster.put("k", "2")
    before = cluster.trace.to_json()
    other = cluster.fork(at=moment)
    assert other.now == moment
    past = [e for e in cluster.trace.events if e["t"] <= moment * 1e6]
    assert other.trace.events == past
    other.cut("etcd-1", other.leader if other.leader != "etcd-1" else "etcd-2")
    other.run_for(5)
    assert (
        other.leader == other.trace.at(moment)["members"]["etcd-1"]["leader"]
    )  # nobody crashed in this future
    assert cluster.trace.to_json() == before
    assert cluster.fork().trace.to_json() == before


def test_a_fork_within_a_request_and_of_a_fork():
    cluster = SimulatedCluster(3, latency_ms=10, leader="etcd-1")
    start = cluster.now
    cluster.put("k", "v")
    half = cluster.fork(at=start + 0.01)
    assert half.trace.at(half.now)["requests"]
    half.run_for(0.001)
    half.crash("etcd-2", "etcd-3")
    half.run_for(1)
    assert half.fork().trace.to_json() == half.trace.to_json()
    assert half.fork(at=start + 0.01).trace.to_json() == cluster.fork(at=start + 0.01).trace.to_json()


@pytest.mark.parametrize("seed", range(60))
def test_the_trace_tells_of_every_log_what_the_member_has(seed):
    """Snapshots lost in a crash before they were on disk, and logs that give way to one, among them."""
    cluster = random_cluster(seed, record=True, snapshot_every=3, disk_ms=(1, 30))
    for _ in range(8):
        disturb(cluster, seed, 8)
        shown = cluster.trace.at(cluster.now)["members"]
        for name, node in cluster._world.nodes.items():
            log = node.member.log
            if node.condition == "up":
                assert shown[name]["first"] == log.snapshot.last_index + 1
                assert [e["term"] for e in shown[name]["log"]] == [e.term for e in log.entries]


def test_a_snapshot_that_was_not_yet_on_disk_is_lost_in_a_crash():
    cluster = SimulatedCluster(3, leader="etcd-1", disk_ms=30, snapshot_every=5)
    for number in range(4):
        cluster.put("k", str(number))
    log = cluster._world.nodes["etcd-1"].member.log
    assert cluster.run_until(lambda: log.snapshot.last_index > 0, within=1)
    cluster.crash("etcd-1")
    cluster.restart("etcd-1")
    log = cluster._world.nodes["etcd-1"].member.log
    shown = cluster.trace.at(cluster.now)["members"]["etcd-1"]
    assert (shown["first"], len(shown["log"])) == (1, len(log.entries)) and log.snapshot.last_index == 0


def test_a_log_that_gives_way_to_a_snapshot_is_gone():
    cluster = SimulatedCluster(3, leader="etcd-1", snapshot_every=4)
    cluster.partition({"etcd-1"})
    for number in range(10):
        cluster.submit("write", "k", f"lost {number}", via="etcd-1")
    cluster.run_for(5)
    for number in range(20):
        cluster.put("k", str(number), via="etcd-2")
    cluster.heal()
    cluster.run_for(2)
    assert cluster.trace.at(cluster.now)["members"]["etcd-1"]["first"] > 10
    log = cluster._world.nodes["etcd-1"].member.log
    assert len(cluster.trace.at(cluster.now)["members"]["etcd-1"]["log"]) == len(log.entries)
    assert any("in place of its own log" in words for _, words in story(cluster.trace))


def test_a_trace_is_plain_data():
    trace = eventful().trace
    assert json.loads(trace.to_json())["events"] == trace.events


@pytest.mark.parametrize("seed", [37, 47, *range(12)])
def test_the_trace_of_any_run_is_in_order_and_can_be_read_again(seed):
    """In 37 and 47 a leader's first heartbeat is overdue when its own vote is at last on a slow disk."""
    cluster = random_cluster(seed, record=True, record_heartbeats=seed % 4 == 0)
    disturb(cluster, seed, 60)
    times = [event["t"] for event in cluster.trace.events]
    assert times == sorted(times)
    assert Trace.from_json(cluster.trace.to_json()) == cluster.trace
