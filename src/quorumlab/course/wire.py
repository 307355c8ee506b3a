"""What may cross from one process to another, or be kept in a file: plain JSON values, and nothing that could do anything.

Numbers, strings, truth values, None, lists, and maps with strings for keys, all of bounded size. A tuple is a list, a fraction is a
number. Anything else is refused as an ``Odd``, which keeps only the name of its type.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from quorumlab.course.answers import ENDS, Odd, plain, type_name

LONGEST_TEXT = 100_000
"""Characters of a string."""
MOST_BITS = 4_000
"""Of a whole number: fewer than 1 300 digits, which every reader of JSON takes."""


def to_wire(value: object) -> Any:
    """The value as JSON knows it, or an ``Odd`` with the reason; what a call came to instead of a value stays what it is."""
    return _wire(plain(value))


def _wire(value: Any) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind in ENDS:
        return value
    if kind in (int, float, Fraction, Decimal):
        return _number(value)
    if kind is str:
        return _text(value)
    if kind in (list, tuple):
        return _all([_wire(entry) for entry in value])
    if kind is dict:
        return _map(value)
    return Odd(type_name(value))


def _number(value: Any) -> Any:
    if type(value) is int:
        return value if value.bit_length() <= MOST_BITS else Odd("int that is too long")
    try:
        number = float(value)
    except (ArithmeticError, ValueError):
        number = math.inf
    return number if math.isfinite(number) else Odd(f"{type_name(value)} that is not finite")


def _text(value: str) -> Any:
    if len(value) > LONGEST_TEXT:
        return Odd("str that is too long")
    try:
        value.encode()
    except UnicodeEncodeError:
        return Odd("str that is no Unicode")
    return value


def _map(value: dict[Any, Any]) -> Any:
    if not all(type(key) is str and type(_text(key)) is str for key in value):
        return Odd("dict whose keys are not all strings")
    entries = _all([_wire(entry) for entry in value.values()])
    return entries if type(entries) is Odd else dict(zip(value, entries, strict=True))


def _all(entries: list[Any]) -> Any:
    return next((entry for entry in entries if type(entry) is Odd), entries)
