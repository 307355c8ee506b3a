"""Scenes: what happens in acts, each with its caption, written as data and played by one small interpreter (only for the simulation).

``FIGURE_8``, ``TWO_READS``, ``GHOST_WRITE``, ``COMES_BACK`` and ``DOUBLE_VOTE`` are scripts; ``perform(script)`` plays one and returns
the ``Scene`` that ``ql.play`` shows act by act. A step is a verb with its arguments:

``("partition", a, b, …)``  those named hear each other, and the others each other
``("deaf", a)``             nobody hears ``a`` from now on, though ``a`` hears them
``("away", a)``             all links of ``a`` are cut
``("crash", a)``, ``("restart", a)``, ``("pause", a, …)``, ``("resume", a, …)``, ``("heal",)``
``("delay", a, b, ms)``     messages between two members take so much longer, each way
``("write", client, key, value, via)``, ``("read", client, key, via, mode)``     begun, and not waited for
``("wait", seconds)``, ``("until", seconds)``   time passes, by so much or up to a moment of the cluster's clock
``("stands", a)``, ``("leads", a, …)``, ``("agreed", a, …)``   time passes until ``a`` is a candidate, until one of these leads in the
newest term, or until all that run follow one of them
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from quorumlab.arguments import whole
from quorumlab.cluster.clients import Pending
from quorumlab.raft import Member
from quorumlab.simulation import SimulatedCluster

PATIENCE = 30.0
"""Seconds for a step that waits for something."""

BETWEEN = 0.001
"""Seconds after each act, so that nothing of the next happens before its caption is read, nor what is asked after the last."""

Step = tuple[Any, ...]


class Act(NamedTuple):
    """What a learner reads while it happens, and the steps in order."""

    caption: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Script:
    """A scene before it is played: its members, the options of their ``SimulatedCluster``, and its acts. The scene is shown from
    ``begin`` seconds on."""

    title: str
    members: int
    options: Mapping[str, Any]
    acts: tuple[Act, ...]
    begin: float = 0.0


class Played(NamedTuple):
    """An act that has been played: its caption, and the moment at which it ended, in seconds."""

    caption: str
    ends: float


@dataclass(frozen=True)
class Scene:
    """A scene that has been played: the ``cluster`` at its end, its acts, and its clients' ``requests`` in their order."""

    title: str
    cluster: SimulatedCluster
    acts: tuple[Played, ...]
    begin: float = 0.0
    requests: tuple[Pending, ...] = field(default=(), repr=False)

    def up_to(self, act: int) -> Scene:
        """The same scene ended after act number ``act``. Raises ValueError for one that it has not, TypeError for no whole number."""
        act = whole(act, "act", least=1, most=len(self.acts))
        acts = self.acts[:act]
        return replace(self, cluster=self.cluster.fork(at=acts[-1].ends), acts=acts, requests=())


def perform(script: Script, member_class: type[Member] = Member, **options: Any) -> Scene:
    """Play a script with members that keep the rules of ``member_class``; ``options`` are the cluster's, in place of the script's.

    Raises RuntimeError if a step waits for what does not come, as may be with other rules.
    """
    cluster = SimulatedCluster(script.members, **{**script.options, "member_class": member_class, **options})
    played: list[Played] = []
    requests: list[Pending] = []
    for act in script.acts:
        for verb, *arguments in act.steps:
            asked = DOES[verb](cluster, *arguments)
            if asked is not None:
                requests.append(asked)
        played.append(Played(act.caption, cluster.now))
        cluster.run_for(BETWEEN)
    return Scene(script.title, cluster, tuple(played), script.begin, tuple(requests))


# ---------------------------------------------------------------- the steps


def _until(cluster: SimulatedCluster, condition: Callable[[], bool]) -> None:
    if not cluster.run_until(condition, within=PATIENCE):
        raise RuntimeError(
            f"The scene does not play: nothing came of an act in {PATIENCE:g} s; look at the rules of its members."
        )


def _deaf(cluster: SimulatedCluster, name: str) -> None:
    for other in cluster.members:
        if other != name:
            cluster.cut(name, other, one_way=True)


def _run_up_to(cluster: SimulatedCluster, seconds: float) -> None:
    cluster.run_for(max(0.0, seconds - cluster.now))


DOES: Mapping[str, Callable[..., Pending | None]] = {
    "partition": lambda cluster, *names: cluster.partition(set(names)),
    "deaf": _deaf,
    "away": lambda cluster, name: cluster.partition({name}),
    "crash": lambda cluster, *names: cluster.crash(*names),
    "restart": lambda cluster, *names: cluster.restart(*names),
    "pause": lambda cluster, *names: cluster.pause(*names),
    "resume": lambda cluster, *names: cluster.resume(*names),
    "heal": lambda cluster: cluster.heal(),
    "delay": lambda cluster, a, b, ms: cluster.delay(a, b, ms=ms),
    "write": lambda cluster, client, key, value, via: cluster.submit("write", key, value, via=via, client=client),
    "read": lambda cluster, client, key, via, mode: cluster.submit("read", key, via=via, mode=mode, client=client),
    "wait": lambda cluster, seconds: cluster.run_for(seconds),
    "until": _run_up_to,
    "stands": lambda cluster, name: _until(cluster, lambda: cluster.status()[name].role == "candidate"),
    "leads": lambda cluster, *names: _until(cluster, lambda: cluster.leader in names),
    "agreed": lambda cluster, *names: _until(cluster, lambda: cluster.agreed_leader in names),
}  # fmt: skip


# ---------------------------------------------------------------- the scripts

FIGURE_8 = Script(
    "Figure 8: an entry of an old term", 5,
    # With this seed etcd-5 is the first of three to stand. One entry a message, so that the old one comes to the others alone.
    {"seed": 7, "leader": "etcd-1", "latency_ms": 10, "timeout_ms": 100_000, "max_entries": 1},
    (
        Act(
            "Term 1. etcd-1 leads, and of its followers only etcd-2 hears it. Ada writes invoice 1 through it.",
            (("partition", "etcd-1", "etcd-2"), ("write", "Ada", "invoice-1", "ada", "etcd-1"), ("wait", 0.05)),
        ),
        Act(
            "etcd-2 crashes. The three that do not hear etcd-1 elect etcd-5, in term 2. From then on nobody hears etcd-5. Bob writes invoice 2 through it.",
            (("wait", 0.01), ("crash", "etcd-2"), ("stands", "etcd-5"), ("deaf", "etcd-5"), ("leads", "etcd-5"),
             ("write", "Bob", "invoice-2", "bob", "etcd-5"), ("wait", 0.05)),
        ),
        Act(
            "etcd-1 meets etcd-3 and etcd-4 and is elected, in term 3. It gives them Ada’s entry. What it sends after that is lost.",
            # 25 ms after it leads, the others have said that they lack entry 2, and it is under way.
            (("partition", "etcd-1", "etcd-3", "etcd-4"), ("leads", "etcd-1"), ("wait", 0.025), ("deaf", "etcd-1"), ("wait", 0.01)),
        ),
        Act(
            "etcd-1 hears from etcd-3 and etcd-4, and a little later it crashes. etcd-5 meets these two, and the three elect whom they can.",
            (("wait", 0.1), ("crash", "etcd-1"), ("partition", "etcd-3", "etcd-4", "etcd-5"),
             ("agreed", "etcd-3", "etcd-4", "etcd-5"), ("wait", 0.2)),
        ),
    ),
    begin=0.068,
)  # fmt: skip
"""Figure 8 of the Raft paper, with two invoices. Ada's entry is of term 1, and three of five have it under the leader of term 3."""

TWO_READS = Script(
    "Two reads in a row", 5, {"leader": "etcd-1", "latency_ms": 0},
    (
        Act(
            "Followers are 5, 10, 20 and 40 ms from the leader, etcd-1, one way. Ada writes lock = ada through etcd-5, the farthest. "
            "Her request needs 40 ms to the leader, and is committed 20 ms later.",
            (("delay", "etcd-1", "etcd-2", 5), ("delay", "etcd-1", "etcd-3", 10), ("delay", "etcd-1", "etcd-4", 20),
             ("delay", "etcd-1", "etcd-5", 40), ("until", 1.0), ("write", "Ada", "lock", "ada", "etcd-5"), ("wait", 0.062)),
        ),
        Act(
            "The leader tells the others. Bob asks etcd-2, serializably: it answers from what it has, and it has the new value.",
            (("wait", 0.007), ("read", "Bob", "lock", "etcd-2", "serializable"), ("wait", 0.0002)),
        ),
        Act(
            "A millisecond later Bob asks etcd-4, in the same way.",
            (("read", "Bob", "lock", "etcd-4", "serializable"), ("wait", 0.006)),
        ),
        Act("A little later all of them know, and Ada is told.", (("wait", 0.05),)),
    ),
    begin=0.998,
)  # fmt: skip
"""Bob reads serializably from two members in turn, and goes back in time."""

GHOST_WRITE = Script(
    "The write that timed out", 3, {"leader": "etcd-1", "latency_ms": 10, "timeout_ms": 300},
    (
        Act(
            "Two of three members are asleep. Ada writes lock = ada through etcd-1, and waits for 300 ms.",
            (("until", 0.2), ("pause", "etcd-2", "etcd-3"), ("write", "Ada", "lock", "ada", "etcd-1"), ("wait", 0.29)),
        ),
        Act("Nobody answers etcd-1, so nothing is committed. Ada gives up.", (("wait", 0.02),)),
        Act(
            "The other two wake up. The entry has waited in the log of etcd-1 and on the way to them.",
            (("resume", "etcd-2", "etcd-3"), ("wait", 0.1)),
        ),
    ),
    begin=0.19,
)  # fmt: skip
"""A client gives up, and its write happens all the same."""

COMES_BACK = Script(
    "The member that comes back", 3, {"leader": "etcd-1", "latency_ms": 10, "pre_vote": False},
    (
        Act("A cable cuts etcd-3 off. etcd-1 and etcd-2 hear each other, and go on.", (("until", 0.3), ("away", "etcd-3"), ("wait", 0.2))),
        Act(
            "etcd-3 hears no leader. It stands, and stands again, each time in a higher term. Nobody hears it.",
            (("until", 5.0),),
        ),
        Act("The cable works again.", (("heal",), ("wait", 0.15))),
        Act("The members elect a leader once more.", (("agreed", "etcd-1", "etcd-2", "etcd-3"), ("wait", 0.2))),
    ),
    begin=0.25,
)  # fmt: skip
"""A member that was cut off comes back, by the rules of the paper; ``pre_vote=True`` plays it by etcd's."""

DOUBLE_VOTE = Script(
    "Two leaders in one term", 5,
    {"seed": 36, "leader": "etcd-1", "latency_ms": 10, "heartbeat_ms": 10, "election_ms": 100, "pre_vote": False},
    (
        Act("etcd-1 leads, and crashes.", (("until", 0.25), ("crash", "etcd-1"), ("wait", 0.02))),
        Act(
            "Two of the others stand at nearly the same moment, in the same term, and each asks everybody for a vote.",
            (("stands", "etcd-2"), ("stands", "etcd-3"), ("wait", 0.009)),
        ),
        Act("Whoever has voted already votes again. Each of the two counts a majority.", (("until", 0.395),)),
    ),
    begin=0.24,
)  # fmt: skip
"""Where members vote twice in a term; with members that do not, one of the two loses."""
