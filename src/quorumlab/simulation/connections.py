"""Since when the members of a world are connected, as etcd's servers know it of their peers."""

from __future__ import annotations

from collections.abc import Iterable

from quorumlab.simulation.network import SECOND

SILENCE = (
    5 * SECOND
)  # etcd notices after this long that nothing comes (ConnReadTimeout in server/etcdserver/api/rafthttp)


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

    def active_since(self, a: str, b: str, now: int) -> int | None:
        """Since when two members have been connected, in µs; None if they are not."""
        pair = self.pairs.setdefault(frozenset((a, b)), Pair(a, b))
        for at, whom, what in self.happened[pair.told :]:
            if pair.names.issuperset(whom):
                pair.hear(at, whom, what)
        pair.told = len(self.happened)
        return pair.active_since(now)

    def for_long(self, name: str, others: Iterable[str], now: int) -> int:
        """How many of ``others``, itself among them, a member has been connected to for more than five seconds."""
        since = [self.active_since(name, other, now) for other in others if other != name]
        return sum(at is not None and at < now - SILENCE for at in since) + (name in set(others))

    def longest(self, name: str, others: Iterable[str], now: int) -> str | None:
        """Whom of ``others`` a member has been connected to for longest, the first of several; None if to nobody."""
        since = {other: self.active_since(name, other, now) for other in others if other != name}
        active = {other: at for other, at in since.items() if at is not None}
        return min(active, key=lambda other: active[other], default=None)


class Pair:
    """Two members. A process that ends breaks their connection at once, and so does a cut in either direction, as it does between the real
    members of our laboratory (measured: etcd's leader turns changes down from that moment on); a paused process is noticed by its silence
    only, so that a short one leaves no trace.
    """

    def __init__(self, a: str, b: str) -> None:
        self.names = frozenset((a, b))
        self.state: dict[tuple[str, ...], str] = {(a,): "down", (b,): "down"}
        self.told = 0  # how much of what has happened
        self.since: int | None = None
        self.silent: int | None = 0  # since when one hears nothing of the other

    def hear(self, at: int, whom: tuple[str, ...], what: str) -> None:
        """Something has become of one of them, or of a link between them."""
        self.state[whom] = what
        states = set(self.state.values())
        self.since = None if states & BROKEN else self.active_since(at)
        if states <= {"up", "whole"}:
            self.silent = None
            self.since = at if self.since is None else self.since
        elif self.silent is None:
            self.silent = at

    def active_since(self, now: int) -> int | None:
        """Since when they have been connected, None if they are not."""
        return None if self.silent is not None and now - self.silent >= SILENCE else self.since
