"""Where the regions of three clouds stand, and what a round trip between two of them takes where nobody has measured it.

Light in fibre covers about 200 km in a millisecond (two thirds of its speed in empty space), and no cable runs straight. So the
estimate is the time of the straight way there and back, times a factor fitted on round trips that are known.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import combinations
from typing import NamedTuple

from quorumlab.arguments import cut, mapping, name, plain, shortened, shown
from quorumlab.latency.rtt import RTT, Pair, RttTable
from quorumlab.topology import Topology

FIBRE_KM_PER_MS = 200.0
EARTH_KM = 6371.0
OFF_BY_AT_MOST = 0.55
"""No estimate is further from a known round trip than this share of it; nine of ten are within ``MOSTLY_OFF_BY``. Tests hold both."""

MOSTLY_OFF_BY = 0.35

ZONES = "abc"
AWS_NAME = re.compile(r"-\d$")  # its zones are us-east-1a and so on; elsewhere us-east4-a
MOST_IN_REGION = 9


class Region(NamedTuple):
    """A cloud's region: its name, the place that the provider says it is in, and where that is, in degrees north and east."""

    name: str
    place: str
    lat: float
    lon: float


# Names and places: AWS, "AWS Regions" (docs.aws.amazon.com/global-infrastructure); Google Cloud, "Regions and zones"
# (cloud.google.com/compute/docs/regions-zones); Microsoft, "List of Azure regions" (learn.microsoft.com/azure/reliability/regions-list);
# read in 2026. A region is several buildings, whose addresses are not told: the degrees are those of the town or state named (GeoNames),
# good to about 100 km, or a millisecond. Of regions that would stand on one spot of a world map only some are here.
AWS = (
    Region("us-east-1", "N. Virginia", 39.0, -77.5),
    Region("us-east-2", "Ohio", 40.0, -83.0),
    Region("us-west-2", "Oregon", 45.8, -119.7),
    Region("ca-central-1", "Montreal", 45.5, -73.6),
    Region("sa-east-1", "São Paulo", -23.5, -46.6),
    Region("eu-west-1", "Ireland", 53.3, -6.3),
    Region("eu-central-1", "Frankfurt", 50.1, 8.7),
    Region("eu-north-1", "Stockholm", 59.3, 18.1),
    Region("me-south-1", "Bahrain", 26.1, 50.6),
    Region("af-south-1", "Cape Town", -33.9, 18.4),
    Region("ap-south-1", "Mumbai", 19.1, 72.9),
    Region("ap-southeast-1", "Singapore", 1.4, 103.8),
    Region("ap-southeast-2", "Sydney", -33.9, 151.2),
    Region("ap-northeast-1", "Tokyo", 35.7, 139.7),
    Region("ap-northeast-2", "Seoul", 37.6, 127.0),
)
GOOGLE = (
    Region("us-east4", "N. Virginia", 39.0, -77.5),
    Region("us-central1", "Iowa", 41.3, -95.9),
    Region("us-west1", "Oregon", 45.6, -121.2),
    Region("southamerica-east1", "São Paulo", -23.5, -46.6),
    Region("europe-west2", "London", 51.5, -0.1),
    Region("europe-west3", "Frankfurt", 50.1, 8.7),
    Region("europe-north1", "Finland", 60.6, 27.2),
    Region("me-west1", "Tel Aviv", 32.1, 34.8),
    Region("africa-south1", "Johannesburg", -26.2, 28.0),
    Region("asia-south1", "Mumbai", 19.1, 72.9),
    Region("asia-southeast1", "Singapore", 1.4, 103.8),
    Region("australia-southeast1", "Sydney", -33.9, 151.2),
    Region("asia-northeast1", "Tokyo", 35.7, 139.7),
)
AZURE = (
    Region("eastus", "Virginia", 37.4, -79.8),
    Region("centralus", "Iowa", 41.6, -93.6),
    Region("westus2", "Washington", 47.2, -119.9),
    Region("brazilsouth", "São Paulo", -23.5, -46.6),
    Region("northeurope", "Ireland", 53.3, -6.3),
    Region("westeurope", "Netherlands", 52.4, 4.9),
    Region("swedencentral", "Gävle", 60.7, 17.1),
    Region("uaenorth", "Dubai", 25.3, 55.3),
    Region("southafricanorth", "Johannesburg", -26.2, 28.0),
    Region("centralindia", "Pune", 18.5, 73.9),
    Region("southeastasia", "Singapore", 1.4, 103.8),
    Region("australiaeast", "New South Wales", -33.9, 151.2),
    Region("japaneast", "Tokyo", 35.7, 139.7),
    Region("koreacentral", "Seoul", 37.6, 127.0),
)
CLOUDS: Mapping[str, tuple[Region, ...]] = {"AWS": AWS, "Google Cloud": GOOGLE, "Azure": AZURE}
REGIONS: Mapping[str, Region] = {region.name: region for cloud in CLOUDS.values() for region in cloud}


class Distances(NamedTuple):
    """Round trips between all pairs of some regions, and which of them are estimates."""

    table: RttTable
    estimated: frozenset[Pair]


def kilometres(one: Region, other: Region) -> float:
    """The straight way between two regions, over the globe (haversine)."""
    (lat, lon), (lat2, lon2) = (tuple(map(math.radians, (r.lat, r.lon))) for r in (one, other))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


def light_ms(one: Region, other: Region) -> float:
    """What light takes through a straight fibre between two regions, there and back, in ms: no network is quicker."""
    return 2 * kilometres(one, other) / FIBRE_KM_PER_MS


@cache
def detour() -> float:
    """How many times as long as light in a straight fibre a round trip takes: the geometric mean over the pairs of `ql.RTT`."""
    ratios = [known / light_ms(REGIONS[a], REGIONS[b]) for (a, b), known in RTT.items()]
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def estimated_ms(one: str, other: str) -> float:
    """The round trip between two regions by their distance, in ms: `detour() × 2 × km / 200`. ValueError for an unknown region."""
    return detour() * light_ms(known_region(one), known_region(other))


def known_region(name: object) -> Region:
    """The region of this name; ValueError if we do not know where it stands."""
    if isinstance(name, str) and name in REGIONS:
        return REGIONS[name]
    raise ValueError(
        f"The region is {shown(name)}, but must be one on the map; choose one of {shortened(REGIONS)}."
    )


def distances(regions: Iterable[str], rtt: RttTable = RTT) -> Distances:
    """Round trips between all pairs of these regions: those that `rtt` knows, and estimates for the rest.

    Raises ValueError for a region whose place we do not know, if it is needed.
    """
    known: dict[Pair, float] = {}
    guessed = set()
    for one, other in combinations(sorted(set(regions)), 2):
        if (one, other) in rtt:
            known[one, other] = rtt[one, other]
        else:
            known[one, other] = estimated_ms(one, other)
            guessed.add((one, other))
    source = f"{rtt.source}; estimates from the distance" if guessed else rtt.source
    return Distances(RttTable(known, source=source, date=rtt.date), frozenset(guessed))


def spread_over(members: Mapping[str, int]) -> Topology:
    """A topology with so many voters in each region, those of one region in its zones a, b and c in turn.

    Regions with 0 members may be named. Raises ValueError if there is no member, or more than nine in a region.
    """
    zone_of: dict[str, str] = {}
    region_of: dict[str, str] = {}
    for region, given in mapping(members, "The members", "{'us-east-1': 3}").items():
        name(region, "The regions include")
        count = plain(given)
        if not isinstance(count, int) or not 0 <= count <= MOST_IN_REGION:
            raise ValueError(
                f"{cut(region)} has {shown(given)} members, but a region here has 0 to {MOST_IN_REGION}; choose so many."
            )
        for i in range(count):
            zone = f"{region}{'' if AWS_NAME.search(region) else '-'}{ZONES[i % len(ZONES)]}"
            zone_of[f"etcd-{len(zone_of) + 1}"] = zone
            region_of[zone] = region
    if not zone_of:
        raise ValueError("No region has a member, but a cluster needs one; place at least one.")
    return Topology.placed(zone_of, regions=region_of)
