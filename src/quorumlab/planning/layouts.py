"""The layouts that no other beats, or why there are none."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

from quorumlab.arguments import Real, probability
from quorumlab.availability import unavailability
from quorumlab.latency.paths import Rtt
from quorumlab.latency.rtt import RTT, as_table
from quorumlab.planning.arguments import clients_by_weight, losses_to_survive, sizes_of, zones_by_region
from quorumlab.planning.search import Candidate, Plan, front, splits
from quorumlab.topology import Topology
from quorumlab.words import Prose, a_year, listed, plural

MOST_SPLITS = 20_000  # a few seconds


@dataclass(frozen=True)
class Layout(Prose):
    """One layout, with what it costs.

    write_latency     ms until the clients have their write, through the leader: the mean over the clients by their weight. A
                      linearizable read takes as long.
    read_latency      the same for a serializable read from the nearest member, which may be stale
    bad_day_latency   the write latency after the worst of the losses that are to be survived
    unavailability    the probability of no quorum at a random moment
    traffic_cost      dollars a GB written, for what leaves the leader's zone
    """

    topology: Topology
    leader: str
    write_latency: float
    read_latency: float
    bad_day_latency: float
    unavailability: float
    traffic_cost: float

    @property
    def members(self) -> int:
        """How many voters it has."""
        return len(self.topology.voters)

    def __str__(self) -> str:
        home = self.topology.region_of[self.leader]
        counts = [
            f"{region} {votes}{' (leads)' if region == home else ''}"
            for region, votes in self.topology.votes_in("region").items()
        ]
        return (
            f"{', '.join(counts)}: write {self.write_latency:.1f} ms, read {self.read_latency:.1f} ms, bad day "
            f"{self.bad_day_latency:.1f} ms, down {a_year(self.unavailability)} a year, ${self.traffic_cost:.2f} a GB"
        )


@dataclass(frozen=True, repr=False)
class Layouts(Prose, Sequence[Layout]):
    """The layouts that no other beats, the fastest writes first; or none, and then `refusal` says in one sentence what is missing."""

    found: tuple[Layout, ...]
    refusal: str | None = None

    @overload
    def __getitem__(self, at: int) -> Layout: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Layout]: ...
    def __getitem__(self, at: int | slice) -> Layout | Sequence[Layout]:
        return self.found[at]

    def __len__(self) -> int:
        return len(self.found)

    def __str__(self) -> str:
        return self.refusal or "\n".join(map(str, self.found))

    __repr__ = __str__


def layouts(
    regions: Iterable[str] | Mapping[str, int],
    clients: str | Iterable[str] | Mapping[str, float] | None = None,
    survive: str = "zone",
    members: int | Iterable[int] = range(3, 8),
    *,
    rtt: Rtt = RTT,
    member_up: Real = 0.99,
    zone_up: Real = 0.999,
    region_up: Real = 0.9999,
) -> Layouts:
    """Every layout over these regions that survives what it must and that no other beats in all six costs of a `Layout`.

    regions   their names, with three zones each; or `{region: number of zones}`
    clients   where clients stand: a region, several, or `{region: weight}`; None: beside the leader, and beside a member to read
    survive   "member", "zone" or "region": the loss of any one of these; "region+1" of any one region and one further member
    members   how many voters there may be: a number, or several
    rtt       `ql.RTT`, or your own: a dict from pairs of regions to ms

    After a loss the leader stays if it lives; else the survivor leads that serves these clients fastest. Where no layout does, the
    result is empty and its `refusal` says what is missing. Raises TypeError or ValueError, in one sentence, for bad arguments.
    """
    zones = zones_by_region(regions)
    what, more = losses_to_survive(survive)
    sizes = sizes_of(members)
    table = as_table(rtt)
    plan = Plan(zones, clients_by_weight(clients), what, more, table)
    ups = tuple(
        probability(p, name)
        for p, name in ((member_up, "member_up"), (zone_up, "zone_up"), (region_up, "region_up"))
    )
    count = sum(math.comb(n + len(zones) - 1, n) for n in sizes)
    if count > MOST_SPLITS:
        raise ValueError(
            f"There are {count} ways to place {listed(map(str, sizes))} members in {len(zones)} regions, but at most {MOST_SPLITS} "
            f"are gone through; name fewer regions or members."
        )
    down: dict[tuple[tuple[int, ...], ...], float] = {}  # regions are alike but for their distances
    found: list[Candidate] = []
    for n in sizes:
        for split in splits(n, len(zones)):
            if plan.worst(split) + more > (n - 1) // 2:
                continue
            alike = tuple(sorted(plan.spread(i, voters) for i, voters in enumerate(split)))
            if alike not in down:
                down[alike] = float(unavailability(plan.topology(split), *ups))
            found += plan.candidates(split, down[alike])
    if not found:
        return Layouts((), _refusal(zones, what, more, sizes))
    return Layouts(tuple(_layout(plan, candidate) for candidate in front(found)))


def _layout(plan: Plan, candidate: Candidate) -> Layout:
    t = plan.topology(candidate.split)
    write, read, bad, down, _, cost = candidate.costs
    return Layout(t, t.regions[plan.names[candidate.home]][0], write, read, bad, down, cost)


def _refusal(regions: Mapping[str, int], what: str, more: int, sizes: Sequence[int]) -> str:
    """Why no layout survives this. With k places the fullest holds at least ⌈n/k⌉ of n, and may hold ⌊(n−1)/2⌋ less `more`."""
    asked = f"the loss of any one {what}" + (f" and {plural(more, 'further member')}" if more else "")
    places = len(regions) if what == "region" else sum(regions.values())
    if what != "member" and places < 3:
        held = (
            "it holds every member"
            if places == 1
            else "one of the two holds a majority, or neither does and both are needed"
        )
        with_it = f", with that of {plural(more, 'further member')}," if more else ""
        return (
            f"Every layout over {plural(places, what)} has a {what} whose loss{with_it} stops writes, however many members it "
            f"has, because {held}; what is missing is {'a third' if places == 2 else 'two more'}, even "
            f"with a single member{'' if places == 2 else ' each'}."
        )

    def fullest(n: int) -> int:
        return 1 if what == "member" else -(-n // places)

    needed = next(n for n in range(1, 1000) if fullest(n) + more <= (n - 1) // 2)
    if needed <= max(sizes):
        good = [n for n in range(needed, max(sizes) + 2) if fullest(n) + more <= (n - 1) // 2]
        return f"No layout of {listed(map(str, sizes))} members survives {asked}, but one of {good[0]} does; allow members={good[0]}."
    where = "" if what == "member" else f" over {plural(places, what)}"
    return (
        f"No layout of {'at most ' if len(sizes) > 1 else ''}{plural(max(sizes), 'member')}{where} survives {asked}; what is missing is "
        f"members, {needed} at least: allow members={needed}."
    )
