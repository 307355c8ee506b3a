"""Speed and memory of the simulated world, in ratios measured side by side in one run.

Run it as ``python -m benchmarks.bench_raft``.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from quorumlab.experiments import election_downtime
from quorumlab.simulation import SimulatedCluster

ROUNDS = 12  # each 5 simulated minutes: an hour in all


def main() -> bool:
    """Print all figures; whether messages are delivered at a fifteenth of the heap's rate or faster."""
    met = idle_cluster()
    figure_16()
    memory_of_an_hour()
    return met


def idle_cluster() -> bool:
    """Five idle members over a simulated hour, against the rate at which this machine pushes to a heap and
    pops.
    """
    cluster = SimulatedCluster(5)
    ratios, rates = [], []
    for _ in range(ROUNDS):
        heap = per_second(push_and_pop)
        ours = per_second(lambda: five_minutes(cluster))
        rates.append(ours)
        ratios.append(heap / ours)
    slower = statistics.median(ratios)
    print(
        f"five idle members, {ROUNDS * 5} simulated minutes: {statistics.median(rates):,.0f} messages a second,"
    )
    print(
        f"  1/{slower:.1f} of the plain heapq push-pop rate; target 1/15: {'met' if slower <= 15 else 'missed'}"
    )
    return slower <= 15


def per_second(work: Callable[[], int]) -> float:
    start = time.perf_counter()
    done = work()
    return done / (time.perf_counter() - start)


def push_and_pop(count: int = 200_000) -> int:
    """Push and pop ``count`` events as a simulation does: some 20 in the queue, each new one a little later
    than the first.
    """
    random = Random(1).random
    offsets = [random() for _ in range(1000)]
    queue = [(offset, number, None, None) for number, offset in enumerate(offsets[:20])]
    queue.sort()
    for number in range(count):
        now = heappop(queue)[0]
        heappush(queue, (now + offsets[number % 1000], number, None, None))
    return count


def five_minutes(cluster: SimulatedCluster) -> int:
    before = cluster.delivered
    cluster.run_for(300)
    return cluster.delivered - before


def figure_16() -> None:
    start = time.perf_counter()
    downtimes = election_downtime((150, 155), trials=1000, seed=1)
    seconds = time.perf_counter() - start
    print(
        f"1,000 elections of the Raft paper's Figure 16: {seconds:.1f} s (median {statistics.median(downtimes):.0f} ms)"
    )


def memory_of_an_hour() -> None:
    for heartbeats in (False, True):
        cluster = SimulatedCluster(5, record_heartbeats=heartbeats)
        minutes = 5 if heartbeats else 60  # an hour of recorded heartbeats is measured by its first minutes
        tracemalloc.start()
        cluster.run_for(minutes * 60)
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        what = "with idle heartbeats recorded" if heartbeats else "as it is by default"
        print(f"an hour's trace of an idle cluster, {what}: {grown * 60 / minutes / 1e6:,.1f} MB more")


if __name__ == "__main__":
    main()
