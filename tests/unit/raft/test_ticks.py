"""A clock that ticks: a wait of k ticks ends at the k-th from now, as in etcd."""

from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.raft import Member, Membership, Saved, Settings
from quorumlab.raft.messages import Append, Appended, RequestVote
from tests.unit.raft.group import Group

MS = 1_000
TICKS = Settings(heartbeat=100 * MS, election=1_000 * MS, tick=100 * MS)


def member(phase=0, timeout=1_300 * MS, settings=TICKS, now=0):
    return Member("a", Saved.new(Membership(("a", "b", "c"))), settings, repeat(timeout), now, phase)


@pytest.mark.parametrize(("now", "due"), [(0, 1_230), (29, 1_230), (30, 1_330), (31, 1_330), (130, 1_430)])
def test_a_wait_ends_at_a_tick(now, due):
    """Ticks at 30, 130, 230 ms …; at 29 the clock last ticked at −70, so the thirteenth from there is at 1,230."""
    made = member(phase=30 * MS)
    made.receive(now * MS, Append("b", "a", 1, 0, 0, (), 0))
    assert made.due == due * MS


@given(st.integers(0, 10**7), st.integers(-(10**5), 10**5), st.integers(10, 19))
def test_a_wait_of_k_ticks_lasts_more_than_k_less_one_and_at_most_k(now, phase, ticks):
    made = member(phase=phase, timeout=ticks * 100 * MS)
    made.receive(now, Append("b", "a", 1, 0, 0, (), 0))
    assert (ticks - 1) * 100 * MS < made.due - now <= ticks * 100 * MS
    assert (made.due - phase) % (100 * MS) == 0


@given(st.integers(0, 10**7), st.integers(0, 10**5))
def test_timers_that_run_continuously_wait_to_the_microsecond(now, phase):
    made = member(phase=phase, timeout=1_234_567, settings=Settings())
    made.receive(now, Append("b", "a", 1, 0, 0, (), 0))
    assert made.due == now + 1_234_567


def leader(now, phase):
    group = Group("a", "b", "c", settings=TICKS)
    group["a"].phase = phase
    group.now = now
    return group, group.elect("a")


def test_heartbeats_go_out_at_ticks():
    _, made = leader(now=12_345, phase=40 * MS)
    assert made.due == 40 * MS
    made.tick(made.due)
    assert made.due == 140 * MS
    made.tick(made.due + 33)  # it was busy, and missed nothing
    assert made.due == 240 * MS


def test_the_quorum_is_checked_after_ten_ticks():
    group, made = leader(now=12_345, phase=40 * MS)
    assert made.quorum_due == 940 * MS
    while made.role == "leader":
        group.now = made.due
        made.tick(made.due)
        made.outbox.clear()
        made.active.clear()
    assert group.now == 940 * MS


def test_a_transfer_and_the_next_check_quorum_end_together():
    """etcd counts for both with electionElapsed."""
    _, made = leader(now=0, phase=0)
    made.tick(500 * MS)
    made.transfer_to("b")
    assert made.quorum_due == 1_500 * MS


@pytest.mark.parametrize(
    ("heard", "asked", "held_back"),
    [(0, 999, True), (99, 999, True), (99, 1_000, False), (100, 1_099, True), (199, 1_100, False)],
)
def test_a_candidate_is_held_back_for_ten_ticks(heard, asked, held_back):
    """Whatever the moment between two ticks at which a leader was heard, the tenth tick from then ends it."""
    made = member()
    made.receive(heard * MS, Append("b", "a", 1, 0, 0, (), 0))
    made.outbox.clear()
    made.receive(asked * MS, RequestVote("c", "a", 2, 0, 0))
    assert (made.outbox == []) is held_back


def test_a_clock_can_be_put_forward():
    made = member(phase=30 * MS)
    made.advance(8)
    assert made.due == (1_330 - 100 - 800) * MS
    made.receive(0, Append("b", "a", 1, 0, 0, (), 0))
    assert made.hears_leader()
    made.advance(8)
    assert made.hears_leader()
    made.advance(2)  # ten ticks, the base election timeout
    assert not made.hears_leader()
    _, ahead = leader(now=0, phase=0)
    before = (ahead.due, ahead.quorum_due)
    ahead.advance(8)
    assert (ahead.due, ahead.quorum_due) == before
    ahead.receive(1, Appended("b", "a", 1, True, 1))
