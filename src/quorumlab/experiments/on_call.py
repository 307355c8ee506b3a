"""A broken cluster in the hands of somebody on call: the verbs of the contract that repair, each of which takes its time, while a client
goes on writing. (Only for the simulation.)"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from typing import NamedTuple, NoReturn

from quorumlab.arguments import number
from quorumlab.cluster import checks
from quorumlab.cluster.clients import Pending
from quorumlab.cluster.events import Mode
from quorumlab.cluster.protocol import ERRORS, MemberStatus, Outcome
from quorumlab.cluster.trace import Trace
from quorumlab.simulation import SimulatedCluster

ACT_S = 10.0
"""Seconds that each act takes whoever is on call: to read, to decide, to type."""
ANEW_S = 60.0
"""Seconds that ``force_new_cluster`` takes: stop the member, keep a copy of its data, start it with the flag, tell the clients."""
WRITES_EVERY_S = 0.5
PROMPT_MS = 100.0
"""A client that waits for longer than this is not well served."""
LONGEST_WAIT_S = 600.0
ACTS = (
    "restart", "resume", "heal", "stop", "crash", "transfer", "remove", "add_voter", "add_learner", "promote", "force_new_cluster",
)  # fmt: skip
"""The verbs that repair."""


class Act(NamedTuple):
    """What somebody did: the verb, to whom ("" for all), when it took effect, in s since it broke, what came of it, in words, and whether
    it was done."""

    verb: str
    member: str
    at: float
    told: str
    ok: bool

    @property
    def call(self) -> str:
        """As it is written: ``restart("etcd-2")``."""
        return f'{self.verb}("{self.member}")' if self.member else f"{self.verb}()"

    def __str__(self) -> str:
        return f"{self.call}, {self.at:.0f} s after it broke: {self.told.rstrip('.')}."


class Acts(tuple[Act, ...]):
    """Some acts, as a cell shows them: a line for each, with what came of it. True if all were done."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """Whether all were done."""
        return all(act.ok for act in self)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "Nothing was done."

    __repr__ = __str__  # IPython shows a tuple's repr as its plain text, whatever else it is given

    def to_html(self) -> str:
        """A paragraph with a line for each."""
        return f"<p>{'<br>'.join(html.escape(str(self), quote=False).splitlines())}</p>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": str(self)}


class Asked(NamedTuple):
    """A write of the incident's client: when it was asked, in s, its key, and what is known of it."""

    at: float
    key: str
    pending: Pending

    @property
    def served(self) -> bool:
        """Whether it was done, and promptly."""
        outcome = self.pending.outcome
        return outcome is not None and outcome.ok and outcome.latency <= PROMPT_MS

    @property
    def acknowledged(self) -> bool:
        """Whether its client was told that it is done."""
        return self.pending.outcome is not None and self.pending.outcome.ok


class OnCall:
    """The verbs of the contract for whoever repairs a cluster: ``crash``, ``stop``, ``restart``, ``resume``, ``heal``, ``transfer``,
    ``add_learner``, ``add_voter``, ``promote``, ``remove``, ``put``, ``get``, ``status``, ``run_for``, and ``force_new_cluster``.

    Each act takes ten simulated seconds, ``force_new_cluster`` sixty, and gives what came of it as ``Acts``. Meanwhile, and during
    ``run_for``, a client writes a new key twice a second. An act on a member that never was raises ValueError. What breaks things (``pause``, ``cut``, ``delay``, ``slow_disk``) is not offered.

    no_disk, deaf   members whose disk is lost (they cannot be restarted), or who do not hear all others
    slow_disk       by how many ms a member's disk is slower, for those that are
    left_behind     members of the old cluster, once a new one was forced; they can only be added again, on new machines
    acts, asked     what was done, and what the client wrote
    began           when it broke, by ``now``
    """

    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster
        self._offset = 0.0  # of the clock, when a new cluster has taken the place of the old one
        self._next = cluster.now
        self.began = cluster.now
        self._number = max(int(name.rpartition("-")[2]) for name in cluster.members)
        self.no_disk: set[str] = set()
        self.slow_disk: dict[str, float] = {}
        self.deaf: set[str] = set()
        self.left_behind: set[str] = set()
        self._broken: SimulatedCluster | None = None  # the cluster that broke, once a new one was forced
        self.acts: list[Act] = []
        self.asked: list[Asked] = []

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name, name=name, obj=self)
        raise AttributeError(
            f"There is no act {name!r}; choose one of {', '.join(ACTS)}, or look, with status().",
            name=name,
            obj=self,
        )

    # --- looking ---

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster now, up or not."""
        return self._cluster.members

    @property
    def leader(self) -> str | None:
        """The running member that leads in the highest term, or None."""
        return self._cluster.leader

    @property
    def agreed_leader(self) -> str | None:
        """The leader, if every running member of the cluster follows it."""
        return self._cluster.agreed_leader

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return self._offset + self._cluster.now

    def since(self, moment: float) -> float:
        """Seconds since it broke, in whole µs as the simulation has them."""
        return round(moment - self.began, 6)

    @property
    def trace(self) -> Trace:
        """What has happened to the cluster that broke: so far, or until a new one took its place."""
        return (self._broken or self._cluster).trace

    @property
    def new_trace(self) -> Trace | None:
        """What has happened so far to the new cluster (of several, the newest), by a clock of its own; None as long as none was forced."""
        return self._cluster.trace if self._broken else None

    def status(self) -> dict[str, MemberStatus]:
        """Each member as it sees itself."""
        return self._cluster.status()

    # --- clients ---

    def put(self, key: str, value: str, *, via: str | None = None) -> Outcome:
        """Write ``value``, as a client does."""
        return self._cluster.put(key, value, via=via)

    def get(self, key: str, *, via: str | None = None, mode: Mode = "linearizable") -> Outcome:
        """Read, as a client does."""
        return self._cluster.get(key, via=via, mode=mode)

    # --- another future ---

    def fork(self) -> OnCall:
        """The same cluster in the same hands, with a future of its own: this one stays as it is."""
        other = copy(self)
        other._cluster = self._cluster.fork()
        both = zip(self._cluster.requests, other._cluster.requests, strict=True)
        same: dict[int, Pending] = {id(here): there for here, there in both}
        # What was asked of a cluster that a new one has replaced is over: no answer comes any more.
        other.asked = [
            asked._replace(pending=same.get(id(asked.pending), asked.pending)) for asked in self.asked
        ]
        other.acts = list(self.acts)
        other.no_disk, other.slow_disk, other.deaf = set(self.no_disk), dict(self.slow_disk), set(self.deaf)
        other.left_behind = set(self.left_behind)
        return other

    # --- acts ---

    def crash(self, *names: str) -> Acts:
        """Kill members."""
        return self._each("crash", names, self._cluster.crash)

    def stop(self, *names: str) -> Acts:
        """Stop members in an orderly way: one that leads hands leadership over first."""
        return self._each("stop", names, self._cluster.stop)

    def restart(self, *names: str) -> Acts:
        """Start members that are down; not done for one whose disk is lost, or that is only paused."""
        return self._each("restart", names, self._restart)

    def resume(self, *names: str) -> Acts:
        """Let paused members go on."""
        return self._each("resume", names, self._cluster.resume)

    def heal(self, *link: str) -> Acts:
        """Have all links mended. Raises TypeError for a link that is named."""
        if link:
            raise TypeError("heal() mends all links here; leave the names out.")
        healed = self._take("heal", "", self._cluster.heal)
        self.deaf.clear()
        return healed

    def transfer(self, to: str) -> Acts:
        """Hand leadership to ``to``."""
        return self._do("transfer", to, self._cluster.transfer)

    def remove(self, name: str) -> Acts:
        """Remove a member."""
        return self._do("remove", name, self._cluster.remove)

    def promote(self, name: str) -> Acts:
        """Make a learner a voter."""
        return self._do("promote", name, self._cluster.promote)

    def add_voter(self, name: str | None = None) -> Acts:
        """Add a member on a new machine, and start it."""
        return self._add("add_voter", name, self._cluster.add_voter)

    def add_learner(self, name: str | None = None) -> Acts:
        """Add a member on a new machine that does not vote yet, and start it."""
        return self._add("add_learner", name, self._cluster.add_learner)

    def force_new_cluster(self, name: str) -> Acts:
        """Make one running member, with what it has applied, a new cluster of one, as etcd's ``--force-new-cluster`` does. The others are
        out: they can only be added again, as new members. Whatever this one lacks is lost, acknowledged or not. Not done with a member that
        does not answer."""
        return self._do("force_new_cluster", name, self._found, takes=ANEW_S)

    # --- time ---

    def run_for(self, seconds: float) -> None:
        """Wait, while the client goes on writing; ValueError for more than ten minutes."""
        seconds = float(number(seconds, "seconds", least=0, most=LONGEST_WAIT_S, unit="s"))
        for _ in self._passing(seconds):
            pass

    def run_until(self, condition: Callable[[], bool], *, within: float) -> bool:
        """Wait until ``condition()`` holds, asked twice a second. Returns whether it does."""
        return condition() or any(condition() for _ in self._passing(within))

    # --- within ---

    def _passing(self, seconds: float) -> Iterator[None]:
        """Let time pass; the client asks whenever it is its turn."""
        end = self.now + seconds
        while self.now < end:
            if self._next <= self.now:
                key = f"order-{len(self.asked) + 1}"
                self.asked.append(Asked(self.now, key, self._cluster.submit("write", key, "paid")))
                self._next = self.now + WRITES_EVERY_S
            # A tiny step past the moment: a clock of whole µs must not fall short of it for ever.
            self._cluster.run_for(max(min(self._next, end) - self.now, 1e-6))
            yield

    def _take(
        self,
        verb: str,
        member: str,
        act: Callable[[], Outcome | str | None],
        *,
        takes: float = ACT_S,
        done: str = "done",
    ) -> Acts:
        """One act, and the time it takes before it has an effect, in s. ``act`` gives an Outcome, or why nothing was done, or nothing."""
        self.run_for(takes)
        why: str | None = None
        try:
            came = act()
            if isinstance(came, Outcome):
                why = None if came.ok else ERRORS[came.error] if came.error else "not done"
            else:
                why = came
        except (TypeError, ValueError) as wrong:
            why = str(wrong)
            raise
        finally:
            self.acts.append(Act(verb, member, self.since(self.now), why or done, why is None))
        return Acts(self.acts[-1:])

    def _each(self, verb: str, names: tuple[str, ...], act: Callable[[str], str | None]) -> Acts:
        return Acts(one for name in names for one in self._do(verb, name, act))

    def _do(
        self, verb: str, name: str, act: Callable[[str], Outcome | str | None], *, takes: float = ACT_S
    ) -> Acts:
        """One act on a member; not done to one that a new cluster has left behind."""

        def to_one_that_is_there() -> Outcome | str | None:
            if checks.member_name(name) in self.left_behind:
                return f"{name} belongs to the cluster that was given up, and the new one does not know it; add a new member"
            return act(name)

        return self._take(verb, name, to_one_that_is_there, takes=takes)

    def _add(self, verb: str, name: str | None, add: Callable[[str], Outcome]) -> Acts:
        new = name or self._new()

        def on_a_new_machine() -> Outcome:
            outcome = add(new)
            if outcome.ok:
                self.left_behind.discard(new)
            return outcome

        return self._take(verb, name or "", on_a_new_machine, done=f"done, as {new}")

    def _restart(self, name: str) -> str | None:
        """Start a member that is down; or why it does not."""
        if name in self.no_disk:
            return f"{name} finds an empty disk and does not start; remove it, and add a new member"
        if name in self.members and self.status()[name].condition == "paused":
            return f"{name} is not down but stopped (SIGSTOP), so nothing happened; resume it"
        self._cluster.restart(name)
        return None

    def _found(self, name: str) -> str | None:
        """Start the cluster anew from what one member serves of the client's keys; or why that cannot be."""
        kept = self._kept_by(checks.known(name, self.members))
        if not kept:
            return f"{name} does not answer, so there is nothing to start from; choose another"
        old = self._cluster
        self._broken = self._broken or old
        self._offset += old.now
        self._cluster = SimulatedCluster([name], seed=f"anew/{name}", timeout_ms=2000)
        self._offset -= self._cluster.now
        self.left_behind |= set(old.members) - {name}
        self.no_disk.clear()
        self.deaf.clear()
        self.slow_disk = {slow: ms for slow, ms in self.slow_disk.items() if slow == name}
        for slow, ms in self.slow_disk.items():
            self._cluster.slow_disk(slow, ms=ms)
        for key, value in kept.items():
            self._cluster.put(key, value)
        return None

    def _kept_by(self, name: str) -> Mapping[str, str]:
        """What of the client's keys one member serves."""
        if self._cluster.status()[name].condition != "up":
            return {}
        read = {a.key: self._cluster.get(a.key, via=name, mode="serializable").value for a in self.asked}
        return {key: value for key, value in read.items() if value is not None}

    def _new(self) -> str:
        self._number += 1
        return f"etcd-{self._number}"
