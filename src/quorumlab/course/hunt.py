"""The bug hunt: a schedule of faults and requests, written down by a student, and what happens when it is run.

A schedule is plain data, a list of steps such as ``["crash", "etcd-1"]``, so that it can be handed in, kept and run elsewhere. It is
run in the simulated world, once on members with a planted fault and once on right ones. What objects is the safety monitor, which
watches Raft's five promises, or the judge of histories.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from quorumlab.arguments import is_number
from quorumlab.course.planted import AnyLogWillDo, CountsLearners, HalfIsEnough, NeverAsks
from quorumlab.history import check_linearizable
from quorumlab.raft import CommittedEntryRewritten, Member
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation

LEADER = "leader"
"""In a schedule this word stands for whoever leads at that step."""
MOST_STEPS = 40
MOST_SECONDS = 60
LAST_S = 3
"""Seconds that pass after the last step, so that what is on its way arrives."""

Step = list[Any]
Verdict = Literal["caught", "not caught", "false alarm", "no schedule"]
FREE = {"check_quorum": False}
"""Without CheckQuorum a leader that hears from nobody stays in office."""


class Schedule:
    """Writes down what is asked of it, in ``steps``, and does nothing. Its verbs are those of a cluster.

    A member's name may also be ``"leader"``: whoever leads when the step is run.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def __len__(self) -> int:
        return len(self.steps)

    def put(self, key: str, value: str, *, via: str = LEADER) -> None:
        """Write, and wait for the answer (or until the client gives up, after 7 s)."""
        self._note("put", key, value, via)

    def get(self, key: str, *, via: str = LEADER) -> None:
        """A linearizable read, waited for likewise."""
        self._note("get", key, via)

    def begin_put(self, key: str, value: str, *, via: str = LEADER) -> None:
        """Write without waiting."""
        self._note("begin_put", key, value, via)

    def begin_get(self, key: str, *, via: str = LEADER) -> None:
        """Read without waiting."""
        self._note("begin_get", key, via)

    def crash(self, *names: str) -> None:
        """Kill members."""
        self._note("crash", *names)

    def restart(self, *names: str) -> None:
        """Start members that are down."""
        self._note("restart", *names)

    def pause(self, *names: str) -> None:
        """Let members sleep; messages to them wait."""
        self._note("pause", *names)

    def resume(self, *names: str) -> None:
        """Wake members."""
        self._note("resume", *names)

    def partition(self, *groups: Iterable[str]) -> None:
        """Cut every link between groups; members that are not named make one more group."""
        self._note("partition", *([group] if isinstance(group, str) else list(group) for group in groups))

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut the link between two members, or only that from ``a`` to ``b``."""
        self._note("cut", a, b, one_way)

    def heal(self) -> None:
        """Undo all cuts."""
        self._note("heal")

    def transfer(self, to: str) -> None:
        """Hand leadership to a member."""
        self._note("transfer", to)

    def add_learner(self, name: str) -> None:
        """Add a member that gets the log and does not vote. The cluster allows it once it has run for five seconds."""
        self._note("add_learner", name)

    def run_for(self, seconds: float) -> None:
        """Let time pass."""
        self._note("run_for", seconds)

    def _note(self, *step: Any) -> None:
        self.steps.append(list(step))


VERBS = tuple(name for name in vars(Schedule) if not name.startswith("_"))


@dataclass(frozen=True)
class Clue:
    """What a schedule lacks that shows nothing: its name, whether a schedule lacks it, and a sentence that says so."""

    name: str
    lacking: Callable[[Sequence[Step]], bool]
    sentence: str


@dataclass(frozen=True)
class Prey:
    """Members with a planted fault, and the world in which they are hunted.

    ``settings`` are arguments of ``SimulatedCluster``; the first of the ``clues`` that fits is told of a schedule that shows nothing.
    """

    id: str
    member_class: type[Member]
    clues: tuple[Clue, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a schedule came to.

    verdict    "caught": broken members were objected to and right ones were not; "false alarm": right ones were too; "no
               schedule": it cannot be run
    sentence   the same in words, with what was objected
    steps      how many steps it has
    clue       the name of what it lacks, if it shows nothing and that is known
    """

    verdict: Verdict
    sentence: str
    steps: int
    clue: str | None = None

    def __bool__(self) -> bool:
        return self.verdict == "caught"

    def __str__(self) -> str:
        return self.sentence


class NoScheduleError(ValueError):
    """What was given cannot be run; the message says why."""


def hunt(schedule: object, members: Sequence[str], prey: Prey) -> Found:
    """Run a schedule on broken and on right members of these names, the first of which leads at the beginning."""
    steps = schedule.steps if isinstance(schedule, Schedule) else schedule
    length = len(steps) if isinstance(steps, list) else 0
    try:
        checked(steps)
        right, _ = run(steps, members, Member, prey.settings)
        broken, _ = run(steps, members, prey.member_class, prey.settings)
    except NoScheduleError as error:
        return Found("no schedule", str(error), length)
    if right is not None:
        return Found("false alarm", f"Right members were objected to as well: {right}", length)
    if broken is None:
        clue = next((clue for clue in prey.clues if clue.lacking(steps)), None)
        why = (
            clue.sentence if clue else "Follow it step by step: who knows what, and who would have to refuse?"
        )
        told = f"Nobody objected to the broken members. {why}"
        return Found("not caught", told, length, clue and clue.name)
    return Found("caught", f"Caught. {broken}", length)


def run(
    steps: Sequence[Step], members: Sequence[str], member_class: type[Member], settings: Mapping[str, Any]
) -> tuple[str | None, SimulatedCluster]:
    """Run a schedule on one kind of member: what was objected, or None; and the cluster, to look at.

    The names decide the chances of the run too, so that another set of names is another run.
    """
    cluster = SimulatedCluster(
        list(members), seed=" ".join(members), leader=members[0], member_class=member_class, **settings
    )
    try:
        SafetyMonitor(cluster)
        for number, step in enumerate(steps, 1):
            _do(cluster, number, step)
        cluster.run_for(LAST_S)
    except (SafetyViolation, CommittedEntryRewritten) as violation:
        return str(violation), cluster
    except IndexError:
        return "A member fell over, since its log no longer has what it knows to be committed.", cluster
    verdict = check_linearizable(cluster.history())
    return (str(verdict) if verdict.linearizable is False else None), cluster


def checked(steps: object) -> None:
    """Raise NoScheduleError unless this is a list of steps that a cluster could be asked for."""
    if not isinstance(steps, list):
        raise NoScheduleError("A schedule is a list of steps; give the steps of a Schedule back.")
    if not steps:
        raise NoScheduleError("The schedule has no steps.")
    if len(steps) > MOST_STEPS:
        raise NoScheduleError(f"The schedule has {len(steps)} steps, and may have {MOST_STEPS}; shorten it.")
    for number, step in enumerate(steps, 1):
        if not isinstance(step, list) or not step or step[0] not in VERBS:
            raise NoScheduleError(
                f"Step {number} is {step!r:.80}; a step is a list that begins with one of {', '.join(VERBS)}."
            )
    waits = [step[1] for step in steps if step[0] == "run_for" and len(step) == 2]
    if not all(is_number(wait) and math.isfinite(wait) and wait >= 0 for wait in waits):
        raise NoScheduleError("A run_for has no number of seconds from 0 up; correct it.")
    if sum(waits) > MOST_SECONDS:
        raise NoScheduleError(
            f"The schedule waits for {sum(waits):g} s, and may for {MOST_SECONDS}; shorten it."
        )


def _do(cluster: SimulatedCluster, number: int, step: Step) -> None:
    verb, *given = step
    try:
        arguments = [_named(cluster, value) for value in given]
        _call(verb)(cluster, *arguments)
    except (TypeError, ValueError, AttributeError) as error:
        raise NoScheduleError(f"Step {number}, {verb}, cannot be done: {error}") from None


def _named(cluster: SimulatedCluster, value: Any) -> Any:
    """``"leader"`` as the name of the one that leads, here and in groups."""
    if isinstance(value, list):
        return [_named(cluster, each) for each in value]
    if value != LEADER:
        return value
    if cluster.leader is None:
        raise ValueError("nobody leads at that moment; let more time pass before it.")
    return cluster.leader


def _call(verb: str) -> Callable[..., object]:
    calls: dict[str, Callable[..., object]] = {
        "put": lambda c, key, value, via: c.put(key, value, via=via),
        "get": lambda c, key, via: c.get(key, via=via),
        "begin_put": lambda c, key, value, via: c.submit("write", key, value, via=via),
        "begin_get": lambda c, key, via: c.submit("read", key, via=via),
        "cut": lambda c, a, b, one_way=False: c.cut(a, b, one_way=one_way),
    }
    return calls.get(verb) or getattr(SimulatedCluster, verb)


def _verbs(steps: Sequence[Step]) -> list[str]:
    return [step[0] for step in steps]


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


WRITES, READS = ("put", "begin_put"), ("get", "begin_get")
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
                    "All your members hear each other all the time, so they agree on one leader; a wrong majority shows when two "
                    "sides cannot hear each other.",
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
                    "Your leader always hears from the others, so what it answers is right even without asking them; let it be "
                    "replaced and not know.",
                ),
                Clue(
                    "nothing newer",
                    _nothing_after(APART, WRITES),
                    "Nothing is written after your members are cut off from each other, so there is nothing newer that the old "
                    "leader could miss.",
                ),
            ),
            FREE,
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
                    "learner too early",
                    lambda steps: _waited_before(steps, "add_learner") < 5,
                    "Your learner is added before the cluster has run for five seconds, and such a change is turned down.",
                ),
                Clue(
                    "a majority is there",
                    _nothing_after(APART, WRITES),
                    "Your leader always reaches a true majority when it writes, so counting the learner too changes nothing; cut it off together with the learner.",
                ),
            ),
        ),
    )
}  # fmt: skip


def _waited_before(steps: Sequence[Step], verb: str) -> float:
    before = steps[: _verbs(steps).index(verb)]
    return float(sum(step[1] for step in before if step[0] == "run_for"))
