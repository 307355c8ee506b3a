"""The right answers of the labs, and what judges many right ones, against oracles written from the tasks' texts.

A hunt has no answer to compute: what catches a member and what does not is in ``tests/unit/course/labs/test_hunting.py``.
"""

from collections.abc import Iterator
from copy import deepcopy
from itertools import combinations_with_replacement
from math import isclose
from typing import Any

import pytest
import yaml

from quorumlab.course.selfcheck import resolved
from quorumlab.course.wire import to_wire
from quorumlab.grading.judging import answers_of, cases_of
from quorumlab.grading.lab import GradedTask
from tests.labs import TASKS, facts_of, is_right, load, solved, task_of
from tests.unit.grading.labs.oracles import RIGHT, VALUES, a_pair
from tests.unit.grading.labs.oracles_of_places import held_in, nodes_of, spreads

SEEDS = ("here", "there", "elsewhere")
COMPUTED = [(name, id) for name, id in TASKS if id in VALUES]
JUDGED = [(name, id) for name, id in TASKS if id in RIGHT]
VARIANTS = ("", "ann", "bob")


def own(task: GradedTask, name: str, student: str) -> tuple[Any, ...]:
    return (load(name).lab.facts_of(student),) if task.personal else ()


def agree(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other) and type(one) is type(other)


def test_every_task_has_an_oracle_but_the_hunts() -> None:
    assert {id for _, id in TASKS if not id.startswith("hunt-")} == {*VALUES, *RIGHT}


@pytest.mark.parametrize(("name", "id"), COMPUTED, ids=lambda value: value)
def test_what_is_expected_is_what_the_text_says(name: str, id: str) -> None:
    task = task_of(name, id)
    for seed, student in zip(SEEDS, VARIANTS, strict=True):
        facts = own(task, name, student)
        for _, case in cases_of(task, seed, load(name).lab.facts_of(student)):
            told = VALUES[id](*deepcopy(case), *facts)
            assert agree(told, to_wire(task.reference(*deepcopy(case), *facts))), (seed, case, told)


def edited(text: Any, zones: list[str]) -> Iterator[str]:
    """Files that differ from one in the place of a member, in a member, or in a role."""
    nodes = nodes_of(text)
    for k in {0, len(nodes) // 2, len(nodes) - 1}:
        node = nodes[k]
        for zone in zones:
            yield _file([*nodes[:k], {**node, "zone": zone}, *nodes[k + 1 :]])
        yield _file([*nodes[:k], *nodes[k + 1 :]])
        yield _file([{**n, "region": "elsewhere"} if n["zone"] == node["zone"] else n for n in nodes])
        yield _file([*nodes[:k], {**node, "role": "learner"}, *nodes[k + 1 :]])
    yield from (_file(way) for way in evened(nodes))
    yield _file([*nodes, {**nodes[0], "name": "one-more"}])
    yield _file([*nodes, {**nodes[0], "name": "one-more"}, {**nodes[-1], "name": "another"}])
    yield _file(nodes[::-1])


def evened(nodes: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Files with one voter in each zone and the others learners, and with so many of the last zone's members taken out, too."""
    first = {node["zone"]: node["name"] for node in reversed(nodes)}
    one_each = [n if n["name"] in first.values() else {**n, "role": "learner"} for n in nodes]
    yield one_each
    yield [n for n in one_each if n["name"] in first.values() or n["zone"] != nodes[-1]["zone"]]


def _file(nodes: list[dict[str, str]]) -> str:
    return str(yaml.safe_dump({"etcd-cluster": {"nodes": nodes}}))


def answers_like(id: str, got: Any, case: tuple[Any, ...]) -> list[Any]:
    """Right answers and wrong ones to a case for which one right answer is known."""
    if id == "disjoint-quorums":
        members, pair = case[0], a_pair(*case)
        return [
            None,
            pair,
            pair and pair[::-1],
            [members, members],
            [members[:1], members[1:]],
            [[], members],
        ]
    if id == "best-leader":
        return [*case[1]]
    if id == "restore-from":
        return [None, *case[0]]
    if id == "best-spread":
        counts = combinations_with_replacement(range(case[0], -1, -1), case[1])
        return [[*way] for way in counts if sum(way) == case[0]] + [got[::-1]]
    if id == "fastest-layout":
        ways = [way for n in (2, 3, 4) for way in spreads(n, len(case[0])) if n <= case[2]]
        return [dict(zip(case[0], way, strict=True)) for way in ways]
    if id == "timers":
        some = [[b, e] for b in (10, 60, 100, 190, 400) for e in (100, 700, 1000, 1911, 4000, 50_000)]
        around = (
            [[x * got[0], y * got[0]] for x in (0.4, 0.6, 1.4, 1.6) for y in (4, 9, 11, 19, 21)]
            if got
            else []
        )
        return [None, *some, *around]
    return [None, *(edited(got, [*zones_in(id, case), "nowhere"]) if got else [])]


def zones_in(id: str, case: tuple[Any, ...]) -> list[str]:
    """The zones that a case names."""
    if id == "over-regions":
        return [zone for zones in case[0].values() for zone in zones]
    return {"mended": held_in, "third-site": lambda _: [case[-1]], "zone-and-one": list}.get(
        id, lambda _: []
    )(case[0])


@pytest.mark.parametrize(("name", "id"), JUDGED, ids=lambda value: value)
def test_the_judge_of_many_right_answers_says_what_the_text_says(name: str, id: str) -> None:
    task, fault, verdicts = task_of(name, id), resolved(task_of(name, id).fault), set()
    assert fault is not None
    function = solved(name)[task.function]
    for answer in answers_of(task, function, SEEDS[0], facts_of(load(name).lab)):
        facts = own(task, name, "")
        expected = to_wire(task.reference(*deepcopy(answer.case), *facts))
        for got in [answer.got, *answers_like(id, answer.got, answer.case)]:
            right = RIGHT[id](got, *answer.case, *facts)
            assert (fault(expected, to_wire(got), *answer.case) == "") is right, (answer.case, got)
            verdicts.add(right)
        assert RIGHT[id](answer.got, *answer.case, *facts), answer.case
    assert verdicts == {True, False}


@pytest.mark.parametrize(("name", "id"), JUDGED, ids=lambda value: value)
def test_the_solutions_are_right_whatever_is_asked(name: str, id: str) -> None:
    task, facts = task_of(name, id), facts_of(load(name).lab)
    for seed in SEEDS[1:]:
        for answer in answers_of(task, solved(name)[task.function], seed, facts):
            assert RIGHT[id](answer.got, *answer.case, *own(task, name, "")), answer.case
            assert is_right(task, answer.case, answer.got, facts)


def test_no_case_leaves_open_which_of_two_equally_near_members_is_asked() -> None:
    for seed in range(400):
        for _, (voters, rtt, leader, client) in cases_of(task_of("multi-region", "write-ms"), str(seed)):
            here = [region for region, count in voters.items() if count]
            nearest = [r for r in here if rtt[client][r] == min(rtt[client][other] for other in here)]
            assert len({0.0 if r == leader else rtt[r][leader] for r in nearest}) == 1, seed
