"""What becomes of a client's request: handed to a member, answered, or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quorumlab.cluster import checks
from quorumlab.cluster.clients import Change, Kind, Pending, Value
from quorumlab.cluster.events import UNKNOWN, Invoke, Mode, Return
from quorumlab.cluster.protocol import Error, Outcome
from quorumlab.raft import Refusal
from quorumlab.raft.log import COMMAND
from quorumlab.raft.messages import Readable, Refused
from quorumlab.simulation.network import MS, SECOND
from quorumlab.simulation.node import Ensemble, Node
from quorumlab.simulation.reconfiguration import promotion_turned_down, turned_down
from quorumlab.simulation.storage import Result

READ_RETRY = 500 * MS  # etcd asks again for a read index after this long
REFUSED: Mapping[Refusal, Error] = {
    "no_leader": "not_the_leader",
    "learner": "learner",
    "already_a_member": "already_a_member",
    "too_many_learners": "too_many_learners",
    "not_a_member": "not_a_member",
    "not_a_learner": "not_a_learner",
    "learner_not_ready": "learner_not_ready",
    "last_voter": "not_enough_started",
}
"""What a Raft member refuses, as a client of etcd is told."""

ASK_LATER = 100 * MS  # a change that comes too early is asked for again after this long
RECOVERS = (
    6 * SECOND
)  # etcd wants to have been connected for five seconds, and one more is for the connecting
STORES = ("read", "write", "cas")  # requests of clients to the store; all others are the operator's
PROPOSE_RETRY = 100 * MS  # a request that a leader could not take waits this long


@dataclass(slots=True, kw_only=True)
class Request(Pending):
    """One request of one client in the simulated world. ``asked``, ``deadline`` and ``way``, the client's to its member, are in µs;
    ``handed`` says whether it left that member for a leader, so that it may happen. It was ``asked_again`` later, has ``arrived`` at the member, and the member has
    ``answered``, a way before the client knows.
    """

    id: int
    asked: int
    deadline: int
    way: int = 0
    handed: bool = False
    asked_again: int | None = None
    arrived: bool = False
    answered: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing more is to be done for it, because its member has answered or its client has given up."""
        return self.answered or self.done

    @property
    def command(self) -> tuple[Any, ...]:
        """What the store is to do, for a write or a cas."""
        if isinstance(self.value, tuple):
            return ("cas", self.key, *self.value)
        return ("put", self.key, self.value)


class Requests:
    """All requests of a world, and the steps each goes through: begin, hand over, (answer) finish or give up."""

    def __init__(self, world: Ensemble) -> None:
        self.world = world
        self.all: list[Request] = []
        self.pending: dict[int, Request] = {}

    def submit(
        self, kind: Kind | Change, key: str, value: Value, via: str, mode: Mode, client: str, timeout: int
    ) -> Request:
        """A client asks for something now, and gives up after ``timeout`` µs."""
        now = self.world.now
        request = Request(
            id=len(self.all) + 1, client=client, kind=kind, key=key, value=value, via=via, mode=mode,
            invoked=now / MS, asked=now, deadline=now + timeout, way=self.way(kind, client, via),
        )  # fmt: skip
        self.all.append(request)
        self.pending[request.id] = request
        if self.world.recorder:
            self.world.recorder.add(Invoke(now, request.id, client, kind, key, value, via, mode))
        self.world.schedule(request.deadline, self.give_up, request)
        if request.way:
            self.world.schedule(now + request.way, self.begin, request)
        else:
            self.begin(request)
        return request

    def way(self, kind: Kind | Change, client: str, via: str) -> int:
        """How long a client's request takes to its member, in µs; the operator stands beside it."""
        ways = self.world.client_ms
        if not ways or kind not in STORES:
            return 0
        return round(checks.client_way_ms(ways, client, via) * MS)

    def begin(self, request: Request) -> None:
        """The request reaches the member asked."""
        if request.done:  # given up on the way
            return
        request.arrived = True
        node = self.world.nodes[request.via]
        if node.condition in ("down", "removed"):
            self.fail(request, "member_down")
        elif node.waits(self.begin, request):  # it lies in the member's socket, and is carried out in the end
            request.handed = True
        elif node.name in self.world.settings.witnesses:
            self.fail(request, "witness")
        elif request.mode == "serializable" or not (
            node.serving or (request.kind in STORES and not node.learns)
        ):
            # etcd opens its doors to clients only when it has published itself through the log, so a member that was
            # restarted and hears no leader serves nothing, though it has the data. (What a voter only hands on to a leader waits elsewhere.)
            node.early.append(request)
            if node.serving:
                self.serve_early(node)
        elif node.learns:
            self.fail(request, "learner")
        elif (error := turned_down(self.world, node, request.kind, request.key)) is not None:
            if error == "unhealthy" and self.may_recover(node, request):
                self.ask_later(request)
            else:
                self.fail(request, error)
        else:
            node.waiting.append(request)
            self.hand_over(node)
            node.settle()

    def may_recover(self, node: Node, request: Request) -> bool:
        """Whether etcd may soon call the cluster healthy: all run and are connected, or were not a moment ago."""
        since = self.world.settled_at
        others = [self.world.nodes[name] for name in self.world.roster.membership.all if name != node.name]
        if all(
            other.condition == "up" and not (node.links[other.name].cut or other.links[node.name].cut)
            for other in others
        ):
            since = max(since, request.asked)
        return self.world.now - since <= RECOVERS

    def ask_later(self, request: Request) -> None:
        """The operator asks again, and is as patient as at first."""
        patience = request.deadline - (request.asked_again or request.asked)
        request.asked_again = self.world.now + ASK_LATER
        request.deadline = request.asked_again + patience
        self.world.schedule(request.asked_again, self.begin, request)
        self.world.schedule(request.deadline, self.give_up, request)

    def hand_over(self, node: Node) -> None:
        """Hand what waits at ``node`` to the leader it knows, if it knows one."""
        waiting, node.waiting = node.waiting, []
        for request in waiting:
            if request.done and not request.handed:
                continue  # given up before any leader saw it
            if node.member.leader is None:
                node.waiting.append(request)
            elif request.kind == "read":
                self.ask_to_read(request)
            elif request.kind == "promote":
                self.hand_over_promotion(node, request)
            else:
                self.propose(node, request)

    def propose(self, node: Node, request: Request) -> None:
        """Hand a request to the member, which hands it on to the leader."""
        request.handed = True
        node.open[request.id] = request
        if request.kind in ("write", "cas"):
            node.member.propose(request.id, COMMAND, request.command)
        else:
            node.member.propose(request.id, request.kind, request.key)

    def hand_over_promotion(self, node: Node, request: Request) -> None:
        """Only the leader knows whether a learner is ready, so the servers hand such a request on, not the members."""
        leader = self.world.nodes[node.member.leader or node.name]
        if leader is not node:
            link = node.links[leader.name]
            if not link.cut:
                self.world.schedule(link.arrival(self.world.now), self.take_promotion, (leader, request))
        elif (error := promotion_turned_down(self.world, node, request.key)) is not None:
            if error == "learner_not_ready" and self.about_to_tell(node, request):
                self.ask_later(request)
            else:
                self.fail(request, error)
        else:
            self.propose(node, request)

    def about_to_tell(self, leader: Node, request: Request) -> bool:
        """Whether a learner has just been sent what it lacks, so that it will be ready in a moment. Between members on one machine that
        has come back before an operator can ask, so it is not to count that the links of this world are slower.
        """
        if request.asked_again is not None or leader.member.match_index.get(request.key, 0) == 0:
            return False
        learner = self.world.nodes[request.key]
        return learner.ready and not (leader.links[learner.name].cut or learner.links[leader.name].cut)

    def take_promotion(self, handed_on: tuple[Node, Request]) -> None:
        """A request to promote a learner arrives at the leader's server."""
        node, request = handed_on
        if not request.done and not node.waits(self.take_promotion, handed_on):
            node.waiting.append(request)
            self.hand_over(node)
            node.settle()

    def ask_to_read(self, request: Request) -> None:
        """Ask for a read index, and again after a while, since the question or the answer may be lost."""
        node = self.world.nodes[request.via]
        if request.over or node.condition != "up":
            return
        node.open[request.id] = request
        node.member.read_index(request.id)
        self.world.schedule(self.world.now + READ_RETRY, self.ask_again, request)

    def ask_again(self, request: Request) -> None:
        """Ask for a read index once more, if there is still no answer."""
        node = self.world.nodes[request.via]
        if not request.over and not node.waits(self.ask_again, request):
            self.ask_to_read(request)
            node.settle()

    def applied(self, node: Node, request: int, result: Result) -> None:
        """A command has been carried out."""
        self.finish(node.open.pop(request), *result, error=None if result.ok else "compare_failed")

    def enacted(self, node: Node, request: int, refusal: Refusal | None) -> None:
        """A change of the membership has been made, or refused."""
        asked = node.open.pop(request)
        if refusal is None:
            self.finish(asked, True, None, None)
        else:
            self.fail(asked, REFUSED[refusal])

    def answered(self, node: Node, answer: Readable | Refused) -> None:
        """The member's answer to a request of its own clients."""
        request = node.open.get(answer.request)
        if request is None:
            return
        if isinstance(answer, Readable):
            node.readable.append((answer.commit, request))
        else:  # whoever was asked did not lead, or was handing over
            del node.open[request.id]
            request.handed = False  # a refusal is certain
            self.world.schedule(self.world.now + PROPOSE_RETRY, self.wait_again, request)

    def wait_again(self, request: Request) -> None:
        """Try once more what a leader could not take."""
        node = self.world.nodes[request.via]
        if not request.done and not node.waits(self.wait_again, request):
            node.waiting.append(request)
            self.hand_over(node)
            node.settle()

    def serve_early(self, node: Node) -> None:
        """Answer serializable reads from what ``node`` has applied, and take up what else came before it served."""
        early, node.early = node.early, []
        for request in early:
            if request.mode == "serializable":
                self.finish(request, *node.store.get(request.key))
            else:
                self.begin(request)

    def serve_reads(self, node: Node) -> None:
        """Answer the reads whose read index ``node`` has applied."""
        applied = node.member.last_applied
        ready = [request for index, request in node.readable if index <= applied]
        if ready:
            node.readable = [(index, request) for index, request in node.readable if index > applied]
            for request in ready:
                node.open.pop(request.id, None)
                self.finish(request, *node.store.get(request.key))

    def finish(
        self,
        request: Request,
        ok: bool,
        value: str | None,
        revision: int | None,
        error: Error | None = None,
    ) -> None:
        """The member's answer, which takes its way to the client; nobody hears it if the client has given up."""
        if request.over:
            return
        request.answered = True
        if request.way:
            said = (request, ok, value, revision, error)
            self.world.schedule(self.world.now + request.way, lambda said: self.tell(*said), said)
        else:
            self.tell(request, ok, value, revision, error)

    def tell(
        self, request: Request, ok: bool, value: str | None, revision: int | None, error: Error | None
    ) -> None:
        """The client knows."""
        if request.done:
            return
        del self.pending[request.id]
        now = self.world.now
        request.returned = now / MS
        latency = (now - request.asked) / MS
        request.outcome = Outcome(ok, value, latency, error, request.via, revision)
        if self.world.recorder:
            reached = request.handed if error == "timeout" and request.kind != "read" else UNKNOWN
            self.world.recorder.add(Return(now, request.id, ok, value, error, revision, reached))

    def fail(self, request: Request, error: Error) -> None:
        """Answer that nothing is known to have happened, with a word of ``ERRORS``."""
        self.finish(request, False, None, None, error)

    def lose(self, name: str) -> None:
        """The member asked has crashed, and its clients' connections with it: they cannot know what became of their requests."""
        for request in list(self.pending.values()):
            if request.via == name and request.arrived:
                self.fail(request, "timeout")

    def give_up(self, request: Request) -> None:
        """The client's patience has ended. As in etcd it is told no more than that, whether a leader has the request or not."""
        if self.world.now >= request.deadline:  # else it has been asked again since
            self.tell(request, False, None, None, "timeout")
