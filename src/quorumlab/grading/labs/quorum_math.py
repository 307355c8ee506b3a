"""The lab on quorum math: sizes with members away, silent members, broken networks, rules of any kind."""

from collections.abc import Iterable
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.grading.any_rule import CHANCE_OF_QUORUM, DISJOINT_QUORUMS, OWN_CLUSTER, cluster_text, facts
from quorumlab.grading.lab import Case, Essay, GradedTask, Lab, Part

NAMES = "abcdefghi"


# 1 · Room for an upgrade


def both_at_once(chance: Random) -> Iterable[Case]:
    """Crashes and upgrades together: all small sums, and larger ones."""
    yield from ((crashes, gone - crashes) for gone in range(1, 8) for crashes in range(gone))
    yield from ((chance.randrange(1, 60), chance.randrange(1, 60)) for _ in range(20))


MEMBERS_NEEDED = GradedTask(
    id="members-needed",
    title="Room for an upgrade",
    function="members_needed",
    parameters=("crashes", "away"),
    visible=((0, 0), (1, 0), (2, 0), (1, 1), (0, 2)),
    parts=(
        Part(
            "crashes only",
            0.5,
            lambda chance: ((c, 0) for c in (*range(3, 9), *chance.sample(range(9, 60), 4))),
        ),
        Part("crashes and upgrades", 1.5, both_at_once),
    ),
    reference=lambda crashes, away: 2 * (crashes + away) + 1,
    misconceptions=(
        Misconception(
            "away ones added on top",
            lambda crashes, away: 2 * crashes + 1 + away,
            "One more member for each that is away is too few: the added one counts too, and raises the majority.",
        ),
        Misconception(
            "away ones forgotten",
            lambda crashes, away: 2 * crashes + 1,
            "That is enough for the crashes alone; members that are away are missing from the majority as well.",
        ),
        Misconception(
            "one left",
            lambda crashes, away: crashes + away + 1,
            "That leaves one member up, which is no majority of all: crashed members and those away still count.",
        ),
        Misconception(
            "half left",
            lambda crashes, away: 2 * (crashes + away),
            "That leaves exactly half of the members up, and half is no majority.",
        ),
        Misconception(
            "next odd size too many",
            lambda crashes, away: 2 * (crashes + away) + 3,
            "That is two members more than needed: try the next smaller odd size by hand.",
        ),
    ),
    praise="Whoever is away still counts, so each of them needs one more who is up.",
    hints=("How many are up, and how many must be, for a cluster of n?",),
)


# 2 · Silent members


def commit_time(acknowledged: list[float | None]) -> float | None:
    """The acknowledgement that completes a majority of all members, or None."""
    quorum = len(acknowledged) // 2 + 1
    times = sorted(time for time in acknowledged if time is not None)
    return times[quorum - 1] if len(times) >= quorum else None


def nobody_silent(chance: Random) -> Iterable[Case]:
    """Every size to nine, in no order, with ties and with 0."""
    yield from (([5],), ([0, 0, 7],), ([4, 9, 4, 1],))
    yield from (([chance.randrange(0, 90) for _ in range(n)],) for n in range(2, 10) for _ in range(3))


def some_silent(chance: Random) -> Iterable[Case]:
    """Silent members: just enough others, one too few, far too few; 0 is a time."""
    yield from (([None],), ([None, 0, None, 6, 8],), ([3, 4, None, None],), ([None, 3, 1, 2],))
    for n in range(2, 10):
        for silent in {1, (n - 1) // 2, n // 2, n // 2 + 1} - {0}:
            times: list[int | None] = [chance.randrange(0, 90) for _ in range(n - silent)] + [None] * silent
            chance.shuffle(times)
            yield (times,)


def _heard(acknowledged: list[Any]) -> list[Any]:
    return sorted(time for time in acknowledged if time is not None)


def _nth(times: list[Any], n: int) -> Any:
    return times[n] if len(times) > n else None


COMMIT_TIME = GradedTask(
    id="commit-time",
    title="Silent members",
    function="commit_time",
    parameters=("acknowledged",),
    visible=(
        ([2, 3, 9],),
        ([9, 2, None],),
        ([0, 5, None],),
        ([2, None, None],),
        ([90, 2, None, 4, None],),
        ([2, 80, 3, 4],),
    ),
    parts=(Part("nobody silent", 1, nobody_silent), Part("silent members", 2, some_silent)),
    reference=commit_time,
    misconceptions=(
        Misconception(
            "silent ones not counted",
            lambda a: _nth(_heard(a), len(_heard(a)) // 2),
            "Silent members count in the size: a majority of those that answered may be a minority of all.",
        ),
        Misconception(
            "waits for everyone",
            lambda a: None if None in a else max(a),
            "A write need not wait for everyone: a majority of all members is enough.",
        ),
        Misconception(
            "slowest that answers",
            lambda a: max(_heard(a), default=None),
            "That is the last acknowledgement that comes; the one that completes a majority decides, if there is one.",
        ),
        Misconception(
            "list taken as sorted",
            lambda a: a[len(a) // 2],
            "Members do not acknowledge in the order of the list; sort the times of those that answer.",
        ),
        Misconception(
            "half is enough",
            lambda a: _nth(_heard(a), (len(a) + 1) // 2 - 1),
            "For an even size half of the members is no majority: one acknowledgement more is needed.",
        ),
        Misconception(
            "0 taken for silence",
            lambda a: _nth(sorted(filter(None, a)), len(a) // 2),
            "0 ms is a time like any other; only None stands for a member that stays silent.",
        ),
    ),
    praise="Silent members count in the size and not among those heard.",
    hints=("How many acknowledgements make a majority of all, silent ones included?",),
)


# 3 · A network in pieces


def piece_that_goes_on(votes: dict[str, int], pieces: list[list[str]]) -> list[str] | None:
    """The piece with more than half of all votes, sorted, or None."""
    return next((sorted(p) for p in pieces if 2 * _weight(votes, p) > sum(votes.values())), None)


def _weight(votes: dict[str, int], piece: Iterable[str]) -> int:
    return sum(votes[member] for member in piece)


def _cut(members: Iterable[str], count: int, chance: Random) -> list[list[str]]:
    """Members dealt into pieces at random; the last pile has crashed and is in no piece."""
    piles: list[list[str]] = [[] for _ in range(count + 1)]
    for member in members:
        chance.choice(piles).append(member)
    return [pile for pile in piles[:count] if pile]


def one_vote_each(chance: Random) -> Iterable[Case]:
    """Equal votes: none, two, three and four pieces, the winner in every place."""
    five, seven = dict.fromkeys("abcde", 1), dict.fromkeys("abcdefg", 1)
    yield five, []
    yield five, [["a"], ["b"], ["e", "d", "c"]]
    yield seven, [["a", "b", "c"], ["d", "e"], ["f", "g"]]
    yield seven, [["a", "b", "c"]]
    yield seven, [["a"], ["b"], ["c"], ["d", "e", "f", "g"]]
    yield dict.fromkeys("abcd", 1), [["a", "b"], ["c", "d"]]
    for n in range(3, 10):
        yield from ((dict.fromkeys(NAMES[:n], 1), _cut(NAMES[:n], k, chance)) for k in (1, 2, 3))


def more_votes_for_some(chance: Random) -> Iterable[Case]:
    """Unequal votes, with none among them: ties, a heavy member alone, a heaviest piece that is no quorum."""
    yield {"a": 2, "b": 2, "c": 1, "d": 0}, [["a", "d"], ["b", "c"]]
    yield {"a": 5, "b": 3, "c": 1, "d": 1}, [["a"], ["b", "c", "d"]]
    yield {"a": 5, "b": 3, "c": 1}, [["b", "c"], ["a"]]
    yield {"a": 1, "b": 1, "c": 1, "d": 4}, [["a", "b", "c"], ["d"]]
    yield {"a": 3, "b": 2, "c": 2, "d": 2}, [["b", "c"], ["a"]]
    for n in range(3, 8):
        for k in (1, 2, 3, 4):
            votes = {name: chance.randrange(0, 5) for name in NAMES[:n]}
            yield {**votes, "a": 1 + votes["a"]}, _cut(NAMES[:n], k, chance)


def _first(votes: dict[str, int], pieces: list[list[str]], share: Any) -> list[str] | None:
    return next((sorted(piece) for piece in pieces if share(piece)), None)


PIECE_THAT_GOES_ON = GradedTask(
    id="piece-that-goes-on",
    title="A network in pieces",
    function="piece_that_goes_on",
    parameters=("votes", "pieces"),
    visible=(
        (dict.fromkeys("abcde", 1), [["a", "b"], ["c", "d", "e"]]),
        (dict.fromkeys("abcde", 1), [["a", "b"], ["c"]]),
        ({"a": 3, "b": 1, "c": 1}, [["b", "c"], ["a"]]),
        ({"a": 2, "b": 1, "c": 1}, [["b", "c"], ["a"]]),
    ),
    parts=(Part("one vote each", 1, one_vote_each), Part("more votes for some", 2, more_votes_for_some)),
    reference=piece_that_goes_on,
    call="quorumlab.course.labs.quorum_math:with_pieces",
    misconceptions=(
        Misconception(
            "heads counted",
            lambda v, pieces: _first(v, pieces, lambda p: 2 * len(p) > len(v)),
            "You count members; a quorum is more than half of all votes, and some have more than one.",
        ),
        Misconception(
            "half is enough",
            lambda v, pieces: _first(v, pieces, lambda p: 2 * _weight(v, p) >= sum(v.values())),
            "Half of the votes is not enough: two pieces could both have that.",
        ),
        Misconception(
            "the heaviest",
            lambda v, pieces: sorted(max(pieces, key=lambda p: _weight(v, p))),
            "The piece with the most votes need not have more than half of all; then no piece goes on.",
        ),
        Misconception(
            "crashed ones not counted",
            lambda v, pieces: _first(
                v, pieces, lambda p: 2 * _weight(v, p) > sum(_weight(v, q) for q in pieces)
            ),
            "Votes of crashed members count in the total, although these members are in no piece.",
        ),
        Misconception(
            "yes or no",
            lambda v, pieces: piece_that_goes_on(v, pieces) is not None,
            "The piece itself is asked for, or None; yours says only whether there is one.",
        ),
    ),
    praise="More than half of all votes, whoever is in a piece and whoever has crashed.",
    hints=("Half of which votes: those in pieces, or all?",),
)


LAB = Lab(
    "quorum-math",
    "Quorum math",
    (
        MEMBERS_NEEDED,
        COMMIT_TIME,
        PIECE_THAT_GOES_ON,
        DISJOINT_QUORUMS,
        CHANCE_OF_QUORUM,
        OWN_CLUSTER,
        Essay(
            "emergency-rule",
            "A colleague's offer",
            (
                ("a course of events: a cut, both sides act, and a named harm", 1),
                ("crashed and unreachable look alike", 1),
                ("the overlap: the new quorums and the old ones can be disjoint", 1),
                ("a sound way to survive three crashes", 1),
            ),
        ),
    ),
    facts=facts,
    told={"cluster": cluster_text},
)
