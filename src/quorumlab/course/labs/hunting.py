"""The bug hunt: a schedule of faults and requests, written down while a student's function plays it, and played again.

A schedule is plain data, a list of ``[verb, arguments, named arguments]``, so that it can be handed in, kept, and played elsewhere: in
the simulated world, once on members with a planted fault and once on right ones. What objects is the safety monitor, which watches
Raft's five promises, or the judge of histories.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from quorumlab.arguments import shown
from quorumlab.history import check_linearizable
from quorumlab.raft import CommittedEntryRewritten, Member
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation
from quorumlab.words import Prose

MEMBERS = ("etcd-1", "etcd-2", "etcd-3")
MOST_STEPS = 60
MOST_SECONDS = 120
MOST_LEARNERS = 3
"""Each sends and is sent messages all the time; more show nothing else."""
LAST_S = 6
"""Simulated seconds that pass after the last step, so that what is on its way arrives."""

Step = Sequence[Any]
Verdict = Literal["caught", "not caught", "false alarm", "no schedule"]

VERBS = (
    "put", "get", "cas", "submit",
    "crash", "stop", "restart", "pause", "resume", "partition", "cut", "delay", "heal", "slow_disk",
    "add_learner", "transfer", "run_for",
)  # fmt: skip
LOOKS = ("members", "leader", "agreed_leader", "now", "status", "trace", "history")


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
    settings: dict[str, Any] = field(default_factory=dict)

    def world(self, seed: int, member_class: type[Member]) -> SimulatedCluster:
        """A cluster of three whose first member leads."""
        return SimulatedCluster(
            MEMBERS, seed=seed, leader=MEMBERS[0], member_class=member_class, **self.settings
        )


@dataclass(frozen=True)
class Found(Prose):
    """What a schedule came to.

    verdict    "caught": broken members were objected to and right ones were not; "false alarm": right ones were too; "no
               schedule": it cannot be played
    sentence   the same in words, with what was objected
    clue       the name of what it lacks, if it shows nothing and that is known
    """

    verdict: Verdict
    sentence: str
    clue: str | None = None

    def __bool__(self) -> bool:
        return self.verdict == "caught"

    def __str__(self) -> str:
        return self.sentence


class NoScheduleError(ValueError):
    """What was given cannot be played; the message says why."""


class ObjectionError(Exception):
    """Somebody objected, so there is no need to go on."""


class Hunted:
    """A cluster that a student's function plays on, and ``steps``, in which all it was asked to do is written down.

    It has the verbs and looks of a cluster, but those that change who votes. The schedule ends where the monitor objects.
    """

    def __init__(self, cluster: SimulatedCluster) -> None:
        self.steps: list[list[Any]] = []
        self._cluster = cluster
        SafetyMonitor(cluster)

    def __getattr__(self, name: str) -> Any:
        if name in LOOKS:
            return getattr(self._cluster, name)
        if name not in VERBS:
            raise AttributeError(
                f"In the hunt a cluster has no {shown(name)}; its verbs are {', '.join(VERBS)}."
            )

        def verb(*given: Any, **named: Any) -> Any:
            self.steps.append([name, _plain(given), _plain(named)])
            return self._do(lambda: getattr(self._cluster, name)(*given, **named))

        return verb

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass until ``condition()`` holds, at most ``within`` seconds; written down as the time that passed."""
        begun, place = self._cluster.now, len(self.steps)
        held = self._do(lambda: self._cluster.run_until(condition, within=within))
        self.steps.insert(place, ["run_for", [self._cluster.now - begun], {}])
        return bool(held)

    def _do(self, verb: Callable[[], Any]) -> Any:
        if len(self.steps) > MOST_STEPS or self._cluster.now > MOST_SECONDS:
            raise NoScheduleError(
                f"The schedule is at step {len(self.steps)} after {self._cluster.now:.0f} s, and may have {MOST_STEPS} steps and "
                f"last {MOST_SECONDS} s; shorten it."
            )
        try:
            return verb()
        except (SafetyViolation, CommittedEntryRewritten, IndexError) as objection:
            raise ObjectionError(str(objection)) from None


def _plain(value: Any) -> Any:
    """Arguments as JSON has them: groups of members as lists."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def played(schedule: Callable[[Any], object], prey: Prey, seed: int) -> list[list[Any]]:
    """What a student's function asks of a cluster of broken members."""
    hunted = Hunted(prey.world(seed, prey.member_class))
    with suppress(ObjectionError):
        schedule(hunted)
    return hunted.steps


def hunt(steps: object, prey: Prey, seed: int) -> Found:
    """Play a schedule on broken and on right members, from the same beginning."""
    try:
        schedule = checked(steps)
        right = objection(schedule, prey.world(seed, Member))
        broken = objection(schedule, prey.world(seed, prey.member_class))
    except NoScheduleError as error:
        return Found("no schedule", str(error))
    if right is not None:
        return Found("false alarm", f"The right members were objected to as well: {right}")
    if broken is not None:
        return Found("caught", f"Caught. {broken}")
    clue = next((clue for clue in prey.clues if clue.lacking(schedule)), None)
    why = (
        clue.sentence
        if clue
        else "Follow your schedule step by step: who knows what, and who would have to say no?"
    )
    return Found("not caught", f"Nobody objected to the broken members. {why}", clue.name if clue else None)


def objection(schedule: Sequence[Step], cluster: SimulatedCluster) -> str | None:
    """What the monitor, or at the end the judge, has against what the members of this cluster do; None for nothing."""
    try:
        SafetyMonitor(cluster)
        for number, (verb, given, named) in enumerate(schedule, 1):
            try:
                getattr(cluster, verb)(*given, **named)
            except (SafetyViolation, CommittedEntryRewritten, IndexError):
                raise
            except Exception as error:  # arguments may be anything
                raise NoScheduleError(f"Step {number}, {verb}, cannot be done: {error}") from None
            if cluster.now > MOST_SECONDS:
                raise NoScheduleError(
                    f"The schedule lasts beyond {MOST_SECONDS} s at step {number}; shorten it."
                )
        cluster.run_for(LAST_S)
    except (SafetyViolation, CommittedEntryRewritten) as violation:
        return str(violation)
    except IndexError:
        return "A member fell over, since its log no longer has what it knows to be committed."
    verdict = check_linearizable(cluster.history(serializable=False))
    return str(verdict) if verdict.linearizable is False else None


def checked(steps: object) -> list[Step]:
    """The schedule, which may come from anywhere; raises NoScheduleError unless a cluster could be asked for each step."""
    if not isinstance(steps, list) or not steps:
        raise NoScheduleError("Your schedule asks nothing of the cluster; call its verbs.")
    if len(steps) > MOST_STEPS:
        raise NoScheduleError(f"The schedule has {len(steps)} steps, and may have {MOST_STEPS}; shorten it.")
    for number, step in enumerate(steps, 1):
        match step:
            case [str(verb), list(), dict()] if verb in VERBS:
                continue
        raise NoScheduleError(
            f"Step {number} is no step; each is one of {', '.join(VERBS)} with its arguments."
        )
    if [verb for verb, *_ in steps].count("add_learner") > MOST_LEARNERS:
        raise NoScheduleError(f"The schedule adds more than {MOST_LEARNERS} learners; fewer show the same.")
    for number, (verb, given, named) in enumerate(steps, 1):
        if verb == "run_for" and any(
            not isinstance(s, int | float) or not 0 <= s <= MOST_SECONDS for s in [*given, *named.values()]
        ):
            raise NoScheduleError(f"Step {number}, run_for, takes seconds from 0 to {MOST_SECONDS}.")
    return steps


def watched(schedule: Callable[[Any], object], prey: Prey, seed: int) -> SimulatedCluster:
    """The cluster of broken members on which a student's function has played, up to an objection, to look at."""
    cluster = prey.world(seed, prey.member_class)
    with suppress(ObjectionError):
        schedule(Hunted(cluster))
    return cluster
