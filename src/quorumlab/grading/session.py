"""One process of a student's, seen from the grader: a question out, an answer back within its time, or a named end.

What comes back is a stranger's: its size, shape and values are checked here, and nothing of it is ever executed.
"""

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from quorumlab.course.answers import Odd, Stopped
from quorumlab.course.wire import to_wire
from quorumlab.grading.judging import Ended, Untried
from quorumlab.grading.sandbox import MB, Box, Limits
from quorumlab.grading.verdict import printable

ANSWER_BYTES = MB
"""The longest line that is read as an answer."""
LOOK_S = 0.1
"""How often the memory of all processes together is looked at, while an answer is waited for."""
START_S = 30
END_S = 5
TOO_MUCH = {
    "MemoryError": "used more than {} MB of memory",
    "BlockingIOError": "started more processes than it may",
}
"""Errors by which Python tells that one of the limits was met."""


class EndedError(Exception):
    """The process gave no answer and is gone; the message is the end of a sentence, such as "ended its own process"."""


class MissingError(Exception):
    """The notebook gives nothing to the name that is asked for."""


class StoppingError(Exception):
    """The grader is to stop, and waits for nobody."""


class Session:
    """A running driver: ``ask`` it, and leave the ``with`` block to end it and all that it started."""

    def __init__(self, box: Box, limits: Limits) -> None:
        self.box, self.limits = box, limits
        self.heard = 0
        """Bytes of all answers so far."""
        self._number = 0
        self._read = b""
        self._looked = 0.0

    def __enter__(self) -> Self:
        theirs_read, self._out = os.pipe()
        self._in, theirs_write = os.pipe()
        try:
            self._process = self.box.start(theirs_read, theirs_write)
        except BaseException:
            os.close(self._out)
            os.close(self._in)
            raise
        finally:
            os.close(theirs_read)
            os.close(theirs_write)
        os.set_blocking(self._out, False)
        try:
            self.ask({"do": "limit", "limits": self.limits.of_process(self.box.sandboxed)}, START_S)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # bwrap takes all that it started with it
        self._process.wait()
        # What it started dies a moment after it; its end of the pipe closes with the last of them.
        ends = time.monotonic() + END_S
        while (left := ends - time.monotonic()) > 0 and select.select([self._in], [], [], left)[0]:
            if not os.read(self._in, 1 << 16):
                break
        os.close(self._out)
        os.close(self._in)

    def ask(self, request: Mapping[str, Any], seconds: float) -> Mapping[str, Any]:
        """The reply to one request, within ``seconds``; raises EndedError."""
        ends = time.monotonic() + seconds
        self._number += 1
        self._send(json.dumps({"n": self._number, **request}).encode() + b"\n", ends, seconds)
        line = self._line(ends, seconds)
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            reply = None
        if type(reply) is not dict or reply.get("n") != self._number or type(reply["n"]) is not int:
            raise EndedError("wrote something else than answers to the grader")
        return reply

    def call(self, function: str, call: str, case: tuple[Any, ...], seconds: float) -> Any:
        """What a function of the notebook gives: a JSON value, ``Stopped``, ``Odd``, ``Untried``, or ``Ended`` where it met a limit.

        Raises EndedError, and MissingError if there is nothing of its name.
        """
        reply = self.ask({"do": "call", "function": function, "call": call, "case": list(case)}, seconds)
        if reply.get("missing") is True:
            raise MissingError
        got = given(reply)
        if type(got) is Stopped and got.type in TOO_MUCH:
            return Ended(TOO_MUCH[got.type].format(self.limits.memory_mb))
        return got

    def cell(self, source: str, name: str, seconds: float) -> Stopped | None:
        """Run one cell; what it stopped with, or None."""
        reply = self.ask({"do": "cell", "source": source, "name": name}, seconds)
        return stopped(reply["stopped"]) if "stopped" in reply else None

    def _send(self, data: bytes, ends: float, seconds: float) -> None:
        while data:
            _, writable, _ = select.select([], [self._out], [], max(0, ends - time.monotonic()))
            if not writable:
                raise EndedError(_late(seconds))
            try:
                data = data[os.write(self._out, data) :]
            except BrokenPipeError:
                raise EndedError("ended its own process") from None

    def _line(self, ends: float, seconds: float) -> bytes:
        while b"\n" not in self._read:
            if len(self._read) > ANSWER_BYTES:
                raise EndedError(f"gave more than {ANSWER_BYTES // MB} MB as one answer")
            left = ends - time.monotonic()
            if left <= 0:
                raise EndedError(_late(seconds))
            if self.box.stop.is_set():
                raise StoppingError
            self._look_at_memory()
            readable, _, _ = select.select([self._in], [], [], min(left, LOOK_S))
            if readable:
                more = os.read(self._in, 1 << 16)
                if not more:
                    raise EndedError("ended its own process")
                self._read += more
        line, _, self._read = self._read.partition(b"\n")
        self.heard += len(line)
        return line

    def _look_at_memory(self) -> None:
        """At times, and whatever else comes: who says a little all the while must not keep the grader from looking."""
        now = time.monotonic()
        if self._looked == 0:
            self._looked = now  # a quick answer needs no look
        if not self.box.sandboxed or now - self._looked < LOOK_S:
            return
        if memory_of(self._process.pid) > self.limits.memory_mb * MB:
            raise EndedError(f"used more than {self.limits.memory_mb} MB of memory")
        self._looked = time.monotonic()


def _late(seconds: float) -> str:
    return f"had not come back after {seconds:.3g} s"


def given(reply: Mapping[str, Any]) -> Any:
    """What a reply says that a call came to; raises EndedError for one that no driver gives."""
    if "value" in reply:
        return to_wire(reply["value"])
    if reply.get("untried") is True:
        return Untried()
    if "stopped" in reply:
        return stopped(reply["stopped"])
    if type(reply.get("odd")) is str:
        return Odd(plainly(reply["odd"]))
    raise EndedError("wrote something else than answers to the grader")


def stopped(said: object) -> Stopped:
    """An error as a reply tells it, with only the parts that have the right shape."""
    if type(said) is not list or len(said) != 3 or type(said[0]) is not str or type(said[1]) is not str:
        raise EndedError("wrote something else than answers to the grader")
    kind, words, line = said
    known = type(line) is list and len(line) == 2 and type(line[0]) is int and type(line[1]) is str
    if abs(line[0] if known else 0) > ANSWER_BYTES:
        known = False
    return Stopped(plainly(kind), plainly(words), (line[0], plainly(line[1])) if known else None)


def plainly(text: str) -> str:
    """A stranger's words as one line of text that can be written anywhere, cut."""
    return printable(text[:300])


def memory_of(pid: int) -> int:
    """Bytes of memory in use by a process and all below it, as the system's process files tell it; 0 where there are none."""
    total, waiting, seen = 0, [pid], 0
    page = os.sysconf("SC_PAGE_SIZE")
    while waiting and seen < 10_000:
        process = Path("/proc", str(waiting.pop()))
        seen += 1
        try:
            total += int((process / "statm").read_text().split()[1]) * page
            for thread in (process / "task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
        except (OSError, ValueError, IndexError):
            continue
    return total
