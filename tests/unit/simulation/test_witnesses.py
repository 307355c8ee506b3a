"""Witnesses, which only the simulation has: they vote and keep no data, so they save a quorum, and neither lead nor answer anybody."""

import pytest

from quorumlab.cluster.protocol import ERRORS
from quorumlab.latency import after_loss
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

PAIR_AND_WITNESS = Topology.of("a: 1, b: 1", witnesses="c: 1")


@pytest.mark.parametrize("seed", range(20))
def test_two_and_a_witness_survive_the_loss_of_either_and_the_witness_never_leads(seed):
    with SimulatedCluster(PAIR_AND_WITNESS, seed=seed) as c:
        assert c.leader != "etcd-3"
        for lost in ("etcd-1", "etcd-2"):
            assert c.put("k", f"before {lost}").ok
            c.run_for(1)  # the other one has it too
            c.crash(lost)
            assert c.run_until(lambda: c.agreed_leader is not None, within=60)
            assert c.leader not in (lost, "etcd-3") and c.put("k", lost).ok
            c.restart(lost)
            assert c.run_until(lambda: c.agreed_leader is not None, within=60)
            c.run_for(1)
        c.crash("etcd-1", "etcd-2")
        c.run_for(60)
        assert c.leader is None


def test_without_the_witness_the_same_loss_stops_writes():
    with SimulatedCluster(Topology.of("a: 1, b: 1"), timeout_ms=5000) as c:
        c.crash("etcd-1")
        c.run_for(10)
        assert c.put("k", "v", via="etcd-2").unknown


def test_what_only_the_lost_one_and_the_witness_acknowledged_is_waited_for_not_lost():
    with SimulatedCluster(PAIR_AND_WITNESS, leader="etcd-1", timeout_ms=3000) as c:
        c.partition({"etcd-2"})
        assert c.put("k", "acknowledged", via="etcd-1").ok
        c.crash("etcd-1")
        c.heal()
        c.run_for(30)
        assert (
            c.leader is None
        )  # etcd-2 has not got it, and the witness, which knows that there is more, gives it no vote
        c.restart("etcd-1")
        assert c.run_until(lambda: c.get("k").value == "acknowledged", within=60)


@pytest.mark.parametrize(
    ("data", "witnesses", "lost"),
    [(2, 1, 1), (3, 1, 1), (3, 2, 1), (3, 2, 2), (4, 1, 1), (4, 1, 2), (4, 3, 3)],
)
def test_what_after_loss_says_of_witnesses_is_what_happens(data, witnesses, lost):
    """The leader, some more and the witnesses take a write that the others with data never hear of; then those first ones are lost."""
    t = Topology.of({"a": data}, witnesses={"a": witnesses})
    gone = t.members[:lost]
    behind = [name for name in t.members[lost:] if t.role_of[name] == "voter"]
    after = after_loss(t, gone[0], members=gone)
    assert after.goes_on
    with SimulatedCluster(t, leader=gone[0], timeout_ms=2000, record=False) as c:
        c.partition(set(behind))
        acknowledged = c.put("k", "v", via=gone[0]).ok
        c.crash(*gone)
        c.heal()
        elected = c.run_until(lambda: c.agreed_leader is not None, within=20)
        assert elected is (after.operator is None)
        assert acknowledged is (after.at_risk is not None and after.at_risk.startswith("Writes that only"))
        c.restart(*gone)
        assert c.run_until(lambda: c.put("k2", "v").ok, within=60)
        assert not acknowledged or c.get("k").value == "v"


def test_a_witness_answers_nobody_and_cannot_take_over():
    with SimulatedCluster(PAIR_AND_WITNESS, leader="etcd-1") as c:
        for told in (
            c.put("k", "v", via="etcd-3"), c.get("k", via="etcd-3"), c.get("k", via="etcd-3", mode="serializable"),
            c.transfer("etcd-3"),
        ):  # fmt: skip
            assert (told.ok, told.error) == (False, "witness")
        assert "there is none in etcd" in ERRORS["witness"]
        c.stop("etcd-1")
        assert c.run_until(lambda: c.leader == "etcd-2", within=60)
        assert c.trace.settings["witnesses"] == ["etcd-3"]
    with pytest.raises(ValueError, match="'etcd-3' cannot lead; name one of etcd-1, etcd-2"):
        SimulatedCluster(PAIR_AND_WITNESS, leader="etcd-3")
