"""Since when the members of a world are connected, as etcd's servers know it of their peers."""

from __future__ import annotations

from collections.abc import Iterable

from quorumlab.simulation.network import SECOND

LASTING = (
    5 * SECOND
)  # how long a connection must have held to count (HealthInterval in server/etcdserver/server.go)

BROKEN = {"down", "removed", "cut"}


class Connections:
    """What has become of all processes and links, from which it follows since when two members have been connected.

    It is written down often and asked about seldom, so each pair is brought up to date when somebody asks.
    """

    def __init__(self) -> None:
        self.happened: list[
            tuple[int, tuple[str, ...], str]
        ] = []  # (µs, a member or a link, what became of it)
        self.pairs: dict[frozenset[str], Pair] = {}

    def process(self, now: int, name: str, condition: str) -> None:
        """The process of a member is in another condition."""
        self.happened.append((now, (name,), condition))

    def link(self, now: int, a: str, b: str, cut: bool) -> None:
        """The link from ``a`` to ``b`` has been cut or healed."""
        self.happened.append((now, (a, b), "cut" if cut else "whole"))

    def active_since(self, a: str, b: str) -> int | None:
        """Since when two members have been connected, in µs; None if they are not."""
        pair = self.pairs.setdefault(frozenset((a, b)), Pair(a, b))
        for at, whom, what in self.happened[pair.told :]:
            if pair.names.issuperset(whom):
                pair.hear(at, whom, what)
        pair.told = len(self.happened)
        return pair.since

    def for_long(self, name: str, others: Iterable[str], now: int) -> int:
        """How many of ``others``, itself among them, a member has been connected to for more than five seconds."""
        since = [self.active_since(name, other) for other in others if other != name]
        return sum(at is not None and at < now - LASTING for at in since) + (name in set(others))

    def longest(self, name: str, others: Iterable[str]) -> str | None:
        """Whom of ``others`` a member has been connected to for longest, the first of several; None if to nobody."""
        since = {other: self.active_since(name, other) for other in others if other != name}
        active = {other: at for other, at in since.items() if at is not None}
        return min(active, key=lambda other: active[other], default=None)


class Pair:
    """Two members. A process that ends breaks their connection at once, and so does a cut in either direction, as it does between the real
    members of our laboratory (measured: etcd's leader turns changes down from that moment on).

    A paused process breaks nothing, however long it lasts, but nobody can connect to it anew. That is a fault of etcd since 3.5.0: the
    five seconds after which a silent stream should end (ConnReadTimeout in server/etcdserver/api/rafthttp) are set on
    ``Transport.Dial``, which Go ignores since ``DialContext`` is set as well (client/pkg/transport), and the kernel of the machine
    goes on confirming what is sent. Measured: an addition is accepted twelve seconds into a pause.
    """

    def __init__(self, a: str, b: str) -> None:
        self.names = frozenset((a, b))
        self.state: dict[tuple[str, ...], str] = {(a,): "down", (b,): "down"}
        self.told = 0  # how much of what has happened
        self.since: int | None = None

    def hear(self, at: int, whom: tuple[str, ...], what: str) -> None:
        """Something has become of one of them, or of a link between them."""
        self.state[whom] = what
        states = set(self.state.values())
        if states & BROKEN:
            self.since = None
        elif self.since is None and states <= {"up", "whole"}:
            self.since = at
