"""What a cluster is made with holds on real etcd: placement, clients' own ways, who leads, PreVote, timeouts."""

import pytest

from quorumlab.etcd import EtcdCluster
from tests.etcd.steady import LONG, quickest

pytestmark = pytest.mark.etcd


def test_three_regions_cost_what_the_formula_says_and_a_client_pays_its_own_way():
    # One way, half the round trips us-east, eu-west, ap-south: 69.7, 191.1, 125.6 ms.
    ways = {("us", "eu"): 34.85, ("us", "ap"): 95.55, ("eu", "ap"): 62.8}
    near = {("Ada", "ap"): 0.0, ("Ada", "us"): 95.55}
    with EtcdCluster(["us", "eu", "ap"], latency_ms=ways, leader="us", client_ms=near) as c:
        assert c.leader == "us"
        c.put("k", "v")  # opens connections
        for via, formula in (("us", 69.7), ("eu", 139.4), ("ap", 260.8)):
            bound = 1.05 * formula + 5
            took = quickest(lambda via=via: c.put("k", "v", via=via).latency, lambda ms, b=bound: ms <= b)
            assert formula <= took <= bound, via
        for via, way in (("us", 191.1), ("ap", 0)):
            bound = 1.05 * way + 5
            took = quickest(
                lambda via=via: c.get("k", via=via, mode="serializable", client="Ada").latency,
                lambda ms, b=bound: ms <= b,
            )
            assert way <= took <= bound, via


def test_without_pre_vote_an_isolated_follower_raises_the_term():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, pre_vote=False) as c:
        leader = c.leader
        alone = next(name for name in c.members if name != leader)
        term = c.status()[leader].term
        c.partition({alone})
        assert c.run_until(
            lambda: c.status()[alone].role == "candidate" and c.status()[alone].term > term, within=LONG
        )
        c.heal()
        assert c.run_until(
            lambda: c.agreed_leader is not None and c.status()[leader].term > term, within=LONG
        )


def test_clients_wait_as_etcds_own_do_unless_told_otherwise():
    with EtcdCluster(2, heartbeat_ms=50, election_ms=500) as c:
        left = c.leader
        c.crash(next(name for name in c.members if name != left))
        put = c.put("k", "v", via=left)
        assert put.error == "timeout"
        assert put.latency >= 6000  # 5 s and two election timeouts
