"""The exercises of notebook 09: references against the rooms below, and another correct answer for each."""

from itertools import product

import pytest

import quorumlab as ql
from quorumlab.course.exercise import judge
from quorumlab.course.exercises.regions import EXERCISES
from quorumlab.latency import RttTable, commit_latency, spread_over

BY_ID = {exercise.id: exercise for exercise in EXERCISES}
NAMES = ("us-east-1", "eu-west-1", "ap-south-1")
FAR = {"us-east-1": 1.0, "eu-west-1": 69.7, "ap-south-1": 191.1}
TABLE = RttTable(
    {("us-east-1", "eu-west-1"): 69.7, ("us-east-1", "ap-south-1"): 191.1, ("eu-west-1", "ap-south-1"): 125.6}
)


def commit_by_counting(members, rtt):
    """The earliest moment at which more than half of all have answered, the leader at once."""
    heard = [ms for count, ms in zip(members, rtt, strict=True) for _ in range(count)]
    heard[0] = 0.0
    return next(t for t in sorted(heard) if 2 * sum(h <= t for h in heard) > len(heard))


def region_plus_one_by_losing(members):
    t = spread_over({f"region-{i}": count for i, count in enumerate(members) if count})
    return (
        all(
            t.survives(region=region, members=name)
            for region in t.regions
            for name in t.members
            if t.region_of[name] != region
        )
        and len(t.regions) > 1
    )


def home_is_lost_by_quorums(home, n, commit, elect):
    left = n - home
    return not (left < commit or left < elect)


@pytest.mark.parametrize(
    ("id", "answer"),
    [
        ("commit-over-regions", commit_by_counting),
        ("region-plus-one", region_plus_one_by_losing),
        ("home-is-lost", home_is_lost_by_quorums),
    ],
)
def test_another_way_to_be_right_is_right(id, answer):
    assert judge(BY_ID[id], answer).message == BY_ID[id].praise


def test_the_commit_is_that_of_the_topology():
    reference = BY_ID["commit-over-regions"].reference
    for counts in product((1, 2, 3), (0, 1, 2, 3), (0, 1, 3)):
        t = spread_over(dict(zip(NAMES, counts, strict=True)))
        assert reference(list(counts), list(FAR.values())) == commit_latency(t, "etcd-1", rtt=TABLE), counts


def test_a_lost_home_is_that_of_flexible_quorums():
    reference = BY_ID["home-is-lost"].reference
    for n in range(2, 7):
        for commit, elect in product(range(1, n + 1), repeat=2):
            if commit + elect > n:
                s = ql.flexible(n, commit=commit, elect=elect)
                for home in range(n + 1):
                    left = s.members[home:]
                    able = all(s.of_kind(kind).is_quorum(left) for kind in ("commit", "elect"))
                    assert reference(home, n, commit, elect) == able


def test_a_mean_is_not_mistaken_for_a_commit():
    told = judge(BY_ID["commit-over-regions"], lambda members, rtt: sum(rtt) / len(rtt))
    assert told.outcome == "incorrect"
