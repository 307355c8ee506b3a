"""What a cluster may be made of: checks that say in one sentence what is wrong and what is allowed."""

from __future__ import annotations

import math
from typing import Any

from quorumlab.cluster.network import SECOND


def names(size: object) -> tuple[str, ...]:
    """The members' names, from a number, a sequence of names or a topology."""
    allowed = "give a number of members, a list of their names, or a topology"
    names = getattr(size, "members", size)
    if isinstance(names, bool) or not isinstance(names, int | list | tuple):
        raise TypeError(f"{size!r} is no cluster; {allowed}.")
    if isinstance(names, int):
        if names < 1:
            raise ValueError(f"a cluster of {names} has no members; {allowed}, at least 1.")
        return tuple(f"etcd-{i}" for i in range(1, names + 1))
    if not names or not all(isinstance(name, str) and name for name in names):
        raise TypeError(f"{size!r} does not name members; {allowed}.")
    if len(set(names)) != len(names):
        raise ValueError(f"{list(names)!r} has a name twice; name each member once.")
    return tuple(names)


def check_times(heartbeat_ms: object, low: object, high: object) -> None:
    times = (heartbeat_ms, low, high)
    if not all(isinstance(t, int | float) and not isinstance(t, bool) and 0 < t < math.inf for t in times):
        raise ValueError(
            f"heartbeat_ms={heartbeat_ms!r} and election_ms={low!r} must be numbers of ms above 0."
        )
    if not heartbeat_ms < low <= high:  # type: ignore[operator]
        raise ValueError(
            f"election_ms={low!r} must be longer than heartbeat_ms={heartbeat_ms!r}, and a pair in order; "
            "etcd asks for 5 times as long at least."
        )


def micros(seconds: float, what: str) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        raise ValueError(f"{what}={seconds!r} is no time; give a number of seconds from 0 up.")
    return round(seconds * SECOND)


def plain(value: object) -> Any:
    """A setting as JSON can hold it."""
    match value:
        case dict():
            return {"–".join(pair): plain(v) for pair, v in value.items()}
        case tuple():
            return list(value)
        case int() | float() | str() | None:
            return value
        case _:
            return str(value)
