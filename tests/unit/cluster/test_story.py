"""The story of a trace: what it says must be so, and nothing that matters may be missing."""

import re

import pytest

from quorumlab.cluster import Trace
from quorumlab.cluster.events import Invoke, Joined, Process, Return, State
from quorumlab.cluster.moments import fold
from quorumlab.cluster.story import story
from quorumlab.experiments.old_terms import figure_8
from quorumlab.simulation import SimulatedCluster


def words(cluster: SimulatedCluster) -> list[str]:
    return [sentence for _, sentence in story(cluster.trace)]


def after(cluster: SimulatedCluster, seconds: float) -> list[str]:
    return [sentence for t, sentence in story(cluster.trace) if t >= seconds]


@pytest.fixture
def five() -> SimulatedCluster:
    return SimulatedCluster(5, seed=7)


def test_an_election_is_told_from_the_timer_to_the_first_commit(five: SimulatedCluster) -> None:
    told = words(five)
    assert told[0] == "5 members start, as followers: nobody leads yet."
    assert told[1].startswith(
        "etcd-1 has heard from no leader for its election timeout of at most 1.100 s, and asks"
    )
    assert told[2] == "etcd-1 stands for election in term 1: it votes for itself and asks the others."
    assert {f"etcd-{i} votes for etcd-1 in term 1." for i in (2, 3, 4, 5)} < set(told)
    assert told[-2] == "etcd-1 becomes leader of term 1, with the votes of etcd-5, etcd-2 and itself: 3 of 5."
    assert told[-1].startswith("Entry 1 (the empty first entry of term 1) is committed: it is on etcd-1, ")


def test_the_order_is_that_of_time_and_times_are_those_of_the_trace(five: SimulatedCluster) -> None:
    five.put("x", "1")
    times = [t for t, _ in story(five.trace)]
    assert times == sorted(times)
    assert set(times) <= {event.t / 1_000_000 for event in five.trace.events}


@pytest.mark.parametrize("seed", range(6))
def test_every_commit_names_exactly_the_members_that_have_the_entry(seed: int) -> None:
    c = SimulatedCluster(5, seed=seed)
    for i in range(3):
        c.put("x", str(i))
    leader = c.leader
    assert leader
    c.crash(leader)
    c.run_for(6)
    c.put("x", "after")
    found = 0
    for t, sentence in story(c.trace):
        match = re.match(
            r"Entr(?:y|ies) .*?(\d+) \([^)]*\) (?:is|are) committed: (?:it is|they are) on (.*)\.$", sentence
        )
        if match:
            found += 1
            members = c.trace.at(t).members
            index = int(match[1])
            last = {n: m.log.numbered(index) for n, m in members.items() if m.log.last >= index}
            assert re.split(", | and ", match[2]) == list(last)
            assert len(last) >= 3
    newest = max(m.commit for m in c.trace.at(c.now).members.values())
    assert found >= 4
    assert any(f"Entry {newest} (" in sentence for sentence in words(c))


@pytest.mark.parametrize("seed", range(6))
def test_each_leader_is_told_once_with_a_majority_of_votes(seed: int) -> None:
    c = SimulatedCluster(5, seed=seed)
    for _ in range(3):
        leader = c.leader
        assert leader
        c.crash(leader)
        c.run_for(5)
        c.restart(leader)
        c.run_for(2)
    leads = {(e.member, e.t) for e in c.trace.events if isinstance(e, State) and e.role == "leader"}
    told = [s for s in words(c) if "becomes leader" in s]
    assert len(told) == len(leads)
    for sentence in told:
        votes = re.search(r"with the votes of (.*) and itself: (\d) of 5", sentence)
        assert votes
        assert len(re.split(", ", votes[1])) + 1 == int(votes[2]) >= 3


def test_crash_restart_pause_and_resume_have_their_own_words(five: SimulatedCluster) -> None:
    now = five.now
    five.crash("etcd-5")
    five.restart("etcd-5")
    five.pause("etcd-4")
    five.resume("etcd-4")
    told = after(five, now)
    for expected in (
        "etcd-5 crashes.",
        "etcd-5 starts again, from what is on its disk.",
        "etcd-4 is paused: its process stands still, and messages to it wait.",
        "etcd-4 goes on, and finds what has arrived meanwhile.",
    ):
        assert expected in told


def test_a_partition_is_one_sentence_and_so_is_its_end(five: SimulatedCluster) -> None:
    now = five.now
    five.partition({"etcd-1", "etcd-2"}, {"etcd-3", "etcd-4", "etcd-5"})
    five.run_for(0.001)
    five.heal()
    told = [s for s in after(five, now) if "network" in s or "link" in s]
    assert told == [
        "The network splits: etcd-1, etcd-2 | etcd-3, etcd-4, etcd-5.",
        "The network is whole again.",
    ]


def test_single_links_are_named_with_their_direction(five: SimulatedCluster) -> None:
    now = five.now
    five.cut("etcd-1", "etcd-2")
    five.run_for(0.001)
    five.cut("etcd-3", "etcd-4", one_way=True)
    five.run_for(0.001)
    five.delay("etcd-4", "etcd-5", ms=80)
    five.run_for(0.001)
    five.heal("etcd-1", "etcd-2")
    five.run_for(0.001)
    five.heal("etcd-4", "etcd-5")
    told = [s for s in after(five, now) if "link" in s or "Messages" in s]
    assert told == [
        "The link between etcd-1 and etcd-2 is cut: what is sent there is lost.",
        "The link from etcd-3 to etcd-4 is cut: what is sent there is lost.",
        "Messages between etcd-4 and etcd-5 take 80 ms longer.",
        "The link between etcd-1 and etcd-2 is healed.",
        "Messages between etcd-4 and etcd-5 take their usual time again.",
    ]


def test_an_old_leader_is_told_to_step_down_and_to_drop_what_was_never_committed(
    five: SimulatedCluster,
) -> None:
    old = five.leader
    assert old == "etcd-1"
    five.partition({old}, set(five.members) - {old})
    five.submit("write", "x", "9", via=old)
    five.run_for(5)
    five.heal()
    five.run_for(3)
    told = words(five)
    assert "etcd-1 no longer leads: no majority has answered it for an election timeout." in told
    assert "etcd-1 drops its entry 2, which was never committed, for what the leader has." in told
    assert any(
        s.startswith(
            "The client gives up waiting for etcd-1 (“timeout”): no answer in time; what was asked may or may"
        )
        for s in told
    )


def test_what_a_crash_took_before_it_was_on_disk_is_told() -> None:
    c = SimulatedCluster(3, seed=4, disk_ms=50)
    c.run_for(1)
    leader = c.leader
    assert leader
    c.submit("write", "x", "1", via=leader)
    c.crash(leader)
    c.restart(leader)
    assert f"{leader} has lost its entry 2, which was not yet on its disk." in words(c)


def test_requests_and_answers_are_told(five: SimulatedCluster) -> None:
    five.put("x", "1")
    five.get("x", via="etcd-3", mode="serializable")
    five.cas("x", "1", "2")
    five.cas("x", "1", "3")
    told = words(five)
    for expected in (
        "A client asks etcd-1 to write x = 1.",
        "etcd-1 writes x = 1 into its log as entry 2, and sends it on.",
        "etcd-1 answers the client: x = 1 is written.",
        "A client asks etcd-3 to read x, stale or not.",
        "A client asks etcd-1 to set x to 2 if it is 1.",
        "etcd-1 answers the client: x was 1 and is now 2.",
    ):
        assert expected in told
    assert any(s.startswith("etcd-1 answers the client “compare_failed”") for s in told)


@pytest.mark.parametrize("name", ["ada", "Ada", "ap-south-1"])
def test_a_client_is_called_by_its_name_as_it_was_given(five: SimulatedCluster, name: str) -> None:
    five.put("x", "1", via="etcd-1", client=name)
    five.crash("etcd-1")
    five.get("x", via="etcd-1", client=name)
    told = words(five)
    assert f"{name} asks etcd-1 to write x = 1." in told
    assert f"etcd-1 answers {name}: x = 1 is written." in told
    assert any(s.startswith(f"{name} cannot reach etcd-1 (“member_down”)") for s in told)


def test_a_read_without_an_answer_is_not_told_as_a_write() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=300)
    cluster.crash("etcd-2", "etcd-3")
    cluster.get("k", via="etcd-1", client="Ada")
    told = next(s for s in words(cluster) if "gives up waiting" in s)
    assert told.startswith("Ada gives up waiting for etcd-1 (“timeout”): no answer in time.")
    assert "happen" not in told.partition("(The simulator")[0]


def test_the_operator_asks_for_changes_of_the_membership(five: SimulatedCluster) -> None:
    via = five.leader
    five.run_for(6)
    five.add_learner()
    five.add_learner()
    five.remove("etcd-2")
    told = words(five)
    assert told.count(f"The operator asks {via} to add learner etcd-6.") == 1
    assert f"The operator asks {via} to remove etcd-2." in told
    assert told.count(f"{via} answers the operator: done.") == 2
    assert any(s.startswith(f"{via} answers the operator “too_many_learners”") for s in told)
    assert not any("client" in s for s in told)


def test_idle_heartbeats_are_not_told() -> None:
    quiet, full = (SimulatedCluster(3, seed=5, record_heartbeats=on) for on in (False, True))
    for c in (quiet, full):
        c.put("x", "1")
        c.run_for(5)
    assert len(full.trace.events) > 2 * len(quiet.trace.events)
    assert story(full.trace) == story(quiet.trace)


def test_members_joining_changing_and_leaving_are_told() -> None:
    c = SimulatedCluster(3, seed=2, snapshot_every=4)
    for i in range(6):
        c.put("x", str(i))
    c.run_for(5)
    c.add_learner()
    c.run_for(6)
    c.promote("etcd-4")
    c.run_for(1)
    follower = next(name for name in c.members if name != c.leader)
    c.transfer(follower)
    c.run_for(6)
    c.remove("etcd-4")
    c.run_for(1)
    told = words(c)
    assert "etcd-4 joins the cluster, as a learner." in told
    assert any("into a snapshot" in s for s in told)
    assert any("sends etcd-4 a snapshot" in s for s in told)
    assert any(s.endswith(f"asks {follower} to take over as leader.") for s in told)
    assert "etcd-4 has left the cluster." in told


def test_a_new_member_that_has_to_wait_has_no_role_and_the_story_says_so() -> None:
    c = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
    c.crash("etcd-3")
    c.add_voter("etcd-4")
    c.crash("etcd-4")
    c.restart("etcd-4")
    c.run_for(5)
    assert (c.status()["etcd-4"].role, fold(c.trace.events).members["etcd-4"].role) == (None, None)
    waits = "etcd-4 has never taken part. It asks the others first, and waits for their answers."
    begins = "etcd-4 waits no longer: it takes part from now on."
    assert waits in words(c) and begins not in words(c)
    c.run_for(12)
    assert words(c).index(waits) < words(c).index(begins)
    assert fold(c.trace.events).members["etcd-4"].role == c.status()["etcd-4"].role
    assert not {waits, begins} & set(words(joined_at_once()))


def joined_at_once() -> SimulatedCluster:
    c = SimulatedCluster(3, leader="etcd-1")
    c.run_for(6)
    assert c.add_voter("etcd-4").ok
    c.run_for(1)
    assert c.status()["etcd-4"].role == "follower"
    return c


def test_a_single_member_leads_with_its_own_vote() -> None:
    assert any(s.endswith("becomes leader of term 1, with its own vote.") for s in words(SimulatedCluster(1)))


def test_who_is_to_lead_first_has_waited_for_nobody() -> None:
    assert words(SimulatedCluster(3, leader="etcd-1"))[1] == (
        "etcd-1 need not wait for its election timeout, as it is to lead first, "
        "and asks the others whether it should stand."
    )
    assert "has heard from no leader for" in words(SimulatedCluster(3))[1]


def test_who_is_to_lead_first_is_told_the_same_with_all_heartbeats_recorded() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    assert words(cluster.fork(record_heartbeats=True))[1] == words(cluster)[1]


def test_a_revived_leader_begins_anew(five: SimulatedCluster) -> None:
    """What it was, it was in memory only: nothing makes it step down."""
    leader = five.leader
    assert leader is not None
    five.crash(leader)
    five.run_for(3)
    began = five.now
    five.restart(leader)
    five.run_for(3)
    told = after(five, began)
    assert told[0] == f"{leader} starts again, from what is on its disk."
    assert not any("no longer" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("break_it", "words_of_it"),
    [
        (
            lambda c: c.pause("etcd-2", "etcd-3"),
            "The client gives up waiting for etcd-1 (“timeout”): no answer in time",
        ),
        (
            lambda c: c.crash("etcd-2", "etcd-3"),
            "The client gives up waiting for etcd-1 (“timeout”): no answer in time",
        ),
        (
            lambda c: c.crash("etcd-1"),
            "The client cannot reach etcd-1 (“member_down”): the member asked is down",
        ),
    ],
)
def test_where_no_member_answers_none_is_said_to(break_it, words_of_it) -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=300)
    break_it(cluster)
    cluster.put("k", "v", via="etcd-1")
    assert any(sentence.startswith(words_of_it) for sentence in words(cluster))
    assert not any("etcd-1 answers" in sentence for sentence in words(cluster))


def test_a_leader_that_removes_itself_says_why_it_goes() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.run_for(6)
    assert cluster.remove("etcd-1").ok
    cluster.run_for(3)
    told = words(cluster)
    assert "etcd-1 no longer leads: its own removal is committed." in told
    committed = next(i for i, said in enumerate(told) if said.startswith("Entry 2 (members: etcd-2, etcd-3)"))
    assert committed < told.index("etcd-1 answers the operator: done.")
    assert not any("no majority has answered" in said for said in told)


def test_a_compare_and_set_of_a_key_that_is_not_there() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.cas("k", None, "v")
    told = words(cluster)
    assert "A client asks etcd-1 to set k to v if it is not there." in told
    assert "etcd-1 answers the client: k was not there and is now v." in told
    assert any("k: nothing → v" in said for said in told)


def told_by(*events) -> list[str]:
    """The story of a recording that holds just these events."""
    return [sentence for _, sentence in story(Trace("etcd", {}, events[-1].t, events))]


def poor(*more):
    """What a real cluster shows of itself: who leads which term, how far it has committed; no votes, logs or timers."""
    names = ("etcd-1", "etcd-2", "etcd-3")
    return [
        *(Joined(0, name, False) for name in names),
        *(Process(0, name, "up") for name in names),
        State(1000, "etcd-1", role="leader", term=2, leader="etcd-1", commit=4),
        *(State(1000, name, role="follower", term=2, leader="etcd-1", commit=4) for name in names[1:]),
        *more,
    ]


def test_what_a_real_cluster_does_not_show_is_not_told() -> None:
    told = told_by(
        *poor(
            State(2000, "etcd-1", commit=5),
            State(3000, "etcd-1", role="follower", leader=None),
            Process(4000, "etcd-2", "down"),
            Process(5000, "etcd-2", "up"),
            State(6000, "etcd-3", role="leader", term=3, leader="etcd-3", commit=6),
        )
    )
    assert told == [
        "3 members start.",
        "etcd-1 becomes leader of term 2.",
        "Entries 1 to 4 are committed.",
        "Entry 5 is committed.",
        "etcd-1 no longer leads.",
        "etcd-2 crashes.",
        "etcd-2 starts again, from what is on its disk.",
        "etcd-3 becomes leader of term 3.",
        "Entry 6 is committed.",
    ]


def test_what_nobody_but_a_simulator_can_know_is_said_to_be_so() -> None:
    write = Invoke(2000, 1, "client", "write", "k", "v", "etcd-1", "linearizable")
    assert told_by(*poor(write, Return(9000, 1, False, None, "timeout", None)))[-1].endswith(
        "may still happen later."
    )
    cluster = SimulatedCluster(3, leader="etcd-1", timeout_ms=300)
    cluster.crash("etcd-2", "etcd-3")
    cluster.put("k", "1")
    cluster.run_for(4)
    cluster.put("k", "2")
    told = [sentence for sentence in words(cluster) if "gives up" in sentence]
    assert told[0].endswith(
        " (The simulator knows: it is entry 2 in the log of etcd-1. It may still happen.)"
    )
    assert told[1].endswith(" (The simulator knows: it reached no leader, so it will never happen.)")


def test_an_entry_in_whose_place_another_one_is_committed_never_happens() -> None:
    """It has the number of a committed entry, but is another one."""
    cluster = SimulatedCluster(5, seed=2, leader="etcd-1", timeout_ms=300)
    cluster.partition({"etcd-1"})
    cluster.submit("write", "k", "early", via="etcd-1")
    cluster.run_for(0.4)
    cluster.run_until(lambda: cluster.leader != "etcd-1", within=10)
    assert cluster.put("k", "new", via=cluster.leader).ok
    assert cluster.status()["etcd-1"].role == "leader"
    cluster.put("k", "late", via="etcd-1")
    told = [sentence for sentence in words(cluster) if "gives up" in sentence]
    assert told[0].endswith("it is entry 2 in the log of etcd-1. It may still happen.)")
    assert told[1].endswith(
        "it is entry 3 in the log of etcd-1. Another entry is committed in its place, so it will never happen.)"
    )


def test_a_broken_connection_is_told_as_one() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    asked = cluster.submit("write", "k", "v")
    cluster.crash("etcd-1")
    assert asked.outcome.unknown
    assert any(s.startswith("The client loses the connection to etcd-1 (“timeout”)") for s in words(cluster))


def test_a_slow_disk_is_told() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.slow_disk("etcd-2", ms=100)
    cluster.slow_disk("etcd-2", ms=100)
    cluster.run_for(0.1)
    cluster.slow_disk("etcd-2", ms=0)
    told = [sentence for sentence in words(cluster) if "Disk" in sentence]
    assert told == [
        "Disk writes of etcd-2 take 100 ms longer.",
        "Disk writes of etcd-2 take their usual time again.",
    ]


def test_votes_that_were_not_seen_are_not_made_up() -> None:
    """Real etcd tells whom a member voted for and who may vote, and none of the votes on their way."""
    events = (
        Joined(0, "a", False), Joined(0, "b", False), Process(0, "a", "up"), Process(0, "b", "up"),
        State(5, "a", role="leader", term=2, voted_for="a", voters=("a", "b")),
    )  # fmt: skip
    assert story(Trace("etcd", {}, 9, events))[-1] == (5 / 1e6, "a becomes leader of term 2.")


# ---------------------------------------------------------------- the way of a write


def told_at(cluster: SimulatedCluster, start: float) -> list[tuple[int, str]]:
    """The story from ``start`` (s) on, its times in whole ms since then."""
    return [(round((t - start) * 1000), said) for t, said in story(cluster.trace) if t >= start]


FOLLOWERS = "etcd-2, etcd-3, etcd-4 and etcd-5"


def test_every_step_of_a_write_has_its_line() -> None:
    """Five members, each message takes 10 ms: sent, written by the followers, committed, and known to be so."""
    once = SimulatedCluster(5, leader="etcd-1", latency_ms=10)
    once.run_for(1 - once.now)
    once.put("lock", "ada", client="Ada")
    once.run_for(0.5)
    assert told_at(once, 1) == [
        (0, "Ada asks etcd-1 to write lock = ada."),
        (0, "etcd-1 writes lock = ada into its log as entry 2, and sends it on."),
        (10, f"{FOLLOWERS} have entry 2 on their disks, and tell etcd-1."),
        (
            20,
            "Entry 2 (lock = ada) is committed: it is on etcd-1, etcd-2, etcd-3, etcd-4 and etcd-5.",
        ),
        (20, "etcd-1 answers Ada: lock = ada is written."),
        (30, f"{FOLLOWERS} now know that entry 2 is committed."),
    ]


def test_the_empty_entry_of_a_term_is_named_with_a_write_it_comes_with() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.crash("etcd-3")
    cluster.put("cow", "moo")
    cluster.crash("etcd-1")
    cluster.restart("etcd-3")
    cluster.run_for(5)
    cluster.put("pig", "oink")
    cluster.restart("etcd-1")
    cluster.run_for(1)
    both = [
        said
        for said in words(cluster)
        if (said.startswith("etcd-3 ") and "entry 2" in said) or "entries 2 and 3" in said
    ]
    assert both[-1] == "etcd-3 now knows that entry 2 is committed."  # told after it has it
    told = [said for said in words(cluster) if " on its disk, and tells" in said]
    assert told == [
        "etcd-2 has entry 2 on its disk, and tells etcd-1.",  # the empty one before it came alone
        "etcd-3 has entries 2 and 3 on its disk, and tells etcd-2.",
        "etcd-3 has entry 4 on its disk, and tells etcd-2.",
        "etcd-1 has entries 3 and 4 on its disk, and tells etcd-2.",
    ]


def test_a_slow_disk_has_the_entry_when_it_has_written_it() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.run_for(1 - cluster.now)
    cluster.slow_disk("etcd-3", ms=25)
    cluster.put("k", "v")
    cluster.run_for(0.5)
    told = told_at(cluster, 1)
    assert (10, "etcd-2 has entry 2 on its disk, and tells etcd-1.") in told
    assert (35, "etcd-3 has entry 2 on its disk, and tells etcd-1.") in told


def test_an_entry_that_waits_for_the_disk_is_not_told_with_the_one_before() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.run_for(1 - cluster.now)
    for name in ("etcd-2", "etcd-3"):
        cluster.slow_disk(name, ms=30)
    cluster.submit("write", "k", "1")
    cluster.run_for(0.01)
    cluster.submit("write", "k", "2")
    cluster.run_for(0.5)
    told = [(t, said) for t, said in told_at(cluster, 1) if "on their disks" in said]
    assert told == [
        (40, "etcd-2 and etcd-3 have entry 2 on their disks, and tell etcd-1."),
        (told[1][0], "etcd-2 and etcd-3 have entry 3 on their disks, and tell etcd-1."),
    ]
    assert told[1][0] > 40


def test_without_delay_the_steps_stand_in_their_order() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=0)
    cluster.run_for(1 - cluster.now)
    cluster.put("k", "v")
    cluster.run_for(0.5)
    told = [said for _, said in told_at(cluster, 1)]
    steps = ("into its log", "have entry 2 on their disks", "is committed: ", "answers", "now know")
    places = [next(i for i, said in enumerate(told) if step in said) for step in steps]
    assert places == sorted(places)


def test_a_write_that_a_follower_was_asked_for_is_passed_on() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.run_for(1 - cluster.now)
    cluster.put("k", "v", via="etcd-3")
    told = told_at(cluster, 1)
    assert told[:3] == [
        (0, "A client asks etcd-3 to write k = v."),
        (0, "etcd-3 passes the request on to etcd-1."),
        (10, "etcd-1 writes k = v into its log as entry 2, and sends it on."),
    ]
    for number in range(50):
        cluster.put("k", str(number), via="etcd-3")
    assert len([said for said in words(cluster) if "passes" in said]) <= 4


def test_members_that_go_on_together_have_the_entry_after_that() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.pause("etcd-2", "etcd-3")
    cluster.submit("write", "k", "v")
    cluster.run_for(0.1)
    began = cluster.now
    cluster.resume("etcd-2", "etcd-3")
    assert [said for _, said in told_at(cluster, began)] == [
        "etcd-2 goes on, and finds what has arrived meanwhile.",
        "etcd-3 goes on, and finds what has arrived meanwhile.",
        "etcd-2 and etcd-3 have entry 2 on their disks, and tell etcd-1.",
    ]


@pytest.mark.parametrize("seed", range(4))
def test_who_is_said_to_have_or_to_know_an_entry_does(seed: int) -> None:
    """Whatever breaks on the way: no member is named early, twice, or for an entry that another one has replaced."""
    cluster = SimulatedCluster(5, seed=seed, leader="etcd-1", latency_ms=(2, 30))
    for number in range(4):
        cluster.run_for(1)
        others = [name for name in cluster.members if name != cluster.leader]
        leader = str(cluster.leader)
        if number % 2:  # the larger side elects another leader, whose empty entry takes the number
            cluster.partition({leader, others[0]}, set(others[1:]))
        cluster.submit("write", "k", str(number), via=leader)
        cluster.run_for(0.012 * number)
        cluster.partition({leader, others[0]}, set(others[1:]))
        cluster.run_for(3)
        cluster.heal()
        cluster.run_for(2)
    had: list[tuple[str, str, object]] = []
    for t, said in story(cluster.trace):
        match = re.match(r"(.*?) (ha(?:s|ve)|now knows?) (?:that )?entry (\d+) (?:on|is)", said)
        if not match:
            continue
        members = cluster.trace.at(t).members
        for name in re.split(", | and ", match[1]):
            entry = members[name].log.numbered(int(match[3]))
            assert entry is not None
            assert entry.kind == "command"  # not the empty one of a new leader, which may take its number
            if "know" in match[2]:
                assert members[name].commit >= int(match[3])
            had.append((name, match[2].removesuffix("s"), (match[3], entry)))
    assert len(had) > 10
    assert len({str(each) for each in had}) == len(had)


def test_many_writes_in_a_row_are_not_followed_one_by_one() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=1)
    for number in range(400):
        cluster.put("k", str(number))
    steps = [said for said in words(cluster) if "on their disks" in said or "now know" in said]
    assert 2 <= len(steps) <= 20
    cluster.run_for(5)
    cluster.put("k", "later")
    cluster.run_for(1)
    assert words(cluster)[-1] == "etcd-2 and etcd-3 now know that entry 402 is committed."


def test_a_connection_that_breaks_is_not_told_as_a_wait() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.submit("write", "k", "v", client="Ada")
    cluster.submit("read", "k", client="Bob")
    cluster.crash("etcd-1")
    told = [said.partition(" (The simulator")[0] for said in words(cluster) if "loses" in said]
    assert told == [
        "Ada loses the connection to etcd-1 (“timeout”) before an answer: what was asked may or may not have happened, and may still happen later.",
        "Bob loses the connection to etcd-1 (“timeout”) before an answer.",
    ]


def test_where_one_direction_alone_is_cut_no_network_splits(five: SimulatedCluster) -> None:
    began = five.now
    for other in ("etcd-2", "etcd-3"):
        five.cut("etcd-1", other, one_way=True)
    told = after(five, began)
    assert not any("splits" in said for said in told)
    assert "etcd-1 to etcd-2" in " ".join(told) and "lost" in " ".join(told)


def test_an_entry_is_followed_though_another_leader_has_written_one_in_its_place() -> None:
    """Figure 8 of the Raft paper: etcd-1's entry 2 reaches others after etcd-5 has begun a term of its own at that place."""
    told = words(figure_8().cluster)
    assert "etcd-3 and etcd-4 have entry 2 on their disks, and tell etcd-1." in told
    assert told.index("Bob asks etcd-5 to write invoice-2 = bob.") < told.index(
        "etcd-3 and etcd-4 have entry 2 on their disks, and tell etcd-1."
    )
