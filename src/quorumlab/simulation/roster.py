"""Who belongs to a simulated cluster: members that join it, that were added in vain, and that must hear of their
removal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from quorumlab.raft import Member, Membership
from quorumlab.raft.log import MEMBERSHIP
from quorumlab.raft.state import Save, SaveEntries

if TYPE_CHECKING:
    from quorumlab.simulation.node import Node
    from quorumlab.simulation.world import World


class Roster:
    """Who belongs to the cluster of a world, and what follows from a change of that.

    ``membership`` is the newest that has been applied anywhere, ``index`` the number of its entry, and ``gone`` the
    names of those that it no longer has.
    """

    def __init__(self, world: World, founders: tuple[str, ...]) -> None:
        self.world = world
        self.founders = founders
        self.index = 0
        self.membership = Membership(founders)
        self.gone: set[str] = set()

    def welcome(self, leader: Member, writes: Iterable[Save]) -> None:
        """Start the members whom a change of the membership adds as soon as a leader takes it into its log: they may
        be needed to commit it.
        """
        for record in writes:
            if not isinstance(record, SaveEntries):
                continue
            for index, entry in enumerate(record.entries, record.start):
                if entry.kind == MEMBERSHIP:
                    _, before = leader.log.membership(index - 1)
                    for name in entry.data.all:
                        if name not in before.all:
                            self.gone.discard(name)
                            self.world.join(name, name in entry.data.learners)
                            self.world.nodes[name].named_by = (index, entry.term)

    def applied(self, index: int, membership: Membership) -> None:
        """A membership has been applied somewhere."""
        if index > self.index:
            self.gone |= set(self.membership.all) - set(membership.all)
            self.index, self.membership = index, membership

    def end_lost_additions(self, index: int, term: int) -> None:
        """An entry of this number and term has been applied. Whom another one of that number had added was added in
        vain, and the operator who had started it ends it.
        """
        if len(self.world.nodes) == len(self.founders):
            return
        for node in self.world.nodes.values():
            if node.named_by is not None and node.named_by[0] == index and node.named_by[1] != term:
                node.named_by = None
                if node.name not in self.membership.all and node.condition in ("up", "paused"):
                    self.world.stop(node.name, "removed")

    def turns_away(self, node: Node, sender: str) -> bool:
        """Whether ``node`` knows that the sender was removed. It says so, and the sender stops; etcd's peers do the
        same, so that a member that was away while it was removed does not stand for ever.
        """
        if sender not in self.gone or sender in node.member.committed_membership.all:
            return False
        link = node.links[sender]
        if not link.cut:
            self.world.schedule(link.arrival(self.world.now), self.dismiss, self.world.nodes[sender])
        return True

    def dismiss(self, node: Node) -> None:
        """A member hears that it was removed."""
        if node.name in self.gone and node.condition != "down" and not node.waits(self.dismiss, node):
            self.world.stop(node.name, "removed")

    def ask_whether_it_belongs(self, node: Node) -> None:
        """A member that was removed hears from nobody any more, so it asks those whom it can reach."""
        for other in self.world.nodes.values():
            if other.ready and other is not node and not node.links[other.name].cut:
                self.turns_away(other, node.name)
