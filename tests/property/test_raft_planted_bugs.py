"""A judge that finds nothing is no evidence until it finds what is there: one-line faults, each of which must be caught.

Each fault is a subclass of Member that changes one rule. Random faults and clients go on until Raft's five
promises or the history judge object, or until far more schedules have passed than it should take.
"""

from __future__ import annotations

import pytest

from quorumlab.cluster.chaos import disturb, random_cluster
from quorumlab.cluster.safety import SafetyMonitor, SafetyViolation
from quorumlab.history import check_linearizable
from quorumlab.raft import Member

ENOUGH = 4000  # schedules; the slowest to be found takes well under half of them


class GrantsTwoVotesATerm(Member):
    def may_vote(self, m):
        return m.term == self.current_term


class ForgetsItsVoteAtRestart(Member):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.voted_for = None


class IgnoresTheUpToDateCheck(Member):
    def is_up_to_date(self, m):
        return True


class CountsVotesOfEarlierTerms(Member):
    def on_vote(self, m):
        if m.granted and self.role == "candidate":
            self.count_vote(m.sender)


class CommitsOldTermsByCounting(Member):
    def advance_commit(self):
        index = self.agreed_index()
        if index > self.commit_index:
            self.commit_index = index
            self.broadcast()
            self.committed()


class TakesHalfForAMajority(Member):
    def refresh_membership(self):
        super().refresh_membership()
        self.quorum = max(len(self.membership.voters) // 2, 1)


class CountsLearners(Member):
    def agreed_index(self):
        return sorted((self.match_index[name] for name in self.membership.all), reverse=True)[self.quorum - 1]


class ReadsWithoutAskingTheOthers(Member):
    def is_confirmed(self, number):
        return True


class ReadsBeforeItsFirstCommit(Member):
    def start_read(self, request, asker):
        self.round += 1
        self.reads.append((self.round, self.commit_index, request, asker))
        self.broadcast()
        self.release_reads()


class AnswersReadsBeforeApplying(Member):
    def on_readable(self, m):
        super().on_readable(m._replace(commit=0))


class CutsOffWhatAgrees(Member):
    def merge_entries(self, start, entries):
        kept = max(start, self.log.snapshot.last_index + 1)
        self.store_entries(kept, entries[kept - start :])


class KeepsConflictingEntries(Member):
    def merge_entries(self, start, entries):
        self.store_entries(self.log.last_index + 1, entries[self.log.last_index + 1 - start :])


class SkipsTheConsistencyCheck(Member):
    def on_append(self, m):
        here = self.log.term_at(m.prev_index)
        super().on_append(m if here is None else m._replace(prev_term=here))


class CommitsBeyondWhatItChecked(Member):
    def on_append(self, m):
        super().on_append(m)
        commit = min(m.commit, self.log.last_index)
        if m.term == self.current_term and commit > self.commit_index:
            self.commit_index = commit
            self.committed()


class AllowsTwoChangesAtOnce(Member):
    def change_refusal(self, action, name):
        self.membership_index, index = 0, self.membership_index
        try:
            return super().change_refusal(action, name)
        finally:
            self.membership_index = index


class LeadsOnInAnOldTerm(Member):
    def become_follower(self, term, leader=None):
        was = self.role
        super().become_follower(term, leader)
        self.role = was


FAULTS = [
    GrantsTwoVotesATerm,
    ForgetsItsVoteAtRestart,
    IgnoresTheUpToDateCheck,
    CountsVotesOfEarlierTerms,
    CommitsOldTermsByCounting,
    TakesHalfForAMajority,
    CountsLearners,
    ReadsWithoutAskingTheOthers,
    ReadsBeforeItsFirstCommit,
    AnswersReadsBeforeApplying,
    CutsOffWhatAgrees,
    KeepsConflictingEntries,
    SkipsTheConsistencyCheck,
    CommitsBeyondWhatItChecked,
    AllowsTwoChangesAtOnce,
]


def objection(seed: int, member_class: type[Member]) -> str | None:
    """What the judges say of one random schedule, or None."""
    cluster = random_cluster(seed, member_class=member_class)
    SafetyMonitor(cluster)
    try:
        disturb(cluster, seed, 40)
    except SafetyViolation as violation:
        return str(violation)
    verdict = check_linearizable(cluster.history(serializable=False))
    return None if verdict.linearizable else str(verdict)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_fault_is_caught(fault):
    assert any(objection(seed, fault) for seed in range(ENOUGH))
