"""The bug hunt: what a schedule that shows nothing is told, what is no schedule, and that right members are never objected to."""

from collections.abc import Callable
from typing import Any

import pytest

from quorumlab.course.labs.hunting import MOST_LEARNERS, MOST_STEPS, hunt, objection
from quorumlab.course.labs.judging_histories import PREY, recorded, schedule_fault
from quorumlab.grading.labs.judging_histories import hunt_half, hunt_learners, hunt_logs, hunt_reads
from quorumlab.raft import Member

ALONE = ["partition", [["etcd-1"]], {}]
PUT, GET = ["put", ["x", "1"], {"via": "etcd-1"}], ["get", ["x"], {"via": "etcd-1"}]
LACKING = [
    ("half-is-enough", "nobody apart", [PUT]),
    ("half-is-enough", "no write while apart", [PUT, ALONE]),
    ("never-asks", "no read", [PUT]),
    ("never-asks", "leader never replaced", [PUT, GET]),
    ("never-asks", "no time to elect", [ALONE, PUT, GET]),
    ("never-asks", "nothing newer", [PUT, ALONE, ["run_for", [4], {}], GET]),
    ("any-log-will-do", "nobody misses a write", [PUT, ["crash", ["etcd-1"], {}]]),
    ("any-log-will-do", "leader stays", [["crash", ["etcd-3"], {}], PUT]),
    ("counts-learners", "no learner", [ALONE, PUT]),
    ("counts-learners", "a majority is there", [["add_learner", ["etcd-4"], {}], PUT, ["run_for", [3], {}]]),
]
CAUGHT = {
    "half-is-enough": hunt_half,
    "never-asks": hunt_reads,
    "any-log-will-do": hunt_logs,
    "counts-learners": hunt_learners,
}


@pytest.mark.parametrize(("prey", "clue", "steps"), LACKING)
def test_a_schedule_that_shows_nothing_is_told_what_it_lacks(prey: str, clue: str, steps: list[Any]) -> None:
    found = hunt(steps, PREY[prey], 7)
    assert (found.verdict, found.clue) == ("not caught", clue)
    assert next(c for c in PREY[prey].clues if c.name == clue).sentence in found.sentence


def test_every_clue_is_tried() -> None:
    assert {(prey.id, clue.name) for prey in PREY.values() for clue in prey.clues} == {x[:2] for x in LACKING}


@pytest.mark.parametrize("prey", PREY)
def test_the_fault_is_caught_and_right_members_are_not(prey: str) -> None:
    answer: Callable[[Any], None] = CAUGHT[prey]
    for seed in range(10):
        steps = recorded(answer, prey, seed)
        assert schedule_fault(None, steps, prey, seed) == ""
        assert objection(steps, PREY[prey].world(seed, Member)) is None


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (None, "asks nothing"),
        ([], "asks nothing"),
        ([["remove", ["etcd-1"], {}]], "is no step"),
        ([["__init__", [], {}]], "is no step"),
        ([PUT] * (MOST_STEPS + 1), "may have 60;"),
        ([["add_learner", [], {}]] * (MOST_LEARNERS + 1), "more than 3 learners"),
        ([["run_for", [1e9], {}]], "takes seconds"),
        ([["crash", ["nobody"], {}]], "cannot be done"),
        ([["run_for", [100], {}], ["run_for", [100], {}]], "lasts beyond"),
    ],
)
def test_what_is_no_schedule_is_said(steps: Any, told: str) -> None:
    found = hunt(steps, PREY["never-asks"], 7)
    assert found.verdict == "no schedule" and told in found.sentence
