"""Where a cluster's members and clients stand, and how far from each other: also one that joins later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

from quorumlab.arguments import shown
from quorumlab.latency.rtt import (
    EVERY_CLIENT,
    Pair,
    Place,
    RttTable,
    as_table,
    client_place,
    member_place,
    one_way_ms,
    place_of,
)
from quorumlab.topology import Topology


@dataclass(frozen=True)
class Ground:
    """What a cluster that is made with ``rtt`` stands on.

    topology  the members that it begins with
    table     round trips between regions
    clients   where clients are, by name; "*" is every client not named
    said_ms   what a request takes from a client to a member, by (client, member), whatever their places
    """

    topology: Topology
    table: RttTable
    clients: Mapping[str, Place]
    said_ms: Mapping[Pair, float]

    @classmethod
    def of(cls, size: object, rtt: object, client: object, said_ms: Mapping[Pair, float]) -> Self | None:
        """The ground of a cluster of ``size``; None for one without ``rtt``. ``client`` is the zone or region where all clients are, or such a
        place by client; None: beside the member asked.

        TypeError for what is no topology; ValueError for a client without a table, for a place that is in neither, and if the table has
        not got a pair of regions.
        """
        if client is not None and (rtt is None or not isinstance(size, Topology)):
            raise ValueError(
                f"client={shown(client)} needs to know how far the members are; give a Topology and rtt=, or client_ms="
                f"{{('*', 'etcd-1'): 35, …}}."
            )
        if rtt is None:
            return None
        if not isinstance(size, Topology):
            raise TypeError(
                f"rtt= needs to know where the members stand, but the cluster is {shown(size)}; give a Topology."
            )
        table = as_table(rtt)
        places = client if isinstance(client, Mapping) else {} if client is None else {EVERY_CLIENT: client}
        clients = {name: client_place(size, where, table) for name, where in places.items()}
        return cls(size, table, clients, said_ms)

    @property
    def standing(self) -> dict[str, Place]:
        """Where each member of the topology stands."""
        return {name: member_place(self.topology, name) for name in self.topology.members}

    @property
    def latency_ms(self) -> dict[Pair, float]:
        """What a message takes between each two of them."""
        return one_way_ms(self.topology, self.table)

    @property
    def client_ms(self) -> dict[Pair, float]:
        """What a request takes from each client to each of them, by (client, member)."""
        ways = (self.client_ways_ms(name, place) for name, place in self.standing.items())
        return {pair: ms for some in ways for pair, ms in some.items()}

    def place(self, name: str, zone: object) -> Place:
        """Where a new member stands: in a zone of the topology, or in a region of it or of the table. ValueError for any other."""
        return place_of(self.topology, zone, self.table, name)

    def ways_ms(self, name: str, place: Place, others: Mapping[str, Place]) -> dict[Pair, float]:
        """What a message takes between a member at ``place`` and each of ``others``, in either order. ValueError where the table has not got it."""
        far = {other: self.table.between(place, at) / 2 for other, at in others.items() if other != name}
        return {pair: ms for other, ms in far.items() for pair in ((name, other), (other, name))}

    def client_ways_ms(self, name: str, place: Place) -> dict[Pair, float]:
        """What a request takes from each client to a member at ``place``, by (client, member)."""
        ways = {(who, name): self.table.between(at, place) / 2 for who, at in self.clients.items()}
        return ways | {pair: ms for pair, ms in self.said_ms.items() if pair[1] == name}


class Newcomer(NamedTuple):
    """Where a new member stands, and the ms to it: of messages, by pair of members, and of requests, by (client, member)."""

    place: Place
    ways_ms: dict[Pair, float]
    client_ways_ms: dict[Pair, float]


def newcomer(
    ground: Ground | None, name: str, zone: str | None, beside: str, standing: Mapping[str, Place]
) -> Newcomer | None:
    """The new member ``name`` among those ``standing``: in ``zone``, or else where ``beside`` stands; None in a cluster that stands nowhere.

    ValueError for a zone in such a cluster, for an unknown place, and where the table has not got its way to another member.
    """
    if ground is None:
        if zone is not None:
            raise ValueError(
                f"zone={shown(zone)} needs to know where the members stand; make the cluster of a Topology and rtt=, or leave the zone out."
            )
        return None
    at = standing[beside] if zone is None else ground.place(name, zone)
    return Newcomer(at, ground.ways_ms(name, at, standing), ground.client_ways_ms(name, at))
