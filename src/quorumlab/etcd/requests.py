"""What becomes of a client's request: one call to one member, and what the client may conclude from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Thread
from typing import TYPE_CHECKING, cast

from quorumlab.cluster.clients import Change, Kind, Pending, Value
from quorumlab.cluster.events import Mode
from quorumlab.cluster.protocol import Error, Outcome
from quorumlab.etcd.gateway import GatewayError
from quorumlab.etcd.members import Members, Place

if TYPE_CHECKING:
    from quorumlab.etcd.recorder import Recorder


@dataclass(slots=True)
class LeasedPending(Pending):
    """A write or a cas whose value goes when a lease ends: ``lease`` is its number, 0 for none."""

    lease: int = 0


Answer = tuple[bool, str | None, int | None, Error | None]
"""ok, value, revision, error: of an ``Outcome``."""

RETRY_SECONDS = 0.02
# etcd's own clients ask again when a read finds the leader gone. A member that has just been started may not listen yet.
ASK_AGAIN = ("leader_changed", "refused_connection")


class Requests:
    """All requests of a cluster's clients, in the order in which they were made; ``now`` tells the seconds since the start."""

    def __init__(self, members: Members, now: Callable[[], float], recorder: Recorder) -> None:
        self.members = members
        self.now = now
        self.recorder = recorder
        self.all: list[Pending] = []
        self.numbers: dict[int, int] = {}  # by the request's identity
        self.lock = Lock()

    def begin(
        self,
        kind: Kind | Change,
        key: str,
        value: Value,
        via: str,
        mode: Mode,
        client: str,
        lease: int = 0,
    ) -> Pending:
        """A client asks now."""
        with self.lock:
            request = LeasedPending(client, kind, key, value, via, mode, self.now() * 1000, lease=lease)
            self.all.append(request)
            self.numbers[id(request)] = len(self.all)
            self.recorder.invoked(len(self.all), request)
            return request

    def in_background(self, request: Pending) -> None:
        """Carry a request out while the caller goes on."""
        # Not from a pool: Python would wait for that at its end, as long as a client waits for a cluster without a quorum.
        Thread(target=self.carry_out, args=(request,), name="client of etcd", daemon=True).start()

    def carry_out(self, request: Pending) -> Outcome:
        """Ask, and wait for the answer, but no longer than clients do."""
        deadline = time.monotonic() + self.members.settings.patience
        way = self.members.settings.to_member_ms(request.client, request.via) / 1000
        time.sleep(way)
        place = self.members.places[request.via]
        answer = ask_until(place, lambda seconds: ask(place, request, seconds), deadline - way)
        time.sleep(way)  # after a timeout, to the end of the client's patience
        return self.finish(request, answer)

    def finish(self, request: Pending, answer: Answer) -> Outcome:
        """The client has its answer, or gives up."""
        ok, value, revision, error = answer
        with self.lock:
            returned = self.now() * 1000
            outcome = Outcome(ok, value, returned - request.invoked, error, request.via, revision)
            request.returned = returned  # before the outcome, by which others see that it is done
            request.outcome = outcome
            self.recorder.returned(self.numbers[id(request)], outcome)
        return outcome


def ask_until(place: Place, call: Callable[[float], Answer], deadline: float) -> Answer:
    """Ask a member until there is an answer or ``deadline`` (of ``time.monotonic``), and say what the client may conclude."""
    while True:
        if place.condition in ("down", "removed"):
            return failed("member_down")
        left = deadline - time.monotonic()
        if left <= 0:
            return failed("timeout")
        try:
            return call(left)
        except GatewayError as error:
            if error.word in ASK_AGAIN:
                time.sleep(RETRY_SECONDS)
            else:
                return failed(conclusion(error.word))


def conclusion(word: str) -> Error:
    """What a client may conclude from an error. Where nothing certain is said, that nothing is known: a broken
    connection, a member that stops, an error that we do not know.
    """
    certain: dict[str, Error] = {
        "learner": "learner",
        "too_many_learners": "too_many_learners",
        "learner_not_ready": "learner_not_ready",
        "not_a_learner": "not_a_learner",
        "not_a_member": "not_a_member",
        "already_a_member": "already_a_member",
        "unsafe": "not_enough_started",
        "unhealthy": "unhealthy",
        "not_leader": "not_the_leader",
        "bad_transferee": "learner",
        "no_lease": "no_lease",
    }
    return certain.get(word, "timeout")


def failed(error: Error) -> Answer:
    """The answer that says ``error``."""
    return False, None, None, error


def ask(place: Place, request: Pending, seconds: float) -> Answer:
    """One call to a member. Raises GatewayError."""
    gateway, lease = place.gateway, cast(LeasedPending, request).lease
    if request.kind == "write":
        written = cast(str, request.value)
        return True, written, gateway.put(request.key, written, seconds=seconds, lease=lease), None
    if request.kind == "read":
        found = gateway.get(request.key, seconds=seconds, serializable=request.mode == "serializable")
        return True, found.value, found.revision, None
    expected, new = cast(tuple[str | None, str], request.value)
    compared = gateway.cas(request.key, expected, new, seconds=seconds, lease=lease)
    error: Error | None = None if compared.written else "compare_failed"
    return compared.written, compared.value, compared.revision, error
