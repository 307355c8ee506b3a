"""The link emulator with simple servers in the members' place: what passes, how late, and what does not. No etcd here."""

import contextlib
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from quorumlab.etcd.links import Link, Links
from quorumlab.etcd.processes import Processes

STREAM, POST, OTHER = "/raft/stream/message/1", "/raft", "/members"


class Peer(BaseHTTPRequestHandler):
    """Answers every request; a stream gets a piece every 10 ms."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.heads.append(dict(self.headers))
        self.send_response(200)
        if self.path.startswith("/raft/stream"):
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.01)
            except OSError:
                pass
        else:
            self.reply(b"members")

    def do_POST(self):
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.reply(b"ok")

    def reply(self, body):
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Member:
    """A server in a member's place, and its way to others."""

    def __init__(self, name, links):
        self.name = name
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Peer)
        self.server.heads, self.server.bodies = [], []
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.env = links.add(name, self.port)
        self.proxy = int(self.env["HTTP_PROXY"].rpartition(":")[2])

    def open(self, other, path, body=None):
        """Ask another member as Go does through a proxy: the whole address in the first line."""
        link = socket.create_connection(("127.0.0.1", self.proxy), timeout=5)
        verb = "GET" if body is None else "POST"
        length = "" if body is None else f"Content-Length: {len(body)}\r\n"
        address = f"http://LOCALHOST:{other.port}{path}"
        link.sendall(f"{verb} {address} HTTP/1.1\r\nHost: x\r\n{length}\r\n".encode() + (body or b""))
        return link

    def ask(self, other, path, body=None):
        """The status another member answers with."""
        with self.open(other, path, body) as link:
            return int(link.recv(4096).split()[1])


@pytest.fixture(scope="module")
def world():
    processes = Processes()
    links = Links(processes)
    members = [Member(name, links) for name in ("a", "b")]
    yield links, *members
    processes.close()
    for member in members:
        member.server.shutdown()
        member.server.server_close()


@pytest.fixture
def pair(world):
    links, *_ = world
    yield world
    for source, target in (("a", "b"), ("b", "a")):
        links.set(source, target, Link())


def seconds(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def test_the_environment_sends_all_through_the_emulator(world):
    _, a, _ = world
    assert a.env["http_proxy"] == a.env["HTTP_PROXY"]
    assert a.env["NO_PROXY"] == a.env["no_proxy"] == ""


def test_requests_pass_one_a_connection(pair):
    _, a, b = pair
    assert a.ask(b, OTHER) == 200
    assert a.ask(b, POST, b"message") == 200
    assert b.server.bodies[-1] == b"message"
    assert b.server.heads[-1]["Connection"] == "close"


def test_an_address_of_nobody_is_refused(pair):
    _, a, _ = pair
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        stranger = type("Stranger", (), {"port": nobody.getsockname()[1]})
        assert a.ask(stranger, OTHER) == 502


def test_who_is_killed_before_it_has_answered_hangs_up_on_the_other_side_too(pair):
    """A process that ends with unread data resets its connections; as with a member killed during a pause."""
    links, a, _ = pair
    with socket.create_server(("127.0.0.1", 0)) as silent:
        stranger = type("Stranger", (), {"port": silent.getsockname()[1]})
        links.add("silent", stranger.port)
        with a.open(stranger, OTHER) as link:
            taken, _ = silent.accept()
            taken.recv(1)
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            taken.close()
            assert link.recv(4096) == b""


def test_what_passed_is_counted(pair):
    links, a, b = pair
    a.ask(b, OTHER)
    assert links.unused([("a", "b"), ("a", "c")]) == [("a", "c")]


def test_a_delay_holds_each_way_and_a_new_connection_pays_its_handshake(pair):
    links, a, b = pair
    assert seconds(lambda: a.ask(b, OTHER)) < 0.05
    links.change("a", "b", extra_ms=40)
    links.change("b", "a", extra_ms=20)
    # Handshake there and back, request there, answer back.
    assert 0.115 < seconds(lambda: a.ask(b, OTHER)) < 0.2


def test_a_stream_is_late_by_the_way_back_only(pair):
    links, a, b = pair
    links.change("b", "a", extra_ms=100)
    with a.open(b, STREAM) as stream:
        assert seconds(lambda: stream.recv(10)) > 0.19  # handshake and the way back
        stream.recv(1 << 16)
        assert seconds(lambda: [stream.recv(1) for _ in range(10)]) < 0.5  # then it flows


def test_cut_both_ways_nothing_passes_and_open_connections_break(pair):
    links, a, b = pair
    with a.open(b, STREAM) as stream:
        assert stream.recv(10)
        for one, other in (("a", "b"), ("b", "a")):
            links.change(one, other, cut=True)
        with pytest.raises(ConnectionError):
            while stream.recv(1 << 16):
                pass
            raise ConnectionResetError
    for path, body in ((STREAM, None), (OTHER, None), (POST, b"lost")):
        assert a.ask(b, path, body) == 502
    assert b"lost" not in b.server.bodies


def test_what_is_on_its_way_when_a_link_is_cut_arrives_and_nothing_after_it(pair):
    """As in the simulated world: a message that has left cannot be called back."""
    links, a, b = pair
    links.change("b", "a", extra_ms=400)
    with a.open(b, STREAM) as stream:
        while stream.recv(1) != b"x":
            pass  # the head
        links.change("b", "a", cut=True)
        left = b""
        with contextlib.suppress(ConnectionError):
            while piece := stream.recv(1 << 16):
                left += piece
    assert left.count(b"x") > 4  # some forty were on their way


def test_cut_one_way_messages_pass_the_other_way(pair):
    links, a, b = pair
    links.change("a", "b", cut=True)
    assert a.ask(b, POST, b"from a") == 502  # a's message
    assert b.ask(a, STREAM) == 502  # a's messages, fetched by b
    assert b.ask(a, POST, b"from b") == 200
    assert a.ask(b, STREAM) == 200  # b's messages, fetched by a
    assert a.ask(b, OTHER) == b.ask(a, OTHER) == 502  # question and answer need both ways


def test_healed_what_waits_is_let_go_at_once(pair):
    links, a, b = pair
    links.change("a", "b", cut=True)
    with a.open(b, OTHER) as waiting:
        time.sleep(0.05)
        links.change("a", "b", cut=False)
        assert seconds(lambda: waiting.recv(100)) < 0.1
    assert a.ask(b, OTHER) == 200


def test_loss_makes_late_not_lost(pair):
    links, a, b = pair
    links.set("a", "b", Link(loss=0.3))
    sent = [f"message {i}".encode() for i in range(12)]
    took = []
    for message in sent:
        link = a.open(b, POST, message)
        link.settimeout(20)
        took.append(seconds(lambda link=link: link.recv(100)))
        link.close()
    assert b.server.bodies[-12:] == sent
    assert min(took) < 0.1
    assert max(took) > 0.19


def test_a_pair_begins_as_its_base_says_and_heals_to_it():
    processes = Processes()
    try:
        links = Links(processes)
        links.base["a", "b"] = Link(delay_ms=30)
        for name, port in (("a", 1), ("b", 2)):
            links.add(name, port)
        assert links["a", "b"] == Link(delay_ms=30)
        assert links["b", "a"] == Link()
        _, after = links.change("a", "b", extra_ms=5)
        assert after == Link(delay_ms=35)
        assert links.extra_ms("a", "b") == 5
        _, after = links.change("a", "b", cut=False, extra_ms=0)
        assert after == Link(delay_ms=30)
    finally:
        processes.close()
