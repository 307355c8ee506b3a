"""The student's half of the lab *a multi-region proposal*: what is said of a leader, of timers and of a layout.

None of these functions tells a right answer: they say what is wrong with the one that was given.
"""

from collections.abc import Mapping
from math import isclose

from quorumlab.arguments import is_number

__all__ = [
    "commit_time",
    "layout_fault",
    "leader_fault",
    "restore_fault",
    "survives_any",
    "timers_fault",
    "write_time",
]

Rtt = Mapping[str, Mapping[str, float]]
"""Round trips in ms: ``rtt[a][b]``; ``rtt[a][a]`` is that between two members of one region."""
Voters = Mapping[str, int]
ELECTION_MS_MOST = 50_000
ROOM = 2
"""How many times longer than need be an election timeout may be here."""


def commit_time(voters: Voters, rtt: Rtt, leader: str) -> float:
    """Until a leader in this region has its write on a majority (ms)."""
    others = sorted(
        rtt[leader][region] for region, count in voters.items() for _ in range(count - (region == leader))
    )
    return ([0.0, *others])[sum(voters.values()) // 2]


def write_time(voters: Voters, rtt: Rtt, clients: Mapping[str, float], leader: str) -> float:
    """The mean over the clients by their weight until they have their write, each asking the leader (ms)."""
    way = sum(weight * rtt[client][leader] for client, weight in clients.items()) / sum(clients.values())
    return way + commit_time(voters, rtt, leader)


def survives_any(voters: Voters) -> bool:
    """Whether any one region may be lost."""
    n = sum(voters.values())
    return all(2 * (n - count) > n for count in voters.values())


def leader_fault(expected: str, got: object, voters: Voters, rtt: Rtt, clients: Mapping[str, float]) -> str:
    """What is wrong with the region of a leader that is to give the fastest writes."""
    if not isinstance(got, str) or not voters.get(got):
        return f"the leader stands in a region with a voter; {got!s:.60} is none."
    yours, best = (write_time(voters, rtt, clients, region) for region in (got, expected))
    if isclose(yours, best, rel_tol=1e-9):
        return ""
    return f"with the leader in {got} a write takes {yours:.4g} ms in the mean, and another region is faster."


def timers_fault(expected: object, got: object, voters: Voters, rtt: Rtt) -> str:
    """What is wrong with a heartbeat interval and an election timeout (etcd's tuning guide)."""
    if expected is None or got is None:
        return "" if expected is got else _none(expected)
    if not isinstance(got, list) or len(got) != 2 or not all(is_number(value) and value > 0 for value in got):
        return "give back two numbers of ms, the heartbeat interval and the election timeout."
    heartbeat, election = got
    regions = [region for region, count in voters.items() if count]
    longest = max(rtt[a][b] for a in regions for b in regions)
    if not 0.5 * longest <= heartbeat <= 1.5 * longest:
        return f"a heartbeat every {heartbeat:g} ms is too {'rare' if heartbeat > longest else 'frequent'} for the round trips between these voters."
    if election < 10 * longest:
        return (
            f"an election timeout of {election:g} ms is too short for the round trips between these voters."
        )
    if election < 5 * heartbeat:
        return "etcd refuses an election timeout of less than five heartbeats."
    if election > ELECTION_MS_MOST:
        return f"etcd takes at most {ELECTION_MS_MOST} ms."
    if election > ROOM * max(10 * longest, 5 * heartbeat):
        return f"with {election:g} ms a crash is noticed later than it need be; stay within twice what is advised."
    return ""


def layout_fault(expected: Voters, got: object, rtt: Rtt, clients: Mapping[str, float], most: int) -> str:
    """What is wrong with a layout that is to survive any region with the fastest writes, and then with the fewest voters."""
    if not isinstance(got, dict) or not all(
        name in rtt and type(count) is int and count >= 0 for name, count in got.items()
    ):
        return "give back a map from regions to numbers of voters."
    if not 1 <= sum(got.values()) <= most:
        return f"your layout has {sum(got.values())} voters, and may have 1 to {most}."
    if not survives_any(got):
        fullest = max(got, key=lambda region: got[region])
        return f"your layout does not survive the loss of {fullest}."
    yours, best = fastest(got, rtt, clients), fastest(expected, rtt, clients)
    if not isclose(yours, best, rel_tol=1e-9):
        return f"your layout takes {yours:.4g} ms for a write in the mean, with its best leader; a faster one survives too."
    if sum(got.values()) > sum(expected.values()):
        return f"your layout is as fast as any, but {sum(got.values())} voters are more than it takes."
    return ""


def fastest(voters: Voters, rtt: Rtt, clients: Mapping[str, float]) -> float:
    """The mean time of a write with the best leader (ms)."""
    return min(write_time(voters, rtt, clients, region) for region, count in voters.items() if count)


def restore_fault(
    expected: object, got: object, logs: Mapping[str, Mapping[str, int]], lost: list[str]
) -> str:
    """What is wrong with the survivor from which a cluster is to be restored."""
    if expected is None or got is None:
        return "" if expected is got else _none(expected)
    if not isinstance(got, str) or got not in logs:
        return f"{got!s:.60} is no member."
    if got in lost:
        return f"{got} is lost; its data is not at hand."
    if logs[got] == logs[str(expected)]:
        return ""
    return f"another survivor is further than {got}: writes that were acknowledged could be given up."


def _none(expected: object) -> str:
    return (
        "there is no answer here, so give None."
        if expected is None
        else "there is an answer here, and yours is None."
    )
