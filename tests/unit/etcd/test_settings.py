"""What a cluster of real members may be made of: each refusal is one sentence. Nothing is started here."""

import numpy
import pytest

from quorumlab.etcd.binary import Binary
from quorumlab.etcd.settings import EtcdSettings, founders
from quorumlab.topology import Topology

GOOD = {
    "founders": ("etcd-1", "etcd-2", "etcd-3"), "learners": (), "heartbeat_ms": 100, "election_ms": 1000, "pre_vote": True, "timeout_ms": None,
    "leader": None, "latency_ms": 0.0, "jitter_ms": 0.0, "loss": 0.0, "client_ms": {}, "max_learners": 1, "settle": True,
    "record": True,
}  # fmt: skip


def settings(**changed):
    return EtcdSettings(**{**GOOD, **changed})


@pytest.mark.parametrize(
    ("size", "names"),
    [
        (1, ("etcd-1",)),
        (numpy.int64(2), ("etcd-1", "etcd-2")),
        (["a", "b"], ("a", "b")),
        ({"b", "a"}, ("a", "b")),
    ],
)
def test_founders(size, names):
    assert founders(size) == names


@pytest.mark.parametrize(
    ("size", "error", "says"),
    [
        (0, ValueError, "must be a whole number of 1 or more"),
        (10, ValueError, "10 members are more than a laptop should run; choose 1 to 9"),
        (2.5, TypeError, "must be a whole number"),
        ("etcd-1", TypeError, "must be a list of names"),
        (["a", "a"], ValueError, "more than once"),
        (["a=b"], ValueError, "'a=b' cannot name a member of etcd"),
    ],
)
def test_founders_that_are_none(size, error, says):
    with pytest.raises(error, match=says):
        founders(size)


@pytest.mark.parametrize(
    ("changed", "error", "says"),
    [
        ({"heartbeat_ms": 100, "election_ms": 499}, ValueError, "choose from 500 to 50000"),
        ({"election_ms": 50_001}, ValueError, "at most 50000 ms"),
        ({"election_ms": (150, 300)}, TypeError, "election_ms is"),
        ({"heartbeat_ms": 0}, ValueError, "heartbeat_ms is 0"),
        ({"timeout_ms": 0}, ValueError, "timeout_ms=0 is out of range"),
        ({"timeout_ms": "long"}, TypeError, "timeout_ms='long' must be a number of ms"),
        ({"leader": "etcd-9"}, ValueError, "there is no member 'etcd-9'"),
        ({"pre_vote": 1}, TypeError, "pre_vote=1 is neither True nor False"),
        ({"loss": 1.0}, ValueError, "loss=1.0 is no probability below 1"),
        ({"loss": "much"}, TypeError, "loss='much'"),
        ({"latency_ms": -1}, ValueError, "latency_ms=-1 is out of range"),
        ({"latency_ms": {("etcd-1", "etcd-2"): 5}}, ValueError, "says nothing about 'etcd-1' and 'etcd-3'"),
        ({"latency_ms": {"etcd-1": 5}}, TypeError, "write two names"),
        ({"client_ms": {("Ada", "etcd-1"): "far"}}, TypeError, "must be a number of ms"),
        ({"max_learners": -1}, ValueError, "max_learners is -1"),
    ],
)
def test_refusals(changed, error, says):
    with pytest.raises(error, match=says):
        settings(**changed)


def test_ways_hold_in_both_directions_and_clients_pay_theirs():
    made = settings(founders=("a", "b"), latency_ms={("a", "b"): 35}, client_ms={("Ada", "b"): 90})
    assert made.way_ms("b", "a") == 35
    assert (made.to_member_ms("Ada", "b"), made.to_member_ms("Ada", "a")) == (90, 0)


def test_patience_is_etcds_own_unless_said():
    assert settings().patience == 7.0
    assert settings(timeout_ms=1500).patience == 1.5


def test_learners_join_later_and_what_this_etcd_cannot_be_told_is_refused():
    assert founders(Topology.of("a: 2", learners="b: 1")) == ("etcd-1", "etcd-2")
    with pytest.raises(
        ValueError, match="etcd has no witnesses, so etcd-3 cannot be started; make it a voter"
    ):
        founders(Topology.of("a: 2", witnesses="b: 1"))
    settings(max_learners=2).fit(Binary("etcd", "3.6.1"))
    settings().fit(Binary("etcd", "3.5.1"))
    with pytest.raises(ValueError, match=r"max_learners=2 needs etcd 3\.6, and this is etcd 3\.5\.1"):
        settings(max_learners=2).fit(Binary("etcd", "3.5.1"))
