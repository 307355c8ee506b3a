"""The pictures of notebook 03 against counts made another way, over all that the notebook's controls allow."""

import re
from fractions import Fraction
from itertools import combinations, product
from math import comb, factorial, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg

import quorumlab as ql
from quorumlab.views.odd_sizes import (
    election_quorum,
    elects_nobody,
    extra_member_view,
    split_vote_view,
    tigerbeetle_quorums,
    two_quorums_view,
)
from quorumlab.views.view import View

RELIABILITIES = (0.9, 0.95, 0.99, 0.995, 0.999, 0.9999)
SIZES = range(1, 10)


def down(n: int, up: float) -> Fraction:
    """The chance that too few of n members are up, summed over every pattern of ups and downs."""
    p = Fraction(str(up))
    patterns = (sum(pattern) for pattern in product((0, 1), repeat=n))
    return sum((p**k * (1 - p) ** (n - k) for k in patterns if 2 * k <= n), Fraction(0))


@pytest.mark.parametrize("up", RELIABILITIES)
def test_extra_member_table_agrees_with_every_pattern_of_members(up: float) -> None:
    table = extra_member_view(up, 4).table
    exact = {n: down(n, up) for n in SIZES}
    assert [row[:3] for row in table.rows] == [
        (str(n), "odd" if n % 2 else "even", f"{float(exact[n]):.3g}") for n in SIZES
    ]
    for n, row in zip(SIZES[1:], table.rows[1:], strict=True):
        factor = row[4].removesuffix(" times").replace(",", "")
        number = 1 / float(factor[2:]) if factor.startswith("1/") else float(factor)
        assert number == pytest.approx(float(exact[n] / exact[n - 1]), rel=0.005)


@pytest.mark.parametrize("up", RELIABILITIES)
@pytest.mark.parametrize("size", SIZES)
def test_extra_member_sentence_compares_with_one_member_fewer(up: float, size: int) -> None:
    view = extra_member_view(up, size)
    assert view.sentence.startswith(f"{size} member") and f"up {100 * up:g} % of the time" in view.sentence
    assert f"a ring marks {size} member" in view.alt.lower() and f"{float(down(size, up)):.3g}" in view.alt
    if size == 1:
        assert "times" not in view.sentence
        return
    found = re.search(r"([\d.,]+) times (what|that)", view.sentence)
    assert found
    ratio = float(down(size, up) / down(size - 1, up))
    assert (found[2] == "what") == (size % 2 == 0) == (ratio > 1)
    assert float(found[1].replace(",", "")) == pytest.approx(max(ratio, 1 / ratio), rel=0.005)


@pytest.mark.parametrize(
    ("up", "size", "words"),
    [(0.99, 1, "3.65 days"), (0.99, 4, "5.19 hours"), (0.9999, 9, "less than a millisecond")],
)
def test_extra_member_says_the_time_a_year(up: float, size: int, words: str) -> None:
    view = extra_member_view(up, size)
    assert f"no majority for {words} a year" in view.sentence
    assert view.table.rows[size - 1][3] == words


@pytest.mark.parametrize(("up", "size"), [(0.0, 3), (1.0, 3), (1.5, 3), (0.9, 0), (0.9, 10)])
def test_extra_member_refuses_what_it_cannot_show(up: float, size: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        extra_member_view(up, size)


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


@pytest.mark.parametrize("leader_crashed", [False, True])
@pytest.mark.parametrize("candidates", [1, 2, 3, 4])
def test_split_vote_view_tells_one_story_three_ways(candidates: int, leader_crashed: bool) -> None:
    view = split_vote_view(candidates, leader_crashed)
    crashed = int(leader_crashed)
    some_odd_size_fails = False
    for n, row in zip(range(3, 10), view.table.rows, strict=True):
        assert row[:4] == (str(n), "odd" if n % 2 else "even", str(n - crashed), str(n // 2 + 1))
        if candidates > n - crashed:
            assert row[4] == "–" and f"{n} members" not in view.alt
            continue
        share = nobody_by_counts(n, candidates, crashed)
        assert row[4].split()[0] == str(share) and f"{n} members {share}" in view.alt
        some_odd_size_fails |= n % 2 == 1 and share > 0
        if n == 5:
            expected = {0: "somebody always wins", 1: "nobody can win"}.get(
                share, f"nobody wins in {share.numerator} of {share.denominator} ways"
            )
            assert f"with five members {expected}" in view.sentence
    assert ("odd sizes fail to elect a leader too" in view.sentence) == some_odd_size_fails


@pytest.mark.parametrize(("candidates", "leader_crashed"), [(0, False), (10, False), (9, True)])
def test_split_vote_view_refuses_what_no_size_has(candidates: int, leader_crashed: bool) -> None:
    with pytest.raises(ValueError, match=r"cannot stand here; choose 1 to \d"):
        split_vote_view(candidates, leader_crashed)


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


EXTREMES = (
    *(extra_member_view(up, size) for up in (0.9, 0.9999) for size in (1, 2, 9)),
    *(split_vote_view(candidates, crashed) for candidates in (1, 4) for crashed in (False, True)),
    *(two_quorums_view(n, commit) for n, commit in ((3, 1), (3, 2), (6, 3), (9, 1), (9, 5))),
)


@pytest.mark.parametrize("view", EXTREMES, ids=lambda view: view.sentence[:44])
def test_every_picture_is_drawn_with_all_its_words_inside(view: View) -> None:
    assert view.svg().endswith(b"</svg>\n")
    figure = view.figure()
    FigureCanvasAgg(figure).draw()
    drawn = figure.get_tightbbox()  # in inches, labels included
    assert min(drawn.p0) >= 0 and drawn.x1 <= view.size[0] and drawn.y1 <= view.size[1], drawn
