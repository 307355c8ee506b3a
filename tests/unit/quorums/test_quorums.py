"""Quorum systems against brute force over every subset; each rule is written again, naively, to compare."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.quorums import (
    Intersection,
    QuorumSystem,
    fault_tolerance,
    flexible,
    grid,
    hierarchical,
    majority,
    quorum_size,
    threshold,
    weighted,
)

Rule = Callable[[frozenset[str]], bool]


def subsets(members: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(c) for k in range(len(members) + 1) for c in combinations(members, k)]


def names(n: int, first: int = 1) -> list[str]:
    return [f"etcd-{i}" for i in range(first, first + n)]


def any_of(size: int) -> Rule:
    return lambda up: len(up) >= size


def heavier_half(weights: dict[str, float]) -> Rule:
    exact = {m: Fraction(str(w)) for m, w in weights.items()}
    return lambda up: sum(exact[m] for m in up) > sum(exact[m] for m in weights if m not in up)


def row_and_cover(rows: int, columns: int) -> Rule:
    lines = [set(names(columns, 1 + i * columns)) for i in range(rows)]
    return lambda up: any(line <= up for line in lines) and all(line & up for line in lines)


def majority_of_majorities(groups: list[list[str]]) -> Rule:
    return lambda up: 2 * sum(2 * len(up & set(g)) > len(g) for g in groups) > len(groups)


def by_size(sizes: list[int]) -> list[list[str]]:
    return [names(size, 1 + sum(sizes[:i])) for i, size in enumerate(sizes)]


WEIGHTS: list[dict[str, float]] = [
    {"a": 2, "b": 1, "c": 1},
    {"a": 1},
    {"a": 0, "b": 3, "c": 3, "d": 1},
    {"a": 0.1, "b": 0.2, "c": 0.3},
    {"a": 5, "b": 4, "c": 4, "d": 2, "e": 2, "f": 1, "g": 0},
    {chr(97 + i): i + 1 for i in range(12)},
]
SIZES = [[3, 3, 3], [1], [4], [2, 2], [1, 3, 5], [2, 4, 1, 3], [3, 3, 3, 3], [1, 1, 1, 1]]

# Each system with its rule written independently.
SYSTEMS: list[tuple[QuorumSystem, Rule]] = [
    *((majority(n), any_of(n // 2 + 1)) for n in range(1, 13)),
    *((threshold(n, k), any_of(k)) for n, k in [(4, 2), (5, 1), (5, 5), (6, 3), (1, 1)]),
    *((weighted(w), heavier_half(w)) for w in WEIGHTS),
    *((grid(r, c), row_and_cover(r, c)) for r, c in [(2, 3), (3, 2), (1, 4), (4, 1), (1, 1), (3, 4), (3, 3)]),
    *((hierarchical(sizes), majority_of_majorities(by_size(sizes))) for sizes in SIZES),
    *((flexible(n, commit=c, elect=e).of_kind("commit"), any_of(c)) for n, c, e in [(6, 3, 4), (4, 1, 4)]),
    *((flexible(n, commit=c, elect=e).of_kind("elect"), any_of(e)) for n, c, e in [(6, 3, 4), (4, 4, 1)]),
    *((flexible(n, commit=c, elect=e), any_of(max(c, e))) for n, c, e in [(6, 3, 4), (12, 10, 3)]),
]
each_system = pytest.mark.parametrize(("s", "rule"), SYSTEMS, ids=[repr(s) for s, _ in SYSTEMS])


@each_system
def test_is_quorum_follows_the_rule(s: QuorumSystem, rule: Rule) -> None:
    assert all(s.is_quorum(up) == rule(up) for up in subsets(s.members))


@each_system
def test_minimal_quorums_are_those_of_brute_force(s: QuorumSystem, rule: Rule) -> None:
    expected = {up for up in subsets(s.members) if rule(up) and not any(rule(up - {m}) for m in up)}
    listed = list(s.minimal_quorums())
    assert len(listed) == len(set(listed))
    assert set(listed) == expected
    assert list(s.minimal_quorums()) == listed


@each_system
def test_fault_tolerance_is_that_of_brute_force(s: QuorumSystem, rule: Rule) -> None:
    everybody = frozenset(s.members)
    fatal = min(len(crashed) for crashed in subsets(s.members) if not rule(everybody - crashed))
    assert s.fault_tolerance == fatal - 1


@each_system
def test_intersection_is_that_of_brute_force(s: QuorumSystem, rule: Rule) -> None:
    everybody = frozenset(s.members)
    disjoint = any(rule(up) and rule(everybody - up) for up in subsets(s.members))
    verdict = s.always_intersects()
    assert bool(verdict) is not disjoint
    if disjoint:
        assert verdict.counterexample is not None
        one, other = verdict.counterexample
        assert rule(one) and rule(other) and not one & other
    else:
        assert verdict == Intersection(True, None)


# A published table and figures --------------------------------------------------------------------


def test_majority_and_tolerance_for_one_to_nine_members() -> None:  # etcd FAQ
    assert [quorum_size(n) for n in range(1, 10)] == [1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert [fault_tolerance(n) for n in range(1, 10)] == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert [majority(n).fault_tolerance for n in range(1, 10)] == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    assert quorum_size(10**30) == 10**30 // 2 + 1


def test_tigerbeetle_quorums_are_legal_flexible_systems() -> None:  # src/vsr.zig, replicas 1 to 8
    replication, view_change = [1, 2, 2, 2, 3, 3, 3, 3], [1, 2, 2, 3, 3, 4, 5, 6]
    for n, (commit, elect) in enumerate(zip(replication, view_change, strict=True), start=1):
        s = flexible(n, commit=commit, elect=elect)
        assert s.always_intersects()
        commits, elections = s.minimal_quorums(kind="commit"), list(s.minimal_quorums(kind="elect"))
        assert all(c & e for c in commits for e in elections)


@given(st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(1, n))))
def test_flexible_is_refused_exactly_when_two_quorums_can_miss_each_other(
    sizes: tuple[int, int, int],
) -> None:
    n, commit, elect = sizes
    pairs_meet = all(
        set(c) & set(e) for c in combinations(range(n), commit) for e in combinations(range(n), elect)
    )
    if pairs_meet:
        assert flexible(n, commit=commit, elect=elect).always_intersects()
    else:
        with pytest.raises(ValueError, match="share no member"):
            flexible(n, commit=commit, elect=elect)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9).filter(any))
def test_weighted_with_random_weights_against_brute_force(given_weights: list[int]) -> None:
    weights: dict[str, float] = {f"m{i}": w for i, w in enumerate(given_weights)}
    s, rule = weighted(weights), heavier_half(weights)
    test_is_quorum_follows_the_rule(s, rule)
    test_minimal_quorums_are_those_of_brute_force(s, rule)
    test_fault_tolerance_is_that_of_brute_force(s, rule)
    test_intersection_is_that_of_brute_force(s, rule)


# Shape, names and laziness ------------------------------------------------------------------------


def test_members_are_named_in_order() -> None:
    assert majority(3).members == ("etcd-1", "etcd-2", "etcd-3")
    assert majority(["c", "a", "b"]).members == ("c", "a", "b")
    assert majority(set("hgfedcba")).members == tuple("abcdefgh")
    assert grid(2, 2, members="abcd".__iter__()).members == ("a", "b", "c", "d")
    assert hierarchical([["x", "y"], ["z"]]).members == ("x", "y", "z")
    assert hierarchical([3, 3, 3]).members == tuple(names(9))
    assert weighted({"b": 2, "a": 1}).members == ("b", "a")


def test_flexible_answers_for_each_kind() -> None:
    s = flexible(6, commit=3, elect=4)
    three, four = set(names(3)), set(names(4))
    assert s.is_quorum(three, kind="commit") and not s.is_quorum(three, kind="elect")
    assert not s.is_quorum(three) and s.is_quorum(four)
    assert s.fault_tolerance == 2
    assert (s.of_kind("commit").fault_tolerance, s.of_kind("elect").fault_tolerance) == (3, 2)
    assert s.always_intersects()
    assert not s.of_kind("commit").always_intersects()  # two commit quorums may miss each other
    assert majority(5).of_kind("elect") == majority(5)


def test_the_first_quorums_of_huge_systems_come_at_once() -> None:
    # Listing first would need more than the age of the universe, so finishing at all is the test.
    assert [len(q) for q in islice(majority(1001).minimal_quorums(), 3)] == [501] * 3
    assert next(iter(hierarchical([101] * 5).minimal_quorums()))
    assert len(next(iter(weighted({f"m{i}": 1 + i % 3 for i in range(1000)}).minimal_quorums()))) > 300
    assert next(iter(grid(30, 30).minimal_quorums()))


def test_systems_are_immutable_hashable_and_equal_by_value() -> None:
    assert majority(5) == majority(names(5)) != majority(4)
    assert len({weighted({"a": 2, "b": 1}), weighted({"a": 4, "b": 2}), weighted({"a": 0.2, "b": 0.1})}) == 1
    for s, _ in SYSTEMS:
        hash(s)
        with pytest.raises(AttributeError):
            s.members = ("x",)  # type: ignore[misc]


def test_repr_is_the_call_that_makes_it() -> None:
    made = [
        majority(5),
        majority(["a", "b"]),
        threshold(4, 2),
        weighted({"a": 2, "b": 1}),
        grid(2, 3),
        grid(1, 2, members=["a", "b"]),
        hierarchical([3, 2]),
        hierarchical([["a"], ["b", "c"]]),
        flexible(6, commit=3, elect=4),
    ]
    assert [eval(repr(s)) for s in made] == made
    assert repr(made[0]) == "majority(5)" and repr(made[2]) == "threshold(4, 2)"


def test_a_verdict_on_intersection_reads_as_a_sentence() -> None:
    assert str(threshold(4, 2).always_intersects()) == (
        "{etcd-1, etcd-2} and {etcd-3, etcd-4} are both quorums and share no member"
    )
    assert str(majority(4).always_intersects()) == "any two quorums share a member"
    of_two_kinds = flexible(6, commit=3, elect=4).always_intersects()
    assert str(of_two_kinds) == "any commit quorum and any election quorum share a member"
    shown = str(threshold(12, 6).always_intersects())
    assert shown.index("etcd-9") < shown.index("etcd-10")


def test_scipy_is_loaded_only_for_linear_programming() -> None:
    code = (
        "import sys; from quorumlab.quorums import majority, weighted; from quorumlab.availability import "
        "availability; "
        "majority(5).strategy(0.5); availability(weighted({'a': 2, 'b': 1}), 0.9); "
        "assert not {'scipy', 'numpy', 'matplotlib', 'ipywidgets'} & set(sys.modules); "
        "weighted({'a': 2, 'b': 1, 'c': 1}).load(0.5); assert 'scipy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# Errors are part of the interface -----------------------------------------------------------------

BAD_SIZES = [
    (0, ValueError, "is 0, but must be a whole number of 1 or more; choose a larger one, for example 5."),
    (-3, ValueError, "is -3, but must be a whole number of 1 or more; choose a larger one, for example 5."),
    (
        2.5,
        TypeError,
        "is 2.5 (float), but must be a whole number of 1 or more; write it as an int, for example 5.",
    ),
    (
        3.0,
        TypeError,
        "is 3.0 (float), but must be a whole number of 1 or more; write it as an int, for example 5.",
    ),
    (
        True,
        TypeError,
        "is True (bool), but must be a whole number of 1 or more; write it as an int, for example 5.",
    ),
]
BUILDERS: list[tuple[str, Callable[[object], object]]] = [
    ("n", quorum_size),
    ("n", fault_tolerance),
    ("members", majority),
    ("members", lambda n: threshold(n, 1)),
    ("members", lambda n: flexible(n, commit=1, elect=1)),
    ("size", lambda n: threshold(5, n)),
    ("commit", lambda n: flexible(5, commit=n, elect=5)),
    ("elect", lambda n: flexible(5, commit=5, elect=n)),
    ("rows", lambda n: grid(n, 2)),
    ("columns", lambda n: grid(2, n)),
    ("a group's size", lambda n: hierarchical([3, n])),
]


@pytest.mark.parametrize(("size", "error", "message"), BAD_SIZES)
@pytest.mark.parametrize(("what", "build"), BUILDERS)
def test_bad_sizes(
    what: str, build: Callable[[object], object], size: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        build(size)
    assert str(raised.value) == f"{what} {message}"


BAD_CALLS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: quorum_size("3"), TypeError, "n is '3' (str), but must be a whole number of 1 or more"),
    (lambda: majority("abc"), TypeError, "members are 'abc', but must be a list of names"),
    (lambda: majority(None), TypeError, "members are None, but must be a list of names"),
    (lambda: majority({"a": 1}), TypeError, "members are {'a': 1}, but must be a list of names"),
    (lambda: majority([]), ValueError, "members are an empty list, but at least 1 member is needed"),
    (
        lambda: majority(["a", "b", "a"]),
        ValueError,
        "members name a more than once, but each member counts once",
    ),
    (
        lambda: majority(["a", 2]),
        TypeError,
        "members include 2, but every name must be a text that is not empty",
    ),
    (lambda: majority(["a", ""]), TypeError, "members include '', but every name must be a text"),
    (
        lambda: majority(10**6),
        ValueError,
        "members number 1000000, but a quorum system here has at most 2000 members; use quorum_size(n) and "
        "fault_tolerance(n), which answer for any n.",
    ),
    (
        lambda: grid(1000, 1000),
        ValueError,
        "members number 1000000, but a quorum system here has at most 2000",
    ),
    (
        lambda: hierarchical([1500, 1500]),
        ValueError,
        "members number 3000, but a quorum system here has at most",
    ),
    (
        lambda: threshold(3, 4),
        ValueError,
        "size is 4, but there are only 3 members; choose a size from 1 to 3.",
    ),
    (lambda: flexible(3, commit=4, elect=3), ValueError, "commit is 4, but there are only 3 members"),
    (lambda: flexible(3, commit=3, elect=4), ValueError, "elect is 4, but there are only 3 members"),
    (
        lambda: flexible(6, commit=3, elect=3),
        ValueError,
        "commit=3 and elect=3 sum to 6, but must sum to more than 6, or commit quorum "
        "{etcd-1, etcd-2, etcd-3} "
        "and election quorum {etcd-4, etcd-5, etcd-6} share no member; raise commit to 4 or elect to 4.",
    ),
    (lambda: grid(2, 2, members=["a"]), ValueError, "a grid of 2 x 2 has 4 places, but 1 members are named"),
    (lambda: grid(2, 2, members="abcd"), TypeError, "members are 'abcd', but must be a list of names"),
    (lambda: hierarchical([]), ValueError, "groups are an empty list, but at least 1 group is needed"),
    (lambda: hierarchical("abc"), TypeError, "groups are 'abc', but must be a list of group sizes"),
    (
        lambda: hierarchical(["abc"]),
        TypeError,
        "the members of a group are 'abc', but must be a list of names",
    ),
    (
        lambda: hierarchical([3, ["a"]]),
        TypeError,
        "a group's size is ['a'] (list), but must be a whole number",
    ),
    (lambda: hierarchical([["a"], []]), ValueError, "the members of a group are an empty list"),
    (lambda: hierarchical([["a"], ["a"]]), ValueError, "groups name a more than once"),
    (lambda: weighted(["a"]), TypeError, "weights are ['a'], but must be a dict from member to weight"),
    (lambda: weighted({}), ValueError, "members are an empty list, but at least 1 member is needed"),
    (lambda: weighted({1: 1}), TypeError, "members include 1, but every name must be a text"),
    (
        lambda: weighted({"a": -1, "b": 2}),
        ValueError,
        "the weight of a is -1, but must be a finite number of 0 or",
    ),
    (
        lambda: weighted({"a": float("nan")}),
        ValueError,
        "the weight of a is nan, but must be a finite number",
    ),
    (
        lambda: weighted({"a": float("inf")}),
        ValueError,
        "the weight of a is inf, but must be a finite number",
    ),
    (
        lambda: weighted({"a": "2"}),
        TypeError,
        "the weight of a is '2' (str), but must be a number of 0 or more",
    ),
    (
        lambda: weighted({"a": True}),
        TypeError,
        "the weight of a is True (bool), but must be a number of 0 or",
    ),
    (
        lambda: weighted({"a": 0, "b": 0.0}),
        ValueError,
        "the weights of {a, b} sum to 0, but somebody must count",
    ),
    (
        lambda: majority(3).is_quorum({"etcd-1", "etcd-9", "x"}),
        ValueError,
        "{etcd-9, x} are unknown to majority(3), whose members are {etcd-1, etcd-2, etcd-3}; ask about those "
        "only.",
    ),
    (
        lambda: majority(3).is_quorum("etcd-1"),
        TypeError,
        "the members asked about are 'etcd-1', but must be a set",
    ),
    (
        lambda: majority(3).is_quorum(2),
        TypeError,
        "the members asked about are 2, but must be a set of names",
    ),
    (
        lambda: majority(3).is_quorum([], kind="read"),
        ValueError,
        "kind is 'read', but must be 'commit', 'elect' or",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS, ids=[m[:40] for _, _, m in BAD_CALLS])
def test_bad_calls(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        call()
    said = str(raised.value)
    assert said.startswith(message)
    assert "; " in said and said.endswith(".") and "\n" not in said  # what to do, in the same one sentence
