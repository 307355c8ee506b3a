"""What every exercise of the course must keep to; what is special to one stands in the file of its notebook."""

from copy import deepcopy
from pathlib import Path

import pytest

import quorumlab.course.exercises as folder
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import Misconception, Task, judge
from tools.notebooks import ROOT

ALL = list(exercises().values())
EVERY = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)


def look_alikes(exercise: Task) -> list[tuple[str, str]]:
    """Pairs of wrong ways whose feedback cannot be told apart, and wrong ways that the check takes for right."""
    found = []
    for misconception in exercise.misconceptions:
        result = judge(exercise, misconception.wrong)
        if result.outcome != "incorrect":
            found.append((misconception.name, "the reference"))
        for other in exercise.misconceptions:
            if other is not misconception and result.message.startswith(other.message):
                found.append((misconception.name, other.name))
        if not result.message.startswith(misconception.message):
            found.append((misconception.name, "no misconception"))
    return found


@EVERY
def test_each_misconception_is_recognised_as_itself(exercise):
    assert look_alikes(exercise) == []


def test_look_alikes_would_be_found():
    def made(*wrong):
        kinds = tuple(Misconception(f"{i}", w, f"Message {i}.") for i, w in enumerate(wrong))
        return Task("x", ("n",), ((1,), (2,)), lambda n: n, kinds, ("h",), "p")

    assert look_alikes(made(lambda n: -n, lambda n: n + 1)) == []
    assert ("0", "the reference") in look_alikes(made(lambda n: n * 1))
    assert ("1", "0") in look_alikes(made(lambda n: n + n, lambda n: 2 * n))


@EVERY
def test_the_reference_is_right_and_a_stub_is_not_attempted(exercise):
    def stub(*_):
        raise NotImplementedError

    assert judge(exercise, exercise.reference).outcome == "correct"
    assert judge(exercise, stub).outcome == "not attempted"


@EVERY
def test_cases_have_one_argument_for_each_parameter_and_hints_are_in_tiers(exercise):
    assert all(len(case) == len(exercise.parameters) for case in exercise.cases)
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert exercise.praise
    names = [m.name for m in exercise.misconceptions]
    messages = [m.message for m in exercise.misconceptions]
    assert len(set(names)) == len(names)
    assert len(set(messages)) == len(messages)


@EVERY
def test_checking_leaves_the_cases_as_they_were(exercise):
    def spoil(*arguments):
        for argument in arguments:
            if isinstance(argument, list):
                argument.clear()
        return 0

    before = deepcopy(exercise.cases)
    judge(exercise, spoil)
    assert exercise.cases == before


def test_every_module_beside_the_others_is_found_and_belongs_to_the_notebook_of_its_name():
    modules = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}
    pages = {path.stem[3:].replace("-", "_") for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(folder.found()) == modules <= pages
    assert sum(map(len, folder.found().values())) == len(ALL)


def test_an_id_that_is_used_twice_is_refused(monkeypatch):
    monkeypatch.setattr("quorumlab.course.checks.found", lambda: {"a": (ALL[0],), "b": (ALL[0],)})
    with pytest.raises(ValueError, match=f"id {ALL[0].id!r} of b is used twice; give each exercise its own"):
        exercises.__wrapped__()


@EVERY
def test_a_function_without_an_answer_is_told_why(exercise):
    def stops(*_):
        raise KeyError("quorum")

    nothing, stopped = judge(exercise, lambda *_: None), judge(exercise, stops)
    assert nothing.outcome == stopped.outcome == "incorrect"
    assert "return" in nothing.message
    assert "KeyError" in stopped.message
