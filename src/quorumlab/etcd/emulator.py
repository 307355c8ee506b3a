"""A process of its own through which all traffic between members passes, so that links can be cut, slow or lossy.

No root is needed: each member is told (``HTTP_PROXY``) to use a proxy, and each has its own port here. The port says
who sends, the address asked for says to whom. It is started as a script and knows the standard library only. It reads
one JSON object a line from its standard input and answers each with one line:

    {"do": "listen", "member"}          a port for that member as a sender; the answer is its number
    {"do": "knows", "ports": {…}}       which member listens where, by the port as text
    {"do": "link", "from", "to", "cut", "delay_ms", "jitter_ms", "loss"}   the state of one direction
    {"do": "seen"}                      [[from, to, connections so far], …]

What crosses a link:

- *delay*  every piece of data is handed on ``delay_ms`` (and up to ``jitter_ms`` more, at random) after it came, in order, as on
  one TCP connection; a new connection first pays one round trip for its handshake.
- *loss*   TCP sends again what is lost, so a lost piece is not missing but late: by ``RESEND_MS``, doubled each time, and all
  behind it waits.
- *cut*    messages from one to the other are lost from then on, and connections that carry them break once what was on its way has
  arrived; others are refused until the link is healed. What carries a message is known from the request: etcd's streams carry messages from the one who is asked to the one
  who asks, its posts the other way; any other request needs both directions.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

PIECE = 1 << 16
HEAD_SECONDS = 5.0  # a connection that says nothing by then is closed
# How long a request over a cut link is kept waiting, lest members ask a thousand times a second.
HOLD_SECONDS = 0.2
EARLY_SECONDS = 0.0006  # timers here wake up later than asked, by up to a millisecond
RESEND_MS = 200.0  # Linux sends again what was not confirmed after at least this long
BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Link:
    """One direction between two members."""

    def __init__(self) -> None:
        self.cut, self.delay_ms, self.jitter_ms, self.loss = False, 0.0, 0.0, 0.0
        self.open: set[Callable[[], None]] = set()  # how to break the connections that carry its messages
        self.healed = asyncio.Event()

    def seconds(self) -> float:
        """How long the next piece of data takes."""
        late = self.delay_ms + (random.uniform(0, self.jitter_ms) if self.jitter_ms else 0.0)
        again = RESEND_MS
        while self.loss and random.random() < self.loss:
            late, again = late + again, again * 2
        return late / 1000

    def set(self, cut: bool, delay_ms: float, jitter_ms: float, loss: float) -> None:
        """Change it; what is on its way arrives as it was to."""
        self.delay_ms, self.jitter_ms, self.loss, self.cut = delay_ms, jitter_ms, loss, cut
        if cut:
            self.healed.clear()
            for break_off in list(self.open):
                break_off()
        else:
            self.healed.set()


class Emulator:
    """All links, by (from, to)."""

    def __init__(self) -> None:
        self.links: dict[tuple[str, str], Link] = {}
        self.names: dict[str, str] = {}  # member by port
        self.seen: Counter[tuple[str, str]] = Counter()
        self.servers: list[asyncio.Server] = []

    def link(self, source: str, target: str) -> Link:
        """One direction; one not heard of before is without fault."""
        return self.links.setdefault((source, target), Link())

    async def listen(self, member: str) -> int:
        """Take a member's connections; returns the port."""

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self.accept(member, reader, writer)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        self.servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def accept(self, source: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection that ``source`` has opened: one request and its answer."""
        try:
            await self.carry(source, reader, writer)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # either side hung up, which is how connections end
        finally:
            writer.transport.abort()

    async def carry(self, source: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Find out what the connection is for, and let it pass if it may."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_SECONDS)
        verb, address, *_ = head.split(b" ", 2)
        url = urlsplit(address.decode())
        target = self.names.get(str(url.port))
        if target is None:
            writer.write(BAD_GATEWAY)
            await writer.drain()
            return
        there, back = self.link(source, target), self.link(target, source)
        carrying = messages_of(verb, url.path, there, back)
        for link in carrying:
            if link.cut:
                await self.refuse(link, writer)
                return
        self.seen[source, target] += 1
        await self.relay(url, head, (reader, writer), (there, back), carrying)

    async def refuse(self, link: Link, writer: asyncio.StreamWriter) -> None:
        """Keep a request over a cut link waiting for a little, and tell it that there is no way."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(link.healed.wait(), HOLD_SECONDS)
        writer.write(BAD_GATEWAY)
        await writer.drain()

    async def relay(
        self,
        url: SplitResult,
        head: bytes,
        here: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        links: tuple[Link, Link],
        carrying: Sequence[Link],
    ) -> None:
        """Pass the request on over the first link, there, and the answer over the second, back. A cut of those ``carrying`` ends it."""
        there, back = links
        if there.delay_ms or back.delay_ms:
            await asyncio.sleep(there.seconds() + back.seconds())  # the handshake
            if any(link.cut for link in carrying):
                return
        reader, writer = here
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", url.port)
        try:
            first_line, _, rest = head.partition(b"\r\n")
            verb, _, version = first_line.split(b" ")
            path = (url.path or "/") + (f"?{url.query}" if url.query else "")
            # One request a connection: another one on it might be for somebody else.
            opening = b"%s %s %s\r\nConnection: close\r\n%s" % (verb, path.encode(), version, rest)
            going = asyncio.ensure_future(pump(reader, far_writer, there, there in carrying, opening))
            coming = asyncio.ensure_future(pump(far_reader, writer, back, back in carrying))
            try:
                # A member hangs up its side only when it is done with the connection. The answer's end ends both.
                await asyncio.wait({going, coming}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                going.cancel()
                coming.cancel()
                await asyncio.gather(going, coming, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def answer(self, line: bytes) -> dict[str, Any]:
        """Do what one line asks for."""
        try:
            asked = json.loads(line)
            match asked.pop("do"):
                case "listen":
                    return {"ok": await self.listen(asked["member"])}
                case "knows":
                    self.names.update(asked["ports"])
                case "link":
                    link = self.link(asked.pop("from"), asked.pop("to"))
                    link.set(**asked)
                case "seen":
                    return {"ok": [[*pair, count] for pair, count in self.seen.items()]}
                case other:
                    return {"error": f"{other!r} is nothing this process can do"}
        except (OSError, ValueError, KeyError, TypeError) as error:
            return {"error": str(error)}
        return {"ok": None}


def messages_of(verb: bytes, path: str, there: Link, back: Link) -> Sequence[Link]:
    """The directions that a request's messages need."""
    if verb == b"GET" and path.startswith("/raft/stream/"):
        return (back,)
    if verb == b"POST" and path in ("/raft", "/raft/snapshot"):
        return (there,)
    return (there, back)


async def pump(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    link: Link,
    carries: bool,
    opening: bytes = b"",
) -> None:
    """Hand on what comes, each piece when the link has carried it, in order; if it ``carries`` the link's messages, no more than what had
    come when that is cut.
    """
    loop, this = asyncio.get_running_loop(), asyncio.current_task()
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    latest = loop.time()

    def take(piece: bytes) -> None:
        nonlocal latest
        latest = max(latest, loop.time() + link.seconds())
        pieces.put_nowait((latest, piece))

    async def collect() -> None:
        with contextlib.suppress(OSError):  # one that is reset, as by a process that is killed, has ended too
            while piece := await reader.read(PIECE):
                take(piece)
        take(b"")

    def break_off() -> None:
        collecting.cancel()
        pieces.put_nowait((latest, b""))
        if this is not None:  # whoever stands still takes nothing
            loop.call_at(latest + HOLD_SECONDS, this.cancel)

    if opening:
        take(opening)
    collecting = asyncio.ensure_future(collect())
    if carries:
        link.open.add(break_off)
        if link.cut:
            break_off()
    try:
        while True:
            due, piece = await pieces.get()
            if (wait := due - loop.time() - EARLY_SECONDS) > 0:
                await asyncio.sleep(wait)
            if not piece:
                return
            writer.write(piece)
            await writer.drain()
    finally:
        link.open.discard(break_off)
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)


async def main() -> None:
    """Do what is asked until nobody asks any more."""
    emulator = Emulator()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():  # it ends with the supervisor
        sys.stdout.write(json.dumps(await emulator.answer(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
