"""Members with one planted fault each, for the bug hunt of the lab *judging histories*.

Each class is Raft's member with one rule changed. Its source is there to be read: the hunt is for the schedule that makes it matter.
"""

from quorumlab.raft import Member
from quorumlab.raft.log import Membership
from quorumlab.raft.messages import RequestVote

__all__ = ["AnyLogWillDo", "CountsLearners", "HalfIsEnough", "NeverAsks"]


class HalfIsEnough(Member):
    """Takes half of the voters for a majority."""

    def take_on(self, membership: Membership) -> None:
        """As every member does when the membership changes, and then the fault."""
        super().take_on(membership)
        self.quorum = max(len(self.membership.voters) // 2, 1)


class NeverAsks(Member):
    """A leader that answers linearizable reads without asking the others whether it still leads."""

    def is_confirmed(self, number: int) -> bool:
        """Whether a read may be answered: here always."""
        return True


class AnyLogWillDo(Member):
    """Votes for a candidate without looking at how far its log goes."""

    def is_up_to_date(self, m: RequestVote) -> bool:
        """Whether the candidate's log is at least as good as one's own: here always."""
        return True


class CountsLearners(Member):
    """A leader that counts the copies of learners as if they could vote."""

    def agreed_index(self) -> int:
        """The highest entry that a quorum has: here of voters and learners together."""
        return sorted((self.match_index[name] for name in self.membership.all), reverse=True)[self.quorum - 1]
