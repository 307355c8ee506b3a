"""Writes whose leader crashes, and measured costs, in the simulation."""

from functools import partial

import pytest

from quorumlab import SimulatedCluster
from quorumlab.experiments.writes import crash_leader, measured_cost
from quorumlab.quorums import REQUESTS, request_cost

RTTS = [
    (10,),
    (10, 20),
    (10, 80),
    (7, 7, 7),
    (10, 20, 40, 80),
    (80, 80, 1, 1),
    (9, 8, 7, 6, 5),
    (1, 2, 3, 60, 70, 80),
]


@pytest.mark.parametrize(("members", "copies"), [(2, 1), (8, 1), (3, 0), (3, 4)])
def test_crash_leader_refuses_what_cannot_be(members: int, copies: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        crash_leader(members, copies, False)


def followers_needed(members: int) -> int:
    """The ⌊n/2⌋ of the rule: how many followers complete a quorum with their leader."""
    return members // 2


@pytest.mark.parametrize("disk", [0, 6])
@pytest.mark.parametrize("rtts", RTTS, ids=str)
def test_simulated_costs_are_those_of_the_rule(rtts: tuple[float, ...], disk: float) -> None:
    nearest = sorted(rtts)[followers_needed(len(rtts) + 1) - 1]
    make = partial(SimulatedCluster, leader="etcd-1", latency_ms=0, disk_ms=disk)
    for request in REQUESTS:
        simulated = measured_cost(request, rtts, make)
        if request == "serializable read":
            expected = [0.0] * (len(rtts) + 1)
        else:
            agreed = nearest + (disk if request == "write" else 0)
            expected = [agreed, *(rtt + agreed for rtt in rtts)]
        assert simulated == expected == request_cost(request, rtts, disk)


def test_the_leader_need_not_be_the_first_member() -> None:
    """On a real cluster chance decides who leads, so experiments ask."""
    third = partial(SimulatedCluster, leader="etcd-3", latency_ms=0)
    assert measured_cost("write", (10, 20, 40, 80), third) == [20, 30, 40, 60, 100]
    apart = partial(SimulatedCluster, leader="etcd-2", latency_ms=10)
    assert crash_leader(5, 3, True, apart) == ("done", True)


def test_a_request_that_fails_is_no_measurement() -> None:
    def torn(size: int) -> SimulatedCluster:
        cluster = SimulatedCluster(size, leader="etcd-1", latency_ms=0, timeout_ms=100)
        cluster.partition({"etcd-1"})
        return cluster

    with pytest.raises(RuntimeError, match="The write through etcd-1 ended as 'timeout'; run it again"):
        measured_cost("write", (10, 20), torn)
    with pytest.raises(ValueError, match="'lease read' is unknown; choose one of write"):
        measured_cost("lease read", (1, 2))  # type: ignore[arg-type]
