"""Three witnesses for one question: arithmetic, the simulation and a real cluster of etcd."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from quorumlab.arguments import mapping, shown
from quorumlab.cluster import Trace
from quorumlab.experiments.witnesses import Answers
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.view import View
from quorumlab.views.witnesses import Answer, Witness, witnesses_view


def compare(
    experiment: Callable[..., Answers],
    computed: Mapping[str, Answer] | None = None,
    *,
    title: str = "",
    computed_by: str = "arithmetic",
    simulate: bool = True,
) -> View:
    """Run ``experiment`` on a simulated cluster and on real etcd, and show what each says beside what was ``computed``.

    ``computed`` maps questions to answers, as the experiment gives them: yes or no, a word, or ms; what arithmetic has nothing to say
    about may be left out; ``computed_by`` is who computes them. With ``simulate=False`` the simulation is not asked, for what only real etcd
    has, such as leases. Where etcd cannot run, or not do what the experiment asks, the run recorded with the course takes its place, and
    is said to, with the reason. Raises TypeError for what is no experiment, and ValueError for a computed question that the experiment
    does not ask, or a single witness.
    """
    if not callable(experiment):
        raise TypeError(
            f"{shown(experiment)} is no experiment; give a function that takes how to make a cluster, such as two_of_three."
        )
    if computed is not None:
        mapping(computed, "The answers computed", "{'one crash stops writes': False}")
    witnesses: list[Witness] = []
    if simulate:
        witnesses.append(Witness("simulation", experiment(SimulatedCluster)))
        _check_asked(computed or {}, witnesses[0].answers)
    real, note = _real(experiment)
    _check_asked(computed or {}, real.answers)
    witnesses.append(real)
    if computed:
        witnesses.insert(0, Witness(computed_by, computed))
    heading = title or (experiment.__doc__ or experiment.__name__).split("\n")[0].split(". (")[0].rstrip(".")
    return witnesses_view(heading, witnesses, note)


def _check_asked(computed: Mapping[str, Answer], answers: Answers) -> None:
    """Raises ValueError for a computed question that the experiment does not answer."""
    for question in computed:
        if question not in answers:
            raise ValueError(
                f"The experiment does not ask {shown(question)}; its questions are {'; '.join(answers)}."
            )


def _real(experiment: Callable[..., Answers]) -> tuple[Witness, str]:
    """What a real cluster answers, and where that comes from, if it is not from here and now."""
    from quorumlab.etcd import EtcdCluster  # processes and sockets are for whoever asks a real cluster
    from quorumlab.etcd.recordings import recorded

    make: Any = EtcdCluster
    try:
        return Witness("real etcd", experiment(make)), ""
    except (RuntimeError, OSError) as problem:  # no etcd, no room for it, or a disk that cannot be slowed
        recording = recorded(experiment.__name__)
        note = f"{str(problem).rstrip('.')}. This is {recording.label}."
        return Witness("real etcd", recording.answers), note


class RealScene(NamedTuple):
    """What happened on a real cluster, to be played; and a sentence on where that comes from, if it is not from here and now."""

    trace: Trace
    note: str


def real_scene(scene: Callable[..., Trace]) -> RealScene:
    """Run ``scene``, of ``quorumlab.experiments.real_scenes``, on real etcd: what happened, for ``ql.play``. Where no etcd can run, the run
    recorded with the course takes its place, and the stage says so.

    Raises TypeError for what is no scene, LookupError for one that was never recorded where no etcd can run.
    """
    if not callable(scene):
        raise TypeError(
            f"{shown(scene)} is no scene; give a function that takes how to make a cluster, such as leader_killed."
        )
    from quorumlab.etcd import EtcdCluster
    from quorumlab.etcd.recordings import recorded_scene

    make: Any = EtcdCluster
    try:
        return RealScene(scene(make), "")
    except (RuntimeError, OSError) as problem:
        recording = recorded_scene(scene.__name__)
        return RealScene(recording.trace, f"{str(problem).rstrip('.')}. This is {recording.label}.")


class RealRun(NamedTuple):
    """What a real cluster answered, and a sentence on where that comes from, if it is not from here and now."""

    answers: Answers
    note: str


def on_real_etcd(experiment: Callable[..., Answers]) -> RealRun:
    """Run ``experiment`` on real etcd alone, for a page that draws its answers itself; where no etcd can run, give the recorded run.

    Raises TypeError for what is no experiment, LookupError for one that was never recorded where no etcd can run.
    """
    if not callable(experiment):
        raise TypeError(
            f"{shown(experiment)} is no experiment; give a function that takes how to make a cluster, such as two_of_three."
        )
    real, note = _real(experiment)
    return RealRun(real.answers, note)
