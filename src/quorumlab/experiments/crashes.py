"""Members crash or are cut apart: does the cluster go on writing? (Notebooks 01 to 03.)"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quorumlab.arguments import whole
from quorumlab.cluster import Cluster
from quorumlab.cluster.protocol import Outcome
from quorumlab.experiments.make import Make
from quorumlab.simulation import SimulatedCluster


def writes_survive(size: int, crashed: int, make: Make = SimulatedCluster) -> bool:
    """Whether a cluster of ``size`` members still takes writes after ``crashed`` of them crash, the leader
    first.

    The write goes to a member that is still up, and is tried again once if it fell into the gap before a new
    leader. Raises ValueError unless 0 <= crashed <= size, TypeError for what is no whole number.
    """
    size = whole(size, "size")
    crashed = whole(crashed, "crashed", least=0, most=size)
    with make(size) as cluster:
        leader = cluster.leader or cluster.members[0]
        order = [leader, *(name for name in cluster.members if name != leader)]
        cluster.crash(*order[:crashed])
        return crashed < size and write_with_retry(cluster, order[-1]).ok


def crash_table(sizes: Iterable[int], make: Make = SimulatedCluster) -> dict[int, list[bool]]:
    """For each size, whether writes go on after 0, 1, … size crashes."""
    return {size: [writes_survive(size, crashed, make) for crashed in range(size + 1)] for size in sizes}


def sides_that_write(sides: tuple[int, ...], make: Make = SimulatedCluster) -> list[bool]:
    """Cut a cluster into ``sides`` of these sizes; for each, whether a write to one of its members succeeds."""
    sizes = [whole(side, "a side", least=0) for side in sides]
    with make(sum(sizes)) as cluster:
        names: Iterator[str] = iter(cluster.members)
        groups = [[next(names) for _ in range(side)] for side in sizes]
        cluster.partition(*groups)
        cluster.run_for(3.0)  # the old leader finds out, and a side with a majority elects its own
        return [bool(group) and write_with_retry(cluster, group[0]).ok for group in groups]


def write_with_retry(cluster: Cluster, via: str) -> Outcome:
    """One write, and one more if the first found no leader or none that answered."""
    outcome = cluster.put("experiment", "1", via=via)
    return outcome if outcome.ok else cluster.put("experiment", "2", via=via)
