"""One member in its place, and what must be true of all of them together."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quorumlab.arguments import MAX_MEMBERS, shown
from quorumlab.quorums import quorum_size

VOTER, LEARNER, WITNESS = "voter", "learner", "witness"
ROLES: Mapping[str, str] = {
    VOTER: "votes, holds the data, may lead",
    LEARNER: "holds the data and does not vote; in etcd it answers only serializable reads",
    WITNESS: "votes and holds no data, so it cannot lead (not in etcd; Spanner, TiKV and MongoDB's arbiter)",
}
LONGEST_NAME = 200

# us-east-1a is a zone of us-east-1, and us-east1-b of us-east1; what ends in no letter after a digit names itself.
_LETTERED = re.compile(r"(?P<region>.*\d)-?[a-z]")


def region_of_zone(zone: str) -> str:
    """The region that a zone's name tells: `us-east-1` for `us-east-1a`; the name itself where it tells none."""
    told = _LETTERED.fullmatch(zone)
    return told["region"] if told else zone


@dataclass(frozen=True)
class Placement:
    """A member and where it stands. `role` is a key of `ROLES`: "voter", "learner" or "witness" (not in etcd)."""

    name: str
    zone: str
    region: str
    role: str = VOTER

    @property
    def votes(self) -> bool:
        """Whether it counts towards a quorum."""
        return self.role != LEARNER

    @property
    def holds_data(self) -> bool:
        """Whether it could serve a read."""
        return self.role != WITNESS


@dataclass(frozen=True)
class Problem:
    """What is wrong, in one sentence without its end, and with which placement (its index; None: with all of them)."""

    sentence: str
    at: int | None = None


def problem(placements: Sequence[Placement]) -> Problem | None:
    """The first thing that is wrong with these placements, or None."""
    if not isinstance(placements, tuple):
        return Problem(
            f"the nodes are {shown(placements)}, but must be a tuple of Placements; write Topology.of('a: 2, b: 1')"
        )
    if not placements:
        return Problem(
            "there are no nodes, but a cluster needs at least 1 that votes; list one with a name and a zone"
        )
    if len(placements) > MAX_MEMBERS:
        return Problem(
            f"there are {len(placements)} nodes, but at most {MAX_MEMBERS} can be placed; leave some out"
        )
    seen: set[str] = set()
    region_of: dict[str, str] = {}
    for i, place in enumerate(placements):
        if not isinstance(place, Placement):
            return Problem(
                f"a node is {shown(place)}, but must be a Placement; write Topology.of('a: 2, b: 1')", i
            )
        wrong = _wrong_with(place)
        if wrong is None and place.name in seen:
            wrong = f"the name {shown(place.name)} stands twice, but each member counts once; give every node its own name"
        if wrong is None and (elsewhere := region_of.setdefault(place.zone, place.region)) != place.region:
            wrong = (
                f"zone {shown(place.zone)} is in region {shown(place.region)} and in {shown(elsewhere)}, but a zone is in one region; "
                f"give one of the zones another name"
            )
        if wrong:
            return Problem(wrong, i)
        seen.add(place.name)
    return _roles(placements)


def _wrong_with(place: Placement) -> str | None:
    for what, value in (("name", place.name), ("zone", place.zone), ("region", place.region)):
        if not isinstance(value, str):
            return (
                f"a {what} is {shown(value)} ({type(value).__name__}), but must be a text; write it in quotes"
            )
        if (
            not value.strip()
            or value != value.strip()
            or not value.isprintable()
            or len(value) > LONGEST_NAME
        ):
            return (
                f"a {what} is {shown(value)}, but must be 1 to {LONGEST_NAME} printable characters without a space at either "
                f"end; choose another"
            )
    if not isinstance(place.role, str) or place.role not in ROLES:
        return f"the role of {place.name} is {shown(place.role)}, but must be voter, learner or witness; choose one of them"
    return None


def _roles(placements: Sequence[Placement]) -> Problem | None:
    voters = [place for place in placements if place.votes]
    witnesses = sum(place.role == WITNESS for place in placements)
    if not voters:
        return Problem("all nodes are learners, but somebody must vote; make at least one of them a voter")
    if witnesses >= quorum_size(len(voters)):
        return Problem(
            f"{witnesses} of the {len(voters)} voters are witnesses, but they alone would be a quorum that holds no data; "
            f"make at most {quorum_size(len(voters)) - 1} of them witnesses"
        )
    return None
