"""How commits spread when round trips do: the median and the 90th percentile of a commit, from those of the links."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import NamedTuple

from quorumlab.latency.paths import Network, Rtt, _network, named_or_best
from quorumlab.latency.rtt import RTT, member_place
from quorumlab.quorums.base import Chance
from quorumlab.quorums.systems import at_least
from quorumlab.topology import Topology

NORMAL = NormalDist()
Z90 = NORMAL.inv_cdf(0.9)


class Band(NamedTuple):
    """The median and the 90th percentile of a time, in ms."""

    p50: float
    p90: float


def commit_band(
    t: Topology, leader: str = "best", *, rtt: Rtt = RTT, down: str | Iterable[str] = ()
) -> Band | None:
    """The median and the 90th percentile of the commit latency, in ms. None without a quorum.

    Each link's round trip is taken as lognormal, through the median and the 90th percentile that the table has for its regions
    (a link with a median only never varies), and each as independent of the others; a commit then waits for an order statistic
    of them. With three or more followers its spread is narrower than that of a link: a quorum hides the slowest.

    `leader` is a member's name or "best"; the rest, and the errors, are as in `commit_latency`.
    """
    network = _network(t, rtt, down, 0.0)
    name = named_or_best(network, leader)
    if name is None or network.heard(name) is None:
        return None
    links = [_link(network, name, other) for other in t.voters if other != name and other not in network.down]
    return Band(_quantile(links, t.quorum - 1, 0.5), _quantile(links, t.quorum - 1, 0.9))


def _link(network: Network, leader: str, other: str) -> Band:
    median = network.apart(leader, other)
    one, two = member_place(network.t, leader).region, member_place(network.t, other).region
    p90 = None if one == two else network.table.p90((one, two))
    return Band(median, median if p90 is None else p90)


def _quantile(links: list[Band], needed: int, share: float) -> float:
    """The time within which `needed` of the links have answered with this probability, by bisection."""
    if needed == 0:
        return 0.0
    low, high = 0.0, 2.0 * max(link.p90 for link in links) + 1.0
    while _answered(links, needed, high) < share:
        high *= 2
    for _ in range(60):  # from a minute down to below a float's last digit
        middle = (low + high) / 2
        low, high = (low, middle) if _answered(links, needed, middle) >= share else (middle, high)
    return high


def _answered(links: list[Band], needed: int, time: float) -> float:
    return float(at_least(needed, [Chance(p, 1 - p) for p in (_within(link, time) for link in links)]).up)


def _within(link: Band, time: float) -> float:
    """The probability that a link has answered within this time."""
    if link.p90 == link.p50 or link.p50 == 0:
        return float(time >= link.p50)
    if time <= 0:
        return 0.0
    return NORMAL.cdf(math.log(time / link.p50) / (math.log(link.p90 / link.p50) / Z90))
