"""The judge: every outcome, in words that help, whatever a learner's function does."""

import sys
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from quorumlab.course.exercise import SLOW_S, Misconception, Task, judge, same

DOUBLE = Task(
    id="double",
    parameters=("n",),
    cases=((1,), (2,), (3,)),
    reference=lambda n: 2 * n,
    misconceptions=(
        Misconception("square", lambda n: n * n, "n * n is the square."),
        Misconception("needs two", lambda n: [n, n][n], "The list has only two entries."),
    ),
    hints=("Twice.", "n + n."),
    praise="Twice as much.",
)


TOTAL = Task(
    id="total",
    parameters=("numbers", "weights"),
    cases=(([3, 1, 2], {"a": 1}), ([3, 1, 2], {"a": 1}), ([5], {"a": 2})),
    reference=lambda numbers, weights: sum(numbers) * weights["a"],
    misconceptions=(),
    hints=("Add.",),
    praise="Added.",
)


def ends_once(message):
    """A feedback sentence must end once, and in one full stop."""
    return not message.rstrip().endswith("..")


def test_correct():
    result = judge(DOUBLE, lambda n: n + n)
    assert result
    assert (result.outcome, result.message) == ("correct", "Twice as much.")
    assert result.table.columns == ("n", "expected", "yours", "same?")
    assert result.table.rows == (("1", "2", "2", "✓"), ("2", "4", "4", "✓"), ("3", "6", "6", "✓"))


def test_incorrect_names_input_expected_and_got():
    result = judge(DOUBLE, lambda n: n + 2)
    assert not result
    assert result.outcome == "incorrect"
    assert result.message == "For n = 3 the answer is 6, and yours is 5."
    assert [row[3] for row in result.table.rows] == ["✕", "✓", "✕"]


def test_the_words_of_an_error_stand_once():
    missing = judge(DOUBLE, lambda: 2)
    assert missing.to_text().count("takes 0 positional arguments but 1 was given") == 1
    assert {row[2] for row in missing.table.rows} == {"stopped with TypeError"}
    # An error that the message says nothing of is told where it first comes.
    other = judge(DOUBLE, lambda n: {1: 2}[n] if n != 3 else int("six"))
    assert [row[2] for row in other.table.rows] == [
        "2",
        "stopped with KeyError",
        "stopped with ValueError: invalid literal for int() with base 10: 'six'",
    ]


def test_numbers_beside_each_other_have_no_more_digits_than_they_need():
    third = replace(DOUBLE, reference=lambda n: n / 10, misconceptions=())
    result = judge(third, lambda n: 0.1 * n if n != 2 else 0.2000000009)
    assert [row[1:] for row in result.table.rows] == [
        ("0.1", "0.1", "✓"),
        ("0.2", "0.200000001", "✕"),
        ("0.3", "0.3", "✓"),
    ]
    assert result.message == "For n = 2 the answer is 0.2, and yours is 0.200000001."


def test_a_misconception_is_named_only_when_every_answer_fits_it():
    assert judge(DOUBLE, lambda n: n**2).message.startswith("n * n is the square. For n = 3")
    assert (
        judge(DOUBLE, lambda n: n * n if n < 3 else 7).message == "For n = 3 the answer is 6, and yours is 7."
    )


def test_a_misconception_that_stops_with_an_error_is_recognised_by_it():
    def wrong(n):
        return [n, n][n]

    result = judge(DOUBLE, wrong)
    assert result.message.startswith("The list has only two entries. For n = 2")
    assert judge(DOUBLE, lambda n: n if n < 2 else 1 // 0).message.startswith("For n = 2")


def test_an_untouched_stub_is_not_attempted():
    def stub(n):
        raise NotImplementedError("twice?")

    result = judge(DOUBLE, stub)
    assert not result
    assert result.outcome == "not attempted"
    assert "NotImplementedError" in result.message
    assert result.table is None


@pytest.mark.parametrize("given", [4, None, "double", [1]], ids=repr)
def test_what_is_not_a_function_is_told_so(given):
    result = judge(DOUBLE, given)
    assert result.outcome == "incorrect"
    assert repr(given) in result.message
    assert "without brackets" in result.message


def test_a_function_that_gives_nothing_back_is_told_so():
    assert "end it with return" in judge(DOUBLE, print).message


def test_none_for_some_inputs_is_told():
    assert judge(DOUBLE, lambda n: 2 * n if n < 3 else None).message == (
        "For some inputs your function gives nothing back: one of its ways ends without a return. "
        "For n = 3 the answer is 6, and yours is None."
    )


def test_the_wrong_number_of_parameters_is_told():
    message = judge(DOUBLE, lambda: 2).message
    assert message.startswith(
        "Your function has no parameters, and is called with 1 argument. For n = 2 your function stopped with TypeError"
    )


class WordlessError(Exception):
    def __str__(self):
        raise RuntimeError("no words")


def raising(error):
    def answer(n):
        raise error

    return answer


@pytest.mark.parametrize(
    "error",
    [
        ValueError("bad n"),
        ZeroDivisionError(),
        AssertionError(),
        WordlessError(),
        SystemExit(1),
        GeneratorExit(),
        BaseException("?"),
    ],
    ids=lambda e: type(e).__name__,
)
def test_an_error_is_told_and_stops_nothing(error):
    result = judge(DOUBLE, raising(error))
    assert result.outcome == "incorrect"
    assert result.message.startswith(f"For n = 2 your function stopped with {type(error).__name__}")
    assert result.message.endswith("That was in its line 2, “raise error”.")
    assert ": ." not in result.message
    assert ends_once(result.message)


def test_an_error_that_ends_in_a_full_stop_gets_no_second_one():
    assert "ValueError: Give n. That was in" in judge(DOUBLE, raising(ValueError("Give n."))).message


def test_leaving_by_exit_stops_nothing():
    assert judge(DOUBLE, lambda n: sys.exit("bye")).outcome == "incorrect"


def test_recursion_without_end_is_told():
    def answer(n):
        return answer(n)

    assert "RecursionError" in judge(DOUBLE, answer).message


def test_interrupting_still_interrupts():
    with pytest.raises(KeyboardInterrupt):
        judge(DOUBLE, raising(KeyboardInterrupt()))


def test_errors_after_a_right_answer_name_the_input():
    assert judge(DOUBLE, lambda n: 2 if n == 1 else 1 // 0).message.startswith(
        "For n = 2 your function stopped with"
    )


def test_a_function_that_spoils_its_argument_spoils_nothing_else():
    def greedy(numbers, weights):
        total = 0
        while numbers:
            total += numbers.pop()
        return total * weights.pop("a")

    before = [([*n], {**w}) for n, w in TOTAL.cases]
    result = judge(TOTAL, greedy)
    assert result.outcome == "correct"
    assert result.table.rows[0][:2] == ("[3, 1, 2]", "{'a': 1}")
    assert list(TOTAL.cases) == before
    # The second check sees the same cases, and names the input as it was before the function changed it.
    message = judge(TOTAL, lambda numbers, weights: numbers.clear() or 0).message
    assert message.endswith("For numbers = [3, 1, 2], weights = {'a': 1} the answer is 6, and yours is 0.")
    assert judge(TOTAL, greedy).outcome == "correct"


def test_answers_that_are_the_same_changing_list_are_compared_as_they_were():
    grown = []
    exercise = Task("grow", ("n",), ((1,), (2,)), lambda n: [1, 2][:n], (), ("Grow.",), "Grown.")

    def answer(n):
        grown.append(n)
        return grown

    assert judge(exercise, answer).outcome == "correct"


class Array:
    """Compares entry by entry as an array does, and refuses to say whether that is true."""

    def __eq__(self, other):
        return self

    __hash__ = None

    def __bool__(self):
        raise ValueError("The truth value of an array is ambiguous")

    def __deepcopy__(self, memo):
        raise TypeError("cannot be copied")


class Refusing:
    def __eq__(self, other):
        raise RuntimeError("do not compare me")

    __hash__ = None


class Unspeakable:
    def __repr__(self):
        raise RuntimeError("no name")


@pytest.mark.parametrize(
    "value",
    [Array(), Refusing(), Unspeakable(), 10**6000, np.arange(3), float("nan"), 1j, "4", b"4", ...],
    ids=lambda v: type(v).__name__,
)
def test_odd_answers_are_incorrect_and_shown(value):
    result = judge(DOUBLE, lambda n: value)
    assert result.outcome == "incorrect"
    assert len(result.to_html()) < 3_000
    assert result.to_text()


def test_of_further_inputs_only_the_first_that_is_wrong_is_shown():
    task = replace(DOUBLE, further=lambda: ((n,) for n in range(4, 9)))
    result = judge(task, lambda n: 2 * n if n < 6 else 0)
    assert [row[:3] for row in result.table.rows[3:]] == [("6", "12", "0")]
    assert "For n = 6" in result.message


@pytest.mark.parametrize(("slow_at", "named"), [({4}, False), ({4, 5}, True), (set(), False)])
def test_further_inputs_end_at_the_second_that_is_slow(slow_at, named):
    """The answer squares, but not 6: what it is told of squares is untrue, unless it is too slow to be asked for 6."""
    task = replace(DOUBLE, further=lambda: ((n,) for n in range(4, 9)))

    def answer(n):
        until = time.process_time() + (2 * SLOW_S if n in slow_at else 0)
        while time.process_time() < until:
            pass
        return 0 if n == 6 else n * n

    assert ("n * n is the square." in judge(task, answer).message) is named


def test_a_long_answer_is_cut_short_in_feedback():
    result = judge(DOUBLE, lambda n: "x" * 100_000)
    assert len(result.to_text()) < 1_500
    assert "…" in result.message


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (3, 3), (3, 3.0), (3, np.int64(3)), (0.5, Fraction(1, 2)), (0.5, np.float64(0.5)), (0.1 + 0.2, 0.3),
        (0.3, Fraction(3, 10)), (1.0, 1), (True, True), (False, False), (True, np.True_), ({"a"}, {"a"}), ((1, 2), (1, 2)),
    ],
)  # fmt: skip
def test_agree(expected, got):
    assert same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (3, 4), (3, "3"), (0.3, "0.3"), (0.3, 0.3001), (1, True), (True, 1), (False, 0), (0, False), (1.0, True), (True, 1.0),
        (0.5, 10**400), (0.5, float("nan")), (0.5, None), (3, None), (True, None), (True, "yes"), (True, np.False_),
        (True, np.array([True, True])), ((1, 2), [1, 2]), (0.5, np.array([0.5, 0.5])),
    ],
)  # fmt: skip
def test_differ(expected, got):
    assert not same(expected, got)


def test_bools_and_numbers_are_told_apart_in_a_check():
    whether = Task("big", ("n",), ((0,), (1,)), lambda n: n > 0, (), ("Compare.",), "Compared.")
    assert judge(whether, lambda n: n >= 1)
    message = judge(whether, lambda n: n).message
    assert message.startswith(
        "Answer True or False, as a comparison such as 2 > 1 does; a number is neither."
    )
    assert message.endswith("For n = 0 the answer is False, and yours is 0.")


def wrong(n):
    return -n


def stub(n):
    raise NotImplementedError


# ---------------------------------------------------------------- without answers


@pytest.mark.parametrize(
    ("answer", "outcome", "message"),
    [
        (lambda n: n + n, "correct", "Twice as much."),
        (lambda n: n + 2, "incorrect", "In a case that is not shown your answer is not right."),
        (
            lambda n: n**2,
            "incorrect",
            "n * n is the square. In a case that is not shown your answer is not right.",
        ),
        (
            lambda n: n / 0,
            "incorrect",
            "In a case that is not shown your function stopped with ZeroDivisionError. "
            "That was in its line 1, “lambda n: n / 0,”.",
        ),
        (lambda n: None, "incorrect", "Your function gives nothing back; end it with return and the value."),
    ],
)
def test_answers_can_stay_hidden(answer, outcome, message):
    result = judge(DOUBLE, answer, tell_answers=False)
    assert (result.outcome, result.message, result.table) == (outcome, message, None)


def test_what_a_hidden_case_holds_is_told_by_no_error_either():
    def tells(n):
        raise ValueError(f"n is {n}")

    assert not {"n is 1", "n is 2", "n is 3"} & set(
        judge(DOUBLE, tells, tell_answers=False).to_text().split(". ")
    )
    assert "n is 2" in judge(DOUBLE, tells).to_text()


def test_numpys_truths_and_numbers_are_told_apart_too():
    assert not same(1, np.True_) and not same(np.True_, 1) and not same(True, np.int64(1))
    assert same(True, np.True_) and same(1, np.int64(1))
