"""Why a leader commits by counting entries of its own term only: Figure 8 of the Raft paper (only for the simulation)."""

from __future__ import annotations

from dataclasses import replace

from quorumlab.experiments.scenes import FIGURE_8, Scene, perform
from quorumlab.raft import Member


class CountsAnyTerm(Member):
    """A member that commits whatever a quorum has, of whichever term: the mistake that Figure 8 is about."""

    def advance_commit(self) -> None:
        """Commit what a quorum has, without a look at its term."""
        index = self.agreed_index()
        if index > self.commit_index:
            self.commit_index = index
            self.informed = True
            self.broadcast()
            self.committed()


def figure_8(member_class: type[Member] = Member, *, own_entry: bool = False) -> Scene:
    """Five members, of which two crash, and an entry of term 1 that four of them come to have under the leader of term 3.

    With ``own_entry``, what ``etcd-1`` sends in act 3 after Ada's entry is not lost: an entry of its own term. The requests of the scene
    are Ada's and Bob's, who both wait all the time. ``member_class`` is whose rules the members keep. Raises RuntimeError if the scene
    does not play.
    """
    if not own_entry:
        return perform(FIGURE_8, member_class)
    first, second, third, last = FIGURE_8.acts
    heard = third._replace(
        caption=third.caption.replace(
            "What it sends after that is lost.", "They have an entry of term 3 as well."
        ),
        steps=tuple(step for step in third.steps if step[0] != "deaf"),
    )
    return perform(replace(FIGURE_8, acts=(first, second, heard, last)), member_class)
