"""What the verbs do in the simulated world beyond what every world promises (``tests/contract``): exact times, and disks."""

import pytest

from quorumlab.cluster.events import Message, Return
from quorumlab.history import check_linearizable
from quorumlab.simulation import SimulatedCluster


@pytest.fixture
def three():
    return SimulatedCluster(3, latency_ms=10, leader="etcd-1")


def test_latencies_are_round_trips(three):
    """A commit costs one round trip from the leader, asking a follower one more to the leader and back (10 ms
    each way).
    """
    assert three.put("k", "1").latency == 20
    assert three.put("k", "2", via="etcd-2").latency == 40
    assert three.get("k").latency == 20
    assert three.get("k", via="etcd-3").latency == 40
    assert three.get("k", via="etcd-3", mode="serializable").latency == 0


def test_a_slow_disk_delays_a_commit_once():
    """The leader's own write runs beside the followers', so a commit costs one of them."""
    cluster = SimulatedCluster(3, latency_ms=10, disk_ms=7, leader="etcd-1")
    cluster.run_for(1)
    assert cluster.put("k", "1").latency == 27


@pytest.fixture
def blocking():
    cluster = SimulatedCluster(3, latency_ms=10, disk_ms=7, disk_blocks=True, leader="etcd-1")
    cluster.run_for(1)
    return cluster


def test_a_disk_that_blocks_delays_a_commit_twice(blocking):
    """The leader writes before it sends, and a follower before it answers."""
    assert blocking.put("k", "1").latency == 34


def test_a_vote_in_a_new_term_is_two_writes_where_the_disk_blocks():
    """The candidate's own, 7 ms; the question, 10 ms; the voter's new term and its vote, 14 ms; the answer, 10 ms."""
    cluster = SimulatedCluster(
        3, latency_ms=10, disk_ms=7, disk_blocks=True, pre_vote=False, leader="etcd-1", settle=False
    )
    cluster.run_until(lambda: cluster.leader is not None, within=1)
    assert cluster.now == pytest.approx(0.041)


def test_who_waits_for_the_disk_takes_in_nothing_else(blocking):
    write = blocking.submit("write", "k", "1", via="etcd-1")
    blocking.run_for(0.002)
    assert blocking.get("k", via="etcd-1", mode="serializable").latency == 5
    assert blocking.run_until(lambda: write.done, within=1)
    assert blocking.get("k").value == "1"


def test_who_waits_for_the_disk_can_crash_and_pause(blocking):
    blocking.submit("write", "k", "1", via="etcd-1")
    read = blocking.submit("read", "k", via="etcd-1", mode="serializable")
    blocking.pause("etcd-1")
    blocking.run_for(0.05)
    assert not read.done
    blocking.resume("etcd-1")
    assert blocking.run_until(lambda: read.done, within=0.01)
    lost = blocking.submit("write", "k", "2", via="etcd-1")
    blocking.crash("etcd-1")
    blocking.restart("etcd-1")
    blocking.run_for(5)
    assert blocking.get("k").value == "1" and blocking.put("k", "3").ok
    assert not lost.done or lost.outcome.unknown


def test_a_read_is_asked_for_again_after_a_pause(three):
    """The question was lost, and the time to repeat it came while the member was paused."""
    three.cut("etcd-2", "etcd-1", one_way=True)
    read = three.submit("read", "k", via="etcd-2")
    three.pause("etcd-2")
    three.run_for(0.7)
    three.heal()
    three.resume("etcd-2")
    assert three.run_until(lambda: read.done, within=1) and read.outcome.ok


def test_without_a_quorum_only_serializable_reads_go_on(three):
    three.put("k", "1")
    three.crash("etcd-2", "etcd-3")
    unknown = three.put("k", "2")
    assert (unknown.ok, unknown.error, unknown.unknown) == (False, "timeout", True)
    again = three.put("k", "3")  # the leader has stepped down meanwhile, which a client cannot tell
    assert (again.error, again.unknown, again.latency) == ("timeout", True, 7000)
    assert three.get("k").error == "timeout"
    assert three.get("k", mode="serializable").value == "1"
    assert three.put("k", "4", via="etcd-2").error == "member_down"


def test_a_write_that_timed_out_may_happen_later(three):
    three.crash("etcd-2", "etcd-3")
    assert three.put("k", "ghost").unknown
    three.restart("etcd-2")  # its log is shorter than the old leader's, so only the old leader can win
    three.run_for(5)
    assert three.get("k").value == "ghost"


def test_one_way_cut_and_delay(three):
    three.cut("etcd-1", "etcd-2", one_way=True)
    three.cut("etcd-1", "etcd-3", one_way=True)
    three.run_for(5)
    assert three.leader != "etcd-1"  # nobody hears its heartbeats, though it hears everybody
    three.heal()
    three.run_for(2)
    leader = three.leader
    for follower in set(three.members) - {leader}:
        three.delay(leader, follower, ms=80)
    assert three.put("k", "v").latency == 180


def test_a_crash_loses_what_is_not_on_disk():
    cluster = SimulatedCluster(3, disk_ms=50, latency_ms=10, leader="etcd-1")
    cluster.run_for(1)
    cluster.submit("write", "k", "v", via="etcd-1")
    cluster.crash("etcd-1")
    assert len(cluster._world.nodes["etcd-1"].disk.log.entries) == 1  # the no-op, not the write
    cluster.restart("etcd-1")
    cluster.run_for(0.1)
    assert cluster.status()["etcd-1"].term >= 1


def test_what_a_leader_turned_down_until_the_end_reached_nobody():
    """It was handing over to one that is asleep. The client hears of no answer; the simulator knows more."""
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=300)
    cluster.pause("etcd-2")
    cluster._world.transfer("etcd-1", "etcd-2")
    assert cluster.put("k", "v", via="etcd-1").unknown
    (answer,) = (event for event in cluster.trace.events if isinstance(event, Return))
    assert answer.reached is False
    cluster.run_for(2)
    assert cluster.get("k").value is None


@pytest.mark.parametrize("slow", [("etcd-1",), ("etcd-2", "etcd-3"), ("etcd-2", "etcd-3", "etcd-4")])
def test_a_write_waits_for_the_leaders_own_disk(slow):
    """Measured on etcd, five members, fsync + 100 ms: the leader alone 111 ms, two followers 5.5, three 107."""
    cluster = SimulatedCluster(5, latency_ms=1, disk_ms=1, leader="etcd-1")
    cluster.run_for(1)
    for name in slow:
        cluster.slow_disk(name, ms=100)
    took = cluster.put("k", "v").latency
    assert took == (101 if slow == ("etcd-1",) else 103 if len(slow) == 3 else 3)
    cluster.slow_disk(slow[0], ms=0)
    cluster.run_for(1)
    if len(slow) == 1:
        assert cluster.put("k", "w").latency == 3


def test_a_read_does_not_wait_for_a_disk():
    cluster = SimulatedCluster(3, latency_ms=1, leader="etcd-1")
    cluster.run_for(1)
    cluster.slow_disk("etcd-1", ms=100)
    assert cluster.get("k").latency == 2


def test_removed_leader_steps_down_and_stops():
    cluster = SimulatedCluster(3, latency_ms=10, leader="etcd-1")
    cluster.run_for(6)
    assert cluster.remove("etcd-1").ok
    cluster.run_for(3)
    assert cluster.status()["etcd-1"].condition == "removed"
    assert cluster.put("k", "v").ok
    assert SimulatedCluster(1).remove("etcd-1").error == "not_enough_started"


def test_a_follower_far_behind_gets_a_snapshot():
    cluster = SimulatedCluster(3, latency_ms=1, snapshot_every=5, leader="etcd-1")
    cluster.crash("etcd-3")
    for number in range(12):
        cluster.put("k", str(number))
    cluster.restart("etcd-3")
    cluster.run_for(1)
    assert any(getattr(e, "type", "") == "install_snapshot" for e in cluster.trace.events)
    assert cluster.get("k", via="etcd-3", mode="serializable").value == "11"
    assert cluster.trace.at(cluster.now).members["etcd-3"].commit == 13


def test_prevote_keeps_a_flapping_member_from_disturbing():
    """Facts: isolated for 10 s and healed, it leaves the term alone with PreVote, and raises it without."""
    terms = {}
    for pre_vote in (True, False):
        cluster = SimulatedCluster(3, pre_vote=pre_vote, leader="etcd-1")
        cluster.partition({"etcd-3"})
        cluster.run_for(10)
        cluster.heal()
        cluster.run_for(3)
        terms[pre_vote] = cluster.status()["etcd-3"].term
        assert cluster.agreed_leader is not None
    assert terms[True] == 1
    assert terms[False] > 5


def test_check_quorum_makes_a_lonely_leader_step_down():
    for check_quorum, role in ((True, "pre-candidate"), (False, "leader")):
        cluster = SimulatedCluster(3, check_quorum=check_quorum, leader="etcd-1")
        cluster.partition({"etcd-1"})
        cluster.run_for(6)
        assert cluster.status()["etcd-1"].role == role


def test_latencies_by_pair():
    rtt = {("a", "b"): 35.0, ("a", "c"): 95.0, ("b", "c"): 60.0}
    cluster = SimulatedCluster(["a", "b", "c"], latency_ms=rtt, leader="a")
    assert cluster.put("k", "v").latency == 70  # the nearer follower is enough
    assert cluster.put("k", "v", via="c").latency == 190 + 70


def test_a_restarted_member_serves_nothing_until_a_leader_has_told_it_what_is_committed():
    """As etcd, which opens its doors to clients only once it has published itself through the log."""
    cluster = SimulatedCluster(3, seed=7, leader="etcd-1", latency_ms=10, timeout_ms=1000)
    cluster.put("k", "1")
    cluster.run_for(1)
    cluster.crash("etcd-1", "etcd-2")
    assert cluster.get("k", via="etcd-3", mode="serializable").value == "1"
    cluster.crash("etcd-3")
    cluster.restart("etcd-3")
    alone = cluster.get("k", via="etcd-3", mode="serializable")
    assert (alone.error, alone.latency) == ("timeout", 1000)
    cluster.restart("etcd-1")
    asked = cluster.submit("read", "k", via="etcd-3", mode="serializable")
    assert not asked.done
    cluster.run_for(10)
    assert cluster.get("k", via="etcd-3", mode="serializable").value == "1"


def test_a_read_that_waited_for_a_restarted_member_is_answered_when_it_is_ready():
    cluster = SimulatedCluster(3, seed=7, leader="etcd-1", latency_ms=10)
    cluster.put("k", "1")
    cluster.run_for(1)
    cluster.crash("etcd-3")
    cluster.restart("etcd-3")
    answer = cluster.get("k", via="etcd-3", mode="serializable")
    assert answer.ok and answer.value == "1" and 0 < answer.latency < 1000


def slow_follower(seed, **faults):
    """Clients write through a slow follower and through the leader, and one reads in between."""
    slow, fast = (1, 800), 2
    latency = {("etcd-1", "etcd-2"): slow, ("etcd-1", "etcd-3"): fast, ("etcd-2", "etcd-3"): fast}
    cluster = SimulatedCluster(
        3, seed=seed, latency_ms=latency, leader="etcd-1", record=False, election_ms=5000, **faults
    )
    for number in range(10):
        cluster.put("k", f"a{number}", via="etcd-2", client="a")
        cluster.put("k", f"b{number}", via="etcd-1", client="b")
        for _ in range(6):
            cluster.get("k", via="etcd-1", client="c")
            cluster.run_for(0.1)
    return cluster


@pytest.mark.parametrize("seed", range(12))
def test_a_request_is_carried_out_once_however_often_messages_arrive(seed):
    verdict = check_linearizable(slow_follower(seed, duplication=0.5, reorder=True).history())
    assert verdict, verdict.explanation


def test_a_request_and_its_refusal_travel_once_and_raft_s_own_messages_may_repeat():
    """A second refusal would send the client's request off once more, while the first retry is under way."""
    cluster = SimulatedCluster(3, seed=1, duplication=0.9, leader="etcd-1", latency_ms=10)
    cluster.cut("etcd-1", "etcd-3")
    cluster.delay("etcd-2", "etcd-1", ms=50, one_way=True)
    asked = cluster.submit("write", "k", "v", via="etcd-2")
    cluster.transfer("etcd-3")  # which fails, and meanwhile the leader refuses requests
    cluster.run_for(2)
    assert asked.outcome.ok and asked.outcome.revision == 2
    messages = [event for event in cluster.trace.events if isinstance(event, Message)]
    types = [message.type for message in messages]
    assert types.count("refused") >= 3
    assert types.count("propose") == types.count("refused") + 1
    appended = [message for message in messages if message.type == "append"]
    assert len(appended) > len({(m.t, m.to) for m in appended})
