"""A cluster starts whole or not at all, and nothing of it stays: no process, no port, no folder, whatever ends the notebook."""

import inspect
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quorumlab.etcd import EtcdCluster, members, starting
from quorumlab.etcd.members import BYTES_EACH

pytestmark = pytest.mark.etcd


def pids(cluster):
    """All processes of a cluster: the supervisor and its children."""
    supervisor = cluster._members.processes._supervisor.pid
    listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    children = [int(pid) for pid, parent in map(str.split, listed.splitlines()) if int(parent) == supervisor]
    assert len(children) == len(cluster.members) + 1  # the members and the link emulator
    return [supervisor, *children]


def ports(cluster):
    return [
        port for place in cluster._members.places.values() for port in (place.peer_port, place.client_port)
    ]


def alive(pid):
    """Whether a process exists and is no zombie."""
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
    ).stdout.strip()
    return bool(state) and not state.startswith("Z")


def taken(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def assert_gone(all_pids, all_ports, folder, within=30.0):
    until = time.monotonic() + within
    while time.monotonic() < until and (any(map(alive, all_pids)) or folder.exists()):
        time.sleep(0.02)
    assert [pid for pid in all_pids if alive(pid)] == []
    assert [port for port in all_ports if taken(port)] == []
    assert not folder.exists()


def test_started_and_closed_again_and_again_nothing_stays():
    for size in (1, 3) * 10:
        cluster = EtcdCluster(size, record=False)
        of_it = (pids(cluster), ports(cluster), cluster._members.processes.folder)
        cluster.close()
        assert_gone(*of_it, within=0)


def test_a_paused_member_at_close():
    cluster = EtcdCluster(3)
    of_it = (pids(cluster), ports(cluster), cluster._members.processes.folder)
    cluster.pause("etcd-1", "etcd-2")
    cluster.close()
    assert_gone(*of_it, within=0)


def test_after_close_what_happened_can_still_be_read_and_nothing_else():
    with EtcdCluster(1) as cluster:
        assert cluster.put("k", "v").ok
        cluster.crash("etcd-1")
    assert cluster.trace.until == cluster.trace.until
    assert len(cluster.history()) == 1
    assert repr(cluster).endswith("closed>")
    for verb in (
        lambda: cluster.put("k", "v"),
        lambda: cluster.restart("etcd-1"),
        lambda: cluster.run_for(1),
    ):
        with pytest.raises(RuntimeError, match="This cluster is closed; make a new one"):
            verb()
    cluster.close()


def test_two_clusters_at_once_know_nothing_of_each_other():
    with EtcdCluster(1) as one, EtcdCluster(1) as other:
        assert one.put("k", "one").ok
        assert other.put("k", "other").ok
        assert (one.get("k").value, other.get("k").value) == ("one", "other")
        one.close()
        assert other.put("k", "still").ok


def test_forgotten_it_is_closed():
    cluster = EtcdCluster(1)
    of_it = (pids(cluster), ports(cluster), cluster._members.processes.folder)
    del cluster
    assert_gone(*of_it)


NOTEBOOK = f"""
import subprocess, sys, time
from quorumlab.etcd import EtcdCluster
{inspect.getsource(pids)}
{inspect.getsource(ports)}
c = EtcdCluster(3)
c.pause("etcd-3")
c.submit("write", "k", "v", via="etcd-3")
print(*pids(c), "|", *ports(c), "|", c._members.processes.folder, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"])
def test_nothing_outlives_the_notebook(how, tmp_path):
    with (tmp_path / "said").open("w") as said:
        notebook = subprocess.Popen(
            [sys.executable, "-c", NOTEBOOK],
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
            text=True,
        )
    try:
        line = notebook.stdout.readline()
        assert line, (tmp_path / "said").read_text()
        all_pids, all_ports, folder = line.split("|")
        os.killpg(notebook.pid, getattr(signal, how))
        assert_gone(list(map(int, all_pids.split())), list(map(int, all_ports.split())), Path(folder.strip()))
    finally:
        notebook.kill()
        notebook.wait()
        notebook.stdout.close()


def test_a_kernel_is_restarted_again_and_again():
    from jupyter_client.manager import KernelManager

    kernel = KernelManager(kernel_name="python3")
    kernel.start_kernel()
    left = []
    try:
        for _ in range(3):
            client = kernel.client()
            client.start_channels()
            client.wait_for_ready(timeout=60)
            code = NOTEBOOK.replace("time.sleep(60)", "")
            said = []
            client.execute_interactive(
                code,
                timeout=60,
                output_hook=lambda m, said=said: said.append(m["content"].get("text", m["content"])),
            )
            all_pids, all_ports, folder = next(s for s in said if isinstance(s, str)).split("|")
            left.append(
                (list(map(int, all_pids.split())), list(map(int, all_ports.split())), Path(folder.strip()))
            )
            client.stop_channels()
            kernel.restart_kernel(now=True)
            assert_gone(*left[-1])
    finally:
        kernel.shutdown_kernel(now=True)


def test_a_taken_port_is_tried_again_elsewhere(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        busy, real, first = other.getsockname()[1], members.free_port, []

        def free_port(besides=()):
            first.append(real(besides))
            return busy if len(first) == 3 else first[-1]  # the second member's, taken since we looked

        monkeypatch.setattr(members, "free_port", free_port)
        with EtcdCluster(3) as cluster:
            assert cluster.put("k", "v").ok
            assert busy not in ports(cluster)


def left_behind(action, match, error=RuntimeError):
    """Do what must fail; whatever it had started must be gone."""
    folders = []
    real = members.Processes

    class Noted(real):
        def __init__(self):
            super().__init__()
            folders.append((self._supervisor.pid, self.folder))

    members.Processes = Noted
    try:
        with pytest.raises(error, match=match):
            action()
    finally:
        members.Processes = real
    assert folders
    for pid, folder in folders:
        assert_gone([pid], [], folder, within=0)


def test_a_port_that_stays_taken_is_one_sentence_and_nothing_is_left(monkeypatch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr(members, "free_port", lambda besides=(): other.getsockname()[1])
        monkeypatch.setattr(starting, "TRIES", 1)
        left_behind(
            lambda: EtcdCluster(1),
            r"^etcd-1 cannot listen, because another program has taken port \d+; end that program, or make a new cluster\.$",
        )


def test_a_port_taken_while_a_member_was_down_is_one_sentence(soon):
    with EtcdCluster(1) as cluster:
        cluster.crash("etcd-1")
        assert cluster.members == ("etcd-1",)  # though nobody can be asked
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", cluster._members.places["etcd-1"].peer_port))
            other.listen()
            with pytest.raises(RuntimeError, match="another program has taken port"):
                cluster.restart("etcd-1")
            assert cluster.status()["etcd-1"].condition == "down"
        cluster.restart("etcd-1")
        assert soon(lambda: cluster.leader == "etcd-1")


def test_a_program_that_is_no_etcd_is_one_sentence_and_nothing_is_left(tmp_path, monkeypatch):
    from quorumlab.etcd import cluster as module
    from quorumlab.etcd.binary import Binary

    false = tmp_path / "etcd"
    false.write_text("#!/bin/sh\necho no such flag >&2\nexit 2\n")
    false.chmod(0o755)
    monkeypatch.setattr(module, "find_etcd", lambda: Binary(str(false), "3.9.9"))
    left_behind(lambda: EtcdCluster(3), r"^etcd-1 has ended by itself; the last it said is: no such flag\.$")


def test_an_etcd_that_goes_past_our_links_is_noticed(monkeypatch):
    from quorumlab.etcd.links import Links

    real = Links.add
    monkeypatch.setattr(Links, "add", lambda self, name, port: real(self, name, port) and {})
    left_behind(
        lambda: EtcdCluster(3),
        "does not pass the laboratory's link, so that cuts and delays would do nothing",
    )


@pytest.mark.parametrize(
    "found",
    [
        {"HTTP_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": "*"},
        {"REQUEST_METHOD": "GET"},  # as below a web server: Go's programs then refuse HTTP_PROXY
        {"ETCD_CONFIG_FILE": "/nowhere", "ETCD_DISCOVERY": "http://127.0.0.1:9", "ETCD_AUTO_TLS": "true"},
        {"ETCDCTL_API": "2", "ETCDCTL_ENDPOINTS": "http://127.0.0.1:9"},
    ],
    ids=["proxies", "CGI", "flags of another etcd", "of its tools"],
)
def test_what_the_environment_says_of_other_programs_does_not_reach_the_members(found, monkeypatch):
    for name, value in found.items():
        monkeypatch.setenv(name, value)
    with EtcdCluster(3, record=False) as cluster:
        assert cluster.put("k", "v").ok
        assert cluster.snapshot().revision == 2


def test_a_machine_that_does_not_know_localhost_is_one_sentence_and_nothing_is_started(monkeypatch):
    def unknown(*_args):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(starting.socket, "getaddrinfo", unknown)
    monkeypatch.setattr(starting, "Members", None)  # would fail
    with pytest.raises(
        RuntimeError, match="does not know the name localhost, by which members reach each other; add"
    ):
        EtcdCluster(1)


def test_a_disk_that_is_too_full_is_one_sentence(monkeypatch):
    full = type("Usage", (), {"free": BYTES_EACH})
    monkeypatch.setattr(members.shutil, "disk_usage", lambda path: full)
    left_behind(
        lambda: EtcdCluster(3),
        r"has 130 MB free, but etcd needs 390 MB there for 3 members; make room",
        OSError,
    )


@pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("mount"), reason="only root can make a small disk to fill"
)
def test_a_disk_that_fills_up_is_one_sentence(tmp_path, monkeypatch):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(disk)], capture_output=True
    ).returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        monkeypatch.setenv("TMPDIR", str(disk))
        monkeypatch.setattr(members, "enough_space", lambda processes, count: None)
        left_behind(
            lambda: EtcdCluster(1), r"has \d+ MB free, but etcd needs 130 MB there for 1 member; make room"
        )
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_interrupted_while_it_starts_nothing_is_left(monkeypatch):
    def interrupt(members):
        raise KeyboardInterrupt

    monkeypatch.setattr("quorumlab.etcd.cluster.settled", interrupt)
    left_behind(lambda: EtcdCluster(1), None, KeyboardInterrupt)
