"""Scenes: what each is told to show happens in the act that says so."""

from typing import Any

import pytest

import quorumlab.experiments.scenes as scenes
from quorumlab.cluster.story import story
from quorumlab.experiments.scenes import BETWEEN, DOES, Scene, Script, perform
from quorumlab.raft import Member
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation

SCRIPTS = [script for script in vars(scenes).values() if isinstance(script, Script)]


class VotesTwice(Member):
    def may_vote(self, request: Any) -> bool:
        return bool(request.term == self.current_term)


def told_in(scene: Scene, act: int) -> str:
    """The story of an act, counted from 1."""
    begins = scene.acts[act - 2].ends if act > 1 else scene.begin
    return " ".join(
        words for t, words in story(scene.cluster.trace) if begins < t <= scene.acts[act - 1].ends
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.title)
def test_every_script_plays_and_is_repeated_to_the_microsecond(script: Script) -> None:
    one, other = perform(script), perform(script)
    assert one.cluster.trace == other.cluster.trace
    ends = [act.ends for act in one.acts]
    assert ends == sorted(set(ends)) and script.begin < ends[0]
    assert one.cluster.now == pytest.approx(ends[-1] + BETWEEN)
    assert [act.caption for act in one.acts] == [act.caption for act in script.acts]
    assert {step[0] for act in script.acts for step in act.steps} <= DOES.keys()
    assert one.up_to(1).acts == one.acts[:1] and one.up_to(1).cluster.now == pytest.approx(ends[0])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.title)
def test_nothing_of_an_act_happens_before_its_caption(script: Script) -> None:
    scene = perform(script)
    for act in scene.acts[:-1]:
        assert not [e for e in scene.cluster.trace.events if act.ends < e.t / 1e6 < act.ends + BETWEEN / 2]


def test_a_client_goes_back_in_time() -> None:
    scene = perform(scenes.TWO_READS)
    ada, first, second = scene.requests
    assert (first.outcome.value, second.outcome.value) == ("ada", None)
    assert ada.returned > second.returned and ada.outcome.ok
    assert second.invoked - first.invoked == pytest.approx(1.2, abs=0.01)
    assert "etcd-2 answers Bob: lock is ada." in told_in(scene, 2)
    assert "etcd-4 answers Bob: lock is not there." in told_in(scene, 3)
    assert "etcd-5 answers Ada" in told_in(scene, 4)


def test_a_write_that_timed_out_happens() -> None:
    scene = perform(scenes.GHOST_WRITE)
    assert scene.requests[0].outcome.unknown
    assert "Ada gives up waiting" in told_in(scene, 2) and "committed" not in told_in(scene, 2)
    assert "Entry 2 (lock = ada) is committed" in told_in(scene, 3)


def test_who_comes_back_deposes_the_leader_only_without_prevote() -> None:
    by_paper, by_etcd = perform(scenes.COMES_BACK), perform(scenes.COMES_BACK, pre_vote=True)
    assert "etcd-1 no longer leads: it has heard of term" in told_in(by_paper, 3)
    assert "becomes leader" in told_in(by_paper, 4)
    assert not any("no longer leads" in told_in(by_etcd, act) for act in (3, 4))
    assert by_etcd.cluster.status()["etcd-1"].term == 1


def test_who_votes_twice_makes_two_leaders_of_one_term_and_the_story_names_no_other_reason() -> None:
    scene = perform(scenes.DOUBLE_VOTE, VotesTwice)
    leading = [m.term for m in scene.cluster.status().values() if m.role == "leader"]
    assert leading == [2, 2]
    again = scene.up_to(2).cluster
    SafetyMonitor(again)
    with pytest.raises(SafetyViolation, match="Election Safety is broken"):
        again.run_for(1)
    scene.cluster.run_for(1)
    words = " ".join(words for _, words in story(scene.cluster.trace))
    assert "no longer leads: it has heard from etcd-" in words and "leads term 2 as well" in words
    assert "no majority has answered" not in words
    honest = perform(scenes.DOUBLE_VOTE)
    assert [m.role for m in honest.cluster.status().values()].count("leader") == 1


def test_what_is_no_act_is_refused() -> None:
    scene = perform(scenes.GHOST_WRITE)
    with pytest.raises(ValueError, match="act"):
        scene.up_to(4)
    with pytest.raises(TypeError, match="act"):
        scene.up_to("one")  # type: ignore[arg-type]
