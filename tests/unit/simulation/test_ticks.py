"""The simulated members' clocks tick as etcd's do: by heartbeats, from a moment of their own."""

import pytest

from quorumlab.cluster.events import State
from quorumlab.simulation import SimulatedCluster


def times_of(cluster, role):
    return [(e.t, e.member) for e in cluster.trace.events if isinstance(e, State) and e.role == role]


def test_each_member_ticks_at_moments_of_its_own():
    cluster = SimulatedCluster(5, seed=3)
    phases = {node.member.phase for node in cluster._world.nodes.values()}
    assert len(phases) == 5 and all(0 <= phase < 100_000 for phase in phases)


def test_who_stands_does_so_at_a_tick_of_its_own():
    for seed in range(5):
        cluster = SimulatedCluster(5, seed=seed, settle=False)
        cluster.run_for(3)
        for at, name in times_of(cluster, "pre-candidate"):
            assert (at - cluster._world.nodes[name].member.phase) % 100_000 == 0


def test_a_follower_waits_less_than_its_timeout_but_not_by_a_tick():
    cluster = SimulatedCluster(3, seed=5, leader="etcd-1", latency_ms=10)
    cluster.run_for(2)
    heard = {name: node.member.now for name, node in cluster._world.nodes.items()}
    timeout = {name: node.member.timeout for name, node in cluster._world.nodes.items()}
    cluster.crash("etcd-1")
    cluster.run_for(3)
    at, name = times_of(cluster, "pre-candidate")[-1]
    assert timeout[name] - 100_000 < at - heard[name] <= timeout[name]


def test_the_cluster_that_was_down_as_a_whole_need_not_wait_a_full_timeout():
    """etcd puts the clock of a member that starts forward by all but two ticks, once it is connected to two others."""
    slow, quick = [], []
    for seed in range(20):
        cluster = SimulatedCluster(3, seed=seed)
        cluster.crash(*cluster.members)
        began = cluster.now
        cluster.restart(*cluster.members)
        assert cluster.run_until(lambda c=cluster: c.leader is not None, within=5)
        quick.append(cluster.now - began)
        cluster = SimulatedCluster(3, seed=seed, election_ms=(1000, 2000))
        cluster.crash(*cluster.members)
        began = cluster.now
        cluster.restart(*cluster.members)
        cluster.run_until(lambda c=cluster: c.leader is not None, within=5)
        slow.append(cluster.now - began)
    assert min(slow) > 1.0
    assert min(quick) > 0.1 and sorted(quick)[10] < 0.9


def test_one_alone_leads_again_within_a_second_of_its_start():
    for seed in range(10):
        cluster = SimulatedCluster(1, seed=seed)
        cluster.crash("etcd-1")
        began = cluster.now
        cluster.restart("etcd-1")
        assert cluster.run_until(lambda c=cluster: c.leader is not None, within=1.0), seed
        assert cluster.now > began


@pytest.mark.parametrize("others", [1, 2])
def test_who_finds_one_other_only_waits_its_full_timeout(others):
    cluster = SimulatedCluster(3, seed=1, leader="etcd-1")
    cluster.run_for(1)
    cluster.crash(*cluster.members)
    cluster.restart(*cluster.members[: others + 1])
    began = cluster.now
    assert cluster.run_until(lambda: cluster.leader is not None, within=5)
    assert (cluster.now - began > 0.9) is (others == 1)


def test_a_new_leader_of_a_cluster_that_ticks_is_a_matter_of_one_to_two_timeouts():
    """Facts: a leader killed is replaced after 1.0 to 1.8 s at 100/1000 ms."""
    gaps = []
    for seed in range(40):
        cluster = SimulatedCluster(3, seed=seed, leader="etcd-1", latency_ms=(0.1, 0.3))
        cluster.run_for(2 + seed / 400)
        cluster.crash("etcd-1")
        began = cluster.now
        assert cluster.run_until(lambda c=cluster: c.agreed_leader is not None, within=5)
        gaps.append(cluster.now - began)
    assert 0.75 < min(gaps) < 1.05 and max(gaps) < 2.0
    assert 1.0 < sorted(gaps)[20] < 1.4
