"""Exercises of notebook 02."""

import math
from collections.abc import Iterable
from itertools import product
from random import Random
from statistics import median

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import commit_time, fault_tolerance, quorum_size

SIZES = tuple((n,) for n in range(1, 10))


def larger_sizes() -> Iterable[tuple[int]]:
    """Sizes where rules that only look like a half, such as 51 %, part from it."""
    return ((n,) for n in range(10, 203))


def more_times() -> Iterable[tuple[list[int]]]:
    """Acknowledgements in every order, with ties, and then longer ones."""
    for n in range(1, 5):
        yield from ((list(times),) for times in product((1, 2, 3), repeat=n))
    chance = Random("commit-time")
    for n in (5, 6, 7, 8, 9):
        yield from (([chance.randrange(1, 100) for _ in range(n)],) for _ in range(20))


TWO_THIRDS = (
    Misconception(
        "more than two thirds",
        lambda n: 2 * n // 3 + 1,
        "More than two thirds are needed where members may lie; members that only crash need more than half.",
    ),
    Misconception(
        "two thirds, rounded down",
        lambda n: 2 * n // 3,
        "Two thirds, rounded down, are only half of four members, and more of nine than need be; a quorum is more than half.",
    ),
    Misconception(
        "two thirds, rounded",
        lambda n: round(2 * n / 3),
        "Two thirds, rounded, are one of two members and five of seven: too few, and too many; a quorum is more than half.",
    ),
    Misconception(
        "two thirds, rounded up",
        lambda n: -(-2 * n // 3),
        "Two thirds, rounded up, are four of five members; three are enough, as a quorum is more than half.",
    ),
    Misconception(
        "two thirds, not rounded",
        lambda n: 2 * n / 3,
        "Two thirds of n are not always a whole number; and a quorum is more than half, not two thirds.",
    ),
)


EXERCISES = (
    Task(
        id="quorum-size",
        parameters=("n",),
        cases=SIZES,
        reference=quorum_size,
        misconceptions=(
            Misconception(
                "half",
                lambda n: n // 2,
                "n // 2 is half, rounded down; a quorum is more than half.",
            ),
            Misconception(
                "exact half",
                lambda n: n / 2,
                "n / 2 is exactly half, and not even a whole number for odd n; a quorum is more than half.",
            ),
            Misconception(
                "half rounded up",
                lambda n: math.ceil(n / 2),
                "Half rounded up is right for odd n only: for even n it is exactly half, and a quorum is more than half.",
            ),
            Misconception(
                "leader counted twice",
                lambda n: n // 2 + 2,
                "You need one more than half; the leader is one of those members and is not counted a second time.",
            ),
            Misconception(
                "half and one, not rounded",
                lambda n: n / 2 + 1,
                "n / 2 + 1 is not a whole number for odd n; round the half down first.",
            ),
            Misconception(
                "Python's rounding",
                lambda n: round(n / 2),
                "Python rounds a half to the even neighbour, so this is sometimes more than half and sometimes not; n // 2 always rounds down.",
            ),
            Misconception(
                "half of one more",
                lambda n: (n + 1) / 2,
                "(n + 1) / 2 is right for odd n; for even n it is not whole, and a number of members is.",
            ),
            Misconception(
                "all but one",
                lambda n: n - 1,
                "n - 1 lets one member crash, however many there are; the question is how few are enough.",
            ),
            Misconception(
                "everyone",
                lambda n: n,
                "If all n were needed, one crash would stop every write; the smallest number above half is enough.",
            ),
            *TWO_THIRDS,
        ),
        hints=(
            "The smallest whole number above half of n: try n = 4 and n = 5 by hand.",
            "Half of 5 is 2.5, and the next whole number above it is 3. Half of 4 is 2, and the next whole number above it is 3.",
            "Half rounded down, plus one.",
        ),
        praise="More than half, and no more than that.",
        further=larger_sizes,
    ),
    Task(
        id="fault-tolerance",
        parameters=("n",),
        cases=SIZES,
        reference=fault_tolerance,
        misconceptions=(
            Misconception(
                "half",
                lambda n: n // 2,
                "If half of an even number crash, half remain, and half is not a majority.",
            ),
            Misconception(
                "exact half",
                lambda n: n / 2,
                "If half of an even number crash, half remain, and half is not a majority; for odd n a half is no number of members.",
            ),
            Misconception(
                "all but one",
                lambda n: n - 1,
                "One survivor keeps the data, but is no majority of n.",
            ),
            Misconception(
                "quorum size",
                quorum_size,
                "That is how many must stay up; the question is how many may crash.",
            ),
        ),
        hints=("Everyone who is not needed for a quorum may crash.", "n minus the quorum size."),
        praise="Whoever the quorum does not need may crash.",
        further=larger_sizes,
    ),
    Task(
        id="commit-time",
        parameters=("acknowledged",),
        cases=(
            ([2],),
            ([2, 3, 9],),
            ([9, 3, 2],),
            ([2, 3, 4, 80],),
            ([2, 3, 4, 80, 90],),
            ([60, 1, 5, 7, 9],),
            ([5, 1, 1, 70, 80, 90, 6],),
        ),
        reference=commit_time,
        misconceptions=(
            Misconception(
                "waits for everyone",
                max,
                "That is the slowest member: a write would wait for everyone, and one crash would stop it for ever.",
            ),
            Misconception(
                "leader counted twice",
                lambda acknowledged: sorted(acknowledged)[quorum_size(len(acknowledged))],
                "That is one acknowledgement too many: the list has the leader's own in it already, and Python counts from 0.",
            ),
            Misconception(
                "for five members only",
                lambda acknowledged: sorted(acknowledged)[quorum_size(5) - 1],
                "That is the third acknowledgement, which is right for five members; take the quorum of as many as the list has.",
            ),
            Misconception(
                "median",
                median,
                "The median is right for odd sizes; for even ones it lies between two acknowledgements.",
            ),
            Misconception(
                "not sorted",
                lambda acknowledged: acknowledged[quorum_size(len(acknowledged)) - 1],
                "Members do not acknowledge in the order of the list; sort the times first.",
            ),
            Misconception(
                "half is enough",
                lambda acknowledged: sorted(acknowledged)[max(0, len(acknowledged) // 2 - 1)],
                "That is the acknowledgement at half of the members, one short of a majority.",
            ),
            Misconception(
                "the leader must be among them",
                lambda acknowledged: max(acknowledged[0], commit_time(acknowledged)),
                "Your function waits for the first time in the list as well, as if that were the leader's. The list has no order, and any quorum "
                "will do, with the leader in it or without.",
            ),
        ),
        hints=(
            "Sort the times: the first entry is the quickest member.",
            "A quorum is complete with acknowledgement number ql.quorum_size(n); Python counts from 0.",
            "sorted(acknowledged)[ql.quorum_size(len(acknowledged)) - 1]",
        ),
        praise="The acknowledgement that completes the quorum decides, whoever it comes from: that is Raft's rule. etcd's leader "
        "also waits for its own disk, so under etcd the answer is never earlier than the leader's own time.",
        further=more_times,
    ),
)
