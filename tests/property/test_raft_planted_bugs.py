"""A judge that finds nothing is no evidence until it finds what is there: one-line faults, each of which must
be caught.

Each fault is a subclass of Member that changes one rule; four of them are those that the labs hand out. Random faults and clients go on until Raft's five
promises or the history judge object, or until far more schedules have passed than it should take.
"""

from __future__ import annotations

import pytest

from quorumlab.course.labs.planted import AnyLogWillDo, CountsLearners, HalfIsEnough, NeverAsks
from quorumlab.history import check_linearizable
from quorumlab.raft import CommittedEntryRewritten, Member
from quorumlab.simulation import SimulatedCluster
from quorumlab.simulation.chaos import disturb, random_cluster
from quorumlab.simulation.safety import SafetyMonitor, SafetyViolation

ENOUGH = 2000  # schedules; the slowest to be found takes well under half of them


class GrantsTwoVotesATerm(Member):
    def may_vote(self, m):
        return m.term == self.current_term


class ForgetsItsVoteAtRestart(Member):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.voted_for = None


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
    def on_propose(self, m):
        changes = [entry.data.after for entry in self.log.entries if entry.kind == "membership"]
        in_force, self.pending_change = self.membership, 0
        self.membership = changes[-1] if changes else in_force
        super().on_propose(m)
        self.membership = in_force


class ReadsByTheRoundBefore(Member):
    def is_confirmed(self, number):
        return super().is_confirmed(number - 1)


class AsksLearnersWhetherItLeads(Member):
    def is_quorum(self, members):
        return sum(name in members for name in self.membership.all) >= self.quorum


class AppliesEntriesTwice(Member):
    def take_committed(self):
        return [entry for entry in super().take_committed() for _ in range(2)]


class ForgetsTheDataInASnapshot(Member):
    def compact(self, data):
        super().compact((data[0], {}) if self.log.last_index % 2 else data)


FOUND_BY_CHANCE = [
    AppliesEntriesTwice,
    ForgetsTheDataInASnapshot,
    GrantsTwoVotesATerm,
    AnyLogWillDo,
    CountsVotesOfEarlierTerms,
    HalfIsEnough,
    NeverAsks,
    ReadsBeforeItsFirstCommit,
    AnswersReadsBeforeApplying,
    CutsOffWhatAgrees,
    KeepsConflictingEntries,
    SkipsTheConsistencyCheck,
    CommitsBeyondWhatItChecked,
]


def objection(seed: int, member_class: type[Member]) -> str | None:
    """What the judges say of one random schedule, or None."""
    cluster = random_cluster(
        seed, member_class=member_class, duplication=0.0
    )  # copies of copies never end here
    SafetyMonitor(cluster)
    try:
        disturb(cluster, seed, 40)
    except (SafetyViolation, CommittedEntryRewritten, IndexError) as violation:
        # the last where a member falls over, since its log no longer has what it knows to be committed
        return str(violation)
    verdict = check_linearizable(cluster.history(serializable=False))
    return None if verdict.linearizable else str(verdict)


@pytest.mark.parametrize("fault", FOUND_BY_CHANCE, ids=lambda fault: fault.__name__)
def test_chance_finds_the_fault(fault):
    assert any(objection(seed, fault) for seed in range(ENOUGH))


# --- faults that need several coincidences: the schedule is written out, and right members pass it ---


def one_vote_twice(member_class):
    """etcd-2 votes for etcd-1, restarts before it hears from it again, and then hears of a candidate that
    stood in the same term.
    """
    cluster = quiet(3, member_class, leader="etcd-1")
    cluster.delay("etcd-3", "etcd-2", ms=50)
    cluster.cut("etcd-1", "etcd-3")
    cluster._world.stand("etcd-3")
    cluster.run_for(0.012)
    assert cluster.leader == "etcd-1"
    cluster.cut("etcd-1", "etcd-2")
    cluster.crash("etcd-2")
    cluster.run_for(0.01)
    cluster.restart("etcd-2")
    cluster.run_for(0.2)


def figure_8(member_class):
    """Raft paper, Figure 8: an entry of term 1 is on a majority, and is overwritten all the same."""
    cluster = quiet(5, member_class, leader="etcd-1", max_entries=1)
    cluster.run_for(0.1)
    cluster.partition({"etcd-1", "etcd-2"})
    cluster.submit("write", "x", "entry 2", via="etcd-1")
    cluster.run_for(0.03)
    cluster.crash("etcd-1")
    cluster.heal()
    cluster._world.stand("etcd-5")
    cluster.run_for(
        0.001
    )  # its requests are on their way; it will win, and can tell nobody of its own entry 2
    for name in ("etcd-2", "etcd-3", "etcd-4"):
        cluster.cut("etcd-5", name, one_way=True)
    cluster.run_for(0.03)
    cluster.crash("etcd-5")
    cluster.restart("etcd-1")
    cluster.heal()
    stand_until_elected(cluster, "etcd-1")
    cluster.cut("etcd-1", "etcd-4")
    cluster.run_until(lambda: cluster.status()["etcd-1"].commit_index == 2, within=0.2)
    cluster.crash("etcd-1", "etcd-2", "etcd-3")
    cluster.run_for(0.01)
    cluster.restart("etcd-3", "etcd-5")
    cluster.heal()
    stand_until_elected(cluster, "etcd-5")


def learner_on_the_leaders_side(member_class):
    """The leader is left with a learner: two of three, but only one that counts."""
    cluster = quiet(3, member_class, leader="etcd-1")
    cluster.run_for(0.1)
    assert cluster.add_learner().ok
    cluster.run_for(0.2)
    cluster.partition({"etcd-1", "etcd-4"})
    cluster.put("x", "1", via="etcd-1")
    cluster._world.stand("etcd-2")
    cluster.run_for(0.1)


def two_removals(member_class):
    """A leader removes the other two in one go, with the help of one of them that never hears of it; then it is its own
    majority, and those two are one as well.
    """
    cluster = quiet(3, member_class, leader="etcd-1")
    cluster.run_for(0.1)
    cluster.partition({"etcd-1"})
    for name in ("etcd-2", "etcd-3"):
        cluster._world.submit("remove", name, None, "etcd-1", "linearizable", "operator", 100_000)
    cluster.heal("etcd-1", "etcd-2")
    log = cluster._world.nodes["etcd-2"].member.log
    assert cluster.run_until(lambda: log.last_index == 3, within=0.1)  # it gets both in one message
    cluster.cut("etcd-1", "etcd-2", one_way=True)
    cluster.run_for(0.1)
    cluster.put("x", "1", via="etcd-1")
    cluster._world.stand("etcd-2")
    cluster.run_for(0.1)


def quiet(size, member_class, **arguments):
    """A watched cluster in which nobody stands for election unless told to."""
    cluster = SimulatedCluster(
        size, heartbeat_ms=20, election_ms=60_000, latency_ms=5, timeout_ms=100, pre_vote=False, check_quorum=False,
        settle=False, strict_reconfig_check=False, member_class=member_class, **arguments,
    )  # fmt: skip
    SafetyMonitor(cluster)
    return cluster


def stand_until_elected(cluster, name):
    for _ in range(3):
        cluster._world.stand(name)
        if cluster.run_until(lambda: cluster.leader == name, within=0.03):
            return


def old_leader(*company):
    """A leader that has just answered a read is cut off, alone or with a learner; the others go on; it is asked again."""

    def schedule(member_class):
        cluster = SimulatedCluster(
            3, leader="etcd-1", latency_ms=5, check_quorum=False, member_class=member_class
        )
        SafetyMonitor(cluster)
        cluster.put("x", "1")
        cluster.get("x", via="etcd-1")
        if company:
            cluster.run_for(6)
            cluster.add_learner()
            cluster.run_for(1)
        cluster.partition({"etcd-1", *company})
        cluster.run_for(4)
        cluster.put("x", "2", via="etcd-2")
        cluster.get("x", via="etcd-1")
        verdict = check_linearizable(cluster.history())
        if not verdict:
            raise SafetyViolation(str(verdict))

    return schedule


WRITTEN_OUT = [
    (ReadsByTheRoundBefore, old_leader(), "Not linearizable"),
    (AsksLearnersWhetherItLeads, old_leader("etcd-4"), "Not linearizable"),
    (ForgetsItsVoteAtRestart, one_vote_twice, "Election Safety"),
    (CommitsOldTermsByCounting, figure_8, "Leader Completeness"),
    (CountsLearners, learner_on_the_leaders_side, "Leader Completeness"),
    (AllowsTwoChangesAtOnce, two_removals, "State Machine Safety|Leader Completeness|Log Matching"),
]


@pytest.mark.parametrize(
    ("fault", "schedule", "promise"), WRITTEN_OUT, ids=lambda value: getattr(value, "__name__", "")
)
def test_schedule_finds_the_fault_and_only_the_fault(fault, schedule, promise):
    schedule(Member)
    with pytest.raises((SafetyViolation, CommittedEntryRewritten), match=promise):
        schedule(fault)
