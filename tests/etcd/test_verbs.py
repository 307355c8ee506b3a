"""The verbs on three real members: what clients are told, in peace and under faults."""

import subprocess
from pathlib import Path

import pytest

from quorumlab.cluster.trace import Trace
from quorumlab.etcd import find_etcd
from quorumlab.etcd.binary import find_tool
from quorumlab.history import check_linearizable
from tests.etcd.steady import LONG, in_office, quickest

pytestmark = pytest.mark.etcd


def others(cluster, name):
    return [other for other in cluster.members if other != name]


def least(cluster, via, bound):
    """The least latency of some writes, in ms: one that is not above ``bound``, if there is one."""
    return quickest(
        lambda: cluster.put("k", "v", via=via).latency, lambda latency: latency <= bound, at_least=3
    )


def test_what_it_is(three):
    assert three.members == ("etcd-1", "etcd-2", "etcd-3")
    assert three.version == find_etcd().version
    assert repr(three).startswith("<EtcdCluster of etcd-1, etcd-2, etcd-3: etcd 3.")
    status = three.status()
    leader = three.leader
    assert {name: m.role for name, m in status.items()} == {
        name: "leader" if name == leader else "follower" for name in three.members
    }
    assert {m.leader for m in status.values()} == {leader} == {three.agreed_leader}
    assert len({m.term for m in status.values()}) == 1
    assert all(m.condition == "up" and not m.learner and m.commit_index > 0 for m in status.values())


def test_put_get_and_cas_through_every_member(three):
    for via in three.members:
        put = three.put(f"key of {via}", "ü", via=via)
        assert (put.ok, put.value, put.error, put.via) == (True, "ü", None, via)
        assert put.latency > 0
        got = three.get(f"key of {via}", via=via)
        assert (got.ok, got.value, got.revision) == (True, "ü", put.revision)
    assert three.get("never written").value is None
    assert three.put("empty", "").ok
    assert three.get("empty").value == ""
    first = three.cas("c", None, "1")
    assert (first.ok, first.value, first.revision) == (True, "1", three.get("c").revision)
    second = three.cas("c", None, "2")
    assert (second.ok, second.value, second.error, second.revision) == (
        False,
        "1",
        "compare_failed",
        first.revision,
    )
    assert three.cas("c", "1", "3").ok
    assert three.get("c").value == "3"


def test_by_default_the_leader_is_asked(three):
    assert three.put("k", "v").via == three.leader


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda c: c.put("k", "v", via="etcd-9"), ValueError, "there is no member 'etcd-9'"),
        (lambda c: c.crash("etcd-9"), ValueError, "there is no member 'etcd-9'"),
        (lambda c: c.put("k", 5), TypeError, "5 is no value"),
        (lambda c: c.get("k", mode="fast"), ValueError, "mode 'fast' is unknown"),
        (lambda c: c.partition({"etcd-1"}, {"etcd-1"}), ValueError, "'etcd-1' is in two groups"),
        (lambda c: c.delay("etcd-1", "etcd-2", ms=-1), ValueError, "ms=-1 is no delay"),
        (lambda c: c.cut("etcd-1", "etcd-1"), ValueError, "no link to itself"),
        (lambda c: c.heal("etcd-1"), TypeError, "heal takes no name or two"),
        (lambda c: c.run_for(-1), ValueError, "seconds=-1 is no time"),
        (lambda c: c.add_learner("a=b"), ValueError, "cannot name a member"),
        (lambda c: c.add_learner("etcd-1"), ValueError, "has been used in this cluster"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(three, call, error, says):
    before = three.status()
    with pytest.raises(error, match=says):
        call(three)
    assert three.status() == before


def test_a_leader_is_killed_and_another_takes_over(three):
    old = three.leader
    assert three.put("before", "1").ok
    three.crash(old)
    assert three.status()[old].condition == "down"
    assert three.status()[old].role is None
    asked = three.put("k", "v", via=old)
    assert (asked.error, asked.ok) == ("member_down", False)
    assert three.run_until(lambda: three.agreed_leader is not None, within=LONG)
    assert three.leader != old
    assert three.get("before").value == "1"
    three.restart(old)
    assert three.run_until(lambda: three.status()[old].role == "follower", within=LONG)


def test_without_a_quorum_nothing_is_confirmed_and_serializable_reads_go_on(three):
    assert three.put("k", "kept").ok
    left = three.leader
    three.crash(*others(three, left))
    put = three.put("k", "lost?", via=left)
    assert (put.error, put.unknown) == ("timeout", True)
    assert put.latency >= 1500  # this client's patience
    assert three.get("k", via=left).error == "timeout"
    stale = three.get("k", via=left, mode="serializable")
    assert (stale.ok, stale.value) == (True, "kept")
    assert three.leader is None


def test_one_restarted_without_a_quorum_serves_nothing(three):
    left = three.members[0]
    three.crash(*three.members)
    three.restart(left)
    assert three.get("k", via=left, mode="serializable").error == "timeout"
    assert three.status()[left].condition == "up"
    assert three.status()[left].role is None


def test_a_paused_leader_loses_its_office_and_learns_of_it(three):
    old = three.leader
    three.pause(old)
    assert three.status()[old].condition == "paused"
    assert three.get("k", via=old).error == "timeout"
    assert three.run_until(lambda: three.leader not in (None, old), within=LONG)
    assert three.put("k", "new").ok
    three.resume(old)
    assert three.run_until(lambda: three.agreed_leader not in (None, old), within=LONG)
    assert three.get("k", via=old).value == "new"


def test_a_leader_behind_a_cut_serves_stale_reads_only(three):
    old = three.leader
    rest = others(three, old)
    assert three.put("k", "old").ok
    three.partition({old}, rest)
    assert three.run_until(lambda: three.leader in rest, within=LONG)
    assert three.put("k", "new").ok
    assert three.get("k", via=old, mode="serializable").value == "old"
    assert three.get("k", via=old).error == "timeout"
    three.heal()
    assert three.run_until(lambda: three.agreed_leader in rest, within=LONG)
    assert three.get("k", via=old).value == "new"


@in_office
def test_with_pre_vote_a_follower_behind_a_cut_leaves_the_term_alone(three):
    leader = three.leader
    alone = others(three, leader)[0]
    term = three.status()[leader].term
    three.partition({alone})
    three.run_for(2)
    three.heal()
    assert three.run_until(lambda: three.agreed_leader is not None, within=LONG)
    assert (three.leader, three.status()[leader].term) == (leader, term)


def test_one_way_cut_from_the_leader_starts_an_election_the_other_way_does_not(three):
    leader = three.leader
    _, deaf = others(three, leader)
    three.cut(leader, deaf, one_way=True)
    assert three.run_until(lambda: three.status()[deaf].leader is None, within=LONG)
    assert three.put("k", "v").ok
    three.heal(leader, deaf)
    assert three.run_until(lambda: three.agreed_leader is not None, within=LONG)


@in_office
def test_a_delay_is_paid_by_every_commit(three):
    leader = three.leader
    for name in others(three, leader):
        three.delay(leader, name, ms=40)
    three.run_for(0.2)
    assert 80 <= least(three, leader, 100) <= 100  # there and back, and the machine's own few ms
    three.heal()
    three.run_for(0.2)
    assert least(three, leader, 50) <= 50


@in_office
def test_a_slow_disk_slows_every_write_under_the_leader_and_none_under_one_follower(three):
    leader = three.leader
    one, other = others(three, leader)
    try:
        three.slow_disk(leader, ms=60)
    except RuntimeError as error:
        pytest.skip(str(error))
    try:
        assert 60 <= least(three, leader, 110) <= 110
        three.slow_disk(leader, ms=0)
        three.slow_disk(one, ms=60)
        assert least(three, leader, 50) <= 50
        three.slow_disk(other, ms=60)
        assert 60 <= least(three, leader, 110) <= 110
    finally:
        for name in three.members:
            three.slow_disk(name, ms=0)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists what a process has open")
def test_a_member_that_died_leaves_nothing_to_listen_to(three, soon):
    """What tells of a dead member's disk is always ready to be read: kept, it would take a whole core until the member comes back."""
    open_files = Path(f"/proc/{three._members.processes._supervisor.pid}/fd")

    def listened_to():
        return sum("seccomp" in str(file.readlink()) for file in open_files.iterdir())

    if not listened_to():
        pytest.skip("this machine cannot slow a disk")
    assert listened_to() == 3
    three.crash("etcd-1")
    assert soon(lambda: listened_to() == 2)
    three.restart("etcd-1")
    assert listened_to() == 3


def test_transfer(three):
    to = others(three, three.leader)[0]
    moved = three.transfer(to)
    assert (moved.ok, moved.error) == (True, None)
    assert three.leader == to
    assert three.transfer(to).ok
    three.crash(*others(three, to))
    assert three.run_until(lambda: three.leader is None, within=LONG)
    assert three.transfer(to).error == "not_the_leader"


def test_many_clients_at_once_and_what_they_saw_is_linearizable(three):
    asked = [
        three.submit(
            "write" if n % 2 else "read", "k", f"v{n}" if n % 2 else None, via=via, client=f"{via} {n}"
        )
        for n in range(10)
        for via in three.members
    ]
    three.crash(three.leader)
    assert three.run_until(lambda: all(request.done for request in asked), within=LONG)
    three.run_until(lambda: three.agreed_leader is not None, within=LONG)
    assert three.get("k").ok
    assert {request.outcome.error for request in asked} <= {None, "timeout", "member_down"}
    assert check_linearizable(three.history(serializable=False))
    assert len(three.history()) >= len(asked)


@pytest.mark.parametrize("on_path", [True, False])
def test_the_line_of_etcdctl_works_as_typed_whether_it_is_on_path_or_not(three, on_path, monkeypatch):
    folder = str(Path(find_tool(find_etcd(), "etcdctl")).parent)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin" if on_path else "/usr/bin:/bin")
    assert three.etcdctl.startswith("etcdctl --endpoints=http://127.0.0.1:") == on_path
    three.put("for-etcdctl", "seen")
    said = subprocess.run(
        f"{three.etcdctl} get for-etcdctl --print-value-only",
        shell=True, capture_output=True, text=True, timeout=20, check=True,
    )  # fmt: skip
    assert said.stdout == "seen\n"


def test_the_trace_tells_what_was_seen_and_can_be_read_again(three):
    leader = three.leader
    three.crash(leader)
    three.run_until(lambda: three.agreed_leader is not None, within=LONG)
    three.run_for(0.3)
    trace = three.trace
    assert trace.world == "etcd"
    assert trace.settings["version"] == three.version
    again = Trace.from_json(trace.to_json())
    assert again == trace
    end = again.at(again.until / 1e6)
    assert end.members[leader].condition == "down"
    assert {m.role for name, m in end.members.items() if name != leader} == {"leader", "follower"}
    assert end.members[three.leader].voters == three.members
