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
from quorumlab.topology import Topology

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


def placed(placement: str, regions: dict[str, str] | None = None, names: str = "etcd-{}") -> Topology:
    """``"aab"``: etcd-1 and etcd-2 in zone a, etcd-3 in b; a zone that is not given a region is its own."""
    zone_of = {names.format(i): zone for i, zone in enumerate(placement, start=1)}
    return Topology.placed(zone_of, regions=regions)


def test_member_and_zone_figures() -> None:
    one_each = unavailability(placed("abc"), 0.99, zone_up=0.999)
    two_two_one = unavailability(placed("aabbc"), 0.99, zone_up=0.999)
    assert (f"{one_each:.3e}", f"{two_two_one:.3e}") == ("3.597e-04", "7.269e-05")


TWO_SITES = {  # facts.md, "Two sites and the bad day": unavailability, hours a year
    "aaa": ("1.298e-03", 11.4),
    "aaaaa": ("1.010e-03", 8.9),
    "aab": ("1.317e-03", 11.5),
    "aaabb": ("1.040e-03", 9.1),
    "aabb": ("2.590e-03", 22.7),
    "aaabbb": ("2.019e-03", 17.7),
    "abc": ("3.597e-04", 3.2),
    "aabbc": ("7.269e-05", 0.64),
}


@pytest.mark.parametrize("placement", TWO_SITES)
def test_two_sites_and_the_bad_day(placement: str) -> None:
    u = unavailability(placed(placement), Fraction(99, 100), zone_up=Fraction(999, 1000))
    said, hours = TWO_SITES[placement]
    assert f"{float(u):.3e}" == said
    assert downtime(u).total_seconds() / 3600 == pytest.approx(hours, abs=0.06)


# Correlated loss ----------------------------------------------------------------------------------

ZONE_UP = {"a": Fraction(9, 10), "b": Fraction(99, 100), "c": Fraction(3, 4), "d": Fraction(1)}
REGION_UP = {"east": Fraction(95, 100), "west": Fraction(8, 10)}
EAST_WEST = {"a": "east", "b": "east", "c": "west", "d": "west"}


def correlated_by_brute_force(
    s: QuorumSystem,
    t: Topology,
    member_up: dict[str, Fraction],
    zone_up: dict[str, Fraction],
    region_up: dict[str, Fraction],
    kind: str | None = None,
) -> Fraction:
    members = every_outcome(member_up)
    return sum(
        (
            p_region * p_zone * p
            for p_region, regions_up in every_outcome(region_up)
            for p_zone, zones_up in every_outcome(zone_up)
            for p, up in members
            if not s.is_quorum(
                {m for m in up if t.zone_of[m] in zones_up and t.region_of[m] in regions_up}, kind=kind
            )
        ),
        Fraction(0),
    )


@pytest.mark.parametrize(
    "s",
    [
        majority(5),
        threshold(5, 2),
        grid(1, 5),
        hierarchical([3, 1, 1]),
        weighted({f"etcd-{i}": i for i in range(1, 6)}),
        flexible(5, commit=2, elect=4),
    ],
    ids=repr,
)
def test_zones_and_regions_against_brute_force(s: QuorumSystem) -> None:
    t = placed("abbcd", EAST_WEST)
    up = {m: Fraction(90 + i, 100) for i, m in enumerate(t.members)}
    exact = correlated_by_brute_force(s, t, up, ZONE_UP, REGION_UP)
    chances = {"member_up": up, "zone_up": ZONE_UP, "region_up": REGION_UP}
    assert unavailability(s, **chances, topology=t) == exact
    assert availability(s, **chances, topology=t) == 1 - exact
    floats = {what: {name: float(p) for name, p in given.items()} for what, given in chances.items()}
    assert close(unavailability(s, **floats, topology=t), exact)
    never = dict.fromkeys(REGION_UP, Fraction(1))
    without_regions = correlated_by_brute_force(s, t, up, ZONE_UP, never)
    assert unavailability(s, up, zone_up=ZONE_UP, topology=t) == without_regions
    assert unavailability(s, up, topology=t) == unavailability(s, up)


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_random_topologies_against_brute_force(data: st.DataObject) -> None:
    placement = data.draw(st.text("abcd", min_size=1, max_size=6))
    regions = {z: data.draw(st.sampled_from(["east", "west"])) for z in dict.fromkeys(placement)}
    t = placed(placement, regions)
    chances = [
        {name: data.draw(probabilities) for name in names} for names in (t.members, t.zones, t.regions)
    ]
    exact = correlated_by_brute_force(t.quorum_system, t, *chances)
    assert unavailability(t, *chances) == exact
    assert availability(t, *chances) == 1 - exact
    floats = [{name: float(p) for name, p in given.items()} for given in chances]
    exact = correlated_by_brute_force(
        t.quorum_system, t, *({name: Fraction(p) for name, p in given.items()} for given in floats)
    )
    assert close(unavailability(t, *floats), exact)


@pytest.mark.parametrize("kind", ["commit", "elect", None])
def test_a_flexible_system_by_kind_in_its_zones(kind: str | None) -> None:
    s, t = flexible(5, commit=2, elect=4), placed("abbcd", EAST_WEST)
    up = dict.fromkeys(t.members, Fraction(9, 10))
    exact = correlated_by_brute_force(s, t, up, ZONE_UP, REGION_UP, kind)
    assert unavailability(s, up, ZONE_UP, REGION_UP, kind=kind, topology=t) == exact


def test_nine_members_in_nine_zones_of_three_regions() -> None:
    t = placed("abcdefghi", {z: "NWS"[i // 3] for i, z in enumerate("abcdefghi")})
    u = unavailability(t, 0.99, zone_up=0.999, region_up=0.9999)
    without = unavailability(t, 0.99, zone_up=0.999)
    assert without < u < 3 * (1e-4) ** 2 + 3e-4 * unavailability(threshold(6, 5), 0.989) + without


def test_297_members_in_nine_zones_agree_with_the_sum_over_all_states_of_zones_and_regions() -> None:
    """Conditioning, as for other systems: 33 members a zone, so what counts is how many zones are up."""
    t = Topology.of(
        dict.fromkeys("abcdefghi", 33), regions={z: "NWS"[i // 3] for i, z in enumerate("abcdefghi")}
    )
    up, zone, region = Fraction(99, 100), Fraction(999, 1000), Fraction(9999, 10_000)

    def zones_up(k: int) -> Fraction:
        """The chance that exactly k of the nine zones, regions included, are up."""
        of_region = [
            region * math.comb(3, j) * zone**j * (1 - zone) ** (3 - j) + (0 if j else 1 - region)
            for j in range(4)
        ]
        return sum(
            (
                math.prod((of_region[j] for j in js), start=Fraction(1))
                for js in product(range(4), repeat=3)
                if sum(js) == k
            ),
            Fraction(0),
        )

    def below_149(members: int) -> Fraction:
        return sum(
            (math.comb(members, i) * up**i * (1 - up) ** (members - i) for i in range(min(149, members + 1))),
            Fraction(0),
        )

    exact = sum((zones_up(k) * below_149(33 * k) for k in range(10)), Fraction(0))
    assert unavailability(t, up, zone, region) == exact
    assert close(unavailability(t, 0.99, 0.999, 0.9999), exact, 1e-11)  # the floats are not the decimals


def test_learners_do_not_count_and_witnesses_do() -> None:
    voters = unavailability(Topology.of("a: 1, b: 1, c: 1"), 0.99, zone_up=0.999)
    assert (
        unavailability(Topology.of("a: 1, b: 1, c: 1", learners="a: 1, d: 1"), 0.99, zone_up=0.999) == voters
    )
    assert unavailability(Topology.of("a: 1, b: 1", witnesses="c: 1"), 0.99, zone_up=0.999) == voters
    with_learner = Topology.of("a: 1, b: 1, c: 1", learners="d: 1")
    some = {**dict.fromkeys("abc", 0.999), "d": 0.5}
    assert unavailability(with_learner, 0.99, zone_up=some) == voters


# Nines and downtime -------------------------------------------------------------------------------


def test_nines() -> None:
    assert [nines(a) for a in (0, 0.9, 0.99, 0.999, 0.9999, 0.99999)] == [0, 1, 2, 3, 4, 5]
    assert nines(0.9995) == pytest.approx(3.30103)
    assert nines(Fraction(999, 1000)) == pytest.approx(3, abs=1e-15)
    assert nines(1) == math.inf == nines(unavailability=0)
    assert nines(unavailability=Fraction(1, 10**330)) == pytest.approx(330, abs=1e-10)
    tiny = unavailability(majority(121), Fraction(999_999, 1_000_000))
    assert nines(unavailability=tiny) == pytest.approx(61 * 6 - math.log10(math.comb(121, 61)), abs=1e-3)
    assert nines(1 - Fraction(1, 10**400)) == pytest.approx(400, abs=1e-10)
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
ABC = placed("abc")
BAD_CALLS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (
        lambda: unavailability(5, 0.99),
        TypeError,
        "the system is 5, but must be a quorum system or a topology; write for example",
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
        lambda: availability(three, 0.9, zone_up=0.9),
        TypeError,
        "zone_up was given for a quorum system alone, but only a topology has zones and regions; give topology= too.",
    ),
    (
        lambda: availability(three, 0.9, region_up=0.9),
        TypeError,
        "region_up was given for a quorum system alone",
    ),
    (
        lambda: availability(three, 0.9, topology=placed("ab")),
        ValueError,
        "the topology does not place {etcd-3}, but must place all of {etcd-1, etcd-2, etcd-3}; add what is missing.",
    ),
    (
        lambda: availability(three, 0.9, topology={"etcd-1": "a"}),
        TypeError,
        "topology is {'etcd-1': 'a'}, but must be a Topology; write for example",
    ),
    (
        lambda: availability(ABC, 0.9, topology=ABC),
        TypeError,
        "the topology is Topology(a: 1, b: 1, c: 1) and topology= is",
    ),
    (lambda: availability(ABC, 0.9, zone_up={"a": 1}), ValueError, "zone_up misses zone {b, c}"),
    (
        lambda: availability(ABC, 0.9, zone_up={**dict.fromkeys("abc", 1), "d": 1}),
        ValueError,
        "zone_up has the unknown zone {d}",
    ),
    (lambda: availability(ABC, 0.9, zone_up=2), ValueError, "zone_up is 2, but must be from 0 to 1"),
    (lambda: availability(ABC, 0.9, region_up={"a": 1}), ValueError, "region_up misses region {b, c}"),
    (
        lambda: availability(
            hierarchical([[f"etcd-{i}"] for i in range(1, 21)]),
            0.9,
            zone_up=0.9,
            topology=placed("abcdefghijklmnopqrst"),
        ),
        ValueError,
        "the zones and regions can be up and down in 1048576 ways, but at most 20000 are gone through for 20 members; the "
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
