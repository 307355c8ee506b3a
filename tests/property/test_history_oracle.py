"""The judge against an oracle that tries every order, and against registers that really ran."""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from quorumlab.history import Operation, check_linearizable

# --- the oracle: every subset of the unknown operations, every order ---


def holds_up(order: Sequence[Operation]) -> bool:
    """Whether registers that do the operations one by one give these answers."""
    register: dict[Any, Any] = {}
    for op in order:
        held = register.get(op.key)
        if op.kind == "read":
            if op.known and op.ok and held != op.value:
                return False
        elif op.kind == "write":
            if not op.known or op.ok:
                register[op.key] = op.value
        else:
            found = held == op.value[0]
            if found != (op.ok or not op.known):
                return False
            if found:
                register[op.key] = op.value[1]
    return True


def came_before(history: Sequence[Operation]) -> set[tuple[int, int]]:
    """The pairs (by `id`) of which one had returned when the other was called.

    The history must list what one client did in the order in which it did it. That decides where its times are equal.
    """
    return {
        (id(a), id(b))
        for i, a in enumerate(history)
        for j, b in enumerate(history)
        if a.known
        and (a.returned < b.invoked or (a.returned == b.invoked and a.client == b.client and i < j))
    }


def in_time(order: Sequence[Operation], history: Sequence[Operation]) -> bool:
    """Whether no operation stands before one that had returned when it was called."""
    before = came_before(history)
    return not any((id(b), id(a)) in before for a, b in combinations(order, 2))


def oracle(history: Sequence[Operation]) -> bool:
    known = [op for op in history if op.known]
    unknown = [op for op in history if not op.known]
    before = came_before(history)
    return any(
        not any((id(b), id(a)) in before for a, b in combinations(order, 2)) and holds_up(order)
        for size in range(len(unknown) + 1)
        for happened in combinations(unknown, size)
        for order in permutations([*known, *happened])
    )


def random_history(rng: random.Random) -> list[Operation]:
    """Up to six operations on two keys by clients who each do one thing at a time, many of them overlapping.

    Every client's next call is later than its last return, so that a client's name never decides the order; for that
    see `coarse_history`.
    """
    free = dict.fromkeys("abc", 0)
    history = []
    for _ in range(rng.randint(2, 6)):
        client = rng.choice("abc")
        kind = rng.choice(["read", "write", "cas"])
        invoked = free[client] + rng.randint(1, 5)
        returned = invoked + rng.randint(0, 9)
        free[client] = returned
        value = (rng.choice([None, 1, 2]), rng.choice([1, 2])) if kind == "cas" else rng.choice([None, 1, 2])
        if kind == "write":
            value = rng.choice([1, 2])
        ok = rng.choice([True, False]) if kind == "cas" else rng.random() < 0.95
        outcome = rng.choice([(returned, ok)] * 6 + [(None, None), (returned, None)])
        history.append(Operation(client, kind, "y" if rng.random() < 0.15 else "x", value, invoked, *outcome))
    return history


def coarse_history(rng: random.Random) -> list[Operation]:
    """Up to five operations on one key by two clients, as logged by a clock so coarse that most calls take no time and
    begin when the client's last one ended. Half of the writes have no known result. Most answers are values that somebody
    tried to write, so that it takes a search to see what is wrong with them.

    The list is in the order of the calls or of the ends; either keeps what one client did in the order in which it did it.
    """
    free = dict.fromkeys("ab", 8)
    values: list[Any] = [None]
    history: list[tuple[int, int, Operation]] = []
    for _ in range(rng.randint(2, 5)):
        client = rng.choice("aab")
        kind = rng.choice(["read", "read", "write", "write", "cas"])
        invoked = free[client] + (rng.random() < 0.1)
        end = free[client] = invoked + rng.choice([0, 0, 0, 0, 1])
        new, found = rng.choice([1, 2]), rng.choice([*values, 2])
        value: Any = {"read": found, "write": new, "cas": (found, new)}[kind]
        if kind != "read":
            values.append(new)
        outcome = (end, kind != "cas" or rng.random() < 0.7)
        if kind != "read" and rng.random() < 1 / 2:
            outcome = rng.choice([(end, None), (None, None)])
        history.append((invoked, end, Operation(client, kind, "x", value, invoked, *outcome)))
    column = rng.choice([0, 1])
    return [entry[2] for entry in sorted(history, key=lambda entry: entry[column])]


def ties_after_unknown(history: Sequence[Operation]) -> int:
    """How many operations begin and end at the very ms at which the same client had called one of unknown result."""
    return sum(
        not a.known and b.known and a.client == b.client and a.invoked == b.invoked == b.returned
        for a, b in combinations(history, 2)
    )


def both_clocks(rng: random.Random, count: int) -> Iterator[list[Operation]]:
    """`count` histories of fine times, and as many of coarse ones."""
    for _ in range(count):
        yield random_history(rng)
        yield coarse_history(rng)


def test_every_verdict_is_the_oracles_and_both_are_common() -> None:
    rng = random.Random(1)
    for write_down in (random_history, coarse_history):
        verdicts, ties, puzzles = [], [], 0
        for number in range(3000):
            history = write_down(rng)
            verdict, truth = check_linearizable(history), oracle(history)
            assert verdict.linearizable is truth, f"history {number}: {history}"
            verdicts.append(truth)
            ties += [truth] * (ties_after_unknown(history) > 0)
            puzzles += len(verdict.window) > 1
        assert 0.25 < sum(verdicts) / len(verdicts) < 0.75 and puzzles > 300
        if write_down is coarse_history:
            assert len(ties) > 400 and 0.25 < sum(ties) / len(ties) < 0.75


def test_every_order_explains_the_answers_and_every_window_proves_the_verdict() -> None:
    rng = random.Random(2)
    sizes = set()
    for history in both_clocks(rng, 2000):
        verdict = check_linearizable(history)
        for key, order in verdict.orders.items():
            assert in_time(order, history) and holds_up(order)
            told = {op for op in history if op.key == key and op.known and (op.ok or op.kind == "cas")}
            assert told <= set(order)
        if not verdict:
            assert verdict.minimal and verdict.culprit in verdict.window
            assert not oracle(until(verdict.culprit.returned, verdict.window))
            assert oracle(until(verdict.culprit.returned - 0.5, verdict.window))
            # A proof holds whatever else happened: put back any of the rest, and it is still illegal.
            place = {
                id(op): i for i, op in enumerate(history)
            }  # by identity, for two operations may be equal
            window = {id(op) for op in verdict.window}
            rest = [op for op in history if op.key == verdict.key and id(op) not in window]
            for size in range(len(rest) + 1):
                for more in combinations(rest, size):
                    assert not oracle(sorted([*verdict.window, *more], key=lambda op: place[id(op)]))
            impossible = [op for op in history if op.key == verdict.key and stems_from_nothing(op, history)]
            if impossible:
                assert verdict.window == (verdict.culprit,)
                assert verdict.culprit in impossible
                assert verdict.culprit.returned == min(op.returned for op in impossible)
            sizes.add(len(verdict.window))
    assert sizes >= {1, 2, 3, 4}


def stems_from_nothing(op: Operation, history: Sequence[Operation]) -> bool:
    """Whether it found what no other had tried to write by then, nor the None of the beginning."""
    if not op.known or op.kind == "write" or (op.kind == "read" and not op.ok):
        return False
    before = came_before(history)
    written = {None} | {
        other.value if other.kind == "write" else other.value[1]
        for other in history
        if other is not op and other.key == op.key and other.kind != "read" and (not other.known or other.ok)
        if other.invoked <= op.returned and (id(op), id(other)) not in before
    }
    if op.kind == "cas" and not op.ok:
        return written == {op.value[0]}
    return (op.value if op.kind == "read" else op.value[0]) not in written


def until(time: float, history: Sequence[Operation]) -> list[Operation]:
    """What is known at `time`: later calls are not there, later answers unknown."""
    return [
        op if op.known and op.returned <= time else replace(op, returned=None)
        for op in history
        if op.invoked <= time
    ]


def proofs(history: Sequence[Operation]) -> Iterator[frozenset[int]]:
    """The parts, as positions, whose illegality no other operation of the history can mend."""
    places = range(len(history))
    parts = [frozenset(part) for size in range(len(history) + 1) for part in combinations(places, size)]
    illegal = {part for part in parts if not oracle([history[i] for i in sorted(part)])}
    for part in illegal:
        if all(bigger in illegal for bigger in parts if part <= bigger):
            yield part


def test_a_window_is_rarely_larger_than_the_smallest_proof_there_is() -> None:
    """A window also shows where values came from, so it may exceed the smallest proof; by at most two here."""
    rng = random.Random(3)
    excess = []
    while len(excess) < 100:
        history = [op for op in random_history(rng) if op.key == "x"]
        verdict = check_linearizable(history)
        if not verdict and len(verdict.window) > 1:
            excess.append(len(verdict.window) - min(len(proof) for proof in proofs(history)))
    assert max(excess) <= 2
    assert sum(extra == 0 for extra in excess) > 50


# --- registers that really ran ---


@st.composite
def executions(draw: st.DrawFn) -> list[Operation]:
    """What clients see of registers on which each operation happens at one instant within its widened interval."""
    register: dict[str, Any] = {}
    history = []
    for instant in range(draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(["read", "write", "cas"]))
        key = draw(st.sampled_from(["x", "x", "x", "y"]))
        values = st.one_of(st.none(), st.integers(0, 3))
        held, ok = register.get(key), True
        value: Any = held
        if kind == "write":
            value = register[key] = draw(values)
        elif kind == "cas":
            value = (draw(st.sampled_from([held, held, 0, None])), draw(values))
            ok = value[0] == held
            if ok:
                register[key] = value[1]
        invoked = instant - draw(st.floats(0, 6))
        returned, fate = instant + draw(st.floats(0, 6)), draw(st.integers(0, 9))
        if fate == 0:
            history.append(Operation(f"c{instant}", kind, key, value, invoked, None, None))
        elif fate == 1:  # the client gave up before it happened
            history.append(Operation(f"c{instant}", kind, key, value, invoked, invoked, None))
        else:
            history.append(Operation(f"c{instant}", kind, key, value, invoked, returned, ok))
        event("unknown" if fate < 2 else "known")
    return draw(st.permutations(history))


@settings(max_examples=300, deadline=None)
@given(executions())
def test_what_a_real_register_did_is_legal(history: list[Operation]) -> None:
    verdict = check_linearizable(history)
    assert verdict.linearizable is True, verdict.explanation
    for order in verdict.orders.values():
        assert in_time(order, history) and holds_up(order)


@st.composite
def coarse_logs(draw: st.DrawFn) -> list[Operation]:
    """What a log in whole ms says of clients who really did one thing after the other, most of it within a few ms."""
    free = dict.fromkeys("ab", 0)  # in hundredths of a ms
    calls = []
    for _ in range(draw(st.integers(2, 12))):
        client = draw(st.sampled_from("ab"))
        invoked = free[client] + 1
        returned = free[client] = invoked + draw(st.integers(0, 30))
        instant: float = draw(st.integers(invoked, returned))
        fate = draw(st.sampled_from(["known", "known", "late", "never", "no answer"]))
        if fate == "late":
            instant += draw(st.integers(0, 200))
        elif fate == "never":
            instant = math.inf
        ok = True if fate == "known" else None
        calls.append([instant, invoked, client, returned // 100 if fate != "no answer" else None, ok])
    held: Any = None
    history = []
    for instant, invoked, client, returned, ok in sorted(calls, key=lambda call: call[0]):
        kind = draw(st.sampled_from(["read", "write"])) if ok else "write"
        value = held if kind == "read" else draw(st.integers(1, 3))
        held = value if instant < math.inf else held
        history.append((invoked, Operation(client, kind, "x", value, invoked // 100, returned, ok)))
    log = [op for _, op in sorted(history, key=lambda entry: entry[0])]
    event("ties after unknown" if ties_after_unknown(log) else "no such ties")
    return log


@settings(max_examples=300, deadline=None)
@given(coarse_logs())
def test_what_a_real_register_did_stays_legal_in_whole_ms(history: list[Operation]) -> None:
    verdict = check_linearizable(history)
    assert verdict.linearizable is True, verdict.explanation
    for order in verdict.orders.values():
        assert in_time(order, history) and holds_up(order)


@settings(max_examples=200, deadline=None)
@given(executions(), st.data())
def test_a_read_of_what_nobody_wrote_is_found_wherever_it_is(
    history: list[Operation], data: st.DataObject
) -> None:
    when = data.draw(st.floats(-5, 30))
    phantom = Operation("p", "read", data.draw(st.sampled_from(["x", "y", "z"])), "phantom", when, when + 3)
    verdict = check_linearizable([*history, phantom])
    assert verdict.linearizable is False
    assert verdict.window == (phantom,)


def recorded(seed: int, *, count: int, distinct: bool, clients: int = 5) -> list[Operation]:
    """A test of a store: clients read, write and compare-and-set one register for `count` calls, some time out.

    Either every write has a value of its own, or values are drawn from five.
    """
    rng = random.Random(seed)
    free = [rng.random() for _ in range(clients)]
    calls = []
    for number in range(count):
        client = free.index(min(free))
        invoked = free[client]
        returned = invoked + rng.expovariate(1 / 10)
        lost = rng.random() < 0.05
        if lost:
            instant = invoked + rng.expovariate(1 / 200) if rng.random() < 0.5 else None
            free[client] = invoked + 200
        else:
            instant = rng.uniform(invoked, returned)
            free[client] = returned + rng.expovariate(1 / 3)
        calls.append((instant, number, client, invoked, None if lost else returned))
    held: Any = None
    history = []
    for instant, number, client, invoked, returned in sorted(calls, key=lambda call: call[0] or 1e9):
        kind = rng.choice(["read", "read", "write", "cas"])
        new = number if distinct else rng.randrange(5)
        expected = held if rng.random() < 0.7 else rng.randrange(5)
        value = {"read": held, "write": new, "cas": (expected, new)}[kind]
        ok = kind != "cas" or expected == held
        if ok and kind != "read" and instant is not None:
            held = new
        history.append(Operation(f"c{client}", kind, "k", value, invoked, returned, ok))
    return sorted(history, key=lambda op: op.invoked)


@pytest.mark.parametrize("distinct", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_histories_as_long_as_a_real_test_are_decided(seed: int, distinct: bool) -> None:
    history = recorded(seed, count=400, distinct=distinct)
    verdict = check_linearizable(history, max_steps=10_000)
    assert verdict.linearizable is True
    assert in_time(verdict.orders["k"], history) and holds_up(verdict.orders["k"])


@pytest.mark.parametrize("seed", range(5))
def test_one_stale_read_in_four_hundred_operations_is_found_and_explained_by_a_few(seed: int) -> None:
    history = recorded(seed, count=400, distinct=True)
    old = next(op for op in history if op.kind == "write" and op.known)
    index = next(i for i in range(300, 400) if history[i].kind == "read" and history[i].known)
    new = history[index]
    history[index] = Operation(new.client, "read", "k", old.value, new.invoked, new.returned)
    verdict = check_linearizable(history)
    assert verdict.linearizable is False and verdict.minimal
    assert verdict.culprit == history[index]
    assert len(verdict.window) == 3 and old in verdict.window
    assert "Stale" in verdict.explanation
