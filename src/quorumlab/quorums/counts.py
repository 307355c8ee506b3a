"""Numbers that follow from a number of members alone: majorities, overlaps, split votes, and two kinds of quorum."""

import math
from fractions import Fraction
from itertools import product
from math import comb

from quorumlab.arguments import MAX_MEMBERS, shown, whole
from quorumlab.words import plural

MOST_WAYS = 1_000_000
"""To vote, that are gone through one by one."""

REPLICATION_AT_MOST = 3
"""TigerBeetle's default ``quorum_replication_max``."""


def quorum_size(n: int) -> int:
    """The majority of ``n`` members, ⌊n/2⌋ + 1: the smallest size at which any two groups must share a
    member.

    Raises TypeError if ``n`` is not an int and ValueError if it is below 1.
    """
    return whole(n, "n") // 2 + 1


def fault_tolerance(n: int) -> int:
    """How many of ``n`` members may crash with a majority left, ⌊(n-1)/2⌋. Errors as for ``quorum_size``."""
    return whole(n, "n") - quorum_size(n)


def overlap_counts(members: int, group: int) -> tuple[int, ...]:
    """How many pairs of groups share 0, 1, … ``group`` members: ordered pairs of groups of one size, counted exactly.

    The first group is any of C(n, k); the second takes j members from the first and k − j from the rest. Raises TypeError for
    what is no whole number, ValueError unless 1 ≤ group ≤ members.
    """
    members = whole(members, "members")
    group = whole(group, "group", most=members)
    return tuple(
        comb(members, group) * comb(group, shared) * comb(members - group, group - shared)
        for shared in range(group + 1)
    )


def elects_nobody(members: int, candidates: int, crashed: int = 0) -> Fraction:
    """The share of all ways to vote in which no candidate gets a majority of ``members``: exact, by going through all of them.

    Each candidate votes for itself, as in Raft (§5.2); each other member that is up votes for any one candidate, and all these
    ways are equally likely. ``crashed`` members do not vote and still count. Raises TypeError for what is no whole number,
    ValueError unless 1 ≤ candidates ≤ members − crashed.
    """
    members, crashed = whole(members, "members", most=MAX_MEMBERS), whole(crashed, "crashed", least=None)
    candidates = whole(candidates, "candidates", least=None)
    others = members - crashed - candidates
    if candidates < 1 or crashed < 0 or others < 0:
        raise ValueError(
            f"{plural(candidates, 'candidate')} cannot stand among {plural(members, 'member')} of which {shown(crashed)} crashed; "
            f"choose 1 to {shown(members - crashed)} candidates."
        )
    if others * math.log2(candidates) > math.log2(MOST_WAYS):
        raise ValueError(
            f"{plural(candidates, 'candidate')} among {plural(members, 'member')} get more than {MOST_WAYS:,} different votes, more "
            "than are gone through; choose fewer members."
        )
    needed = quorum_size(members)
    ways = list(product(range(candidates), repeat=others))
    lost = sum(all(1 + votes.count(c) < needed for c in range(candidates)) for votes in ways)
    return Fraction(lost, len(ways))


def election_quorum(members: int, commit: int) -> int:
    """The fewest votes that may elect a leader if ``commit`` members commit a write.

    More than ``members`` − ``commit``, so that every election meets every commit (Howard, Malkhi and Spiegelman 2016), and a
    majority, because two candidates may stand in one term of Raft. Raises TypeError for what is no whole number, ValueError
    unless 1 ≤ commit ≤ majority.
    """
    most = quorum_size(members)
    members, commit = whole(members, "members"), whole(commit, "commit", least=None)
    if not 1 <= commit <= most:
        raise ValueError(
            f"Of {plural(members, 'member')}, {shown(commit)} cannot usefully commit: a majority is always enough; choose 1 to {shown(most)}."
        )
    return max(members + 1 - commit, most)


def tigerbeetle_quorums(replicas: int) -> tuple[int, int]:
    """(replication, view change): how many replicas TigerBeetle wants to commit, and to change its leader.

    Source: ``quorums`` in TigerBeetle's ``src/vsr.zig``, with the default of at most three to replicate. Two replicas are an
    exception there: both are asked for both, so that every write has two copies. Errors as for ``quorum_size``.
    """
    replicas = whole(replicas, "replicas")
    if replicas == 2:
        return 2, 2
    replication = min(REPLICATION_AT_MOST, (replicas + 1) // 2)
    return replication, replicas - replication + 1
