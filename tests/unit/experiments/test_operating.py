"""Operating through failure: the simulation against the recorded runs of real etcd, and against counting."""

import pytest

from quorumlab.etcd.recordings import recorded
from quorumlab.experiments.operating import ALL, one_by_one, replaced_by_a_dud, written_meanwhile
from quorumlab.experiments.restoring import AFTER_RESTORE, AFTER_SNAPSHOT, WAYS, after_restore, told_in_words
from quorumlab.quorums import majority
from quorumlab.simulation import SimulatedCluster


@pytest.mark.parametrize("experiment", ALL, ids=lambda e: e.__name__)
def test_the_simulation_says_what_real_etcd_said(experiment):
    recording = recorded(experiment.__name__)
    assert recording.experiment == experiment.__name__ and experiment.__doc__
    assert dict(recording.answers) == dict(experiment(SimulatedCluster))
    assert len(recording.to_json()) < 100_000


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_upgrades_does_not_depend_on_chance(seed):
    found = one_by_one(lambda size, **timers: SimulatedCluster(size, seed=seed, **timers))
    assert found["leader first: leadership moves"] == "more than once"
    assert found["leader last: leadership moves"] == "once"


@pytest.mark.parametrize("add_first", [True, False])
def test_whether_a_dud_stops_writes_follows_by_counting(add_first):
    found = replaced_by_a_dud(add_first)
    members = ["etcd-1", "etcd-2", "etcd-4", *(["etcd-3"] if add_first else [])]
    assert (found.members, found.running) == (len(members), 2)
    assert found.goes_on is majority(members).is_quorum({"etcd-1", "etcd-2"})
    assert found.quorum == len(members) // 2 + 1


def test_a_copy_falls_behind_only_while_others_can_write():
    assert written_meanwhile(30, 2, False) == []
    assert written_meanwhile(30, 2, True) == pytest.approx(range(2, 31, 2))
    assert written_meanwhile(0, 2, True) == []


@pytest.mark.parametrize(("seconds", "every"), [(-1, 1), (601, 1), (10, 0), (10, 61)])
def test_outages_out_of_range_are_refused(seconds, every):
    with pytest.raises(ValueError, match="choose"):
        written_meanwhile(seconds, every, True)


def by_replay(seen: int, snapshot: int, written: int, bump: int, compacted: bool) -> tuple[int, int, bool]:
    """The old history and the new one written out, and what a watcher gets of the new that asks from ``seen`` + 1 on."""
    old = [("old", r) for r in range(1, seen + 1)]
    new = [("new", r) for r in range(snapshot + bump + 1, snapshot + bump + written + 1)]
    if compacted and seen + 1 <= snapshot + bump:
        return 0, 0, True
    told = [event for event in new if event[1] >= seen + 1]
    gone = [event for event in old if event[1] > snapshot]
    return len(new) - len(told), len(gone), False


def test_what_a_watcher_misses_against_histories_written_out():
    cases = 0
    for seen in range(1, 8):
        for snapshot in range(1, 8):
            for written in range(5):
                for bump in (0, 1, 3, 9):
                    for compacted in (False, True):
                        found = after_restore(seen, snapshot, written, bump, compacted)
                        assert (found.missed, found.phantom, found.anew) == by_replay(
                            seen, snapshot, written, bump, compacted
                        )
                        cases += 1
    assert cases == 7 * 7 * 5 * 4 * 2


def test_arithmetic_says_what_real_etcd_told_a_watcher():
    said = recorded("watch_over_restore").answers
    assert said["what it saw last is still there"] is False
    for way, settings in WAYS.items():
        bump, mark = settings.get("bump_revision", 0), settings.get("mark_compacted", False)
        found = after_restore(2 + AFTER_SNAPSHOT, 2, AFTER_RESTORE, bump, mark)
        assert said[f"{way}: the watcher is told"] == told_in_words(AFTER_RESTORE - found.missed, found.anew)


@pytest.mark.parametrize("numbers", [(0, 1, 1), (1, 0, 1), (1, 1, -1), (1, 1, 1, -1)])
def test_revisions_out_of_range_are_refused(numbers):
    with pytest.raises(ValueError, match="choose"):
        after_restore(*numbers)
