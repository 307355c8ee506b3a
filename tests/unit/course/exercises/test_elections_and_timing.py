"""The exercises of notebook 05: what each kind of answer is told, and whether the right answers are right."""

from collections.abc import Callable
from itertools import product
from random import Random
from statistics import mean
from typing import Any

import pytest

from quorumlab.course.exercise import judge
from quorumlab.course.exercises.elections_and_timing import EXERCISES, grants_vote, vote_is_split
from quorumlab.raft import Entry, Member, Membership, Saved, Settings
from quorumlab.raft.log import COMMAND, Snapshot
from quorumlab.raft.messages import RequestVote, Vote
from quorumlab.timing import split_vote_probability

BY_ID = {exercise.id: exercise for exercise in EXERCISES}


def split_by_playing_the_vote(timeouts: list[float], one_way: float, n: int) -> bool:
    """Deliver every request in order of arrival, and count."""
    votes = dict.fromkeys(range(len(timeouts)), 0)
    for voter, own in enumerate(timeouts):
        asked = [(t + one_way, c) for c, t in enumerate(timeouts) if c != voter and t + one_way <= own]
        votes[min(asked)[1] if asked else voter] += 1
    return not any(2 * count > n for count in votes.values())


def grants_by_refusals(
    term: int, voted_for: str | None, last: tuple[int, int], candidate: str, its_term: int, its_last: tuple[int, int]
) -> bool:  # fmt: skip
    if its_term < term or (its_term == term and voted_for is not None and voted_for != candidate):
        return False
    if its_last[0] != last[0]:
        return its_last[0] > last[0]
    return its_last[1] >= last[1]


@pytest.mark.parametrize(
    ("id", "answer"), [("split-vote", split_by_playing_the_vote), ("grants-vote", grants_by_refusals)]
)
def test_another_way_to_be_right_is_right(id: str, answer: Callable[..., Any]) -> None:
    result = judge(BY_ID[id], answer)
    assert result.outcome == "correct"
    assert result.message == BY_ID[id].praise


def test_who_stands_first_is_not_who_is_listed_first() -> None:
    def first_listed(timeouts: list[float], one_way: float, n: int) -> bool:
        votes = 1 + sum(t >= timeouts[0] + one_way for t in timeouts[1:])
        return votes <= n // 2

    result = judge(BY_ID["split-vote"], first_listed)
    assert result.outcome == "incorrect"
    assert result.message.startswith("The timeouts come in no order")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda timeouts, one_way, n: 1 + sum(t >= min(timeouts) + one_way for t in timeouts) <= n // 2 + 1,
        lambda timeouts, one_way, n: sum(t >= min(timeouts) + one_way for t in timeouts) < n // 2 + 1,
    ],
    ids=["a quorum is not enough", "its own vote forgotten"],
)
def test_two_ways_to_be_one_vote_off_are_told_what_is_so_of_both(wrong: Callable[..., Any]) -> None:
    """They answer alike whatever they are asked, and only the second forgets a vote."""
    message = judge(BY_ID["split-vote"], wrong).message
    assert message.startswith(
        "Where the first to stand has exactly a quorum of votes, its own counted among them, it has won;"
    )
    assert "add" not in message


@pytest.mark.parametrize(("n", "alive", "latency"), [(3, 2, 0.1), (5, 4, 0.1), (5, 3, 0.3), (7, 5, 0.2)])
def test_split_votes_are_as_likely_as_the_dissertation_says(n: int, alive: int, latency: float) -> None:
    chance = Random(f"{n} {alive} {latency}")
    draws = ([100 + 100 * chance.random() for _ in range(alive)] for _ in range(4000))
    p = split_vote_probability(n, alive, latency)
    share = mean(vote_is_split(timeouts, 100 * latency, n) for timeouts in draws)
    assert abs(share - p) < 4 * (p * (1 - p) / 4000) ** 0.5


def test_the_vote_rule_is_that_of_the_simulated_members() -> None:
    """`grants-vote` against a member of `quorumlab.raft`, over every small case."""
    logs = [(0, 0), (1, 1), (1, 2), (2, 2), (2, 3)]
    for term, voted_for, last, its_term, its_last in product(
        (2, 3), (None, "a", "b"), logs, (1, 2, 3, 4), logs
    ):
        entries = tuple(Entry(last[0], COMMAND, None) for _ in range(last[1]))
        disk = Saved(term, voted_for, Snapshot(0, 0, Membership(("me", "a", "b"))), entries)
        member = Member("me", disk, Settings(), iter(lambda: 1_000_000, None), now=5_000_000)
        member.outbox.clear()
        member.receive(5_000_000, RequestVote("a", "me", its_term, its_last[1], its_last[0], False, False))
        (answer,) = (m for m in member.outbox if isinstance(m, Vote))
        assert answer.granted == grants_vote(term, voted_for, last, "a", its_term, its_last)
