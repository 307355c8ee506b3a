"""A real leader killed again and again: the gap lasts as long as the timers say, and messages take what this machine takes."""

from functools import partial
from statistics import median

import pytest

from quorumlab import EtcdCluster, SimulatedCluster
from quorumlab.experiments import gaps, one_way_ms

pytestmark = pytest.mark.etcd
QUICK = {"heartbeat_ms": 50, "election_ms": 500, "record": False}


def test_a_dozen_gaps_lie_where_the_simulation_puts_them(three):
    """Middles of twelve wander by a tenth, and a busy machine holds clocks up; 60 against 1,000 is ``benchmarks.bench_gaps``."""
    apart = one_way_ms(three)
    assert 0 < apart < 20
    real = gaps(partial(EtcdCluster, **QUICK), 12, size=3)
    simulated = gaps(partial(SimulatedCluster, latency_ms=apart, **QUICK), 300, size=3)
    assert 0.9 * min(simulated) < min(real)
    assert 0.85 < median(real) / median(simulated) < 1.4
