"""Members come and go by etcd's rules while others crash: nobody is left half added, and nobody stays who was removed."""

from itertools import combinations

import pytest

from quorumlab.cluster import Trace
from quorumlab.simulation import SimulatedCluster


def grown(size, **settings):
    """A cluster whose members have been connected for long enough, led by the first of them."""
    cluster = SimulatedCluster(size, leader="etcd-1", **settings)
    cluster.run_for(6)
    return cluster


# What Raft makes of a change that is lost is tried without the strict check, by which etcd's server turns down what comes after a cut.


def condition(cluster, name):
    return cluster.status()[name].condition


def test_one_alone_takes_a_second_voter_by_itself():
    """It has no quorum until that one takes part, whose start first reads from it linearizably: in vain, for as long as servers wait. So on
    etcd 3.5.1 (5 s and two election timeouts, here 500 ms): "failed linearized read: context deadline exceeded", then a leader.
    """
    cluster = SimulatedCluster(1, heartbeat_ms=50, election_ms=500, timeout_ms=1000)
    assert cluster.add_voter().ok
    assert cluster.members == ("etcd-1", "etcd-2")
    assert cluster.run_until(lambda: cluster.leader is None, within=1.5)
    assert cluster.put("k", "v").unknown and cluster.get("k", via="etcd-2", mode="serializable").unknown
    cluster.run_for(5.9 - cluster.now)
    assert cluster.leader is None and cluster.status()["etcd-2"].role is None
    assert cluster.run_until(lambda: cluster.agreed_leader == "etcd-1", within=2)
    assert cluster.put("k", "w", via="etcd-2").ok
    assert cluster.fork().trace.to_json() == cluster.trace.to_json()
    cluster.crash("etcd-2")
    assert cluster.put("k", "w").unknown  # two of two are needed now


def test_no_change_in_the_first_five_seconds():
    """etcd: 'unhealthy cluster' until all voters have been connected for that long; the operator asks again until then."""
    for verb in (
        SimulatedCluster.add_voter,
        SimulatedCluster.add_learner,
        lambda c: SimulatedCluster.remove(c, "etcd-3"),
    ):
        cluster = SimulatedCluster(3, timeout_ms=500)
        began = cluster.now
        assert verb(cluster).ok
        assert 5 < cluster.now < 5.5 and cluster.now - began > 2
        assert verb is not SimulatedCluster.add_learner or cluster.add_learner().error == "too_many_learners"


@pytest.mark.parametrize("verb", ["add_voter", "add_learner"])
def test_nobody_is_added_while_one_of_three_is_down(verb):
    """Remove first, then add; in the other order etcd says 'unhealthy cluster'."""
    cluster = grown(3)
    cluster.crash("etcd-3")
    assert getattr(cluster, verb)().error == "unhealthy"
    assert cluster.remove("etcd-3").ok
    assert getattr(cluster, verb)().ok
    assert cluster.put("k", "v").ok


@pytest.mark.parametrize("silence", [1, 20])
def test_a_paused_member_is_not_noticed(silence):
    """As measured on etcd 3.5.1: the addition is accepted after 2, 5, 8 and 12 seconds."""
    cluster = grown(3)
    cluster.run_for(10)
    cluster.pause("etcd-3")
    cluster.run_for(silence)
    assert cluster.add_learner().ok


ENDS = {
    "it goes on": lambda cluster: cluster.resume("etcd-3"),
    "it is killed": lambda cluster: cluster.crash("etcd-3"),
    "it is cut off": lambda cluster: cluster.partition({"etcd-3"}),
    "a link is cut": lambda cluster: cluster.cut("etcd-3", "etcd-4", one_way=True),
}


def stale(cluster):
    """What a serializable read at the new member ends with."""
    return cluster.get("k", via="etcd-4", mode="serializable").error


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("leads", [False, True])
def test_a_new_member_waits_for_one_that_is_paused(end, leads):
    """As measured on etcd 3.5.1: its start asks everybody for a version, and sets no timeout."""
    cluster = grown(3, timeout_ms=500)
    cluster.run_for(6)
    if leads:
        assert cluster.transfer("etcd-3").ok
    cluster.pause("etcd-3")
    cluster.run_for(2)
    assert cluster.add_learner().ok
    cluster.run_for(15)
    assert condition(cluster, "etcd-4") == "up" and stale(cluster) == "timeout"
    assert cluster.promote("etcd-4").error == "learner_not_ready"
    ENDS[end](cluster)
    cluster.run_for(1)
    assert stale(cluster) is None
    assert cluster.fork().trace.to_json() == cluster.trace.to_json()


def test_a_new_member_that_was_killed_while_it_waited_waits_again():
    cluster = grown(3, timeout_ms=500)
    cluster.run_for(6)
    cluster.pause("etcd-3")
    assert cluster.add_learner().ok
    cluster.crash("etcd-4")
    cluster.restart("etcd-4")
    cluster.run_for(2)
    assert stale(cluster) == "timeout"
    cluster.pause("etcd-4")
    cluster.resume("etcd-3")
    cluster.run_for(1)
    assert stale(cluster) == "timeout"
    cluster.resume("etcd-4")
    cluster.run_for(1)
    assert stale(cluster) is None


@pytest.mark.parametrize("who", ["paused", "back"])
def test_a_new_member_that_waits_says_nothing_of_itself(who):
    cluster = grown(3, timeout_ms=500)
    cluster.run_for(6)
    cluster.pause("etcd-3")
    assert cluster.add_learner().ok
    cluster.run_for(3)
    told = cluster.status()["etcd-4"]
    assert (told.role, told.leader, told.condition, told.learner) == (None, None, "up", True)
    assert {cluster.get("k", via="etcd-4").error, cluster.put("k", "v", via="etcd-4").error} == {"timeout"}
    if who == "back":
        cluster.resume("etcd-3")
        cluster.run_for(1)
        assert cluster.status()["etcd-4"].role == "follower"
        assert cluster.put("k", "v", via="etcd-4").error == "learner"


def test_a_new_member_that_reaches_nobody_ends_by_itself_and_one_that_was_told_goes_on():
    """Seen on etcd 3.5.1: "could not retrieve cluster information from the given URLs"."""
    cluster = grown(3, timeout_ms=500)
    cluster.run_for(6)
    cluster.pause("etcd-3")
    assert cluster.add_learner().ok
    cluster.crash("etcd-4")
    cluster.partition({"etcd-4"})
    cluster.restart("etcd-4")
    assert condition(cluster, "etcd-4") == "down"
    cluster.heal()
    cluster.crash("etcd-3")
    assert cluster.remove("etcd-3").ok  # the operator tells it anew who belongs
    cluster.restart("etcd-4")
    cluster.run_for(1)
    assert condition(cluster, "etcd-4") == "up" and stale(cluster) is None


@pytest.mark.parametrize("late", [False, True])
def test_a_new_member_whose_others_all_stand_still_asks_each_for_ten_seconds(late):
    cluster = grown(3, timeout_ms=500)
    cluster.run_for(6)
    cluster.pause("etcd-3")
    assert cluster.add_learner().ok
    cluster.crash("etcd-4")
    cluster.pause("etcd-1", "etcd-2")
    cluster.restart("etcd-4")
    cluster.run_for(31 if late else 29)
    assert condition(cluster, "etcd-4") == ("down" if late else "up")
    cluster.resume("etcd-1", "etcd-2", "etcd-3")
    cluster.run_for(5)
    assert condition(cluster, "etcd-4") == ("down" if late else "up")
    assert stale(cluster) == ("member_down" if late else None)


def test_a_member_that_was_told_nothing_before_a_membership_changed_under_it_serves_nothing():
    """etcd-2 does not know that etcd-4 was added, wins with the vote of etcd-1, and finds out that two of four are no quorum. Seen on etcd
    3.5.1: it answers no read, since it cannot make itself known through the log.
    """
    cluster = SimulatedCluster(3, leader="etcd-1", heartbeat_ms=50, election_ms=500, timeout_ms=500)
    cluster.put("k", "v")
    cluster.run_for(7)
    cluster.pause("etcd-3")
    assert cluster.add_voter().ok
    cluster.run_for(5)
    cluster.crash("etcd-2")
    cluster.restart("etcd-2")
    assert cluster.run_until(lambda: cluster.leader == "etcd-2", within=3)
    cluster.run_for(3)
    assert cluster.leader is None and cluster.status()["etcd-2"].role is None
    assert cluster.get("k", via="etcd-2", mode="serializable").error == "timeout"
    assert cluster.get("k", via="etcd-1", mode="serializable").value == "v"


def test_a_learner_that_is_down_and_lacks_little_can_be_promoted():
    """etcd asks for nine tenths of the log, whose first entries are the founders, their addresses and the version."""
    for lacks, error in ((1, None), (2, "learner_not_ready")):
        cluster = grown(3)
        cluster.run_for(6)
        assert cluster.add_learner().ok
        cluster.run_for(1)
        cluster.crash("etcd-4")
        for _ in range(lacks):
            cluster.put("k", "v")
        assert cluster.promote("etcd-4").error == error


def test_a_learner_goes_on_to_believe_in_the_leader_it_last_heard_of():
    """It never stands, and only who stands forgets (etcd-io/raft, tickElection; seen on etcd 3.5.1)."""
    cluster = grown(1)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    cluster.crash("etcd-1")
    cluster.run_for(10)
    assert cluster.leader is None and cluster.status()["etcd-2"].leader == "etcd-1"


def test_who_was_promoted_and_removed_was_no_learner():
    cluster = grown(3)
    assert cluster.add_learner().ok
    assert cluster.add_learner().error == "too_many_learners"
    assert cluster.run_until(lambda: cluster.promote("etcd-4").ok, within=5)
    assert cluster.remove("etcd-4").ok
    cluster.run_for(5)
    assert not cluster.status()["etcd-4"].learner and condition(cluster, "etcd-4") == "removed"


def test_who_was_removed_behind_a_cut_does_not_ask_a_new_member_of_whom_it_never_heard():
    cluster = grown(4)
    cluster.partition({"etcd-4"})
    cluster.run_for(1)
    assert cluster.remove("etcd-4").ok
    assert cluster.add_learner().ok  # its links are whole
    cluster.run_for(10)
    assert condition(cluster, "etcd-4") == "up"
    cluster.heal()
    cluster.run_for(5)
    assert condition(cluster, "etcd-4") == "removed"


def test_a_learner_that_has_just_been_sent_the_rest_is_ready():
    """What is on its way takes 25 ms here, and one ms on one machine."""
    cluster = grown(1)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    for _ in range(5):
        assert cluster.put("k", "v").ok  # at once: one alone waits for nobody
    assert cluster.promote("etcd-2").ok


def test_a_member_that_has_joined_restarts_though_another_is_paused():
    cluster = grown(3)
    cluster.run_for(6)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    cluster.pause("etcd-3")
    cluster.crash("etcd-4")
    cluster.restart("etcd-4")
    cluster.run_for(1)
    assert stale(cluster) is None


@pytest.mark.parametrize("end", ["cut", "crash"])
def test_who_was_away_must_have_been_back_for_five_seconds(end):
    cluster = grown(3)
    cluster.run_for(10)
    {"cut": lambda: cluster.cut("etcd-1", "etcd-3"), "crash": lambda: cluster.crash("etcd-3")}[end]()
    cluster.run_for(6)
    assert cluster.add_learner().error == "unhealthy"
    cluster.heal()
    cluster.restart("etcd-3")
    added = cluster.add_learner()  # the operator asks again until etcd allows it
    assert added.ok and 5000 < added.latency < 5500


@pytest.mark.parametrize("one_way", [("etcd-1", "etcd-3"), ("etcd-3", "etcd-1")])
def test_a_cut_breaks_the_connection_at_once_in_either_direction(one_way):
    """As measured between the members of our laboratory, whose links break the connections that carry what they lose."""
    cluster = grown(3)
    cluster.run_for(10)
    cluster.cut(*one_way, one_way=True)
    cluster.run_for(0.1)
    assert cluster.add_learner().error == "unhealthy"


@pytest.mark.parametrize(
    ("older", "newer"), [("3.5.29", "3.5.30"), ("3.6.10", "3.6.11"), ("3.4.23", "3.7.1")]
)
def test_versions_of_etcd_differ_in_whether_one_is_added_while_another_is_away(older, newer):
    """Newer ones ask for a majority of the size that the cluster would have (etcd pull request 21669)."""
    for size, away, added in ((2, 1, False), (3, 1, False), (4, 1, True), (5, 1, True), (5, 2, False)):
        for version, goes in ((older, False), (newer, added)):
            cluster = grown(size, etcd_version=version)
            cluster.crash(*cluster.members[-away:])
            cluster.run_for(1)
            assert (cluster.add_learner().error is None) == goes, (size, away, version)


def test_a_version_of_etcd_is_told_in_the_trace_if_it_is_not_the_usual_one():
    assert "etcd_version" not in SimulatedCluster(1).trace.settings
    assert SimulatedCluster(1, etcd_version="3.6.11").trace.settings["etcd_version"] == "3.6.11"
    for bad in ("new", 3.6, None):
        with pytest.raises(ValueError, match=r"is no version of etcd; write one such as '3\.5\.1'"):
            SimulatedCluster(1, etcd_version=bad)


def test_no_healthy_member_is_removed_while_another_is_down():
    cluster = grown(3)
    cluster.crash("etcd-3")
    assert cluster.remove("etcd-2").error == "unhealthy"
    assert cluster.remove("etcd-3").ok
    assert cluster.remove("etcd-2").ok  # two are connected, and one is left
    assert cluster.remove("etcd-1").error == "not_enough_started"


def test_a_dead_member_cannot_be_removed_without_a_quorum():
    """As measured on etcd, where the operator's request ends with a time-out, strict check or not."""
    for strict in (True, False):
        for size, dead in ((2, 1), (4, 2)):
            cluster = grown(size, strict_reconfig_check=strict)
            lost = cluster.members[-dead:]
            cluster.crash(*lost)
            assert cluster.remove(lost[0]).unknown
            assert cluster.members == tuple(f"etcd-{i}" for i in range(1, size + 1))
            assert cluster.put("k", "v").unknown


def test_members_that_never_started_are_too_few_to_add_another():
    cluster = grown(1)
    assert cluster.add_voter().ok
    cluster.crash("etcd-2")  # before it has served anybody
    assert cluster.add_voter().error == "not_enough_started"
    assert cluster.add_learner().error == "unhealthy"


def test_a_learner_is_promoted_only_where_enough_have_started():
    """Of two voters one has never started; the learner counts as started (etcd: IsReadyToPromoteMember)."""
    cluster = grown(1)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    cluster._world.nodes["etcd-1"].started = False
    assert cluster.promote("etcd-2").error == "not_enough_started"
    cluster._world.nodes["etcd-1"].started = True
    assert cluster.promote("etcd-2").ok


def test_without_the_strict_check_the_operator_may_do_as_he_likes():
    cluster = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
    cluster.crash("etcd-3")
    assert cluster.add_voter().ok
    cluster.run_for(15)  # two of four: the new one reads from both in vain before it takes part
    assert cluster.add_learner().ok
    cluster.crash("etcd-4")
    assert cluster.put("k", "w").unknown


def test_a_second_change_while_one_is_pending_is_not_answered():
    """etcd's leader puts an empty entry in its place."""
    cluster = grown(3, strict_reconfig_check=False, timeout_ms=1000)
    cluster.partition({"etcd-1"})
    assert cluster.add_learner("first").unknown
    assert cluster.add_learner("second").unknown
    cluster.heal()
    cluster.run_for(3)
    assert "second" not in cluster.members
    log = cluster._world.nodes["etcd-1"].member.log
    assert [entry.kind for entry in log.entries].count("membership") <= 1


def test_a_promotion_is_handed_on_to_the_leader():
    cluster = grown(3, latency_ms=10)
    cluster.add_learner()
    cluster.run_for(1)
    world = cluster._world
    asked = world.submit("promote", "etcd-4", None, "etcd-2", "linearizable", "operator", 1_000_000)
    cluster.run_for(0.5)
    assert asked.outcome.ok and asked.outcome.latency == 10 + 20
    again = world.submit("promote", "etcd-4", None, "etcd-2", "linearizable", "operator", 1_000_000)
    cluster.run_for(0.5)
    assert again.outcome.error == "not_a_learner"


@pytest.mark.parametrize("verb", ["add_learner", "add_voter"])
def test_who_was_added_without_an_answer_is_there_once_that_is_committed(verb):
    cluster = grown(3)
    cluster.pause("etcd-2", "etcd-3")
    assert getattr(cluster, verb)().unknown
    assert "etcd-4" not in cluster.status()  # nobody has applied it, so the operator starts nobody
    cluster.resume("etcd-2", "etcd-3")
    cluster.run_for(12)
    assert "etcd-4" in cluster.members and condition(cluster, "etcd-4") == "up"
    assert cluster.remove("etcd-4").ok
    cluster.run_for(2)
    assert condition(cluster, "etcd-4") == "removed"


def test_who_was_asked_for_in_vain_can_be_asked_for_again():
    """The leader had taken it into its log, and that entry was lost with it."""
    cluster = grown(3, strict_reconfig_check=False)
    cluster.partition({"etcd-1"})
    assert cluster.add_learner("new").unknown
    cluster.run_for(5)
    cluster.crash("etcd-1")
    cluster.heal()
    assert "new" not in cluster.members
    cluster.restart("etcd-1")
    cluster.run_for(6)
    assert cluster.add_voter("new").ok
    cluster.run_for(1)
    assert "new" in cluster.members and not cluster.status()["new"].learner


def test_a_fork_in_the_middle_of_an_addition_has_the_member_as_well():
    cluster = grown(3, latency_ms=10)
    start = cluster.now
    assert cluster.add_learner().ok
    middle = cluster.fork(at=start + 0.01)
    middle.cut("etcd-1", "etcd-2")
    middle.run_for(3)
    assert middle.members == cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")
    assert middle.status()["etcd-4"].learner


def test_a_learner_is_one_from_the_start():
    cluster = grown(3)
    assert cluster.add_learner().ok
    assert cluster.status()["etcd-4"].learner
    assert cluster.put("k", "v", via="etcd-4").error == "learner"
    assert cluster.get("k", via="etcd-4").error == "learner"


def test_two_members_go_on_where_the_leader_could_not_remove_itself():
    cluster = grown(2, strict_reconfig_check=False)
    assert cluster.put("k", "v").ok
    cluster.cut("etcd-1", "etcd-2")
    assert cluster.remove("etcd-1").unknown
    cluster.heal()
    cluster.run_for(10)
    assert cluster.put("k", "w").ok
    assert cluster.get("k").value == "w"


def test_of_two_members_the_one_that_stays_may_never_hear_that_it_is_alone():
    """etcd-io/raft's own warning: it has the removal, and does not know that it is committed."""
    cluster = grown(2, latency_ms=10)
    cluster._world.submit("remove", "etcd-1", None, "etcd-1", "linearizable", "operator", 1_000_000)
    cluster.run_for(0.015)  # etcd-2 has acknowledged it
    cluster.cut("etcd-1", "etcd-2", one_way=True)
    cluster.run_for(2)
    assert cluster.members == ("etcd-2",) and condition(cluster, "etcd-1") == "removed"
    cluster.heal()
    cluster.run_for(20)
    assert cluster.leader is None
    assert cluster.put("k", "v", via="etcd-2").unknown


@pytest.mark.parametrize("rules", [{}, {"pre_vote": False, "check_quorum": False}])
def test_who_was_away_while_it_was_removed_is_told(rules):
    cluster = grown(3, **rules)
    cluster.partition({"etcd-3"})
    cluster.run_for(6)
    assert cluster.remove("etcd-3").ok
    cluster.run_for(5)
    assert condition(cluster, "etcd-3") == "up"
    cluster.heal()
    cluster.run_for(5)
    assert condition(cluster, "etcd-3") == "removed"
    cluster.run_for(5)
    before = cluster.status()["etcd-1"].term
    cluster.run_for(20)
    assert cluster.status()["etcd-1"].term == before


def test_a_member_ends_one_second_after_it_has_applied_its_own_removal():
    cluster = grown(3, latency_ms=10)
    assert cluster.remove("etcd-1").ok
    assert cluster.status()["etcd-1"].role == "follower"
    cluster.partition({"etcd-1"})  # so that nobody tells it sooner
    cluster.run_for(0.9)
    assert condition(cluster, "etcd-1") == "up"
    cluster.run_for(0.2)
    assert condition(cluster, "etcd-1") == "removed"
    cluster.heal()
    cluster.run_for(2)
    assert cluster.put("k", "v").ok


def test_the_members_are_known_after_all_have_been_restarted():
    cluster = grown(3)
    assert cluster.add_learner().ok
    cluster.run_for(1)
    cluster.crash(*cluster.members)
    cluster.restart(*cluster.members)
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")


def test_a_majority_of_the_old_members_is_none_of_the_new_after_a_restart():
    """What was applied is on disk: two of the three founders are no quorum of five."""
    cluster = grown(3)
    for _ in range(2):
        assert cluster.add_voter().ok
        cluster.run_for(6)
    cluster.put("k", "v")
    cluster.run_for(1)
    cluster.crash(*cluster.members)
    cluster.restart("etcd-1", "etcd-2")
    cluster.run_for(10)
    assert cluster.leader is None
    cluster.restart("etcd-5")
    cluster.run_for(5)
    assert cluster.leader is not None and cluster.get("k").value == "v"


def test_a_learner_cannot_take_over():
    cluster = grown(3)
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


def test_a_name_that_was_removed_is_not_used_again():
    cluster = grown(3)
    cluster.add_learner("new")
    cluster.pause("new")
    assert cluster.remove("new").ok
    cluster.run_for(1)
    with pytest.raises(ValueError, match="has been used in this cluster"):
        cluster.add_voter("new")


def test_a_late_request_does_not_add_who_was_removed_meanwhile():
    """It had timed out for its client, and reaches the leader after a second one and a removal."""
    cluster = SimulatedCluster(3, leader="etcd-3", timeout_ms=300)
    cluster.run_for(6)
    cluster.delay("etcd-1", "etcd-3", ms=3000, one_way=True)
    cluster.pause("etcd-3")
    assert cluster.add_voter("etcd-4").unknown
    cluster.resume("etcd-3")
    cluster.run_for(0.2)
    assert cluster.add_voter("etcd-4").ok
    cluster.run_for(0.5)
    assert cluster.remove("etcd-4").ok
    cluster.run_for(5)
    assert condition(cluster, "etcd-4") == "removed"
    there = {name for name, status in cluster.status().items() if status.condition == "up"}
    assert there == set(cluster.members) == {"etcd-1", "etcd-2", "etcd-3"}
    assert cluster.put("k", "v").ok
    assert Trace.from_json(cluster.trace.to_json()).at(cluster.now).members["etcd-4"].condition == "removed"


@pytest.mark.parametrize("how", ["restarted", "told at once"])
def test_a_majority_recovers_though_the_newest_log_is_that_of_one_being_removed(how):
    """etcd-4 has its own removal in its log, which nobody but the crashed leader has; the others cannot win against it."""
    cluster = grown(3, strict_reconfig_check=False, timeout_ms=500)
    assert cluster.add_voter("etcd-4").ok
    if how == "restarted":
        cluster.run_for(1)
    cluster.run_for(6)
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
    assert condition(cluster, "etcd-4") == "removed"
    assert cluster.put("k", "v").ok


def test_a_latency_for_each_pair_is_asked_for_before_it_is_needed():
    names = [f"etcd-{i}" for i in range(1, 6)]
    known = {pair: 10 for pair in combinations(names, 2) if pair != ("etcd-4", "etcd-5")}
    cluster = SimulatedCluster(3, latency_ms=known, leader="etcd-3", timeout_ms=500)
    cluster.run_for(6)
    cluster.pause("etcd-3")
    assert cluster.add_voter("etcd-4").unknown
    cluster.run_for(5)
    with pytest.raises(ValueError, match="latency_ms says nothing about 'etcd-5' and 'etcd-4'"):
        cluster.add_voter("etcd-5")
    cluster.resume("etcd-3")
    cluster.run_for(5)
    assert cluster.fork().trace.to_json() == cluster.trace.to_json()


def test_who_was_added_in_vain_never_started():
    cluster = grown(3, strict_reconfig_check=False, timeout_ms=500, pre_vote=False, check_quorum=False)
    cluster.partition({"etcd-1"})
    assert cluster.add_voter().unknown
    cluster.run_for(4)
    cluster.heal()
    cluster.run_for(10)
    assert "etcd-4" not in cluster.status() and "etcd-4" not in cluster.members
    assert cluster.agreed_leader is not None
    assert cluster.add_voter("etcd-4").ok  # its name was never used
    cluster.run_for(1)
    assert condition(cluster, "etcd-4") == "up"


def test_a_learner_that_was_away_while_it_was_removed_is_told():
    cluster = grown(3)
    cluster.add_learner()
    cluster.run_for(1)
    cluster.partition({"etcd-4"})
    assert cluster.remove("etcd-4").ok
    cluster.run_for(1)
    assert condition(cluster, "etcd-4") == "up" and cluster.agreed_leader is not None
    cluster.heal()
    cluster.run_for(5)
    assert condition(cluster, "etcd-4") == "removed"


def test_a_dead_member_that_is_removed_is_removed_and_not_only_down():
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.run_for(6)
    cluster.crash("etcd-3")
    assert cluster.remove("etcd-3").ok
    assert cluster.status()["etcd-3"].condition == "removed"
    cluster.restart("etcd-3")  # it has nothing to come back to
    assert cluster.status()["etcd-3"].condition == "removed"
