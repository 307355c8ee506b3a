"""Members come and go on real etcd: each answer of the contract, and what becomes of the processes."""

import pytest

from quorumlab.etcd import EtcdCluster
from tests.etcd.steady import LONG

pytestmark = pytest.mark.etcd


def test_a_learner_joins_reads_and_becomes_a_voter_and_a_member_leaves():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, timeout_ms=2000) as c:
        assert c.put("k", "v").ok
        added = c.add_learner()  # etcd wants to have been connected for 5 s first, and is asked again
        assert (added.ok, added.error) == (True, None)
        assert c.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")
        assert c.status()["etcd-4"].learner
        assert c.run_until(
            lambda: c.status()["etcd-4"].commit_index >= c.status()[c.leader].commit_index > 0, within=5
        )
        assert c.get("k", via="etcd-4", mode="serializable").value == "v"
        assert c.get("k", via="etcd-4").error == "learner"
        assert c.put("k", "w", via="etcd-4").error == "learner"
        assert c.transfer("etcd-4").error == "learner"
        assert c.add_learner().error == "too_many_learners"
        assert "etcd-5" not in c.status()
        assert c.promote("etcd-1").error == "not_a_learner"

        assert c.run_until(lambda: c.agreed_leader is not None, within=LONG)
        promoted = c.promote("etcd-4")
        assert (promoted.ok, promoted.error) == (True, None)
        assert not c.status()["etcd-4"].learner
        assert c.transfer("etcd-4").ok

        gone = "etcd-1"
        assert c.remove(gone).ok
        assert c.members == ("etcd-2", "etcd-3", "etcd-4")
        assert c.run_until(lambda: c.status()[gone].condition == "removed", within=LONG)  # it ends by itself
        assert c.put("k", "v", via=gone).error == "member_down"
        assert c.remove(gone).error == "not_a_member"
        with pytest.raises(ValueError, match="'etcd-1' has been used"):
            c.add_voter(gone)
        c.run_for(0.3)
        trace = c.trace
        end = trace.at(trace.until / 1e6)
        assert end.members["etcd-4"].voters == ("etcd-2", "etcd-3", "etcd-4")
        assert end.members[gone].condition == "removed"


def test_a_dead_member_is_replaced_remove_first():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, timeout_ms=2000) as c:
        dead = next(name for name in c.members if name != c.leader)
        c.crash(dead)
        assert c.remove(dead).ok
        assert c.status()[dead].condition == "removed"
        assert c.add_voter().ok
        assert len(c.members) == 3 and "etcd-4" in c.members
        assert c.run_until(
            lambda: c.agreed_leader is not None and c.status()["etcd-4"].role == "follower", within=5
        )
        assert c.put("k", "v", via="etcd-4").ok


def test_an_addition_that_timed_out_may_happen_later_and_then_the_member_is_started():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, timeout_ms=1000) as c:
        c.run_for(5.5)  # else etcd would refuse
        rest = [name for name in c.members if name != c.leader]
        c.pause(*rest)
        assert c.add_learner().unknown
        c.resume(*rest)
        if c.run_until(lambda: "etcd-4" in c.members, within=LONG):  # nobody can know; mostly it does
            assert c.run_until(lambda: c.status()["etcd-4"].role == "follower", within=LONG)
            assert c.status()["etcd-4"].learner
            assert c.add_learner().error == "too_many_learners"


def test_the_last_voter_cannot_be_removed_and_one_grows_to_two():
    with EtcdCluster(1, heartbeat_ms=50, election_ms=500, timeout_ms=2000) as c:
        assert c.remove("etcd-1").error == "not_enough_started"
        assert c.add_voter().ok
        assert c.run_until(
            lambda: c.leader is None, within=5
        )  # its start reads from a leader without a quorum, in vain
        assert c.run_until(lambda: c.agreed_leader is not None and len(c.members) == 2, within=LONG)
        assert c.put("k", "v", via="etcd-2").ok
        c.crash("etcd-2")
        assert c.put("k", "w", via="etcd-1").error == "timeout"


def test_without_a_quorum_a_change_times_out():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, timeout_ms=1000) as c:
        left = c.leader
        c.crash(*(name for name in c.members if name != left))
        c.run_until(lambda: c.leader is None, within=LONG)
        assert c.remove("etcd-1" if left != "etcd-1" else "etcd-2").error in ("timeout", "unhealthy")
        assert c.members == ("etcd-1", "etcd-2", "etcd-3")
