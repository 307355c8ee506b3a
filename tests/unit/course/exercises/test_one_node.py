"""The exercises of notebook 01: right answers by other ways, each known wrong one, and functions that are no answer."""

from itertools import product
from math import comb, prod

import pytest

from quorumlab.course.checks import exercises
from quorumlab.course.exercise import judge

ANY_ONE = exercises()["any-one-enough"]
MAJORITY = exercises()["majority-availability"]
BOTH = (ANY_ONE, MAJORITY)


def any_one_by_listing(n, p):
    return sum(
        prod(p if up else 1 - p for up in state) for state in product((True, False), repeat=n) if any(state)
    )


def any_one_by_complement(n, p):
    return 1 - (1 - p) ** n


def majority_by_listing(n, p):
    states = product((True, False), repeat=n)
    return sum(prod(p if up else 1 - p for up in state) for state in states if 2 * sum(state) > n)


def majority_by_counting(n, p):
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n // 2 + 1, n + 1))


def majority_member_by_member(n, p):
    chances = [1.0]
    for _ in range(n):
        chances = [a * (1 - p) + b * p for a, b in zip([*chances, 0.0], [0.0, *chances], strict=True)]
    return sum(chances[n // 2 + 1 :])


def untouched(n, p):
    raise NotImplementedError("how likely?")


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.id)
def test_the_untouched_stub_is_not_attempted(exercise):
    result = judge(exercise, untouched)
    assert result.outcome == "not attempted"
    assert result.table is None


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (ANY_ONE, ANY_ONE.reference),
        (ANY_ONE, any_one_by_listing),
        (ANY_ONE, any_one_by_complement),
        (MAJORITY, MAJORITY.reference),
        (MAJORITY, majority_by_listing),
        (MAJORITY, majority_by_counting),
        (MAJORITY, majority_member_by_member),
    ],
)
def test_every_right_way_is_correct(exercise, answer):
    result = judge(exercise, answer)
    assert result.outcome == "correct"
    assert result.message == exercise.praise


def first_state_only(n, p):
    for state in product([True, False], repeat=n):
        if 2 * sum(state) > n:
            return p ** sum(state) * (1 - p) ** (n - sum(state))
    return None


# Written out here by hand, not taken from the exercise, so that a slip in its own functions shows.
WRONG = [
    (ANY_ONE, lambda n, p: p**n, "p**n is the chance that all n are up at once"),
    (
        ANY_ONE,
        lambda n, p: p * n,
        "In a sum of the chances, the times when two are up count double, so the sum can exceed 1",
    ),
    (ANY_ONE, lambda n, p: min(p * n, 1.0), "cutting the sum off at 1 hides that"),
    (ANY_ONE, lambda n, p: 1 - p**n, "the chance that at least one is down"),
    (ANY_ONE, lambda n, p: (1 - p) ** n, "the chance that all are down"),
    (ANY_ONE, lambda n, p: n * p * (1 - p) ** (n - 1), "exactly one up; two or more up are enough too"),
    (ANY_ONE, lambda n, p: 1 - (1 - p) ^ n, "If you wrote ^, write **"),
    (MAJORITY, lambda n, p: p**n, "the chance that everyone is up, and a majority is enough"),
    (MAJORITY, first_state_only, "see that it does not return in its first round"),
    (MAJORITY, lambda n, p: p ** (n // 2 + 1), "there are other members that can make up a majority"),
    (
        MAJORITY,
        lambda n, p: sum(
            p ** sum(s) * (1 - p) ** (3 - sum(s)) for s in product((0, 1), repeat=n) if 2 * sum(s) > n
        ),
        "Is there a 3 where n belongs?",
    ),
    (MAJORITY, lambda n, p: 1 - (1 - p) ** n, "the chance that anyone is up"),
    (MAJORITY, lambda n, p: listed(n, p, lambda up: up == n // 2 + 1), "miss those with more"),
    (MAJORITY, lambda n, p: listed(n, p, lambda up: up > n // 2 + 1), "one more than a quorum"),
    (MAJORITY, lambda n, p: listed(n, p, lambda up: up >= n // 2), "You let n // 2 members decide"),
    (MAJORITY, lambda n, p: listed(n, p, lambda up: 2 * up >= n), "for even n it lets exactly half decide"),
    (
        MAJORITY,
        lambda n, p: sum(2 * sum(s) > n for s in product((0, 1), repeat=n)) / 2**n,
        "You count each state the same",
    ),
    (
        MAJORITY,
        lambda n, p: sum(p**k * (1 - p) ** (n - k) for k in range(n + 1) if 2 * k > n),
        "one state for each number of members up",
    ),
    (
        MAJORITY,
        lambda n, p: sum(p ** sum(s) for s in product((0, 1), repeat=n) if 2 * sum(s) > n),
        "forget 1 - p for each that is down",
    ),
    (MAJORITY, lambda n, p: listed(n, p, lambda up: 2 * up <= n), "the chance that writes stop"),
    (MAJORITY, lambda n, p: p, "the availability of one member, whatever n is"),
]


def listed(n, p, enough):
    return sum(p ** sum(s) * (1 - p) ** (n - sum(s)) for s in product((0, 1), repeat=n) if enough(sum(s)))


@pytest.mark.parametrize(("exercise", "wrong", "words"), WRONG)
def test_each_known_misconception_is_named(exercise, wrong, words):
    result = judge(exercise, wrong)
    assert result.outcome == "incorrect"
    assert words in result.message
    assert "the answer is" in result.message or "stopped with TypeError" in result.message


def test_the_list_above_has_every_misconception():
    for exercise in BOTH:
        named = {
            m.name
            for m in exercise.misconceptions
            for e, w, words in WRONG
            if e is exercise and words in m.message
        }
        assert named == {m.name for m in exercise.misconceptions}


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.id)
def test_an_unknown_mistake_is_shown_by_its_first_difference(exercise):
    result = judge(exercise, lambda n, p: 0.123)
    assert result.outcome == "incorrect"
    assert result.message.startswith(
        "Your function gives 0.123 for every input that was tried. For n = 2, p = 0.9 the answer is "
    )
    assert result.message.endswith("and yours is 0.123.")


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.id)
def test_a_function_that_gives_nothing_back(exercise):
    assert judge(exercise, lambda n, p: None).message.startswith("Your function gives nothing back")


@pytest.mark.parametrize("exercise", BOTH, ids=lambda e: e.id)
def test_a_function_that_raises(exercise):
    result = judge(exercise, lambda n, p: 1 / 0)
    assert result.outcome == "incorrect"
    assert "n = 2, p = 0.9 your function stopped with ZeroDivisionError" in result.message
