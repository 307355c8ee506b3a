"""A watch: each change of a key from a revision on, as one member tells it while time goes on."""

from __future__ import annotations

import contextlib
import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Event as Signal
from threading import Lock, Thread
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from quorumlab.etcd.gateway import GatewayError, check, decode, encode

Ended = Literal["closed", "compacted", "learner", "broken", "member_down", "timeout", "refused"]

ENDED: dict[Ended, str] = {
    "closed": "it was closed",
    "compacted": "changes that it should still tell have been compacted away, so etcd cancelled it",
    "learner": "a learner serves no watches",
    "broken": "the connection to the member ended, as it does when the member dies",
    "member_down": "the member asked is down",
    "timeout": "the member has not begun it in time",
    "refused": "etcd cancelled it for another reason",
}
"""Every word that ``Watch.ended`` can be, in words for people."""


@dataclass(frozen=True)
class Change:
    """One change that a watch was told; ``value`` is None if the key was deleted, also by the end of its lease."""

    key: str
    value: str | None
    revision: int


class Watch:
    """What one member tells of a key, or of all keys that begin so. Look at ``changes`` as time passes, and close it when it is done.

    changes           those told so far, in the order of their revisions
    ended             None while it goes on, else a word of ``ENDED``
    compact_revision  after "compacted": the oldest revision that a new watch can begin at; else 0

    A watch is no linearizable read: the member may be behind, or cut off, and then it tells nothing and says nothing of it.
    """

    def __init__(self, url: str, key: str, *, since: int, prefix: bool, seconds: float) -> None:
        self.changes: tuple[Change, ...] = ()
        self.ended: Ended | None = None
        self.compact_revision = 0
        self._lock = Lock()
        self._begun = Signal()
        where = urlsplit(url)
        # Not httpx: a thread that waits for the next line there cannot be woken.
        self._connection = HTTPConnection(where.hostname or "", where.port, timeout=seconds)
        asked: dict[str, Any] = {"key": encode(key), "start_revision": str(since)}
        if prefix:
            asked["range_end"] = encode(after_all(key))
        Thread(target=self._listen, args=(asked, seconds), name="watch of etcd", daemon=True).start()
        if not self._begun.wait(seconds):
            self._end("timeout")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "goes on" if self.ended is None else ENDED[self.ended]
        return f"<Watch: {len(self.changes)} changes; {state}>"

    def close(self) -> None:
        """Ask no more. A second call does nothing."""
        self._end("closed")

    # --- within ---

    def _end(self, word: Ended) -> None:
        with self._lock:
            self.ended = self.ended or word
        self._begun.set()
        taken = self._connection.sock
        if taken is not None:
            with contextlib.suppress(OSError):
                taken.shutdown(socket.SHUT_RDWR)  # wakes the thread that listens

    def _listen(self, asked: dict[str, Any], seconds: float) -> None:
        """The thread's work: hand on what the member tells, until it ends."""
        with contextlib.closing(self._connection):
            try:
                self._connection.request("POST", "/v3/watch", json.dumps({"create_request": asked}))
                taken = self._connection.sock  # the answer takes it away once it ends
                answer = self._connection.getresponse()
                taken.settimeout(None)
                for line in iter(answer.readline, b""):
                    self._told(answer, line.decode())
                self._end("broken")
            except GatewayError as error:
                self._end("learner" if error.word == "learner" else "refused")
            except TimeoutError:
                self._end("timeout")
            except ConnectionRefusedError:
                self._end("member_down")
            except (OSError, HTTPException, AttributeError):  # AttributeError: closed before it began
                self._end("broken")

    def _told(self, answer: HTTPResponse, line: str) -> None:
        result = check(answer.status, line).get("result", {})
        if result.get("canceled"):
            self.compact_revision = int(result.get("compact_revision", 0))
            self._end("compacted" if self.compact_revision else "refused")
            return
        told = [change(event) for event in result.get("events", [])]
        with self._lock:
            if self.ended is None:
                self.changes += tuple(told)
        if result.get("created"):
            self._begun.set()


def change(event: dict[str, Any]) -> Change:
    """One event of etcd's as data."""
    pair = event["kv"]
    value = None if event.get("type") == "DELETE" else decode(pair.get("value", ""))
    return Change(decode(pair["key"]), value, int(pair["mod_revision"]))


def after_all(prefix: str) -> str:
    """The first key after all that begin with ``prefix``, as ``etcdctl --prefix`` asks for them; "\\0" for an empty one: all keys."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1) if prefix else "\0"
