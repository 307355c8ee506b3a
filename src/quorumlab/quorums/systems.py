"""The quorum rules themselves: which sets are quorums, and what follows from that."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise, product

from quorumlab.arguments import Real, as_argument
from quorumlab.quorums.base import Chance, Intersection, Quorum, QuorumSystem, Rule
from quorumlab.quorums.counts import quorum_size
from quorumlab.quorums.exact import STEP, as_fractions, count_up, feasible, shares
from quorumlab.quorums.strategy import by_linear_programming, fair_shares, mixed, systematic, window

# Sums of weights that the exact availability keeps apart, and for all members together; beyond this it would take more than a few
# seconds.
MAX_SUMS = 100_000
MAX_STEPS = 10_000_000


@dataclass(frozen=True, repr=False)
class Threshold(Rule):
    """Any ``size`` members; see ``majority`` and ``threshold`` in ``build.py``, which check what they are given."""

    size: int

    def _holds(self, up: Quorum) -> bool:
        return len(up) >= self.size

    def _minimal(self) -> Iterator[Quorum]:
        return map(frozenset, combinations(self.members, self.size))

    def _tolerance(self) -> int:
        return len(self.members) - self.size

    def _disjoint_pair(self) -> tuple[Quorum, Quorum] | None:
        if 2 * self.size > len(self.members):
            return None
        return frozenset(self.members[: self.size]), frozenset(self.members[-self.size :])

    def _chance(self, members: Sequence[Chance]) -> Chance:
        return at_least(self.size, members)

    def _least_load(self) -> Fraction:
        return Fraction(self.size, len(self.members))

    def _choice(self) -> Mapping[Quorum, Real]:
        n = len(self.members)
        return mixed((Fraction(1, n), window(self.members, i, self.size)) for i in range(n))

    def __repr__(self) -> str:
        if self.size == quorum_size(len(self.members)):
            return f"majority({as_argument(self.members)})"
        return f"threshold({as_argument(self.members)}, {self.size})"


@dataclass(frozen=True, repr=False)
class Weighted(Rule):
    """More than half of all weight; ``weights`` are whole numbers in the order of ``members``. See ``build.weighted``."""

    weights: tuple[int, ...]

    @property
    def needed(self) -> int:
        """The least weight of a quorum, in the scaled whole-number weights."""
        return sum(self.weights) // 2 + 1

    def _holds(self, up: Quorum) -> bool:
        return sum(w for name, w in zip(self.members, self.weights, strict=True) if name in up) >= self.needed

    def _minimal(self) -> Iterator[Quorum]:
        # Taking the heaviest first, the member that reaches the needed weight is the lightest of its set; so
        # every set is complete exactly when it is first enough, and nobody in it can be spared.
        order = sorted(range(len(self.members)), key=lambda i: -self.weights[i])
        left = [sum(self.weights[i] for i in order[k:]) for k in range(len(order) + 1)]
        open_sets: list[tuple[int, int, tuple[int, ...]]] = [(0, 0, ())]
        while open_sets:
            k, weight, chosen = open_sets.pop()
            if weight >= self.needed:
                yield frozenset(self.members[i] for i in chosen)
            elif weight + left[k] >= self.needed:
                open_sets.append((k + 1, weight, chosen))
                open_sets.append((k + 1, weight + self.weights[order[k]], (*chosen, order[k])))

    def _tolerance(self) -> int:
        left, crashed = sum(self.weights), 0
        for weight in sorted(self.weights, reverse=True):
            left -= weight
            if left < self.needed:
                break
            crashed += 1
        return crashed

    def _chance(self, members: Sequence[Chance]) -> Chance:
        return at_least(self.needed, members, self.weights)

    def _equal_voters(self) -> Threshold | None:
        voters = tuple(name for name, w in zip(self.members, self.weights, strict=True) if w)
        return Threshold(voters, quorum_size(len(voters))) if set(self.weights) <= {0, 1} else None

    def _least_load(self) -> Real:
        equal = self._equal_voters()
        if equal is not None:
            return equal._least_load()
        choice = self._choice()
        return max(sum(p for quorum, p in choice.items() if name in quorum) for name in self.members)

    def _choice(self) -> Mapping[Quorum, Real]:
        equal = self._equal_voters()
        return equal._choice() if equal is not None else by_linear_programming(self.members, self._minimal())

    def __repr__(self) -> str:
        return f"weighted({dict(zip(self.members, self.weights, strict=True))!r})"


@dataclass(frozen=True, repr=False)
class Grid(Rule):
    """One whole row and one member of each other row; ``members`` fill the rows in order. See ``build.grid``."""

    rows: int
    columns: int

    def _row(self, i: int) -> tuple[str, ...]:
        return self.members[i * self.columns : (i + 1) * self.columns]

    def _holds(self, up: Quorum) -> bool:
        counts = [sum(name in up for name in self._row(i)) for i in range(self.rows)]
        return min(counts) >= 1 and max(counts) == self.columns

    def _minimal(self) -> Iterator[Quorum]:
        if self.columns == 1:  # every row is whole with its one member
            yield frozenset(self.members)
            return
        for i in range(self.rows):
            others = [self._row(j) for j in range(self.rows) if j != i]
            for one_each in product(*others):
                yield frozenset(self._row(i) + one_each)

    def _tolerance(self) -> int:
        # The cheapest ways to stop it: one member of every row, or one whole row.
        return min(self.rows, self.columns) - 1

    def _chance(self, members: Sequence[Chance]) -> Chance:
        whole_row: Real = 0
        no_whole_row: Real = 1
        empty_row: Real = 0
        for i in range(self.rows):
            none, some, every = _row_chance(members[i * self.columns : (i + 1) * self.columns])
            empty_row += (whole_row + no_whole_row) * none
            whole_row = whole_row * (some + every) + no_whole_row * every
            no_whole_row *= some
        return Chance(whole_row, empty_row + no_whole_row)

    # A grid looks the same from every member, so the least load is (smallest quorum) / n (Naor and Wool 1998).
    def _least_load(self) -> Fraction:
        return Fraction(self.columns + self.rows - 1, len(self.members))

    def _choice(self) -> Mapping[Quorum, Real]:
        cells = product(range(self.rows), range(self.columns))
        return mixed(
            (Fraction(1, len(self.members)), [*self._row(i), *self.members[j :: self.columns]])
            for i, j in cells
        )

    def __repr__(self) -> str:
        named = "" if as_argument(self.members).isdigit() else f", members={list(self.members)!r}"
        return f"grid({self.rows}, {self.columns}{named})"


def _row_chance(row: Sequence[Chance]) -> tuple[Real, Real, Real]:
    """The probabilities that none, some but not all, and all of a row are up."""
    none, every = row[0].down, row[0].up
    some: Real = 0
    for member in row[1:]:
        some += none * member.up + every * member.down
        none *= member.down
        every *= member.up
    return none, some, every


@dataclass(frozen=True, repr=False)
class Hierarchical(Rule):
    """A majority of the groups, each with a majority of its own members. See ``build.hierarchical``."""

    groups: tuple[tuple[str, ...], ...]

    @property
    def _sizes(self) -> list[int]:
        return [quorum_size(len(group)) for group in self.groups]

    def _holds(self, up: Quorum) -> bool:
        won = sum(len(up.intersection(g)) >= size for g, size in zip(self.groups, self._sizes, strict=True))
        return won >= quorum_size(len(self.groups))

    def _minimal(self) -> Iterator[Quorum]:
        for chosen in combinations(self.groups, quorum_size(len(self.groups))):
            yield from map(
                frozenset, _lazy_product([Threshold(g, quorum_size(len(g)))._minimal for g in chosen])
            )

    def _tolerance(self) -> int:
        # The cheapest way to stop it: take the majority from as many of the smallest groups as it takes.
        costs = sorted(len(group) - size + 1 for group, size in zip(self.groups, self._sizes, strict=True))
        return sum(costs[: len(costs) - quorum_size(len(costs)) + 1]) - 1

    def _chance(self, members: Sequence[Chance]) -> Chance:
        of = dict(zip(self.members, members, strict=True))
        groups = [
            at_least(size, [of[m] for m in g]) for g, size in zip(self.groups, self._sizes, strict=True)
        ]
        return at_least(quorum_size(len(groups)), groups)

    def _shares(self) -> tuple[Fraction, list[Fraction]]:
        costs = [Fraction(size, len(g)) for g, size in zip(self.groups, self._sizes, strict=True)]
        return fair_shares(quorum_size(len(self.groups)), costs)

    def _least_load(self) -> Fraction:
        return self._shares()[0]

    def _choice(self) -> Mapping[Quorum, Real]:
        return mixed(
            (p * turn, [name for i in chosen for name in window(self.groups[i], at(i), self._sizes[i])])
            for p, chosen in systematic(self._shares()[1])
            for turn, at in self._turns(chosen)
        )

    def _turns(self, chosen: Sequence[int]) -> Iterator[tuple[Fraction, Callable[[int], int]]]:
        """Turn the rings of all chosen groups together, once round: each start of each group is equally
        likely.
        """
        sizes = {len(self.groups[i]) for i in chosen}
        moments = sorted({Fraction(step, size) for size in sizes for step in range(size + 1)})
        for moment, following in pairwise(moments):
            yield following - moment, lambda i, moment=moment: int(moment * len(self.groups[i]))  # type: ignore[misc]

    def __repr__(self) -> str:
        if as_argument(self.members).isdigit():
            return f"hierarchical({[len(group) for group in self.groups]})"
        return f"hierarchical({[list(group) for group in self.groups]})"


def _lazy_product(factors: Sequence[Callable[[], Iterator[Quorum]]]) -> Iterator[Quorum]:
    """Unions of one quorum of each factor; itertools.product would first list every factor in full."""
    if not factors:
        yield frozenset()
        return
    for first in factors[0]():
        for rest in _lazy_product(factors[1:]):
            yield first | rest


@dataclass(frozen=True, repr=False)
class Flexible(QuorumSystem):
    """Any ``commit`` members commit, any ``elect`` elect a leader. See ``build.flexible``."""

    commit: int
    elect: int

    def _of_kind(self, kind: str | None) -> Threshold:
        sizes = {"commit": self.commit, "elect": self.elect, None: max(self.commit, self.elect)}
        return Threshold(self.members, sizes[kind])

    def always_intersects(self) -> Intersection:
        """True, as `flexible` asks for it: each commit quorum meets each election quorum."""
        return Intersection(True, claim="any commit quorum and any election quorum share a member")

    def _load(self, read_fraction: Fraction) -> Fraction:
        reads, writes = self._of_kind("elect")._least_load(), self._of_kind("commit")._least_load()
        return read_fraction * reads + (1 - read_fraction) * writes

    def _choices(self) -> tuple[Mapping[Quorum, Real], Mapping[Quorum, Real]]:
        return self._of_kind("elect")._choice(), self._of_kind("commit")._choice()

    def __repr__(self) -> str:
        return f"flexible({as_argument(self.members)}, commit={self.commit}, elect={self.elect})"


def at_least(needed: int, chances: Sequence[Chance], weights: Sequence[int] | None = None) -> Chance:
    """The chance that those who are up weigh at least ``needed`` together (weights are 1 if not given).

    Goes through the members once, the heaviest first, keeping the probability of every sum so far that is
    still open: the recursion for the Poisson binomial distribution, with weights. What is exact is done in whole
    numbers over a denominator that grows with each member.
    """
    exact = shares(chances)
    if exact is not None and weights is None:
        counts = count_up(exact)
        return as_fractions(sum(counts[needed:]), sum(counts[:needed]))
    weights = weights or [1] * len(chances)
    up: Real = 0
    down: Real = 0
    still_open: dict[int, Real] = {0: 1}
    left, most = sum(weights), 0
    at_most = min(MAX_SUMS, MAX_STEPS // max(1, len(chances)))
    for weight, (is_up, is_down) in sorted(
        zip(weights, chances if exact is None else exact, strict=True), key=lambda pair: -pair[0]
    ):
        left -= weight
        if exact is not None:
            up, down = up * (is_up + is_down), down * (is_up + is_down)
        after: dict[int, Real] = {}
        for total, p in still_open.items():
            for more, q in ((total, p * is_down), (total + weight, p * is_up)):
                if more >= needed:
                    up += q
                elif more + left < needed:
                    down += q
                else:
                    after[more] = after.get(more, 0) + q
        if len(after) > at_most:
            raise ValueError(
                f"the weights of these {len(chances)} members make more than {at_most} different sums, too "
                f"many for an exact availability; is_quorum, fault_tolerance and always_intersects can still be "
                f"asked, or round the weights."
            )
        if exact is not None and len(after) > most:
            most = len(after)
            feasible(exact, most * STEP)
        still_open = after
    return Chance(up, down) if exact is None else as_fractions(int(up), int(down))
