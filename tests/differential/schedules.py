"""Random fault schedules, run on both worlds; and what a client can observe of each, to be compared.

A schedule is a list of acts, each a verb with the position of the member it strikes. After each act the cluster gets time to settle,
and then every member is asked at once: does it take a write, answer a linearizable read, a serializable one? Who happens to lead is
chance in both worlds, so acts strike members by their place in a list and not by their office, and links are cut whole sides or whole
directions at a time: what settles then does not depend on who leads. One link alone is cut only between a member that has been made to
lead just before and another, in a cluster that is whole but for that, and is healed before the next act: else it would be chance who wins
the next election, and with it who is cut off from whom. A learner that is added while a member is paused waits for that one before it
takes part. It asks the others in the order of numbers that etcd draws, so it is chance what becomes of it when it is cut off from all of
them meanwhile, or when another is paused too: whoever is paused goes on before that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from quorumlab.cluster import Cluster
from quorumlab.history import check_linearizable

QUICK = {"heartbeat_ms": 20, "election_ms": 200, "timeout_ms": 1200}
SETTLE = 2.0  # seconds: several elections
STARTED = 5.5  # seconds after which etcd's leader counts all members as connected, so that it allows changes
VERBS = (
    "crash", "restart", "pause", "resume", "stop", "isolate", "mute", "deafen", "split", "heal", "transfer", "add_learner", "promote",
    "remove", "part", "part_to", "part_from",
)  # fmt: skip
PARTIAL = ("part", "part_to", "part_from")
CHANGES = ("add_learner", "promote", "remove")


class Act(NamedTuple):
    """One verb, and the place of the member that it strikes among all that ever were."""

    verb: str
    at: int

    def __str__(self) -> str:
        return f"{self.verb}({self.at})"


class Seen(NamedTuple):
    """What clients see after an act: the answer to it, who belongs, and of each member whether it served a write, a linearizable and a
    serializable read (an error in a word, or "ok")."""

    answer: str
    members: tuple[str, ...]
    served: tuple[tuple[str, str, str, str], ...]


class Schedule(NamedTuple):
    """How many members, and what is done to them."""

    size: int
    acts: tuple[Act, ...]

    def __str__(self) -> str:
        return f"{self.size} members: {', '.join(map(str, self.acts))}"


def schedules(longest: int = 5) -> st.SearchStrategy[Schedule]:
    """Schedules of at most ``longest`` acts on one to five members; hypothesis shrinks them to their shortest story."""
    acts = st.lists(st.builds(Act, st.sampled_from(VERBS), st.integers(0, 4)), min_size=1, max_size=longest)
    return st.builds(Schedule, st.integers(1, 5), acts.map(tuple))


def run(make: Callable[..., Cluster], schedule: Schedule) -> list[Seen]:
    """What clients see after each act. Raises AssertionError if an acknowledged write is lost, or the history is not linearizable."""
    with make(schedule.size, leader="etcd-1", **QUICK) as cluster:
        if any(act.verb in CHANGES for act in schedule.acts):
            cluster.run_for(STARTED)
        seen = [look(cluster, "at first", "")]
        waiting = ""  # a new member that may wait for one that is paused
        for number, act in enumerate(schedule.acts):
            if waiting and is_chance(cluster, act, waiting):
                cluster.resume(*paused(cluster))
                cluster.run_for(SETTLE)
            if number and schedule.acts[number - 1].verb in PARTIAL:
                cluster.heal()
                cluster.run_for(SETTLE)
            answer = carry_out(cluster, act)
            if act.verb == "add_learner" and answer == "ok":
                waiting = list(cluster.status())[-1]
            waiting = waiting if paused(cluster) else ""
            cluster.run_for(SETTLE)
            seen.append(look(cluster, str(number), answer))
        verdict = check_linearizable(cluster.history(serializable=False))
        assert verdict.linearizable is not False, f"{schedule}: {verdict}"
        return seen


def paused(cluster: Cluster) -> list[str]:
    """Who is paused now."""
    return [name for name, member in cluster.status().items() if member.condition == "paused"]


def is_chance(cluster: Cluster, act: Act, waiting: str) -> bool:
    """Whether it would be chance what becomes of a member that waits."""
    status = cluster.status()
    names = list(status)
    name = names[act.at % len(names)]
    if act.verb in ("isolate", "mute", "deafen"):
        return name == waiting
    if act.verb == "split":
        side = [other for other in names if (other in names[: act.at]) == (waiting in names[: act.at])]
        return not any(status[other].condition in ("up", "paused") for other in side if other != waiting)
    return act.verb == "pause" or act.verb in PARTIAL


def carry_out(cluster: Cluster, act: Act) -> str:
    """Do it, if it can be done; the cluster's own answer in a word, where it gives one."""
    status = cluster.status()
    name = list(status)[act.at % len(status)]
    others = [other for other in status if other != name]
    match act.verb:
        case "crash" | "restart" | "pause" | "resume" | "stop":
            {"crash": cluster.crash, "restart": cluster.restart, "pause": cluster.pause, "resume": cluster.resume,
             "stop": cluster.stop}[act.verb](name)  # fmt: skip
        case "isolate":
            cluster.partition({name})
        case "split":
            cluster.partition(set(list(status)[: act.at]))
        case "heal":
            cluster.heal()
        case "mute" | "deafen":
            for other in others:
                one, two = (name, other) if act.verb == "mute" else (other, name)
                cluster.cut(one, two, one_way=True)
        case "part" | "part_to" | "part_from":
            return part(cluster, act.verb, name, others)
        case "transfer":
            return word(cluster.transfer(name)) if cluster.leader is not None else "nobody leads"
        case "add_learner":
            return word(cluster.add_learner())
        case "promote":
            return word(cluster.promote(name))
        case "remove":
            return word(cluster.remove(name))
    return ""


def part(cluster: Cluster, verb: str, name: str, others: list[str]) -> str:
    """Heal all, let ``name`` lead, and cut its link to the first other that runs: both ways, to it only, or from it only."""
    cluster.heal()
    cluster.run_for(SETTLE)
    if cluster.leader is None:
        return "nobody leads"
    answer = word(cluster.transfer(name))
    there = [other for other in others if cluster.status()[other].condition == "up"]
    if answer != "ok" or not there:
        return answer
    cluster.run_for(SETTLE)
    one, two = (there[0], name) if verb == "part_from" else (name, there[0])
    cluster.cut(one, two, one_way=verb != "part")
    return answer


def look(cluster: Cluster, value: str, answer: str) -> Seen:
    """Ask every member at once, reads before the write so that a loss shows."""
    names = [name for name, status in cluster.status().items() if status.condition != "removed"]
    reads = {name: ask(cluster, "read", name) for name in names}
    stale = {
        name: cluster.submit("read", "k", via=name, mode="serializable", client=f"s {name}") for name in names
    }
    finish(cluster, [*reads.values(), *stale.values()])
    writes = {
        name: cluster.submit("write", "k", f"{value} {name}", via=name, client=f"w {name}") for name in names
    }
    finish(cluster, list(writes.values()))
    served = tuple(
        (name, word(writes[name].outcome), word(reads[name].outcome), word(stale[name].outcome))
        for name in names
    )
    return Seen(answer, tuple(sorted(cluster.members)), served)


def ask(cluster: Cluster, kind: str, name: str):
    """One linearizable read."""
    return cluster.submit(kind, "k", via=name, client=f"r {name}")


def finish(cluster: Cluster, pending: Sequence) -> None:
    """Wait for all answers."""
    cluster.run_until(lambda: all(request.done for request in pending), within=3)


def word(outcome) -> str:
    """An outcome in a word."""
    return (
        "ok" if outcome is not None and outcome.ok else "timeout" if outcome is None else str(outcome.error)
    )
