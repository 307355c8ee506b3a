"""The lab on quorum math, second half: rules of any kind, every state counted, and the student's own cluster."""

from collections.abc import Iterable
from itertools import combinations, product
from math import prod
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.course.labs.quorum_math import rule_of
from quorumlab.grading.lab import Case, Facts, GradedTask, Part
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
    praise="If two quorums miss each other, everyone outside the first makes a quorum too, since the second is among them.",
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
            "That is the chance that everybody is up; a quorum may need fewer.",
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
            "The votes of members that are away still count in the total; you take a majority of the votes that are left.",
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
    praise="Votes of those away count in the total, and nobody casts them.",
    hints=("With someone away, which states are left, and what is a majority of all votes?",),
)
