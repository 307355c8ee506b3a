"""The contract of every cluster: its verbs, what they return, and the words for an honest refusal.

What an ``Outcome`` says is what a client of etcd could know, in both worlds. What only an all-knowing simulator knows beyond
that is told by the story of its trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, Self

from quorumlab.cluster.events import Condition, Mode, Role
from quorumlab.cluster.trace import Trace

if TYPE_CHECKING:
    from quorumlab.cluster.clients import Kind, Pending, Value
    from quorumlab.history import Operation

Error = Literal[
    "timeout",
    "member_down",
    "learner",
    "compare_failed",
    "too_many_learners",
    "learner_not_ready",
    "already_a_member",
    "not_a_member",
    "not_a_learner",
    "not_enough_started",
    "unhealthy",
    "not_the_leader",
    "no_lease",
    "witness",
]

ERRORS: Mapping[Error, str] = {
    "timeout": "no answer in time; what was asked may or may not have happened, and may still happen later",
    "member_down": "the member asked is down; nothing happened",
    "learner": "a learner answers serializable reads only, and cannot lead; nothing happened",
    "compare_failed": "the key did not have the expected value; nothing was written",
    "too_many_learners": "the cluster has as many learners as it allows; nothing happened",
    "learner_not_ready": "can only promote a learner that is in sync with the leader; nothing happened",
    "already_a_member": "there is a member of that name; nothing happened",
    "not_a_member": "there is no member of that name; nothing happened",
    "not_a_learner": "that member votes already; nothing happened",
    "not_enough_started": "too few members would be left that have started; nothing happened",
    "unhealthy": "the member that was asked has not been connected to enough members for long enough; nothing happened",
    "not_the_leader": "only the leader can hand leadership over, and nobody leads; nothing happened",
    "no_lease": "there is no such lease, or it has ended; nothing happened",
    "witness": "a witness votes and holds no data, so it answers nobody and cannot lead (there is none in etcd); nothing happened",
}
"""Every word that ``Outcome.error`` can be, in words for people."""


@dataclass(frozen=True)
class Outcome:
    """What a client learned from one request.

    ok        whether it is known to have succeeded
    value     what a read found (None for a key nobody wrote), or what a write wrote
    latency   how long the client waited, in ms
    error     None, or a word of ``ERRORS``
    via       the member asked
    revision  the store's revision at that moment, which each write raises by one; None after an error but "compare_failed", which
              also gives the value that was found, and after a change that is no write
    """

    ok: bool
    value: str | None
    latency: float
    error: Error | None
    via: str
    revision: int | None

    def __bool__(self) -> bool:
        return self.ok

    @property
    def unknown(self) -> bool:
        """Whether the client cannot know if its write happened: exactly after ``error="timeout"``, which stands for every
        request without an answer, a broken connection included.

        After every other error it is certain that the write did not happen and never will.
        """
        return self.error == "timeout"


@dataclass(frozen=True)
class MemberStatus:
    """One member as it sees itself. A member that is down has no role, and one that is paused tells nothing new."""

    role: Role | None
    term: int
    commit_index: int
    condition: Condition
    learner: bool
    leader: str | None


class Cluster(Protocol):
    """The verbs. Names of members are ``etcd-1``, ``etcd-2``, … unless the cluster was given others.

    A verb raises ValueError for a member that does not exist, and TypeError for an argument of the wrong
    kind. What the cluster itself refuses is the ``error`` of the Outcome.
    """

    # --- looking ---

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster now, up or not, learners last."""

    @property
    def leader(self) -> str | None:
        """The running member that leads in the highest term, or None. Its followers may have left it by now."""

    @property
    def agreed_leader(self) -> str | None:
        """The leader, if every running member of the cluster follows it."""

    @property
    def now(self) -> float:
        """Seconds since the start, by the cluster's own clock."""

    @property
    def trace(self) -> Trace:
        """What has happened so far."""

    def status(self) -> dict[str, MemberStatus]:
        """Each member by name, as it sees itself."""

    def history(self, *, serializable: bool = True) -> list[Operation]:
        """All reads, writes and compare-and-sets so far as clients saw them, for ``check_linearizable``; times in ms.

        With ``serializable=False`` the reads of that mode, which may be stale by right, are left out.
        """

    # --- clients ---

    def put(self, key: str, value: str, *, via: str | None = None, client: str = "client") -> Outcome:
        """Write ``value``, asking the member ``via``: by default the leader, else the first that runs."""

    def get(
        self, key: str, *, via: str | None = None, mode: Mode = "linearizable", client: str = "client"
    ) -> Outcome:
        """Read; ``mode`` "serializable" answers at once from what ``via`` has applied, stale or not."""

    def cas(
        self, key: str, expected: str | None, value: str, *, via: str | None = None, client: str = "client"
    ) -> Outcome:
        """Write ``value`` if the key has ``expected`` (None: is not there); else the error is "compare_failed"."""

    def submit(
        self,
        kind: Kind,
        key: str,
        value: Value = None,
        *,
        via: str | None = None,
        mode: Mode = "linearizable",
        client: str = "client",
    ) -> Pending:
        """Begin a "write", "read" or "cas" and return at once, so that many clients can be busy at the same time.

        ``outcome`` of what is returned shows up as time passes. The value of a cas is the pair (expected, new).
        """

    # --- faults ---

    def crash(self, *names: str) -> None:
        """Kill members (SIGKILL); what they had not yet written to disk is lost."""

    def stop(self, *names: str) -> None:
        """Stop members in an orderly way (SIGTERM): one that leads hands leadership over first."""

    def restart(self, *names: str) -> None:
        """Start members that are down, from what is on their disks."""

    def pause(self, *names: str) -> None:
        """Stop members' processes without ending them (SIGSTOP). Messages to them wait."""

    def resume(self, *names: str) -> None:
        """Let paused members go on (SIGCONT)."""

    def partition(self, *groups: Iterable[str]) -> None:
        """Cut every link between members of different groups and heal the cuts within; those not named make one more group."""

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut the link between two members, or only that from ``a`` to ``b``."""

    def delay(self, a: str, b: str, *, ms: float, one_way: bool = False) -> None:
        """Make messages between two members take ``ms`` longer each way, so the round trip twice that."""

    def heal(self, *link: str) -> None:
        """Undo all cuts and delays, or those between the two members named."""

    def slow_disk(self, name: str, *, ms: float) -> None:
        """Make each disk write of one member take ``ms`` longer; 0 undoes it."""

    # --- membership ---

    def add_learner(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add and start a member that gets the log and does not vote; by default its name is the next free number.

        ``zone``, in a cluster made with ``rtt``, is the zone or region where it stands; by default where the member that is asked stands,
        which is the leader if there is one.
        """

    def add_voter(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add and start a member that votes at once; by default its name is the next free number. ``zone`` as for ``add_learner``."""

    def promote(self, name: str) -> Outcome:
        """Make a learner a voter; refused until it has nearly all of the log."""

    def remove(self, name: str) -> Outcome:
        """Remove a member; its name is not used again."""

    def transfer(self, to: str) -> Outcome:
        """Hand leadership to ``to``; ok once it leads."""

    # --- time ---

    def run_for(self, seconds: float) -> None:
        """Let ``seconds`` pass, by the cluster's own clock."""

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass until ``condition()`` holds, at most ``within`` seconds. Returns whether it does.

        It is asked again and again, and may itself ask or act on the cluster.
        """

    # --- the end ---

    def close(self) -> None:
        """End the cluster and all that belongs to it. A second call does nothing."""

    def __enter__(self) -> Self:
        """Give the cluster itself, for ``with``."""

    def __exit__(self, *exc: object) -> None:
        """Close."""
