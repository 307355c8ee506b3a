"""A member that joins a cluster which stands in regions: the fork of one, what is refused, and who wins where a way was said."""

import pytest

from quorumlab.latency import RTT, commit_latency, write_latency
from quorumlab.latency.ground import Ground
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

US, EU, AP = "us-east-1a", "eu-west-1a", "ap-south-1a"
THREE = Topology.placed({"etcd-1": US, "etcd-2": EU, "etcd-3": AP})
MADE = {"rtt": RTT, "leader": "etcd-1"}


def grown(cluster, zone):
    cluster.run_for(6)
    assert cluster.add_voter(zone=zone).ok
    cluster.run_for(1)
    return cluster


@pytest.mark.parametrize("zone", [US, EU, AP, "us-east-1", None])
def test_a_fourth_member_makes_a_commit_wait_for_the_third_nearest(zone):
    cluster = grown(SimulatedCluster(THREE, **MADE), zone)
    # The name of a region is somewhere in it, in no zone that another shares.
    where = {None: US, "us-east-1": "us-east-1x"}.get(zone, zone)
    four = Topology.placed({**THREE.zone_of, "etcd-4": where})
    assert cluster.put("k", "v").latency == pytest.approx(commit_latency(four, leader="etcd-1"), rel=0.02)


def test_a_fork_stands_where_its_past_stood_and_may_put_the_next_one_elsewhere():
    cluster = SimulatedCluster(THREE, **MADE)
    cluster.run_for(6)
    before = cluster.now
    cluster.add_learner(zone=EU)
    other = cluster.fork(at=before)
    other.add_learner(zone=AP)
    again = cluster.fork()
    for c in (cluster, other, again):
        c.run_for(1)
        assert c.promote("etcd-4").ok
        c.run_for(1)
    for c, zone in ((cluster, EU), (other, AP), (again, EU)):
        four = Topology.placed({**THREE.zone_of, "etcd-4": zone})
        expected = write_latency(four, leader="etcd-1", via="etcd-4")
        assert c.put("k", "v", via="etcd-4").latency == pytest.approx(expected, rel=0.02)
    assert cluster.trace.events == again.trace.events


def test_one_that_was_refused_may_stand_elsewhere_when_it_is_asked_for_again():
    cluster = SimulatedCluster(THREE, **MADE)
    cluster.run_for(6)
    cluster.crash("etcd-2", "etcd-3")
    assert cluster.add_voter("spare", zone=AP).error == "unhealthy"
    cluster.restart("etcd-2", "etcd-3")
    cluster.run_until(lambda: cluster.agreed_leader is not None, within=20)
    cluster.transfer("etcd-1")
    cluster.run_for(6)
    assert cluster.add_voter("spare", zone=US).ok
    cluster.run_for(1)
    four = Topology.placed({**THREE.zone_of, "spare": US})
    expected = write_latency(four, leader="etcd-1", via="spare")
    assert cluster.put("k", "v", via="spare").latency == pytest.approx(expected, rel=0.02)


def test_what_was_said_of_a_client_counts_for_a_member_that_joins():
    cluster = SimulatedCluster(THREE, client={"far": AP}, client_ms={("far", "etcd-4"): 7}, **MADE)
    grown(cluster, US)
    assert cluster.get("k", via="etcd-4", mode="serializable", client="far").latency == pytest.approx(14)
    assert cluster.get("k", via="etcd-1", mode="serializable", client="far").latency == pytest.approx(191.1)


@pytest.mark.parametrize(
    ("zone", "says"),
    [
        ("moon", "etcd-4 is in 'moon', but must be in a known zone or region; choose one of"),
        (5, "etcd-4 is in 5"),
    ],
)
def test_a_place_that_is_unknown_is_one_sentence_and_changes_nothing(zone, says):
    cluster = SimulatedCluster(THREE, **MADE)
    cluster.run_for(6)
    with pytest.raises(ValueError, match=says):
        cluster.add_learner(zone=zone)
    assert cluster.members == THREE.members
    assert cluster.add_learner(zone="sa-east-1").ok  # of the table, though none of the topology


def test_a_table_without_the_way_to_the_new_place_says_which():
    own = {("us-east-1", "eu-west-1"): 70.0, ("us-east-1", "ap-south-1"): 190.0}
    two = Topology.placed({"etcd-1": US, "etcd-2": EU})
    cluster = SimulatedCluster(two, rtt=own, leader="etcd-1")
    with pytest.raises(ValueError, match="The round trip ap-south-1–eu-west-1 is unknown, but is needed"):
        cluster.add_voter(zone="ap-south-1")
    assert cluster.add_voter("near", zone=US).ok


def test_the_ground_of_a_cluster_without_round_trips_is_none():
    assert Ground.of(3, None, None, {}) is None
    with pytest.raises(TypeError, match="rtt= needs to know where the members stand, but the cluster is 3"):
        Ground.of(3, RTT, None, {})
    with pytest.raises(ValueError, match="client='us-east-1' needs to know how far the members are"):
        Ground.of(THREE, None, "us-east-1", {})
