"""Scenes on a cluster that runs here and now: what is played is what happened, told as the simulation tells it."""

import pytest

import quorumlab as ql
from quorumlab.cluster.events import Process, Return
from quorumlab.cluster.story import story
from quorumlab.etcd import find_etcd
from quorumlab.experiments.real_scenes import SCENES, leader_killed, sides_of_a_cut
from quorumlab.simulation import SimulatedCluster

pytestmark = pytest.mark.etcd


@pytest.fixture(scope="module", params=SCENES, ids=lambda scene: scene.__name__)
def played(request):
    return request.param, ql.real_scene(request.param)


def test_it_is_a_run_from_here_and_now_with_nothing_to_be_excused(played):
    scene, real = played
    trace, note = real
    assert (trace.world, trace.settings["version"], note) == ("etcd", find_etcd().version, "")
    again = type(trace).from_json(trace.to_json())
    assert again == trace
    playback = ql.play(real)
    assert (playback.can, playback.note, playback.future.trace) == ("watch", "", trace)
    told = [words for _, words in story(trace)]
    assert told == [words for _, words in playback.future.story]
    for sentence in {leader_killed: ("etcd-1 crashes.",), sides_of_a_cut: ("The network splits",)}[scene]:
        assert any(sentence.partition(" ")[2] in words for words in told)


def test_clients_were_told_the_same_as_in_the_simulation(played):
    scene, (trace, _) = played

    def answers(trace):
        return sorted((e.op, e.ok, e.error) for e in trace.events if isinstance(e, Return))

    assert answers(trace) == answers(scene(SimulatedCluster))
    ended = [e.member for e in trace.events if isinstance(e, Process) and e.condition == "down"]
    assert len(ended) == (1 if scene is leader_killed else 0)
    # The one that is killed led; the other scene makes etcd-1 lead. (The trace knows who leads up to a tenth of a second later.)
    first = ended[0] if ended else "etcd-1"
    end = trace.at(trace.until / 1e6).members.values()
    agreed = {m.leader for m in end}
    assert len(agreed) == 1 and agreed != {first}  # another leads than at first, and all know it
    assert {m.condition for m in end} == {"up"}
