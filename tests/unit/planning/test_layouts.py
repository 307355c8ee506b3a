"""The front of layouts against an exhaustive search with the public functions; figures, refusals, speed and bad arguments."""

import math
import time
from functools import partial
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.availability import unavailability
from quorumlab.latency import RTT, read_latency, traffic_cost, write_latency
from quorumlab.planning import layouts
from quorumlab.topology import Topology

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
SIX = [US, "us-west-2", EU, "eu-central-1", AP, "ap-northeast-1"]


# Exhaustive search --------------------------------------------------------------------------------


def every_topology(zones, sizes):
    """All ways to put voters into regions, each region's one after the other over its zones."""
    for n in sizes:
        for counts in product(range(n + 1), repeat=len(zones)):
            if sum(counts) == n:
                placed = {
                    f"{region}/{i}": f"{region}:{i % zones[region]}"
                    for region, count in zip(zones, counts, strict=True)
                    for i in range(count)
                }
                yield Topology.placed(placed, regions={zone: zone.split(":")[0] for zone in placed.values()})


def every_loss(t, what, more):
    places = {"member": [{m} for m in t.members], "zone": t.zones.values(), "region": t.regions.values()}[
        what
    ]
    for place in places:
        for extra in combinations([m for m in t.members if m not in place], more):
            yield frozenset({*place, *extra})


def mean(clients, time_of):
    return sum(weight * time_of(client) for client, weight in clients.items()) if clients else time_of(None)


def serializable(t, rtt, client):
    return read_latency(t, rtt=rtt, client=client, mode="serializable")


def mean_write(t, weights, rtt, leader, down=()):
    return mean(weights, lambda client: write_latency(t, leader, rtt=rtt, client=client, down=down))


def rounded(write, read, bad, down, members, cost):
    return (*(round(time, 6) for time in (write, read, bad)), float(f"{down:.9g}"), members, round(cost, 6))


def exhaustive(zones, clients, what, more, sizes, rtt):
    """The cost vectors that no other beats, found one by one."""
    found = set()
    for t in every_topology(zones, sizes):
        losses = list(every_loss(t, what, more))
        if not losses or not all(t.survives(members=lost) for lost in losses):
            continue
        weights = {c: w / sum(clients.values()) for c, w in clients.items()}

        write = partial(mean_write, t, weights, rtt)
        read = mean(weights, partial(serializable, t, rtt))
        down = unavailability(t, 0.99, 0.999, 0.9999)
        for region in t.regions:
            leader = f"{region}/0"
            bad = max(
                write(leader, lost)
                if leader not in lost
                else min(write(m, lost) for m in t.members if m not in lost)
                for lost in losses
            )
            costs = (write(leader), read, bad, down, len(t.members), traffic_cost(t, leader))
            found.add(rounded(*costs))
    return {
        a for a in found if not any(b != a and all(x <= y for x, y in zip(b, a, strict=True)) for b in found)
    }


def costs_of(found):
    return [
        rounded(
            one.write_latency,
            one.read_latency,
            one.bad_day_latency,
            one.unavailability,
            one.members,
            one.traffic_cost,
        )
        for one in found
    ]


@pytest.mark.parametrize("survive", ["member", "member+1", "zone", "zone+1", "region", "region+1"])
@pytest.mark.parametrize("clients", [{}, {US: 1}, {US: 2, AP: 1, "sa-east-1": 0.5}], ids=["", "one", "three"])
def test_against_exhaustive_search_over_four_regions(survive, clients):
    what, _, more = survive.partition("+")
    zones = dict.fromkeys([US, EU, AP, "us-west-2"], 3)
    sizes = [3, 4, 5]
    got = layouts(list(zones), clients or None, survive, sizes)
    assert set(costs_of(got)) == exhaustive(zones, clients, what, int(more or 0), sizes, RTT)
    assert len(set(costs_of(got))) == len(got)
    assert bool(got) == (got.refusal is None)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_against_exhaustive_search_over_random_tables(data):
    zones = {name: data.draw(st.integers(1, 3)) for name in "abc"}
    rtt = {pair: data.draw(st.sampled_from([0.5, 10, 40, 90, 200])) for pair in combinations("abc", 2)}
    clients = data.draw(st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), max_size=3))
    what, more = data.draw(
        st.sampled_from([("member", 0), ("member", 1), ("zone", 0), ("region", 0), ("zone", 1)])
    )
    sizes = [data.draw(st.integers(3, 5))]
    got = layouts(zones, clients or None, f"{what}+{more}" if more else what, sizes, rtt=rtt)
    assert set(costs_of(got)) == exhaustive(zones, clients, what, more, sizes, rtt)


def test_the_numbers_of_a_layout_are_those_of_the_public_functions():
    for one in layouts(SIX, {US: 1, EU: 1}, "region"):
        t = one.topology
        clients = [write_latency(t, one.leader, client=c) for c in (US, EU)]
        assert one.write_latency == pytest.approx(sum(clients) / 2)
        assert one.unavailability == pytest.approx(unavailability(t, 0.99, 0.999, 0.9999), rel=1e-12)
        assert one.traffic_cost == pytest.approx(traffic_cost(t, one.leader))
        assert all(t.survives(region=region) for region in t.regions)
        assert one.members == len(t.members)


# Figures ------------------------------------------------------------------------------------------


def test_three_regions_with_the_round_trips_of_the_course():
    (one,) = [one for one in layouts([US, EU, AP], survive="region", members=3) if one.leader == "etcd-1"]
    assert (one.write_latency, one.bad_day_latency, one.traffic_cost) == (69.7, 191.1, 0.04)
    assert one.topology == Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1")
    assert str(one).startswith("us-east-1 1 (leads), eu-west-1 1, ap-south-1 1: write 69.7 ms")


def test_the_page_s_five_over_three_zones():
    (one,) = layouts([US], survive="zone", members=5)
    assert one.topology == Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
    assert (one.write_latency, one.traffic_cost) == (1, pytest.approx(0.06))


def test_nine_members_are_the_fewest_for_a_region_and_one_more():
    assert "9 at least: allow members=9" in layouts([US, EU, AP], survive="region+1").refusal
    (best, *_) = layouts([US, EU, AP], survive="region+1", members=9)
    assert set(best.topology.votes_in("region").values()) == {3}


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regions", "survive", "members", "said"),
    [
        (
            [US, EU],
            "region",
            range(1, 10),
            "Every layout over 2 regions has a region whose loss stops writes, however many",
        ),
        ([US], "region", 5, "Every layout over 1 region has a region whose loss stops writes, however many"),
        ({US: 2}, "zone", 5, "Every layout over 2 zones has a zone whose loss stops writes, however many"),
        (
            [US, EU],
            "region+1",
            7,
            "Every layout over 2 regions has a region whose loss, with that of 1 further member, stops",
        ),
        ([US, EU, AP], "region", [1, 2], "No layout of at most 2 members over 3 regions survives"),
        (
            [US, EU, AP],
            "region",
            4,
            "No layout of 4 members survives the loss of any one region, but one of 3 does",
        ),
        (
            [US],
            "member+2",
            5,
            "No layout of 5 members survives the loss of any one member and 2 further members",
        ),
    ],
)
def test_a_refusal_is_one_sentence_that_says_what_is_missing(regions, survive, members, said):
    got = layouts(regions, survive=survive, members=members)
    assert not got and len(got) == 0
    assert got.refusal.startswith(said)
    assert str(got) == got.refusal
    assert got.refusal.endswith(".") and "\n" not in got.refusal


@pytest.mark.parametrize("survive", ["region", "region+1", "zone", "zone+1", "member", "member+2"])
@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_a_refusal_s_advice_is_right_and_the_least(count, survive):
    regions = dict.fromkeys(SIX[:count], 1)
    refusal = layouts(regions, survive=survive, members=1).refusal
    if "however many" in refusal:
        assert all(not layouts(regions, survive=survive, members=n) for n in range(1, 13))
    else:
        needed = int(refusal.split("allow members=")[1].rstrip("."))
        assert not layouts(regions, survive=survive, members=range(1, needed))
        assert layouts(regions, survive=survive, members=needed)


# Speed and arguments ------------------------------------------------------------------------------


@pytest.mark.parametrize("survive", ["member", "member+1", "zone", "zone+1", "region", "region+1"])
def test_six_regions_and_seven_members_do_not_explode(survive):
    """They take a fraction of a second; what would try all of them takes minutes."""
    began = time.process_time()
    assert layouts(SIX, {US: 2, EU: 1, AP: 1}, survive)
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: layouts([]), ValueError, "regions are an empty list"),
        (lambda: layouts(US), TypeError, "regions are 'us-east-1'"),
        (lambda: layouts([US, US]), ValueError, "regions name us-east-1 more than once"),
        (lambda: layouts({US: 0}), ValueError, "the number of zones in us-east-1 is 0"),
        (lambda: layouts({US: 7}), ValueError, "Region us-east-1 has 7 zones"),
        (lambda: layouts([US, "mars"]), ValueError, "The round trip mars–us-east-1 is unknown"),
        (lambda: layouts([US], "mars"), ValueError, "The round trip mars–us-east-1 is unknown"),
        (lambda: layouts([US], {US: -1}), ValueError, "The weight of the clients in us-east-1 is -1"),
        (lambda: layouts([US], {US: True}), TypeError, "The weight of the clients in us-east-1 is True"),
        (lambda: layouts([US], {US: math.nan}), ValueError, "The weight of the clients in us-east-1 is nan"),
        (lambda: layouts([US], {US: 0}), ValueError, "The weights of the clients in {us-east-1} sum to 0"),
        (lambda: layouts([US], survive="planet"), ValueError, "survive is 'planet'"),
        (lambda: layouts([US], survive="zone+9"), ValueError, "survive is 'zone+9'"),
        (lambda: layouts([US], members=0), ValueError, "members is 0"),
        (lambda: layouts([US], members=[]), ValueError, "members are none"),
        (lambda: layouts([US], members=99), ValueError, "members are [99]"),
        (lambda: layouts([US], members="3"), TypeError, "members is '3'"),
        (lambda: layouts(SIX, members=range(3, 16)), ValueError, "There are 54236 ways to place"),
        (lambda: layouts([US], member_up=2), ValueError, "member_up is 2"),
        (lambda: layouts([US], rtt=5), TypeError, "The round trips are 5"),
    ],
)
def test_errors_are_one_sentence(call, error, said):
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert message.startswith(said)
    assert message.endswith(".") and "\n" not in message and "; " in message
