"""Layouts for the lab *a topology that survives*: ways to review, mend and make them, right and wrong, and layouts at random."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations, product
from random import Random
from typing import Any

from quorumlab.course.labs.surviving_topology import spread
from quorumlab.grading.lab import Case
from quorumlab.topology import Topology

PLACES = (
    "attic",
    "barn",
    "cellar",
    "dock",
    "farm",
    "garage",
    "hall",
    "island",
    "jetty",
    "loft",
    "mill",
    "port",
    "shed",
    "tower",
)
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e")


def yaml(voters: dict[str, int], **others: Any) -> str:
    """The YAML of so many voters in each zone."""
    return Topology.of(voters, **others).to_yaml()


def line(voters: dict[str, int]) -> str:
    """The same as the line that ``Topology.of`` reads."""
    return ", ".join(f"{zone}: {count}" for zone, count in voters.items())


def remarks(
    voters: str, learners: str | None, *, counted: bool = False, majority: bool = False, plain_tight: bool = False
) -> list[str]:  # fmt: skip
    """What holds of a layout, as words in alphabetical order; the flags are ways to get it wrong."""
    topology = Topology.of(voters, learners=learners)
    every = {zone: len(names) for zone, names in topology.zones.items()}
    held = every if counted else topology.votes_in("zone")
    n, fullest = sum(held.values()), max(held.values())
    stops = 2 * fullest > n if majority else 2 * (n - fullest) <= n
    tight = 2 * (n - fullest - 1) <= n
    words = {"even": n % 2 == 0, "tight": tight and (plain_tight or not stops), "zone": stops}
    return sorted(word for word, holds in words.items() if holds)


def fatal(
    layout: str, *, sizes: Callable[[int], Sequence[int]] = lambda zones: range(1, zones + 1), minimal: bool = True, half: bool = False
) -> list[list[str]]:  # fmt: skip
    """The sets of zones whose loss together stops writes; if ``minimal``, without those that contain another."""
    topology = Topology.of(layout)
    held, n = topology.votes_in("zone"), len(topology.voters)
    found: list[list[str]] = []
    for size in sizes(len(held)):
        for zones in combinations(sorted(held), size):
            left = n - sum(held[zone] for zone in zones)
            if (2 * left < n if half else 2 * left <= n) and not (
                minimal and any(set(f) <= set(zones) for f in found)
            ):
                found.append(list(zones))
    return found


def mended(layout: str) -> str | None:
    """The cluster with the fewest members moved between its zones, so that any one zone may be lost; None if that cannot be."""
    topology = Topology.of(layout)
    limit = (len(topology.voters) - 1) // 2
    if limit * len(topology.zones) < len(topology.voters):
        return None
    changed = topology
    while max(held := changed.votes_in("zone"), key=lambda z: held[z]) and max(held.values()) > limit:
        fullest, emptiest = max(held, key=lambda z: held[z]), min(held, key=lambda z: held[z])
        member = next(name for name in changed.zones[fullest] if changed.at[name].votes)
        changed = changed.moved(member, emptiest)
    return changed.to_yaml()


def balanced(layout: str) -> str:
    """All members dealt out anew, one zone after the other."""
    topology = Topology.of(layout)
    zones = list(topology.zones)
    for i, name in enumerate(topology.members):
        topology = topology.moved(name, zones[i % len(zones)])
    return topology.to_yaml()


def with_voters(layout: str, zone: str, number: int) -> str:
    """The cluster with so many voters more in one zone."""
    topology = Topology.of(layout)
    for i in range(number):
        topology = topology.joined(f"new-{i + 1}", zone)
    return topology.to_yaml()


def with_third(layout: str, site: str) -> str:
    """Two sites and the fewest voters in a third, so that any one site may be lost."""
    held = Topology.of(layout).votes_in("zone")
    return with_voters(layout, site, 2 * max(held.values()) + 1 - sum(held.values()))


def dealt(zones: Sequence[str], n: int) -> str:
    """So many voters dealt out over zones, as even as can be."""
    return yaml(
        {
            zone: n // len(zones) + (i < n % len(zones))
            for i, zone in enumerate(zones)
            if n // len(zones) + (i < n % len(zones))
        }
    )


def zone_and_one(zones: Sequence[str], more: int = 1) -> str | None:
    """The smallest cluster that survives the loss of any zone and of so many more members; None for fewer than three zones."""
    for n in range(1, 12):
        fullest = -(-n // len(zones))
        if 2 * (n - fullest - more) > n:
            return dealt(zones, n)
    return None


@cache
def spreads(n: int, zones: int) -> tuple[tuple[int, ...], ...]:
    """All ways to spread ``n`` members over so many zones, the fullest zone first."""
    return tuple(
        c
        for c in product(range(n, -1, -1), repeat=zones)
        if sum(c) == n and list(c) == sorted(c, reverse=True)
    )


def best_spread(n: int, zones: int, member_up: float, zone_up: float) -> list[int]:
    """The spread that is without a majority least often."""
    return list(min(spreads(n, zones), key=lambda counts: spread(counts, member_up, zone_up)))


def even_spread(n: int, zones: int) -> list[int]:
    """As even as can be, the fullest zone first."""
    return sorted((n // zones + (i < n % zones) for i in range(zones)), reverse=True)


def over_regions(
    regions: dict[str, list[str]], n: int, *, check: bool = True, told: bool = True, even: bool = True
) -> str | None:
    """So many voters dealt over regions and then over the zones of each, if any one region may then be lost; else None."""
    by_region = {region: n // len(regions) + (i < n % len(regions)) for i, region in enumerate(regions)}
    if check and max(by_region.values()) > (n - 1) // 2:
        return None
    voters: dict[str, int] = {}
    for region, number in by_region.items():
        zones = regions[region] if even else regions[region][:1]
        voters |= {zone: number // len(zones) + (i < number % len(zones)) for i, zone in enumerate(zones)}
    region_of = {zone: region for region, zones in regions.items() for zone in zones}
    chosen = {zone: count for zone, count in voters.items() if count}
    return yaml(chosen, regions={zone: region_of[zone] for zone in chosen} if told else None)


def drawn(chance: Random, zones: Sequence[int]) -> str:
    """A layout at random."""
    return line({zone: chance.choice([1, 1, 2, 2, 3]) for zone in ZONES[: chance.choice(zones)]})


def with_learners(chance: Random) -> list[Case]:
    """Layouts in which learners, counted wrongly, would make a difference."""
    fixed = [
        ("a: 2, b: 2, c: 1", "c: 2"),
        ("a: 1, b: 1, c: 1", "a: 2"),
        ("a: 3, b: 3, c: 3", "a: 1"),
        ("a: 2, b: 2", "b: 1"),
        ("a: 1, b: 1, c: 1", "d: 1"),
    ]
    return [
        *fixed,
        *((drawn(chance, (3, 4)), f"{chance.choice(ZONES[:4])}: {chance.randrange(1, 3)}") for _ in range(8)),
    ]


def names(chance: Random, number: int) -> list[str]:
    """So many names of places, of several lengths, in any order."""
    return [f"{name}-{chance.randrange(10, 100)}" for name in chance.sample(PLACES, number)]


def too_few_zones(chance: Random) -> list[Case]:
    """One zone, two, and three, which are enough."""
    return [(sorted(names(chance, number)),) for number in (1, 2, 2, 3)]


def beyond_mending(chance: Random) -> list[Case]:
    """Layouts over one zone and two, and of four members over three; and a few that can be mended."""

    def layout(*counts: int) -> Case:
        return (line(dict(zip(names(chance, len(counts)), counts, strict=True))),)

    some = [layout(*(chance.randrange(1, 8) for _ in range(zones))) for zones in (1, 2, 2, 2, 2)]
    return [
        *some,
        layout(2, 1, 1),
        layout(1, 2, 1),
        *(layout(chance.randrange(3, 8), 1, 1) for _ in range(3)),
    ]


def regions_that_cannot(chance: Random) -> list[Case]:
    """One region and two, and too few or too many voters for three or four; and a few that can be done."""
    sizes = [(1, chance.randrange(2, 9)), *((2, chance.randrange(2, 9)) for _ in range(3))]
    sizes += [(3, 4), (3, 2), (4, 2), (3, 1), (3, 3), (4, 4), (3, chance.choice([5, 6, 7]))]
    found: list[Case] = []
    for k, n in sizes:
        regions = {name: [f"{name}/{i}" for i in range(chance.randrange(1, 4))] for name in names(chance, k)}
        found.append((regions, n))
    return found


def crowded(chance: Random) -> list[Case]:
    """Layouts of which one zone is too full, and some of which cannot be mended."""
    fixed = [
        "a: 3, b: 1, c: 1",
        "a: 2, b: 1",
        "a: 5, b: 1, c: 1",
        "a: 1, b: 1",
        "a: 2, b: 2",
        "a: 4, b: 1, c: 1",
        "a: 2, b: 1, c: 1",
        "a: 1, b: 1, c: 1",
        "a: 7, b: 1, c: 1",
        "a: 9",
        "a: 1, b: 1, c: 1, d: 1",
        "a: 2, b: 1, c: 1, d: 1",
    ]
    more = [
        line({z: chance.choice([1, 1, 2, 5, 6]) for z in ZONES[: chance.choice([3, 4])]}) for _ in range(12)
    ]
    return [(layout,) for layout in [*fixed, *more]]
