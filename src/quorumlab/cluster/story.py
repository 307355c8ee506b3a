"""What happened, in a learner's words: the events of a trace that matter, each as one sentence.

Left out are heartbeats and all else that only repeats what a sentence has said; the copies of an entry where many are written; and
whatever the world cannot see. What only a simulator can know, beyond what a client is told, is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from itertools import groupby
from typing import Any

from quorumlab.cluster.copies import Copies, Step
from quorumlab.cluster.events import (
    DROPPED,
    SECOND,
    UNKNOWN,
    Disk,
    Event,
    Folded,
    Invoke,
    Joined,
    Link,
    Log,
    Lost,
    Message,
    Process,
    Return,
    State,
)
from quorumlab.cluster.links import links_changed
from quorumlab.cluster.moments import Entries, MemberState, Moment, Situation, following
from quorumlab.cluster.sentences import (
    asker,
    asks_whether_to_stand,
    beginning,
    dropped,
    entry_of,
    entry_words,
    error_words,
    grew,
    message_words,
    numbered,
    opening,
    request_words,
    stands,
    who_has,
    why_not_leader,
)
from quorumlab.cluster.trace import Trace
from quorumlab.words import listed

Said = tuple[float, str]
MOST_FLYING = 64  # messages kept before those that have arrived are let go
MOST_NAMED = 3  # entries committed at once that are named one by one


def story(trace: Trace) -> tuple[Said, ...]:
    """The events of ``trace`` that matter, as (seconds since the start, one sentence), in order of time."""
    return tuple(Teller().tell(trace.events))


class Teller:
    """Tells the events of one cluster, part by part. Beyond the situation it keeps the votes sent, and how far the leaders have
    committed."""

    def __init__(self) -> None:
        self.now = Situation()  # as the event that is being told finds it
        self.votes_sent: list[Message] = []
        self.flying: dict[int, Message] = {}
        self.committed = 0
        self.committed_terms: dict[int, int] = {}  # of each committed entry that was seen
        self.copies = Copies()

    def copy(self) -> Teller:
        """Another one that goes on from here by itself."""
        other = copy(self)
        other.votes_sent, other.flying = list(self.votes_sent), dict(self.flying)
        other.committed_terms, other.copies = dict(self.committed_terms), copy(self.copies)
        return other

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
        steps: dict[Step, tuple[int, tuple[str, ...]]] = {}  # the place of its line, and who takes it
        for event in events:
            if isinstance(event, Link):
                place_of_links, any_links = (place_of_links, True) if any_links else (len(said), True)
            else:
                said += TELLS.get(type(event), _nothing)(self, event)
            for name, step in self.copies.steps(self.now, event):
                place, names = steps.get(step, (None, ()))
                if place is not None:
                    said[place] = ""  # one line for all who take it at this moment, where the last one does
                steps[step] = len(said), (*names, name)
                said.append(step.words([*names, name]))
            self.now = following(self.now, event)
        had = {name: place for step, (place, names) in steps.items() if step.to is not None for name in names}
        for step, (place, names) in steps.items():
            if step.to is None and any(had.get(name, -1) > place for name in names):
                said.append(said[place])  # a member knows of what it has after it has it
                said[place] = ""
        if any_links:
            said[place_of_links:place_of_links] = links_changed(Moment(t, before, events, self.now))
        if t == 0 and self.now.members:
            said.insert(0, beginning(self.now))
        return [sentence for sentence in said if sentence]

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
            said.append(f"{name} no longer leads{why_not_leader(name, before, after)}.")
        elif after.role == "candidate" and (before.role != "candidate" or grew(before.term, after.term)):
            said.append(stands(name, before, after))
        elif after.role == "pre-candidate" and (before.role != after.role or before.timeout != after.timeout):
            said.append(asks_whether_to_stand(event.t, name, before))
        elif after.role == "follower" and before.role in ("candidate", "pre-candidate"):
            why = f"{after.leader} leads term {after.term}" if after.leader else f"it has heard of term {after.term}"  # fmt: skip
            did = "asks" if before.role == "pre-candidate" else "stands"
            said.append(f"{name} no longer {did}: {why}.")
        elif before.log is not UNKNOWN and event.role is None:  # only the simulator tells of a log
            said.append(
                f"{name} has never taken part. It asks the others first, and waits for their answers."
            )
        elif before.log is not UNKNOWN and before.role is None and event.t > before.started:
            said.append(f"{name} waits no longer: it takes part from now on.")
        if event.due == event.t > before.started and event.role is UNKNOWN:
            said.append(f"The election timer of {name} is made to run out.")
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
        self.copies.news(self.now.members[leader], index, "knows", leader)  # it says so itself
        log = self.now.members[leader].log
        entry = log.numbered(index) if isinstance(log, Entries) else None
        if isinstance(log, Entries):
            seen = ((number, log.numbered(number)) for number in new)
            self.committed_terms |= {number: e.term for number, e in seen if e is not None}
        holders = [] if entry is None else who_has(self.now, index, entry)
        on = f": {'they are' if len(new) > 1 else 'it is'} on {listed(holders)}" if holders else ""
        if len(new) > MOST_NAMED:
            return f"Entries {new[0]} to {index} are committed{on}."
        named = [numbered(log, i) for i in new]
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
        said = dropped(event, member, self.committed_terms)
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
        self.note_flying(event)
        match event.type:
            case "vote" if event.granted:
                self.votes_sent.append(event)
                return [f"{sender} votes for {to} in term {event.term}."]
            case "vote":
                return [f"{sender} refuses {to} its vote in term {event.term}."]
            case "pre_vote" if not event.granted:
                return [f"{sender} tells {to} not to stand."]
            case "propose" if not self.copies.thick(event.t):
                return [f"{sender} passes the request on to {to}."]
            case "timeout_now":
                return [f"{sender} asks {to} to take over as leader."]
            case "install_snapshot":
                return [f"{sender} sends {to} a snapshot, in place of entries it has folded away."]
        return []

    def note_flying(self, message: Message) -> None:
        """Keep who is on its way, in case it is lost there."""
        if message.arrives is None:
            return
        if len(self.flying) >= MOST_FLYING:
            self.flying = {
                i: m for i, m in self.flying.items() if m.arrives is not None and m.arrives >= message.t
            }
        self.flying[message.id] = message

    def lost(self, event: Lost) -> list[str]:
        """A message that is lost on its way, by somebody's hand; what arrives at a member that is down is not told."""
        message = self.flying.pop(event.id, None)
        if event.reason != DROPPED or message is None:
            return []
        self.votes_sent = [vote for vote in self.votes_sent if vote.id != event.id]
        return [f"A message is lost on its way: {message_words(message)}."]

    def disk(self, event: Disk) -> list[str]:
        """A disk becomes slower, or its usual self."""
        ms = event.delay / 1000
        how = f"take {ms:g} ms longer" if event.delay else "take their usual time again"
        return [f"Disk writes of {event.member} {how}."]

    # --- clients ---

    def invoke(self, event: Invoke) -> list[str]:
        """A client, or the operator, asks."""
        who = "A client" if asker(event) == "the client" else opening(asker(event))
        return [f"{who} asks {event.via} to {request_words(event)}."]

    def answered(self, event: Return) -> list[str]:
        """What they were told."""
        asked = self.now.requests.get(event.op)
        if asked is None:
            return []
        via, key, whom = asked.via, asked.key, asker(asked)
        if event.error:
            return [f"{self.refused(asked, event.error)}.{self.known(event)}"]
        match asked.verb, asked.value:
            case "read", _:
                found = "is not there" if event.value is None else f"is {event.value}"
                return [f"{via} answers {whom}: {key} {found}."]
            case "write", value:
                return [f"{via} answers {whom}: {key} = {value} is written."]
            case "cas", (expected, new):
                was = "was not there" if expected is None else f"was {expected}"
                return [f"{via} answers {whom}: {key} {was} and is now {new}."]
        return [f"{via} answers the operator: done."]

    def refused(self, asked: Invoke, error: str) -> str:
        """Who says the error, if anybody does, and what it means."""
        whom, via = asker(asked), asked.via
        why = error_words(error, asked.verb)
        if error == "member_down":
            return f"{opening(whom)} cannot reach {via} (“{error}”): {why}"
        if error == "timeout" and self.now.members[via].condition in ("down", "removed"):
            _late, then, unsure = why.partition("; ")  # nobody waited
            return f"{opening(whom)} loses the connection to {via} (“{error}”) before an answer{then and ': '}{unsure}"
        if error == "timeout":
            return f"{opening(whom)} gives up waiting for {via} (“{error}”): {why}"
        return f"{via} answers {whom} “{error}”: {why}"

    def known(self, event: Return) -> str:
        """What the simulator knows of a request that its client cannot know."""
        if event.reached is UNKNOWN:
            return ""
        if not event.reached:
            return " (The simulator knows: it reached no leader, so it will never happen.)"
        where = {
            name: entry
            for name, member in self.now.members.items()
            if isinstance(member.log, Entries) and (entry := entry_of(member.log, event.op)) is not None
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
    Lost: Teller.lost,
    Disk: Teller.disk,
    Invoke: Teller.invoke,
    Return: Teller.answered,
}
"""Who tells which kind of event; links are told together."""
