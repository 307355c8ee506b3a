"""Exercises of notebook 09."""

from collections.abc import Iterable, Sequence
from itertools import product

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size


def commit_over_regions(members: Sequence[int], rtt: Sequence[float]) -> float:
    """How long a commit takes, in ms: ``members`` stand in each region, the leader in the first, ``rtt`` ms from it to each region.

    The leader counts itself at once, and waits for as many others as a quorum needs, the nearest first (Raft §5.3).
    """
    others = [ms for count, ms in zip(members, rtt, strict=True) for _ in range(count)]
    others.remove(rtt[0])
    needed = quorum_size(sum(members)) - 1
    return sorted(others)[needed - 1] if needed else 0


def region_plus_one(members: Sequence[int]) -> bool:
    """Whether a quorum is left after the loss of any region, and of any one member more."""
    n = sum(members)
    return n - max(members) - 1 >= quorum_size(n)


def home_is_lost(home: int, n: int, commit: int, elect: int) -> bool:
    """Whether the ``n - home`` members that are left can elect a leader and commit, with quorums of these sizes."""
    return n - home >= max(commit, elect)


def more_layouts() -> Iterable[tuple[list[int], list[float]]]:
    """Small layouts over one to four regions, near and far ones in every order, then larger ones."""
    for far in ([1.0], [1.0, 70.0], [1.0, 190.0, 70.0], [2.0, 30.0, 90.0], [1.0, 125.0, 70.0, 100.0]):
        for rest in product(range(4), repeat=len(far) - 1):
            yield from (([home, *rest], far) for home in range(1, 5))
    yield from (([k, k, k], [1.0, 90.0, 30.0]) for k in range(5, 12))


def more_members() -> Iterable[tuple[list[int]]]:
    """Members in one to five regions."""
    for regions in range(1, 6):
        yield from (([*counts],) for counts in product(range(1, 5), repeat=regions))


def more_quorums() -> Iterable[tuple[int, int, int, int]]:
    """All sizes of quorums that overlap, in small clusters."""
    for n in range(1, 9):
        for home, commit, elect in product(range(n + 1), range(1, n + 1), range(1, n + 1)):
            if commit + elect > n:
                yield home, n, commit, elect


def _times(members: Sequence[int], rtt: Sequence[float]) -> list[float]:
    """The round trips to all members, the leader's own region with all of its own."""
    return sorted(ms for count, ms in zip(members, rtt, strict=True) for _ in range(count))


def _others(members: Sequence[int], rtt: Sequence[float]) -> list[float]:
    return _times([members[0] - 1, *members[1:]], rtt)


def _by_region(members: Sequence[int], rtt: Sequence[float]) -> float:
    there = sorted(ms for count, ms in zip(members[1:], rtt[1:], strict=True) if count)
    needed = quorum_size(len(there) + 1) - 1
    return there[needed - 1] if needed else 0


EXERCISES = (
    Task(
        id="commit-over-regions",
        parameters=("members", "rtt"),
        cases=(
            ([1, 1, 1], [1.0, 69.7, 191.1]),
            ([3, 3, 3], [1.0, 69.7, 191.1]),
            ([3, 1, 1], [1.0, 69.7, 191.1]),
            ([2, 2, 1], [1.0, 69.7, 191.1]),
            ([1, 1, 3], [1.0, 69.7, 191.1]),
            ([1, 2, 2], [1.0, 191.1, 69.7]),
            ([2, 0, 3], [1.0, 69.7, 191.1]),
            ([3, 2], [1.0, 69.7]),
            ([2, 2], [1.0, 69.7]),
            ([2, 1], [1.0, 69.7]),
            ([3], [1.0]),
            ([1], [1.0]),
            ([1, 1, 1, 1, 1], [1.0, 90.0, 30.0, 200.0, 60.0]),
            ([2, 2, 2, 1], [1.0, 90.0, 30.0, 200.0]),
            ([3, 3, 1], [1.0, 40.0, 20.0]),
        ),
        reference=commit_over_regions,
        misconceptions=(
            Misconception(
                "waits for everybody",
                lambda members, rtt: max(_others(members, rtt), default=0),
                "The leader does not wait for everybody, only for a quorum: the answers that come later change nothing.",
            ),
            Misconception(
                "a majority of regions",
                _by_region,
                "A quorum counts members, not regions: three members in the leader's region are three of a quorum.",
            ),
            Misconception(
                "the leader forgotten",
                lambda members, rtt: (
                    _others(members, rtt)[quorum_size(sum(members)) - 1] if sum(members) > 1 else 0
                ),
                "The leader is a member of its quorum, and needs one answer fewer from the others.",
            ),
            Misconception(
                "one way",
                lambda members, rtt: commit_over_regions(members, rtt) / 2,
                "A write goes there and its acknowledgement comes back: a whole round trip, not half.",
            ),
            Misconception(
                "the nearest answer",
                lambda members, rtt: min(_others(members, rtt), default=0),
                "One answer is not always enough: with the leader it must make a majority of all members.",
            ),
            Misconception(
                "the order given",
                lambda members, rtt: (
                    [
                        ms
                        for count, ms in zip([members[0] - 1, *members[1:]], rtt, strict=True)
                        for _ in range(count)
                    ][quorum_size(sum(members)) - 2]
                    if sum(members) > 1
                    else 0
                ),
                "The regions are not listed by distance: the nearest answer first, so sort them.",
            ),
            Misconception(
                "the average",
                lambda members, rtt: (
                    sum(_others(members, rtt)) / (sum(members) - 1) if sum(members) > 1 else 0
                ),
                "A commit waits for one certain answer, the last that the quorum needs. The average belongs to nobody.",
            ),
        ),
        hints=(
            "Make a list of the round trips to all *other* members, one entry for each, and sort it.",
            "With n members the leader needs n // 2 others. Which entry of the list is the last that it waits for?",
            "others = sorted(…); others[n // 2 - 1], and 0 if the leader is alone.",
        ),
        praise="The leader, and then the nearest others until a majority is together: where they stand is the price of a write.",
        further=more_layouts,
    ),
    Task(
        id="region-plus-one",
        parameters=("members",),
        cases=(
            ([3, 3, 3],),
            ([1, 1, 1],),
            ([2, 2, 1],),
            ([2, 2, 2],),
            ([3, 2, 2],),
            ([3, 3, 2],),
            ([2, 2, 2, 1],),
            ([1, 1, 1, 1, 1],),
            ([4, 4, 4],),
            ([3, 1, 1],),
            ([2, 2, 2, 2],),
            ([1, 1, 1, 2],),
            ([5],),
            ([1],),
            ([4, 3],),
            ([5, 2, 2],),
            ([5, 1, 1],),
            ([1, 3, 3, 3],),
        ),
        reference=region_plus_one,
        misconceptions=(
            Misconception(
                "the region alone",
                lambda members: sum(members) - max(members) >= quorum_size(sum(members)),
                "That survives the loss of a region. It must also survive the loss of one member more.",
            ),
            Misconception(
                "the quorum recounted",
                lambda members: (
                    sum(members) - max(members) - 1 >= quorum_size(max(sum(members) - max(members), 1))
                ),
                "A quorum is not counted anew when members are lost: it is a majority of all that belong to the cluster.",
            ),
            Misconception(
                "the smallest region",
                lambda members: sum(members) - min(members) - 1 >= quorum_size(sum(members)),
                "It must survive the loss of *any* region, so of the largest as well.",
            ),
            Misconception(
                "half is left",
                lambda members: 2 * (sum(members) - max(members) - 1) >= sum(members),
                "Half of the members is no majority.",
            ),
            Misconception(
                "three regions",
                lambda members: len(members) >= 3,
                "Three regions are needed, and not enough: it also matters how the members are spread over them.",
            ),
            Misconception(
                "three in each",
                lambda members: len(members) >= 3 and min(members) >= 3,
                "Three in each of three regions is one such layout. There are others, some with fewer members.",
            ),
        ),
        hints=(
            "Which region is the worst to lose? How many members are left without it, and without one more?",
            "Those that are left must be a quorum of *all* members: sum(members) // 2 + 1.",
            "n - max(members) - 1 >= n // 2 + 1, with n = sum(members).",
        ),
        praise="The largest region gone, one more gone, and still a majority of all: 3 + 3 + 3 does it, and so do five regions with one each.",
        further=more_members,
    ),
    Task(
        id="home-is-lost",
        parameters=("home", "n", "commit", "elect"),
        cases=(
            (3, 6, 3, 4),
            (2, 6, 3, 4),
            (4, 6, 3, 4),
            (2, 6, 4, 3),
            (3, 6, 4, 3),
            (3, 5, 3, 3),
            (2, 5, 3, 3),
            (2, 5, 2, 4),
            (1, 5, 2, 4),
            (2, 5, 4, 2),
            (1, 5, 4, 2),
            (1, 3, 2, 2),
            (2, 3, 2, 2),
            (3, 7, 5, 3),
            (3, 7, 4, 4),
            (1, 7, 4, 4),
            (1, 6, 4, 4),
            (2, 7, 5, 3),
            (2, 4, 3, 2),
            (2, 4, 2, 3),
            (2, 5, 1, 5),
            (0, 5, 1, 5),
            (0, 1, 1, 1),
            (1, 1, 1, 1),
        ),
        reference=home_is_lost,
        misconceptions=(
            Misconception(
                "commits only",
                lambda home, n, commit, elect: n - home >= commit,
                "Those that are left may be enough to commit, but the leader stood in the region that was lost: first they must elect another.",
            ),
            Misconception(
                "elections only",
                lambda home, n, commit, elect: n - home >= elect,
                "They can elect a leader. Whether that one can commit anything is another question, with a quorum of its own.",
            ),
            Misconception(
                "either is enough",
                lambda home, n, commit, elect: n - home >= min(commit, elect),
                "Both are needed: a leader, and commits under it.",
            ),
            Misconception(
                "a majority",
                lambda home, n, commit, elect: n - home >= quorum_size(n),
                "A majority is what Raft asks for. Here the quorums have sizes of their own, and those decide.",
            ),
            Misconception(
                "more than is needed",
                lambda home, n, commit, elect: n - home > max(commit, elect),
                "As many as the larger quorum are enough.",
            ),
        ),
        hints=(
            "How many members are left? What are the two things that they must be able to do?",
            "They must be as many as the quorum for elections, and as many as the one for commits.",
            "n - home >= max(commit, elect)",
        ),
        praise="Elect and commit: both quorums must fit among those that are left.",
        further=more_quorums,
    ),
)
