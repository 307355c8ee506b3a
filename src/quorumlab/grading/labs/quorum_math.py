"""The lab on quorum math: sizes with members away, silent members, broken networks, rules of any kind."""

from collections.abc import Iterable
from itertools import combinations, product
from math import prod
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.course.labs.quorum_math import rule_of
from quorumlab.grading.lab import Case, Essay, Facts, GradedTask, Lab, Part
from quorumlab.quorums import grid

NAMES = "abcdefghi"
TOWNS = (
    "aarhus",
    "bruges",
    "cork",
    "delft",
    "evora",
    "faro",
    "ghent",
    "haifa",
    "izmir",
    "jena",
    "kobe",
    "lund",
    "malmo",
    "nantes",
)
Chances = dict[str, float]
Quorums = list[list[str]]


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
        Part("crashes only", 0.5, lambda chance: ((c, 0) for c in (*range(3, 9), chance.randrange(9, 60)))),
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
    visible=(([2, 3, 9],), ([9, 2, None],), ([2, None, None],), ([90, 2, None, 4, None],), ([2, 80, 3, 4],)),
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
            "Votes of crashed members count in the whole, although they are in no piece.",
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


# 4 · Two quorums that miss each other


def at_least(count: int, members: Iterable[str]) -> Quorums:
    """The smallest quorums of the rule that any ``count`` members are one."""
    return [list(some) for some in combinations(members, count)]


def a_pair_exists(members: list[str], quorums: Quorums) -> bool:
    """Whether two of the smallest quorums share nobody."""
    return any(not set(one) & set(other) for one, other in combinations(quorums, 2))


def _some_rule(names: str, chance: Random) -> Case:
    sizes = [chance.randrange(1, len(names)) for _ in range(chance.randrange(2, 5))]
    return _shuffled(names, chance), [sorted(chance.sample(names, size)) for size in sizes]


def _shuffled(names: str, chance: Random) -> list[str]:
    return chance.sample(names, len(names))


def few_members(chance: Random) -> Iterable[Case]:
    """One to five members: none ever, everybody, halves, one against the others."""
    yield ["a"], [["a"]]
    yield list("abc"), []
    yield list("abc"), [list("abc")]
    yield list("abc"), [["a", "b"], ["a", "c"]]
    yield list("abc"), [["a"], ["b", "c"]]
    yield list("abcd"), [["a", "c"], ["b", "d"]]
    yield list("bcade"), [["a"], ["b", "c", "d", "e"]]
    yield from ((_shuffled(NAMES[:n], chance), at_least(n // 2, NAMES[:n])) for n in (2, 3, 4, 5))
    yield from ((_shuffled(NAMES[:n], chance), at_least(n // 2 + 1, NAMES[:n])) for n in (2, 3, 4, 5))
    yield from (_some_rule(NAMES[:n], chance) for n in (3, 4, 5) for _ in range(5))


def more_members(chance: Random) -> Iterable[Case]:
    """Six to nine members: thresholds, rows, two from each row, two against the others."""
    rows = [NAMES[i : i + 3] for i in (0, 3, 6)]
    yield list(NAMES), [["a"], ["i"]]
    yield list("abcdefg"), [["b", "f"], list("acdeg")]
    yield list(NAMES), [list(row) for row in rows]
    twos = [[*map("".join, combinations(row, 2))] for row in rows]
    yield list(NAMES), [sorted("".join(pick)) for pick in product(*twos)]
    yield from ((_shuffled(NAMES[:n], chance), at_least(n // 2, NAMES[:n])) for n in (7, 8))
    yield from ((_shuffled(NAMES[:n], chance), at_least(n // 2 + 1, NAMES[:n])) for n in (7, 8))
    yield from (_some_rule(NAMES[:n], chance) for n in (6, 7, 8, 9) for _ in range(4))


def _splits(members: list[str], quorums: Quorums, sizes: Iterable[int]) -> Any:
    """The first split of the list as it stands into a run of members of one of these sizes and all others, both quorums."""
    is_quorum = rule_of(quorums)
    for size in sizes:
        one, other = members[:size], members[size:]
        if is_quorum(one) and is_quorum(other):
            return [sorted(one), sorted(other)]
    return None


GRID = grid(2, 3)
DISJOINT_QUORUMS = GradedTask(
    id="disjoint-quorums",
    title="Two quorums that miss each other",
    function="disjoint_quorums",
    parameters=("members", "quorums"),
    visible=(
        (list("abcd"), at_least(2, "abcd")),
        (list("abcd"), at_least(3, "abcd")),
        (list("abc"), [["a"], ["b", "c"]]),
        (sorted(GRID.members), sorted(map(sorted, GRID.minimal_quorums()))),
    ),
    parts=(Part("up to five members", 1, few_members), Part("six to nine members", 2, more_members)),
    reference=a_pair_exists,
    call="quorumlab.course.labs.quorum_math:with_rule_of",
    fault="quorumlab.course.labs.quorum_math:pair_fault",
    misconceptions=(
        Misconception(
            "the list cut in two",
            lambda members, quorums: _splits(members, quorums, range(1, len(members))),
            "You cut the list in two where it stands; a quorum may be any group of members, neighbours or not.",
        ),
        Misconception(
            "the first half",
            lambda members, quorums: _splits(members, quorums, [len(members) // 2]),
            "You try one half against the other; two quorums may have different sizes, and any members.",
        ),
    ),
    praise="If any two quorums miss each other, a quorum and all who are not in it do.",
    hints=("If a pair exists, one exists in which the second group is everyone else.",),
)


# 5 · Every state counted


def chance_of_quorum(up_chance: Chances, quorums: Quorums) -> float:
    """The probability that those that are up are a quorum."""
    is_quorum, members = rule_of(quorums), list(up_chance)
    total = 0.0
    for state in product([True, False], repeat=len(members)):
        if is_quorum(member for member, up in zip(members, state, strict=True) if up):
            total += prod(
                up_chance[m] if up else 1 - up_chance[m] for m, up in zip(members, state, strict=True)
            )
    return total


def members_alike(chance: Random) -> Iterable[Case]:
    """One probability for all: thresholds that are no majority too."""
    for n in (2, 3, 4, 5, 6):
        p = round(chance.uniform(0.5, 0.999), 4)
        yield from ((dict.fromkeys(NAMES[:n], p), at_least(k, NAMES[:n])) for k in {n // 2, n // 2 + 1, n})
    yield dict.fromkeys("abcd", 0.5), [["a", "b"], ["c", "d"]]


def members_that_differ(chance: Random) -> Iterable[Case]:
    """A probability for each, 0 and 1 among them, and rules of any kind."""
    yield {"a": 0.99, "b": 0.9, "c": 0.5}, [["a"], ["b"]]
    yield {"a": 0.99, "b": 0.9, "c": 0.5}, []
    yield {"a": 0, "b": 0.9, "c": 0.8}, at_least(2, "abc")
    yield {"a": 1, "b": 0.9, "c": 0.7}, at_least(2, "abc")
    for n in (2, 3, 4, 5, 6, 7):
        names = NAMES[:n]
        own = {name: round(chance.uniform(0.05, 0.999), 4) for name in names}
        yield own, at_least(n // 2 + 1, names)
        yield own, _some_rule(names, chance)[1]


def _alike(chances: Chances, quorums: Quorums) -> float:
    return chance_of_quorum(dict.fromkeys(chances, sum(chances.values()) / len(chances)), quorums)


def _down_forgotten(chances: Chances, quorums: Quorums) -> float:
    is_quorum = rule_of(quorums)
    some = (c for k in range(len(chances) + 1) for c in combinations(chances, k))
    return float(sum(prod(chances[m] for m in up) for up in some if is_quorum(up)))


CHANCE_OF_QUORUM = GradedTask(
    id="chance-of-quorum",
    title="Every state counted",
    function="chance_of_quorum",
    parameters=("up_chance", "quorums"),
    visible=(
        ({"a": 0.9}, [["a"]]),
        (dict.fromkeys("abc", 0.9), at_least(2, "abc")),
        ({"a": 0.99, "b": 0.9, "c": 0.5}, at_least(2, "abc")),
        ({"a": 0.99, "b": 0.9, "c": 0.5}, [["a", "b"], ["a", "c"]]),
    ),
    parts=(Part("members alike", 1, members_alike), Part("members that differ", 2, members_that_differ)),
    reference=chance_of_quorum,
    call="quorumlab.course.labs.quorum_math:with_chances_and_rule",
    misconceptions=(
        Misconception(
            "all up",
            lambda chances, quorums: prod(chances.values()),
            "That is the chance that everybody is up; a quorum needs fewer.",
        ),
        Misconception(
            "all members alike",
            _alike,
            "You give all members the average; each has a probability of its own, and the result differs.",
        ),
        Misconception(
            "the down ones forgotten",
            _down_forgotten,
            "A state's probability has a factor for each member that is down, too: 1 minus its probability to be up.",
        ),
        Misconception(
            "unavailability",
            lambda chances, quorums: 1 - chance_of_quorum(chances, quorums),
            "That is the chance that there is no quorum; the opposite is asked for.",
        ),
        Misconception(
            "states counted the same",
            lambda chances, quorums: chance_of_quorum(dict.fromkeys(chances, 0.5), quorums),
            "You count the states with a quorum; they differ in their probability, so weigh each with its own.",
        ),
    ),
    praise="Each state with its own probability, and the sum over those that hold a quorum.",
    hints=("What is the probability of one state: a up, b down, c up?",),
)


# 6 · Your own cluster


def facts(chance: Random) -> Facts:
    """A student's own cluster: five members by name, with how likely each is up and its votes."""
    names = sorted(chance.sample(TOWNS, 5))
    return {
        "up": {name: round(chance.uniform(0.9, 0.9999), 4) for name in names},
        "votes": dict(zip(names, chance.sample((1, 1, 1, 2, 3), 5), strict=True)),
    }


def cluster_text(own: Facts) -> str:
    """The cluster as the lab's text shows it."""
    rows = [f"| `{name}` | {p} | {own['votes'][name]} |" for name, p in own["up"].items()]
    return "\n".join(["| member | chance to be up | votes |", "|---|---|---|", *rows])


def own_cluster(away: list[str], own: Facts) -> float:
    """The chance that those up, none of them away, hold more than half of all votes."""
    left = {name: p for name, p in own["up"].items() if name not in away}
    return _chance_of_votes(left, own["votes"], sum(own["votes"].values()))


def _chance_of_votes(up: Chances, votes: dict[str, int], of: int) -> float:
    total = 0.0
    for state in product([True, False], repeat=len(up)):
        held = sum(votes[name] for name, is_up in zip(up, state, strict=True) if is_up)
        if 2 * held > of:
            total += prod(p if is_up else 1 - p for p, is_up in zip(up.values(), state, strict=True))
    return total


def some_away(chance: Random, own: Facts) -> Iterable[Case]:
    """Every two members away, in either order, and every three."""
    names = list(own["up"])
    yield from ((chance.sample(pair, 2),) for pair in combinations(names, 2))
    yield from ((list(three),) for three in combinations(names, 3))


OWN_CLUSTER = GradedTask(
    id="own-cluster",
    title="Your own cluster",
    function="own_cluster",
    parameters=("away",),
    visible=lambda own: [([],), *(([name],) for name in own["up"])],
    parts=(Part("two or three away", 2, some_away),),
    reference=own_cluster,
    personal=True,
    misconceptions=(
        Misconception(
            "those away not counted",
            lambda away, own: _chance_of_votes(
                {name: p for name, p in own["up"].items() if name not in away},
                own["votes"],
                sum(votes for name, votes in own["votes"].items() if name not in away),
            ),
            "Members that are away keep their votes in the whole; you take a majority of those that are left.",
        ),
        Misconception(
            "one vote each",
            lambda away, own: _chance_of_votes(
                {name: p for name, p in own["up"].items() if name not in away},
                dict.fromkeys(own["votes"], 1),
                len(own["votes"]),
            ),
            "You give each member one vote; in your cluster some have more.",
        ),
        Misconception(
            "away taken as up",
            lambda away, own: _chance_of_votes(
                {name: 1.0 if name in away else p for name, p in own["up"].items()},
                own["votes"],
                sum(own["votes"].values()),
            ),
            "Members that are away cast no votes; you count theirs as cast.",
        ),
    ),
    praise="Votes of those away count in the whole, and nobody casts them.",
    hints=("With someone away, which states are left, and what is a majority of all votes?",),
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
            "unsafe-emergency-rule",
            "An offer you should refuse",
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
