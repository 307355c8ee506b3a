"""A cluster that can go on goes on: beside etcd-io/raft's own scenarios, five places where ours did not."""

from itertools import repeat

import pytest

from quorumlab.raft import CommittedEntryRewritten, Entry, Member, Membership, Saved, Settings, Snapshot
from quorumlab.raft.messages import Append, Appended, RequestVote, TimeoutNow, Vote
from tests.unit.raft.group import Group


def test_a_new_voter_counts_as_heard_from_until_the_next_check_quorum():
    """Two of the then four are down; the third is the new one, which has had no time to say anything."""
    group = Group("a", "b", "c")
    group.elect("a")
    group.wait(900_000)
    group.cut.add("c")
    group["a"].active.discard("c")
    group["a"].propose(1, "add_voter", "d")  # it never starts
    group.step()
    group.step()
    group.step()
    assert group["a"].membership.voters == ("a", "b", "c", "d")
    group.wait(100_000)
    assert group["a"].role == "leader"
    group.wait(1_000_000)
    assert group["a"].role == "follower"  # now it has had time


def leading(*peers):
    group = Group("a", *peers)
    group.elect("a")
    return group["a"]


def test_a_transfer_to_the_leader_itself_cancels_the_one_under_way():
    made = leading("b", "c")
    made.transfer_to("b")
    made.propose(1, "command", ("put", "k", "v"))
    assert made.answers.pop().error == "no_leader"
    assert made.transfer_to("a") is None
    made.propose(2, "command", ("put", "k", "v"))
    assert made.answers == []


def test_asking_again_for_the_same_transfer_does_not_put_off_its_end():
    made = leading("b", "c")
    asked = 0
    while made.transferee is None or made.now < 2_000_000:
        made.transfer_to("b")
        asked += made.transferee == "b"
        made.active.update("bc")
        made.tick(made.due)
        if made.transferee is None:
            break
    assert made.now == 1_000_000 and asked == 10


def test_another_transfer_takes_the_place_of_the_first():
    made = leading("b", "c")
    made.outbox.clear()
    made.transfer_to("b")
    made.transfer_to("c")
    assert made.outbox == [TimeoutNow("a", "b", 1), TimeoutNow("a", "c", 1)]
    assert made.transferee == "c"


@pytest.mark.parametrize(
    ("voted_for", "follows", "granted"), [(None, None, True), ("b", None, True), ("c", None, False)]
)
def test_a_pre_vote_for_this_term(voted_for, follows, granted):
    """Somebody took a higher term from a candidate that did not win, so that the term of the next is not new to it."""
    made = Member(
        "a", Saved(4, voted_for, Snapshot(0, 0, Membership(("a", "b", "c")))), Settings(), repeat(1)
    )
    made.leader = follows
    made.writes.clear()
    made.receive(0, RequestVote("b", "a", 4, 0, 0, pre=True))
    assert made.outbox == [Vote("a", "b", 4, granted, True)]
    assert (made.current_term, made.voted_for, made.writes) == (4, voted_for, [])


def test_no_pre_vote_for_this_term_from_who_knows_its_leader():
    made = Member("a", Saved(4, None, Snapshot(0, 0, Membership(("a", "b", "c")))), Settings(), repeat(1))
    made.receive(0, Append("c", "a", 4, 0, 0, (), 0))
    made.outbox.clear()
    made.now = 5_000_000  # it has not heard from it for long
    made.receive(5_000_000, RequestVote("b", "a", 4, 0, 0, pre=True))
    assert made.outbox == [Vote("a", "b", 4, False, True)]


@pytest.mark.parametrize(("window", "max_entries"), [(10, 4), (3, 64), (8, 8)])
def test_no_more_entries_are_under_way_than_the_window_has_room_for(window, max_entries):
    group = Group("a", "b", "c", settings=Settings(window=window, max_entries=max_entries))
    made = group.elect("a")
    for number in range(50):
        made.propose(number, "command", ("put", "k", str(number)))
        sent = sum(len(m.entries) for m in made.outbox if isinstance(m, Append) and m.to == "b")
        assert sent <= window
    assert sent == window


def test_a_window_is_not_overshot_by_a_batch():
    """Ten have room, and four fit into one message: four, four and two."""
    group = Group("a", "b", "c", settings=Settings(window=10, max_entries=4))
    made = group.elect("a")
    for number in range(30):
        made.propose(number, "command", ("put", "k", str(number)))
    made.outbox.clear()
    made.next_index["b"] = made.match_index["b"] + 1
    for _ in range(5):
        made.send_append("b")
    assert [len(message.entries) for message in made.outbox] == [4, 4, 2, 0, 0]


def test_a_full_window_goes_on_as_answers_come():
    group = Group("a", "b", "c", settings=Settings(window=4, max_entries=3))
    made = group.elect("a")
    for number in range(20):
        made.propose(number, "command", ("put", "k", str(number)))
    group.run()
    assert {group[name].log.last_index for name in "abc"} == {21}


def test_what_is_committed_is_not_rewritten():
    entries = tuple(Entry(1, "command", ("put", "k", str(number))) for number in range(3))
    made = Member(
        "a", Saved(1, None, Snapshot(0, 0, Membership(("a", "b", "c"))), entries), Settings(), repeat(1)
    )
    made.receive(0, Append("b", "a", 1, 3, 1, (), 2))
    assert made.commit_index == 2
    made.receive(0, Append("c", "a", 2, 2, 1, (Entry(2, "noop"),), 2))  # the third was not committed
    with pytest.raises(
        CommittedEntryRewritten, match="a was sent another entry 2 of term 3, but has committed"
    ):
        made.receive(0, Append("c", "a", 3, 1, 1, (Entry(3, "noop"),), 2))
    assert made.log.term_at(2) == 1


def test_a_late_append_of_what_agrees_is_no_rewriting():
    group = Group("a", "b", "c")
    made = group.elect("a")
    for number in range(3):
        group.propose("a", number, "command", ("put", "k", str(number)))
    made.commit_index = 4
    group["b"].receive(0, Append("a", "b", 1, 0, 0, tuple(made.log.entries[:2]), 1))
    assert group["b"].log.last_index == 4
    assert isinstance(group["b"].outbox[-1], Appended)
