"""Attacks: the same for the same seed, survived by Raft and not by broken rules, and possible on any cluster."""

from quorumlab import SimulatedCluster, check_linearizable
from quorumlab.experiments import attack, badly_connected, first_broken
from quorumlab.raft import Member


class VotesTwice(Member):
    def may_vote(self, request):
        return request.term == self.current_term


def test_raft_stands_and_a_seed_decides_everything():
    for seed in range(5):
        found = attack(seed)
        assert check_linearizable(found.history)
        assert found == attack(seed)
        assert found.term > 20 and 0 < found.leaders < found.term
    assert attack(1) != attack(2)


def test_a_broken_rule_is_found():
    seed, what = first_broken(VotesTwice)
    assert seed in range(200) and what.startswith("Election Safety is broken")
    assert first_broken(Member, range(3)) is None


def test_on_another_cluster_nobody_watches_the_promises():
    class Other:
        """Not a SimulatedCluster, but with all its verbs."""

        def __init__(self, size):
            self._real = badly_connected(1)(size)

        def __getattr__(self, name):
            return getattr(self._real, name)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    found = attack(1, Other)
    assert found.leaders is None and found.history == attack(1).history


def test_other_rules_reach_the_cluster():
    assert isinstance(badly_connected(1, loss=0)(3), SimulatedCluster)
    assert attack(3, badly_connected(3, loss=0)) != attack(3)
