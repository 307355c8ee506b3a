"""Load, capacity, strategy and resilience against quoracle (Whittaker et al. 2021) and closed forms."""

import math
from collections.abc import Callable, Iterable
from fractions import Fraction

import pytest
import quoracle
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.quorums import (
    QuorumSystem,
    flexible,
    grid,
    hierarchical,
    majority,
    threshold,
    weighted,
)
from quorumlab.quorums.strategy import by_linear_programming

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulp")  # quoracle's business

AS_PEER_SEES = 1e-6  # quoracle's solver prints its solution with about seven digits


def peer(s: QuorumSystem) -> quoracle.QuorumSystem:
    """The same system in quoracle: reads need an election quorum, writes a commit quorum."""
    nodes = {m: quoracle.Node(m) for m in s.members}

    def expression(quorums: Iterable[frozenset[str]]) -> quoracle.expr.Expr:
        return quoracle.expr.Or([quoracle.expr.And([nodes[m] for m in sorted(q)]) for q in quorums])

    return quoracle.QuorumSystem(
        reads=expression(s.minimal_quorums(kind="elect")), writes=expression(s.minimal_quorums(kind="commit"))
    )


SYSTEMS = [
    *(majority(n) for n in range(1, 8)),
    weighted({"a": 2, "b": 1, "c": 1}),
    weighted({"a": 3, "b": 2, "c": 2, "d": 1, "e": 1}),
    weighted({"a": 1, "b": 1, "c": 1, "d": 0}),
    *(grid(r, c) for r, c in [(2, 3), (3, 2), (1, 3), (3, 1)]),
    *(hierarchical(sizes) for sizes in [[3, 3, 3], [1, 3], [1, 2, 3], [1, 1, 3, 2]]),
    *(flexible(n, commit=c, elect=e) for n, c, e in [(6, 3, 4), (4, 2, 3), (5, 1, 5)]),
]


@pytest.mark.parametrize("s", SYSTEMS, ids=repr)
def test_load_and_capacity_agree_with_quoracle(s: QuorumSystem) -> None:
    for read_fraction in (0, 0.8) if "flexible" in repr(s) else (0.5,):
        theirs = peer(s).load(read_fraction=read_fraction)
        assert s.load(read_fraction) == pytest.approx(theirs, rel=AS_PEER_SEES)
        assert s.capacity(read_fraction) == pytest.approx(1 / theirs, rel=AS_PEER_SEES)


@pytest.mark.parametrize("s", SYSTEMS, ids=repr)
def test_fault_tolerance_agrees_with_quoracles_resilience(s: QuorumSystem) -> None:
    theirs = peer(s)
    assert s.fault_tolerance == theirs.resilience()
    assert s.of_kind("elect").fault_tolerance == theirs.read_resilience()
    assert s.of_kind("commit").fault_tolerance == theirs.write_resilience()


@settings(deadline=None, max_examples=12)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=6).filter(any))
def test_random_weights_agree_with_quoracle(weights: list[int]) -> None:
    s = weighted({f"m{i}": w for i, w in enumerate(weights)})
    theirs = peer(s)
    assert s.load(0.5) == pytest.approx(theirs.load(read_fraction=0.5), rel=AS_PEER_SEES)
    assert s.fault_tolerance == theirs.resilience()


def test_quoracles_majority_of_four_is_not_rafts_commit_rule() -> None:
    """Given reads only, quoracle takes the smallest writes that meet every read: for 3 of 4, any two of four.

    Two such writes can miss each other. A register may allow that; Raft, whose commits and elections must
    meet, uses a majority for both.
    """
    nodes = [quoracle.Node(name) for name in majority(4).members]
    theirs = quoracle.QuorumSystem(reads=quoracle.majority(nodes))
    writes = list(theirs.write_quorums())
    assert any(not one & other for one in writes for other in writes)
    assert theirs.is_write_quorum({"etcd-1", "etcd-2"}) and theirs.is_write_quorum({"etcd-3", "etcd-4"})

    ours = majority(4)
    assert ours.always_intersects()
    assert not ours.is_quorum({"etcd-1", "etcd-2"})
    assert (ours.load(0), theirs.load(read_fraction=0)) == (0.75, pytest.approx(0.5))
    assert (ours.fault_tolerance, theirs.write_resilience()) == (1, 2)
    # It is the flexible system that commits with two and elects with three.
    assert flexible(4, commit=2, elect=3).load(0) == 0.5


# Closed forms against linear programming ----------------------------------------------------------


@pytest.mark.parametrize(
    "s",
    [
        majority(7),
        threshold(6, 2),
        grid(3, 3),
        hierarchical([3, 3, 3, 3]),
        hierarchical([1, 3, 5]),
        hierarchical([2, 4, 1, 3]),
        hierarchical([5, 1, 1, 1, 2]),
        hierarchical([7]),
        flexible(6, commit=3, elect=4).of_kind("elect"),
    ],
    ids=repr,
)
def test_closed_forms_agree_with_linear_programming(s: QuorumSystem) -> None:
    found = by_linear_programming(s.members, s.minimal_quorums())
    best = max(sum(p for q, p in found.items() if m in q) for m in s.members)
    assert s.load(0.3) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("read_fraction", [0, 0.25, Fraction(1, 3), 1])
@pytest.mark.parametrize("s", [*SYSTEMS, threshold(6, 4), hierarchical([4, 5, 1, 3])], ids=repr)
def test_a_strategy_is_legal_and_reaches_the_load(s: QuorumSystem, read_fraction: float) -> None:
    plan = s.strategy(read_fraction)
    for kind, chosen in (("elect", plan.reads), ("commit", plan.writes)):
        assert all(s.is_quorum(q, kind=kind) for q in chosen)
        assert all(p > 0 for p in chosen.values())
        assert sum(chosen.values()) == pytest.approx(1, rel=1e-12)
    assert plan.load == pytest.approx(s.load(read_fraction), rel=1e-12)
    by_hand = {
        m: float(read_fraction) * sum(float(p) for q, p in plan.reads.items() if m in q)
        + (1 - float(read_fraction)) * sum(float(p) for q, p in plan.writes.items() if m in q)
        for m in s.members
    }
    assert plan.member_loads() == pytest.approx(by_hand)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_hierarchical_strategies_with_random_groups(sizes: list[int]) -> None:
    s = hierarchical(sizes)
    plan = s.strategy(0.5)
    assert sum(plan.reads.values()) == 1
    assert all(s.is_quorum(q) for q in plan.reads)
    assert plan.load == s.load(0.5)  # the fair shares are met exactly
    smallest = min(len(q) for q in s.minimal_quorums())
    assert (
        s.load(0.5) >= max(smallest / len(s.members), 1 / smallest) - 1e-12
    )  # Naor and Wool, proposition 4.1


def test_symmetric_loads_are_exact() -> None:
    assert majority(1001).load(0.9) == 501 / 1001
    assert majority(1001).capacity(0.9) == 1001 / 501
    assert majority(1001).strategy(0.9).load == 501 / 1001
    assert grid(30, 30).load(0) == 59 / 900
    assert hierarchical([3, 3, 3]).load(1) == 4 / 9
    assert hierarchical([11] * 51).load(1) == 26 * 6 / 561
    assert flexible(6, commit=3, elect=4).load(Fraction(1, 2)) == 7 / 12
    assert flexible(1000, commit=100, elect=901).load(Fraction(1, 10)) == float(Fraction(1801, 10000))


def test_strategies_are_plain_read_only_values() -> None:
    plan = majority(3).strategy(0.5)
    assert plan.reads == {frozenset(pair): Fraction(1, 3) for pair in _pairs()}
    assert plan == majority(3).strategy(0.5) and hash(plan) == hash(majority(3).strategy(0.5))
    assert plan != majority(3).strategy(0.6)
    with pytest.raises(TypeError):
        plan.reads[frozenset()] = 1  # type: ignore[index]
    with pytest.raises(AttributeError):
        plan.reads = {}  # type: ignore[misc]
    assert repr(plan) == "<Strategy at read_fraction 0.5: 3 read and 3 write quorums, load 0.666667>"
    assert str(plan).splitlines()[1] == "  reads  0.3333  {etcd-1, etcd-2}"
    assert "… and 989 more" in str(majority(1001).strategy(0))


def _pairs() -> list[tuple[str, str]]:
    return [("etcd-1", "etcd-2"), ("etcd-2", "etcd-3"), ("etcd-1", "etcd-3")]


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read_fraction", "error", "message"),
    [
        (1.5, ValueError, "read_fraction is 1.5, but must be from 0 to 1; write 99 % as 0.99, for example."),
        (-1, ValueError, "read_fraction is -1, but must be from 0 to 1; write 99 % as 0.99, for example."),
        (
            math.nan,
            ValueError,
            "read_fraction is nan, but must be from 0 to 1; write 99 % as 0.99, for example.",
        ),
        (
            True,
            TypeError,
            "read_fraction is True (bool), but must be a number from 0 to 1; write it as a number, for "
            "example 0.99.",
        ),
        (
            "half",
            TypeError,
            "read_fraction is 'half' (str), but must be a number from 0 to 1; write it as a number, for "
            "example 0.99.",
        ),
    ],
)
@pytest.mark.parametrize("ask", [QuorumSystem.load, QuorumSystem.capacity, QuorumSystem.strategy])
def test_bad_read_fractions(
    ask: Callable[[QuorumSystem, object], object], read_fraction: object, error: type[Exception], message: str
) -> None:
    for s in (majority(3), flexible(3, commit=2, elect=2), weighted({"a": 2, "b": 1})):
        with pytest.raises(error) as raised:
            ask(s, read_fraction)
        assert str(raised.value) == message


def test_too_many_quorums_for_linear_programming() -> None:
    s = weighted({f"m{i}": i for i in range(1, 41)})
    with pytest.raises(ValueError) as raised:
        s.load(0.5)
    assert str(raised.value) == (
        "these 40 members form more than 20000 minimal quorums, too many for load, capacity and strategy; "
        "is_quorum, "
        "fault_tolerance, always_intersects, availability and the first few of minimal_quorums() can still "
        "be asked."
    )
    assert next(iter(s.minimal_quorums())) and s.fault_tolerance == 11 and s.always_intersects()
