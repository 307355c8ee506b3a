"""Tests that start a real etcd are skipped with the reason where none can run, unless QUORUMLAB_REQUIRE names "etcd"."""

import os

import pytest

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
