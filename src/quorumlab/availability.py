"""How likely a cluster is to be up: exact probabilities, with nothing sampled and nothing cancelled.

A member counts when it is up *and* the zone and region it stands in are up; all of these fail independently.
Give a ``fractions.Fraction`` for every probability and the answer is an exact Fraction; otherwise it is a
float that is accurate to about 1e-13 of itself, however small (below 1e-308, the end of the floats, it comes
out as 0.0).
"""

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta
from fractions import Fraction

from quorumlab.arguments import Real, as_set, probability
from quorumlab.quorums.base import Chance, QuorumSystem

YEAR = timedelta(days=365)

# Combinations of zones and regions up and down that are gone through one by one: seconds at most.
MAX_PLACE_STATES = 20_000

ZERO_ONE = Chance(0, 1)


def availability(
    s: QuorumSystem,
    member_up: Real | Mapping[str, Real],
    *,
    kind: str | None = None,
    zones: Mapping[str, str] | None = None,
    zone_up: Real | Mapping[str, Real] | None = None,
    regions: Mapping[str, str] | None = None,
    region_up: Real | Mapping[str, Real] | None = None,
) -> Real:
    """The probability that the members that are up hold a quorum of ``s``, at a random moment.

    ``member_up`` is one probability for all, or ``{member: probability}``. For a flexible system
    ``kind="commit"`` or ``kind="elect"`` asks about one kind of quorum; without it, both must be possible.

    Correlated loss: ``zones`` says in which zone each member stands, ``zone_up`` how likely a zone is up (one
    number or ``{zone: probability}``); ``regions`` and ``region_up`` do the same for the region of each zone.

    Raises TypeError or ValueError if a probability is not a number from 0 to 1, if a mapping misses a member,
    zone or region or names an unknown one, or if there are too many combinations to be exact about.
    """
    chance = _chance(s, member_up, kind, zones, zone_up, regions, region_up)
    return _one_of(chance.up, chance.down)


def unavailability(
    s: QuorumSystem,
    member_up: Real | Mapping[str, Real],
    *,
    kind: str | None = None,
    zones: Mapping[str, str] | None = None,
    zone_up: Real | Mapping[str, Real] | None = None,
    regions: Mapping[str, str] | None = None,
    region_up: Real | Mapping[str, Real] | None = None,
) -> Real:
    """The probability that the members that are up hold *no* quorum.

    Arguments and errors are those of ``availability``. It is summed up directly rather than as
    1 - availability, so that 1e-20 keeps all its digits.
    """
    chance = _chance(s, member_up, kind, zones, zone_up, regions, region_up)
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
    return abs(math.log10(missing)) if missing else math.inf


def downtime(u: Real) -> timedelta:
    """The expected downtime in a year of 365 days, to the microsecond; ``u`` is an unavailability."""
    return YEAR * float(probability(u, "the unavailability"))


def _chance(
    s: QuorumSystem,
    member_up: Real | Mapping[str, Real],
    kind: str | None,
    zones: Mapping[str, str] | None,
    zone_up: Real | Mapping[str, Real] | None,
    regions: Mapping[str, str] | None,
    region_up: Real | Mapping[str, Real] | None,
) -> Chance:
    if not isinstance(s, QuorumSystem):
        raise TypeError(f"the system is {s!r}, but must be a quorum system; write for example majority(5).")
    system = s.of_kind(kind)
    members = _chances(member_up, s.members, "member")
    places = _places(s.members, zones, zone_up, regions, region_up)
    return _given_places(system, members, places, frozenset())


def _chances(given: Real | Mapping[str, Real], names: Iterable[str], what: str) -> dict[str, Chance]:
    """``given`` as one Chance for each name."""
    named = list(names)
    if isinstance(given, Mapping):
        _covers(given, named, f"{what}_up", what)
        ups = {name: probability(given[name], f"{what}_up of {name}") for name in named}
    else:
        ups = dict.fromkeys(named, probability(given, f"{what}_up"))
    return {name: Chance(up, 1 - up) for name, up in ups.items()}


def _covers(given: Mapping[str, object], names: list[str], argument: str, what: str) -> None:
    missing = [name for name in names if name not in given]
    unknown = [str(name) for name in given if name not in names]
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


# A place is a zone or a region: its chance, and the members lost with it.
Place = tuple[Chance, frozenset[str]]


def _places(
    members: tuple[str, ...],
    zones: Mapping[str, str] | None,
    zone_up: Real | Mapping[str, Real] | None,
    regions: Mapping[str, str] | None,
    region_up: Real | Mapping[str, Real] | None,
) -> list[Place]:
    """All zones and regions, each region before its own zones."""
    for where, up, first, second in (
        (zones, zone_up, "zones", "zone_up"),
        (regions, region_up, "regions", "region_up"),
    ):
        if (where is None) != (up is None):
            given, missing = (first, second) if up is None else (second, first)
            raise TypeError(
                f"{given} was given without {missing}, but they need each other; give both or neither."
            )
    if zones is None or zone_up is None:
        if regions is not None:
            raise TypeError(
                "regions were given without zones, but a region holds zones; give zones and zone_up too."
            )
        return []
    _covers(zones, list(members), "zones", "member")
    in_zone = {
        zone: frozenset(m for m in members if zones[m] == zone) for zone in dict.fromkeys(zones.values())
    }
    zone_chances = _chances(zone_up, in_zone, "zone")
    as_places = {zone: (zone_chances[zone], in_zone[zone]) for zone in in_zone}
    if regions is None or region_up is None:
        _feasible(2 ** len(in_zone))
        return list(as_places.values())
    _covers(regions, list(in_zone), "regions", "zone")
    zones_of = {r: [z for z in in_zone if regions[z] == r] for r in dict.fromkeys(regions.values())}
    region_chances = _chances(region_up, zones_of, "region")
    _feasible(math.prod(1 + 2 ** len(held) for held in zones_of.values()))
    places: list[Place] = []
    for region, held in zones_of.items():
        places.append((region_chances[region], frozenset().union(*(in_zone[zone] for zone in held))))
        places += [as_places[zone] for zone in held]
    return places


def _feasible(states: int) -> None:
    if states > MAX_PLACE_STATES:
        raise ValueError(
            f"the zones and regions can be up and down in {states} ways, but at most {MAX_PLACE_STATES} are "
            f"gone through; the availability without zones, fault_tolerance and is_quorum can still be asked, "
            f"or merge some zones."
        )


def _given_places(
    system: QuorumSystem, members: dict[str, Chance], places: list[Place], lost: frozenset[str]
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
