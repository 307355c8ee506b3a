"""The exercises of notebook 02: right answers by other ways, and each known wrong one."""

import heapq
import math
from itertools import combinations

import pytest

import quorumlab as ql
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import judge

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
        (QUORUM, lambda n: n * 2 // 3 + 1, "where members may lie"),
        (QUORUM, lambda n: 2 * n // 3, "only half of four members"),
        (QUORUM, lambda n: int(n * 2 / 3), "and more of nine than need be"),
        (QUORUM, lambda n: round(2 * n / 3), "one of two members and five of seven"),
        (QUORUM, lambda n: math.ceil(2 * n / 3), "are four of five members"),
        (QUORUM, lambda n: 2 * n / 3, "are not always a whole number"),
        (QUORUM, lambda n: n, "one crash would stop every write"),
        (QUORUM, lambda n: 1 + n / 2, "round the half down first"),
        (QUORUM, lambda n: round(n * 0.5), "Python rounds a half to the even neighbour"),
        (QUORUM, lambda n: (n + 1) / 2, "for even n it is not whole"),
        (QUORUM, lambda n: n - 1, "lets one member crash, however many there are"),
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
        (COMMIT, lambda a: sorted(a)[ql.quorum_size(5) - 1], "right for five members"),
        (COMMIT, lambda a: a.sort()[ql.quorum_size(len(a)) - 1], "take sorted(acknowledged)"),
        (COMMIT, lambda a: a[len(a) // 2], "sort the times first"),
        (COMMIT, lambda a: sorted(a)[len(a) // 2 - 1], "one short of a majority"),
        (COMMIT, lambda a: max(a[0], sorted(a)[len(a) // 2]), "with the leader in it or without"),
        (
            COMMIT,
            lambda a: max([a[0], *sorted(a[1:])[: len(a) // 2]]),
            "waits for the first time in the list as well",
        ),
    ],
)
def test_misconceptions_as_a_learner_writes_them(exercise, wrong, words):
    result = judge(exercise, wrong)
    assert result.outcome == "incorrect"
    assert words in result.message


def test_every_misconception_of_notebook_02_was_tried_above():
    assert [len(e.misconceptions) for e in (QUORUM, TOLERANCE, COMMIT)] == [14, 4, 7]


@pytest.mark.parametrize("exercise", [QUORUM, TOLERANCE, COMMIT], ids=lambda e: e.id)
def test_a_wrong_answer_nobody_expected_gets_the_first_difference(exercise):
    message = judge(exercise, lambda x: -1).message
    assert message.startswith("Your function gives -1 for every input that was tried. For ")
    assert f"For {exercise.parameters[0]} = " in message
    assert message.endswith("and yours is -1.")
