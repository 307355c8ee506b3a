"""The events of a trace: each thing that can happen in a cluster, as plain frozen data, and as JSON holds it.

Every event has ``t``, whole µs since the start. A fact that the world cannot see is ``UNKNOWN``, and is left out of the file: a
real etcd shows no votes, logs or timers. ``None`` is a fact: a member that voted for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Final, Literal, NamedTuple, Union, cast, get_args, get_origin, get_type_hints

from quorumlab.arguments import shown

SECOND = 1_000_000
"""Whole µs."""

Role = Literal["follower", "pre-candidate", "candidate", "leader"]
Condition = Literal["up", "paused", "down", "removed"]
Mode = Literal["linearizable", "serializable"]
MessageType = Literal[
    "pre_vote_request", "pre_vote", "request_vote", "vote", "append", "heartbeat", "appended", "install_snapshot",
    "timeout_now", "propose", "read_index", "readable", "refused",
]  # fmt: skip


class Unknown(Enum):
    """What this world cannot see, or an event does not tell."""

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


class Entry(NamedTuple):
    """A log entry. ``kind`` is "noop", "command" or "membership"; ``data`` is what it carries, as JSON holds it; ``request``
    the number of the client's request."""

    term: int
    kind: str
    data: str | list[Any] | dict[str, Any] | None = None
    request: int | None = None


class Joined(NamedTuple):
    """A member joins, for the first time or anew; all founders do at t=0."""

    t: int
    member: str
    learner: bool


class Process(NamedTuple):
    """A member's process starts or goes on, stands still, or ends; "removed" when it has left the cluster for good."""

    t: int
    member: str
    condition: Condition


class State(NamedTuple):
    """What has changed in a member. ``timeout`` (µs) is a newly drawn election timeout and ``due`` when it runs out, as it stood
    then; ``voters`` and ``learners`` are the membership that this member believes in.
    """

    t: int
    member: str
    role: Role | Unknown | None = UNKNOWN
    term: int | Unknown = UNKNOWN
    voted_for: str | Unknown | None = UNKNOWN
    leader: str | Unknown | None = UNKNOWN
    commit: int | Unknown = UNKNOWN
    timeout: int | Unknown = UNKNOWN
    due: int | Unknown = UNKNOWN
    voters: tuple[str, ...] | Unknown = UNKNOWN
    learners: tuple[str, ...] | Unknown = UNKNOWN


class Log(NamedTuple):
    """Entries from number ``start`` on, in place of what stood there and after."""

    t: int
    member: str
    start: int
    entries: tuple[Entry, ...]


class Folded(NamedTuple):
    """Entries up to ``last_index`` were folded into a snapshot, or one took their place."""

    t: int
    member: str
    last_index: int
    last_term: int


class Message(NamedTuple):
    """A message between members, sent at ``t``; ``arrives`` is None, and ``lost`` says why, if it never will.

    ``granted`` is what a vote says, ``ok`` an answer to an Append; ``entries`` is how many an Append brings, ``commit`` the commit
    index it tells, ``position`` the last entry that its answer speaks of, ``request`` the client's request.
    """

    t: int
    id: int
    type: MessageType
    sender: str
    to: str
    term: int
    arrives: int | None
    lost: str | Unknown | None = UNKNOWN
    granted: bool | Unknown = UNKNOWN
    ok: bool | Unknown = UNKNOWN
    entries: int | Unknown = UNKNOWN
    commit: int | Unknown = UNKNOWN
    position: int | Unknown = UNKNOWN
    request: int | Unknown = UNKNOWN
    error: str | Unknown = UNKNOWN


DROPPED = "dropped"
"""Why a message is lost that somebody took out of the network."""


class Lost(NamedTuple):
    """A message that arrived at a member that was down, or, as its ``reason`` is ``DROPPED``, was lost on its way at ``t``."""

    t: int
    id: int
    reason: str


class Link(NamedTuple):
    """A link was cut, slowed (µs each way) or healed, in one direction."""

    t: int
    sender: str
    to: str
    cut: bool
    delay: int


class Disk(NamedTuple):
    """From now on each disk write of a member takes ``delay`` µs longer."""

    t: int
    member: str
    delay: int


class Invoke(NamedTuple):
    """A client, or the operator, asks member ``via``: "read", "write", "cas" or a change of the membership."""

    t: int
    op: int
    client: str
    verb: str
    key: str
    value: str | tuple[str | None, ...] | None
    via: str
    mode: Mode


class Return(NamedTuple):
    """What the client was told. ``reached`` is what only the world knows: whether the request reached a leader, so that it may
    happen."""

    t: int
    op: int
    ok: bool
    value: str | None
    error: str | None
    revision: int | None
    reached: bool | Unknown = UNKNOWN


Event = Joined | Process | State | Log | Folded | Message | Lost | Link | Disk | Invoke | Return

KINDS: Mapping[str, type[Event]] = {
    "member": Joined,
    "process": Process,
    "state": State,
    "log": Log,
    "snapshot": Folded,
    "message": Message,
    "lost": Lost,
    "link": Link,
    "disk": Disk,
    "invoke": Invoke,
    "return": Return,
}
"""The kinds of event by the word that stands for each in a file."""

KIND_OF: Mapping[type, str] = {event: kind for kind, event in KINDS.items()}
NAMES_OF_MEMBERS = ("member", "sender", "to", "via")


# ---------------------------------------------------------------- events as JSON holds them


def plain(event: Event) -> dict[str, Any]:
    """An event as JSON holds it: what it does not tell is left out."""
    told = zip(event._fields, event, strict=True)
    said: dict[str, Any] = {name: value for name, value in told if value is not UNKNOWN}
    if isinstance(event, Log):
        said["entries"] = [entry._asdict() for entry in event.entries]
    return {"t": event.t, "kind": KIND_OF[type(event)], **said}


class Damage(Exception):  # noqa: N818  (it is a finding, not a fault of the program)
    """What is wrong with a trace that is JSON, in a few words."""


def read_events(given_events: list[Any], until: int) -> tuple[Event, ...]:
    """The events of a trace that ends at ``until`` µs, from what JSON holds. Raises Damage unless each is of a known kind, in
    order of time, and about members that have joined."""
    made: list[Event] = []
    joined: set[str] = set()
    before = 0
    for number, given in enumerate(given_events):
        if not isinstance(given, dict) or type(given.get("t")) is not int:
            raise Damage(f"event {number} is no event")
        kind = given.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Damage(f"event {number} is of no known kind")
        if not before <= given["t"] <= until:
            raise Damage(f"event {number} is out of order")
        before = given["t"]
        try:
            event = cast(Event, _made(KINDS[kind], {k: v for k, v in given.items() if k != "kind"}))
            if isinstance(event, Joined):
                joined.add(event.member)
            _names_members(event, joined)
        except Damage as problem:
            raise Damage(f"event {number} ({kind}) {problem}") from None
        made.append(event)
    return tuple(made)


def _names_members(event: Event, joined: set[str]) -> None:
    for name in NAMES_OF_MEMBERS:
        member = getattr(event, name, None)
        if member is not None and member not in joined:
            raise Damage(f"names {shown(member)}, which is no member")
    if (
        isinstance(event, Invoke)
        and event.verb == "cas"
        and not (type(event.value) is tuple and len(event.value) == 2)
    ):
        raise Damage("has no pair as its value")  # fmt: skip


def _made(kind: type, given: dict[str, Any]) -> NamedTuple:
    """An event or an entry from what JSON holds. Raises Damage for a field that is missing, unknown or of another type."""
    fields, needed = _fields(kind)
    for name in needed:
        if name not in given:
            raise Damage(f"lacks {name}")
    for name in given:
        if name not in fields:
            raise Damage(f"has the unknown field {shown(name)}")
    return cast(NamedTuple, kind(**{name: fields[name](name, value) for name, value in given.items()}))


Reads = Callable[[str, Any], Any]


@cache
def _fields(kind: type) -> tuple[dict[str, Reads], tuple[str, ...]]:
    """How each field of a NamedTuple is read, and which may not be missing."""
    hints = get_type_hints(kind)
    defaults: Mapping[str, Any] = kind._field_defaults  # type: ignore[attr-defined]
    return {name: _reads(hint) for name, hint in hints.items()}, tuple(n for n in hints if n not in defaults)


def _reads(hint: Any) -> Reads:
    """How a value of a type is read: given the field's name and what JSON holds, the value; raises Damage if it does not fit."""
    options = [
        h for h in (get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)) if h is not Unknown
    ]
    words = {word for h in options if get_origin(h) is Literal for word in get_args(h)}
    types = {get_origin(h) or h for h in options} - {Literal, tuple}
    items = next((get_args(h)[0] for h in options if get_origin(h) is tuple), None)
    one = None if items is None else (_entry if items is Entry else _reads(items))

    def read(name: str, value: Any) -> Any:
        if one is not None and type(value) is list:
            return tuple(one(name, item) for item in value)
        if type(value) in types or (type(value) is str and value in words):
            return value
        raise Damage(f"has {name} {shown(value)}")

    return read  # fmt: skip


def _entry(name: str, value: Any) -> Entry:
    if not isinstance(value, dict):
        raise Damage(f"has an entry that is {shown(value)}")
    try:
        return cast(Entry, _made(Entry, value))
    except Damage as problem:
        raise Damage(f"has an entry that {problem}") from None
