"""One member of a real etcd, asked through its JSON gateway: what each call returns, and each error in a word.

The gateway is plain JSON over HTTP: keys and values are base64, whole numbers of 64 bits are texts, and what is zero,
empty or false is left out (etcd documentation, "gRPC gateway").
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from quorumlab.cluster.events import Role

CONNECT_SECONDS = 1.0  # on one machine; a paused process still accepts
LONGEST_SECONDS = 60.0

# What etcd says, as a word of the contract (``cluster.protocol.ERRORS``); the first text found in its message counts.
# Source: etcd, api/v3rpc/rpctypes/error.go.
WORDS = {
    "request timed out": "timeout",
    "deadline exceeded": "timeout",
    "leader changed": "leader_changed",
    "no leader": "no_leader",
    "rpc not supported for learner": "learner",
    "too many learner members": "too_many_learners",
    "can only promote a learner member which is in sync": "learner_not_ready",
    "can only promote a learner member": "not_a_learner",
    "member not found": "not_a_member",
    "member ID already exist": "already_a_member",
    "Peer URLs already exists": "already_a_member",
    "not enough started members": "unsafe",
    "unhealthy cluster": "unhealthy",
    "not leader": "not_leader",
    "bad leader transferee": "bad_transferee",
    "server stopped": "stopped",
    "requested lease not found": "no_lease",
    "has been compacted": "compacted",
    "is a future revision": "future_revision",
}


ROLES: dict[str, Role] = {
    "StateFollower": "follower",
    "StatePreCandidate": "pre-candidate",
    "StateCandidate": "candidate",
    "StateLeader": "leader",
}


class GatewayError(Exception):
    """A call that brought no answer of its kind.

    word     of ``WORDS``, or "refused_connection" (nobody listens: nothing happened), "broken" (the connection ended before
             the answer), "timeout" (no answer in time), or "other"
    """

    def __init__(self, word: str, message: str) -> None:
        super().__init__(message)
        self.word = word


@dataclass(frozen=True)
class Found:
    """A key's value (None: there is no such key), and the revision of the store when it was read."""

    value: str | None
    revision: int


@dataclass(frozen=True)
class Compared:
    """What a compare-and-set did: whether it wrote, and else the value it found."""

    written: bool
    value: str | None
    revision: int


@dataclass(frozen=True)
class Status:
    """A member as it sees itself. ``commit`` and ``applied`` count log entries; ``leader`` is a member's number, 0 if it knows none."""

    member: int
    version: str
    term: int
    leader: int
    commit: int
    applied: int
    learner: bool
    db_bytes: int


@dataclass(frozen=True)
class RaftStatus:
    """What a member's Raft says of itself: also its role and its vote, which ``Status`` does not tell.

    ``role`` is a word of the contract: "follower", "pre-candidate", "candidate" or "leader".
    """

    member: int
    role: Role
    term: int
    vote: int
    leader: int
    commit: int
    applied: int


@dataclass(frozen=True)
class Listed:
    """One line of the member list. A member that has never started has no name."""

    member: int
    name: str
    peer_url: str
    learner: bool


class Gateway:
    """Calls to the member that listens at ``url``. Every call waits at most ``seconds`` and raises GatewayError."""

    def __init__(self, url: str) -> None:
        self.url = url
        # trust_env: whatever proxy the machine uses, this traffic stays on it.
        self._http = httpx.Client(base_url=url, trust_env=False, limits=httpx.Limits(max_connections=None))

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    # --- keys ---

    def put(self, key: str, value: str, *, seconds: float, lease: int = 0) -> int:
        """Write; returns the store's revision."""
        asked = {"key": encode(key), "value": encode(value), **({"lease": str(lease)} if lease else {})}
        return _revision(self._post("kv/put", asked, seconds))

    def get(self, key: str, *, seconds: float, serializable: bool = False) -> Found:
        """Read one key."""
        answer = self._post("kv/range", {"key": encode(key), "serializable": serializable}, seconds)
        return Found(_first_value(answer), _revision(answer))

    def cas(self, key: str, expected: str | None, value: str, *, seconds: float, lease: int = 0) -> Compared:
        """Write ``value`` in one transaction if the key has the value ``expected`` (None: is not there)."""
        coded = encode(key)
        put = {"key": coded, "value": encode(value), **({"lease": str(lease)} if lease else {})}
        compare: dict[str, Any] = {"key": coded, "result": "EQUAL"}
        if expected is None:
            compare |= {"target": "CREATE", "create_revision": "0"}
        else:
            compare |= {"target": "VALUE", "value": encode(expected)}
        asked = {
            "compare": [compare],
            "success": [{"request_put": put}],
            "failure": [{"request_range": {"key": coded}}],
        }
        answer = self._post("kv/txn", asked, seconds)
        if answer.get("succeeded", False):
            return Compared(True, value, _revision(answer))
        return Compared(False, _first_value(answer["responses"][0]["response_range"]), _revision(answer))

    def delete(self, key: str, *, seconds: float) -> int:
        """Delete a key; returns the store's revision."""
        return _revision(self._post("kv/deleterange", {"key": encode(key)}, seconds))

    def compact(self, revision: int, *, seconds: float) -> None:
        """Forget what the store held before ``revision``, here and on every other member."""
        self._post("kv/compaction", {"revision": str(revision)}, seconds)

    # --- leases ---

    def grant(self, ttl_seconds: int, *, seconds: float) -> tuple[int, int]:
        """A new lease; returns its number, and the seconds it was given: no fewer than one and a half election timeouts."""
        answer = self._post("lease/grant", {"TTL": str(ttl_seconds)}, seconds)
        return int(answer["ID"]), int(answer["TTL"])

    def keep_alive(self, lease: int, *, seconds: float) -> int:
        """Renew a lease; returns the seconds it now has, 0 if it is gone."""
        answer = self._post("lease/keepalive", {"ID": str(lease)}, seconds)
        return int(answer.get("result", answer).get("TTL", 0))

    def time_to_live(self, lease: int, *, seconds: float) -> int:
        """The seconds a lease has left, -1 if it is gone."""
        return int(self._post("lease/timetolive", {"ID": str(lease)}, seconds).get("TTL", 0))

    def revoke(self, lease: int, *, seconds: float) -> int:
        """End a lease, and with it the keys that hang on it; returns the store's revision."""
        return _revision(self._post("lease/revoke", {"ID": str(lease)}, seconds))

    # --- members ---

    def status(self, *, seconds: float) -> Status:
        """The member as it sees itself."""
        answer = self._post("maintenance/status", {}, seconds)
        return Status(
            member=int(answer["header"]["member_id"]),
            version=answer.get("version", ""),
            term=int(answer.get("raftTerm", 0)),
            leader=int(answer.get("leader", 0)),
            commit=int(answer.get("raftIndex", 0)),
            applied=int(answer.get("raftAppliedIndex", 0)),
            learner=bool(answer.get("isLearner", False)),
            db_bytes=int(answer.get("dbSize", 0)),
        )

    def raft_status(self, *, seconds: float) -> RaftStatus:
        """What the member's Raft says of itself, from the variables that etcd publishes for debugging."""
        with self._errors():
            answer = self._http.get("/debug/vars", timeout=_timeout(seconds))
        line = next((line for line in answer.text.splitlines() if line.startswith('"raft.status": ')), "")
        if not line:
            raise GatewayError("other", f"{self.url} does not tell its raft status")
        said = json.loads(line.partition(": ")[2].rstrip(","))
        return RaftStatus(
            member=int(said["id"], 16),
            role=ROLES[said["raftState"]],
            term=said["term"],
            vote=int(said["vote"], 16),
            leader=int(said["lead"], 16),
            commit=said["commit"],
            applied=said["applied"],
        )

    def healthy(self, *, seconds: float) -> bool:
        """Whether the member is healthy by its own word, which needs a quorum."""
        try:
            with self._errors():
                said = self._http.get("/health", timeout=_timeout(seconds)).json()
        except (GatewayError, ValueError):
            return False
        return isinstance(said, dict) and said.get("health") == "true"  # a text, not a truth value

    def members(self, *, seconds: float) -> list[Listed]:
        """The cluster's members as this one knows them."""
        return _listed(self._post("cluster/member/list", {}, seconds))

    def add_member(self, peer_url: str, *, learner: bool, seconds: float) -> list[Listed]:
        """Add a member that will be reached at ``peer_url``; returns all, the new one without a name."""
        asked = {"peerURLs": [peer_url], "isLearner": learner}
        self._post("cluster/member/add", asked, seconds)
        return self.members(seconds=seconds)

    def promote(self, member: int, *, seconds: float) -> None:
        """Make a learner a voter."""
        self._post("cluster/member/promote", {"ID": str(member)}, seconds)

    def remove_member(self, member: int, *, seconds: float) -> None:
        """Remove a member."""
        self._post("cluster/member/remove", {"ID": str(member)}, seconds)

    def snapshot(self, *, seconds: float) -> bytes:
        """The member's store as a file holds it, with a checksum of 32 bytes at its end. Also a member without a quorum tells it, unless
        it was started without one.
        """
        pieces = []
        asked = self._http.stream("POST", "/v3/maintenance/snapshot", json={}, timeout=_timeout(seconds))
        with self._errors(), asked as stream:
            for line in stream.iter_lines():
                if line:
                    pieces.append(
                        b64decode(check(stream.status_code, line).get("result", {}).get("blob", ""))
                    )
        return b"".join(pieces)

    def move_leader(self, to: int, *, seconds: float) -> None:
        """Hand leadership over; only the leader can be asked."""
        self._post("maintenance/transfer-leadership", {"targetID": str(to)}, seconds)

    # --- within ---

    def _post(self, call: str, asked: dict[str, Any], seconds: float) -> dict[str, Any]:
        with self._errors():
            answer = self._http.post(f"/v3/{call}", json=asked, timeout=_timeout(seconds))
        return check(answer.status_code, answer.text)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What can happen to a connection, as GatewayError."""
        try:
            yield
        except httpx.ConnectError as error:
            raise GatewayError("refused_connection", f"nobody listens at {self.url} ({error})") from None
        except httpx.TimeoutException:
            raise GatewayError("timeout", f"{self.url} has not answered in time") from None
        except httpx.TransportError as error:
            raise GatewayError("broken", f"the connection to {self.url} ended ({error})") from None
        except RuntimeError as error:  # what httpx says of a client that was closed meanwhile
            raise GatewayError("broken", f"the connection to {self.url} was closed ({error})") from None


def _timeout(seconds: float) -> httpx.Timeout:
    seconds = min(max(seconds, 0.001), LONGEST_SECONDS)
    return httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))


def check(status: int, text: str) -> dict[str, Any]:
    """The answer's content; GatewayError for an error, whose reason stands in ``message`` (or ``error``)."""
    try:
        answer = json.loads(text)
    except ValueError:
        raise GatewayError("other", f"an answer that is no JSON (status {status})") from None
    if status == 200 and "error" not in answer:
        return dict(answer)
    error = answer.get("error")
    inner = error if isinstance(error, dict) else answer
    message = str(inner.get("message") or error)
    word = next((word for said, word in WORDS.items() if said in message), "other")
    raise GatewayError(word, message)


def encode(text: str) -> str:
    """A text as the JSON gateway takes it: base64."""
    return b64encode(text.encode()).decode()


def decode(coded: str) -> str:
    """What the JSON gateway sent in base64, as text; bytes that are none are shown as such."""
    return b64decode(coded).decode(errors="replace")


def _revision(answer: dict[str, Any]) -> int:
    return int(answer.get("header", {}).get("revision", 0))


def _first_value(answer: dict[str, Any]) -> str | None:
    pairs = answer.get("kvs", [])
    return decode(pairs[0].get("value", "")) if pairs else None


def _listed(answer: dict[str, Any]) -> list[Listed]:
    return [
        Listed(
            member=int(line["ID"]),
            name=line.get("name", ""),
            peer_url=line["peerURLs"][0],
            learner=bool(line.get("isLearner", False)),
        )
        for line in answer.get("members", [])
    ]
