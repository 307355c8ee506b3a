"""The simulated world: members, their disks, the links between them, and one queue of events in order of
time.

Everything that happens is an event ``(time, number, action, argument)``; equal times are taken in the order
they were scheduled. Nothing depends on the wall clock, on the order of a set or on the platform, so the same
commands give the same events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import repeat
from random import Random
from typing import Any, Protocol

from quorumlab.cluster.clients import Change, Kind, Value
from quorumlab.cluster.events import Condition, Lost, Mode, Process, State
from quorumlab.cluster.events import Disk as DiskSlowed
from quorumlab.cluster.events import Link as LinkChanged
from quorumlab.cluster.protocol import Error
from quorumlab.raft import Member, Membership, Message, Saved
from quorumlab.raft.log import COMMAND, MEMBERSHIP, Entry, Refusal
from quorumlab.raft.messages import Propose, Refused
from quorumlab.raft.state import Save
from quorumlab.simulation.connections import SILENCE, Connections
from quorumlab.simulation.network import MS, SECOND
from quorumlab.simulation.node import NEVER, Node
from quorumlab.simulation.recorder import Recorder
from quorumlab.simulation.requests import REFUSED, Request, Requests
from quorumlab.simulation.roster import Roster
from quorumlab.simulation.settings import SimulationSettings
from quorumlab.simulation.storage import Disk, Job, Store

# A client's request carries no number by which a leader could tell a copy from a second request, so it and its
# refusal (after which it is sent again) travel as over TCP: at most once. Raft's own messages may repeat.
SENT_ONCE = (Propose, Refused)

LOOKS_AGAIN = 50 * MS  # how often a member that starts looks for its peers
ENDS_AFTER = SECOND  # a member that has applied its own removal ends then (etcd's stopWithDelay in server/etcdserver/server.go)


class Watch(Protocol):
    """Somebody who is told of every step of every member, such as ``safety.SafetyMonitor``."""

    def wrote(self, member: Member, writes: Sequence[Save]) -> None: ...
    def applied(self, member: Member, index: int, entry: Entry) -> None: ...
    def stepped(self, member: Member) -> None: ...
    def restarted(self, name: str) -> None: ...


class World:
    """Members, their disks and links, and a queue of events; ``now`` in µs. Only its verbs change it."""

    def __init__(self, settings: SimulationSettings) -> None:
        members = settings.members
        self.settings = settings
        self.network = settings.network()
        self.now = 0
        self.steps = 0  # events handled so far
        self.queue: list[tuple[int, int, Callable[[Any], None], Any]] = []
        self.scheduled = 0
        self.recorder = Recorder(settings.record_heartbeats) if settings.record else None
        self.delivered = 0  # messages
        self.connections = Connections()
        self.requests = Requests(self)
        self.nodes: dict[str, Node] = {}
        self.watch: Watch | None = None
        self.roster = Roster(self, members)
        for name in members:
            self.add(name, Membership(members))
        for name in members:
            self.start(name)

    # --- time ---

    def schedule(self, at: int, action: Callable[[Any], None], argument: Any) -> None:
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
        node = Node(name, self.new_disk(name, membership), iter(draw, None), self.phases(name))
        for other in self.nodes.values():
            node.links[other.name] = self.network.link(name, other.name)
            other.links[name] = self.network.link(other.name, name)
        node.added_as_learner = learner
        node.started = name in membership.all  # the founders know each other from the start
        self.nodes[name] = node
        if self.recorder:
            self.recorder.joins(self.now, name, learner)

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
        """Start a member while others may be running."""
        self.start(name)
        node = self.nodes[name]
        if self.settings.raft.tick:
            self.look_for_peers((node, node.member, self.now + SILENCE))

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
        peers = sum(self.connections.active_since(node.name, name, self.now) is not None for name in others)
        if names == (node.name,) or peers > 1:
            member.advance(ticks - (1 if names == (node.name,) else 2))
            if self.recorder:
                self.recorder.add(State(self.now, node.name, due=member.due))
            self.settle(node)
        elif self.now < until:
            self.schedule(self.now + LOOKS_AGAIN, self.look_for_peers, start)

    def start(self, name: str) -> None:
        """Start a member from its disk."""
        node = self.nodes[name]
        saved = node.disk.saved()
        phase = self.now + next(node.phases)
        node.member = self.settings.member_class(
            name, saved, self.settings.raft, node.timeouts, self.now, phase
        )
        node.store = Store()
        if saved.snapshot.data is not None:
            node.store.load(saved.snapshot.data)
        node.serving = False
        if self.watch is not None:
            self.watch.restarted(name)
        self.set_condition(node, "up")
        if self.recorder:
            self.recorder.restarted(self.now, node.member)
        self.settle(node)

    def stand(self, name: str) -> None:
        """Let a member's election timer run out now."""
        node = self.nodes[name]
        node.member.due = self.now
        self.settle(node)

    def set_condition(self, node: Node, condition: Condition) -> None:
        node.condition = condition
        node.refresh()
        self.connections.process(self.now, node.name, condition)
        if self.recorder:
            self.recorder.add(Process(self.now, node.name, condition))

    def longest_connected(self, name: str) -> str | None:
        """The voter that a member has been connected to for longest: whom etcd hands over to when it is stopped."""
        voters = self.nodes[name].member.membership.voters
        return self.connections.longest(name, voters, self.now)

    def stop(self, name: str, condition: Condition = "down") -> None:
        """The process ends: what is not on disk is lost, with all requests in hand."""
        node = self.nodes[name]
        node.disk.lose_unwritten()
        self.set_condition(node, condition)
        node.timer_at = NEVER
        for lost in (node.waiting, node.early, node.backlog, node.open, node.readable):
            lost.clear()
        self.requests.lose(name)

    def pause(self, name: str) -> None:
        self.set_condition(self.nodes[name], "paused")

    def resume(self, name: str) -> None:
        """The process goes on: first it finds what has arrived meanwhile, then its timer."""
        node = self.nodes[name]
        self.set_condition(node, "up")
        self.catch_up(node)
        self.tick(node)

    def catch_up(self, node: Node) -> None:
        """Do what has been waiting for the member, in order; what finds it busy again goes on waiting."""
        backlog, node.backlog = node.backlog, []
        for action, argument in backlog:
            action(argument)

    def submit(
        self, kind: Kind | Change, key: str, value: Value, via: str, mode: Mode, client: str, timeout: int
    ) -> Request:
        """A client asks for something now, and gives up after ``timeout`` µs."""
        return self.requests.submit(kind, key, value, via, mode, client, timeout)

    def transfer(self, name: str, to: str) -> Error | None:
        """The operator asks member ``name`` to hand leadership over. Returns why it will not, or None."""
        node = self.nodes[name]
        refusal = node.member.transfer_to(to)
        self.settle(node)
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
            link.cut, link.extra = cut, extra
            self.connections.link(self.now, a, b, cut)
            if self.recorder:
                self.recorder.add(LinkChanged(self.now, a, b, cut, extra))

    # --- one step of a member ---

    def deliver(self, message: Message) -> None:
        node = self.nodes[message.to]
        if node.ready:
            if self.roster.gone and self.roster.turns_away(node, message.sender):
                return
            self.delivered += 1
            member = node.member
            member.receive(self.now, message)
            if member.outbox or member.changed:  # else only a timer was put off
                self.settle(node)
        else:
            node.waits(self.deliver, message)

    def deliver_recorded(self, numbered: tuple[int, Message]) -> None:
        number, message = numbered
        condition = self.nodes[message.to].condition
        if self.recorder and condition in ("down", "removed"):
            self.recorder.add(Lost(self.now, number, condition))
        self.deliver(message)

    def timer(self, node: Node) -> None:
        """A timer event. Most are out of date: a heartbeat has put the member's ``due`` off, and so is the
        timer.
        """
        if node.timer_at != self.now:
            return
        node.timer_at = NEVER
        if node.condition == "up":  # else it looks at its timer when it goes on
            self.tick(node)

    def tick(self, node: Node) -> None:
        if not node.waits(self.tick, node):
            node.member.tick(self.now)
            self.settle(node)
            if node.name in self.roster.gone:
                self.roster.ask_whether_it_belongs(node)

    def settle(self, node: Node) -> None:
        """Take away what a member's last input left behind: changes, messages, the time it next wants to be
        called.
        """
        member = node.member
        while member.changed:
            member.changed = False
            self.take_results(node, member)
        if member.outbox:
            messages, member.outbox = member.outbox, []
            if node.disk.running is not None:
                messages = node.disk.hold_back(messages)
            self.send(node, messages)
        if member.due < node.timer_at and node.condition == "up":
            node.timer_at = max(member.due, self.now)  # what is overdue after a slow write is due now
            self.schedule(node.timer_at, self.timer, node)
        if self.recorder is not None and self.recorder.heartbeats:
            self.recorder.show_state(self.now, member)  # heartbeats reset timers and change nothing else
        if self.watch is not None:
            self.watch.stepped(member)

    def take_results(self, node: Node, member: Member) -> None:
        if self.recorder:
            self.recorder.show(self.now, member)
        if member.writes:
            writes, member.writes = member.writes, []
            if self.watch is not None:
                self.watch.wrote(member, writes)
            self.write(node, writes)
        if member.restored is not None:
            node.store.load(member.restored.data)
            self.roster.applied(member.restored.last_index, member.restored.membership)
            member.restored = None
        if member.commit_index > member.last_applied:
            for index, entry, refusal in member.take_committed():
                if self.watch is not None:
                    self.watch.applied(member, index, entry)
                self.apply(node, index, entry, refusal)
                if node.condition != "up":
                    return
            if member.last_applied - member.log.snapshot.last_index >= self.settings.snapshot_every:
                member.compact(node.store.snapshot())
                member.changed = True
        if member.answers:
            answers, member.answers = member.answers, []
            for answer in answers:
                self.requests.answered(node, answer)
        if node.readable:
            self.requests.serve_reads(node)
        if not node.serving and member.leader is not None and member.informed:
            node.serving = node.started = True
            self.requests.serve_early(node)
        if node.waiting and member.leader is not None:
            self.requests.hand_over(node)

    def apply(self, node: Node, index: int, entry: Entry, refusal: Refusal | None) -> None:
        """Carry out one committed entry, and answer the client of this member that asked for it."""
        request = node.open.pop(entry.request, None) if entry.request is not None else None
        if entry.kind == COMMAND:
            result = node.store.apply(entry.data)
            if request:
                self.requests.finish(request, *result, error=None if result.ok else "compare_failed")
        elif entry.kind == MEMBERSHIP:
            self.roster.applied(index, node.member.membership)
            if request and refusal is not None:
                self.requests.fail(request, REFUSED[refusal])
            elif request:
                self.requests.finish(request, True, None, None)
            if node.name in node.member.membership.removed:
                self.schedule(self.now + ENDS_AFTER, self.roster.dismiss, node)

    # --- the disk ---

    def write(self, node: Node, writes: list[Save]) -> None:
        disk = node.disk
        if not disk.takes_time and disk.running is None:
            disk.write(writes)
            self.report_saved(node)
        elif disk.running is None:
            self.begin_write(node, (writes, []))
        else:
            disk.next[0].extend(writes)

    def begin_write(self, node: Node, job: Job) -> None:
        self.schedule(self.now + node.disk.begin(job), self.written, (node, job))
        node.refresh()

    def written(self, write: tuple[Node, Job]) -> None:
        """A write has finished: send what waited for it, and begin the next."""
        node, job = write
        disk = node.disk
        if disk.running is not job:
            return  # the member has crashed since
        if node.condition == "paused":
            node.backlog.append((self.written, write))
            return
        writes, messages = job
        disk.write(writes)
        disk.running = None
        node.refresh()
        if disk.next[0]:
            job, disk.next = disk.next, ([], [])
            self.begin_write(node, job)
        self.send(node, messages)
        self.report_saved(node)
        self.settle(node)
        if disk.blocks:
            self.catch_up(node)

    def report_saved(self, node: Node) -> None:
        disk = node.disk
        node.member.saved_vote(disk.term)
        node.member.saved(disk.log.last_index, disk.log.last_term)

    # --- the network ---

    def send(self, node: Node, messages: Iterable[Message]) -> None:
        now, recorder, network = self.now, self.recorder, self.network
        for message in messages:
            link = node.links.get(message.to)
            if link is None:
                continue  # a member that the cluster knows but that was never started
            copies = network.fate() if network.lossy else 1
            if isinstance(message, SENT_ONCE):
                copies = min(copies, 1)
            lost = "cut" if link.cut else "loss" if copies == 0 else None
            if recorder is not None and recorder.wants(link, message):
                for _ in range(copies or 1):
                    arrives = None if lost else link.arrival(now)
                    number = recorder.message(now, message, arrives, lost)
                    if arrives is not None:
                        self.schedule(arrives, self.deliver_recorded, (number, message))
            elif lost is None:
                for _ in range(copies):
                    self.scheduled += 1
                    heappush(self.queue, (link.arrival(now), self.scheduled, self.deliver, message))
