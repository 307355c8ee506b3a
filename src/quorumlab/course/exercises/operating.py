"""Exercises of notebook 10."""

from collections.abc import Iterable, Mapping
from itertools import product
from random import Random

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size

Last = tuple[int, int]
"""The last entry of a log: its term, then its number."""


def crashes_left(n: int, up: int, started: int, dead: int, removed: int) -> int:
    """How many more crashes are borne: of ``n`` members ``up`` run; then ``started`` members are added that start and ``dead`` ones that
    do not, and ``removed`` of those that do not run are removed. Below 0, so many are missing for a quorum.
    """
    return up + started - quorum_size(n + started + dead - removed)


def freshest(logs: Mapping[str, Last]) -> str:
    """The member whose log is the most complete: the last entry of the latest term, and of these the longest (Raft paper, §5.4.1)."""
    return max(logs, key=lambda name: logs[name])


def events_missed(seen: int, snapshot: int, written: int) -> int:
    """How many of ``written`` writes after a restore from revision ``snapshot`` a watcher is never told of that has ``seen`` more."""
    return min(written, max(0, seen - snapshot))


def more_changes() -> Iterable[tuple[int, int, int, int, int]]:
    """Every change of up to two members of each kind in small clusters."""
    for n in range(1, 8):
        for up, started, dead, removed in product(range(n + 1), range(3), range(3), range(3)):
            if removed <= n - up + dead and n + started + dead - removed >= 1:
                yield n, up, started, dead, removed


def more_logs() -> Iterable[tuple[dict[str, Last]]]:
    """Two to five logs, no two of which end alike. Members are named in no order."""
    chance = Random("freshest-survivor")
    for _ in range(600):
        names = [f"etcd-{i}" for i in range(1, 10)]
        chance.shuffle(names)
        ends: list[Last] = list(
            {(chance.randrange(1, 6), chance.randrange(1, 30)) for _ in range(chance.randrange(2, 6))}
        )
        chance.shuffle(ends)
        yield (dict(zip(names, ends, strict=False)),)


def more_restores() -> Iterable[tuple[int, int, int]]:
    """All small restores, and a few large ones."""
    yield from product(range(1, 9), range(1, 9), range(6))
    yield from ((10**k, 10**j, 10**i) for k, j, i in product(range(1, 7), repeat=3))


EXERCISES = (
    Task(
        id="crashes-left",
        parameters=("n", "up", "started", "dead", "removed"),
        cases=(
            (3, 2, 0, 0, 0),
            (3, 2, 0, 1, 0),
            (3, 2, 1, 0, 0),
            (3, 2, 0, 0, 1),
            (3, 2, 0, 1, 1),
            (3, 2, 1, 0, 1),
            (5, 3, 0, 0, 0),
            (5, 3, 0, 0, 2),
            (5, 3, 2, 0, 2),
            (5, 3, 0, 1, 0),
            (5, 4, 1, 0, 1),
            (5, 5, 2, 0, 0),
            (4, 4, 0, 0, 0),
            (4, 2, 0, 0, 0),
            (7, 4, 1, 1, 3),
            (1, 1, 2, 0, 0),
            (1, 1, 0, 1, 0),
        ),
        reference=crashes_left,
        misconceptions=(
            Misconception(
                "the quorum of before",
                lambda n, up, started, dead, removed: up + started - quorum_size(n),
                "The quorum changes with the membership: it is a majority of the members that there are afterwards.",
            ),
            Misconception(
                "a majority of those that run",
                lambda n, up, started, dead, removed: up + started - quorum_size(up + started) if up + started else 0,
                "Nobody recounts the quorum when members stop: those that do not run count in it, until they are removed.",
            ),
            Misconception(
                "whoever is added runs",
                lambda n, up, started, dead, removed: up + started + dead - quorum_size(n + started + dead - removed),
                "A new member that does not start counts all the same, and does not help to reach the quorum.",
            ),
            Misconception(
                "who does not start does not count",
                lambda n, up, started, dead, removed: up + started - quorum_size(n + started - removed),
                "A member counts from the moment it is added, whether it has ever started or not.",
            ),
            Misconception(
                "the removed ones ran",
                lambda n, up, started, dead, removed: up + started - removed - quorum_size(n + started + dead - removed),
                "Those that are removed did not run, so they are missing from the members, and not from those that run.",
            ),
            Misconception(
                "removal changes no quorum",
                lambda n, up, started, dead, removed: up + started - quorum_size(n + started + dead),
                "A removed member counts no more: the quorum is that of those who are left.",
            ),
            Misconception(
                "never below none",
                lambda n, up, started, dead, removed: max(0, up + started - quorum_size(n + started + dead - removed)),
                "Where a quorum is missing, say by how many, with a number below 0: none to spare is better than that.",
            ),
            Misconception(
                "one crash too many",
                lambda n, up, started, dead, removed: up + started - quorum_size(n + started + dead - removed) + 1,
                "Try three of three: they bear one crash.",
            ),
        ),
        hints=(
            "Two numbers: how many run afterwards, and how many are members afterwards.",
            "What runs: up and started. Members: n, with both kinds of new ones, without the removed.",
            "up + started − ql.quorum_size(n + started + dead − removed)",
        ),
        praise="What runs, less a majority of all that count. A member that never started counts.",
        further=more_changes,
    ),
    Task(
        id="freshest-survivor",
        parameters=("logs",),
        cases=(
            ({"etcd-2": (4, 90), "etcd-5": (4, 97)},),
            ({"etcd-2": (4, 97), "etcd-5": (4, 90)},),
            ({"etcd-1": (3, 120), "etcd-4": (4, 97)},),
            ({"etcd-1": (5, 80), "etcd-4": (4, 97)},),
            ({"etcd-4": (5, 80), "etcd-1": (5, 81), "etcd-3": (2, 200)},),
            ({"etcd-3": (2, 60), "etcd-1": (1, 61), "etcd-2": (2, 59)},),
            ({"etcd-7": (6, 10), "etcd-6": (7, 3)},),
        ),
        reference=freshest,
        misconceptions=(
            Misconception(
                "the longest log",
                lambda logs: max(logs, key=lambda name: logs[name][1]),
                "A long log may end in entries of an old term that were never committed. The later term comes first.",
            ),
            Misconception(
                "the term alone",
                lambda logs: max(logs, key=lambda name: logs[name][0]),
                "Of two logs that end in the same term, the longer one has more.",
            ),
            Misconception(
                "the first one",
                lambda logs: next(iter(logs)),
                "Whichever stands first need not have the most; compare what their logs end in.",
            ),
            Misconception(
                "the largest name",
                lambda logs: max(logs),
                "That compares the names. Compare what stands under them: max(logs, key=…).",
            ),
            Misconception(
                "the last entry instead of its owner",
                lambda logs: max(logs.values()),
                "That is the last entry itself; the name of the member is asked for.",
            ),
            Misconception(
                "the stalest",
                lambda logs: min(logs, key=lambda name: logs[name]),
                "That is the one that lacks most.",
            ),
            Misconception(
                "term and number added up",
                lambda logs: max(logs, key=lambda name: sum(logs[name])),
                "A term and a number are not of one kind: one later term outweighs any number of entries.",
            ),
        ),
        hints=(
            "It is the rule by which members vote: whose log is at least as complete as mine?",
            "Compare the terms first; where they are equal, the numbers. That is how Python compares pairs.",
            "max(logs, key=lambda name: logs[name])",
        ),
        praise="The later term, then the longer log: the rule of the vote, used by hand.",
        further=more_logs,
    ),
    Task(
        id="events-missed",
        parameters=("seen", "snapshot", "written"),
        cases=(
            (105, 100, 3),
            (105, 100, 5),
            (105, 100, 8),
            (100, 100, 4),
            (100, 110, 4),
            (101, 100, 1),
            (101, 100, 0),
            (200, 100, 50),
            (7, 3, 9),
            (3, 7, 2),
        ),
        reference=events_missed,
        misconceptions=(
            Misconception(
                "it is told nothing",
                lambda seen, snapshot, written: written,
                "A new write whose revision is above what it has seen does reach it.",
            ),
            Misconception(
                "as many as were lost",
                lambda seen, snapshot, written: seen - snapshot,
                "Not more can be missed than were written, and not fewer than none.",
            ),
            Misconception(
                "more than there are",
                lambda seen, snapshot, written: max(0, seen - snapshot),
                "Not more can be missed than were written.",
            ),
            Misconception(
                "fewer than none",
                lambda seen, snapshot, written: min(written, seen - snapshot),
                "A watcher that has seen less than the snapshot holds misses none; that is 0 and not below.",
            ),
            Misconception(
                "one too many",
                lambda seen, snapshot, written: min(written, max(0, seen - snapshot + 1)),
                "The first write after the restore gets revision snapshot + 1, and the watcher asks from seen + 1 on.",
            ),
            Misconception(
                "those it is told of",
                lambda seen, snapshot, written: written - min(written, max(0, seen - snapshot)),
                "These are the writes it is told of; those that it is not told of are asked for.",
            ),
        ),
        hints=(
            "Write down the revisions of the new writes, and cross out those below seen + 1.",
            "New writes get snapshot + 1 to snapshot + written. Missed are those up to seen.",
            "seen − snapshot, but not below 0 and not above written.",
        ),
        praise="All new writes up to the revision that it has seen already: it takes them for old news.",
        further=more_restores,
    ),
)  # fmt: skip
