"""What happened, in a learner's words: the events of a trace that matter, each as one sentence.

Left out are heartbeats, single copies of an entry and all else that only repeats what a sentence has said; and whatever the
world cannot see. What only a simulator can know, beyond what a client is told, is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from typing import Any

from quorumlab.cluster.events import (
    SECOND,
    UNKNOWN,
    Disk,
    Entry,
    Event,
    Folded,
    Invoke,
    Joined,
    Link,
    Log,
    Message,
    Process,
    Return,
    State,
)
from quorumlab.cluster.links import links_changed
from quorumlab.cluster.moments import Entries, MemberState, Moment, Situation, following
from quorumlab.cluster.protocol import ERRORS
from quorumlab.cluster.trace import Trace
from quorumlab.words import listed

Said = tuple[float, str]
MOST_NAMED = 3  # entries committed at once that are named one by one
MOST_SEARCHED = 200  # newest entries of a log in which a request is looked for


def story(trace: Trace) -> tuple[Said, ...]:
    """The events of ``trace`` that matter, as (seconds since the start, one sentence), in order of time."""
    return tuple(Teller().tell(trace.events))


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


class Teller:
    """Tells the events of one cluster, part by part. Beyond the situation it keeps the votes sent, and how far the leaders have
    committed."""

    def __init__(self) -> None:
        self.now = Situation()  # as the event that is being told finds it
        self.votes_sent: list[Message] = []
        self.committed = 0
        self.committed_terms: dict[int, int] = {}  # of each committed entry that was seen

    def tell(self, events: Iterable[Event]) -> list[Said]:
        """The sentences for the events that follow those told before, all of one moment together."""
        told: list[Said] = []
        for t, happened in groupby(events, key=lambda event: event.t):
            sentences = dict.fromkeys(self.moment(t, tuple(happened)))
            told.extend((t / SECOND, sentence) for sentence in sentences)
        return told

    def moment(self, t: int, events: tuple[Event, ...]) -> list[str]:
        """The sentences for all that happened at one time."""
        said: list[str] = []
        before, place_of_links, any_links = self.now, 0, False
        for event in events:
            if isinstance(event, Link):
                place_of_links, any_links = (place_of_links, True) if any_links else (len(said), True)
            else:
                said += TELLS.get(type(event), _nothing)(self, event)
            self.now = following(self.now, event)
        if any_links:
            said[place_of_links:place_of_links] = links_changed(Moment(t, before, events, self.now))
        if t == 0 and self.now.members:
            said.insert(0, _beginning(self.now))
        return said

    # --- members ---

    def joined(self, event: Joined) -> list[str]:
        """A member joins; founders are told together."""
        as_learner = ", as a learner" if event.learner else ""
        return [f"{event.member} joins the cluster{as_learner}."] if event.t else []

    def process(self, event: Process) -> list[str]:
        """A process starts, goes on, stands still or ends."""
        name, before = event.member, self.now.members[event.member].condition
        match event.condition:
            case "up":
                if before is None:
                    return []
                if before == "paused":
                    return [f"{name} goes on, and finds what has arrived meanwhile."]
                return [f"{name} starts again, from what is on its disk."]
            case "down":
                return [f"{name} crashes."]
            case "paused":
                return [f"{name} is paused: its process stands still, and messages to it wait."]
            case "removed":
                return [f"{name} has left the cluster."]

    def state(self, event: State) -> list[str]:
        """Roles that change, and commits."""
        name = event.member
        before = self.now.members[name]
        after = following(self.now, event).members[name]
        said: list[str] = []
        if after.role == "leader" and before.role != "leader":
            said.append(f"{name} becomes leader of term {after.term}{self.votes(event.t, name, after)}.")
        elif before.role == "leader" and after.role != "leader" and before.condition == "up":
            said.append(f"{name} no longer leads{_why_not_leader(name, before, after)}.")
        elif after.role == "candidate" and (before.role != "candidate" or _grew(before.term, after.term)):
            said.append(_stands(name, before, after))
        elif after.role == "pre-candidate" and (before.role != after.role or before.timeout != after.timeout):
            said.append(_asks_whether_to_stand(event.t, name, before))
        elif after.role == "follower" and before.role in ("candidate", "pre-candidate"):
            why = f"{after.leader} leads term {after.term}" if after.leader else f"it has heard of term {after.term}"  # fmt: skip
            said.append(f"{name} no longer stands: {why}.")
        commit = after.commit
        if "leader" in (after.role, before.role) and commit is not UNKNOWN and commit > self.committed:
            said.append(self.commit(name, commit))
        return said

    def votes(self, now: int, name: str, after: MemberState) -> str:
        """``, with the votes of …``, as far as the answers that have arrived tell; nothing where votes cannot be seen."""
        if after.voted_for is UNKNOWN or after.voters is UNKNOWN:
            return ""
        others = dict.fromkeys(
            answer.sender
            for answer in self.votes_sent
            if answer.to == name
            and answer.term == after.term
            and answer.arrives is not None
            and answer.arrives <= now
        )
        if not others:  # where others vote, it cannot have won without them: they were not seen
            return ", with its own vote" if len(after.voters) == 1 else ""
        return f", with the votes of {listed([*others, 'itself'])}: {len(others) + 1} of {len(after.voters)}"

    def commit(self, leader: str, index: int) -> str:
        """An entry counts as committed when a leader says so first."""
        new = range(self.committed + 1, index + 1)
        self.committed = index
        log = self.now.members[leader].log
        entry = log.numbered(index) if isinstance(log, Entries) else None
        if isinstance(log, Entries):
            seen = ((number, log.numbered(number)) for number in new)
            self.committed_terms |= {number: e.term for number, e in seen if e is not None}
        holders = [] if entry is None else _holders(self.now, index, entry)
        on = f": {'they are' if len(new) > 1 else 'it is'} on {listed(holders)}" if holders else ""
        if len(new) > MOST_NAMED:
            return f"Entries {new[0]} to {index} are committed{on}."
        named = [_numbered(log, i) for i in new]
        what, are = ("Entry", "is") if len(new) == 1 else ("Entries", "are")
        return f"{what} {listed(named)} {are} committed{on}."

    # --- logs ---

    def folded(self, event: Folded) -> list[str]:
        """A member folds what it has applied, or takes the leader's snapshot in place of what it has."""
        log = self.now.members[event.member].log
        known = log.numbered(event.last_index) if isinstance(log, Entries) else None
        if known is not None and known.term == event.last_term:
            return [f"{event.member} folds its entries up to {event.last_index} into a snapshot."]
        return [f"{event.member} takes a snapshot up to entry {event.last_index} in place of its own log."]

    def log(self, event: Log) -> list[str]:
        """Entries that a leader writes, and those that a log gives up."""
        name, start, entries = event.member, event.start, event.entries
        member = self.now.members[name]
        said = _dropped(event, member)
        if member.role == "leader" and entries and entries[0].kind != "noop":
            last = start + len(entries) - 1
            what = (
                f"{entry_words(entries[0])} into its log as entry {start}"
                if len(entries) == 1
                else f"entries {start} to {last} into its log"
            )
            said.append(f"{name} writes {what}, and sends {'it' if len(entries) == 1 else 'them'} on.")
        return said

    # --- messages ---

    def message(self, event: Message) -> list[str]:
        """Votes, and what asks a member to act."""
        sender, to = event.sender, event.to
        match event.type:
            case "vote" if event.granted:
                self.votes_sent.append(event)
                return [f"{sender} votes for {to} in term {event.term}."]
            case "vote":
                return [f"{sender} refuses {to} its vote in term {event.term}."]
            case "pre_vote" if not event.granted:
                return [f"{sender} tells {to} not to stand."]
            case "timeout_now":
                return [f"{sender} asks {to} to take over as leader."]
            case "install_snapshot":
                return [f"{sender} sends {to} a snapshot, in place of entries it has folded away."]
        return []

    def disk(self, event: Disk) -> list[str]:
        """A disk becomes slower, or its usual self."""
        ms = event.delay / 1000
        how = f"take {ms:g} ms longer" if event.delay else "take their usual time again"
        return [f"Disk writes of {event.member} {how}."]

    # --- clients ---

    def invoke(self, event: Invoke) -> list[str]:
        """A client, or the operator, asks."""
        return [f"{_asker(event).capitalize()} asks {event.via} to {_asked(event)}."]

    def answered(self, event: Return) -> list[str]:
        """What they were told."""
        asked = self.now.requests.get(event.op)
        if asked is None:
            return []
        via, key = asked.via, asked.key
        if event.error:
            return [f"{self.refused(asked, event.error)}: {_error_words(event.error)}.{self.known(event)}"]
        match asked.verb, asked.value:
            case "read", _:
                found = "is not there" if event.value is None else f"is {event.value}"
                return [f"{via} answers the client: {key} {found}."]
            case "write", value:
                return [f"{via} answers the client: {key} = {value} is written."]
            case "cas", (expected, new):
                was = "was not there" if expected is None else f"was {expected}"
                return [f"{via} answers the client: {key} {was} and is now {new}."]
        return [f"{via} answers the operator: done."]

    def refused(self, asked: Invoke, error: str) -> str:
        """Who says the error, if anybody does."""
        whom, via = _asker(asked).split()[-1], asked.via
        if error == "member_down":
            return f"The {whom} cannot reach {via} (“{error}”)"
        if error == "timeout" and self.now.members[via].condition in ("down", "removed"):
            return f"The {whom} loses the connection to {via} (“{error}”)"
        if error == "timeout":
            return f"The {whom} gives up waiting for {via} (“{error}”)"
        return f"{via} answers the {whom} “{error}”"

    def known(self, event: Return) -> str:
        """What the simulator knows of a request that its client cannot know."""
        if event.reached is UNKNOWN:
            return ""
        if not event.reached:
            return " (The simulator knows: it reached no leader, so it will never happen.)"
        where = {
            name: entry
            for name, member in self.now.members.items()
            if isinstance(member.log, Entries) and (entry := _entry_of(member.log, event.op)) is not None
        }
        if not where:
            return " (The simulator knows: it has been sent to a leader, and no log has it now.)"
        numbers = " or ".join(str(number) for number in dict.fromkeys(number for number, _ in where.values()))
        happened = self.happened(set(where.values()))
        return (
            f" (The simulator knows: it is entry {numbers} in the log of {listed(list(where))}. {happened})"
        )

    def happened(self, entries: set[tuple[int, int]]) -> str:
        """What becomes of a request that stands in logs as these entries, by number and term."""
        fates = [
            self.committed_terms.get(number, term) == term if number <= self.committed else None
            for number, term in entries
        ]
        if True in fates:
            return "It is committed."
        if None in fates:
            return "It may still happen."
        return "Another entry is committed in its place, so it will never happen."


def _nothing(_teller: Teller, _event: Any) -> list[str]:
    return []


TELLS: Mapping[type[Event], Callable[[Teller, Any], list[str]]] = {
    Joined: Teller.joined,
    Process: Teller.process,
    State: Teller.state,
    Log: Teller.log,
    Folded: Teller.folded,
    Message: Teller.message,
    Disk: Teller.disk,
    Invoke: Teller.invoke,
    Return: Teller.answered,
}
"""Who tells which kind of event; links are told together."""


def _beginning(now: Situation) -> str:
    count = len(now.members)
    what = "1 member starts" if count == 1 else f"{count} members start"
    if any(member.role != "follower" for member in now.members.values()):
        return f"{what}."  # their roles are not all seen, or they have been running
    return f"{what}, as {'a follower' if count == 1 else 'followers'}: nobody leads yet."


def _why_not_leader(name: str, before: MemberState, after: MemberState) -> str:
    """``: why``, as far as it can be seen."""
    if _grew(before.term, after.term):
        return f": it has heard of term {after.term}, which is newer than its own"
    if after.voters is UNKNOWN:
        return ""
    if name not in after.voters:
        return ": its own removal is committed"
    return ": no majority has answered it for an election timeout (CheckQuorum)"


def _grew(before: object, after: object) -> bool:
    return isinstance(before, int) and isinstance(after, int) and after > before


def _stands(name: str, before: MemberState, after: MemberState) -> str:
    lost = before.role == "candidate" and before.timeout != after.timeout
    again = f"Nobody has won term {before.term}; " if lost else ""
    return f"{again}{name} stands for election in term {after.term}: it votes for itself and asks the others."


def _asks_whether_to_stand(now: int, name: str, before: MemberState) -> str:
    waited = before.timeout if isinstance(before.timeout, int) else 0
    since = f" for its election timeout of {waited / SECOND:.3f} s" if waited else ""
    why = (
        f"has heard from no leader{since}"
        if now > before.started and (not isinstance(before.due, int) or before.due <= now)
        else "need not wait for its election timeout, as it is to lead first"
    )
    return f"{name} {why}, and asks the others whether it should stand (PreVote)."


def _numbered(log: object, index: int) -> str:
    entry = log.numbered(index) if isinstance(log, Entries) else None
    return str(index) if entry is None else f"{index} ({entry_words(entry)})"


def _holders(now: Situation, index: int, entry: Entry) -> list[str]:
    """Who has this entry: by Log Matching, those whose entry of that number is of the same term."""
    return [
        name
        for name, member in now.members.items()
        if isinstance(member.log, Entries)
        and (other := member.log.numbered(index)) is not None
        and other.term == entry.term
    ]


def _entry_of(log: Entries, request: int) -> tuple[int, int] | None:
    """The number and the term of the newest entry that answers a client's request."""
    for number in range(log.last, max(log.last - MOST_SEARCHED, log.first - 1), -1):
        entry = log.numbered(number)
        if entry is not None and entry.request == request:
            return number, entry.term
    return None


def _dropped(event: Log, member: MemberState) -> list[str]:
    """What new entries push out of a log, or a restart has not found on the disk."""
    if not isinstance(member.log, Entries):
        return []
    new = dict(enumerate(event.entries, event.start))
    dropped = [
        number
        for number in range(max(event.start, member.log.first), member.log.last + 1)
        if number not in new or new[number].term != member.log[number - member.log.first].term
    ]
    if not dropped:
        return []
    which = f"entry {dropped[0]}" if len(dropped) == 1 else f"entries {dropped[0]} to {dropped[-1]}"
    was = "was" if len(dropped) == 1 else "were"
    if member.started == event.t:
        return [f"{event.member} has lost its {which}, which {was} not yet on its disk."]
    return [f"{event.member} drops its {which}, which {was} never committed, for what the leader has."]


# ---------------------------------------------------------------- requests


def _error_words(error: str) -> str:
    return {str(word): said for word, said in ERRORS.items()}.get(error, "it did not happen")


def _asker(event: Invoke) -> str:
    """Memberships are the operator's to change; all else is asked by clients."""
    return "a client" if event.verb in ("read", "write", "cas") else "the operator"


def _asked(event: Invoke) -> str:
    match event.verb, event.value:
        case "write", value:
            return f"write {event.key} = {value}"
        case "read", _:
            return f"read {event.key}{', stale or not' if event.mode == 'serializable' else ''}"
        case "cas", (expected, new):
            return f"set {event.key} to {new} if it is {'not there' if expected is None else expected}"
    return f"{event.verb.replace('_', ' ')} {event.key}"
