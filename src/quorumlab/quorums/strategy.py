"""Strategies: how to choose quorums at random so that the busiest member is as idle as can be."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from types import MappingProxyType

from quorumlab.arguments import Real, as_set

Quorum = frozenset[str]

# About two seconds of linear programming; more minimal quorums than this are refused.
MAX_QUORUMS = 20_000


@dataclass(frozen=True, repr=False)
class Strategy:
    """Probabilities with which to choose a quorum for a read and for a write, best at ``read_fraction``.

    ``reads`` and ``writes`` are read-only mappings from a quorum (a frozenset of members) to its probability;
    each sums to 1. The probabilities are Fractions where a closed form gave them and floats where linear
    programming did.
    """

    members: tuple[str, ...]
    reads: Mapping[Quorum, Real]
    writes: Mapping[Quorum, Real]
    read_fraction: Fraction

    def __post_init__(self) -> None:
        object.__setattr__(self, "reads", MappingProxyType(dict(self.reads)))
        object.__setattr__(self, "writes", MappingProxyType(dict(self.writes)))

    def __hash__(self) -> int:
        return hash(
            (self.members, frozenset(self.reads.items()), frozenset(self.writes.items()), self.read_fraction)
        )

    def member_loads(self) -> dict[str, float]:
        """The fraction of all operations that each member serves."""
        shares = ((self.read_fraction, self.reads), (1 - self.read_fraction, self.writes))
        parts = [(quorum, share * Fraction(p)) for share, chosen in shares for quorum, p in chosen.items()]
        # Whole multiples of one unit are added: exact, and a hundred times faster than adding Fractions.
        unit = math.lcm(*(part.denominator for _, part in parts))
        loads = dict.fromkeys(self.members, 0)
        for quorum, part in parts:
            multiple = int(part * unit)
            for member in quorum:
                loads[member] += multiple
        return {member: load / unit for member, load in loads.items()}

    @property
    def load(self) -> float:
        """The load of the busiest member under this strategy."""
        return max(self.member_loads().values())

    def __repr__(self) -> str:
        return (
            f"<Strategy at read_fraction {float(self.read_fraction):.4g}: {len(self.reads)} read and "
            f"{len(self.writes)} write quorums, load {self.load:.6g}>"
        )

    def __str__(self) -> str:
        lines = [repr(self)]
        for title, chosen in (("reads", self.reads), ("writes", self.writes)):
            lines += [
                f"  {title:<6} {float(p):.4f}  {self._shown(quorum)}"
                for quorum, p in islice(chosen.items(), 12)
            ]
            if len(chosen) > 12:
                lines.append(f"  … and {len(chosen) - 12} more")
        return "\n".join(lines)

    def _shown(self, quorum: Quorum) -> str:
        return as_set(member for member in self.members if member in quorum)


def mixed(choices: Iterable[tuple[Real, Iterable[str]]]) -> dict[Quorum, Real]:
    """A distribution from (probability, quorum) pairs; equal quorums are added up."""
    total: dict[Quorum, Real] = {}
    for p, names in choices:
        quorum = frozenset(names)
        total[quorum] = total.get(quorum, Fraction(0)) + p
    return total


def window(names: Sequence[str], start: int, size: int) -> list[str]:
    """``size`` neighbours on the ring of names. Over all starts, each name is in ``size`` of ``len(names)``
    windows.
    """
    return [names[(start + i) % len(names)] for i in range(size)]


def fair_shares(count: int, costs: Sequence[Fraction]) -> tuple[Fraction, list[Fraction]]:
    """Choose ``count`` of the items at random so that the largest of (probability of item i) x ``costs[i]``
    is least.

    Returns that least maximum L and the probabilities, min(1, L / cost), which sum to ``count``: cheap items
    are filled up to 1 first and the others share the rest so that their loads are equal.
    """
    cheapest_first = sorted(costs)
    for always in range(len(costs)):
        shared = cheapest_first[always:]
        level = (count - always) / sum((1 / cost for cost in shared), Fraction(0))
        if level <= shared[0]:
            break
    return level, [min(Fraction(1), level / cost) for cost in costs]


def systematic(probabilities: Sequence[Fraction]) -> Iterator[tuple[Fraction, list[int]]]:
    """Sets of indices, with their probabilities, such that index i is in the set with ``probabilities[i]``.

    All sets have the same size, the sum of the probabilities (a whole number). Systematic sampling (Madow
    1949): lay the probabilities end to end and take the items hit by a comb with teeth 1 apart and a random
    offset.
    """
    ends = [Fraction(0)]
    for p in probabilities:
        ends.append(ends[-1] + p)
    offsets = sorted({end % 1 for end in ends} | {Fraction(1)})
    for offset, following in pairwise(offsets):
        teeth = [offset + i for i in range(int(ends[-1]))]
        hit = [i for i, (start, end) in enumerate(pairwise(ends)) if any(start <= t < end for t in teeth)]
        yield following - offset, hit


def by_linear_programming(members: Sequence[str], quorums: Iterator[Quorum]) -> dict[Quorum, Real]:
    """Probabilities of the quorums for which the busiest member is least often in the chosen quorum.

    The linear program of Naor and Wool (1998): minimise L so that each member's probability is at most L.
    """
    listed = list(islice(quorums, MAX_QUORUMS + 1))
    if len(listed) > MAX_QUORUMS:
        raise ValueError(
            f"these {len(members)} members form more than {MAX_QUORUMS} minimal quorums, too many for load, "
            f"capacity and strategy; is_quorum, fault_tolerance, always_intersects, availability and the "
            f"first few of minimal_quorums() can still be asked."
        )
    from scipy.optimize import linprog  # heavy, and needed nowhere else

    count = len(listed)
    result = linprog(
        c=[0.0] * count + [1.0],
        A_ub=[[1.0 * (member in quorum) for quorum in listed] + [-1.0] for member in members],
        b_ub=[0.0] * len(members),
        A_eq=[[1.0] * count + [0.0]],
        b_eq=[1.0],
        bounds=(0, 1),
        method="highs",
    )
    if not result.success:
        raise RuntimeError(
            f"the solver found no optimal strategy for {len(members)} members: {result.message}"
        )
    found = {quorum: float(p) for quorum, p in zip(listed, result.x, strict=False) if p > 1e-12}
    total = sum(found.values())
    return {quorum: p / total for quorum, p in found.items()}
