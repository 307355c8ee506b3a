"""Operating a cluster through failure, for three witnesses: a dead member replaced, upgrades one by one, a slow leader, the last
survivor, and a cache that goes on alone. (Notebook 10.)

Each is given ``make`` and gives back its answers by question, as those in ``witnesses``.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from quorumlab.arguments import number
from quorumlab.cluster.protocol import Cluster, Outcome
from quorumlab.experiments.make import leader_first
from quorumlab.experiments.witnesses import LONG, QUICK, Answers, Make
from quorumlab.quorums import quorum_size
from quorumlab.simulation import SimulatedCluster

HEALTHY_S = 5.5
"""etcd changes its membership only once all members have been connected for 5 s (``HealthInterval`` in server.go)."""


def replace_dead(make: Make) -> Answers:
    """One of three is dead for good. What is etcd's answer to an operator who adds first, and to one who removes first? (Notebook 10.)"""
    with make(3, leader="etcd-1", **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.run_for(HEALTHY_S)
        cluster.crash("etcd-3")
        add_first = cluster.add_voter("etcd-4")
        removed = cluster.remove("etcd-3")
        added = cluster.add_voter("etcd-5")
        cluster.run_until(lambda: _knows(cluster, "etcd-5"), within=LONG)
        cluster.crash("etcd-2")
        return {
            "add first: told": _told(add_first),
            "remove first: told": _told(removed),
            "then add: told": _told(added),
            "after that, another may crash": _writes(cluster),
        }


class HalfDone(NamedTuple):
    """A replacement after its first step and after the new member failed to start: members, those of them that run, the quorum, and
    whether writes go on; then what the operator is told who wants to undo it."""

    members: int
    running: int
    quorum: int
    goes_on: bool
    undo: str


def replaced_by_a_dud(add_first: bool, make: Make = SimulatedCluster) -> HalfDone:
    """One of three is dead, and the new machine never starts, because somebody mistyped its address.

    With ``add_first`` it is added while the dead one still counts, which a cluster without ``--strict-reconfig-check`` allows; else
    the dead one is removed first. Only for the simulation, where that check can be turned off.
    """
    with make(3, leader="etcd-1", strict_reconfig_check=False, **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.run_for(HEALTHY_S)
        cluster.crash("etcd-3")
        if not add_first:
            cluster.remove("etcd-3")
        cluster.add_voter("etcd-4")
        cluster.crash("etcd-4")
        running = sum(cluster.status()[name].condition == "up" for name in cluster.members)
        goes_on = _writes(cluster)
        members = len(cluster.members)
        return HalfDone(members, running, quorum_size(members), goes_on, _told(cluster.remove("etcd-4")))


AWAY_S = 0.3
WRITES_EVERY_S = 0.05


def one_by_one(make: Make) -> Answers:
    """Three members are upgraded one by one, in two orders, while a client writes all the time; then two at once. (Notebook 10.)

    Each is stopped in the orderly way, is away for 0.3 s and is back, up to date, before the next is stopped. The election timeout is 1 s.
    """
    found: dict[str, bool | float | str | None] = {}
    for order in ("first", "last"):
        with make(3, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=300) as cluster:
            cluster.put("lock", "ada")
            cluster.run_for(1)
            names = leader_first(cluster) if order == "first" else leader_first(cluster)[::-1]
            moves, longest = _upgraded(cluster, names)
            found[f"leader {order}: leadership moves"] = "once" if moves == 1 else "more than once"
            found[f"leader {order}: longest time without a write"] = (
                "less than an election timeout" if longest < 1 else "an election timeout or more"
            )
            if order == "last":
                cluster.stop(*leader_first(cluster)[1:])
                found["two at once: writes go on"] = _writes(cluster)
    return found


def _upgraded(cluster: Cluster, names: list[str]) -> tuple[int, float]:
    """Upgrade these members in this order. How often leadership moved, and the longest time between two writes that were answered,
    in s."""
    moves, longest, last, led = 0, 0.0, cluster.now, cluster.leader

    def write() -> bool:
        nonlocal moves, longest, last, led
        if cluster.put("lock", "ada").ok:
            longest, last = max(longest, cluster.now - last), cluster.now
        leads = cluster.leader
        if leads is not None and leads != led:
            moves, led = moves + 1, leads
        cluster.run_for(WRITES_EVERY_S)
        return False

    for name in names:
        cluster.stop(name)
        back = cluster.now + AWAY_S
        while cluster.now < back:
            write()
        cluster.restart(name)
        cluster.run_until(lambda name=name: write() or _knows(cluster, name), within=LONG)  # type: ignore[misc]
    return moves, longest


SLOW_MS = 100.0


def slow_leader(make: Make) -> Answers:
    """The leader's disk takes 100 ms longer for each write: what waits for it, and for how long after leadership is handed over?
    (Notebook 10.)

    Something waits if it takes at least half of that longer than before, so that the answer does not depend on the machine.
    """
    with make(3, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=3000) as cluster:
        cluster.put("lock", "ada")
        cluster.run_for(0.5)
        write, read = _median(cluster, "write", "etcd-1"), _median(cluster, "read", "etcd-1")
        cluster.slow_disk("etcd-1", ms=SLOW_MS)
        cluster.run_for(0.5)
        slow_write, slow_read = _median(cluster, "write", "etcd-1"), _median(cluster, "read", "etcd-1")
        began = cluster.now
        handed_over = cluster.transfer("etcd-2").ok
        first = cluster.put("lock", "bob", via="etcd-2")
        took = cluster.now - began
        cluster.run_for(0.5)
        after = _median(cluster, "write", "etcd-2")
    return {
        "a write waits": slow_write > write + SLOW_MS / 2,
        "a linearizable read waits": slow_read > read + SLOW_MS / 2,
        "leadership can be handed over": handed_over and first.ok,
        "that and a first write take": "less than a second" if took < 1 else "a second or more",
        "afterwards a write waits": after > write + SLOW_MS / 2,
    }


def _median(cluster: Cluster, kind: str, via: str) -> float:
    """What a write or a linearizable read through a member takes, in ms: the median of five."""
    ask: Callable[[], Outcome] = (
        (lambda: cluster.put("lock", "ada", via=via)) if kind == "write" else (lambda: cluster.get("lock", via=via))
    )  # fmt: skip
    return median(ask().latency for _ in range(5))


def last_survivor(make: Make) -> Answers:
    """Two of three are gone. What does the third still serve, and what if somebody restarts it? (Notebook 10.)"""
    with make(3, leader="etcd-1", **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.run_until(lambda: _knows(cluster, "etcd-3"), within=LONG)
        cluster.crash("etcd-1", "etcd-2")
        cluster.run_for(1)
        before = cluster.get("lock", via="etcd-3", mode="serializable")
        write = cluster.put("lock", "bob", via="etcd-3")
        cluster.stop("etcd-3")
        cluster.restart("etcd-3")
        cluster.run_for(1)
        after = cluster.get("lock", via="etcd-3", mode="serializable")
        return {
            "a write": _told(write),
            "a serializable read": _told(before),
            "a serializable read, after its restart": _told(after),
        }


TRIES = 3


def cache_behind(make: Make) -> Answers:
    """A cache has copied a key and hears nothing more, in two outages: what has been written without its knowing? (Notebook 10.)

    It reads from etcd-1 and etcd-2. First these two are cut off from the other three; later those three die.
    """
    rest = ("etcd-3", "etcd-4", "etcd-5")
    with make(5, leader="etcd-5", **(QUICK | {"timeout_ms": 300})) as cluster:
        missed = {
            "its side is cut off": _missed(cluster, lambda: cluster.partition({"etcd-1", "etcd-2"})),
            "a majority is down": _missed(cluster, lambda: cluster.crash(*rest)),
        }
    return dict(reversed(missed.items()))


def _missed(cluster: Cluster, outage: Callable[[], None]) -> str:
    """Three writes are tried on either side during an outage: what was done behind the cache's back."""
    cluster.heal()
    cluster.run_until(lambda: cluster.put("lock", "ada").ok, within=LONG)
    cluster.run_until(lambda: _knows(cluster, "etcd-1") and _knows(cluster, "etcd-2"), within=LONG)
    outage()
    done = sum(
        any(cluster.put("lock", f"bob {n}", via=via).ok for via in ("etcd-5", "etcd-1")) for n in range(TRIES)
    )
    seen = [cluster.get("lock", via=via, mode="serializable").value for via in ("etcd-1", "etcd-2")]
    if seen != ["ada", "ada"]:
        raise RuntimeError(f"The cache was to see the old value, and saw {seen}; run the experiment again.")
    return "nothing" if done == 0 else "all that was tried" if done == TRIES else "a part of it"


def written_meanwhile(
    seconds: float, every: float, cut_off: bool, make: Make = SimulatedCluster
) -> list[float]:
    """When writes were done in an outage of so many ``seconds``, in s since it began: what a cache that hears nothing is behind by.

    Five members, and a client that tries to write every ``every`` seconds. With ``cut_off``, etcd-1 and etcd-2, of which the cache reads,
    are cut off and the other three go on; else those three die. Raises ValueError for times out of range, TypeError for what is no number.
    """
    seconds = float(number(seconds, "seconds", least=0, most=600, unit="s"))
    every = float(number(every, "every", above=0, most=60, unit="s"))
    with make(5, leader="etcd-5", record=False, **QUICK) as cluster:
        cluster.put("lock", "ada")
        began, asked = cluster.now, []
        if cut_off:
            cluster.partition({"etcd-1", "etcd-2"})
        else:
            cluster.crash("etcd-3", "etcd-4", "etcd-5")
        while cluster.now + every <= began + seconds:
            cluster.run_for(every)
            write = cluster.submit("write", "lock", "bob", via="etcd-5" if cut_off else "etcd-1")
            asked.append((cluster.now - began, write))
        cluster.run_for(1)
        return [at for at, write in asked if write.outcome is not None and write.outcome.ok]


ALL: tuple[Callable[[Make], Answers], ...] = (
    replace_dead,
    one_by_one,
    slow_leader,
    last_survivor,
    cache_behind,
)
"""In the order of the page."""


def _knows(cluster: Cluster, name: str) -> bool:
    """Whether a member has all of what the leader knows to be committed, and answers."""
    status, leader = cluster.status(), cluster.leader
    if leader is None or name not in status or status[name].commit_index < status[leader].commit_index:
        return False
    return cluster.get("lock", via=name, mode="serializable").ok


def _writes(cluster: Cluster) -> bool:
    """Whether one of three tries to write succeeds, each through another member that runs."""
    up = [name for name in cluster.members if cluster.status()[name].condition == "up"]
    return any(cluster.put("lock", "ada", via=up[n % len(up)]).ok for n in range(3))


def _told(outcome: Outcome) -> str:
    """What a client or an operator was told, in a word."""
    return "done" if outcome.ok else str(outcome.error)
