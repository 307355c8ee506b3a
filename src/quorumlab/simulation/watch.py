"""Who is told of every step of every member: the recorder, the roster, the safety monitor."""

from __future__ import annotations

from collections.abc import Callable

from quorumlab.raft import Entry, Member


class Watch:
    """Somebody who is told. Each method does nothing here, so that one overrides what it wants to hear; ``now`` in µs."""

    def restarted(self, now: int, member: Member) -> None:
        """A member has started from its disk."""

    def changed(self, now: int, member: Member) -> None:
        """More than timers and messages has changed in a member. Its ``writes`` are still there."""

    def applied(self, now: int, member: Member, index: int, entry: Entry) -> None:
        """A member applies an entry. If that changes the membership, the new one is in force already."""

    def stepped(self, now: int, member: Member) -> None:
        """A member has done all that its last input asked for."""

    def ticked(self, now: int, member: Member) -> None:
        """A member's timer has run out, and it has done what follows."""


class Watchers:
    """All that watch, by what they want to hear, in the order they came."""

    def __init__(self) -> None:
        self.restarted: list[Callable[[int, Member], None]] = []
        self.changed: list[Callable[[int, Member], None]] = []
        self.applied: list[Callable[[int, Member, int, Entry], None]] = []
        self.stepped: list[Callable[[int, Member], None]] = []
        self.ticked: list[Callable[[int, Member], None]] = []

    def add(self, watch: Watch) -> None:
        """Tell ``watch`` as well, from now on; only what it overrides, since most steps interest nobody."""
        kind = type(watch)
        if kind.restarted is not Watch.restarted:
            self.restarted.append(watch.restarted)
        if kind.changed is not Watch.changed:
            self.changed.append(watch.changed)
        if kind.applied is not Watch.applied:
            self.applied.append(watch.applied)
        if kind.stepped is not Watch.stepped:
            self.stepped.append(watch.stepped)
        if kind.ticked is not Watch.ticked:
            self.ticked.append(watch.ticked)
