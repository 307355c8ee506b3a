"""``SimulatedCluster``: the contract's verbs on a deterministic world that can be rewound and forked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, ParamSpec, Self, TypeVar, cast

from quorumlab.arguments import shown
from quorumlab.cluster import checks
from quorumlab.cluster.clients import Pending, history
from quorumlab.cluster.events import Role
from quorumlab.cluster.protocol import MemberStatus
from quorumlab.cluster.trace import Trace
from quorumlab.history import Operation
from quorumlab.latency.ground import Ground
from quorumlab.quorums import QuorumSystem
from quorumlab.raft import Member
from quorumlab.simulation.network import SECOND, DelayLike, LatencyLike, Uniform
from quorumlab.simulation.settings import ETCD_VERSION, SimulationSettings, founders
from quorumlab.simulation.verbs import Verbs
from quorumlab.simulation.world import World

MOST_STEPS = 50_000_000
"""Events that one call may let pass: minutes of computing."""

P = ParamSpec("P")
T = TypeVar("T")


class SimulatedCluster(Verbs):
    """A cluster of ``size`` members (or of the members named), in which time passes only when a verb or
    ``run_for`` lets it.

    All times are those of the simulated world. The same arguments and the same verbs give the same trace,
    byte for byte.

    size               how many members (1 to 50), or their names, or an object whose ``members`` are the names: a topology, whose
                       learners do not vote, and whose witnesses (which etcd has not) vote, keep no data and neither lead nor answer
    seed               what all chance derives from: a whole number or a text
    heartbeat_ms       how often a leader sends heartbeats
    election_ms        the base election timeout T: timers count ticks of one heartbeat, each timeout being drawn from [T, 2T) in
                       whole ticks, as in etcd; or a pair (low, high), or ``WholeMs(low, high)`` for whole ms only, for
                       timers that run continuously, as in the Raft paper
    latency_ms         time of a message one way: ms, a pair (low, high), a ``Constant``, ``Uniform`` or ``LongTailed``, or a
                       dict that gives one of these for each pair of members
    rtt                round trips between regions, such as ``ql.RTT``: with a Topology, in place of ``latency_ms``
    disk_ms            time of a disk write, in the same ways; 0 for none
    disk_blocks        whether a member does nothing else while it writes, and writes one record after the other, as LogCabin (the
                       implementation in the Raft paper); else work goes on, and what comes meanwhile is written together
    line_ms            how long a member's line to the others is busy with each log entry that it sends, one after the other; 0: no
                       time, as if each had a line of its own
    loss               probability that a message is lost
    duplication        probability that a message between members arrives twice; a client's request that is handed on to the
                       leader, and its refusal, travel once, as over TCP
    reorder            whether a message may overtake an earlier one on the same link; False is as TCP
    pre_vote, check_quorum   as in etcd; see ``quorumlab.raft.Settings``
    snapshot_every     entries applied until a member folds them into a snapshot
    max_entries        most log entries in one message
    max_learners       etcd's ``--max-learners``
    strict_reconfig_check  etcd's ``--strict-reconfig-check``: an addition is turned down unless the leader has been connected for five
                       seconds to all voters (from etcd 3.5.30 and 3.6.11 on: to a majority of the size that the cluster would have),
                       and a change also unless enough voters have started
    timeout_ms         how long clients wait; None is etcd's 5 s plus two election timeouts
    leader             a member that stands for election at once, so that it leads first; None leaves it to chance
    client             with ``rtt``: the zone or region where clients are, or such a place by the name of each client, so that they pay
                       their own way to the member asked; None: beside that member
    client_ms          how long requests of a client take to a member, and answers back, by (client, member), where "*" is every client
                       not named; 0 for all others
    settle             run until there is a leader and all know that its first entry is committed
    record             whether to keep a trace
    record_heartbeats  whether the trace keeps idle heartbeats as well; else its size does not grow with idle time
    member_class       the class of the members, to try other rules: a subclass of ``quorumlab.raft.Member``
    etcd_version       whose rules hold where versions of etcd differ, such as "3.6.11": for now the strict check alone

    Raises TypeError or ValueError with one sentence for arguments that make no cluster.
    """

    def __init__(
        self,
        size: int | Sequence[str] | QuorumSystem | Any,
        *,
        seed: int | str = 7,
        heartbeat_ms: float = 100,
        election_ms: float | Sequence[float] | Uniform = 1000,
        latency_ms: LatencyLike = (10, 15),
        rtt: object = None,
        disk_ms: DelayLike = 0,
        disk_blocks: bool = False,
        line_ms: float = 0,
        loss: float = 0.0,
        duplication: float = 0.0,
        reorder: bool = False,
        pre_vote: bool = True,
        check_quorum: bool = True,
        snapshot_every: int = 10_000,
        max_entries: int = 64,
        max_learners: int = 1,
        strict_reconfig_check: bool = True,
        timeout_ms: float | None = None,
        leader: str | None = None,
        client: str | Mapping[str, str] | None = None,
        client_ms: Mapping[tuple[str, str], float] | None = None,
        settle: bool = True,
        record: bool = True,
        record_heartbeats: bool = False,
        member_class: type[Member] = Member,
        etcd_version: str = ETCD_VERSION,
    ) -> None:
        client_ms = checks.client_ms(client_ms)
        if (ground := Ground.of(size, rtt, client, client_ms)) is not None:
            latency_ms, client_ms = ground.latency_ms, ground.client_ms | client_ms
        settings = SimulationSettings(
            founders(size), checks.without_vote(size, max_learners), checks.without_data(size), seed, heartbeat_ms, election_ms, latency_ms, disk_ms, disk_blocks, line_ms, loss, duplication, reorder,
            pre_vote, check_quorum, snapshot_every, max_entries, max_learners, strict_reconfig_check, timeout_ms, leader, client_ms, settle, record,
            record_heartbeats, member_class, ground, etcd_version,
        )  # fmt: skip
        self._begin(settings)
        if settle:
            self.run_until(self._settled, within=self._patience_to_settle())

    def _begin(self, settings: SimulationSettings) -> None:
        self._settings = settings
        self._world = World(settings)
        self._journal: list[tuple[int, int, Callable[[World], object]]] = []
        self._closed = False
        if settings.leader is not None:
            self._world.stand(settings.leader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __copy__(self) -> SimulatedCluster:
        """A copy is a fork: half a copy would share the world."""
        return self.fork()

    def __deepcopy__(self, _memo: object) -> SimulatedCluster:
        return self.fork()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a simulated cluster cannot be pickled; save its trace, with cluster.trace.save(path)."
        )

    # --- looking ---

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self._world.now / SECOND

    @property
    def delivered(self) -> int:
        """How many messages have been delivered so far."""
        return self._world.delivered

    def status(self) -> dict[str, MemberStatus]:
        """Each member as it sees itself; term and commit index of one that is down are the last it had."""
        shown = {}
        for name, node in self._world.nodes.items():
            member, runs = node.member, node.condition in ("up", "paused")
            tells = (
                runs and node.serving
            )  # one that was started and has heard of no leader says nothing to anybody
            shown[name] = MemberStatus(
                role=cast(Role, member.role) if tells else None,
                term=member.current_term,
                commit_index=member.commit_index,
                condition=node.condition,
                learner=node.learns,
                leader=member.leader if tells else None,
            )
        return shown

    @property
    def trace(self) -> Trace:
        """What has happened so far. Raises ValueError for a cluster made with ``record=False``."""
        if self._world.recorder is None:
            raise ValueError("this cluster keeps no trace; make it with record=True.")
        recorded = tuple(self._world.recorder.events)
        return Trace("simulation", self._settings.plain(), self._world.now, recorded)

    @property
    def requests(self) -> tuple[Pending, ...]:
        """All that clients and operators asked so far, as ``submit`` returned it, in order; those of a fork stand in the same order."""
        return tuple(self._world.requests.all)

    def history(self, *, serializable: bool = True) -> list[Operation]:
        """All reads, writes and compare-and-sets so far as clients saw them, for ``check_linearizable``; times in
        ms. What was not answered, or only with "timeout", is unknown.

        With ``serializable=False`` the reads of that mode, which may be stale by right, are left out.
        """
        return history(self._world.requests.all, serializable=serializable)

    # --- time ---

    def run_for(self, seconds: float) -> None:
        """Let so many simulated seconds pass. Raises ValueError for more than minutes of computing."""
        self._check_open()
        self._world.run_to(self._world.now + self._bounded(seconds, "seconds"))

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass until ``condition()`` holds, at most ``within`` seconds. Returns whether it does.

        It is asked after each event, and may itself ask or act on the cluster.
        """
        self._check_open()
        checks.condition(condition)
        until = self._world.now + self._bounded(within, "within")
        return bool(condition()) or self._world.run_to(until, condition)

    def fork(self, *, at: float | None = None, record_heartbeats: bool | None = None) -> SimulatedCluster:
        """Another cluster whose past is this one's up to ``at`` seconds (now, if None), and whose future is
        open.

        It is made by doing the same again: same seed, same verbs at the same moments. This cluster stays as
        it is. With ``record_heartbeats`` True or False the other one keeps a trace of its own kind, though of
        the same run. Raises ValueError if ``at`` lies in the future.
        """
        world = self._world
        until = world.now if at is None else checks.micros(at, "at")
        if until > world.now:
            raise ValueError(
                f"at={shown(at)} lies in the future; fork from 0 to {self.now} s, or call run_for first."
            )
        settings = self._settings
        if record_heartbeats is not None:
            settings = replace(settings, record=True, record_heartbeats=record_heartbeats)
        other = SimulatedCluster.__new__(SimulatedCluster)
        other._begin(settings)
        for steps, now, verb in self._journal:
            if now > until:
                break
            other._world.run_steps(steps, now)
            other._note(verb)
            verb(other._world)
        if until == world.now:
            other._world.run_steps(
                world.steps, until
            )  # of what is due at this very moment, just what has been done
        else:
            other._world.run_to(until)
        return other

    # --- the end ---

    def close(self) -> None:
        """End the cluster: no verb does anything more, as on real members. What has happened can still be read, played and forked."""
        self._closed = True

    # --- within ---

    def _bounded(self, seconds: float, what: str) -> int:
        """``seconds`` in µs, if that many can be computed."""
        micros = checks.micros(seconds, what)
        most = MOST_STEPS / self._steps_a_second
        if micros / SECOND > most:
            raise ValueError(
                f"{what}={shown(seconds)} would take this cluster some {seconds * self._steps_a_second:.0e} steps; "
                f"choose at most {most:,.0f} s, or longer heartbeats."
            )
        return micros

    @property
    def _steps_a_second(self) -> float:
        """Heartbeats and their answers."""
        return 2 * len(self._world.nodes) * SECOND / self._settings.raft.heartbeat

    def _patience_to_settle(self) -> float:
        """Seconds in which a leader must have been found; ValueError if they cannot be computed."""
        settings = self._settings
        seconds = 100 * settings.timeouts.high / 1000
        steps = seconds * self._steps_a_second
        if steps > MOST_STEPS:
            raise ValueError(
                f"heartbeat_ms={shown(settings.heartbeat_ms)} with election_ms={shown(settings.election_ms)} could take some {steps:.0e} "
                "steps until somebody leads; choose heartbeat_ms a tenth of election_ms, as etcd advises."
            )
        return seconds

    def _settled(self) -> bool:
        nodes = self._world.nodes.values()
        return self.agreed_leader is not None and all(node.member.commit_index > 0 for node in nodes)
