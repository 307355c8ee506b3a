"""One layout over sites, as somebody would put it before a board: what it survives, what its days cost, and what would mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quorumlab.arguments import Real, shortened, shown, whole
from quorumlab.availability import unavailability
from quorumlab.latency import RTT, AfterLoss, after_loss, commit_latency
from quorumlab.latency.paths import Rtt
from quorumlab.topology import Topology

MOST_IN_A_SITE = 15


@dataclass(frozen=True)
class Decision:
    """A layout over sites and its price.

    leader          who leads on a usual day: a member of the site that was asked for, else the one that commits fastest
    usual           ms until a write is committed on a usual day
    lost            by site: what is left when all of it is lost
    unavailability  the probability of no quorum at a random moment
    in_one_site     the same for as many members in a single site
    mended          the layout after the smallest change that survives the loss of any one site; None if this one does
    """

    topology: Topology
    leader: str
    usual: float
    lost: Mapping[str, AfterLoss]
    unavailability: float
    in_one_site: float
    mended: Topology | None

    @property
    def stops(self) -> tuple[str, ...]:
        """The sites whose loss stops writes."""
        return tuple(site for site, after in self.lost.items() if not after.goes_on)

    @property
    def worst(self) -> float:
        """The longest that a write takes on a day on which writes go on, in ms."""
        times = [after.commit_latency for after in self.lost.values() if after.commit_latency is not None]
        return max([self.usual, *times])


def over_sites(sites: Mapping[str, int]) -> Topology:
    """So many voters in each site, which is one zone and one region. Sites without members are left out.

    Raises TypeError or ValueError, in one sentence, for what is no dict from site to number, or for no members at all.
    """
    if not isinstance(sites, Mapping):
        raise TypeError(
            f"The sites are {shown(sites)}, but must be a dict from site to number; write for example {{'Frankfurt': 2, 'Dublin': 1}}."
        )
    counts = {
        site: count
        for site, given in sites.items()
        if (count := whole(given, f"the members in {site}", least=0, most=MOST_IN_A_SITE))
    }
    if not counts:
        raise ValueError(
            "There are no members in any site, but somebody must vote; put at least one in a site."
        )
    return Topology.of(counts, regions={site: site for site in counts})


def decide(
    sites: Mapping[str, int],
    rtt: Rtt = RTT,
    home: str | None = None,
    *,
    member_up: Real = 0.99,
    site_up: Real = 0.999,
) -> Decision:
    """What a layout over sites survives and costs.

    sites  `{site: voters in it}`, each site failing as a whole
    rtt    a dict from pairs of sites to ms; inside a site none
    home   the site in which the leader is kept, if it has members; None: wherever writes are fastest

    Raises TypeError or ValueError, in one sentence, for bad arguments, and for two sites with members whose round trip is not known.
    """
    t = over_sites(sites)
    if home is not None and not (isinstance(home, str) and home in sites):
        raise ValueError(
            f"home is {shown(home)}, but must be one of the sites; choose one of {shortened(sites)}."
        )
    members = t.regions.get(home, ()) if home is not None else ()
    leader = members[0] if members else _fastest(t, rtt)
    usual = commit_latency(t, leader, rtt=rtt)
    assert usual is not None  # everybody is up
    alone = over_sites({"one": len(t.voters)}) if len(t.voters) <= MOST_IN_A_SITE else t
    review = t.verdict()
    return Decision(
        t,
        leader,
        usual,
        {site: after_loss(t, leader, region=site, rtt=rtt) for site in t.regions},
        float(unavailability(t, member_up, site_up)),
        float(unavailability(alone, member_up, site_up)),
        review.changed,
    )


def _fastest(t: Topology, rtt: Rtt) -> str:
    return min(t.may_lead, key=lambda name: commit_latency(t, name, rtt=rtt) or 0.0)
