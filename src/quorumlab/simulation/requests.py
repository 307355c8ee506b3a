"""What becomes of a client's request: handed to a member, answered, or given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorumlab.cluster.protocol import Outcome
from quorumlab.raft.log import COMMAND
from quorumlab.raft.messages import Readable, Refused
from quorumlab.simulation.network import MS

if TYPE_CHECKING:
    from quorumlab.history import Operation
    from quorumlab.simulation.node import Node
    from quorumlab.simulation.world import World

READ_RETRY = 500 * MS  # etcd asks again for a read index after this long
PROPOSE_RETRY = 100 * MS  # a request that a leader could not take waits this long


@dataclass(slots=True)
class Request:
    """One request of one client, as ``submit`` returns it: look at ``done`` and ``outcome`` as time passes.

    ``outcome`` is None while the request is under way. ``invoked``, ``deadline`` and ``returned`` are in µs.
    """

    id: int
    client: str
    kind: str  # "read", "write", "cas" or a membership change
    key: str
    value: Any  # what to write; (expected, new) of a cas; None otherwise
    via: str
    mode: str  # "linearizable" or "serializable"
    invoked: int
    deadline: int
    handed: bool = False  # whether it left the client's member for a leader, so that it may happen
    outcome: Outcome | None = None
    returned: int | None = None

    @property
    def done(self) -> bool:
        """Whether there is an outcome."""
        return self.outcome is not None

    @property
    def command(self) -> tuple[Any, ...]:
        """What the store is to do, for a write or a cas."""
        return ("put", self.key, self.value) if self.kind == "write" else ("cas", self.key, *self.value)


class Requests:
    """All requests of a world, and the steps each goes through: begin, hand over, (answer) finish or give up."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.all: list[Request] = []
        self.pending: dict[int, Request] = {}

    def submit(
        self, kind: str, key: str, value: Any, via: str, mode: str, client: str, timeout: int
    ) -> Request:
        """A client asks for something now, and gives up after ``timeout`` µs."""
        now = self.world.now
        request = Request(len(self.all) + 1, client, kind, key, value, via, mode, now, now + timeout)
        self.all.append(request)
        self.pending[request.id] = request
        if self.world.recorder:
            said = list(value) if isinstance(value, tuple) else value
            self.world.recorder.event(
                now,
                "invoke",
                op=request.id,
                client=client,
                verb=kind,
                key=key,
                value=said,
                via=via,
                mode=mode,
            )
        self.world.schedule(request.deadline, self.give_up, request)
        self.begin(request)
        return request

    def begin(self, request: Request) -> None:
        """The request reaches the member asked."""
        node = self.world.nodes[request.via]
        if node.condition in ("down", "removed"):
            self.fail(request, "member_down")
        elif node.waits(self.begin, request):  # it lies in the member's socket, and is carried out in the end
            request.handed = True
        elif request.mode == "serializable":
            # etcd opens its doors to clients only when it has published itself through the log, so a member that was
            # restarted and hears no leader serves nothing, though it has the data.
            node.early.append(request)
            if node.serving:
                self.serve_early(node)
        elif node.learns:
            self.fail(request, "learner")
        else:
            node.waiting.append(request)
            self.hand_over(node)
            self.world.settle(node)

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
            else:
                request.handed = True
                node.open[request.id] = request
                kind, data = (
                    (COMMAND, request.command)
                    if request.kind in ("write", "cas")
                    else (request.kind, request.key)
                )
                node.member.propose(request.id, kind, data)

    def ask_to_read(self, request: Request) -> None:
        """Ask for a read index, and again after a while, since the question or the answer may be lost."""
        node = self.world.nodes[request.via]
        if request.done or node.condition != "up":
            return
        node.open[request.id] = request
        node.member.read_index(request.id)
        self.world.schedule(self.world.now + READ_RETRY, self.ask_again, request)

    def ask_again(self, request: Request) -> None:
        """Ask for a read index once more, if there is still no answer."""
        node = self.world.nodes[request.via]
        if not request.done and not node.waits(self.ask_again, request):
            self.ask_to_read(request)
            self.world.settle(node)

    def answered(self, node: Node, answer: Readable | Refused) -> None:
        """The member's answer to a request of its own clients."""
        request = node.open.get(answer.request)
        if request is None:
            return
        if isinstance(answer, Readable):
            node.readable.append((answer.commit, request))
        else:
            del node.open[request.id]
            request.handed = False  # a refusal is certain
            if answer.error == "no_leader":
                self.world.schedule(self.world.now + PROPOSE_RETRY, self.wait_again, request)
            else:
                self.fail(request, answer.error)

    def wait_again(self, request: Request) -> None:
        """Try once more what a leader could not take."""
        node = self.world.nodes[request.via]
        if not request.done and not node.waits(self.wait_again, request):
            node.waiting.append(request)
            self.hand_over(node)
            self.world.settle(node)

    def serve_early(self, node: Node) -> None:
        """Answer serializable reads from what ``node`` has applied."""
        early, node.early = node.early, []
        for request in early:
            self.finish(request, *node.store.get(request.key))

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
        self, request: Request, ok: bool, value: str | None, revision: int | None, error: str | None = None
    ) -> None:
        """The client's answer; nobody hears it if the client has given up."""
        if request.done:
            return
        del self.pending[request.id]
        request.returned = self.world.now
        latency = (request.returned - request.invoked) / MS
        request.outcome = Outcome(ok, value, latency, error, request.via, revision)
        if self.world.recorder:
            self.world.recorder.event(
                request.returned, "return", op=request.id, ok=ok, value=value, error=error, revision=revision
            )

    def fail(self, request: Request, error: str) -> None:
        """Answer that nothing is known to have happened, with a word of ``ERRORS``."""
        self.finish(request, False, None, None, error)

    def lose(self, name: str) -> None:
        """The member asked has crashed, and its clients' connections with it. What it has handed on may happen."""
        for request in list(self.pending.values()):
            if request.via == name:
                unknown = request.handed and request.kind != "read"
                self.fail(request, "timeout" if unknown else "member_down")

    def give_up(self, request: Request) -> None:
        """The client's patience has ended. If a leader may have the write, nobody can say what becomes of it."""
        if not request.done:
            self.fail(request, self.reason(request))

    def reason(self, request: Request) -> str:
        """Why a request has no answer yet, as a word of ``ERRORS``."""
        node = self.world.nodes[request.via]
        if request.handed:
            return "timeout"
        if not self.reaches_quorum(node):
            return "no_quorum"
        return "no_leader" if node.member.leader is None or request.kind != "read" else "timeout"

    def reaches_quorum(self, node: Node) -> bool:
        """Whether ``node`` and the voters that run and can talk with it make a quorum."""
        near = {node.name} | {
            name
            for name, other in self.world.nodes.items()
            if name != node.name
            and other.condition == "up"
            and not node.links[name].cut
            and not other.links[node.name].cut
        }
        return node.member.is_quorum(near)

    def history(self, serializable: bool) -> list[Operation]:
        """See ``SimulatedCluster.history``."""
        from quorumlab.history import Operation

        operations = []
        for request in self.all:
            if request.kind not in ("read", "write", "cas"):
                continue
            if request.mode == "serializable" and not serializable:
                continue
            outcome = request.outcome
            if request.kind == "cas" and outcome and outcome.error not in (None, "compare_failed", "timeout"):
                continue  # it was never tried
            unknown = outcome is None or outcome.unknown
            value = outcome.value if outcome and request.kind == "read" else request.value
            operations.append(
                Operation(
                    client=request.client,
                    kind=request.kind,  # type: ignore[arg-type]
                    key=request.key,
                    value=value,
                    invoked=request.invoked / MS,
                    returned=None if unknown or request.returned is None else request.returned / MS,
                    ok=None if outcome is None or unknown else outcome.ok,
                )
            )
        return operations
