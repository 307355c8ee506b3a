"""Clusters over two sites, and over two and a small third one. (Notebook 08.)

The experiments in ``ALL`` run on both worlds; those in ``REAL`` end with a new cluster forced from a survivor's data, which only real etcd can.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from quorumlab.arguments import shown
from quorumlab.cluster.protocol import Cluster, Outcome
from quorumlab.experiments.witnesses import LONG, QUICK, Answers, Make
from quorumlab.latency.rtt import RTT
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
LAYOUTS = ((2, 1), (3, 2), (2, 2))
USUAL = "a usual day"
A, B = ("etcd-1", "etcd-2", "etcd-3"), ("etcd-4", "etcd-5")
"""The bigger site and the smaller one of 3 + 2."""
PAIR_AND_ONE = Topology.of(f"{US}a: 1, {US}b: 1, {EU}a: 1")


def site_lost(make: Make) -> Answers:
    """Members over two sites A and B, of which one is lost, or the other one instead: do writes go on?"""
    found: dict[str, bool] = {}
    for in_a, in_b in LAYOUTS:
        with make(in_a + in_b, **QUICK) as cluster:
            a, b = cluster.members[:in_a], cluster.members[in_a:]
            cluster.crash(*b)
            found[f"{in_a} + {in_b} without B: it writes"] = _writes(cluster, a)
            if in_a == in_b:  # A is a half like B
                continue
            cluster.restart(*b)
            cluster.run_until(lambda: cluster.put("lock", "ada").ok, within=LONG)
            cluster.crash(*a)
            found[f"{in_a} + {in_b} without A: it writes"] = _writes(cluster, b)
    return found


def bigger_goes_dark(make: Make) -> Answers:
    """3 + 2, and the site with three is lost. What can the two in B still do, and what brings them back?"""
    with make(5, leader="etcd-1", **QUICK) as cluster:
        _dark(cluster)
        write = any(cluster.put("lock", "bob", via=name).ok for name in B)
        found = {
            "the two in B write": write,
            "they say what they last heard": _holds(cluster, "etcd-4", "lock") == "ada",
            "they can remove a lost member": cluster.remove("etcd-1").ok,
        }
        cluster.restart("etcd-1")
        found["one lost member is back: they write"] = cluster.run_until(
            lambda: cluster.put("lock", "bob").ok, within=LONG
        )
        return found


def bad_days(make: Make) -> Answers:
    """A member in each of three regions, the first leading: how long does a write take with one of two lost? In ms."""
    three = Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1")
    with make(three, rtt=RTT, leader="etcd-1", timeout_ms=2000) as cluster:
        found = {USUAL: _put_ms(cluster)}
        for region in (EU, US):
            cluster.crash(*three.regions[region])
            cluster.run_until(lambda: cluster.put("lock", "ada").ok, within=LONG)
            found[f"{region} lost"] = _put_ms(cluster)
            if region == EU:
                cluster.restart(*three.regions[region])
                cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
                cluster.run_for(0.3)
    return found


def leader_at_home(make: Make) -> Answers:
    """Two members in one region and one in another: how long does a write take, asked of whoever leads, before and after a transfer? In ms."""
    with make(PAIR_AND_ONE, rtt=RTT, leader="etcd-1", timeout_ms=2000) as cluster:
        found = {"the leader in the pair": _put_ms(cluster)}
        cluster.run_until(lambda: cluster.transfer("etcd-3").ok, within=LONG)
        found["the leader alone"] = _put_ms(cluster)
        cluster.run_until(lambda: cluster.transfer("etcd-2").ok, within=LONG)
        found["handed back"] = _put_ms(cluster)
    return found


def next_leader(seed: int) -> str | None:
    """Who leads after a crash of the leader, where two members stand in one region and one in another. (Only the simulation.)"""
    with SimulatedCluster(PAIR_AND_ONE, rtt=RTT, seed=seed, leader="etcd-1", record=False) as cluster:
        cluster.run_for(1)
        cluster.crash("etcd-1")
        cluster.run_until(lambda: cluster.leader is not None, within=LONG)
        return cluster.leader


SLOW_MS = 100.0


def weak_tie_breaker(make: Make) -> Answers:
    """2 + 2 + 1, and the disk of the one takes 100 ms longer: does a client wait for it?

    It does if a write takes at least half of that longer than before.
    """
    with make(5, leader="etcd-1") as cluster:
        quick = _put_ms(cluster)
        cluster.slow_disk("etcd-5", ms=SLOW_MS)
        cluster.run_for(0.3)
        usual = _put_ms(cluster)
        cluster.crash("etcd-3", "etcd-4")
        cluster.run_for(0.3)
        return {
            "a usual day: the weak one is waited for": usual > quick + SLOW_MS / 2,
            "a site is lost: the weak one is waited for": _put_ms(cluster) > quick + SLOW_MS / 2,
        }


WRITES, COPIED_EVERY = 23, 5


def mirror_and_switch(make: Make) -> Answers:
    """A second cluster gets a copy of every fifth write and those before; after 23 writes the first is lost, and clients switch to it."""
    with make(3, **QUICK) as first, make(3, **QUICK) as second:
        first.run_until(lambda: first.put("open", "yes").ok, within=LONG)
        done = 0
        for number in range(1, WRITES + 1):
            done += _written(first, f"order {number}", "paid")
            if number % COPIED_EVERY == 0:
                for order in range(number - COPIED_EVERY + 1, number + 1):
                    _written(second, f"order {order}", str(first.get(f"order {order}").value))
        before = first.put("lock", "ada").revision or 0
        first.crash(*first.members)
        there = sum(second.get(f"order {number}").value == "paid" for number in range(1, WRITES + 1))
        after = second.put("lock", "bob")
    return {
        "the second cluster writes": after.ok,
        "acknowledged orders that are lost": f"{done - there} of {done}",
        "the lock's number grows over the switch": (after.revision or 0) > before,
    }


ALL: tuple[Callable[[Make], Answers], ...] = (
    site_lost,
    bigger_goes_dark,
    bad_days,
    leader_at_home,
    weak_tie_breaker,
    mirror_and_switch,
)
"""In the order of the notebook."""


def new_cluster_forced(make: Any) -> Answers:
    """3 + 2: the link fails, A acknowledges a payment, and burns down. A new cluster is forced out of one of B's two. (Only real etcd.)"""
    with make(5, leader="etcd-1", **QUICK) as cluster:
        acknowledged = _dark(cluster)
        cluster.crash("etcd-5")
        cluster.force_new_cluster("etcd-4")
        return {
            "A acknowledges the payment": acknowledged,
            "the new cluster writes": cluster.run_until(lambda: cluster.put("stock", "6").ok, within=LONG),
            "what B had heard of is there": _read(cluster, "lock") == "ada",
            "the payment is there": _read(cluster, "payment") is not None,
        }


def two_clusters(make: Any) -> Answers:
    """3 + 2, and only the link has failed. From the data of one of B's two a new cluster is made while A goes on. (Only real etcd.)

    ``make`` is ``EtcdCluster`` itself, which can restore a snapshot.
    """
    with make(5, leader="etcd-1", **QUICK) as old:
        old.run_until(lambda: old.put("stock", "7").ok, within=LONG)
        old.run_until(lambda: _holds(old, "etcd-4", "stock") == "7", within=LONG)
        old.partition(A, B)
        old.run_until(lambda: old.put("stock", "6", via="etcd-1").ok, within=LONG)
        with make.restored(old.snapshot("etcd-4"), 1, **QUICK) as new:
            new.run_until(lambda: new.put("stock", "6").ok, within=LONG)
            return {
                "A gives the lock to Ada": old.cas("lock", None, "ada", via="etcd-1").ok,
                "the new cluster gives it to Bob": new.cas("lock", None, "bob").ok,
            }


REAL: tuple[Callable[..., Answers], ...] = (new_cluster_forced, two_clusters)
"""Those that only real etcd can be asked."""


def _writes(cluster: Cluster, names: Sequence[str]) -> bool:
    """Whether one of three writes gets through, asked of these members in turn."""
    return any(cluster.put("lock", "ada", via=names[turn % len(names)]).ok for turn in range(3))


def _written(cluster: Cluster, key: str, value: str) -> bool:
    """Whether a write gets through, tried again as a client would."""
    return cluster.run_until(lambda: cluster.put(key, value).ok, within=LONG)


def _read(cluster: Cluster, key: str) -> str | None:
    """A linearizable read, tried again as a client would: an answer that does not come says nothing about the key."""
    answers: list[Outcome] = []

    def answered() -> bool:
        answers.append(cluster.get(key))
        return answers[-1].ok

    if not cluster.run_until(answered, within=LONG):
        raise TimeoutError(f"Nobody answered a read of {shown(key)} within {LONG:g} s; run the cell again.")
    return answers[-1].value


def _put_ms(cluster: Cluster) -> float:
    """What a write through the leader takes, by the quickest of three: whatever else a machine has to do only adds."""
    return min(cluster.put("lock", str(n), via=cluster.leader).latency for n in range(3))


def _dark(cluster: Cluster) -> bool:
    """A write that all have; then the sites are cut apart, A acknowledges one more, and is lost. Whether A did acknowledge."""
    cluster.run_until(lambda: cluster.put("lock", "ada").ok, within=LONG)
    cluster.run_until(lambda: all(_holds(cluster, name, "lock") == "ada" for name in B), within=LONG)
    cluster.partition(A, B)
    # On a busy machine A may have to elect a leader first.
    last = cluster.run_until(lambda: cluster.put("payment", "paid", via="etcd-1").ok, within=LONG)
    cluster.crash(*A)
    cluster.heal()
    return last


def _holds(cluster: Cluster, name: str, key: str) -> str | None:
    return cluster.get(key, via=name, mode="serializable").value
