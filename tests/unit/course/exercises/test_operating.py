"""The exercises of notebook 10: what each kind of answer is told, and the references against the simulation and etcd."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from quorumlab.course.exercise import judge
from quorumlab.course.exercises.operating import EXERCISES
from quorumlab.experiments.operating import replaced_by_a_dud
from quorumlab.experiments.restoring import after_restore
from quorumlab.quorums import majority
from quorumlab.raft import Member
from quorumlab.raft.messages import RequestVote

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def by_crashing(n: int, up: int, started: int, dead: int, removed: int) -> int:
    """Crash one after the other until no majority of the members runs; where none runs now, start one after the other."""
    members, running = n + started + dead - removed, up + started
    if 2 * running <= members:
        return -next(k for k in range(1, members + 2) if 2 * (running + k) > members)
    return next(k for k in range(running) if 2 * (running - k - 1) <= members)


def by_voting(logs: dict[str, tuple[int, int]]) -> str:
    """Whoever would get the vote of all others."""
    return next(name for name, last in logs.items() if all(last >= other for other in logs.values()))


def by_revisions(seen: int, snapshot: int, written: int) -> int:
    if written > 1000:  # the inputs grow
        return min(written, max(0, seen - snapshot))
    return sum(revision <= seen for revision in range(snapshot + 1, snapshot + written + 1))


@pytest.mark.parametrize(
    ("id", "answer"),
    [("crashes-left", by_crashing), ("freshest-survivor", by_voting), ("events-missed", by_revisions)],
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    result = judge(BY_ID[id], answer)
    assert result.outcome == "correct" and result.message == BY_ID[id].praise, result.message


def test_crashes_left_agrees_with_the_simulation_and_with_quorum_systems() -> None:
    reference = BY_ID["crashes-left"].reference
    for add_first, removed in ((True, 0), (False, 1)):
        found = replaced_by_a_dud(add_first)
        assert (reference(3, 2, 0, 1, removed) >= 0) is found.goes_on
    for n in range(1, 8):
        assert reference(n, n, 0, 0, 0) == majority(n).fault_tolerance


def test_the_freshest_is_whom_raft_members_would_elect() -> None:
    """By the rule of the Raft member that the simulation runs."""
    task = BY_ID["freshest-survivor"]
    for (logs,) in (*task.cases, *task.further()):
        chosen = task.reference(logs)
        asked = RequestVote(chosen, "", 9, last_index=logs[chosen][1], last_term=logs[chosen][0])
        for term, index in logs.values():
            voter: Any = SimpleNamespace(log=SimpleNamespace(last_term=term, last_index=index))
            assert Member.is_up_to_date(voter, asked)


def test_events_missed_is_what_the_arithmetic_of_revisions_says() -> None:
    reference = BY_ID["events-missed"].reference
    for seen, snapshot, written in ((105, 100, 3), (105, 100, 8), (100, 110, 4), (7, 3, 9)):
        assert reference(seen, snapshot, written) == after_restore(seen, snapshot, written).missed
