"""What more members bring and cost: losses survived, copies on the leader's line, a spare (notebook 06)."""

from __future__ import annotations

from collections.abc import Callable

from quorumlab.arguments import whole
from quorumlab.cluster.protocol import Cluster
from quorumlab.experiments.make import Make, leader_first
from quorumlab.experiments.witnesses import LONG, QUICK, Answers
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.network import LongTailed

LINE_MS = 0.1
"""How long a line is busy with one copy of a write: 12.5 kB at 1 Gbit/s."""

MOST_WRITES = 5_000
PAUSE_S = 0.05


def one_line_each(size: int) -> SimulatedCluster:
    """A simulated cluster led by ``etcd-1`` whose messages take 1 ms and whose lines are busy 0.1 ms with each copy of a write."""
    return SimulatedCluster(size, leader="etcd-1", latency_ms=1, line_ms=LINE_MS, record=False)


def sometimes_slow(size: int) -> SimulatedCluster:
    """A simulated cluster led by ``etcd-1`` whose messages take 1 ms on average, and one in a thousand of them about 16 ms."""
    return SimulatedCluster(size, leader="etcd-1", latency_ms=LongTailed(0.5, 0.5), record=False)


def writes_a_second(size: int, writes: int = 500, make: Make = one_line_each) -> float:
    """How many writes a second get through a cluster of ``size`` members that is asked for ``writes`` of them at once.

    ``make`` makes clusters in which something takes time. Raises ValueError for a single member, whose leader sends no copies, or
    for too many writes; RuntimeError if they are not all done within a minute.
    """
    size = whole(size, "size", least=2)
    writes = whole(writes, "writes", most=MOST_WRITES)
    with make(size) as cluster:
        leader, *_ = leader_first(cluster)
        began = cluster.now
        asked = [cluster.submit("write", f"order-{i}", "paid", via=leader) for i in range(writes)]
        # Asked after each event, so it looks at the last write first.
        done = cluster.run_until(lambda: all(each.outcome is not None for each in reversed(asked)), within=60)
        if not done or not all(each.outcome for each in asked):
            raise RuntimeError("Not all writes were done within a minute; ask for fewer.")
        return writes / (cluster.now - began)


def write_times(size: int, writes: int = 1000, make: Make = sometimes_slow) -> list[float]:
    """How long each of so many writes takes, one after the other with a pause between, in ms, the quickest first. RuntimeError if
    one fails.
    """
    size = whole(size, "size")
    outcomes = []
    with make(size) as cluster:
        for _ in range(whole(writes, "writes", most=MOST_WRITES)):
            outcomes.append(cluster.put("order", "paid"))
            cluster.run_for(
                PAUSE_S
            )  # else news of the last commit could hold up the next write, as messages keep their order
    if not all(outcomes):
        raise RuntimeError("A write failed, so there is nothing to compare; run it again.")
    return sorted(outcome.latency for outcome in outcomes)


TRIES = 5
"""Of 0.8 s each: real members on a busy machine may take a few seconds to elect a new leader."""


def goes_on(cluster: Cluster, via: str) -> bool:
    """Whether one of a few tries to write through this member succeeds; the first may fall into the gap before a new leader."""
    return any(cluster.put("lock", "ada", via=via).ok for _ in range(TRIES))


def three_killed(make: Callable[..., Cluster]) -> Answers:
    """Clusters of five and of seven, each with three members killed, the leader first: do writes go on?"""
    found: dict[str, bool] = {}
    for size in (5, 7):
        with make(size, **QUICK) as cluster:
            order = leader_first(cluster)
            cluster.crash(*order[:3])
            found[f"{size} members, three killed: writes go on"] = goes_on(cluster, order[-1])
    return found


def spare_or_voter(make: Callable[..., Cluster]) -> Answers:
    """Four machines: four voters, or three and a spare without a vote (a learner); two are lost, at once or one after the other."""
    found: dict[str, bool] = {}
    with make(4, **QUICK) as cluster:
        order = leader_first(cluster)
        cluster.crash(*order[:2])
        found["four voters, two lost: writes go on"] = goes_on(cluster, order[-1])
    with make(3, **QUICK) as cluster:
        cluster.run_until(lambda: cluster.add_learner("spare").ok, within=LONG)
        one, two, three = leader_first(cluster)[:3]
        cluster.crash(one, "spare")
        found["three and a spare, it and one voter lost: writes go on"] = goes_on(cluster, three)
        _all_back(cluster, one, "spare")
        cluster.crash(one, two)
        found["three and a spare, two voters lost: writes go on"] = goes_on(cluster, three)
        _all_back(cluster, one, two)
        cluster.crash(one)
        cluster.run_until(lambda: cluster.remove(one).ok, within=LONG)
        cluster.run_until(lambda: cluster.promote("spare").ok, within=LONG)
        cluster.crash(two)
        found["one lost, the spare takes its place, another lost: writes go on"] = goes_on(cluster, three)
    return found


WITNESSED = (three_killed, spare_or_voter)
"""What real etcd is asked as well, and recorded."""


def _all_back(cluster: Cluster, *names: str) -> None:
    cluster.restart(*names)
    cluster.run_until(lambda: all(_says(cluster, name) for name in names), within=LONG)


def _says(cluster: Cluster, name: str) -> bool:
    """Whether a member that has been away knows of a write made since."""
    cluster.put("lock", f"for {name}")
    return cluster.get("lock", via=name, mode="serializable").value == f"for {name}"
