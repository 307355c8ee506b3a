"""One member by itself: messages in, messages and records out; no world around it."""

from itertools import count, repeat

from hypothesis import given
from hypothesis import strategies as st

from quorumlab.raft import Entry, Log, Member, Membership, Saved, Settings, Snapshot
from quorumlab.raft.log import Change
from quorumlab.raft.messages import (
    Append,
    Appended,
    InstallSnapshot,
    ReadIndex,
    RequestVote,
    TimeoutNow,
    Vote,
)
from quorumlab.raft.state import SaveEntries

THREE = Membership(("a", "b", "c"))
PLAIN = Settings(pre_vote=False, check_quorum=False)


def member(name="a", terms=(), term=0, settings=PLAIN, membership=THREE, voted_for=None):
    entries = tuple(Entry(t, "command", ("put", "k", str(i))) for i, t in enumerate(terms, 1))
    saved = Saved(term or max(terms, default=0), voted_for, Snapshot(0, 0, membership), entries)
    made = Member(name, saved, settings, repeat(1_000_000))
    save(made)
    return made


def save(made):
    """Do at once what a disk would do."""
    while made.writes:
        made.writes.clear()
        made.saved_vote(made.current_term)
        made.saved(made.log.last_index, made.log.last_term)


def said(made):
    save(made)
    messages, made.outbox = made.outbox, []
    return messages


def leader(terms=(), **arguments):
    made = member(terms=terms, **arguments)
    made.tick(made.due)
    said(made)
    for voter in made.membership.voters[1:]:
        made.receive(made.now, Vote(voter, "a", made.current_term, True))
    assert made.role == "leader"
    save(made)
    return made


def test_nothing_happens_by_itself():
    quiet = member()
    quiet.tick(quiet.due - 1)
    assert (quiet.role, quiet.outbox, quiet.writes) == ("follower", [], [])


def test_a_time_out_begins_a_term():
    made = member(terms=(1, 1))
    made.tick(made.due)
    assert [w.term for w in made.writes] == [2]
    assert said(made) == [
        RequestVote("a", "b", 2, 2, 1),
        RequestVote("a", "c", 2, 2, 1),
    ]
    assert (made.role, made.voted_for, made.votes) == ("candidate", "a", {"a"})


def test_a_voter_that_may_not_stand_forgets_a_silent_leader_and_a_learner_believes_on():
    """As etcd-io/raft: ``hup`` after the timeout, which a learner never gets to."""
    for settings, membership, believed in (
        (Settings(may_lead=False), THREE, None),
        (Settings(), Membership(("b", "c"), ("a",)), "b"),
    ):
        made = member(settings=settings, membership=membership)
        made.receive(1, Append("b", "a", 1, 0, 0, (), 0))
        assert made.leader == "b"
        said(made)
        made.tick(made.due)
        assert (made.role, made.leader, made.due > made.now, said(made)) == ("follower", believed, True, [])


def test_who_has_a_committed_change_of_the_membership_to_apply_may_not_stand_and_with_a_write_may():
    for entry, role in (
        (Entry(1, "command", ("put", "k", "v")), "candidate"),
        (Entry(1, "membership", Change("add_voter", "d", THREE)), "follower"),
    ):
        made = member()
        made.receive(1, Append("b", "a", 1, 0, 0, (entry,), 1))  # its disk has not written it yet
        made.tick(made.due)
        assert (made.commit_index, made.last_applied, made.role) == (1, 0, role)


def test_a_candidates_own_vote_counts_once_it_is_saved():
    alone = member(membership=Membership(("a",)))
    alone.tick(alone.due)
    assert alone.role == "candidate"
    save(alone)
    assert alone.role == "leader"
    save(alone)
    assert alone.commit_index == 1


def test_one_vote_a_term_first_come_first_served():
    made = member()
    for candidate, granted in (("b", True), ("c", False), ("b", True)):
        made.receive(1, RequestVote(candidate, "a", 1, 0, 0))
        assert said(made) == [Vote("a", candidate, 1, granted)]
    assert member(term=1, voted_for="b").voted_for == "b"


def test_no_vote_in_a_term_that_is_over():
    made = member(term=3)
    made.receive(1, RequestVote("b", "a", 2, 9, 9))
    assert said(made) == [Vote("a", "b", 3, False)]
    assert made.voted_for is None


def test_no_vote_for_a_log_that_is_behind():
    for last_index, last_term, granted in (
        (2, 2, True),
        (5, 1, False),
        (1, 2, False),
        (3, 2, True),
        (1, 3, True),
    ):
        made = member(terms=(1, 2))
        made.receive(1, RequestVote("b", "a", 9, last_index, last_term))
        assert said(made) == [Vote("a", "b", 9, granted)]


def test_a_pre_vote_changes_nothing():
    made = member(terms=(1,))
    made.receive(1, RequestVote("b", "a", 2, 1, 1, pre=True))
    assert said(made) == [Vote("a", "b", 2, True, True)]
    assert (made.current_term, made.voted_for) == (1, None)


def test_who_hears_a_leader_ignores_candidates_but_not_a_transfer():
    made = member(settings=Settings())
    made.receive(0, Append("b", "a", 1, 0, 0, (), 0))
    said(made)
    made.receive(10, RequestVote("c", "a", 2, 0, 0))
    assert (said(made), made.current_term) == ([], 1)
    made.receive(20, RequestVote("c", "a", 2, 0, 0, transfer=True))
    assert said(made) == [Vote("a", "c", 2, True)]


def test_a_follower_keeps_what_agrees_and_replaces_what_conflicts():
    made = member(terms=(1, 1, 2))
    new = (Entry(1, "command", 1), Entry(3, "command", 2))
    made.receive(1, Append("b", "a", 3, 1, 1, new, 2))
    assert [e.term for e in made.log.entries] == [1, 1, 3]
    assert made.commit_index == 2
    assert said(made) == [Appended("a", "b", 3, True, 3)]
    made.receive(2, Append("b", "a", 3, 0, 0, (Entry(1, "command", 0),), 2))  # late, and shorter
    assert made.log.last_index == 3
    made.receive(3, Append("b", "a", 3, 3, 3, (Entry(3, "command", 3),), 1))  # late, from before the commit
    assert (made.log.last_index, made.commit_index) == (4, 2)


def test_a_follower_says_where_to_try_next():
    made = member(terms=(1, 4, 4, 4))
    made.receive(1, Append("b", "a", 9, 4, 5, (), 0))
    assert said(made) == [Appended("a", "b", 9, False, 2)]  # the start of the conflicting term
    made.receive(1, Append("b", "a", 9, 9, 5, (), 0))
    assert said(made) == [Appended("a", "b", 9, False, 5)]  # the end of the log
    made.receive(1, Append("b", "a", 9, 3, 5, (), 0))
    assert said(made) == [Appended("a", "b", 9, False, 2)]  # also from the middle of that term


def test_a_leader_commits_entries_of_its_own_term_only():
    made = leader(terms=(1, 1))
    assert made.commit_index == 0
    made.receive(1, Appended("b", "a", 2, True, 2))
    assert made.commit_index == 0  # entry 2 is on two of three, but of term 1
    made.receive(2, Appended("b", "a", 2, True, 3))
    assert made.commit_index == 3


def test_a_leader_steps_back_at_once_and_batches():
    made = leader(terms=(1,) * 100, settings=Settings(pre_vote=False, max_entries=40))
    said(made)
    made.receive(1, Appended("b", "a", 2, False, 1))
    (append,) = said(made)
    assert (append.prev_index, len(append.entries)) == (0, 40)
    made.receive(2, Appended("b", "a", 2, True, 40))
    assert [len(m.entries) for m in said(made)] == [40]


def test_a_read_waits_for_the_first_commit_and_a_round():
    made = leader()
    made.read_index(7)
    made.receive(1, ReadIndex("b", "a", 0, 8))
    assert made.answers == []
    made.receive(2, Appended("b", "a", 1, True, 1))
    rounds = {m.round for m in said(made) if isinstance(m, Append)}
    assert rounds >= {1, 2}
    made.receive(3, Appended("c", "a", 1, True, 1, round=1))
    assert [(a.request, a.commit) for a in made.answers] == [(7, 1)]
    assert said(made) == []  # nobody has answered the other's round yet
    made.receive(4, Appended("b", "a", 1, True, 1, round=2))
    assert [type(m).__name__ for m in said(made)] == ["Readable"]


def test_an_answer_that_comes_late_takes_no_confirmation_away():
    made = leader(membership=Membership(("a", "b", "c", "d", "e")))
    for voter in "bc":
        made.receive(1, Appended(voter, "a", 1, True, 1))
    for request in (7, 8):
        made.read_index(request)
    made.receive(2, Appended("b", "a", 1, True, 1, round=2))
    made.receive(3, Appended("b", "a", 1, True, 1, round=1))
    assert made.answers == []
    made.receive(4, Appended("c", "a", 1, True, 1, round=2))
    assert [answer.request for answer in made.answers] == [7, 8]


def test_snapshot_replaces_what_it_covers():
    made = member(terms=(1, 1))
    made.receive(1, InstallSnapshot("b", "a", 3, Snapshot(5, 3, THREE, "state")))
    save(made)
    assert (made.restored.data, made.commit_index, made.last_applied, made.log.last_index) == (
        "state",
        5,
        5,
        5,
    )
    made.receive(2, InstallSnapshot("b", "a", 3, Snapshot(4, 3, THREE, "older")))
    assert made.log.snapshot.last_index == 5
    made.receive(3, Append("b", "a", 3, 3, 2, (Entry(2, "noop"), Entry(3, "noop"), Entry(3, "noop")), 6))
    assert (made.log.last_index, made.commit_index) == (6, 6)


def test_transfer():
    made = leader()
    made.receive(1, Appended("b", "a", 1, True, 1))
    said(made)
    assert made.transfer_to("b") is None
    assert said(made) == [TimeoutNow("a", "b", 1)]
    made.propose(9, "command", ("put", "k", "v"))
    assert made.answers[-1].error == "no_leader"
    assert made.transfer_to("x") == "not_a_member"


def test_a_transfer_waits_until_the_new_leader_has_every_entry():
    made = leader(terms=(1, 1))
    said(made)
    made.receive(1, Appended("b", "a", 2, False, 1))  # it has none
    said(made)
    assert made.transfer_to("b") is None
    said(made)
    made.receive(2, Appended("b", "a", 2, True, 2))
    assert not any(isinstance(m, TimeoutNow) for m in said(made))
    made.receive(3, Appended("c", "a", 2, True, 3))  # another may be up to date and is not meant
    assert not any(isinstance(m, TimeoutNow) for m in said(made))
    made.receive(4, Appended("b", "a", 2, True, 3))
    assert [m for m in said(made) if isinstance(m, TimeoutNow)] == [TimeoutNow("a", "b", 2)]


def test_a_snapshot_on_its_way_is_not_sent_again_with_the_next_heartbeat():
    made = leader(terms=(1, 1, 1))
    made.receive(1, Appended("c", "a", 2, True, 4))
    assert [index for index, _, _ in made.take_committed()] == [1, 2, 3, 4]
    made.compact("state")
    said(made)
    made.receive(2, Appended("b", "a", 2, False, 1))  # it has none
    assert [type(m) for m in said(made)] == [InstallSnapshot]
    made.tick(made.due)
    assert [type(m) for m in said(made) if m.to == "b"] == [Append]
    made.receive(made.now, Appended("b", "a", 2, False, 1))  # the snapshot was lost
    assert [type(m) for m in said(made)] == [InstallSnapshot]


def test_what_is_to_be_written_is_told_of_a_commit_and_not_lost():
    made = member()
    for index in (1, 2):
        made.receive(index, Append("b", "a", 1, index - 1, index - 1 and 1, (Entry(1, "noop"),), 0))
    made.receive(3, Append("b", "a", 1, 2, 1, (), 2))
    entries = [w for w in made.writes if isinstance(w, SaveEntries)]
    assert [(w.start, w.commit) for w in entries] == [(1, 0), (2, 2)]


def test_nobody_is_caught_up_who_has_answered_nothing_yet():
    made = leader()
    assert not made.is_caught_up("b") and not made.is_caught_up("x")
    made.match_index["a"] = 0  # the leader's own disk has nothing either
    assert not made.is_caught_up("b")
    made.receive(1, Appended("b", "a", 1, True, 1))
    assert made.is_caught_up("b")


def test_a_follower_stands_at_once_when_its_leader_hands_over_and_a_leader_does_not():
    made = member(settings=Settings())  # without PreVote, although the settings have it
    made.receive(1, Append("b", "a", 1, 0, 0, (), 0))
    said(made)
    made.receive(2, TimeoutNow("b", "a", 1))
    assert (made.role, made.current_term) == ("candidate", 2)
    assert said(made) == [RequestVote("a", peer, 2, 0, 0, transfer=True) for peer in ("b", "c")]

    late = leader()
    said(late)
    late.receive(1, TimeoutNow("b", "a", 1))
    assert (late.role, late.current_term, said(late)) == ("leader", 1, [])


def test_who_leads_in_an_older_term_is_told_the_newer_and_nothing_else():
    made = member(terms=(1, 3))
    made.receive(1, Append("b", "a", 2, 1, 1, (Entry(2, "noop"),), 2))
    assert said(made) == [Appended("a", "b", 3, False, 0)]
    made.receive(1, InstallSnapshot("b", "a", 2, Snapshot(5, 2, THREE)))
    assert said(made) == [Appended("a", "b", 3, False, 0)]
    assert (made.commit_index, made.log.last_index) == (0, 2)


def test_a_leader_steps_back_no_further_than_a_follower_has_agreed():
    made = leader(terms=(1,) * 6)  # its own first entry is the 7th
    made.receive(1, Appended("b", "a", 2, True, 4))
    said(made)
    made.receive(2, Appended("b", "a", 2, False, 1))  # late: sent before the agreement
    assert [m.prev_index for m in said(made)] == [4]
    assert (made.next_index["b"], made.match_index["b"]) == (8, 4)  # and all that follows is on its way
    made.receive(3, Appended("c", "a", 2, False, 9))  # it cannot be further than where the leader tried
    assert [m.prev_index for m in said(made)] == [6]
    made.next_index["c"] = 3
    made.receive(4, Appended("c", "a", 2, True, 6))  # and what it has need not be sent again
    assert made.next_index["c"] == 8
    assert [(m.prev_index, len(m.entries)) for m in said(made) if m.to == "c"] == [(6, 1)]


@given(st.lists(st.tuples(st.sampled_from(["put", "fold"]), st.integers(1, 12), st.integers(0, 4))))
def test_the_log_agrees_with_a_plain_list(steps):
    """The oracle keeps all entries for ever in one list."""
    log, everything, folded = Log(Snapshot(0, 0, THREE)), [], 0
    numbers = count()
    for kind, position, length in steps:
        if kind == "put":
            start = min(max(position, folded + 1), len(everything) + 1)
            entries = [Entry(n, "noop") for n, _ in zip(numbers, range(length), strict=False)]
            everything[start - 1 :] = entries
            log.put(start, entries)
        elif folded < position <= len(everything):
            folded = position
            log.fold(Snapshot(folded, everything[folded - 1].term, THREE))
        assert log.last_index == len(everything)
        assert log.entries == everything[folded:]
        for index in range(folded + 1, len(everything) + 2):
            expected = everything[index - 1].term if index <= len(everything) else None
            assert log.term_at(index) == expected
        assert log.after(folded, 3) == tuple(everything[folded : folded + 3])
