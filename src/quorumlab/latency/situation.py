"""A cluster on the map of the world: who leads, where the client is, which region is lost, and what takes how long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from quorumlab.arguments import mapping, shortened, shown
from quorumlab.latency.loss import AfterLoss, after_loss
from quorumlab.latency.paths import commit_latency, read_latency, write_latency
from quorumlab.latency.regions import CLOUDS, Distances, Region, distances, spread_over
from quorumlab.topology import Topology


class Situation(NamedTuple):
    """A cluster on the map, with what is lost; ``leader`` is a member's name, ``leads`` a region."""

    t: Topology
    leader: str
    leads: str
    client: str | None
    lost: str | None
    apart: Distances
    after: AfterLoss | None
    cloud: str

    @property
    def down(self) -> frozenset[str]:
        """The members that are lost."""
        return frozenset() if self.lost is None else frozenset(self.t.regions.get(self.lost, ()))

    @property
    def now_leads(self) -> str | None:
        """Who leads with what is lost; None if nobody can."""
        return self.leader if self.after is None else self.after.leader


class Times(NamedTuple):
    """Milliseconds: of a commit, and of the client's requests to the member that answers soonest. None: not answered."""

    commit: float | None
    write: float | None
    linearizable: float | None
    serializable: float | None


def situation(
    members: Mapping[str, int],
    leader: str | None = None,
    client: str | None = None,
    lost: str | None = None,
    cloud: str = "AWS",
) -> Situation:
    """So many ``members`` in each region of a cloud, led from the region ``leader`` (None: from where a commit is quickest).

    Raises ValueError, in one sentence, for an unknown cloud or region, for no member at all, and for a leader where no member stands.
    """
    known = [region.name for region in regions_of(cloud)]
    places = [name for name in (leader, client, lost) if name is not None]
    for name in (*mapping(members, "The members", "{'us-east-1': 3}"), *places):
        if name not in known:
            raise ValueError(f"{shown(name)} is no region of {cloud} here; choose one of {shortened(known)}.")
    t = spread_over(members)
    apart = distances({*t.regions, *filter(None, (client,))})
    if leader is not None and leader not in t.regions:
        others = ", ".join(region for region in t.regions if region != lost)
        raise ValueError(
            f"No member stands in {leader}, so none there can lead; place one there{f', or choose one of {others}' if others else ''}."
        )
    names = t.may_lead if leader is None else t.regions[leader]
    first = min(names, key=lambda name: _commit(t, name, apart))
    gone = t.regions.get(lost, ()) if lost else ()
    after = after_loss(t, first, members=gone, rtt=apart.table) if gone else None
    return Situation(t, first, t.region_of[first], client, lost, apart, after, cloud)


def regions_of(cloud: str) -> tuple[Region, ...]:
    """The regions of a cloud; ValueError for one that is not on the map."""
    if not isinstance(cloud, str) or cloud not in CLOUDS:
        raise ValueError(
            f"The cloud is {shown(cloud)}, but must be one on the map; choose one of {shortened(CLOUDS)}."
        )
    return CLOUDS[cloud]


def times(s: Situation, *, lost: bool) -> Times:
    """The milliseconds when all is well, or with what is ``lost``; the client asks the member that is up and answers soonest."""
    down = s.down if lost else frozenset[str]()
    leader = s.now_leads if lost else s.leader
    t, rtt = s.t, s.apart.table
    client = None if lost and s.client == s.lost else s.client
    commit = None if leader is None else commit_latency(t, leader, rtt=rtt, down=down)
    alive = [name for name in t.members if name not in down]
    if client is None or not alive:
        return Times(commit, None, None, None)
    nearest = min(alive, key=lambda name: _from(s, client, name))
    serializable = read_latency(t, via=nearest, mode="serializable", client=client, rtt=rtt, down=down)
    if leader is None:
        return Times(commit, None, None, serializable)
    writes = [write_latency(t, leader, via, client=client, rtt=rtt, down=down) for via in alive]
    reads = [read_latency(t, leader, via, client=client, rtt=rtt, down=down) for via in alive]
    return Times(
        commit, min(filter(None, writes), default=0.0), min(filter(None, reads), default=0.0), serializable
    )


def awaited_regions(s: Situation) -> set[str]:
    """The regions whose answers make the leader's quorum up, the nearest first; its own is one of them."""
    leader = s.now_leads
    if leader is None:
        return set()
    home = s.t.region_of[leader]
    alive = {r: sum(n not in s.down for n in names) for r, names in s.t.regions.items()}
    near = sorted((r for r in alive if alive[r]), key=lambda r: 0.0 if r == home else s.apart.table[home, r])
    heard, needed = 0, s.t.quorum
    waited = set()
    for region in near:
        if heard < needed:
            waited.add(region)
        heard += alive[region]
    return waited


def _commit(t: Topology, name: str, apart: Distances) -> float:
    found = commit_latency(t, name, rtt=apart.table)
    assert found is not None  # all are up
    return found


def _from(s: Situation, client: str, name: str) -> float:
    region = s.t.region_of[name]
    return 0.0 if region == client else s.apart.table[client, region]
