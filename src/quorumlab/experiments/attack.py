"""Elections under attack: faults and clients at random, and what they saw (notebook 05).

The attack itself runs on any cluster. The watch over Raft's promises, and broken rules to prove that it sees something, exist
only in the simulation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, NamedTuple

from quorumlab.cluster import Cluster
from quorumlab.cluster.clients import Kind
from quorumlab.experiments.make import Make
from quorumlab.experiments.timers import look
from quorumlab.history import Operation
from quorumlab.raft import Member
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation

BAD: Mapping[str, Any] = {
    "heartbeat_ms": 10, "election_ms": 40, "latency_ms": (1, 30), "loss": 0.2, "duplication": 0.1, "reorder": True,
    "pre_vote": False, "timeout_ms": 300, "settle": False, "record": False,
}  # fmt: skip
"""Settings of a network and of timers with which hardly anything can work."""


class Attack(NamedTuple):
    """What an attack led to: the highest term, how many terms had a leader (None where nobody could watch), and what the clients
    saw."""

    term: int
    leaders: int | None
    history: list[Operation]


def badly_connected(seed: int | str, **rules: Any) -> Make:
    """Makes simulated clusters in a bad network, with other ``rules`` if some are given (see ``SimulatedCluster``)."""
    return lambda size: SimulatedCluster(size, seed=seed, **{**BAD, **rules})


def disturb(cluster: Cluster, chance: Random) -> None:
    """One fault, or a repair of everything, by chance."""
    one, other = chance.sample(cluster.members, 2)
    match chance.choice(["crash", "pause", "cut off", "repair", "repair"]):
        case "crash":
            cluster.crash(cluster.leader or one)
        case "pause":
            cluster.pause(one)
        case "cut off":
            cluster.partition({one, other})
        case _:
            cluster.heal()
            cluster.restart(*cluster.members)
            cluster.resume(*cluster.members)


def attack(seed: int, make: Make | None = None) -> Attack:
    """Disturb five members sixty times while two clients write and read through anybody; ``seed`` decides all of it.

    By default in the network of ``badly_connected(seed)``. On a simulated cluster Raft's promises are watched, and
    SafetyViolation is raised at the first that is broken.
    """
    chance = Random(f"attack {seed}")
    with (make or badly_connected(seed))(5) as cluster:
        monitor = SafetyMonitor(cluster) if isinstance(cluster, SimulatedCluster) else None
        for number in range(60):
            disturb(cluster, chance)
            for client in "ab":
                kind: Kind = chance.choice(["read", "write"])
                via = chance.choice(cluster.members)
                value = f"{client}{number}" if kind == "write" else None
                cluster.submit(kind, "x", value, via=via, client=client)
            cluster.run_for(0.15 * chance.random())
        return Attack(look(cluster).term, len(monitor.leaders) if monitor else None, cluster.history())


class Broken(NamedTuple):
    """The first attack that broke a promise, and the promise with what happened, in a sentence."""

    seed: int
    what: str


def first_broken(rule: type[Member], seeds: Iterable[int] = range(200)) -> Broken | None:
    """The first attack that members with this ``rule`` do not stand; None if they stand all. Only for the simulation."""
    for seed in seeds:
        try:
            attack(seed, badly_connected(seed, member_class=rule))
        except SafetyViolation as violation:
            return Broken(seed, str(violation))
    return None
