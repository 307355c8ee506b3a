"""The one fold: what it says at each moment, and that no earlier moment is changed by a later one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.cluster.events import UNKNOWN, Entry, Folded, Joined, Link, Log, Process, State
from quorumlab.cluster.moments import Entries, Situation, fold, moments
from quorumlab.simulation.chaos import disturb, random_cluster


def entries(*terms):
    return tuple(Entry(term, "command", ["put", "k", str(term)], None) for term in terms)


puts = st.tuples(st.just("put"), st.integers(1, 8), st.lists(st.integers(1, 3), max_size=3))
folds = st.tuples(st.just("fold"), st.integers(0, 8), st.integers(1, 3))


@given(st.lists(puts | folds, max_size=12))
def test_a_log_is_what_a_dict_by_number_would_be_and_no_earlier_one_changes(steps):
    log, model, first = Entries.empty(), {}, 1
    before = [(log, {}, 1)]
    for what, number, argument in steps:
        if what == "put":
            if number > max([first - 1, *model]) + 1:
                continue  # a log has no holes
            if number < first:
                first, model = number, {}
            model = {n: t for n, t in model.items() if n < number} | dict(enumerate(argument, number))
            log = log.put(number, entries(*argument))
        elif number >= first - 1:
            agrees = number < first or model.get(number) == argument
            model = {n: t for n, t in model.items() if n > number} if agrees else {}
            first = number + 1
            log = log.fold(number, argument)
        before.append((log, model, first))
    for kept, said, start in before:
        assert kept.first == start
        assert [entry.term for entry in kept] == list(said.values())
        assert kept.last == max([start - 1, *said])
        for n in range(12):
            assert getattr(kept.numbered(n), "term", None) == said.get(n)
            assert n >= len(kept) or kept[n] == kept[n - len(kept)] == kept[n:][0]
        with pytest.raises(IndexError):
            kept[len(kept)]


@pytest.mark.parametrize("seed", range(20))
def test_each_moment_begins_where_the_one_before_has_ended(seed):
    cluster = random_cluster(seed, record=True, snapshot_every=3)
    disturb(cluster, seed, 30)
    events = cluster.trace.events
    told = list(moments(events))
    assert sum((moment.events for moment in told), ()) == events
    assert [moment.t for moment in told] == sorted({event.t for event in events})
    before = Situation()
    for moment in told:
        assert moment.before == before and moment.before == fold(e for e in events if e.t < moment.t)
        before = moment.after
    assert before == fold(events)


def test_nothing_is_said_of_what_was_never_told():
    member = fold([Joined(0, "a", False)]).members["a"]
    assert member.condition is None and not member.runs and not member.learner
    for fact in (
        "role",
        "term",
        "voted_for",
        "leader",
        "commit",
        "timeout",
        "due",
        "voters",
        "learners",
        "log",
    ):
        assert getattr(member, fact) is UNKNOWN


def test_a_member_that_ends_has_no_role_and_keeps_what_is_on_its_disk():
    now = fold(
        [
            Joined(0, "a", False),
            Process(0, "a", "up"),
            State(1, "a", role="leader", term=3, voted_for="a", leader="a"),
            Log(1, "a", 1, entries(3)),
            Process(2, "a", "down"),
        ]
    ).members["a"]
    assert (now.role, now.leader, now.term, now.voted_for, len(now.log)) == (None, None, 3, "a", 1)
    again = fold([Process(5, "a", "up")], Situation({"a": now})).members["a"]
    assert again.runs and again.started == 5
    paused = fold([Process(6, "a", "paused"), Process(7, "a", "up")], Situation({"a": again})).members["a"]
    assert paused.started == 5  # it only went on


def test_a_learner_is_one_by_how_it_joined_until_a_membership_says_otherwise():
    joined = [Joined(0, "a", True), Process(0, "a", "up")]
    assert fold(joined).members["a"].learner
    assert fold([*joined, State(1, "a", voters=(), learners=())]).members["a"].learner
    assert not fold([*joined, State(1, "a", voters=("a",), learners=())]).members["a"].learner
    assert fold([*joined, State(1, "a", voters=("b",)), State(2, "a", learners=("a",))]).members["a"].learner


def test_links_are_listed_while_they_have_a_fault():
    cut = Link(1, "a", "b", True, 0)
    now = fold([Joined(0, "a", False), Joined(0, "b", False), cut])
    assert now.links == {("a", "b"): cut}
    assert fold([Link(2, "a", "b", False, 0)], now).links == {}
    assert fold([Folded(2, "a", 4, 1)], now).members["a"].log.first == 5
