"""The two numbers everybody remembers: the majority of n, and how many may crash."""

from quorumlab.arguments import whole


def quorum_size(n: int) -> int:
    """The majority of ``n`` members, ⌊n/2⌋ + 1: the smallest size at which any two groups must share a
    member.

    Raises TypeError if ``n`` is not an int and ValueError if it is below 1.
    """
    return whole(n, "n") // 2 + 1


def fault_tolerance(n: int) -> int:
    """How many of ``n`` members may crash with a majority left, ⌊(n-1)/2⌋. Errors as for ``quorum_size``."""
    return n - quorum_size(n)
