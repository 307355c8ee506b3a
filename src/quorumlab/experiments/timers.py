"""Elections that nobody needed: slow networks, stalls, and members that come back (notebook 05)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import mean
from typing import NamedTuple

from quorumlab.arguments import number
from quorumlab.cluster import Cluster
from quorumlab.experiments.elections import gaps
from quorumlab.experiments.make import Make, leader_first
from quorumlab.quorums import quorum_size
from quorumlab.simulation import SimulatedCluster

LOOK_EVERY_S = 0.05
STALL_EVERY_S = 5.0


class Moment(NamedTuple):
    """A look at a cluster: when, in seconds; the highest term of any member; whether a leader has a quorum behind it."""

    seconds: float
    term: int
    led: bool


def look(cluster: Cluster) -> Moment:
    """A cluster as it is now: the leader has a quorum behind it if that many members follow it, by what they say and itself
    included."""
    status, leader = cluster.status(), cluster.leader
    followers = {leader} | {name for name, member in status.items() if member.leader == leader}
    led = leader is not None and len(followers) >= quorum_size(len(status))
    return Moment(cluster.now, max(member.term for member in status.values()), led)


def watch(cluster: Cluster, seconds: float) -> list[Moment]:
    """Look at a cluster twenty times a second for so long."""
    looks = []
    for _ in range(round(seconds / LOOK_EVERY_S)):
        cluster.run_for(LOOK_EVERY_S)
        looks.append(look(cluster))
    return looks


def leaderless(looks: Sequence[Moment]) -> float:
    """The seconds without a leader: each look without one counts for the interval before the next."""
    return sum(after.seconds - look.seconds for look, after in pairwise(looks) if not look.led)


class Minute(NamedTuple):
    """A minute of a cluster: how many leaders it had, how far the term rose after the first (None if there was none), and the
    seconds without a leader, to a tenth."""

    leaders: int
    needless: int | None
    leaderless: float


def minute(make: Make = SimulatedCluster) -> Minute:
    """Watch five members for a minute."""
    with make(5) as cluster:
        looks = watch(cluster, 60)
    led = [moment.term for moment in looks if moment.led]
    needless = looks[-1].term - led[0] if led else None
    return Minute(len(set(led)), needless, round(leaderless(looks), 1))


def reigns(seconds: float, make: Make = SimulatedCluster) -> list[float]:
    """How long each leader of five led, in seconds: all that stepped down within ``seconds``, in the order in which they did."""
    since: dict[str, float] = {}
    over: list[float] = []
    with make(5) as cluster:

        def note() -> bool:
            for name, member in cluster.status().items():
                # One that was started and has committed nothing yet tells nobody that it leads.
                if member.role == "leader" or name == cluster.leader:
                    since.setdefault(name, cluster.now)
                elif name in since:
                    over.append(cluster.now - since.pop(name))
            return False

        cluster.run_until(note, within=seconds)
    return over


def needless_elections(make: Make = SimulatedCluster, stall: float = 0.3) -> int:
    """How far the term rises in a minute in which the leader of five stalls for ``stall`` seconds every five, twelve times.

    Raises ValueError unless a stall lasts 0 to 5 seconds, TypeError for what is no number.
    """
    stall = float(number(stall, "a stall", least=0, most=STALL_EVERY_S, unit="s"))
    with make(5) as cluster:
        before = look(cluster).term
        for _ in range(12):
            leader = cluster.leader
            if leader is not None:
                cluster.pause(leader)
            cluster.run_for(stall)
            if leader is not None:
                cluster.resume(leader)
            cluster.run_for(STALL_EVERY_S - stall)
        return look(cluster).term - before


class Price(NamedTuple):
    """What timers cost: elections that nobody needed in a minute with stalls, and the mean wait for a leader after a crash, in ms
    (None where no leader is found or none stays)."""

    needless: int
    after_crash_ms: float | None


def price(make: Make = SimulatedCluster, stall: float = 0.3, kills: int = 10) -> Price:
    """See ``Price``: ``needless_elections`` with stalls of ``stall`` seconds, and the mean of as many ``gaps`` as ``kills``."""
    needless = needless_elections(make, stall)
    try:
        return Price(needless, mean(gaps(make, kills)))
    except RuntimeError:  # nobody leads, so nobody can be killed
        return Price(needless, None)


def cut_off(make: Make = SimulatedCluster) -> list[Moment]:
    """Watch five members of which a follower is cut off after two seconds, and comes back ten seconds later."""
    with make(5) as cluster:
        follower = leader_first(cluster)[-1]
        looks = watch(cluster, 2)
        cluster.partition({follower})
        looks += watch(cluster, 10)
        cluster.heal()
        return looks + watch(cluster, 6)


def flapping(make: Make = SimulatedCluster) -> tuple[int, float]:
    """A follower of five is away for four seconds and back for two, ten times: the last term, and the seconds without a leader,
    to a tenth."""
    with make(5) as cluster:
        follower = leader_first(cluster)[-1]
        looks = []
        for _ in range(10):
            cluster.partition({follower})
            looks += watch(cluster, 4)
            cluster.heal()
            looks += watch(cluster, 2)
    return looks[-1].term, round(leaderless(looks), 1)
