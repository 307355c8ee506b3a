"""What etcd does with a lease over an outage; it agrees with the run that ships with the course."""

import pytest

from quorumlab.etcd.leases import lease_over_outage
from quorumlab.etcd.recordings import recorded
from tests.etcd.steady import LONG

pytestmark = pytest.mark.etcd


def test_etcd_gives_a_lease_its_full_time_again_after_an_outage():
    answers = lease_over_outage()
    assert answers == {
        "the lock is still Ada's": True,
        "time left on its lease": "all of it",
        "Bob can take it now": False,
    }
    assert answers == recorded("lease_over_outage").answers


def test_a_lease_is_granted_kept_alive_looked_at_and_revoked_through_any_member(three):
    granted = three.grant(60)
    assert (granted.ok, granted.seconds, granted.error) == (True, 60, None)
    assert three.put("held", "Ada", lease=granted).ok
    for via in three.members:
        kept = three.keep_alive(granted, via=via)
        assert (kept.ok, kept.lease, kept.seconds, kept.via) == (True, granted.lease, 60, via)
        left = three.time_to_live(granted.lease, via=via)
        assert left.ok and 0 < left.seconds <= 60
    ended = three.revoke(granted)
    assert (ended.ok, ended.seconds) == (True, None)
    assert three.get("held").value is None
    for verb in (three.keep_alive, three.time_to_live, three.revoke):
        assert (verb(granted).ok, verb(granted).error, verb(granted).seconds) == (False, "no_lease", None)
    put = three.put("held", "Bob", lease=granted)
    assert (put.ok, put.error, put.unknown) == (False, "no_lease", False)
    assert three.get("held").value is None


def test_what_a_lease_holds_goes_when_it_ends_and_a_lock_can_be_taken_again(three):
    granted = three.now
    lease = three.grant(2)
    assert three.cas("lock", None, "Ada", lease=lease).ok
    too_early = three.cas("lock", None, "Bob")
    assert (
        too_early.error == "compare_failed" or three.now - granted >= 2
    )  # it may end while we look elsewhere
    assert three.run_until(lambda: three.cas("lock", None, "Bob").ok, within=LONG)
    assert not three.keep_alive(lease).ok


def test_a_lease_outlives_the_leader_and_without_a_quorum_nobody_can_say(three):
    lease = three.grant(30)
    left = next(name for name in three.members if name != three.leader)
    three.crash(three.leader)
    assert three.run_until(lambda: three.keep_alive(lease).ok, within=LONG)
    three.crash(*(name for name in three.members if name != left))
    # A leader that has just lost its quorum keeps leases alive until it steps down.
    assert three.run_until(lambda: three.leader is None, within=LONG)
    kept = three.keep_alive(lease, via=left)
    assert (kept.ok, kept.error) == (False, "timeout")
    granted = three.grant(5, via=left)
    assert (granted.lease, granted.error) == (None, "timeout")
    with pytest.raises(
        ValueError, match=r"no lease is known to have been granted \(timeout\); grant one first"
    ):
        three.put("k", "v", lease=granted)
    assert three.grant(5, via=next(name for name in three.members if name != left)).error == "member_down"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda c: c.grant(0.5), TypeError, "seconds is 0.5"),
        (lambda c: c.grant(0), ValueError, "seconds is 0, but must be a whole number of 1 or more"),
        (lambda c: c.keep_alive("7"), TypeError, "lease is '7'"),
        (lambda c: c.grant(5, via="etcd-9"), ValueError, "there is no member 'etcd-9'"),
    ],
)
def test_bad_input_is_one_sentence(three, call, error, says):
    with pytest.raises(error, match=says):
        call(three)
