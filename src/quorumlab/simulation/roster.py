"""Who belongs to a simulated cluster: members that join it, and that must hear of their removal."""

from __future__ import annotations

from quorumlab.raft import Entry, Member, Membership
from quorumlab.raft.log import MEMBERSHIP
from quorumlab.simulation.network import SECOND
from quorumlab.simulation.node import Ensemble, Node
from quorumlab.simulation.watch import Watch

ENDS_AFTER = SECOND  # a member that has applied its own removal ends then (etcd's stopWithDelay in server/etcdserver/server.go)


class Roster(Watch):
    """Who belongs to the cluster of a world, and what follows from a change of that.

    ``membership`` is the newest that has been applied anywhere, ``index`` the number of its entry, and ``gone`` the
    names of those that it no longer has.
    """

    def __init__(self, world: Ensemble, founders: Membership) -> None:
        self.world = world
        self.index = 0
        self.membership = founders
        self.gone: set[str] = set()

    def applied(self, now: int, member: Member, index: int, entry: Entry) -> None:
        """A change of the membership has been applied somewhere: the operator starts whom it adds, and who was removed
        ends by itself soon.
        """
        if entry.kind != MEMBERSHIP:
            return
        membership = member.membership
        if member.name in membership.removed:
            self.world.schedule(now + ENDS_AFTER, self.dismiss, self.world.nodes[member.name])
        if index > self.index:
            before, self.index, self.membership = self.membership, index, membership
            self.gone |= set(membership.removed)
            for name in before.learners:
                if name in membership.voters:
                    self.world.nodes[name].added_as_learner = False  # nor is it one when it is removed
            for name in membership.all:
                if name not in before.all:
                    self.world.join(name, name in membership.learners)

    def turns_away(self, node: Node, sender: str) -> bool:
        """Whether ``node`` knows that the sender was removed. It says so, and the sender stops; etcd's peers do the
        same, so that a member that was away while it was removed does not stand for ever.
        """
        if sender not in self.gone or sender not in node.member.membership.removed:
            return False
        link = node.links[sender]
        if not link.cut:
            self.world.schedule(link.arrival(self.world.now), self.dismiss, self.world.nodes[sender])
        return True

    def dismiss(self, node: Node) -> None:
        """A member hears that it was removed."""
        if node.name in self.gone and node.condition != "down" and not node.waits(self.dismiss, node):
            self.world.stop(node.name, "removed")

    def ticked(self, now: int, member: Member) -> None:
        """A member that was removed hears from nobody any more, so it asks those whom it knows and can reach whether it belongs."""
        if member.name not in self.gone:
            return
        node = self.world.nodes[member.name]
        for name in member.membership.all:
            other = self.world.nodes.get(name)
            if other is not None and other.ready and other is not node and not node.links[name].cut:
                self.turns_away(other, node.name)
