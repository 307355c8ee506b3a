"""How a new member's start goes, until it takes part: what it asks the others first, and for how long.

As in etcd 3.5: ``GetClusterFromRemotePeers``, ``getVersion`` and ``getDowngradeEnabled`` in server/etcdserver/cluster_util.go. (From 3.6 on the
last two give up after 5 s and two election timeouts.)
"""

from __future__ import annotations

from quorumlab.quorums import quorum_size
from quorumlab.raft import Member
from quorumlab.simulation.network import SECOND
from quorumlab.simulation.node import Ensemble, Node

NOBODY_TELLS = 10 * SECOND  # how long each is asked who belongs


class Joining:
    """What members that are new still wait for before they take part."""

    def __init__(self, world: Ensemble) -> None:
        self.world = world

    def begin(self, node: Node) -> None:
        """A new member asks the others who belongs, and ends by itself if nobody tells. Then it asks each for its version, and waits for as
        long as the process of one stands still. At last it reads from them, linearizably, one after the other, until one answers: without a
        quorum each gives up only after as long as etcd's servers wait.
        """
        others = self.others(node)
        node.asks = {name for name in others if self.keeps_silent(node, name)}
        node.told = any(self.tells(node, name) for name in others)
        node.held_until = None

    def started(self, node: Node) -> None:
        """Its process runs."""
        world = self.world
        if node.asks and not node.told:
            patience = len(node.asks) * NOBODY_TELLS
            world.schedule(world.now + patience, self.give_up, (node, node.member))
        if not node.asks:
            self.read(node)

    def read(self, node: Node) -> None:
        """All that it has asked have told their versions, or cannot be reached."""
        world = self.world
        if not node.joined and not node.told:
            world.stop(node.name)
        elif node.joined or self.quorum_without(node):
            self.join(node)
        else:
            asked = sum(self.tells(node, name) for name in self.others(node))
            node.held_until = world.now + asked * (5 * SECOND + 2 * world.settings.raft.election)
            node.refresh()
            world.schedule(node.held_until, self.look_again, None)

    def is_free(self, node: Node, held_until: int) -> bool:
        """Whether its read has been answered, or has been given up everywhere."""
        return self.world.now >= held_until or self.quorum_without(node)

    def join(self, node: Node) -> None:
        """It takes part from now on."""
        node.held_until = None
        node.joined = True
        node.refresh()
        self.world.joined(node)

    def look_again(self, _: object = None) -> None:
        """A process has gone on or ended, a link has been cut, or time has passed: who waited for that goes on."""
        for node in list(self.world.nodes.values()):
            if node.asks:
                asked, node.asks = node.asks, {name for name in node.asks if self.keeps_silent(node, name)}
                node.told |= any(self.tells(node, name) for name in asked)
                if not node.asks and node.condition == "up":
                    self.read(node)
            elif (
                node.held_until is not None and node.condition == "up" and self.is_free(node, node.held_until)
            ):
                self.join(node)

    def give_up(self, start: tuple[Node, Member]) -> None:
        """Nobody has told a new member who belongs."""
        node, member = start
        if node.member is member and node.asks and not node.told and node.condition == "up":
            self.world.stop(node.name)

    # --- what it finds ---

    def others(self, node: Node) -> list[str]:
        """Whom it asks."""
        return [
            name
            for name in self.world.roster.membership.all
            if name != node.name and name in self.world.nodes
        ]

    def reaches(self, node: Node, name: str) -> bool:
        """Whether a question of ``node`` to another member arrives, and its answer."""
        return not (node.links[name].cut or self.world.nodes[name].links[node.name].cut)

    def tells(self, node: Node, name: str) -> bool:
        """Whether another member answers."""
        other = self.world.nodes[name]
        return other.condition == "up" and not other.joining and self.reaches(node, name)

    def keeps_silent(self, node: Node, name: str) -> bool:
        """Whether a question of ``node`` to another member is neither answered nor refused: it can be reached, and stands still."""
        other = self.world.nodes[name]
        return self.reaches(node, name) and (
            other.condition == "paused" or (other.condition == "up" and other.joining)
        )

    def quorum_without(self, node: Node) -> bool:
        """Whether the others can answer a linearizable read while ``node`` does not take part yet."""
        voters = self.world.roster.membership.voters
        there = [
            name
            for name in voters
            if name != node.name
            and self.world.nodes[name].condition == "up"
            and not self.world.nodes[name].joining
        ]
        return len(there) >= quorum_size(len(voters))
