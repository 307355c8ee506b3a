"""Exact chances in whole numbers: against sums of Fractions, and what has no end or would take too long is refused."""

from fractions import Fraction
from itertools import count, cycle
from math import comb
from random import Random

import pytest

import quorumlab as ql
from quorumlab.quorums.exact import LONG_BITS, convolved, count_up

P = Fraction(99, 100)


def test_two_thousand_members_by_the_binomial_formula():
    """Slow with Fractions, each of which is reduced; this is one sum of whole numbers."""
    down = sum(comb(2000, k) * 99**k for k in range(1001))
    assert ql.unavailability(ql.majority(2000), P) == Fraction(down, 100**2000)


@pytest.mark.parametrize("bits", [1, 60, LONG_BITS + 100], ids=["short", "middling", "packed"])
def test_convolving_is_what_its_definition_says(bits):
    random = Random(bits)
    a, b = ([random.getrandbits(bits) for _ in range(n)] for n in (9, 4))
    assert convolved(a, b) == [
        sum(a[i] * b[k - i] for i in range(len(a)) if 0 <= k - i < len(b)) for k in range(12)
    ]


def test_how_many_are_up_with_equal_and_other_chances():
    of = [(1, 2), (1, 2), (5, 3), (0, 1)]
    polynomial = [1]
    for up, down in of:
        polynomial = [
            (polynomial[k] if k < len(polynomial) else 0) * down + (polynomial[k - 1] if k else 0) * up
            for k in range(len(polynomial) + 1)
        ]
    assert count_up(of) == polynomial and sum(polynomial) == 3 * 3 * 8


def test_one_answer_by_weights_and_by_count():
    """A weight of 2 for everybody changes nothing, nor does a zone that never fails."""
    chances = {f"etcd-{i}": Fraction(90 + i, 100) for i in range(1, 8)}
    counted = ql.availability(ql.majority(7), chances)
    placed = ql.Topology.placed(dict.fromkeys(chances, "a"))
    assert counted == ql.availability(ql.weighted(dict.fromkeys(chances, 2)), chances)
    assert counted == ql.availability(ql.majority(7), chances, topology=placed)


@pytest.mark.parametrize(
    ("system", "denominator"),
    [(ql.majority(2000), 10**400), (ql.weighted({f"m{i}": 1 + i % 4 for i in range(2000)}), 10**100)],
)
def test_what_would_take_too_long_is_refused_at_once(system, denominator):
    with pytest.raises(
        ValueError, match=r"take too long; give floats, or Fractions with smaller denominators\.$"
    ):
        ql.availability(system, Fraction(denominator - 1, denominator))


def fed(up_to, items):
    """Items that end with a failure of the test, where they should never have been asked for."""
    for number, item in enumerate(items):
        assert number <= up_to, "nobody stops asking for more"
        yield item


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ql.majority(fed(2000, (f"m{i}" for i in count()))),
        lambda: ql.flexible(fed(2000, (f"m{i}" for i in count())), commit=1, elect=1),
        lambda: ql.hierarchical(fed(2000, count(1))),
        lambda: ql.hierarchical([fed(2000, (f"m{i}" for i in count()))]),
        lambda: ql.grid(1, 1, members=fed(2000, (f"m{i}" for i in count()))),
        lambda: ql.majority(3).is_quorum(fed(2000, cycle(["etcd-1"]))),
        lambda: ql.SimulatedCluster(fed(2000, (f"m{i}" for i in count()))),
        lambda: ql.SimulatedCluster(3).partition(fed(2000, cycle(["etcd-1"]))),
        lambda: ql.Stage(3, down=fed(2000, cycle(["etcd-1"]))),
        lambda: ql.slider("a", fed(10_000, count())),
        lambda: ql.check_linearizable(
            fed(100_000, cycle([ql.Operation("a", "read", "x", None, 0, 1)]))
        ),
        lambda: ql.layouts(["us-east-1"], members=fed(2000, cycle([3]))),
    ],
)  # fmt: skip
def test_what_has_no_end_is_refused(ask):
    with pytest.raises(ValueError, match=r"more than|at most") as refused:
        ask()
    assert str(refused.value).endswith(".")
