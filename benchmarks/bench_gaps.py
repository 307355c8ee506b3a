"""How long there is no leader after a kill: 240 kills on real etcd against 1,000 in the simulation, with the same timers.

Run it as ``python -m benchmarks.bench_gaps`` on a machine that does nothing else: seven minutes. Sixty kills would say too little: their
middle wanders by 3.7 % by chance alone (one standard error), so that two worlds which are the same would miss 5 % in one run of five; that
of 240 wanders by 1.7 %, and would miss it in one of a hundred. The simulation is given the time of
a message that was measured between the real members. A machine that is busy holds the members' clocks up, and the real
gaps are then longer; the load is printed for that.
"""

import os
from functools import partial
from random import Random
from statistics import median, stdev

from scipy.stats import ks_2samp

from quorumlab import EtcdCluster, SimulatedCluster
from quorumlab.etcd import EtcdUnavailableError
from quorumlab.experiments import gaps, one_way_ms

TIMERS = {"heartbeat_ms": 50, "election_ms": 500, "record": False}
SIZE, KILLS, SIMULATED, WITHIN = 3, 240, 1_000, 0.05
DRAWS = 2_000


def error_of_middle(times: list[float], count: int) -> float:
    """By how much the middle of so many of these ``times`` wanders by chance: its standard error, in ms (bootstrap)."""
    chance = Random("error of the middle")
    return stdev(median(chance.choices(times, k=count)) for _ in range(DRAWS))


def main() -> bool:
    """Print both middles and a two-sample test; whether the middles are within 5 % (or no etcd can run)."""
    try:
        with EtcdCluster(SIZE, **TIMERS) as cluster:
            apart = one_way_ms(cluster)
    except EtcdUnavailableError as missing:
        print(missing)
        return True
    real = gaps(partial(EtcdCluster, **TIMERS), KILLS, size=SIZE)
    simulated = gaps(partial(SimulatedCluster, seed=1, latency_ms=apart, **TIMERS), SIMULATED, size=SIZE)
    print(f"{SIZE} members, timers 50 and 500 ms, a message takes {apart:.2f} ms one way")
    for who, times in (("real etcd", real), ("simulation", simulated)):
        print(
            f"{who:<11}{len(times):>6,} kills   {min(times):>6.0f} to {max(times):>6.0f} ms   middle {median(times):.0f} ms"
        )
    off = median(real) / median(simulated) - 1
    test = ks_2samp(real, simulated)
    print(f"two-sample test (Kolmogorov–Smirnov): distance {test.statistic:.2f}, p = {test.pvalue:.3f}")
    print(f"the middle of {KILLS} wanders by {error_of_middle(simulated, KILLS):.0f} ms by chance")
    met = abs(off) <= WITHIN
    print(
        f"middles {off:+.1%} apart, target within {WITHIN:.0%}: {'met' if met else 'missed'} (load {os.getloadavg()[0]:.1f})"
    )
    return met


if __name__ == "__main__":
    main()
