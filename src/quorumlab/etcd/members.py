"""The members as processes: where each listens, how it is started and ended, what it says of itself."""

from __future__ import annotations

import errno
import json
import random
import shutil
import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from quorumlab.cluster.events import Condition
from quorumlab.cluster.protocol import MemberStatus
from quorumlab.etcd.binary import Binary
from quorumlab.etcd.gateway import Gateway, GatewayError, RaftStatus
from quorumlab.etcd.links import Link, Links
from quorumlab.etcd.processes import Processes
from quorumlab.etcd.settings import EtcdSettings
from quorumlab.latency.ground import newcomer
from quorumlab.words import plural

# Below what systems give to outgoing connections (Linux 32768, macOS 49152).
FIRST_PORT, LAST_PORT = 10_000, 32_000
PORT_TRIES = 200
LISTEN_SECONDS = 10.0
JOIN_SECONDS = 1.0  # a new member that is answered has begun its log by then
# Etcd waits for a successor as long as for a request, 5 s and two election timeouts by default.
STOP_SECONDS = 12.0
ASK_SECONDS = 0.3  # on one machine a member answers in 1 ms; one that hangs must not hold up the others
LOG_CHARACTERS = 20_000
BYTES_EACH = 130_000_000  # two files of 64 MB for the log, and a small database


class PortTakenError(RuntimeError):
    """Somebody else listens at a port that was free a moment ago."""


@dataclass
class Place:
    """One member's place: its ports, its process's condition, and its number in etcd (None until it has answered once)."""

    name: str
    peer_port: int
    client_port: int
    env: dict[str, str]
    gateway: Gateway
    condition: Condition = "down"
    number: int | None = None
    learner: bool = False
    last: RaftStatus | None = None
    argv: list[str] = field(default_factory=list)
    pid: int | None = None
    wiped: bool = False

    @property
    def data(self) -> str:
        """Its data folder, in the cluster's."""
        return f"data-{self.peer_port}"

    @property
    def peer_url(self) -> str:
        """The address other members use. In capitals, or Go would go past the proxy that is the link."""
        return f"http://LOCALHOST:{self.peer_port}"


class Members:
    """All members that ever were, by name, on one supervisor and one set of links."""

    def __init__(self, binary: Binary, settings: EtcdSettings) -> None:
        self.binary = binary
        self.settings = settings
        self.places: dict[str, Place] = {}
        self.standing = settings.ground.standing if settings.ground else {}
        self.restored_with = ""  # the line of etcdutl that made a founder's data
        self.lock = RLock()  # between what changes processes and what notices that one has ended by itself
        self.processes = Processes()
        try:
            enough_space(self.processes, len(settings.founders) + len(settings.learners))
            self.links = Links(self.processes)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Kill all and remove their data."""
        self.processes.close()
        for place in self.places.values():
            place.gateway.close()

    # --- processes ---

    def stand(self, name: str, zone: str | None, *, beside: str) -> None:
        """Let a new member stand in ``zone``, or else where ``beside`` does. Raises ValueError if that place is unknown, or its way to another
        member; then nothing has happened. One that is asked for again stays where it is.
        """
        new = newcomer(self.settings.ground, name, zone, beside, self.standing)
        if new is not None and name not in self.places:
            self.settings = self.settings.with_ways(new.ways_ms, new.client_ways_ms)
            self.standing[name] = new.place
        for other in self.places:
            if other != name:
                self.settings.way_ms(name, other)

    def add(self, name: str) -> Place:
        """Give a member its ports and its links, with the delays that the settings say."""
        taken = {port for place in self.places.values() for port in (place.peer_port, place.client_port)}
        peer_port = free_port(taken)
        client_port = free_port(taken | {peer_port})
        for other in self.places:
            for pair in ((name, other), (other, name)):
                self.links.base[pair] = Link(
                    delay_ms=self.settings.way_ms(*pair),
                    jitter_ms=self.settings.jitter_ms,
                    loss=self.settings.loss,
                )
        place = Place(
            name,
            peer_port,
            client_port,
            self.links.add(name, peer_port),
            Gateway(f"http://127.0.0.1:{client_port}"),
        )
        self.places[name] = place
        return place

    def forget(self, name: str) -> None:
        """Give up the place of a member that has not become one."""
        self.places.pop(name).gateway.close()
        self.links.remove(name)

    def start(
        self,
        name: str,
        *,
        cluster: dict[str, str] | None = None,
        founding: bool = False,
        once: Sequence[str] = (),
    ) -> None:
        """Start a member: a new one with the addresses of all members (``cluster``), else from its disk; ``once`` are flags for this start
        alone.
        """
        place = self.places[name]
        for port in (place.peer_port, place.client_port):
            if not is_free(port):
                raise PortTakenError(port_taken(name, port))
        if cluster is not None:
            place.argv = self.command(place, cluster, founding)
        with self.lock:
            place.pid = self.processes.start(name, [*place.argv, *once], env=place.env, log=log_name(place))
            place.condition = "up"

    def command(self, place: Place, cluster: dict[str, str], founding: bool) -> list[str]:
        """The command line of a member."""
        client_url = f"http://127.0.0.1:{place.client_port}"
        flags: dict[str, Any] = {
            "name": place.name,
            "data-dir": place.data,
            "listen-client-urls": client_url,
            "advertise-client-urls": client_url,
            "listen-peer-urls": f"http://127.0.0.1:{place.peer_port}",
            "initial-advertise-peer-urls": place.peer_url,
            "initial-cluster": ",".join(f"{name}={url}" for name, url in cluster.items()),
            "initial-cluster-state": "new" if founding else "existing",
            "heartbeat-interval": self.settings.heartbeat_ms,
            "election-timeout": self.settings.election_ms,
            "pre-vote": str(self.settings.pre_vote).lower(),
            "logger": "zap",  # 3.4 has another by default
            "log-level": "warn",
        }
        if self.settings.max_learners != 1:
            flags["max-learners"] = self.settings.max_learners
        return [self.binary.path, *(f"--{flag}={value}" for flag, value in flags.items())]

    def wait_listening(self, name: str) -> None:
        """Wait until a member that was started takes connections, though it may not answer yet.

        Raises RuntimeError with the reason if its process ends instead.
        """
        place, until = self.places[name], time.monotonic() + LISTEN_SECONDS
        while time.monotonic() < until:
            with socket.socket() as probe:
                probe.settimeout(ASK_SECONDS)
                if probe.connect_ex(("127.0.0.1", place.client_port)) == 0 and self.processes.running()[name]:
                    return
            if not self.processes.running()[name]:
                place.condition = "down"
                raise self.why_ended(name)
            time.sleep(0.01)
        raise RuntimeError(
            f"{name} has not begun to listen within {LISTEN_SECONDS:g} s; try again on a calmer machine."
        )

    def wait_answered(self, name: str) -> None:
        """Wait until a member that was started on a wiped disk has answered, or has ended as etcd then does."""
        place, until = self.places[name], time.monotonic() + LISTEN_SECONDS
        while time.monotonic() < until and self.processes.running()[name]:
            if self.look(name) is not None:
                place.wiped = False
                return
            time.sleep(0.01)

    def has_joined(self, name: str) -> bool:
        """Whether a member has ever got as far as to begin its log."""
        wal = self.processes.folder / self.places[name].data / "member" / "wal"
        return any(wal.glob("*.wal"))

    def wait_joined(self, name: str) -> None:
        """Wait until a new member has begun its log, or has ended, or is seen to wait for others."""
        until = time.monotonic() + JOIN_SECONDS
        while time.monotonic() < until and self.processes.running()[name] and not self.has_joined(name):
            time.sleep(0.01)

    def wipe(self, name: str) -> None:
        """Remove the data of a member that is down."""
        place = self.places[name]
        shutil.rmtree(self.processes.folder / place.data, ignore_errors=True)
        place.wiped = True

    def last_words(self, name: str) -> str:
        """The last that a member's process has said; "" for nothing."""
        return last_words(self.processes.folder / log_name(self.places[name]))[0]

    def why_ended(self, name: str) -> RuntimeError:
        """Why a member's process ended by itself, from the last words of its log."""
        last, all_of_it = last_words(self.processes.folder / log_name(self.places[name]))
        if "address already in use" in all_of_it:
            return PortTakenError(port_taken(name, self.places[name].peer_port))
        if "no space left" in all_of_it or not last:
            free = shutil.disk_usage(self.processes.folder).free
            if free < BYTES_EACH:
                return RuntimeError(no_space(free, 1, str(self.processes.folder.parent)))
        return RuntimeError(f"{name} has ended by itself; the last it said is: {last or 'nothing'}.")

    def kill(self, name: str) -> None:
        """SIGKILL; also a paused member is gone then."""
        with self.lock:
            self.processes.signal(name, "KILL")
            self.places[name].condition = "down"

    def terminate(self, name: str) -> None:
        """SIGTERM, and wait until it has ended."""
        self.processes.signal(name, "TERM")
        until = time.monotonic() + STOP_SECONDS
        while self.processes.running()[name] and time.monotonic() < until:
            time.sleep(0.005)
        self.kill(name)

    def pause(self, name: str) -> None:
        """SIGSTOP."""
        with self.lock:
            self.processes.signal(name, "STOP")
            self.places[name].condition = "paused"

    def resume(self, name: str) -> None:
        """SIGCONT."""
        with self.lock:
            self.processes.signal(name, "CONT")
            self.places[name].condition = "up"

    # --- looking ---

    def notice_ended(self, removed: set[str]) -> list[str]:
        """Note which processes have ended by themselves; a removed member's does. Returns their names."""
        with self.lock:
            running = self.processes.running()
            there = list(self.places.items())
            ended = [n for n, p in there if p.condition == "up" and not running.get(n, True)]
            for name in ended:
                self.places[name].condition = "removed" if name in removed else "down"
        return ended

    def look(self, name: str, seconds: float = ASK_SECONDS) -> RaftStatus | None:
        """What a running member says of itself now, or None if it says nothing."""
        place = self.places.get(name)
        if place is None or place.condition != "up":  # None: its addition was refused meanwhile
            return None
        try:
            place.last = place.gateway.raft_status(seconds=seconds)
        except GatewayError:
            return None
        place.number = place.last.member
        return place.last

    def look_at_all(self) -> dict[str, RaftStatus]:
        """What each running member that answers says of itself now."""
        seen = {name: self.look(name) for name in list(self.places)}
        return {name: status for name, status in seen.items() if status is not None}

    def statuses(self) -> dict[str, MemberStatus]:
        """Each member as it sees itself now; of one that says nothing, what it last said, and no role."""
        seen = self.look_at_all()
        shown = {}
        for name, place in list(self.places.items()):
            last = place.last
            tells = last is not None and (name in seen or place.condition == "paused")
            shown[name] = MemberStatus(
                role=last.role if last and tells else None,
                term=last.term if last else 0,
                commit_index=last.commit if last else 0,
                condition=place.condition,
                learner=place.learner,
                leader=self.name_of(last.leader) if last and tells else None,
            )
        return shown

    def name_of(self, number: int) -> str | None:
        """The member with a number of etcd's; None for 0 and for one we do not know."""
        return next(
            (name for name, place in list(self.places.items()) if place.number == number and number), None
        )

    def name_at(self, peer_url: str) -> str | None:
        """The member at an address."""
        return next((name for name, place in list(self.places.items()) if place.peer_url == peer_url), None)


def leader_of(seen: dict[str, RaftStatus]) -> str | None:
    """The member that leads in the highest term, of those seen."""
    leading = [name for name, status in seen.items() if status.role == "leader"]
    return max(leading, key=lambda name: seen[name].term) if leading else None


def log_name(place: Place) -> str:
    """The file with what a member's process says."""
    return f"log-{place.peer_port}"


def last_words(log: Path) -> tuple[str, str]:
    """The last that a member's process said, its message and the error in it; and the last part of its log as it stands."""
    try:
        text = log.read_text(errors="replace")[-LOG_CHARACTERS:].strip()
    except OSError:
        text = ""
    lines = text.splitlines() or [""]
    # What Go prints when it gives up is long, and says less than the last that etcd said itself.
    line = next((line for line in reversed(lines) if line.startswith("{")), lines[-1])
    try:
        said = json.loads(line)
        return f"{said.get('msg', '')} {said.get('error', '')}".strip(), text
    except (ValueError, AttributeError):
        return line, text


def free_port(besides: Collection[int] = ()) -> int:
    """A port nobody listens at now, and none of ``besides``, where somebody is about to."""
    for _ in range(PORT_TRIES):
        port = random.randint(FIRST_PORT, LAST_PORT)
        if port not in besides and is_free(port):
            return port
    raise RuntimeError(
        f"No free port was found from {FIRST_PORT} to {LAST_PORT} on this machine; close other programs, or other clusters."
    )


def is_free(port: int) -> bool:
    """Whether nobody listens at a port."""
    with socket.socket() as probe:
        # As etcd does: connections of whoever was there before do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            return False
        return True


def port_taken(name: str, port: int) -> str:
    """One sentence for a port that another program has."""
    return f"{name} cannot listen, because another program has taken port {port}; end that program, or make a new cluster."


def enough_space(processes: Processes, count: int) -> None:
    """Raise OSError where the disk is too full for ``count`` members."""
    free = shutil.disk_usage(processes.folder).free
    if free < count * BYTES_EACH:
        raise OSError(errno.ENOSPC, no_space(free, count, str(processes.folder.parent)))


def no_space(free: int, count: int, folder: str) -> str:
    """One sentence for a full disk."""
    needed = f"{count * BYTES_EACH / 1e6:.0f} MB"
    return (
        f"{folder} has {free / 1e6:.0f} MB free, but etcd needs {needed} there for {plural(count, 'member')}; make room, or set TMPDIR to "
        "another folder."
    )
