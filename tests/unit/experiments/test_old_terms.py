"""Figure 8 of the Raft paper as a scene: which rule tells a client what is not so."""

import pytest

from quorumlab.experiments.old_terms import CountsAnyTerm, figure_8
from quorumlab.history import check_linearizable
from quorumlab.raft import Member
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation


def logs(scene, act):
    members = scene.cluster.trace.at(scene.acts[act - 1].ends).members
    return {name[-1]: [entry.term for entry in member.log] for name, member in members.items()}


def test_the_logs_at_the_end_of_each_act() -> None:
    scene = figure_8()
    assert logs(scene, 1) == {"1": [1, 1], "2": [1, 1], "3": [1], "4": [1], "5": [1]}
    assert logs(scene, 2) == {"1": [1, 1], "2": [1, 1], "3": [1], "4": [1], "5": [1, 2, 2]}
    assert logs(scene, 3) == {"1": [1, 1, 3], "2": [1, 1], "3": [1, 1], "4": [1, 1], "5": [1, 2, 2]}
    assert logs(scene, 4) == {
        "1": [1, 1, 3],
        "2": [1, 1],
        **{name: [1, 2, 2, 4] for name in "345"},
    }


@pytest.mark.parametrize(
    ("rule", "own_entry", "told", "there"),
    [
        (CountsAnyTerm, False, True, None),
        (Member, False, False, None),
        (Member, True, True, "ada"),
        (CountsAnyTerm, True, True, "ada"),
    ],
)
def test_only_the_careless_rule_confirms_what_is_lost(rule, own_entry, told, there) -> None:
    scene = figure_8(rule, own_entry=own_entry)
    ada, _bob = scene.requests
    assert ada.outcome.ok is told and (told or ada.outcome.unknown)
    assert scene.cluster.get("invoice-1").value == there
    lied = told and there is None
    assert bool(check_linearizable(scene.cluster.history())) is not lied


def test_the_safety_monitor_sees_what_the_careless_rule_does() -> None:
    scene = figure_8(CountsAnyTerm)
    again = scene.cluster.fork(at=scene.acts[2].ends + 0.01)
    SafetyMonitor(again)
    again.crash("etcd-1")
    again.partition({"etcd-3", "etcd-4", "etcd-5"})
    with pytest.raises(
        SafetyViolation, match=r"Leader Completeness is broken .* without the committed entry 2"
    ):
        again.run_for(10)


def test_a_scene_that_does_not_play_says_so() -> None:
    class NeverStands(Member):
        def may_stand(self) -> bool:
            return False

    with pytest.raises(RuntimeError, match="The scene does not play: nothing came of an act in 30 s"):
        figure_8(NeverStands)
