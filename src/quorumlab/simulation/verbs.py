"""What can be done to a simulated cluster: its clients, its faults and its membership, each noted down so that a fork does it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import permutations
from typing import Concatenate, ParamSpec, TypeVar

from quorumlab.arguments import shown
from quorumlab.cluster import checks
from quorumlab.cluster.clients import Change, Kind, Value
from quorumlab.cluster.events import Mode
from quorumlab.cluster.protocol import Error, Outcome
from quorumlab.latency.ground import newcomer
from quorumlab.raft import Member
from quorumlab.raft.state import LEADER
from quorumlab.simulation.network import SECOND
from quorumlab.simulation.requests import Request
from quorumlab.simulation.settings import SimulationSettings
from quorumlab.simulation.world import World

P = ParamSpec("P")
T = TypeVar("T")


class Verbs:
    """The verbs, on a world that ``SimulatedCluster`` makes; ``_journal`` keeps after how many steps, and when, each was done."""

    _settings: SimulationSettings
    _world: World
    _journal: list[tuple[int, int, Callable[[World], object]]]
    _closed: bool

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass."""
        raise NotImplementedError

    # --- who is asked ---

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
        self._check_open()
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
        self._check_open()
        group_of = checks.group_of_each(groups, self._world.nodes)
        for a, b in permutations(self._world.nodes, 2):
            self._set_link(a, b, cut=group_of[a] != group_of[b])

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut the link between two members, or only that from ``a`` to ``b``."""
        for one, other in self._directions(a, b, one_way):
            self._set_link(one, other, cut=True)

    def delay(self, a: str, b: str, *, ms: float, one_way: bool = False) -> None:
        """Make messages between two members take ``ms`` longer each way, so the round trip twice that."""
        self._check_open()
        extra = checks.extra_delay(ms)
        for one, other in self._directions(a, b, one_way):
            self._set_link(one, other, extra=extra)

    def heal(self, *link: str) -> None:
        """Undo all cuts and delays, or those between the two members named."""
        self._check_open()
        checks.healed(link)
        for a, b in self._directions(link[0], link[1], False) if link else permutations(self._world.nodes, 2):
            self._set_link(a, b, cut=False, extra=0)

    def slow_disk(self, name: str, *, ms: float) -> None:
        """Make each disk write of one member take ``ms`` longer; 0 undoes it."""
        self._check_open()
        extra = checks.extra_delay(ms)
        if self._world.nodes[self._known(name)].disk.extra != extra:
            self._act(World.slow_disk, name, extra)

    def time_out(self, *names: str) -> None:
        """Let members' election timers run out now. Raises ValueError for one that has none to run out."""
        for name in self._all_known(names):
            node = self._world.nodes[name]
            why = f"is {node.condition}" if node.condition != "up" else "leads" if node.member.role == LEADER else "does not vote" if node.learns else ""  # fmt: skip
            if why:
                raise ValueError(
                    f"{name} {why}, so no election timer runs there; choose a follower that is up."
                )
            self._act(World.time_out, name)

    def drop(self, message: int) -> None:
        """Lose a message on its way, by its number in the trace. Raises ValueError if none of that number is on its way now."""
        self._check_open()
        scheduled = self._world.scheduled_as(message)
        if scheduled is None:
            raise ValueError(
                f"No message of number {shown(message)} is on its way at {self._world.now / SECOND:g} s; "
                "cluster.trace.in_flight(cluster.now) lists those that are."
            )
        self._act(World.drop, scheduled)

    # --- membership ---

    def add_learner(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add a member that gets the log and does not vote, and start it. By default its name is the next
        free number. ``zone``, in a cluster made with ``rtt``, is the zone or region where it stands; by default where the member that is
        asked stands, which is the leader if there is one.
        """
        return self._add("add_learner", name, zone)

    def add_voter(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add a member that votes at once, and start it; ``zone`` as for ``add_learner``."""
        return self._add("add_voter", name, zone)

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

    # --- within ---

    def _act(self, verb: Callable[Concatenate[World, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something to the world, and note it down so that ``fork`` can do it again."""
        self._note(lambda world: verb(world, *args, **kwargs))
        return verb(self._world, *args, **kwargs)

    def _note(self, verb: Callable[[World], object]) -> None:
        self._journal.append((self._world.steps, self._world.now, verb))

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

    def _add(self, action: Change, name: str | None, zone: str | None) -> Outcome:
        self._check_open()
        known = self._world.nodes
        if name is None:
            name = next(f"etcd-{i}" for i in range(1, len(known) + 2) if f"etcd-{i}" not in known)
        checks.new_name(name)
        if name in known:
            raise ValueError(f"{shown(name)} has been used in this cluster; give a new member a new name.")
        asked_for = [r for r in self._world.requests.all if r.kind in ("add_learner", "add_voter")]
        others = [other for other in dict.fromkeys([*known, *(r.key for r in asked_for)]) if other != name]
        awaited = any(r.key == name and r.outcome is not None and r.outcome.unknown for r in asked_for)
        self._stand(name, zone, awaited)
        for other in others:
            self._world.network.delay_between(name, other)  # raises before anything has happened
        return self._change(action, name)

    def _stand(self, name: str, zone: str | None, awaited: bool) -> None:
        """Let a new member stand in ``zone``, or else where the member asked does, if the cluster stands anywhere. One that is asked for
        again because nobody knows whether it was added stays where it is.
        """
        new = newcomer(self._settings.ground, name, zone, self._default_via(), self._world.standing)
        if new is not None and not awaited:
            self._act(World.place, name, *new)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("This cluster is closed; make a new one.")

    def _known(self, name: str) -> str:
        self._check_open()
        return checks.known(name, self._world.nodes)

    def _all_known(self, names: tuple[str, ...]) -> tuple[str, ...]:
        self._check_open()
        return tuple(self._known(name) for name in names)

    def _directions(self, a: str, b: str, one_way: bool) -> list[tuple[str, str]]:
        self._check_open()
        return checks.directions(a, b, self._world.nodes, one_way)

    def _set_link(self, a: str, b: str, cut: bool | None = None, extra: int | None = None) -> None:
        link = self._world.network.link(a, b)
        state = (link.cut if cut is None else cut, link.extra if extra is None else extra)
        if state != (link.cut, link.extra):
            self._act(World.set_link, a, b, *state)
