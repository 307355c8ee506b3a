"""What clients see in a bad time."""

import pytest

import quorumlab as ql
from quorumlab.experiments.reads import busy_history, cut_off_leader, freshness


def test_a_busy_history_is_legal_unless_reads_ask_nobody() -> None:
    histories = {mode: busy_history(mode) for mode in ("linearizable", "serializable")}
    for history in histories.values():
        assert len(history) == 360
        assert {op.kind for op in history} == {"read", "write"}
        assert sum(op.returned is None for op in history) > 10  # the faults did bite
    assert ql.check_linearizable(histories["linearizable"]).linearizable is True
    assert ql.check_linearizable(histories["serializable"]).linearizable is False
    with pytest.raises(ValueError, match="mode"):
        busy_history("quick")


def test_an_old_leader_goes_on_until_it_has_missed_its_quorum_for_an_election_timeout() -> None:
    found = cut_off_leader(lambda size: ql.SimulatedCluster(size, leader="etcd-1", latency_ms=10))
    assert found.cut_off < found.succeeded < found.gave_up
    assert 1.0 < found.succeeded - found.cut_off < 2.1  # a timeout of 1 to 2 s, and a vote
    assert 1.0 < found.gave_up - found.cut_off < 2.1  # CheckQuorum, every election timeout
    with pytest.raises(
        RuntimeError, match=r"was cut off, but nothing came of it in 0\.1 s; give more patience"
    ):
        cut_off_leader(patience=0.1)


def test_nobody_begins_an_experiment_without_a_leader() -> None:
    with pytest.raises(RuntimeError, match="The cluster has no leader; let it run until there is one"):
        freshness(10, 40, lambda size: ql.SimulatedCluster(size, settle=False))


def test_a_member_knows_of_a_commit_one_way_after_its_leader() -> None:
    found = freshness(10, 40)
    assert [row.fresh_after for row in found] == [row.one_way for row in found] == [0, 5, 10, 20, 40]
    assert [row.answer for row in found] == ["new", "new", "new", "old", "old"]
