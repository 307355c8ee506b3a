"""The links between a cluster's members, as the notebook handles them; the traffic passes the process ``emulator.py``."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

from quorumlab.etcd.processes import Processes

NAME = "links"  # what the supervisor calls the emulator's process
SCRIPT = Path(__file__).with_name("emulator.py")

Pair = tuple[str, str]


@dataclass(frozen=True)
class Link:
    """One direction: whether it is cut, how much later than sent a message arrives (``delay_ms``, and up to ``jitter_ms`` more),
    and the share of lost packets, which TCP sends again.
    """

    cut: bool = False
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0


class Links:
    """Each direction between two members by (from, to). A new pair begins as ``base`` says, and heals to that."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self.base: dict[Pair, Link] = {}
        self._now: dict[Pair, Link] = {}
        self._members: dict[str, int] = {}
        processes.start(NAME, [sys.executable, "-I", "-S", str(SCRIPT)], log="links.log", talks=True)

    def add(self, member: str, port: int) -> dict[str, str]:
        """Let a member send and be reached at ``port``. Returns the environment its process needs for that."""
        proxy = f"http://127.0.0.1:{self._processes.tell(NAME, do='listen', member=member)}"
        self._members[member] = port
        self._processes.tell(NAME, do="knows", ports={str(port): member})
        for pair in permutations(self._members, 2):
            if member in pair:
                self.set(*pair, self.base.get(pair, Link()))
        # Go reads either spelling. Whatever the machine has set for its own proxy must not lead past ours.
        # And where REQUEST_METHOD is set it takes itself for a CGI program, and refuses HTTP_PROXY (net/http, ProxyFromEnvironment).
        others = ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
        silent = dict.fromkeys((*others, "REQUEST_METHOD"), "")
        return {"HTTP_PROXY": proxy, "http_proxy": proxy, **silent}

    def remove(self, member: str) -> None:
        """Forget a member that has not been started."""
        del self._members[member]
        for pair in [pair for pair in self._now if member in pair]:
            del self._now[pair]

    def __getitem__(self, pair: Pair) -> Link:
        return self._now[pair]

    def change(
        self, source: str, target: str, *, cut: bool | None = None, extra_ms: float | None = None
    ) -> tuple[Link, Link]:
        """Change one direction: whether it is cut, how much slower than by itself; None leaves it. Returns it before and after."""
        before, base = self._now[source, target], self.base.get((source, target), Link())
        after = replace(
            before,
            cut=before.cut if cut is None else cut,
            delay_ms=before.delay_ms if extra_ms is None else base.delay_ms + extra_ms,
        )
        if after != before:
            self.set(source, target, after)
        return before, after

    def extra_ms(self, source: str, target: str) -> float:
        """How much slower one direction is than by itself."""
        return self._now[source, target].delay_ms - self.base.get((source, target), Link()).delay_ms

    def set(self, source: str, target: str, link: Link) -> None:
        """Give one direction the state ``link``."""
        said = {"cut": link.cut, "delay_ms": link.delay_ms, "jitter_ms": link.jitter_ms, "loss": link.loss}
        self._processes.tell(NAME, do="link", **{"from": source, "to": target}, **said)
        self._now[source, target] = link

    def unused(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Those of ``pairs`` over which no connection has passed so far."""
        seen = {(source, target) for source, target, _ in self._processes.tell(NAME, do="seen")}
        return [pair for pair in pairs if pair not in seen]
