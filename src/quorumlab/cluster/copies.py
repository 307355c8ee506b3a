"""A client's write on its way through a cluster, in a story's words: which members have it on disk, and which know that it is
committed. The story tells the rest: who asked, who committed it, who was answered.

Where logs cannot be seen, nothing is told. Where writes come thick, only some are followed, as all go the same way. The empty first
entry of a term is named with a write that it comes with, and never alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from quorumlab.cluster.events import SECOND, Event, Log, Message, State
from quorumlab.cluster.moments import Entries, MemberState, Situation
from quorumlab.words import listed

MOST_A_SECOND = 3  # writes that are followed to all members
MOST_FOLLOWED = 8  # at a time: of an older one nothing more is told


class Step(NamedTuple):
    """What members do with entries of these ``numbers``: they have them on disk and tell the leader ``to``, or, as that is None, know
    that they are committed."""

    numbers: tuple[int, ...]
    to: str | None

    def words(self, names: list[str]) -> str:
        """The step of these members, of one moment, as a sentence."""
        one, single = len(names) == 1, len(self.numbers) == 1
        what = f"{'entry' if single else 'entries'} {listed([str(number) for number in self.numbers])}"
        if self.to is None:
            return f"{listed(names)} now know{'s' if one else ''} that {what} {'is' if single else 'are'} committed."
        has, disks, tell = (
            ("has", "its disk", "tells") if one else ("have", "their disks", "tell")
        )  # fmt: skip
        return f"{listed(names)} {has} {what} on {disks}, and {tell} {self.to}."


class Followed(NamedTuple):
    """An entry that is followed: the members of which it has been told that they have it, or know it to be committed, and whether
    somebody asked for it."""

    has: frozenset[str] = frozenset()
    knows: frozenset[str] = frozenset()
    asked: bool = True


class Copies:
    """The newest entries that are followed, by number and term; never changed in place, so that a copy of this object goes on by itself."""

    def __init__(self) -> None:
        self.followed: Mapping[tuple[int, int], Followed] = {}
        self.written: tuple[int, ...] = ()  # when the latest writes came, µs

    def steps(self, now: Situation, event: Event) -> Iterator[tuple[str, Step]]:
        """What an event that is found in the situation ``now`` means for the entries followed: the member, and its step."""
        match event:
            case Log(t, name, start, entries) if now.members[name].role in ("leader", "candidate"):
                for number, entry in enumerate(entries, start):
                    asked = entry.request is not None and now.members[name].role == "leader"
                    # Who writes the empty entry has just won, and may not yet be told of as the leader.
                    if asked or (entry.kind == "noop" and (number, entry.term) not in self.followed):
                        self.wrote(t, number, entry.term, Followed(has=frozenset((name,)), asked=asked))
            case Message(type="appended", ok=True, sender=name, to=to, position=int(position)):
                numbers = self.news(now.members[name], position, "has", name)
                if numbers:
                    yield name, Step(numbers, to)
            case State(member=name, commit=int(commit)):
                numbers = self.news(now.members[name], commit, "knows", name)
                if numbers:
                    yield name, Step(numbers, None)

    def thick(self, t: int) -> bool:
        """Whether so many writes came within the second before ``t`` µs that a further one is not followed."""
        return sum(when > t - SECOND for when in self.written) >= MOST_A_SECOND

    def wrote(self, t: int, number: int, term: int, entry: Followed) -> None:
        """A leader has taken an entry into its log at ``t`` µs: follow it, unless many writes came within the last second."""
        if not self.thick(t):
            self.followed = dict([*self.followed.items(), ((number, term), entry)][-MOST_FOLLOWED:])
        if entry.asked:
            self.written = (*self.written, t)[-MOST_A_SECOND:]

    def news(self, member: MemberState, last: int, what: str, name: str) -> tuple[int, ...]:
        """The entries followed, up to number ``last``, of which it has not been told that this member has or knows them; none if
        nobody asked for any of them. From now on it has been told."""
        log = member.log
        if not isinstance(log, Entries):
            return ()
        new = {
            (number, term): entry._replace(**{what: getattr(entry, what) | {name}})
            for (number, term), entry in self.followed.items()
            if number <= last
            and (held := log.numbered(number)) is not None
            and held.term == term
            and name not in getattr(entry, what)
        }
        self.followed = {**self.followed, **new}
        return (
            tuple(sorted(number for number, _ in new)) if any(entry.asked for entry in new.values()) else ()
        )
