"""The grader's half of the lab *a topology that survives*: what is asked, and the right answers."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations, product
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.course.labs.surviving_topology import spread
from quorumlab.grading.lab import Case, GradedTask, Lab, Part
from quorumlab.topology import Topology

HALF = "quorumlab.course.labs.surviving_topology:"
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


THREE = "us-east-1a: 2, us-east-1b: 2, us-east-1c: 1"
BAKERY = GradedTask(
    id="by-hand",
    title="By hand",
    function="bakery",
    parameters=("asked",),
    visible=(("members",), ("halls",), ("learner",), ("any hall",)),
    parts=(Part("members and places", 1, lambda chance: [("members",), ("halls",), ("learner",)]), Part("any hall may be lost", 1, lambda chance: [("any hall",)])),
    reference=lambda asked: None,
    praise="The file says where everybody stands, who votes, and that a hall may burn.",
    hints=("The page's example has etcd-cluster:, nodes:, and for each node a name and a zone; region: and role: are written in the same way.", "Two voters in north, two in south, one in east; the learner has the line role: learner."),
    call=f"{HALF}whatever_is_asked",
    fault=f"{HALF}bakery_fault",
)  # fmt: skip

REMARKS = GradedTask(
    id="remarks",
    title="Three remarks",
    function="remarks",
    parameters=("voters", "learners"),
    visible=((THREE, None), ("us-east-1a: 2, us-east-1b: 2", None), ("a: 1, b: 1, c: 1", None), ("a: 2, b: 1, c: 1", None), ("a: 1, b: 1, c: 1, d: 1, e: 1", None), ("a: 1, b: 1, c: 1", "a: 1"), ("a: 2, b: 2, c: 2", None)),
    parts=(
        Part("voters only", 1, lambda chance: [(y, None) for y in ("a: 1", "a: 3, b: 3, c: 3", "a: 2, b: 2, c: 2", "a: 3, b: 1, c: 1", "a: 3, b: 3", *(drawn(chance, (2, 3, 4, 5)) for _ in range(20)))]),
        Part("with learners", 1, with_learners),
    ),
    reference=remarks,
    misconceptions=(
        Misconception("learners counted", lambda v, extra: remarks(v, extra, counted=True), "A learner has the data and no vote: it counts neither among the members that decide nor in its zone."),
        Misconception("a zone with the majority", lambda v, extra: remarks(v, extra, majority=True), "A zone need not hold a majority for its loss to stop writes: half of the voters is enough."),
        Misconception("tight though broken", lambda v, extra: remarks(v, extra, plain_tight=True), "A layout is tight only if it does survive the loss of any zone; one that does not is worse than tight."),
        Misconception("never tight", lambda v, extra: [w for w in remarks(v, extra) if w != "tight"], "After the loss of the fullest zone there may be a majority with nobody to spare; that is called tight."),
        Misconception("even layouts stop", lambda v, extra: sorted({*remarks(v, extra), *(["zone"] if "even" in remarks(v, extra) else [])}), "An even number of voters is no reason for a zone's loss to stop writes: 2 + 2 + 2 survives any of them."),
    ),
    hints=("ql.Topology.of(voters, learners=learners) reads both; votes_in(\"zone\") counts the voters of each zone.", "What matters is how many voters are left without the fullest zone, and whether they are more than half of all."),
    praise="Half of the votes in one place is enough to be stopped by it, and surviving exactly is not surviving well.",
)  # fmt: skip

FATAL = GradedTask(
    id="fatal-losses",
    title="What must not happen together",
    function="fatal_losses",
    parameters=("layout",),
    visible=((THREE,), ("a: 3, b: 1, c: 1",), ("d: 1, a: 2, b: 1, c: 1",), ("a: 2, b: 2",), ("a: 3, b: 2, c: 2, d: 1, e: 1",)),
    parts=(
        Part("up to three zones", 1, lambda chance: [("b: 1",), ("b: 2, a: 1",), ("c: 1, b: 1, a: 1",), *((drawn(chance, (2, 3)),) for _ in range(10))]),
        Part("four and five zones", 2, lambda chance: [("c: 1, b: 1, a: 1, d: 1, e: 1",), ("c: 3, b: 1, a: 1, d: 1",), ("a: 2, b: 2, c: 2, d: 1, e: 1",), ("a: 3, b: 1, c: 1, d: 1, e: 1",), *((drawn(chance, (4, 5)),) for _ in range(16))]),
    ),
    reference=fatal,
    misconceptions=(
        Misconception("single zones", lambda y: fatal(y, sizes=lambda zones: [1]), "You look at the loss of one zone at a time; two or more may be lost together."),
        Misconception("pairs", lambda y: fatal(y, sizes=lambda zones: [2]), "You look at pairs only; one zone may be fatal by itself, or it may take three."),
        Misconception("all that stop writes", lambda y: fatal(y, minimal=False), "Some of your sets contain another one of them; leave out what is fatal already without one of its zones."),
        Misconception("half is enough", lambda y: fatal(y, half=True), "When half of the voters are left, that is no majority, so their loss is fatal too."),
        Misconception("up to two", lambda y: fatal(y, sizes=lambda zones: [1, 2]), "It may take the loss of three zones or more to stop writes."),
    ),
    hints=("Begin with single zones, then pairs, and so on; itertools.combinations gives them in order.", "Leave out every set that contains one that you have already."),
    praise="These are the sentences for the risk register: each names places that must not share a cause.",
)  # fmt: skip

MENDED = GradedTask(
    id="mended",
    title="Mended by moving",
    function="mended",
    parameters=("layout",),
    visible=(("us-east-1a: 3, us-east-1b: 1, us-east-1c: 1",), ("us-east-1a: 2, us-east-1b: 1",), (THREE,), ("us-east-1a: 5, us-east-1b: 1, us-east-1c: 1",), ("us-east-1a: 2, us-east-1b: 1, us-east-1c: 1",)),
    parts=(Part("layouts that can be mended", 2, lambda chance: [c for c in crowded(chance) if mended(*c)]), Part("layouts that cannot", 1, lambda chance: [c for c in crowded(chance) if not mended(*c)] + [("a: 3, b: 1, c: 1",)])),
    reference=mended,
    fault=f"{HALF}mended_fault",
    misconceptions=(
        Misconception("left as it is", lambda y: Topology.of(y).to_yaml(), "You give the layout back as it came; where one zone is too full, somebody has to move."),
        Misconception("dealt out anew", lambda y: balanced(y) if mended(y) else None, "You deal all members out anew; a move copies all the data, so as few as possible should move."),
        Misconception("never None", lambda y: mended(y) or balanced(y), "With two zones, one holds half of the voters or more, wherever they stand; then the answer is None."),
        Misconception("one more zone", lambda y: mended(y) if mended(y) == Topology.of(y).to_yaml() else with_voters(y, "another zone", 1), "A member more, in a new zone, may help, but here only the zones of the members may change."),
    ),
    hints=("How many of n voters may one zone hold at most? Move members out of zones that hold more.", "topology.moved(name, zone) gives a new topology; (n − 1) // 2 is the most that a zone may hold."),
    praise="The rule ⌊(n−1)/2⌋ says who must move, and three zones are the least that can satisfy it.",
)  # fmt: skip

THIRD = GradedTask(
    id="third-site",
    title="A third site",
    function="with_third",
    parameters=("layout", "site"),
    visible=tuple((f"Oslo: {a}, Bergen: {b}", "Hamar") for a, b in ((2, 1), (2, 2), (3, 2), (4, 1))),
    parts=(Part("all sizes", 3, lambda chance: [(f"Lyon: {a}, Metz: {b}", "Nice") for a, b in [(1, 1), (1, 2), (3, 3), (2, 5), *((chance.randrange(1, 7), chance.randrange(1, 7)) for _ in range(12))]]),),
    reference=with_third,
    fault=f"{HALF}third_fault",
    misconceptions=(
        Misconception("one voter", lambda y, site: with_voters(y, site, 1), "One voter in the third site is enough only where the two others hold equally many."),
        Misconception("as many as the larger site", lambda y, site: with_voters(y, site, max(Topology.of(y).votes_in("zone").values())), "As many as the larger site has are safe, but more than are needed."),
        Misconception("the difference", lambda y, site: with_voters(y, site, 2 * max(Topology.of(y).votes_in("zone").values()) - len(Topology.of(y).voters)), "Without the larger site you are left with exactly half of the voters; one more is needed."),
    ),
    hints=("Without the larger site, the smaller one and the new one must be more than half of all.", "Call the sites a ≥ b and the new one c: b + c > a."),
    praise="The tie-breaker has to outweigh the difference of the two, not to equal either.",
)  # fmt: skip

ZONE_AND_ONE = GradedTask(
    id="zone-and-one",
    title="A zone, and one more",
    function="zone_and_one",
    parameters=("zones",),
    visible=((list(ZONES[:3]),), (list(ZONES[:2]),), (list(ZONES[:5]),), (list(ZONES[:4]),)),
    parts=(
        Part("three to seven zones", 2, lambda chance: [([f"{name}{i}" for i in range(k)],) for k in (3, 4, 5, 6, 7) for name in [chance.choice(["zone ", "hall-", "rack "])]]),
        Part("too few", 1, lambda chance: [(["here"],), (["here", "there"],), (["a", "b", "c"],)]),
    ),
    reference=zone_and_one,
    fault=f"{HALF}zone_and_one_fault",
    misconceptions=(
        Misconception("one in each", lambda zones: dealt(zones, len(zones)) if len(zones) > 2 else None, "One member in each zone survives a zone and one more only from five zones on."),
        Misconception("the zone alone", lambda zones: zone_and_one(zones, 0), "Yours survives the loss of a zone; the day on which that happens, one more member may be down."),
        Misconception("three in each", lambda zones: dealt(zones, 3 * len(zones)) if len(zones) > 2 else None, "Three members in each zone will do, but with more than three zones fewer will."),
        Misconception("always five", lambda zones: dealt(zones, 5) if len(zones) > 2 else None, "Five members are enough with five zones; with three of them, a zone takes two of the five."),
        Misconception("never None", lambda zones: zone_and_one(zones) or dealt(zones, 9), "With one or two zones no number of members will do; then the answer is None."),
    ),
    hints=("Try sizes from one up: dealt out as evenly as can be, how many are left without the fullest zone and one more?", "Topology.of({zone: count, …}) makes a topology, and survives_any_plus_one(\"zone\") answers for it."),
    praise="Nine over three zones, seven over four, five over five: more places are cheaper than more members.",
)  # fmt: skip

SPREAD = GradedTask(
    id="best-spread",
    title="The best spread",
    function="best_spread",
    parameters=("n", "zones", "member_up", "zone_up"),
    visible=((5, 3, 0.99, 0.999), (3, 2, 0.99, 0.999), (5, 5, 0.99, 0.999), (5, 3, 0.99, 0.4), (4, 2, 0.99, 0.999), (4, 3, 0.9, 0.99)),
    parts=(
        Part("three zones and more", 2, lambda chance: [(5, 4, 0.7, 0.97), (5, 4, 0.97, 0.6), (6, 3, 0.97, 0.8), *((n, z, m, u) for n, z in ((3, 3), (5, 3), (5, 4), (7, 3), (6, 3), (7, 4), (4, 4)) for m, u in [(chance.choice([0.9, 0.97, 0.995]), chance.choice([0.99, 0.999]))])]),
        Part("two zones", 1, lambda chance: [(n, 2, chance.choice([0.9, 0.99]), chance.choice([0.99, 0.999])) for n in (2, 3, 4, 5, 6, 7)] + [(5, 1, 0.9, 0.9)]),
        Part("places worse than members", 1, lambda chance: [(n, z, chance.choice([0.98, 0.999]), chance.choice([0.3, 0.42, 0.45])) for n, z in ((3, 3), (5, 3), (5, 4), (4, 3))]),
    ),
    reference=best_spread,
    fault=f"{HALF}spread_fault",
    misconceptions=(
        Misconception("as even as can be", lambda n, z, m, u: even_spread(n, z), "An even spread is not always best: over two zones one of them holds a majority anyway, and the other only adds something to fail."),
        Misconception("all in one", lambda n, z, m, u: [n] + [0] * (z - 1), "With all in one zone its loss stops everything; three zones or more can do better."),
        Misconception("one in each, the rest in the first", lambda n, z, m, u: sorted([max(0, n - (z - 1)), *[1] * min(z - 1, n - 1), *[0] * max(0, z - n)], reverse=True)[:z], "Your fullest zone holds too much: its loss takes a majority away."),
        Misconception("two to a zone", lambda n, z, m, u: sorted([*[2] * min(z - 1, n // 2), n - 2 * min(z - 1, n // 2), *[0] * z][:z], reverse=True), "Pairs are not the point: try every spread, and let ql.unavailability decide."),
    ),
    hints=("There are few spreads: try them all.", "ql.unavailability(topology, member_up=…, zone_up=…, region_up=1.0) answers for each; zones that hold 0 are left out of the topology."),
    praise="Over two zones it gets worse, over three mostly better, and where zones or members are poor one zone may be best: you let the numbers decide.",
    seconds=40,
)  # fmt: skip

REGIONS = GradedTask(
    id="over-regions",
    title="Regions and their zones",
    function="over_regions",
    parameters=("regions", "n"),
    visible=(({"us": ["us-1", "us-2"], "eu": ["eu-1", "eu-2"], "ap": ["ap-1"]}, 5), ({"us": ["us-1", "us-2"], "eu": ["eu-1", "eu-2"]}, 5), ({"us": ["us-1"], "eu": ["eu-1"], "ap": ["ap-1"]}, 4), ({"us": ["us-1", "us-2", "us-3"], "eu": ["eu-1", "eu-2", "eu-3"], "ap": ["ap-1", "ap-2"]}, 9), ({"us": ["us-1"], "eu": ["eu-1"], "ap": ["ap-1"]}, 3)),
    parts=(
        Part("it can be done", 2, lambda chance: [({r: [f"{r}/{i}" for i in range(3)] for r in ("red", "green", "blue")}, 9), *(({r: [f"{r}/{i}" for i in range(chance.randrange(1, 4))] for r in ("red", "green", "blue", "grey")[:k]}, n) for k, n in ((3, 3), (3, 5), (3, 6), (3, 7), (3, 9), (4, 4), (4, 5), (4, 7), (4, 8)))]),
        Part("it cannot", 1, lambda chance: [({r: [f"{r}/1", f"{r}/2"] for r in ("red", "green", "blue", "grey")[:k]}, n) for k, n in ((1, 3), (2, 3), (2, 7), (3, 4), (3, 2), (4, 2), (3, 1), (3, 3), (4, 4))]),
    ),
    reference=over_regions,
    fault=f"{HALF}region_fault",
    misconceptions=(
        Misconception("never None", lambda regions, n: over_regions(regions, n, check=False), "No layout of so many voters over so many regions survives the loss of each; then the answer is None."),
        Misconception("regions not told", lambda regions, n: over_regions(regions, n, told=False), "Your YAML does not say which region a zone is in, and these names do not tell; give regions= to Topology.of, or write region: in the text."),
        Misconception("one zone in each region", lambda regions, n: over_regions(regions, n, even=False), "You put all of a region's voters into its first zone; spread them over its zones."),
        Misconception("three regions are enough", lambda regions, n: over_regions(regions, n, check=len(regions) < 3), "Three regions are not enough for every number of voters: of four, one region holds two, and half is too many."),
    ),
    hints=("First deal the voters out over the regions, as evenly as can be; then those of each region over its zones.", "If the fullest region holds more than (n − 1) // 2, no other spread does better."),
    praise="Even over the regions, even inside each: and you know when the honest answer is that it cannot be done.",
)  # fmt: skip

LAB = Lab(
    "surviving-topology",
    "A topology that survives",
    (BAKERY, REMARKS, FATAL, MENDED, THIRD, ZONE_AND_ONE, SPREAD, REGIONS),
)
