"""Two sites and a third one, simulated: held against arithmetic and against the recorded runs of real etcd."""

import pytest

import quorumlab as ql
from quorumlab import SimulatedCluster
from quorumlab.etcd.recordings import recorded
from quorumlab.experiments import sites
from quorumlab.latency import commit_latency
from quorumlab.planning import over_sites
from quorumlab.views.witnesses import agree

IN_MS = ("bad_days", "leader_at_home")


@pytest.mark.parametrize("experiment", sites.ALL, ids=lambda e: e.__name__)
def test_every_experiment_has_a_recorded_run_and_the_simulation_agrees_with_it(experiment):
    simulated, recording = experiment(SimulatedCluster), recorded(experiment.__name__)
    assert experiment.__doc__ and list(recording.answers) == list(simulated)
    if experiment.__name__ in IN_MS:
        assert all(agree(both) for both in zip(recording.answers.values(), simulated.values(), strict=True))
    else:
        assert dict(recording.answers) == dict(simulated)
    assert len(recording.to_json()) < 100_000


@pytest.mark.parametrize("experiment", sites.REAL, ids=lambda e: e.__name__)
def test_what_only_real_etcd_can_be_asked_has_a_recorded_run(experiment):
    assert experiment.__doc__ and "(Only real etcd.)" in experiment.__doc__
    assert len(recorded(experiment.__name__).answers) >= 2


def test_a_site_is_survived_exactly_if_the_topology_says_so():
    found = sites.site_lost(SimulatedCluster)
    for question, writes in found.items():
        shape, lost = question.removesuffix(": it writes").split(" without ")
        a, b = map(int, shape.split(" + "))
        assert over_sites({"A": a, "B": b}).survives(region=lost) == writes
    assert len(found) == 5 and list(found.values()).count(True) == 2


def test_times_are_those_of_the_formula():
    home = sites.leader_at_home(SimulatedCluster)
    computed = [commit_latency(sites.PAIR_AND_ONE, leader) for leader in ("etcd-1", "etcd-3", "etcd-2")]
    assert list(home.values()) == pytest.approx(computed)
    assert list(sites.bad_days(SimulatedCluster).values()) == pytest.approx([69.7, 191.1, 125.6])


def test_a_leader_falls_to_the_far_one_every_second_time_after_a_crash_and_less_often_from_a_cold_start():
    far = [sites.next_leader(seed) for seed in range(200)]
    assert set(far) == {"etcd-2", "etcd-3"} and 70 <= far.count("etcd-3") <= 130
    cold = [SimulatedCluster(sites.PAIR_AND_ONE, rtt=ql.RTT, seed=s, record=False).leader for s in range(300)]
    assert cold.count("etcd-3") < 80 < cold.count("etcd-1")


def test_a_mirror_lacks_what_came_since_the_last_copy():
    found = sites.mirror_and_switch(SimulatedCluster)
    behind = sites.WRITES % sites.COPIED_EVERY
    assert found["acknowledged orders that are lost"] == f"{behind} of {sites.WRITES}"
    assert found["the second cluster writes"] and not found["the lock's number grows over the switch"]
