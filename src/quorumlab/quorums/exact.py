"""Exact chances as whole numbers over one common denominator: a thousand Fractions would each be reduced in vain."""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import accumulate, repeat
from math import comb
from operator import mul

from quorumlab.quorums.base import Chance

Share = tuple[int, int]
"""Of being up and of being down; their sum is the denominator."""

MOST_BITS = 1_000_000
"""Binary digits of all denominators together."""

MOST_WORK = 1_500_000_000
"""What one answer may cost, in binary digits that are gone through: some seconds."""

GROUPS = 25
"""How much more it costs to convolve groups than to make one."""

LONG_BITS = 1_500
"""From here on packing pays."""

STEP = 1 / 150
"""What it costs to multiply one sum by one chance."""


def shares(chances: Iterable[Chance]) -> list[Share] | None:
    """The chances in whole numbers; None if one of them is a float."""
    found = []
    for chance in chances:
        if not isinstance(chance.up, Fraction | int):
            return None
        found.append(whole_numbers(chance))
    return found


def whole_numbers(chance: Chance) -> Share:
    """A chance that is a Fraction or an int as a share."""
    up = Fraction(chance.up)
    return up.numerator, up.denominator - up.numerator


def as_fractions(up: int, down: int) -> Chance:
    """Two whole numbers, whose sum is the denominator, as a Chance."""
    return Chance(Fraction(up, up + down), Fraction(down, up + down))


def count_up(of: Sequence[Share]) -> list[int]:
    """How many are up: for 0, 1, … ``len(of)`` the chance that it is so many, a whole number over the product of all denominators.

    Those with equal chances make a binomial distribution; such groups are convolved, the largest first. Raises ValueError where that would
    take too long.
    """
    groups = Counter(of)
    feasible(of, GROUPS if len(groups) > 1 else 1)
    total = [1]
    for share, size in groups.most_common():
        total = convolved(total, _binomial(share, size))
    return total


def feasible(of: Sequence[Share], times: float) -> None:
    """Raise ValueError if it takes too long to go ``times`` through all denominators, as often as there are members."""
    bits = sum(sum(share).bit_length() for share in of)
    if bits > MOST_BITS or len(of) * bits * times > MOST_WORK:
        raise ValueError(
            f"exact chances of {len(of)} members with {bits:,} binary digits in all take too long; give floats, or Fractions with "
            "smaller denominators."
        )


def convolved(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """The distribution of the sum of two independent counts.

    Where both are of long numbers, each is packed into one longer still (Kronecker's substitution), which Python multiplies faster.
    """
    bits, length = [sum(counts).bit_length() for counts in (a, b)], len(a) + len(b) - 1
    if min(bits) < LONG_BITS:
        out = [0] * length
        for j, q in enumerate(b):
            for i, p in enumerate(a, start=j):
                out[i] += p * q
        return out
    size = sum(bits) // 8 + 1
    product = (_packed(a, size) * _packed(b, size)).to_bytes(size * length, "little")
    return [int.from_bytes(product[size * i : size * (i + 1)], "little") for i in range(length)]


def _packed(counts: Sequence[int], size: int) -> int:
    return int.from_bytes(b"".join(count.to_bytes(size, "little") for count in counts), "little")


def _binomial(share: Share, size: int) -> list[int]:
    ups, downs = (list(accumulate(repeat(p, size), mul, initial=1)) for p in share)
    return [comb(size, k) * ups[k] * downs[size - k] for k in range(size + 1)]
