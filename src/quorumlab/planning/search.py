"""The search: all splits of voters over regions, what each costs, and which are beaten by none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import combinations, combinations_with_replacement, pairwise
from typing import NamedTuple

from quorumlab.latency.rtt import Place, RttTable
from quorumlab.latency.traffic import BETWEEN_REGIONS_USD, BETWEEN_ZONES_USD
from quorumlab.topology import Topology


class Candidate(NamedTuple):
    """The six costs in the order by which fronts are sorted, and whose they are."""

    costs: tuple[float, ...]
    split: tuple[int, ...]
    home: int


def front(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that no other equals or beats in all costs; of equals the first. In the order of their costs."""
    kept: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda c: c.costs):
        # Whoever beats it stands before it. Whoever beat the last one often beats the next: try that first.
        for i, other in enumerate(kept):
            if all(map(float.__le__, other.costs, candidate.costs)):
                if i:
                    kept.insert(0, kept.pop(i))
                break
        else:
            kept.append(candidate)
    return sorted(kept, key=lambda c: c.costs)


@dataclass(frozen=True)
class Plan:
    """What is asked: regions with their zones, clients with their weights, what is to be survived, and the distances.

    Regions are numbers here. A split is the number of voters in each; a leader is known by its region and by how many voters its
    zone has, since nothing else about it matters.
    """

    regions: Mapping[str, int]
    clients: Mapping[str, float]
    what: str
    more: int
    table: RttTable

    @cached_property
    def zones(self) -> tuple[int, ...]:
        """How many zones each region has."""
        return tuple(self.regions.values())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each region is called."""
        return tuple(self.regions)

    @cached_property
    def to_clients(self) -> list[list[tuple[float, float]]]:
        """For each region, each client's weight and round trip to it."""
        return [
            [
                (weight, self.table.between(Place(None, client), Place(None, region)))
                for client, weight in self.clients.items()
            ]
            for region in self.names
        ]

    @cached_property
    def mean_to_clients(self) -> list[float]:
        """For each region, the mean round trip of the clients to it."""
        return [sum(weight * apart for weight, apart in each) for each in self.to_clients]

    @cached_property
    def nearest(self) -> list[list[tuple[float, int]]]:
        """For a leader in each region: who answers in which order. −2 is its own zone, −1 the rest of its region."""
        order = []
        for i, home in enumerate(self.names):
            apart = [(self.table.in_zone, -2), (self.table.between_zones, -1)]
            apart += [
                (self.table.between(Place(None, home), Place(None, other)), j)
                for j, other in enumerate(self.names)
                if j != i
            ]
            order.append(sorted(apart))
        return order

    def spread(self, region: int, voters: int) -> tuple[int, ...]:
        """How many voters stand in each zone of a region that has so many, the fullest first."""
        return spread(self.zones[region], voters)

    def worst(self, split: Sequence[int]) -> int:
        """The most voters that go with one place."""
        if self.what == "member":
            return 1
        return max(v if self.what == "region" else -(-v // z) for v, z in zip(split, self.zones, strict=True))

    def commit(self, home: int, own: int, left: Sequence[int], others: int) -> float:
        """Until a leader has heard from so many others; `own` voters stand in its zone, `left` in each region."""
        if not others:
            return 0.0
        for apart, where in self.nearest[home]:
            others -= own - 1 if where == -2 else left[home] - own if where == -1 else left[where]
            if others <= 0:
                return apart
        return math.inf

    def write(self, home: int, own: int, left: Sequence[int], quorum: int) -> float:
        """The mean over the clients of the way to the leader and the commit."""
        return self.mean_to_clients[home] + self.commit(home, own, left, quorum - 1)

    def candidates(self, split: tuple[int, ...], down: float) -> Iterator[Candidate]:
        """This split with the leader in each region that has members, and all its costs."""
        n = sum(split)
        quorum = n // 2 + 1
        there = [i for i, voters in enumerate(split) if voters]
        read = 0.0
        if self.clients:
            each = zip(*(self.to_clients[i] for i in there), strict=True)
            read = sum(min(weight * apart for weight, apart in client) for client in each)
        bad_days = self.bad_days(split, quorum)
        for home in there:
            own = self.spread(home, split[home])[0]
            write = self.write(home, own, split, quorum)
            cost = BETWEEN_ZONES_USD * (split[home] - own) + BETWEEN_REGIONS_USD * (n - split[home])
            # Sums in another order differ in the last digit, which is no cost: a nanosecond is exact enough.
            times = (round(time, 6) for time in (write, read, bad_days[home]))
            yield Candidate((*times, down, float(n), round(cost, 6)), split, home)

    def bad_days(self, split: Sequence[int], quorum: int) -> dict[int, float]:
        """For a leader in the fullest zone of each region, the write latency after the worst loss that is to be survived."""
        groups = [self.spread(region, voters) for region, voters in enumerate(split)]
        zones = [(region, size) for region, sizes in enumerate(groups) for size in sizes]
        homes = {region: zones.index((region, sizes[0])) for region, sizes in enumerate(groups) if sizes}
        worst = dict.fromkeys(homes, 0.0)
        for lost in losses(tuple(filter(None, groups)), self.what, self.more):
            left = [size - gone for (_, size), gone in zip(zones, lost, strict=True)]
            by_region = [0] * len(split)
            for (region, _), size in zip(zones, left, strict=True):
                by_region[region] += size
            alive = {(region, size) for (region, _), size in zip(zones, left, strict=True) if size}
            times = {(r, own): self.write(r, own, by_region, quorum) for r, own in alive}
            best = min(times.values())
            for region, at in homes.items():
                if lost[at]:  # the leader may be among those lost
                    worst[region] = max(worst[region], best)
                if left[at]:
                    worst[region] = max(worst[region], times[region, left[at]])
        return worst

    def topology(self, split: Sequence[int]) -> Topology:
        """The split as a topology."""
        counts, region_of = {}, {}
        for i, (region, voters) in enumerate(zip(self.names, split, strict=True)):
            for letter, size in zip("abcdef", self.spread(i, voters), strict=False):
                zone = f"{region}{'' if region[-1].isdigit() else '-'}{letter}"
                counts[zone], region_of[zone] = size, region
        return Topology.of(counts, regions=region_of)


@cache
def spread(zones: int, voters: int) -> tuple[int, ...]:
    """So many voters as evenly over so many zones as can be, the fullest first; empty zones are left out."""
    each, over = divmod(voters, zones)
    return tuple(size for i in range(zones) if (size := each + (i < over)))


@lru_cache(maxsize=10_000)
def losses(regions: tuple[tuple[int, ...], ...], what: str, more: int) -> frozenset[tuple[int, ...]]:
    """All that is to be survived, as voters lost in each zone: one place, and so many members more.

    `regions` has the voters in each zone of each region, and the zones of the answer are those one after the other.
    """
    zones = [(region, size) for region, sizes in enumerate(regions) for size in sizes]
    everywhere = range(len(zones))
    if what == "member":
        first = [tuple(int(i == at) for i in everywhere) for at in everywhere]
    elif what == "zone":
        first = [tuple(zones[i][1] * (i == at) for i in everywhere) for at in everywhere]
    else:
        first = [tuple(size * (r == region) for r, size in zones) for region in range(len(regions))]
    totals = (
        tuple(gone + further.count(i) for i, gone in enumerate(lost))
        for further in combinations_with_replacement(everywhere, more)
        for lost in first
    )
    return frozenset(t for t in totals if all(gone <= size for gone, (_, size) in zip(t, zones, strict=True)))


def splits(n: int, regions: int) -> Iterator[tuple[int, ...]]:
    """Every way to put n voters into so many regions: stars and bars."""
    for bars in combinations(range(n + regions - 1), regions - 1):
        edges = (-1, *bars, n + regions - 1)
        yield tuple(b - a - 1 for a, b in pairwise(edges))
