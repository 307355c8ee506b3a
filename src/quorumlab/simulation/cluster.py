"""``SimulatedCluster``: the contract's verbs on a deterministic world that can be rewound and forked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from typing import Any, Concatenate, NoReturn, ParamSpec, Self, TypeVar, cast

from quorumlab.cluster import checks
from quorumlab.cluster.clients import Change, Kind, Value, history
from quorumlab.cluster.events import Mode, Role
from quorumlab.cluster.protocol import Error, MemberStatus, Outcome
from quorumlab.cluster.trace import Trace
from quorumlab.history import Operation
from quorumlab.latency.rtt import client_ways_ms, one_way_ms
from quorumlab.quorums import QuorumSystem
from quorumlab.raft import Member
from quorumlab.simulation.network import SECOND, DelayLike, LatencyLike, Uniform
from quorumlab.simulation.requests import Request
from quorumlab.simulation.settings import SimulationSettings, founders
from quorumlab.simulation.world import World

MOST_STEPS = 50_000_000
"""Events that one call may let pass: minutes of computing."""

P = ParamSpec("P")
T = TypeVar("T")


class SimulatedCluster:
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
    loss               probability that a message is lost
    duplication        probability that a message between members arrives twice; a client's request that is handed on to the
                       leader, and its refusal, travel once, as over TCP
    reorder            whether a message may overtake an earlier one on the same link; False is as TCP
    pre_vote, check_quorum   as in etcd; see ``quorumlab.raft.Settings``
    snapshot_every     entries applied until a member folds them into a snapshot
    max_entries        most log entries in one message
    max_learners       etcd's ``--max-learners``
    strict_reconfig_check  etcd's ``--strict-reconfig-check``: a change of the membership is turned down unless all voters have been
                       connected for five seconds, and enough of them have started
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
    ) -> None:
        if rtt is not None:
            latency_ms = one_way_ms(size, rtt)
        client_ms = client_ways_ms(size, client, rtt) | checks.client_ms(client_ms)
        settings = SimulationSettings(
            founders(size), checks.without_vote(size, max_learners), checks.without_data(size), seed, heartbeat_ms, election_ms, latency_ms, disk_ms, disk_blocks, loss, duplication, reorder,
            pre_vote, check_quorum, snapshot_every, max_entries, max_learners, strict_reconfig_check, timeout_ms, leader, client_ms, settle, record,
            record_heartbeats, member_class,
        )  # fmt: skip
        self._begin(settings)
        if settle:
            self.run_until(self._settled, within=100 * settings.timeouts.high / 1000)

    def _begin(self, settings: SimulationSettings) -> None:
        self._settings = settings
        self._world = World(settings)
        self._journal: list[tuple[int, int, Callable[[World], object]]] = []
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
    def members(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster by the newest membership that anybody has applied, up or not, learners
        last.
        """
        return self._world.roster.membership.all

    @property
    def leader(self) -> str | None:
        """The running member that leads in the highest term, or None. Its followers may have left it by now."""
        found: Member | None = (
            None  # one loop without a list: it is asked after each event while a leader is awaited
        )
        for node in self._world.nodes.values():
            member = node.member
            if (
                node.condition == "up"
                and member.role == "leader"
                and (found is None or member.current_term > found.current_term)
            ):
                found = member
        return None if found is None else found.name

    @property
    def agreed_leader(self) -> str | None:
        """The leader, if every running member of the cluster follows it."""
        leader = self.leader
        if leader is None:  # asked after each event, and mostly so while an election is awaited
            return None
        members = self.members
        return leader if all(m.leader == leader for m in self._running() if m.name in members) else None

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self._world.now / SECOND

    @property
    def delivered(self) -> int:
        """How many messages have been delivered so far."""
        return self._world.delivered

    def status(self) -> dict[str, MemberStatus]:
        """Each member as it sees itself."""
        shown = {}
        for name, node in self._world.nodes.items():
            member, runs = node.member, node.condition in ("up", "paused")
            shown[name] = MemberStatus(
                role=cast(Role, member.role) if runs else None,
                term=member.current_term if runs else node.disk.term,
                commit_index=member.commit_index if runs else node.disk.log.snapshot.last_index,
                condition=node.condition,
                learner=node.learns,
                leader=member.leader if runs else None,
            )
        return shown

    @property
    def trace(self) -> Trace:
        """What has happened so far. Raises ValueError for a cluster made with ``record=False``."""
        if self._world.recorder is None:
            raise ValueError("this cluster keeps no trace; make it with record=True.")
        recorded = tuple(self._world.recorder.events)
        return Trace("simulation", self._settings.plain(), self._world.now, recorded)

    def history(self, *, serializable: bool = True) -> list[Operation]:
        """All reads, writes and compare-and-sets so far as clients saw them, for ``check_linearizable``; times in
        ms. What was not answered, or only with "timeout", is unknown.

        With ``serializable=False`` the reads of that mode, which may be stale by right, are left out.
        """
        return history(self._world.requests.all, serializable=serializable)

    # --- clients ---

    def put(self, key: str, value: str, *, via: str | None = None, client: str = "client") -> Outcome:
        """Write ``value``. ``via`` is the member asked: by default the leader, else the first that runs."""
        return self._wait(self.submit("write", key, value, via=via, client=client))

    def get(
        self, key: str, *, via: str | None = None, mode: Mode = "linearizable", client: str = "client"
    ) -> Outcome:
        """Read. ``mode`` "serializable" answers at once from what the member asked has applied, stale or not;
        a member that has just started first waits until it hears from a leader.
        """
        return self._wait(self.submit("read", key, via=via, mode=mode, client=client))

    def cas(
        self, key: str, expected: str | None, value: str, *, via: str | None = None, client: str = "client"
    ) -> Outcome:
        """Write ``value`` if the key has ``expected`` (None: is not there); else the error is
        "compare_failed".
        """
        return self._wait(self.submit("cas", key, (expected, value), via=via, client=client))

    def submit(
        self,
        kind: Kind,
        key: str,
        value: Value = None,
        *,
        via: str | None = None,
        mode: Mode = "linearizable",
        client: str = "client",
    ) -> Request:
        """Begin a "write", "read" or "cas" and return at once; ``outcome`` of what is returned shows up as
        time passes.

        So many clients can be busy at the same time.
        """
        checks.request(kind, key, value, mode, client)
        via = self._default_via() if via is None else self._known(via)
        return self._act(World.submit, kind, key, value, via, mode, client, self._settings.patience)

    # --- faults ---

    def crash(self, *names: str) -> None:
        """Kill members. What they had not yet written to disk is lost."""
        for name in self._all_known(names):
            if self._world.nodes[name].condition in ("up", "paused"):
                self._act(World.stop, name)

    def stop(self, *names: str) -> None:
        """Stop members in an orderly way (SIGTERM): one that leads hands leadership over first, if anybody can take it."""
        for name in self._all_known(names):
            if self._world.nodes[name].condition == "up":
                heir = self._heir(name)
                if heir is not None:
                    self.transfer(heir)
            self.crash(name)

    def restart(self, *names: str) -> None:
        """Start members that are down from what is on their disks."""
        for name in self._all_known(names):
            if self._world.nodes[name].condition == "down":
                self._act(World.restart, name)

    def pause(self, *names: str) -> None:
        """Stop members' processes without ending them (SIGSTOP). Messages to them wait."""
        for name in self._all_known(names):
            if self._world.nodes[name].condition == "up":
                self._act(World.pause, name)

    def resume(self, *names: str) -> None:
        """Let paused members go on."""
        for name in self._all_known(names):
            if self._world.nodes[name].condition == "paused":
                self._act(World.resume, name)

    def partition(self, *groups: Iterable[str]) -> None:
        """Cut every link between members of different groups and heal the cuts within. Members not named
        make one more group.
        """
        group_of = checks.group_of_each(groups, self._world.nodes)
        for a, b in permutations(self._world.nodes, 2):
            self._set_link(a, b, cut=group_of[a] != group_of[b])

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut the link between two members, or only that from ``a`` to ``b``."""
        for one, other in self._directions(a, b, one_way):
            self._set_link(one, other, cut=True)

    def delay(self, a: str, b: str, *, ms: float, one_way: bool = False) -> None:
        """Make messages between two members take ``ms`` longer each way, so the round trip twice that."""
        extra = checks.extra_delay(ms)
        for one, other in self._directions(a, b, one_way):
            self._set_link(one, other, extra=extra)

    def heal(self, *link: str) -> None:
        """Undo all cuts and delays, or those between the two members named."""
        checks.healed(link)
        for a, b in self._directions(link[0], link[1], False) if link else permutations(self._world.nodes, 2):
            self._set_link(a, b, cut=False, extra=0)

    def slow_disk(self, name: str, *, ms: float) -> None:
        """Make each disk write of one member take ``ms`` longer; 0 undoes it."""
        extra = checks.extra_delay(ms)
        if self._world.nodes[self._known(name)].disk.extra != extra:
            self._act(World.slow_disk, name, extra)

    # --- membership ---

    def add_learner(self, name: str | None = None) -> Outcome:
        """Add a member that gets the log and does not vote, and start it. By default its name is the next
        free number.
        """
        return self._add("add_learner", name)

    def add_voter(self, name: str | None = None) -> Outcome:
        """Add a member that votes at once, and start it."""
        return self._add("add_voter", name)

    def promote(self, name: str) -> Outcome:
        """Make a learner a voter. Refused with "learner_not_ready" until it has nearly all of the log."""
        return self._change("promote", self._known(name))

    def remove(self, name: str) -> Outcome:
        """Remove a member. It stops when it learns of it; a name is not used again."""
        outcome = self._change("remove", self._known(name))
        if outcome.ok and self._world.nodes[name].condition == "down":
            self._act(World.stop, name, "removed")
        return outcome

    def transfer(self, to: str) -> Outcome:
        """Hand leadership to ``to``. The outcome is ok once it leads, and a "timeout" if it does not in the time that clients wait."""
        self._known(to)
        leader, began = self.leader, self._world.now
        error: Error | None = None
        if leader is None:
            error = "not_the_leader"
        elif to in self._settings.witnesses:
            error = "witness"
        elif leader != to:
            error = self._act(World.transfer, leader, to)
            if error is None:
                patience = self._settings.patience / SECOND
                error = None if self.run_until(lambda: self.leader == to, within=patience) else "timeout"
        waited = (self._world.now - began) / 1000
        return Outcome(error is None, None, waited, error, leader or to, None)

    # --- time ---

    def run_for(self, seconds: float) -> None:
        """Let so many simulated seconds pass. Raises ValueError for more than minutes of computing."""
        self._world.run_to(self._world.now + self._bounded(seconds, "seconds"))

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass until ``condition()`` holds, at most ``within`` seconds. Returns whether it does.

        It is asked after each event, and may itself ask or act on the cluster.
        """
        checks.condition(condition)
        until = self._world.now + self._bounded(within, "within")
        return condition() or self._world.run_to(until, condition)

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
                f"at={at!r} lies in the future; fork from 0 to {self.now} s, or call run_for first."
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
        """Nothing of a simulated cluster outlives it, so there is nothing to do."""

    # --- within ---

    def _act(self, verb: Callable[Concatenate[World, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something to the world, and note it down so that ``fork`` can do it again."""
        self._note(lambda world: verb(world, *args, **kwargs))
        return verb(self._world, *args, **kwargs)

    def _note(self, verb: Callable[[World], object]) -> None:
        self._journal.append((self._world.steps, self._world.now, verb))

    def _bounded(self, seconds: float, what: str) -> int:
        """``seconds`` in µs, if that many can be computed."""
        micros = checks.micros(seconds, what)
        a_second = (
            2 * len(self._world.nodes) * SECOND / self._settings.raft.heartbeat
        )  # heartbeats and answers
        most = MOST_STEPS / a_second
        if micros / SECOND > most:
            raise ValueError(
                f"{what}={seconds!r} would take this cluster some {seconds * a_second:.0e} steps; "
                f"choose at most {most:,.0f} s, or longer heartbeats."
            )
        return micros

    def _heir(self, name: str) -> str | None:
        """Whom a leader that stops hands over to, as etcd: the voter it has been connected to for longest; None if it does not
        lead or there is nobody.
        """
        leads = self._world.nodes[name].member.role == "leader"
        return self._world.longest_connected(name) if leads else None

    def _change(self, action: Change, name: str) -> Outcome:
        """Ask the leader, as the operator does, for a change of the membership."""
        asked = self._act(
            World.submit,
            action,
            name,
            None,
            self._default_via(),
            "linearizable",
            "operator",
            self._settings.patience,
        )
        return self._wait(asked)

    def _wait(self, request: Request) -> Outcome:
        while not request.done:  # what is asked again has a later deadline then
            self._world.run_to(request.deadline, lambda: request.outcome is not None)
        assert request.outcome is not None
        return request.outcome

    def _default_via(self) -> str:
        return self.leader or next((member.name for member in self._running()), self._settings.members[0])

    def _running(self) -> list[Member]:
        return [node.member for node in self._world.nodes.values() if node.condition == "up"]

    def _add(self, action: Change, name: str | None) -> Outcome:
        known = self._world.nodes
        if name is None:
            name = next(f"etcd-{i}" for i in range(1, len(known) + 2) if f"etcd-{i}" not in known)
        checks.member_name(name)
        if name in known:
            raise ValueError(f"{name!r} has been used in this cluster; give a new member a new name.")
        asked_for = [r.key for r in self._world.requests.all if r.kind in ("add_learner", "add_voter")]
        for other in dict.fromkeys([*known, *asked_for]):
            if other != name:
                self._world.network.delay_between(name, other)  # raises before anything has happened
        return self._change(action, name)

    def _settled(self) -> bool:
        nodes = self._world.nodes.values()
        return self.agreed_leader is not None and all(node.member.commit_index > 0 for node in nodes)

    def _known(self, name: str) -> str:
        return checks.known(name, self._world.nodes)

    def _all_known(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._known(name) for name in names)

    def _directions(self, a: str, b: str, one_way: bool) -> list[tuple[str, str]]:
        return checks.directions(a, b, self._world.nodes, one_way)

    def _set_link(self, a: str, b: str, cut: bool | None = None, extra: int | None = None) -> None:
        link = self._world.network.link(a, b)
        state = (link.cut if cut is None else cut, link.extra if extra is None else extra)
        if state != (link.cut, link.extra):
            self._act(World.set_link, a, b, *state)
