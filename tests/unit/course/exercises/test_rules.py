"""Thousands of small rules around each exercise's reference: no wrong one is praised, and no reason is given that is not so.

A rule that answers the cases as the reference or a known misconception does, but not the exercise's whole domain, is judged; of the
others, one of each kind. A rule that answers all of the domain as they do may be told what they are told. Rules that answer whatever
they are asked alike are one rule in different words, and judged once.
"""

from collections.abc import Callable
from copy import deepcopy
from math import inf
from typing import Any

import pytest

from quorumlab.course import exercise
from quorumlab.course.answers import Stopped
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import Misconception, Task, judge
from quorumlab.course.remarks import Call
from tests.unit.course.exercises import rules, rules_06_to_11

Function = Callable[..., Any]
NAMES = rules.NAMES | rules_06_to_11.NAMES
RULES = {**rules.RULES, **rules_06_to_11.RULES}
DOMAIN = {**rules.DOMAIN, **rules_06_to_11.DOMAIN}
KINDS = 60
"""Kinds of rules that answer no case as a known way does, of which one each is judged."""


def answers(function: Function, cases: list[tuple[Any, ...]]) -> list[Any]:
    """What a function gives for each case, an error by its type. Rules do not change their arguments."""
    given = []
    for case in cases:
        try:
            # Two ways to add up the same chances part in the last digits, which matters where nothing is left.
            got = function(*case)
            given.append(round(got, 12) if type(got) is float else got)
        except Exception as error:
            given.append(Stopped(type(error).__name__))
    return given


def agree(wanted: list[Any], got: list[Any], cases: list[tuple[Any, ...]]) -> bool:
    """Whether answers agree, where a function may refuse the smallest inputs, as the check has it."""
    if wanted == got and list(map(type, wanted)) == list(map(type, got)):  # the same, only quicker
        return True
    calls = map(Call, cases, wanted, got)
    return all(call.right or (type(call.got) is Stopped and call.at_the_edge) for call in calls)


def rule(task: Task, text: str) -> Function:
    made: Function = eval(f"lambda {', '.join(task.parameters)}: {text}", dict(NAMES))
    return made


def found_wanting(task: Task, texts: list[str]) -> tuple[int, list[str], list[str]]:
    """How many rules were looked at; those that are wrong and praised; those that are given a reason that is not theirs."""
    cases, domain = list(task.cases), list(DOMAIN[task.id]())
    known = [task.reference, *(m.wrong for m in task.misconceptions)]
    on_cases = [answers(each, cases) for each in known]
    on_domain = [answers(each, domain) for each in known]
    further = list(task.further())
    judged: set[str] = set()
    behaviours: set[str] = set()
    like: dict[str, list[int]] = {}
    praised, untrue = [], []
    for text in texts:
        function = rule(task, text)
        got = answers(function, cases)
        kind = repr(got)
        if kind not in like:
            like[kind] = [position for position, wanted in enumerate(on_cases) if agree(wanted, got, cases)]
        alike = like[kind]
        if not alike and (kind in judged or len(judged) >= KINDS):
            continue
        everywhere = answers(function, domain) if alike else []
        if alike and all(agree(on_domain[position], everywhere, domain) for position in alike):
            continue  # whatever it is told is so
        behaviour = repr((got, everywhere, answers(function, further))) if alike else kind
        if behaviour in behaviours:
            continue
        behaviours.add(behaviour)
        judged.add(kind)
        result = judge(task, function)
        named = reason(task, result.message)
        if result:
            praised.append(text)
        elif named is not None and (not everywhere or not agree(on_domain[1 + named], everywhere, domain)):
            untrue.append(f"{text}: {task.misconceptions[named].name}")
    return len(texts), praised, untrue


def reason(task: Task, message: str) -> int | None:
    return next((i for i, m in enumerate(task.misconceptions) if message.startswith(m.message)), None)


@pytest.mark.parametrize("id", RULES)
@pytest.mark.filterwarnings("ignore")
def test_no_wrong_rule_is_praised_and_no_reason_is_untrue(id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # All rules are quick, but among so many Python clears up now and then.
    monkeypatch.setattr(exercise, "SLOW_S", inf)
    monkeypatch.setattr(exercise, "FURTHER_S", inf)
    texts = list(dict.fromkeys(RULES[id]()))
    looked_at, praised, untrue = found_wanting(exercises()[id], texts)
    print(
        f"{id}: {looked_at:,} rules, {len(praised)} praised though wrong, {len(untrue)} given an untrue reason"
    )
    assert looked_at > 2_000
    assert (praised, untrue) == ([], [])


@pytest.mark.parametrize("id", RULES)
@pytest.mark.filterwarnings("ignore")
def test_a_right_rule_that_is_not_the_reference_is_right(id: str) -> None:
    task, domain = exercises()[id], list(DOMAIN[id]())
    wanted = answers(task.reference, domain)
    functions = (rule(task, text) for text in RULES[id]())
    right = next(f for f in functions if agree(wanted, answers(f, domain), domain))
    assert judge(task, right).message == task.praise


def test_rules_were_made_for_every_exercise() -> None:
    assert set(RULES) == set(DOMAIN) == set(exercises())


def test_a_wrong_rule_that_passes_and_a_reason_that_does_not_fit_would_be_found() -> None:
    whole = exercises()["side-of-a-cut"]
    thin = Task(
        whole.id, whole.parameters, ((3, 2, 5), (2, 3, 5), (2, 2, 4)), whole.reference,
        (Misconception("never", lambda here, there, n: here > 3 * n, "Never."),), ("Count.",), "Right.",
    )  # fmt: skip
    assert found_wanting(thin, ["here > n / 2", "here > round(n / 2)", "here >= 3"])[1] == [
        "here > round(n / 2)",
        "here >= 3",
    ]
    none_but_one = deepcopy(thin.cases)[1:]
    weak = Task(
        whole.id, whole.parameters, (*none_but_one, (4, 0, 5)), whole.reference,
        (Misconception("all", lambda here, there, n: here == 2, "All but two."),), ("Count.",), "Right.",
    )  # fmt: skip
    assert found_wanting(weak, ["here < 3"])[2] == ["here < 3: all"]
