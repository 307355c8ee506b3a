"""Commits, writes and reads: the figures of the course, a brute force over all quorums, the simulation, and bad arguments."""

import math
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.latency import (
    RTT,
    RttTable,
    commit_band,
    commit_latency,
    read_latency,
    traffic_cost,
    write_latency,
)
from quorumlab.quorums.commit import request_cost
from quorumlab.simulation import SimulatedCluster
from quorumlab.topology import Topology

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"


def layout(*counts, regions=(US, EU, AP)):
    """So many members in each region, each in a zone of its own."""
    zones = {
        f"{region}{'abcdefg'[i]}": 1
        for region, count in zip(regions, counts, strict=False)
        for i in range(count)
    }
    return Topology.of(zones)


# Figures ------------------------------------------------------------------------------------------


def test_the_round_trips_of_the_course():
    assert (RTT[US, EU], RTT[US, AP], RTT[EU, AP]) == (69.7, 191.1, 125.6)
    assert RTT[EU, US] == RTT[US, EU]
    assert (AP, US) in RTT and (US, "mars") not in RTT and RTT.get((US, "mars")) is None
    assert (RTT.between_zones, RTT.in_zone) == (1, 0)
    assert len(RTT) == 45 and len(RTT.regions) == 10
    assert "cloudping" in RTT.source and RTT.date == "July 2025"


@pytest.mark.parametrize("counts", [(1, 1, 1), (2, 2, 1), (3, 3, 3)])
def test_nine_members_commit_no_faster_than_three(counts):
    t = layout(*counts)
    assert commit_latency(t, "etcd-1") == 69.7
    far = t.regions[AP][-1]
    assert write_latency(t, "etcd-1", via=far) == pytest.approx(260.8)
    assert write_latency(t, "etcd-1", client=AP) == pytest.approx(260.8)
    assert read_latency(t, "etcd-1", via=far) == pytest.approx(260.8)
    assert read_latency(t, "etcd-1", via=far, mode="serializable") == 0


def test_a_home_majority_is_fast_and_does_not_survive_its_region():
    t = layout(3, 1, 1)
    assert commit_latency(t, "etcd-1") == 1
    assert not t.survives(region=US)


def test_where_the_leader_lands():
    t = layout(2, 1)
    assert commit_latency(t, "etcd-1") == 1
    assert commit_latency(t, "etcd-3") == 69.7
    assert commit_latency(t, "drawn") == pytest.approx(23.9)
    assert (commit_latency(t, "best"), commit_latency(t, "worst")) == (1, 69.7)


def test_the_bad_day():
    t = layout(1, 1, 1)
    assert commit_latency(t, "etcd-1", down=t.lost(region=EU)) == 191.1
    assert commit_latency(t, "etcd-1", down=t.lost(region=AP)) == 69.7
    assert commit_latency(t, "best", down=t.lost(region=US)) == 125.6
    assert commit_latency(t, "best", down=["etcd-1", "etcd-2"]) is None
    assert read_latency(t, via="etcd-3", mode="serializable", down=["etcd-1", "etcd-2"]) == 0
    assert read_latency(t, via="etcd-3", down=["etcd-1", "etcd-2"]) is None


def test_inside_a_region():
    assert commit_latency(Topology.of("us-east-1a: 1, us-east-1b: 1, us-east-1c: 1")) == 1
    assert commit_latency(Topology.of("us-east-1a: 3")) == 0
    assert commit_latency(Topology.of("us-east-1a: 1"), disk=2.3) == 2.3
    assert commit_latency(layout(1, 1, 1), "etcd-1", disk=2.3) == pytest.approx(72)


def test_clients_stand_in_zones_or_regions():
    t = layout(3)
    assert write_latency(t, "etcd-1", client="us-east-1a") == 1  # beside the leader
    assert write_latency(t, "etcd-1", client="us-east-1b") == 2
    assert write_latency(t, "etcd-1", client=US) == 2  # somewhere in the region
    assert write_latency(t, "etcd-1", client=EU) == pytest.approx(70.7)
    assert write_latency(t, "etcd-1", via="nearest", client="us-east-1b") == 2  # through etcd-2
    assert read_latency(layout(1, 1, 1), client=AP, mode="serializable") == 1
    assert read_latency(layout(3), client=AP, mode="serializable") == 191.1


def test_learners_and_witnesses():
    t = Topology.of(f"{US}a: 1, {EU}a: 1", witnesses=f"{AP}a: 1", learners=f"{AP}b: 1")
    assert commit_latency(t, "etcd-1") == 69.7
    assert commit_latency(t, "etcd-1", down="etcd-2") == 191.1  # the witness confirms
    assert commit_latency(t, "drawn") == 69.7  # of two that can lead
    assert read_latency(t, client=AP, mode="serializable") == 1  # the learner answers
    for call in (
        lambda: write_latency(t, "etcd-1", via="etcd-4"),
        lambda: read_latency(t, "etcd-1", via="etcd-4"),
        lambda: read_latency(t, via="etcd-3", mode="serializable"),
        lambda: commit_latency(t, "etcd-3"),
        lambda: commit_latency(t, "etcd-4"),
    ):
        with pytest.raises(ValueError, match=r"which is a|cannot lead"):
            call()


def test_traffic_between_zones_in_dollars():
    assert traffic_cost(layout(3), "etcd-1") == pytest.approx(0.04)
    page = Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
    assert traffic_cost(page, "etcd-1") == pytest.approx(0.06)
    assert traffic_cost(page, "etcd-5") == pytest.approx(0.08)
    assert traffic_cost(page) == pytest.approx(0.06)
    assert traffic_cost(page, "drawn") == pytest.approx((4 * 0.06 + 0.08) / 5)
    assert traffic_cost(Topology.of("us-east-1a: 3")) == 0
    learner = Topology.of("us-east-1a: 1", learners="us-east-1b: 1, eu-west-1a: 1")
    assert traffic_cost(learner, between_zones=0.5, between_regions=2) == 2.5


# Brute force --------------------------------------------------------------------------------------

REGIONS = "abcd"
PAIRS = [*combinations(REGIONS, 2)]


@st.composite
def degraded(draw):
    """A topology over up to four regions of two zones, a table for it, members that are down, a leader that is up."""
    zones = {f"{r}{z}1": r for r in REGIONS for z in "xy"}
    counts = draw(st.dictionaries(st.sampled_from(sorted(zones)), st.integers(1, 3), min_size=1, max_size=4))
    t = Topology.of(counts, regions={zone: zones[zone] for zone in counts})
    table = {pair: float(draw(st.integers(2, 300))) for pair in PAIRS}
    down = frozenset(draw(st.sets(st.sampled_from(t.members), max_size=3)))
    up = [m for m in t.members if m not in down]
    return t, table, down, draw(st.sampled_from(up or t.members[:1])), up


def apart(t, table, one, other):
    if t.zone_of[one] == t.zone_of[other]:
        return 0
    a, b = sorted((t.region_of[one], t.region_of[other]))
    return 1 if a == b else table[a, b]


def by_brute_force(t, table, up, leader):
    """The fastest of all quorums that hold the leader, each as slow as its farthest member."""
    quorums = [q for q in combinations(up, t.quorum) if leader in q]
    return min((max(apart(t, table, leader, m) for m in q) for q in quorums), default=None)


@settings(max_examples=150, deadline=None)
@given(degraded(), st.data())
def test_against_all_quorums(case, data):
    t, table, down, leader, up = case
    if not up:
        assert commit_latency(t, rtt=table, down=down) is None
        return
    commit = by_brute_force(t, table, up, leader)
    assert commit_latency(t, leader, rtt=table, down=down) == commit
    via = data.draw(st.sampled_from(up))
    through = None if commit is None else apart(t, table, via, leader) + commit
    assert write_latency(t, leader, via, rtt=table, down=down) == through
    assert read_latency(t, leader, via, rtt=table, down=down) == through
    each = [by_brute_force(t, table, up, m) for m in up]
    if commit is None:
        assert each == [None] * len(up)
        assert commit_latency(t, "drawn", rtt=table, down=down) is None
        return
    assert commit_latency(t, "best", rtt=table, down=down) == min(each)
    assert commit_latency(t, "worst", rtt=table, down=down) == max(each)
    assert commit_latency(t, "drawn", rtt=table, down=down) == pytest.approx(sum(each) / len(each))


@given(st.lists(st.integers(2, 300), min_size=2, max_size=6), st.integers(0, 20))
def test_a_star_agrees_with_the_cost_of_a_request(rtts, disk):
    sites = [f"site {i}" for i in range(len(rtts) + 1)]
    t = Topology.of(dict.fromkeys(sites, 1))
    # The followers' distances from each other do not matter.
    table = {(sites[0], site): ms for site, ms in zip(sites[1:], rtts, strict=True)}
    table |= dict.fromkeys(combinations(sites[1:], 2), 1)
    for kind, ask in (
        ("write", lambda via: write_latency(t, "etcd-1", via, rtt=table, disk=disk)),
        ("linearizable read", lambda via: read_latency(t, "etcd-1", via, rtt=table)),
        ("serializable read", lambda via: read_latency(t, "etcd-1", via, "serializable", rtt=table)),
    ):
        assert [ask(via) for via in t.members] == pytest.approx(request_cost(kind, rtts, disk))


# The simulation -----------------------------------------------------------------------------------


LAYOUTS = [(1, 1, 1), (2, 2, 1), (3, 1, 1), (2, 1), (3, 3, 3)]
DAYS = [(counts, None) for counts in LAYOUTS] + [
    (counts, lost)
    for counts in LAYOUTS
    for lost in layout(*counts).regions
    if layout(*counts).survives(region=lost)
]


@pytest.mark.parametrize(("counts", "lost"), DAYS)
def test_the_simulation_agrees_within_two_per_cent(counts, lost):
    t = layout(*counts)
    down = t.lost(region=lost) if lost else frozenset()
    leader = next(m for m in t.members if m not in down)
    rtt = {
        pair: RTT.between_zones if t.region_of[pair[0]] == t.region_of[pair[1]] else None
        for pair in combinations(t.members, 2)
    }
    one_way = {(a, b): (same or RTT[t.region_of[a], t.region_of[b]]) / 2 for (a, b), same in rtt.items()}
    cluster = SimulatedCluster(t, leader="etcd-1", latency_ms=one_way)
    for member in down:
        cluster.crash(member)
    cluster.run_for(5)
    assert cluster.transfer(leader) or cluster.leader == leader
    cluster.run_for(2)
    for via in t.members:
        if via in down:
            continue
        for measured, computed in (
            (cluster.put("k", "v", via=via), write_latency(t, leader, via, down=down)),
            (cluster.get("k", via=via), read_latency(t, leader, via, down=down)),
            (cluster.get("k", via=via, mode="serializable"), 0),
        ):
            assert measured.ok
            assert measured.latency == pytest.approx(computed, rel=0.02, abs=0.02)
        cluster.run_for(1)


# Bands --------------------------------------------------------------------------------------------


def test_a_band_of_two_links_is_that_of_the_nearest():
    """One of two followers confirms: P(T ≤ x) = 1 − (1 − F(x))²; for equal links its median is where F = 1 − √½."""
    t = Topology.of("a: 1, b: 1, c: 1")
    table = {("a", "b"): (100, 150), ("a", "c"): (100, 150), ("b", "c"): 50}
    sigma = math.log(1.5) / 1.2815515655446004
    band = commit_band(t, "etcd-1", rtt=table)
    assert band.p50 == pytest.approx(100 * math.exp(sigma * -0.54495), rel=1e-4)  # Φ(−0.54495) = 1 − √0.5
    assert band.p90 == pytest.approx(100 * math.exp(sigma * 0.47829), rel=1e-3)  # Φ(0.47829) = 1 − √0.1
    assert band.p90 < 150


def test_a_table_of_medians_has_no_spread():
    assert commit_band(layout(1, 1, 1), "etcd-1") == pytest.approx((69.7, 69.7))
    assert commit_band(layout(1)) == (0, 0)
    assert commit_band(layout(1, 1, 1), down=["etcd-1", "etcd-2"]) is None


def test_bands_against_draws():
    t = layout(2, 2, 1)
    table = {(US, EU): (69.7, 75.0), (US, AP): (191.1, 230.0), (EU, AP): (125.6, 140.0)}
    chance = random.Random(1)

    def draw(p50, p90):
        return p50 * math.exp(chance.gauss(0, math.log(p90 / p50) / 1.2815515655446004))

    drawn = sorted(
        sorted([1.0, draw(69.7, 75.0), draw(69.7, 75.0), draw(191.1, 230.0)])[1] for _ in range(20_000)
    )
    band = commit_band(t, "etcd-1", rtt=table)
    assert band.p50 == pytest.approx(drawn[10_000], rel=0.003)
    assert band.p90 == pytest.approx(drawn[18_000], rel=0.003)


# Arguments ----------------------------------------------------------------------------------------

THREE = layout(1, 1, 1)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: commit_latency(5), TypeError, "The topology is 5"),
        (lambda: commit_latency(THREE, "etcd-9"), ValueError, "The leader 'etcd-9' is no member"),
        (lambda: commit_latency(THREE, None), ValueError, "The leader None is no member"),
        (lambda: commit_latency(THREE, "etcd-1", down="etcd-1"), ValueError, "The leader 'etcd-1' is down"),
        (lambda: commit_latency(THREE, down="x"), ValueError, "There is no member 'x'"),
        (lambda: commit_latency(THREE, disk=-1), ValueError, "The time of a disk write is -1 ms"),
        (lambda: commit_latency(Topology.of("a: 1, b: 1")), ValueError, "The round trip a–b is unknown"),
        (lambda: commit_latency(THREE, rtt=5), TypeError, "The round trips are 5"),
        (lambda: commit_latency(THREE, rtt={"ab": 5}), TypeError, "A pair of regions is 'ab'"),
        (
            lambda: commit_latency(THREE, rtt={("a", "a"): 5}),
            ValueError,
            "The pair ('a', 'a') is one region twice",
        ),
        (lambda: commit_latency(THREE, rtt={("a", "b"): math.nan}), ValueError, "The round trip a–b is nan"),
        (lambda: commit_latency(THREE, rtt={("a", "b"): -1}), ValueError, "The round trip a–b is -1 ms"),
        (lambda: commit_latency(THREE, rtt={("a", "b"): True}), TypeError, "The round trip a–b is True"),
        (lambda: commit_latency(THREE, rtt={("a", "b"): "5"}), TypeError, "The round trip a–b is '5'"),
        (
            lambda: commit_latency(THREE, rtt={("a", "b"): (5, 4)}),
            ValueError,
            "The round trip a–b has the 90th",
        ),
        (
            lambda: commit_latency(THREE, rtt={("a", "b"): (1, 2, 3)}),
            ValueError,
            "The round trip a–b is (1, 2, 3)",
        ),
        (lambda: RttTable({("a", "b"): 5, ("b", "a"): 6}), ValueError, "The round trip a–b is 5 ms and"),
        (lambda: RttTable({}, between_zones=math.inf), ValueError, "The round trip between zones is inf"),
        (lambda: write_latency(THREE, client="mars"), ValueError, "The client is in 'mars'"),
        (lambda: write_latency(THREE, via="x"), ValueError, "The member asked is 'x', which is no member"),
        (
            lambda: write_latency(THREE, via="etcd-1", down="etcd-1"),
            ValueError,
            "The member asked is 'etcd-1', which is down",
        ),
        (lambda: read_latency(THREE, mode="lease"), ValueError, "mode is 'lease'"),
        (lambda: commit_band(THREE, "drawn"), ValueError, "The leader 'drawn' is no member"),
        (lambda: traffic_cost(THREE, "x"), ValueError, "The leader 'x' is no member"),
    ],
)
def test_errors_are_one_sentence(call, error, said):
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert message.startswith(said)
    assert message.endswith(".") and "\n" not in message and "; " in message


def test_tables_in_either_order_and_numpy_numbers():
    np = pytest.importorskip("numpy")
    own = RttTable({("b", "a"): np.float64(70), ("a", "c"): (np.int64(9), 12)}, source="mine", date="today")
    assert own == RttTable({("a", "b"): 70, ("c", "a"): (9, 12)})
    assert (own["a", "b"], own.p90(("c", "a")), own.p90(("a", "b"))) == (70, 12, None)
    assert repr(own) == "RttTable(2 pairs of 3 regions; mine, today)"
