"""What becomes of the data when members do not come back: snapshots, restoring, --force-new-cluster, a wiped disk."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from quorumlab.etcd import EtcdCluster, find_etcd
from quorumlab.etcd.binary import find_tool
from quorumlab.etcd.snapshots import Restoring, can_bump, snapshot_tool
from tests.etcd.steady import LONG

pytestmark = pytest.mark.etcd

QUICK = {"heartbeat_ms": 50, "election_ms": 500, "timeout_ms": 2000}


def tool():
    """etcdutl; etcdctl before etcd 3.5."""
    return Path(snapshot_tool(find_etcd())).name


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Three members with three writes, a snapshot, one more write and an overwritten key: what was, and the snapshot."""
    with EtcdCluster(3, **QUICK) as c:
        revisions = [c.put(key, "before").revision for key in ("a", "b", "c")]
        snapshot = c.snapshot()
        late = c.put("a", "after").revision
        file = tmp_path_factory.mktemp("saved") / "mine.db"
        snapshot.save(file)
        theirs = tmp_path_factory.mktemp("etcdctl") / "theirs.db"
        endpoint = c._members.places[snapshot.member].gateway.url
        subprocess.run(
            [find_tool(c._members.binary, "etcdctl"), f"--endpoints={endpoint}", "snapshot", "save", theirs],
            env={"ETCDCTL_API": "3"}, check=True, capture_output=True,
        )  # fmt: skip
        return revisions, snapshot, late, file, theirs


def status(file):
    done = subprocess.run(
        [snapshot_tool(find_etcd()), "snapshot", "status", file, "-w", "json"],
        env={"ETCDCTL_API": "3"}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_snapshot_tells_its_revision_and_is_what_etcds_own_tools_take_it_for(story):
    revisions, snapshot, late, file, theirs = story
    assert snapshot.revision == revisions[-1] == late - 1
    assert snapshot.size_bytes == file.stat().st_size > 16_000
    assert "data=" not in repr(snapshot)
    mine, etcds = status(file), status(theirs)
    assert (mine["revision"], int(snapshot.hash, 16)) == (snapshot.revision, mine["hash"])
    assert etcds["revision"] == late


def test_a_new_cluster_of_another_size_begins_with_what_the_snapshot_holds_and_lacks_what_came_later(story):
    _, snapshot, late, *_ = story
    with EtcdCluster.restored(snapshot, 5, **QUICK) as c:
        assert len(c.members) == 5
        assert {c.get("a", via=name).value for name in c.members} == {"before"}
        assert c.get("a").revision == snapshot.revision  # as if the later write had never been
        assert c.put("a", "again").revision == late  # which a second value now bears
        assert c.restored_with.startswith(f"{tool()} snapshot restore snapshot.db --name=etcd-5 ")
        c.crash("etcd-1", "etcd-2")
        assert c.run_until(lambda: c.put("k", "v").ok, within=LONG)


def test_the_revision_is_raised_and_watches_from_before_are_told_to_begin_anew(story):
    _, snapshot, late, *_ = story
    with EtcdCluster.restored(snapshot, 1, bump_revision=1000, mark_compacted=True, **QUICK) as c:
        found = c.get("a")
        assert found.value == "before"
        assert found.revision >= snapshot.revision + 1000 > late
        with c.watch("a", since=late) as watch:
            assert c.run_until(lambda: watch.ended == "compacted", within=LONG)
            assert watch.compact_revision == found.revision
        with c.watch("a", since=watch.compact_revision + 1) as watch:
            revision = c.put("a", "now").revision
            assert c.run_until(lambda: watch.changes, within=LONG)
            assert [(change.value, change.revision) for change in watch.changes] == [("now", revision)]
        if can_bump(snapshot_tool(find_etcd())):
            assert "--bump-revision=1000 --mark-compacted" in c.restored_with
        else:
            assert "999 writes and a deletion of a spare key" in c.restored_with
            assert found.revision == snapshot.revision + 1000


def test_without_a_raised_revision_a_watcher_from_before_sees_nothing_of_the_restore(story):
    _, snapshot, late, *_ = story
    with EtcdCluster.restored(snapshot, 1, **QUICK) as c, c.watch("a", since=late + 1) as watch:
        c.put("b", "another")  # bears the revision of the write that was lost
        c.put("a", "new")
        assert c.run_until(lambda: watch.changes, within=LONG)
        assert watch.changes[0].revision == late + 1 and watch.ended is None


def test_a_snapshot_of_a_survivor_without_a_quorum():
    with EtcdCluster(3, **QUICK) as c:
        c.put("k", "kept")
        left = c.leader
        c.crash(*(name for name in c.members if name != left))
        assert c.put("k", "lost?", via=left).unknown
        snapshot = c.snapshot(left)
        gone = next(name for name in c.members if name != left)
        with pytest.raises(RuntimeError, match=f"{gone} is down, so it tells no snapshot"):
            c.snapshot(gone)
    with EtcdCluster.restored(snapshot, 1, **QUICK) as c:
        assert c.get("k").value == "kept"


def test_a_survivor_begins_a_new_cluster_alone_and_members_are_added():
    with EtcdCluster(3, **QUICK) as c:
        c.put("k", "kept")
        left, *gone = c.members
        with pytest.raises(RuntimeError, match="etcd-2 and etcd-3 run still, so there would be two clusters"):
            c.force_new_cluster(left)
        assert c.leader is not None
        c.crash(*gone)
        assert c.put("k", "lost?", via=left).unknown
        c.force_new_cluster(left)
        assert (c.members, c.leader) == ((left,), left)
        assert c.get("k").value in ("kept", "lost?")  # what was in its log counts as committed now
        assert c.put("k", "new").ok
        assert {c.status()[name].condition for name in gone} == {"removed"}
        for _ in range(2):
            assert c.add_voter().ok and c.run_until(lambda: c.agreed_leader is not None, within=LONG)
        assert c.members == (left, "etcd-4", "etcd-5")
        assert c.get("k", via="etcd-5").value == "new"
        c.crash(left)  # and again it is a cluster of three
        assert c.run_until(lambda: c.put("k", "without it", via="etcd-4").ok, within=LONG)
        c.restart(left)  # without the flag
        assert c.run_until(lambda: c.get("k", via=left).value == "without it", within=LONG)


def test_what_a_follower_had_not_heard_is_lost_when_it_begins_a_new_cluster():
    with EtcdCluster(3, **QUICK, leader="etcd-1") as c:
        c.partition({"etcd-3"})
        assert c.put("k", "acknowledged", via="etcd-1").ok
        c.crash("etcd-1", "etcd-2")
        c.force_new_cluster("etcd-3")
        assert c.get("k").value is None


def test_a_wiped_founder_is_refused_while_its_cluster_answers_and_is_replaced_by_a_new_member():
    with EtcdCluster(3, **QUICK) as c:
        wiped = next(name for name in c.members if name != c.leader)
        with pytest.raises(RuntimeError, match=f"{wiped} is up, and writes to its disk; crash it first"):
            c.wipe(wiped)
        c.crash(wiped)
        c.wipe(wiped)
        c.restart(wiped)
        assert c.status()[wiped].condition == "down"
        assert "has already been bootstrapped" in c.last_words(wiped)
        assert c.remove(wiped).ok and c.add_voter().ok
        assert c.run_until(lambda: c.put("k", "v", via="etcd-4").ok, within=LONG)


def test_a_wiped_member_that_was_added_gives_up_when_the_leader_speaks_to_it():
    with EtcdCluster(1, **QUICK) as c:
        for _ in range(2):
            assert c.add_voter().ok and c.run_until(lambda: c.agreed_leader is not None, within=LONG)
        assert c.put("k", "v").ok
        assert c.transfer("etcd-1").ok
        for name, said in (
            ("etcd-3", "is out of range [lastIndex(0)]"),
            ("etcd-2", "member count is unequal"),
        ):
            c.crash(name)
            c.wipe(name)
            c.restart(name)
            assert c.run_until(lambda name=name: c.status()[name].condition == "down", within=LONG)
            assert said in c.last_words(name)


def test_a_wiped_founder_that_finds_nobody_helps_to_lose_what_was_committed():
    with EtcdCluster(3, **QUICK, leader="etcd-1") as c:
        c.partition({"etcd-3"})
        assert c.put("k", "acknowledged", via="etcd-1").ok  # by etcd-1 and etcd-2
        c.crash(*c.members)
        c.heal()
        c.wipe("etcd-2")
        c.restart("etcd-2")
        c.restart("etcd-3")
        assert c.run_until(lambda: c.get("k", via="etcd-3").ok, within=LONG)
        assert c.get("k", via="etcd-3").value is None  # two of three agree on it


@pytest.mark.parametrize(
    ("made", "error", "says"),
    [
        ({"snapshot": "mine.db"}, TypeError, "'mine.db' is no snapshot; take one with cluster.snapshot"),
        ({"bump_revision": 0.5}, TypeError, "bump_revision=0.5 is no whole number"),
        ({"bump_revision": -1}, ValueError, "bump_revision=-1 would turn the revision back"),
        ({"mark_compacted": True}, ValueError, "mark_compacted=True needs a bump_revision"),
    ],
)
def test_bad_input_is_one_sentence(story, made, error, says):
    with pytest.raises(error, match=says):
        Restoring(**{"snapshot": story[1], **made})


def test_a_bump_that_would_take_too_long_by_writing_says_what_has_it(story):
    if not can_bump(snapshot_tool(find_etcd())):
        with pytest.raises(ValueError, match=r"bump_revision=1000000000 needs etcdutl 3\.5\.10 or newer"):
            EtcdCluster.restored(story[1], 1, bump_revision=1_000_000_000)


def test_a_damaged_snapshot_is_not_restored(story):
    data = bytearray(story[1].data)
    data[5000] ^= 1
    with pytest.raises(RuntimeError, match=rf"{tool()} could not do the restore of etcd-1: .*(sha256|hash)"):
        EtcdCluster.restored(replace(story[1], data=bytes(data)), 1, **QUICK)
