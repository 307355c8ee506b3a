"""Checks of what a caller passes in, and how members are named and shown.

Each error is one sentence: the value, what is allowed, what to do.
"""

import math
import numbers
import operator
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Sized, ValuesView
from difflib import get_close_matches
from fractions import Fraction
from itertools import islice
from typing import Any, TypeGuard, TypeVar

Real = float | Fraction
T = TypeVar("T")

# No cluster comes near it, and every exact answer still comes within seconds.
MAX_MEMBERS = 2_000

MOST_SHOWN = 60
"""Characters of a value that a sentence shows."""


def plain(value: object) -> int | float | Fraction | None:
    """``value`` as a number of plain Python, or None if it is none.

    A Fraction stays one, and numpy's scalars count as the numbers they are. Booleans are no numbers, numpy's neither.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, Fraction):
        return value
    if hasattr(value, "__index__"):
        try:
            return operator.index(value)
        except TypeError:  # an array has the attribute, whatever it holds
            return None
    return float(value) if isinstance(value, numbers.Real) else None


def is_truth(value: object) -> bool:
    """Whether ``value`` is True or False, numpy's own included."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return isinstance(value, bool) or (kind == "b" and getattr(value, "shape", None) == ())


def truth(value: object, what: str) -> bool:
    """``value`` as a bool, numpy's own included; TypeError for anything else, which is mostly a 1, a 0 or a "no"."""
    if not is_truth(value):
        raise TypeError(f"{what}={shown(value)} is neither True nor False; write one of them.")
    return bool(value)


def whole(value: object, what: str, *, least: int | None = 1, most: int | None = None) -> int:
    """``value`` as an int; TypeError if it is not one, ValueError if it is below ``least`` or above ``most`` (None: no bound)."""
    allowed, example = "a whole number", 5
    if least is not None:
        allowed += f" of {least} or more" if most is None else f" from {least} to {shown(most)}"
        example = max(5, least) if most is None else most
    number = plain(value)
    if not isinstance(number, int):
        raise TypeError(
            f"{what} is {shown(value)} ({type(value).__name__}), but must be {allowed}; write it as an int, for "
            f"example {shown(example)}."
        )
    if (least is not None and number < least) or (most is not None and number > most):
        size = "smaller" if most is not None and number > most else "larger"
        raise ValueError(
            f"{what} is {shown(number)}, but must be {allowed}; choose a {size} one, for example {shown(example)}."
        )
    return number


def number(
    value: object,
    what: str,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
    unit: str = "",
) -> Real:
    """``value`` as a finite number from ``least`` (or, if given, above ``above``) to ``most``: a Fraction or an int stays one.

    ``unit`` is said after each number. Raises TypeError if it is no number, ValueError if it is out of bounds, infinite or NaN.
    """
    unit = f" {unit}" if unit else ""
    bounds = [f"{least:g}{unit} or more"] if least > -math.inf else []
    bounds += [f"above {above:g}{unit}"] if above > -math.inf else []
    bounds += [f"at most {most:g}{unit}"] if most < math.inf else []
    allowed = "a finite number" + (f", {' and '.join(bounds)}" if bounds else "")
    found = plain(value)
    if found is None:
        raise TypeError(
            f"{what} is {shown(value)} ({type(value).__name__}), but must be {allowed}; write it as a number, for "
            f"example {most if most < math.inf else max(1.0, least, above + 1):g}."
        )
    if not (least <= found <= most and found > above and is_finite(found)):  # NaN fails this too
        too_long = " below 1e308" if isinstance(found, int) and not is_finite(found) else ""
        raise ValueError(
            f"{what} is {shown(found)}{unit}, but must be {allowed}{too_long}; choose such a number."
        )
    return found


def time_ms(value: object, what: str, *, zero: bool = True) -> float:
    """``value`` as a length of time in ms: finite, and 0 or more, or above 0 if not ``zero``."""
    return float(number(value, what, unit="ms", **({"least": 0} if zero else {"above": 0})))


def probability(value: object, what: str, *, strictly: bool = False) -> Real:
    """``value`` as a number in [0, 1], or ``strictly`` between 0 and 1: a Fraction stays one, anything else becomes a float."""
    number = plain(value)
    if number is None:
        raise TypeError(
            f"{what} is {shown(value)} ({type(value).__name__}), but must be a number from 0 to 1; "
            f"write it as a number, for example 0.99."
        )
    if strictly and not 0 < number < 1:
        raise ValueError(
            f"{what} is {shown(number)}, but must lie between 0 and 1, both excluded; choose 0.99, for example."
        )
    if not 0 <= number <= 1:  # NaN fails this too
        raise ValueError(
            f"{what} is {shown(number)}, but must be from 0 to 1; write 99 % as 0.99, for example."
        )
    return number if isinstance(number, Fraction) else float(number)


def name(value: object, what: str) -> str:
    """``value`` as a name; TypeError unless it is a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise TypeError(
            f"{what} {shown(value)}, but every name must be a text that is not empty; write it in quotes, for "
            f"example 'a'."
        )
    return str(value)


def named(names: object, what: str) -> tuple[str, ...]:
    """Member names as a tuple in the given order; a set is sorted, so that hashing never decides."""
    if isinstance(names, str | bytes | Mapping) or not isinstance(names, Iterable):
        raise TypeError(
            f"{what} are {shown(names)}, but must be a list of names; write a list, for example "
            f"['a', 'b', 'c'], or a number."
        )
    given = [name(each, f"{what} include") for each in bounded(names, what)]
    if isinstance(names, set | frozenset):
        given.sort()
    if not given:
        raise ValueError(f"{what} are an empty list, but at least 1 member is needed; name one or more.")
    distinct(given, what)
    return tuple(given)


def distinct(names: Sequence[str], what: str) -> None:
    """Raise ValueError, naming them, if names occur more than once."""
    twice = sorted(each for each, count in Counter(names).items() if count > 1)
    if twice:
        raise ValueError(
            f"{what} name {shortened(twice)} more than once, but each member counts once; give every member "
            f"its own name."
        )


def bounded(names: Iterable[T], what: str) -> list[T]:
    """The names in a list; ValueError for more than there can be members, or for names without end."""
    given = list(islice(names, MAX_MEMBERS + 1))
    limited(len(names) if isinstance(names, Sized) else len(given), what)
    return given


def limited(count: int, what: str) -> None:
    """Raise ValueError if there are more members than a system here may have."""
    if count > MAX_MEMBERS:
        raise ValueError(
            f"{what} number {shown(count)}, but a quorum system here has at most {MAX_MEMBERS} members; use "
            f"quorum_size(n) and fault_tolerance(n), which answer for any n."
        )


def members(given: object, what: str = "members") -> tuple[str, ...]:
    """The members: ``5`` means etcd-1 to etcd-5; a list of names is taken as it is."""
    if isinstance(given, bool) or plain(given) is not None:
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
            f"weights are {shown(given)}, but must be a dict from member to weight; write for example "
            f"{{'a': 2, 'b': 1, 'c': 1}}."
        )
    names = named(list(given), "members")
    exact = [_weight(member, given[member]) for member in names]
    if not sum(exact):
        raise ValueError(
            f"the weights of {as_set(names)} sum to 0, but somebody must count; give at least one member a "
            f"weight above 0."
        )
    denominator = math.lcm(*(w.denominator for w in exact))
    scaled = [int(w * denominator) for w in exact]
    divisor = math.gcd(*scaled)
    return names, tuple(w // divisor for w in scaled)


def _weight(member: str, value: object) -> Fraction:
    number = plain(value)
    if number is None:
        raise TypeError(
            f"the weight of {cut(member)} is {shown(value)} ({type(value).__name__}), but must be a number of 0 or more; "
            f"write it as a number, for example 1."
        )
    if not 0 <= number < math.inf:  # NaN fails this too
        raise ValueError(
            f"the weight of {cut(member)} is {shown(number)}, but must be a finite number of 0 or more; use 0 for a member "
            f"without a vote."
        )
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number)


def as_set(names: Iterable[str], *, at_most: int = 8) -> str:
    """``{a, b, c}``, shortened in the middle when there are more than ``at_most`` names."""
    return "{" + shortened(names, at_most=at_most) + "}"


def shortened(names: Iterable[str], *, at_most: int = 8) -> str:
    """``a, b, c``, shortened in the middle when there are more than ``at_most`` names; so is a long name."""
    kept = list(names)
    if len(kept) > at_most:
        kept = [*kept[: at_most - 2], "…", kept[-1]]
    return ", ".join(map(cut, kept))


def as_argument(names: tuple[str, ...]) -> str:
    """How a constructor call would name these members: ``5``, or the list."""
    return str(len(names)) if names == default_names(len(names)) else repr(list(names))


def shown(value: object) -> str:
    """The value in a sentence, cut where it would fill it: a Fraction or a number of its own as ``str``, all else as ``repr``."""
    try:
        text = str(value) if isinstance(value, Fraction) else repr(value)
    except (
        Exception
    ):  # Python writes out no int of more than 4,300 digits; and whatever a repr of others may raise
        what = "whole number" if isinstance(value, int) else type(value).__name__
        return f"a {what} that cannot be written out"
    return cut(" ".join(text.split()) if "\n" in text else text)  # an array of numpy has lines


def cut(text: str, most: int = MOST_SHOWN) -> str:
    """The text, or its beginning where it would fill a sentence."""
    return text if len(text) <= most else f"{text[: most - 2]}…"


def near(value: object, known: Iterable[str]) -> str:
    """Of the names there are those that look like ``value``, or some of them all."""
    names = sorted(known)
    close = get_close_matches(cut(value), names, 8) if isinstance(value, str) else []
    return shortened(close or names)


def mapping(value: object, what: str, example: str) -> Mapping[Any, Any]:
    """``value`` as a dict or what is like one; TypeError for anything else."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{what} are {shown(value)}, but must be a dict; write for example {example}.")
    return value


def sequence(value: object, what: str, example: str) -> list[Any]:
    """``value`` as a list, a dict's values included; TypeError for what has no items, no length or no order, and for a text."""
    items = hasattr(value, "__len__") and hasattr(value, "__getitem__")  # an array of numpy has them too
    items = items or isinstance(value, ValuesView)
    if isinstance(value, str | bytes | Mapping) or not items or not isinstance(value, Iterable):
        raise TypeError(f"{what} are {shown(value)}, but must be a list; write for example {example}.")
    return list(value)


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a real number, numpy's included; True and False are not."""
    return plain(value) is not None


def is_finite(value: Real) -> bool:
    """Whether ``value`` is a number that a float can hold: not infinite, not NaN, and not an int of a thousand digits."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def seconds_within(value: object, end: float) -> int:
    """A moment between 0 and ``end`` seconds, as whole µs."""
    if not is_number(value):
        raise TypeError(f"{shown(value)} is no time; give a number of seconds from 0 to {end}.")
    if not 0 <= value <= end:  # NaN fails this too
        raise ValueError(f"{shown(value)} s is outside this trace; choose from 0 to {end} s.")
    return min(round(float(value) * 1_000_000), round(end * 1_000_000))
