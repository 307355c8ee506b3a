"""Members come and go while others crash: nobody is left half added, and nobody stays who was removed."""

from itertools import combinations

import pytest

from quorumlab.cluster import Trace
from quorumlab.simulation import SimulatedCluster


def test_a_second_voter_is_needed_to_commit_its_own_coming():
    cluster = SimulatedCluster(1)
    assert cluster.add_voter().ok
    assert cluster.members == ("etcd-1", "etcd-2")
    assert cluster.put("k", "v").ok


def test_a_voter_can_be_added_while_one_of_three_is_down():
    """Three of four are then needed, and three are up."""
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.crash("etcd-3")
    assert cluster.add_voter().ok
    assert cluster.put("k", "v").ok
    cluster.crash("etcd-4")
    assert cluster.put("k", "w").error == "timeout"


@pytest.mark.parametrize("verb", ["add_learner", "add_voter"])
def test_who_was_added_without_an_answer_is_there_once_that_is_committed(verb):
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.crash("etcd-2", "etcd-3")
    assert getattr(cluster, verb)().unknown
    cluster.restart("etcd-2", "etcd-3")
    cluster.run_for(5)
    assert "etcd-4" in cluster.members and cluster.status()["etcd-4"].condition == "up"
    assert cluster.remove("etcd-4").ok
    cluster.run_for(1)
    assert cluster.status()["etcd-4"].condition == "removed"


def test_who_was_asked_for_in_vain_can_be_asked_for_again():
    """The leader had taken it into its log, and that entry was lost with it."""
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.partition({"etcd-1"})
    assert cluster.add_learner("new").unknown
    cluster.run_for(5)
    cluster.crash("etcd-1")
    cluster.heal()
    assert "new" not in cluster.members
    assert cluster.add_voter("new").ok
    cluster.run_for(1)
    assert "new" in cluster.members and not cluster.status()["new"].learner


def test_a_fork_in_the_middle_of_an_addition_has_the_member_as_well():
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    start = cluster.now
    assert cluster.add_learner().ok
    middle = cluster.fork(at=start + 0.01)
    middle.cut("etcd-1", "etcd-2")
    middle.run_for(3)
    assert middle.members == cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")
    assert middle.status()["etcd-4"].learner


def test_a_learner_is_one_from_the_start():
    cluster = SimulatedCluster(3, leader="etcd-1")
    assert cluster.add_learner().ok
    assert cluster.status()["etcd-4"].learner
    assert cluster.put("k", "v", via="etcd-4").error == "learner"
    assert cluster.get("k", via="etcd-4").error == "learner"


def test_two_members_recover_where_the_leader_has_begun_to_remove_itself():
    """Dissertation §4.2.2: who is no longer in its own newest membership may be needed until that is committed."""
    cluster = SimulatedCluster(2, leader="etcd-1")
    assert cluster.put("k", "v").ok
    cluster.cut("etcd-1", "etcd-2")
    assert cluster.remove("etcd-1").unknown
    cluster.heal()
    cluster.run_for(10)
    assert cluster.put("k", "w").ok
    assert cluster.get("k").value == "w"


@pytest.mark.parametrize("rules", [{}, {"pre_vote": False, "check_quorum": False}])
def test_who_was_away_while_it_was_removed_is_told(rules):
    cluster = SimulatedCluster(3, leader="etcd-1", **rules)
    cluster.partition({"etcd-3"})
    cluster.run_for(1)
    assert cluster.remove("etcd-3").ok
    cluster.run_for(5)
    assert cluster.status()["etcd-3"].condition == "up"
    cluster.heal()
    cluster.run_for(5)
    assert cluster.status()["etcd-3"].condition == "removed"
    cluster.run_for(5)
    before = cluster.status()["etcd-1"].term
    cluster.run_for(20)
    assert cluster.status()["etcd-1"].term == before


def test_the_members_are_known_after_all_have_been_restarted():
    cluster = SimulatedCluster(3)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    cluster.crash(*cluster.members)
    cluster.restart(*cluster.members)
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")


def test_a_learner_cannot_take_over():
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.add_learner()
    cluster.run_for(1)
    before = cluster.now
    assert cluster.transfer("etcd-4").error == "learner"
    assert cluster.now == before


def test_a_crash_ends_the_requests_made_to_that_member():
    """Its clients' connections end at once. What it had handed on may still happen; a read cannot."""
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.run_for(1)
    write = cluster.submit("write", "k", "v", via="etcd-2")
    read = cluster.submit("read", "k", via="etcd-2")
    cluster.run_for(0.005)
    cluster.crash("etcd-2")
    assert (write.outcome.error, write.outcome.latency) == ("timeout", 5)
    assert (read.outcome.error, read.outcome.latency) == ("timeout", 5)
    cluster.restart("etcd-2")
    cluster.run_for(2)
    assert cluster.get("k").value == "v"  # the leader had it by then
    assert read.outcome.error == "timeout"


def test_who_was_removed_before_it_had_joined_is_not_asked_for_again():
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=2000)
    cluster.add_learner("etcd-4")
    cluster.pause("etcd-4")
    cluster.remove("etcd-4")
    cluster.run_for(1)
    with pytest.raises(ValueError, match="has been used in this cluster"):
        cluster.add_voter("etcd-4")


def test_a_late_request_adds_anew_who_was_removed_meanwhile():
    """It had timed out for its client, and reaches the leader after a second one and a removal."""
    cluster = SimulatedCluster(3, leader="etcd-3", timeout_ms=300)
    cluster.delay("etcd-1", "etcd-3", ms=3000, one_way=True)
    cluster.pause("etcd-3")
    assert cluster.add_voter("etcd-4").unknown
    cluster.resume("etcd-3")
    cluster.run_for(0.2)
    assert cluster.add_voter("etcd-4").ok
    cluster.run_for(0.5)
    assert cluster.remove("etcd-4").ok
    cluster.run_for(5)
    there = {name for name, status in cluster.status().items() if status.condition == "up"}
    assert there == set(cluster.members)
    assert cluster.put("k", "v").ok
    assert Trace.from_json(cluster.trace.to_json()).at(cluster.now).members["etcd-4"].condition == "up"


@pytest.mark.parametrize("how", ["restarted", "told at once"])
def test_a_majority_recovers_though_the_newest_log_is_that_of_one_being_removed(how):
    """etcd-4 has its own removal in its log, which nobody but the crashed leader has; the others cannot win against it."""
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=500)
    assert cluster.add_voter("etcd-4").ok
    if how == "restarted":
        cluster.run_for(1)
    cluster.cut("etcd-1", "etcd-2")
    cluster.cut("etcd-1", "etcd-3")
    assert cluster.remove("etcd-4").unknown
    cluster.crash("etcd-1")
    cluster.heal()
    if how == "restarted":
        cluster.crash("etcd-4")
        cluster.restart("etcd-4")
    assert cluster.run_until(lambda: cluster.leader is not None, within=20)
    cluster.run_for(10)  # it commits its own removal, and another one takes over
    assert cluster.status()["etcd-4"].condition == "removed"
    assert cluster.put("k", "v").ok


def test_a_latency_for_each_pair_is_asked_for_before_it_is_needed():
    names = [f"etcd-{i}" for i in range(1, 6)]
    known = {pair: 10 for pair in combinations(names, 2) if pair != ("etcd-4", "etcd-5")}
    cluster = SimulatedCluster(3, latency_ms=known, leader="etcd-3", timeout_ms=500)
    cluster.pause("etcd-3")
    assert cluster.add_voter("etcd-4").unknown
    cluster.run_for(5)
    with pytest.raises(ValueError, match="latency_ms says nothing about 'etcd-5' and 'etcd-4'"):
        cluster.add_voter("etcd-5")
    cluster.resume("etcd-3")
    cluster.run_for(5)
    assert cluster.fork().trace.to_json() == cluster.trace.to_json()


def test_who_was_added_in_vain_does_not_disturb_the_others():
    cluster = SimulatedCluster(3, timeout_ms=500, leader="etcd-1", pre_vote=False, check_quorum=False)
    cluster.partition({"etcd-1"})
    assert cluster.add_voter().unknown
    cluster.run_for(4)
    cluster.heal()
    cluster.run_for(10)
    assert cluster.status()["etcd-4"].condition == "removed" and "etcd-4" not in cluster.members
    term = cluster.status()["etcd-2"].term
    cluster.run_for(60)
    assert cluster.status()["etcd-2"].term == term and cluster.agreed_leader is not None
    assert cluster.add_voter("etcd-4").ok  # its name was never used
    cluster.run_for(1)
    assert cluster.status()["etcd-4"].condition == "up"


def test_a_learner_that_was_away_while_it_was_removed_is_told():
    cluster = SimulatedCluster(3)
    cluster.add_learner()
    cluster.run_for(1)
    cluster.partition({"etcd-4"})
    assert cluster.remove("etcd-4").ok
    cluster.run_for(1)
    assert cluster.status()["etcd-4"].condition == "up" and cluster.agreed_leader is not None
    cluster.heal()
    cluster.run_for(5)
    assert cluster.status()["etcd-4"].condition == "removed"


def test_a_dead_member_that_is_removed_is_removed_and_not_only_down():
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.run_for(6)
    cluster.crash("etcd-3")
    assert cluster.remove("etcd-3").ok
    assert cluster.status()["etcd-3"].condition == "removed"
    cluster.restart("etcd-3")  # it has nothing to come back to
    assert cluster.status()["etcd-3"].condition == "removed"
