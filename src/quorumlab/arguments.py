"""Checks of what a caller passes in, and how members are named and shown.

Each error is one sentence: the value, what is allowed, what to do.
"""

import math
import numbers
import operator
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TypeGuard

Real = float | Fraction

# No cluster comes near it, and every exact answer still comes within about a second.
MAX_MEMBERS = 2_000


def whole(value: object, what: str, *, least: int = 1) -> int:
    """``value`` as an int; TypeError if it is not one, ValueError if it is below ``least``."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(
            f"{what} is {value!r} ({type(value).__name__}), but must be a whole number of {least} or more; "
            f"write it as an int, for example 5."
        )
    number = operator.index(value)
    if number < least:
        raise ValueError(
            f"{what} is {number}, but must be a whole number of {least} or more; choose a larger one, for "
            f"example 5."
        )
    return number


def probability(value: object, what: str) -> Real:
    """``value`` as a number in [0, 1]: a Fraction stays one, anything else becomes a float."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"{what} is {value!r} ({type(value).__name__}), but must be a number from 0 to 1; "
            f"write it as a number, for example 0.99."
        )
    number = value if isinstance(value, int | Fraction) else float(value)
    if not 0 <= number <= 1:  # NaN fails this too
        raise ValueError(f"{what} is {number}, but must be from 0 to 1; write 99 % as 0.99, for example.")
    return number if isinstance(number, Fraction) else float(number)


def named(names: object, what: str) -> tuple[str, ...]:
    """Member names as a tuple in the given order; a set is sorted, so that hashing never decides."""
    if isinstance(names, str | bytes | Mapping) or not isinstance(names, Iterable):
        raise TypeError(
            f"{what} are {names!r}, but must be a list of names; write a list, for example "
            f"['a', 'b', 'c'], or a number."
        )
    given = list(names)
    for name in given:
        if not isinstance(name, str) or not name:
            raise TypeError(
                f"{what} include {name!r}, but every name must be a text that is not empty; "
                f"write it in quotes, for example 'a'."
            )
    if isinstance(names, set | frozenset):
        given.sort()
    if not given:
        raise ValueError(f"{what} are an empty list, but at least 1 member is needed; name one or more.")
    distinct(given, what)
    limited(len(given), what)
    return tuple(given)


def distinct(names: Sequence[str], what: str) -> None:
    """Raise ValueError, naming them, if names occur more than once."""
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise ValueError(
            f"{what} name {', '.join(twice)} more than once, but each member counts once; give every member "
            f"its own name."
        )


def limited(count: int, what: str) -> None:
    """Raise ValueError if there are more members than a system here may have."""
    if count > MAX_MEMBERS:
        raise ValueError(
            f"{what} number {count}, but a quorum system here has at most {MAX_MEMBERS} members; use "
            f"quorum_size(n) and fault_tolerance(n), which answer for any n."
        )


def members(given: object, what: str = "members") -> tuple[str, ...]:
    """The members: ``5`` means etcd-1 to etcd-5; a list of names is taken as it is."""
    if isinstance(given, numbers.Real):
        count = whole(given, what)
        limited(count, what)
        return default_names(count)
    return named(given, what)


def default_names(count: int) -> tuple[str, ...]:
    """etcd-1 to etcd-``count``."""
    return tuple(f"etcd-{i}" for i in range(1, count + 1))


def weights(given: object) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Members and their weights scaled to the smallest whole numbers with the same proportions.

    A float counts as the decimal it is written as, so 0.1 + 0.2 equals 0.3 here.
    """
    if not isinstance(given, Mapping):
        raise TypeError(
            f"weights are {given!r}, but must be a dict from member to weight; write for example "
            f"{{'a': 2, 'b': 1, 'c': 1}}."
        )
    names = named(list(given), "members")
    exact = [_weight(name, given[name]) for name in names]
    if not sum(exact):
        raise ValueError(
            f"the weights of {as_set(names)} sum to 0, but somebody must count; give at least one member a "
            f"weight above 0."
        )
    denominator = math.lcm(*(w.denominator for w in exact))
    scaled = [int(w * denominator) for w in exact]
    divisor = math.gcd(*scaled)
    return names, tuple(w // divisor for w in scaled)


def _weight(name: str, value: object) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"the weight of {name} is {value!r} ({type(value).__name__}), but must be a number of 0 or more; "
            f"write it as a number, for example 1."
        )
    number = value if isinstance(value, int | Fraction) else float(value)
    if not 0 <= number < math.inf:  # NaN fails this too
        raise ValueError(
            f"the weight of {name} is {number}, but must be a finite number of 0 or more; use 0 for a member "
            f"without a vote."
        )
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def as_set(names: Iterable[str], *, at_most: int = 8) -> str:
    """``{a, b, c}``, shortened in the middle when there are more than ``at_most`` names."""
    shown = list(names)
    if len(shown) > at_most:
        shown = [*shown[: at_most - 2], "…", shown[-1]]
    return "{" + ", ".join(shown) + "}"


def as_argument(names: tuple[str, ...]) -> str:
    """How a constructor call would name these members: ``5``, or the list."""
    return str(len(names)) if names == default_names(len(names)) else repr(list(names))


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a real number, numpy's included; True and False are not."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def seconds_within(value: object, end: float) -> int:
    """A moment between 0 and ``end`` seconds, as whole µs."""
    if not is_number(value):
        raise TypeError(f"{value!r} is no time; give a number of seconds from 0 to {end}.")
    if not 0 <= value <= end:  # NaN fails this too
        raise ValueError(f"{value!r} s is outside this trace; choose from 0 to {end} s.")
    return min(round(float(value) * 1_000_000), round(end * 1_000_000))


def plain_number(value: float) -> int | float:
    """A number as Python's own int or float, where numpy gave it."""
    return int(value) if isinstance(value, numbers.Integral) else float(value)
