"""Leader election (Raft paper §5.2, §5.4.1), PreVote, CheckQuorum and leadership transfer (dissertation §9.6,
§6.2, §3.10).
"""

from __future__ import annotations

from quorumlab.raft.log import MEMBERSHIP, NOOP, Refusal
from quorumlab.raft.messages import RequestVote, TimeoutNow, Vote
from quorumlab.raft.replication import Replication
from quorumlab.raft.state import CANDIDATE, LEADER, PRE_CANDIDATE


class Elections(Replication):
    """A member that replicates, and stands and votes in elections."""

    # --- standing for election ---

    def election_timed_out(self) -> None:
        """Rules for Servers, followers and candidates: no leader for an election timeout, so stand for
        election. Who has no vote cannot, and goes on to believe in the leader it last heard of (etcd-io/raft, ``tickElection``).
        """
        if not self.may_stand():
            if self.name in self.membership.voters:
                self.leader = None
                self.changed = True
            self.reset_election_timer()
        elif self.settings.pre_vote:
            self.stand(PRE_CANDIDATE)
        else:
            self.campaign()

    def may_stand(self) -> bool:
        """Whether it votes, by a membership that is up to date: it may not lag two changes behind another leader, or
        their majorities need not overlap. So all changes that it knows to be committed must be applied first
        (etcd-io/raft, ``hup``).
        """
        if not self.settings.may_lead or self.name not in self.membership.voters or self.incoming is not None:
            return False
        unapplied = self.log.between(self.last_applied, self.commit_index)
        return all(entry.kind != MEMBERSHIP for _, entry in unapplied)

    def campaign(self, transfer: bool = False) -> None:
        """Rules for Servers, candidates: a new term, a vote for oneself, a request to everybody else.

        One's own vote counts once it is on disk (``saved_vote``), as everybody's.
        """
        self.current_term += 1
        self.voted_for = self.name
        self.save_state()
        self.stand(CANDIDATE, transfer)

    def saved_vote(self, term: int) -> None:
        """The disk has the vote that this member cast in ``term``."""
        if self.role == CANDIDATE and term == self.current_term:
            self.count_vote(self.name)

    def stand(self, role: str, transfer: bool = False) -> None:
        """Ask all other voters, as a candidate or a pre-candidate."""
        self.role = role
        self.leader = None
        self.changed = True
        self.votes = set()
        self.reset_election_timer()
        pre = role == PRE_CANDIDATE
        log = self.log
        for voter in self.membership.voters:
            if voter != self.name:
                term = self.current_term + pre
                self.send(RequestVote(self.name, voter, term, log.last_index, log.last_term, pre, transfer))
        if pre:
            self.count_vote(self.name)

    def on_vote(self, m: Vote) -> None:
        """An answer to our request; what answers an earlier election, or the other kind, does not count."""
        asked = self.role == (PRE_CANDIDATE if m.pre else CANDIDATE)
        if m.granted and asked and m.term == self.current_term + m.pre:
            self.count_vote(m.sender)

    def count_vote(self, voter: str) -> None:
        """Note one vote, and win once they make a quorum."""
        self.votes.add(voter)
        if self.is_quorum(self.votes):
            self.win()

    def win(self) -> None:
        """A pre-candidate may now stand in earnest; a candidate leads."""
        if self.role == PRE_CANDIDATE:
            self.campaign()
        else:
            self.become_leader()

    def become_leader(self) -> None:
        """Rules for Servers, leaders: a heartbeat to everybody at once; with it goes a no-op, which commits
        all before it (§8 of the extended version).
        """
        self.role = LEADER
        self.leader = self.name
        self.changed = True
        following = self.log.last_index + 1
        self.next_index = dict.fromkeys(self.peers, following)
        self.match_index = dict.fromkeys((*self.peers, self.name), 0)
        self.acked_round = {}
        self.active = set()
        self.quorum_due = self.last_tick() + self.settings.election
        self.due = self.last_tick() + self.settings.heartbeat
        self.pending_change = self.log.last_index
        self.append_entry(NOOP)

    # --- voting ---

    def on_request_vote(self, m: RequestVote) -> None:
        """RequestVote RPC, receiver implementation. ``observe_term`` has already taken on a higher term."""
        if self.holds_back(m):
            return
        if m.pre:
            granted = self.may_pre_vote(m) and self.is_up_to_date(m)
            self.send(Vote(self.name, m.sender, m.term if granted else self.current_term, granted, True))
            return
        granted = self.may_vote(m) and self.is_up_to_date(m)
        if granted and self.voted_for is None:
            self.voted_for = m.sender
            self.save_state()
        if granted:
            self.reset_election_timer()
        self.send(Vote(self.name, m.sender, self.current_term, granted))

    def holds_back(self, m: RequestVote) -> bool:
        """Whether to ignore a candidate because a leader is alive (dissertation §4.2.3); pre-votes always ask
        for this.
        """
        return self.hears_leader() and not m.transfer and (m.pre or self.settings.check_quorum)

    def may_pre_vote(self, m: RequestVote) -> bool:
        """Yes to a term to come. Yes also to this one where it could still vote for the candidate and knows no leader:
        a member may have taken on a term from somebody who did not win it, and that term is then as good as new.
        """
        if m.term == self.current_term:
            return self.voted_for == m.sender or (self.voted_for is None and self.leader is None)
        return m.term > self.current_term

    def may_vote(self, m: RequestVote) -> bool:
        """One vote in each term, first come, first served (§5.2)."""
        return m.term == self.current_term and self.voted_for in (None, m.sender)

    def is_up_to_date(self, m: RequestVote) -> bool:
        """The election restriction (§5.4.1): the candidate's log ends in a later term, or in the same and is
        as long.
        """
        return (m.last_term, m.last_index) >= (self.log.last_term, self.log.last_index)

    # --- a leader's doubts, and handing over ---

    def check_quorum(self) -> None:
        """A leader that no quorum has answered for an election timeout steps down, so that its clients need
        not wait.
        """
        if self.settings.check_quorum and not self.is_quorum(self.active | {self.name}):
            self.become_follower(self.current_term)
            return
        self.active = set()
        self.transferee = None  # it did not take over in time, so requests need wait no longer
        self.quorum_due = self.last_tick() + self.settings.election

    def transfer_to(self, peer: str) -> Refusal | None:
        """Hand leadership to ``peer`` once it has all entries; requests wait meanwhile, for an election timeout at
        most. Asking again changes nothing, asking for another peer or for this leader itself ends the first transfer.
        Returns why not, or None.
        """
        if self.role != LEADER:
            return "no_leader"
        if peer != self.name and peer not in self.membership.voters:
            return "learner" if peer in self.membership.learners else "not_a_member"
        if peer == self.transferee:
            return None
        self.transferee = None if peer == self.name else peer
        if self.transferee is None:
            return None
        self.quorum_due = self.last_tick() + self.settings.election  # etcd counts for both with one counter
        if self.match_index[peer] == self.log.last_index:
            self.send(TimeoutNow(self.name, peer, self.current_term))
        else:
            self.send_append(peer)
        return None

    def on_timeout_now(self, m: TimeoutNow) -> None:
        """The leader hands over: stand at once, without PreVote."""
        if m.term == self.current_term and self.may_stand() and self.role != LEADER:
            self.campaign(transfer=True)
