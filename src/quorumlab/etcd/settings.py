"""What a cluster of real members may be made of.

Each refusal is one sentence: the value, what is allowed, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from quorumlab.arguments import is_number, members, shown, truth, whole
from quorumlab.cluster import checks
from quorumlab.etcd.binary import Binary
from quorumlab.latency.ground import Ground
from quorumlab.latency.rtt import Pair
from quorumlab.words import listed

MOST_MEMBERS = 9  # each is a process of about 30 MB, with 62 MB of disk
MOST_ELECTION_MS = 50_000  # etcd refuses more (etcd documentation, "Tuning")
TIMES_HEARTBEAT = 5  # and less than five heartbeats
SWITCHES = ("pre_vote", "settle", "record")

Between = float | Mapping[tuple[str, str], float]
"""Milliseconds: for all pairs, or for each."""


@dataclass(frozen=True)
class EtcdSettings:
    """How a cluster is made; see ``EtcdCluster``. Times in ms."""

    founders: tuple[str, ...]
    learners: tuple[str, ...]
    heartbeat_ms: int
    election_ms: int
    pre_vote: bool
    timeout_ms: float | None
    leader: str | None
    latency_ms: Between
    jitter_ms: float
    loss: float
    client_ms: Mapping[tuple[str, str], float]
    max_learners: int
    settle: bool
    record: bool
    ground: Ground | None = None

    def __post_init__(self) -> None:
        for name in SWITCHES:
            object.__setattr__(self, name, truth(getattr(self, name), name))
        most_heartbeat = MOST_ELECTION_MS // TIMES_HEARTBEAT
        for name, least, most in (
            ("heartbeat_ms", 1, most_heartbeat),
            ("election_ms", 1, None),
            ("max_learners", 0, None),
        ):
            object.__setattr__(self, name, whole(getattr(self, name), name, least=least, most=most))
        if self.election_ms < TIMES_HEARTBEAT * self.heartbeat_ms or self.election_ms > MOST_ELECTION_MS:
            raise ValueError(
                f"election_ms={shown(self.election_ms)} does not go with heartbeat_ms={shown(self.heartbeat_ms)}: etcd wants at least "
                f"{TIMES_HEARTBEAT} heartbeats and at most {MOST_ELECTION_MS} ms; choose from "
                f"{TIMES_HEARTBEAT * self.heartbeat_ms} to {MOST_ELECTION_MS}."
            )
        if self.timeout_ms is not None:
            positive_ms("timeout_ms", self.timeout_ms)
        if self.leader is not None:
            checks.known(self.leader, self.founders)
        check_loss(self.loss)
        check_ms("jitter_ms", self.jitter_ms)
        _check_between("latency_ms", self.latency_ms)
        checks.client_ms(self.client_ms)
        for a, b in combinations((*self.founders, *self.learners), 2):
            self.way_ms(a, b)  # raises where nothing is said of a pair

    def fit(self, binary: Binary) -> None:
        """Raise ValueError for what this etcd cannot be told."""
        if self.max_learners != 1 and binary.numbers < (3, 6, 0):
            raise ValueError(
                f"max_learners={shown(self.max_learners)} needs etcd 3.6, and this is etcd {binary.version}, which takes 1 learner and cannot be "
                "told otherwise; leave it at 1, or put a newer etcd on PATH."
            )

    @property
    def patience(self) -> float:
        """How long clients wait, in seconds; by default as etcd's servers do: 5 s and two election timeouts."""
        return 5 + 2 * self.election_ms / 1000 if self.timeout_ms is None else self.timeout_ms / 1000

    def way_ms(self, a: str, b: str) -> float:
        """How long a message takes from one member to another, besides what the machine itself takes."""
        if not isinstance(self.latency_ms, Mapping):
            return float(self.latency_ms)
        for pair in ((a, b), (b, a)):
            if pair in self.latency_ms:
                return float(self.latency_ms[pair])
        raise ValueError(
            f"latency_ms says nothing about {shown(a)} and {shown(b)}; give the pair ({shown(a)}, {shown(b)}) as well."
        )

    def with_ways(self, ways: Mapping[Pair, float], client_ways: Mapping[Pair, float]) -> EtcdSettings:
        """Also with the ways of a new member to the others, and of clients to it."""
        between = {**self.latency_ms, **ways} if isinstance(self.latency_ms, Mapping) else self.latency_ms
        return replace(self, latency_ms=between, client_ms={**self.client_ms, **client_ways})

    def to_member_ms(self, client: str, member: str) -> float:
        """How long a client's request takes to a member, and the answer back."""
        return checks.client_way_ms(self.client_ms, client, member)

    def plain(self, version: str) -> dict[str, Any]:
        """What a trace keeps of it."""
        return {
            "members": list(self.founders),
            "version": version,
            "heartbeat_ms": self.heartbeat_ms,
            "election_ms": self.election_ms,
            "pre_vote": self.pre_vote,
            "timeout_ms": self.timeout_ms,
            "leader": self.leader,
            "latency_ms": _plain_pairs(self.latency_ms),
            "jitter_ms": self.jitter_ms,
            "loss": self.loss,
            "client_ms": _plain_pairs(self.client_ms),
            "max_learners": self.max_learners,
        }


def founders(size: int | Sequence[str] | Any) -> tuple[str, ...]:
    """The names of those who vote, from a number, a sequence of names, or an object whose ``members`` are the names; learners join later."""
    witnesses = checks.without_data(size)
    if witnesses:
        raise ValueError(
            f"etcd has no witnesses, so {listed(witnesses)} cannot be started; make {'it a voter' if len(witnesses) == 1 else 'them voters'}, "
            "or use ql.SimulatedCluster."
        )
    names = members(checks.founders(size))
    if len(names) > MOST_MEMBERS:
        raise ValueError(
            f"{len(names)} members are more than a laptop should run; choose 1 to {MOST_MEMBERS}, or use "
            "ql.SimulatedCluster."
        )
    for name in names:
        checks.new_name(name)
    return getattr(size, "voters", names)


def positive_ms(what: str, value: object) -> float:
    """A time above 0, in ms."""
    if not is_number(value):
        raise TypeError(f"{what}={shown(value)} must be a number of ms; write for example 500.")
    if not 1 <= value <= checks.MOST_MS:
        raise ValueError(
            f"{what}={shown(value)} is out of range; choose a time from 1 to {checks.MOST_MS:,} ms."
        )
    return float(value)


def check_ms(what: str, value: object) -> None:
    """A time of 0 or more, in ms."""
    if not is_number(value):
        raise TypeError(f"{what}={shown(value)} must be a number of ms; write for example 35.")
    if not 0 <= value <= checks.MOST_MS:
        raise ValueError(
            f"{what}={shown(value)} is out of range; choose a time from 0 to {checks.MOST_MS:,} ms."
        )


def check_loss(value: object) -> None:
    """A share of lost packets."""
    says = f"loss={shown(value)} is no probability below 1; choose a number from 0 to 0.99."
    if not is_number(value):
        raise TypeError(says)
    if not 0 <= value <= 0.99:
        raise ValueError(says)


def _check_between(what: str, given: object) -> None:
    """A number of ms, or one for each pair."""
    if not isinstance(given, Mapping):
        check_ms(what, given)
        return
    for pair, ms in given.items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(name, str) for name in pair)):
            raise TypeError(
                f"{what} names the pair {shown(pair)}; write two names, such as ('etcd-1', 'etcd-2')."
            )
        check_ms(f"{what}[{shown(pair)}]", ms)


def _plain_pairs(given: Between) -> Any:
    if isinstance(given, Mapping):
        return {"–".join(pair): ms for pair, ms in given.items()}
    return given
