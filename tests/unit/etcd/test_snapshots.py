"""What etcdutl is asked to do, by what it can: no etcd runs here, and etcdutl is a script that writes down what it was told."""

from types import SimpleNamespace

import pytest

from quorumlab.etcd.binary import Binary, EtcdUnavailableError
from quorumlab.etcd.processes import Processes
from quorumlab.etcd.snapshots import Restoring, Snapshot, can_bump, restore, snapshot_tool

TAKEN = Snapshot("etcd-1", 7, "00c0ffee", 5, b"store")
CLUSTER = {"a": "http://LOCALHOST:1", "b": "http://LOCALHOST:2"}


@pytest.fixture
def tool(tmp_path):
    """`tool(help)` makes an etcdutl with that help; `tool.told()` is what it was told, one line a call."""

    def make(says, status=0):
        path = tmp_path / "etcdutl"
        path.write_bytes(
            f'#!/bin/sh\ncase "$*" in *--help) echo "{says}";; *) echo "$*" >> {tmp_path}/told; echo "bad hash" >&2; exit {status};; esac\n'.encode()
        )
        path.chmod(0o755)
        can_bump.cache_clear()
        return str(path)

    make.told = lambda: (tmp_path / "told").read_text().splitlines()
    return make


@pytest.fixture
def members(monkeypatch):
    processes = Processes()
    places = {"a": SimpleNamespace(data="data-1"), "b": SimpleNamespace(data="data-2")}
    yield SimpleNamespace(binary=Binary("/nowhere/etcd", "3.6.1"), processes=processes, places=places)
    processes.close()


def test_each_member_is_restored_as_one_of_the_new_cluster(members, tool, monkeypatch):
    path = tool("--data-dir --name")
    monkeypatch.setattr("quorumlab.etcd.snapshots.snapshot_tool", lambda _: path)
    line = restore(members, CLUSTER, Restoring(TAKEN, bump_revision=5))
    shared = "--initial-cluster=a=http://LOCALHOST:1,b=http://LOCALHOST:2"
    assert tool.told() == [
        f"snapshot restore snapshot.db --name=a {shared} --initial-advertise-peer-urls=http://LOCALHOST:1 --data-dir=data-1",
        f"snapshot restore snapshot.db --name=b {shared} --initial-advertise-peer-urls=http://LOCALHOST:2 --data-dir=data-2",
    ]
    assert line.startswith("etcdutl snapshot restore snapshot.db --name=b")
    assert (members.processes.folder / "snapshot.db").read_bytes() == b"store"


@pytest.mark.parametrize(("mark", "flags"), [(False, ""), (True, " --mark-compacted")])
def test_where_etcdutl_can_raise_the_revision_it_is_told_to(members, tool, monkeypatch, mark, flags):
    path = tool("--bump-revision uint --mark-compacted")
    monkeypatch.setattr("quorumlab.etcd.snapshots.snapshot_tool", lambda _: path)
    restoring = Restoring(TAKEN, bump_revision=1_000_000_000, mark_compacted=mark).by_etcdutl(path)
    restore(members, CLUSTER, restoring)
    assert all(told.endswith(f" --bump-revision=1000000000{flags}") for told in tool.told())


def test_what_etcdutl_refuses_is_told_in_one_sentence(members, tool, monkeypatch):
    path = tool("", status=1)
    monkeypatch.setattr("quorumlab.etcd.snapshots.snapshot_tool", lambda _: path)
    with pytest.raises(RuntimeError, match=r"^etcdutl could not do the restore of a: bad hash$"):
        restore(members, CLUSTER, Restoring(TAKEN))


def test_without_etcdutl_the_old_etcdctl_serves_and_else_it_is_said_what_to_install(monkeypatch):
    there = {"etcdctl": "/there/etcdctl"}
    monkeypatch.setattr("quorumlab.etcd.snapshots.find_tool", lambda _, name: there.get(name))
    assert snapshot_tool(Binary("/there/etcd", "3.4.23")) == "/there/etcdctl"
    with pytest.raises(
        EtcdUnavailableError, match="Snapshots need etcdutl, which was not found beside /there/etcd"
    ):
        snapshot_tool(Binary("/there/etcd", "3.6.1"))
