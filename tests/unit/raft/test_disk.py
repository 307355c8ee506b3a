"""Nobody applies an entry that is not on its own disk, so nobody answers for it."""

import pytest

from quorumlab.raft import Entry, Membership, Snapshot
from quorumlab.raft.messages import Append, InstallSnapshot
from tests.unit.raft.group import Group


def applied(group, name):
    return [entry.request for _, entry, _ in group.applied[name] if entry.request]


@pytest.mark.parametrize("slow", ["a", "b"])
def test_a_member_applies_only_what_its_own_disk_has(slow):
    """The others commit without it, but it waits; etcd measured: a put takes as long as the leader's disk."""
    group = Group("a", "b", "c")
    group.elect("a")
    group.slow.add(slow)
    group.propose("a", 7, "command", ("put", "k", "v"))
    assert group[slow].commit_index == 2
    assert {name: applied(group, name) for name in "abc"} == {
        name: [] if name == slow else [7] for name in "abc"
    }
    group.write(slow)
    group.settle(slow)
    assert applied(group, slow) == [7]


def test_an_entry_that_took_the_place_of_a_saved_one_is_not_saved():
    group = Group("a", "b", "c")
    group.elect("a")
    group.cut.update("bc")
    group.propose("a", 1, "command", ("put", "k", "lost"))
    assert group["a"].saved_index == 2
    group.slow.add("a")
    group["a"].receive(group.now, Append("b", "a", 2, 1, 1, (Entry(2, "noop"),), 2))
    assert (group["a"].saved_index, group["a"].commit_index) == (1, 2)
    group["a"].saved(2, 1)  # the disk reports the write before
    group.settle("a")
    assert group["a"].last_applied == 1
    group.write("a")
    group.settle("a")
    assert group["a"].last_applied == 2


def test_a_snapshot_is_applied_once_it_is_on_disk():
    group = Group("a", "b", "c")
    group.slow.add("a")
    snapshot = Snapshot(5, 1, Membership(("a", "b", "c", "d")), "state")
    group["a"].receive(0, InstallSnapshot("b", "a", 1, snapshot))
    assert group["a"].membership.voters == ("a", "b", "c", "d")
    group["a"].receive(0, Append("b", "a", 1, 5, 1, (Entry(1, "noop"),), 6))
    group.settle("a")
    assert (group["a"].last_applied, group.applied["a"]) == (0, [])
    group["a"].tick(group["a"].due)
    assert group["a"].role == "follower"  # not before it is in force
    group.write("a")
    group.settle("a")
    assert group["a"].last_applied == 6
    assert group.applied["a"][0] == ("restored", 5, None)


def test_a_snapshot_of_what_the_log_has_only_says_that_it_is_committed():
    group = Group("a", "b", "c")
    entries = (Entry(1, "noop"), Entry(1, "command", ("put", "k", "v"), 7))
    group["a"].receive(0, Append("b", "a", 1, 0, 0, entries, 0))
    group.settle("a")
    group["a"].receive(0, InstallSnapshot("b", "a", 1, Snapshot(2, 1, Membership(("a", "b", "c")), "state")))
    group.settle("a")
    assert applied(group, "a") == [7]
    assert group["a"].log.snapshot.last_index == 0


def test_who_starts_again_applies_what_it_knew_to_be_committed():
    group = Group("a", "b", "c")
    group.elect("a")
    for request in (1, 2):
        group.propose("a", request, "command", ("put", "k", str(request)))
    group.cut.update("bc")
    group.restart("a")
    assert applied(group, "a") == [1]  # the second was committed after the last write to its disk
    assert group["a"].informed is False
    group["a"].receive(0, Append("b", "a", 1, 3, 1, (), 3))
    group.settle("a")
    assert applied(group, "a") == [1, 2]
    assert group["a"].informed is True


def test_who_lacks_what_is_committed_is_not_yet_informed():
    group = Group("a", "b", "c")
    group["a"].receive(0, Append("b", "a", 1, 0, 0, (Entry(1, "noop"),), 2))
    group.settle("a")
    assert (group["a"].commit_index, group["a"].informed) == (1, False)
    group["a"].receive(0, Append("b", "a", 1, 1, 1, (Entry(1, "noop"),), 2))
    assert (group["a"].commit_index, group["a"].informed) == (2, True)
