"""Leases: granted, kept alive, looked at and revoked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from quorumlab.arguments import whole
from quorumlab.cluster.protocol import Error
from quorumlab.etcd.gateway import Gateway, GatewayError
from quorumlab.etcd.requests import Answer, Requests, ask_until


@dataclass(frozen=True)
class LeaseOutcome:
    """What a client learned of a lease.

    ok       whether the lease is known to be alive, or, after ``revoke``, to have been ended
    lease    its number; None if none is known to have been granted
    seconds  whole seconds: those it was given, or, after ``time_to_live``, those it has left; None if there is no such lease
    latency  how long the client waited, in ms
    error    None, or a word of ``cluster.protocol.ERRORS``
    via      the member asked
    """

    ok: bool
    lease: int | None
    seconds: int | None
    latency: float
    error: Error | None
    via: str

    def __bool__(self) -> bool:
        return self.ok


Call = Callable[[Gateway, float], tuple[int | None, int | None]]
"""One call about a lease, given how long it may take: its number, and its seconds."""


def number(lease: object) -> int:
    """A lease's number, from itself or from the answer to ``grant``."""
    if isinstance(lease, LeaseOutcome):
        if lease.lease is None:
            raise ValueError(f"no lease is known to have been granted ({lease.error}); grant one first.")
        return lease.lease
    return whole(lease, "lease", least=1)


def ask_lease(requests: Requests, lease: int | None, via: str, client: str, call: Call) -> LeaseOutcome:
    """Ask ``via`` about a lease, as a client that has its own way there."""
    began = time.monotonic()
    found: tuple[int | None, int | None] = (lease, None)
    place, settings = requests.members.places[via], requests.members.settings
    way = settings.to_member_ms(client, via) / 1000

    def ask(seconds: float) -> Answer:
        nonlocal found
        found = call(place.gateway, seconds)
        return True, None, None, None

    time.sleep(way)
    ok, _, _, error = ask_until(place, ask, began + settings.patience - way)
    time.sleep(way)
    return LeaseOutcome(ok, found[0], found[1], (time.monotonic() - began) * 1000, error, via)


def alive(seconds: int, *, least: int) -> int:
    """The seconds a lease has. Raises GatewayError if they are fewer than ``least``, by which etcd says that it is gone."""
    if seconds < least:
        raise GatewayError("no_lease", "requested lease not found")
    return seconds
