"""A few members in memory: no clock, no links; a message arrives when the test delivers it."""

from itertools import repeat

from quorumlab.raft import Member, Membership, Saved, Settings

ETCD = Settings(heartbeat=100_000, election=1_000_000)


class Group:
    """Members by name. Disks write at once but those in ``slow``; whoever is in ``cut`` hears and says nothing."""

    def __init__(self, *names, settings=ETCD, member_class=Member, learners=()):
        self.settings, self.member_class, self.now = settings, member_class, 0
        self.slow, self.cut, self.applied, self.answers, self.members = set(), set(), {}, {}, {}
        self.disks = {}
        for name in (*names, *learners):
            self.start(name, Saved.new(Membership(names, learners)))

    def __getitem__(self, name):
        return self.members[name]

    def start(self, name, saved=None):
        """Start a member, from its disk if there is one; else as one that joins."""
        saved = saved or Saved.new(Membership(()))
        timeouts = repeat(1_000_000 + 100_000 * (len(self.applied) % 10))  # no two alike
        self.members[name] = self.member_class(name, saved, self.settings, timeouts, self.now)
        self.applied.setdefault(name, [])
        self.answers.setdefault(name, [])
        self.run()

    def restart(self, name):
        """The process ends and begins again with what is on disk."""
        member = self.members[name]
        kept = self.disks.get(name) or Saved.new(Membership(()))
        self.applied[name].clear()
        self.start(name, kept)
        return member

    def settle(self, name):
        """What whoever runs a member does after an input. Returns the messages that may leave."""
        member = self.members[name]
        while member.changed:
            member.changed = False
            if name not in self.slow and member.writes:
                self.write(name)
            if member.restored is not None:
                self.applied[name] = [("restored", member.restored.last_index, None)]
                member.restored = None
            self.applied[name].extend(member.take_committed())
            self.answers[name].extend(member.answers)
            member.answers.clear()
        messages, member.outbox = member.outbox, []
        return messages

    def write(self, name):
        """The disk has caught up."""
        member = self.members[name]
        commits = [getattr(record, "commit", 0) for record in member.writes]
        commit = max([self.disks[name].commit if name in self.disks else 0, *commits])
        member.writes.clear()
        log = member.log
        self.disks[name] = Saved(
            member.current_term, member.voted_for, log.snapshot, tuple(log.entries), commit
        )
        member.saved_vote(member.current_term)
        member.saved(member.log.last_index, member.log.last_term)

    def step(self):
        """Deliver what has been sent so far. Returns whether there was anything."""
        sent = [message for name in tuple(self.members) for message in self.settle(name)]
        for message in sent:
            if message.to in self.members and not {message.sender, message.to} & self.cut:
                self[message.to].receive(self.now, message)
        return bool(sent)

    def run(self):
        """Deliver until nobody says anything any more."""
        while self.step():
            pass

    def wait(self, micros, step=100_000):
        """Let time pass, all timers counting."""
        until = self.now + micros
        while self.now < until:
            self.now += step
            for name, member in self.members.items():
                if name not in self.cut:
                    member.tick(self.now)
            self.run()

    def elect(self, name):
        """Let one member stand now, and win."""
        self[name].due = self.now
        self[name].tick(self.now)
        self.run()
        assert self[name].role == "leader"
        return self[name]

    def propose(self, name, request, verb, data):
        self[name].propose(request, verb, data)
        self.run()

    def errors(self, name):
        """By request, why it was refused: at once, or when it was applied."""
        at_once = {answer.request: answer.error for answer in self.answers[name]}
        later = {e.request: error for _, e, error in self.applied[name] if error is not None}
        return at_once | later
