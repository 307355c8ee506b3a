"""What happened, in a learner's words: the events of a trace that matter, each as one sentence.

Left out are heartbeats, single copies of an entry and all else that only repeats what a sentence has said.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from quorumlab.cluster.protocol import ERRORS
from quorumlab.cluster.trace import SECOND, Event, Trace

Said = tuple[float, str]
MOST_NAMED = 3  # entries committed at once that are named one by one
# Errors that no member sends: the client's patience has ended.
GIVEN_UP = ("timeout", "no_quorum", "no_leader")


def story(trace: Trace) -> tuple[Said, ...]:
    """The events of ``trace`` that matter, as (seconds since the start, one sentence), in order of time."""
    teller = _Teller()
    told: list[Said] = []
    for now, events in groupby(trace.events, key=lambda event: event["t"]):
        sentences = dict.fromkeys(teller.moment(now, list(events)))
        told.extend((now / SECOND, sentence) for sentence in sentences)
    return tuple(told)


def listed(names: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def entry_words(entry: dict[str, Any]) -> str:
    """What an entry carries, in a few characters."""
    match entry["kind"], entry["data"]:
        case "command", ["put", key, value]:
            return f"{key} = {value}"
        case "command", ["cas", key, expected, value]:
            return f"{key}: {'nothing' if expected is None else expected} → {value}"
        case "membership", {"voters": voters, "learners": learners}:
            return f"members: {', '.join([*voters, *(f'{name} (learner)' for name in learners)])}"
        case "noop", _:
            return f"the empty first entry of term {entry['term']}"
    return str(entry["data"])


class _Teller:
    """What the events so far say, as far as sentences need it."""

    def __init__(self) -> None:
        self.members: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, dict[int, dict[str, Any]]] = {}
        self.links: dict[tuple[str, str], tuple[bool, int]] = {}
        self.requests: dict[int, Event] = {}
        self.answers: list[Event] = []  # votes and pre-votes sent
        self.committed = 0
        self.started: dict[str, int] = {}  # when each last started from its disk

    def moment(self, now: int, events: list[Event]) -> list[str]:
        """The sentences for all that happened at one time."""
        said: list[str] = []
        links = [event for event in events if event["kind"] == "link"]
        for event in events:
            match event["kind"]:
                case "member":
                    self.joins(event, said)
                case "up":
                    self.condition(event, said)
                case "state":
                    self.state(now, event, said)
                case "log":
                    self.log(event, said)
                case "snapshot":
                    said.append(self.snapshot(event))
                case "message":
                    self.message(event, said)
                case "link" if event is links[0]:
                    self.link(links, said)
                case "invoke":
                    self.requests[event["op"]] = event
                    said.append(f"{_asker(event).capitalize()} asks {event['via']} to {_asked(event)}.")
                case "return":
                    said.append(self.answer(event))
        if now == 0 and self.members:
            count = len(self.members)
            what = "1 member starts" if count == 1 else f"{count} members start"
            said.insert(0, f"{what}, as {'a follower' if count == 1 else 'followers'}: nobody leads yet.")
        return said

    # --- members ---

    def joins(self, event: Event, said: list[str]) -> None:
        name = event["member"]
        self.members[name] = {"condition": None, "role": None, "term": 0, "commit": 0, "timeout": 0}
        self.logs[name] = {}
        if event["t"]:
            said.append(f"{name} joins the cluster{', as a learner' if event['learner'] else ''}.")

    def condition(self, event: Event, said: list[str]) -> None:
        name, new = event["member"], event["condition"]
        old = self.members[name]["condition"]
        self.members[name]["condition"] = new
        if new == "up" and old != "paused":
            self.started[name] = event["t"]
        if new == "down":
            self.members[name]["role"] = "follower"  # what it was, it was in memory only
        if new == "up" and old is not None:
            said.append(
                f"{name} goes on, and finds what has arrived meanwhile."
                if old == "paused"
                else f"{name} starts again, from what is on its disk."
            )
        elif new != "up":
            said.append(
                {
                    "down": f"{name} crashes.",
                    "paused": f"{name} is paused: its process stands still, and messages to it wait.",
                    "removed": f"{name} has left the cluster.",
                }[new]
            )

    def state(self, now: int, event: Event, said: list[str]) -> None:
        name = event["member"]
        before = dict(self.members[name])
        after = self.members[name]
        after.update({k: v for k, v in event.items() if k not in ("t", "kind", "member")})
        role, term = after["role"], after["term"]
        if role == "leader" and before["role"] != "leader":
            said.append(f"{name} becomes leader of term {term}{self.votes(now, name, term)}.")
        elif before["role"] == "leader" and role != "leader" and before["condition"] == "up":
            if term > before["term"]:
                why = f"it has heard of term {term}, which is newer than its own"
            elif name not in after.get("voters", (name,)):
                why = "its own removal is committed"
            else:
                why = "no majority has answered it for an election timeout (CheckQuorum)"
            said.append(f"{name} no longer leads: {why}.")
        elif role == "candidate" and (before["role"] != "candidate" or term > before["term"]):
            again = (
                f"Nobody has won term {before['term']}; "
                if before["role"] == "candidate" and after.get("timeout") != before["timeout"]
                else ""
            )
            said.append(
                f"{again}{name} stands for election in term {term}: it votes for itself and asks the others."
            )
        elif role == "pre-candidate" and (before["role"] != role or after["timeout"] != before["timeout"]):
            waited = before["timeout"]
            since = f" for {waited / SECOND:.3f} s, its election timeout" if waited else ""
            why = (
                f"has heard from no leader{since}"
                if waited <= now - self.started.get(name, 0)
                else "need not wait for its election timeout, as it is to lead first"
            )
            said.append(f"{name} {why}, and asks the others whether it should stand (PreVote).")
        elif role == "follower" and before["role"] in ("candidate", "pre-candidate"):
            leader = after.get("leader")
            why = f"{leader} leads term {term}" if leader else f"it has heard of term {term}"
            said.append(f"{name} no longer stands: {why}.")
        if "leader" in (role, before["role"]) and after["commit"] > self.committed:
            said.append(self.commit(name, after["commit"]))

    def votes(self, now: int, name: str, term: int) -> str:
        """``, with the votes of …``, as far as the answers that have arrived tell."""
        voters = {name: None} | {
            answer["from"]: None
            for answer in self.answers
            if answer["type"] == "vote"
            and answer["granted"]
            and answer["to"] == name
            and answer["term"] == term
            and answer["arrives"] is not None
            and answer["arrives"] <= now
        }
        others = [voter for voter in voters if voter != name]
        size = len(self.members[name].get("voters", ()))
        return (
            f", with the votes of {listed([*others, 'itself'])}: {len(voters)} of {size}"
            if others
            else ", with its own vote"
        )

    def commit(self, leader: str, index: int) -> str:
        """An entry counts as committed when a leader says so first."""
        new = range(self.committed + 1, index + 1)
        self.committed = index
        log = self.logs[leader]
        last = log.get(index)
        holders = [m for m, other in self.logs.items() if last is not None and _same(other.get(index), last)]
        on = f": {'they are' if len(new) > 1 else 'it is'} on {listed(holders)}" if holders else ""
        if len(new) > MOST_NAMED:
            return f"Entries {new[0]} to {index} are committed{on}."
        named = [f"{i} ({entry_words(log[i])})" if i in log else str(i) for i in new]
        return (
            f"{'Entry' if len(new) == 1 else 'Entries'} {listed(named)} "
            f"{'is' if len(new) == 1 else 'are'} committed{on}."
        )

    # --- logs ---

    def snapshot(self, event: Event) -> str:
        """A member folds what it has applied, or takes the leader's snapshot in place of what it has."""
        name, last = event["member"], event["last_index"]
        log = self.logs[name]
        if _same(log.get(last), {"term": event["last_term"]}):
            return f"{name} folds its entries up to {last} into a snapshot."
        log.clear()
        return f"{name} takes a snapshot up to entry {last} in place of its own log."

    def log(self, event: Event, said: list[str]) -> None:
        name, start, entries = event["member"], event["start"], event["entries"]
        log = self.logs[name]  # in order of the numbers, so that only its end need be looked at
        new = dict(enumerate(entries, start))
        old = {i: log.pop(i) for i in range(start, _last(log) + 1) if i in log}
        dropped = [i for i, entry in old.items() if i not in new or not _same(new[i], entry)]
        log.update(new)
        member = self.members[name]
        if dropped and member["role"] is not None:
            which = f"entry {dropped[0]}" if len(dropped) == 1 else f"entries {dropped[0]} to {dropped[-1]}"
            was = "was" if len(dropped) == 1 else "were"
            if self.started.get(name) == event["t"]:
                said.append(f"{name} has lost its {which}, which {was} not yet on its disk.")
            else:
                said.append(
                    f"{name} drops its {which}, which {was} never committed, for what the leader has."
                )
        if member["role"] == "leader" and entries and entries[0]["kind"] != "noop":
            i = start + len(entries) - 1
            what = (
                f"{entry_words(entries[0])} into its log as entry {start}"
                if len(entries) == 1
                else f"entries {start} to {i} into its log"
            )
            said.append(f"{name} writes {what}, and sends {'it' if len(entries) == 1 else 'them'} on.")

    # --- messages and links ---

    def message(self, event: Event, said: list[str]) -> None:
        sender, to = event["from"], event["to"]
        match event["type"]:
            case "vote":
                self.answers.append(event)
                if event["granted"]:
                    said.append(f"{sender} votes for {to} in term {event['term']}.")
                else:
                    said.append(f"{sender} refuses {to} its vote in term {event['term']}.")
            case "pre_vote" if not event["granted"]:
                said.append(f"{sender} tells {to} not to stand.")
            case "timeout_now":
                said.append(f"{sender} asks {to} to take over as leader.")
            case "install_snapshot":
                said.append(f"{sender} sends {to} a snapshot, in place of entries it has folded away.")
            case _:
                pass

    def link(self, events: list[Event], said: list[str]) -> None:
        """All changes of links at one moment, in as few sentences as they allow."""
        before = dict(self.links)
        for event in events:
            self.links[event["from"], event["to"]] = (event["cut"], event["delay"])
        fine = (False, 0)
        changed = {(e["from"], e["to"]) for e in events}
        cut = [p for p in changed if self.links[p][0] and not before.get(p, fine)[0]]
        healed = [p for p in changed if not self.links[p][0] and before.get(p, fine)[0]]
        slowed = [p for p in changed if self.links[p][1] != before.get(p, fine)[1]]
        groups = self.groups()
        if cut and len(groups) > 1:
            said.append(f"The network splits: {' | '.join(', '.join(group) for group in groups)}.")
        elif cut:
            said.append(f"{_links(cut)} cut: what is sent there is lost.")
        if healed:
            whole = not any(is_cut for is_cut, _ in self.links.values())
            said.append(
                "The network is whole again."
                if whole and len(healed) > 2
                else f"{_links(healed)} healed."
            )  # fmt: skip
        for delay in sorted({self.links[p][1] for p in slowed}):
            pairs = [p for p in slowed if self.links[p][1] == delay]
            named = _pairs(pairs)
            how = f"take {delay / 1000:g} ms longer" if delay else "take their usual time again"
            said.append(f"Messages {named} {how}.")

    def groups(self) -> list[list[str]]:
        """The members by who can still reach whom, in both directions."""
        left = [name for name, member in self.members.items() if member["condition"] != "removed"]
        groups: list[list[str]] = []
        while left:
            group = [left.pop(0)]
            for name in group:
                near = [
                    o
                    for o in left
                    if not any(self.links.get(p, (False, 0))[0] for p in ((name, o), (o, name)))
                ]
                group += near
                left = [o for o in left if o not in near]
            groups.append(sorted(group, key=list(self.members).index))
        return groups

    # --- clients ---

    def answer(self, event: Event) -> str:
        request = self.requests.get(
            event["op"], {"via": "a member", "verb": "request", "key": "", "value": None}
        )
        via, key = request["via"], request["key"]
        if event["error"]:
            whom = _asker(request).split()[-1]
            error = event["error"]
            if error == "member_down":
                what = f"The {whom} cannot reach {via} (“{error}”)"
            elif error in GIVEN_UP:
                what = f"The {whom} gives up waiting for {via} (“{error}”)"
            else:
                what = f"{via} answers the {whom} “{error}”"
            return f"{what}: {ERRORS.get(error, 'it did not happen')}."
        match request["verb"]:
            case "read":
                found = "is not there" if event["value"] is None else f"is {event['value']}"
                return f"{via} answers the client: {key} {found}."
            case "write":
                return f"{via} answers the client: {key} = {request['value']} is written."
            case "cas":
                expected, new = request["value"]
                was = "was not there" if expected is None else f"was {expected}"
                return f"{via} answers the client: {key} {was} and is now {new}."
        return f"{via} answers the operator: done."


def _last(log: dict[int, Any]) -> int:
    """The number of the newest entry, 0 in a log that is empty."""
    return next(reversed(log), 0)


def _same(one: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    """Whether two entries of one number are the same: by Log Matching, if their terms are."""
    return one is not None and one["term"] == other["term"]


def _asker(event: Event) -> str:
    """Memberships are the operator's to change; all else is asked by clients."""
    return "a client" if event["verb"] in ("read", "write", "cas", "request") else "the operator"


def _asked(event: Event) -> str:
    key, value = event["key"], event["value"]
    match event["verb"]:
        case "write":
            return f"write {key} = {value}"
        case "read":
            return f"read {key}{', stale or not' if event['mode'] == 'serializable' else ''}"
        case "cas":
            return f"set {key} to {value[1]} if it is {'not there' if value[0] is None else value[0]}"
        case verb:
            return f"{verb.replace('_', ' ')} {key}"


def _pairs(pairs: list[tuple[str, str]]) -> str:
    both = sorted({p for p in pairs if p < p[::-1] and p[::-1] in pairs})
    one_way = sorted(p for p in pairs if p[::-1] not in pairs)
    return listed([f"between {a} and {b}" for a, b in both] + [f"from {a} to {b}" for a, b in one_way])


def _links(pairs: list[tuple[str, str]]) -> str:
    several = len({frozenset(p) for p in pairs}) > 1
    return f"{'The links' if several else 'The link'} {_pairs(pairs)} {'are' if several else 'is'}"
