"""Writes down what happens in a world, as the events of a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from quorumlab.cluster.events import (
    UNKNOWN,
    Entry,
    Event,
    Folded,
    Joined,
    Log,
    MessageType,
    State,
)
from quorumlab.cluster.events import Message as Sent
from quorumlab.cluster.moments import Situation, following
from quorumlab.raft import Change, Member, Message
from quorumlab.raft import Entry as RaftEntry
from quorumlab.raft.messages import Append, Appended, InstallSnapshot, Refused, Vote
from quorumlab.raft.state import SaveEntries, SaveSnapshot
from quorumlab.simulation.network import Link
from quorumlab.simulation.watch import Watch

HEARTBEATS = {Append, Appended}  # with their answers


class Recorder(Watch):
    """``events`` so far, and ``now``, what they tell. With ``heartbeats`` also the heartbeats that say nothing new, and each reset
    of a timer.
    """

    def __init__(self, heartbeats: bool) -> None:
        self.heartbeats = heartbeats
        self.events: list[Event] = []
        self.now = Situation()
        self.messages = 0
        # Members whose process runs and that take no part yet: they have no role.
        self.waiting: set[str] = set()

    def add(self, event: Event) -> None:
        """Write down one event."""
        self.events.append(event)
        self.now = following(self.now, event)

    def wants(self, link: Link, message: Message) -> bool:
        """Whether to record a message: always, but for a heartbeat or an answer that repeats the last one on
        its link.
        """
        if type(message) not in HEARTBEATS:
            return True
        if message == link.last_message and not self.heartbeats:
            return False
        link.last_message = message
        return True

    def message(self, now: int, message: Message, arrives: int | None, lost: str | None) -> int:
        """Record a message and return its number."""
        self.messages += 1
        self.events.append(
            Sent(
                now, self.messages, message_type(message), message.sender, message.to, message.term, arrives,
                UNKNOWN if lost is None else lost, **_says(message),
            )
        )  # fmt: skip
        return self.messages

    def joins(self, now: int, name: str, learner: bool) -> None:
        """Record a member that begins with nothing, for the first time or anew."""
        self.add(Joined(now, name, learner))

    def changed(self, now: int, member: Member) -> None:
        """Record what has changed in a member since the last time. Its ``writes`` tell what became of its
        log.
        """
        for record in member.writes:
            match record:
                case SaveEntries(start, entries):
                    self.add(Log(now, member.name, start, tuple(map(plain_entry, entries))))
                case SaveSnapshot(snapshot):
                    self.add(Folded(now, member.name, snapshot.last_index, snapshot.last_term))
        self.show_state(now, member)

    def stepped(self, now: int, member: Member) -> None:
        """Heartbeats reset timers and change nothing else."""
        if self.heartbeats:
            self.show_state(now, member)

    def show_state(self, now: int, member: Member) -> None:
        """Record what has changed in a member but for its log."""
        if member.name in self.waiting:
            return
        told = self.now.members[member.name]
        state = {
            "role": member.role,
            "term": member.current_term,
            "voted_for": member.voted_for,
            "leader": member.leader,
            "commit": member.commit_index,
            "timeout": member.timeout,
            "voters": member.membership.voters,
            "learners": member.membership.learners,
        }
        news = {fact: value for fact, value in state.items() if getattr(told, fact) != value}
        if ("timeout" in news or self.heartbeats) and told.due != member.due:
            news["due"] = member.due
        if news:
            self.add(State(now, member.name, **news))  # type: ignore[arg-type]

    def restarted(self, now: int, member: Member) -> None:
        """A member has started from its disk: its log is what was saved, which may be less than what was last
        shown.
        """
        log = member.log
        self.add(Log(now, member.name, log.snapshot.last_index + 1, tuple(map(plain_entry, log.entries))))


def plain_entry(entry: RaftEntry) -> Entry:
    """A log entry as a trace holds it."""
    data = entry.data
    if isinstance(data, Change):
        data = {"voters": list(data.after.voters), "learners": list(data.after.learners)}
    return Entry(entry.term, entry.kind, list(data) if isinstance(data, tuple) else data, entry.request)


def message_type(message: Message) -> MessageType:
    """The type in words: the class in lower case, but "pre_vote…" for PreVote and "heartbeat" for an Append
    without entries.
    """
    words = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(message).__name__).lstrip("_")
    if getattr(message, "pre", False):
        words = "pre_vote_request" if words == "request_vote" else "pre_vote"
    elif isinstance(message, Append) and not message.entries:
        words = "heartbeat"
    return cast(MessageType, words)


def _says(message: Message) -> Mapping[str, Any]:
    """What a message says beyond its term."""
    match message:
        case Vote():
            return {"granted": message.granted}
        case Append():
            return {"entries": len(message.entries), "commit": message.commit, "position": message.prev_index}
        case Appended():
            return {"ok": message.ok, "position": message.position}
        case InstallSnapshot():
            return {"position": message.snapshot.last_index}
        case Refused():
            return {"request": message.request, "error": message.error}
        case _:
            request = getattr(message, "request", None)
            return {} if request is None else {"request": request}
