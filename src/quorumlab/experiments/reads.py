"""How stale a serializable read can be, and what clients see in a bad time (notebook 04)."""

from __future__ import annotations

from typing import NamedTuple

from quorumlab.arguments import number
from quorumlab.cluster import Cluster
from quorumlab.cluster.events import Mode
from quorumlab.experiments.make import Make, leader_first, leading, scattered, still
from quorumlab.history import Operation
from quorumlab.simulation import SimulatedCluster

NEAR_ONE_WAY_MS = (5.0, 10.0, 20.0)


class Freshness(NamedTuple):
    """One member after a write: its one-way time from the leader, when its serializable reads began to return the new value
    (both in ms, the second after the client was told), and what such a read returned at the moment looked at."""

    member: str
    one_way: float
    fresh_after: float
    answer: str


def freshness(after: float, farthest: float, make: Make = still) -> list[Freshness]:
    """Write through the leader of five and read from every member, serializably, ``after`` ms after the client was told.

    Followers are 5, 10, 20 and ``farthest`` ms from the leader, one way; ``make`` makes the cluster without distances. Raises
    ValueError for a time that is negative or too long, TypeError for what is no number.
    """
    after = float(number(after, "after", least=0, most=1000, unit="ms"))
    farthest = float(number(farthest, "farthest", above=0, most=500, unit="ms"))
    delays = [*NEAR_ONE_WAY_MS, farthest]
    with scattered(delays, make) as cluster:
        names = leader_first(cluster)
        cluster.put("lock", "old")
        cluster.run_for(2.0)
        cluster.put("lock", "new")
        told, index = cluster.now, cluster.status()[names[0]].commit_index
        knew: dict[str, float] = {}
        _note_until(cluster, index, knew, told + after / 1000)
        answers = {name: cluster.get("lock", via=name, mode="serializable").value for name in names}
        _note_until(cluster, index, knew, told + after / 1000 + 2)
    return [
        Freshness(name, delay, round(1000 * (knew[name] - told), 6), str(answers[name]))
        for name, delay in zip(names, [0.0, *delays], strict=True)
    ]


def _note_until(cluster: Cluster, index: int, knew: dict[str, float], end: float) -> None:
    """Let time pass up to ``end``, in seconds, and put into ``knew`` when each member first knew ``index`` to be committed."""

    def note() -> bool:
        for name, member in cluster.status().items():
            if member.commit_index >= index:
                knew.setdefault(name, cluster.now)
        return False

    cluster.run_until(note, within=max(0.0, end - cluster.now))


def one_second_of_patience(size: int) -> SimulatedCluster:
    """A simulated cluster whose clients wait for one second."""
    return SimulatedCluster(size, timeout_ms=1000)


def busy_history(mode: Mode, make: Make = one_second_of_patience) -> tuple[Operation, ...]:
    """What six clients of five members saw in a bad time: 360 operations on one key, half of them reads in this ``mode``.

    Every 100 ms for six seconds three clients write and three read, each round through other members. After two seconds the
    leader crashes; after four the next leader is cut off. Raises ValueError for another mode than "linearizable" and
    "serializable".
    """
    with make(5) as cluster:
        cluster.run_for(2 - cluster.now)
        names = cluster.members
        for moment in range(60):
            if moment == 20 and cluster.leader is not None:
                cluster.crash(cluster.leader)
            if moment == 40 and cluster.leader is not None:
                cluster.partition({cluster.leader})
            for i in range(3):
                via = names[(moment + i) % 5]
                cluster.submit("write", "lock", f"w{i + 1}.{moment}", via=via, client=f"writer {i + 1}")
                cluster.submit("read", "lock", via=via, mode=mode, client=f"reader {i + 1}")
            cluster.run_for(0.1)
        return tuple(cluster.history())


class OldLeader(NamedTuple):
    """When a leader was cut off, when another led, and when the old one gave up by itself: seconds of the cluster's clock."""

    cut_off: float
    succeeded: float
    gave_up: float


def cut_off_leader(make: Make = SimulatedCluster, patience: float = 60.0) -> OldLeader:
    """Half a second after a write, cut the leader of five off, and wait until another leads and the old one no longer does.

    Raises RuntimeError if that takes more than ``patience`` seconds.
    """
    with make(5) as cluster:
        cluster.put("lock", "ada")
        cluster.run_for(0.5)
        old = leading(cluster)
        cluster.partition({old})
        cut_off = cluster.now
        moments = []
        for over in (
            lambda: cluster.leader not in (None, old),
            lambda: cluster.status()[old].role != "leader",
        ):
            if not cluster.run_until(over, within=patience):
                raise RuntimeError(
                    f"{old} was cut off, but nothing came of it in {patience:g} s; give more patience."
                )
            moments.append(cluster.now)
        return OldLeader(cut_off, *moments)
