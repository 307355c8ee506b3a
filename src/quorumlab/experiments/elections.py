"""How long a cluster is without a leader after a crash, and how often a vote is split (notebook 05).

The dissertation is Ongaro, "Consensus: Bridging Theory and Practice" (Stanford 2014).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from random import Random
from typing import NamedTuple

from quorumlab.quorums import quorum_size
from quorumlab.simulation.cluster import SimulatedCluster
from quorumlab.simulation.network import DelayLike, Uniform


class Election(NamedTuple):
    """One election: how long the members were without a leader, in ms, and how many terms it took."""

    downtime: float
    terms: int


LONGEST = 100.0  # seconds after which an election without a winner is given up


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
    """Crash the leader of a fresh cluster and wait for the next one, ``trials`` times.

    ``timeouts`` are the shortest and longest election timeout in ms, or a distribution between the two.
    ``alive`` of ``size`` members are left after the crash (all but the leader, if None). With
    ``different_logs`` each lacks one entry more than the one before it. The heartbeat interval is half the
    shortest timeout. The old leader sends its heartbeats to all followers at the same moment, so that their
    timers start nearly together, and it crashes at a uniformly random moment between two heartbeats. Messages
    take ``one_way_ms``, disk writes ``disk_ms``; for ``disk_blocks`` see ``SimulatedCluster``. Neither PreVote
    nor CheckQuorum. Measured from the crash until all survivors have the new leader's first heartbeat; after
    100 s without, an election counts as that long.

    Raises ValueError if ``trials`` is below 1 or the survivors are no quorum.
    """
    alive = size - 1 if alive is None else alive
    if trials < 1:
        raise ValueError(f"trials={trials!r} is too few; choose 1 or more.")
    if not quorum_size(size) <= alive < size:
        raise ValueError(f"alive={alive!r} of {size} cannot elect; choose {quorum_size(size)} to {size - 1}.")
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


def split_vote_probability(n: int, alive: int, latency: float) -> float:
    """The probability that a term of an election ends without a winner (dissertation §9.2).

    ``n`` members of which ``alive`` run; ``latency`` l is the fixed one-way latency as a fraction of the
    range that timeouts are drawn from, 0 to 1. With c = alive − ⌊n/2⌋ + 1, the sum over k = c−1 … alive of
    C(alive, k) l^k (1−l)^(alive−k). Raises ValueError if ``alive`` members are no quorum of ``n``, or
    ``latency`` is not in [0, 1].
    """
    if not quorum_size(n) <= alive <= n:
        raise ValueError(f"alive={alive!r} of {n} cannot elect; choose {quorum_size(n)} to {n}.")
    if not 0 <= latency <= 1:
        raise ValueError(f"latency={latency!r} is no fraction of the timeout range; choose from 0 to 1.")
    if n == 1:
        return 0.0  # nobody to share the votes with
    fewest = alive - n // 2  # other members that time out within l of the first, for the vote to be split
    return sum(comb(alive, k) * latency**k * (1 - latency) ** (alive - k) for k in range(fewest, alive + 1))


def expected_election_time(n: int, alive: int, latency: float, write: float = 0.0) -> float:
    """How long an election takes on average from the leader's crash, in base timeouts T (dissertation §9.3).

    Timeouts are drawn from [T, 2T) and heartbeats sent every T/2. ``latency`` L is the one-way latency and
    ``write`` W the time to write a vote to disk, both in T: 1/(1−P) · (1 + 1/(alive+1) + L) + L + W − ¼ with
    P the split-vote probability. Raises ValueError as ``split_vote_probability`` does, and if P is 1.
    """
    split = split_vote_probability(n, alive, latency)
    if split == 1:
        raise ValueError(f"with latency={latency!r} every vote is split; choose a latency below 1.")
    return (1 + 1 / (alive + 1) + latency) / (1 - split) + latency + write - 0.25
