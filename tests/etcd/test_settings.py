"""What a cluster is made with holds on real etcd: placement, clients' own ways, who leads, PreVote, timeouts."""

import pytest

from quorumlab.etcd import EtcdCluster

pytestmark = pytest.mark.etcd


def least(outcomes):
    """The least latency, in ms: what a busy machine adds comes on top."""
    return min(outcome.latency for outcome in outcomes)


def test_three_regions_cost_what_the_formula_says_and_a_client_pays_its_own_way():
    # One way, half the round trips us-east, eu-west, ap-south: 69.7, 191.1, 125.6 ms.
    ways = {("us", "eu"): 34.85, ("us", "ap"): 95.55, ("eu", "ap"): 62.8}
    near = {("Ada", "ap"): 0.0, ("Ada", "us"): 95.55}
    with EtcdCluster(["us", "eu", "ap"], latency_ms=ways, leader="us", client_ms=near) as c:
        assert c.leader == "us"
        c.put("k", "v")  # opens connections
        for via, formula in (("us", 69.7), ("eu", 139.4), ("ap", 260.8)):
            measured = least(c.put("k", "v", via=via) for _ in range(12))
            assert formula <= measured <= 1.05 * formula + 5, via
        far = least(c.get("k", via="us", mode="serializable", client="Ada") for _ in range(3))
        assert 191.1 <= far <= 1.05 * 191.1 + 5
        assert c.get("k", via="ap", mode="serializable", client="Ada").latency < 20


def test_without_pre_vote_an_isolated_follower_raises_the_term():
    with EtcdCluster(3, heartbeat_ms=50, election_ms=500, pre_vote=False) as c:
        leader = c.leader
        alone = next(name for name in c.members if name != leader)
        term = c.status()[leader].term
        c.partition({alone})
        c.run_for(2.5)
        assert c.status()[alone].role == "candidate"
        c.heal()
        assert c.run_until(lambda: c.agreed_leader is not None and c.status()[leader].term > term, within=10)


def test_clients_wait_as_etcds_own_do_unless_told_otherwise():
    with EtcdCluster(2, heartbeat_ms=50, election_ms=500) as c:
        left = c.leader
        c.crash(next(name for name in c.members if name != left))
        put = c.put("k", "v", via=left)
        assert put.error == "timeout"
        assert 5900 < put.latency < 7000  # 5 s and two election timeouts
