"""The worlds that the contract is tested on. Each makes a cluster with quick timers, so that a real one need not be waited for long."""

import pytest

from quorumlab.etcd import EtcdCluster
from quorumlab.simulation import SimulatedCluster

QUICK = {"heartbeat_ms": 50, "election_ms": 500, "timeout_ms": 1500}

WORLDS = {"simulation": SimulatedCluster, "etcd": EtcdCluster}


@pytest.fixture(params=["simulation", pytest.param("etcd", marks=pytest.mark.etcd)])
def make(request):
    """``make(size, **settings)`` gives a cluster that has a leader; all are closed at the end of the test."""
    world, made = WORLDS[request.param], []

    def cluster(size, **settings):
        made.append(world(size, **{**QUICK, **settings}))
        return made[-1]

    cluster.exact = (
        request.param == "simulation"
    )  # a real machine has other work to do: its times are never asserted from above
    yield cluster
    for each in made:
        each.close()
        each.close()  # a second time does nothing
