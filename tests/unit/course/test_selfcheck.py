"""``check("task")`` in a lab: the visible cases, from the data beside the notebook, and nothing beyond them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import quorumlab as ql
from quorumlab.course.exercise import Task, judge
from quorumlab.course.selfcheck import VISIBLE, checked

DOUBLE: dict[str, Any] = {
    "id": "double", "title": "Twice", "function": "double", "points": 2, "parameters": ["n"], "cases": [[1], [2], [5]],
    "expected": [2, 4, 10], "misconceptions": [{"name": "square", "message": "That is the square.", "answers": [1, 4, 25]}],
    "hints": ["n and n"], "praise": "Twice as many.", "call": "", "fault": "",
}  # fmt: skip
WHEN: dict[str, Any] = {  # the second of two times, or None
    **DOUBLE, "id": "when", "function": "when", "parameters": ["times"], "cases": [[[2, 9]], [[2, None]], [[2, 3]], [[4, 7]]],
    "expected": [9, None, 3, 7], "misconceptions": [],
}  # fmt: skip
PAIR = {
    **DOUBLE, "id": "pair", "function": "pair", "parameters": ["members", "quorums"], "cases": [[["a", "b"], [["a"], ["b"]]], [["a"], [["a"]]]],
    "expected": [True, False], "misconceptions": [], "call": "quorumlab.course.labs.quorum_math:with_rule_of",
    "fault": "quorumlab.course.labs.quorum_math:pair_fault",
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / VISIBLE).write_text(json.dumps({"lab": "sums", "tasks": {"double": DOUBLE, "pair": PAIR}}))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def asked(task: str, **names: Any) -> Any:
    """What ``check`` says in a notebook that has defined these names."""
    return eval("check(task)", {"check": ql.lab("sums"), "task": task, **names})


def test_a_right_answer_is_praised_and_the_points_are_left_open(here: Path) -> None:
    result = asked("double", double=lambda n: n + n)
    assert result and result.message == (
        "Twice as many. Points are given when the lab is graded, on cases that are not shown. Since this notebook was started, 1 of "
        "this lab's 2 checks came out right."
    )


def test_how_many_checks_came_out_right_is_counted_as_it_stands_now(here: Path) -> None:
    def so_far(task: str, **names: Any) -> str:
        return str(eval("check(task)", {"check": check, "task": task, **names}).message).partition(
            " Since this notebook was started,"
        )[2]

    check = ql.lab("sums")
    assert so_far("double", double=abs) == " 0 of this lab's 2 checks came out right."
    assert so_far("double", double=lambda n: n + n) == " 1 of this lab's 2 checks came out right."
    assert so_far("double", double=lambda n: 2 * n) == " 1 of this lab's 2 checks came out right."
    rule = {"pair": lambda members, rule: ({"a"}, {"b"}) if len(members) == 2 else None}
    assert so_far("pair", **rule) == " 2 of this lab's 2 checks came out right."
    assert so_far("double") == " 1 of this lab's 2 checks came out right."


@pytest.mark.parametrize(
    ("double", "outcome", "said"),
    [
        (lambda n: n * n, "incorrect", "That is the square. For n = 5 the answer is 10, and yours is 25."),
        (lambda n: {n}, "incorrect", "Your function gives a set object; give a plain number."),
        (lambda n: 7, "incorrect", "Your function gives 7 for every input"),
        (lambda n: 1 / 0, "incorrect", "your function stopped with ZeroDivisionError"),
        (5, "incorrect", "double is no longer a function"),
        (..., "incorrect", "double is no longer a function"),
    ],
)
def test_a_wrong_one_is_explained(here: Path, double: object, outcome: str, said: str) -> None:
    result = asked("double", double=double)
    assert result.outcome == outcome and said in result.message
    assert not result


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (lambda times: max(t or float("inf") for t in times), "Your function gives a float that is not finite; give None."),
        (lambda times: [t for t in times if t][-1:], "Your function gives a list where a plain number is asked for"),
        (lambda times: times if None in times else max(times), "For times = [2, None] the answer is None, and yours is [2, None]."),
        (lambda times: "None" if None in times else max(times), "For times = [2, None] the answer is None, and yours is 'None'."),
        (lambda times: None not in times and max(times), "For times = [2, None] the answer is None, and yours is False."),
    ],
)  # fmt: skip
def test_where_none_is_asked_for_it_is_called_so(when: Callable[..., Any], said: str) -> None:
    assert checked(WHEN, when).message.startswith(said)


def test_an_input_is_called_the_smallest_only_if_it_is() -> None:
    sums = {
        **DOUBLE,
        "parameters": ["a", "b"],
        "cases": [[0, 0], [1, 0], [0, 1], [1, 1], [2, 0]],
        "misconceptions": [],
    }
    sums["expected"] = [a + b for a, b in sums["cases"]]
    assert checked(sums, max).message.startswith("For a = 1, b = 1 the answer is 2, and yours is 1.")
    both = checked(sums, lambda a, b: a + b if a else b + (b == 0))
    assert both.message.startswith(
        "All is right but for the smallest input; go through it by hand. For a = 0, b = 0"
    )


def test_a_stub_and_a_missing_function_are_not_attempted(here: Path) -> None:
    def stub(n: int) -> int:
        raise NotImplementedError

    result = asked("double", double=stub)
    assert result.outcome == "not attempted" and "Points are given" not in result.message
    missing = asked("double")
    assert missing.outcome == "not attempted" and "There is no double yet" in missing.message


def test_where_many_answers_are_right_the_fault_is_said_and_no_answer_shown(here: Path) -> None:
    assert asked("pair", pair=lambda members, rule: ({"a"}, {"b"}) if len(members) == 2 else None)
    wrong = asked("pair", pair=lambda members, rule: None)
    assert "there is a pair, and yours gives None." in wrong.message and "True" not in wrong.to_text()
    assert "share a member" in asked("pair", pair=lambda members, rule: (members, members)).message


def test_text_may_be_the_answer_itself() -> None:
    known = {**DOUBLE, "parameters": [], "cases": [[]], "expected": ["yes"], "misconceptions": []}
    assert checked(known, "yes")
    assert checked(known, ...).outcome == "not attempted"
    assert "the answer is 'yes', and yours is 'no'" in checked(known, "no").message


def test_the_data_is_found_above_too_and_of_this_lab_only(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = here / "labs" / "sums"
    place.mkdir(parents=True)
    (here / VISIBLE).rename(place / VISIBLE)
    (here / "solutions" / "sums").mkdir(parents=True)
    monkeypatch.chdir(here / "solutions" / "sums")
    assert asked("double", double=lambda n: 2 * n)
    (here / "solutions" / "sums" / VISIBLE).write_text('{"lab": "another", "tasks": {}}')
    assert asked("double", double=lambda n: 2 * n)
    (place / VISIBLE).unlink()
    assert "There is no visible.json of the lab 'sums' here" in asked("double", double=abs).message


def test_an_unknown_task_is_said_in_a_sentence(here: Path) -> None:
    with pytest.raises(
        ValueError, match=r"^The lab 'sums' has no task 'treble' with a check; its tasks are double, pair\.$"
    ):
        asked("treble")


@pytest.mark.parametrize("task", [[], {}, {"double"}, None, 2, float("nan"), b"double"])
def test_what_is_no_text_is_no_task_either(here: Path, task: Any) -> None:
    with pytest.raises(ValueError, match=r"^The lab 'sums' has no task .* its tasks are double, pair\.$"):
        asked(task)


def judged(fault: Callable[..., str], answer: Callable[..., Any], *, tell: bool = True) -> str:
    task = Task("t", ("n",), ((1,), (2,)), lambda n: "secret", (), (), "Fine.", fault=fault)
    return judge(task, answer, tell_answers=tell, seconds=0.3).message


def test_judging_an_answer_by_its_faults() -> None:
    def fault(expected: str, got: Any, n: int) -> str:
        if got == "loop":
            while True:
                pass
        return "" if got["n"] == n else "it is not n."

    assert judged(fault, lambda n: {"n": n}) == "Fine."
    assert judged(fault, lambda n: {"n": 7}) == "For n = 2, it is not n."
    assert judged(fault, lambda n: {"n": 7}, tell=False) == "In a case that is not shown, it is not n."
    assert "has a form that cannot be judged (stopped with TypeError" in judged(fault, lambda n: 3)
    assert "cannot be judged (not back after 0.3 s)" in judged(fault, lambda n: "loop")
    assert "gives an object of type object" in judged(fault, lambda n: object())
    for answer in (lambda n: 3, lambda n: "loop", lambda n: object(), lambda n: {"n": 7}, lambda n: 1 / 0):
        assert "secret" not in judged(fault, answer)
