"""The grader's half of the lab *judging histories*: what is asked, and the right answers.

An operation is a map with the keys ``kind`` ("read" or "write"), ``value``, ``invoked`` and ``returned`` (ms; None if no answer came).
All are on one register, which begins as 0.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.grading.lab import Case, GradedTask, Lab, Part

Op = dict[str, Any]
Before = Callable[[Op, Op], bool]
HALF = "quorumlab.course.labs.judging_histories:"


def op(kind: str, value: int, invoked: float, returned: float | None) -> Op:
    """One operation of one client, as it saw it."""
    return {"kind": kind, "value": value, "invoked": invoked, "returned": returned}


def w(value: int, invoked: float, returned: float | None) -> Op:
    """A write."""
    return op("write", value, invoked, returned)


def r(value: int, invoked: float, returned: float | None) -> Op:
    """A read and what it found."""
    return op("read", value, invoked, returned)


def over_before(one: Op, other: Op) -> bool:
    """Whether one was over before the other was called."""
    return one["returned"] is not None and one["returned"] < other["invoked"]


def begun_before(one: Op, other: Op) -> bool:
    """Whether one was called before the other was."""
    return bool(one["invoked"] < other["invoked"])


def touching_too(one: Op, other: Op) -> bool:
    """As ``over_before``, also where the one ends at the moment the other begins."""
    return one["returned"] is not None and one["returned"] <= other["invoked"]


def unknown_too(one: Op, other: Op) -> bool:
    """As ``over_before``, with an operation without an answer over at its call."""
    ended = one["invoked"] if one["returned"] is None else one["returned"]
    return bool(ended < other["invoked"])


def stale_reads(history: Sequence[Op], before: Before = over_before) -> list[int]:
    """The places of the reads that found less than what had been written ``before`` them; values only grow."""
    return [
        place
        for place, read in enumerate(history)
        if read["kind"] == "read"
        and any(o["kind"] == "write" and o["value"] > read["value"] and before(o, read) for o in history)
    ]


def explains(
    history: Sequence[Op], order: Sequence[int], before: Before = over_before, *, whole: bool = True, once: bool = True, answers: bool = True
) -> bool:  # fmt: skip
    """Whether the operations, done in this order, explain every answer."""
    chosen = [history[place] for place in order]
    if once and len(set(order)) < len(order):
        return False
    if whole and any(o["returned"] is not None and place not in order for place, o in enumerate(history)):
        return False
    if any(before(later, sooner) for i, sooner in enumerate(chosen) for later in chosen[i + 1 :]):
        return False
    value = 0
    for o in chosen:
        if o["kind"] == "write":
            value = o["value"]
        elif answers and o["returned"] is not None and o["value"] != value:
            return False
    return True


def could_read(
    history: Sequence[Op], invoked: float, returned: float, before: Before = over_before, *, unknown: str = "maybe"
) -> list[int]:  # fmt: skip
    """What a further read between these times could find, by trying every legal order. ``unknown`` writes happen "maybe", "never"
    or "surely".
    """
    new = r(-1, invoked, returned)
    ops = [
        o
        for o in [*history, new]
        if o["returned"] is not None or (o["kind"] == "write" and unknown != "never")
    ]
    found: set[int] = set()
    seen: set[tuple[frozenset[int], int, int]] = set()

    def go(left: frozenset[int], value: int, given: int) -> None:
        if (left, value, given) in seen:
            return
        seen.add((left, value, given))
        if given >= 0 and all(ops[i]["returned"] is None and unknown == "maybe" for i in left):
            found.add(given)
        for i in left:
            o = ops[i]
            if any(before(ops[j], o) for j in left if j != i):
                continue
            if o is new:
                go(left - {i}, value, value)
            elif o["kind"] == "write":
                go(left - {i}, o["value"], given)
            elif o["value"] == value:
                go(left - {i}, value, given)

    go(frozenset(range(len(ops))), 0, -1)
    return sorted(found)


def last_writes(history: Sequence[Op], invoked: float, returned: float) -> list[int]:
    """The value written last before the read is called, and those of the writes that are under way meanwhile: reads are not looked at."""
    writes = [o for o in history if o["kind"] == "write"]
    done = [o for o in writes if over_before(o, r(0, invoked, returned))]
    going = [o["value"] for o in writes if o not in done and o["invoked"] <= returned]
    newest = max(done, key=lambda o: o["returned"], default=w(0, 0, 0))["value"]
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
    return sorted(history, key=lambda o: o["invoked"])  # type: ignore[no-any-return]


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
        called = [o["value"] for o in writes if o["invoked"] <= begun + 3]
        reads.append(
            r(
                max(0, max(called, default=0) - chance.choice([0, 0, 0, 1, 1, 2])),
                begun,
                begun + chance.randrange(3, 9),
            )
        )
    return sorted(writes + reads, key=lambda o: o["invoked"])  # type: ignore[no-any-return]


def orders(chance: Random) -> Iterator[Case]:
    """Histories with an order that explains them, and with orders that nearly do."""
    for _ in range(14):
        history = run_of_events(chance, 3, 2)
        known = [i for i, o in enumerate(history) if o["returned"] is not None]
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
        if all(history[i]["returned"] is None for i in left):
            yield order
        for i in left:
            o = history[i]
            if any(over_before(history[j], o) for j in left if j != i):
                continue
            if o["kind"] == "write":
                yield from go([*order, i], o["value"])
            elif o["value"] == value:
                yield from go([*order, i], value)

    yield from go([], 0)


def further_reads(chance: Random) -> Iterator[Case]:
    """Legal histories, each with the times of one more read."""
    for _ in range(25):
        history = run_of_events(chance, chance.choice([2, 3]), 2, unknown=0.4)
        begun = chance.randrange(0, 90)
        yield history, begun, begun + chance.randrange(1, 25)


PLAIN = [w(1, 0, 10), r(1, 20, 30), w(2, 40, 60)]
OPEN = [w(1, 0, 10), w(2, 20, None), r(1, 30, 40)]
TWICE = [w(1, 0, 30), r(1, 5, 10), r(1, 35, 40)]

BEFORE = GradedTask(
    id="came-before",
    title="Before, or at the same time",
    function="came_before",
    parameters=("one", "other"),
    visible=tuple((w(1, *a), r(1, *b)) for a, b in (((0, 10), (20, 30)), ((0, 25), (20, 30)), ((20, 30), (0, 10)), ((0, 20), (20, 30)), ((0, None), (20, 30)), ((5, 10), (0, 12)), ((0, 10), (20, None)))),
    parts=(
        Part("both answered", 1, lambda chance: [(w(1, 0, 9), r(1, 9, 12)), (w(1, 0, 9), r(1, 9.5, 12)), *((w(1, a, a + d), r(1, b, b + e)) for a, b, d, e in (tuple(chance.randrange(0 if i < 2 else 1, 12) for i in range(4)) for _ in range(40)))]),
        Part("without an answer", 1, lambda chance: [(w(1, a, None if k % 2 else a + 5), r(1, b, None if k % 3 else b + 5)) for k in range(24) for a, b in [(chance.randrange(0, 30), chance.randrange(0, 30))]]),
    ),
    reference=over_before,
    misconceptions=(
        Misconception("called before", begun_before, "You compare the calls; what counts is whether the one was over when the other was called."),
        Misconception("touching counts", touching_too, "Where one ends at the very moment the other begins, nobody can tell; only strictly before counts."),
        Misconception("unknown is over", unknown_too, "An operation without an answer is never known to be over: it may still happen later."),
        Misconception("returned before", lambda one, other: one["returned"] is not None and (other["returned"] is None or one["returned"] < other["returned"]), "You compare the returns; the two may have been under way at the same time."),
    ),
    hints=("Draw both as bars on a line of time. When is there no moment in which both were under way?", "One is over before the other if its return is known and smaller than the other's call."),
    praise="Only what is over before the other begins has an order that everybody must respect.",
)  # fmt: skip

STALE = GradedTask(
    id="stale-reads",
    title="Stale reads",
    function="stale_reads",
    parameters=("history",),
    visible=(([w(1, 0, 10), r(0, 20, 30)],), ([w(1, 0, 10), r(0, 5, 30)],), ([w(1, 0, 10), w(2, 15, 25), r(1, 20, 22), r(1, 30, 35), r(2, 40, 41)],), ([w(1, 0, 10), w(2, 12, None), r(1, 30, 40)],), ([w(1, 0, 10), r(0, 10, 20)],), ([r(0, 0, 5), w(1, 6, 20), r(0, 10, 40)],)),
    parts=(
        Part("few clients", 1, lambda chance: [([r(0, 0, 3), w(1, 4, 6)],), ([w(1, 0, 4), r(0, 4, 9), r(0, 5, 9)],), *((one_writer(chance),) for _ in range(12))]),
        Part("many reads", 2, lambda chance: [(one_writer(chance),) for _ in range(40)]),
    ),
    reference=stale_reads,
    misconceptions=(
        Misconception("begun is done", lambda h: stale_reads(h, begun_before), "A write that is still under way when a read is called may be found or not; both are right."),
        Misconception("touching counts", lambda h: stale_reads(h, touching_too), "A write that ends at the very moment a read is called counts as at the same time."),
        Misconception("unknown is done", lambda h: stale_reads(h, unknown_too), "A write without an answer may not have happened, so a read need not find it."),
        Misconception("whatever is overwritten", lambda h: stale_reads(h, lambda one, other: one["returned"] is not None and one["returned"] <= other["returned"]), "A write that ends while the read is under way may come after it; look at the read's call, not its return."),
        Misconception("values", lambda h: [h[i]["value"] for i in stale_reads(h)], "You give what the stale reads found; the question is where in the list they stand, counted from 0."),
    ),
    hints=("Which writes were over before a read was called? It must have found the newest of them, or something newer still.", "Your function of task 1 answers the first part; the values grow, so newer is larger."),
    praise="A read is stale only against what was over before it began; everything else may be told either way.",
)  # fmt: skip

EXPLAINS = GradedTask(
    id="explains",
    title="An order that explains it",
    function="explains",
    parameters=("history", "order"),
    visible=((PLAIN, [0, 1, 2]), (PLAIN, [0, 2, 1]), (PLAIN, [0, 1]), (OPEN, [0, 2]), (OPEN, [0, 2, 1]), (OPEN, [0, 1, 2]), (TWICE, [0, 1, 2]), (TWICE, [1, 0, 2]), ([w(1, 0, 10), r(1, 5, 12), w(1, 20, 30)], [2, 1, 0]), (PLAIN, [0, 1, 2, 2]), ([w(1, 0, 10), r(0, 10, 20)], [1, 0])),
    parts=(
        Part("right orders and wrong ones", 2, lambda chance: list(orders(chance))),
        Part("operations left out or named twice", 1, lambda chance: [(PLAIN, [2]), (PLAIN, []), (OPEN, []), ([w(1, 3, None)], []), ([w(1, 3, None)], [0]), ([w(1, 3, None)], [0, 0]), (TWICE, [0, 1]), (TWICE, [0, 2]), (TWICE, [0, 1, 1, 2]), (TWICE, [0, 2, 1]), ([], []), ([r(0, 1, 2)], [0]), ([r(0, 1, 2)], [])]),
        Part("ends that touch", 1, lambda chance: [(h, o) for t in chance.sample(range(5, 90), 5) for h in ([w(1, 0, t), r(0, t, t + 5)], [w(1, 0, t), r(0, t + 1, t + 5)]) for o in ([1, 0], [0, 1])]),
    ),
    reference=explains,
    misconceptions=(
        Misconception("times forgotten", lambda h, o: explains(h, o, lambda *_: False), "The answers fit your order, but it may not put an operation before one that was over when it was called."),
        Misconception("answers forgotten", lambda h, o: explains(h, o, answers=False), "The order fits the times, but each read must also find what was last written before it in the order."),
        Misconception("anything may be left out", lambda h, o: explains(h, o, whole=False), "Only an operation without an answer may be left out: what was answered has happened."),
        Misconception("nothing may be left out", lambda h, o: explains(h, o) and len(o) == len(h), "An operation without an answer may never have happened, so the order may leave it out."),
        Misconception("in order of the calls", lambda h, o: explains(h, o, begun_before), "Operations that were under way at the same time may stand in any order, also against that of their calls."),
        Misconception("twice is fine", lambda h, o: explains(h, o, once=False), "Each operation happens once, so it stands in the order at most once."),
        Misconception("touching is before", lambda h, o: explains(h, o, touching_too), "Where one ends at the very moment the other begins, both orders are allowed."),
    ),
    hints=("There are four things to check: nothing twice, nothing missing that was answered, no order against the times, and every read.", "Go through the order with one variable that holds what the register has; it begins as 0."),
    praise="You have written the judge's last step: to check an explanation is easy, to find one is the hard part.",
    seconds=20,
)  # fmt: skip

COULD_READ = GradedTask(
    id="could-read",
    title="What may the next read find?",
    function="could_read",
    parameters=("history", "invoked", "returned"),
    visible=((PLAIN, 70, 80), (PLAIN, 50, 55), (OPEN, 50, 60), ([w(1, 0, 10), w(2, 0, 10)], 20, 30), ([w(1, 0, 10), w(2, 0, 10), r(1, 20, 25)], 30, 40), ([w(1, 5, None)], 0, 3), ([w(1, 0, 100), r(1, 10, 20)], 30, 40), ([], 0, 1), ([w(1, 0, 10)], 10, 20), ([w(1, 0, 10), w(2, 20, None), w(3, 30, 40)], 50, 60)),
    parts=(
        Part("every call answered", 2, lambda chance: [(h, a, b) for h, a, b in further_reads(chance) if all(o["returned"] is not None for o in h)] + [([w(1, 0, 50), w(2, 10, 20), r(1, 25, 30)], 35, 40), ([w(1, 0, 50), w(2, 10, 20), r(2, 25, 30)], 35, 40), ([w(2, 0, 9), w(1, 0, 9), r(2, 1, 5)], 12, 13), ([w(1, 0, 9)], 9, 10), ([r(0, 0, 5)], 0, 9)]),
        Part("some without an answer", 2, lambda chance: [([w(1, 0, None), r(1, 5, 10)], 20, 30), ([w(1, 0, None), w(2, 5, 9), r(1, 10, 12)], 20, 30), ([w(1, 9, None)], 5, 9), *(c for c in further_reads(chance) if any(o["returned"] is None for o in c[0]))]),
    ),
    reference=could_read,
    misconceptions=(
        Misconception("reads not looked at", last_writes, "You look at the writes alone; a read that found a value tells which of them had happened by then."),
        Misconception("unknown never happens", lambda h, a, b: could_read(h, a, b, unknown="never"), "A write without an answer may have happened, or may happen later, so the read may find it."),
        Misconception("unknown is done", lambda h, a, b: could_read(h, a, b, unknown_too, unknown="surely"), "A write without an answer may never happen, or only later; the read need not find it."),
        Misconception("touching is before", lambda h, a, b: could_read(h, a, b, touching_too), "What ends at the very moment the read is called is at the same time as the read, so the read may come before it."),
        Misconception("in order of the calls", lambda h, a, b: could_read(h, a, b, begun_before), "Operations that are under way at the same time may happen in either order, whichever was called first."),
        Misconception("only the last write", lambda h, a, b: [max((o for o in h if o["kind"] == "write"), key=lambda o: o["invoked"], default=w(0, 0, 0))["value"]], "A register holds what was written last, but clients at the same time do not know which that is; several answers may be right."),
    ),
    hints=("Try every value that anybody wrote, and 0: is there an order of all operations and this read that explains every answer?", "itertools.permutations lists the orders, and your function of task 3 checks one. Leave out unknown writes in every way too."),
    praise="You have written a judge that searches: it is what the course's own does, with a better memory.",
    seconds=60,
)  # fmt: skip


def hunt_half(cluster: Any) -> None:
    """The leader alone writes one thing, the others another."""
    cluster.partition({"etcd-1"})
    cluster.submit("write", "x", "1", via="etcd-1")


def hunt_reads(cluster: Any) -> None:
    """The old leader is asked after something was written elsewhere."""
    cluster.partition({"etcd-1"})
    cluster.run_for(4)
    cluster.put("x", "1", via="etcd-2")
    cluster.get("x", via="etcd-1")


def hunt_logs(cluster: Any) -> None:
    """The member that lacks a write begins to wait a second before the one that votes; again if that was not enough."""
    for _ in range(6):
        cluster.crash("etcd-3")
        cluster.put("x", "1")
        cluster.crash("etcd-1", "etcd-2")
        cluster.restart("etcd-3")
        cluster.run_for(0.95)
        cluster.restart("etcd-2")
        cluster.run_for(3)
        cluster.restart("etcd-1")
        cluster.run_for(1)


def hunt_learners(cluster: Any) -> None:
    """The leader is left with the learner, and writes."""
    cluster.run_for(6)
    cluster.add_learner("etcd-4")
    cluster.run_for(1)
    cluster.partition({"etcd-1", "etcd-4"})
    cluster.submit("write", "x", "1", via="etcd-1")


def hunting(
    id: str,
    title: str,
    answer: Callable[[Any], None],
    prey: str,
    points: float,
    praise: str,
    hints: tuple[str, ...],
) -> GradedTask:
    """A hunt for one planted fault, in worlds that differ by a seed. No schedule is expected: each is played."""

    def worlds(number: int) -> Callable[[Random], Iterable[Case]]:
        return lambda chance: [(prey, seed) for seed in chance.sample(range(100, 100_000), number)]

    return GradedTask(
        id=id, title=title, function=answer.__name__, parameters=("prey", "seed"), visible=((prey, 7), (prey, 8), (prey, 9)),
        parts=(Part("a few worlds", points / 2, worlds(5)), Part("a dozen worlds more", points / 2, worlds(12))),
        reference=lambda prey, seed: None, praise=praise, hints=hints,
        call=f"{HALF}recorded", fault=f"{HALF}schedule_fault", board=len, seconds=40,
    )  # fmt: skip


HUNTS = (
    hunting(
        "hunt-half", "Half is enough", hunt_half, "half-is-enough", 2,
        "Two sides that each take themselves for the cluster write two different things in one place.",
        ("With three members, half rounded down is one. Who could then write alone?", "Separate the leader from the others, and ask it to write."),
    ),
    hunting(
        "hunt-reads", "A leader that never asks", hunt_reads, "never-asks", 3,
        "A leader may have been replaced without knowing; only asking the others would have told it.",
        ("The old leader must be replaced without hearing of it, and something must have been written since.", "Cut it off, let the others elect a leader, write there, then read from the old one."),
    ),
    hunting(
        "hunt-logs", "Any log will do", hunt_logs, "any-log-will-do", 4,
        "A member without a committed entry must never win; the vote is where that is decided.",
        ("Keep one member away while something is committed. Then it must win an election; who must not be there, and who must?",
         "A member draws its timeout of one to two seconds when it starts: let the one that lacks the write wait a second longer than the one whose vote it needs. If it loses, do it all again."),
    ),
    hunting(
        "hunt-learners", "Learners that count", hunt_learners, "counts-learners", 4,
        "A learner's copy keeps the data and guards nothing: the voters that elect the next leader do not ask it.",
        ("First a learner is needed, which the cluster allows once it has run for five seconds.", "Leave the leader alone with the learner, and write there; then give the others time."),
    ),
)  # fmt: skip

LAB = Lab("judging-histories", "Judging histories", (BEFORE, STALE, EXPLAINS, COULD_READ, *HUNTS))
