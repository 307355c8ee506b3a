"""How counts, shares, lists and lengths of time are said in sentences."""

import html
import math
import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

YEAR = timedelta(days=365)
"""The year that every downtime is told for."""

MOST_READ = 10**30
"""From here on nobody reads the digits of a count."""

_SUM = re.compile(r"(?<=\d) ([+×]) (?=\d)")

UNITS = (("day", 86_400.0), ("hour", 3_600.0), ("minute", 60.0), ("second", 1.0), ("millisecond", 0.001))


def plural(count: int, noun: str, plural_noun: str | None = None) -> str:
    """``1 member``, ``2 members``: a count with its noun; one that nobody would read as a power of ten."""
    said = str(count) if abs(count) < MOST_READ else f"about 10^{int(count.bit_length() * math.log10(2))}"
    return f"{said} {noun if count == 1 else plural_noun or noun + 's'}"


def upper_first(words: str) -> str:
    """The words as they begin a sentence; the rest stays as it is written: ``etcd-1 leads`` → ``Etcd-1 leads``."""
    return words[:1].upper() + words[1:]


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def unbroken(words: str) -> str:
    """The words with no-break spaces within sums, so that ``2 + 2 + 1`` stays on one line."""
    return _SUM.sub("\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", words)


class Prose:
    """What says itself in sentences: a notebook shows those of ``str()`` as text, which breaks between words, and no markup in them counts.

    An empty line begins a paragraph, a line end a new line.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        # Alone in its element, a dollar opens no formula.
        words = html.escape(unbroken(str(self))).replace("$", "<span>$</span>")
        paragraphs = words.split("\n\n")
        return "".join(f"<p>{paragraph.replace(chr(10), '<br>')}</p>" for paragraph in paragraphs)


def figure(number: float, digits: int = 3) -> str:
    """A number to so many digits as people write it, without an exponent: ``0.0000123``, ``1.99``, ``1,000``."""
    number = float(number)
    if abs(float(f"{number:.{digits}g}")) >= 10**digits:
        return f"{number:,.0f}"
    return f"{Decimal(f'{number:.{digits}g}'):f}"


def percent(share: float) -> str:
    """A probability as the reader should see it: ``99.95 %``; what is not certain is never said to be 100 %. TypeError for no number."""
    share = _share(share)
    digits = next((digits for digits in (10, 14) if share >= 1 or f"{100 * share:.{digits}g}" != "100"), None)
    return "just under 100 %" if digits is None else f"{figure(100 * share, digits)} %"


def times(ratio: float) -> str:
    """How often one number holds another: ``1.99 times``, ``2,000 times``, and below one ``1/34``."""
    factor = 1 / ratio if ratio < 1 else ratio
    return f"1/{figure(factor)}" if ratio < 1 else f"{figure(factor)} times"


def in_words(length: timedelta) -> str:
    """A length of time in the largest unit that fits, to three digits: ``3.65 days``, ``52.6 minutes``, ``1 hour``."""
    seconds = length.total_seconds()
    for unit, size in UNITS:
        if seconds >= size:
            count = figure(seconds / size)
            return f"{count} {unit}{'' if count == '1' else 's'}"
    return "less than a millisecond" if seconds else "no time"


def a_year(share: float) -> str:
    """What a share of the time comes to in a year of 365 days: ``3.65 days``; the rarest is never said to be no time.

    Raises TypeError for what is no number, ValueError outside 0 to 1.
    """
    share = _share(share)
    if not 0 <= share <= 1:
        raise ValueError(f"{share} is no share of the time; give a number from 0 to 1.")
    return in_words(max(share * YEAR, timedelta.resolution))


def _share(value: float) -> float:
    """``value`` as a float; TypeError if it is no finite number. (A Fraction cannot be formatted before Python 3.12.)"""
    try:
        share = math.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError, OverflowError):
        share = math.nan
    if not math.isfinite(share):
        said = "A huge number" if isinstance(value, int) else f"{value!r:.60}"
        raise TypeError(f"{said} is no share; give a number, such as 0.999.")
    return share


def ms(time: float) -> str:
    """A time in ms, as exact as it is given, to six digits: ``12.5 ms``, ``60,000 ms``."""
    time = float(time)
    return f"{time:,.0f} ms" if abs(time) >= 1e6 else f"{Decimal(f'{time:.6g}'):,f} ms"


def whole_ms(time: float) -> str:
    """A time in whole ms, or from ten seconds on in whole seconds: ``287 ms``, ``12 s``."""
    time = float(time)
    return f"{time:,.0f} ms" if time < 10_000 else f"{time / 1000:,.0f} s"


def parity(n: int) -> str:
    """Whether a number is ``odd`` or ``even``."""
    return "odd" if n % 2 else "even"
