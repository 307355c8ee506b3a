"""How a quorum system is made: each function checks what it is given and returns an immutable system."""

from collections.abc import Iterable, Mapping

from quorumlab.arguments import (
    Real,
    as_set,
    bounded,
    distinct,
    limited,
    members,
    named,
    plain,
    shown,
    weights,
    whole,
)
from quorumlab.quorums.base import QuorumSystem
from quorumlab.quorums.counts import quorum_size
from quorumlab.quorums.systems import Flexible, Grid, Hierarchical, Threshold, Weighted


def majority(members_or_n: int | Iterable[str], /) -> QuorumSystem:
    """Any more than half of the members (Thomas 1979): ``majority(5)`` or ``majority(["a", "b", "c"])``.

    This is Raft's rule. With a number the members are etcd-1 to etcd-n.
    """
    names = members(members_or_n)
    return Threshold(names, quorum_size(len(names)))


def threshold(members_or_n: int | Iterable[str], /, size: int) -> QuorumSystem:
    """Any ``size`` of the members, as in ``threshold(4, 2)``; unsafe, and allowed to be, if no majority."""
    names = members(members_or_n)
    return Threshold(names, _size_within(size, "size", names))


def weighted(weights_by_member: Mapping[str, Real], /) -> QuorumSystem:
    """Members that together hold strictly more than half of all weight (Gifford 1979).

    ``weighted({"a": 2, "b": 1, "c": 1})``. Weights are numbers of 0 or more, not all 0; a weight of 0 is a
    member without a vote.
    """
    return Weighted(*weights(weights_by_member))


def grid(rows: int, columns: int, /, *, members: Iterable[str] | None = None) -> QuorumSystem:
    """One whole row and at least one member of every other row of a grid of members.

    The write quorums of the grid protocol (Cheung, Ammar and Ahamad 1992), with rows and columns exchanged.
    Two quorums meet because each has a member in the other's whole row. Members fill the grid row by row;
    without ``members`` they are etcd-1 onwards.
    """
    rows, columns = whole(rows, "rows"), whole(columns, "columns")
    limited(rows * columns, "members")
    names = _names(members, rows * columns)
    if len(names) != rows * columns:
        raise ValueError(
            f"a grid of {rows} x {columns} has {rows * columns} places, but {len(names)} members are named; "
            f"name exactly one for each place."
        )
    return Grid(names, rows, columns)


def hierarchical(groups: Iterable[int] | Iterable[Iterable[str]], /) -> QuorumSystem:
    """A majority of the groups, each with a majority of its own members (Kumar 1991).

    ``hierarchical([3, 3, 3])`` gives the sizes of the groups and names the members etcd-1 onwards, group by
    group; ``hierarchical([["a", "b", "c"], ["d"]])`` names them.
    """
    if isinstance(groups, str | bytes | Mapping) or not isinstance(groups, Iterable):
        raise TypeError(
            f"groups are {shown(groups)}, but must be a list of group sizes or of lists of names; write for "
            f"example [3, 3, 3]."
        )
    given = bounded(groups, "groups")
    if not given:
        raise ValueError(
            "groups are an empty list, but at least 1 group is needed; write for example [3, 3, 3]."
        )
    if any(isinstance(group, bool) or plain(group) is not None for group in given):
        sizes = [whole(group, "a group's size") for group in given]
        limited(sum(sizes), "members")
        names = _names(None, sum(sizes))
        starts = [sum(sizes[:i]) for i in range(len(sizes))]
        return Hierarchical(names, tuple(names[i : i + size] for i, size in zip(starts, sizes, strict=True)))
    parts = tuple(named(group, "the members of a group") for group in given)
    flat = [name for part in parts for name in part]
    distinct(flat, "groups")
    limited(len(flat), "members")
    return Hierarchical(tuple(flat), parts)


def flexible(members_or_n: int | Iterable[str], /, *, commit: int, elect: int) -> QuorumSystem:
    """Any ``commit`` members commit a write, any ``elect`` members elect a leader.

    Flexible quorums (Howard, Malkhi and Spiegelman 2016), as in ``flexible(6, commit=3, elect=4)``. Every
    commit quorum must meet every election quorum, so ``commit + elect`` must exceed the number of members,
    and ValueError shows two sets that miss each other if it does not. Two commit quorums need not meet. Two
    election quorums need not either in Paxos, where no two candidates share a ballot number; in Raft two
    candidates may stand in one term, so there ``elect`` must be a majority as well.

    Without ``kind=``, a quorum is a set that can do both, so ``fault_tolerance`` is that of the larger size.
    """
    names = members(members_or_n)
    n = len(names)
    commit, elect = _size_within(commit, "commit", names), _size_within(elect, "elect", names)
    if commit + elect <= n:
        raise ValueError(
            f"commit={commit} and elect={elect} sum to {commit + elect}, but must sum to more than {n}, or "
            f"commit quorum {as_set(names[:commit])} and election quorum {as_set(names[n - elect :])} "
            f"share no member; raise commit to {n - elect + 1} or elect to {n - commit + 1}."
        )
    return Flexible(names, commit, elect)


def _names(given: Iterable[str] | None, count: int) -> tuple[str, ...]:
    return members(count) if given is None else named(given, "members")


def _size_within(size: int, what: str, names: tuple[str, ...]) -> int:
    found = whole(size, what)
    if found > len(names):
        raise ValueError(
            f"{what} is {shown(found)}, but there are only {len(names)} members; choose a size from 1 to "
            f"{len(names)}."
        )
    return found
