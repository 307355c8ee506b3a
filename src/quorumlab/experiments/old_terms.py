"""Why a leader commits by counting entries of its own term only: Figure 8 of the Raft paper (only for the simulation)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from quorumlab.cluster.clients import Pending
from quorumlab.raft import Member
from quorumlab.simulation import SimulatedCluster

SEED = 7  # with which etcd-5 is the first of three to stand
PATIENCE = 30.0  # seconds for each step of the scene


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


class Scene(NamedTuple):
    """The cluster at the end of the scene, the writes of its two clients, and the moments at which its acts end, in seconds."""

    cluster: SimulatedCluster
    ada: Pending
    bob: Pending
    acts: tuple[float, float, float, float]


def figure_8(member_class: type[Member] = Member, *, own_entry: bool = False) -> Scene:
    """Five members, of which two crash, and an entry of term 1 that four of them come to have under the leader of term 3.

    1. ``etcd-1`` leads, and of its followers only ``etcd-2`` hears it. Ada writes ``invoice-1`` through it, and ``etcd-2`` crashes.
    2. The other three elect ``etcd-5``, which nobody hears from then on. Bob writes ``invoice-2`` through it.
    3. ``etcd-1`` meets ``etcd-3`` and ``etcd-4``, is elected, and gives them Ada's entry. What it sends after that is lost, or with
       ``own_entry`` arrives: an entry of its own term.
    4. ``etcd-1`` crashes, ``etcd-5`` meets ``etcd-3`` and ``etcd-4``, and these three elect whom they can.

    Both clients wait all the time. ``member_class`` is whose rules the members keep. Raises RuntimeError if the scene does not play.
    """
    cluster = SimulatedCluster(
        5, seed=SEED, leader="etcd-1", latency_ms=10, timeout_ms=100_000, max_entries=1, member_class=member_class
    )  # fmt: skip
    cluster.partition({"etcd-1", "etcd-2"})
    ada = cluster.submit("write", "invoice-1", "ada", via="etcd-1", client="Ada")
    cluster.run_for(0.05)
    acts = [cluster.now]
    cluster.run_for(0.01)
    cluster.crash("etcd-2")

    _until(cluster, lambda: cluster.status()["etcd-5"].role == "candidate")
    _silence(cluster, "etcd-5")  # its requests for votes are under way
    _until(cluster, lambda: cluster.leader == "etcd-5")
    bob = cluster.submit("write", "invoice-2", "bob", via="etcd-5", client="Bob")
    cluster.run_for(0.05)
    acts.append(cluster.now)

    cluster.partition({"etcd-1", "etcd-3", "etcd-4"})
    _until(cluster, lambda: cluster.leader == "etcd-1" and cluster.status()["etcd-1"].term == 3)
    cluster.run_for(
        0.025
    )  # the others have refused its entry 3, since they lack entry 2, which is under way now
    if not own_entry:
        _silence(cluster, "etcd-1")
    cluster.run_for(0.1)
    acts.append(cluster.now)

    cluster.run_for(0.01)
    cluster.crash("etcd-1")
    cluster.partition({"etcd-3", "etcd-4", "etcd-5"})
    _until(cluster, lambda: cluster.agreed_leader in ("etcd-3", "etcd-4", "etcd-5"))
    cluster.run_for(0.2)
    first, second, third = acts
    return Scene(cluster, ada, bob, (first, second, third, cluster.now))


def _silence(cluster: SimulatedCluster, leader: str) -> None:
    for name in ("etcd-3", "etcd-4"):
        cluster.cut(leader, name, one_way=True)


def _until(cluster: SimulatedCluster, condition: Callable[[], bool]) -> None:
    if not cluster.run_until(condition, within=PATIENCE):
        raise RuntimeError(
            f"The scene does not play: nothing came of an act in {PATIENCE:g} s; look at the rules of its members."
        )
