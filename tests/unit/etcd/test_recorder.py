"""What is written down of a real cluster: only what is new, in order of time, and nothing that was not seen."""

from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import UNKNOWN, Joined, Process, State
from quorumlab.cluster.protocol import Outcome
from quorumlab.cluster.trace import Trace
from quorumlab.etcd.gateway import RaftStatus
from quorumlab.etcd.recorder import Recorder

NAMES = {1: "etcd-1", 2: "etcd-2"}


def recorder(wanted=True):
    times = iter(range(1, 1000))
    made = Recorder(lambda: next(times) / 1000, wanted=wanted)
    made.founded(("etcd-1", "etcd-2"))
    return made


def says(**changed):
    facts = {"member": 1, "role": "follower", "term": 2, "vote": 0, "leader": 2, "commit": 5, "applied": 5}
    return RaftStatus(**{**facts, **changed})


def test_founders_join_and_run_when_the_clock_starts():
    assert recorder().events == [
        Joined(0, "etcd-1", False), Joined(0, "etcd-2", False), Process(0, "etcd-1", "up"), Process(0, "etcd-2", "up"),
    ]  # fmt: skip


def test_a_state_tells_what_changed_and_leaves_out_what_etcd_does_not_show():
    made = recorder()
    for status in (says(), says(), says(commit=6)):
        made.state("etcd-1", status, NAMES.get)
    first, second = (e for e in made.events if isinstance(e, State))
    assert first == State(1000, "etcd-1", "follower", 2, None, "etcd-2", 5)
    assert first.timeout is first.due is first.voters is UNKNOWN
    assert second == State(2000, "etcd-1", commit=6)


def test_a_leader_whose_name_is_not_known_yet_is_unknown_and_told_later():
    made = recorder()
    made.state("etcd-1", says(leader=9), NAMES.get)
    made.state("etcd-1", says(leader=9), {9: "etcd-9"}.get)
    first, second = (e for e in made.events if isinstance(e, State))
    assert first.leader is UNKNOWN
    assert second.leader == "etcd-9"


def test_after_a_restart_a_member_is_told_of_anew():
    made = recorder()
    made.state("etcd-1", says(), NAMES.get)
    made.process("etcd-1", "down")
    made.process("etcd-1", "down")
    made.process("etcd-1", "up")
    made.state("etcd-1", says(), NAMES.get)
    assert [type(e).__name__ for e in made.events[4:]] == ["State", "Process", "Process", "State"]
    assert made.events[-1].term == 2


def test_it_makes_a_trace_that_can_be_saved_and_read():
    made = recorder()
    made.link("etcd-1", "etcd-2", cut=True, delay_ms=0)
    made.disk("etcd-1", 100)
    request = Pending("Ada", "cas", "k", (None, "v"), "etcd-1", "linearizable", 0.0)
    made.invoked(1, request)
    made.returned(1, Outcome(False, None, 1.0, "timeout", "etcd-1", None))
    made.membership("etcd-2", ("etcd-1", "etcd-2"), ())
    trace = Trace("etcd", {"election_ms": 1000}, 999_000, tuple(made.events))
    again = Trace.from_json(trace.to_json())
    assert again == trace
    assert again.at(0.9).links["etcd-1", "etcd-2"].cut
    assert [e.t for e in made.events] == sorted(e.t for e in made.events)


def test_unwanted_it_keeps_nothing():
    made = recorder(wanted=False)
    made.process("etcd-1", "down")
    made.state("etcd-1", says(), NAMES.get)
    assert made.events == []
