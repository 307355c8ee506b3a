"""Changes of the membership, and of the leadership, as an operator asks for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from quorumlab.arguments import shown
from quorumlab.cluster import checks
from quorumlab.cluster.clients import Change
from quorumlab.cluster.protocol import Outcome
from quorumlab.etcd.gateway import Gateway, GatewayError, Listed
from quorumlab.etcd.members import ASK_SECONDS, Members, leader_of
from quorumlab.etcd.requests import Answer, Requests, ask_until, failed

# etcd changes its membership only when the leader has been connected to enough members for 5 s (etcd, server.go, HealthInterval).
HEALTH_SECONDS = 5.0
UNHEALTHY_SECONDS = HEALTH_SECONDS + 1.0
RETRY_SECONDS = 0.1


class Changes:
    """Adds, promotes and removes members and hands leadership over. ``removed`` names those whose removal is known."""

    def __init__(self, members: Members, requests: Requests) -> None:
        self.members = members
        self.requests = requests
        self.recorder = requests.recorder
        self.settled_at = time.monotonic()  # when members last started or links healed
        self.removed: set[str] = set()
        self.awaited: set[str] = set()  # members whose addition may still happen
        self.agreed = False  # whether all members are known to believe in the same membership
        # Name, whether it is a learner: as last heard.
        self.known = [(name, False) for name in members.settings.founders]

    def unsettled(self) -> None:
        """Connections between members begin anew, so etcd will want to see them last before it changes anything."""
        self.settled_at = time.monotonic()

    # --- looking ---

    def listed(self) -> list[Listed]:
        """The members as the leader knows them, else as the one that has applied most; empty if nobody answers."""
        seen = self.members.look_at_all()
        leader = leader_of(seen)
        order = sorted(seen, key=lambda name: (name != leader, -seen[name].applied))
        for name in order:
            try:
                return self.members.places[name].gateway.members(seconds=ASK_SECONDS)
            except GatewayError:
                continue
        return []

    def names(self) -> tuple[str, ...]:
        """The names of all that belong to the cluster now, learners last; as last heard if nobody answers."""
        listed = {self.members.name_at(line.peer_url): line for line in self.listed()}
        found = [(name, listed[name].learner) for name in self.members.places if name in listed]
        if found:
            self.known = found
            for name, learner in found:
                self.members.places[name].learner = learner
        return tuple(name for name, learner in sorted(self.known, key=lambda line: line[1]))

    def free_name(self, name: str | None) -> str:
        """The name for a new member: by default the next free number. Raises ValueError for one that cannot be used."""
        there = self.members.places
        if name is None:
            name = next(f"etcd-{i}" for i in range(1, len(there) + 2) if f"etcd-{i}" not in there)
        checks.new_name(name)
        if name in there and (there[name].argv or name in self.removed):
            raise ValueError(f"{shown(name)} has been used in this cluster; give a new member a new name.")
        return name

    # --- verbs ---

    def add(self, name: str, zone: str | None = None, *, learner: bool, via: str) -> Outcome:
        """Add a member, and start it once it belongs to the cluster. It stands in ``zone``, or else where ``via`` does."""
        self.members.stand(name, zone, beside=via)
        place = self.members.places.get(name) or self.members.add(name)
        place.learner = learner

        def call(seconds: float) -> Answer:
            self.gateway(via).add_member(place.peer_url, learner=learner, seconds=seconds)
            return True, None, None, None

        kind: Change = "add_learner" if learner else "add_voter"
        outcome = self.change(kind, name, via, call)
        if outcome.ok:
            self.start_new(name)
        elif outcome.unknown:
            self.awaited.add(name)  # it may still become a member, and then somebody must start it
        elif name not in self.awaited:
            self.members.forget(name)
        return outcome

    def start_new(self, name: str) -> None:
        """Start a member that has been added. Its command line names all members."""
        self.awaited.discard(name)
        self.recorder.joined(name, self.members.places[name].learner)
        self.members.start(name, cluster=self.addresses())
        self.recorder.process(name, "up")
        self.unsettled()
        self.members.wait_listening(name)

    def addresses(self) -> dict[str, str]:
        """The addresses of all members now, as a new one must be told them; empty if nobody answers."""
        cluster = {
            known: line.peer_url for line in self.listed() if (known := self.members.name_at(line.peer_url))
        }
        return asked_first(leader_of(self.members.look_at_all()), cluster)

    def start_awaited(self) -> None:
        """Start members whose addition has happened after all."""
        if self.awaited:
            there = {self.members.name_at(line.peer_url) for line in self.listed()}
            for name in self.awaited & there:
                self.start_new(name)

    def promote(self, name: str, *, via: str) -> Outcome:
        """Make a learner a voter."""

        def call(seconds: float) -> Answer:
            number = self.number(name, via, seconds)
            self.gateway(via).promote(number, seconds=seconds)
            self.members.places[name].learner = False
            return True, None, None, None

        return self.change("promote", name, via, call)

    def remove(self, name: str, *, via: str) -> Outcome:
        """Remove a member. Its process ends by itself when it learns of it."""

        def call(seconds: float) -> Answer:
            self.gateway(via).remove_member(self.number(name, via, seconds), seconds=seconds)
            return True, None, None, None

        outcome = self.change("remove", name, via, call)
        if outcome.ok:
            self.removed.add(name)
            if self.members.places[name].condition == "down":
                self.members.places[name].condition = "removed"
                self.recorder.process(name, "removed")
        return outcome

    def transfer(self, to: str, *, leader: str | None) -> Outcome:
        """Hand leadership over."""
        began = time.monotonic()
        if leader is None:
            answer = failed("not_the_leader")
        else:
            deadline = began + self.members.settings.patience
            answer = ask_until(
                self.members.places[leader], lambda seconds: self.move(leader, to, seconds), deadline
            )
        ok, value, revision, error = answer
        return Outcome(ok, value, (time.monotonic() - began) * 1000, error, leader or to, revision)

    def move(self, leader: str, to: str, seconds: float) -> Answer:
        """One try to move the leadership, which the leader answers when it has happened."""
        if leader != to:
            self.gateway(leader).move_leader(self.number(to, leader, seconds), seconds=seconds)
        return True, None, None, None

    # --- within ---

    def gateway(self, name: str) -> Gateway:
        """A member's gateway."""
        return self.members.places[name].gateway

    def number(self, name: str, via: str, seconds: float) -> int:
        """A member's number in etcd. Raises GatewayError if it has none."""
        url = self.members.places[name].peer_url
        for line in self.gateway(via).members(seconds=seconds):
            if line.peer_url == url:
                return int(line.member)
        raise GatewayError("not_a_member", f"{name} is no member")

    def change(self, kind: Change, name: str, via: str, call: Callable[[float], Answer]) -> Outcome:
        """Ask ``via`` for one change, as often as etcd only wants to be asked later."""
        request = self.requests.begin(kind, name, None, via, "linearizable", "operator")
        self.agreed = False
        began = time.monotonic()
        while True:
            answer = ask_until(
                self.members.places[via], call, time.monotonic() + self.members.settings.patience
            )
            since = max(self.settled_at, began) if self.all_well(via) else self.settled_at
            if answer[3] != "unhealthy" or time.monotonic() - since > UNHEALTHY_SECONDS:
                return self.requests.finish(request, answer)
            time.sleep(RETRY_SECONDS)

    def all_well(self, via: str) -> bool:
        """Whether all members run and ``via`` can talk with each, so that etcd will call the cluster healthy in a while: on a busy machine
        connections break by themselves.
        """
        links = self.members.links
        return all(
            self.members.places[name].condition == "up"
            and (name == via or not (links[name, via].cut or links[via, name].cut))
            for name in self.names()
        )


def asked_first(leader: str | None, cluster: dict[str, str]) -> dict[str, str]:
    """The addresses of all members, spelled so that a new one asks the leader first who belongs, since it asks in the order of the
    alphabet, in which capitals come first. One that goes on from a pause would answer without the new member, which would end by itself.
    """
    if leader not in cluster:
        return cluster
    return {
        name: url if name == leader else url.replace("LOCALHOST", "LocalHost")
        for name, url in cluster.items()
    }
