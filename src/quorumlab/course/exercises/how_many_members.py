"""Exercises of notebook 06."""

from collections.abc import Iterable
from itertools import product
from math import comb, factorial

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import fault_tolerance


def down_with_shared(alone: float, shared_up: float) -> float:
    """The share of time without a majority, if it is ``alone`` for the members by themselves and all share something up
    ``shared_up`` of the time, independently: up are both, or there is no majority.
    """
    return 1 - shared_up * (1 - alone)


def ways_that_go_on(voters: int, spares: int, lost: int) -> int:
    """In how many ways ``lost`` machines can be lost at once so that a majority of the ``voters`` is left; ``spares`` do not vote."""
    most = fault_tolerance(voters)
    return sum(comb(voters, k) * comb(spares, lost - k) for k in range(min(most, lost) + 1))


def more_shares() -> Iterable[tuple[float, float]]:
    """Shares that lie apart, and then smaller ones."""
    yield from product((0.03, 0.15, 0.4, 0.7), (0.2, 0.6, 0.97))
    yield from product((1e-3, 1e-4), (0.9999, 0.995))


def more_losses() -> Iterable[tuple[int, int, int]]:
    """Every loss from small sets of machines, and then from larger ones."""
    for voters, spares in product(range(1, 8), range(4)):
        yield from ((voters, spares, lost) for lost in range(voters + spares + 1))
    yield from ((voters, 5, voters // 2 + 2) for voters in range(8, 30))


EXERCISES = (
    Task(
        id="shared-fate",
        parameters=("alone", "shared_up"),
        cases=((0.01, 0.999), (0.2, 0.9), (0.5, 0.5), (0.0, 0.99), (0.1, 1.0), (0.3, 0.8), (1.0, 0.7)),
        reference=down_with_shared,
        misconceptions=(
            Misconception(
                "added up",
                lambda alone, shared_up: alone + (1 - shared_up),
                "Added up, the time in which both are down counts twice. The two coincide now and then; take that time off once.",
            ),
            Misconception(
                "both must fail",
                lambda alone, shared_up: alone * (1 - shared_up),
                "That is the time in which both are down at once. One of the two is enough to stop writes.",
            ),
            Misconception(
                "the worse of the two",
                lambda alone, shared_up: max(alone, 1 - shared_up),
                "The worse of the two would be right if the other were down only then as well. They fail at different times.",
            ),
            Misconception(
                "time with a majority",
                lambda alone, shared_up: shared_up * (1 - alone),
                "That is the share of time in which there is a majority; the question is how much there is not.",
            ),
            Misconception(
                "only what all share",
                lambda alone, shared_up: 1 - shared_up,
                "That is what they share by itself. The members go on failing one by one while it is up.",
            ),
            Misconception(
                "only the members",
                lambda alone, shared_up: alone,
                "That is as if nothing that all share ever failed.",
            ),
            Misconception(
                "only while it is up",
                lambda alone, shared_up: alone * shared_up,
                "That is the time in which what they share is up and the majority is missing. While it is down there is no majority either.",
            ),
        ),
        hints=(
            "When is there a majority? What must be up for it?",
            "There is one while what they share is up *and* enough members are: two shares of time, multiplied.",
            "1 - shared_up * (1 - alone)",
        ),
        praise="However small the first share is made, the answer never falls below 1 − shared_up: no cluster is down less than what all "
        "its members share.",
        further=more_shares,
    ),
    Task(
        id="ways-to-lose",
        parameters=("voters", "spares", "lost"),
        cases=(
            (3, 1, 2),
            (4, 0, 2),
            (3, 1, 1),
            (3, 0, 1),
            (5, 0, 2),
            (3, 2, 2),
            (3, 2, 3),
            (5, 1, 3),
            (4, 1, 2),
            (1, 2, 1),
            (5, 2, 4),
            (3, 1, 0),
        ),
        reference=ways_that_go_on,
        misconceptions=(
            Misconception(
                "spares counted as voters",
                lambda voters, spares, lost: (
                    comb(voters + spares, lost) if lost <= fault_tolerance(voters + spares) else 0
                ),
                "That gives the spares a vote. Only voters make a majority, and only lost voters endanger it.",
            ),
            Misconception(
                "no more than the voters tolerate",
                lambda voters, spares, lost: (
                    comb(voters + spares, lost) if lost <= fault_tolerance(voters) else 0
                ),
                "More machines may be lost than voters may be: those that do not vote are not missed. Look at how many of the lost vote.",
            ),
            Misconception(
                "exactly what the voters tolerate",
                lambda voters, spares, lost: (
                    comb(voters, fault_tolerance(voters)) * comb(spares, lost - fault_tolerance(voters))
                    if lost >= fault_tolerance(voters)
                    else 0
                ),
                "Those are the ways in which as many voters are lost as may be. Fewer voters and more spares are ways too.",
            ),
            Misconception(
                "the ways that stop writes",
                lambda voters, spares, lost: (
                    comb(voters + spares, lost) - ways_that_go_on(voters, spares, lost)
                ),
                "Those are the ways after which writes stop; the question is after how many they go on.",
            ),
            Misconception(
                "all ways",
                lambda voters, spares, lost: comb(voters + spares, lost),
                "Those are all ways to lose so many machines. In some of them too many voters are among the lost.",
            ),
            Misconception(
                "in order",
                lambda voters, spares, lost: ways_that_go_on(voters, spares, lost) * factorial(lost),
                "That tells apart in which order they are lost. Lost at once, a set of machines counts once.",
            ),
            Misconception(
                "spares forgotten",
                lambda voters, spares, lost: comb(voters, lost) if lost <= fault_tolerance(voters) else 0,
                "That counts only the ways in which all of the lost vote. A spare can be among them.",
            ),
        ),
        hints=(
            "Sort the ways by how many of the lost machines vote. For which numbers do writes go on?",
            "At most ql.fault_tolerance(voters) of them may vote. For each such number k, there are ways to choose k voters, and ways to "
            "choose the rest among the spares: math.comb(n, k) counts the ways to choose k of n.",
            "sum(comb(voters, k) * comb(spares, lost - k) for k from 0 to the tolerance of the voters, but no more than lost)",
        ),
        praise="A machine without a vote can be lost without loss, which no voter can.",
        further=more_losses,
    ),
)
