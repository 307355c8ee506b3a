"""What copying writes between zones and regions costs."""

from __future__ import annotations

from quorumlab.arguments import number
from quorumlab.latency.paths import _network, over_leaders
from quorumlab.latency.rtt import RTT
from quorumlab.topology import Topology

# Dollars a GB at AWS in 2026, by third-party pages (usage.ai, "AWS Data Transfer Costs Explained", June 2026; leanopstech.com, "AWS
# Data Transfer Pricing in 2026", April 2026): between zones 0.01 on leaving and 0.01 on arriving. Between regions from 0.02 up to
# 0.08 on leaving, by the region left (finopsforge.com); the cheapest is taken.
BETWEEN_ZONES_USD = 0.01 + 0.01
BETWEEN_REGIONS_USD = 0.02
MOST_USD = 1_000


def traffic_cost(
    t: Topology,
    leader: str = "best",
    *,
    between_zones: float = BETWEEN_ZONES_USD,
    between_regions: float = BETWEEN_REGIONS_USD,
) -> float:
    """Dollars for each GB written: the leader sends a copy to every member that keeps the data, and those that leave its zone cost.

    The two prices are for both ends of one GB together. `leader` is a member's name, or "best", "worst" or "drawn" over all that
    could lead. Errors are those of `commit_latency`.
    """
    network = _network(t, RTT, (), 0.0)
    zones = float(number(between_zones, "The price between zones", least=0, most=MOST_USD))
    regions = float(number(between_regions, "The price between regions", least=0, most=MOST_USD))

    def cost(name: str) -> float:
        price = 0.0
        for place in t.placements:
            if place.region != t.region_of[name]:
                price += regions if place.holds_data else 0.0
            elif place.zone != t.zone_of[name]:
                price += zones if place.holds_data else 0.0
        return price

    found = over_leaders(network, leader, cost)
    assert found is not None  # every topology has somebody who could lead
    return found
