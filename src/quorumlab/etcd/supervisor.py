"""A process of its own that starts a cluster's processes and ends them, whatever becomes of the notebook.

It is started as a script, not imported, and knows the standard library only, so that it is up at once. It reads
one JSON object a line from its standard input and answers each with one on its standard output:

    {"do": "start", "name", "argv", "env", "log"}   start a process; "env" is added to the environment, less all ETCD_…; "log" is a file in the folder
    {"do": "start", …, "talks": true}               one that is told things on its standard input, and answers there
    {"do": "signal", "name", "signal": "KILL"}      or TERM, STOP, CONT; after KILL it answers when the process is gone
    {"do": "slow", "name", "ms"}                    make its writes to disk take that much longer, from now on
    {"do": "state"}                                 {name: null while it runs, else its exit status}
    {"do": "tell", "name", "line"}                  pass one line on to a process that talks, and its answer back
    {"do": "end"}                                   kill all, remove the folder, exit

Each has an "id". The answer is {"id", "ok": …} or {"id", "error": sentence}. Its first line says {"ok": {"folder": path}}: the folder for data.

When its standard input closes, because the notebook's process ended (whatever ended it), or when that process is
no longer its parent (a copy of the pipe may live on in another process), it does what "end" does.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from quorumlab.etcd.disks import Disks

PR_SET_PDEATHSIG = 1
PREFIX = "quorumlab-etcd-"
PARENT_SECONDS = 0.25  # how often to look whether the notebook's process is still there
STOPPED_SECONDS = 0.05  # for a stopped process to stand still, where its state cannot be asked for
GONE_SECONDS = 10.0  # a killed process may have to finish a disk write first
TALK_SECONDS = 5.0
STALE_SECONDS = 60.0  # a folder younger than this may be one that is just being set up


class Ended(Exception):  # noqa: N818 - not an error
    """The notebook's process is gone, or somebody asked this one to end."""


class Supervisor:
    """The processes by name, and the folder their data is in."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix=PREFIX)
        self.lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # as long as this process lives, nobody takes it for stale
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.disks: Disks = new_disks()

    def start(self, name: str, argv: list[str], env: dict[str, str], log: str, talks: bool = False) -> int:
        """Start a process and return its number."""
        if name in self.processes and self.processes[name].poll() is None:
            raise ValueError(f"{name} runs already")
        pipe = subprocess.PIPE if talks else subprocess.DEVNULL
        near, far = socket.socketpair()
        with near, far, (Path(self.folder) / log).open("ab") as output:
            self.processes[name] = subprocess.Popen(
                argv,
                env={**plain_environment(), **env},
                cwd=self.folder,
                stdin=pipe,
                stdout=pipe if talks else output,
                stderr=output,
                preexec_fn=lambda: self.in_child(None if talks else far),
            )
            self.disks.forget(name)
            self.disks.took_over(name, near)
        return self.processes[name].pid

    def in_child(self, channel: socket.socket | None) -> None:
        """In a new child, on Linux: be killed when the supervisor is, should somebody kill just that; and let
        the disk be held back.
        """
        if self.disks.libc is not None:
            # It follows the thread that forks, and we have only one.
            self.disks.libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if channel is not None and self.disks.possible:
                self.disks.hold_new_child(channel)

    def signal(self, name: str, signal_name: str) -> int | None:
        """Send a signal; returns the exit status of a process that has ended."""
        process = self.processes[name]
        if process.poll() is None:
            process.send_signal(getattr(signal, f"SIG{signal_name}"))
            if signal_name == "KILL":
                process.wait(GONE_SECONDS)
            if signal_name == "STOP":
                until_stopped(process.pid)
        return process.returncode

    def slow(self, name: str, ms: float) -> None:
        """Make a process's writes to disk slower."""
        if not self.disks.holds(name):
            raise OSError(
                "this machine cannot hold back a process's writes to disk; that needs Linux 5.5 or newer"
            )
        self.disks.delays[name] = ms / 1000

    def state(self) -> dict[str, int | None]:
        """The exit status of each process, None of one that runs."""
        return {name: process.poll() for name, process in self.processes.items()}

    def tell(self, name: str, line: dict[str, Any]) -> Any:
        """Pass a line on, and the answer back."""
        process = self.processes[name]
        assert process.stdin is not None and process.stdout is not None, f"{name} does not talk"
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], TALK_SECONDS)[0]:
            raise TimeoutError(f"{name} has not answered within {TALK_SECONDS:g} s")
        answer = process.stdout.readline()
        if not answer:
            raise BrokenPipeError(f"{name} has ended")
        return json.loads(answer)

    def end(self) -> None:
        """Kill all, also those that are paused, and leave no file behind. All at once, then wait for each."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GONE_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def answer(self, line: bytes) -> dict[str, Any]:
        """Do what one line asks for."""
        number = None
        try:
            asked = json.loads(line)
            number = asked.pop("id", None)
            return {"id": number, "ok": self.do(asked)}
        except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError) as error:
            return {"id": number, "error": str(error)}

    def do(self, asked: dict[str, Any]) -> Any:
        """Do one thing. Raises Ended, and what may go wrong."""
        match asked.pop("do"):
            case "start":
                return self.start(**asked)
            case "signal":
                return self.signal(asked["name"], asked["signal"])
            case "slow":
                return self.slow(asked["name"], asked["ms"])
            case "state":
                return self.state()
            case "tell":
                return self.tell(**asked)
            case "end":
                raise Ended
            case other:
                raise ValueError(f"{other!r} is nothing this process can do")


def until_stopped(pid: int) -> None:
    """Wait until a child that was sent SIGSTOP stands still, or has ended: on a busy machine its threads go on for some milliseconds."""
    if not hasattr(os, "waitid"):  # macOS, before Python 3.13
        time.sleep(STOPPED_SECONDS)
        return
    until = time.monotonic() + GONE_SECONDS
    while time.monotonic() < until:
        # It is only looked at: whoever waits for its end still finds it.
        if os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.001)


def new_disks() -> Disks:
    """Our own part, found beside this file: isolated as this process is, it finds nothing else of ours."""
    sys.path.append(str(Path(__file__).parent))
    return cast("Disks", import_module("disks").Disks())


def plain_environment() -> dict[str, str]:
    """Our environment without what is for another etcd: its programs take any flag from a variable of that name (ETCD_DATA_DIR, …)."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("ETCD_", "ETCDCTL_"))}


def lines_while_watched(parent: int, disks: Disks) -> Iterator[bytes]:
    """The lines on standard input, one by one, and the disks in between. Raises Ended when there will be no more."""
    source, waiting = sys.stdin.fileno(), b""
    while True:
        while b"\n" not in waiting:
            due = disks.release_due()
            patience = PARENT_SECONDS if due is None else min(due, PARENT_SECONDS)
            readable = select.select([source, *disks.listeners], [], [], patience)[0]
            if os.getppid() != parent:
                raise Ended
            for descriptor in readable:
                if descriptor in disks.listeners:
                    disks.told(descriptor)
            if source in readable:
                chunk = os.read(source, 1 << 16)
                if not chunk:
                    raise Ended
                waiting += chunk
        line, _, waiting = waiting.partition(b"\n")
        yield line


def sweep() -> None:
    """Remove folders of this user that a supervisor left because it was itself killed, or the machine was."""
    for folder in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        with contextlib.suppress(OSError):
            there = folder.lstat()
            if there.st_uid != os.getuid() or time.time() - there.st_mtime < STALE_SECONDS:
                continue
            lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: somebody uses it
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(lock)


def say(words: dict[str, Any]) -> None:
    """One line for the notebook."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


def main(parent: int) -> None:
    """Do what is asked until ``parent`` is gone."""

    def stop(*_: object) -> None:
        raise Ended

    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), stop)
    supervisor = None
    try:
        supervisor = Supervisor()
        say({"ok": {"folder": supervisor.folder}})
        for line in lines_while_watched(parent, supervisor.disks):
            say(supervisor.answer(line))
    except (Ended, BrokenPipeError):
        pass
    except OSError as error:
        if supervisor is None:
            say({"error": str(error)})
        else:
            raise
    finally:
        for name in ("SIGTERM", "SIGINT", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)  # let nothing stop the tidying up
        if supervisor is not None:
            supervisor.end()
        with contextlib.suppress(OSError):
            sweep()
        with contextlib.suppress(OSError):
            sys.stdout.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
