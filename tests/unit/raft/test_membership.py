"""Changes of the membership by etcd's rule: in force once applied, committed by the majority before them."""

import pytest

from quorumlab.raft import Change, Entry, Log, Member, Membership, Saved, Settings, Snapshot
from quorumlab.raft.messages import Append, RequestVote, TimeoutNow
from tests.unit.raft.group import ETCD, Group


@pytest.fixture
def three():
    group = Group("a", "b", "c")
    group.elect("a")
    return group


def test_a_change_is_in_force_once_it_is_applied(three):
    three.cut.update("bc")
    three.propose("a", 1, "add_voter", "d")
    assert three["a"].log.last_index == 2
    assert three["a"].membership.voters == ("a", "b", "c")
    three.cut.clear()
    three.wait(100_000)
    assert all(three[name].membership.voters == ("a", "b", "c", "d") for name in "abc")


def test_the_old_majority_commits_a_change():
    """Of two, one is down: the removal of the dead one needs both, the coming of a third is committed by two."""
    group = Group("a", "b")
    group.elect("a")
    group.cut.add("b")
    group.propose("a", 1, "remove", "b")
    assert group["a"].membership.voters == ("a", "b")
    assert group["a"].commit_index == 1
    group.cut.clear()
    group.wait(100_000)
    assert group["a"].membership == Membership(("a",), (), ("b",))


def test_one_alone_takes_a_second_voter_that_never_starts_and_is_then_stuck():
    group = Group("a")
    group.elect("a")
    group.propose("a", 1, "add_voter", "b")
    assert group["a"].membership.voters == ("a", "b")
    group.propose("a", 2, "command", ("put", "k", "v"))
    assert group["a"].commit_index == 2
    group.start("b")
    group.wait(200_000)
    assert group["b"].membership.voters == ("a", "b")
    assert group["a"].commit_index == 3


def test_a_change_that_comes_too_early_leaves_an_empty_entry_and_no_answer(three):
    three.cut.update("bc")
    three.propose("a", 1, "add_learner", "d")
    three.propose("a", 2, "remove", "c")
    assert three["a"].log.entry(3) == Entry(1, "noop")
    three.cut.clear()
    three.wait(200_000)
    assert three["a"].membership == Membership(("a", "b", "c"), ("d",))
    assert three.errors("a") == {}
    three.propose("a", 3, "remove", "c")
    assert three["a"].membership == Membership(("a", "b"), ("d",), ("c",))


def test_a_new_leader_first_applies_what_it_found(three):
    three.cut.add("b")
    three["a"].propose(1, "add_learner", "d")
    three.step()  # c has the change, and does not know that it is committed
    three["a"].outbox.clear()
    three.cut = {"a"}
    leader = three["c"]
    three["b"].leader = None
    assert (leader.log.last_index, leader.commit_index) == (2, 1)
    leader.due = three.now
    leader.tick(three.now)
    while leader.role != "leader":
        three.step()
    leader.propose(2, "remove", "b")
    assert [entry.kind for entry in leader.log.entries[1:]] == ["membership", "noop", "noop"]
    three.run()
    assert leader.membership == Membership(("a", "b", "c"), ("d",))
    leader.propose(3, "remove", "b")
    assert leader.log.entries[-1].data == Change("remove", "b", leader.membership)


def test_two_changes_one_after_the_other(three):
    three.propose("a", 1, "add_learner", "d")
    three.start("d")
    three.wait(100_000)
    three.propose("a", 2, "promote", "d")
    assert three["b"].membership == Membership(("a", "b", "c", "d"))
    assert three["d"].membership == Membership(("a", "b", "c", "d"))


@pytest.mark.parametrize(
    ("verb", "name", "error"),
    [
        ("add_voter", "b", "already_a_member"),
        ("add_learner", "b", "already_a_member"),
        ("add_learner", "e", "too_many_learners"),
        ("promote", "b", "not_a_learner"),
        ("promote", "x", "not_a_member"),
        ("remove", "x", "not_a_member"),
        ("add_voter", "gone", "not_a_member"),
        ("remove", "gone", "not_a_member"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_applied(three, verb, name, error):
    three.propose("a", 1, "add_voter", "gone")
    three.propose("a", 2, "remove", "gone")
    three.propose("a", 3, "add_learner", "d")
    before = three["a"].membership
    assert before == Membership(("a", "b", "c"), ("d",), ("gone",))
    three.cut.update("bc")
    three.propose("a", 4, verb, name)
    assert three.errors("a") == {}  # it takes a quorum to be told
    three.cut.clear()
    three.wait(200_000)
    assert three.errors("a") == {4: error}
    assert three["a"].membership == three["b"].membership == before


def test_the_last_voter_stays():
    """Where raft alone would be left without any, etcd-io/raft panics; its server asks for a started member to stay."""
    group = Group("a", learners=("b",))
    group.elect("a")
    group.propose("a", 1, "remove", "a")
    assert group.errors("a") == {1: "last_voter"}
    assert group["a"].membership == Membership(("a",), ("b",))


def test_a_leader_that_was_removed_leads_no_more(three):
    three.propose("a", 1, "remove", "a")
    assert three["a"].role == "follower"
    assert three["b"].membership.voters == ("b", "c")
    three.propose("a", 2, "command", ("put", "k", "v"))
    assert three.answers["a"][-1].error == "no_leader"
    three.wait(5_000_000)
    assert (three["a"].role, three["a"].current_term) == ("follower", 1)  # it cannot stand
    assert {three["b"].role, three["c"].role} == {"leader", "follower"}


def test_a_smaller_majority_commits_what_it_has():
    group = Group("a", "b", "c", "d")
    group.elect("a")
    group.cut.update("cd")
    group["a"].propose(1, "remove", "d")
    group["a"].propose(2, "command", ("put", "k", "v"))
    group.run()
    assert group["a"].commit_index == 1
    group.cut.discard("c")
    group["c"].receive(group.now, Append("a", "c", 1, 1, 1, group["a"].log.after(1, 1), 1))
    group.step()
    group.cut.add("c")  # it has acknowledged the removal alone
    group.run()
    assert group["a"].membership.voters == ("a", "b", "c")
    assert group["a"].commit_index == 3


def test_a_transfer_to_who_is_removed_meanwhile_ends(three):
    three["a"].propose(1, "remove", "c")
    three["a"].transfer_to("c")
    three["a"].outbox = [m for m in three["a"].outbox if not isinstance(m, TimeoutNow) and m.to != "c"]
    three.run()
    assert three["a"].membership.voters == ("a", "b")
    assert three["a"].transferee is None


def test_nobody_stands_by_a_membership_that_it_knows_to_be_out_of_date(three):
    """etcd-io/raft, hup: committed changes come first."""
    three.slow.add("c")
    three.propose("a", 1, "remove", "b")
    assert three["c"].commit_index == 2
    assert three["c"].membership.voters == ("a", "b", "c")  # it is not on its disk
    three["c"].receive(three.now, TimeoutNow("a", "c", 1))
    three["c"].tick(three["c"].due)
    assert three["c"].role == "follower"
    three.write("c")
    three.settle("c")
    three["c"].tick(three["c"].due)
    assert three["c"].role == "pre-candidate"


def test_who_starts_again_knows_the_changes_before_the_last_as_committed(three):
    """Else it might stand by a membership two changes old, whose majorities need not meet those of the newest. It hears of
    the commit of the first and of the second in one message, and writes both down together.
    """
    three["a"].propose(1, "add_voter", "d")
    three.step()
    three.cut.add("c")
    three.run()
    three.cut.clear()
    three["a"].propose(2, "add_voter", "e")
    assert (three["c"].log.last_index, three["c"].commit_index) == (2, 1)
    three.step()
    three.settle("c")
    assert three["c"].log.last_index == 3
    three.restart("c")
    assert three["c"].commit_index == 2
    assert three["c"].membership.voters == ("a", "b", "c", "d")


def test_a_snapshot_carries_the_membership(three):
    three.propose("a", 1, "add_learner", "d")
    three["a"].compact("state")
    assert three["a"].log.snapshot == Snapshot(2, 1, Membership(("a", "b", "c"), ("d",)), "state")
    three.settle("a")
    three.start("d")
    three.wait(300_000)
    assert three["d"].membership == Membership(("a", "b", "c"), ("d",))
    assert three.applied["d"] == [("restored", 2, None)]


def test_a_member_that_joins_cannot_stand_before_it_knows_that_it_votes():
    joined = Member("d", Saved.new(Membership(())), ETCD, iter([1_000_000] * 3))
    joined.tick(joined.due)
    assert (joined.role, joined.outbox) == ("follower", [])


def test_a_learner_goes_on_to_believe_in_a_leader_that_is_silent():
    """etcd-io/raft, tickElection: only who may stand does, and so forgets whom it followed."""
    group = Group("a", "b", "c", learners=("d",))
    group.elect("a")
    assert group["d"].leader == "a"
    group.cut.add("a")
    group["d"].tick(group["d"].due)
    assert group["d"].leader == "a"
    assert (group["d"].role, group["d"].current_term) == ("follower", 1)
    group["b"].tick(group["b"].due)
    assert group["b"].leader is None


@pytest.mark.parametrize(
    ("entries", "before", "behind", "ready"),
    [(25, 0, 2, True), (25, 0, 3, False), (25, 0, 12, False), (10, 0, 1, True), (25, 75, 10, True), (25, 75, 11, False)],
)  # fmt: skip
def test_a_learner_is_caught_up_with_nine_tenths_of_the_log(entries, before, behind, ready):
    """etcd: readyPercentThreshold in server/etcdserver/server.go."""
    group = Group("a", "b", learners=("d",))
    leader = group.elect("a")
    for number in range(entries - 1):
        group.propose("a", number, "command", ("put", "k", str(number)))
    leader.match_index["d"] = leader.log.last_index - behind
    assert leader.log.last_index == entries
    assert leader.is_caught_up("d", before=before) is ready
    assert before or leader.is_caught_up("d") is ready


def test_no_more_learners_join_where_there_are_as_many_as_allowed_or_more():
    for learners, refused in (((), None), (("d",), "too_many_learners"), (("d", "e"), "too_many_learners")):
        asked = Change("add_learner", "f", Membership(("a", "b", "c"), learners))
        assert asked.refusal(max_learners=1) == refused
        assert asked._replace(action="add_voter").refusal(max_learners=1) is None


def test_a_learner_that_was_promoted_without_knowing_it_votes():
    group = Group("a", "b", "c", learners=("d",))
    group["d"].receive(0, RequestVote("b", "d", 1, 0, 0))
    assert group["d"].outbox[-1].granted


def test_an_entry_by_its_number():
    log = Log(Snapshot(3, 1, Membership(("a",))), [Entry(1, "noop"), Entry(2, "noop")])
    assert [log.entry(index).term for index in (4, 5)] == [1, 2]
    assert (log.last_index, [(i, entry.term) for i, entry in log.between(3, 5)]) == (5, [(4, 1), (5, 2)])
    assert [log.start_of_term(index) for index in (4, 5)] == [4, 5]  # what the snapshot covers is not held
    assert Settings().tick == 0
