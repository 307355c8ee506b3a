"""What a learner's function gave, as a plain value: compared by what it is, and never by what it says of itself.

Only the types of plain Python count, and numpy's scalars as the numbers they are. Anything else is an ``Odd``: no method of it is
ever called, so that nothing it says of itself (``__eq__``, ``__repr__``, ``__class__``) decides or ends anything.
"""

import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

NUMBERS = (int, float, Fraction, Decimal)
SETS = (set, frozenset)
LONGEST = 10_000
"""Entries of a list, and of all lists in it, that are looked at; who gives more gives an ``Odd``."""
DEEPEST = 20
DIGITS = 9
"""Digits of a number that are compared, and shown: further ones are mostly what binary arithmetic leaves over."""
ALL_DIGITS = 17
"""Digits that tell any two floats apart."""
LARGE = 1e6
"""Floats from here on are shown with all their digits."""
LONGEST_SHOWN = 120
"""Characters of an answer that feedback shows; a longer one is cut."""
_NAME_OF_TYPE = type.__dict__["__name__"]
"""Asked by this, the name of a class is the one it was given, whatever its metaclass says."""


@dataclass(frozen=True)
class Odd:
    """An answer that is no plain value: only the name of its type is known."""

    kind: str

    @property
    def in_words(self) -> str:
        """The kind as a noun; a plain value that cannot be used has its reason in it already."""
        return self.kind if " that is " in self.kind else f"{self.kind} object"

    def __repr__(self) -> str:
        return f"an object of type {self.kind}"


@dataclass(frozen=True)
class Stopped:
    """What a call came to that ended in an error; two of one type are the same. ``line`` is where in the function, if known."""

    type: str
    words: str = field(compare=False, default="")
    line: tuple[int, str] | None = field(compare=False, default=None)

    def __repr__(self) -> str:
        return f"stopped with {self.type}{self.words and f': {self.words}'}"


@dataclass(frozen=True)
class Endless:
    """A call that was ended, since its time was over."""

    seconds: float

    def __repr__(self) -> str:
        return f"not back after {self.seconds:g} s"


ENDS = (Odd, Stopped, Endless)


def plain(value: object) -> Any:
    """``value`` as a copy in plain Python, or an ``Odd``; a list that holds an odd value is one as a whole."""
    return _plain(value, [LONGEST], DEEPEST)


def _plain(value: Any, left: list[int], depth: int) -> Any:
    kind = type(value)
    left[0] -= 1
    if kind in (bool, str, bytes, *NUMBERS) or value is None:
        return value
    if kind in ENDS:
        return value
    if kind in (list, tuple, set, frozenset, dict):
        if depth == 0 or len(value) > left[0]:
            return Odd(f"{type_name(value)} that is too long or too deep")
        entries: Iterable[Any] = value.items() if kind is dict else value
        copies = [_plain(entry, left, depth - 1) for entry in entries]
        odd = next((copy for copy in copies if type(copy) is Odd), None)
        return odd or kind(copies)
    return _numpy_scalar(value)


def _numpy_scalar(value: Any) -> Any:
    numpy = sys.modules.get("numpy")  # whoever has one of its values has loaded it
    if numpy is None or type(value) not in set(numpy.sctypeDict.values()):
        return Odd(type_name(value))
    unpacked = float(value) if isinstance(value, numpy.longdouble) else value.item()
    return unpacked if type(unpacked) in (bool, str, *NUMBERS) else Odd(type_name(value))


def type_name(value: object) -> str:
    """The name of the type of ``value``, without asking ``value``."""
    return str(_NAME_OF_TYPE.__get__(type(value)))


def is_number(value: object) -> bool:
    """Whether a plain value is a number; True and False are none."""
    return type(value) in NUMBERS


def same(expected: object, got: object) -> bool:
    """Whether two answers agree: floats to 9 digits, True and 1 kept apart, a list and a tuple too."""
    return _same(plain(expected), plain(got))


def _same(expected: Any, got: Any) -> bool:
    if is_number(expected) and is_number(got):
        return _same_number(expected, got)
    if type(expected) in SETS and type(got) in SETS:
        return bool({(type(each), each) for each in expected} == {(type(each), each) for each in got})
    if type(expected) is not type(got) or type(expected) in (Odd, Endless):
        return False
    if type(expected) in (list, tuple):
        return len(expected) == len(got) and all(map(_same, expected, got))
    if type(expected) is dict:
        return expected.keys() == got.keys() and all(_same(expected[key], got[key]) for key in expected)
    return bool(expected == got)


def _same_number(expected: Any, got: Any) -> bool:
    try:
        if type(expected) is float or type(got) is Decimal:
            return math.isclose(expected, got, rel_tol=10**-DIGITS, abs_tol=1e-15)
        return bool(expected == got)
    except (ArithmeticError, ValueError):  # too large for a float, or a Decimal that is no number and says so
        return False


def told_apart(expected: object, got: object) -> tuple[str, str]:
    """The right answer, whole, and another, as feedback shows them side by side: with more digits where it takes them to tell these two."""
    pair = repr(_rounded(expected, DIGITS)), shown(got)
    if not same(expected, got):
        return pair if pair[0] != pair[1] else (repr(expected), shown(got, ALL_DIGITS))
    alike = repr(_rounded(expected, DIGITS, math.inf)), shown(got, large=math.inf)
    return alike if pair[0] != pair[1] and alike[0] == alike[1] else pair


def shown(given: object, digits: int = DIGITS, large: float = LARGE) -> str:
    """What a call gave, or came to, as feedback shows it: floats below ``large`` with so many digits, and cut where it is long."""
    value = _rounded(plain(given), digits, large)
    # An error of the course says at its end what to do.
    longest = 4 * LONGEST_SHOWN if type(value) in ENDS else LONGEST_SHOWN
    try:
        text = repr(value[: longest + 1] if type(value) in (str, bytes) else value)
    except ValueError:  # a whole number may be too long to write
        return f"an object of type {type_name(value)} that cannot be shown"
    return text if len(text) <= longest else text[:longest] + "…"


def _rounded(value: Any, digits: int, large: float = LARGE) -> Any:
    """A plain value with its floats to so many digits, large ones apart, whose digits all count."""
    if type(value) is float and abs(value) < large:
        return float(f"{value:.{digits}g}")
    if type(value) in (list, tuple, *SETS):
        return type(value)(_rounded(entry, digits, large) for entry in value)
    if type(value) is dict:
        return {_rounded(key, digits, large): _rounded(entry, digits, large) for key, entry in value.items()}
    return value
