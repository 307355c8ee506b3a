"""A place where a member runs: what surrounds it in the simulated world, and whether it can act now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from quorumlab.cluster.events import Condition
from quorumlab.raft import Entry, Member, Message, Refusal
from quorumlab.raft.log import COMMAND, MEMBERSHIP
from quorumlab.raft.messages import Append, Propose, Readable, Refused
from quorumlab.raft.state import LEADER, Save
from quorumlab.simulation.connections import Connections
from quorumlab.simulation.network import Link, Network
from quorumlab.simulation.recorder import Recorder
from quorumlab.simulation.settings import SimulationSettings
from quorumlab.simulation.storage import Disk, Job, Result, Store
from quorumlab.simulation.watch import Watchers

if TYPE_CHECKING:
    from quorumlab.simulation.roster import Roster

NEVER = 1 << 62

Waiting = tuple[Callable[[Any], None], Any]
"""An action and its argument."""


# A client's request carries no number by which a leader could tell a copy from a second request, so it and its
# refusal (after which it is sent again) travel as over TCP: at most once. Raft's own messages may repeat.
SENT_ONCE = (Propose, Refused)


class Door(Protocol):
    """Where the clients of all members wait. A request is known here by its number only."""

    def applied(self, node: Node, request: int, result: Result) -> None:
        """A command that one of this member's clients asked for has been carried out."""

    def enacted(self, node: Node, request: int, refusal: Refusal | None) -> None:
        """A change of the membership that one of them asked for has been made, or refused."""

    def answered(self, node: Node, answer: Readable | Refused) -> None:
        """The member's answer to one of them."""

    def serve_reads(self, node: Node) -> None:
        """More has been applied, so that reads may be answered."""

    def serve_early(self, node: Node) -> None:
        """The member serves from now on."""

    def hand_over(self, node: Node) -> None:
        """There is a leader to whom requests can be handed."""

    def lose(self, name: str) -> None:
        """The process has ended, and its clients' connections with it."""


class Surroundings(Protocol):
    """What a node finds around it: the time, the links, and who watches; ``now`` in µs."""

    now: int
    settings: SimulationSettings
    client_ms: dict[tuple[str, str], float]
    network: Network
    recorder: Recorder | None
    watchers: Watchers
    door: Door

    def schedule(self, at: int, action: Callable[[Any], None], argument: Any) -> None:
        """Have ``action(argument)`` done at a time."""

    def deliver(self, message: Message) -> None:
        """A message arrives."""

    def deliver_recorded(self, numbered: tuple[int, Message]) -> None:
        """A message that the trace knows by a number arrives."""


class Ensemble(Surroundings, Protocol):
    """What whoever looks after all of them finds: the nodes too, and how they come and go."""

    nodes: dict[str, Node]
    connections: Connections
    roster: Roster
    settled_at: int
    client_ms: dict[tuple[str, str], float]

    def join(self, name: str, learner: bool) -> None:
        """Start a new member with an empty disk."""

    def joined(self, node: Node) -> None:
        """A member that has started takes part from now on."""

    def stop(self, name: str, condition: Condition = "down") -> None:
        """End a member's process."""


class Node:
    """A place where a member runs: it does what the member's steps ask for, with its disk, its store and its links."""

    def __init__(
        self, around: Surroundings, name: str, disk: Disk, timeouts: Iterator[int], phases: Iterator[int]
    ) -> None:
        self.around = around
        self.schedule, self.deliver = around.schedule, around.deliver  # asked for with each message
        self.name = name
        self.disk = disk
        self.timeouts = timeouts
        self.phases = phases
        self.condition: Condition = "down"
        self.ready = False  # whether it takes in what happens: it is up, and not kept waiting by its disk
        self.member: Member
        self.store: Store
        self.links: dict[str, Link] = {}
        self.line_free = 0  # until when its line is busy with what it sends, in µs
        self.timer_at = NEVER  # when the timer event in the queue that counts is due
        self.backlog: list[Waiting] = []  # what happened while it runs but was not ready
        self.waiting: list[Any] = []  # until a leader is known
        self.started = False  # whether it has ever served, so that all know its name (etcd's IsStarted)
        self.serving = False  # whether a leader has told it since its start what is committed
        self.early: list[Any] = []  # serializable reads that came before
        self.open: dict[int, Any] = {}  # handed over, not yet answered
        self.readable: list[tuple[int, Any]] = []  # (read index, request) until that is applied
        self.added_as_learner = False
        self.joined = False  # whether it has ever learned who belongs, so that its disk tells
        self.asks: set[str] = set()  # while it joins: whose answer its start still waits for
        self.told = False  # then: whether anybody has told it who belongs
        self.held_until: int | None = (
            None  # then: how long, in µs, its start waits at most for a read without a quorum
        )

    @property
    def learns(self) -> bool:
        """Whether it is a learner by what it has applied, and as long as that does not name it, by how it was added."""
        membership = self.member.membership
        return self.name in membership.learners or (
            self.name not in membership.voters and self.added_as_learner
        )

    @property
    def joining(self) -> bool:
        """Whether its process runs, and takes no part yet."""
        return bool(self.asks) or self.held_until is not None

    def refresh(self) -> None:
        """Whether it is ready, after a change of its condition, its disk or whom it waits for."""
        self.ready = self.condition == "up" and not self.disk.keeps_waiting and not self.joining

    def waits(self, action: Callable[[Any], None], argument: Any) -> bool:
        """Whether the member is not ready; if it runs, ``action(argument)`` is then done as soon as it is."""
        if not self.ready and self.condition in ("up", "paused"):
            self.backlog.append((action, argument))
        return not self.ready

    def catch_up(self) -> None:
        """Do what has been waiting for the member, in order; what finds it busy again goes on waiting."""
        backlog, self.backlog = self.backlog, []
        for action, argument in backlog:
            action(argument)

    def end(self) -> None:
        """The process ends: what is not on disk is lost, with all requests in hand."""
        self.disk.lose_unwritten()
        self.timer_at = NEVER
        self.line_free = 0
        for lost in (self.waiting, self.early, self.backlog, self.open, self.readable, self.asks):
            lost.clear()
        self.held_until = None

    # --- one step of its member ---

    def timer(self, _: object = None) -> None:
        """A timer event. Most are out of date: a heartbeat has put the member's ``due`` off, and so is the
        timer.
        """
        if self.timer_at != self.around.now:
            return
        self.timer_at = NEVER
        if self.condition == "up":  # else it looks at its timer when it goes on
            self.tick()

    def tick(self, _: object = None) -> None:
        """Let the member look at its timers."""
        if not self.waits(self.tick, None):
            self.member.tick(self.around.now)
            self.settle()
            for ticked in self.around.watchers.ticked:
                ticked(self.around.now, self.member)

    def settle(self) -> None:
        """Take away what the member's last input left behind: changes, messages, the time it next wants to be
        called.
        """
        member, around = self.member, self.around
        while member.changed:
            member.changed = False
            self.take_results(member)
        if member.outbox:
            messages, member.outbox = member.outbox, []
            if self.disk.running is not None:
                messages = self.disk.hold_back(messages)
            self.send(messages)
        if member.due < self.timer_at and self.condition == "up":
            self.timer_at = max(member.due, around.now)  # what is overdue after a slow write is due now
            around.schedule(self.timer_at, self.timer, None)
        for stepped in around.watchers.stepped:
            stepped(around.now, member)

    def take_results(self, member: Member) -> None:
        """Save, apply and answer."""
        around = self.around
        for changed in around.watchers.changed:
            changed(around.now, member)
        if member.writes:
            writes, member.writes = member.writes, []
            self.write(writes)
        if member.restored is not None:
            self.store.load(member.restored.data)
            member.restored = None
        if member.commit_index > member.last_applied:
            for index, entry, refusal in member.take_committed():
                for applied in around.watchers.applied:
                    applied(around.now, member, index, entry)
                self.apply(entry, refusal)
            if member.last_applied - member.log.snapshot.last_index >= around.settings.snapshot_every:
                member.compact(self.store.snapshot())
                member.changed = True
        door = around.door
        if member.answers:
            answers, member.answers = member.answers, []
            for answer in answers:
                door.answered(self, answer)
        if self.readable:
            door.serve_reads(self)
        if not self.serving and self.may_serve(member):
            self.serving = self.started = True
            door.serve_early(self)
        if self.waiting and member.leader is not None:
            door.hand_over(self)

    def may_serve(self, member: Member) -> bool:
        """Whether the server has made itself known through the log since its start, for which a quorum by the newest membership must hear
        the leader: one that is elected by an older membership, which it then finds changed, waits.
        """
        if member.leader is None or not member.informed:
            return False
        return member.role != LEADER or member.agreed_index() >= member.commit_index

    def apply(self, entry: Entry, refusal: Refusal | None) -> None:
        """Carry out one committed entry, and tell the client of this member that asked for it."""
        if entry.kind == COMMAND:
            result = self.store.apply(entry.data)
            if entry.request in self.open:
                self.around.door.applied(self, entry.request, result)
        elif entry.kind == MEMBERSHIP and entry.request in self.open:
            self.around.door.enacted(self, entry.request, refusal)

    # --- the disk ---

    def write(self, writes: list[Save]) -> None:
        """Begin to save records, or have them wait for the write under way."""
        disk = self.disk
        if not disk.takes_time and disk.running is None:
            disk.write(writes)
            self.report_saved()
        elif disk.running is None:
            self.begin_write((writes, []))
        else:
            disk.next[0].extend(writes)

    def begin_write(self, job: Job) -> None:
        """One write begins."""
        self.around.schedule(self.around.now + self.disk.begin(job), self.written, job)
        self.refresh()

    def written(self, job: Job) -> None:
        """A write has finished: send what waited for it, and begin the next."""
        disk = self.disk
        if disk.running is not job:
            return  # the member has crashed since
        if self.condition == "paused":
            self.backlog.append((self.written, job))
            return
        writes, messages = job
        disk.write(writes)
        disk.running = None
        self.refresh()
        if disk.next[0]:
            job, disk.next = disk.next, ([], [])
            self.begin_write(job)
        self.send(messages)
        self.report_saved()
        self.settle()
        if disk.blocks:
            self.catch_up()

    def report_saved(self) -> None:
        """Tell the member what its disk has."""
        self.member.saved_vote(self.disk.term)
        self.member.saved(self.disk.log.last_index, self.disk.log.last_term)

    # --- the network ---

    def send(self, messages: Iterable[Message]) -> None:
        """Put messages on their links."""
        around = self.around
        now, recorder, network, line = around.now, around.recorder, around.network, around.settings.line
        for message in messages:
            link = self.links[message.to]
            copies = network.fate() if network.lossy else 1
            if isinstance(message, SENT_ONCE):
                copies = min(copies, 1)
            lost = "cut" if link.cut else "loss" if copies == 0 else None
            if recorder is not None and recorder.wants(link, message):
                for _ in range(copies or 1):
                    arrives = None if lost else link.arrival(self.leaves(message))
                    number = recorder.message(now, message, arrives, lost)
                    if arrives is not None:
                        around.schedule(arrives, around.deliver_recorded, (number, message))
            elif lost is None:
                for _ in range(copies):
                    self.schedule(link.arrival(self.leaves(message) if line else now), self.deliver, message)

    def leaves(self, message: Message) -> int:
        """When the last of a message is on the member's line, in µs. Only log entries take time on it: all else is short."""
        entries = len(message.entries) if isinstance(message, Append) else 0
        now = self.around.now
        if not entries or not self.around.settings.line:
            return now
        self.line_free = max(now, self.line_free) + entries * self.around.settings.line
        return self.line_free
