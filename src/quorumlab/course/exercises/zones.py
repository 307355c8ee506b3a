"""Exercises of notebook 07."""

from collections.abc import Callable, Iterable
from itertools import product
from random import Random

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size

MOST = 200
"""Members: with three zones or more, what is searched for is found long before."""


def survives_any_zone(counts: list[int]) -> bool:
    """Whether the loss of any one zone leaves a majority: the fullest may hold at most ⌊(n−1)/2⌋ of the n members."""
    return max(counts) <= (sum(counts) - 1) // 2


def copies_between_zones(counts: list[int], zone: int) -> int:
    """How many copies of each write leave the zone of a leader that stands in the zone numbered ``zone``: one to each member elsewhere."""
    return sum(counts) - counts[zone]


def _fewest(enough: Callable[[int, int], bool]) -> Callable[[int], int | None]:
    """The fewest members over so many zones for which ``enough(n, the fullest zone's)``, spread as evenly as can be; None if there are
    none, as over fewer than three zones.
    """

    def fewest(zones: int) -> int | None:
        return next((n for n in range(1, MOST) if enough(n, -(-n // zones))), None)

    return fewest


fewest_for_zone_and_one = _fewest(lambda n, fullest: fullest + 1 <= (n - 1) // 2)


def more_layouts() -> Iterable[tuple[list[int]]]:
    """Lopsided layouts, every one of a few members, and then larger ones, as they come."""
    yield from (([9, 1],), ([1, 9],), ([12, 1, 1],), ([1, 1, 12],), ([20, 3, 2, 1],))
    for zones in range(1, 6):
        yield from ((list(counts),) for counts in product(range(1, 4), repeat=zones))
    chance = Random("layouts")
    for zones in (3, 4, 5, 6, 7, 8):
        yield from (([chance.randrange(1, 12) for _ in range(zones)],) for _ in range(20))


def more_leaders() -> Iterable[tuple[list[int], int]]:
    """Every leader's zone of such layouts."""
    for (counts,) in more_layouts():
        yield from ((counts, zone) for zone in range(len(counts)))


EXERCISES = (
    Task(
        id="any-zone",
        parameters=("counts",),
        cases=(
            ([2, 2, 1],),
            ([3, 1, 1],),
            ([1, 3, 1],),
            ([1, 1, 1],),
            ([2, 2, 2],),
            ([2, 2],),
            ([3, 2],),
            ([5],),
            ([1, 1, 1, 1, 1],),
            ([3, 3, 3],),
            ([1, 1, 2],),
            ([3, 2, 1],),
            ([4, 2, 1],),
            ([2, 4, 3],),
            ([7, 1],),
            ([1],),
        ),
        reference=survives_any_zone,
        misconceptions=(
            Misconception(
                "three zones are enough",
                lambda counts: len(counts) >= 3,
                "Three zones are needed and not enough: with 3 + 1 + 1, the zone of three takes the majority along.",
            ),
            Misconception(
                "two zones are enough",
                lambda counts: len(counts) >= 2,
                "With two zones one of them always holds half or more, and its loss leaves no majority.",
            ),
            Misconception(
                "half may be lost",
                lambda counts: 2 * max(counts) <= sum(counts),
                "If half of the members are lost, half are left, and half is no majority.",
            ),
            Misconception(
                "the emptiest zone",
                lambda counts: min(counts) <= (sum(counts) - 1) // 2,
                "That looks at the emptiest zone. Any zone may be the one that is lost, the fullest too.",
            ),
            Misconception(
                "an average zone",
                lambda counts: sum(counts) / len(counts) <= (sum(counts) - 1) // 2,
                "That looks at an average zone. It is the fullest one that decides.",
            ),
            Misconception(
                "one to spare",
                lambda counts: max(counts) < (sum(counts) - 1) // 2,
                "That asks for a spare after the loss as well. It is enough if exactly a quorum is left.",
            ),
            Misconception(
                "the first zone",
                lambda counts: counts[0] <= (sum(counts) - 1) // 2,
                "That looks at the first zone only. Any of them may be lost.",
            ),
        ),
        hints=(
            "Whose loss is the worst?",
            "Without the fullest zone, sum(counts) - max(counts) members are left. How many must they be, at least?",
            "They must be ql.quorum_size(sum(counts)) or more.",
        ),
        praise="No zone may hold more than ⌊(n − 1)/2⌋ of n members, for what is left must be more than half.",
        further=more_layouts,
    ),
    Task(
        id="zone-and-one",
        parameters=("zones",),
        cases=((3,), (4,), (5,), (6,), (9,)),
        reference=fewest_for_zone_and_one,
        misconceptions=(
            Misconception(
                "three in each zone",
                lambda zones: 3 * zones,
                "Three in each zone is right for three zones. With more zones each needs fewer.",
            ),
            Misconception(
                "two in each zone",
                lambda zones: 2 * zones,
                "With two in each of three zones, a zone and one more are three of six, and half is no majority. With more zones, fewer members are enough.",
            ),
            Misconception(
                "two in each, and one to be odd",
                lambda zones: 2 * zones + 1,
                "The odd one makes a zone of three. Over three zones that zone and one more are four of seven: too many. With more "
                "zones, fewer members are enough.",
            ),
            Misconception(
                "one in each zone",
                lambda zones: zones,
                "One in each zone is right for five zones, where two of five may be lost. With fewer zones more members are needed.",
            ),
            Misconception(
                "half may be lost",
                _fewest(lambda n, fullest: fullest + 1 <= n // 2),
                "That lets half of the members be lost. What is left must be more than half.",
            ),
        ),
        hints=(
            "Spread n members as evenly as you can: how many does the fullest of the zones hold?",
            "It holds n / zones, rounded up: -(-n // zones) in Python. With it and one more lost, at most ql.fault_tolerance(n) may be gone.",
            "Try n = 1, 2, 3, … and give back the first with -(-n // zones) + 1 <= ql.fault_tolerance(n).",
        ),
        praise="Nine over three zones, seven over four, five over five or more: another zone saves members.",
        further=lambda: ((zones,) for zones in (3, 4, 5, 7, 8, 10, 20, 40)),
    ),
    Task(
        id="copies-between-zones",
        parameters=("counts", "zone"),
        cases=(
            ([2, 2, 1], 0),
            ([2, 2, 1], 2),
            ([1, 1, 1], 1),
            ([5], 0),
            ([3, 1, 1], 0),
            ([3, 1, 1], 1),
            ([3, 3, 3], 2),
            ([2, 2, 2], 0),
            ([1, 1, 1, 1, 1], 4),
            ([4, 3], 1),
        ),
        reference=copies_between_zones,
        misconceptions=(
            Misconception(
                "all but the leader",
                lambda counts, zone: sum(counts) - 1,
                "That counts every copy. Those for members in the leader's own zone do not leave it.",
            ),
            Misconception(
                "one to each other zone",
                lambda counts, zone: len(counts) - 1,
                "The leader sends a copy to each member, not one to each zone.",
            ),
            Misconception(
                "those in its own zone",
                lambda counts, zone: counts[zone],
                "Those are the members in the leader's zone. The others get copies that leave it.",
            ),
            Misconception(
                "its neighbours",
                lambda counts, zone: counts[zone] - 1,
                "Those are the copies that stay in the leader's zone. Asked for are those that leave it.",
            ),
            Misconception(
                "only for the quorum",
                lambda counts, zone: max(0, quorum_size(sum(counts)) - counts[zone]),
                "So many must be heard from elsewhere before a write is committed. But every member is sent a copy, needed or not.",
            ),
            Misconception(
                "everybody",
                lambda counts, zone: sum(counts),
                "The leader sends none to itself, and those to its own zone do not leave it.",
            ),
            Misconception(
                "there and back",
                lambda counts, zone: 2 * (sum(counts) - counts[zone]),
                "The answers are short: only the copies carry the data, and each crosses once.",
            ),
        ),
        hints=(
            "To whom does the leader send each write? Who of them is in another zone?",
            "All members, without those in zone number `zone`.",
            "sum(counts) - counts[zone]",
        ),
        praise="A leader in a full zone sends fewer copies across than one that stands alone.",
        further=more_leaders,
    ),
)
