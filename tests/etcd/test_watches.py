"""Watches on real etcd: each change once and in order, from a revision on; and every way in which one ends."""

import pytest

from quorumlab.etcd import EtcdCluster
from quorumlab.etcd.watches import Change, after_all
from tests.etcd.steady import LONG

pytestmark = pytest.mark.etcd


def told(watch):
    return [(change.key, change.value) for change in watch.changes]


def test_a_watch_tells_the_past_from_a_revision_on_and_then_what_comes(three):
    first = three.put("w", "1").revision
    three.put("w", "2")
    with (
        three.watch("w", since=first) as past,
        three.watch("w", since=first + 1) as later,
        three.watch("w") as now,
    ):
        third = three.put("w", "3").revision
        three.put("another", "x")
        for watch, values in ((past, "123"), (later, "23"), (now, "3")):
            assert three.run_until(
                lambda watch=watch: watch.changes[-1:] == (Change("w", "3", third),), within=5
            )
            assert told(watch) == [("w", value) for value in values]
            assert [change.revision for change in watch.changes] == sorted(
                change.revision for change in watch.changes
            )
            assert watch.ended is None
    assert past.ended == "closed"
    three.put("w", "4")
    assert told(now) == [("w", "3")]


def test_the_end_of_a_lease_is_told_as_a_deletion_and_a_prefix_tells_all_that_begin_so(three):
    with three.watch("job/", prefix=True) as watch:
        lease = three.grant(30)
        three.put("job/1", "Ada", lease=lease)
        three.put("job0", "is none")
        three.put("job/2", "Bob")
        three.revoke(lease)
        assert three.run_until(lambda: len(watch.changes) == 3, within=LONG)
        assert told(watch) == [("job/1", "Ada"), ("job/2", "Bob"), ("job/1", None)]


def test_compaction_cancels_who_watches_from_before_and_says_where_to_begin(three):
    revisions = [three.put("c", str(i)).revision for i in range(5)]
    three.compact(revisions[3])
    with three.watch("c", since=revisions[1]) as watch:
        assert three.run_until(lambda: watch.ended == "compacted", within=LONG)
        assert (watch.compact_revision, watch.changes) == (revisions[3], ())
    with three.watch("c", since=watch.compact_revision) as watch:
        assert three.run_until(lambda: told(watch) == [("c", "3"), ("c", "4")], within=LONG)
    for gone_or_to_come in (revisions[3], revisions[-1] + 1000):
        with pytest.raises(ValueError, match=f"revision={gone_or_to_come} could not be compacted"):
            three.compact(gone_or_to_come)


def test_one_behind_a_cut_says_nothing_and_catches_up(three):
    behind = next(name for name in three.members if name != three.leader)
    with three.watch("behind", via=behind) as watch:
        three.partition({behind})
        three.run_until(lambda: three.put("behind", "1", via=three.leader).ok, within=LONG)
        three.run_for(0.5)
        assert (watch.changes, watch.ended) == ((), None)  # no word of being cut off
        three.heal()
        assert three.run_until(lambda: told(watch) == [("behind", "1")], within=LONG)


def test_it_ends_with_its_member_and_a_learner_or_one_that_is_down_serves_none(three):
    member = next(name for name in three.members if name != three.leader)
    with three.watch("k", via=member) as watch:
        three.crash(member)
        assert three.run_until(lambda: watch.ended == "broken", within=LONG)
    with three.watch("k", via=member) as watch:
        assert watch.ended == "member_down"
        assert repr(watch) == "<Watch: 0 changes; the member asked is down>"
    three.restart(member)
    three.run_until(lambda: three.status()[member].role is not None, within=LONG)
    three.pause(member)
    assert three.watch("k", via=member).ended == "timeout"


def test_a_learner_serves_none():
    with EtcdCluster(1, heartbeat_ms=50, election_ms=500, timeout_ms=2000) as c:
        assert c.add_learner().ok
        assert c.run_until(lambda: c.status()["etcd-2"].role == "follower", within=LONG)
        assert c.watch("k", via="etcd-2").ended == "learner"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda c: c.watch(7), TypeError, "7 is no key"),
        (lambda c: c.watch("k", since=-1), ValueError, "since is -1"),
        (lambda c: c.watch("k", via="etcd-9"), ValueError, "there is no member 'etcd-9'"),
        (lambda c: c.compact(0), ValueError, "revision is 0"),
    ],
)
def test_bad_input_is_one_sentence(three, call, error, says):
    with pytest.raises(error, match=says):
        call(three)


def test_the_end_of_a_prefix():
    keys = ["a", "job", "job/", "job/1", "job/~", "job0", "k"]
    assert [key for key in keys if "job/" <= key < after_all("job/")] == [
        key for key in keys if key.startswith("job/")
    ]
    assert after_all("") == "\0"
