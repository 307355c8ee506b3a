"""Clusters over regions: how far a write travels, what a replica serves, and what is left on the day when a region is lost (notebook 09)."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from quorumlab.cluster import Cluster
from quorumlab.cluster.events import Mode
from quorumlab.experiments.witnesses import Answers, Make
from quorumlab.latency import RTT, commit_latency, read_latency, write_latency
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

HOME, EUROPE, INDIA = "us-east-1", "eu-west-1", "ap-south-1"

ONE_REGION = Topology.of("us-east-1a: 1, us-east-1b: 1, us-east-1c: 1")
ONE_EACH = Topology.of("us-east-1a: 1, eu-west-1a: 1, ap-south-1a: 1")
THREE_EACH = Topology.of(
    "us-east-1a: 1, us-east-1b: 1, us-east-1c: 1, eu-west-1a: 1, eu-west-1b: 1, eu-west-1c: 1, ap-south-1a: 1, ap-south-1b: 1, ap-south-1c: 1"
)
HOME_MAJORITY = Topology.of("us-east-1a: 1, us-east-1b: 1, us-east-1c: 1, eu-west-1a: 1, ap-south-1a: 1")

FAR = {"heartbeat_ms": 200, "election_ms": 2000}
"""Timers for round trips of up to 200 ms, by etcd's advice."""

SOON = {"heartbeat_ms": 50, "election_ms": 500, "timeout_ms": 1000}
"""Shorter ones, and a client that gives up early, where a real cluster is waited for; still longer than every round trip."""

TRIES = 5
QUICKLY_MS = 30.0  # more than a machine's own work, less than any way between regions
LONG = 20.0  # seconds after which something is given up


def quickest(request: Callable[[], float]) -> float:
    """The least of a few tries, in ms: what the distance takes. What comes on top at times is a busy machine's own work."""
    return min(request() for _ in range(TRIES))


def _put_ms(cluster: Cluster, via: str) -> float:
    return quickest(lambda: cluster.put("price", "7", via=via).latency)


def _get_ms(cluster: Cluster, via: str, mode: Mode) -> float:
    return quickest(lambda: cluster.get("price", via=via, mode=mode).latency)


WRITE_ONE = "1 + 1 + 1: a write"
WRITE_NINE = "3 + 3 + 3: a write"
WRITE_FAR = "3 + 3 + 3: a write through India"
READ_FAR = "3 + 3 + 3: a linearizable read in India"
STALE_FAR = "3 + 3 + 3: a serializable read in India"


def nine_or_three(make: Make) -> Answers:
    """One member in each of three regions, then three in each, led from us-east-1: what takes how long? In ms."""
    with make(ONE_EACH, rtt=RTT, leader="etcd-1", record=False) as cluster:
        found = {WRITE_ONE: _put_ms(cluster, "etcd-1")}
    far = THREE_EACH.regions[INDIA][0]
    with make(THREE_EACH, rtt=RTT, leader="etcd-1", record=False) as cluster:
        found[WRITE_NINE] = _put_ms(cluster, "etcd-1")
        found[WRITE_FAR] = _put_ms(cluster, far)
        found[READ_FAR] = _get_ms(cluster, far, "linearizable")
        found[STALE_FAR] = _get_ms(cluster, far, "serializable")
    return found


def nine_or_three_computed() -> Answers:
    """What the formulas say to the questions of ``nine_or_three``."""
    far = THREE_EACH.regions[INDIA][0]
    return {
        WRITE_ONE: commit_latency(ONE_EACH, "etcd-1"),
        WRITE_NINE: commit_latency(THREE_EACH, "etcd-1"),
        WRITE_FAR: write_latency(THREE_EACH, "etcd-1", far),
        READ_FAR: read_latency(THREE_EACH, "etcd-1", far),
        STALE_FAR: read_latency(THREE_EACH, "etcd-1", far, "serializable"),
    }


LAYOUTS = {"3 + 1 + 1": HOME_MAJORITY, "1 + 1 + 1": ONE_EACH}


def local_or_alive(make: Make) -> Answers:
    """Two layouts over three regions: is a write quick, and do writes go on when us-east-1 is lost?"""
    found: dict[str, bool] = {}
    for name, layout in LAYOUTS.items():
        with make(layout, rtt=RTT, leader="etcd-1", record=False, **SOON) as cluster:
            found[f"{name}: a write takes less than {QUICKLY_MS:.0f} ms"] = (
                _put_ms(cluster, "etcd-1") < QUICKLY_MS
            )
            cluster.crash(*layout.regions[HOME])
            via = layout.regions[EUROPE][0]
            cluster.run_for(1.5)  # an election, if there can be one
            found[f"{name}: writes go on without {HOME}"] = any(
                cluster.put("price", "8", via=via).ok for _ in range(3)
            )
    return found


BEHIND = "it shows a write after"
LOOKS_EVERY_S = 0.0005


def replica_serves(make: Make) -> Answers:
    """Three voters in us-east-1 and a learner in ap-south-1: what does the learner serve, and how far is it behind?"""
    with make(
        ONE_REGION, latency_ms=RTT.between_zones / 2, leader="etcd-1", record=False, timeout_ms=1500
    ) as cluster:
        cluster.put("price", "7")
        cluster.run_until(lambda: cluster.add_learner("etcd-4").ok, within=LONG)
        for voter in ONE_REGION.members:
            cluster.delay(voter, "etcd-4", ms=RTT[HOME, INDIA] / 2)
        cluster.run_until(lambda: _shows(cluster, "7"), within=LONG)
        cluster.run_for(0.5)
        # No least here: if the client is told late, the replica seems to be less far behind.
        behind = median(_behind_ms(cluster) for _ in range(TRIES))
        found: dict[str, bool | float] = {
            "a serializable read": cluster.get("price", via="etcd-4", mode="serializable").ok,
            "a linearizable read": cluster.get("price", via="etcd-4").ok,
            "a write": cluster.put("price", "8", via="etcd-4").ok,
            BEHIND: behind,
            "a second replica is taken in": _second_taken_in(cluster),
        }
        cluster.crash("etcd-2", "etcd-3")
        found["two of the three voters crash: writes go on"] = cluster.put("price", "9", via="etcd-1").ok
        found["and a serializable read of the replica"] = cluster.get(
            "price", via="etcd-4", mode="serializable"
        ).ok
    return found


def _shows(cluster: Cluster, value: str) -> bool:
    return cluster.get("price", via="etcd-4", mode="serializable").value == value


def _behind_ms(cluster: Cluster) -> float:
    """How long after a write's client was told the replica shows it."""
    value = str(cluster.now)
    cluster.put("price", value, via="etcd-1")
    told = cluster.now
    # ``run_until`` looks too seldom on a real cluster: it would add some milliseconds.
    while not _shows(cluster, value) and cluster.now - told < LONG:
        cluster.run_for(LOOKS_EVERY_S)
    return 1000 * (cluster.now - told)


def _second_taken_in(cluster: Cluster) -> bool:
    """Whether a second learner may join, once the cluster is ready for changes at all."""
    cluster.run_until(
        lambda: (outcome := cluster.add_learner("etcd-5")).ok or outcome.error == "too_many_learners",
        within=LONG,
    )
    return "etcd-5" in cluster.members


WITNESSED: tuple[Callable[[Make], Answers], ...] = (nine_or_three, local_or_alive, replica_serves)
"""What real etcd is asked as well, in the order of the page."""


# ---------------------------------------------------------------- the bad day


class Put(NamedTuple):
    """One write on the bad day: when its client asked, in seconds, and how long it waited, in ms; None: it gave up."""

    asked_s: float
    waited_ms: float | None


LOST_AT_S = 2.0
EVERY_S = 0.1
GIVES_UP_MS = 1000.0


def bad_day(
    layout: Topology,
    lost: str = HOME,
    *,
    election_ms: float = FAR["election_ms"],
    seconds: float = 8.0,
    make: Make = SimulatedCluster,
) -> list[Put]:
    """A client writes ten times a second through the first member outside the region ``lost``, which leads until, after two
    seconds, it is lost for good. Heartbeats come every tenth of the election timeout.

    Raises ValueError if the whole cluster stands in that region.
    """
    gone = layout.lost(region=lost)
    left = [name for name in layout.members if name not in gone]
    if not left:
        raise ValueError(f"All members stand in {lost}, so nobody is left to ask; lose another region.")
    leads = next((name for name in layout.may_lead if name in gone), layout.may_lead[0])
    timers = {"heartbeat_ms": election_ms / 10, "election_ms": election_ms}
    with make(layout, rtt=RTT, leader=leads, timeout_ms=GIVES_UP_MS, **timers) as cluster:
        began = cluster.now
        for moment in range(round(seconds / EVERY_S)):
            if moment == round(LOST_AT_S / EVERY_S):
                cluster.crash(*gone)
            cluster.submit("write", "price", str(moment), via=left[0], client=f"client {moment}")
            cluster.run_for(EVERY_S)
        cluster.run_for(GIVES_UP_MS / 1000)
        history = cluster.history()
    return [
        Put(
            round(op.invoked / 1000 - began, 6),
            op.returned - op.invoked if op.returned is not None and op.ok else None,
        )
        for op in history
    ]


def stopped_s(puts: list[Put]) -> float | None:
    """For how many seconds no write went through after the loss: until the first that was asked after it and was answered. None
    if none was."""
    answered = [
        put.asked_s + put.waited_ms / 1000
        for put in puts
        if put.asked_s >= LOST_AT_S and put.waited_ms is not None
    ]
    return min(answered) - LOST_AT_S if answered else None
