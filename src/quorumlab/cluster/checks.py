"""What the verbs take, checked the same way for every world.

Each refusal is one sentence: the value, what is allowed, what to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from quorumlab.arguments import bounded, is_number, shortened, shown, truth
from quorumlab.latency.rtt import EVERY_CLIENT
from quorumlab.quorums import QuorumSystem, majority
from quorumlab.topology import Topology
from quorumlab.words import plural

MS, SECOND = 1_000, 1_000_000  # in µs
MOST_SECONDS = 1_000_000_000  # thirty years
MOST_MS = 86_400_000  # a day is more than anybody waits
# etcd takes requests of 1.5 MiB (DefaultMaxRequestBytes in server/embed/config.go), its own frame around keys and values among them.
MOST_REQUEST_BYTES = 1_500_000
KEYS = {
    "read": 1,
    "write": 1,
    "cas": 3,
}  # how often a request says its key: to compare, to write, and to read what stands there


def founders(size: object) -> object:
    """The members that a cluster begins with, as a caller gave them: a number, names, a topology, or a system of majorities."""
    if isinstance(size, QuorumSystem) and size != majority(list(size.members)):
        raise ValueError(
            f"a cluster votes by majority, and {shown(size)} does not; give its members, as in SimulatedCluster(system.members)."
        )
    return getattr(size, "members", size)


def without_vote(size: object, max_learners: object) -> tuple[str, ...]:
    """The learners of a topology, of which a cluster takes ``max_learners`` at most; none where there is no topology."""
    learners = size.learners if isinstance(size, Topology) else ()
    if learners and is_number(max_learners) and len(learners) > max_learners:
        raise ValueError(
            f"{plural(len(learners), 'learner')} ({', '.join(learners)}) are more than max_learners={max_learners} allows, which is 1 in etcd "
            f"unless said otherwise; give max_learners={len(learners)}, or leave some out."
        )
    return learners


def without_data(size: object) -> tuple[str, ...]:
    """The witnesses of a topology, which vote and hold no data: not in etcd."""
    return size.witnesses if isinstance(size, Topology) else ()


def version_numbers(version: object) -> tuple[int, int, int]:
    """``(3, 5, 1)`` from "3.5.1" or "3.5.1-rc.0"."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version) if isinstance(version, str) else None
    if numbers is None:
        raise ValueError(f"{shown(version)} is no version of etcd; write one such as '3.5.1'.")
    major, minor, patch = map(int, numbers.groups())
    return major, minor, patch


def client_ms(given: object) -> dict[tuple[str, str], float]:
    """How long requests of a client take to a member: ms by (client, member); none for None."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise TypeError(
            f"client_ms={shown(given)} says nothing by client and member; write for example {{('Ada', 'etcd-1'): 35}}."
        )
    for pair, ms in given.items():
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(name, str) for name in pair)):
            raise TypeError(
                f"client_ms names the pair {shown(pair)}; write a client and a member, such as ('Ada', 'etcd-1')."
            )
        if not is_number(ms):
            raise TypeError(
                f"client_ms[{shown(pair)}]={shown(ms)} must be a number of ms; write for example 35."
            )
        if not 0 <= ms <= MOST_MS:
            raise ValueError(
                f"client_ms[{shown(pair)}]={shown(ms)} is out of range; choose a time from 0 to {MOST_MS:,} ms."
            )
    return dict(given)


def client_way_ms(ways: Mapping[tuple[str, str], float], client: str, member: str) -> float:
    """How long a client's request takes to a member, and the answer back, in ms."""
    return float(ways.get((client, member), ways.get((EVERY_CLIENT, member), 0.0)))


def member_name(name: object) -> str:
    """A member's name is text."""
    says = f"{shown(name)} is no name of a member; write a text such as 'etcd-1'."
    if not isinstance(name, str):
        raise TypeError(says)
    if not name:
        raise ValueError(says)
    return name


def new_name(name: object) -> str:
    """A name that etcd can give a member: its list of members is written with ``=`` and ``,``."""
    text = member_name(name)
    if set(text) & set("=,"):
        raise ValueError(
            f"{shown(text)} cannot name a member of etcd, which reads = and , otherwise; leave them out."
        )
    return text


def known(name: object, there: Collection[str]) -> str:
    """A name that is one of those ``there``."""
    text = member_name(name)
    if text not in there:
        raise ValueError(f"there is no member {shown(text)}; name one of {shortened(there)}.")
    return text


def directions(a: object, b: object, there: Collection[str], one_way: bool = False) -> list[tuple[str, str]]:
    """The link from ``a`` to ``b``, and the way back unless ``one_way``."""
    one_way = truth(one_way, "one_way")
    one, other = known(a, there), known(b, there)
    if one == other:
        raise ValueError(f"{shown(one)} has no link to itself; name two members.")
    return [(one, other)] if one_way else [(one, other), (other, one)]


def group_of_each(groups: Iterable[object], there: Collection[str]) -> dict[str, int]:
    """For each member the number of its group in a partition; those that no group names are in group 0."""
    group_of: dict[str, int] = {}
    for number, group in enumerate(groups, 1):
        for name in _group_members(group):
            if group_of.setdefault(known(name, there), number) != number:
                raise ValueError(f"{shown(name)} is in two groups; put each member into one.")
    return {name: group_of.get(name, 0) for name in there}


def _group_members(group: object) -> list[str]:
    if isinstance(group, str):
        raise TypeError(f"a group is a set of names, not the text {shown(group)}; write {{{shown(group)}}}.")
    if not isinstance(group, Iterable):
        raise TypeError(f"{shown(group)} is no group of members; write a set of names such as {{'etcd-1'}}.")
    return sorted(map(member_name, bounded(group, "the members of a group")))


def healed(link: tuple[object, ...]) -> None:
    """What ``heal`` takes: no name or two."""
    if link and len(link) != 2:
        raise TypeError(
            f"heal takes no name or two, not {len(link)}; write heal() or heal('etcd-1', 'etcd-2')."
        )


def condition(given: object) -> None:
    """What ``run_until`` asks is a function without arguments."""
    if not callable(given):
        raise TypeError(
            f"the condition is {shown(given)}, but must be a function that is asked again and again; write lambda: … before it."
        )


def micros(seconds: object, what: str) -> int:
    """``seconds`` in whole µs."""
    says = f"{what}={shown(seconds)} is no time; give a number of seconds from 0 to {MOST_SECONDS:,}."
    if not is_number(seconds):
        raise TypeError(says)
    if not 0 <= seconds <= MOST_SECONDS:  # NaN fails this too
        raise ValueError(says)
    return round(float(seconds) * SECOND)


def extra_delay(ms: object) -> int:
    """What a link or a disk is slowed by, in whole µs."""
    says = f"ms={shown(ms)} is no delay; give a number of ms from 0 to {MOST_MS:,}."
    if not is_number(ms):
        raise TypeError(says)
    if not 0 <= ms <= MOST_MS:
        raise ValueError(says)
    return round(float(ms) * MS)


def request(kind: object, key: object, value: object, mode: object, client: object) -> None:
    """A client's request: what it is, on which key, with which value, how a read is answered, and who asks."""
    if not isinstance(client, str):
        raise TypeError(f"client {shown(client)} is no name; write a text such as 'Ada'.")
    if not isinstance(kind, str) or kind not in ("read", "write", "cas"):
        raise ValueError(f"kind {shown(kind)} is unknown; use 'read', 'write' or 'cas'.")
    if not isinstance(mode, str) or mode not in ("linearizable", "serializable"):
        raise ValueError(f"mode {shown(mode)} is unknown; use 'linearizable' or 'serializable'.")
    if mode == "serializable" and kind != "read":
        raise ValueError(f"a {kind} cannot be serializable, only reads can; leave mode out.")
    if not isinstance(key, str):
        raise TypeError(f"{shown(key)} is no key; keys are text as in etcd, so write it as a str.")
    if not key:
        raise ValueError("'' is no key; etcd takes no empty one, so write at least one character.")
    for text in _texts(str(kind), value):
        if not isinstance(text, str):
            raise TypeError(f"{shown(text)} is no value; values are text as in etcd, so write it as a str.")
    size = sum(_kept_bytes(str(text)) for text in (*[key] * KEYS[str(kind)], *_texts(str(kind), value)))
    _kept_bytes(client)
    if size > MOST_REQUEST_BYTES:
        raise ValueError(
            f"the {kind} of {shown(key[:20])} has {size:,} bytes, but etcd takes at most {MOST_REQUEST_BYTES:,} in a request; write less at a time."
        )


def _kept_bytes(text: str) -> int:
    """How many bytes a text takes where it is kept."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise ValueError(
            f"{shown(text)} holds half a character, which no file can keep; write it whole."
        ) from None


def _texts(kind: str, value: object) -> tuple[object, ...]:
    """The values that must be text."""
    if kind == "write":
        return (value,)
    if kind == "read":
        if value is not None:
            raise TypeError(f"a read takes no value, but got {shown(value)}; leave it out.")
        return ()
    if not (isinstance(value, tuple) and len(value) == 2):
        raise TypeError(
            f"the value of a cas is {shown(value)}, but must be a pair (expected, new); write one."
        )
    expected, new = value
    return (new,) if expected is None else value
