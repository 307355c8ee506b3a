"""``EtcdCluster``: the contract's verbs on real etcd processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from threading import Event
from typing import Any, NoReturn, Self

from quorumlab.cluster import checks
from quorumlab.cluster.clients import Kind, Pending, Value, history
from quorumlab.cluster.events import SECOND, Mode
from quorumlab.cluster.protocol import MemberStatus, Outcome
from quorumlab.cluster.trace import Trace
from quorumlab.etcd.binary import find_etcd
from quorumlab.etcd.changes import Changes
from quorumlab.etcd.granting import LeaseOutcome, number
from quorumlab.etcd.members import leader_of
from quorumlab.etcd.operations import Operations
from quorumlab.etcd.recorder import Recorder
from quorumlab.etcd.requests import Requests
from quorumlab.etcd.settings import Between, EtcdSettings, founders
from quorumlab.etcd.snapshots import Restoring, snapshot_tool
from quorumlab.etcd.starting import settled, started
from quorumlab.etcd.watching import Clock, look_around, watch
from quorumlab.history import Operation
from quorumlab.latency.ground import Ground

ASK_CONDITION_SECONDS = 0.01


class EtcdCluster(Operations):
    """A cluster of ``size`` real members (or of the members named) on this machine, with real time.

    Needs no root and uses this machine's loopback only. Data lies in a temporary folder, and goes with the cluster: when it is closed,
    forgotten, or when this Python ends, whatever ends it.

    size          how many members (1 to 9), or their names, or an object whose ``members`` are the names: a topology, whose learners are
                  added once etcd allows it, after about 5 s
    heartbeat_ms  how often a leader sends heartbeats: whole ms
    election_ms   the base election timeout T, each timeout being drawn from [T, 2T): whole ms, 5 heartbeats to 50 s
    pre_vote      etcd's ``--pre-vote``
    timeout_ms    how long clients wait; None is etcd's 5 s plus two election timeouts
    leader        the member that leads first: leadership is handed to it; None leaves it to chance
    latency_ms    time of a message one way besides what this machine itself takes (about 0.3 ms): ms, or a dict that gives it for each
                  pair of members
    rtt           round trips between regions, such as ``ql.RTT``: with a Topology, in place of ``latency_ms``
    jitter_ms     up to how much longer a message takes, at random
    loss          probability that a piece of what is sent is lost, so that TCP sends it again later
    client        with ``rtt``: the zone or region where clients are, or such a place by the name of each client, so that they pay their
                  own way to the member asked; None: beside that member
    client_ms     how long requests of a client take to a member, and answers back, by (client, member), where "*" is every client not
                  named; 0 for all others
    max_learners  etcd's ``--max-learners``
    settle        wait until all members follow one leader
    record        whether to keep a trace
    restore       what the founders' data comes from: as ``restored`` says it

    Raises TypeError or ValueError with one sentence for arguments that make no cluster, EtcdUnavailableError where no etcd can run, and
    RuntimeError or OSError with one sentence where it does not start; then nothing is left running.
    """

    def __init__(
        self,
        size: int | Sequence[str] | Any,
        *,
        heartbeat_ms: int = 100,
        election_ms: int = 1000,
        pre_vote: bool = True,
        timeout_ms: float | None = None,
        leader: str | None = None,
        latency_ms: Between = 0.0,
        rtt: object = None,
        jitter_ms: float = 0.0,
        loss: float = 0.0,
        client: str | Mapping[str, str] | None = None,
        client_ms: Mapping[tuple[str, str], float] | None = None,
        max_learners: int = 1,
        settle: bool = True,
        record: bool = True,
        restore: Restoring | None = None,
    ) -> None:
        client_ms = checks.client_ms(client_ms)
        if (ground := Ground.of(size, rtt, client, client_ms)) is not None:
            latency_ms, client_ms = ground.latency_ms, ground.client_ms | client_ms
        self._settings = EtcdSettings(
            founders(size), checks.without_vote(size, max_learners), heartbeat_ms, election_ms, pre_vote, timeout_ms, leader, latency_ms, jitter_ms, loss,
            client_ms, max_learners, settle, record, ground,
        )  # fmt: skip
        binary = find_etcd()
        self._settings.fit(binary)
        self._version = binary.version
        self._closed = Event()
        self._members = started(binary, self._settings, restore and restore.by_etcdutl(snapshot_tool(binary)))
        try:
            self._clock = Clock()
            self._recorder = Recorder(self._clock, wanted=record)
            self._requests = Requests(self._members, self._clock, self._recorder)
            self._changes = Changes(self._members, self._requests)
            self._recorder.founded(self._settings.founders)
            watch(self, self._closed)
            if restore is not None:
                self._raise_revision(restore)
            if settle and settled(self._members) and leader not in (None, self.leader):
                self.transfer(leader)
            self._add_learners()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a cluster of processes cannot be copied; save its trace, with cluster.trace.save(path)."
        )

    # --- looking ---

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster now, up or not, learners last: as the leader says, or else the running
        member that has applied most.
        """
        return self._changes.names()

    @property
    def leader(self) -> str | None:
        """The running member that leads in the highest term, or None. Its followers may have left it by now."""
        return leader_of(self._members.look_at_all())

    @property
    def agreed_leader(self) -> str | None:
        """The leader, if every running member of the cluster follows it."""
        seen = self._members.look_at_all()
        leader = leader_of(seen)
        running = [n for n in self.members if self._members.places[n].condition == "up"]
        number = seen[leader].member if leader else 0
        return leader if all(name in seen and seen[name].leader == number for name in running) else None

    @property
    def now(self) -> float:
        """Seconds since the founders were started."""
        return self._clock()

    def status(self) -> dict[str, MemberStatus]:
        """Each member as it sees itself. One that is up and says nothing, as a member that was started and finds no quorum, has
        no role either. One that was asked for, and of which nobody knows whether it was added, is none yet.
        """
        shown, places = self._members.statuses(), self._members.places
        if all(places[name].argv for name in shown):
            return shown
        members = self.members
        return {name: status for name, status in shown.items() if places[name].argv or name in members}

    @property
    def trace(self) -> Trace:
        """What has happened so far, as far as etcd shows it. Raises ValueError for a cluster made with ``record=False``."""
        if not self._recorder.wanted:
            raise ValueError("this cluster keeps no trace; make it with record=True.")
        with self._recorder.lock:
            until, events = round(self.now * SECOND), tuple(self._recorder.events)
        return Trace("etcd", self._settings.plain(self._version), until, events)

    def history(self, *, serializable: bool = True) -> list[Operation]:
        """All reads, writes and compare-and-sets so far as clients saw them, for ``check_linearizable``; times in ms.

        With ``serializable=False`` the reads of that mode, which may be stale by right, are left out.
        """
        with self._requests.lock:
            return history(list(self._requests.all), serializable=serializable)

    # --- clients ---

    def put(
        self,
        key: str,
        value: str,
        *,
        via: str | None = None,
        client: str = "client",
        lease: int | LeaseOutcome | None = None,
    ) -> Outcome:
        """Write ``value``, asking the member ``via``: by default the leader, else the first that runs. It goes when ``lease`` ends."""
        return self._requests.carry_out(self._begin("write", key, value, via, "linearizable", client, lease))

    def get(
        self, key: str, *, via: str | None = None, mode: Mode = "linearizable", client: str = "client"
    ) -> Outcome:
        """Read; ``mode`` "serializable" answers at once from what ``via`` has applied, stale or not."""
        return self._requests.carry_out(self._begin("read", key, None, via, mode, client))

    def cas(
        self,
        key: str,
        expected: str | None,
        value: str,
        *,
        via: str | None = None,
        client: str = "client",
        lease: int | LeaseOutcome | None = None,
    ) -> Outcome:
        """Write ``value`` if the key has ``expected`` (None: is not there); else the error is "compare_failed"."""
        return self._requests.carry_out(
            self._begin("cas", key, (expected, value), via, "linearizable", client, lease)
        )

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
        request = self._begin(kind, key, value, via, mode, client)
        self._requests.in_background(request)
        return request

    # --- faults ---

    def crash(self, *names: str) -> None:
        """Kill members (SIGKILL); what they had not yet written to disk is lost."""
        for place in self._in(names, "up", "paused"):
            self._members.kill(place)
            self._recorder.process(place, "down")

    def stop(self, *names: str) -> None:
        """Stop members in an orderly way (SIGTERM): one that leads hands leadership over first. One that is paused cannot hear it,
        and is killed.
        """
        for name in self._in(names, "up", "paused"):
            if self._members.places[name].condition == "up":
                self._members.terminate(name)
            else:
                self._members.kill(name)
            self._recorder.process(name, "down")

    def restart(self, *names: str) -> None:
        """Start members that are down, from what is on their disks. One whose disk was wiped ends again by itself (see ``wipe``)."""
        for name in self._in(names, "down"):
            self._start(name)

    def pause(self, *names: str) -> None:
        """Stop members' processes without ending them (SIGSTOP). Messages to them wait."""
        for name in self._in(names, "up"):
            self._members.look(name)  # what it says last
            self._members.pause(name)
            self._recorder.process(name, "paused")

    def resume(self, *names: str) -> None:
        """Let paused members go on (SIGCONT)."""
        for name in self._in(names, "paused"):
            self._members.resume(name)
            self._recorder.process(name, "up")
            self._changes.unsettled()

    def partition(self, *groups: Iterable[str]) -> None:
        """Cut every link between members of different groups and heal the cuts within; those not named make one more group."""
        self._check_open()
        group_of = checks.group_of_each(groups, self._members.places)
        for a, b in permutations(self._members.places, 2):
            self._set_link(a, b, cut=group_of[a] != group_of[b])

    def cut(self, a: str, b: str, *, one_way: bool = False) -> None:
        """Cut the link between two members, or only that from ``a`` to ``b``."""
        self._check_open()
        for one, other in checks.directions(a, b, self._members.places, one_way):
            self._set_link(one, other, cut=True)

    def delay(self, a: str, b: str, *, ms: float, one_way: bool = False) -> None:
        """Make messages between two members take ``ms`` longer each way, so the round trip twice that."""
        self._check_open()
        extra = checks.extra_delay(ms) / checks.MS
        for one, other in checks.directions(a, b, self._members.places, one_way):
            self._set_link(one, other, extra_ms=extra)

    def heal(self, *link: str) -> None:
        """Undo all cuts and delays, or those between the two members named."""
        self._check_open()
        checks.healed(link)
        there = self._members.places
        for a, b in checks.directions(link[0], link[1], there) if link else permutations(there, 2):
            self._set_link(a, b, cut=False, extra_ms=0)

    def slow_disk(self, name: str, *, ms: float) -> None:
        """Make each write to one member's log on disk take ``ms`` longer; 0 undoes it. Linux holds back the member's calls of
        fdatasync for that (see ``disks``); raises RuntimeError on a machine that cannot.
        """
        self._check_open()
        extra = checks.extra_delay(ms) / checks.MS
        self._members.processes.slow_disk(checks.known(name, self._members.places), extra)
        self._recorder.disk(name, extra)

    # --- membership ---

    def add_learner(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add and start a member that gets the log and does not vote. ``name`` and ``zone`` as in ``cluster.Cluster``."""
        return self._add(name, zone, learner=True)

    def add_voter(self, name: str | None = None, *, zone: str | None = None) -> Outcome:
        """Add and start a member that votes at once. ``name`` and ``zone`` as in ``cluster.Cluster``."""
        return self._add(name, zone, learner=False)

    def promote(self, name: str) -> Outcome:
        """Make a learner a voter; refused until it has nearly all of the log."""
        self._check_open()
        return self._changes.promote(checks.known(name, self._members.places), via=self._default_via())

    def remove(self, name: str) -> Outcome:
        """Remove a member; its process ends when it learns of it. Its name is not used again."""
        self._check_open()
        return self._changes.remove(checks.known(name, self._members.places), via=self._default_via())

    def transfer(self, to: str) -> Outcome:
        """Hand leadership to ``to``; ok once it leads."""
        self._check_open()
        return self._changes.transfer(checks.known(to, self._members.places), leader=self.leader)

    # --- time ---

    def run_for(self, seconds: float) -> None:
        """Let real ``seconds`` pass."""
        self._check_open()
        time.sleep(checks.micros(seconds, "seconds") / SECOND)

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Let time pass until ``condition()`` holds, at most ``within`` seconds. Returns whether it does. A condition may also ask
        and act.
        """
        self._check_open()
        checks.condition(condition)
        until = time.monotonic() + checks.micros(within, "within") / SECOND
        while True:
            if condition():
                return True
            if time.monotonic() >= until:
                return False
            time.sleep(ASK_CONDITION_SECONDS)

    # --- the end ---

    def close(self) -> None:
        """Kill all members and remove their data. A second call does nothing. Its trace and history can still be read."""
        self._closed.set()
        if hasattr(self, "_clock"):
            self._clock.stop()
        self._members.close()

    # --- within ---

    def look_around(self) -> None:
        """One look at all members, for the trace: the watcher's, not yours."""
        look_around(self._members, self._changes, self._recorder)

    def _begin(
        self,
        kind: Kind,
        key: str,
        value: Value,
        via: str | None,
        mode: Mode,
        client: str,
        lease: int | LeaseOutcome | None = None,
    ) -> Pending:
        self._check_open()
        checks.request(kind, key, value, mode, client)
        held_by = 0 if lease is None else number(lease)
        via = self._default_via() if via is None else checks.known(via, self._members.places)
        return self._requests.begin(kind, key, value, via, mode, client, held_by)

    def _add(self, name: str | None, zone: str | None, *, learner: bool) -> Outcome:
        self._check_open()
        free = self._changes.free_name(name)
        return self._changes.add(free, zone, learner=learner, via=self._default_via())

    def _in(self, names: tuple[str, ...], *conditions: str) -> list[str]:
        """Those of ``names`` whose processes are in one of ``conditions``."""
        self._check_open()
        known = [checks.known(name, self._members.places) for name in names]
        return [name for name in known if self._members.places[name].condition in conditions]

    def _set_link(self, a: str, b: str, *, cut: bool | None = None, extra_ms: float | None = None) -> None:
        """Change one direction, and note it down if it is a change."""
        links = self._members.links
        before, after = links.change(a, b, cut=cut, extra_ms=extra_ms)
        if after != before:
            self._recorder.link(a, b, cut=after.cut, delay_ms=links.extra_ms(a, b))
        if before.cut and not after.cut:
            self._changes.unsettled()
