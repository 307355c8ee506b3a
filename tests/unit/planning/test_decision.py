"""A layout over sites and its price: against the figures of the literature, brute force and the rooms below."""

from itertools import product

import pytest

import quorumlab as ql
from quorumlab.planning import decide, over_sites

APART = {("a", "b"): 25.0, ("a", "c"): 22.0, ("b", "c"): 40.0}
HOURS = {(3,): 11.4, (5,): 8.8, (2, 1): 11.5, (3, 2): 9.1, (2, 2): 22.7, (3, 3): 17.7, (1, 1, 1): 3.2, (2, 2, 1): 0.64}  # fmt: skip


def made(*counts: int) -> dict[str, int]:
    return dict(zip("abc", counts, strict=False))


@pytest.mark.parametrize(("counts", "hours"), HOURS.items(), ids=str)
def test_the_hours_a_year_are_those_of_the_table(counts, hours):
    found = decide(made(*counts), APART)
    assert round(8760 * found.unavailability, 2 if hours < 1 else 1) == hours
    if len(counts) == 1:
        assert found.unavailability == found.in_one_site
    if len(counts) == 2:
        assert found.unavailability > found.in_one_site


def test_a_site_stops_writes_exactly_if_the_others_are_no_majority():
    for counts in product(range(4), repeat=3):
        n = sum(counts)
        if not n:
            continue
        found = decide(made(*counts), APART)
        there = {site: votes for site, votes in made(*counts).items() if votes}
        assert set(found.stops) == {site for site, votes in there.items() if 2 * (n - votes) <= n}
        assert list(found.lost) == list(there)
        assert (found.mended is None) == (not found.stops)
        if found.mended is not None:
            assert found.mended.survives_any("region")


def test_times_are_those_of_commits_with_the_leader_kept_at_home():
    found = decide(made(2, 2, 1), APART, "b")
    t = found.topology
    assert t.region_of[found.leader] == "b"
    assert found.usual == ql.commit_latency(t, found.leader, rtt=APART) == 25
    assert {site: after.commit_latency for site, after in found.lost.items()} == {"a": 40, "b": 22, "c": 25}
    assert found.worst == 40
    assert decide(made(2, 2, 1), APART).usual == 22  # led from where it is fastest


def test_a_home_without_members_leaves_the_choice_to_speed():
    found = decide(made(2, 1, 0), APART, "c")
    assert found.leader == "etcd-1" and found.usual == 0 and found.stops == ("a",)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: decide({"a": 0}, APART), ValueError, "There are no members in any site"),
        (lambda: decide({"a": 2, "z": 1}, APART), ValueError, "The round trip a–z is unknown"),
        (lambda: decide({"a": 2, "b": 1}, APART, "mars"), ValueError, "home is 'mars'"),
        (lambda: decide(["a", "b"], APART), TypeError, "The sites are ['a', 'b']"),
        (lambda: decide({"a": 2, "b": 1.5}, APART), TypeError, "the members in b"),
        (lambda: over_sites({"a": 16}), ValueError, "the members in a"),
    ],
)
def test_bad_input_is_one_sentence(call, error, said):
    with pytest.raises(error) as raised:
        call()
    assert said in str(raised.value) and str(raised.value).endswith(".") and "\n" not in str(raised.value)
