"""Exercises of notebook 02."""

import math

from quorumlab.course.checks import Exercise, Misconception
from quorumlab.quorums import fault_tolerance, quorum_size

SIZES = tuple((n,) for n in range(1, 10))

EXERCISES = (
    Exercise(
        id="quorum-size",
        parameters=("n",),
        cases=SIZES,
        reference=quorum_size,
        misconceptions=(
            Misconception(
                "half",
                lambda n: n // 2,
                "n // 2 is half, rounded down: two groups of that size can miss each other.",
            ),
            Misconception(
                "exact half",
                lambda n: n / 2,
                "n / 2 is exactly half, and not even a whole number for odd n: two halves can miss each other.",
            ),
            Misconception(
                "half rounded up",
                lambda n: math.ceil(n / 2),
                "Half rounded up is right for odd n only: for even n it is exactly half, and two halves can miss each other.",
            ),
            Misconception(
                "leader counted twice",
                lambda n: n // 2 + 2,
                "You need one more than half; the leader is one of those members and is not counted a second time.",
            ),
            Misconception(
                "everyone", lambda n: n, "All n would overlap too, but one crash would stop every write."
            ),
        ),
        hints=(
            "Two groups of k members, out of n, are sure to share someone when k + k is more than n.",
            "The smallest whole number with 2k > n: try n = 4 and n = 5 by hand.",
            "Half rounded down, plus one.",
        ),
        praise="More than half, and no more than that.",
    ),
    Exercise(
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
                "quorum size",
                quorum_size,
                "That is how many must stay up; the question is how many may crash.",
            ),
        ),
        hints=("Everyone who is not needed for a quorum may crash.", "n minus the quorum size."),
        praise="Whoever the quorum does not need may crash.",
    ),
)
