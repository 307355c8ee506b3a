"""What is right in the labs about places: topologies and regions. As ``oracles``, from the tasks' texts alone."""

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import comb, isclose, prod
from typing import Any

import yaml

FOREVER = float("inf")


def more_than_half(count: float, of: float) -> bool:
    return 2 * count > of


def spreads(n: int, places: int) -> Iterator[tuple[int, ...]]:
    """All ways to put ``n`` members in so many places."""
    if places == 1:
        yield (n,)
        return
    yield from ((first, *rest) for first in range(n + 1) for rest in spreads(n - first, places - 1))


# --- a topology that survives ---


def held_in(layout: str) -> dict[str, int]:
    """The line of a layout: zones with their numbers, in its order."""
    pairs = (part.rsplit(":", 1) for part in layout.split(","))
    return {zone.strip(): int(count) for zone, count in pairs}


def survives_each(counts: Sequence[int], more: int = 0) -> bool:
    return all(more_than_half(sum(counts) - count - more, sum(counts)) for count in counts)


def nodes_of(text: Any) -> list[dict[str, str]]:
    nodes: list[dict[str, str]] = yaml.safe_load(text)["etcd-cluster"]["nodes"]
    return nodes


def votes(node: dict[str, str]) -> bool:
    return node.get("role", "voter") == "voter"


def counted(nodes: list[dict[str, str]], key: str = "zone") -> dict[str, int]:
    """How many voters each place holds."""
    return {
        place: sum(n[key] == place and votes(n) for n in nodes) for place in (node[key] for node in nodes)
    }


def bakery(got: Any, asked: str, own: Mapping[str, Any]) -> bool:
    if got is None:
        return False
    nodes = nodes_of(got)
    voters = [n for n in nodes if votes(n)]
    learners = [n for n in nodes if n.get("role") == "learner"]
    placed = all(n["zone"] in own["halls"] and n["region"] == own["city"] for n in voters)
    return {
        "members": (len(voters), len(learners), len(nodes)) == (5, 1, 6),
        "halls": placed,
        "learner": [(n["zone"], n["region"]) for n in learners] == [(own["store"], own["far"])],
        "any hall": placed and survives_each([*counted(voters).values()]),
    }[asked]


def remarks(voters: str, learners: str | None) -> list[str]:
    held = held_in(voters)
    n, counts = sum(held.values()), list(held.values())
    zone, tight = not survives_each(counts), survives_each(counts) and not survives_each(counts, 1)
    words = {"even": n % 2 == 0, "tight": tight, "zone": zone}
    return [word for word, holds in words.items() if holds]


def fatal_losses(layout: str) -> list[list[str]]:
    held = held_in(layout)
    n = sum(held.values())
    sets = [set(s) for k in range(len(held) + 1) for s in combinations(sorted(held), k)]
    fatal = [s for s in sets if not more_than_half(n - sum(held[zone] for zone in s), n)]
    return sorted((sorted(s) for s in fatal if not any(t < s for t in fatal)), key=lambda s: (len(s), s))


@cache
def fewest_moves(layout: str) -> int | None:
    """The moves to the nearest spread that survives, or None if there is none."""
    held = held_in(layout)
    ways = [c for c in spreads(sum(held.values()), len(held)) if survives_each(c)]
    moves = (sum(max(0, a - b) for a, b in zip(held.values(), way, strict=True)) for way in ways)
    return min(moves, default=None)


def mended(got: Any, layout: str) -> bool:
    held, least = held_in(layout), fewest_moves(layout)
    if got is None or least is None:
        return got is None and least is None
    zones = [zone for zone, count in held.items() for _ in range(count)]
    before = {f"etcd-{i}": zone for i, zone in enumerate(zones, 1)}
    after = {node["name"]: node["zone"] for node in nodes_of(got)}
    if set(after) != set(before) or len(nodes_of(got)) != len(before) or not set(after.values()) <= set(held):
        return False
    if not all(map(votes, nodes_of(got))):
        return False
    moves = sum(before[name] != zone for name, zone in after.items())
    return survives_each([*counted(nodes_of(got)).values()]) and moves == least


def third_site(got: Any, layout: str, site: str) -> bool:
    if got is None:
        return False
    held = held_in(layout)
    least = next(k for k in range(1, 100) if survives_each([*held.values(), k]))
    nodes = nodes_of(got)
    zones = [zone for zone, count in held.items() for _ in range(count)]
    before = {f"etcd-{i}": zone for i, zone in enumerate(zones, 1)}
    stayed = before.items() <= {node["name"]: node["zone"] for node in nodes}.items()
    return all(map(votes, nodes)) and stayed and counted(nodes) == {**held, site: least}


def zone_and_one(got: Any, zones: list[str]) -> bool:
    sizes = (n for n in range(1, 12) for way in spreads(n, len(zones)) if survives_each(way, 1))
    least = next(sizes, None)
    if got is None or least is None:
        return got is None and least is None
    held = counted(nodes_of(got))
    return set(held) <= set(zones) and sum(held.values()) == least and survives_each([*held.values()], 1)


def missing(counts: Sequence[int], member_up: float, zone_up: float) -> float:
    """How often there is no majority: each zone up or down, and each number of members up in those that are."""
    total = 0.0
    for states in product(*(range(-1, count + 1) for count in counts)):  # -1: the zone is down
        if more_than_half(sum(max(0, up) for up in states), sum(counts)):
            continue
        total += prod(
            1 - zone_up if up < 0 else zone_up * comb(c, up) * member_up**up * (1 - member_up) ** (c - up)
            for up, c in zip(states, counts, strict=True)
        )
    return total


def best_spread(got: Any, n: int, zones: int, member_up: float, zone_up: float) -> bool:
    if got != sorted(got, reverse=True) or len(got) != zones or sum(got) != n:
        return False
    every = {tuple(sorted(way, reverse=True)) for way in spreads(n, zones)}
    best = min(missing([c for c in way if c], member_up, zone_up) for way in every)
    return missing([c for c in got if c], member_up, zone_up) <= best * (1 + 1e-9)


def over_regions(got: Any, regions: dict[str, list[str]], n: int) -> bool:
    possible = any(survives_each(way) for way in spreads(n, len(regions)))
    if got is None or not possible:
        return got is None and not possible
    nodes = nodes_of(got)
    if (
        len(nodes) != n
        or not all(map(votes, nodes))
        or any(node["zone"] not in regions.get(node.get("region", ""), ()) for node in nodes)
    ):
        return False
    inside = [[counted(nodes).get(zone, 0) for zone in zones] for zones in regions.values()]
    return survives_each([*map(sum, inside)]) and all(max(held) - min(held) < 2 for held in inside)


# --- a multi-region proposal ---

Rtt = Mapping[str, Mapping[str, float]]
Voters = Mapping[str, int]


def commit_ms(voters: Voters, rtt: Rtt, leader: str, lost: str = "") -> float:
    """The first moment at which the copies are more than half of all; for ever if that never comes."""
    answers = [
        rtt[leader][r] for r, c in voters.items() if r != lost for _ in range(c - 1 if r == leader else c)
    ]
    moments = [0.0, *sorted(answers)]
    enough = (
        t for t in moments if more_than_half(1 + sum(a <= t for a in answers if t), sum(voters.values()))
    )
    return next(enough, FOREVER)


def write_ms(voters: Voters, rtt: Rtt, leader: str, client: str) -> float:
    shortest = min(rtt[client][r] for r, c in voters.items() if c)
    nearest = [r for r, c in voters.items() if c and rtt[client][r] == shortest]
    hop = 0.0 if leader in nearest else rtt[nearest[0]][leader]
    return shortest + hop + commit_ms(voters, rtt, leader)


def mean_ms(voters: Voters, rtt: Rtt, clients: Mapping[str, float], leader: str, lost: str = "") -> float:
    served = {c: Fraction(w) for c, w in clients.items() if c != lost}
    way = sum(w / sum(served.values()) * Fraction(rtt[c][leader]) for c, w in served.items())
    return float(way) + commit_ms(voters, rtt, leader, lost)


def best_ms(voters: Voters, rtt: Rtt, clients: Mapping[str, float], lost: str = "") -> float:
    leaders = [r for r, c in voters.items() if c and r != lost]
    return min((mean_ms(voters, rtt, clients, r, lost) for r in leaders), default=FOREVER)


def best_leader(got: Any, voters: Voters, rtt: Rtt, clients: Mapping[str, float]) -> bool:
    if not voters.get(got):
        return False
    return isclose(mean_ms(voters, rtt, clients, got), best_ms(voters, rtt, clients), rel_tol=1e-9)


def bad_day(voters: Voters, rtt: Rtt, clients: Mapping[str, float], lost: str) -> float | None:
    best = best_ms(voters, rtt, clients, lost)
    return None if best == FOREVER else best


def timers(got: Any, voters: Voters, rtt: Rtt) -> bool:
    full = [r for r, c in voters.items() if c]
    longest = max(rtt[a][b] for a, b in product(full, full))
    if got is None or 10 * longest > 50_000:
        return got is None and 10 * longest > 50_000
    heartbeat, election = got
    shortest = max(10 * longest, 5 * heartbeat)
    right = 0.5 * longest <= heartbeat <= 1.5 * longest and shortest <= election <= 50_000
    return right and election <= 2 * shortest


@cache
def times_of(told: str) -> dict[tuple[int, ...], float]:
    """The time of every layout that survives."""
    rtt, clients, most = json.loads(told)
    ways = [w for n in range(1, most + 1) for w in spreads(n, len(rtt)) if survives_each(w)]
    return {w: best_ms(dict(zip(rtt, w, strict=True)), rtt, clients) for w in ways}


def fastest_layout(got: Any, rtt: Rtt, clients: Mapping[str, float], most: int) -> bool:
    times = times_of(json.dumps([rtt, clients, most]))
    best = min(times.values())
    fewest = min(sum(w) for w, t in times.items() if isclose(t, best, rel_tol=1e-9))
    yours = tuple(got.get(region, 0) for region in rtt)
    return yours in times and isclose(times[yours], best, rel_tol=1e-9) and sum(yours) == fewest


def restore_from(got: Any, logs: Mapping[str, Mapping[str, int]], lost: list[str]) -> bool:
    left = {name: (log["term"], log["index"]) for name, log in logs.items() if name not in lost}
    return got is None if not left else got in left and left[got] == max(left.values())
