"""The sentences of a story, from what was told before and after an event; ``story`` decides what is told."""

from __future__ import annotations

from collections.abc import Mapping

from quorumlab.cluster.events import SECOND, UNKNOWN, Entry, Invoke, Log, Message
from quorumlab.cluster.moments import Entries, MemberState, Situation
from quorumlab.cluster.protocol import ERRORS
from quorumlab.words import upper_first

MOST_SEARCHED = 200  # newest entries of a log in which a request is looked for


def entry_words(entry: Entry) -> str:
    """What an entry carries, in a few characters."""
    match entry.kind, entry.data:
        case "command", ["put", key, value]:
            return f"{key} = {value}"
        case "command", ["cas", key, expected, value]:
            return f"{key}: {'nothing' if expected is None else expected} → {value}"
        case "membership", {"voters": voters, "learners": learners}:
            return f"members: {', '.join([*voters, *(f'{name} (learner)' for name in learners)])}"
        case "noop", _:
            return f"the empty first entry of term {entry.term}"
    return str(entry.data)


def beginning(now: Situation) -> str:
    """How many members there are when it all begins."""
    count = len(now.members)
    what = "1 member starts" if count == 1 else f"{count} members start"
    if any(member.role != "follower" for member in now.members.values()):
        return f"{what}."  # their roles are not all seen, or they have been running
    return f"{what}, as {'a follower' if count == 1 else 'followers'}: nobody leads yet."


def why_not_leader(name: str, before: MemberState, after: MemberState) -> str:
    """``: why``, as far as it can be seen."""
    if grew(before.term, after.term):
        return f": it has heard of term {after.term}, which is newer than its own"
    if isinstance(after.leader, str) and after.leader != name:  # two led one term: a planted fault
        return f": it has heard from {after.leader}, which leads term {after.term} as well"
    if after.voters is UNKNOWN:
        return ""
    if name not in after.voters:
        return ": its own removal is committed"
    return ": no majority has answered it for an election timeout"


def grew(before: object, after: object) -> bool:
    """Whether a term is known to have become a later one."""
    return isinstance(before, int) and isinstance(after, int) and after > before


def stands(name: str, before: MemberState, after: MemberState) -> str:
    """A member that becomes a candidate, perhaps once more."""
    lost = before.role == "candidate" and before.timeout != after.timeout
    again = f"Nobody has won term {before.term}; " if lost else ""
    return f"{again}{name} stands for election in term {after.term}: it votes for itself and asks the others."


def asks_whether_to_stand(now: int, name: str, before: MemberState) -> str:
    """A member that becomes a pre-candidate, and why it does."""
    if before.timed == before.due == now > before.started:  # somebody made it run out
        return f"{name} asks the others whether it should stand."
    waited = before.timeout if isinstance(before.timeout, int) else 0
    since = f" for its election timeout of at most {waited / SECOND:.3f} s" if waited else ""
    why = (
        f"has heard from no leader{since}"
        if now > before.started and (not isinstance(before.due, int) or before.due <= now)
        else "need not wait for its election timeout, as it is to lead first"
    )
    return f"{name} {why}, and asks the others whether it should stand."


def numbered(log: object, index: int) -> str:
    """An entry by its number, and what it carries where that is known."""
    entry = log.numbered(index) if isinstance(log, Entries) else None
    return str(index) if entry is None else f"{index} ({entry_words(entry)})"


def who_has(now: Situation, index: int, entry: Entry) -> list[str]:
    """Who has this entry: by Log Matching, those whose entry of that number is of the same term."""
    return [
        name
        for name, member in now.members.items()
        if isinstance(member.log, Entries)
        and (other := member.log.numbered(index)) is not None
        and other.term == entry.term
    ]


def entry_of(log: Entries, request: int) -> tuple[int, int] | None:
    """The number and the term of the newest entry that answers a client's request."""
    for number in range(log.last, max(log.last - MOST_SEARCHED, log.first - 1), -1):
        entry = log.numbered(number)
        if entry is not None and entry.request == request:
            return number, entry.term
    return None


def dropped(event: Log, member: MemberState, committed: Mapping[int, int]) -> list[str]:
    """What new entries push out of a log, or a restart has not found on the disk; ``committed`` has the terms of what leaders have
    called committed, by number."""
    if not isinstance(member.log, Entries):
        return []
    new = dict(enumerate(event.entries, event.start))
    gone = [
        number
        for number in range(max(event.start, member.log.first), member.log.last + 1)
        if number not in new or new[number].term != member.log[number - member.log.first].term
    ]
    if not gone:
        return []
    which = f"entry {gone[0]}" if len(gone) == 1 else f"entries {gone[0]} to {gone[-1]}"
    was = "was" if len(gone) == 1 else "were"
    if member.started == event.t:
        return [f"{event.member} has lost its {which}, which {was} not yet on its disk."]
    if any(committed.get(number) == member.log[number - member.log.first].term for number in gone):
        return [
            f"{event.member} drops its {which} for what the leader has, though a leader had called {'it' if len(gone) == 1 else 'some'} committed."
        ]
    return [f"{event.member} drops its {which}, which {was} never committed, for what the leader has."]


# ---------------------------------------------------------------- requests


def error_words(error: str, verb: str) -> str:
    """What an error means to whoever asked for ``verb``; a read that was not answered has changed nothing."""
    if (error, verb) == ("timeout", "read"):
        return "no answer in time"
    return {str(word): said for word, said in ERRORS.items()}.get(error, "it did not happen")


ANYBODY = "client"
"""A client that was given no name."""


def asker(event: Invoke) -> str:
    """Who asks, by name where it has one. Memberships are the operator's to change; all else is asked by clients."""
    if event.verb not in ("read", "write", "cas"):
        return "the operator"
    return "the client" if event.client == ANYBODY else event.client


def opening(who: str) -> str:
    """Who asks, where a sentence begins; a name that was given stays as it was given."""
    return upper_first(who) if who in ("the client", "the operator") else who


def request_words(event: Invoke) -> str:
    """What is asked, after *asks etcd-1 to*."""
    match event.verb, event.value:
        case "write", value:
            return f"write {event.key} = {value}"
        case "read", _:
            return f"read {event.key}{', stale or not' if event.mode == 'serializable' else ''}"
        case "cas", (expected, new):
            return f"set {event.key} to {new} if it is {'not there' if expected is None else expected}"
    return f"{event.verb.replace('_', ' ')} {event.key}"


# ---------------------------------------------------------------- messages

CARRIES = {
    "pre_vote_request": "the question whether to stand",
    "pre_vote": "the answer whether to stand",
    "request_vote": "the request for a vote",
    "vote": "the vote",
    "append": "the new entries",
    "heartbeat": "the heartbeat",
    "appended": "the acknowledgement",
    "install_snapshot": "the snapshot",
    "timeout_now": "the request to take over",
    "propose": "the write, passed on",
    "read_index": "the question about a read",
    "readable": "the answer about a read",
    "refused": "the refusal",
}
"""What a message is, by its type."""


def message_words(message: Message) -> str:
    """``the new entries from etcd-1 to etcd-2``"""
    return f"{CARRIES[message.type]} from {message.sender} to {message.to}"
