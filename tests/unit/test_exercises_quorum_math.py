"""The exercises: what every one of them must keep to, then those of notebook 02 in detail."""

import heapq
import math
from copy import deepcopy
from itertools import combinations

import pytest

from quorumlab.course.checks import Exercise, Misconception, exercises, judge

ALL = list(exercises().values())
EVERY = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.id)


# ---------------------------------------------------------------- every exercise of the course


def look_alikes(exercise: Exercise) -> list[tuple[str, str]]:
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
        return Exercise("x", ("n",), ((1,), (2,)), lambda n: n, kinds, ("h",), "p")

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


def test_ids_are_unique():
    from quorumlab.course.exercises import ALL as LISTED

    assert len({e.id for e in LISTED}) == len(LISTED) == len(ALL)


# ---------------------------------------------------------------- notebook 02

QUORUM, TOLERANCE, COMMIT = (exercises()[id] for id in ("quorum-size", "fault-tolerance", "commit-time"))


def smallest_group_that_always_overlaps(n):
    members = range(n)
    for k in range(1, n + 1):
        groups = list(combinations(members, k))
        if all(set(a) & set(b) for a in groups for b in groups):
            return k
    return None


def crashes_survived(n):
    return max(f for f in range(n) if 2 * (n - f) > n)


def commit_by_heap(acknowledged):
    heapq.heapify(acknowledged)  # changes its argument, as a learner's function may
    for _ in range(len(acknowledged) // 2):
        acknowledged = acknowledged[:]
        heapq.heappop(acknowledged)
    return acknowledged[0]


def commit_by_sorting_in_place(acknowledged):
    acknowledged.sort()
    return acknowledged[len(acknowledged) // 2]


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (QUORUM, smallest_group_that_always_overlaps),
        (QUORUM, lambda n: math.ceil((n + 1) / 2)),
        (QUORUM, lambda n: round(n / 2 + 0.6)),
        (TOLERANCE, crashes_survived),
        (TOLERANCE, lambda n: (n - 1) // 2),
        (COMMIT, commit_by_heap),
        (COMMIT, commit_by_sorting_in_place),
        (COMMIT, lambda acknowledged: min(t for t in acknowledged if 2 * sum(a <= t for a in acknowledged) > len(acknowledged))),
    ],
    ids=lambda x: getattr(x, "id", getattr(x, "__name__", "?")),
)  # fmt: skip
def test_another_right_answer_is_correct(exercise, answer):
    assert judge(exercise, answer).outcome == "correct"


@pytest.mark.parametrize(
    ("exercise", "wrong", "words"),
    [
        (QUORUM, lambda n: n // 2, "n // 2 is half, rounded down"),
        (QUORUM, lambda n: n / 2, "n / 2 is exactly half"),
        (QUORUM, lambda n: (n + 1) // 2, "Half rounded up is right for odd n only"),
        (QUORUM, lambda n: n // 2 + 2, "is not counted a second time"),
        (QUORUM, lambda n: n, "one crash would stop every write"),
        (QUORUM, lambda n: 1 + n / 2, "round the half down first"),
        (QUORUM, lambda n: round(n * 0.5), "Python rounds a half to the even neighbour"),
        (TOLERANCE, lambda n: n // 2, "half is not a majority"),
        (TOLERANCE, lambda n: n * 0.5, "a half is no number of members"),
        (TOLERANCE, lambda n: n - 1, "is no majority of n"),
        (TOLERANCE, lambda n: n // 2 + 1, "That is how many must stay up"),
        (COMMIT, lambda a: max(a), "That is the slowest member"),
        (COMMIT, lambda a: sorted(a)[len(a) // 2 + 1], "one acknowledgement too many"),
        (
            COMMIT,
            lambda a: sum(sorted(a)[(len(a) - 1) // 2 : len(a) // 2 + 1]) / (2 - len(a) % 2),
            "The median is right",
        ),
        (COMMIT, lambda a: a[len(a) // 2], "sort the times first"),
        (COMMIT, lambda a: sorted(a)[len(a) // 2 - 1], "one short of a majority"),
    ],
)
def test_misconceptions_as_a_learner_writes_them(exercise, wrong, words):
    result = judge(exercise, wrong)
    assert result.outcome == "incorrect"
    assert words in result.message


def test_every_misconception_of_notebook_02_was_tried_above():
    assert [len(e.misconceptions) for e in (QUORUM, TOLERANCE, COMMIT)] == [7, 4, 5]


@pytest.mark.parametrize("exercise", [QUORUM, TOLERANCE, COMMIT], ids=lambda e: e.id)
def test_a_wrong_answer_nobody_expected_gets_the_first_difference(exercise):
    message = judge(exercise, lambda x: -1).message
    assert message.startswith(f"For {exercise.parameters[0]} = ")
    assert message.endswith("and yours is -1.")
