"""Starting a cluster: all members healthy, or nothing left running."""

from __future__ import annotations

import socket
import time
from itertools import permutations

from quorumlab.etcd.binary import Binary
from quorumlab.etcd.members import Members, PortTakenError, leader_of
from quorumlab.etcd.settings import EtcdSettings
from quorumlab.etcd.snapshots import Restoring, restore

# Started at the same moment, members split votes and miss each other's first connections.
APART_SECONDS = 0.05
TRIES = 3  # with other ports, where somebody has taken one between our look and etcd's start
SETTLE_SECONDS = 10.0  # besides the election timeouts
LOOK_SECONDS = 0.01


def started(binary: Binary, settings: EtcdSettings, restoring: Restoring | None = None) -> Members:
    """A cluster's founders, started and listening, from the data that ``restoring`` says. Raises RuntimeError or OSError with one sentence, and then nothing runs."""
    check_name()
    for left in reversed(range(TRIES)):
        members = Members(binary, settings)
        try:
            for name in settings.founders:
                members.add(name)
            cluster = {name: place.peer_url for name, place in members.places.items()}
            if restoring is not None:
                members.restored_with = restore(members, cluster, restoring)
            for number, name in enumerate(settings.founders):
                if number:
                    time.sleep(APART_SECONDS)
                members.start(name, cluster=cluster, founding=True)
            for name in settings.founders:
                members.wait_listening(name)
        except PortTakenError:
            members.close()
            if not left:
                raise
        except BaseException:
            members.close()
            raise
        else:
            return members
    raise AssertionError("the last try has returned or raised")


def check_name() -> None:
    """Raise RuntimeError where nobody knows ``localhost``: members wait for ever then for the address of the others."""
    try:
        socket.getaddrinfo("localhost", None)
    except OSError:
        raise RuntimeError(
            "This machine does not know the name localhost, by which members reach each other; add the line “127.0.0.1 localhost” to "
            "/etc/hosts."
        ) from None


def settled(members: Members) -> bool:
    """Wait until all members follow one leader and have carried out what it began with; whether it came to that in time.

    Raises RuntimeError if one ends instead, or if a link is gone past.
    """
    until = time.monotonic() + SETTLE_SECONDS + 4 * members.settings.election_ms / 1000
    while time.monotonic() < until:
        for name in members.notice_ended(set()):
            raise members.why_ended(name)
        seen = members.look_at_all()
        leader = leader_of(seen)
        if leader is not None and len(seen) == len(members.places):
            number, commit = seen[leader].member, seen[leader].commit
            if all(s.leader == number and s.applied >= commit for s in seen.values()):
                check_links(members, leader)
                return True
        time.sleep(LOOK_SECONDS)
    return False


def check_links(members: Members, leader: str) -> None:
    """Raise RuntimeError unless what the leader and its followers say to each other passes our links."""
    unused = members.links.unused(pair for pair in permutations(members.places, 2) if leader in pair)
    if unused:
        a, b = unused[0]
        raise RuntimeError(
            f"What {a} sends to {b} does not pass the laboratory's link, so that cuts and delays would do nothing; "
            f"this etcd ({members.binary.version} at {members.binary.path}) ignores HTTP_PROXY, so use another."
        )
