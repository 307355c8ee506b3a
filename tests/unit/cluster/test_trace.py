"""The recording: saved and loaded, refused in one sentence where it is damaged or foreign, and silent on what nobody saw."""

import json

import pytest

from quorumlab.cluster import UNKNOWN, Trace, TraceError
from quorumlab.cluster.events import (
    KINDS,
    Disk,
    Entry,
    Invoke,
    Joined,
    Link,
    Log,
    Process,
    Return,
    State,
    plain,
)
from quorumlab.simulation import SimulatedCluster


@pytest.fixture(scope="module")
def eventful():
    """A run with every kind of event."""
    cluster = SimulatedCluster(
        3, seed=11, latency_ms=(1, 9), disk_ms=(0, 4), snapshot_every=2, leader="etcd-1"
    )
    for number in range(5):
        cluster.put("k", str(number))
    cluster.cas("k", "4", "5")
    cluster.submit("write", "k", "6")
    cluster.crash("etcd-2")
    cluster.run_for(3)
    cluster.restart("etcd-2")
    cluster.partition({"etcd-1"})
    cluster.slow_disk("etcd-3", ms=5)
    cluster.run_for(5)
    return cluster.trace


def test_save_and_load(tmp_path, eventful):
    path = tmp_path / "run.json"
    eventful.save(path)
    loaded = Trace.load(path)
    assert loaded == eventful
    assert loaded.to_json() == eventful.to_json()
    assert loaded.members == ("etcd-1", "etcd-2", "etcd-3")
    assert (loaded.world, loaded.settings["seed"]) == ("simulation", 11)


def test_a_trace_that_no_file_can_hold_leaves_the_file_as_it_was(tmp_path, eventful):
    file = tmp_path / "run.json"
    eventful.save(file)
    half = Trace("simulation", {"note": "\ud800"})
    with pytest.raises(
        TraceError, match=r"^This trace cannot be written: a text in it holds half a character"
    ) as error:
        half.save(file)
    assert "name another file" not in str(error.value)
    assert Trace.load(file) == eventful
    with pytest.raises(TraceError, match="name another file"):
        eventful.save(tmp_path / "\0")


def test_what_nobody_saw_is_left_out_of_the_file_and_unknown_when_read():
    events = (
        Joined(0, "etcd-1", False),
        State(5, "etcd-1", role="leader", term=3, commit=7, leader="etcd-1"),
    )
    assert plain(events[1]) == {
        "t": 5,
        "kind": "state",
        "member": "etcd-1",
        "role": "leader",
        "term": 3,
        "leader": "etcd-1",
        "commit": 7,
    }
    trace = Trace("etcd", {"version": "3.5.21"}, 10, events)
    read = Trace.from_json(trace.to_json())
    assert read == trace
    shown = read.at(0.00001).members["etcd-1"]
    assert (shown.role, shown.term, shown.commit, shown.condition) == ("leader", 3, 7, None)
    assert shown.voted_for is shown.log is shown.timeout is shown.due is shown.voters is UNKNOWN
    assert not UNKNOWN and repr(UNKNOWN) == "UNKNOWN"


def test_nobody_is_a_fact_and_not_unknown():
    state = State(5, "etcd-1", voted_for=None)
    assert plain(state) == {"t": 5, "kind": "state", "member": "etcd-1", "voted_for": None}
    trace = Trace("simulation", {}, 5, (Joined(0, "etcd-1", False), state))
    assert Trace.from_json(trace.to_json()).events[1].voted_for is None


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda text: text[:-10], "is no JSON"),
        (lambda text: "[]", "is not a trace of quorumlab"),
        (lambda text: "", "is no JSON"),
        (lambda text: text.replace('"quorumlab-trace"', '"other"'), "is not a trace of quorumlab"),
        (
            lambda text: text.replace('"version":2', '"version":1'),
            "is a trace of version 1, but this quorumlab reads version 2; record the run again with this one",
        ),
        (
            lambda text: text.replace('"kind":"state"', '"kind":"stat"', 1),
            "is a damaged trace: event .* is of no known kind",
        ),
        (lambda text: text.replace('{"t":0,', '{"t":99999999999,', 1), "event 0 is out of order"),
        (lambda text: text.replace('"events":[', '"other":['), "no end or no events"),
        (lambda text: text.replace('"world":"simulation"', '"world":5'), "no world or no settings"),
    ],
)
def test_what_is_no_trace_gets_one_clear_sentence(tmp_path, damage, says, eventful):
    path = tmp_path / "run.json"
    path.write_text(damage(eventful.to_json()), encoding="utf-8")
    with pytest.raises(TraceError, match=says) as caught:
        Trace.load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def damaged(trace, change):
    """What reading a trace says after ``change`` has had its way with it."""
    whole = json.loads(trace.to_json())
    change(whole)
    with pytest.raises(TraceError) as caught:
        Trace.from_json(json.dumps(whole))
    assert str(caught.value).startswith("this text is a damaged trace: ")
    return str(caught.value)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_event_that_lacks_a_field_or_has_another_type_in_it_is_named(kind, eventful):
    whole = json.loads(eventful.to_json())
    number, event = next((i, e) for i, e in enumerate(whole["events"]) if e["kind"] == kind)
    optional = KINDS[kind]._field_defaults
    for field in KINDS[kind]._fields[1:]:
        if field not in optional:
            broken = {k: v for k, v in event.items() if k != field}
            assert f"event {number} ({kind}) lacks {field};" in damaged(
                eventful, lambda w, broken=broken: w["events"].__setitem__(number, broken)
            )
        assert f"event {number} ({kind}) has {field} 1.5;" in damaged(
            eventful, lambda w, field=field: w["events"][number].update({field: 1.5})
        )
    assert f"event {number} ({kind}) has the unknown field 'odd';" in damaged(
        eventful, lambda w: w["events"][number].update(odd=1)
    )


def first(whole, kind, **what):
    return next(e for e in whole["events"] if e["kind"] == kind and what.items() <= e.items())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: first(w, "log").update(member="x"), "(log) names 'x', which is no member"),
        (lambda w: first(w, "message").update(to="x"), "(message) names 'x', which is no member"),
        (lambda w: first(w, "process").update(condition="odd"), "(process) has condition 'odd'"),
        (lambda w: first(w, "state").update(role="king"), "(state) has role 'king'"),
        (lambda w: first(w, "state", role="leader").update(term="x"), "(state) has term 'x'"),
        (lambda w: first(w, "state").update(term=True), "(state) has term True"),
        (lambda w: first(w, "message").update(type="chat"), "(message) has type 'chat'"),
        (lambda w: first(w, "log").update(entries=[5]), "(log) has an entry that is 5"),
        (lambda w: first(w, "log").update(entries=[{"term": 1}]), "(log) has an entry that lacks kind"),
        (lambda w: first(w, "invoke", verb="write").update(verb="cas"), "(invoke) has no pair as its value"),
        (lambda w: first(w, "log", start=2).update(start=10**9), "entry 1000000000 cannot follow entry 1"),
        (lambda w: w["events"][0].update(kind=["x"]), "event 0 is of no known kind"),
        (lambda w: w["events"][3].update(t=1.5), "event 3 is no event"),
        (lambda w: w["events"][9].update(t=w["events"][40]["t"] + 1), "is out of order"),
    ],
)
def test_an_event_that_cannot_be_is_named(change, says, eventful):
    assert says in damaged(eventful, change)


def test_text_nested_too_deeply_is_no_trace():
    with pytest.raises(TraceError, match="is no JSON"):
        Trace.from_json("[" * 100_000)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(TraceError, match="is not text"):
        Trace.load(path)


def test_a_trace_can_be_ended_earlier(eventful):
    half = eventful.ended_at(eventful.until // 2)
    assert half.until == eventful.until // 2
    assert half.events == tuple(e for e in eventful.events if e.t <= half.until) != eventful.events


def test_every_kind_of_event_comes_back_as_it_was():
    events = (
        Joined(0, "a", True),
        Process(0, "a", "up"),
        Log(1, "a", 1, (Entry(1, "command", ["put", "k", "v"], 3), Entry(1, "noop"))),
        Link(2, "a", "a", True, 0),
        Disk(2, "a", 5),
        Invoke(3, 1, "Ada", "cas", "k", (None, "v"), "a", "linearizable"),
        Return(4, 1, False, None, "timeout", None, reached=False),
    )
    trace = Trace("etcd", {}, 4, events)
    assert Trace.from_json(trace.to_json()) == trace
