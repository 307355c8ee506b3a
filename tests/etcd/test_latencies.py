"""What a put takes, by placement: real etcd with injected round trips, the simulation and the formula beside each other, whole and after a
region is lost. The numbers are printed (`pytest -s`), with what this machine takes by itself: only where that is little do they have to agree
from above.
"""

from statistics import median

import pytest

from quorumlab.etcd import EtcdCluster
from quorumlab.latency import RTT, write_latency
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

pytestmark = pytest.mark.etcd

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
LAYOUTS = {
    "1+1+1": Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1"),
    "2+2+1": Topology.of(f"{US}a: 2, {EU}a: 2, {AP}a: 1"),
    "3+1+1": Topology.of(f"{US}a: 3, {EU}a: 1, {AP}a: 1"),
}
PUTS = 7
CALM_MS = (
    3.5  # a machine whose own puts take longer is busy with something else, and its upper bounds say nothing
)


def near(found: float, formula: float) -> bool:
    """Within 5 % and 5 ms, and not below what the messages take."""
    return 0.99 * formula <= found <= 1.05 * formula + 5


def measured(real, beside, via, client):
    """The median on real etcd, and of puts in between on one without delays."""
    pairs = [
        (real.put("k", "v", via=via, client=client).latency, beside.put("k", "v").latency)
        for _ in range(PUTS)
    ]
    return tuple(map(median, zip(*pairs, strict=True)))


def table(real, beside, simulated, t, down=()):
    """One row for each way in: who leads, who asks through whom, and what the three say, in ms."""
    led, rows = real.agreed_leader, []
    if simulated.leader != led:  # chance elects: let the same one lead
        assert simulated.transfer(led).ok
    for client in (None, AP):
        for region in t.regions:
            via = next((n for n in t.members if t.region_of[n] == region and n not in down), None)
            if via is None or (client and region != t.region_of[led]):
                continue
            formula = write_latency(t, led, via, rtt=RTT, client=client, down=down)
            who = client or "beside"
            ours = median(simulated.put("k", "v", via=via, client=who).latency for _ in range(PUTS))
            rows.append((led, via, who, formula, ours, *measured(real, beside, via, who)))
    return rows if real.agreed_leader == led else table(real, beside, simulated, t, down)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_puts_by_placement_take_the_same_by_formula_in_the_simulation_and_on_etcd(layout):
    t = LAYOUTS[layout]
    made = {"rtt": RTT, "client": {AP: AP}, "leader": "etcd-1", "record": False}
    with EtcdCluster(t, **made) as real, EtcdCluster(3) as beside, SimulatedCluster(t, **made) as simulated:
        real.put("k", "v", via=t.members[-1])  # opens connections
        rows = table(real, beside, simulated, t)
        for lost in (AP, US):
            if not t.survives(region=lost):
                continue
            down = tuple(t.lost(region=lost))
            for cluster in (real, simulated):
                cluster.crash(*down)
                assert cluster.run_until(lambda c=cluster: c.agreed_leader is not None, within=30)
            rows += table(real, beside, simulated, t, down)
            for cluster in (real, simulated):
                cluster.restart(*down)
                assert cluster.run_until(lambda c=cluster: c.agreed_leader is not None, within=30)
    print(
        f"\n{layout}: p50 of {PUTS} puts in ms\nleader  via     client      formula  simulated     etcd  the machine"
    )
    for led, via, client, *times in rows:
        print(f"{led}  {via}  {client:10}  " + "  ".join(f"{ms:7.1f}" for ms in times))
    for *who, formula, simulated_ms, real_ms, own_ms in rows:
        assert simulated_ms == pytest.approx(formula, rel=0.02)
        assert real_ms >= 0.99 * formula, who
        assert near(real_ms, formula) or own_ms > CALM_MS, who
