"""A client in a region pays its own way: the simulation against the formula, on the layouts of the tutorial page, whole and after a loss."""

from itertools import product

import pytest

from quorumlab.cluster.trace import Trace
from quorumlab.latency import RTT, read_latency, write_latency
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
REGIONS = (US, EU, AP)
LAYOUTS = {
    "one region": Topology.of(f"{US}a: 1, {US}b: 1, {US}c: 1"),
    "2+2+1 zones": Topology.of(f"{US}a: 2, {US}b: 2, {US}c: 1"),
    "1+1+1": Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1"),
    "2+2+1": Topology.of(f"{US}a: 1, {US}b: 1, {EU}a: 1, {EU}b: 1, {AP}a: 1"),
    "3+3+3": Topology.of(f"{US}a: 3, {EU}a: 3, {AP}a: 3"),
    "3+1+1": Topology.of(f"{US}a: 1, {US}b: 1, {US}c: 1, {EU}a: 1, {AP}a: 1"),
}


def first_in(t, region):
    return next((name for name in t.members if t.region_of[name] == region), None)


def agree(cluster, t, client, leader, down):
    """Each write and read through the first member up of each region takes what the formula says, in the client's eyes."""
    for region in t.regions:
        via = next((name for name in t.members if t.region_of[name] == region and name not in down), None)
        if via is None:
            continue
        asked = {"client": client, "rtt": RTT, "down": down, "via": via}
        found = cluster.put("k", "v", via=via).latency
        assert found == pytest.approx(write_latency(t, leader, **asked), rel=0.02), (client, via, "write")
        found = cluster.get("k", via=via).latency
        assert found == pytest.approx(read_latency(t, leader, **asked), rel=0.02), (client, via, "read")
        found = cluster.get("k", via=via, mode="serializable").latency
        formula = read_latency(t, leader, mode="serializable", **asked)
        assert found == pytest.approx(formula, rel=0.02), (client, via, "serializable")


@pytest.mark.parametrize(("layout", "client"), list(product(LAYOUTS, REGIONS)))
def test_writes_and_reads_take_what_the_formula_says_also_after_a_region_is_lost(layout, client):
    t = LAYOUTS[layout]
    for led_from in t.regions:
        leader = first_in(t, led_from)
        cluster = SimulatedCluster(t, rtt=RTT, client=client, leader=leader, record=False)
        assert cluster.leader == leader
        agree(cluster, t, client, leader, ())
    for lost in t.regions:
        down = tuple(t.lost(region=lost))
        if not t.survives(region=lost):
            continue
        cluster = SimulatedCluster(t, rtt=RTT, client=client, record=False)
        cluster.crash(*down)
        assert cluster.run_until(lambda c=cluster: c.agreed_leader is not None, within=60)
        cluster.run_for(2)
        agree(cluster, t, client, cluster.leader, down)


def test_clients_by_name_stand_where_they_are_said_to_and_all_others_beside_the_member_they_ask():
    t = LAYOUTS["1+1+1"]
    where = {"Ada": AP, "Bob": f"{EU}a"}
    with SimulatedCluster(t, rtt=RTT, client=where, client_ms={("Bob", "etcd-1"): 500}, leader="etcd-1") as c:
        for client, via, expected in (
            ("Ada", "etcd-1", 191.1 + 69.7), ("Ada", "etcd-3", 1 + 191.1 + 69.7), ("Cy", "etcd-1", 69.7),
            ("Bob", "etcd-1", 1000 + 69.7), ("Bob", "etcd-2", 69.7 * 2),
        ):  # fmt: skip
            took = c.put("k", "v", via=via, client=client).latency
            assert took == pytest.approx(expected, abs=1.5), (client, via)


def test_a_client_hears_of_a_dead_member_after_its_way_there_and_back_and_waits_no_longer_than_it_has_patience():
    ways = {("*", "etcd-1"): 40, ("far", "etcd-1"): 300}
    with SimulatedCluster(3, latency_ms=1, client_ms=ways, leader="etcd-1", timeout_ms=500) as c:
        gave_up = c.put("k", "too late to hear of", via="etcd-1", client="far")
        assert (gave_up.error, gave_up.latency) == ("timeout", 500)
        assert c.get("k").value == "too late to hear of"
        on_its_way = c.submit("write", "k", "arrives at a dead member", via="etcd-1")
        c.run_for(0.02)
        c.crash("etcd-1")
        c.run_for(0.1)
        assert (on_its_way.outcome.error, on_its_way.outcome.latency) == ("member_down", 80)
        c.restart("etcd-1")
        c.run_until(lambda: c.agreed_leader is not None, within=10)
        broken = c.submit("write", "k", "v", via="etcd-1", client="*")
        c.run_for(0.0405)
        c.crash("etcd-1")
        c.run_for(0.1)
        assert broken.outcome.error == "timeout"
        assert broken.outcome.latency == pytest.approx(80.5, abs=0.1)


def test_an_answer_on_its_way_arrives_though_its_member_dies_and_each_client_is_told_once():
    with SimulatedCluster(1, client_ms={("*", "etcd-1"): 40}) as c:
        asked = c.submit("write", "k", "v", via="etcd-1")
        c.run_for(0.06)
        c.crash("etcd-1")
        c.run_for(1)
        assert (asked.outcome.ok, asked.outcome.latency) == (True, 80)
        trace = c.trace
        assert Trace.from_json(trace.to_json()) == trace
        assert sum(type(event).__name__ == "Return" for event in trace.events) == 1
        assert c.fork().trace == trace


@pytest.mark.parametrize(
    ("made", "error", "says"),
    [
        ({"client": US}, ValueError, "client='us-east-1' needs to know how far the members are; give a Topology and rtt="),
        ({"client_ms": 5}, TypeError, "client_ms=5 says nothing by client and member"),
        ({"client_ms": {"Ada": 5}}, TypeError, "client_ms names the pair 'Ada'; write a client and a member"),
        ({"client_ms": {("Ada", "etcd-1"): -1}}, ValueError, "is out of range; choose a time from 0"),
    ],
)  # fmt: skip
def test_bad_input_is_one_sentence(made, error, says):
    with pytest.raises(error, match=says):
        SimulatedCluster(3, **made)


def test_a_client_in_no_known_place_is_refused():
    with pytest.raises(ValueError, match="The client is in 'mars', but must be in a known zone or region"):
        SimulatedCluster(LAYOUTS["1+1+1"], rtt=RTT, client="mars")
