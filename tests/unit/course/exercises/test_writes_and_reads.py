"""The commit rule of notebook 04: right in other words, wrong in the known ways, and against a brute-force reading of Raft."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.course.checks import exercises
from quorumlab.course.exercise import judge
from quorumlab.course.exercises.writes_and_reads import commit_index

COMMIT_INDEX = exercises()["commit-index"]


def by_quorums(match_index, log_terms, current_term):
    """The highest entry of the current term that some majority has in full."""
    n = len(match_index)
    majorities = list(combinations(match_index, n // 2 + 1))
    return max(
        (
            number
            for number, term in enumerate(log_terms, 1)
            if term == current_term and any(min(group) >= number for group in majorities)
        ),
        default=0,
    )


def by_counting_down(match_index, log_terms, current_term):
    for number in range(len(log_terms), 0, -1):
        copies = len([m for m in match_index if m >= number])
        if 2 * copies > len(match_index) and log_terms[number - 1] == current_term:
            return number
    return 0


@st.composite
def leaders(draw: st.DrawFn) -> tuple[list[int], list[int], int]:
    """What a leader may know: terms that never fall, none above its own, and members that have a part of its log."""
    terms = sorted(draw(st.lists(st.integers(1, 4), min_size=1, max_size=8)))
    current = draw(st.integers(terms[-1], 5))
    others = draw(st.lists(st.integers(0, len(terms)), max_size=6))
    return [len(terms), *others], terms, current


@given(leaders())
def test_the_reference_is_the_rule_of_the_paper(leader: tuple[list[int], list[int], int]) -> None:
    assert commit_index(*leader) == by_quorums(*leader)


@pytest.mark.parametrize("answer", [commit_index, by_quorums, by_counting_down])
def test_right_answers_are_correct(answer) -> None:
    assert judge(COMMIT_INDEX, answer).outcome == "correct"


def test_a_stub_is_not_attempted() -> None:
    def my_commit_index(match_index, log_terms, current_term):
        raise NotImplementedError("which entry?")

    assert judge(COMMIT_INDEX, my_commit_index).outcome == "not attempted"


def checked(index, terms, current):
    return index if index and terms[index - 1] == current else 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda m, t, c: max(m), "the member furthest ahead"),
        (lambda m, t, c: checked(max(m), t, c), "one copy is no quorum"),
        (lambda m, t, c: min(m), "the member furthest behind"),
        (lambda m, t, c: checked(min(m), t, c), "waits for the slowest member"),
        (lambda m, t, c: sum(m) // len(m), "An average counts nobody"),
        (lambda m, t, c: sorted(m)[(len(m) - 1) // 2], "look at the term of that entry"),
        (lambda m, t, c: checked(sorted(m)[-max(1, len(m) // 2)], t, c), "do not add it again"),
        (
            lambda m, t, c: max(
                (
                    i
                    for i in range(1, len(t) + 1)
                    if t[i - 1] == c and 1 + sum(x >= i for x in m) > len(m) / 2
                ),
                default=0,
            ),
            "do not add it again",
        ),
        (lambda m, t, c: sorted(m)[-max(1, len(m) // 2)], "Two things: n // 2 members"),
        (lambda m, t, c: sorted(m)[len(m) // 2], "Two things: for even n"),
        (lambda m, t, c: checked(sorted(m)[len(m) // 2], t, c), "what only half of the members have"),
        (lambda m, t, c: checked(sorted(m, reverse=True)[len(m) // 2 + 1], t, c), "one member too many"),
        (lambda m, t, c: checked(m[len(m) // 2], t, c), "The members stand in no order"),
        (
            lambda m, t, c: max(
                (
                    i
                    for i in range(1, len(t) + 1)
                    if t[i - 1] == c and 2 * sum(x >= i for x in m[1:]) > len(m)
                ),
                default=0,
            ),
            "The leader counts too",
        ),
        (
            lambda m, t, c: (i := sorted(m)[(len(m) - 1) // 2]) and (t[i - 1] in (c, c - 1)) * i,
            "of the term before is of an earlier term too",
        ),
        (
            lambda m, t, c: (i := sorted(m)[(len(m) - 1) // 2]) * (t[i] == c),
            "the term of entry i is log_terms[i - 1]",
        ),
    ],
)
def test_misconceptions_as_a_learner_writes_them(wrong, words) -> None:
    result = judge(COMMIT_INDEX, wrong)
    assert result.outcome == "incorrect"
    assert words in result.message


def test_every_misconception_was_tried_above() -> None:
    assert len(COMMIT_INDEX.misconceptions) == 15


def test_answers_that_nobody_expected() -> None:
    assert judge(COMMIT_INDEX, lambda m, t, c: None).message.startswith("Your function gives nothing back")
    assert judge(COMMIT_INDEX, lambda m, t, c: -1).message.startswith(
        "Your function gives -1 for every input"
    )
    stopped = judge(COMMIT_INDEX, lambda m, t, c: m / 0)
    assert stopped.outcome == "incorrect" and "TypeError" in stopped.message
