"""A real leader killed again and again: the gap lasts as long as the timers say, and messages take what this machine takes."""

from functools import partial
from statistics import median

import pytest

from quorumlab import EtcdCluster, SimulatedCluster
from quorumlab.experiments import gaps, one_way_ms

pytestmark = pytest.mark.etcd
KILLS = 12
QUICK = {"heartbeat_ms": 50, "election_ms": 500, "record": False}


def test_a_dozen_gaps_lie_where_the_simulation_puts_them(three):
    """Middles of twelve wander by a tenth, and a busy machine holds clocks up, so the middle is held from below, and the quickest of all
    from above; middles of many are ``python -m benchmarks gaps``.
    """
    simulated = gaps(partial(SimulatedCluster, latency_ms=one_way_ms(three), **QUICK), 300, size=3)
    real = gaps(partial(EtcdCluster, **QUICK), KILLS, size=3)
    if min(real) > median(simulated):  # each of them is with a chance of one half, on a machine at rest
        real += gaps(partial(EtcdCluster, **QUICK), 2 * KILLS, size=3)
    assert median(real) > 0.8 * median(simulated)
    assert min(real) < median(simulated)
