"""Thousands of small rules around each exercise's reference: no wrong one is praised, and no reason is given that is not so.

Rules that answer the cases alike are judged once, save those that answer them as the reference or a known misconception does: of
these each is judged, and then looked at on the exercise's whole domain.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from quorumlab.course.answers import Stopped
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import Misconception, Task, judge
from quorumlab.course.remarks import Call
from tests.unit.course.exercises.rules import DOMAIN, NAMES, RULES

Function = Callable[..., Any]


def answers(function: Function, cases: list[tuple[Any, ...]]) -> list[Any]:
    """What a function gives for each case, an error by its type. Rules do not change their arguments."""
    given = []
    for case in cases:
        try:
            given.append(function(*case))
        except Exception as error:
            given.append(Stopped(type(error).__name__))
    return given


def agree(wanted: list[Any], got: list[Any], cases: list[tuple[Any, ...]]) -> bool:
    """Whether answers agree, where a function may refuse the smallest inputs, as the check has it."""
    calls = map(Call, cases, wanted, got)
    return all(call.right or (type(call.got) is Stopped and call.at_the_edge) for call in calls)


def rule(task: Task, text: str) -> Function:
    made: Function = eval(f"lambda {', '.join(task.parameters)}: {text}", dict(NAMES))
    return made


def found_wanting(task: Task, texts: list[str]) -> tuple[int, list[str], list[str]]:
    """How many rules were looked at; those that are wrong and praised; those that are given a reason that is not theirs."""
    cases, domain = list(task.cases), list(DOMAIN[task.id]())
    wanted = answers(task.reference, cases)
    known = [answers(m.wrong, cases) for m in task.misconceptions]
    right_everywhere = answers(task.reference, domain)
    everywhere = {m.name: answers(m.wrong, domain) for m in task.misconceptions}
    judged: set[str] = set()
    praised, untrue = [], []
    for text in texts:
        function = rule(task, text)
        got = answers(function, cases)
        key = repr(got)
        if not any(agree(each, got, cases) for each in (wanted, *known)):
            if key in judged:
                continue
            judged.add(key)
        result = judge(task, function)
        named = reason(task, result.message)
        if result:
            if not agree(right_everywhere, answers(function, domain), domain):
                praised.append(text)
        elif named and not agree(everywhere[named.name], answers(function, domain), domain):
            untrue.append(f"{text}: {named.name}")
    return len(texts), praised, untrue


def reason(task: Task, message: str) -> Misconception | None:
    return next((m for m in task.misconceptions if message.startswith(m.message)), None)


@pytest.mark.parametrize("id", RULES)
@pytest.mark.filterwarnings("ignore")
def test_no_wrong_rule_is_praised_and_no_reason_is_untrue(id: str) -> None:
    texts = list(dict.fromkeys(RULES[id]()))
    looked_at, praised, untrue = found_wanting(exercises()[id], texts)
    print(f"{id}: {looked_at:,} rules, {len(praised)} praised though wrong, {len(untrue)} given an untrue reason")
    assert looked_at > 2_000
    assert (praised, untrue) == ([], [])


def test_rules_were_made_for_every_exercise() -> None:
    assert set(RULES) == set(DOMAIN) == set(exercises())


def test_a_wrong_rule_that_passes_and_a_reason_that_does_not_fit_would_be_found() -> None:
    whole = exercises()["side-of-a-cut"]
    thin = Task(
        whole.id, whole.parameters, ((3, 2, 5), (2, 3, 5), (2, 2, 4)), whole.reference,
        (Misconception("never", lambda here, there, n: here > 3 * n, "Never."),), ("Count.",), "Right.",
    )  # fmt: skip
    assert found_wanting(thin, ["here > n / 2", "here > round(n / 2)", "here >= 3"])[1] == ["here >= 3"]
    none_but_one = deepcopy(thin.cases)[1:]
    weak = Task(
        whole.id, whole.parameters, (*none_but_one, (4, 0, 5)), whole.reference,
        (Misconception("all", lambda here, there, n: here == 2, "All but two."),), ("Count.",), "Right.",
    )  # fmt: skip
    assert found_wanting(weak, ["here < 3"])[2] == ["here < 3: all"]
