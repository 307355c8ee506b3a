"""Availability against sums over every subset in exact Fractions, closed forms and the published figures."""

import math
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.availability import availability, downtime, nines, unavailability
from quorumlab.quorums import QuorumSystem, flexible, grid, hierarchical, majority, threshold, weighted

SYSTEMS = [
    *(majority(n) for n in (1, 2, 3, 4, 9, 12)),
    threshold(5, 2),
    weighted({"a": 2, "b": 1, "c": 1}),
    weighted({"a": 5, "b": 4, "c": 4, "d": 2, "e": 2, "f": 1, "g": 0}),
    weighted({chr(97 + i): 2.5 * i + 1 for i in range(12)}),
    *(grid(r, c) for r, c in [(1, 1), (1, 4), (4, 1), (2, 3), (3, 4), (4, 3)]),
    *(hierarchical(sizes) for sizes in [[1], [3, 3, 3], [2, 4, 1, 3], [3, 3, 3, 3]]),
    flexible(6, commit=3, elect=4),
]
probabilities = st.fractions(0, 1, max_denominator=10**9)


def every_outcome(chances: dict[str, Fraction]) -> list[tuple[Fraction, set[str]]]:
    """Each set of names that may be up, with its probability."""
    return [
        (
            math.prod(
                (p if up else 1 - p for p, up in zip(chances.values(), ups, strict=True)), start=Fraction(1)
            ),
            {name for name, up in zip(chances, ups, strict=True) if up},
        )
        for ups in product([False, True], repeat=len(chances))
    ]


def down_by_brute_force(s: QuorumSystem, member_up: dict[str, Fraction], kind: str | None = None) -> Fraction:
    return sum((p for p, up in every_outcome(member_up) if not s.is_quorum(up, kind=kind)), Fraction(0))


def close(value: object, exact: Fraction, relative: float = 1e-12) -> bool:
    return isinstance(value, float) and abs(Fraction(value) - exact) <= Fraction(relative) * exact


# Exactness ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("s", SYSTEMS, ids=repr)
def test_fractions_in_exact_fraction_out(s: QuorumSystem) -> None:
    member_up = {m: Fraction(97 + i % 3, 100) - Fraction(i, 37) for i, m in enumerate(s.members)}
    down = down_by_brute_force(s, member_up)
    assert unavailability(s, member_up) == down
    assert availability(s, member_up) == 1 - down
    assert isinstance(availability(s, member_up), Fraction)


@pytest.mark.parametrize("p", [0.5, 0.99, 0.999999, 1 - 2**-40, 0.01, 1e-9])
@pytest.mark.parametrize("s", SYSTEMS, ids=repr)
def test_floats_lose_no_digits_however_small_the_answer(s: QuorumSystem, p: float) -> None:
    down = down_by_brute_force(s, dict.fromkeys(s.members, Fraction(p)))
    assert close(unavailability(s, p), down)
    assert close(availability(s, p), 1 - down)


def test_nine_members_at_six_nines_keep_full_precision() -> None:
    p = Fraction(0.999999)  # the float's own value
    exact = sum(math.comb(9, k) * (1 - p) ** k * p ** (9 - k) for k in range(5, 10))
    got = unavailability(majority(9), 0.999999)
    assert close(got, exact)
    assert got < 1.3e-28
    assert availability(majority(9), 0.999999) == 1.0  # which is why unavailability exists


@settings(deadline=None, max_examples=60)
@given(st.sampled_from([s for s in SYSTEMS if len(s.members) <= 9]), st.data())
def test_random_probabilities_per_member(s: QuorumSystem, data: st.DataObject) -> None:
    member_up = {m: data.draw(probabilities) for m in s.members}
    assert unavailability(s, member_up) == down_by_brute_force(s, member_up)
    floats = {m: float(p) for m, p in member_up.items()}
    exact = down_by_brute_force(s, {m: Fraction(p) for m, p in floats.items()})
    assert close(unavailability(s, floats), exact)
    assert close(availability(s, floats), 1 - exact)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any), st.data())
def test_random_weights(weights: list[int], data: st.DataObject) -> None:
    s = weighted({f"m{i}": w for i, w in enumerate(weights)})
    member_up = {m: data.draw(probabilities) for m in s.members}
    assert unavailability(s, member_up) == down_by_brute_force(s, member_up)


@pytest.mark.parametrize("kind", [None, "commit", "elect"])
def test_flexible_by_kind(kind: str | None) -> None:
    s = flexible(6, commit=3, elect=4)
    up = Fraction(9, 10)
    assert unavailability(s, up, kind=kind) == down_by_brute_force(s, dict.fromkeys(s.members, up), kind)


def test_commits_outlast_elections_with_six_members() -> None:
    s = flexible(6, commit=3, elect=4)
    assert unavailability(s, 0.99, kind="commit") < unavailability(s, 0.99, kind="elect")
    assert unavailability(s, 0.99) == unavailability(s, 0.99, kind="elect")


def test_certainty() -> None:
    assert (availability(majority(3), 1), unavailability(majority(3), 1)) == (1.0, 0.0)
    assert (availability(majority(3), 0), unavailability(majority(3), 0)) == (0.0, 1.0)
    assert type(availability(majority(3), 1)) is float


# Large systems ------------------------------------------------------------------------------------


def test_a_majority_of_1001() -> None:
    p = Fraction(9, 10)
    exact = sum(math.comb(1001, k) * p**k * (1 - p) ** (1001 - k) for k in range(501))
    assert close(unavailability(majority(1001), 0.9), exact, 1e-11)  # 0.9 is itself 1 part in 1e16 off 9/10
    assert close(availability(majority(1001), 0.5), Fraction(1, 2))


def test_large_structured_systems() -> None:
    p, q = Fraction(4, 5), Fraction(1, 5)
    no_row_empty = (1 - q**20) ** 20
    neither_empty_nor_whole = (1 - q**20 - p**20) ** 20
    assert availability(grid(20, 20), p) == no_row_empty - neither_empty_nor_whole
    group = sum(math.comb(51, k) * p**k * q ** (51 - k) for k in range(26, 52))
    outer = sum(math.comb(9, k) * group**k * (1 - group) ** (9 - k) for k in range(5, 10))
    assert availability(hierarchical([51] * 9), p) == outer
    assert availability(weighted({f"m{i}": 2**i for i in range(300)}), p) == p  # the heaviest decides alone


# Published figures --------------------------------------------------------------------------------


def test_unavailability_of_majorities_at_two_nines() -> None:
    figures = {3: "2.980e-04", 5: "9.851e-06", 7: "3.417e-07"}
    assert {n: f"{unavailability(majority(n), 0.99):.3e}" for n in figures} == figures


@pytest.mark.parametrize("f", [0, 1, 2, 3])
def test_an_even_cluster_is_twice_as_likely_to_be_down(f: int) -> None:
    ratios = [
        unavailability(majority(2 * f + 2), up) / unavailability(majority(2 * f + 1), up)
        for up in (1 - Fraction(1, 10**k) for k in (2, 4, 8))
    ]
    errors = [abs(2 - ratio) for ratio in ratios]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-6


def at(placement: str) -> dict[str, str]:
    """``"aab"``: etcd-1 and etcd-2 in zone a, etcd-3 in b."""
    return {f"etcd-{i}": zone for i, zone in enumerate(placement, start=1)}


def test_member_and_zone_figures() -> None:
    one_each = unavailability(majority(3), 0.99, zones=at("abc"), zone_up=0.999)
    two_two_one = unavailability(majority(5), 0.99, zones=at("aabbc"), zone_up=0.999)
    assert (f"{one_each:.3e}", f"{two_two_one:.3e}") == ("3.597e-04", "7.269e-05")


# Correlated loss ----------------------------------------------------------------------------------


def correlated_by_brute_force(
    s: QuorumSystem,
    member_up: Fraction,
    zones: dict[str, str],
    zone_up: dict[str, Fraction],
    regions: dict[str, str],
    region_up: dict[str, Fraction],
) -> Fraction:
    members = every_outcome(dict.fromkeys(s.members, member_up))
    return sum(
        (
            p_region * p_zone * p
            for p_region, regions_up in every_outcome(region_up)
            for p_zone, zones_up in every_outcome(zone_up)
            for p, up in members
            if not s.is_quorum({m for m in up if zones[m] in zones_up and regions[zones[m]] in regions_up})
        ),
        Fraction(0),
    )


@pytest.mark.parametrize(
    "s",
    [majority(5), grid(1, 5), hierarchical([3, 1, 1]), weighted({f"etcd-{i}": i for i in range(1, 6)})],
    ids=repr,
)
def test_zones_and_regions_against_brute_force(s: QuorumSystem) -> None:
    zones = at("abbcd")
    zone_up = {"a": Fraction(9, 10), "b": Fraction(99, 100), "c": Fraction(3, 4), "d": Fraction(1)}
    regions = {"a": "east", "b": "east", "c": "west", "d": "west"}
    region_up = {"east": Fraction(95, 100), "west": Fraction(8, 10)}
    up = Fraction(97, 100)
    exact = correlated_by_brute_force(s, up, zones, zone_up, regions, region_up)
    given_places = {"zones": zones, "zone_up": zone_up, "regions": regions, "region_up": region_up}
    assert unavailability(s, up, **given_places) == exact
    assert availability(s, up, **given_places) == 1 - exact
    never = dict.fromkeys(region_up, Fraction(1))
    without_regions = correlated_by_brute_force(s, up, zones, zone_up, regions, never)
    assert unavailability(s, up, zones=zones, zone_up=zone_up) == without_regions


def test_nine_members_in_nine_zones_of_three_regions() -> None:
    zones = at("abcdefghi")
    regions = {z: "NWS"[i // 3] for i, z in enumerate("abcdefghi")}
    u = unavailability(majority(9), 0.99, zones=zones, zone_up=0.999, regions=regions, region_up=0.9999)
    without = unavailability(majority(9), 0.99, zones=zones, zone_up=0.999)
    assert without < u < 3 * (1e-4) ** 2 + 3e-4 * unavailability(threshold(6, 5), 0.989) + without


# Nines and downtime -------------------------------------------------------------------------------


def test_nines() -> None:
    assert [nines(a) for a in (0, 0.9, 0.99, 0.999, 0.9999, 0.99999)] == [0, 1, 2, 3, 4, 5]
    assert nines(0.9995) == pytest.approx(3.30103)
    assert nines(Fraction(999, 1000)) == pytest.approx(3, abs=1e-15)
    assert nines(1) == math.inf == nines(unavailability=0)
    assert nines(unavailability=1e-28) == pytest.approx(28, abs=1e-13)
    assert nines(unavailability=unavailability(majority(5), 0.99)) == pytest.approx(5.00653732, abs=1e-8)


def test_downtime() -> None:
    assert downtime(0.01) == timedelta(days=3, hours=15, minutes=36)
    assert downtime(1) == timedelta(days=365)
    assert downtime(Fraction(1, 365)) == timedelta(days=1)
    assert downtime(9.850600e-6) == timedelta(seconds=310.6485216)
    assert downtime(0) == timedelta(0)


# Errors -------------------------------------------------------------------------------------------

three = majority(3)
ABC = at("abc")
BAD_CALLS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: unavailability(5, 0.99),
        TypeError,
        "the system is 5, but must be a quorum system; write for example",
    ),
    (
        lambda: availability(three, 1.01),
        ValueError,
        "member_up is 1.01, but must be from 0 to 1; write 99 % as 0.99",
    ),
    (lambda: availability(three, -0.1), ValueError, "member_up is -0.1, but must be from 0 to 1"),
    (lambda: availability(three, 99), ValueError, "member_up is 99, but must be from 0 to 1"),
    (lambda: availability(three, math.nan), ValueError, "member_up is nan, but must be from 0 to 1"),
    (
        lambda: availability(three, True),
        TypeError,
        "member_up is True (bool), but must be a number from 0 to 1",
    ),
    (
        lambda: availability(three, "0.9"),
        TypeError,
        "member_up is '0.9' (str), but must be a number from 0 to 1",
    ),
    (
        lambda: availability(three, {"etcd-1": 0.9}),
        ValueError,
        "member_up misses member {etcd-2, etcd-3}, but must have exactly {etcd-1, etcd-2, etcd-3}; add what "
        "is",
    ),
    (
        lambda: availability(three, {**dict.fromkeys(three.members, 0.9), "x": 0.9}),
        ValueError,
        "member_up has the unknown member {x}, but must have exactly {etcd-1, etcd-2, etcd-3}; remove it.",
    ),
    (
        lambda: availability(three, {**dict.fromkeys(three.members, 0.9), "etcd-2": 2}),
        ValueError,
        "member_up of etcd-2 is 2, but must be from 0 to 1",
    ),
    (
        lambda: availability(three, 0.9, kind="read"),
        ValueError,
        "kind is 'read', but must be 'commit', 'elect' or",
    ),
    (
        lambda: availability(three, 0.9, zones=ABC),
        TypeError,
        "zones was given without zone_up, but they need each other; give both or neither.",
    ),
    (lambda: availability(three, 0.9, zone_up=0.9), TypeError, "zone_up was given without zones"),
    (lambda: availability(three, 0.9, region_up=0.9), TypeError, "region_up was given without regions"),
    (
        lambda: availability(three, 0.9, regions={"a": "r"}, region_up=0.9),
        TypeError,
        "regions were given without zones, but a region holds zones; give zones and zone_up too.",
    ),
    (
        lambda: availability(three, 0.9, zones=at("ab"), zone_up=0.9),
        ValueError,
        "zones misses member {etcd-3}",
    ),
    (lambda: availability(three, 0.9, zones=ABC, zone_up={"a": 1}), ValueError, "zone_up misses zone {b, c}"),
    (
        lambda: availability(three, 0.9, zones=ABC, zone_up=2),
        ValueError,
        "zone_up is 2, but must be from 0 to 1",
    ),
    (
        lambda: availability(three, 0.9, zones=ABC, zone_up=0.9, regions={"a": "r"}, region_up=0.9),
        ValueError,
        "regions misses zone {b, c}",
    ),
    (
        lambda: availability(
            majority(20), 0.9, zones={f"etcd-{i}": str(i) for i in range(1, 21)}, zone_up=0.9
        ),
        ValueError,
        "the zones and regions can be up and down in 1048576 ways, but at most 20000 are gone through; the "
        "availability without zones, fault_tolerance and is_quorum can still be asked, or merge some zones.",
    ),
    (
        lambda: availability(weighted({f"m{i}": 10**6 + i * i * i for i in range(60)}), 0.9),
        ValueError,
        "the weights of these 60 members make more than 100000 different sums, too many for an exact "
        "availability; "
        "is_quorum, fault_tolerance and always_intersects can still be asked, or round the weights.",
    ),
    (
        lambda: nines(),
        TypeError,
        "nines needs either an availability or unavailability=, not both and not neither",
    ),
    (
        lambda: nines(0.9, unavailability=0.1),
        TypeError,
        "nines needs either an availability or unavailability=",
    ),
    (lambda: nines(99), ValueError, "the availability is 99, but must be from 0 to 1"),
    (lambda: nines(unavailability=-1), ValueError, "the unavailability is -1, but must be from 0 to 1"),
    (lambda: downtime(math.nan), ValueError, "the unavailability is nan, but must be from 0 to 1"),
    (
        lambda: downtime("1 h"),
        TypeError,
        "the unavailability is '1 h' (str), but must be a number from 0 to 1",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS, ids=[m[:40] for _, _, m in BAD_CALLS])
def test_bad_calls(call: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        call()
    said = str(raised.value)
    assert said.startswith(message)
    assert "; " in said and said.endswith(".") and "\n" not in said  # what to do, in the same one sentence


def test_what_can_still_be_asked_of_a_system_too_large() -> None:
    s = weighted({f"m{i}": 10**6 + i * i * i for i in range(60)})
    assert s.fault_tolerance > 0
    assert s.is_quorum(s.members)
    assert s.always_intersects()
