"""What happened in a cluster, as plain data: a header and a list of events, from which the state at any
moment follows.

Every event is a dict with ``t`` (whole microseconds since the start) and ``kind``; the rest depends on the
kind:

    member   member, learner                          a member joins (all founders do at t=0)
    up       member, condition                        "up", "paused", "down" or "removed"
    state    member, and what changed of: role, term, voted_for, leader, commit, timeout (µs, newly drawn election timeout),
             due (when that timer runs out, as it stood then), voters, learners (the membership this member
             believes in)
    log      member, start, entries                   entries from number ``start`` on, in place of what stood there and after;
                                                      each is {"term", "kind", "data", "request"}
    snapshot member, last_index, last_term            entries up to ``last_index`` were folded into a snapshot
    message  id, type, from, to, term, arrives, …     sent at ``t``; ``arrives`` is None and ``lost`` says why if it never will
    lost     id, reason                               a message that arrived at a member that was down
    link     from, to, cut, delay                     a link was cut, slowed (µs each way) or healed
    invoke   op, client, verb, key, value, via, mode  a client's request
    return   op, ok, value, error, revision           its outcome

A heartbeat or its answer that repeats the last message on its link says nothing new, and is left out unless
the cluster was made with ``record_heartbeats=True``: then it is a message as any other, and each reset of a
timer is a ``state`` event with ``due``.
"""

from __future__ import annotations

import json
import math
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType
from typing import Any

from quorumlab.raft.log import Entry, Membership, Snapshot
from quorumlab.raft.messages import Append, Message
from quorumlab.raft.state import CANDIDATE, FOLLOWER, LEADER, PRE_CANDIDATE

FORMAT, VERSION = "quorumlab-trace", 1
SECOND = 1_000_000

Event = dict[str, Any]

Types = tuple[type, ...]
NAME: Types = (str,)
NUMBER: Types = (int,)
YES_NO: Types = (bool,)
LIST: Types = (list,)
MAYBE_NUMBER: Types = (int, NoneType)
MAYBE_TEXT: Types = (str, NoneType)
FIELDS: dict[str, dict[str, Types]] = {  # what every event of a kind has, and of which type as JSON has it
    "member": {"member": NAME, "learner": YES_NO},
    "up": {"member": NAME, "condition": NAME},
    "state": {"member": NAME},
    "log": {"member": NAME, "start": NUMBER, "entries": LIST},
    "snapshot": {"member": NAME, "last_index": NUMBER, "last_term": NUMBER},
    "message": {"id": NUMBER, "type": NAME, "from": NAME, "to": NAME, "term": NUMBER, "arrives": MAYBE_NUMBER},
    "lost": {"id": NUMBER, "reason": NAME},
    "link": {"from": NAME, "to": NAME, "cut": YES_NO, "delay": NUMBER},
    "invoke": {
        "op": NUMBER, "client": NAME, "verb": NAME, "key": NAME, "value": (str, list, NoneType), "via": NAME,
        "mode": NAME,
    },
    "return": {"op": NUMBER, "ok": YES_NO, "value": MAYBE_TEXT, "error": MAYBE_TEXT, "revision": MAYBE_NUMBER},
}  # fmt: skip
STATE: dict[str, Types] = {  # a member's first state has all of these, a later one what changed
    "role": NAME, "term": NUMBER, "voted_for": MAYBE_TEXT, "leader": MAYBE_TEXT, "commit": NUMBER, "timeout": NUMBER,
    "due": NUMBER, "voters": LIST, "learners": LIST,
}  # fmt: skip
ENTRY: dict[str, Types] = {
    "term": NUMBER, "kind": NAME, "data": (str, list, dict, NoneType), "request": MAYBE_NUMBER,
}  # fmt: skip
WORDS = {
    "condition": ("up", "paused", "down", "removed"),
    "role": (FOLLOWER, PRE_CANDIDATE, CANDIDATE, LEADER),
}


class TraceError(ValueError):
    """A file or text that is not a trace this version can read. The message says which, and what is wrong."""


@dataclass
class Trace:
    """A recording. ``until`` is when it ends, in µs; ``settings`` are those of the cluster; ``events`` are in
    order of time.
    """

    seed: Any
    settings: dict[str, Any]
    until: int = 0
    events: list[Event] = field(default_factory=list)

    def to_json(self) -> str:
        """The trace as JSON text, byte for byte the same for the same run on every platform."""
        whole = {
            "format": FORMAT,
            "version": VERSION,
            "seed": self.seed,
            "settings": self.settings,
            "until": self.until,
            "events": self.events,
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, source: str = "this text") -> Trace:
        """Read what ``to_json`` wrote. Raises TraceError if ``text`` is damaged, foreign or of another
        version.
        """
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TraceError(
                f"{source} is no JSON ({error}); it may be cut short, so save the trace again."
            ) from None
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise TraceError(f"{source} is not a trace of quorumlab; save one with trace.save(path).")
        if whole.get("version") != VERSION:
            raise TraceError(
                f"{source} is a trace of version {whole.get('version')!r}, but this quorumlab reads version {VERSION}; "
                "save it again with this one."
            )
        problem = _damage(whole)
        if problem:
            raise TraceError(f"{source} is a damaged trace: {problem}; save it again.")
        return cls(whole["seed"], whole["settings"], whole["until"], whole["events"])

    def save(self, path: str | Path) -> None:
        """Write ``to_json`` to a file, as UTF-8. Raises OSError where that cannot be."""
        Path(path).write_text(self.to_json(), encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Raises TraceError for what is no trace, and OSError where there is no such file."""
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise TraceError(f"{path} is not text, so no trace; save one with trace.save(path).") from None
        return cls.from_json(text, str(path))

    def at(self, seconds: float) -> dict[str, Any]:
        """The state ``seconds`` after the start, with everything a picture of that moment needs:

        members    {name: {condition, learner, role, term, voted_for, leader, commit, timeout, due, voters, learners,
                   log: [entry], first: number of log[0]}}
        messages   the message events in flight then
        links      {(from, to): {"cut", "delay"}} for each link with a fault
        requests   the invoke events not yet answered

        Raises TypeError if ``seconds`` is no number, and ValueError if it lies outside the recording.
        """
        end = self.until / SECOND
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"{seconds!r} is no time; give a number of seconds from 0 to {end}.")
        if not 0 <= seconds < math.inf:
            raise ValueError(f"{seconds!r} s is outside this trace; choose from 0 to {end} s.")
        now = round(seconds * SECOND)
        if now > self.until:
            raise ValueError(f"{seconds!r} s is outside this trace; choose from 0 to {end} s.")
        return _state(self.events, now)

    @property
    def members(self) -> tuple[str, ...]:
        """All members that ever were, in the order they joined."""
        return tuple(dict.fromkeys(e["member"] for e in self.events if e["kind"] == "member"))


def _damage(whole: dict[str, Any]) -> str | None:
    """What is wrong with a trace that is JSON, in a few words, or None."""
    events, until = whole.get("events"), whole.get("until")
    if not isinstance(whole.get("settings"), dict) or "seed" not in whole:
        return "it has no seed or no settings"
    if type(until) is not int or not isinstance(events, list):
        return "it has no end or no events"
    election = whole["settings"].get("election_ms")
    times = election if isinstance(election, list) and len(election) == 2 else [election]
    if not all(type(ms) in (int, float) for ms in times):
        return "its settings lack election_ms"
    before = 0
    members: dict[str, bool] = {}  # whether each has had its first state
    for number, event in enumerate(events):
        if not isinstance(event, dict) or type(event.get("t")) is not int:
            return f"event {number} is no event"
        kind = event.get("kind")
        if not isinstance(kind, str) or kind not in FIELDS:
            return f"event {number} is of no known kind"
        if not before <= event["t"] <= until:
            return f"event {number} is out of order"
        before = event["t"]
        problem = _event_damage(event, members)
        if problem:
            return f"event {number} ({kind}) {problem}"
    return None


def _event_damage(event: Event, members: dict[str, bool]) -> str | None:
    """What is wrong with one event, given the members so far, or None. Notes what it says of ``members``."""
    kind = event["kind"]
    problem = _wrong_fields(event, FIELDS[kind])
    if problem:
        return problem
    if kind == "member":
        members[event["member"]] = False
    for role in ("member", "from", "to", "via"):
        if role in FIELDS[kind] and event[role] not in members:
            return f"names {event[role]!r}, which is no member"
    match kind:
        case "state":
            first = not members[event["member"]]
            members[event["member"]] = True
            return _wrong_fields(event, STATE if first else {k: v for k, v in STATE.items() if k in event})
        case "log":
            broken = (_wrong_fields(entry, ENTRY) for entry in event["entries"])
            return next((f"has an entry that {problem}" for problem in broken if problem), None)
        case "message" if event["type"] in ("vote", "pre_vote"):
            return _wrong_fields(event, {"granted": YES_NO})
        case "invoke" if event["verb"] == "cas":
            value = event["value"]
            return None if isinstance(value, list) and len(value) == 2 else "has no pair as its value"
    return None


def _wrong_fields(what: object, fields: dict[str, Types]) -> str | None:
    """The first of ``fields`` that is missing or of another type, in a few words, or None."""
    if not isinstance(what, dict):
        return f"is {what!r}"
    for name, types in fields.items():
        if name not in what:
            return f"lacks {name}"
        if type(what[name]) not in types or (name in WORDS and what[name] not in WORDS[name]):
            return f"has {name} {what[name]!r}"
    return None


def _state(events: list[Event], now: int) -> dict[str, Any]:
    members: dict[str, dict[str, Any]] = {}
    messages: dict[int, Event] = {}
    links: dict[tuple[str, str], dict[str, Any]] = {}
    requests: dict[int, Event] = {}
    for event in events:
        if event["t"] > now:
            break
        match event["kind"]:
            case "member":
                members[event["member"]] = {
                    "condition": "up", "learner": event["learner"], "role": None, "term": 0, "voted_for": None,
                    "leader": None, "commit": 0, "timeout": None, "due": None, "voters": [], "learners": [],
                    "log": [], "first": 1,
                }  # fmt: skip
            case "up":
                members[event["member"]]["condition"] = event["condition"]
            case "state":
                members[event["member"]].update(
                    {k: v for k, v in event.items() if k not in ("t", "kind", "member")}
                )
            case "log":
                member = members[event["member"]]
                if event["start"] < member["first"]:  # a snapshot was lost in a crash, before it was on disk
                    member["log"], member["first"] = [], event["start"]
                member["log"][event["start"] - member["first"] :] = event["entries"]
            case "snapshot":
                member = members[event["member"]]
                folded = event["last_index"] + 1 - member["first"]
                covered = member["log"][:folded]
                if folded > 0 and (len(covered) < folded or covered[-1]["term"] != event["last_term"]):
                    member["log"] = []  # it does not agree with the snapshot, so nothing after it can stay
                else:
                    del member["log"][: max(folded, 0)]
                member["first"] = event["last_index"] + 1
            case "message" if event["arrives"] is not None and event["arrives"] > now:
                messages[event["id"]] = event
            case "link":
                if event["cut"] or event["delay"]:
                    links[event["from"], event["to"]] = {"cut": event["cut"], "delay": event["delay"]}
                else:
                    links.pop((event["from"], event["to"]), None)
            case "invoke":
                requests[event["op"]] = event
            case "return":
                requests.pop(event["op"], None)
    return deepcopy(
        {
            "members": members,
            "messages": list(messages.values()),
            "links": links,
            "requests": list(requests.values()),
        }
    )


def plain_entry(entry: Entry) -> dict[str, Any]:
    """A log entry as JSON can hold it."""
    data = entry.data
    if isinstance(data, Membership):
        data = {"voters": list(data.voters), "learners": list(data.learners)}
    return {
        "term": entry.term,
        "kind": entry.kind,
        "data": list(data) if isinstance(data, tuple) else data,
        "request": entry.request,
    }


def message_type(message: Message) -> str:
    """The type in words: the class in lower case, but "pre_vote…" for PreVote and "heartbeat" for an Append
    without entries.
    """
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(message).__name__).lstrip("_")
    if getattr(message, "pre", False):
        return "pre_vote_request" if words == "request_vote" else "pre_vote"
    return "heartbeat" if isinstance(message, Append) and not message.entries else words


def plain_message(message: Message) -> dict[str, Any]:
    """Everything a message says, as JSON can hold it; entries and snapshots stand in the receiver's log, so
    here only where.
    """
    said: dict[str, Any] = {"type": message_type(message), "from": message.sender, "to": message.to}
    for name, value in message._asdict().items():
        match value:
            case Snapshot():
                said["last_index"] = value.last_index
            case tuple() if name == "entries":
                said["entries"] = len(value)
            case tuple():
                said[name] = list(value)
            case _ if name not in ("sender", "to", "pre"):
                said[name] = value
    return said
