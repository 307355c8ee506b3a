"""Which parts of a history can prove it illegal: held against the definition, spelt out one write at a time."""

from random import Random

import pytest

from quorumlab.history.operation import NOTHING, Operation, in_time_order, move_of
from quorumlab.history.window import Evidence


def some_moves(chance):
    """Seven operations of different clients on one key, at times that are all different."""
    times = chance.sample(range(100), 14)
    moves = []
    for n in range(7):
        called, answered = sorted(times[2 * n : 2 * n + 2])
        kind = chance.choice(["read", "write", "write", "cas"])
        value = (chance.randint(1, 2), chance.randint(1, 3)) if kind == "cas" else chance.randint(1, 3)
        ok = True if kind != "cas" else chance.random() < 0.7
        answered = None if chance.random() < 0.2 else answered
        move = move_of(Operation(f"c{n}", kind, "x", value, called, answered, ok))
        moves += [] if move is None else [move]
    return in_time_order(moves)


def lacks(observer, part, moves):
    """Whether ``observer`` lacks a write that can have left what it observed, by the docstring of ``Evidence``, (a) and (b)."""

    def fits(write):
        return (
            write.writes == observer.sees if observer.sees is not NOTHING else write.writes != observer.avoids
        )

    def replaced(write):
        return any(
            other.certain
            and other.changes
            and other.invoked > write.returned
            and other.returned < observer.invoked
            for other in part
        )

    sources = [
        m for m in moves if m.changes and m is not observer and fits(m) and m.invoked < observer.returned
    ]
    missing = [m for m in sources if m not in part and not replaced(m)]
    return bool(missing) or bool(sources and not any(m in part for m in sources))


def largest_closed(part, moves):
    while lacking := [m for m in part if m.observes and lacks(m, part, moves)]:
        part = [m for m in part if m not in lacking]
    return part


@pytest.mark.parametrize("seed", range(300))
def test_a_part_is_closed_by_the_definition(seed):
    chance = Random(f"window {seed}")
    moves = some_moves(chance)
    for _ in range(8):
        kept = [i for i in range(len(moves)) if chance.random() < 0.8]
        closed = Evidence(moves).closed(sum(1 << i for i in kept))
        expected = largest_closed([moves[i] for i in kept], moves)
        assert [m for i, m in enumerate(moves) if closed >> i & 1] == expected
