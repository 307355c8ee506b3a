"""The notebook's side of the supervisor: start, signal and end processes that cannot outlive the notebook."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

WAIT_SECONDS = 0.005
END_SECONDS = 20.0  # the supervisor kills at once, but a disk may take its time
SCRIPT = Path(__file__).with_name("supervisor.py")


class Processes:
    """A supervisor and the processes it looks after, by name; ``folder`` is theirs, and goes with them.

    Raises RuntimeError with one sentence where the supervisor cannot start or has been killed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked = 0
        self._supervisor = start_script(SCRIPT, str(os.getpid()))
        # Also when the cluster is forgotten without being closed, and at the end of this Python.
        self._finalizer = weakref.finalize(self, _end, self._supervisor, self._lock)
        try:
            self.folder = Path(self._answer(0)["folder"])
        except RuntimeError:
            self.close()
            raise

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: str,
        talks: bool = False,
    ) -> int:
        """Start a process and return its number. ``log`` is a file in the folder."""
        asked = {"name": name, "argv": list(argv), "env": dict(env or {}), "log": log, "talks": talks}
        number: int = self._ask(do="start", **asked)
        return number

    def signal(self, name: str, signal: str) -> None:
        """Send "KILL", "TERM", "STOP" or "CONT"; after "KILL" the process is gone."""
        self._ask(do="signal", name=name, signal=signal)

    def slow_disk(self, name: str, ms: float) -> None:
        """Make each write to disk of a process take ``ms`` longer, from now on."""
        self._ask(do="slow", name=name, ms=ms)

    def running(self) -> dict[str, bool]:
        """Whether each process runs; a paused one does."""
        return {name: status is None for name, status in self._ask(do="state").items()}

    def run(
        self, name: str, argv: Sequence[str], *, log: str, env: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Start a process and wait until it ends. Returns its exit status and all that it said."""
        (self.folder / log).unlink(missing_ok=True)
        self.start(name, argv, env=env, log=log)
        while (status := self._ask(do="state")[name]) is None:
            time.sleep(WAIT_SECONDS)
        return int(status), (self.folder / log).read_text(errors="replace")

    def tell(self, name: str, **line: Any) -> Any:
        """Tell a process that talks, and return what it answers."""
        return _content(self._ask(do="tell", name=name, line=line))

    def close(self) -> None:
        """Kill all and remove the folder. May be called again."""
        self._finalizer()

    @property
    def closed(self) -> bool:
        """Whether ``close`` has been called."""
        return not self._finalizer.alive

    def _ask(self, **asked: Any) -> Any:
        if self.closed:
            raise RuntimeError("This cluster is closed; make a new one.")
        with self._lock:
            assert self._supervisor.stdin is not None
            self._asked += 1
            with contextlib.suppress(OSError, ValueError):  # the answer, or its absence, says why
                self._supervisor.stdin.write(json.dumps({"id": self._asked, **asked}).encode() + b"\n")
                self._supervisor.stdin.flush()
            return self._answer(self._asked)

    def _answer(self, number: int) -> Any:
        """The answer to one question. Others before it are those of questions that Ctrl-C has cut short."""
        assert self._supervisor.stdout is not None
        while True:
            line = b""
            with contextlib.suppress(OSError, ValueError):
                line = self._supervisor.stdout.readline()
            if not line:
                raise RuntimeError(
                    "The process that looks after the members has ended, and they with it; make a new cluster."
                )
            with contextlib.suppress(ValueError):
                answer = json.loads(line)
                if answer.get("id", 0) == number:
                    return _content(answer)


def start_script(script: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start one of our scripts, isolated from the environment's packages so that it is up at once, and in a
    session of its own, so that neither Ctrl-C nor a hang-up of the notebook's terminal reaches it.
    """
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _content(answer: dict[str, Any]) -> Any:
    if "error" in answer:
        raise RuntimeError(f"The members' processes could not be handled: {answer['error']}.")
    return answer["ok"]


def _end(supervisor: subprocess.Popen[bytes], lock: Lock) -> None:
    """Close the pipe, which is all it takes, and wait until everything is gone."""
    with lock:
        for pipe in (supervisor.stdin, supervisor.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        supervisor.wait(END_SECONDS)
