"""What a reviewer writes about a topology: what it survives, what not, and the smallest change that would mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from quorumlab.words import Prose, listed, plural

if TYPE_CHECKING:
    from quorumlab.topology.model import Topology

ETCD_ADVISES_AT_MOST = 7  # etcd FAQ, "What is maximum cluster size?"
ETCD_LEARNERS = 1  # hard-coded in 3.4 and 3.5, the default of --max-learners from 3.6


@dataclass(frozen=True)
class Finding(Prose):
    """Whether something holds, and why, in one sentence; truthy when it holds."""

    holds: bool
    reason: str

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, repr=False)
class Review(Prose):
    """A verdict. `passes` says whether any one zone may be lost (and any one region, where there are several).

    `findings` are sentences, the worst first; `change` is the smallest change that makes it pass (None if nothing needs to
    change) and `changed` the topology after it.
    """

    passes: bool
    findings: tuple[str, ...]
    change: str | None
    changed: Topology | None

    def __str__(self) -> str:
        advice = [f"Smallest change: {self.change}"] if self.change else []
        return " ".join([*self.findings, *advice])

    __repr__ = __str__


def survives_any(t: Topology, what: str) -> Finding:
    """See `Topology.survives_any`."""
    n = len(t.voters)
    if isinstance(what, str) and what == "member":
        if t.spare:
            return Finding(
                True, f"Any member may be lost: {n - 1} of {n} voters are left for a quorum of {t.quorum}."
            )
        return Finding(False, f"No voter may be lost: a quorum is {t.quorum} of {n}.")
    place, held, left = _worst(t, what)
    limit = (n - 1) // 2
    if held <= limit:
        return Finding(
            True,
            f"Any {what} may be lost: the fullest, {place}, holds {held} of {n} voters, and ⌊({n}−1)/2⌋ = {limit} is the most "
            f"that one may hold; without it {left} are left for a quorum of {t.quorum}, {_spare(left - t.quorum)}.",
        )
    return Finding(
        False,
        f"The loss of {place} stops writes: it holds {held} of {n} voters, and ⌊({n}−1)/2⌋ = {limit} is the most that one {what} "
        f"may hold; without it {_left(left)} left, and a quorum is {t.quorum}.",
    )


def plus_one(t: Topology, what: str) -> Finding:
    """See `Topology.survives_any_plus_one`."""
    place, held, left = _worst(t, what)
    n = len(t.voters)
    if left > t.quorum:
        return Finding(
            True,
            f"Any {what} and one more member may be lost: without {place} ({held} of {n} voters) and one more, {left - 1} are "
            f"left for a quorum of {t.quorum}.",
        )
    return Finding(
        False,
        f"The loss of {place} and one more member stops writes: {_left(max(left - 1, 0))} left of {n} voters, and a quorum is "
        f"{t.quorum}.",
    )


def review(t: Topology) -> Review:
    """See `Topology.verdict`."""
    levels = _levels(t)
    found = [survives_any(t, level) for level in levels]
    failing = [level for level, finding in zip(levels, found, strict=True) if not finding]
    # What survives any region survives any zone too, so the widest level that fails is the one to mend.
    change, changed = smallest_change(t, failing[-1]) if failing else (None, None)
    sentences = [finding.reason for finding in sorted(found, key=bool)]
    if not failing:
        sentences.append(plus_one(t, levels[-1]).reason)
    return Review(not failing, (*sentences, *_remarks(t)), change, changed)


def _levels(t: Topology) -> tuple[str, ...]:
    """What a reviewer looks at: zones, and regions where there are several that are not just the zones over again."""
    if len(t.regions) == 1 or all(place.zone == place.region for place in t.placements):
        return ("zone",)
    return ("region",) if len(t.regions) == len(t.zones) else ("zone", "region")


def _spare(count: int) -> str:
    return f"{count} to spare" if count else "none to spare"


def _left(count: int) -> str:
    return f"{'only ' if count else ''}{count or 'none'} {'is' if count == 1 else 'are'}"


def _remarks(t: Topology) -> Iterator[str]:
    n = len(t.voters)
    if n % 2 == 0:
        yield (
            f"{n} voters tolerate {plural(t.spare, 'loss', 'losses') if t.spare else 'no loss'}, as {n - 1} would: the even one "
            f"buys nothing and is one more thing to fail."
        )
    if n > ETCD_ADVISES_AT_MOST:
        yield f"{n} voters are more than the {ETCD_ADVISES_AT_MOST} that etcd advises at most: the leader sends each write to all."
    if len(t.learners) > ETCD_LEARNERS:
        yield f"{len(t.learners)} learners need --max-learners, which etcd has from 3.6; by default it takes {ETCD_LEARNERS}."
    if t.witnesses:
        yield f"{listed(t.witnesses)} {'is a witness' if len(t.witnesses) == 1 else 'are witnesses'}, which etcd does not have."


def smallest_change(t: Topology, what: str) -> tuple[str, Topology]:
    """The fewest members to move or add so that the loss of any one "zone" or "region" leaves a quorum; moves before additions.

    With `a` more voters a place may hold (n + a − 1) // 2; what stands above that has to move.
    """
    held = t.votes_in(what)
    n = len(t.voters)

    def moves(added: int) -> int:
        return sum(max(0, votes - (n + added - 1) // 2) for votes in held.values())

    # Fewer members than three tolerate no loss at all. Fewer changes win, then fewer additions.
    least, most = max(0, 3 - n), max(3 - n, 2 * max(held.values()) + 1 - n)
    _, added = min((added + moves(added), added) for added in range(least, most + 1))
    limit = (n + added - 1) // 2
    changed, steps = t, []
    for place in [place for place, votes in held.items() if votes > limit]:
        for name in _to_move(t, what, place)[: held[place] - limit]:
            target = _room(changed, what, limit)
            changed = changed.moved(name, **target)
            steps.append(f"move {name} to {_in_words(t, what, target)}")
    for name in _new_names(t, added):
        target = _room(changed, what, limit)
        changed = changed.joined(name, **target)
        steps.append(f"add a voter in {_in_words(t, what, target)}")
    return f"{listed(steps)}.", changed


def _to_move(t: Topology, what: str, place: str) -> list[str]:
    """The voters of a place, those who joined last first, and of a region those in its fullest zones."""
    names = {"zone": t.zones, "region": t.regions}[what][place]
    votes = t.votes_in("zone")
    return sorted((m for m in reversed(names) if t.at[m].votes), key=lambda m: -votes[t.zone_of[m]])


def _room(t: Topology, what: str, limit: int) -> dict[str, str]:
    """The zone and region for one voter more: the emptiest place there is with room, or a new one."""
    held = t.votes_in(what)
    free = [place for place in held if held[place] < limit]
    if free:
        place = min(free, key=lambda p: held[p])
        zones = t.votes_in("zone")
        within = [place] if what == "zone" else [z for z in zones if t.region_of[t.zones[z][0]] == place]
        zone = min(within, key=lambda z: zones[z])
        return {"zone": zone, "region": t.region_of[t.zones[zone][0]]}
    return _new_place(t, what)


def _new_place(t: Topology, what: str) -> dict[str, str]:
    """A zone after the last letter of a region that has lettered zones (us-east-1d), else `another zone`."""
    last = list(t.zones)[-1]
    region = t.region_of[t.zones[last][0]]
    lettered = re.fullmatch(r"(.*\d-?)([a-y])", last)
    if what == "zone" and lettered and region != last:
        letters = (chr(c) for c in range(ord("a"), ord("z") + 1))
        for letter in letters:
            if lettered[1] + letter not in t.zones:
                return {"zone": lettered[1] + letter, "region": region}
    taken = {*t.zones, *t.regions}
    name = next(
        name for i in count(1) if (name := f"another {what}" + (f" {i}" if i > 1 else "")) not in taken
    )
    return {"zone": name, "region": region if what == "zone" and region != last else name}


def _in_words(t: Topology, what: str, target: Mapping[str, str]) -> str:
    return (
        target["zone"]
        if target["zone"].startswith("another ") or target["zone"] in t.zones
        else f"a new zone, {target['zone']}"
    )


def _new_names(t: Topology, added: int) -> list[str]:
    free = (name for i in count(1) if (name := f"etcd-{i}") not in t.at)
    return [next(free) for _ in range(added)]


def _worst(t: Topology, what: str) -> tuple[str, int, int]:
    """The fullest place, the voters it holds, and the voters left without it."""
    held = t.votes_in(what)
    place = max(held, key=lambda p: held[p])
    return place, held[place], len(t.voters) - held[place]
