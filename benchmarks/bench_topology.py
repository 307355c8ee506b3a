"""Correlated unavailability, exact, against conditioning on every state of zones and regions and against a million draws; and the
search for layouts.

Run it as ``python -m benchmarks.bench_topology``.
"""

import random
import time
from collections.abc import Callable

import quorumlab as ql

MEMBER_UP, ZONE_UP, REGION_UP = 0.99, 0.999, 0.9999
DRAWS = 1_000_000
TARGET_AGAINST_DRAWS = 1_000
TARGET_SEARCH_S = 1.0
SIX = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-south-1", "ap-northeast-1"]


def main() -> bool:
    """Print the times; whether exact is ``TARGET_AGAINST_DRAWS`` times cheaper than draws, and each search within its second."""
    conditioned()
    return all([against_draws(), *map(search, ("member+1", "zone", "zone+1", "region", "region+1"))])


def conditioned() -> None:
    """297 members in 3 x 3 zones: the same question to a majority, and to weights that happen to be equal."""
    zones = {f"{region}-{z}": 33 for region in "NWS" for z in "abc"}
    t = ql.Topology.of(zones, regions={zone: zone[0] for zone in zones})
    seconds, exact = timed(lambda: ql.unavailability(t, MEMBER_UP, ZONE_UP, REGION_UP), 10)
    equal = ql.weighted(dict.fromkeys(t.members, 1))
    slow, same = timed(lambda: ql.unavailability(equal, MEMBER_UP, ZONE_UP, REGION_UP, topology=t), 1)
    if abs(exact - same) > 1e-9 * exact:
        raise AssertionError(f"counting gives {exact}, conditioning {same}")
    print(
        f"297 members in 3 x 3 zones: {1e3 * seconds:.1f} ms; state by state {slow:.2f} s, {slow / seconds:,.0f} times as long"
    )


def against_draws() -> bool:
    """Five members over three zones, as on the tutorial page, against a million draws of what is up."""
    t = ql.Topology.of("us-east-1a: 2, us-east-1b: 2, us-east-1c: 1")
    seconds, exact = timed(lambda: ql.unavailability(t, MEMBER_UP, ZONE_UP, REGION_UP), 200)
    began = time.perf_counter()
    chance = random.Random(1).random
    down = 0
    for _ in range(DRAWS):
        up = 0
        if chance() < REGION_UP:
            for size in (2, 2, 1):
                if chance() < ZONE_UP:
                    up += sum(chance() < MEMBER_UP for _ in range(size))
        down += up < t.quorum
    drawing = time.perf_counter() - began
    error = (exact * (1 - exact) / DRAWS) ** 0.5
    if abs(down / DRAWS - exact) > 5 * error:
        raise AssertionError(f"{DRAWS:,} draws give {down / DRAWS}, exact is {exact}")
    ratio = drawing / seconds
    met = ratio >= TARGET_AGAINST_DRAWS
    print(
        f"2 + 2 + 1: exactly {exact:.3e} in {1e6 * seconds:.0f} µs; {DRAWS:,} draws give it to ±{error / exact:.0%} in "
        f"{drawing:.1f} s, {ratio:,.0f} times as long (target {TARGET_AGAINST_DRAWS:,}: {'met' if met else 'missed'})"
    )
    return met


def search(survive: str) -> bool:
    """Every layout of three to seven members in six regions."""
    began = time.process_time()
    found = ql.layouts(SIX, {"us-east-1": 2, "eu-west-1": 1, "ap-south-1": 1}, survive)
    seconds = time.process_time() - began
    met = seconds < TARGET_SEARCH_S
    print(
        f"layouts that survive {survive:<9} {len(found):>3} on the front, {seconds:.2f} s ({'met' if met else 'missed'})"
    )
    return met


def timed(ask: Callable[[], float], repeats: int) -> tuple[float, float]:
    """The shortest of some times in seconds, and the answer."""
    times, answer = [], 0.0
    for _ in range(repeats):
        began = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - began)
    return min(times), answer


if __name__ == "__main__":
    raise SystemExit(not main())
