"""How likely a cluster is to be up: exact probabilities, with nothing sampled and nothing cancelled.

A member counts when it is up *and* the zone and region it stands in are up; all of these fail independently.
Give a ``fractions.Fraction`` for every probability and the answer is an exact Fraction; otherwise it is a
float that is accurate to about 1e-13 of itself, however small (below 1e-308, the end of the floats, it comes
out as 0.0).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from quorumlab.arguments import Real, as_set, probability, shown
from quorumlab.quorums.base import Chance, QuorumSystem, Rule
from quorumlab.quorums.exact import GROUPS, as_fractions, convolved, count_up, feasible, shares, whole_numbers
from quorumlab.quorums.systems import Threshold
from quorumlab.topology import Topology
from quorumlab.words import YEAR

Ups = Real | Mapping[str, Real]


# Where a system is no plain count, combinations of zones and regions up and down are gone through one by one, each at a cost of
# about the members squared: about six seconds at most.
MAX_PLACE_STATES = 20_000
MAX_STATE_COST = 65_000_000

ZERO_ONE = Chance(0, 1)
NEVER_DOWN = Fraction(1)


def availability(
    system_or_topology: QuorumSystem | Topology,
    member_up: Ups,
    zone_up: Ups | None = None,
    region_up: Ups | None = None,
    *,
    kind: str | None = None,
    topology: Topology | None = None,
) -> Real:
    """The probability that the members that are up hold a quorum, at a random moment.

    A topology counts by the majority of its voters. For another rule give the quorum system, and `topology=` to say where its
    members stand. `member_up` is one probability for all, or `{member: probability}`; `zone_up` and `region_up` are the same for
    zones and regions, which never fail where these are left out. For a flexible system `kind="commit"` or `kind="elect"` asks
    about one kind of quorum; without it, both must be possible.

    Raises TypeError or ValueError if a probability is not a number from 0 to 1, if a mapping misses a member, zone or region or
    names an unknown one, if the topology does not place the system's members, or if there are too many combinations to be exact
    about (never for a majority).
    """
    chance = _chance(system_or_topology, member_up, zone_up, region_up, kind, topology)
    return _one_of(chance.up, chance.down)


def unavailability(
    system_or_topology: QuorumSystem | Topology,
    member_up: Ups,
    zone_up: Ups | None = None,
    region_up: Ups | None = None,
    *,
    kind: str | None = None,
    topology: Topology | None = None,
) -> Real:
    """The probability that the members that are up hold *no* quorum.

    Arguments and errors are those of `availability`. It is summed up directly rather than as 1 - availability, so that 1e-20
    keeps all its digits.
    """
    chance = _chance(system_or_topology, member_up, zone_up, region_up, kind, topology)
    return _one_of(chance.down, chance.up)


def nines(a: Real | None = None, *, unavailability: Real | None = None) -> float:
    """The number of nines of an availability ``a``: -log10(1 - a).

    0.99 has 2.0, 0.9995 has 3.3, and 1 has infinitely many. A float counts as the decimal it is written as.
    Above 15 nines a float cannot tell availabilities apart; give ``unavailability=`` instead, as in
    ``nines(unavailability=1e-20)``.
    """
    if (a is None) == (unavailability is None):
        raise TypeError(
            "nines needs either an availability or unavailability=, not both and not neither; write "
            "nines(0.99), for example."
        )
    if unavailability is None:
        missing: Real = 1 - Fraction(str(probability(a, "the availability")))
    else:
        missing = probability(unavailability, "the unavailability")
    return abs(_log10(missing)) if missing else math.inf


def _log10(p: Real) -> float:
    """Also of a Fraction too small for a float."""
    if isinstance(p, Fraction) and float(p) < 1e-300:
        return math.log10(p.numerator) - math.log10(p.denominator)
    return math.log10(p)


def downtime(u: Real) -> timedelta:
    """The expected downtime in a year of 365 days, to the microsecond; ``u`` is an unavailability."""
    return YEAR * float(probability(u, "the unavailability"))


def _chance(
    asked: QuorumSystem | Topology,
    member_up: Ups,
    zone_up: Ups | None,
    region_up: Ups | None,
    kind: str | None,
    topology: Topology | None,
) -> Chance:
    system, placed = _asked(asked, topology)
    rule = system.of_kind(kind)
    names = system.members if placed is None else placed.members
    members = _chances(member_up, system.members, names, "member")
    if placed is None:
        if zone_up is not None or region_up is not None:
            given = "zone_up" if zone_up is not None else "region_up"
            raise TypeError(
                f"{given} was given for a quorum system alone, but only a topology has zones and regions; give topology= too."
            )
        return rule.chance(list(members.values()))
    zones, regions = _places(placed, system.members)
    zone_chances = _chances(NEVER_DOWN if zone_up is None else zone_up, zones, placed.zones, "zone")
    region_chances = _chances(
        NEVER_DOWN if region_up is None else region_up, regions, placed.regions, "region"
    )
    if isinstance(rule, Threshold):
        tree = [
            (
                region_chances[region],
                [(zone_chances[zone], [members[m] for m in zones[zone]]) for zone in held],
            )
            for region, held in regions.items()
        ]
        return counted(rule.size, tree)
    places: list[Place] = []
    for region, held in regions.items():
        places.append((region_chances[region], frozenset().union(*(zones[zone] for zone in held))))
        places += [(zone_chances[zone], frozenset(zones[zone])) for zone in held]
    # What never fails is no case, and where a region is down its zones are none either.
    states = math.prod(
        2 ** sum(zone_chances[zone].down > 0 for zone in held) + (region_chances[region].down > 0)
        for region, held in regions.items()
    )
    _feasible(states, len(system.members))
    return _given_places(rule, members, [place for place in places if place[0].down], frozenset())


def _asked(asked: object, topology: object) -> tuple[QuorumSystem, Topology | None]:
    """The quorum system asked about and where its members stand."""
    if isinstance(asked, Topology):
        if topology is not None:
            raise TypeError(
                f"the topology is {shown(asked)} and topology= is {shown(topology)}, but one is enough; leave topology= out."
            )
        return asked.quorum_system, asked
    if not isinstance(asked, QuorumSystem):
        raise TypeError(
            f"the system is {shown(asked)}, but must be a quorum system or a topology; write for example majority(5)."
        )
    if topology is None:
        return asked, None
    if not isinstance(topology, Topology):
        raise TypeError(
            f"topology is {shown(topology)}, but must be a Topology; write for example Topology.of('a: 2, b: 1')."
        )
    missing = [name for name in asked.members if name not in topology.at]
    if missing:
        raise ValueError(
            f"the topology does not place {as_set(missing)}, but must place all of {as_set(asked.members)}; add what is missing."
        )
    return asked, topology


def _places(t: Topology, members: Iterable[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """`{zone: members}` and `{region: zones}` of these members alone."""
    zones: dict[str, list[str]] = {}
    regions: dict[str, list[str]] = {}
    for name in members:
        place = t.at[name]
        if place.zone not in zones:
            zones[place.zone] = []
            regions.setdefault(place.region, []).append(place.zone)
        zones[place.zone].append(name)
    return zones, regions


def _chances(given: Ups, names: Iterable[str], known: Iterable[str], what: str) -> dict[str, Chance]:
    """`given` as one Chance for each of `names`; a mapping must have those, and may have all that is `known`."""
    named = list(names)
    if isinstance(given, Mapping):
        _covers(given, named, list(known), f"{what}_up", what)
        ups = {name: probability(given[name], f"{what}_up of {name}") for name in named}
    else:
        ups = dict.fromkeys(named, probability(given, f"{what}_up"))
    return {name: Chance(up, 1 - up) for name, up in ups.items()}


def _covers(
    given: Mapping[str, object], names: list[str], known: list[str], argument: str, what: str
) -> None:
    missing = [name for name in names if name not in given]
    unknown = [str(name) for name in given if name not in known]
    if missing:
        raise ValueError(
            f"{argument} misses {what} {as_set(missing)}, but must have exactly {as_set(names)}; add what is "
            f"missing."
        )
    if unknown:
        raise ValueError(
            f"{argument} has the unknown {what} {as_set(unknown)}, but must have exactly {as_set(names)}; "
            f"remove it."
        )


Counted = Sequence[tuple[Chance, Sequence[tuple[Chance, Sequence[Chance]]]]]


def counted(needed: int, regions: Counted) -> Chance:
    """The chance that at least `needed` members count: up, in a zone that is up, in a region that is up.

    `regions` is a tree: each region with its chance and its zones, each zone with its chance and those of its members. The
    distribution of the number that count is convolved member by member within a zone, zone by zone within a region, and region by
    region; a zone that is down puts its whole weight on 0. Every step adds and multiplies numbers that are not negative, so
    nothing cancels. It takes about the members squared in steps. Where all chances are exact it is done in whole numbers, with
    one division at the end: a thousand Fractions would each be reduced in vain.
    """
    flat = [
        chance for region, zones in regions for zone, members in zones for chance in (region, zone, *members)
    ]
    exact = shares(flat)
    if exact is not None:
        feasible(exact, GROUPS)
    counts = _distribution(
        regions,
        *((_floats, _one_by_one, _convolved) if exact is None else (whole_numbers, _all_at_once, convolved)),
    )
    up, down = sum(counts[needed:]), sum(counts[:needed])
    return Chance(up, down) if exact is None else as_fractions(up, down)


def _distribution(
    regions: Counted,
    share: Callable[[Chance], tuple[Any, Any]],
    count: Callable[[Sequence[Chance]], list[Any]],
    convolve: Callable[[list[Any], list[Any]], list[Any]],
) -> list[Any]:
    """How many count, in floats or in whole numbers, as the three functions have it."""
    total: list[Any] = [1]
    for region, zones in regions:
        in_region: list[Any] = [1]
        for zone, members in zones:
            in_region = convolve(in_region, _unless_down(count(members), *share(zone)))
        total = convolve(total, _unless_down(in_region, *share(region)))
    return total


def _floats(chance: Chance) -> tuple[float, float]:
    return float(chance.up), float(chance.down)


def _one_by_one(members: Sequence[Chance]) -> list[float]:
    counts: list[float] = [1]
    for member in members:
        counts = _convolved(counts, _floats(member)[::-1])
    return counts


def _all_at_once(members: Sequence[Chance]) -> list[int]:
    return count_up([whole_numbers(member) for member in members])


def _convolved(a: Sequence[float], b: Sequence[float]) -> list[float]:
    """The distribution of the sum of two independent counts."""
    out: list[float] = [0] * (len(a) + len(b) - 1)
    for j, q in enumerate(b):
        for i, p in enumerate(a, start=j):
            out[i] += p * q
    return out


def _unless_down(counts: Sequence[Any], up: Any, down: Any) -> list[Any]:
    """The distribution of the count if it is 0 whenever the place is down. (The weights sum to 1, or to one whole number.)"""
    out = [p * up for p in counts]
    out[0] += sum(counts) * down
    return out


# A place is a zone or a region: its chance, and the members lost with it.
Place = tuple[Chance, frozenset[str]]


def _feasible(states: int, members: int) -> None:
    most = min(MAX_PLACE_STATES, max(1, MAX_STATE_COST // members**2))
    if states > most:
        raise ValueError(
            f"the zones and regions can be up and down in {states} ways, but at most {most} are gone through for {members} "
            f"members; the availability without zones, fault_tolerance and is_quorum can still be asked, or merge some zones."
        )


def _given_places(
    system: Rule, members: dict[str, Chance], places: list[Place], lost: frozenset[str]
) -> Chance:
    """Condition on the first place being up or down, and so on down the list; then the members fail
    independently.
    """
    if not system.is_quorum(members.keys() - lost):
        return ZERO_ONE
    if not places:
        return system.chance([ZERO_ONE if name in lost else chance for name, chance in members.items()])
    (chance, held), rest = places[0], places[1:]
    if held <= lost:  # its region is down already
        return _given_places(system, members, rest, lost)
    if_up = _given_places(system, members, rest, lost)
    if_down = _given_places(system, members, rest, lost | held)
    return Chance(
        chance.up * if_up.up + chance.down * if_down.up, chance.up * if_up.down + chance.down * if_down.down
    )


def _one_of(wanted: Real, other: Real) -> Real:
    """``wanted`` as summed up while it is small; when large, ``1 - other`` has the smaller rounding error."""
    p = wanted if wanted <= 0.5 else 1 - other
    return p if isinstance(p, Fraction) else float(p)
