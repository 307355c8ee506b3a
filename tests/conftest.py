"""What tests of several rooms need; tests that start a real etcd are skipped with the reason where none can run, unless
QUORUMLAB_REQUIRE names "etcd"."""

import json
import os
from typing import Any

import pytest

from quorumlab.cluster import Trace
from quorumlab.etcd.binary import EtcdUnavailableError, find_etcd


def missing() -> str | None:
    """Why no etcd can run here, or None."""
    try:
        find_etcd()
    except EtcdUnavailableError as error:
        return str(error)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.get_closest_marker("etcd")]
    reason = missing() if ours else None
    if reason is None or "etcd" in os.environ.get("QUORUMLAB_REQUIRE", ""):
        return
    for item in ours:
        item.add_marker(pytest.mark.skip(reason=reason))


NAMES = ("etcd-1", "etcd-2", "etcd-3")
SECOND = 1_000_000


@pytest.fixture
def recorded() -> Trace:
    """A trace as a real etcd can give it: roles as far as they are known, terms, commit points, conditions, faults and what
    clients were told; no votes, logs, timers, memberships or messages.

    Three members: a leader, a write, a crash, an election, a cut, a write without an answer, a return, a learner and a removal.
    """
    return Trace.from_json(_recorded())


def _recorded() -> str:
    events: list[dict[str, Any]] = []

    def at(seconds: float, kind: str, **facts: Any) -> None:
        events.append({"t": round(seconds * SECOND), "kind": kind, **facts})

    for name in NAMES:
        at(0, "member", member=name, learner=False)
    for name in NAMES:
        at(0, "process", member=name, condition="up")
    at(0.6, "state", member="etcd-1", role="leader", term=2, leader="etcd-1", commit=4)
    at(0.6, "state", member="etcd-2", role="follower", term=2, leader="etcd-1", commit=4)
    at(
        1.0,
        "invoke",
        op=1,
        client="client",
        verb="write",
        key="x",
        value="1",
        via="etcd-1",
        mode="linearizable",
    )
    at(1.002, "return", op=1, ok=True, value="1", error=None, revision=2)
    at(1.1, "state", member="etcd-1", commit=5)
    at(2.0, "process", member="etcd-1", condition="down")
    at(2.5, "state", member="etcd-2", role=None, leader=None)
    at(2.9, "state", member="etcd-2", role="candidate", term=3)
    at(3.2, "state", member="etcd-2", role="leader", term=3, leader="etcd-2", commit=6)
    for sender, to in (("etcd-2", "etcd-3"), ("etcd-3", "etcd-2")):
        at(4.0, "link", sender=sender, to=to, cut=True, delay=0)
    at(
        4.1,
        "invoke",
        op=2,
        client="client",
        verb="write",
        key="x",
        value="2",
        via="etcd-2",
        mode="linearizable",
    )
    at(5.1, "return", op=2, ok=False, value=None, error="timeout", revision=None)
    for sender, to in (("etcd-2", "etcd-3"), ("etcd-3", "etcd-2")):
        at(6.0, "link", sender=sender, to=to, cut=False, delay=0)
    at(6.5, "process", member="etcd-1", condition="up")
    at(6.7, "state", member="etcd-1", role="follower", term=3, leader="etcd-2", commit=7)
    at(7.0, "member", member="etcd-4", learner=True)
    at(7.1, "process", member="etcd-4", condition="up")
    at(8.0, "process", member="etcd-3", condition="removed")
    whole = {
        "format": "quorumlab-trace", "version": 2, "world": "etcd", "settings": {"members": list(NAMES), "version": "3.5.1"},
        "until": 9 * SECOND, "events": events,
    }  # fmt: skip
    return json.dumps(whole)
