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


def stale_reads(history: Sequence[Op], before: Before = over_before, *, listed: bool = False) -> list[int]:
    """The places of the reads that found less than what had been written ``before`` them; values only grow.

    With ``listed`` only writes that stand before the read in the list are looked at.
    """

    def is_stale(place: int, read: Op) -> bool:
        looked_at = history[:place] if listed else history
        return any(o.kind == "write" and o.value > read.value and before(o, read) for o in looked_at)

    return [place for place, o in enumerate(history) if o.kind == "read" and is_stale(place, o)]


def explains(
    history: Sequence[Op],
    order: Sequence[int],
    before: Before = over_before,
    *,
    whole: bool = True,
    once: bool = True,
    answers: bool = True,
    far: bool = True,
    unheard: bool = False,
) -> bool:
    """Whether the operations, done in this order, explain every answer.

    Without ``far`` only neighbours in the order are compared in time; with ``unheard`` reads without an answer must fit too.
    """
    chosen = [history[place] for place in order]
    if once and len(set(order)) < len(order):
        return False
    if whole and any(o.returned is not None and place not in order for place, o in enumerate(history)):
        return False
    after = [chosen[i + 1 :] if far else chosen[i + 1 : i + 2] for i in range(len(chosen))]
    if any(before(later, sooner) for sooner, rest in zip(chosen, after, strict=True) for later in rest):
        return False
    value = 0
    for o in chosen:
        if o.kind == "write":
            value = o.value
        elif answers and (unheard or o.returned is not None) and o.value != value:
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


def run_of_events(
    chance: Random, clients: int, length: int, *, unknown: float = 0.2, values: int | None = None
) -> list[Op]:
    """A legal history: each operation takes effect at a moment between its call and its return, or never.

    It is in no particular order. Every write has a value of its own, or one of 1 to ``values``.
    """
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
                    chance.randrange(values) + 1 if values else value,
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
    return shuffled(chance, history)


def shuffled(chance: Random, history: Sequence[Op]) -> list[Op]:
    """The same operations in no particular order."""
    return chance.sample(history, len(history))


def one_writer(chance: Random) -> list[Op]:
    """Writes of 1, 2, 3, … one after the other by one client, and reads of others that find an old or the newest value; in no
    particular order.
    """
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
    return shuffled(chance, writes + reads)


def orders(chance: Random) -> Iterator[Case]:
    """Histories with an order that explains them, and with orders that nearly do."""
    for k in range(14):
        history = run_of_events(chance, 3, 2, values=3 if k % 2 else None)
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
    for k in range(25):
        history = run_of_events(chance, chance.choice([2, 3]), 2, unknown=0.4, values=2 if k % 3 else None)
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


def overlapped(values: Sequence[int] = (1, 2, 3), at: Sequence[float] = (0, 5, 10, 20, 25, 30)) -> list[Op]:
    """A write, another after it, and a third that is under way during some of both."""
    return [w(values[0], at[0], at[2]), w(values[1], at[3], at[5]), w(values[2], at[1], at[4])]


def same_again(one: int = 1, two: int = 2, at: Sequence[float] = (0, 10, 12, 15, 20, 30, 40, 50)) -> list[Op]:
    """A write that is read, another, and a write of the first value once more."""
    return [w(one, *at[:2]), r(one, *at[2:4]), w(two, *at[4:6]), w(one, *at[6:])]


def unheard(one: int = 1, two: int = 2, at: Sequence[float] = (0, 10, 20, 30)) -> list[Op]:
    """A write, and after it a read and another write, which have no answer."""
    return [w(one, *at[:2]), r(0, at[2], None), w(two, at[3], None)]


PLAIN, OPEN, TWICE = plain(), with_open(), read_twice()
OVERLAPPED, AGAIN, UNHEARD = overlapped(), same_again(), unheard()


def times(chance: Random, number: int) -> list[int]:
    """So many different moments, in their order."""
    return sorted(chance.sample(range(200), number))


def two_values(chance: Random) -> tuple[int, int]:
    """Two different values."""
    one, other = chance.sample(range(1, 50), 2)
    return one, other


def far_apart_or_unheard(chance: Random) -> Iterator[Case]:
    """Orders in which not neighbours, but others, stand against the times; without answers; with one value written twice."""
    for order in ([1, 2, 0], [0, 2, 1], [2, 0, 1], [0, 1, 2], [1, 0, 2]):
        yield overlapped(chance.sample(range(1, 50), 3), times(chance, 6)), order
    for order in ([0], [0, 1], [1, 0], [0, 2], [2, 0], [0, 1, 2], [0, 2, 1]):
        yield unheard(*two_values(chance), at=times(chance, 4)), order
    for order in ([0, 1, 2, 3], [0, 1, 3, 2], [0, 2, 1, 3]):
        yield same_again(*two_values(chance), at=times(chance, 8)), order


def read_after(history: list[Op], chance: Random) -> Case:
    """One more read, when all that was answered is over."""
    begun = max(o.returned or 0 for o in history) + chance.randrange(1, 9)
    return history, begun, begun + chance.randrange(1, 9)


def written_again(chance: Random) -> list[Case]:
    """A further read where one value was written twice."""
    return [
        read_after(shuffled(chance, same_again(*two_values(chance), at=times(chance, 8))), chance)
        for _ in range(2)
    ]


def touching_writes(chance: Random) -> Case:
    """A further read after two writes of which one begins as the other ends."""
    one, other = two_values(chance)
    begun, turn, ended = times(chance, 3)
    return read_after([w(other, turn, ended), w(one, begun, turn)], chance)


def told_by_a_read(chance: Random) -> Case:
    """A further read at the time of another, which tells how two writes at the same time ended."""
    one, other = two_values(chance)
    at = times(chance, 8)
    return (
        shuffled(chance, [w(one, at[0], at[2]), w(other, at[1], at[3]), r(one, at[4], at[6])]),
        at[5],
        at[7],
    )


def seen_and_overwritten(chance: Random) -> Case:
    """A further read after an unanswered write that was read, and another write."""
    one, other = two_values(chance)
    at = times(chance, 5)
    return read_after(shuffled(chance, [w(one, at[0], None), r(one, *at[1:3]), w(other, *at[3:])]), chance)


def again_unheard(chance: Random) -> list[Case]:
    """The same with the second writing of the value not answered."""
    cases = []
    for _ in range(2):
        *before, last = same_again(*two_values(chance), at=times(chance, 8))
        cases.append(read_after([last._replace(returned=None), *before], chance))
    return cases


def left_out_or_twice(chance: Random) -> Iterator[Case]:
    """Orders that lack an operation, or have one twice: each at times, and with values, of its own."""

    def lone() -> list[Op]:
        return [w(chance.randrange(1, 50), chance.randrange(200), None)]

    yield from ((plain(*two_values(chance), at=times(chance, 6)), order) for order in ([2], [], [0, 1, 2]))
    yield from (
        (with_open(*two_values(chance), at=times(chance, 5)), order) for order in ([], [0, 2], [0, 2, 1])
    )
    yield from ((lone(), order) for order in ([], [0], [0, 0]))
    orders_of_three = ([0, 1], [0, 2], [0, 1, 1, 2], [0, 2, 1], [0, 1, 2])
    yield from ((read_twice(chance.randrange(1, 50), times(chance, 6)), order) for order in orders_of_three)
    yield [], []
    yield from (([r(0, *times(chance, 2))], order) for order in ([0], []))
