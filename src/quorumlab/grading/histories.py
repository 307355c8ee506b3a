"""Histories of one register for the lab *judging histories*: ways to judge them, right and wrong, and histories at random.

All begin as 0. The flags of ``explains`` and ``could_read`` leave out a rule, for what a known misconception would answer.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from quorumlab.course.labs.judging_histories import Op
from quorumlab.grading.lab import Case

Before = Callable[[Op, Op], bool]


def w(value: int, invoked: float, returned: float | None) -> Op:
    """A write."""
    return Op("write", value, invoked, returned)


def r(value: int, invoked: float, returned: float | None) -> Op:
    """A read and what it found."""
    return Op("read", value, invoked, returned)


def over_before(one: Op, other: Op) -> bool:
    """Whether one was over before the other was called."""
    return one.returned is not None and one.returned < other.invoked


def begun_before(one: Op, other: Op) -> bool:
    """Whether one was called before the other was."""
    return bool(one.invoked < other.invoked)


def touching_too(one: Op, other: Op) -> bool:
    """As ``over_before``, also where the one ends at the moment the other begins."""
    return one.returned is not None and one.returned <= other.invoked


def unknown_too(one: Op, other: Op) -> bool:
    """As ``over_before``, with an operation without an answer over at its call."""
    ended = one.invoked if one.returned is None else one.returned
    return bool(ended < other.invoked)


def stale_reads(history: Sequence[Op], before: Before = over_before) -> list[int]:
    """The places of the reads that found less than what had been written ``before`` them; values only grow."""
    return [
        place
        for place, read in enumerate(history)
        if read.kind == "read"
        and any(o.kind == "write" and o.value > read.value and before(o, read) for o in history)
    ]


def explains(
    history: Sequence[Op], order: Sequence[int], before: Before = over_before, *, whole: bool = True, once: bool = True, answers: bool = True
) -> bool:  # fmt: skip
    """Whether the operations, done in this order, explain every answer."""
    chosen = [history[place] for place in order]
    if once and len(set(order)) < len(order):
        return False
    if whole and any(o.returned is not None and place not in order for place, o in enumerate(history)):
        return False
    if any(before(later, sooner) for i, sooner in enumerate(chosen) for later in chosen[i + 1 :]):
        return False
    value = 0
    for o in chosen:
        if o.kind == "write":
            value = o.value
        elif answers and o.returned is not None and o.value != value:
            return False
    return True


def could_read(
    history: Sequence[Op], invoked: float, returned: float, before: Before = over_before, *, unknown: str = "maybe"
) -> list[int]:  # fmt: skip
    """What a further read between these times could find, by trying every legal order. ``unknown`` writes happen "maybe", "never"
    or "surely".
    """
    new = r(-1, invoked, returned)
    ops = [o for o in [*history, new] if o.returned is not None or (o.kind == "write" and unknown != "never")]
    found: set[int] = set()
    seen: set[tuple[frozenset[int], int, int]] = set()

    def go(left: frozenset[int], value: int, given: int) -> None:
        if (left, value, given) in seen:
            return
        seen.add((left, value, given))
        if given >= 0 and all(ops[i].returned is None and unknown == "maybe" for i in left):
            found.add(given)
        for i in left:
            o = ops[i]
            if any(before(ops[j], o) for j in left if j != i):
                continue
            if o is new:
                go(left - {i}, value, value)
            elif o.kind == "write":
                go(left - {i}, o.value, given)
            elif o.value == value:
                go(left - {i}, value, given)

    go(frozenset(range(len(ops))), 0, -1)
    return sorted(found)


def last_writes(history: Sequence[Op], invoked: float, returned: float) -> list[int]:
    """The value written last before the read is called, and those of the writes that are under way meanwhile: reads are not looked at."""
    writes = [o for o in history if o.kind == "write"]
    done = [o for o in writes if over_before(o, r(0, invoked, returned))]
    going = [o.value for o in writes if o not in done and o.invoked <= returned]
    newest = max(done, key=lambda o: o.returned or 0.0, default=w(0, 0, 0)).value
    return sorted({newest, *going})


def run_of_events(chance: Random, clients: int, length: int, *, unknown: float = 0.2) -> list[Op]:
    """A legal history: each operation takes effect at a moment between its call and its return, or never."""
    planned, value = [], 0
    for client in range(clients):
        time = chance.randrange(0, 15)
        for _ in range(length):
            begun = time + chance.randrange(1, 12)
            time = begun + chance.randrange(1, 30)
            value += 1
            planned.append(
                (
                    chance.choice([chance.uniform(begun, time), begun]),
                    chance.random() < 0.5,
                    value,
                    begun,
                    time,
                    client,
                )
            )
    now, history = 0, []
    for _, writes, number, begun, ended, _ in sorted(planned):
        lost = writes and chance.random() < unknown
        if writes and not (lost and chance.random() < 0.5):
            now = number
        history.append(w(number, begun, None if lost else ended) if writes else r(now, begun, ended))
    return sorted(history, key=lambda o: o.invoked)


def one_writer(chance: Random) -> list[Op]:
    """Writes of 1, 2, 3, … one after the other by one client, and reads of others that find an old or the newest value."""
    time, writes = 0, []
    for value in range(1, chance.randrange(3, 6)):
        begun = time + chance.randrange(0, 6)
        time = begun + chance.randrange(2, 12)
        writes.append(w(value, begun, None if chance.random() < 0.2 else time))
    reads = []
    for _ in range(chance.randrange(3, 6)):
        begun = chance.randrange(0, time + 6)
        called = [o.value for o in writes if o.invoked <= begun + 3]
        reads.append(
            r(
                max(0, max(called, default=0) - chance.choice([0, 0, 0, 1, 1, 2])),
                begun,
                begun + chance.randrange(3, 9),
            )
        )
    return sorted(writes + reads, key=lambda o: o.invoked)


def orders(chance: Random) -> Iterator[Case]:
    """Histories with an order that explains them, and with orders that nearly do."""
    for _ in range(14):
        history = run_of_events(chance, 3, 2)
        known = [i for i, o in enumerate(history) if o.returned is not None]
        legal = next(explanations(history), known)
        yield history, legal
        swapped = list(legal)
        i = chance.randrange(max(1, len(swapped) - 1))
        swapped[i : i + 2] = swapped[i : i + 2][::-1]
        yield history, swapped
        yield history, [place for place in legal if place != chance.choice(legal)]


def explanations(history: Sequence[Op]) -> Iterator[list[int]]:
    """Orders that explain a history, found by going on while nothing is wrong."""

    def go(order: list[int], value: int) -> Iterator[list[int]]:
        left = [i for i in range(len(history)) if i not in order]
        if all(history[i].returned is None for i in left):
            yield order
        for i in left:
            o = history[i]
            if any(over_before(history[j], o) for j in left if j != i):
                continue
            if o.kind == "write":
                yield from go([*order, i], o.value)
            elif o.value == value:
                yield from go([*order, i], value)

    yield from go([], 0)


def further_reads(chance: Random) -> Iterator[Case]:
    """Legal histories, each with the times of one more read."""
    for _ in range(25):
        history = run_of_events(chance, chance.choice([2, 3]), 2, unknown=0.4)
        begun = chance.randrange(0, 90)
        yield history, begun, begun + chance.randrange(1, 25)


def plain(one: int = 1, two: int = 2, at: Sequence[float] = (0, 10, 20, 30, 40, 60)) -> list[Op]:
    """A write, a read that finds it, another write, each over before the next."""
    return [w(one, *at[:2]), r(one, *at[2:4]), w(two, *at[4:])]


def with_open(one: int = 1, two: int = 2, at: Sequence[float] = (0, 10, 20, 30, 40)) -> list[Op]:
    """A write, another without an answer, and a read that does not find it."""
    return [w(one, *at[:2]), w(two, at[2], None), r(one, *at[3:])]


def read_twice(one: int = 1, at: Sequence[float] = (0, 5, 10, 30, 35, 40)) -> list[Op]:
    """A write that is read while it is under way, and again afterwards."""
    return [w(one, at[0], at[3]), r(one, *at[1:3]), r(one, *at[4:])]


PLAIN, OPEN, TWICE = plain(), with_open(), read_twice()


def left_out_or_twice(chance: Random) -> Iterator[Case]:
    """Orders that lack an operation, or have one twice: each at times, and with values, of its own."""

    def times(number: int) -> list[int]:
        return sorted(chance.sample(range(200), number))

    def lone() -> list[Op]:
        return [w(chance.randrange(1, 50), chance.randrange(200), None)]

    def two() -> tuple[int, int]:
        one, other = chance.sample(range(1, 50), 2)
        return one, other

    yield from ((plain(*two(), at=times(6)), order) for order in ([2], [], [0, 1, 2]))
    yield from ((with_open(*two(), at=times(5)), order) for order in ([], [0, 2], [0, 2, 1]))
    yield from ((lone(), order) for order in ([], [0], [0, 0]))
    orders_of_three = ([0, 1], [0, 2], [0, 1, 1, 2], [0, 2, 1], [0, 1, 2])
    yield from ((read_twice(chance.randrange(1, 50), times(6)), order) for order in orders_of_three)
    yield [], []
    yield from (([r(0, *times(2))], order) for order in ([0], []))
