"""Exercises of notebook 01."""

from collections.abc import Callable, Iterable
from itertools import product
from math import comb

from quorumlab.availability import availability
from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import majority, quorum_size, threshold

Weight = Callable[[int, int, float], float]


def exactly(up: int, n: int, p: float) -> float:
    """The probability that exactly ``up`` of ``n`` members are up, each with probability ``p`` (binomial distribution)."""
    return comb(n, up) * p**up * (1 - p) ** (n - up)


def from_on(least: int, n: int, p: float, weight: Weight = exactly) -> float:
    """The sum of ``weight`` over all numbers of members from ``least`` to ``n``."""
    return sum(weight(up, n, p) for up in range(least, n + 1))


def more_sizes() -> Iterable[tuple[int, float]]:
    """Every small size with members that are worse and better than those of the cases."""
    return product(range(1, 9), (0.25, 0.5, 0.6, 0.75, 0.9, 0.99, 0.999))


EXERCISES = (
    Task(
        id="any-one-enough",
        parameters=("n", "p"),
        cases=((1, 0.9), (2, 0.9), (3, 0.9), (2, 0.99), (3, 0.5), (5, 0.8)),
        reference=lambda n, p: availability(threshold(n, 1), p),
        misconceptions=(
            Misconception(
                "all are needed",
                lambda n, p: p**n,
                "p**n is the chance that all n are up at once; here one of them is enough.",
            ),
            Misconception(
                "added up",
                lambda n, p: n * p,
                "In a sum of the chances, the times when two are up count double, so the sum can exceed 1.",
            ),
            Misconception(
                "added up, at most 1",
                lambda n, p: min(1, n * p),
                "In a sum of the chances, the times when two are up count double; cutting the sum off at 1 hides that.",
            ),
            Misconception(
                "not all up",
                lambda n, p: 1 - p**n,
                "1 - p**n is the chance that at least one is down; you want at least one up.",
            ),
            Misconception(
                "all down",
                lambda n, p: (1 - p) ** n,
                "(1 - p)**n is the chance that all are down, which is when the whole is down; you want the rest.",
            ),
            Misconception(
                "exactly one",
                lambda n, p: exactly(1, n, p),
                "That is exactly one up; two or more up are enough too.",
            ),
        ),
        hints=(
            "Ask when it fails: in which single case is not even one node up?",
            "Each is down with probability 1 - p, and all n are down at once with (1 - p)**n.",
            "One minus the chance that all are down.",
        ),
        praise="It fails only when all fail together.",
        further=more_sizes,
    ),
    Task(
        id="majority-availability",
        parameters=("n", "p"),
        cases=((1, 0.9), (2, 0.9), (3, 0.9), (3, 0.99), (4, 0.9), (5, 0.99), (3, 0.5), (3, 1.0)),
        reference=lambda n, p: availability(majority(n), p),
        misconceptions=(
            Misconception(
                "everyone",
                lambda n, p: p**n,
                "These are the numbers of p**n, the chance that everyone is up, and a majority is enough. If you go through the states in "
                "a loop, see that it does not return in its first round, where everyone is up.",
            ),
            Misconception(
                "anyone",
                lambda n, p: 1 - (1 - p) ** n,
                "1 - (1 - p)**n is the chance that anyone is up; a single member of three may not decide.",
            ),
            Misconception(
                "exactly a quorum",
                lambda n, p: exactly(quorum_size(n), n, p),
                "You count the states with exactly a quorum up, and miss those with more.",
            ),
            Misconception(
                "more than a quorum",
                lambda n, p: from_on(quorum_size(n) + 1, n, p),
                "You ask for one more than a quorum; exactly a quorum is enough already.",
            ),
            Misconception(
                "half rounded down",
                lambda n, p: from_on(n // 2, n, p),
                "You let n // 2 members decide, which is at most half; a majority is more than half.",
            ),
            Misconception(
                "half",
                lambda n, p: from_on((n + 1) // 2, n, p),
                "Your rule is right for odd n; for even n it lets exactly half decide, and half is not a majority.",
            ),
            Misconception(
                "one way for a quorum",
                lambda n, p: p ** quorum_size(n),
                "p to the power of the quorum is the chance that certain members are up, whatever the others do; there are other members "
                "that can make up a majority.",
            ),
            Misconception(
                "three left over",
                lambda n, p: from_on(
                    quorum_size(n), n, p, lambda up, n, p: comb(n, up) * p**up * (1 - p) ** (3 - up)
                ),
                "Is there a 3 where n belongs? The cell above is for three members; some of your chances are above 1.",
            ),
            Misconception(
                "states equally likely",
                lambda n, p: from_on(quorum_size(n), n, 0.5),
                "You count each state the same; a state with many members up is more likely when p is high.",
            ),
            Misconception(
                "one order only",
                lambda n, p: from_on(quorum_size(n), n, p, lambda up, n, p: p**up * (1 - p) ** (n - up)),
                "You count one state for each number of members up; but the same number can be up in several ways, and each way is a state.",
            ),
            Misconception(
                "down members forgotten",
                lambda n, p: from_on(quorum_size(n), n, p, lambda up, n, p: comb(n, up) * p**up),
                "You multiply p for the members that are up, and forget 1 - p for each that is down.",
            ),
            Misconception(
                "unavailability",
                lambda n, p: from_on(0, n, p) - from_on(quorum_size(n), n, p),
                "That is the chance that writes stop; you want the chance that they go on.",
            ),
            Misconception(
                "members make no difference",
                lambda n, p: p,
                "That is the availability of one member, whatever n is.",
            ),
        ),
        hints=(
            "Go through all states: product([True, False], repeat=n) gives each as a tuple, and sum(state) counts who is up.",
            "A state with k members up has the probability p**k * (1 - p)**(n - k). Keep the states with 2 * k > n.",
            "sum(p**sum(s) * (1 - p)**(n - sum(s)) for s in product([True, False], repeat=n) if 2 * sum(s) > n)",
        ),
        praise="Every state with a majority up, each with its own probability.",
        further=more_sizes,
    ),
)
