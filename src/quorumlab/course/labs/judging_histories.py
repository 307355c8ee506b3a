"""The student's half of the lab *judging histories*: the members to hunt, and what is said of a schedule that does not catch them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from quorumlab.arguments import shown
from quorumlab.course.labs.hunting import Clue, Prey, Step, hunt, played, watched
from quorumlab.course.labs.planted import AnyLogWillDo, CountsLearners, HalfIsEnough, NeverAsks
from quorumlab.simulation import SimulatedCluster
from quorumlab.words import listed

__all__ = ["PREY", "Op", "operations", "recorded", "schedule_fault", "watch", "with_operations"]


class Op(NamedTuple):
    """What one client did, and what it saw: ``kind`` "write" or "read", the ``value`` written or found, when it was ``invoked`` and
    when it ``returned`` (ms; None if no answer came).
    """

    kind: str
    value: int
    invoked: float
    returned: float | None


def operations(value: Any) -> Any:
    """The same, with each list such as ``["write", 1, 0, 10]`` as an ``Op``."""
    if not isinstance(value, list | tuple):
        return value
    if len(value) == len(Op._fields) and value[0] in ("write", "read"):
        return Op(*value)
    return [operations(each) for each in value]


def with_operations(function: Callable[..., Any], *case: Any) -> Any:
    """What a function answers that is given operations."""
    return function(*(operations(value) for value in case))


def recorded(schedule: Callable[[Any], object], prey: str, seed: int) -> list[list[Any]]:
    """The schedule that a student's function plays on broken members."""
    return played(schedule, PREY[prey], seed)


def watch(schedule: Callable[[Any], object], prey: str, seed: int = 7) -> SimulatedCluster:
    """What a schedule does to broken members, for ``ql.play``; it ends where the monitor objects. Raises ValueError for an unknown prey."""
    if prey not in PREY:
        raise ValueError(f"There are no members called {shown(prey)}; they are {listed(map(repr, PREY))}.")
    return watched(schedule, PREY[prey], seed)


def schedule_fault(expected: object, got: object, prey: str, seed: int) -> str:
    """What is wrong with a schedule; nothing if it catches the broken members and lets right ones pass."""
    found = hunt(got, PREY[prey], seed)
    return "" if found else f"{found.sentence[0].lower()}{found.sentence[1:]}"


def _verbs(steps: Sequence[Step]) -> list[str]:
    return [verb for verb, *_ in steps]


def _lacks(*verbs: str) -> Callable[[Sequence[Step]], bool]:
    """Whether a schedule has none of these verbs."""
    return lambda steps: not set(verbs) & set(_verbs(steps))


def _nothing_after(first: tuple[str, ...], then: tuple[str, ...]) -> Callable[[Sequence[Step]], bool]:
    """Whether none of ``then`` stands anywhere after one of ``first``."""

    def lacking(steps: Sequence[Step]) -> bool:
        verbs = _verbs(steps)
        begun = next((i for i, verb in enumerate(verbs) if verb in first), len(verbs))
        return not set(then) & set(verbs[begun:])

    return lacking


WRITES, READS = ("put", "cas", "submit"), ("get", "submit")
APART = ("partition", "cut")
ABSENT = (*APART, "crash", "pause")
PREY = {
    prey.id: prey
    for prey in (
        Prey(
            "half-is-enough",
            HalfIsEnough,
            (
                Clue(
                    "nobody apart",
                    _lacks(*APART),
                    "None of your members are cut off from each other while all of them run; a wrong majority shows when two "
                    "sides work at once.",
                ),
                Clue(
                    "no write while apart",
                    _nothing_after(APART, WRITES),
                    "Nobody asks your cluster to write while its members are apart; two leaders with the same log have broken "
                    "nothing yet.",
                ),
            ),
        ),
        Prey(
            "never-asks",
            NeverAsks,
            (
                Clue("no read", _lacks(*READS), "Nobody reads in your schedule, and the fault is in how reads are answered."),
                Clue(
                    "leader never replaced",
                    _lacks(*APART),
                    "Nobody is cut off in your schedule: let the leader be replaced without knowing, while it still answers.",
                ),
                Clue(
                    "no time to elect",
                    _nothing_after(APART, ("run_for",)),
                    "No time passes after your members are cut off from each other, so the others have not replaced the leader yet.",
                ),
                Clue(
                    "nothing newer",
                    _nothing_after(APART, WRITES),
                    "Nothing is written after your members are cut off from each other, so there is nothing newer that the old "
                    "leader could miss.",
                ),
            ),
            {"check_quorum": False},  # a leader that hears from nobody stays in office
        ),
        Prey(
            "any-log-will-do",
            AnyLogWillDo,
            (
                Clue(
                    "nobody misses a write",
                    _nothing_after(ABSENT, WRITES),
                    "No member of yours misses a write, so every log is as good as any other; keep one away while something is "
                    "committed.",
                ),
                Clue(
                    "leader stays",
                    lambda steps: _verbs(steps).count("crash") + sum(v in ("partition", "cut", "pause", "transfer") for v in _verbs(steps)) < 2,
                    "A member that missed a write is harmless while a good leader is in office; it must come to an election.",
                ),
            ),
        ),
        Prey(
            "counts-learners",
            CountsLearners,
            (
                Clue("no learner", _lacks("add_learner"), "There is no learner in your schedule, and without one nobody can be counted wrongly."),
                Clue(
                    "a majority is there",
                    _nothing_after(APART, WRITES),
                    "Your leader always reaches a true majority when it writes, so counting the learner too changes nothing; cut it off together with the learner.",
                ),
            ),
        ),
    )
}  # fmt: skip
