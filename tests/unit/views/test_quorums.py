"""Overlaps and two kinds of quorum in pictures, against counts made another way."""

import pytest

import quorumlab as ql
from quorumlab.quorums import overlap_counts
from quorumlab.views.quorums import overlap_view, two_quorums_view


def brute_force_overlaps(members, group):
    from itertools import combinations

    groups = [set(g) for g in combinations(range(members), group)]
    shared = [len(a & b) for a in groups for b in groups]
    return tuple(shared.count(j) for j in range(group + 1))


SIZES = [(n, k) for n in range(1, 8) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "k"), SIZES)
def test_overlaps_are_counted_as_by_listing_all_pairs(n, k):
    counts = brute_force_overlaps(n, k)
    assert overlap_counts(n, k) == counts
    shown = overlap_view(n, k)
    assert ("share nobody" in shown.sentence) == (counts[0] > 0) == (2 * k <= n)
    assert [row[1] for row in shown.table.rows] == [f"{c:,}" for c in counts]
    number = counts[0] if counts[0] else sum(counts)
    assert f"{number:,}" in shown.sentence or sum(counts) == 1
    assert "all 1 pairs" not in shown.sentence
    assert f"({sum(counts):,}): {counts[0]:,} without" in shown.alt


@pytest.mark.parametrize(("n", "k"), [(5, 0), (5, 6), (0, 0), (5, -1)])
def test_a_group_that_cannot_be_is_refused_in_one_sentence(n, k):
    with pytest.raises(ValueError, match=f"group of {k} "):
        overlap_view(n, k)


@pytest.mark.parametrize(("members", "commit"), [(n, c) for n in range(3, 10) for c in range(1, n // 2 + 2)])
def test_two_quorums_view_agrees_with_the_quorum_systems(members: int, commit: int) -> None:
    view = two_quorums_view(members, commit)
    for row in view.table.rows:
        c, e, writes, elections = map(int, row[:4])
        s = ql.flexible(members, commit=c, elect=e)
        assert writes == s.of_kind("commit").fault_tolerance
        assert elections == s.of_kind("elect").fault_tolerance == s.fault_tolerance
        assert row[4] == ("shown" if c == commit else "")
    shown = view.table.rows[commit - 1]
    assert f"waits for {shown[0]}, a new leader needs {shown[1]} vote" in view.sentence
    assert view.alt.endswith(f"marks {commit}: {shown[2]} and {shown[3]}.")
    assert ("this choice costs no election" in view.sentence) == (2 * commit == members)
    assert ("This is the majority for both." in view.sentence) == (2 * commit > members)


@pytest.mark.parametrize(("members", "commit"), [(6, 0), (6, 5), (3, 3)])
def test_two_quorums_view_refuses_a_useless_commit_quorum(members: int, commit: int) -> None:
    with pytest.raises(ValueError, match=rf"cannot usefully commit.*choose 1 to {members // 2 + 1}\."):
        two_quorums_view(members, commit)
