"""The grader's half of the lab *judging histories*: what is asked, and the right answers.

An operation is an ``Op``, in a case the list of its kind ("read" or "write"), value, call and return (ms; None if no answer came). All
are on one register, which begins as 0.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.course.labs.judging_histories import operations
from quorumlab.grading.histories import (
    AGAIN,
    OPEN,
    OVERLAPPED,
    PLAIN,
    TWICE,
    UNHEARD,
    again_unheard,
    begun_before,
    could_read,
    explains,
    far_apart_or_unheard,
    further_reads,
    last_writes,
    left_out_or_twice,
    one_writer,
    orders,
    over_before,
    r,
    seen_and_overwritten,
    stale_reads,
    told_by_a_read,
    touching_too,
    touching_writes,
    unknown_too,
    w,
    written_again,
)
from quorumlab.grading.lab import Case, GradedTask, Lab, Part

HALF = "quorumlab.course.labs.judging_histories:"


def plain(value: Any) -> Any:
    """The same with operations as lists, as JSON has them."""
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def told(task: GradedTask) -> GradedTask:
    """A task on operations, as it is kept and sent: its cases hold lists, which become operations where somebody answers."""

    def on_operations(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *case: function(*(operations(value) for value in case))

    def in_lists(cases: Callable[[Random], Iterable[Case]]) -> Callable[[Random], Iterable[Case]]:
        return lambda chance: [tuple(plain(case)) for case in cases(chance)]

    return replace(
        task,
        visible=tuple(tuple(plain(case)) for case in task.visible_of({})),
        parts=tuple(Part(part.name, part.points, in_lists(part.cases)) for part in task.parts),
        reference=on_operations(task.reference),
        misconceptions=tuple(replace(m, wrong=on_operations(m.wrong)) for m in task.misconceptions),
        call=f"{HALF}with_operations",
    )


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
        Misconception("returned before", lambda one, other: one.returned is not None and (other.returned is None or one.returned < other.returned), "You compare the returns; the two may have been under way at the same time."),
    ),
    hints=("Draw both as bars on a line of time. When is there no moment in which both were under way?", "One is over before the other if its return is known and smaller than the other's call."),
    praise="Only what is over before the other begins has an order that everybody must respect.",
)  # fmt: skip

STALE = GradedTask(
    id="stale-reads",
    title="Stale reads",
    function="stale_reads",
    parameters=("history",),
    visible=(([w(1, 0, 10), r(0, 20, 30)],), ([w(1, 0, 10), r(0, 5, 30)],), ([w(1, 0, 10), w(2, 15, 25), r(1, 20, 22), r(1, 30, 35), r(2, 40, 41)],), ([w(1, 0, 10), w(2, 12, None), r(1, 30, 40)],), ([w(1, 0, 10), r(0, 10, 20)],), ([r(0, 0, 5), w(1, 6, 20), r(0, 10, 40)],), ([r(1, 40, 50), w(2, 20, 30), r(0, 5, 8), w(1, 0, 10)],)),
    parts=(
        Part("few clients", 1, lambda chance: [([r(0, 0, 3), w(1, 4, 6)],), ([w(1, 0, 4), r(0, 4, 9), r(0, 5, 9)],), *((one_writer(chance),) for _ in range(12))]),
        Part("many reads", 2, lambda chance: [(one_writer(chance),) for _ in range(40)]),
    ),
    reference=stale_reads,
    misconceptions=(
        Misconception("begun is done", lambda h: stale_reads(h, begun_before), "A write that is still under way when a read is called may be found or not; both are right."),
        Misconception("touching counts", lambda h: stale_reads(h, touching_too), "A write that ends at the very moment a read is called counts as at the same time."),
        Misconception("unknown is done", lambda h: stale_reads(h, unknown_too), "A write without an answer may not have happened, so a read need not find it."),
        Misconception("whatever is overwritten", lambda h: stale_reads(h, lambda one, other: one.returned is not None and one.returned <= (other.returned or 0)), "A write that ends while the read is under way may come after it; look at the read's call, not its return."),
        Misconception("in the list's order", lambda h: stale_reads(h, listed=True), "The list is in no particular order: a write that was over before the read may stand after it."),
        Misconception("values", lambda h: [h[i].value for i in stale_reads(h)], "You give what the stale reads found; the question is where in the list they stand, counted from 0."),
    ),
    hints=("Which writes were over before a read was called? It must have found the newest of them, or something newer still.", "Your function of task 1 answers the first part; the values grow, so newer is larger."),
    praise="A read is stale only against what was over before it began; everything else may be told either way.",
)  # fmt: skip

EXPLAINS = GradedTask(
    id="explains",
    title="An order that explains it",
    function="explains",
    parameters=("history", "order"),
    visible=((PLAIN, [0, 1, 2]), (PLAIN, [0, 2, 1]), (PLAIN, [0, 1]), (OPEN, [0, 2]), (OPEN, [0, 2, 1]), (OPEN, [0, 1, 2]), (TWICE, [0, 1, 2]), (TWICE, [1, 0, 2]), ([w(1, 0, 10), r(1, 5, 12), w(1, 20, 30)], [2, 1, 0]), (PLAIN, [0, 1, 2, 2]), ([w(1, 0, 10), r(0, 10, 20)], [1, 0]), (OVERLAPPED, [0, 2, 1]), (OVERLAPPED, [1, 2, 0]), (AGAIN, [0, 1, 2, 3]), (UNHEARD, [0, 1, 2]), (UNHEARD, [2, 0])),
    parts=(
        Part("right orders and wrong ones", 2, lambda chance: [*orders(chance), *far_apart_or_unheard(chance)]),
        Part("operations left out or named twice", 1, left_out_or_twice),
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
        Misconception("neighbours only", lambda h, o: explains(h, o, far=False), "You compare the times of neighbours in the order; one that stands further on may also have been over too early."),
        Misconception("unanswered reads", lambda h, o: explains(h, o, unheard=True), "A read without an answer has found nothing that could be wrong; whatever the register holds fits."),
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
    visible=((PLAIN, 70, 80), (PLAIN, 50, 55), (OPEN, 50, 60), ([w(1, 0, 10), w(2, 0, 10)], 20, 30), ([w(1, 0, 10), w(2, 0, 10), r(1, 20, 25)], 30, 40), ([w(1, 5, None)], 0, 3), ([w(1, 0, 100), r(1, 10, 20)], 30, 40), ([], 0, 1), ([w(1, 0, 10)], 10, 20), ([w(1, 0, 10)], 11, 20), ([w(1, 0, 10), w(2, 12, 15)], 11, 20), ([w(1, 0, 9), w(2, 10, None)], 10, 20), ([w(1, 0, 5), w(2, 20, 30)], 10, 19), ([w(1, 0, 10), w(2, 20, None), w(3, 30, 40)], 50, 60), (AGAIN, 60, 70), ([w(1, 0, None), r(1, 5, 10), w(2, 20, 30)], 40, 50)),
    parts=(
        Part("every call answered", 2, lambda chance: [(h, a, b) for h, a, b in further_reads(chance) if all(o.returned is not None for o in h)] + [([w(1, 0, 50), w(2, 10, 20), r(1, 25, 30)], 35, 40), ([w(1, 0, 50), w(2, 10, 20), r(2, 25, 30)], 35, 40), ([w(2, 0, 9), w(1, 0, 9), r(2, 1, 5)], 12, 13), ([w(1, 0, 9)], 9, 10), ([w(1, 0, 9)], 10, 11), ([w(1, 0, 5), w(2, 9, 12)], 6, 8), ([r(0, 0, 5)], 0, 9)] + [*written_again(chance), touching_writes(chance), *(told_by_a_read(chance) for _ in range(2))]),
        Part("some without an answer", 2, lambda chance: [([w(1, 0, None), r(1, 5, 10)], 20, 30), ([w(1, 0, None), w(2, 5, 9), r(1, 10, 12)], 20, 30), ([w(1, 9, None)], 5, 9), ([w(1, 9, None)], 5, 8), ([w(1, 0, 4), w(2, 1, None)], 5, 6), *again_unheard(chance), *(seen_and_overwritten(chance) for _ in range(2)), *(c for c in further_reads(chance) if any(o.returned is None for o in c[0]))]),
    ),
    reference=could_read,
    misconceptions=(
        Misconception("reads not looked at", last_writes, "You look at the writes alone; a read that found a value tells which of them had happened by then."),
        Misconception("unknown never happens", lambda h, a, b: could_read(h, a, b, unknown="never"), "A write without an answer may have happened, or may happen later, so the read may find it."),
        Misconception("unknown is done", lambda h, a, b: could_read(h, a, b, unknown_too, unknown="surely"), "A write without an answer may never happen, or only later; the read need not find it."),
        Misconception("touching is before", lambda h, a, b: could_read(h, a, b, touching_too), "What ends at the very moment the read is called is at the same time as the read, so the read may come before it."),
        Misconception("in order of the calls", lambda h, a, b: could_read(h, a, b, begun_before), "Operations that are under way at the same time may happen in either order, whichever was called first."),
        Misconception("only the last write", lambda h, a, b: [max((o for o in h if o.kind == "write"), key=lambda o: o.invoked, default=w(0, 0, 0)).value], "A register holds what was written last, but clients at the same time do not know which that is; several answers may be right."),
    ),
    hints=("Try every value that anybody wrote, and 0: is there an order of all operations and this read that explains every answer?", "itertools.permutations lists the orders, and your function of task 3 checks one. Leave out unknown writes in every way too."),
    praise="You give every value that some order explains. The course's own judge searches in the same way, with a better memory.",
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
         "A member draws its timeout of one to two seconds when it starts: start the one that lacks the write a second before the one whose vote it needs. If it loses, do it all again."),
    ),
    hunting(
        "hunt-learners", "Learners that count", hunt_learners, "counts-learners", 4,
        "A learner's copy keeps the data and guards nothing: the voters that elect the next leader do not ask it.",
        ("First a learner is needed; adding it takes until the cluster has run for five seconds.", "Leave the leader alone with the learner, and write there; then give the others time."),
    ),
)  # fmt: skip

LAB = Lab(
    "judging-histories", "Judging histories", (*map(told, (BEFORE, STALE, EXPLAINS, COULD_READ)), *HUNTS)
)
