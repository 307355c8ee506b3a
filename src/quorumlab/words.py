"""How counts, shares, lists and lengths of time are said in sentences."""

from collections.abc import Iterable
from datetime import timedelta

YEAR = timedelta(days=365)
"""The year that every downtime is told for."""

UNITS = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 0.001))


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 member``, ``2 members``: a count with its noun."""
    return f"{count} {noun if count == 1 else plural_noun or noun + 's'}"


def upper_first(words: str) -> str:
    """The words as they begin a sentence; the rest stays as it is written: ``etcd-1 leads`` → ``Etcd-1 leads``."""
    return words[:1].upper() + words[1:]


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def percent(share: float) -> str:
    """A probability as the reader should see it: ``99.95 %``."""
    return f"{100 * share:.10g} %"


def times(ratio: float) -> str:
    """How often one number holds another: ``1.99 times``, ``2,000 times``, and below one ``1/34``."""
    factor = 1 / ratio if ratio < 1 else ratio
    figure = f"{factor:,.0f}" if factor >= 1000 else f"{factor:.3g}"
    return f"1/{figure}" if ratio < 1 else f"{figure} times"


def in_words(length: timedelta) -> str:
    """A length of time in the largest unit that fits, to three digits: ``3.65 days``, ``52.6 minutes``, ``1 hour``."""
    seconds = length.total_seconds()
    for unit, size in UNITS:
        if seconds >= size:
            figure = f"{seconds / size:.3g}"
            return f"{figure} {unit}{'' if figure == '1' else 's'}"
    return "less than a millisecond" if seconds else "no time"


def a_year(share: float) -> str:
    """What a share of the time comes to in a year of 365 days: ``3.65 days``; the rarest is never said to be no time."""
    return in_words(max(float(share) * YEAR, timedelta.resolution))


def ms(time: float) -> str:
    """A time in ms, as exact as it is given, to six digits: ``12.5 ms``, ``60,000 ms``."""
    return f"{time:,g} ms"


def whole_ms(time: float) -> str:
    """A time in whole ms, or from ten seconds on in whole seconds: ``287 ms``, ``12 s``."""
    return f"{time:,.0f} ms" if time < 10_000 else f"{time / 1000:,.0f} s"


def parity(n: int) -> str:
    """Whether a number is ``odd`` or ``even``."""
    return "odd" if n % 2 else "even"
