"""The best that can be done about an incident: found by trying every short sequence of acts that can help."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from quorumlab.experiments.incident import Course, Incident
from quorumlab.quorums import quorum_size

MOST_ACTS = 4
"""Sequences of more acts are not tried."""


class Step(NamedTuple):
    """One act to try: the verb, and to whom, or nobody in particular."""

    verb: str
    member: str | None = None

    def do(self, incident: Incident) -> bool:
        """Do it. Returns whether it was done; what is refused, or not answered, is not."""
        verb = getattr(incident.cluster, self.verb)
        return bool(verb(self.member) if self.member else verb())


def possible(incident: Incident) -> Iterator[Step]:
    """Every act that can help as things are: nobody restarts what runs, removes what is well or what no leader can remove, or gives up
    members of whom enough can come back.
    """
    cluster = incident.cluster
    status = {name: each for name, each in cluster.status().items() if each.condition != "removed"}
    up = [name for name, each in status.items() if each.condition == "up"]
    for name, each in status.items():
        if each.condition == "down" and name not in cluster.no_disk:
            yield Step("restart", name)
        if each.condition == "paused":
            yield Step("resume", name)
    if cluster.deaf:
        yield Step("heal")
    yield from (Step("force_new_cluster", name) for name in up if beyond_return(incident))
    if len({*up} & {*cluster.members} - cluster.deaf) < quorum_size(len(cluster.members)):
        return
    yield from (Step("remove", name) for name in cluster.members if name in ill(incident) | cluster.deaf)
    if cluster.leader in cluster.slow_disk:
        yield from (Step("transfer", name) for name in up if name != cluster.leader)
    yield Step("add_voter")


def ill(incident: Incident) -> set[str]:
    """Members that do not run, or whose disk is slow."""
    cluster, status = incident.cluster, incident.cluster.status()
    return {n for n in cluster.members if status[n].condition != "up" or n in cluster.slow_disk}


def beyond_return(incident: Incident) -> bool:
    """Whether so many disks are lost that no quorum can come back."""
    members = incident.cluster.members
    return sum(name not in incident.cluster.no_disk for name in members) < quorum_size(len(members))


def fewest_acts(incident: Incident) -> int:
    """How many acts are needed at least: each mends one member, save that one new cluster leaves all of them behind, and that one
    ``heal`` mends all links.
    """
    if beyond_return(incident):
        return 1
    return len(ill(incident)) + bool(incident.cluster.deaf & set(incident.cluster.members) - ill(incident))


@lru_cache(maxsize=64)
def best_course(seed: int) -> Course:
    """The best course of all that need as few acts as any. Raises RuntimeError if four acts do not do."""
    for most in range(MOST_ACTS + 1):
        restored = list(_restoring(seed, (), most))
        if restored:
            return min(restored, key=lambda course: course.rank)
    raise RuntimeError(f"No {MOST_ACTS} acts repair incident {seed}; choose another seed.")


def _restoring(seed: int, steps: tuple[Step, ...], most: int) -> Iterator[Course]:
    """How it goes with these steps, and then with others up to ``most`` in all, where all is well in the end."""
    incident = Incident(seed, record=False)
    if not all(step.do(incident) for step in steps):
        return
    left = most - len(steps)
    if left == 0:
        if not incident.wounds() and (course := incident.come_to_rest()).restored is not None:
            yield course
    elif fewest_acts(incident) <= left:
        for step in list(possible(incident)):
            yield from _restoring(seed, (*steps, step), most)
