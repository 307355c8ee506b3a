"""What a simulated cluster may be made of and what its verbs take.

Each refusal is one sentence: the value, what is allowed, what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quorumlab.arguments import members, whole
from quorumlab.raft import Member, Settings
from quorumlab.simulation.network import MS, SECOND, Delay, Network, Uniform, WholeMs, as_delay

SWITCHES = ("pre_vote", "check_quorum", "disk_blocks", "reorder", "settle", "record", "record_heartbeats")
MOST_MEMBERS = 50  # messages grow with the members squared; etcd advises 7 at most
MOST_SECONDS = 1_000_000_000  # thirty years
LEAST_MS, MOST_MS = 1 / MS, 86_400_000  # the simulated clock counts µs; a day is more than anybody waits


@dataclass(frozen=True)
class Rules:
    """How a world works. ``timeouts`` is what election timeouts are drawn from."""

    seed: object
    settings: Settings
    timeouts: Uniform
    disk: Delay | None
    disk_blocks: bool
    snapshot_every: int
    record: bool
    record_heartbeats: bool
    member_class: type[Member]


def founders(size: object) -> tuple[str, ...]:
    """The members' names, from a number, a sequence of names or a topology."""
    given = getattr(size, "members", size)
    names = given if isinstance(given, int) else members(given)
    count = names if isinstance(names, int) else len(names)
    if count > MOST_MEMBERS:
        raise ValueError(
            f"{count} members are more than a simulated cluster can have; choose at most {MOST_MEMBERS}."
        )
    return members(names)


def rules(arguments: Mapping[str, Any]) -> Rules:
    """How the world works, from the arguments of ``SimulatedCluster``."""
    for name in SWITCHES:
        if not isinstance(arguments[name], bool):
            raise TypeError(f"{name}={arguments[name]!r} is neither True nor False; write one of them.")
    member_class = arguments["member_class"]
    if not (isinstance(member_class, type) and issubclass(member_class, Member)):
        raise TypeError(
            f"member_class={member_class!r} is no class of members; derive one from quorumlab.raft.Member."
        )
    heartbeat = _time("heartbeat_ms", arguments["heartbeat_ms"])
    timeouts = _election(arguments["election_ms"])
    election = round(timeouts.low * MS)
    if not heartbeat < election:
        raise ValueError(
            f"election_ms={arguments['election_ms']!r} must be longer than "
            f"heartbeat_ms={arguments['heartbeat_ms']!r}; choose 5 times as long or more, as etcd asks."
        )
    return Rules(
        seed=arguments["seed"],
        settings=Settings(
            heartbeat=heartbeat,
            election=election,
            pre_vote=arguments["pre_vote"],
            check_quorum=arguments["check_quorum"],
            max_entries=whole(arguments["max_entries"], "max_entries"),
            max_learners=whole(arguments["max_learners"], "max_learners", least=0),
        ),
        timeouts=timeouts,
        disk=_disk(arguments["disk_ms"]),
        disk_blocks=arguments["disk_blocks"],
        snapshot_every=whole(arguments["snapshot_every"], "snapshot_every"),
        record=arguments["record"],
        record_heartbeats=arguments["record_heartbeats"],
        member_class=member_class,
    )


def network(arguments: Mapping[str, Any]) -> Network:
    """The links of the world, from the arguments of ``SimulatedCluster``."""
    for name in ("loss", "duplication"):
        value = arguments[name]
        says = f"{name}={value!r} is no probability below 1; choose a number from 0 to 0.99."
        if not _is_number(value):
            raise TypeError(says)
        if not 0 <= value < 1:
            raise ValueError(says)
    return Network(
        arguments["seed"],
        arguments["latency_ms"],
        ordered=not arguments["reorder"],
        loss=arguments["loss"],
        duplication=arguments["duplication"],
    )


def patience(timeout_ms: float | None, election: int) -> int:
    """How long clients wait, in µs. By default as etcd's servers: 5 s and two election timeouts."""
    return 5 * SECOND + 2 * election if timeout_ms is None else _time("timeout_ms", timeout_ms)


def micros(seconds: object, what: str) -> int:
    """``seconds`` in whole µs."""
    says = f"{what}={seconds!r} is no time; give a number of seconds from 0 to {MOST_SECONDS:,}."
    if not _is_number(seconds):
        raise TypeError(says)
    if not 0 <= seconds <= MOST_SECONDS:  # type: ignore[operator]
        raise ValueError(says)
    return round(seconds * SECOND)  # type: ignore[operator]


def extra_delay(ms: object) -> int:
    """What a link is slowed by, in whole µs."""
    says = f"ms={ms!r} is no delay; give a number of ms from 0 to {MOST_MS:,}."
    if not _is_number(ms):
        raise TypeError(says)
    if not 0 <= ms <= MOST_MS:  # type: ignore[operator]
        raise ValueError(says)
    return round(ms * MS)  # type: ignore[operator]


def check_name(name: object) -> None:
    """A member's name is text."""
    says = f"{name!r} is no name of a member; write a text such as 'etcd-1'."
    if not isinstance(name, str):
        raise TypeError(says)
    if not name:
        raise ValueError(says)


def group_members(group: object) -> list[str]:
    """The names in one group of a partition, sorted."""
    if isinstance(group, str):
        raise TypeError(f"a group is a set of names, not the text {group!r}; write {{{group!r}}}.")
    if not isinstance(group, Iterable):
        raise TypeError(f"{group!r} is no group of members; write a set of names such as {{'etcd-1'}}.")
    names = list(group)
    for name in names:
        check_name(name)
    return sorted(names)


def check_request(kind: object, key: object, value: object, mode: object, client: object) -> None:
    """A client's request: what it is, on which key, with which value, how a read is answered, and who asks."""
    if not isinstance(client, str):
        raise TypeError(f"client {client!r} is no name; write a text such as 'Ada'.")
    if kind not in ("read", "write", "cas"):
        raise ValueError(f"kind {kind!r} is unknown; use 'read', 'write' or 'cas'.")
    if mode not in ("linearizable", "serializable"):
        raise ValueError(f"mode {mode!r} is unknown; use 'linearizable' or 'serializable'.")
    if mode == "serializable" and kind != "read":
        raise ValueError(f"a {kind} cannot be serializable, only reads can; leave mode out.")
    if not isinstance(key, str):
        raise TypeError(f"{key!r} is no key; keys are text as in etcd, so write it as a str.")
    texts: tuple[object, ...] = ()
    if kind == "write":
        texts = (value,)
    elif kind == "cas":
        if not (isinstance(value, tuple) and len(value) == 2):
            raise TypeError(
                f"the value of a cas is {value!r}, but must be a pair (expected, new); write one."
            )
        expected, new = value
        texts = (new,) if expected is None else value
    elif value is not None:
        raise TypeError(f"a read takes no value, but got {value!r}; leave it out.")
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no value; values are text as in etcd, so write it as a str.")


def plain_settings(founders: tuple[str, ...], arguments: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The seed and the settings that a trace keeps."""
    unsaid = ("seed", "member_class", "record", "settle")
    kept = {name: _plain(value) for name, value in arguments.items() if name not in unsaid}
    seed = arguments["seed"]
    plain_seed = seed if isinstance(seed, int | float | str | None) else str(seed)
    return plain_seed, {"members": list(founders), **kept}


def _plain(value: object) -> Any:
    """A setting as JSON can hold it."""
    match value:
        case dict():
            return {"–".join(pair): _plain(v) for pair, v in value.items()}
        case Uniform(low, high):
            return [low, high]
        case tuple() | list():
            return list(value)
        case int() | float() | str() | None:
            return value
        case _:
            return str(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _time(what: str, value: object, shown: object = None) -> int:
    """A time in ms, as whole µs. ``shown`` is the argument it is part of."""
    if not _is_number(value):
        how = " or a pair (low, high)" if what == "election_ms" else ""
        raise TypeError(
            f"{what}={value if shown is None else shown!r} must be a number of ms{how}; write for example 500."
        )
    if not LEAST_MS <= value <= MOST_MS:  # type: ignore[operator]
        raise ValueError(
            f"{what}={value if shown is None else shown!r} is out of range; "
            f"choose a time from {LEAST_MS} to {MOST_MS:,} ms."
        )
    return round(value * MS)  # type: ignore[operator]


def _election(value: object) -> Uniform:
    """What election timeouts are drawn from."""
    match value:
        case Uniform(low, high) | (low, high):
            times = (_time("election_ms", low, value), _time("election_ms", high, value))
        case list() | tuple():
            raise TypeError(
                f"election_ms={value!r} is neither a number of ms nor a pair; write a pair (low, high)."
            )
        case _:
            time = _time("election_ms", value)
            times = (time, round(2 * value * MS))  # type: ignore[operator]
    if times[0] > times[1]:
        raise ValueError(f"election_ms={value!r} is out of order; write the shorter time first.")
    if isinstance(value, WholeMs) and (times[0] % MS or times[1] % MS):
        raise ValueError(f"election_ms={value!r} has ends that are no whole ms; choose whole ones from 1 up.")
    kind = type(value) if isinstance(value, Uniform) else Uniform
    return kind(times[0] / MS, times[1] / MS)


def _disk(disk_ms: object) -> Any:
    return None if _is_number(disk_ms) and disk_ms == 0 else as_delay(disk_ms, "disk_ms")
