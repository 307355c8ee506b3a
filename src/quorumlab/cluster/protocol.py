"""The contract of every cluster: its verbs, what they return, and the words for an honest refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

ERRORS: Mapping[str, str] = {
    "timeout": "no answer in time; a write may or may not have happened, and may still happen later",
    "no_leader": "no leader was found in time; nothing happened",
    "no_quorum": "the members that can be reached are fewer than a quorum; nothing happened",
    "member_down": "the member asked is down; nothing happened",
    "learner": "a learner answers serializable reads only; nothing happened",
    "compare_failed": "the key did not have the expected value; nothing was written",
    "change_pending": "another membership change is not finished, or the leader is too new; nothing happened",
    "too_many_learners": "the cluster has as many learners as it allows; nothing happened",
    "learner_not_ready": "can only promote a learner that is in sync with the leader; nothing happened",
    "already_a_member": "there is a member of that name; nothing happened",
    "not_a_member": "there is no member of that name; nothing happened",
    "not_a_learner": "that member votes already; nothing happened",
    "last_voter": "the last voter cannot be removed; nothing happened",
}


@dataclass(frozen=True)
class Outcome:
    """What a client learned from one request.

    ok        whether it is known to have succeeded
    value     what a read found (None for a key nobody wrote), or what a write wrote
    latency   how long the client waited, in ms
    error     None, or a word of ``ERRORS``
    via       the member asked
    revision  the store's revision at that moment, which each write raises by one; None after an error but "compare_failed", which
              also gives the value that was found
    """

    ok: bool
    value: str | None
    latency: float
    error: str | None
    via: str
    revision: int | None

    @property
    def unknown(self) -> bool:
        """Whether the client cannot know if its write happened: exactly after ``error="timeout"``.

        After every other error it is certain that the write did not happen and never will.
        """
        return self.error == "timeout"


@dataclass(frozen=True)
class MemberStatus:
    """One member as it sees itself. ``condition`` is "up", "paused", "down" or "removed"; a member that is
    down has no role.
    """

    role: str | None
    term: int
    commit_index: int
    condition: str
    learner: bool
    leader: str | None


class Cluster(Protocol):
    """The verbs. Names of members are ``etcd-1``, ``etcd-2``, … unless the cluster was given others.

    A verb raises ValueError for a member that does not exist, and TypeError for an argument of the wrong
    kind. What the cluster itself refuses is the ``error`` of the Outcome.
    """

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster now, up or not, learners last."""

    @property
    def leader(self) -> str | None:
        """The member that leads in the highest term, or None."""

    @property
    def trace(self) -> Any:
        """What has happened so far; see ``quorumlab.cluster.trace.Trace``."""

    def __enter__(self) -> Cluster:
        """Give the cluster itself, for ``with``."""

    def __exit__(self, *exc: object) -> None:
        """End the cluster and all that belongs to it."""

    def status(self) -> dict[str, MemberStatus]:
        """Each member by name, as it sees itself."""

    def put(self, key: str, value: str, *, via: str | None = None) -> Outcome:
        """Write ``value``, asking the member ``via``; by default the leader."""

    def get(self, key: str, *, via: str | None = None, mode: str = "linearizable") -> Outcome:
        """Read; ``mode`` is "linearizable", or "serializable" for what ``via`` has applied, stale or not."""

    def crash(self, *names: str) -> None:
        """Kill members; what they had not yet written to disk is lost."""

    def restart(self, *names: str) -> None:
        """Start members that are down, from what is on their disks."""

    def pause(self, *names: str) -> None:
        """Stop members' processes without ending them (SIGSTOP)."""

    def resume(self, *names: str) -> None:
        """Let paused members go on (SIGCONT)."""

    def partition(self, *groups: set[str] | Sequence[str]) -> None:
        """Cut the links between members of different groups; those not named make one more group."""

    def delay(self, a: str, b: str, *, ms: float) -> None:
        """Make messages between two members take ``ms`` milliseconds longer each way."""

    def heal(self) -> None:
        """Undo all cuts and delays."""

    def add_learner(self, name: str | None = None) -> Outcome:
        """Add and start a member that gets the log and does not vote; by default the next free number."""

    def promote(self, name: str) -> Outcome:
        """Make a learner a voter; refused until it has nearly all of the log."""

    def remove(self, name: str) -> Outcome:
        """Remove a member; its name is not used again."""

    def run_for(self, seconds: float) -> None:
        """Let ``seconds`` pass, by the cluster's own clock."""
