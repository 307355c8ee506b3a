"""Answers learnt by heart: who knows all right answers of one seed, and nothing else, wins no part of another seed."""

import json
from functools import partial
from typing import Any

import pytest

from quorumlab.grading.judging import answers_of, grade_function
from quorumlab.grading.labs import surviving_topology
from tests.labs import TASKS, facts_of, graded_as, load, solved, task_of

COMPUTED = [(name, id) for name, id in TASKS if id != "by-hand" and not id.startswith("hunt-")]
"""A hunt's schedule is played in worlds of its own, whatever was known of others; for the text written by hand see below."""
OTHERWISE: tuple[Any, ...] = (None, True, False, 0, 1, [])


@pytest.mark.parametrize(("name", "id"), COMPUTED, ids=lambda value: value)
def test_what_was_learnt_by_heart_wins_nothing_with_another_seed(name: str, id: str) -> None:
    task, facts = task_of(name, id), facts_of(load(name).lab)
    answers = answers_of(task, solved(name)[task.function], "seen", facts)
    learnt = {json.dumps(answer.case): answer.got for answer in answers}

    def by_heart(otherwise: Any, *case: Any) -> Any:
        return learnt.get(json.dumps(case), otherwise)

    for otherwise in OTHERWISE:
        seen, unseen = (
            graded_as(task, partial(by_heart, otherwise), seed, facts) for seed in ("seen", "unseen")
        )
        assert seen.points == task.points
        assert (unseen.points, unseen.parts) == (0, ()), otherwise


def test_the_text_written_for_one_bakery_wins_nothing_at_another() -> None:
    task, lab = task_of("surviving-topology", "by-hand"), surviving_topology.LAB
    bakery = solved("surviving-topology")["bakery"]
    assert grade_function(task, bakery, facts=lab.facts_of("")).points == task.points
    others = [lab.facts_of(f"student {k}") for k in range(50)]
    assert len({json.dumps(own) for own in others}) == 50
    assert [grade_function(task, bakery, facts=own).points for own in others] == [0] * 50
