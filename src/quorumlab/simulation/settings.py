"""What a simulated cluster is made of: checked once, copied from what the caller gave, and never changed.

Each refusal is one sentence: the value, what is allowed, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from quorumlab import raft
from quorumlab.arguments import default_names, is_number, members, plain, shortened, shown, truth, whole
from quorumlab.cluster import checks
from quorumlab.cluster.checks import MOST_MS, MS, SECOND, member_name
from quorumlab.cluster.checks import founders as founders_given
from quorumlab.latency.ground import Ground
from quorumlab.raft import Membership
from quorumlab.raft import Settings as RaftSettings
from quorumlab.simulation.network import (
    Delay,
    DelayLike,
    LatencyLike,
    Network,
    Ticks,
    Uniform,
    WholeMs,
    as_delay,
    delays,
)

SWITCHES = (
    "pre_vote",
    "check_quorum",
    "disk_blocks",
    "reorder",
    "strict_reconfig_check",
    "settle",
    "record",
    "record_heartbeats",
)
NOT_IN_TRACE = ("ground", "member_class", "record", "settle")
ETCD_VERSION = "3.5.1"  # of the wheel that the course installs
IF_ANY = ("client_ms", "line_ms", "learners", "witnesses")
MOST_MEMBERS = 50  # messages grow with the members squared; etcd advises 7 at most
MOST_SEED = 10**1000  # Python writes out no number of more than 4,300 digits
LEAST_MS = 1 / MS  # the simulated clock counts µs


@dataclass(frozen=True)
class SimulationSettings:
    """The arguments of ``SimulatedCluster``, which says what each means, and what follows from them.

    Raises TypeError or ValueError with one sentence for arguments that make no cluster.
    """

    members: tuple[str, ...]
    learners: tuple[str, ...]
    witnesses: tuple[str, ...]
    seed: int | str
    heartbeat_ms: float
    election_ms: float | Sequence[float] | Uniform
    latency_ms: LatencyLike
    disk_ms: DelayLike
    disk_blocks: bool
    line_ms: float
    loss: float
    duplication: float
    reorder: bool
    pre_vote: bool
    check_quorum: bool
    snapshot_every: int
    max_entries: int
    max_learners: int
    strict_reconfig_check: bool
    timeout_ms: float | None
    leader: str | None
    client_ms: Mapping[tuple[str, str], float]
    settle: bool
    record: bool
    record_heartbeats: bool
    member_class: type[raft.Member]
    ground: Ground | None
    etcd_version: str

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, _copied(getattr(self, field.name)))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int | str):
            raise TypeError(f"seed={shown(self.seed)} is no seed; give a whole number or a text.")
        if isinstance(self.seed, int) and abs(self.seed) > MOST_SEED:
            raise ValueError(f"seed={shown(self.seed)} is out of range; give one of at most 1,000 digits.")
        for name in SWITCHES:
            object.__setattr__(self, name, truth(getattr(self, name), name))
        if not (isinstance(self.member_class, type) and issubclass(self.member_class, raft.Member)):
            raise TypeError(
                f"member_class={shown(self.member_class)} is no class of members; derive one from quorumlab.raft.Member."
            )
        for name in ("loss", "duplication"):
            _chance(name, getattr(self, name))
        whole(self.snapshot_every, "snapshot_every")
        checks.client_ms(self.client_ms)
        checks.version_numbers(self.etcd_version)
        _ = (
            self.raft,
            self.disk,
            self.line,
            self.patience,
            delays(self.latency_ms),
        )  # each checks what it is made of
        able = [name for name in self.members if name not in (*self.learners, *self.witnesses)]
        if self.leader is not None and member_name(self.leader) not in able:
            what = (
                f"{shown(self.leader)} cannot lead"
                if self.leader in self.members
                else f"there is no member {shown(self.leader)}"
            )
            raise ValueError(f"{what}; name one of {shortened(able)}.")

    @cached_property
    def timeouts(self) -> Uniform:
        """What election timeouts are drawn from, in ms: whole ticks of one heartbeat, as in etcd; any time, where a range is
        given.
        """
        drawn = _election(self.election_ms)
        tick = _time("heartbeat_ms", self.heartbeat_ms) / MS
        return Ticks(drawn.low, drawn.high, tick) if is_number(self.election_ms) else drawn

    @cached_property
    def raft(self) -> raft.Settings:
        """The settings of each member."""
        heartbeat, election = _time("heartbeat_ms", self.heartbeat_ms), round(self.timeouts.low * MS)
        tick = heartbeat if isinstance(self.timeouts, Ticks) else 0
        if not heartbeat < election:
            raise ValueError(
                f"election_ms={shown(self.election_ms)} must be longer than "
                f"heartbeat_ms={shown(self.heartbeat_ms)}; choose 5 times as long or more, as etcd asks."
            )
        return raft.Settings(
            heartbeat=heartbeat,
            election=election - election % tick if tick else election,
            tick=tick,
            pre_vote=self.pre_vote,
            check_quorum=self.check_quorum,
            max_entries=whole(self.max_entries, "max_entries"),
            max_learners=whole(self.max_learners, "max_learners", least=0),
        )

    @cached_property
    def disk(self) -> Delay | None:
        """What a disk write takes; None for no time."""
        return (
            None
            if is_number(self.disk_ms) and self.disk_ms == 0
            else as_delay(self.disk_ms, "disk_ms")
        )  # fmt: skip

    @cached_property
    def line(self) -> int:
        """How long a member's line is busy with one log entry, in µs; 0 for no time."""
        return 0 if is_number(self.line_ms) and self.line_ms == 0 else _time("line_ms", self.line_ms)

    @cached_property
    def patience(self) -> int:
        """How long clients wait, in µs. By default as etcd's servers: 5 s and two election timeouts."""
        if self.timeout_ms is None:
            return 5 * SECOND + 2 * self.raft.election
        return _time("timeout_ms", self.timeout_ms)

    @cached_property
    def membership(self) -> Membership:
        """The membership of the founders."""
        return Membership(tuple(name for name in self.members if name not in self.learners), self.learners)

    def raft_of(self, name: str) -> RaftSettings:
        """The settings of one member: a witness cannot lead."""
        return replace(self.raft, may_lead=False) if name in self.witnesses else self.raft

    def network(self) -> Network:
        """New links."""
        return Network(
            self.seed,
            self.latency_ms,
            ordered=not self.reorder,
            loss=self.loss,
            duplication=self.duplication,
        )

    def plain(self) -> dict[str, Any]:
        """The settings as a trace keeps them."""
        kept = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in NOT_IN_TRACE}
        if self.etcd_version == ETCD_VERSION:
            del kept["etcd_version"]
        return {name: value for name, value in kept.items() if value or name not in IF_ANY}


def founders(size: object) -> tuple[str, ...]:
    """The members' names, from a number, a sequence of names or a topology."""
    given = founders_given(size)
    if is_number(given) or isinstance(given, bool):
        count = whole(given, "members")
        return default_names(_not_more(count))
    return _not_too_many(members(given))


def _not_too_many(names: tuple[str, ...]) -> tuple[str, ...]:
    _not_more(len(names))
    return tuple(map(checks.new_name, names))


def _not_more(count: int) -> int:
    if count > MOST_MEMBERS:
        raise ValueError(
            f"{shown(count)} members are more than a simulated cluster can have; choose at most {MOST_MEMBERS}."
        )
    return count


def _copied(value: Any) -> Any:
    """What the caller gave, so that a change of it later changes nothing here; numbers as Python's own."""
    if type(value) in (int, float, bool, str, type(None)):  # most are
        return value
    match value:
        case Mapping():
            return {pair: _copied(delay) for pair, delay in value.items()}
        case list() | tuple():
            return tuple(_copied(item) for item in value)
        case _:
            number = plain(value)
            return value if number is None else number


def _plain(value: object) -> Any:
    """A setting as JSON can hold it."""
    match value:
        case dict():
            return {"–".join(pair): _plain(v) for pair, v in value.items()}
        case Uniform(low, high):
            return [low, high]
        case tuple():
            return list(value)
        case int() | float() | str() | None:
            return value
        case _:
            return str(value)


def _chance(name: str, value: object) -> None:
    says = f"{name}={shown(value)} is no probability below 1; choose a number from 0 to 0.99."
    if not is_number(value):
        raise TypeError(says)
    if not 0 <= value < 1:
        raise ValueError(says)


def _time(what: str, value: object, given: object = None) -> int:
    """A time in ms, as whole µs. ``given`` is the argument it is part of."""
    told = shown(value if given is None else given)
    if not is_number(value):
        how = " or a pair (low, high)" if what == "election_ms" else ""
        raise TypeError(f"{what}={told} must be a number of ms{how}; write for example 500.")
    if not LEAST_MS <= value <= MOST_MS:
        raise ValueError(f"{what}={told} is out of range; choose a time from {LEAST_MS} to {MOST_MS:,} ms.")
    return round(value * MS)


def _election(value: Any) -> Uniform:
    """What election timeouts are drawn from."""
    match value:
        case Uniform(low, high) | (low, high):
            times = (_time("election_ms", low, value), _time("election_ms", high, value))
        case list() | tuple():
            raise TypeError(
                f"election_ms={shown(value)} is neither a number of ms nor a pair; write a pair (low, high)."
            )
        case _:
            times = (_time("election_ms", value), round(2 * value * MS))
    if times[0] > times[1]:
        raise ValueError(f"election_ms={shown(value)} is out of order; write the shorter time first.")
    if isinstance(value, WholeMs) and (times[0] % MS or times[1] % MS):
        raise ValueError(
            f"election_ms={shown(value)} has ends that are no whole ms; choose whole ones from 1 up."
        )
    kind = type(value) if isinstance(value, Uniform) else Uniform
    return kind(times[0] / MS, times[1] / MS)
