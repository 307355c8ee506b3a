"""The trace: the same bytes for the same seed, saved and loaded, asked for any moment; and forks of it."""

import copy
import hashlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from quorumlab.cluster import Trace
from quorumlab.cluster.events import State
from quorumlab.cluster.moments import fold
from quorumlab.cluster.story import story
from quorumlab.simulation import LongTailed, SimulatedCluster
from quorumlab.simulation.chaos import disturb, random_cluster

# The trace of `eventful()`. It changes with the protocol, the world or the trace's format, and then only: a
# different value on one platform means that something depends on the platform.
GOLDEN = "9a285fe3e4b71b72977349dcd33cd5b2d48089e0e568b23389044698bea44941"


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
    cluster.run_for(6)
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


def test_the_situation_at_the_end_is_the_clusters():
    cluster = eventful()
    now = cluster.trace.at(cluster.now)
    for name, status in cluster.status().items():
        shown = now.members[name]
        member = cluster._world.nodes[name].member
        assert (shown.condition, shown.term, shown.role, shown.leader) == (
            status.condition, status.term, status.role, status.leader,
        )  # fmt: skip
        assert shown.commit == status.commit_index
        assert shown.voted_for == member.voted_for
        assert [entry.term for entry in shown.log] == [entry.term for entry in member.log.entries]
        assert shown.voters == member.membership.voters


def test_the_situation_at_a_moment_of_the_past():
    cluster = SimulatedCluster(3, latency_ms=10, leader="etcd-1")
    start = cluster.now
    cluster.submit("write", "k", "v", via="etcd-1")
    cluster.run_for(0.015)
    trace = cluster.trace
    at_once = trace.at(start + 0.001)
    assert [(m.type, m.to) for m in trace.in_flight(start + 0.001)] == [
        ("append", "etcd-2"),
        ("append", "etcd-3"),
    ]
    assert [asked.value for asked in at_once.requests.values()] == ["v"]
    assert [len(at_once.members[name].log) for name in cluster.members] == [2, 1, 1]
    later = trace.at(start + 0.012)
    assert [len(later.members[name].log) for name in cluster.members] == [2, 2, 2]
    assert {m.type for m in trace.in_flight(start + 0.012)} == {"appended"}
    for moment in (99, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="outside this trace; choose from 0 to"):
            trace.at(moment)
    for moment in ("x", None, True):
        with pytest.raises(TypeError, match="is no time; give a number of seconds from 0 to"):
            trace.in_flight(moment)


def test_idle_heartbeats_are_recorded_only_on_request():
    quiet, full = SimulatedCluster(3), SimulatedCluster(3, record_heartbeats=True)
    sizes = [len(c.trace.events) for c in (quiet, full)]
    for cluster in (quiet, full):
        cluster.run_for(60)
    assert len(quiet.trace.events) == sizes[0]
    assert len(full.trace.events) > sizes[1] + 60 * 10 * 4
    assert any(isinstance(e, State) and e.due and e.t > 30_000_000 for e in full.trace.events)


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
    past = [e for e in cluster.trace.events if e.t <= moment * 1e6]
    assert list(other.trace.events) == past
    other.cut("etcd-1", other.leader if other.leader != "etcd-1" else "etcd-2")
    other.run_for(5)
    assert other.leader == other.trace.at(moment).members["etcd-1"].leader  # nobody crashed in this future
    assert cluster.trace.to_json() == before
    assert cluster.fork().trace.to_json() == before


def test_a_fork_within_a_request_and_of_a_fork():
    cluster = SimulatedCluster(3, latency_ms=10, leader="etcd-1")
    start = cluster.now
    cluster.put("k", "v")
    half = cluster.fork(at=start + 0.01)
    assert half.trace.at(half.now).requests
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
        shown = cluster.trace.at(cluster.now).members
        for name, node in cluster._world.nodes.items():
            log = node.member.log
            if node.condition == "up":
                assert shown[name].log.first == log.snapshot.last_index + 1
                assert [e.term for e in shown[name].log] == [e.term for e in log.entries]


def test_a_snapshot_that_was_not_yet_on_disk_is_lost_in_a_crash():
    cluster = SimulatedCluster(3, leader="etcd-1", disk_ms=30, snapshot_every=5)
    for number in range(4):
        cluster.put("k", str(number))
    log = cluster._world.nodes["etcd-1"].member.log
    assert cluster.run_until(lambda: log.snapshot.last_index > 0, within=1)
    cluster.crash("etcd-1")
    cluster.restart("etcd-1")
    log = cluster._world.nodes["etcd-1"].member.log
    shown = cluster.trace.at(cluster.now).members["etcd-1"].log
    assert (shown.first, len(shown)) == (1, len(log.entries)) and log.snapshot.last_index == 0


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
    shown = cluster.trace.at(cluster.now).members["etcd-1"].log
    assert shown.first > 10
    assert len(shown) == len(cluster._world.nodes["etcd-1"].member.log.entries)
    assert any("in place of its own log" in words for _, words in story(cluster.trace))


@pytest.mark.parametrize("seed", [37, 47, *range(12)])
def test_the_trace_of_any_run_is_in_order_and_can_be_read_again(seed):
    """In 37 and 47 a leader's first heartbeat is overdue when its own vote is at last on a slow disk."""
    cluster = random_cluster(seed, record=True, record_heartbeats=seed % 4 == 0)
    disturb(cluster, seed, 60)
    times = [event.t for event in cluster.trace.events]
    assert times == sorted(times)
    assert Trace.from_json(cluster.trace.to_json()) == cluster.trace


@pytest.mark.parametrize("seed", range(40))
def test_a_fork_at_the_present_goes_on_just_as_the_original_does(seed):
    """Also where ``run_until`` stopped amid events of one and the same moment."""
    cluster = random_cluster(seed, record=True)
    disturb(cluster, seed, 10)
    cluster.run_until(lambda: cluster.leader is not None, within=2)
    twin = cluster.fork()
    assert twin.trace == cluster.trace and twin._world.steps == cluster._world.steps
    for each in (cluster, twin):
        each.submit("write", "x", "after")
        each.run_for(0.3)
    assert twin.trace == cluster.trace


@pytest.mark.parametrize("seed", range(10))
def test_what_a_condition_does_is_done_again_by_a_fork(seed):
    cluster = SimulatedCluster(
        3, seed=seed, election_ms=(40, 80), heartbeat_ms=10, latency_ms=(1, 9), timeout_ms=200
    )

    def awkward():
        if cluster.now > 0.3 and cluster.status()["etcd-1"].condition == "up":
            cluster.crash("etcd-1")
        return cluster.now > 0.5 and cluster.put("k", str(seed)).ok and cluster.get("k").value == str(seed)

    assert cluster.run_until(awkward, within=5)
    twin = cluster.fork()
    assert twin.trace == cluster.trace and twin.now == cluster.now
    for each in (cluster, twin):
        each.run_for(1)
    assert twin.trace == cluster.trace


def test_a_copy_is_a_fork_and_cannot_be_pickled():
    cluster = SimulatedCluster(3)
    for twin in (copy.copy(cluster), copy.deepcopy(cluster)):
        twin.crash("etcd-1")
        twin.run_for(3)
        assert cluster.status()["etcd-1"].condition == "up" and cluster.fork().trace == cluster.trace
    with pytest.raises(
        TypeError, match=r"cannot be pickled; save its trace, with cluster.trace.save\(path\)\."
    ):
        pickle.dumps(cluster)


@pytest.mark.parametrize("seed", range(4))
def test_a_trace_with_heartbeats_tells_at_any_time_when_each_timer_runs_out(seed):
    chance = Random(seed)
    c = SimulatedCluster(5, seed=seed, record_heartbeats=True, latency_ms=chance.choice([1, 10, 40]))
    for step in range(40):
        c.run_for(chance.random() * 0.4)
        if step in (10, 20):
            c.crash(next(name for name, member in c.status().items() if member.condition == "up"))
        if step == 25:
            c.restart(*[name for name, member in c.status().items() if member.condition == "down"])
        if step % 5 == 0:
            c.submit("write", "x", "1")
        told = fold(c.trace.events).members
        running = {name: node for name, node in c._world.nodes.items() if node.condition == "up"}
        assert {name: told[name].due for name in running} == {
            n: node.member.due for n, node in running.items()
        }
