"""Three witnesses on one picture: live where etcd runs, recorded and said to be so where it does not."""

import pytest

import quorumlab.etcd
from quorumlab.cluster.events import Invoke, Process, Return, State
from quorumlab.course.witnesses import compare, on_real_etcd, real_scene
from quorumlab.etcd import EtcdUnavailableError
from quorumlab.etcd.leases import lease_over_outage
from quorumlab.etcd.recordings import recorded, recorded_scene
from quorumlab.experiments import sizes, zones
from quorumlab.experiments.real_scenes import SCENES
from quorumlab.experiments.witnesses import (
    ALL,
    KILLS,
    ONE_WAY,
    killed_again_and_again,
    slow_disks,
    two_of_three,
)
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.witnesses import Witness, agree, witnesses_view
from quorumlab.widgets.playback import play

COMPUTED = {"a write, one member down": True, "a write, two members down": False}


@pytest.fixture
def without_etcd(monkeypatch):
    def unavailable(*_args, **_settings):
        raise EtcdUnavailableError("No etcd that starts was found on this machine; install one.")

    monkeypatch.setattr(quorumlab.etcd, "EtcdCluster", unavailable)


def test_where_no_etcd_runs_a_recorded_run_takes_its_place_and_says_so(without_etcd):
    view = compare(two_of_three, COMPUTED)
    recording = recorded("two_of_three")
    assert view.table.columns == ("question", "arithmetic", "simulation", "real etcd", "agree")
    assert view.sentence == (
        "Simulation and real etcd agree on all 4 questions, and arithmetic with them on 2 of these. No etcd that starts was found on this machine; "
        f"install one. This is a recorded run: etcd {recording.etcd}, {recording.date}, {recording.machine}."
    )
    assert view.table.rows[2] == ("a linearizable read, two down", "–", "✕ no", "✕ no", "yes")


@pytest.mark.parametrize(
    ("count", "which"), [(1, "the question"), (2, "both questions"), (3, "all 3 questions")]
)
def test_what_they_agree_on_is_counted_as_people_do(count, which):
    said = {f"question {i}": True for i in range(count)}
    view = witnesses_view("Asked", [Witness("arithmetic", said), Witness("etcd", said)])
    assert view.sentence == f"Arithmetic and etcd agree on {which}."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ([(1, 1, 1), (None, 1, 1), (None, 2, 2)],
         "Simulation and etcd agree on all 3 questions, and arithmetic with them on one of these."),
        ([(1, 1, 1), (1, 1, 1), (None, 2, 2)],
         "Simulation and etcd agree on all 3 questions, and arithmetic with them on 2 of these."),
        ([(1, None, 1), (None, None, 2)],
         "Arithmetic and etcd agree on one of 2 questions. The other only etcd can answer."),
        ([(1, None, 1), (None, None, 2), (1, None, None)],
         "Arithmetic and etcd agree on one of 3 questions. The other 2 only etcd and arithmetic can answer."),
        ([(1, 1, None), (None, 1, 1), (1, None, 1)], "Arithmetic, simulation and etcd agree wherever two of them answer."),
        ([(None, 1, 2), (1, 1, 1)], "Simulation and etcd differ on “0”."),
    ],
)  # fmt: skip
def test_who_has_no_answer_agrees_with_nobody(said, sentence):
    names = ("arithmetic", "simulation", "etcd")
    answers = {
        name: {f"{q}": a[i] and f"word {a[i]}" for q, a in enumerate(said)} for i, name in enumerate(names)
    }
    assert witnesses_view("Told", [Witness(name, answers[name]) for name in names]).sentence == sentence


def test_a_question_with_room_beside_the_answers_stays_on_one_line():
    questions = ["us-east-1a lost: writes go on", "four voters, two lost: writes go on"]
    said = dict.fromkeys(questions, True)
    (axes,) = witnesses_view("Asked", [Witness("arithmetic", said), Witness("etcd", said)]).figure().axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [questions[0], "four voters, two\nlost: writes go on"]


@pytest.mark.parametrize("experiment", (*ALL, *sizes.WITNESSED, *zones.WITNESSED), ids=lambda e: e.__name__)
def test_every_experiment_has_a_recorded_run_and_the_simulation_agrees_with_it(experiment):
    simulated, recording = experiment(SimulatedCluster), recorded(experiment.__name__)
    assert recording.experiment == experiment.__name__ and experiment.__doc__
    assert list(recording.answers) == list(simulated)
    if experiment.__name__ == "write_in_the_gap":  # whose client waits for 6 s, to a few ms
        assert all(agree(both) for both in zip(recording.answers.values(), simulated.values(), strict=True))
    elif experiment.__name__ not in ("killed_again_and_again",):  # which chance decides
        assert dict(recording.answers) == dict(simulated)
    assert len(recording.to_json()) < 100_000


def test_what_only_real_etcd_has_is_set_beside_whoever_computes_it(without_etcd):
    def unasked(make):
        return lease_over_outage(make=quorumlab.etcd.EtcdCluster)

    unasked.__name__ = "lease_over_outage"
    view = compare(unasked, {"Bob can take it now": True}, computed_by="Ada's clock", simulate=False)
    assert view.table.columns == ("question", "Ada's clock", "real etcd", "agree")
    assert view.table.rows == (
        ("the lock is still Ada's", "–", "✓ yes", "yes"),
        ("time left on its lease", "–", "all of it", "yes"),
        ("Bob can take it now", "✓ yes", "✕ no", "no"),
    )
    with pytest.raises(ValueError, match="1 witness cannot be compared"):
        compare(unasked, simulate=False)
    with pytest.raises(ValueError, match="does not ask 'who'"):
        compare(unasked, {"who": True}, simulate=False)


def test_a_slow_disk_under_the_leader_slows_every_write_in_both_worlds():
    """Two slow followers of five are hidden by the quorum; etcd's leader waits for its own disk, and so does the simulated one."""
    waits = {
        "two followers are slow": False,
        "three followers are slow": True,
        "the leader alone is slow": True,
    }
    assert recorded("slow_disks").answers == slow_disks(SimulatedCluster) == waits


@pytest.mark.parametrize("problem", [RuntimeError("etcd-1 has ended by itself."), OSError("No room.")])
def test_where_etcd_cannot_do_it_the_recorded_run_takes_its_place_and_the_reason_is_told(
    monkeypatch, problem
):
    def fails(*_args, **_settings):
        raise problem

    monkeypatch.setattr(quorumlab.etcd, "EtcdCluster", fails)
    assert f"{problem} This is a recorded run: etcd " in compare(slow_disks).sentence


def test_a_page_that_draws_the_answers_itself_gets_them_with_where_they_come_from(without_etcd):
    answers, note = on_real_etcd(killed_again_and_again)
    assert list(answers) == [ONE_WAY, *(f"kill {n}" for n in range(1, KILLS + 1))]
    assert all(700 < answers[f"kill {n}"] < 4000 for n in range(1, KILLS + 1))
    assert "This is a recorded run" in note
    with pytest.raises(TypeError, match="5 is no experiment"):
        on_real_etcd(5)


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.__name__)
def test_a_scene_is_played_from_its_recorded_run_where_no_etcd_runs_and_the_stage_says_so(
    without_etcd, scene
):
    trace, note = real_scene(scene)
    recording = recorded_scene(scene.__name__)
    assert (trace, trace.world) == (recording.trace, "etcd")
    assert len(recording.to_json().encode()) < 100_000
    assert note == (
        "No etcd that starts was found on this machine; install one. This is a recorded run: "
        f"etcd {recording.etcd}, {recording.date}, {recording.machine}."
    )
    playback = play(real_scene(scene))
    assert (playback.can, playback.note) == ("watch", note)
    assert playback.view.sentence.endswith(note)
    assert play(trace).note == ""


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: s.__name__)
def test_a_scene_says_the_same_in_both_worlds(scene):
    """Who died, who led, what clients were told: of the recorded run and of the simulated one."""

    def told(trace):
        faults = [(e.member, e.condition) for e in trace.events if isinstance(e, Process)][
            len(trace.members) :
        ]
        begins = next(e.t for e in trace.events if isinstance(e, Invoke))
        leaders = [e for e in trace.events if isinstance(e, State) and e.role == "leader" and e.t > begins]
        answers = [(e.op, e.ok, e.error) for e in trace.events if isinstance(e, Return)]
        end = trace.at(trace.until / 1e6)
        agreed = {m.leader for m in end.members.values()}
        return (
            [condition for _, condition in faults],
            len(leaders),
            answers,
            len(agreed),
            {m.condition for m in end.members.values()},
        )

    real, simulated = recorded_scene(scene.__name__).trace, scene(SimulatedCluster)
    assert told(real) == told(simulated)
    assert told(real)[1] == 1 and told(real)[3:] == (1, {"up"})


def test_what_is_no_scene_is_refused_in_one_sentence(without_etcd):
    with pytest.raises(TypeError, match="5 is no scene; give a function"):
        real_scene(5)
    with pytest.raises(LookupError, match="No run of 'two_of_three' has been recorded"):
        recorded_scene("two_of_three")


def test_what_is_no_experiment_is_refused_in_one_sentence(without_etcd):
    with pytest.raises(TypeError, match="5 is no experiment; give a function"):
        compare(5)
    with pytest.raises(ValueError, match="does not ask 'who'; its questions are a write, one member down; "):
        compare(two_of_three, {"who": True})
    with pytest.raises(LookupError, match="No run of 'mine' has been recorded"):
        recorded("mine")


@pytest.mark.parametrize(
    ("answers", "same"),
    [
        ((True, True, True), True),
        ((True, False), False),
        ((True, 1.0), False),
        (("ada", "ada", None), True),
        (("ada", "bob"), False),
        ((69.7, 69.7, 74.2), True),
        ((260.8, 273.0), True),
        ((260.8, 281.0), False),
        ((1.0, 5.9), True),
        ((None, None), True),
    ],
)
def test_words_agree_when_they_are_the_same_and_times_within_five_percent_and_five_ms(answers, same):
    assert agree(answers) is same


def test_who_differs_is_named():
    view = witnesses_view(
        "T", [Witness("arithmetic", {"a": True, "b": 1.0}), Witness("real etcd", {"a": False, "b": 1.0})]
    )
    assert view.sentence == "Arithmetic and real etcd differ on “a”."
    assert [row[-1] for row in view.table.rows] == ["no", "yes"]
    assert b"</svg>" in view.svg()


def test_who_says_the_same_time_is_named_once_and_beside_its_mark():
    said = {
        "near": (0.0, 0.0, 1.6),
        "half": (100.0, 100.0, 104.0),
        "far": (191.0, 191.0, 200.0),
        "spread": (0.0, 90.0, 200.0),
    }
    names = ("arithmetic", "simulation", "real etcd")
    view = witnesses_view(
        "T", [Witness(name, {q: a[i] for q, a in said.items()}) for i, name in enumerate(names)]
    )
    texts = view.figure().axes[0].texts
    assert [text.get_text() for text in texts] == [
        "◇■ 0.0 ms   ○ 1.6 ms", "◇■ 100 ms   ○ 104 ms", "◇■ 191 ms   ○ 200 ms", "◇ 0.0 ms   ■ 90 ms   ○ 200 ms",
    ]  # fmt: skip
    assert [text.xy[0] for text in texts] == [0.0, 102.0, 200.0, 100.0]
    assert [text.get_ha() for text in texts] == ["left", "center", "right", "center"]


def test_times_are_drawn_on_one_axis():
    view = witnesses_view("T", [Witness("x", {"a": 12.0, "b": 1.26}), Witness("y", {"a": 13.0, "b": None})])
    assert view.table.rows == (("a", "12 ms", "13 ms", "yes"), ("b", "1.3 ms", "–", "yes"))
    assert b"</svg>" in view.svg()
    axes = view.figure().axes[0]
    assert {text.get_text(): text.xy for text in axes.texts} == {
        "◇ 12 ms   ■ 13 ms": (13.0, 0),
        "◇ 1.3 ms": (1.26, 1),
    }
    for witnesses in ([], [Witness("x", {"a": True})], [Witness("x", {}), Witness("y", {})]):
        with pytest.raises(ValueError, match="give"):
            witnesses_view("T", witnesses)
