"""The largest closed part of a history: by its definition, and without looking at everything again and again."""

from random import Random

import pytest

from quorumlab.history import Operation, check_linearizable
from quorumlab.history.operation import in_time_order, move_of
from quorumlab.history.search import bits, bitset
from quorumlab.history.window import Evidence


def anything(random):
    """An operation as it comes, few values and short times."""
    kind = random.choice(["read", "write", "cas", "cas"])
    value = (random.randrange(4), random.randrange(4)) if kind == "cas" else random.choice([None, 0, 1, 2, 3])
    called = random.randrange(20)
    returned = random.choice([None, called + random.randrange(9)])
    return Operation(
        random.choice("abc"), kind, "x", value, called, returned, random.choice([True, True, False, None])
    )


def by_definition(evidence, part):
    """Take out all that lack a write, until none does."""
    while lacking := bitset(i for i in bits(part) if i in evidence.sources and evidence._lacks(i, part)):
        part &= ~lacking
    return part


def test_the_largest_closed_part_is_what_its_definition_says():
    random, shrunk = Random(5), 0
    for _ in range(600):
        moves = in_time_order(
            [m for m in map(move_of, (anything(random) for _ in range(14))) if m is not None]
        )
        evidence = Evidence(moves)
        part = random.getrandbits(len(moves))
        closed = evidence.closed(part)
        assert closed == by_definition(evidence, part)
        shrunk += closed != part
    assert shrunk > 200


@pytest.mark.parametrize("order", ["in order", "backwards", "shuffled"])
def test_a_long_chain_of_unknown_swaps_is_proved_illegal_in_few_looks(order, monkeypatch):
    """Each swap needs the one before it, so leaving one out takes out all that follow: not one with each look at all of them."""
    length, looks = 60, 0
    lacks = Evidence._lacks

    def counted(self, observer, part):
        nonlocal looks
        looks += 1
        return lacks(self, observer, part)

    monkeypatch.setattr(Evidence, "_lacks", counted)
    swaps = [Operation(f"c{i}", "cas", "x", (i, i + 1), 2) for i in range(length)]
    if order == "backwards":
        swaps.reverse()
    if order == "shuffled":
        Random(1).shuffle(swaps)
    verdict = check_linearizable(
        [
            Operation("w", "write", "x", 0, 0, 1),
            *swaps,
            Operation("r", "read", "x", length, 9, 10),
            Operation("r", "read", "x", length - 1, 11, 12),
        ]
    )
    assert verdict.linearizable is False and verdict.minimal
    assert looks < 6 * length**2
