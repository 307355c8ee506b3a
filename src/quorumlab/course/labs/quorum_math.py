"""The lab on quorum math: how its functions are called, and what is wrong with a pair of groups."""

from collections.abc import Callable, Iterable
from typing import Any

Rule = Callable[[Iterable[str]], bool]


def rule_of(quorums: Iterable[Iterable[str]]) -> Rule:
    """The rule whose smallest quorums these are: a group is a quorum if it has all members of one of them."""
    smallest = [frozenset(quorum) for quorum in quorums]

    def is_quorum(group: Iterable[str]) -> bool:
        present = frozenset(group)
        return any(quorum <= present for quorum in smallest)

    return is_quorum


def groups(answer: Any) -> Any:
    """Sets, and sets in a pair, as sorted lists."""
    if isinstance(answer, set | frozenset):
        return sorted(answer)
    if isinstance(answer, list | tuple):
        return [groups(each) for each in answer]
    return answer


def with_pieces(function: Callable[..., Any], votes: dict[str, int], pieces: list[list[str]]) -> Any:
    """Call with sets of members for the pieces, and give the piece back as a sorted list."""
    piece = groups(function(votes, [set(piece) for piece in pieces]))
    return sorted(piece) if isinstance(piece, list) else piece


def with_rule_of(function: Callable[..., Any], members: list[str], quorums: list[list[str]]) -> Any:
    """Call with the members and their rule, and give two groups back as sorted lists."""
    return groups(function(members, rule_of(quorums)))


def with_chances_and_rule(
    function: Callable[..., Any], up_chance: dict[str, float], quorums: list[list[str]]
) -> Any:
    """Call with each member's chance to be up and the rule."""
    return function(up_chance, rule_of(quorums))


def pair_fault(exists: bool, got: Any, members: list[str], quorums: list[list[str]]) -> str:
    """What is wrong with a pair of disjoint quorums, or with None where ``exists`` says that there is one."""
    if got is None:
        return "there is a pair, and yours gives None." if exists else ""
    if not isinstance(got, list) or len(got) != 2 or not all(isinstance(group, list) for group in got):
        return "yours gives neither None nor a pair of groups."
    if not all(isinstance(member, str) and member in members for group in got for member in group):
        return "yours names someone who is no member."
    is_quorum = rule_of(quorums)
    if not (is_quorum(got[0]) and is_quorum(got[1])):
        return "yours gives two groups that are not both quorums."
    return "your two quorums share a member." if set(got[0]) & set(got[1]) else ""
