"""The student's half of the lab *a topology that survives*: what is said of a layout, which may be any text.

None of these functions tells a right answer: they say what is wrong with the one that was given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from textwrap import dedent
from typing import Any

from quorumlab.availability import unavailability
from quorumlab.topology import Topology

__all__ = [
    "bakery_fault",
    "mended_fault",
    "region_fault",
    "spread_fault",
    "third_fault",
    "whatever_is_asked",
    "zone_and_one_fault",
]

MOST_MEMBERS = 50


def layout(got: object) -> Topology | str:
    """The topology that a text tells, or one sentence on why it tells none."""
    if not isinstance(got, str):
        return "give back YAML as a text: topology.to_yaml() makes one."
    if "\n" not in got.strip():
        return "your text is no YAML of a cluster, which has lines for etcd-cluster:, nodes: and each member."
    try:
        return Topology.from_yaml(dedent(got))
    except (ValueError, OSError) as error:
        return f"your YAML cannot be read: {error}"


def existing(expected: object, got: object) -> str | None:
    """What is wrong where there is no such layout, or where None is given and there is one; None if there is more to ask."""
    if expected is None:
        return "" if got is None else "no such layout exists here; the answer is None."
    return "there is such a layout, and yours gives None." if got is None else None


def lost_zone(topology: Topology, more: int) -> str:
    """The first zone whose loss, with that of so many more members, stops writes, in a sentence."""
    for zone in topology.zones:
        if topology.spare_after_loss_of(zone=zone) < more:
            also = " and one more member" if more else ""
            return f"in your layout the loss of {zone}{also} stops writes."
    return ""


def whatever_is_asked(function: Callable[[], object], asked: str) -> object:
    """A text that is the same whatever is asked about it."""
    return function()


def bakery_fault(own: Mapping[str, Any], got: object, asked: str) -> str:
    """What is wrong with the file of a bakery, whose names are ``own``, in one of four respects."""
    yours = layout(got)
    if isinstance(yours, str):
        return yours
    if asked == "members" and (len(yours.voters), len(yours.learners), len(yours.members)) != (5, 1, 6):
        return f"your file has {len(yours.voters)} voters and {len(yours.learners)} learners; five voters and one learner are asked for."
    if asked in ("halls", "any hall"):
        for name in yours.voters:
            zone, region = yours.zone_of[name], yours.region_of[name]
            if zone not in own["halls"] or region != own["city"]:
                return f"in your file the voter {name} stands in zone {zone} of region {region}; voters stand in the halls of {own['city']}."
    if asked == "learner" and [(yours.zone_of[m], yours.region_of[m]) for m in yours.learners] != [
        (own["store"], own["far"])
    ]:
        return f"in your file there is no learner in the zone {own['store']} of the region {own['far']}, or there are more."
    return lost_zone(yours, 0) if asked == "any hall" else ""


def moved(before: Topology, after: Topology) -> int:
    """How many members stand in another zone than before."""
    return sum(before.zone_of[name] != after.zone_of[name] for name in before.members)


def mended_fault(expected: object, got: object, asked: str) -> str:
    """What is wrong with a cluster that was mended by moving members between its zones."""
    if (settled := existing(expected, got)) is not None:
        return settled
    yours, before = layout(got), Topology.of(asked)
    if isinstance(yours, str):
        return yours
    if {m: yours.role_of[m] for m in yours.members} != dict(before.role_of):
        return "your layout has other members than the one that was given; only their zones may change."
    if unknown := sorted(set(yours.zones) - set(before.zones)):
        return f"your layout has the zone {unknown[0]}, which the one that was given has not."
    if wrong := lost_zone(yours, 0):
        return wrong
    if moved(before, yours) > moved(before, Topology.from_yaml(str(expected))):
        return f"yours moves {moved(before, yours)} members; fewer will do."
    return ""


def third_fault(expected: object, got: object, asked: str, site: str) -> str:
    """What is wrong with two sites to which voters in a third were added."""
    yours, before = layout(got), Topology.of(asked)
    if isinstance(yours, str):
        return yours
    if any(yours.zone_of.get(name) != zone for name, zone in before.zone_of.items()):
        return "the members that were there before must stay where they are."
    if any(yours.role_of[name] != role for name, role in before.role_of.items()):
        return "the members that were there before must keep their roles, too."
    if any(zone != site for name, zone in yours.zone_of.items() if name not in before.at):
        return f"all new members must stand in {site}."
    if learners := [name for name in yours.learners if name not in before.at]:
        return f"{learners[0]} is a learner; voters are to be added."
    if wrong := lost_zone(yours, 0):
        return wrong
    if len(yours.members) > len(Topology.from_yaml(str(expected)).members):
        return f"yours adds {len(yours.members) - len(before.members)}; fewer will do."
    return ""


def zone_and_one_fault(expected: object, got: object, zones: Sequence[str]) -> str:
    """What is wrong with a cluster that is to survive any zone and one more member."""
    if (settled := existing(expected, got)) is not None:
        return settled
    yours = layout(got)
    if isinstance(yours, str):
        return yours
    if unknown := sorted(set(yours.zones) - set(zones)):
        return f"your layout has the zone {unknown[0]}, which is none of those that were given."
    if wrong := lost_zone(yours, 1):
        return wrong
    if len(yours.voters) > len(Topology.from_yaml(str(expected)).voters):
        return f"yours has {len(yours.voters)} voters; fewer will do."
    return ""


def counts_of(got: object, n: int, zones: int) -> list[int] | str:
    """Members by zone, the fullest first, or a sentence on why that is none."""
    if not isinstance(got, list) or not all(type(count) is int and count >= 0 for count in got):
        return "give back a list of whole numbers, the members in each zone."
    if len(got) != zones:
        return f"your list has {len(got)} numbers, and there are {zones} zones; a zone may hold 0."
    if sum(got) != n:
        return f"your numbers add up to {sum(got)}, and there are {n} members."
    if sorted(got, reverse=True) != got:
        return "begin with the fullest zone."
    return got


def spread(counts: Iterable[int], member_up: float, zone_up: float) -> float:
    """How often members so spread over zones have no majority."""
    placed = {f"zone {i}": count for i, count in enumerate(counts) if count}
    topology = Topology.of(placed, regions=dict.fromkeys(placed, "one region"))
    return float(unavailability(topology, member_up=member_up, zone_up=zone_up, region_up=1.0))


def times_the_best(ratio: float) -> str:
    """How much longer one is down than the best, with as many digits as tell it from once."""
    digits = next((d for d in range(1, 9) if ratio > 1 + 10**-d), 9)
    return f"{ratio:.{digits}f} times as long as with the best spread"


def spread_fault(
    expected: Sequence[int], got: object, n: int, zones: int, member_up: float, zone_up: float
) -> str:
    """What is wrong with a spread that is to be without a majority as rarely as possible."""
    counts = counts_of(got, n, zones)
    if isinstance(counts, str):
        return counts
    yours, best = spread(counts, member_up, zone_up), spread(expected, member_up, zone_up)
    if isfinite(yours) and yours <= best * (1 + 1e-9):
        return ""
    missing = f"spread as {'+'.join(map(str, counts))}, there is no majority for {yours:.4g} of the time"
    return f"{missing}, {times_the_best(yours / best)}."


def region_fault(expected: object, got: object, regions: Mapping[str, Sequence[str]], n: int) -> str:
    """What is wrong with voters spread over regions and their zones."""
    if (settled := existing(expected, got)) is not None:
        return settled
    yours = layout(got)
    if isinstance(yours, str):
        return yours
    if len(yours.voters) != n or len(yours.members) != n:
        return f"your layout has {len(yours.members)} members, of whom {len(yours.voters)} vote; {n} voters are asked for."
    region_of = {zone: region for region, zones in regions.items() for zone in zones}
    for name, place in yours.at.items():
        if region_of.get(place.zone) != place.region:
            return f"in your layout {name} is in zone {place.zone} of region {place.region}, and that is none of those given."
    for region in yours.regions:
        if not yours.survives(region=region):
            return f"in your layout the loss of {region} stops writes."
    held = yours.votes_in("zone")
    for region, zones in regions.items():
        counts = [held.get(zone, 0) for zone in zones]
        if max(counts) - min(counts) > 1:
            return f"in {region} one zone holds {max(counts)} voters and another {min(counts)}; spread them more evenly."
    return ""
