"""What every world promises: the verbs, and what a client of etcd is told. Exact times are a world's own."""

from collections.abc import Callable

import pytest

import quorumlab as ql
from quorumlab.cluster import Cluster, Outcome, Trace
from quorumlab.cluster.protocol import ERRORS
from quorumlab.cluster.story import story
from quorumlab.history import check_linearizable
from quorumlab.latency import RTT, after_loss, read_latency, write_latency
from quorumlab.topology import Topology

LONG = 30  # seconds after which a test gives up waiting


def others(cluster: Cluster) -> list[str]:
    return [name for name in cluster.members if name != cluster.leader]


def led_by(cluster: Cluster, *names: str) -> bool:
    """Wait until one of these leads and takes a write."""
    return cluster.run_until(lambda: cluster.leader in names, within=LONG) and writes_again(cluster)


def writes_again(cluster: Cluster) -> bool:
    return any(cluster.put("again", str(attempt)).ok for attempt in range(5))


def test_names_leader_and_status(make):
    cluster = make(3)
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3")
    assert cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
    leader = cluster.agreed_leader
    assert leader == cluster.leader
    status = cluster.status()
    assert list(status) == list(cluster.members)
    assert {s.condition for s in status.values()} == {"up"} and not any(s.learner for s in status.values())
    assert [name for name, s in status.items() if s.role == "leader"] == [leader]
    assert {s.leader for s in status.values()} == {leader} and status[leader].term >= 1


def test_the_leader_can_be_chosen(make):
    assert make(3, leader="etcd-2").leader == "etcd-2"


def test_values_revisions_and_cas(make):
    cluster = make(3)
    assert cluster.get("k").value is None
    first = cluster.put("k", "1")
    assert (first.ok, bool(first), first.error, first.value) == (True, True, None, "1")
    assert first.via == cluster.leader and first.latency >= 0
    failed = cluster.cas("k", "0", "2")
    assert (failed.ok, bool(failed), failed.error, failed.value) == (False, False, "compare_failed", "1")
    assert not failed.unknown
    assert cluster.cas("k", "1", "2").revision == first.revision + 1
    assert cluster.cas("new", None, "x").ok and cluster.cas("new", None, "y").error == "compare_failed"
    via = others(cluster)[0]
    assert cluster.get("k", via=via).value == "2"
    assert cluster.get("k", via=via).revision == first.revision + 2


def test_without_a_quorum_a_put_is_unknown_and_only_serializable_reads_go_on(make):
    cluster = make(3)
    cluster.put("k", "1")
    leader, (one, other) = cluster.leader, others(cluster)
    cluster.run_until(lambda: cluster.get("k", via=leader, mode="serializable").value == "1", within=LONG)
    cluster.crash(one, other)
    for again in range(2):  # the second one finds no leader in office any more; a client cannot tell
        unknown = cluster.put("k", f"unknown {again}", via=leader)
        assert (unknown.ok, unknown.error, unknown.unknown, unknown.revision) == (
            False, "timeout", True, None,
        )  # fmt: skip
    assert cluster.get("k", via=leader).error == "timeout"
    assert cluster.get("k", via=leader, mode="serializable").value == "1"
    assert cluster.put("k", "4", via=one).error == "member_down"
    assert cluster.status()[one].condition == "down" and cluster.status()[one].role is None


def test_a_write_that_timed_out_may_happen_later(make):
    cluster = make(3, timeout_ms=300)
    leader, (one, other) = cluster.leader, others(cluster)
    cluster.pause(one, other)
    assert cluster.put("k", "ghost", via=leader).unknown
    cluster.resume(one, other)
    assert led_by(cluster, *cluster.members)
    assert cluster.get("k").value in ("ghost", None)  # nobody knows, but it stays so
    assert check_linearizable(cluster.history())


def test_a_leader_behind_a_cut_cannot_answer_but_serves_stale_reads(make):
    cluster = make(3, leader="etcd-1")
    cluster.put("k", "old")
    cluster.partition({"etcd-1"})
    assert cluster.run_until(lambda: cluster.leader in ("etcd-2", "etcd-3"), within=LONG)
    assert any(cluster.put("k", "new").ok for _ in range(3))
    assert cluster.get("k", via="etcd-1", mode="serializable").value == "old"
    assert cluster.get("k", via="etcd-1").error == "timeout"
    assert not check_linearizable(cluster.history())
    assert check_linearizable(cluster.history(serializable=False))
    cluster.heal()
    assert cluster.run_until(lambda: cluster.get("k", via="etcd-1").value == "new", within=LONG)


def test_a_cut_one_way_and_healing_one_link(make):
    cluster = make(3, leader="etcd-1")
    cluster.cut("etcd-1", "etcd-2", one_way=True)
    cluster.cut("etcd-1", "etcd-3", one_way=True)
    assert led_by(cluster, "etcd-2", "etcd-3")  # nobody hears its heartbeats, though it hears everybody
    cluster.heal("etcd-1", "etcd-2")
    cluster.heal()
    assert cluster.run_until(lambda: cluster.get("again", via="etcd-1").ok, within=LONG)


def test_a_delay_makes_a_write_wait(make):
    cluster = make(3, leader="etcd-1")
    cluster.put("k", "1")
    for follower in ("etcd-2", "etcd-3"):
        cluster.delay("etcd-1", follower, ms=80)
    cluster.run_for(0.5)
    assert cluster.put("k", "2").latency >= 160
    cluster.delay("etcd-1", "etcd-2", ms=0)
    cluster.run_for(0.5)
    assert any(cluster.put("k", "3").latency < 160 for _ in range(1 if make.exact else 60))


def test_a_topology_and_its_round_trips_in_one_call(make):
    """A cluster that stands in three regions takes what the formula says, also after a region is lost."""
    t = Topology.placed({"etcd-1": "us-east-1a", "etcd-2": "eu-west-1a", "etcd-3": "ap-south-1a"})
    where = {"far": "ap-south-1", "near": "us-east-1"}
    cluster = make(
        t, rtt=RTT, client=where, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=5000
    )
    expected = {via: write_latency(t, leader="etcd-1", via=via) for via in t.members}
    found = {via: min(cluster.put("k", via, via=via).latency for _ in range(2)) for via in t.members}
    for who, region in where.items():
        expected[who] = write_latency(t, leader="etcd-1", via="etcd-2", client=region)
        found[who] = min(cluster.put("k", who, via="etcd-2", client=who).latency for _ in range(2))
        expected[f"{who} reads"] = read_latency(t, via="etcd-2", mode="serializable", client=region)
        found[f"{who} reads"] = cluster.get("k", via="etcd-2", mode="serializable", client=who).latency
    cluster.crash("etcd-2")
    expected["after"] = after_loss(t, leader="etcd-1", members="etcd-2").commit_latency
    found["after"] = min(cluster.put("k", "2").latency for _ in range(2))
    for what, ms in expected.items():
        assert found[what] >= 0.99 * ms
        assert not make.exact or found[what] == pytest.approx(ms, rel=0.02)


def test_a_client_waits_no_longer_than_it_has_patience_whatever_its_way(make):
    cluster = make(
        3, leader="etcd-1", client_ms={("*", "etcd-1"): 100, ("far", "etcd-1"): 800}, timeout_ms=1000
    )
    assert cluster.put("k", "v", via="etcd-1").latency >= 200
    too_far = cluster.put("k", "v", via="etcd-1", client="far")
    assert too_far.error == "timeout" and too_far.latency >= 1000
    assert not make.exact or too_far.latency == 1000
    cluster.crash("etcd-1")
    told = cluster.put("k", "v", via="etcd-1")
    assert told.error == "member_down" and told.latency >= 200


def test_what_is_on_its_way_when_the_network_splits_arrives(make):
    cluster = make(Topology.of("us-east-1a: 2, eu-west-1a: 1"), rtt=RTT, leader="etcd-1")
    cluster.run_for(0.5)  # to whom a new leader has not heard yet, etcd sends one message at a time
    assert cluster.put("k", "v").ok  # the two have it; to the third it takes 38 ms
    cluster.partition({"etcd-3"})
    cluster.run_for(0.3)
    assert cluster.get("k", via="etcd-3", mode="serializable").value == "v"
    assert cluster.put("k", "w").ok
    cluster.run_for(0.3)
    assert cluster.get("k", via="etcd-3", mode="serializable").value == "v"


def test_where_the_members_stand_must_be_known(make):
    with pytest.raises(
        TypeError, match="rtt= needs to know where the members stand, but the cluster is 3; give a Topology"
    ):
        make(3, rtt=RTT)


def test_a_topology_with_a_learner_begins_with_it(make):
    cluster = make(Topology.of("a: 1, b: 1, c: 1", learners="c: 1"), leader="etcd-1")
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")
    assert [name for name, status in cluster.status().items() if status.learner] == ["etcd-4"]
    assert cluster.put("k", "v").ok
    assert cluster.run_until(
        lambda: cluster.get("k", via="etcd-4", mode="serializable").value == "v", within=LONG
    )
    assert cluster.get("k", via="etcd-4").error == cluster.put("k", "w", via="etcd-4").error == "learner"
    assert cluster.transfer("etcd-4").error == "learner"
    assert cluster.run_until(lambda: cluster.add_learner().error == "too_many_learners", within=LONG)
    cluster.crash(
        "etcd-2", "etcd-3"
    )  # with etcd-1 and the learner, two of four are up: no majority of the three
    assert cluster.put("k", "w", via="etcd-1").unknown
    cluster.restart("etcd-2")
    assert cluster.run_until(lambda: cluster.put("k", "x", via="etcd-2").ok, within=LONG)
    joined = [event for event in cluster.trace.events if type(event).__name__ == "Joined" and event.learner]
    assert [event.member for event in joined] == ["etcd-4"]


def test_a_member_that_joins_a_cluster_in_regions_stands_somewhere_and_pays_its_way(make):
    """In the zone named, or beside the leader; clients have their own ways to it."""
    t = Topology.placed({"etcd-1": "us-east-1a", "etcd-2": "eu-west-1a", "etcd-3": "ap-south-1a"})
    cluster = make(
        t, rtt=RTT, client={"far": "ap-south-1"}, leader="etcd-1", heartbeat_ms=100, election_ms=1000,
        timeout_ms=5000, max_learners=1,
    )  # fmt: skip
    for zone in ("moon-1", 7):
        with pytest.raises(ValueError, match=r"^etcd-4 is in .*, but must be in a known zone or region"):
            cluster.add_learner(zone=zone)
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3")
    assert cluster.run_until(lambda: cluster.add_voter(zone="eu-west-1a").ok, within=LONG)
    added = cluster.add_voter()
    assert added.ok and cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4", "etcd-5")
    zones = {**t.zone_of, "etcd-4": "eu-west-1a"}
    grown = Topology.placed({**zones, "etcd-5": zones[added.via]})  # beside the leader, who was asked
    for via in ("etcd-4", "etcd-5"):
        assert cluster.run_until(lambda via=via: cluster.put("k", "v", via=via).ok, within=LONG)
        for who, region in (("beside", None), ("far", "ap-south-1")):
            reads = cluster.get("k", via=via, mode="serializable", client=who).latency
            expected = read_latency(grown, via=via, mode="serializable", client=region)
            assert reads >= 0.99 * expected
            assert not make.exact or reads == pytest.approx(expected, rel=0.02, abs=0.1)
            leader, write = while_one_leads(
                cluster, lambda v=via, w=who: cluster.put("k", "v", via=v, client=w)
            )
            expected = write_latency(grown, leader=leader, via=via, client=region)
            assert write.latency >= 0.99 * expected, (leader, via, who)
            assert not make.exact or write.latency == pytest.approx(expected, rel=0.02), (leader, via, who)


def while_one_leads(cluster: Cluster, call: Callable[[], Outcome]) -> tuple[str, Outcome]:
    """Who led all the time, and what a call that was ok came to: on a busy machine a leader may be followed by another."""
    found = []

    def undisturbed() -> bool:
        led, term = cluster.agreed_leader, max(status.term for status in cluster.status().values())
        outcome = call()
        found[:] = [(led, outcome)]
        now = max(status.term for status in cluster.status().values())
        return led is not None and outcome.ok and now == term

    assert cluster.run_until(undisturbed, within=LONG)
    return found[0]


def test_without_places_there_is_no_zone_to_put_a_member_in(make):
    with pytest.raises(
        ValueError, match=r"^zone='a' needs to know where the members stand; make the cluster of"
    ):
        make(1).add_voter(zone="a")


def test_more_learners_than_the_cluster_takes_and_a_learner_to_lead_are_refused(make):
    t = Topology.of("a: 1, b: 1", learners="c: 2")
    with pytest.raises(
        ValueError, match=r"2 learners \(etcd-3, etcd-4\) are more than max_learners=1 allows"
    ):
        make(t)
    with pytest.raises(ValueError, match="etcd-3"):
        make(Topology.of("a: 1, b: 1", learners="c: 1"), leader="etcd-3")


def test_pause_and_resume(make):
    cluster = make(3, leader="etcd-1")
    cluster.pause("etcd-1")
    assert cluster.status()["etcd-1"].condition == "paused"
    assert led_by(cluster, "etcd-2", "etcd-3")
    cluster.resume("etcd-1")
    assert cluster.run_until(lambda: cluster.status()["etcd-1"].role == "follower", within=LONG)
    assert cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)


def test_crash_and_restart_keep_what_was_written(make):
    cluster = make(3)
    assert cluster.put("k", "kept").ok
    cluster.crash(*cluster.members)
    assert cluster.leader is None and cluster.put("k", "x").error == "member_down"
    cluster.restart(*cluster.members)
    assert led_by(cluster, *cluster.members)
    assert cluster.get("k").value == "kept"


def test_a_planned_stop_hands_leadership_over(make):
    """The next one leads before any election timeout, which a crash costs, can have ended."""
    timeout = 8
    cluster = make(3, leader="etcd-1", election_ms=timeout * 1000)
    began = cluster.now
    cluster.stop("etcd-1")
    assert cluster.status()["etcd-1"].condition == "down"
    assert cluster.run_until(lambda: cluster.leader in ("etcd-2", "etcd-3"), within=LONG)
    assert cluster.now - began < timeout


def test_a_survivor_restarted_without_a_quorum_serves_nothing(make):
    cluster = make(3)
    cluster.put("k", "1")
    one, two, three = cluster.members
    assert cluster.run_until(
        lambda: cluster.get("k", via=three, mode="serializable").value == "1", within=LONG
    )
    cluster.crash(one, two)
    assert cluster.get("k", via=three, mode="serializable").value == "1"
    cluster.crash(three)
    cluster.restart(three)
    alone = cluster.get("k", via=three, mode="serializable")
    assert not alone.ok and alone.error in ("timeout", "member_down")  # fmt: skip


def test_transfer_of_leadership(make):
    cluster = make(3, leader="etcd-1")
    term = cluster.status()["etcd-1"].term
    handed = cluster.transfer("etcd-3")
    assert handed.ok and cluster.leader == "etcd-3" and handed.via == "etcd-1"
    assert cluster.status()["etcd-3"].term == term + 1 or not make.exact
    assert cluster.status()["etcd-3"].term > term
    assert cluster.put("k", "v").ok
    assert cluster.transfer("etcd-3").ok  # it leads already


def test_learners(make):
    cluster = make(3)
    cluster.run_for(6)  # etcd wants all members connected for 5 s before it changes the membership
    cluster.put("k", "v")
    assert cluster.add_learner().ok
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-3", "etcd-4")
    assert cluster.add_learner().error == "too_many_learners"
    assert cluster.run_until(
        lambda: cluster.get("k", via="etcd-4", mode="serializable").value == "v", within=LONG
    )
    assert cluster.status()["etcd-4"].learner
    assert cluster.put("k", "w", via="etcd-4").error == "learner"
    assert cluster.get("k", via="etcd-4").error == "learner"
    assert not cluster.transfer("etcd-4").ok
    assert cluster.run_until(lambda: cluster.promote("etcd-4").ok, within=LONG)
    assert cluster.run_until(
        lambda: not cluster.status()["etcd-4"].learner, within=LONG
    )  # once it has applied it
    assert cluster.promote("etcd-4").error == "not_a_learner"


def test_a_dead_member_is_replaced_by_removing_it_first(make):
    cluster = make(3, leader="etcd-1")
    cluster.run_for(6)
    cluster.crash("etcd-3")
    assert cluster.remove("etcd-3").ok
    assert cluster.members == ("etcd-1", "etcd-2")
    assert cluster.remove("etcd-3").error == "not_a_member"
    assert cluster.run_until(lambda: cluster.add_learner().ok, within=LONG)
    assert cluster.run_until(lambda: cluster.promote("etcd-4").ok, within=LONG)
    assert cluster.members == ("etcd-1", "etcd-2", "etcd-4")
    cluster.crash("etcd-2")
    assert writes_again(cluster)


def test_removing_a_dead_member_without_a_quorum_times_out(make):
    """The removal itself would have to be committed by the old majority."""
    cluster = make(2, leader="etcd-1")
    cluster.run_for(6)
    cluster.crash("etcd-2")
    refused = cluster.remove("etcd-2")
    assert not refused.ok
    assert cluster.members == ("etcd-1", "etcd-2")


def test_concurrent_clients_under_faults_are_linearizable(make):
    cluster = make(3)
    for number in range(20):
        via = cluster.members[number % 3]
        cluster.submit("write", "k", str(number), via=via, client=f"w{number % 3}")
        cluster.submit("read", "k", via=cluster.members[(number + 2) % 3], client=f"r{number % 4}")
        if number == 10:
            cluster.crash(cluster.leader)
        cluster.run_for(0.02)
    cluster.run_for(4)
    history = cluster.history()
    assert len(history) == 40 and sum(operation.known for operation in history) > 10
    assert check_linearizable(history)


def test_what_is_submitted_is_answered_as_time_passes(make):
    cluster = make(3, leader="etcd-1")
    cluster.delay("etcd-1", "etcd-2", ms=50)
    cluster.delay("etcd-1", "etcd-3", ms=50)
    asked = cluster.submit("write", "k", "v", client="Ada")
    assert (asked.client, asked.kind, asked.key, asked.value, asked.via) == (
        "Ada", "write", "k", "v", "etcd-1",
    )  # fmt: skip
    assert not asked.done and asked.outcome is None
    assert cluster.run_until(lambda: asked.done, within=LONG)
    assert isinstance(asked.outcome, Outcome) and asked.outcome.ok and asked.returned > asked.invoked


def test_time_passes_by_the_cluster_s_own_clock(make):
    cluster = make(1)
    began = cluster.now
    cluster.run_for(0.25)
    assert cluster.now - began >= 0.25
    assert not make.exact or cluster.now - began == pytest.approx(0.25)
    assert not cluster.run_until(lambda: False, within=0.1)
    assert cluster.run_until(lambda: True, within=0)


def test_a_condition_may_ask_and_act(make):
    cluster = make(1)
    assert cluster.run_until(lambda: cluster.put("k", "v").ok, within=LONG)
    assert cluster.run_until(lambda: cluster.get("k").value == "v", within=LONG)


def test_bad_calls_are_one_sentence_and_change_nothing(make):
    cluster = make(1)
    for call, error in (
        (lambda: cluster.crash("nobody"), ValueError),
        (lambda: cluster.put("k", 1), TypeError),
        (lambda: cluster.put("k", "v", via="nobody"), ValueError),
        (lambda: cluster.get("k", mode="fast"), ValueError),
        (lambda: cluster.submit("erase", "k"), ValueError),
        (lambda: cluster.cut("etcd-1", "etcd-1"), ValueError),
        (lambda: cluster.partition("etcd-1"), TypeError),
        (lambda: cluster.heal("etcd-1"), TypeError),
        (lambda: cluster.run_for(-1), ValueError),
        (lambda: cluster.run_for("1"), TypeError),
        (lambda: cluster.delay("etcd-1", "etcd-1", ms=1), ValueError),
        (lambda: cluster.promote(5), TypeError),
        (lambda: cluster.put("", "v"), ValueError),
        (lambda: cluster.get("", mode="serializable"), ValueError),
        (lambda: cluster.cas("", None, "v"), ValueError),
        (lambda: cluster.put("k", "v" * 1_600_000), ValueError),
        (lambda: cluster.put("k", "é" * 800_000), ValueError),
        (lambda: cluster.cas("k", "v" * 800_000, "v" * 800_000), ValueError),
        (lambda: cluster.run_until(None, within=1), TypeError),
        (lambda: cluster.run_until(lambda: True, within=-1), ValueError),
        (lambda: cluster.add_learner("a=b"), ValueError),
        (lambda: cluster.add_voter("a,b"), ValueError),
    ):
        with pytest.raises(error) as caught:
            call()
        assert (
            type(caught.value) is error and str(caught.value).endswith(".") and "\n" not in str(caught.value)
        )
    assert cluster.run_until(lambda: "yes", within=0) is True
    assert cluster.put(
        "k", "v" * 1_499_999
    ).ok  # etcd takes this much; what is refused above it would not take


def test_a_closed_cluster_answers_no_verb_and_its_past_stays(make):
    cluster = make(1)
    cluster.put("k", "v")
    cluster.close()
    for call in (
        lambda: cluster.put("k", "w"),
        lambda: cluster.get("k"),
        lambda: cluster.submit("read", "k"),
        lambda: cluster.crash("etcd-1"),
        lambda: cluster.crash(),
        lambda: cluster.restart("etcd-1"),
        lambda: cluster.partition(),
        lambda: cluster.heal(),
        lambda: cluster.slow_disk("etcd-1", ms=1),
        lambda: cluster.add_learner(),
        lambda: cluster.remove("etcd-1"),
        lambda: cluster.transfer("etcd-1"),
        lambda: cluster.run_for(1),
        lambda: cluster.run_until(lambda: True, within=1),
    ):
        with pytest.raises(RuntimeError, match=r"^This cluster is closed; make a new one\.$"):
            call()
    assert [operation.value for operation in cluster.history()] == ["v"]
    assert cluster.trace.members == ("etcd-1",)


def test_what_does_not_vote_by_majority_and_names_that_etcd_cannot_write_make_no_cluster(make):
    with pytest.raises(ValueError, match="votes by majority"):
        make(ql.weighted({"a": 2, "b": 1, "c": 1}))
    for name in ("a=b", "a,b"):
        with pytest.raises(ValueError, match="leave them out"):
            make([name])


def test_the_trace_tells_what_happened_and_nothing_that_did_not(make):
    cluster = make(3, leader="etcd-1")
    cluster.put("k", "v")
    cluster.crash("etcd-3")
    cluster.partition({"etcd-1"}, {"etcd-2", "etcd-3"})
    cluster.put("k", "w")
    trace = cluster.trace
    assert isinstance(trace, Trace) and trace.members == cluster.members
    assert Trace.from_json(trace.to_json()) == trace
    shown = trace.at(trace.until / 1e6)
    for name, status in cluster.status().items():
        assert shown.members[name].condition == status.condition
    assert {pair for pair, link in shown.links.items() if link.cut} == {
        ("etcd-1", "etcd-2"), ("etcd-2", "etcd-1"), ("etcd-1", "etcd-3"), ("etcd-3", "etcd-1"),
    }  # fmt: skip
    told = [sentence for _, sentence in story(trace)]
    for sentence in (
        "A client asks etcd-1 to write k = v.",
        "etcd-1 answers the client: k = v is written.",
        "etcd-3 crashes.",
        "The network splits: etcd-1 | etcd-2, etcd-3.",
    ):
        assert sentence in told
    assert any(s.startswith(f"The client gives up waiting for etcd-1 (“timeout”): {ERRORS['timeout']}") for s in told)  # fmt: skip
