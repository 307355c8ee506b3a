"""Questions about two sites that people who run this ask again and again, each named for the thread in which it was asked, and
answered by arithmetic, by simulation and by real etcd.
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.etcd import EtcdCluster
from quorumlab.experiments import sites
from quorumlab.experiments.witnesses import LONG, QUICK
from quorumlab.planning import decide, over_sites
from quorumlab.simulation import SimulatedCluster

Make = Callable[..., Any]
BOTH_WORLDS = pytest.mark.parametrize(
    "make",
    [SimulatedCluster, pytest.param(EtcdCluster, marks=pytest.mark.etcd)],
    ids=["simulation", "etcd"],
)
FAR = {("A", "B"): 70.0}


def writes(cluster: Any, *via: str) -> bool:
    """Whether a write gets through in three tries, asked of these members in turn."""
    return any(cluster.put("k", "v", via=via[turn % len(via)]).ok for turn in range(3))


@BOTH_WORLDS
def test_rancher_30352_three_and_two_over_two_places_and_the_bigger_goes_dark(make: Make) -> None:
    """B can only read; one of A's three is enough to go on; and no algorithm could do better."""
    after = ql.after_loss(over_sites({"A": 3, "B": 2}), region="A", rtt=FAR)
    assert not after.goes_on and after.spare == -1 and "--force-new-cluster" in str(after.operator)
    assert "has a region whose loss stops writes, however many members it has" in str(
        ql.layouts(["A", "B"], survive="region", members=range(1, 10), rtt=FAR)
    )
    assert sites.bigger_goes_dark(make) == {
        "the two in B write": False,
        "they say what they last heard": True,
        "they can remove a lost member": False,
        "one lost member is back: they write": True,
    }


@pytest.mark.etcd
def test_rancher_30352_a_new_cluster_forced_in_b_goes_on_without_what_a_alone_acknowledged() -> None:
    five = ql.majority(5)
    assert any(not {"etcd-4", "etcd-5"} & set(q) for q in combinations(five.members, 3))
    assert sites.new_cluster_forced(EtcdCluster) == {
        "A acknowledges the payment": True,
        "the new cluster writes": True,
        "what B had heard of is there": True,
        "the payment is there": False,
    }
    assert all(sites.two_clusters(EtcdCluster).values())  # and forced too early, both give out the lock


@BOTH_WORLDS
def test_etcd_website_779_after_a_loss_it_is_not_two_of_the_three_that_are_left(make: Make) -> None:
    """Five members, two lost: three are left, and all three are needed, since a quorum is three of five as before."""
    five = ql.majority(5)
    left = five.members[2:]
    assert five.is_quorum(left) and not any(five.is_quorum(two) for two in combinations(left, 2))
    with make(5, **QUICK) as cluster:
        cluster.crash("etcd-1", "etcd-2")
        assert writes(cluster, *left)
        cluster.crash("etcd-3")
        assert not writes(cluster, "etcd-4", "etcd-5")


@BOTH_WORLDS
def test_patroni_1182_how_does_the_other_site_take_over(make: Make) -> None:
    """By itself it does not. With two of the five moved, one of them to a third site, whoever is left goes on by itself."""
    two, three = over_sites({"A": 3, "B": 2}), over_sites({"A": 2, "B": 2, "C": 1})
    assert not two.survives(region="A") and two.survives(region="B")
    assert all(three.survives(region=site) for site in "ABC")
    with make(5, leader="etcd-1", **QUICK) as cluster:
        cluster.crash(*two.regions["A"])
        cluster.run_for(3)  # many election timeouts
        assert cluster.leader is None and not writes(cluster, *two.regions["B"])
    with make(5, leader="etcd-1", **QUICK) as cluster:
        cluster.crash(*three.regions["A"])
        assert cluster.run_until(lambda: writes(cluster, *three.regions["B"]), within=LONG)


@BOTH_WORLDS
def test_rke_2140_half_of_the_masters_are_lost_and_nothing_can_be_changed(make: Make) -> None:
    """What was written can be read, and nothing written, changed or removed, until one of the other half is back."""
    assert ql.quorum_size(4) == 3 > 2
    with make(4, leader="etcd-1", **QUICK) as cluster:
        assert cluster.put("pod", "runs").ok
        held = lambda: cluster.get("pod", via="etcd-4", mode="serializable").value  # noqa: E731
        assert cluster.run_until(lambda: held() == "runs", within=LONG)
        cluster.crash("etcd-1", "etcd-2")
        assert held() == "runs"
        assert not writes(cluster, "etcd-3", "etcd-4")
        assert cluster.cas("pod", "runs", "stops", via="etcd-4").unknown
        assert not cluster.get("pod", via="etcd-4").ok and not cluster.remove("etcd-1").ok
        cluster.restart("etcd-2")
        assert cluster.run_until(lambda: writes(cluster, "etcd-3"), within=LONG)


@BOTH_WORLDS
def test_k3s_10902_two_servers_and_one_dies_why_does_the_other_stop(make: Make) -> None:
    """A quorum of two is two: two servers are down about twice as long as one. A third one cures it."""
    assert ql.quorum_size(2) == 2
    one, two, three = (ql.unavailability(ql.majority(n), member_up=0.99) for n in (1, 2, 3))
    assert two == pytest.approx(1.99 * one) and three < one / 30
    for size, goes_on in ((2, False), (3, True)):
        with make(size, **QUICK) as cluster:
            cluster.crash("etcd-1")
            assert writes(cluster, "etcd-2") == goes_on


@BOTH_WORLDS
def test_k3s_6913_six_masters_three_crash_and_three_healthy_ones_are_not_enough(make: Make) -> None:
    """Half is no majority: six survive two crashes, as five do; but the three that are left have every acknowledged write."""
    assert ql.quorum_size(6) == 4 and ql.fault_tolerance(6) == ql.fault_tolerance(5) == 2
    six = ql.majority(6)
    assert all({"etcd-4", "etcd-5", "etcd-6"} & set(q) for q in combinations(six.members, 4))
    with make(6, **QUICK) as cluster:
        cluster.crash("etcd-1", "etcd-2", "etcd-3")
        assert not writes(cluster, "etcd-4", "etcd-5", "etcd-6")
        cluster.restart("etcd-3")
        assert cluster.run_until(lambda: writes(cluster, "etcd-4"), within=LONG)


def test_autobase_798_three_and_three_add_or_remove_one() -> None:
    """Neither helps while it stays in two sites; the seventh in a third place does."""
    assert set(decide({"A": 3, "B": 3}, FAR).stops) == {"A", "B"}
    assert decide({"A": 3, "B": 2}, FAR).stops == decide({"A": 4, "B": 3}, FAR).stops == ("A",)
    near = {**FAR, ("A", "C"): 5.0, ("B", "C"): 70.0}
    assert decide({"A": 3, "B": 3, "C": 1}, near).stops == ()
    assert decide({"A": 3, "B": 2, "C": 1}, near).stops == ("A",)  # one more is not always enough


@BOTH_WORLDS
def test_etcd_7566_keep_the_leader_at_a(make: Make) -> None:
    """etcd has no such setting; leadership is handed back, and a round trip to B is saved in every write."""
    near, far, drawn = (
        ql.commit_latency(sites.PAIR_AND_ONE, leader) for leader in ("etcd-1", "etcd-3", "drawn")
    )
    assert (near, far, drawn) == (1.0, 69.7, pytest.approx(23.9))
    found = sites.leader_at_home(make)
    alone = found["the leader alone"]
    assert isinstance(alone, float) and alone >= 69.6
    for question in ("the leader in the pair", "handed back"):
        took = found[question]
        assert isinstance(took, float) and took < alone - 20  # of the 68.7 ms saved, on a busy machine


@BOTH_WORLDS
def test_scylladb_15360_and_22071_may_the_tie_breaker_be_small_or_shared_or_far(make: Make) -> None:
    """Small and far: nobody waits for it on a usual day, and everybody does on the bad day. Shared with a site, it is none."""
    assert sites.weak_tie_breaker(make) == {
        "a usual day: the weak one is waited for": False,
        "a site is lost: the weak one is waited for": True,
    }
    far, near = (
        decide({sites.US: 1, sites.EU: 1, third: 1}, ql.RTT, sites.US) for third in (sites.AP, "eu-central-1")
    )
    assert far.usual == near.usual == 69.7 and (far.worst, near.worst) == (191.1, 92.9)
    assert decide({"A": 2, "B": 2, "C": 1}, {**FAR, ("A", "C"): 1, ("B", "C"): 70}).stops == ()
    assert decide({"A": 2 + 1, "B": 2}, FAR).stops == ("A",)  # the third vote in a room of A


@BOTH_WORLDS
def test_etcd_11544_mirror_to_a_second_cluster_and_switch_what_is_lost(make: Make) -> None:
    """What the mirror is behind, of acknowledged writes; and the revisions begin anew, so fencing numbers fall."""
    assert sites.mirror_and_switch(make) == {
        "the second cluster writes": True,
        "acknowledged orders that are lost": f"{sites.WRITES % sites.COPIED_EVERY} of {sites.WRITES}",
        "the lock's number grows over the switch": False,
    }


@BOTH_WORLDS
def test_etcd_raft_133_a_witness_for_two_servers(make: Make) -> None:
    """A third vote would do, with data or without; etcd's learner has data and no vote, and does not."""
    with_witness = ql.Topology.of("A: 1, B: 1", witnesses="C: 1")
    with_learner = ql.Topology.of("A: 1, B: 1", learners="C: 1")
    assert with_witness.survives_any("region") and not with_learner.survives_any("region")
    assert with_witness.verdict().findings[-1].endswith("which etcd does not have.")
    with make(2, leader="etcd-1", **QUICK) as cluster:
        assert cluster.run_until(lambda: cluster.add_learner().ok, within=LONG)
        cluster.crash("etcd-1")
        assert not writes(cluster, "etcd-2")
