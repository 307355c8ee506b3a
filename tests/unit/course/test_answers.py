"""Answers as plain values: compared by what they are, and never by what they say of themselves."""

import math
import sys
from decimal import Decimal
from fractions import Fraction
from unittest.mock import ANY

import numpy as np
import pytest

from quorumlab.course.answers import LONGEST, Odd, plain, same, shown, told_apart
from quorumlab.course.exercise import Task, judge

DOUBLE = Task(
    "double", ("n",), ((1,), (2,), (3,)), lambda n: 2 * n, (), ("Twice.", "n + n"), "Twice as much."
)


class Everything:
    def __eq__(self, other):
        return True

    __hash__ = None


class Leaves:
    def _leave(self, *_):
        sys.exit("left")

    __eq__ = __repr__ = __str__ = __bool__ = __len__ = __float__ = __index__ = __deepcopy__ = _leave
    __hash__ = None

    @property
    def __class__(self):
        sys.exit("left")


class OwnInt(int):
    def __eq__(self, other):
        return True

    __hash__ = None


class NamelessType(type):
    @property
    def __name__(cls):
        sys.exit("left")


class Nameless(metaclass=NamelessType):
    pass


ODD = {
    "ANY": lambda: ANY, "Everything": Everything, "Leaves": Leaves, "OwnInt": lambda: OwnInt(7), "Nameless": Nameless,
    "array": lambda: np.array([3]), "one number in an array": lambda: np.array(3), "complex": lambda: 1j, "range": lambda: range(3),
    "iterator": lambda: iter([1]), "dots": lambda: ..., "class": lambda: int, "function": lambda: judge,
}  # fmt: skip
"""Made inside the test: not even the test's own machinery may touch some of them."""


@pytest.mark.parametrize("made", ODD)
def test_what_is_no_plain_value_is_never_right_and_is_told_kindly(made):
    value = ODD[made]()
    for given in (lambda: value, lambda: [value], lambda: (1, value), lambda: {"a": value}):
        same_as_two, same_as_itself, kind = same(2, given()), same(value, given()), type(plain(given()))
        assert (same_as_two, same_as_itself, kind is Odd) == (False, False, True)
        result = judge(DOUBLE, lambda n, given=given: given())
        assert result.outcome == "incorrect"
        assert " object; give a plain number. For n = 2 " in result.message
        assert result.to_html() and result.to_text()


@pytest.mark.parametrize("error", ["__str__", "__repr__"])
def test_an_error_that_leaves_when_it_is_shown_ends_nothing(error):
    kind = type("HostileError", (Exception,), {"__str__": Leaves._leave, "__repr__": Leaves._leave})

    def answer(n):
        raise kind

    assert "stopped with HostileError" in judge(DOUBLE, answer).message


def test_what_is_not_a_function_may_be_hostile_too():
    assert "pass its name without brackets" in judge(DOUBLE, Leaves()).message


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (0.9, Decimal("0.9")), (3, Decimal(3)), (3, Fraction(3)), (0.5, np.float32(0.5)), (3, np.longdouble(3)),
        (True, np.bool_(True)), ("a", np.str_("a")), (None, None), ([1, (2.0, "a")], [1, (2.0, "a")]),
        ({1, 2}, frozenset({2, 1})), ({"a": [0.1 + 0.2]}, {"a": [0.3]}),
    ],
)  # fmt: skip
def test_the_same(expected, got):
    assert same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (0.9, Decimal("0.91")), (0.9, Decimal("sNaN")), (1, True), ([1], [True]), ({1}, {True}), ({1}, {1, 2}), ({1, 2}, {1}), ([1, 2], (1, 2)), ([1], [1, 2]),
        ({"a": 1}, {"b": 1}), ("3", 3), (0, None), (0, ""), (False, None), (b"a", "a"),
    ],
)  # fmt: skip
def test_not_the_same(expected, got):
    assert not same(expected, got)


def test_a_list_without_end_or_bottom_is_odd():
    round_and_round: list[object] = []
    round_and_round.append(round_and_round)
    assert type(plain(round_and_round)) is type(plain([0] * (LONGEST + 1))) is Odd
    assert type(plain([[0] * 200] * 200)) is Odd
    assert plain([[0] * 10] * 10) == [[0] * 10] * 10


def test_a_copy_is_taken_so_that_a_later_change_does_not_matter():
    given = [1, [2]]
    taken = plain(given)
    given[1].append(3)
    assert taken == [1, [2]]


def test_what_is_shown_is_short_and_never_raises():
    assert shown("x" * 10**6).endswith("…") and len(shown("x" * 10**6)) < 200
    assert shown(10**6000) == "an object of type int that cannot be shown"
    assert shown(Leaves()) == "an object of type Leaves"
    assert shown(None) == "None"


@pytest.mark.parametrize(
    ("expected", "got", "said"),
    [
        (0.999702, 0.9997020000000002, ("0.999702", "0.999702")),
        (0.3, 0.1 + 0.2, ("0.3", "0.3")),
        (0.9999901494, 0.9997020000000002, ("0.999990149", "0.999702")),
        (0.25, 0.2500000004, ("0.25", "0.2500000004")),
        ([0.1 + 0.2, {"a": (1.0, 1 / 3)}], None, ("[0.3, {'a': (1.0, 0.333333333)}]", "None")),
        (3, 3.0, ("3", "3.0")),
        (12345678.9, 12345678.900000002, ("12345678.9", "12345678.9")),
        ([5e6 / 3], [5e6 / 3 + 1e-6], ("[1666666.67]", "[1666666.67]")),
        (12345678901.0, 12345678901, ("12345678901.0", "12345678901")),
        (12345678.9, 12345679.9, ("12345678.9", "12345679.9")),
        (12345678901.25, 12345678901.25, ("12345678901.25", "12345678901.25")),
        (math.inf, math.nan, ("inf", "nan")),
        (10**400, True, (f"1{'0' * 400}", "True")),
    ],
)
def test_numbers_have_the_digits_that_tell_them_apart(
    expected: object, got: object, said: tuple[str, str]
) -> None:
    assert told_apart(expected, got) == said
