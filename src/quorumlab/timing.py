"""How long things last, by arithmetic: elections and split votes, what etcd advises for its two timers, and what a client can
do without its coordinator.

The dissertation is Ongaro, "Consensus: Bridging Theory and Practice" (Stanford 2014).
"""

import math
from math import comb
from typing import NamedTuple

from quorumlab.arguments import number, probability, shown, time_ms, whole
from quorumlab.quorums import quorum_size

MOST_ELECTION_MS = 50_000
"""etcd refuses to start with a longer election timeout, in ms."""


def split_vote_probability(n: int, alive: int, latency: float) -> float:
    """The probability that a term of an election ends without a winner (dissertation §9.2).

    ``n`` members of which ``alive`` run; ``latency`` l is the fixed one-way latency as a fraction of the
    range that timeouts are drawn from, 0 to 1. With c = alive − ⌊n/2⌋ + 1, the sum over k = c−1 … alive of
    C(alive, k) l^k (1−l)^(alive−k). Raises ValueError if ``alive`` members are no quorum of ``n``, or
    ``latency`` is not in [0, 1], and TypeError for what is no number.
    """
    n, alive = whole(n, "n"), whole(alive, "alive", least=None)
    if not quorum_size(n) <= alive <= n:
        raise ValueError(
            f"alive={shown(alive)} of {shown(n)} cannot elect; choose {shown(quorum_size(n))} to {shown(n)}."
        )
    share = float(probability(latency, "latency, a fraction of the timeout range,"))
    if n == 1:
        return 0.0  # nobody to share the votes with
    fewest = alive - n // 2  # other members that time out within l of the first, for the vote to be split
    return sum(comb(alive, k) * share**k * (1 - share) ** (alive - k) for k in range(fewest, alive + 1))


def expected_election_time(n: int, alive: int, latency: float, write: float = 0.0) -> float:
    """How long an election takes on average from the leader's crash, in base timeouts T (dissertation §9.3).

    Timeouts are drawn from [T, 2T) and heartbeats sent every T/2. ``latency`` L is the one-way latency and
    ``write`` W the time to write a vote to disk, both in T: 1/(1−P) · (1 + 1/(alive+1) + L) + L + W − ¼ with
    P the split-vote probability. Raises ValueError and TypeError as ``split_vote_probability`` does, and ValueError if P is 1.
    """
    split = split_vote_probability(n, alive, latency)
    if split == 1:
        raise ValueError(f"with latency={shown(latency)} every vote is split; choose a latency below 1.")
    trip, disk = float(latency), float(number(write, "write", least=0))
    return (1 + 1 / (whole(alive, "alive") + 1) + trip) / (1 - split) + trip + disk - 0.25


def expected_ms(timeout_ms: float, rtt_ms: float, alive: int, members: int = 5) -> float:
    """How long a cluster is without a leader on average, in ms, from the crash to the new leader's first heartbeat.

    ``timeout_ms`` is T, timeouts being drawn from [T, 2T) and heartbeats sent every T/2; ``rtt_ms`` the round trip; ``alive`` of
    ``members`` are left. The dissertation's formula (§9.3, ``expected_election_time``) counts from the moment at which followers
    would have the last heartbeat to the decision; that heartbeat's way and the first new one's are two one-way latencies more.
    Raises ValueError unless ``rtt_ms`` < ``timeout_ms``: a candidate waits that long for its votes.
    """
    timeout, rtt = time_ms(timeout_ms, "timeout_ms", zero=False), time_ms(rtt_ms, "rtt_ms")
    if not rtt < timeout:
        raise ValueError(
            f"With T = {timeout:g} ms a candidate may not wait for votes that take a round trip of {rtt:g} ms; "
            f"choose a timeout above {rtt:g} ms."
        )
    one_way = rtt / 2 / timeout
    return timeout * (expected_election_time(members, alive, one_way) + 2 * one_way)


class Advice(NamedTuple):
    """One line of etcd's advice: what it is about, the times it allows in ms, and whether they are kept, in a word."""

    what: str
    least: float
    most: float
    verdict: str


def tuning(rtt_ms: float, heartbeat_ms: float, election_ms: float) -> tuple[Advice, Advice]:
    """etcd's advice on the heartbeat interval and the election timeout for a round trip, and whether it is kept.

    Heartbeat: 0.5 to 1.5 round trips; neither a longer one nor a shorter one is a danger: the one is slower than need be, the other
    costs messages. Election timeout: at least 10
    round trips and 5 heartbeats, below which etcd refuses to start, and at most 50 s (etcd's page "Tuning"). Raises ValueError
    for a time not above 0 ms, TypeError for what is no number.
    """
    rtt = time_ms(rtt_ms, "the round trip", zero=False)
    beat = time_ms(heartbeat_ms, "the heartbeat interval", zero=False)
    election = time_ms(election_ms, "the election timeout", zero=False)
    low, high = 0.5 * rtt, 1.5 * rtt
    kept = (
        "shorter than it need be" if beat < low else "longer than it need be" if beat > high else "as advised"
    )
    least = max(10 * rtt, 5 * beat)
    if election < 5 * beat:
        verdict = "refused: below 5 heartbeats"
    elif election > MOST_ELECTION_MS:
        verdict = "refused: above 50 s"
    else:
        verdict = "too short" if election < least else "as advised"
    return Advice("heartbeat interval", low, high, kept), Advice(
        "election timeout", least, MOST_ELECTION_MS, verdict
    )


def works_for(lease_s: float, copy_s: float) -> dict[str, float]:
    """How long each client's activity goes on after the only coordinator died, in seconds; ``inf`` is for ever.

    Best case: the lock was renewed, and the copy of the addresses refreshed, at the moment of the crash. ``lease_s`` is the
    time to live of the lock's lease, ``copy_s`` how long the finder of services trusts its copy. What needs a new decision or
    a first answer stops at 0. Raises ValueError for a negative time, TypeError for what is no number.
    """
    return {
        "take a new lock": 0.0,
        "start up and read settings": 0.0,
        "hold a lock": float(number(lease_s, "the lease", least=0, unit="s")),
        "find a service": float(number(copy_s, "the copy", least=0, unit="s")),
        "run on settings read before": math.inf,
    }


class Bill(NamedTuple):
    """One bill on its way: who sends it and when, the number of the sender's lock, and whether the receiver takes it."""

    sender: str
    at_s: float
    number: int
    taken: bool


FIRST_NUMBER = 7
"""The number of the first lock in ``bills``; each new owner's is greater by one."""


def bills(asleep_s: float, lease_s: float, checks: bool) -> tuple[Bill, ...]:
    """Which bills reach the receiver when the holder of a lock falls asleep just after it has looked that the lock is its own.

    Ada has renewed her lease of ``lease_s`` seconds at that moment, and sends her bill when she wakes, ``asleep_s`` seconds later. If the
    lease has ended by then, Bob got the lock, with the next number, and sent the same bill at once. A receiver that ``checks``
    turns a number away that is smaller than one it has seen. Raises ValueError for a negative time or a lease of 0 s, TypeError
    for what is no number.
    """
    asleep = float(number(asleep_s, "the sleep", least=0, unit="s"))
    lease = float(number(lease_s, "the lease", above=0, unit="s"))
    if asleep < lease:
        return (Bill("Ada", asleep, FIRST_NUMBER, True),)
    bob = Bill("Bob", lease, FIRST_NUMBER + 1, True)
    return bob, Bill("Ada", asleep, FIRST_NUMBER, not checks)
