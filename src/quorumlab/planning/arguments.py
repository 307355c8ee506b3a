"""What a search for layouts may be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from quorumlab.arguments import as_set, bounded, cut, named, number, shown, whole

MOST_MEMBERS = 15
MOST_ZONES = 6
MOST_WEIGHT = 1_000_000
_SURVIVE = re.compile(r"(?P<what>member|zone|region)(\+(?P<more>[1-3]))?")


def zones_by_region(regions: object) -> dict[str, int]:
    """`{region: number of zones}`, three each where only names are given."""
    if isinstance(regions, Mapping):
        named(list(regions), "regions")
        zones = {
            region: whole(count, f"the number of zones in {cut(region)}") for region, count in regions.items()
        }
    else:
        zones = dict.fromkeys(named(regions, "regions"), 3)
    for region, count in zones.items():
        if count > MOST_ZONES:
            raise ValueError(
                f"Region {cut(region)} has {shown(count)} zones, but at most {MOST_ZONES} are gone through; name fewer."
            )
    return zones


def clients_by_weight(clients: object) -> dict[str, float]:
    """Where clients stand, with weights that sum to 1."""
    if clients is None:
        return {}
    if not isinstance(clients, Mapping):
        places = named([clients] if isinstance(clients, str) else clients, "clients")
        return {place: 1 / len(places) for place in places}
    named(list(clients), "clients")
    for place, weight in clients.items():
        number(weight, f"The weight of the clients in {cut(place)}", least=0, most=MOST_WEIGHT)
    total = sum(clients.values())
    if not total:
        raise ValueError(
            f"The weights of the clients in {as_set(clients)} sum to 0, but somebody must ask; give one a weight."
        )
    return {place: float(weight) / float(total) for place, weight in clients.items()}


def losses_to_survive(survive: object) -> tuple[str, int]:
    """`("region", 1)` for "region+1"."""
    asked = _SURVIVE.fullmatch(survive) if isinstance(survive, str) else None
    if asked is None:
        raise ValueError(
            f"survive is {shown(survive)}, but must be 'member', 'zone' or 'region', with '+1' to '+3' for further members; write for "
            f"example 'region' or 'zone+1'."
        )
    return asked["what"], int(asked["more"] or 0)


def sizes_of(members: object) -> list[int]:
    """How many voters there may be, sorted."""
    given = (
        bounded(members, "members")
        if isinstance(members, Iterable) and not isinstance(members, str)
        else [members]
    )
    sizes = sorted({whole(n, "members") for n in given})
    if not sizes or sizes[-1] > MOST_MEMBERS:
        raise ValueError(
            f"members are {shown(sizes) if sizes else 'none'}, but must be numbers from 1 to {MOST_MEMBERS}; write for example range(3, 8)."
        )
    return sizes
