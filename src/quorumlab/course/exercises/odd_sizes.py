"""Exercises of notebook 03."""

from collections.abc import Iterable

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size


def smallest_cluster(f: int) -> int:
    """The smallest cluster whose majority survives any ``f`` crashes: f may crash, and f + 1 must then outnumber them."""
    return 2 * f + 1


def side_goes_on(here: int, there: int, n: int) -> bool:
    """Whether ``here`` live members on one side of a cut are a majority of all ``n``, ``there`` being up on the other side."""
    return here >= quorum_size(n)


def more_cuts() -> Iterable[tuple[int, int, int]]:
    """Every cut of small clusters, some members having crashed, and then the two counts beside the half of larger ones."""
    for n in range(1, 13):
        yield from (
            (here, there, n) for here in range(1, n + 1) for there in range(n + 1) if here + there <= n
        )
    for n in range(13, 61):
        yield from ((n // 2, n - n // 2, n), (n // 2 + 1, 0, n), (n // 2, 0, n))


EXERCISES = (
    Task(
        id="smallest-cluster",
        parameters=("f",),
        cases=((1,), (2,), (3,), (4,), (0,)),
        reference=smallest_cluster,
        misconceptions=(
            Misconception(
                "half survive",
                lambda f: 2 * f,
                "With 2f members, f crashes leave exactly half, and half is not a majority.",
            ),
            Misconception(
                "one survivor",
                lambda f: f + 1,
                "With f + 1 members, f crashes leave one. Its data is safe, but one member is no majority of f + 1.",
            ),
            Misconception(
                "rounded up to even",
                lambda f: 2 * f + 2,
                "A cluster of 2f + 2 does survive f crashes, but it is not the smallest that does: take one member away.",
            ),
            Misconception(
                "members that lie",
                lambda f: 3 * f + 1,
                "3f + 1 is the size that survives f members that lie (Byzantine faults). A crashed member is only silent, which takes fewer.",
            ),
            Misconception(
                "quorum of f",
                lambda f: f // 2 + 1,
                "That is a majority of f members; the question is how many members leave a majority after f crashes.",
            ),
        ),
        hints=(
            "After f crashes, the members that are left must be more than half of all.",
            "If n − f members are left, then n − f > f is needed: try f = 1 and f = 2 by hand.",
            "Twice f, plus one.",
        ),
        praise="One more alive than dead: 2f + 1, which is always odd.",
        further=lambda: ((f,) for f in range(5, 60)),
    ),
    Task(
        id="side-of-a-cut",
        parameters=("here", "there", "n"),
        cases=(
            (3, 2, 5),
            (2, 3, 5),
            (2, 2, 5),
            (2, 1, 5),
            (3, 0, 5),
            (2, 2, 4),
            (3, 1, 4),
            (1, 3, 4),
            (3, 3, 6),
            (3, 2, 6),
            (4, 2, 6),
            (1, 0, 3),
            (2, 0, 3),
            (1, 0, 1),
            (2, 0, 2),
            (4, 3, 7),
            (4, 1, 5),
            (4, 0, 4),
            (5, 0, 5),
        ),
        reference=side_goes_on,
        misconceptions=(
            Misconception(
                "half is enough",
                lambda here, there, n: 2 * here >= n,
                "Half of the members is not enough: the other half could say the same, and both sides would write.",
            ),
            Misconception(
                "half rounded down is enough",
                lambda here, there, n: here >= n // 2,
                "n // 2 is half rounded down, one short of a majority.",
            ),
            Misconception(
                "the larger side wins",
                lambda here, there, n: here > there,
                "More than the other side is not enough: members that crashed still count in n. "
                "And this side cannot count the other one anyway.",
            ),
            Misconception(
                "at least as large",
                lambda here, there, n: here >= there,
                "Being as large as the other side gives both sides the same right. A side must be more than half of all n.",
            ),
            Misconception(
                "1 and 0",
                lambda here, there, n: int(here >= quorum_size(n)),
                "The rule is right; answer True or False, not 1 or 0. A comparison is one already.",
            ),
            Misconception(
                "nothing for no",
                lambda here, there, n: True if here >= quorum_size(n) else None,
                "The rule is right; where the side may not go on, give back False.",
            ),
            Misconception(
                "exactly a quorum",
                lambda here, there, n: here == quorum_size(n),
                "More than a quorum may go on too; a quorum is the fewest that may.",
            ),
            Misconception(
                "the cut forgotten",
                lambda here, there, n: here + there >= quorum_size(n),
                "This adds up both sides, but neither hears the other: only the members on this side can act together.",
            ),
        ),
        hints=(
            "A member sees only its own side. Which of the three numbers can it use?",
            "It knows how many answer it, and how many members the cluster has, crashed or not.",
            "Compare here with ql.quorum_size(n).",
        ),
        praise="What counts is the share of all members, crashed ones and unreachable ones included.",
        further=more_cuts,
    ),
)
