"""Experiments whose answers three witnesses can give: arithmetic on the page, the simulation, and etcd itself.

Each is given ``make`` and gives back its answers by question: yes or no, a word, or ms. Timers are quick, so that a real cluster need
not be waited for long.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from statistics import median

from quorumlab.cluster.events import Mode
from quorumlab.cluster.protocol import Cluster, Outcome
from quorumlab.experiments.elections import gaps, one_way_ms
from quorumlab.history import Operation, check_linearizable

Make = Callable[..., Cluster]
"""Makes a cluster of so many members with these timers, such as ``SimulatedCluster`` or ``EtcdCluster``."""

Answers = Mapping[str, bool | float | str | None]

QUICK = {"heartbeat_ms": 50, "election_ms": 500, "timeout_ms": 800}
MODES: tuple[Mode, Mode] = ("linearizable", "serializable")
LONG = 20.0  # seconds after which something is given up


def only_node_dies(make: Make) -> Answers:
    """One member and nobody else: what works while it is away, and what is there when it comes back. (Notebook 01.)"""
    with make(1, **QUICK) as cluster:
        before = cluster.put("lock", "ada").ok
        cluster.crash("etcd-1")
        write, read = cluster.put("lock", "bob"), cluster.get("lock", mode="serializable")
        cluster.restart("etcd-1")
        cluster.run_until(lambda: cluster.get("lock").ok, within=LONG)
        return {
            "a write before": before,
            "a write while it is down": write.ok,
            "any read while it is down": read.ok,
            "what was written is there afterwards": cluster.get("lock").value == "ada",
        }


def one_killed(make: Make) -> Answers:
    """Clusters of one, two and three, each with one member killed, the one that leads: do writes go on? (Notebook 01.)"""
    return {
        f"{size} member{'s' * (size > 1)}, one killed: writes go on": _writes_go_on(make, size, 1)
        for size in (1, 2, 3)
    }


def two_of_three(make: Make) -> Answers:
    """Three members, of which one and then a second crash: who is still served? (Notebook 02.)"""
    with make(3, **QUICK) as cluster:
        cluster.put("lock", "ada")
        one, two = _others(cluster)
        cluster.run_until(lambda: _says(cluster, two, "ada"), within=LONG)
        cluster.crash(one)
        write = cluster.put("lock", "bob")
        leader = cluster.leader
        cluster.crash(two)
        return {
            "a write, one member down": write.ok,
            "a write, two members down": cluster.put("lock", "eve", via=leader).ok,
            "a linearizable read, two down": cluster.get("lock", via=leader).ok,
            "a serializable read, two down": cluster.get("lock", via=leader, mode="serializable").ok,
        }


SLOW_MS = 100.0


def slow_disks(make: Make) -> Answers:
    """Five members, of which some have a disk that takes 100 ms longer for each write: does a client wait for it? (Notebook 02.)

    It does if a write takes at least half of that longer than one with no slow disk, so that the answer does not depend on how
    quick a machine is.
    """
    found: dict[str, bool] = {}
    with make(5, leader="etcd-1") as cluster:
        usual = _put_ms(cluster)
        for question, slow in (
            ("two followers are slow", ("etcd-4", "etcd-5")),
            ("three followers are slow", ("etcd-3", "etcd-4", "etcd-5")),
            ("the leader alone is slow", ("etcd-1",)),
        ):
            for name in cluster.members:
                cluster.slow_disk(name, ms=SLOW_MS if name in slow else 0)
            cluster.run_for(0.3)
            found[question] = _put_ms(cluster) > usual + SLOW_MS / 2
    return found


def _put_ms(cluster: Cluster) -> float:
    """What a write takes, by the median of five."""
    return median(cluster.put("lock", str(n), via="etcd-1").latency for n in range(5))


def two_killed(make: Make) -> Answers:
    """Clusters of three, four and five, each with two members killed, the leader first: do writes go on? (Notebook 03.)"""
    return {f"{size} members, two killed: writes go on": _writes_go_on(make, size, 2) for size in (3, 4, 5)}


def halves(make: Make) -> Answers:
    """Four members cut in the middle, and five cut as near to it as they can be. (Notebook 03.)"""
    found: dict[str, bool] = {}
    for size, left in ((4, 2), (5, 2)):
        with make(size, **QUICK) as cluster:
            names = cluster.members
            cluster.partition(names[:left], names[left:])
            sides = {
                f"the {left}": names[0],
                f"the {'other ' if 2 * left == size else ''}{size - left}": names[left],
            }
            cluster.run_for(
                1.5
            )  # an old leader on the smaller side gives up, and the larger one elects its own
            for side, via in sides.items():
                found[f"{size} members: {side} write"] = any(
                    cluster.put("lock", "ada", via=via).ok for _ in range(2)
                )
    return found


def old_leader(make: Make) -> Answers:
    """A leader behind a cut, and what its clients are told while another one leads. (Notebook 04.)"""
    with make(5, leader="etcd-1", **QUICK) as cluster:
        cluster.put("lock", "ada")
        cluster.run_until(lambda: all(_says(cluster, name, "ada") for name in cluster.members), within=LONG)
        cluster.partition({"etcd-1"})
        cluster.run_until(lambda: cluster.leader not in (None, "etcd-1"), within=LONG)
        taken = any(cluster.put("lock", "bob", via=cluster.leader).ok for _ in range(3))
        return {
            "the new leader takes a write": taken,
            "the old one, asked serializably": cluster.get("lock", via="etcd-1", mode="serializable").value,
            "the old one, asked linearizably": _told(cluster.get("lock", via="etcd-1")),
            "the old one, asked to write": _told(cluster.put("lock", "eve", via="etcd-1")),
        }


def ghost_write(make: Make) -> Answers:
    """A write that timed out while two of three members were asleep, and what became of it. (Notebook 04.)"""
    with make(3, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=300) as cluster:
        cluster.pause("etcd-2", "etcd-3")
        ghost = cluster.put("lock", "ada", via="etcd-1")
        before = cluster.get("lock", via="etcd-1", mode="serializable").value
        cluster.resume("etcd-2", "etcd-3")
        cluster.run_until(lambda: cluster.get("lock").ok, within=LONG)
        return {
            "its client was told": _told(ghost),
            "there when the client gave up": before == "ada",
            "there afterwards": cluster.get("lock").value == "ada",
        }


FAR_MS = 300.0


def stale_read(make: Make) -> Answers:
    """One follower of three hears everything 300 ms late, and is asked right after a write is done. (Notebook 04.)"""
    with make(3, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=3000) as cluster:
        cluster.put("lock", "ada")
        cluster.run_until(lambda: _says(cluster, "etcd-3", "ada"), within=LONG)
        cluster.delay("etcd-1", "etcd-3", ms=FAR_MS)
        cluster.run_for(1)
        cluster.put("lock", "bob", via="etcd-1")
        far, leader = (cluster.get("lock", via=n, mode="serializable").value for n in ("etcd-3", "etcd-1"))
        asked = cluster.get("lock", via="etcd-3").value
        after = cluster.get("lock", via="etcd-3", mode="serializable").value
        return {
            "the leader, asked serializably": leader,
            "the far follower, asked serializably": far,
            "the far follower, asked linearizably": asked,
            "the far follower, serializably after that": after,
        }


def bad_time(make: Make) -> Answers:
    """Six clients of five members; the leader is killed, then a follower cut off: are their answers legal? (Notebook 04.)

    Two write and two read, in both ways, every 100 ms and through all members in turn. The judge is asked twice about the same run.
    """
    with make(5, **QUICK) as cluster:
        names = cluster.members
        for moment in range(40):
            if moment == 12 and cluster.leader is not None:
                cluster.crash(cluster.leader)
            if moment == 28:
                cluster.partition({next(name for name in _others(cluster) if _up(cluster, name))})
            for i in range(2):
                via = names[(moment + 2 * i) % len(names)]
                cluster.submit("write", "lock", f"w{i + 1}.{moment}", via=via, client=f"writer {i + 1}")
                for mode in MODES:
                    cluster.submit("read", "lock", via=via, mode=mode, client=f"{mode} reader {i + 1}")
            cluster.run_for(0.1)
        cluster.run_for(QUICK["timeout_ms"] / 1000)
        honest, all_of_it = cluster.history(serializable=False), cluster.history()
    return {
        "linearizable reads and writes": _legal(honest),
        "serializable reads counted as well": _legal(all_of_it),
        "some operations got no answer": any(op.returned is None for op in honest),
    }


KILLS = 12
ONE_WAY = "a message, one way"


def killed_again_and_again(make: Make) -> Answers:
    """The leader of five killed a dozen times, with the default timers: how long is there none each time? (Notebook 05.)

    First how long a message between two members takes, then the gaps by their numbers, all in ms.
    """
    unwatched = partial(make, record=False)  # a trace would cost a busy machine more looks than the kills do
    with unwatched(5) as cluster:
        apart = one_way_ms(cluster)
    return {ONE_WAY: apart, **{f"kill {n}": gap for n, gap in enumerate(gaps(unwatched, KILLS), 1)}}


def write_in_the_gap(make: Make) -> Answers:
    """A write 0.1 s after the leader's death, through a survivor that does not know of it yet: who is told what, and when?
    (Notebook 05.)

    One client waits as long as etcd lets it; the other gives up after half a second and asks again, each time another member.
    """
    with make(3, leader="etcd-1", heartbeat_ms=50, election_ms=500) as cluster:
        cluster.put("lock", "ada")
        cluster.run_until(lambda: all(_says(cluster, name, "ada") for name in cluster.members), within=LONG)
        cluster.crash("etcd-1")
        cluster.run_for(0.1)
        waits = cluster.put("lock", "bob", via="etcd-2")
    with make(3, leader="etcd-1", heartbeat_ms=50, election_ms=500, timeout_ms=500) as cluster:
        cluster.put("lock", "ada")
        cluster.crash("etcd-1")
        cluster.run_for(0.1)
        told = any(cluster.put("lock", "bob", via=name).ok for name in ("etcd-2", "etcd-3") * 3)
    return {
        "who waits is told": _told(waits),
        "who waits has waited": waits.latency,
        "who gives up and asks again is told": "done" if told else "timeout",
    }


def crash_or_stop(make: Make) -> Answers:
    """The leader killed, and the leader asked to stop: for how long does no write go through? (Notebook 05.)"""

    def gap(end: Callable[[Cluster], None]) -> str:
        with make(3, leader="etcd-1", heartbeat_ms=100, election_ms=1000, timeout_ms=200) as cluster:
            cluster.put("lock", "ada")
            began = cluster.now
            end(cluster)
            cluster.run_until(lambda: cluster.put("lock", "bob").ok, within=LONG)
            return "more than half a second" if cluster.now - began > 0.5 else "less than half a second"

    return {
        "killed (SIGKILL)": gap(lambda cluster: cluster.crash("etcd-1")),
        "asked to stop (SIGTERM)": gap(lambda cluster: cluster.stop("etcd-1")),
    }


def cut_off_and_back(make: Make) -> Answers:
    """A follower is cut off for three seconds and comes back, with PreVote and without: does the term rise? (Notebook 05.)"""
    found: dict[str, bool] = {}
    for pre_vote in (True, False):
        with make(3, leader="etcd-1", pre_vote=pre_vote, **QUICK) as cluster:
            term = cluster.status()["etcd-1"].term
            cluster.partition({"etcd-3"})
            cluster.run_for(3)
            cluster.heal()
            cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
            cluster.run_for(0.5)
            rose = max(member.term for member in cluster.status().values()) > term
            found[f"{'with' if pre_vote else 'without'} PreVote, the term rises"] = rose
    return found


def beyond_the_timeout(make: Make) -> Answers:
    """Round trips of one and a half election timeouts: a leader in office, and a new one. (Notebook 05.)"""
    with make(3, leader="etcd-1", heartbeat_ms=50, election_ms=500, timeout_ms=2500) as cluster:
        term = cluster.status()["etcd-1"].term
        for one_way in (100, 200, 300, 375):  # step by step, so that no heartbeat is late by a timeout
            for a, b in (("etcd-1", "etcd-2"), ("etcd-1", "etcd-3"), ("etcd-2", "etcd-3")):
                cluster.delay(a, b, ms=one_way)
            cluster.run_for(1)
        stays = cluster.put("lock", "ada").ok and cluster.status()["etcd-1"].term == term
        cluster.crash("etcd-1")
        cluster.run_for(3)
        after = any(cluster.put("lock", "bob").ok for _ in range(3))
    return {"the leader in office stays, and writes go on": stays, "after its crash, writes go on": after}


ALL: tuple[Callable[[Make], Answers], ...] = (
    only_node_dies,
    one_killed,
    two_of_three,
    slow_disks,
    two_killed,
    halves,
    old_leader,
    ghost_write,
    stale_read,
    bad_time,
    killed_again_and_again,
    write_in_the_gap,
    crash_or_stop,
    cut_off_and_back,
    beyond_the_timeout,
)
"""In the order of the course."""


def _writes_go_on(make: Make, size: int, killed: int) -> bool:
    with make(size, **QUICK) as cluster:
        order = [cluster.leader or cluster.members[0], *_others(cluster)]
        cluster.crash(*order[:killed])
        return any(cluster.put("lock", "ada", via=order[-1]).ok for _ in range(3))


def _others(cluster: Cluster) -> list[str]:
    return [name for name in cluster.members if name != cluster.leader]


def _says(cluster: Cluster, name: str, value: str) -> bool:
    return cluster.get("lock", via=name, mode="serializable").value == value


def _told(outcome: Outcome) -> str:
    """What a client was told, in a word."""
    return "done" if outcome.ok else str(outcome.error)


def _up(cluster: Cluster, name: str) -> bool:
    return cluster.status()[name].condition == "up"


def _legal(history: Sequence[Operation]) -> str:
    """What the judge says of a history, in a word or two."""
    return {True: "legal", False: "not legal", None: "undecided"}[check_linearizable(history).linearizable]
