"""Part of the supervisor: disks that are slow, on Linux, without root and without a special file system.

etcd confirms nothing before ``fdatasync`` has returned (etcd documentation, "Hardware: disks"). So a member's disk is as slow as
that call. Linux (5.5 and newer) lets a process ask to be told of chosen system calls of its children and to decide when they go on
(seccomp user notification, man page seccomp_unotify). Each ``fsync`` and ``fdatasync`` of a member's log is held back for the time
asked for, and then carried out by the kernel as ever. Its database's are not: a put waits for the log, and for the database only
where its batch happens to be written at that moment (a leader with both 100 ms slower took 300 ms for a put, with the log alone 105).
"""

import contextlib
import ctypes
import heapq
import os
import platform
import re
import select
import socket
import struct
import sys
import time
from fcntl import ioctl
from pathlib import Path

# System calls and the machine's number, by processor. Source: Linux, asm/unistd.h and linux/audit.h.
CALLS = {"x86_64": (0xC000003E, 74, 75), "aarch64": (0xC00000B7, 82, 83)}  # architecture, fsync, fdatasync
SECCOMP = {"x86_64": 317, "aarch64": 277}
OLDEST_KERNEL = (5, 5)  # older ones cannot let a call go on
PR_SET_NO_NEW_PRIVS, SET_MODE_FILTER, NEW_LISTENER = 38, 1, 1 << 3
RECEIVE, SEND = 0xC0502100, 0xC0182101  # ioctl: SECCOMP_IOCTL_NOTIF_RECV and …_SEND
NOTICE_BYTES, AT_FIRST_ARGUMENT, CONTINUE = 80, 32, 1
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # of the filter's little language (BPF)
ALLOW, TELL = 0x7FFF0000, 0x7FC00000
AT_CALL, AT_ARCHITECTURE = 0, 4


class Disks:
    """Holds back members' writes to disk; ``delays`` in seconds by member."""

    def __init__(self) -> None:
        self.libc = libc()
        self.possible = self.libc is not None and platform.machine() in CALLS and kernel() >= OLDEST_KERNEL
        self.delays: dict[str, float] = {}
        self.listeners: dict[int, str] = {}  # member by the file descriptor that tells of its calls
        self.held: list[tuple[float, int, int]] = []  # when it goes on, its descriptor, its number

    def hold_new_child(self, channel: socket.socket) -> None:
        """In a new child, before it becomes the member: have its calls told to whoever gets the descriptor."""
        assert self.libc is not None
        machine = platform.machine()
        architecture, fsync, fdatasync = CALLS[machine]
        steps = [
            (LOAD, 0, 0, AT_ARCHITECTURE), (EQUAL, 0, 3, architecture),
            (LOAD, 0, 0, AT_CALL), (EQUAL, 2, 0, fsync), (EQUAL, 1, 0, fdatasync),
            (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, TELL),
        ]  # fmt: skip
        code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
        program = ctypes.create_string_buffer(struct.pack("HP", len(steps), ctypes.addressof(code)))
        self.libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        listener = self.libc.syscall(SECCOMP[machine], SET_MODE_FILTER, NEW_LISTENER, program)
        if listener >= 0:
            socket.send_fds(channel, [b"."], [listener])

    def took_over(self, member: str, channel: socket.socket) -> None:
        """In the supervisor: take the descriptor of a member that has just started. Without one, its disk stays as it is."""
        channel.setblocking(False)
        try:
            _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
        except OSError:
            descriptors = []
        for descriptor in descriptors:
            self.listeners[descriptor] = member

    def forget(self, member: str) -> None:
        """The member's process has ended."""
        for descriptor in [d for d, name in self.listeners.items() if name == member]:
            self.drop(descriptor)

    def drop(self, descriptor: int) -> None:
        """Whoever was told of through it has ended."""
        del self.listeners[descriptor]
        self.held = [entry for entry in self.held if entry[1] != descriptor]
        heapq.heapify(self.held)
        os.close(descriptor)

    def holds(self, member: str) -> bool:
        """Whether a member's writes can be held back."""
        return member in self.listeners.values()

    def told(self, descriptor: int) -> None:
        """A call waits to be told."""
        notice = bytearray(NOTICE_BYTES)
        try:
            ioctl(descriptor, RECEIVE, notice)
        except FileNotFoundError:  # whoever called has been killed meanwhile,
            if hung_up(descriptor):  # or nobody is left to call: it would be ready to be read for ever
                self.drop(descriptor)
            return
        except OSError:
            self.drop(descriptor)  # the process has ended
            return
        number, thread = struct.unpack_from("QI", notice)
        (file,) = struct.unpack_from("Q", notice, AT_FIRST_ARGUMENT)
        late = self.delays.get(self.listeners[descriptor], 0.0)
        if late and of_log(thread, file):
            heapq.heappush(self.held, (time.monotonic() + late, descriptor, number))
        else:
            self.go_on(descriptor, number)

    def release_due(self) -> float | None:
        """Let go on what has waited long enough. Returns the seconds until the next is due, or None."""
        while self.held:
            wait = self.held[0][0] - time.monotonic()
            if wait > 0:
                return wait
            _, descriptor, number = heapq.heappop(self.held)
            self.go_on(descriptor, number)
        return None

    def go_on(self, descriptor: int, number: int) -> None:
        """Let the kernel carry out a call."""
        with contextlib.suppress(OSError):  # whoever called may have been killed meanwhile
            ioctl(descriptor, SEND, struct.pack("QqiI", number, 0, 0, CONTINUE))


def hung_up(descriptor: int) -> bool:
    """Whether whoever was told of through it has ended."""
    poll = select.poll()
    poll.register(descriptor, 0)  # the end is told unasked
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def of_log(thread: int, file: int) -> bool:
    """Whether a thread's open file is part of etcd's write-ahead log."""
    try:
        return "/wal/" in str(Path(f"/proc/{thread}/fd/{file}").readlink())
    except OSError:
        return True  # we may not look: better both than none


def kernel() -> tuple[int, int]:
    """The first two numbers of the kernel's version."""
    release = re.match(r"(\d+)\.(\d+)", platform.release())
    return (int(release[1]), int(release[2])) if release else (0, 0)


def libc() -> ctypes.CDLL | None:
    """The C library, on Linux."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        return ctypes.CDLL(None)
    except OSError:
        return None
