"""The bad day: what goes on after a loss, how fast, and where it does not, who must do what and what that may cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from quorumlab.arguments import as_set
from quorumlab.latency.paths import Network, Rtt, _network, best_leader, named_or_best
from quorumlab.latency.rtt import RTT
from quorumlab.topology import Topology
from quorumlab.words import Prose, listed, ms, plural

MOST_PLACES = 60  # their pairs are 1,770 rows
Names = str | Iterable[str]


@dataclass(frozen=True, repr=False)
class AfterLoss(Prose):
    """What is left after a loss.

    goes_on         whether writes go on, without anybody's doing. Where a witness has to vote for a new leader, only if whoever is left with the
                    data has all that the witness has; ``operator`` and ``at_risk`` then say what if not
    leader          who leads then: the same as before if it lives, else the survivor that commits fastest; None without a quorum
    commit_latency  in ms; None without a quorum
    spare           how many further voters may be lost; below 0, so many are missing for a quorum
    operator        what a human must do, in one sentence; None if nothing
    at_risk         which acknowledged writes may be lost by that act, in one sentence; None if nothing must be done

    A witness here is one that keeps the log and no data, as TiKV's (its RFC 106). MongoDB's arbiter keeps neither and acknowledges nothing: there
    a write is confirmed by members with data alone, so after such a loss none is, and nothing has to be waited for.
    """

    goes_on: bool
    leader: str | None
    commit_latency: float | None
    spare: int
    operator: str | None
    at_risk: str | None

    def __str__(self) -> str:
        lines = [self._writes()]
        if self.operator:
            lines.append(f"To do: {self.operator}")
        if self.at_risk:
            lines.append(f"At risk: {self.at_risk}")
        return "\n\n".join(lines)

    __repr__ = __str__

    def _writes(self) -> str:
        if self.leader is None or self.commit_latency is None:
            return f"Writes stop: {plural(-self.spare, 'voter')} more {'is' if self.spare == -1 else 'are'} needed."
        more = plural(self.spare, "further voter") if self.spare else "no further voter"
        return f"Writes go on: {self.leader} leads and commits in {ms(self.commit_latency)}, and {more} may be lost."


class Loss(NamedTuple):
    """The places lost together, and what is left."""

    lost: tuple[str, ...]
    after: AfterLoss


def after_loss(
    t: Topology,
    leader: str = "best",
    *,
    region: Names | None = None,
    zone: Names | None = None,
    members: Names | None = None,
    rtt: Rtt = RTT,
) -> AfterLoss:
    """What is left when these regions, zones and members are lost together, for good or for a while.

    `leader` is who led before: a member's name, or "best", the one that commits fastest. Raises ValueError, in one sentence, for
    an unknown place, a leader that cannot lead, or a round trip that is not in `rtt`; TypeError if nothing is named that is lost.
    """
    before = _network(t, rtt, (), 0.0)
    led = named_or_best(before, leader)
    lost = t.lost(zone=zone, region=region, members=members)
    after = Network(t, before.table, lost, 0.0)
    leads = led if led not in lost and t.survives(members=lost) else best_leader(after)
    spare = t.spare_after_loss_of(members=lost)
    if leads is not None:
        operator, at_risk = (None, None) if led == leads else _by_witnesses(t, lost)
        return AfterLoss(True, leads, after.committed(leads), spare, operator, at_risk)
    operator, at_risk = _by_hand(t, lost)
    return AfterLoss(False, None, None, spare, operator, at_risk)


def loss_table(
    t: Topology, leader: str = "best", *, what: str | None = None, rtt: Rtt = RTT
) -> tuple[Loss, ...]:
    """What is left after every loss of one place, and then of every two places together.

    `what` is "zone" or "region"; if not given, regions where there are several, else zones. The rest is as in `after_loss`.
    """
    what = what or ("region" if len(t.regions) > 1 else "zone")
    places = list(t.votes_in(what))
    if len(places) > MOST_PLACES:
        raise ValueError(
            f"There are {len(places)} {what}s, but at most {MOST_PLACES} are gone through; ask after_loss for each."
        )
    chosen = [*combinations(places, 1), *combinations(places, 2)]
    if what == "zone":
        return tuple(Loss(lost, after_loss(t, leader, zone=lost, rtt=rtt)) for lost in chosen)
    return tuple(Loss(lost, after_loss(t, leader, region=lost, rtt=rtt)) for lost in chosen)


def _by_hand(t: Topology, lost: frozenset[str]) -> tuple[str, str]:
    """What an operator must do without a quorum, and which acknowledged writes that puts at risk."""
    gone = [name for name in t.voters if name in lost]
    up = [place for place in t.placements if place.name not in lost]
    holders = [place.name for place in up if place.votes and place.holds_data]
    missing = t.quorum - sum(place.votes for place in up)
    back = listed(gone) if missing == len(gone) else f"{missing} of {_some(gone)}"
    if holders:
        fresh = holders[0] if len(holders) == 1 else f"the freshest of {_some(holders)}"
        off = f"{'it stays' if len(gone) == 1 else 'they stay'} off"
        act = f"make sure that {off}, restart {fresh} with --force-new-cluster and add new members to it"
        return f"Bring back {back}; if that cannot be, {act}.", _risk(t, holders)
    learners = [place.name for place in up if place.holds_data]
    if learners:
        act = f"start a new cluster from the data of {'learner' if len(learners) == 1 else 'one of the learners'} {_some(learners)}"
        return (
            f"Bring back {back}; if that cannot be, {act}.",
            f"Writes that {_some(learners)} had not yet received.",
        )
    return (
        f"Bring back {back}; if that cannot be, restore the last snapshot into a new cluster.",
        "Every write since that snapshot.",
    )


def _by_witnesses(t: Topology, lost: frozenset[str]) -> tuple[str | None, str | None]:
    """Who is waited for if a new leader needs the vote of a witness, which gives it to nobody who lacks what stands in its log (Raft §5.4.1);
    and which acknowledged writes nobody else then has. Nothing, where those with data are a quorum by themselves.
    """
    up = [place for place in t.placements if place.votes and place.name not in lost]
    holders = [place.name for place in up if place.holds_data]
    if len(holders) >= t.quorum:
        return None, None
    witnesses = _some([place.name for place in up if not place.holds_data])
    gone = [place.name for place in t.placements if place.votes and place.holds_data and place.name in lost]
    has = f"{_some(holders)} has" if len(holders) == 1 else f"one of {_some(holders)} has"
    operator = f"Nothing, if {has} all that {witnesses} acknowledged; else bring back {_some(gone)}: until then nobody is elected."
    if len(t.voters) - len(holders) < t.quorum:
        return operator, f"Nothing: every quorum of {t.quorum} has one of {_some(holders)} in it."
    return (
        operator,
        f"Writes that only {_some(gone)} and {witnesses} acknowledged, if {'it does' if len(gone) == 1 else 'they do'} not come back.",
    )


def _risk(t: Topology, holders: list[str]) -> str:
    """A write is acknowledged once any quorum has it; it is in a log that is left if no quorum fits among those who are not asked.

    Of that log ``--force-new-cluster`` drops what the member does not know to be committed (etcd ``bootstrap.go``, "discarding uncommitted
    WAL entries"), and a follower hears that from the leader's next message.
    """
    if len(t.voters) - len(holders) < t.quorum:
        kept = "but --force-new-cluster keeps only those known to be committed, and that is heard a moment later."
        if len(holders) == 1:
            return f"Hardly any: every quorum of {t.quorum} has {holders[0]} in it, so its log has every acknowledged write, {kept}"
        return (
            f"Hardly any, if the one with the highest commit index is taken: every quorum of {t.quorum} has one of {_some(holders)} "
            f"in it, so their logs have every acknowledged write, {kept}"
        )
    lacks = "lacks" if len(holders) == 1 else "lack"
    return f"The latest writes: a quorum of {t.quorum} may have acknowledged some without {_some(holders)}, which then {lacks} them."


def _some(names: list[str]) -> str:
    return listed(names) if len(names) <= 6 else as_set(names)
