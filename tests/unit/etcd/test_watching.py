"""The watcher looks at members while a verb adds and forgets some, in another thread. No etcd: its answers are written out here."""

import sys
from threading import RLock, Thread

import pytest

from quorumlab.etcd.gateway import Listed, RaftStatus
from quorumlab.etcd.members import Members, Place
from quorumlab.etcd.recorder import Recorder
from quorumlab.etcd.watching import look_around

ROUNDS = 20_000


class Answers:
    """A gateway that answers at once, and a supervisor under which everything runs."""

    def raft_status(self, *, seconds):
        return RaftStatus(1, "follower", 2, 1, 1, 5, 5)

    def members(self, *, seconds):
        return [
            Listed(number, f"etcd-{number}", f"http://LOCALHOST:{number}", number > 3)
            for number in range(1, 6)
        ]

    def running(self):
        return {}

    def close(self):
        pass


class NoChanges:
    removed = frozenset()
    agreed = False

    def start_awaited(self):
        pass


@pytest.fixture
def hasty():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def place(number):
    return Place(f"etcd-{number}", number, 100 + number, {}, Answers(), condition="up")


def test_members_come_and_go_while_they_are_looked_at(hasty):
    members = Members.__new__(Members)
    members.places = {f"etcd-{number}": place(number) for number in range(1, 5)}
    members.lock, members.processes = RLock(), Answers()
    recorder, changes = Recorder(lambda: 0.0, wanted=True), NoChanges()
    wrong, done = [], []

    def watch():
        try:
            while not done:
                changes.agreed = False
                look_around(members, changes, recorder)
                members.statuses()
        except Exception as error:
            wrong.append(repr(error))

    watcher = Thread(target=watch)
    watcher.start()
    for _ in range(ROUNDS):  # an addition that is refused
        members.places["etcd-5"] = place(5)
        sum(range(200))  # long enough to be seen
        members.places.pop("etcd-5").gateway.close()
        sum(range(200))
    done.append(True)
    watcher.join()
    assert wrong == []
