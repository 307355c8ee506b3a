"""Writes down what happens in a world, as the events that ``trace.py`` describes."""

from __future__ import annotations

from typing import Any

from quorumlab.cluster.trace import Event, plain_entry, plain_message
from quorumlab.raft import Member, Message
from quorumlab.raft.messages import Append, Appended
from quorumlab.raft.state import SaveEntries, SaveSnapshot
from quorumlab.simulation.network import Link

HEARTBEATS = {Append, Appended}  # with their answers


class Recorder:
    """``events`` so far. With ``heartbeats`` also the heartbeats that say nothing new, and each reset of a
    timer.
    """

    def __init__(self, heartbeats: bool) -> None:
        self.heartbeats = heartbeats
        self.events: list[Event] = []
        self.messages = 0
        self.shown: dict[str, Event] = {}  # what the events say of each member's state now

    def event(self, now: int, kind: str, **what: Any) -> None:
        """Write down one event at ``now`` µs."""
        self.events.append({"t": now, "kind": kind, **what})

    def joins(self, now: int, name: str, learner: bool) -> None:
        """Record a member that begins with nothing, for the first time or anew."""
        self.shown.pop(name, None)
        self.event(now, "member", member=name, learner=learner)

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
        why = {"lost": lost} if lost else {}
        self.event(now, "message", id=self.messages, **plain_message(message), arrives=arrives, **why)
        return self.messages

    def show(self, now: int, member: Member) -> None:
        """Record what has changed in a member since the last time. Its ``writes`` tell what became of its
        log.
        """
        for record in member.writes:
            match record:
                case SaveEntries(start, entries):
                    plain = [plain_entry(entry) for entry in entries]
                    self.event(now, "log", member=member.name, start=start, entries=plain)
                case SaveSnapshot(snapshot):
                    self.event(
                        now,
                        "snapshot",
                        member=member.name,
                        last_index=snapshot.last_index,
                        last_term=snapshot.last_term,
                    )
        self.show_state(now, member)

    def show_state(self, now: int, member: Member) -> None:
        """Record what has changed in a member but for its log."""
        state = {
            "role": member.role,
            "term": member.current_term,
            "voted_for": member.voted_for,
            "leader": member.leader,
            "commit": member.commit_index,
            "timeout": member.timeout,
            "voters": list(member.membership.voters),
            "learners": list(member.membership.learners),
        }
        before = self.shown.get(member.name, {})
        news = {key: value for key, value in state.items() if key not in before or before[key] != value}
        if "timeout" in news or self.heartbeats:
            state["due"] = member.due
            if before.get("due") != member.due:
                news["due"] = member.due
        if news:
            self.shown[member.name] = before | state
            self.event(now, "state", member=member.name, **news)

    def restarted(self, now: int, member: Member) -> None:
        """A member has started from its disk: its log is what was saved, which may be less than what was last
        shown.
        """
        log = member.log
        if log.last_index or member.name in self.shown:
            self.event(
                now,
                "log",
                member=member.name,
                start=log.snapshot.last_index + 1,
                entries=[plain_entry(entry) for entry in log.entries],
            )
