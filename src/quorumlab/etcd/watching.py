"""Looking at the members again and again, so that the trace shows what they say and nobody's end goes unnoticed."""

from __future__ import annotations

import time
import weakref
from threading import Event, Thread
from typing import Protocol

from quorumlab.etcd.changes import Changes
from quorumlab.etcd.gateway import GatewayError
from quorumlab.etcd.members import ASK_SECONDS, Members
from quorumlab.etcd.recorder import Recorder

LOOK_SECONDS = 0.1  # a picture is to follow within 0.2 s; each look at a member costs it about a millisecond


class Clock:
    """Seconds since it was made, until it is stopped."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.ended: float | None = None

    def __call__(self) -> float:
        return (time.monotonic() if self.ended is None else self.ended) - self.began

    def stop(self) -> None:
        """From now on it shows this moment."""
        if self.ended is None:
            self.ended = time.monotonic()


class Watched(Protocol):
    """What a watcher looks at."""

    def look_around(self) -> None:
        """Look once."""


def watch(watched: Watched, closed: Event) -> None:
    """Look around every ``LOOK_SECONDS`` until ``closed``, or until nobody else knows what is watched."""
    Thread(target=_watch, args=(weakref.ref(watched), closed), name="watcher of etcd", daemon=True).start()


def _watch(ref: weakref.ref[Watched], closed: Event) -> None:
    while not closed.wait(LOOK_SECONDS):
        watched = ref()
        if watched is None:
            return
        try:
            watched.look_around()
        except RuntimeError:  # closed meanwhile, or the supervisor was killed; the next verb says so
            if closed.is_set():
                return
        del watched


def look_around(members: Members, changes: Changes, recorder: Recorder) -> None:
    """One look at all members."""
    for name in members.notice_ended(changes.removed):
        recorder.process(name, members.places[name].condition)
    changes.start_awaited()
    for name in list(members.places):
        if recorder.wanted and (status := members.look(name)) is not None:
            recorder.state(name, status, members.name_of)
    if recorder.wanted and not changes.agreed:
        changes.agreed = show_memberships(members, recorder)


def show_memberships(members: Members, recorder: Recorder) -> bool:
    """Record which membership each member believes in. Returns whether all that belong to it say the same."""
    believed = {}
    for name, place in list(members.places.items()):
        if place.condition != "up":
            continue
        try:
            listed = place.gateway.members(seconds=ASK_SECONDS)
        except GatewayError:
            continue
        learns = {members.name_at(line.peer_url): line.learner for line in listed}
        known = [other for other in list(members.places) if other in learns]
        voters = tuple(other for other in known if not learns[other])
        learners = tuple(other for other in known if learns[other])
        believed[name] = (voters, learners)
        recorder.membership(name, voters, learners)
    return len(set(believed.values())) == 1 and set(believed) == {
        n for pair in believed.values() for m in pair for n in m
    }
