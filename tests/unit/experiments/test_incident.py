"""Incidents: broken as said, judged as it went, and compared with what a search that prunes nothing finds."""

from itertools import permutations, product

import pytest
from IPython.core.formatters import DisplayFormatter

from quorumlab.experiments.incident import KINDS, PAGED_AFTER_S, Incident
from quorumlab.experiments.on_call import ACT_S, ACTS, ANEW_S
from quorumlab.experiments.repairs import Step, best_course

KIND = pytest.mark.parametrize("seed", range(len(KINDS)))


def repaired(seed: int, *steps: Step) -> Incident:
    incident = Incident(seed, record=False)
    for step in steps:
        step.do(incident)
    return incident


@KIND
def test_an_incident_is_broken_the_same_each_time_and_differs_from_others_of_its_kind(seed):
    one, again = Incident(seed), Incident(seed)
    assert one.pager == again.pager and one.board() == again.board()
    assert one.wounds() and one.course().restored is None
    boards = {
        tuple((line.member, line.process, line.disk) for line in Incident(seed + 6 * k).board())
        for k in range(4)
    }
    assert len(boards) > 1


@KIND
def test_the_best_restores_everything_and_loses_nothing(seed):
    best = best_course(seed)
    assert best.restored is not None and best.missing == () and best.lost == () and best.spare >= 1
    assert best.restored >= PAGED_AFTER_S + ACT_S * len(best.acts)
    steps = [Step(act.verb, act.member or None) for act in best.acts]
    course = repaired(seed, *steps).course()
    assert course.rank == best.rank  # the same acts, the same judgement


@pytest.mark.parametrize("seed", [0, 1, 6, 7])
def test_no_sequence_at_all_of_as_few_acts_is_better(seed):
    """Every verb with every member, as long as the best; and fewer acts do not do."""
    best = best_course(seed)
    names = Incident(seed).cluster.members
    verbs = ["crash", "stop", "restart", "resume", "remove", "transfer", "promote", "force_new_cluster"]
    every = [
        Step("heal"),
        Step("add_voter"),
        Step("add_learner"),
        *(Step(*pair) for pair in product(verbs, names)),
    ]
    assert len(best.acts) == 2
    for step in every:
        assert repaired(seed, step).course().restored is None
    near = {act.verb for act in best.acts} | {"remove", "restart", "add_voter", "transfer"}
    for first, second in permutations([step for step in every if step.verb in near], 2):
        assert repaired(seed, first, second).course().rank >= best.rank, (first, second)


def test_adding_first_is_refused_and_costs_an_act():
    incident = repaired(0, Step("add_voter"), Step("remove", "etcd-1"), Step("add_voter"))
    yours, best = incident.judge()
    assert [act.told for act in yours.acts] == [
        "the member that was asked has not been connected to enough members for long enough; nothing happened", "done", "done, as etcd-5",
    ]  # fmt: skip
    assert yours.rank > best.rank and yours.unserved == 0 and len(best.acts) == 2


def test_the_staler_survivor_costs_acknowledged_writes_and_the_fresher_none():
    for seed in (5, 11):
        up = sorted(
            (line for line in Incident(seed).board() if line.process == "runs"),
            key=lambda line: int(line.commit),
        )
        for line, loses in ((up[0], True), (up[1], False)):
            course = repaired(
                seed, Step("force_new_cluster", line.member), Step("add_voter"), Step("add_voter")
            ).course()
            assert course.restored is not None and bool(course.lost) is loses
            assert course.unserved >= ANEW_S


def test_how_long_clients_were_not_served_is_when_somebody_acted():
    """Of the majority that is down, one is brought back at once, or after half a minute of thinking."""
    quick = repaired(4, Step("restart", "etcd-1")).course()
    slow = Incident(4, record=False)
    slow.cluster.run_for(30)
    slow.cluster.restart("etcd-1")
    assert slow.course().unserved == pytest.approx(quick.unserved + 30, abs=2)
    starts = [stretch[0] for stretch in quick.service]
    assert starts == sorted(starts) and all(
        a[1] == b[0] for a, b in zip(quick.service, quick.service[1:], strict=False)
    )


def test_judging_twice_changes_nothing_about_when_all_was_well():
    incident = repaired(0, Step("remove", "etcd-1"), Step("add_voter"))
    assert incident.judge().yours.restored == incident.judge().yours.restored


@KIND
@pytest.mark.parametrize("acts", [(), ("restart",)])
def test_to_be_judged_leaves_the_cluster_alone(seed, acts):
    """Judged in between or not, at a moment of rest or in the middle of a wait, the same acts come to the same."""
    asked, alone = Incident(seed), Incident(seed)
    for incident in (asked, alone):
        for name in incident.cluster.members if acts else ():
            if incident.cluster.status()[name].condition == "down" and name not in incident.cluster.no_disk:
                incident.cluster.restart(name)
        incident.cluster.run_for(0.3)  # a write is under way
        if incident is asked:
            first, trace = incident.course(), incident.cluster.trace
            assert incident.course() == first and incident.judge().yours == first
    assert asked.cluster.now == alone.cluster.now and asked.cluster.trace == alone.cluster.trace == trace
    assert len(asked.cluster.asked) == len(alone.cluster.asked) and asked.board() == alone.board()
    for incident in (asked, alone):
        incident.cluster.run_for(5)
    assert asked.cluster.trace == alone.cluster.trace
    assert [a.served for a in asked.cluster.asked] == [a.served for a in alone.cluster.asked]


def test_an_incident_is_judged_after_a_new_cluster_was_forced_as_well():
    incident = Incident(5)
    best = best_course(5)
    for act in best.acts:
        Step(act.verb, act.member or None).do(incident)
    now = incident.cluster.now
    assert incident.course().rank == best.rank and incident.cluster.now == now


def test_what_is_refused_counts_as_an_act_and_says_why():
    incident = Incident(0)
    refused = incident.cluster.restart("etcd-1")
    assert not refused and not refused.ok
    assert str(refused) == (
        'restart("etcd-1"), 20 s after it broke: etcd-1 finds an empty disk and does not start; remove it, and add a new member.'
    )
    with pytest.raises(ValueError, match="etcd-9"):
        incident.cluster.remove("etcd-9")
    assert "etcd-1 does not answer, so there is nothing to start from" in str(
        incident.cluster.force_new_cluster("etcd-1")
    )
    assert not any(act.ok for act in incident.cluster.acts)
    assert [act.call for act in incident.cluster.acts] == [
        'restart("etcd-1")', 'remove("etcd-9")', 'force_new_cluster("etcd-1")',
    ]  # fmt: skip
    with pytest.raises(ValueError, match="there is no member 'etcd-9'"):
        incident.cluster.force_new_cluster("etcd-9")
    with pytest.raises(
        AttributeError, match=r"^There is no act 'pause'; choose one of restart, resume, heal, "
    ):
        incident.cluster.pause("etcd-2")
    with pytest.raises(
        AttributeError,
        match=r"^An incident is repaired through its cluster; write \.cluster\.restart in place of \.restart\.$",
    ):
        incident.restart("etcd-1")
    with pytest.raises(AttributeError, match=r"write \.cluster\.run_for in place of \.run_for\.$"):
        incident.run_for(5)
    with pytest.raises(AttributeError, match=r"^An incident has no 'boards'; it has cluster, "):
        incident.boards()
    assert all(callable(getattr(incident.cluster, act)) for act in ACTS)


def test_an_act_that_cannot_be_read_is_no_act_that_was_done():
    cluster = Incident(3).cluster
    for act, names in (("crash", [["etcd-1"]]), ("transfer", [None]), ("add_voter", [5])):
        with pytest.raises(TypeError, match="is no name of a member; write a text such as 'etcd-1'"):
            getattr(cluster, act)(*names)
        assert not cluster.acts[-1].ok and "is no name" in cluster.acts[-1].told
    deaf = set(cluster.deaf)
    with pytest.raises(TypeError, match=r"^heal\(\) mends all links here; leave the names out\.$"):
        cluster.heal("etcd-1", "etcd-2")
    assert deaf == cluster.deaf and len(cluster.acts) == 3
    assert cluster.heal().ok and not cluster.deaf


def test_the_pager_tells_of_the_last_seconds_and_the_judge_of_what_is():
    """Once a new cluster is forced, a minute without service is over, and clients are served again."""
    incident = repaired(1, Step("restart", "etcd-1"), Step("force_new_cluster", "etcd-2"))
    assert incident.pager == "The writes of the last 5 s were not answered in time."
    course = incident.course()
    assert course.service[-1][2] and course.missing == ("No further crash can be borne.",)
    incident.cluster.run_for(2)
    assert incident.pager == "The writes of the last 5 s were not all answered in time."
    incident.cluster.run_for(4)
    assert incident.pager == "The writes of the last 5 s were answered."
    quick = Incident(2)
    quick.cluster.transfer(next(name for name in quick.cluster.members if name != quick.cluster.leader))
    assert quick.pager == "The writes of the last 5 s were answered too late."
    quick.cluster.run_for(2)
    assert quick.pager == "The writes of the last 5 s were not all answered in time."
    incident.cluster.crash("etcd-2")
    assert incident.pager == "The writes of the last 5 s were answered; etcd-2 does not answer."


def test_members_that_a_new_cluster_has_left_behind_can_only_be_added_again():
    incident = Incident(4)
    alive = next(line.member for line in incident.board() if line.process == "runs")
    others = [name for name in incident.cluster.members if name != alive]
    whole = incident.cluster.trace
    assert incident.cluster.new_trace is None
    incident.cluster.force_new_cluster(alive)
    for verb in ("restart", "remove", "crash"):
        (act,) = getattr(incident.cluster, verb)(others[0])
        assert (
            act.told
            == f"{others[0]} belongs to the cluster that was given up, and the new one does not know it; add a new member"
        )
    assert incident.cluster.add_voter(others[0]).ok and incident.cluster.crash(others[0]).ok
    assert {line.member: line.disk for line in incident.board()} == {alive: "fine", others[0]: "fine"}
    assert incident.cluster.restart(others[0]).ok
    # What broke is still there to be watched, and what came after it by itself.
    assert incident.cluster.trace.events[: len(whole.events)] == whole.events
    assert incident.cluster.trace.events[-1].t > whole.events[-1].t
    assert {event.member for event in incident.cluster.new_trace.events if hasattr(event, "member")} == {
        alive,
        others[0],
    }


def test_a_slow_disk_is_slow_in_a_new_cluster_too():
    incident = repaired(2, Step("force_new_cluster", Incident(2).cluster.leader))
    assert [line.disk for line in incident.board()] == ["150 ms a write"]
    incident.cluster.run_for(6)
    assert incident.pager == "The writes of the last 5 s were answered too late."


def test_a_paused_member_is_not_restarted_in_silence():
    incident = Incident(1)
    acts = incident.cluster.restart("etcd-1", "etcd-3")
    assert not acts and [act.ok for act in acts] == [False, True]
    assert str(acts).splitlines() == [
        'restart("etcd-1"), 20 s after it broke: etcd-1 is not down but stopped (SIGSTOP), so nothing happened; resume it.',
        'restart("etcd-3"), 30 s after it broke: done.',
    ]
    assert incident.cluster.status()["etcd-1"].condition == "paused"


def test_a_cell_shows_what_came_of_every_act_as_a_plain_line():
    early = (
        "the member that was asked has not been connected to enough members for long enough; nothing happened"
    )
    for verb, member, told in (
        ("restart", "etcd-2", "done"), ("crash", "etcd-3", "done"), ("stop", "etcd-3", "done"), ("resume", "etcd-3", "done"),
        ("heal", None, "done"), ("transfer", "etcd-2", "done"), ("remove", "etcd-1", "done"), ("add_learner", None, early),
        ("promote", "etcd-2", "that member votes already; nothing happened"), ("force_new_cluster", "etcd-2", "done"),
    ):  # fmt: skip
        cluster = Incident(0, record=False).cluster
        acts = getattr(cluster, verb)(*[member] if member else [])
        seconds = PAGED_AFTER_S + (ANEW_S if verb == "force_new_cluster" else ACT_S)
        call = f'{verb}("{member}")' if member else f"{verb}()"
        line = f"{call}, {seconds:.0f} s after it broke: {told}."
        assert DisplayFormatter().format(acts)[0] == {"text/plain": line, "text/html": f"<p>{line}</p>"}
        assert acts.ok is told.startswith("done") and tuple(cluster.acts) == acts
    assert str(Incident(0, record=False).cluster.restart()) == "Nothing was done."


@pytest.mark.parametrize(
    ("seed", "error"), [(-1, ValueError), (1.5, TypeError), ("a", TypeError), (True, TypeError)]
)
def test_a_seed_is_a_whole_number_from_0_on(seed, error):
    with pytest.raises(error):
        Incident(seed)


def test_a_member_added_as_a_learner_and_promoted_repairs_as_well():
    incident = Incident(0, record=False)
    incident.cluster.remove("etcd-1")
    new = incident.cluster.add_learner()
    assert new.ok
    name = incident.cluster.members[-1]
    assert incident.cluster.promote(name).ok
    course = incident.course()
    assert course.restored is not None and len(course.acts) == 3
