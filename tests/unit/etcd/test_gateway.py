"""The gateway's JSON: what is asked, what is understood, and each error in a word. No etcd: its answers are written out here."""

import json
from base64 import b64encode

import httpx
import pytest

from quorumlab.etcd.gateway import (
    Compared,
    Found,
    Gateway,
    GatewayError,
    Listed,
    RaftStatus,
    Status,
)

HEADER = {"cluster_id": "1", "member_id": "17145375635751644030", "revision": "7", "raft_term": "2"}


def coded(text):
    return b64encode(text.encode()).decode()


@pytest.fixture
def asked():
    return []


@pytest.fixture
def gateway(asked):
    """A gateway to a member that answers what ``answers`` says, and notes what it was asked."""

    def make(answer, status=200):
        def handle(request):
            asked.append((request.url.path, json.loads(request.content or "{}")))
            if isinstance(answer, Exception):
                raise answer
            text = answer if isinstance(answer, str) else json.dumps(answer)
            return httpx.Response(status, text=text)

        made = Gateway("http://127.0.0.1:1")
        made._http = httpx.Client(base_url=made.url, transport=httpx.MockTransport(handle))
        return made

    return make


def test_put(gateway, asked):
    assert gateway({"header": HEADER}).put("k", "ü", seconds=1) == 7
    assert asked == [("/v3/kv/put", {"key": coded("k"), "value": coded("ü")})]


def test_get_what_is_there_what_is_empty_and_what_is_not(gateway, asked):
    there = {
        "header": HEADER,
        "kvs": [{"key": coded("k"), "value": coded("v"), "mod_revision": "3"}],
        "count": "1",
    }
    assert gateway(there).get("k", seconds=1) == Found("v", 7)
    assert gateway({"header": HEADER, "kvs": [{"key": coded("k")}]}).get("k", seconds=1) == Found("", 7)
    assert gateway({"header": HEADER}).get("k", seconds=1, serializable=True) == Found(None, 7)
    assert [body["serializable"] for _, body in asked] == [False, False, True]


def test_cas_compares_the_value_or_that_there_is_none(gateway, asked):
    done = {
        "header": HEADER,
        "succeeded": True,
        "responses": [{"response_put": {"header": {"revision": "7"}}}],
    }
    assert gateway(done).cas("k", "old", "new", seconds=1) == Compared(True, "new", 7)
    other = {"header": HEADER, "responses": [{"response_range": {"kvs": [{"value": coded("x")}]}}]}
    assert gateway(other).cas("k", None, "new", seconds=1) == Compared(False, "x", 7)
    first, second = (body["compare"][0] for _, body in asked)
    assert first == {"key": coded("k"), "result": "EQUAL", "target": "VALUE", "value": coded("old")}
    assert second == {"key": coded("k"), "result": "EQUAL", "target": "CREATE", "create_revision": "0"}


def test_status_with_zeros_left_out(gateway):
    answer = {"header": HEADER, "version": "3.5.1", "raftIndex": "9", "raftTerm": "2", "isLearner": True}
    assert gateway(answer).status(seconds=1) == Status(
        member=17145375635751644030, version="3.5.1", term=2, leader=0, commit=9, applied=0, learner=True, db_bytes=0
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "role"),
    [("StateFollower", "follower"), ("StatePreCandidate", "pre-candidate"), ("StateCandidate", "candidate"),
     ("StateLeader", "leader")],
)  # fmt: skip
def test_raft_status_tells_the_role_and_the_vote(gateway, said, role):
    line = json.dumps(
        {
            "id": "7537e7acd5ffb01c",
            "term": 2,
            "vote": "ff",
            "commit": 4,
            "lead": "0",
            "raftState": said,
            "applied": 3,
        }
    )
    text = '{\n"cmdline": ["etcd"],\n"raft.status": ' + line + ',\n"memstats": {}\n}\n'
    assert gateway(text).raft_status(seconds=1) == RaftStatus(
        member=0x7537E7ACD5FFB01C, role=role, term=2, vote=255, leader=0, commit=4, applied=3
    )


def test_raft_status_that_is_not_told(gateway):
    with pytest.raises(GatewayError, match="does not tell its raft status"):
        gateway("{\n}\n").raft_status(seconds=1)


@pytest.mark.parametrize(
    ("answer", "healthy"), [({"health": "true"}, True), ({"health": "false"}, False), ({"health": True}, False), ("", False)]
)  # fmt: skip
def test_health_is_a_text(gateway, answer, healthy):
    assert gateway(answer).healthy(seconds=1) is healthy


def test_members_and_one_that_has_not_started(gateway):
    line = {"ID": "1", "name": "etcd-1", "peerURLs": ["http://LOCALHOST:1"]}
    new = {"ID": "2", "peerURLs": ["http://LOCALHOST:2"], "isLearner": True}
    assert gateway({"members": [line, new]}).members(seconds=1) == [
        Listed(1, "etcd-1", "http://LOCALHOST:1", False),
        Listed(2, "", "http://LOCALHOST:2", True),
    ]


def test_membership_calls(gateway, asked):
    member = gateway({"header": HEADER})
    member.promote(5, seconds=1)
    member.remove_member(6, seconds=1)
    member.move_leader(7, seconds=1)
    assert asked == [
        ("/v3/cluster/member/promote", {"ID": "5"}),
        ("/v3/cluster/member/remove", {"ID": "6"}),
        ("/v3/maintenance/transfer-leadership", {"targetID": "7"}),
    ]


def test_leases(gateway, asked):
    assert gateway({"header": HEADER, "ID": "88", "TTL": "5"}).grant(1, seconds=1) == (88, 5)
    assert gateway({"result": {"header": HEADER, "ID": "88", "TTL": "5"}}).keep_alive(88, seconds=1) == 5
    assert gateway({"result": {"header": HEADER, "ID": "88"}}).keep_alive(88, seconds=1) == 0
    assert gateway({"header": HEADER, "ID": "88", "TTL": "-1"}).time_to_live(88, seconds=1) == -1
    assert gateway({"header": HEADER}).revoke(88, seconds=1) == 7


def test_a_snapshot_arrives_in_pieces_and_stops_at_an_error(gateway):
    pieces = [{"result": {"blob": b64encode(piece).decode()}} for piece in (b"data", b"checksum")]
    assert gateway("\n".join(map(json.dumps, pieces))).snapshot(seconds=1) == b"datachecksum"
    refused = {"error": {"message": "etcdserver: no leader"}}
    with pytest.raises(GatewayError, match="no leader"):
        gateway("\n".join(map(json.dumps, [pieces[0], refused]))).snapshot(seconds=1)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("etcdserver: request timed out", "timeout"),
        ("etcdserver: request timed out, possibly due to previous leader failure", "timeout"),
        ("context deadline exceeded", "timeout"),
        ("etcdserver: leader changed", "leader_changed"),
        ("etcdserver: rpc not supported for learner", "learner"),
        ("etcdserver: too many learner members in cluster", "too_many_learners"),
        ("etcdserver: can only promote a learner member which is in sync with leader", "learner_not_ready"),
        ("etcdserver: can only promote a learner member", "not_a_learner"),
        ("etcdserver: member not found", "not_a_member"),
        ("etcdserver: Peer URLs already exists", "already_a_member"),
        ("etcdserver: re-configuration failed due to not enough started members", "unsafe"),
        ("etcdserver: unhealthy cluster", "unhealthy"),
        ("etcdserver: not leader", "not_leader"),
        ("etcdserver: something new", "other"),
    ],
)
def test_each_error_of_etcd_in_a_word(gateway, message, word):
    with pytest.raises(GatewayError, match=message) as told:
        gateway({"error": message, "code": 14, "message": message}, 503).put("k", "v", seconds=1)
    assert told.value.word == word


def test_an_error_inside_a_stream(gateway):
    answer = {"error": {"grpc_code": 14, "message": "etcdserver: no leader"}}
    with pytest.raises(GatewayError) as told:
        gateway(answer).keep_alive(1, seconds=1)
    assert told.value.word == "no_leader"


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (httpx.ConnectError("refused"), "refused_connection"),
        (httpx.ReadTimeout("late"), "timeout"),
        (httpx.ConnectTimeout("late"), "timeout"),
        (httpx.RemoteProtocolError("gone"), "broken"),
        (httpx.ReadError("reset"), "broken"),
    ],
)
def test_each_end_of_a_connection_in_a_word(gateway, error, word):
    with pytest.raises(GatewayError) as told:
        gateway(error).get("k", seconds=1)
    assert told.value.word == word


def test_an_answer_that_is_no_json(gateway):
    with pytest.raises(GatewayError, match=r"no JSON \(status 500\)"):
        gateway("<html>", 500).put("k", "v", seconds=1)
