"""Regions, members and logs at random for the lab *a multi-region proposal*: what its hidden cases are drawn from."""

from collections.abc import Mapping
from random import Random

from quorumlab.course.labs.multi_region import Rtt, Voters
from quorumlab.grading.lab import Case


def round_trips(pairs: Mapping[tuple[str, str], float], within: float = 1.0) -> dict[str, dict[str, float]]:
    """A table that holds both directions, and the way within each region."""
    names = sorted({name for pair in pairs for name in pair})
    return {
        a: {b: within if a == b else pairs.get((a, b), pairs.get((b, a), 0.0)) for b in names} for a in names
    }


def table(chance: Random, regions: int) -> dict[str, dict[str, float]]:
    """Round trips between regions on a plane, so that no detour is shorter than the way."""
    spots = {f"r{i + 1}": (chance.uniform(0, 150), chance.uniform(0, 150)) for i in range(regions)}
    pairs = {
        (a, b): round(5 + abs(complex(*spots[a]) - complex(*spots[b])), 1)
        for a in spots
        for b in spots
        if a < b
    }
    return round_trips(pairs, within=round(chance.uniform(0.4, 2), 1))


def among(voters: Voters) -> list[str]:
    """The regions that hold a voter."""
    return [region for region, count in voters.items() if count]


def placed(chance: Random, rtt: Rtt, most: int = 4) -> dict[str, int]:
    """Voters in at least two regions; some regions may hold none."""
    held = {region: chance.randrange(0, most) for region in rtt}
    for region in chance.sample(sorted(rtt), 2):
        held[region] += 1
    return held


def weights(chance: Random, rtt: Rtt) -> dict[str, float]:
    """Where the clients are, with their shares."""
    return {
        region: chance.randrange(1, 60)
        for region in chance.sample(sorted(rtt), chance.randrange(1, len(rtt) + 1))
    }


def with_leader(chance: Random, number: int) -> list[Case]:
    """Layouts with a leader somewhere in them."""
    found: list[Case] = []
    for _ in range(number):
        rtt = table(chance, chance.randrange(3, 6))
        voters = placed(chance, rtt)
        found.append((voters, rtt, chance.choice(among(voters))))
    return found


def with_clients(chance: Random, number: int) -> list[Case]:
    """Layouts with clients somewhere."""
    return [(voters, rtt, weights(chance, rtt)) for voters, rtt, _ in with_leader(chance, number)]


def few_places(chance: Random, number: int) -> list[Case]:
    """Four regions of which two hold no voter, with a leader and one of the empty regions."""
    found: list[Case] = []
    for _ in range(number):
        rtt = table(chance, 4)
        full = chance.sample(sorted(rtt), 2)
        voters = {region: chance.randrange(1, 4) if region in full else 0 for region in rtt}
        found.append((voters, rtt, chance.choice(full), chance.choice([r for r in rtt if r not in full])))
    return found


def at_home(chance: Random, number: int) -> list[Case]:
    """One region that holds all the voters, whose members are nearer or farther than usual, with its leader."""
    found: list[Case] = []
    for _ in range(number):
        ways = table(chance, 3)
        rtt = {a: {**row, a: chance.choice([0.3, 0.4, 0.5, 1.7, 1.8, 2.5])} for a, row in ways.items()}
        home = chance.choice(sorted(rtt))
        found.append(({region: chance.randrange(2, 6) * (region == home) for region in rtt}, rtt, home))
    return found


def alone(chance: Random, number: int) -> list[Case]:
    """The same with one voter."""
    return [
        ({r: min(n, 1) for r, n in voters.items()}, rtt, home)
        for voters, rtt, home in at_home(chance, number)
    ]


def some_logs(chance: Random) -> Case:
    """Five members' logs, of which some are lost."""
    logs = {f"m{i}": {"term": chance.randrange(2, 5), "index": chance.randrange(8, 14)} for i in range(1, 6)}
    return logs, chance.sample(sorted(logs), chance.randrange(1, 5))


def long_logs(chance: Random) -> Case:
    """Logs of very different lengths, of which the shortest by far ends in the latest term."""
    term = chance.randrange(2, 20)
    lengths = [chance.randrange(200, 400), *(10**k + chance.randrange(10**k) for k in (4, 7))]
    logs = {f"m{i}": {"term": term, "index": length} for i, length in enumerate(lengths, 1)}
    newest = chance.choice(["m4", "a", "z"])
    return logs | {newest: {"term": term + 1, "index": chance.randrange(20, 90)}}, []
