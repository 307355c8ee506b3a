"""Links: what a message takes, in which order messages arrive, and what election timeouts are drawn."""

from collections import Counter
from random import Random

import pytest

from quorumlab.cluster.events import Message
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.network import MS, SECOND, Link, Ticks, Uniform


def test_messages_on_one_link_arrive_in_the_order_they_were_sent():
    """As over TCP: what takes less time waits for what was sent before it."""
    times = iter([30, 10, 5, 40])
    link = Link(lambda: next(times), ordered=True)
    assert [link.arrival(now) for now in (0, 1, 2, 3)] == [30, 30, 30, 43]


def test_where_order_is_not_kept_a_message_may_overtake_another():
    times = iter([30, 10, 5, 40])
    link = Link(lambda: next(times), ordered=False)
    assert [link.arrival(now) for now in (0, 1, 2, 3)] == [30, 11, 7, 43]


@pytest.mark.parametrize("reorder", [False, True])
def test_in_a_cluster_nobody_overtakes_unless_asked_to(reorder):
    cluster = SimulatedCluster(3, latency_ms=(1, 80), reorder=reorder, record_heartbeats=True)
    for number in range(20):
        cluster.submit("write", "k", str(number))
        cluster.run_for(0.01)
    cluster.run_for(1)
    arrivals = {}
    for event in cluster.trace.events:
        if isinstance(event, Message) and event.arrives is not None:
            arrivals.setdefault((event.sender, event.to), []).append(event.arrives)
    in_order = all(times == sorted(times) for times in arrivals.values())
    assert in_order is not reorder


def test_an_extra_delay_and_a_change_of_it_keep_the_order():
    link = Link(lambda: 10, ordered=True)
    link.extra = 100
    assert link.arrival(0) == 110
    link.extra = 0
    assert (link.arrival(1), link.arrival(150)) == (110, 160)


def test_copies_of_a_write_leave_one_after_the_other_and_all_else_at_once():
    """Line 2 ms, trips 10 ms: the copies of one write leave 2, 4, 6 and 8 ms after it, so the third has it on two followers at 14 ms
    and its quorum at 24; a heartbeat and a read wait for no line.
    """
    cluster = SimulatedCluster(5, leader="etcd-1", latency_ms=10, line_ms=2, record_heartbeats=True)
    began = cluster.now
    assert cluster.put("k", "v").latency == 4 + 20
    assert cluster.get("k").latency == 20
    copies = [
        e
        for e in cluster.trace.events
        if isinstance(e, Message) and e.t >= began * SECOND and e.type == "append" and e.entries == 1
    ]
    assert [(e.arrives - began * SECOND) / MS for e in copies] == [12, 14, 16, 18]
    with_entries = SimulatedCluster(5, leader="etcd-1", latency_ms=10, line_ms=2)
    with_entries.crash("etcd-1")
    with_entries.restart("etcd-1")
    assert with_entries.run_until(lambda: with_entries.put("k", "v").ok, within=10)


def test_timeouts_in_ticks_are_whole_and_all_alike():
    """etcd: electionTicks + Intn(electionTicks), so ten to nineteen ticks of 100 ms."""
    draw = Ticks(1000, 2000, 100).sampler(Random("ticks"))
    drawn = Counter(draw() for _ in range(10_000))
    assert sorted(drawn) == [ticks * 100 * MS for ticks in range(10, 20)]
    assert all(850 < count < 1150 for count in drawn.values())


def test_an_election_timeout_that_is_no_whole_number_of_ticks_is_cut():
    """etcd divides: 1,050 ms are ten ticks of 100."""
    draw = Ticks(1050, 2100, 100).sampler(Random(1))
    assert {draw() for _ in range(1000)} == {ticks * 100 * MS for ticks in range(10, 20)}
    assert SimulatedCluster(3, election_ms=1050)._world.settings.raft.election == 1000 * MS


def test_a_range_of_timeouts_runs_continuously():
    settings = SimulatedCluster(3, election_ms=(1000, 2000))._world.settings
    assert type(settings.timeouts) is Uniform and settings.raft.tick == 0
    assert SimulatedCluster(3)._world.settings.raft.tick == 100 * MS
