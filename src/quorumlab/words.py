"""How counts, shares and lengths of time are said in sentences."""

from collections.abc import Iterable
from datetime import timedelta

UNITS = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 0.001))


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """`1 member`, `2 members`: a count with its noun."""
    return f"{count} {noun if count == 1 else plural_noun or noun + 's'}"


def in_words(length: timedelta) -> str:
    """A length of time in the largest unit that fits, to three digits: `3.65 days`, `52.6 minutes`, `1 hour`."""
    seconds = length.total_seconds()
    for unit, size in UNITS:
        if seconds >= size:
            figure = f"{seconds / size:.3g}"
            return f"{figure} {unit}{'' if figure == '1' else 's'}"
    return "less than a millisecond" if seconds else "no time"


def percent(share: float) -> str:
    """A probability as the reader should see it: `99.95 %`."""
    return f"{100 * share:.10g} %"


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
