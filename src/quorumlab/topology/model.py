"""Members in zones in regions, and what is left when some of them are lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from quorumlab.arguments import as_set, default_names, limited, shortened, shown, whole
from quorumlab.quorums import QuorumSystem, majority, quorum_size
from quorumlab.topology.placement import LEARNER, VOTER, WITNESS, Placement, problem, region_of_zone
from quorumlab.topology.review import Finding, Review, plus_one, review, survives_any
from quorumlab.topology.text import Source, parse, read_file, write

Names = str | Iterable[str]


@dataclass(frozen=True, repr=False)
class Topology:
    """A cluster's members, each in a zone of a region.

    Made by `Topology.of("us-east-1a: 2, us-east-1b: 1")`, `Topology.placed({"etcd-1": "us-east-1a"})` or
    `Topology.from_yaml(path_or_text)`. Equal placements are equal topologies. A region that is not given is read off its
    zone's name (`us-east-1` from `us-east-1a`), and is the zone itself where the name tells none. Raises ValueError, in one
    sentence, for what cannot be a cluster.
    """

    placements: tuple[Placement, ...]
    source: Source | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        wrong = problem(self.placements)
        if wrong:
            raise ValueError(f"{wrong.sentence[0].upper()}{wrong.sentence[1:]}.")

    @classmethod
    def of(
        cls,
        voters: str | Mapping[str, int],
        /,
        *,
        learners: str | Mapping[str, int] | None = None,
        witnesses: str | Mapping[str, int] | None = None,
        regions: Mapping[str, str] | None = None,
    ) -> Topology:
        """So many voters in each zone: `"us-east-1a: 2, us-east-1b: 1"`, or `{"us-east-1a": 2, "us-east-1b": 1}`.

        `learners` and `witnesses` (a witness is not in etcd) are given the same way, and `regions` as `{zone: region}`.
        The members are etcd-1 onwards, zone by zone. Raises TypeError or ValueError, in one sentence, for anything else.
        """
        places = [
            (zone, role)
            for role, given in ((VOTER, voters), (WITNESS, witnesses), (LEARNER, learners))
            if given is not None
            for zone, count in _counts(given).items()
            for _ in range(count)
        ]
        limited(len(places), "members")
        return cls._placed(zip(default_names(len(places)), places, strict=True), regions)

    @classmethod
    def placed(
        cls,
        zone_of: Mapping[str, str],
        /,
        *,
        regions: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
    ) -> Topology:
        """These members in these zones, as `{"etcd-1": "us-east-1a", …}`; `regions` is `{zone: region}`, `roles` `{member: role}`."""
        if not isinstance(zone_of, Mapping):
            raise TypeError(
                f"The members are {shown(zone_of)}, but must be a dict from member to zone; write for example "
                f"{{'etcd-1': 'us-east-1a'}}."
            )
        _known(roles, zone_of, "roles", "member")
        return cls._placed(
            ((name, (zone, (roles or {}).get(name, VOTER))) for name, zone in zone_of.items()), regions
        )

    @classmethod
    def _placed(
        cls, members: Iterable[tuple[str, tuple[str, str]]], regions: Mapping[str, str] | None
    ) -> Topology:
        places = list(members)
        _known(regions, {zone: () for _, (zone, _) in places if isinstance(zone, str)}, "regions", "zone")
        given = regions or {}
        placements = tuple(
            Placement(
                name, zone, given[zone] if isinstance(zone, str) and zone in given else _derived(zone), role
            )
            for name, (zone, role) in places
        )
        return cls(placements)

    @classmethod
    def from_yaml(cls, path_or_text: str | os.PathLike[str], /) -> Topology:
        """The topology in a YAML file, or in its text: `etcd-cluster:`, `nodes:`, and for each node `name`, `zone` and, if
        wanted, `region` and `role`.

        A text of one line without a colon and a space is taken as a path. Only this shape is read, by a reader of our own that
        executes and expands nothing. Raises FileNotFoundError for a path that is not there, and ValueError with the line for
        everything else.
        """
        text = read_file(path_or_text)
        return cls(*parse(text, _derived))

    def to_yaml(self) -> str:
        """The topology as YAML. The comments of the text it was read from stay, save those on lines that no longer hold."""
        return write(self.placements, self.source, _derived)

    @cached_property
    def members(self) -> tuple[str, ...]:
        """The names of all members, learners too, in the order given."""
        return tuple(place.name for place in self.placements)

    @cached_property
    def voters(self) -> tuple[str, ...]:
        """The names of those who vote, witnesses too."""
        return tuple(place.name for place in self.placements if place.votes)

    @cached_property
    def learners(self) -> tuple[str, ...]:
        """The names of those who hold the data without a vote."""
        return tuple(place.name for place in self.placements if place.role == LEARNER)

    @cached_property
    def witnesses(self) -> tuple[str, ...]:
        """The names of those who vote and hold no data (not in etcd)."""
        return tuple(place.name for place in self.placements if place.role == WITNESS)

    @cached_property
    def may_lead(self) -> tuple[str, ...]:
        """The names of those who vote and hold the data."""
        return tuple(place.name for place in self.placements if place.role == VOTER)

    @cached_property
    def at(self) -> Mapping[str, Placement]:
        """`{member: its placement}`."""
        return MappingProxyType({place.name: place for place in self.placements})

    @cached_property
    def zone_of(self) -> Mapping[str, str]:
        """`{member: its zone}`."""
        return MappingProxyType({place.name: place.zone for place in self.placements})

    @cached_property
    def region_of(self) -> Mapping[str, str]:
        """`{member: its region}`."""
        return MappingProxyType({place.name: place.region for place in self.placements})

    @cached_property
    def role_of(self) -> Mapping[str, str]:
        """`{member: "voter", "learner" or "witness"}`."""
        return MappingProxyType({place.name: place.role for place in self.placements})

    @cached_property
    def zones(self) -> Mapping[str, tuple[str, ...]]:
        """`{zone: the members in it}`, in the order in which the zones are first named."""
        return _grouped(self.placements, lambda place: place.zone)

    @cached_property
    def regions(self) -> Mapping[str, tuple[str, ...]]:
        """`{region: the members in it}`, in the order in which the regions are first named."""
        return _grouped(self.placements, lambda place: place.region)

    @property
    def quorum_system(self) -> QuorumSystem:
        """The majority of the voters."""
        return majority(self.voters)

    @property
    def quorum(self) -> int:
        """The size of a quorum: ⌊n/2⌋ + 1 of the n voters."""
        return quorum_size(len(self.voters))

    @property
    def spare(self) -> int:
        """How many voters may be lost, whichever they are: ⌊(n−1)/2⌋."""
        return len(self.voters) - self.quorum

    def lost(
        self, *, zone: Names | None = None, region: Names | None = None, members: Names | None = None
    ) -> frozenset[str]:
        """The members lost with these zones, regions and members; each is one name or several. ValueError for an unknown one."""
        if zone is None and region is None and members is None:
            raise TypeError("Nothing is named that is lost; write zone=, region= or members=.")
        gone = frozenset(_names(members, self.at, "members"))
        for what, given, held in (("zones", zone, self.zones), ("regions", region, self.regions)):
            gone = gone.union(*(held[name] for name in _names(given, held, what)))
        return gone

    def spare_after_loss_of(
        self, *, zone: Names | None = None, region: Names | None = None, members: Names | None = None
    ) -> int:
        """How many further voters may be lost after this loss, whichever they are; below 0, so many are missing for a quorum."""
        return self._spare_without(self.lost(zone=zone, region=region, members=members))

    def survives(
        self, *, zone: Names | None = None, region: Names | None = None, members: Names | None = None
    ) -> bool:
        """Whether a quorum is left when all of these are lost together: writes go on."""
        return self.spare_after_loss_of(zone=zone, region=region, members=members) >= 0

    def _spare_without(self, lost: frozenset[str]) -> int:
        return self.spare - sum(name in lost for name in self.voters)

    def votes_in(self, what: str) -> Mapping[str, int]:
        """`{place: voters in it}` of every "zone" or every "region"."""
        if not isinstance(what, str) or what not in ("zone", "region"):
            raise ValueError(f"what is {shown(what)}, but must be 'zone' or 'region'; choose one of them.")
        held = self.zones if what == "zone" else self.regions
        return {place: sum(self.at[name].votes for name in names) for place, names in held.items()}

    def worst_zone(self) -> str:
        """The zone whose loss costs most voters; of several the first."""
        return _largest(self.votes_in("zone"))

    def worst_region(self) -> str:
        """The region whose loss costs most voters; of several the first."""
        return _largest(self.votes_in("region"))

    def survives_any(self, what: str) -> Finding:
        """Whether the loss of any one "member", "zone" or "region" leaves a quorum, and why.

        The rule: no place may hold more than ⌊(n−1)/2⌋ of the n voters, else less than a quorum is left without it.
        """
        return survives_any(self, what)

    def survives_any_plus_one(self, what: str) -> Finding:
        """Whether the loss of any one "zone" (or "region") *and* of one further member leaves a quorum, and why."""
        return plus_one(self, what)

    def verdict(self) -> Review:
        """What a reviewer would write: what this survives and what not, and the smallest change that would mend it."""
        return review(self)

    def moved(self, name: str, zone: str, *, region: str | None = None) -> Topology:
        """The same cluster with one member in another zone."""
        if not isinstance(name, str):
            raise TypeError(f"The member to move is {shown(name)}, but must be one name; write it in quotes.")
        _names(name, self.at, "members")
        there = replace(self.at[name], zone=zone, region=self._region_for(zone) if region is None else region)
        return Topology(tuple(there if p.name == name else p for p in self.placements), self.source)

    def joined(self, name: str, zone: str, *, region: str | None = None, role: str = VOTER) -> Topology:
        """The same cluster with one member more."""
        new = Placement(name, zone, self._region_for(zone) if region is None else region, role)
        return Topology((*self.placements, new), self.source)

    def without(self, members: Names) -> Topology:
        """The same cluster with fewer members (not the same as members that are down: the quorum shrinks)."""
        gone = set(_names(members, self.at, "members"))
        return Topology(tuple(p for p in self.placements if p.name not in gone), self.source)

    def _region_for(self, zone: str) -> str:
        held = self.zones.get(zone) if isinstance(zone, str) else None
        return self.region_of[held[0]] if held else _derived(zone)

    def __repr__(self) -> str:
        counted = ", ".join(f"{zone}: {len(names)}" for zone, names in self.zones.items())
        return f"Topology({counted})"


def _derived(zone: object) -> str:
    return region_of_zone(zone) if isinstance(zone, str) else zone  # type: ignore[return-value]  # refused by `problem`


def _counts(given: str | Mapping[str, int]) -> dict[str, int]:
    """`"a: 2, b: 1"` or `{"a": 2, "b": 1}` as whole numbers by zone."""
    if isinstance(given, Mapping):
        return {zone: whole(count, f"the number of members in {zone}") for zone, count in given.items()}
    if not isinstance(given, str):
        raise TypeError(
            f"The zones are {shown(given)}, but must be a text such as 'us-east-1a: 2, us-east-1b: 1' or a dict from zone to "
            f"number; write one of them."
        )
    counts: dict[str, int] = {}
    for part in given.split(","):
        zone, colon, count = (piece.strip() for piece in part.rpartition(":"))
        if not (zone and colon and count.isascii() and count.isdigit()) or len(count) > 4:
            raise ValueError(
                f"The zones hold {shown(part.strip())}, but each part must be a zone and a number; write for example "
                f"'us-east-1a: 2, us-east-1b: 1'."
            )
        if zone in counts:
            raise ValueError(
                f"Zone {shown(zone)} stands twice in {shown(given)}, but must stand once; add the numbers up."
            )
        counts[zone] = whole(int(count), f"the number of members in {zone}")
    return counts


def _names(given: Names | None, known: Mapping[str, object], what: str) -> tuple[str, ...]:
    """One name or several as a tuple; ValueError where one is unknown."""
    if given is None:
        return ()
    if not isinstance(given, str) and not isinstance(given, Iterable):
        raise TypeError(
            f"The {what} are {shown(given)}, but must be a name or several; write them in quotes."
        )
    names = (given,) if isinstance(given, str) else tuple(given)
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown:
        raise ValueError(
            f"There is no {what[:-1]} {shown(unknown[0])}; the {what} are {shortened(known)}; choose one of them."
        )
    return names


def _known(given: object, known: Iterable[str], argument: str, what: str) -> None:
    """Raise unless this is None or a dict whose keys are all known."""
    if given is None:
        return
    if not isinstance(given, Mapping):
        raise TypeError(
            f"{argument} is {shown(given)}, but must be a dict from {what} to {argument[:-1]}; write one."
        )
    unknown = [str(name) for name in given if name not in known]
    if unknown:
        raise ValueError(
            f"{argument} names {as_set(unknown)}, but the {what}s are {as_set(known)}; remove what is unknown."
        )


def _grouped(
    placements: Iterable[Placement], key: Callable[[Placement], str]
) -> Mapping[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for place in placements:
        groups[key(place)] = (*groups.get(key(place), ()), place.name)
    return MappingProxyType(groups)


def _largest(counts: Mapping[str, int]) -> str:
    return max(counts, key=lambda place: counts[place])
