"""A design review: what a brief asks, every check of a layout against it, and what a senior reviewer would answer. (Notebook 11.)

All figures are those of the rooms below; the faults are simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import accumulate, combinations
from typing import NamedTuple

from quorumlab.arguments import shown
from quorumlab.availability import downtime, unavailability
from quorumlab.experiments.briefs import MEMBER_UP, REGION_UP, ZONE_UP, Brief
from quorumlab.experiments.witnesses import QUICK, Answers, Make
from quorumlab.latency import RTT, after_loss, write_latency
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology
from quorumlab.words import listed, plural

MOST_CHANGES = 4
"""A layout that needs more changes than this needs another proposal."""
LONG_S = 30.0


class Check(NamedTuple):
    """One thing that the brief asks, what the layout does, whether that will do, and all of it in a sentence, for where it will not."""

    asked: str
    found: str
    holds: bool
    sentence: str


class Fault(NamedTuple):
    """A simulated loss: what was lost, whether writes went on, and after how many seconds without any, or for how many none was seen."""

    lost: str
    goes_on: bool
    without_s: float


class DesignReview(NamedTuple):
    """What the reviewer says: the checks, those that fail first; what breaks the layout first; the smallest change that makes every
    check hold, and the layout after it (None if nothing needs to change, or if nothing small helps)."""

    brief: Brief
    checks: tuple[Check, ...]
    breaks_first: str
    change: str | None
    changed: Topology | None

    @property
    def passes(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def __str__(self) -> str:
        failing = [check.sentence for check in self.checks if not check.holds]
        first = f"Counted in whole zones, what breaks it first is {self.breaks_first}."
        if self.passes:
            return f"I would sign this. {first} Write that into the runbook."
        advice = f"The smallest change that mends it is to {self.change}." if self.change else (
            f"No change of up to {MOST_CHANGES} voters makes it hold; begin with what must be survived, then look for the nearest places."
        )  # fmt: skip
        return " ".join(["I cannot sign this yet.", *failing, first, advice])


def design_review(t: Topology, brief: Brief) -> DesignReview:
    """Every check of a layout against a brief: arithmetic, then the worst losses simulated. A zone is in the region that the brief says,
    if it names it.

    Raises TypeError for what is no topology or no brief, ValueError where two regions have no round trip in ``ql.RTT``.
    """
    for given, kind, what in ((t, Topology, "layout"), (brief, Brief, "brief")):
        if not isinstance(given, kind):
            raise TypeError(f"The {what} is {shown(given)}; give a {kind.__name__}.")
    t = in_its_places(t, brief)
    for pair in combinations(dict.fromkeys([brief.client, *t.regions, *brief.places.values()]), 2):
        if pair not in RTT:
            raise ValueError(
                f"There is no round trip between {shown(pair[0])} and {shown(pair[1])} in ql.RTT, and a review needs one; use regions "
                "that it has. A zone of your own gets one in the brief's places."
            )
    checks = [*by_arithmetic(t, brief), *(_simulated(t, brief, level) for level in brief.survive)]
    changed = None if all(check.holds for check in checks) else _changed(t, brief)
    return DesignReview(
        brief,
        tuple(sorted(checks, key=lambda check: check.holds)),
        breaks_first(t),
        None if changed is None else _difference(t, changed),
        changed,
    )


def in_its_places(t: Topology, brief: Brief) -> Topology:
    """The layout, each zone in the region that the brief says, if it names it."""
    return Topology(tuple(replace(p, region=brief.places.get(p.zone, p.region)) for p in t.placements))


def by_arithmetic(t: Topology, brief: Brief) -> Iterator[Check]:
    """The checks that need no simulation, those that cost least first."""
    n = len(t.voters)
    too_many = f"It has {plural(n, 'voter')}, and may have {brief.members} at most."
    yield Check(f"at most {plural(brief.members, 'voter')}", f"it has {n}", n <= brief.members, too_many)
    strange = [zone for zone in t.zones if zone not in brief.places]
    none_there = f"{listed(strange)} cannot be had" if strange else "all can be had"
    yield Check("only places that there are", none_there, not strange, f"{none_there}.")
    for level in brief.survive:
        yield _survives(t, level)
    write = write_latency(t, client=brief.client)
    yield _within("a write", write, brief.write_ms, "ms")
    yield _within("a commit on the bad day", bad_day_ms(t, brief), brief.bad_day_ms, "ms")
    down = downtime(unavailability(t, MEMBER_UP, ZONE_UP, REGION_UP)).total_seconds() / 3600
    yield _within("out of service a year", down, brief.hours_a_year, "hour")


def _survives(t: Topology, level: str) -> Check:
    what, _, more = level.partition("+")
    finding = t.survives_any_plus_one(what) if more else t.survives_any(what)
    asked = f"the loss of any one {what}" + (" and one machine more" if more else "")
    return Check(asked, str(finding).rstrip("."), finding.holds, str(finding))


def _within(what: str, value: float | None, most: float, unit: str) -> Check:
    """A number that must not be above a limit; None where there is none, because there is no quorum."""
    found = "writes stop" if value is None else f"{value:.3g} {unit}{'s' if unit == 'hour' else ''}"
    limit = f"{most:g} {unit}{'s' if unit == 'hour' and most != 1 else ''}"
    if unit == "hour":
        sentence = f"It is out of service for {found} a year, and may be for {limit} at most."
    elif value is None:
        sentence = f"Writes stop on the bad day, and a commit may then take {limit} at most."
    else:
        sentence = f"{what[:1].upper()}{what[1:]} takes {found}, and may take {limit} at most."
    return Check(f"{what}: at most {limit}", found, value is not None and value <= most, sentence)


def bad_day_ms(t: Topology, brief: Brief) -> float | None:
    """The slowest commit after any one loss that must be survived; None if one of them stops writes. (Without its further machine.)"""
    slowest = 0.0
    for level in brief.survive:
        what = level.partition("+")[0]
        for place in t.votes_in(what):
            after = after_loss(t, zone=place) if what == "zone" else after_loss(t, region=place)
            if after.commit_latency is None:
                return None
            slowest = max(slowest, after.commit_latency)
    return slowest


def breaks_first(t: Topology) -> str:
    """The fewest zones whose loss together stops writes, the fullest first, in words."""
    held = sorted(t.votes_in("zone").items(), key=lambda item: -item[1])
    lost = list(accumulate(votes for _, votes in held))
    needed = next(i for i, votes in enumerate(lost) if votes > t.spare) + 1
    names = [zone for zone, _ in held[:needed]]
    return f"the loss of {listed(names)}{' together' if needed > 1 else ' alone'}"


# --- faults ---


def simulated_loss(t: Topology, lost: frozenset[str]) -> Fault:
    """Members are killed together, the leader among them, in a simulated cluster with the round trips between its regions: do writes go on,
    and when?
    """
    voters = t.without(t.learners) if t.learners else t
    leader = next((name for name in voters.members if name in lost), voters.members[0])
    with SimulatedCluster(voters, rtt=RTT, timeout_ms=1000, leader=leader, record=False) as cluster:
        cluster.put("lock", "ada")
        began = cluster.now
        cluster.crash(*(name for name in voters.members if name in lost))
        left = [name for name in voters.members if name not in lost]
        goes_on = bool(left) and cluster.run_until(
            lambda: cluster.put("lock", "bob", via=cluster.leader or left[0]).ok, within=LONG_S
        )
        return Fault(listed(sorted(lost)), goes_on, cluster.now - began if goes_on else LONG_S)


def worst_loss(t: Topology, level: str) -> frozenset[str]:
    """The members of the place whose loss costs most voters, and with "+1" one voter more of the fullest place that is left."""
    what, _, more = level.partition("+")
    lost = t.lost(zone=t.worst_zone()) if what == "zone" else t.lost(region=t.worst_region())
    left = [name for name in t.voters if name not in lost]
    return lost | frozenset(left[:1]) if more else lost


def _simulated(t: Topology, brief: Brief, level: str) -> Check:
    lost = worst_loss(t, level)
    fault = simulated_loss(t, lost)
    how = f"writes go on after {fault.without_s:.1f} s" if fault.goes_on else f"no write in {LONG_S:g} s"
    together = f"{plural(len(lost), 'member')} killed{' together' if len(lost) > 1 else ''}"
    sentence = f"With {fault.lost} killed{' together' if len(lost) > 1 else ''} no write came through in {LONG_S:g} s of simulation."
    return Check(f"simulated: {together}", f"{fault.lost} killed: {how}", fault.goes_on, sentence)


DESIGNS: Mapping[str, tuple[Topology, str]] = {
    "shop, 2 + 2 + 1: a zone and one more": (
        Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1"),
        "zone+1",
    ),
    "shop, five zones: a zone and one more": (Topology.of({f"us-east-1{z}": 1 for z in "abcde"}), "zone+1"),
    "halls, 3 + 2: the bigger hall": (Topology.of("eu-west-1a: 3, eu-central-1a: 2"), "region"),
    "halls, 2 + 2 + 1: a bigger hall": (
        Topology.of("eu-west-1a: 2, eu-central-1a: 2, us-east-1a: 1"),
        "region",
    ),
}
"""Layouts of notebook 11, and the loss that each is put to."""


def designs_lose_a_place(make: Make) -> Answers:
    """Four layouts, each put to the worst loss that its brief names: do writes go on? (Notebook 11.)"""
    return {what: _goes_on(make, *design) for what, design in DESIGNS.items()}


def _goes_on(make: Make, t: Topology, level: str) -> bool:
    lost = worst_loss(t, level)
    with make(t, **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.crash(*(name for name in t.members if name in lost))
        left = [name for name in t.members if name not in lost]
        return any(cluster.put("lock", "bob", via=left[n % len(left)]).ok for n in range(3))


# --- the smallest change ---

Counts = tuple[int, ...]


def _changed(t: Topology, brief: Brief) -> Topology | None:
    """The nearest layout, by voters moved, added or taken away, for which all arithmetic holds; of equally near ones the quickest."""
    zones = (*brief.places, *(zone for zone in t.zones if zone not in brief.places))
    held = t.votes_in("zone")
    layer: set[Counts] = {tuple(held.get(zone, 0) for zone in zones)}
    seen = set(layer)
    for _ in range(MOST_CHANGES):
        layer = {near for counts in layer for near in _edits(counts, len(brief.places))} - seen
        seen |= layer
        good = [
            found
            for counts in sorted(layer, reverse=True)
            if (found := _good(counts, zones, brief)) is not None
        ]
        if good:
            return min(good, key=lambda each: write_latency(each, client=brief.client) or 0.0)
    return None


def _edits(counts: Counts, usable: int) -> Iterator[Counts]:
    """One voter moved, added or taken away; none comes to a place that cannot be had."""
    for i in range(len(counts)):
        for j in [None, *range(usable)]:
            for gives in (True, False):
                if (gives and counts[i] == 0) or (not gives and (j is None or i > 0)) or (gives and i == j):
                    continue
                new = list(counts)
                if gives:
                    new[i] -= 1
                if j is not None:
                    new[j] += 1
                if any(new):
                    yield tuple(new)


def _good(counts: Counts, zones: tuple[str, ...], brief: Brief) -> Topology | None:
    """The layout of these voters, if every check holds."""
    held = {zone: count for zone, count in zip(zones, counts, strict=True) if count}
    if not set(held) <= set(brief.places):
        return None
    t = layout(held, brief)
    return t if all(check.holds for check in by_arithmetic(t, brief)) else None


def layout(held: Mapping[str, int], brief: Brief) -> Topology:
    """So many voters in each zone, zones in the regions that the brief says."""
    return in_its_places(Topology.of(held), brief)


def _difference(before: Topology, after: Topology) -> str:
    """What to do, in words: voters to move, to add, to take away."""
    old, new = before.votes_in("zone"), after.votes_in("zone")
    zones = list(dict.fromkeys([*old, *new]))
    away = [zone for zone in zones for _ in range(max(0, old.get(zone, 0) - new.get(zone, 0)))]
    come = [zone for zone in zones for _ in range(max(0, new.get(zone, 0) - old.get(zone, 0)))]
    pairs = min(len(away), len(come))
    steps = [f"move a voter from {a} to {b}" for a, b in zip(away[:pairs], come[:pairs], strict=True)]
    steps += [f"add a voter in {zone}" for zone in come[pairs:]]
    steps += [f"take a voter away from {zone}" for zone in away[pairs:]]
    return listed(steps)
