"""What a put takes, by placement: real etcd with injected round trips, the simulation and the formula beside each other, whole and after a
region is lost.

Run it as ``python -m benchmarks placement`` on a machine that does nothing else: the middle of what real puts take has to be within 5 %
and 5 ms of both others. A machine that is busy is slower than that by itself, and the load is printed for it; ``tests/etcd`` holds what
is true on any.
"""

import os
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

from quorumlab import RTT, EtcdCluster, SimulatedCluster, Topology, write_latency
from quorumlab.etcd import EtcdUnavailableError

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
LAYOUTS = {
    "1+1+1": Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1"),
    "2+2+1": Topology.of(f"{US}a: 2, {EU}a: 2, {AP}a: 1"),
    "3+1+1": Topology.of(f"{US}a: 3, {EU}a: 1, {AP}a: 1"),
}
LOST = (AP, US)
BESIDE = "beside"  # a client that pays no way of its own to the member it asks
SHARE, MS = 0.05, 5.0
PUTS = 25
SIMULATED = 7
TRIES = 5  # of one table, where the leader changes while it is made
WITHIN_SECONDS = 60.0

Puts = Callable[[Callable[[], float], float], list[float]]
"""How often to put: given a way to do it once, which returns ms, and the formula's ms; returns the ms of each."""


class Row(NamedTuple):
    """What a put through ``via`` by ``client`` takes with ``leader`` in office, in ms: by the formula, in the simulation (the middle), and
    each of those on real etcd.
    """

    leader: str
    via: str
    client: str
    formula: float
    simulated: float
    real: list[float]


def near(found: float, expected: float) -> bool:
    """Whether a time is no more than 5 % and 5 ms from what is expected."""
    return abs(found - expected) <= SHARE * expected + MS


def rows(layout: str, puts: Puts) -> Iterator[Row]:
    """The rows of a layout: whole, and after the loss of each region of ``LOST`` that it survives."""
    t = LAYOUTS[layout]
    made = {"rtt": RTT, "client": {AP: AP}, "leader": "etcd-1", "record": False}
    with EtcdCluster(t, **made) as real, SimulatedCluster(t, **made) as simulated:
        real.put("k", "v", via=t.members[-1])  # opens connections
        yield from table(real, simulated, t, puts)
        for region in LOST:
            if not t.survives(region=region):
                continue
            down = tuple(t.lost(region=region))
            for cluster in (real, simulated):
                cluster.crash(*down)
            yield from table(real, simulated, t, puts, down)
            for cluster in (real, simulated):
                cluster.restart(*down)


def table(
    real: EtcdCluster, simulated: SimulatedCluster, t: Topology, puts: Puts, down: tuple[str, ...] = ()
) -> list[Row]:
    """One row for each way in, all under one leader. Raises RuntimeError on a machine too busy to keep one in office."""
    for _ in range(TRIES):
        leader = in_office(real)
        while in_office(simulated) != leader:  # chance elects: let the same one lead
            simulated.transfer(leader)
        found = [
            row(real, simulated, t, leader, via, client, puts, down)
            for via, client in ways_in(t, leader, down)
        ]
        if real.agreed_leader == leader:
            return found
    raise RuntimeError(
        f"The leader changed {TRIES} times while puts were timed; try again on a calmer machine."
    )


def in_office(cluster: EtcdCluster | SimulatedCluster) -> str:
    """Who leads, once all that run agree."""
    cluster.run_until(lambda: cluster.agreed_leader is not None, within=WITHIN_SECONDS)
    if (leader := cluster.agreed_leader) is None:
        raise RuntimeError(f"There is no leader after {WITHIN_SECONDS:g} s; try again on a calmer machine.")
    return leader


def ways_in(t: Topology, leader: str, down: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(member asked, client): beside a member of each region, and from far away in the leader's."""
    for region in t.regions:
        up = [name for name in t.members if t.region_of[name] == region and name not in down]
        if up:
            yield up[0], BESIDE
            if region == t.region_of[leader]:
                yield up[0], AP


def row(
    real: EtcdCluster,
    simulated: SimulatedCluster,
    t: Topology,
    leader: str,
    via: str,
    client: str,
    puts: Puts,
    down: tuple[str, ...],
) -> Row:
    """One way in."""
    where = None if client == BESIDE else client
    formula = write_latency(t, leader, via, rtt=RTT, client=where, down=down)
    ours = median(simulated.put("k", "v", via=via, client=client).latency for _ in range(SIMULATED))
    theirs = puts(lambda: real.put("k", "v", via=via, client=client).latency, formula)
    return Row(leader, via, client, formula, ours, theirs)


def main() -> bool:
    """Print the table; whether the middle of real puts is near both others everywhere (or no etcd can run)."""
    met = True
    for layout in LAYOUTS:
        print(
            f"{layout}: middle of {PUTS} puts in ms\nleader  via     client      formula  simulated     etcd"
        )
        try:
            for found in rows(layout, lambda put, _: [put() for _ in range(PUTS)]):
                middle = median(found.real)
                fits = near(middle, found.formula) and near(middle, found.simulated)
                met = met and fits
                times = "  ".join(f"{ms:7.1f}" for ms in (found.formula, found.simulated, middle))
                print(
                    f"{found.leader}  {found.via}  {found.client:10}  {times}{'' if fits else '  too far apart'}",
                    flush=True,
                )
        except EtcdUnavailableError as missing:
            print(missing)
            return True
    print(
        f"target within {SHARE:.0%} + {MS:g} ms: {'met' if met else 'missed'} (load {os.getloadavg()[0]:.1f})"
    )
    return met


if __name__ == "__main__":
    main()
