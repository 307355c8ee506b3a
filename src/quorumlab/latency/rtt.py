"""Round trips between regions: a table with its source, and how far apart two places are by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from quorumlab.arguments import cut, number, shortened, shown
from quorumlab.topology import Topology

LONGEST_MS = 60_000.0  # no cluster can work with a minute's round trip
BETWEEN_ZONES_MS = 1.0
IN_ZONE_MS = 0.0

Pair = tuple[str, str]


class Place(NamedTuple):
    """Where something stands; a zone of None is somewhere in the region."""

    zone: str | None
    region: str


class RttTable(Mapping[Pair, float]):
    """Round trips in ms between pairs of regions, in either order: `table["us-east-1", "eu-west-1"]`.

    `RttTable({("a", "b"): 70.0, ("a", "c"): (120.0, 135.0)})`: one number is the median, two are the median and the 90th
    percentile. `between_zones` and `in_zone` are the round trips within one region. `source` and `date` say where it is from.
    Read-only. Raises TypeError or ValueError, in one sentence, for what is no round trip, or for a pair that stands twice and
    differs.
    """

    def __init__(
        self,
        round_trips: Mapping[Pair, float | tuple[float, float]],
        *,
        source: str = "your own",
        date: str = "",
        between_zones: float = BETWEEN_ZONES_MS,
        in_zone: float = IN_ZONE_MS,
    ) -> None:
        if not isinstance(round_trips, Mapping):
            raise TypeError(
                f"The round trips are {shown(round_trips)}, but must be a dict from a pair of regions to ms; write for example "
                f"{{('us-east-1', 'eu-west-1'): 69.7}}."
            )
        self.source, self.date = source, date
        self.between_zones = ms(between_zones, "The round trip between zones")
        self.in_zone = ms(in_zone, "The round trip inside a zone")
        self._medians: dict[Pair, float] = {}
        self._p90s: dict[Pair, float] = {}
        for pair, value in round_trips.items():
            self._add(_sorted(pair), value)

    def _add(self, pair: Pair, value: object) -> None:
        what = f"The round trip {pair[0]}–{pair[1]}"
        given = tuple(value) if isinstance(value, tuple | list) else (value,)
        if len(given) not in (1, 2):
            raise ValueError(
                f"{what} is {shown(value)}, but must be ms, or the median and the 90th percentile; give one or two."
            )
        times = [ms(time, what) for time in given]
        if times[0] > times[-1]:
            raise ValueError(
                f"{what} has the 90th percentile {times[1]:g} below its median {times[0]:g}; give the median first."
            )
        if self._medians.get(pair, times[0]) != times[0]:
            raise ValueError(
                f"{what} is {self._medians[pair]:g} ms and, the other way round, {times[0]:g} ms, but a round trip is the "
                f"same from both ends; give it once."
            )
        self._medians[pair] = times[0]
        if len(times) == 2:
            self._p90s[pair] = times[1]

    def __getitem__(self, pair: Pair) -> float:
        return self._medians[_sorted(pair)]

    def __contains__(self, pair: object) -> bool:
        return isinstance(pair, tuple) and tuple(sorted(map(str, pair))) in self._medians

    def __iter__(self) -> Iterator[Pair]:
        return iter(self._medians)

    def __len__(self) -> int:
        return len(self._medians)

    def __repr__(self) -> str:
        where = ", ".join(part for part in (self.source, self.date) if part)
        return f"RttTable({len(self)} pairs of {len(self.regions)} regions; {where})"

    @property
    def regions(self) -> tuple[str, ...]:
        """All regions of the table, sorted."""
        return tuple(sorted({region for pair in self for region in pair}))

    def p90(self, pair: Pair) -> float | None:
        """The 90th percentile of a pair's round trip, or None where the table has only the median."""
        return self._p90s.get(_sorted(pair))

    def between(self, one: Place, other: Place) -> float:
        """The round trip between two places in ms. ValueError if the table has not got it."""
        if one.region == other.region:
            return self.in_zone if one.zone is not None and one.zone == other.zone else self.between_zones
        pair = _sorted((one.region, other.region))
        if pair not in self._medians:
            raise ValueError(
                f"The round trip {cut(pair[0])}–{cut(pair[1])} is unknown, but is needed; give your own table, as rtt={{{shown(pair)}: 80, …}}."
            )
        return self._medians[pair]


EVERY_CLIENT = "*"


def as_table(rtt: object) -> RttTable:
    """A table as it is, or one made of a plain dict."""
    return rtt if isinstance(rtt, RttTable) else RttTable(rtt)  # type: ignore[arg-type]  # refused there


def member_place(t: Topology, name: str) -> Place:
    """Where a member stands."""
    return Place(t.zone_of[name], t.region_of[name])


def one_way_ms(t: Topology, table: RttTable) -> dict[Pair, float]:
    """What a message takes between each two members of a topology, in ms: half the round trip between their places.

    ValueError if the table has not got a pair of regions.
    """
    return {
        (one, other): table.between(member_place(t, one), member_place(t, other)) / 2
        for one, other in combinations(t.members, 2)
    }


def client_place(t: Topology, client: object, table: RttTable) -> Place:
    """Where a client stands, from the name of a zone of the topology, or of a region of the topology or the table."""
    return place_of(t, client, table, "The client")


def place_of(t: Topology, where: object, table: RttTable, who: str) -> Place:
    """The place of that name: a zone of the topology, or a region of the topology or the table. ValueError says that ``who`` is in none."""
    if isinstance(where, str):
        if where in t.zones:
            return Place(where, t.region_of[t.zones[where][0]])
        if where in t.regions or where in table.regions:
            return Place(None, where)
    known = dict.fromkeys((*t.zones, *t.regions, *table.regions))
    raise ValueError(
        f"{who} is in {shown(where)}, but must be in a known zone or region; choose one of {shortened(known)}."
    )


def _sorted(pair: object) -> Pair:
    if (
        not isinstance(pair, tuple)
        or len(pair) != 2
        or not all(isinstance(name, str) and name for name in pair)
    ):
        raise TypeError(
            f"A pair of regions is {shown(pair)}, but must be two names; write for example ('us-east-1', 'eu-west-1')."
        )
    one, other = sorted(pair)
    if one == other:
        raise ValueError(
            f"The pair {shown(pair)} is one region twice, but a round trip is between two; give between_zones= for zones of one region."
        )
    return one, other


def ms(value: object, what: str) -> float:
    """A time in ms; TypeError or ValueError, in one sentence, if it is none."""
    return float(number(value, what, least=0, most=LONGEST_MS, unit="ms"))


def _triangle(regions: Iterable[str], rows: str) -> dict[Pair, float]:
    names = list(regions)
    return {
        (name, other): float(ms)
        for i, (name, row) in enumerate(zip(names, rows.strip().splitlines(), strict=False))
        for other, ms in zip(names[i + 1 :], row.split(), strict=True)
    }


RTT = RttTable(
    _triangle(
        [
            "us-east-1",
            "us-east-2",
            "us-west-2",
            "sa-east-1",
            "eu-west-1",
            "eu-central-1",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-northeast-1",
        ],
        # from each region to those after it
        """
        15.8 64.2 115.3 69.7 92.9 191.1 219.3 199.7 149.6
        50.8 125.7 80.5 103.7 202.3 204.0 188.3 136.0
        174.9 118.4 142.6 222.2 160.6 141.1 98.4
        178.4 204.5 301.4 327.7 312.2 258.6
        27.2 125.6 178.8 255.7 202.4
        129.1 160.8 251.5 227.3
        64.1 154.8 133.8
        94.8 70.8
        106.4
        """,
    ),
    source="cloudping.co, median of TCP connects between AWS regions, mean of both directions",
    date="July 2025",
)
"""Round trips between ten AWS regions, in ms: a snapshot; routes change, so measure your own before you decide."""
