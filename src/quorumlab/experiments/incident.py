"""An incident: a cluster broken by seed, what the pager says, and a judge of what somebody on call made of it. (Only for the simulation.)

The judge compares with the best that can be done, which is searched for, never written down: see ``repairs``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from itertools import groupby, pairwise
from random import Random
from typing import NamedTuple, NoReturn

from quorumlab.arguments import whole
from quorumlab.cluster.events import Condition
from quorumlab.cluster.protocol import MemberStatus
from quorumlab.experiments.make import leader_first
from quorumlab.experiments.on_call import WRITES_EVERY_S, Acts, OnCall
from quorumlab.quorums import quorum_size
from quorumlab.simulation import SimulatedCluster
from quorumlab.words import listed

BEFORE_S = 6.0
"""Seconds of good weather before it breaks; etcd wants all members connected for five before it changes the membership."""
PAGED_AFTER_S = 10.0
"""Seconds until somebody is woken."""
REST_S = 10.0
"""Seconds that the judge gives a cluster to come to rest."""
HEARD_S = 4 * WRITES_EVERY_S
"""Seconds until it is known whether clients are served as things are."""
RECENT_S = 5.0
"""Seconds of which the pager tells."""
SLOW_DISK_MS = 150.0
PROCESS: Mapping[Condition, str] = {
    "up": "runs",
    "paused": "stopped (SIGSTOP)",
    "down": "down",
    "removed": "removed",
}

Break = Callable[[OnCall, SimulatedCluster, Random], None]


class Line(NamedTuple):
    """One member on the board: its process, its role, its commit index, whom it follows, and its disk; "–" for what a member that does
    not run does not tell."""

    member: str
    process: str
    role: str
    commit: str
    follows: str
    disk: str


class Course(NamedTuple):
    """How it went. Times are in s since the break.

    acts      what was done
    service   stretches (from, to, whether clients were well served), one after the other
    unserved  for how long they were not
    lost      keys of acknowledged writes that are not there any more
    spare     how many further crashes can be borne; below 0, so many members are missing
    restored  when everything was well again; None if it is not
    missing   what is still not well, in sentences
    """

    acts: Acts
    service: tuple[tuple[float, float, bool], ...]
    unserved: float
    lost: tuple[str, ...]
    spare: int
    restored: float | None
    missing: tuple[str, ...]

    @property
    def rank(self) -> tuple[float, ...]:
        """Less is better: restored at all, then what was lost, how long clients were not served, further crashes (more is better), when
        all was well, and acts.
        """
        return (
            self.restored is None, len(self.lost), self.unserved, -self.spare, self.restored or 0.0, len(self.acts),
        )  # fmt: skip


class Judgement(NamedTuple):
    """What was made of it, and the best that was found."""

    yours: Course
    best: Course


class Incident:
    """A cluster that breaks six seconds after its start, in a way that the seed decides (a whole number from 0 on).

    ``cluster`` has the verbs of whoever is on call; ``pager`` says in a sentence what woke them, ``board()`` shows the members, and
    ``judge()`` judges, and touches nothing. The same seed and the same acts give the same judgement. With ``record=False`` no trace is kept.
    """

    def __init__(self, seed: int, *, record: bool = True) -> None:
        self.seed = whole(seed, "the seed", least=0)
        size, breaks = KINDS[self.seed % len(KINDS)]
        cluster = SimulatedCluster(size, seed=f"incident/{seed}", timeout_ms=2000, record=record)
        self.cluster = OnCall(cluster)
        self.cluster.run_for(BEFORE_S)
        breaks(self.cluster, cluster, Random(f"incident/{seed}"))
        self.cluster.began = self.cluster.now
        self._restored: tuple[int, float] | None = None  # after how many acts all was well, and when
        self.cluster.run_for(PAGED_AFTER_S)

    def __getattr__(self, name: str) -> NoReturn:
        if hasattr(OnCall, name) and not name.startswith("_"):
            why = f"An incident is repaired through its cluster; write .cluster.{name} in place of .{name}."
        else:
            why = f"An incident has no {name!r}; it has cluster, pager, began, board(), course() and judge()."
        raise AttributeError(why, name=name, obj=self)

    @property
    def began(self) -> float:
        """When it broke, by the cluster's clock."""
        return self.cluster.began

    @property
    def pager(self) -> str:
        """What wakes whoever is on call, as things are now: symptoms, no diagnosis."""
        recent = [asked for asked in self.cluster.asked if asked.at > self.cluster.now - RECENT_S][:-1]
        if all(asked.served for asked in recent):
            well = "answered"
        elif any(asked.served for asked in recent):
            well = "not all answered in time"
        elif all(asked.acknowledged for asked in recent):
            well = "answered too late"
        else:
            well = "not answered in time"
        silent = [line.member for line in self.board() if line.process != "runs"]
        gone = f"; {listed(silent)} {'does' if len(silent) == 1 else 'do'} not answer" if silent else ""
        return f"The writes of the last {RECENT_S:g} s were {well}{gone}."

    def board(self) -> tuple[Line, ...]:
        """What the dashboard shows of each member."""
        return tuple(
            Line(name, PROCESS[status.condition], *_seen(status), self._disk(name))
            for name, status in self.cluster.status().items()
            if status.condition != "removed"
        )

    def _disk(self, name: str) -> str:
        if name in self.cluster.no_disk:
            return "empty"
        slow = self.cluster.slow_disk.get(name)
        return f"{slow:g} ms a write" if slow else "fine"

    def course(self) -> Course:
        """How it went so far, and how it goes on if nobody does more: a cluster that needs no more than time is given up to ten seconds to
        come to rest. That future is a fork; the cluster itself stays as it is, and so does its clock.
        """
        future = copy(self)
        future.cluster = self.cluster.fork()
        course = future.come_to_rest()
        self._restored = future._restored
        return course

    def come_to_rest(self) -> Course:
        """As ``course``, by letting the time of this very cluster pass: for whoever has no more use for it."""
        cluster = self.cluster
        mended = cluster.run_until(lambda: not self.wounds(), within=HEARD_S)
        done = mended and cluster.run_until(lambda: not self.missing(), within=REST_S)
        if not done:
            self._restored = None
        elif self._restored is None or self._restored[0] != len(cluster.acts):
            self._restored = (len(cluster.acts), self.cluster.since(cluster.now))
            cluster.run_for(2 * WRITES_EVERY_S)  # what was asked last gets its answer
        service = self._service()
        unserved = sum(end - start for start, end, well in service if not well)
        restored = self._restored[1] if self._restored else None
        return Course(
            Acts(cluster.acts),
            service,
            unserved,
            self._lost(),
            self._spare(),
            restored,
            () if done else tuple(self.missing()),
        )

    def judge(self) -> Judgement:
        """How it went so far, beside the best that is found by trying all short sequences of acts."""
        from quorumlab.experiments.repairs import best_course

        return Judgement(self.course(), best_course(self.seed))

    def wounds(self) -> list[str]:
        """What no waiting mends, in sentences: members that are down, slow or deaf, or a crash that could not be borne."""
        cluster, status = self.cluster, self.cluster.status()
        members = cluster.members
        down = [name for name in members if status[name].condition != "up"]
        found = [f"{name} still counts as a member, and does not run." for name in down]
        found += [f"The disk of {name} is slow." for name in members if name in cluster.slow_disk]
        found += [f"{name} does not hear all others." for name in members if name in cluster.deaf]
        if self._spare() < 1:
            found.append("No further crash can be borne.")
        return found

    def missing(self) -> list[str]:
        """What is not well, in sentences: wounds, a leader, members that lag, or clients that wait."""
        cluster, status, found = self.cluster, self.cluster.status(), self.wounds()
        up = [name for name in cluster.members if status[name].condition == "up"]
        leader = cluster.agreed_leader
        if leader is None:
            found.append("The members that run do not all follow one leader.")
        elif any(status[name].commit_index < status[leader].commit_index - 1 for name in up):
            found.append("Not all members have what is committed.")
        settled = [asked for asked in cluster.asked if asked.at < cluster.now - 2 * WRITES_EVERY_S]
        if not (settled and settled[-1].served):
            found.append("Clients are not answered in time.")
        return found

    def _spare(self) -> int:
        """How many further voters may crash; below 0, so many are missing for a quorum."""
        status = self.cluster.status()
        voters = [name for name in self.cluster.members if not status[name].learner]
        return sum(status[name].condition == "up" for name in voters) - quorum_size(len(voters))

    def _service(self) -> tuple[tuple[float, float, bool], ...]:
        """Stretches of good and of bad service. The time up to a write counts as that write went."""
        asked = [a for a in self.cluster.asked if a.at >= self.began - WRITES_EVERY_S]
        stretches: list[tuple[float, float, bool]] = []
        for well, group in groupby(pairwise(asked), key=lambda pair: pair[1].served):
            pairs = list(group)
            stretches.append(
                (max(self.cluster.since(pairs[0][0].at), 0.0), self.cluster.since(pairs[-1][1].at), well)
            )
        return tuple(stretches)

    def _lost(self) -> tuple[str, ...]:
        """Acknowledged writes that the leader, or else the member that has applied most, does not have."""
        cluster, status = self.cluster, self.cluster.status()
        up = [name for name in cluster.members if status[name].condition == "up"]
        if not up:
            return ()
        knows = cluster.agreed_leader or max(up, key=lambda name: status[name].commit_index)
        if cluster.agreed_leader is None and len(up) < quorum_size(len(cluster.members)):
            return ()  # nothing has been given up yet: who is away may come back
        return tuple(
            asked.key
            for asked in cluster.asked
            if asked.acknowledged and cluster.get(asked.key, via=knows, mode="serializable").value is None
        )


def _seen(status: MemberStatus) -> tuple[str, str, str]:
    """Role, commit index and leader, as far as a member tells."""
    if status.condition != "up":
        return "–", "–", "–"
    return status.role or "–", str(status.commit_index), status.leader or "nobody"


# --- how a cluster is broken ---


def _disk_of_a_follower(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """A follower's machine is dead, and its disk with it."""
    gone = chance.choice(leader_first(cluster)[1:])
    on_call.no_disk.add(gone)
    cluster.crash(gone)


def _majority_down(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """A majority is down; one of them has lost its disk."""
    order = leader_first(cluster)
    down = [order[0], *chance.sample(order[1:], quorum_size(len(order)) - 1)]
    on_call.no_disk.add(chance.choice(down))
    cluster.crash(*down)


def _deaf(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """Two of five are down for maintenance, and a third hears nobody, though everybody hears it."""
    order = leader_first(cluster)
    *away, deaf = chance.sample(order[1:], 3)
    cluster.crash(*away)
    for name in order:
        if name != deaf:
            cluster.cut(name, deaf, one_way=True)
    on_call.deaf.add(deaf)


def _slow_disk(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """The leader's disk takes long for each write."""
    leader = leader_first(cluster)[0]
    cluster.slow_disk(leader, ms=SLOW_DISK_MS)
    on_call.slow_disk[leader] = SLOW_DISK_MS


def _asleep(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """The leader's process stands still, and a follower is down."""
    leader, *others = leader_first(cluster)
    cluster.crash(chance.choice(others))
    cluster.pause(leader)


def _gone_for_good(on_call: OnCall, cluster: SimulatedCluster, chance: Random) -> None:
    """Three of five have lost their disks. One of the two survivors had been cut off for a while before."""
    order = leader_first(cluster)
    behind, fresh = chance.sample(order[1:], 2)
    gone = [name for name in order if name not in (behind, fresh)]
    cluster.partition({behind})
    on_call.run_for(3)
    cluster.heal()
    on_call.no_disk.update(gone)
    cluster.crash(*gone)


KINDS: Sequence[tuple[int, Break]] = (
    (3, _disk_of_a_follower),
    (3, _asleep),
    (3, _slow_disk),
    (5, _deaf),
    (3, _majority_down),
    (5, _gone_for_good),
)
"""How many members, and what breaks; the seed chooses, and who it is."""
