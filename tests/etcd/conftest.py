"""Clusters of real etcd for the tests."""

import time
from collections.abc import Callable, Iterator

import pytest

from quorumlab.etcd import EtcdCluster


def whole(cluster: EtcdCluster) -> None:
    """Undo all faults, and wait until all follow one leader."""
    cluster.heal()
    for name, member in cluster.status().items():
        cluster.resume(name)
        if member.condition == "down":
            cluster.restart(name)
    assert cluster.run_until(lambda: cluster.agreed_leader is not None, within=15)


@pytest.fixture(scope="module")
def shared() -> Iterator[EtcdCluster]:
    """Three members for a whole file, with quick timeouts; use it as ``three``."""
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, timeout_ms=1500) as cluster:
        yield cluster


@pytest.fixture
def three(shared: EtcdCluster) -> Iterator[EtcdCluster]:
    """Three members, all well; and made well again after the test."""
    whole(shared)
    yield shared
    whole(shared)


@pytest.fixture
def soon() -> Callable[[Callable[[], object]], bool]:
    """Whether something holds within five seconds."""

    def wait(holds: Callable[[], object], within: float = 5.0) -> bool:
        until = time.monotonic() + within
        while time.monotonic() < until:
            if holds():
                return True
            time.sleep(0.01)
        return False

    return wait
