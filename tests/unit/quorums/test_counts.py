"""What follows from a number of members, against counts made another way."""

from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.quorums import election_quorum, elects_nobody, overlap_counts, tigerbeetle_quorums


def nobody_by_counts(n: int, candidates: int, crashed: int) -> Fraction:
    """The same share from multinomial coefficients: over the counts of votes instead of over the votes."""
    others = n - crashed - candidates
    lost = sum(
        factorial(others) // prod(map(factorial, extra))
        for extra in product(range(others + 1), repeat=candidates)
        if sum(extra) == others and 2 * (1 + max(extra)) <= n
    )
    return Fraction(lost, candidates**others)


@given(st.data())
def test_elects_nobody_agrees_with_multinomial_counts(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 9))
    crashed = data.draw(st.integers(0, n - 1))
    candidates = data.draw(st.integers(1, min(4, n - crashed)))
    assert elects_nobody(n, candidates, crashed) == nobody_by_counts(n, candidates, crashed)


def test_two_candidates_tie_as_the_binomial_distribution_says() -> None:
    for n in (4, 6, 8):
        assert elects_nobody(n, 2) == Fraction(comb(n - 2, n // 2 - 1), 2 ** (n - 2))
    for n in (3, 5, 7, 9):
        assert elects_nobody(n, 2) == 0
        assert elects_nobody(n, 2, crashed=1) == Fraction(comb(n - 3, (n - 3) // 2), 2 ** (n - 3))


def test_one_candidate_has_one_way_to_be_voted_for_among_any_number_of_members() -> None:
    assert [elects_nobody(n, 1) for n in (21, 22, 30, 2_000)] == [0] * 4
    assert elects_nobody(30, 1, crashed=15) == 1


@pytest.mark.parametrize("candidates", [1, 2, 2_001])
def test_what_is_refused_is_refused_for_its_own_reason(candidates: int) -> None:
    with pytest.raises(ValueError, match=r"^members is 2001, but must be a whole number from 1 to 2000; "):
        elects_nobody(2_001, candidates)
    with pytest.raises(ValueError, match=r"^2 candidates among 23 members get more than 1,000,000 different"):
        elects_nobody(23, 2)


@pytest.mark.parametrize(("members", "candidates", "crashed"), [(3, 0, 0), (3, 4, 0), (3, 3, 1), (3, 1, -1)])
def test_elects_nobody_refuses_votes_that_cannot_be(members: int, candidates: int, crashed: int) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        elects_nobody(members, candidates, crashed)


@pytest.mark.parametrize("n", range(1, 7))
def test_election_quorum_is_the_smallest_that_meets_commits_and_elections(n: int) -> None:
    def meet(one: int, other: int) -> bool:
        return all(
            set(a) & set(b) for a in combinations(range(n), one) for b in combinations(range(n), other)
        )

    for commit in range(1, n // 2 + 2):
        smallest = next(e for e in range(1, n + 1) if meet(commit, e) and meet(e, e))
        assert election_quorum(n, commit) == smallest


def test_tigerbeetles_published_table() -> None:
    table = [tigerbeetle_quorums(n) for n in range(1, 9)]
    assert [commit for commit, _ in table] == [1, 2, 2, 2, 3, 3, 3, 3]
    assert [elect for _, elect in table] == [1, 2, 2, 3, 3, 4, 5, 6]


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(1, 7) for k in range(1, n + 1)])
def test_overlaps_are_counted_as_by_listing_all_pairs(n: int, k: int) -> None:
    groups = [set(group) for group in combinations(range(n), k)]
    shared = [len(a & b) for a in groups for b in groups]
    assert overlap_counts(n, k) == tuple(shared.count(j) for j in range(k + 1))
