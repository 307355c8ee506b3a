"""Exercises of notebook 11."""

from collections.abc import Iterable, Sequence
from itertools import product

from quorumlab.course.exercise import Misconception, Task


def fewest_voters(zones: int, more: int) -> int | None:
    """The fewest voters over so many zones of which any one zone and ``more`` further machines may be lost; None if no number does.

    Spread evenly the fullest zone holds ⌈n / zones⌉, and together with ``more`` that may be ⌊(n − 1) / 2⌋ at most.
    """
    if zones < 3:
        return None
    return next(n for n in range(1, 1000) if -(-n // zones) + more <= (n - 1) // 2)


def zones_to_stop(votes: Sequence[int]) -> int:
    """The fewest zones whose loss together stops writes, given the voters in each: the fullest ones first."""
    lost = 0
    for count, held in enumerate(sorted(votes, reverse=True), 1):
        lost += held
        if 2 * (sum(votes) - lost) <= sum(votes):
            return count
    raise ValueError("nobody votes in these zones.")


def _first_that(zones: int, more: int, fits: object) -> int | None:
    return next((n for n in range(1, 60) if fits(n)), None) if zones >= 3 else None  # type: ignore[operator]


def _until(votes: Sequence[int], stops: object, order: Sequence[int]) -> int:
    """How many zones are lost in this order until ``stops(members lost, all)``."""
    lost = 0
    for count, held in enumerate(order, 1):
        lost += held
        if stops(lost, sum(votes)):  # type: ignore[operator]
            return count
    return len(votes)


def more_plans() -> Iterable[tuple[int, int]]:
    """Up to a dozen zones, and up to five further machines."""
    yield from product(range(1, 13), range(6))


def more_zones() -> Iterable[tuple[list[int]]]:
    """Voters in up to five zones, in every order; then more zones."""
    for zones in range(1, 6):
        yield from (([*votes],) for votes in product(range(1, 5), repeat=zones))
    yield from (([1] * zones,) for zones in range(6, 12))


EXERCISES = (
    Task(
        id="fewest-voters",
        parameters=("zones", "more"),
        cases=((3, 0), (3, 1), (4, 1), (5, 1), (6, 1), (2, 0), (1, 0), (2, 1), (4, 0), (5, 2), (3, 2), (7, 2)),
        reference=fewest_voters,
        misconceptions=(
            Misconception(
                "the zone forgotten",
                lambda zones, more: 2 * more + 1 if zones >= 3 else None,
                "That many voters survive the further machines, and no zone: the fullest zone goes at the same time.",
            ),
            Misconception(
                "a zone is one machine",
                lambda zones, more: 2 * (1 + more) + 1 if zones >= 3 else None,
                "A zone takes all its voters with it, and with few zones that is more than one.",
            ),
            Misconception(
                "two zones will do",
                lambda zones, more: next((n for n in range(1, 60) if -(-n // zones) + more <= (n - 1) // 2), 5 if zones == 2 else None),
                "With two zones one of them holds half or more, however many voters there are. Give back None.",
            ),
            Misconception(
                "half is enough",
                lambda zones, more: _first_that(zones, more, lambda n: n - -(-n // zones) - more >= n / 2),
                "What is left must be more than half of all voters, not half.",
            ),
            Misconception(
                "zones share evenly, rounded down",
                lambda zones, more: _first_that(zones, more, lambda n: n // zones + more <= (n - 1) // 2),
                "Where the voters cannot be shared evenly, one zone holds one more: round up.",
            ),
            Misconception(
                "as many in each zone",
                lambda zones, more: next(n for n in range(zones, 600, zones) if n // zones + more <= (n - 1) // 2) if zones >= 3 else None,
                "Zones need not hold equally many: fewer voters may do, if some hold one less.",
            ),
            Misconception(
                "one voter too many",
                lambda zones, more: fewest_voters(zones, more) + 1 if zones >= 3 else None,  # type: ignore[operator]
                "That does, and one voter fewer does too.",
            ),
            Misconception(
                "nothing is too little",
                lambda zones, more: 0 if zones < 3 else fewest_voters(zones, more),
                "Over one or two zones no number of voters survives. That is None, as 0 would be a number.",
            ),
        ),
        hints=(
            "Spread n voters as evenly as can be. How many does the fullest zone hold?",
            "⌈n / zones⌉, in Python -(-n // zones). Together with more, that is lost. How much may be lost of n?",
            "The first n with -(-n // zones) + more <= (n - 1) // 2; for fewer than three zones None.",
        ),
        praise="To survive a zone and one machine more takes nine voters over three zones, and five over five: zones are cheaper than machines.",
        further=more_plans,
    ),
    Task(
        id="zones-to-stop",
        parameters=("votes",),
        cases=(
            ([2, 2, 1],), ([1, 2, 2],), ([1, 1, 1, 1, 1],), ([3, 1, 1],), ([1, 3, 1],), ([2, 2, 2],), ([2, 2],), ([3],), ([1, 1, 2],),
            ([3, 3, 3],), ([1, 1, 1, 1],), ([1, 1, 3, 1, 1],), ([2, 1, 1, 1],),
        ),
        reference=zones_to_stop,
        misconceptions=(
            Misconception(
                "the fullest last",
                lambda votes: _until(votes, lambda lost, n: 2 * (n - lost) <= n, sorted(votes)),
                "Begin with the fullest zone: the fewest zones are asked for.",
            ),
            Misconception(
                "in the order given",
                lambda votes: _until(votes, lambda lost, n: 2 * (n - lost) <= n, votes),
                "The zones stand in no order. Which are the fewest that do it?",
            ),
            Misconception(
                "half may go on",
                lambda votes: _until(votes, lambda lost, n: 2 * lost > n, sorted(votes, reverse=True)),
                "When half of the voters are lost, the other half is not a majority: writes have stopped already.",
            ),
            Misconception(
                "members instead of zones",
                lambda votes: (sum(votes) + 1) // 2,
                "That many single machines stop it. A zone takes all its voters at once.",
            ),
            Misconception(
                "how many may go",
                lambda votes: zones_to_stop(votes) - 1,
                "So many zones may be lost. One more stops writes, and that number is asked for.",
            ),
            Misconception(
                "until nobody is left",
                lambda votes: len(votes),
                "Writes stop long before the last zone: as soon as no majority is left.",
            ),
        ),
        hints=(
            "Lose the fullest zone first. Is more than half of all voters left?",
            "Go through sorted(votes, reverse=True), add up what is lost, and count the zones.",
            "Stop at the first count with 2 * (n - lost) <= n.",
        ),
        praise="The fullest zones first: that is how a reviewer reads a layout.",
        further=more_zones,
    ),
)  # fmt: skip
