"""The three questions: how long until a write is committed, until its client is told, and until a read is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from quorumlab.arguments import shortened, shown
from quorumlab.latency.rtt import RTT, Pair, Place, RttTable, as_table, client_place, member_place, ms
from quorumlab.topology import Topology

Rtt = Mapping[Pair, float]
Mode = Literal["linearizable", "serializable"]
ANY_LEADER = ("best", "worst", "drawn")
NEAREST = "nearest"


@dataclass(frozen=True)
class Network:
    """A topology with some members down, the distances in it, and the time of a disk write; all in ms."""

    t: Topology
    table: RttTable
    down: frozenset[str]
    disk: float

    def apart(self, one: str, other: str) -> float:
        """The round trip between two members."""
        return (
            0.0
            if one == other
            else self.table.between(member_place(self.t, one), member_place(self.t, other))
        )

    def from_client(self, client: Place | None, member: str) -> float:
        """The round trip between a client and a member; a client that is nowhere stands beside it."""
        return 0.0 if client is None else self.table.between(client, member_place(self.t, member))

    @property
    def may_lead(self) -> list[str]:
        """Who is up and could lead."""
        return [name for name in self.t.may_lead if name not in self.down]

    def heard(self, leader: str) -> float | None:
        """The time until a leader has heard from a quorum, itself included: the (quorum − 1)-th nearest of the other voters that
        are up (Raft §5.3). None if too few are up.
        """
        answers = sorted(
            self.apart(leader, name) for name in self.t.voters if name not in self.down and name != leader
        )
        others = self.t.quorum - 1
        if others > len(answers):
            return None
        return answers[others - 1] if others else 0.0

    def committed(self, leader: str) -> float | None:
        """The same with a disk write on the way: followers answer when theirs is done, etcd's leader waits for its own too."""
        heard = self.heard(leader)
        return None if heard is None else heard + self.disk


def commit_latency(
    t: Topology,
    leader: str = "best",
    *,
    rtt: Rtt = RTT,
    down: str | Iterable[str] = (),
    disk: float = 0.0,
) -> float | None:
    """How long a leader waits, in ms, from having a write until a quorum has it. None without a quorum.

    leader  a member's name, or "best", "worst", or "drawn": the mean over all members that could lead, as if drawn at random
    rtt     `ql.RTT`, or your own: a dict from pairs of regions to ms
    down    members that are down: `t.lost(region=…)` gives those of a region
    disk    the time of one disk write, the same for all

    Raises ValueError, in one sentence, for a leader that cannot lead, an unknown member, or a round trip that is not in the table.
    """
    network = _network(t, rtt, down, disk)
    return over_leaders(network, leader, network.committed)


def write_latency(
    t: Topology,
    leader: str = "best",
    via: str | None = None,
    *,
    rtt: Rtt = RTT,
    client: str | None = None,
    down: str | Iterable[str] = (),
    disk: float = 0.0,
) -> float | None:
    """How long a client waits for its write, in ms: to the member asked, on to the leader, and the commit. None without a quorum.

    via     the member asked; None asks the leader itself, "nearest" the member nearest to the client
    client  the zone or region of the client; None: it stands beside the member it asks

    The rest is as in `commit_latency`; "best" is the leader for which this write is fastest. Raises ValueError also for a
    learner or witness asked, since neither takes writes.
    """
    network = _network(t, rtt, down, disk)
    place = None if client is None else client_place(t, client, network.table)
    return over_leaders(network, leader, lambda name: _through(network, name, via, place, network.committed))


def read_latency(
    t: Topology,
    leader: str = "best",
    via: str | None = None,
    mode: Mode = "linearizable",
    *,
    rtt: Rtt = RTT,
    client: str | None = None,
    down: str | Iterable[str] = (),
) -> float | None:
    """How long a client waits for a read, in ms. None for a linearizable read without a quorum.

    A linearizable read waits for one round of heartbeats to a quorum, no disk (ReadIndex, dissertation §6.4); through another
    member add its round trip to the leader. A serializable read is answered by the member asked alone, a learner too, without a
    quorum, and may be stale; there `via=None` is the nearest member to the client, and who leads does not matter.

    The rest is as in `write_latency`.
    """
    if not isinstance(mode, str) or mode not in ("linearizable", "serializable"):
        raise ValueError(
            f"mode is {shown(mode)}, but must be 'linearizable' or 'serializable'; choose one of them."
        )
    network = _network(t, rtt, down, 0.0)
    place = None if client is None else client_place(t, client, network.table)
    if mode == "serializable":
        holders = [p.name for p in t.placements if p.holds_data and p.name not in network.down]
        asked = _asked(network, NEAREST if via is None else via, place, holders)
        return network.from_client(place, asked)
    return over_leaders(network, leader, lambda name: _through(network, name, via, place, network.heard))


def over_leaders(network: Network, leader: str, time: Callable[[str], float | None]) -> float | None:
    """The time with this leader, or with the best, the worst, or a drawn one of those who could lead."""
    if not isinstance(leader, str) or leader in network.t.at or leader not in ANY_LEADER:
        return time(_leader(network, leader))
    times = [found for name in network.may_lead if (found := time(name)) is not None]
    if not times:
        return None
    if leader == "drawn":
        return sum(times) / len(times)
    return min(times) if leader == "best" else max(times)


def best_leader(network: Network) -> str | None:
    """Who would commit fastest, the first of several; None if nobody can."""
    times = {name: time for name in network.may_lead if (time := network.committed(name)) is not None}
    return min(times, key=lambda name: times[name]) if times else None


def named_or_best(network: Network, leader: object) -> str | None:
    """The leader named, or the best; errors are those of `commit_latency`."""
    if isinstance(leader, str) and leader == "best" and "best" not in network.t.at:
        return best_leader(network)
    return _leader(network, leader)


def _leader(network: Network, leader: object) -> str:
    able = network.may_lead
    if not isinstance(leader, str) or leader not in able:
        if isinstance(leader, str) and leader in network.t.at:
            why = (
                "is down"
                if leader in network.down
                else f"is a {network.t.role_of[leader]}, which cannot lead"
            )
        else:
            why = "is no member"
        allowed = f"{shortened(able)}, " if able else ""
        raise ValueError(
            f"The leader {shown(leader)} {why}; choose one of {allowed}'best', 'worst' or 'drawn'."
        )
    return leader


def _through(
    network: Network, leader: str, via: str | None, client: Place | None, time: Callable[[str], float | None]
) -> float | None:
    """From the client to the member asked, on to the leader, and what the leader then waits for."""
    agreed = time(leader)
    takers = [name for name in network.t.may_lead if name not in network.down]
    asked = leader if via is None else _asked(network, via, client, takers)
    if agreed is None:
        return None
    return network.from_client(client, asked) + network.apart(asked, leader) + agreed


def _asked(network: Network, via: object, client: Place | None, able: list[str]) -> str:
    """The member asked by name, or the nearest to the client of those who are able."""
    if isinstance(via, str) and via == NEAREST and NEAREST not in network.t.at and able:
        return min(able, key=lambda name: network.from_client(client, name))
    if not isinstance(via, str) or via not in able:
        why = "is no member"
        if isinstance(via, str) and via in network.t.at:
            why = "is down" if via in network.down else f"is a {network.t.role_of[via]}"
        raise ValueError(
            f"The member asked is {shown(via)}, which {why}, but only {shortened(able) if able else 'nobody'} can answer this; ask one that can."
        )
    return via


def _network(t: object, rtt: object, down: str | Iterable[str], disk: object) -> Network:
    if not isinstance(t, Topology):
        raise TypeError(
            f"The topology is {shown(t)}, but must be a Topology; write for example Topology.of('a: 2, b: 1')."
        )
    return Network(t, as_table(rtt), t.lost(members=down), ms(disk, "The time of a disk write"))
