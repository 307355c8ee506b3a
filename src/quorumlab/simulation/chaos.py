"""Trying hard to break a cluster: faults and clients at random, the same for the same seed."""

from __future__ import annotations

from random import Random
from typing import Any

from quorumlab.cluster.clients import Kind
from quorumlab.simulation.cluster import SimulatedCluster


def random_cluster(seed: int, **arguments: Any) -> SimulatedCluster:
    """A cluster of 1 to 7 members with quick timeouts and a bad network; ``arguments`` override what chance
    chose.
    """
    chance = Random(f"{seed}/cluster")
    chosen: dict[str, Any] = {
        "size": chance.choice([1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7]),
        "latency_ms": chance.choice([(1, 3), (1, 15), (1, 40), 5]),
        "disk_ms": chance.choice([0, 0, (0, 5), (1, 30)]),
        "loss": chance.choice([0.0, 0.0, 0.05, 0.2]),
        "duplication": chance.choice([0.0, 0.0, 0.1]),
        "reorder": chance.random() < 0.5,
        "pre_vote": chance.random() < 0.5,
        "check_quorum": chance.random() < 0.5,
        "snapshot_every": chance.choice([3, 10_000]),
        "max_entries": chance.choice([1, 1, 64]),
        "max_learners": chance.choice([1, 2]),
        "disk_blocks": chance.random() < 0.3,
        "record": False,
        "strict_reconfig_check": False,  # nobody here is connected for five seconds
        "election_ms": chance.choice([(40, 80), 40]),  # timers that run continuously, and ticks
    }
    chosen |= arguments
    return SimulatedCluster(
        chosen.pop("size"),
        seed=seed,
        heartbeat_ms=10,
        timeout_ms=300,
        settle=False,
        **chosen,
    )


def disturb(cluster: SimulatedCluster, seed: int, actions: int, *, changes: bool = True) -> None:
    """Do ``actions`` things to a cluster, some ms apart: requests, faults, repairs, membership changes.

    Half the faults strike the leader, since that is where they hurt.
    """
    chance = Random(f"{seed}/chaos")
    longest = chance.choice([0.02, 0.06, 0.15])
    for number in range(actions):
        names = list(cluster.status())
        a, b = chance.choice(names), chance.choice(names)
        struck = chance.choice([a, cluster.leader or a])
        match chance.randrange(20 if changes else 17):
            case 0 | 1 | 2 | 3 | 4:
                for client in range(chance.randint(1, 3)):
                    _request(cluster, chance, f"{client}.{number}", chance.choice(names))
            case 5 | 6:
                cluster.crash(struck)
            case 7 | 8 | 9:
                cluster.restart(a, b)
            case 10:
                cluster.pause(struck)
            case 11:
                cluster.resume(*names)
            case 12:
                cluster.partition({struck} | {name for name in names if chance.random() < 0.4})
            case 13 if struck != b:
                cluster.cut(struck, b, one_way=chance.random() < 0.5)
            case 14 if struck != b:
                cluster.delay(struck, b, ms=chance.choice([5, 50, 200]))
            case 15:
                cluster.heal()
            case 16 if cluster.leader is not None:
                cluster.transfer(a)
            case 17 if len(names) < 9:
                chance.choice([cluster.add_learner, cluster.add_learner, cluster.add_voter])()
            case 18:
                cluster.promote(a)
            case 19 if _may_go(cluster, a):
                cluster.remove(a)
        cluster.run_for(chance.random() * longest)


def _may_go(cluster: SimulatedCluster, name: str) -> bool:
    """Whether a member can be removed without danger: of two voters none can, since the other may never hear that it is
    alone (etcd-io/raft says so of its membership changes).
    """
    status = cluster.status()
    voters = [member for member in cluster.members if not status[member].learner]
    return name not in voters or len(voters) > 2


def _request(cluster: SimulatedCluster, chance: Random, value: str, member: str) -> None:
    """Some client reads, writes or compares and sets one of two keys, through ``member`` or the leader."""
    key = chance.choice(["x", "y"])
    kinds: list[Kind] = ["read", "read", "write", "write", "cas"]
    kind = chance.choice(kinds)
    expected = cluster.get(key, via=member, mode="serializable").value if kind == "cas" else None
    said = {"read": None, "write": value, "cas": (expected, value)}[kind]
    via = chance.choice([member, cluster.leader or member])
    cluster.submit(kind, key, said, via=via, client=f"client-{value}")


def repair(cluster: SimulatedCluster) -> None:
    """Undo all faults but the loss of messages."""
    cluster.heal()
    for name, status in cluster.status().items():
        if status.condition == "down":
            cluster.restart(name)
        elif status.condition == "paused":
            cluster.resume(name)
