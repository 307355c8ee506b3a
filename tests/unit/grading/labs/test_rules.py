"""Thousands of small rules around the references of the labs: no wrong one gets all points, and no reason is given that is not so.

A rule is wrong if it parts from the reference anywhere in a wide domain: what other seeds ask, many of them. Then each of three seeds
must find it out. A rule that answers all that a seed asks as a known misconception does, but not all of the domain, would be told a
reason that is not its own.
"""

import math
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from quorumlab.course.answers import same
from quorumlab.course.calls import outcome
from quorumlab.course.labs.judging_histories import operations
from quorumlab.course.selfcheck import resolved
from quorumlab.course.wire import to_wire
from quorumlab.grading.judging import cases_of
from quorumlab.grading.lab import GradedTask
from quorumlab.topology import Topology
from tests.labs import TASKS, task_of
from tests.unit.grading.labs.rules import NAMES, RULES

SEEDS, ELSEWHERE = ("0", "1", "2"), [f"elsewhere {k}" for k in range(12)]
OWN_LAB = "quorum-math"  # its rules stand with its own tests
MOST = 3_000
OF_THE_ANSWERS = {
    "best-leader": ("nearest to the clients", "where most clients are"),
    "could-read": ("unknown never happens",),
    "best-spread": ("all in one", "as even as can be"),
}
"""Misconceptions whose sentence says something of the answers that were given, and is so wherever they are these."""


def held_by(voters: str, learners: str | None) -> tuple[dict[str, int], dict[str, int]]:
    """Voters by zone, and all members by zone."""
    topology = Topology.of(voters, learners=learners)
    return dict(topology.votes_in("zone")), {zone: len(names) for zone, names in topology.zones.items()}


@dataclass
class Asked:
    """One case: the right answer, and what the known misconceptions answer."""

    task: GradedTask
    case: tuple[Any, ...]

    @cached_property
    def expected(self) -> Any:
        return to_wire(self.task.reference(*deepcopy(self.case)))

    @cached_property
    def known(self) -> list[Any]:
        return [to_wire(outcome(m.wrong, self.case)) for m in self.task.misconceptions]

    def right(self, got: Any) -> bool:
        fault = resolved(self.task.fault)
        return fault(self.expected, got, *self.case) == "" if fault else same(self.expected, got)


def rule(task: GradedTask, text: str) -> Callable[..., Any]:
    # "hours" is a parameter of one task and a piece of another's rules
    parameters = ["hours_" if task.id == "fewest-members" and p == "hours" else p for p in task.parameters]
    made = eval(f"lambda {', '.join(parameters)}: {text}", {**NAMES, "held_by": held_by, "math": math})
    return lambda *case: made(*(operations(value) for value in case))


def asked_of(task: GradedTask, seeds: list[str] | tuple[str, ...]) -> list[list[Asked]]:
    return [[Asked(task, case) for _, case in cases_of(task, seed)] for seed in seeds]


def given(function: Callable[..., Any], asked: Asked) -> Any:
    try:
        return to_wire(function(*asked.case))
    except Exception as error:
        return error


def found_wanting(task: GradedTask, texts: list[str]) -> tuple[list[str], list[str]]:
    """Rules that are wrong and get all points by some seed; those that would be told a reason that is not theirs."""
    seeds = asked_of(task, SEEDS)
    domain = [asked for part in asked_of(task, ELSEWHERE) for asked in part]
    praised, untrue = [], []
    for text in texts:
        function = rule(task, text)
        passed = any(all(asked.right(given(function, asked)) for asked in seed) for seed in seeds)
        if passed and not all(asked.right(given(function, asked)) for asked in domain):
            praised.append(text)
        if not passed:
            untrue += [
                f"{text}: {name}" for name in reasons_that_are_not_so(task, function, seeds[0], domain)
            ]
    return praised, untrue


def reasons_that_are_not_so(
    task: GradedTask, function: Callable[..., Any], seed: list[Asked], domain: list[Asked]
) -> list[str]:
    fit = list(range(len(task.misconceptions)))
    for asked in seed:
        got = given(function, asked)
        fit = [k for k in fit if same(asked.known[k], got)]
        if not fit:
            return []
    told = fit[0]
    if task.misconceptions[told].name in OF_THE_ANSWERS.get(task.id, ()) or all(
        same(asked.known[told], given(function, asked)) for asked in domain
    ):
        return []
    return [task.misconceptions[told].name]


@pytest.mark.parametrize(("name", "id"), [(name, id) for name, id in TASKS if id in RULES], ids=lambda v: v)
@pytest.mark.filterwarnings("ignore")
def test_no_wrong_rule_gets_all_points_and_no_reason_is_untrue(name: str, id: str) -> None:
    task = task_of(name, id)
    texts = list(dict.fromkeys(RULES[id]()))
    step = max(1, len(texts) // MOST)
    praised, untrue = found_wanting(task, texts[::step])
    print(
        f"{id}: {len(texts[::step]):,} rules, {len(praised)} praised though wrong, {len(untrue)} untrue reasons"
    )
    assert len(texts) >= 100
    assert (praised, untrue) == ([], [])


@pytest.mark.parametrize(("name", "id"), [(name, id) for name, id in TASKS if id in RULES], ids=lambda v: v)
def test_a_right_rule_is_among_them(name: str, id: str) -> None:
    task = task_of(name, id)
    (seed,) = asked_of(task, ["0"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        functions = (rule(task, text) for text in dict.fromkeys(RULES[id]()))
        assert any(all(asked.right(given(function, asked)) for asked in seed) for function in functions)


def test_rules_were_made_for_every_task_that_computes() -> None:
    assert set(RULES) == {
        id for name, id in TASKS if name != OWN_LAB and id != "by-hand" and not id.startswith("hunt-")
    }


def test_a_wrong_rule_that_gets_through_would_be_found() -> None:
    task = task_of("odd-sizes", "what-more-buys")
    small = [case for case in task.visible if case[0] < 4]
    from dataclasses import replace

    thin = replace(task, visible=tuple(small), parts=())
    domain = task_of("odd-sizes", "what-more-buys")
    function = rule(thin, "[tol(n + more) - tol(n), q(n + more) - q(n)] if n < 4 else [0, 0]")
    (seed,) = asked_of(thin, ["0"])
    assert all(asked.right(given(function, asked)) for asked in seed)
    assert not all(asked.right(given(function, asked)) for part in asked_of(domain, ["0"]) for asked in part)
