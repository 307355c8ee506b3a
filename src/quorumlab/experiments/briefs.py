"""Three briefs: what somebody wants of a coordination service, in words and in numbers. (Notebook 11.)"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

MEMBER_UP, ZONE_UP, REGION_UP = 0.99, 0.999, 0.9999
"""How good the machines and places of all briefs are."""


class Brief(NamedTuple):
    """What is asked.

    words         the client's own
    places        the zones that can be had, each with its region
    client        the region of those who write
    survive       what must not stop writes: "zone", "region", or with "+1" and one machine more
    write_ms      the most that a write may take on a good day, from the client's region
    bad_day_ms    the most that a commit may take after any one such loss
    hours_a_year  the most time without a quorum
    members       the most voters
    """

    name: str
    words: str
    places: Mapping[str, str]
    client: str
    survive: tuple[str, ...]
    write_ms: float
    bad_day_ms: float
    hours_a_year: float
    members: int


def _zones(region: str, letters: str) -> dict[str, str]:
    return {f"{region}{letter}": region for letter in letters}


SHOP = Brief(
    "shop",
    "One region, us-east-1, and we may be down when it is. It has six zones. We patch machines in the middle of the day, so while one is being "
    "patched a whole zone may fail, and orders must go on. A write in 5 ms, an hour a year without, five machines.",
    MappingProxyType(_zones("us-east-1", "abcdef")), "us-east-1", ("zone+1",), 5, 5, 1, 5,
)  # fmt: skip
HALLS = Brief(
    "halls",
    "Two halls, Dublin (eu-west-1a) and Frankfurt (eu-central-1a), and either may burn down. Our clients are in Dublin. There is a rented "
    "machine or two in Virginia (us-east-1a), if you must. A write in 30 ms, 100 ms on the bad day, two hours a year without, five machines.",
    MappingProxyType({"eu-west-1a": "eu-west-1", "eu-central-1a": "eu-central-1", "us-east-1a": "us-east-1"}),
    "eu-west-1", ("region",), 30, 100, 2, 5,
)  # fmt: skip
PAYMENTS = Brief(
    "payments",
    "Payments, booked from us-east-1. Any region may fail, and we go on. A payment is written in 20 ms; on the bad day it may take 100. An "
    "hour a year without, seven machines. We have contracts for Virginia (us-east-1), Ohio (us-east-2), Dublin and Mumbai.",
    MappingProxyType(
        _zones("us-east-1", "ab") | _zones("us-east-2", "ab") | _zones("eu-west-1", "a") | _zones("ap-south-1", "a")
    ),
    "us-east-1", ("region",), 20, 100, 1, 7,
)  # fmt: skip

BRIEFS: Mapping[str, Brief] = MappingProxyType({brief.name: brief for brief in (SHOP, HALLS, PAYMENTS)})
