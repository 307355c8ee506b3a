"""The box a submission runs in: bubblewrap, with nothing in it but Python, the course without its answers, and an empty folder.

No network, no home, no other process, a system that cannot be written to, an account without rights in a user space of its own, hard
limits on what it uses, and one command that ends all of it. Inside runs ``driver.py``.
"""

import os
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import quorumlab
from quorumlab.grading import seccomp

NOBODY = "65534"
MB = 1 << 20
COURSE = "/course"
WORK = "/tmp/work"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/alternatives",
    "/etc/fonts",
)
CHECKOUT = ("solutions", "src", "tests", "benchmarks", "build", "dist", ".git")
"""What in a checkout of the course holds answers."""
INSTALL = "apt-get install bubblewrap"


class SandboxError(Exception):
    """There is no sandbox here; the message says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are of the wall clock but for ``cpu_s``; a process that goes over any of them is ended."""

    cell_s: float = 15
    """For one cell of the notebook."""
    task_s: float | None = None
    """For all calls of one task; None for what the task itself says."""
    cpu_s: int = 120
    """Of the processor, for one process from its start to its end."""
    memory_mb: int = 1024
    """For each process, and for all together."""
    processes: int = 24
    file_mb: int = 16
    """For one file, and half of what all may hold."""
    open_files: int = 128
    ends: int = 4
    """How often a submission may end its process outside of a task, before the rest of it is left."""

    def of_process(self, sandboxed: bool = True) -> dict[str, int]:
        """What the driver sets for itself and all that it starts, before any line of a student's.

        Without a sandbox the processes of the account are not counted: the grader's own are among them.
        """
        own = {"RLIMIT_NPROC": self.processes} if sandboxed else {}
        return own | {
            "RLIMIT_CPU": self.cpu_s,
            "RLIMIT_AS": self.memory_mb * MB,
            "RLIMIT_FSIZE": self.file_mb * MB,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_CORE": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_MEMLOCK": 0,
        }


@dataclass(frozen=True)
class Box:
    """How to start a driver: its command up to the numbers of its pipes, what it reads from an open file, and what the report says."""

    command: tuple[str, ...]
    package: str
    driver: str
    filter: bytes | None
    told: str
    sandboxed: bool
    stop: Event = field(default_factory=Event, compare=False, repr=False)
    """Set to end all that runs in it, when the grader is to stop."""

    def start(self, asks: int, answers: int) -> subprocess.Popen[bytes]:
        """A driver that reads the descriptor ``asks`` and writes ``answers``."""
        with tempfile.TemporaryFile() as program:
            program.write(self.filter or b"")
            program.seek(0)
            number = program.fileno()
            command = [str(number) if part == "{filter}" else part for part in self.command]
            return subprocess.Popen(
                [*command, sys.executable, "-I", self.driver, str(asks), str(answers), self.package],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd="/" if self.sandboxed else tempfile.gettempdir(),
                pass_fds=(asks, answers, number),
                start_new_session=True,
            )


def environment() -> dict[str, str]:
    """All that a submission's process sees of an environment."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": WORK,
        "TMPDIR": "/tmp",
        "USER": "student",
        "LOGNAME": "student",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "QUORUMLAB_ETCD": "off",
        "QUORUMLAB_PROGRESS": f"{WORK}/progress.json",
    }


def without_sandbox() -> Box:
    """A plain process with the grader's own rights, for submissions that are trusted."""
    package = Path(quorumlab.__file__).parent
    return Box(
        (),
        str(package.parent),
        str(package / "grading" / "driver.py"),
        None,
        "NOT ISOLATED: --trust-submissions was given, so student code ran with the grader's own rights.",
        False,
    )


def sandbox(secret: Iterable[Path] = (), limits: Limits | None = None) -> Box:
    """A box in which nothing of ``secret`` is to be seen.

    Raises SandboxError where there is no bubblewrap, or it cannot make a box here.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError(
            f"Submissions run in a sandbox made by bubblewrap, and there is no bwrap here; install it ({INSTALL}), or give "
            "--trust-submissions if you trust every submission with all that you may read and write."
        )
    box = _box(bwrap, secret, limits or Limits())
    reason = _trouble(box)
    if reason:
        raise SandboxError(
            f"bubblewrap cannot make a sandbox here ({reason}); it needs version 0.8 and the right to make namespaces, which "
            "many containers lack: grade on another machine, or give --trust-submissions if you trust every submission with all that you may read and write."
        )
    return box


def _box(bwrap: str, secret: Iterable[Path], limits: Limits) -> Box:
    program = seccomp.program()
    calls = ["--seccomp", "{filter}"] if program else []
    own = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    own += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    space = ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    if os.geteuid() == 0:
        # Two boxes: root makes the mounts, so that nothing needs to be readable to others, and nobody goes on in a user space.
        drop = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--inh-caps=-all"]
        outer = [bwrap, *own, "--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        inner = [
            bwrap,
            *space,
            "--die-with-parent",
            *calls,
            "--bind",
            "/",
            "/",
            "--dev-bind",
            "/dev",
            "/dev",
            "--chdir",
            WORK,
        ]
        command = [*outer, *_mounts(secret, limits), *drop, *inner]
    else:
        command = [bwrap, *own, *space, "--disable-userns", *calls, *_mounts(secret, limits), "--chdir", WORK]
    filtered = ", with a filter of system calls" if program else ""
    told = f"Graded in a bubblewrap sandbox without network, home or rights{filtered}."
    return Box(tuple(command), COURSE, f"{COURSE}/driver.py", program, told, True)


def _mounts(secret: Iterable[Path], limits: Limits) -> list[str]:
    package = Path(quorumlab.__file__).parent
    mounts = []
    for name in SYSTEM:
        link = Path(name)
        linked = ["--symlink", str(link.readlink()), name] if link.is_symlink() else []
        mounts += linked or ["--ro-bind-try", name, name]
    for name in FILES:
        mounts += ["--ro-bind-try", name, name]
    bound = [Path(name) for name in _python() if Path("/usr") not in (Path(name), *Path(name).parents)]
    # Before all that is bound: this Python, or the course, may lie below /tmp itself.
    mounts += ["--proc", "/proc", "--dev", "/dev"]
    for name, size in (("/dev/shm", limits.file_mb), ("/tmp", 2 * limits.file_mb)):
        mounts += ["--perms", "1777", "--size", str(size * MB), "--tmpfs", name]
    mounts += ["--perms", "0777", "--dir", WORK]
    above = {parent for path in (*bound, Path(COURSE, "x")) for parent in path.parents if str(parent) != "/"}
    for parent in sorted(above):
        mounts += ["--perms", "0755", "--dir", str(parent)]
    for path in bound:
        mounts += ["--ro-bind", str(path.resolve()), str(path)]
    for path in _covered(secret, [Path("/usr"), *bound]):
        mounts += ["--tmpfs", str(path), "--remount-ro", str(path)]
    mounts += ["--ro-bind", str(package), f"{COURSE}/quorumlab"]
    mounts += ["--tmpfs", f"{COURSE}/quorumlab/grading", "--remount-ro", f"{COURSE}/quorumlab/grading"]
    mounts += ["--ro-bind", str(package / "grading" / "driver.py"), f"{COURSE}/driver.py"]
    return [*mounts, "--remount-ro", "/dev", "--remount-ro", "/"]


def _python() -> Sequence[str]:
    """The folders that this Python needs, each once, outer ones only."""
    real = Path(sys.executable).resolve().parent.parent
    needed = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(real), *site.getsitepackages()}
    needed |= {str(Path(path).resolve()) for path in needed}
    return [path for path in sorted(needed) if not any(Path(other) in Path(path).parents for other in needed)]


def _covered(secret: Iterable[Path], bound: Iterable[Path]) -> list[Path]:
    """Folders that lie in what is bound and must not be seen: secret ones, and the course with its answers where it is installed."""
    package = Path(quorumlab.__file__).parent
    hidden = {path.resolve() for path in (*secret, package, *_answers(package))}
    folders = {path if path.is_dir() else path.parent for path in hidden}
    outer = [
        folder for folder in folders if not folders & set(folder.parents)
    ]  # what is covered has no folders
    # A folder may be bound under several names.
    return sorted(
        each / folder.relative_to(real)
        for each in bound
        for folder in outer
        if (real := each.resolve()) == folder or real in folder.parents
    )


def _answers(package: Path) -> Iterable[Path]:
    """Where answers may lie besides: in the checkout that the course is run from, and in other copies of it that are installed."""
    checkout = package.parent.parent
    if (checkout / "solutions").is_dir():
        yield from (own for own in map(checkout.joinpath, CHECKOUT) if own.is_dir())
    systems = (
        each for root in ("/usr/lib", "/usr/local/lib") for each in Path(root).glob("python3*/*-packages")
    )
    for place in {*map(Path, site.getsitepackages()), *systems}:
        if (copy := place / "quorumlab").is_dir():
            yield copy


def _trouble(box: Box) -> str:
    """Why a box cannot be made here, in the words of what failed; empty if it can."""
    command = [part for part in box.command if part != "{filter}"]
    command = [part for part in command if part != "--seccomp"]
    try:
        tried = subprocess.run(
            [*command, sys.executable, "-I", "-c", "pass"],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(),
            cwd="/",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = tried.stderr.strip().splitlines()
    return (
        "" if tried.returncode == 0 else (lines[-1] if lines else f"exit code {tried.returncode}").rstrip(".")
    )
