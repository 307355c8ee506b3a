"""Thousands of small rules around the references of the labs: no wrong one gets all points, and no reason is given that is not so.

A rule is wrong if it parts from the reference anywhere in a wide domain: what other seeds ask, many of them. Then each of three seeds
must find it out. A rule that answers all that a seed asks as a known misconception does, but not all of the domain, would be told a
reason that is not its own.
"""

import math
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
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


@dataclass(eq=False)
class Asked:
    """One case: the right answer, what the known misconceptions answer, and which answers were found right or wrong."""

    task: GradedTask
    case: tuple[Any, ...]
    verdicts: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def expected(self) -> Any:
        return to_wire(self.task.reference(*deepcopy(self.case)))

    @cached_property
    def known(self) -> list[Any]:
        return [to_wire(outcome(m.wrong, self.case)) for m in self.task.misconceptions]

    def right(self, got: Any) -> bool:
        fault = resolved(self.task.fault)
        if not fault:
            return same(self.expected, got)
        told = repr(got)  # a judge takes long, and thousands of rules give few answers
        if told not in self.verdicts:
            self.verdicts[told] = fault(self.expected, got, *self.case) == ""
        return self.verdicts[told]


def rule(task: GradedTask, text: str) -> Callable[..., Any]:
    # "hours" is a parameter of one task and a piece of another's rules
    parameters = ["hours_" if task.id == "fewest-members" and p == "hours" else p for p in task.parameters]
    made = eval(f"lambda {', '.join(parameters)}: {text}", {**NAMES, "held_by": held_by, "math": math})
    return lambda *case: made(*(operations(value) for value in case))


def asked_of(task: GradedTask, seeds: list[str] | tuple[str, ...]) -> list[list[Asked]]:
    """The different cases of each seed; a case that several ask is the same object in each."""
    every: dict[str, Asked] = {}
    named = [{repr(case): case for _, case in cases_of(task, seed)} for seed in seeds]
    return [[every.setdefault(name, Asked(task, case)) for name, case in seed.items()] for seed in named]


def given(function: Callable[..., Any], asked: Asked) -> Any:
    try:
        return to_wire(function(*asked.case))
    except Exception as error:
        return error


class Answers(dict[Asked, Any]):
    """What a rule answers, asked once for each case."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __missing__(self, asked: Asked) -> Any:
        self[asked] = given(self.function, asked)
        return self[asked]


def found_wanting(task: GradedTask, texts: list[str]) -> tuple[list[str], list[str]]:
    """Rules that are wrong and get all points by some seed; those that would be told a reason that is not theirs."""
    every = asked_of(task, [*SEEDS, *ELSEWHERE])
    seeds, domain = every[: len(SEEDS)], list(dict.fromkeys(chain(*every[len(SEEDS) :])))
    praised, untrue = [], []
    for text in texts:
        answers = Answers(rule(task, text))
        passed = any(all(asked.right(answers[asked]) for asked in seed) for seed in seeds)
        if passed and not all(asked.right(answers[asked]) for asked in domain):
            praised.append(text)
        if not passed:
            untrue += [f"{text}: {name}" for name in reasons_that_are_not_so(task, answers, seeds[0], domain)]
    return praised, untrue


def reasons_that_are_not_so(
    task: GradedTask, answers: Answers, seed: list[Asked], domain: list[Asked]
) -> list[str]:
    fit = list(range(len(task.misconceptions)))
    for asked in seed:
        fit = [k for k in fit if same(asked.known[k], answers[asked])]
        if not fit:
            return []
    told = fit[0]
    if task.misconceptions[told].name in OF_THE_ANSWERS.get(task.id, ()) or all(
        same(asked.known[told], answers[asked]) for asked in domain
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
