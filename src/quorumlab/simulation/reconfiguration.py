"""Which changes of the membership etcd's server turns down before it asks Raft (``--strict-reconfig-check``).

The rules and their order are those of ``mayAddMember``, ``mayRemoveMember`` and ``mayPromoteMember`` in
server/etcdserver/server.go of etcd. Up to 3.5.29, and in 3.6.0 to 3.6.10, an addition asks that all voters have been connected for five
seconds (``isConnectedFullySince``); since 3.5.30 and 3.6.11, for a majority of the size that the cluster would have
(``isConnectedToQuorumAfterAddingNewMemberSince``, etcd pull request 21669). What raft itself turns down comes later, once it is applied.
"""

from __future__ import annotations

from quorumlab.cluster.checks import version_numbers
from quorumlab.cluster.protocol import Error
from quorumlab.quorums import quorum_size
from quorumlab.simulation.node import Ensemble, Node


def turned_down(world: Ensemble, node: Node, kind: str, name: str) -> Error | None:
    """Why the server at ``node`` turns down an addition or a removal, or None."""
    if not world.settings.strict_reconfig_check:
        return None
    if kind in ("add_learner", "add_voter"):
        return _addition(world, node, votes=kind == "add_voter")
    return _removal(world, node, name) if kind == "remove" else None


def promotion_turned_down(world: Ensemble, node: Node, name: str) -> Error | None:
    """Why the leader's server turns down a promotion, or None. Without the strict check, too, a learner must be ready."""
    member = node.member
    if name not in member.membership.all:
        return "not_a_member"
    if not member.is_caught_up(name, before=entries_of_etcd(world)):
        return "learner_not_ready"
    voters = member.membership.voters
    if world.settings.strict_reconfig_check and 1 + _started(world, voters) < quorum_size(1 + len(voters)):
        return "not_enough_started"
    return None


def _addition(world: Ensemble, node: Node, *, votes: bool) -> Error | None:
    voters = node.member.membership.voters
    alone = len(voters) == 1  # so that one that was restored can grow again
    if votes and not alone and _started(world, voters) < quorum_size(1 + len(voters)):
        return "not_enough_started"
    asked = quorum_size(1 + len(voters)) if majority_is_enough(world.settings.etcd_version) else len(voters)
    if not alone and world.connections.for_long(node.name, voters, world.now) < asked:
        return "unhealthy"
    return None


def majority_is_enough(etcd_version: str) -> bool:
    """Whether that etcd adds a member although a voter is away, if the cluster would still have a majority without both."""
    numbers = version_numbers(etcd_version)
    return numbers >= (3, 6, 11) or (3, 5, 30) <= numbers < (3, 6, 0)


def _removal(world: Ensemble, node: Node, name: str) -> Error | None:
    membership = node.member.membership
    if name in membership.learners:
        return None
    left = [voter for voter in membership.voters if voter != name]
    if not left or _started(world, left) < quorum_size(len(left)):
        return "not_enough_started"
    if name != node.name and world.connections.active_since(node.name, name) is None:
        return None  # it is not part of the quorum that is active now
    connected = world.connections.for_long(node.name, membership.voters, world.now)
    if connected - 1 < 1 + (len(membership.voters) - 1) // 2:
        return "unhealthy"
    return None


def _started(world: Ensemble, names: tuple[str, ...] | list[str]) -> int:
    return sum(name in world.nodes and world.nodes[name].started for name in names)


def entries_of_etcd(world: Ensemble) -> int:
    """How many entries etcd's log has more than ours: each founder's addition, the address of each member for clients, and the version of
    the cluster. So the share that a learner lacks is as it is there.
    """
    return len(world.settings.members) + len(world.nodes) + 1
