"""When a write is committed, what a request costs through each member, and which writes outlive their leader."""

from collections.abc import Sequence
from typing import Literal, get_args

from quorumlab.arguments import Real, number, sequence, shown, time_ms, whole
from quorumlab.quorums.counts import quorum_size

RequestKind = Literal["write", "linearizable read", "serializable read"]
REQUESTS: tuple[RequestKind, ...] = get_args(RequestKind)


def commit_time(acknowledged: Sequence[Real]) -> Real:
    """When a write is committed: the time of the quorum-th acknowledgement, the leader's own included (Raft §5.3).

    ``acknowledged`` holds one time per member, in ms after the request. Raises ValueError if there is none or one is below 0,
    TypeError for what is no number.
    """
    times = [
        number(time, "an acknowledgement", least=0, unit="ms")
        for time in sequence(acknowledged, "the acknowledgements", "[5, 12, 30]")
    ]
    return sorted(times)[quorum_size(len(times)) - 1]


def request_cost(kind: RequestKind, rtts: Sequence[float], disk: float = 0.0) -> list[float]:
    """What a request costs through each member, in ms: through the leader first, then through each follower.

    ``rtts`` are the round trips from the leader to its followers, ``disk`` the time of a disk write, all in ms. A write waits for
    the quorum-th disk (Raft §5.3); a linearizable read for one round of heartbeats, no disk (ReadIndex, dissertation §6.4);
    through a follower add its round trip to the leader. A serializable read waits for nobody. Raises ValueError for another
    kind of request or a time below 0, TypeError for what is no number.
    """
    if not isinstance(kind, str) or kind not in REQUESTS:
        raise ValueError(f"The request {shown(kind)} is unknown; choose one of {', '.join(REQUESTS)}.")
    trips = [time_ms(rtt, "a round trip") for rtt in sequence(rtts, "the round trips", "[10, 20]")]
    wait = time_ms(disk, "disk") if kind == "write" else 0.0
    if kind == "serializable read":
        return [0.0] * (len(trips) + 1)
    agreed = float(commit_time([wait, *(rtt + wait for rtt in trips)]))
    return [agreed, *(rtt + agreed for rtt in trips)]


def outlives_any_leader(members: int, copies: int) -> bool:
    """Whether a write that ``copies`` of ``members`` have, the crashed leader among them, is sure to be in the next leader's log.

    A member without it gets no vote from those that have it (Raft §5.4.1), so it wins only if the members without it are a
    quorum. Raises TypeError for what is no whole number, ValueError unless 1 ≤ copies ≤ members.
    """
    members = whole(members, "members")
    return members - whole(copies, "copies", most=members) < quorum_size(members)
