"""The simulated world: members, their disks, the links between them, and one queue of events in order of
time.

Everything that happens is an event ``(time, number, action, argument)``; equal times are taken in the order
they were scheduled. Nothing depends on the wall clock, on the order of a set or on the platform, so the same
commands give the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import heappop, heappush
from itertools import repeat
from random import Random
from typing import Any

from quorumlab.cluster.clients import Change, Kind, Value
from quorumlab.cluster.events import DROPPED, Condition, Lost, Mode, Process, State
from quorumlab.cluster.events import Disk as DiskSlowed
from quorumlab.cluster.events import Link as LinkChanged
from quorumlab.cluster.protocol import Error
from quorumlab.latency.rtt import Pair, Place
from quorumlab.raft import Member, Membership, Message, Saved
from quorumlab.simulation.connections import LASTING, Connections
from quorumlab.simulation.joining import Joining
from quorumlab.simulation.network import MS
from quorumlab.simulation.node import Door, Node
from quorumlab.simulation.recorder import Recorder
from quorumlab.simulation.requests import REFUSED, Request, Requests
from quorumlab.simulation.roster import Roster
from quorumlab.simulation.settings import SimulationSettings
from quorumlab.simulation.storage import Disk, Store
from quorumlab.simulation.watch import Watchers

LOOKS_AGAIN = 50 * MS  # how often a member that starts looks for its peers


class World:
    """Members, their disks and links, and a queue of events; ``now`` in µs. Only its verbs change it."""

    def __init__(self, settings: SimulationSettings) -> None:
        members = settings.members
        self.settings = settings
        self.network = settings.network()
        self.client_ms = dict(settings.client_ms)
        self.standing = settings.ground.standing if settings.ground else {}
        self.now = 0
        self.steps = 0  # events handled so far
        self.queue: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self.scheduled = 0
        self.recorder = Recorder(settings.record_heartbeats) if settings.record else None
        self.delivered = 0  # messages
        self.settled_at = 0  # when a member last started, or a link healed
        self.connections = Connections()
        self.requests = Requests(self)
        self.door: Door = self.requests
        self.nodes: dict[str, Node] = {}
        self.roster = Roster(self, settings.membership)
        self.joining = Joining(self)
        self.watchers = Watchers()
        self.watchers.add(self.roster)
        if self.recorder is not None:
            self.watchers.add(self.recorder)
        for name in members:
            self.add(name, settings.membership, name in settings.learners)
        for name in members:
            self.start(name)

    # --- time ---

    def schedule(self, at: int, action: Callable[[Any], None], argument: Any) -> None:
        """Let ``action(argument)`` happen at ``at`` µs, after what was scheduled for then before."""
        self.scheduled += 1
        heappush(self.queue, (at, self.scheduled, action, argument))

    def run_to(self, until: int, stop: Callable[[], bool] | None = None) -> bool:
        """Handle all events up to ``until``, or until ``stop()``, asked after each. Returns whether it
        stopped.
        """
        queue = self.queue
        while queue and queue[0][0] <= until:
            self.now, _, action, argument = heappop(queue)
            self.steps += 1
            action(argument)
            if stop is not None and stop():
                return True
        self.now = max(self.now, until)
        return False

    def run_steps(self, steps: int, now: int) -> None:
        """Handle events until as many have been handled as ``steps``; then it is ``now``. To repeat a past
        exactly.
        """
        while self.steps < steps:
            self.now, _, action, argument = heappop(self.queue)
            self.steps += 1
            action(argument)
        self.now = now

    # --- members come and go ---

    def new_disk(self, name: str, membership: Membership) -> Disk:
        """An empty disk."""
        settings = self.settings
        write_time = settings.disk.sampler(Random(f"{settings.seed}/disk/{name}")) if settings.disk else None
        return Disk(Saved.new(membership), write_time, settings.disk_blocks)

    def add(self, name: str, membership: Membership, learner: bool = False) -> None:
        """Set up a place for a member, with an empty disk."""
        settings = self.settings
        draw = settings.timeouts.sampler(Random(f"{settings.seed}/timeouts/{name}"))
        node = Node(self, name, self.new_disk(name, membership), iter(draw, None), self.phases(name))
        for other in self.nodes.values():
            node.links[other.name] = self.network.link(name, other.name)
            other.links[name] = self.network.link(other.name, name)
        node.added_as_learner = learner
        node.started = node.joined = name in membership.all  # the founders know each other from the start
        self.nodes[name] = node
        if self.recorder:
            self.recorder.joins(self.now, name, learner)

    def place(
        self, name: str, at: Place, ways: Mapping[Pair, float], client_ways: Mapping[Pair, float]
    ) -> None:
        """A new member stands somewhere: the ms that messages take between it and others, and requests of clients to it."""
        self.standing[name] = at
        self.network.lay(ways)
        self.client_ms.update(client_ways)

    def phases(self, name: str) -> Iterator[int]:
        """How long after each of its starts a member's clock ticks for the first time, in µs."""
        tick = self.settings.raft.tick
        if not tick:
            return repeat(0)
        draw = Random(f"{self.settings.seed}/phase/{name}").random
        return iter(lambda: int(tick * draw()), None)

    def join(self, name: str, learner: bool) -> None:
        """The operator starts a new member with an empty disk."""
        self.add(name, Membership(()), learner)
        self.restart(name)

    def restart(self, name: str) -> None:
        """Start a member while others may be running. One that has never joined asks around first."""
        self.settled_at = self.now
        node = self.nodes[name]
        if not node.joined:
            self.joining.begin(node)
            if self.recorder:
                self.recorder.waiting.add(name)
        self.start(name)
        self.joining.started(node)
        if self.recorder and node.joining:
            self.recorder.add(State(self.now, name, role=None))

    def joined(self, node: Node) -> None:
        """A member that has started takes part from now on, and finds what has arrived meanwhile."""
        self.connections.process(self.now, node.name, node.condition)
        if self.recorder:
            self.recorder.waiting.discard(node.name)
            self.recorder.show_state(self.now, node.member)
        if self.settings.raft.tick:
            self.look_for_peers((node, node.member, self.now + LASTING))
        if node.backlog:
            node.catch_up()
            node.tick()

    def look_for_peers(self, start: tuple[Node, Member, int]) -> None:
        """A member that has started puts its clock forward, all but two ticks of its election timeout, once it is
        connected to two others; one that is the only member does so at once (etcd's adjustTicks). So a cluster that was
        down as a whole need not wait for so long.
        """
        node, member, until = start
        if node.member is not member or node.waits(self.look_for_peers, start):
            return
        ticks = self.settings.raft.election // self.settings.raft.tick
        names = self.roster.membership.all
        others = [name for name in names if name != node.name]
        peers = sum(self.connections.active_since(node.name, name) is not None for name in others)
        if names == (node.name,) or peers > 1:
            member.advance(ticks - (1 if names == (node.name,) else 2))
            if self.recorder:
                self.recorder.add(State(self.now, node.name, due=member.due))
            node.settle()
        elif self.now < until:
            self.schedule(self.now + LOOKS_AGAIN, self.look_for_peers, start)

    def start(self, name: str) -> None:
        """Start a member from its disk."""
        node = self.nodes[name]
        saved = node.disk.saved()
        phase = self.now + next(node.phases)
        node.member = self.settings.member_class(
            name, saved, self.settings.raft_of(name), node.timeouts, self.now, phase
        )
        node.store = Store()
        if saved.snapshot.data is not None:
            node.store.load(saved.snapshot.data)
        node.serving = False
        self.set_condition(node, "up")
        for restarted in self.watchers.restarted:
            restarted(self.now, node.member)
        node.settle()

    def stand(self, name: str) -> None:
        """Let a member's election timer run out now."""
        node = self.nodes[name]
        node.member.due = self.now
        node.settle()

    def time_out(self, name: str) -> None:
        """The same by somebody's hand, which the trace tells."""
        if self.recorder:
            self.recorder.add(State(self.now, name, due=self.now))
        self.stand(name)

    def drop(self, scheduled: int) -> None:
        """Lose a message on its way, by the number under which its arrival was scheduled."""
        for place, (at, number, action, argument) in enumerate(self.queue):
            if number == scheduled:
                self.queue[place] = (at, number, _nothing, None)  # still a step, so that a fork counts alike
                if self.recorder and action == self.deliver_recorded:
                    self.recorder.add(Lost(self.now, argument[0], DROPPED))

    def set_condition(self, node: Node, condition: Condition) -> None:
        """A process starts, stands still, goes on or ends."""
        node.condition = condition
        node.refresh()
        self.connections.process(self.now, node.name, "down" if node.joining else condition)
        if self.recorder:
            self.recorder.add(Process(self.now, node.name, condition))

    def longest_connected(self, name: str) -> str | None:
        """The voter that a member has been connected to for longest: whom etcd hands over to when it is stopped."""
        voters = [
            other
            for other in self.nodes[name].member.membership.voters
            if other not in self.settings.witnesses
        ]
        return self.connections.longest(name, voters)

    def stop(self, name: str, condition: Condition = "down") -> None:
        """The process ends: what is not on disk is lost, with all requests in hand."""
        node = self.nodes[name]
        node.end()
        self.set_condition(node, condition)
        self.requests.lose(name)
        self.joining.look_again()

    def pause(self, name: str) -> None:
        """The process stands still."""
        self.set_condition(self.nodes[name], "paused")

    def resume(self, name: str) -> None:
        """The process goes on: first it finds what has arrived meanwhile, then its timer."""
        node = self.nodes[name]
        self.settled_at = self.now
        self.set_condition(node, "up")
        node.catch_up()
        node.tick()
        self.joining.look_again()

    def submit(
        self, kind: Kind | Change, key: str, value: Value, via: str, mode: Mode, client: str, timeout: int
    ) -> Request:
        """A client asks for something now, and gives up after ``timeout`` µs."""
        return self.requests.submit(kind, key, value, via, mode, client, timeout)

    def transfer(self, name: str, to: str) -> Error | None:
        """The operator asks member ``name`` to hand leadership over. Returns why it will not, or None."""
        node = self.nodes[name]
        refusal = node.member.transfer_to(to)
        node.settle()
        return None if refusal is None else REFUSED[refusal]

    def slow_disk(self, name: str, extra: int) -> None:
        """Each disk write that begins from now on takes ``extra`` µs longer."""
        self.nodes[name].disk.extra = extra
        if self.recorder:
            self.recorder.add(DiskSlowed(self.now, name, extra))

    def set_link(self, a: str, b: str, cut: bool, extra: int) -> None:
        """Cut, slow or heal one direction. What is on its way arrives all the same."""
        link = self.network.link(a, b)
        if (link.cut, link.extra) != (cut, extra):
            if link.cut and not cut:
                self.settled_at = self.now
            link.cut, link.extra = cut, extra
            self.connections.link(self.now, a, b, cut)
            self.joining.look_again()
            if self.recorder:
                self.recorder.add(LinkChanged(self.now, a, b, cut, extra))

    # --- one step of a member ---

    def deliver(self, message: Message) -> None:
        """A message arrives."""
        node = self.nodes[message.to]
        if node.ready:
            if self.roster.gone and self.roster.turns_away(node, message.sender):
                return
            self.delivered += 1
            member = node.member
            member.receive(self.now, message)
            if member.outbox or member.changed:  # else only a timer was put off
                node.settle()
        else:
            node.waits(self.deliver, message)

    def deliver_recorded(self, numbered: tuple[int, Message]) -> None:
        """The same for one that the trace knows by its number."""
        number, message = numbered
        condition = self.nodes[message.to].condition
        if self.recorder and condition in ("down", "removed"):
            self.recorder.add(Lost(self.now, number, condition))
        self.deliver(message)

    def scheduled_as(self, message: int) -> int | None:
        """The number under which the arrival of a message of the trace is scheduled, or None if it is not on its way."""
        for _, number, action, argument in self.queue:
            if action == self.deliver_recorded and argument[0] == message:
                return number
        return None


def _nothing(_: object) -> None:
    """What is left of a message that was lost."""
