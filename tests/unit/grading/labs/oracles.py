"""What is right in each task of the labs, written down from the task's text and slowly: every state, every group, every order.

Nothing of the course is used here, so that a fault of its own cannot hide. ``VALUES`` compute the answer; ``RIGHT`` say of any answer
whether it is one of the right ones. Cases are as they are kept: plain lists and maps.
"""

import cmath
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import comb, prod
from typing import Any

from tests.unit.grading.labs import oracles_of_places as places
from tests.unit.grading.labs.oracles_of_places import more_than_half

HOURS = 365 * 24


# --- quorum math ---


def members_needed(crashes: int, away: int) -> int:
    gone = crashes + away
    return next(n for n in range(1, 10_000) if n >= gone and more_than_half(n - gone, n))


def commit_time(acknowledged: list[float | None]) -> float | None:
    times = sorted(t for t in acknowledged if t is not None)
    heard = ((t, sum(a is not None and a <= t for a in acknowledged)) for t in times)
    return next((t for t, count in heard if more_than_half(count, len(acknowledged))), None)


def piece_that_goes_on(votes: dict[str, int], pieces: list[list[str]]) -> list[str] | None:
    fit = [sorted(p) for p in pieces if more_than_half(sum(votes[m] for m in p), sum(votes.values()))]
    assert len(fit) < 2
    return fit[0] if fit else None


def is_quorum(group: set[str], quorums: list[list[str]]) -> bool:
    return any(set(quorum) <= group for quorum in quorums)


def a_pair(members: list[str], quorums: list[list[str]]) -> list[list[str]] | None:
    """Two disjoint quorums: each member in one of them, in the other, or in neither; for many members, in one or in the other."""
    sides = 3 if len(members) < 6 else 2
    for sided in product(range(sides), repeat=len(members)):
        one, other = ({m for m, side in zip(members, sided, strict=True) if side == k} for k in (0, 1))
        if is_quorum(one, quorums) and is_quorum(other, quorums):
            return [sorted(one), sorted(other)]
    return None


def disjoint_quorums(got: Any, members: list[str], quorums: list[list[str]]) -> bool:
    if got is None:
        return a_pair(members, quorums) is None
    if len(got) != 2 or not {m for group in got for m in group} <= set(members):
        return False
    return not set(got[0]) & set(got[1]) and all(is_quorum(set(group), quorums) for group in got)


def chance_of_quorum(up: Mapping[str, float], quorums: list[list[str]]) -> float:
    """One member after the other is up, and drops out of all quorums, or is down, and its quorums drop out."""

    def chance(left: tuple[str, ...], open_: frozenset[frozenset[str]]) -> Fraction:
        if frozenset() in open_:
            return Fraction(1)
        if not open_:
            return Fraction(0)
        first, rest, p = left[0], left[1:], Fraction(up[left[0]])
        with_it = frozenset(q - {first} for q in open_)
        return p * chance(rest, with_it) + (1 - p) * chance(
            rest, frozenset(q for q in open_ if first not in q)
        )

    return float(chance(tuple(up), frozenset(map(frozenset, quorums))))


def own_cluster(away: list[str], own: Mapping[str, Any]) -> float:
    held = {0: Fraction(1)}
    for name, p in own["up"].items():
        p = Fraction(0 if name in away else p)
        longer: dict[int, Fraction] = {}
        for votes, chance in held.items():
            more = votes + own["votes"][name]
            longer[votes] = longer.get(votes, Fraction(0)) + chance * (1 - p)
            longer[more] = longer.get(more, Fraction(0)) + chance * p
        held = longer
    whole = sum(own["votes"].values())
    return float(sum(chance for votes, chance in held.items() if more_than_half(votes, whole)))


# --- odd sizes ---


def what_more_buys(n: int, more: int) -> list[int]:
    def crashes(size: int) -> int:
        return max(c for c in range(size) if more_than_half(size - c, size))

    def waits(size: int) -> int:
        return min(k for k in range(size + 1) if more_than_half(k, size))

    return [crashes(n + more) - crashes(n), waits(n + more) - waits(n)]


def groups_by_size(members: int) -> list[int]:
    """How many groups of each size there are, member by member."""
    counts = [1]
    for _ in range(members):
        counts = [a + b for a, b in zip([0, *counts], [*counts, 0], strict=True)]
    return counts


def cuts_that_stop(n: int, crashed: int) -> int:
    up = n - crashed
    if up > 12:
        return sum(
            ways * (not more_than_half(k, n) and not more_than_half(up - k, n))
            for k, ways in enumerate(groups_by_size(up))
            if 0 < k < up
        ) // 2  # fmt: skip
    cuts = {
        frozenset([frozenset(some), frozenset(range(up)) - set(some)])
        for k in range(1, up)
        for some in combinations(range(up), k)
    }
    return sum(not any(more_than_half(len(side), n) for side in cut) for cut in cuts)


def losses_survived(voters: int, spares: int, lost: int) -> int:
    if comb(voters + spares, lost) < 3000:
        every = combinations(range(voters + spares), lost)
        return sum(more_than_half(voters - sum(m < voters for m in gone), voters) for gone in every)
    mine, theirs = groups_by_size(voters), groups_by_size(spares)
    return sum(
        mine[k] * theirs[lost - k]
        for k in range(voters + 1)
        if 0 <= lost - k <= spares and more_than_half(voters - k, voters)
    )


def without_election(voters: int, spares: int, lost: int) -> int:
    """The leader is voter 0."""
    if comb(voters + spares, lost) < 3000:
        every = (set(gone) for gone in combinations(range(voters + spares), lost))
        return sum(
            0 not in gone and more_than_half(voters - sum(m < voters for m in gone), voters) for gone in every
        )
    mine, theirs = groups_by_size(voters - 1), groups_by_size(spares)
    return sum(
        mine[k] * theirs[lost - k]
        for k in range(voters)
        if 0 <= lost - k <= spares and more_than_half(voters - k, voters)
    )


def hours_down(ups: Sequence[float]) -> float:
    """By the discrete Fourier transform of the generating function of how many are up."""
    n = len(ups)
    roots = [cmath.exp(2j * cmath.pi * k / (n + 1)) for k in range(n + 1)]
    values = [prod(((1 - p) + p * root for p in ups), start=complex(1)) for root in roots]
    few = [k for k in range(n + 1) if not more_than_half(k, n)]
    chances = [sum(v * roots[-(k * i) % (n + 1)] for i, v in enumerate(values)) / (n + 1) for k in few]
    return HOURS * sum(chance.real for chance in chances)


def fewest_members(up: float, shared: float, hours: float) -> int | None:
    p, s = Fraction(up), Fraction(shared)
    for n in range(1, 16):
        good = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if more_than_half(k, n))
        if HOURS * (1 - s * good) <= hours:
            return n
    return None


def quorum_pairs(n: int) -> list[list[int]]:
    def safe(commit: int, elect: int) -> bool:
        if n > 6:
            return commit + elect > n and 2 * elect > n
        commits, elections = ([set(g) for g in combinations(range(n), size)] for size in (commit, elect))
        return all(e & other for e in elections for other in [*commits, *elections])

    every = [(c, e) for c in range(1, n + 1) for e in range(1, n + 1) if safe(c, e)]
    return [[c, e] for c, e in every if not any(d <= c and f <= e and (d, f) != (c, e) for d, f in every)]


def best_use(machines: int, lost: int) -> int:
    survived = {v: losses_survived(v, machines - v, lost) for v in range(1, machines + 1)}
    return max(v for v, ways in survived.items() if ways == max(survived.values()))


# --- judging histories: an operation is [kind, value, invoked, returned] ---

Op = Sequence[Any]
FOREVER = float("inf")


def end_of(op: Op) -> float:
    return FOREVER if op[3] is None else op[3]


def came_before(one: Op, other: Op) -> bool:
    return end_of(one) < other[2]


def stale_reads(history: list[Op]) -> list[int]:
    def newest(read: Op) -> int:
        return max([0, *(o[1] for o in history if o[0] == "write" and came_before(o, read))])

    return [i for i, o in enumerate(history) if o[0] == "read" and o[1] < newest(o)]


def explains(history: list[Op], order: list[int]) -> bool:
    """Each operation in its turn at a moment of its own, as early as it can be and never after its answer."""
    if any(order.count(i) != 1 for i, o in enumerate(history) if o[3] is not None or i in order):
        return False
    value, moment = 0, -FOREVER
    for kind, its, invoked, returned in (history[i] for i in order):
        moment = max(moment, invoked)
        if returned is not None and (moment > returned or (kind == "read" and its != value)):
            return False
        value = its if kind == "write" else value
    return True


def could_read(history: list[Op], invoked: float, returned: float) -> list[int]:
    ops = [*history, ["asked", None, invoked, returned]]
    found: set[int] = set()

    def go(left: frozenset[int], value: int, moment: float, answer: int | None) -> None:
        if answer is not None and all(ops[i][3] is None for i in left):
            found.add(answer)
        if any(moment > end_of(ops[i]) for i in left):
            return
        for i in left:
            kind, its, begun, _ = ops[i]
            then = max(moment, begun)
            if then > end_of(ops[i]) or (kind == "read" and its != value):
                continue
            now = its if kind == "write" else value
            go(left - {i}, now, then, value if kind == "asked" else answer)

    go(frozenset(range(len(ops))), 0, -FOREVER, None)
    return sorted(found)


VALUES: dict[str, Callable[..., Any]] = {
    "members-needed": members_needed, "commit-time": commit_time, "piece-that-goes-on": piece_that_goes_on, "chance-of-quorum": chance_of_quorum,
    "own-cluster": own_cluster, "what-more-buys": what_more_buys, "cuts-that-stop": cuts_that_stop, "without-election": without_election,
    "hours-down": hours_down, "fewest-members": fewest_members, "quorum-pairs": quorum_pairs, "best-use": best_use,
    "came-before": came_before, "stale-reads": stale_reads, "explains": explains, "could-read": could_read,
    "remarks": places.remarks, "fatal-losses": places.fatal_losses, "commit-ms": places.commit_ms, "write-ms": places.write_ms, "bad-day": places.bad_day,
}  # fmt: skip
RIGHT: dict[str, Callable[..., bool]] = {
    "disjoint-quorums": disjoint_quorums, "by-hand": places.bakery, "mended": places.mended, "third-site": places.third_site, "zone-and-one": places.zone_and_one,
    "best-spread": places.best_spread, "over-regions": places.over_regions, "best-leader": places.best_leader, "timers": places.timers, "fastest-layout": places.fastest_layout,
    "restore-from": places.restore_from,
}  # fmt: skip
