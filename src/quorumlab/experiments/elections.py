"""How long a cluster is without a leader after a crash, and how often a vote is split (notebook 05).

``without_leader``, ``gaps``, ``one_way_ms`` and ``terms_taken`` run on any cluster. ``elections`` and Figure 16 are only for the simulation: they choose
the network, the disks and the moment of the crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from statistics import median
from typing import NamedTuple

from quorumlab.arguments import shown, whole
from quorumlab.cluster import Cluster
from quorumlab.experiments.make import Make, leading
from quorumlab.quorums import quorum_size
from quorumlab.simulation.cluster import SimulatedCluster
from quorumlab.simulation.network import DelayLike, Uniform


class Election(NamedTuple):
    """One election: how long the members were without a leader, in ms, and how many terms it took."""

    downtime: float
    terms: int


LONGEST = 100.0  # seconds after which an election without a winner is given up


def without_leader(after: float, make: Make = SimulatedCluster) -> float:
    """How long five members are without a leader that all survivors follow, in ms, if it crashes ``after`` seconds.

    What takes more than a minute counts as one.
    """
    with make(5) as cluster:
        cluster.run_for(after)
        crashed = cluster.now
        cluster.crash(leading(cluster))
        cluster.run_until(lambda: cluster.agreed_leader is not None, within=60)
        return 1000 * (cluster.now - crashed)


def one_way_ms(cluster: Cluster) -> float:
    """How long a message between two members takes one way, in ms, as a client can find out without a clock on each machine.

    Through the leader a linearizable read costs one round trip to its followers more than a serializable one, and neither
    waits for a disk. The medians of 25 pairs of reads, taken in turn. RuntimeError if nobody leads.
    """
    leader = leading(cluster)
    extra = []
    for _ in range(25):
        confirmed = cluster.get("lock", via=leader)
        extra.append(confirmed.latency - cluster.get("lock", via=leader, mode="serializable").latency)
    return max(median(extra), 0.0) / 2


def gaps(make: Make, kills: int, *, size: int = 5) -> list[float]:
    """Kill the leader of one cluster again and again: how long there is none, in ms, each time.

    Each gap lasts from the moment when the leader is dead until another member leads. The killed one then starts again, and the next
    kill comes when all follow the new leader, after half a second more and a moment of chance: two
    heartbeats of etcd's default at most, so that no kill keeps step with the heartbeats. Raises ValueError unless a majority
    outlives a kill, TypeError for what is no whole number, RuntimeError if a cluster finds no leader within a minute.
    """
    kills, size = whole(kills, "kills"), whole(size, "size", least=3)
    moments = Random("gaps")
    with make(size) as cluster:
        return [_gap(cluster, 0.5 + 0.2 * moments.random()) for _ in range(kills)]


def _gap(cluster: Cluster, wait: float) -> float:
    """One of ``gaps``, after ``wait`` seconds."""
    cluster.run_for(wait)
    old = leading(cluster)
    cluster.crash(old)
    looks = [cluster.now]

    def led() -> bool:
        looks.append(cluster.now)
        return cluster.leader not in (None, old)

    found = cluster.run_until(led, within=60)
    # A look at real processes takes some 20 ms: the leader came between the last look that saw none and the first that saw it.
    gap = (looks[-2] + looks[-1]) / 2 - looks[0]
    cluster.restart(old)
    if not (found and cluster.run_until(lambda: cluster.agreed_leader is not None, within=60)):
        raise RuntimeError("The cluster found no leader within a minute; choose timers that fit its network.")
    return 1000 * gap


def terms_taken(cluster: Cluster) -> int:
    """Crash the leader of a cluster that has run for 0.2 s more, and count the terms that begin in the next 0.6 s."""
    cluster.run_for(0.2)
    before = max(member.term for member in cluster.status().values())
    cluster.crash(leading(cluster))
    cluster.run_for(0.6)
    return max(member.term for member in cluster.status().values()) - before


def elections(
    timeouts: tuple[float, float] | Uniform,
    trials: int,
    seed: object,
    *,
    size: int = 5,
    alive: int | None = None,
    one_way_ms: float | tuple[float, float],
    disk_ms: DelayLike = 0,
    disk_blocks: bool = False,
    different_logs: bool = False,
) -> Iterator[Election]:
    """Crash the leader of a fresh simulated cluster and wait for the next one, ``trials`` times.

    ``timeouts`` are the shortest and longest election timeout in ms, or a distribution between the two.
    ``alive`` of ``size`` members are left after the crash (all but the leader, if None). With
    ``different_logs`` each lacks one entry more than the one before it. The heartbeat interval is half the
    shortest timeout. The old leader sends its heartbeats to all followers at the same moment, so that their
    timers start nearly together, and it crashes at a uniformly random moment between two heartbeats. Messages
    take ``one_way_ms``, disk writes ``disk_ms``; for ``disk_blocks`` see ``SimulatedCluster``. Neither PreVote
    nor CheckQuorum. Measured from the crash until all survivors have the new leader's first heartbeat; after
    100 s without, an election counts as that long.

    Raises ValueError if ``trials`` is below 1 or the survivors are no quorum, TypeError for what is no whole number.
    """
    trials, size = whole(trials, "trials"), whole(size, "size", least=2)
    alive = size - 1 if alive is None else whole(alive, "alive", least=None)
    if not quorum_size(size) <= alive < size:
        raise ValueError(
            f"alive={shown(alive)} of {size} cannot elect; choose {quorum_size(size)} to {size - 1}."
        )
    names = [f"etcd-{i}" for i in range(1, size + 1)]
    seed = f"elections/{seed}"
    moments = Random(f"{seed}/crash")
    least = timeouts.low if isinstance(timeouts, Uniform) else timeouts[0]
    for trial in range(trials):
        cluster = SimulatedCluster(
            names, seed=f"{seed}/{trial}", heartbeat_ms=least / 2, election_ms=timeouts, latency_ms=one_way_ms,
            disk_ms=disk_ms, disk_blocks=disk_blocks, pre_vote=False, check_quorum=False, leader=names[0], record=False,
        )  # fmt: skip
        yield _crash_leader(cluster, alive, different_logs, (1 + moments.random()) * least / 2000)


def _crash_leader(cluster: SimulatedCluster, alive: int, different_logs: bool, wait: float) -> Election:
    """Make the logs differ if asked, let ``wait`` seconds pass, crash the leader, and see how long the survivors take."""
    leader, *others = cluster.members
    survivors = others[:alive]
    cluster.crash(*others[alive:])
    if different_logs:
        shorten_logs(cluster, leader, survivors[1:])
    cluster.run_for(wait)
    term = cluster.status()[leader].term
    cluster.crash(leader)
    crashed = cluster.now
    cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONGEST)
    terms = max(cluster.status()[name].term for name in survivors) - term
    return Election(1000 * (cluster.now - crashed), terms)


def shorten_logs(cluster: SimulatedCluster, leader: str, followers: list[str]) -> None:
    """Let the first follower miss one entry, the second two, and so on; all of them follow in the end."""
    for name in reversed(followers):
        cluster.crash(name)
        cluster.submit("write", "entry", "that some lack", via=leader)
        cluster.run_for(0.1)
    for name in followers:  # they hear the leader again, but it does not hear what they lack
        cluster.cut(name, leader, one_way=True)
        cluster.restart(name)
