"""Overlaps and two kinds of quorum in pictures, against counts made another way."""

import pytest

import quorumlab as ql
from quorumlab.quorums import overlap_counts
from quorumlab.views.quorums import fatal_sets_view, overlap_view, teams_view, two_quorums_view


def brute_force_overlaps(members, group):
    from itertools import combinations

    groups = [set(g) for g in combinations(range(members), group)]
    shared = [len(a & b) for a in groups for b in groups]
    return tuple(shared.count(j) for j in range(group + 1))


SIZES = [(n, k) for n in range(1, 8) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "k"), SIZES)
def test_overlaps_are_counted_as_by_listing_all_pairs(n, k):
    from itertools import combinations

    assert overlap_counts(n, k) == brute_force_overlaps(n, k)
    pairs = [len(set(a) & set(b)) for a, b in combinations(combinations(range(n), k), 2)]
    counts = [pairs.count(j) for j in range(k)]
    shown = overlap_view(n, k)
    assert ("share nobody" in shown.sentence) == (counts[0] > 0) == (2 * k <= n and n > 1)
    assert [row[1] for row in shown.table.rows] == [f"{c:,}" for c in counts]
    number = counts[0] if counts[0] else len(pairs)
    assert f"{number:,}" in shown.sentence or not pairs
    assert ("there is only one, so there is no pair" in shown.sentence) == (not pairs)
    assert f"({len(pairs):,}): {counts[0]:,} without" in shown.alt


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
    assert ("this step costs the elections nothing" in view.sentence) == (2 * commit == members)
    assert ("This is the majority for both." in view.sentence) == (2 * commit > members)


@pytest.mark.parametrize(("members", "commit"), [(6, 0), (6, 5), (3, 3)])
def test_two_quorums_view_refuses_a_useless_commit_quorum(members: int, commit: int) -> None:
    with pytest.raises(ValueError, match=rf"cannot usefully commit.*choose 1 to {members // 2 + 1}\."):
        two_quorums_view(members, commit)


@pytest.mark.parametrize(
    ("members", "size", "shift"),
    [(n, k, s) for n in range(1, 9) for k in range(1, n + 1) for s in (0, 1, n, 9)],
)
def test_two_teams_say_who_is_in_both(members, size, shift):
    one = {f"etcd-{i + 1}" for i in range(size)}
    two = {f"etcd-{(shift + i) % members + 1}" for i in range(size)}
    view = teams_view(members, size, shift)
    assert {row[0] for row in view.table.rows if row[1] == "yes"} == one
    assert {row[0] for row in view.table.rows if row[2] == "yes"} == two
    assert {row[0] for row in view.table.rows if row[3] == "yes"} == one & two
    assert ("they miss each other" in view.sentence) == (not one & two)
    assert all(name in view.sentence for name in one & two) or one == two


def test_teams_that_miss_each_other_are_found_exactly_where_twice_the_size_fits():
    for members in range(2, 9):
        for size in range(1, members + 1):
            missed = any(
                "miss each other" in teams_view(members, size, shift).sentence for shift in range(members)
            )
            assert missed == (2 * size <= members)


@pytest.mark.parametrize(("members", "size", "shift"), [(3, 4, 1), (3, 0, 1), (3, 2, -1), (0, 1, 1)])
def test_teams_that_cannot_be_are_refused(members, size, shift):
    with pytest.raises(ValueError, match=r"must be|choose|give"):
        teams_view(members, size, shift)


@pytest.mark.parametrize("members", range(2, 7))
def test_fatal_sets_are_the_smallest_that_stop_a_majority(members):
    from itertools import combinations

    view, system = fatal_sets_view(members), ql.majority(members)
    smallest = system.fault_tolerance + 1
    sets = [set(s) for s in combinations(system.members, smallest)]
    assert all(not system.is_quorum(set(system.members) - s) for s in sets)
    assert len(view.table.rows) == len(sets)
    with_it = sum(f"etcd-{members}" in s for s in sets)
    assert [row[1] for row in view.table.rows].count("with it") == with_it
    assert (
        f"any of {len(sets)} sets: {len(sets) - with_it} without etcd-{members}, {with_it} with it"
        in view.sentence
    )
    assert members % 2 or with_it == len(sets) / 2


@pytest.mark.parametrize("members", [1, 7])
def test_more_fatal_sets_than_can_be_drawn_are_refused(members):
    with pytest.raises(ValueError, match="members"):
        fatal_sets_view(members)
