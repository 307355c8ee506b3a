"""The grader's half of the lab *a multi-region proposal*: what is asked, the right answers, and the rubric of what a person reads."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception
from quorumlab.course.labs.multi_region import Rtt, Voters, commit_time, fastest, survives_any, write_time
from quorumlab.grading.lab import Case, Essay, GradedTask, Lab, Part
from quorumlab.grading.regions import (
    alone,
    among,
    at_home,
    few_places,
    long_logs,
    placed,
    round_trips,
    some_logs,
    table,
    weights,
    with_clients,
    with_leader,
)

HALF = "quorumlab.course.labs.multi_region:"
Clients = Mapping[str, float]


US, EU, AP = "us", "eu", "ap"
RTT = round_trips({(US, EU): 69.7, (US, AP): 191.1, (EU, AP): 125.6})
"""us-east-1, eu-west-1 and ap-south-1: cloudping, July 2025, as in the course."""


def acknowledged(
    voters: Voters, rtt: Rtt, leader: str, place: Callable[[int], int], *, by_region: bool = False
) -> float:
    """The time of the answer at some place among those of the other members, or, wrongly, of the other regions."""
    if by_region:
        times = sorted(rtt[leader][region] for region in among(voters) if region != leader)
    else:
        times = sorted(
            rtt[leader][region] for region, count in voters.items() for _ in range(count - (region == leader))
        )
    return [0.0, *times][min(place(sum(voters.values())), len(times))]


def write_via_nearest(voters: Voters, rtt: Rtt, leader: str, client: str) -> float:
    """A client asks the nearest member, which hands the write on to the leader."""
    asked = min(among(voters), key=lambda region: (rtt[client][region], region != leader))
    return write_via(asked, voters, rtt, leader, client)


def write_via(asked: str, voters: Voters, rtt: Rtt, leader: str, client: str) -> float:
    """A client asks a member in that region."""
    hop = 0.0 if asked == leader else rtt[asked][leader]
    return rtt[client][asked] + hop + commit_time(voters, rtt, leader)


def clients_far_and_near(chance: Random) -> list[Case]:
    """Layouts with a leader and a client, save those in which two regions are nearest: the task does not say which is asked."""
    drawn = [
        *few_places(chance, 6),
        *((*case, chance.choice(sorted(case[1]))) for case in with_leader(chance, 34)),
    ]
    return [case for case in drawn if nearest_alone(*case)]


def nearest_alone(voters: Voters, rtt: Rtt, leader: str, client: str) -> bool:
    """Whether all regions that are nearest to the client give it the same write."""
    shortest = min(rtt[client][region] for region in among(voters))
    nearest = [region for region in among(voters) if rtt[client][region] == shortest]
    return len({write_via(region, voters, rtt, leader, client) for region in nearest}) == 1


def best_leader(voters: Voters, rtt: Rtt, clients: Clients) -> str:
    """The region from which a leader gives the clients the fastest writes in the mean."""
    return min(among(voters), key=lambda region: write_time(voters, rtt, clients, region))


def bad_day(
    voters: Voters,
    rtt: Rtt,
    clients: Clients,
    lost: str,
    *,
    recount: bool = False,
    all_clients: bool = False,
    need: int = 0,
) -> float | None:
    """The mean write with the best leader that is left when a region and its clients are gone; None without a majority."""
    left = {region: count for region, count in voters.items() if region != lost and count}
    served = {client: weight for client, weight in clients.items() if all_clients or client != lost}
    n = sum(left.values()) if recount else sum(voters.values())
    if sum(left.values()) < n // 2 + 1 - need or not left or not served:
        return None
    times = []
    for leader in left:
        others = sorted(
            rtt[leader][region] for region, count in left.items() for _ in range(count - (region == leader))
        )
        commit = [0.0, *others][min(n // 2, len(others))]
        times.append(sum(w * rtt[c][leader] for c, w in served.items()) / sum(served.values()) + commit)
    return min(times)


def timers(
    voters: Voters, rtt: Rtt, regions: Callable[[Voters, Rtt], Any] = lambda voters, rtt: among(voters)
) -> list[float] | None:
    """A heartbeat of one longest round trip and an election timeout of ten; None where that is more than etcd takes."""
    names = list(regions(voters, rtt))
    longest = max(rtt[a][b] for a in names for b in names)
    return [longest, 10 * longest] if 10 * longest <= 50_000 else None


def mean_trip(voters: Voters, rtt: Rtt) -> list[float]:
    """The same by the mean round trip."""
    names = among(voters)
    trips = [rtt[a][b] for a in names for b in names]
    return [sum(trips) / len(trips), 10 * sum(trips) / len(trips)]


def layouts(rtt: Rtt, most: int) -> Iterator[dict[str, int]]:
    """Every way to place up to so many voters, fewer first."""
    every = (dict(zip(rtt, counts, strict=True)) for counts in product(range(most // 2 + 1), repeat=len(rtt)))
    return iter(sorted((v for v in every if 1 <= sum(v.values()) <= most), key=lambda v: sum(v.values())))


def fastest_layout(rtt: Rtt, clients: Clients, most: int) -> dict[str, int]:
    """The layout that survives any region with the fastest writes; of several the one with the fewest voters."""
    fit = [voters for voters in layouts(rtt, most) if survives_any(voters)]
    best = min(fastest(voters, rtt, clients) for voters in fit)
    chosen = next(voters for voters in fit if fastest(voters, rtt, clients) <= best * (1 + 1e-12))
    return {region: count for region, count in chosen.items() if count}


def nearest_regions(rtt: Rtt, clients: Clients, most: int) -> list[str]:
    """All regions, those nearest to the clients first."""
    return sorted(rtt, key=lambda region: sum(w * rtt[c][region] for c, w in clients.items()))


def restore_from(
    logs: Mapping[str, Mapping[str, int]],
    lost: list[str],
    key: Callable[[Mapping[str, int]], Any] = lambda log: (log["term"], log["index"]),
) -> str | None:
    """The survivor whose log is furthest, by the term of its last entry and then by its length; None if nobody survives."""
    return max((name for name in logs if name not in lost), key=lambda name: key(logs[name]), default=None)


def at_heaviest(voters: Voters, rtt: Rtt, clients: Clients) -> float:
    """The mean write with the leader where most clients are, among the regions with a voter."""
    return write_time(voters, rtt, clients, max(among(voters), key=lambda region: clients.get(region, 0)))


def unweighted(voters: Voters, rtt: Rtt, clients: Clients) -> float:
    """The mean write with its best leader, if all clients counted the same."""
    return fastest(voters, rtt, dict.fromkeys(clients, 1))


def misleading(chance: Random, measure: Callable[[Voters, Rtt, Clients], float]) -> Case:
    """Regions and clients for whom another measure of a layout leads to a slower one."""
    while True:
        rtt = table(chance, chance.choice([4, 5]))
        clients, most = weights(chance, rtt), 3
        fit = [voters for voters in layouts(rtt, most) if survives_any(voters)]
        misled = min(fit, key=lambda voters: measure(voters, rtt, clients))
        if fastest(misled, rtt, clients) > 1.001 * min(fastest(voters, rtt, clients) for voters in fit):
            return rtt, clients, most


def losses(chance: Random, goes_on: bool, number: int) -> list[Case]:
    """Layouts and a region whose loss a majority outlives, or not."""
    found: list[Case] = []
    while len(found) < number:
        rtt = table(chance, chance.randrange(3, 6))
        voters, clients = placed(chance, rtt), weights(chance, rtt)
        lost = chance.choice(among(voters))
        if set(clients) - {lost} and (bad_day(voters, rtt, clients, lost) is not None) is goes_on:
            found.append((voters, rtt, clients, lost))
    return found


ONE, TWO = {US: 1, EU: 1, AP: 1}, {US: 2, EU: 2, AP: 1}
COMMIT = GradedTask(
    id="commit-ms",
    title="Until a majority has it",
    function="commit_ms",
    parameters=("voters", "rtt", "leader"),
    visible=((ONE, RTT, US), (TWO, RTT, US), ({US: 3, EU: 1, AP: 1}, RTT, US), (TWO, RTT, AP), ({US: 1, EU: 0, AP: 0}, RTT, US), ({US: 3, EU: 3, AP: 3}, RTT, EU), ({US: 2, EU: 1, AP: 1}, RTT, US)),
    parts=(Part("any layout", 2, lambda chance: [({US: 2, EU: 0, AP: 0}, RTT, US), *alone(chance, 3), *with_leader(chance, 30)]),),
    reference=commit_time,
    misconceptions=(
        Misconception("everybody", lambda v, t, leader: acknowledged(v, t, leader, lambda n: n), "The leader does not wait for all members, only until a majority has the write."),
        Misconception("its own copy forgotten", lambda v, t, leader: acknowledged(v, t, leader, lambda n: n // 2 + 1), "The leader's own copy is one of the majority, so it waits for one answer fewer."),
        Misconception("regions counted", lambda v, t, leader: acknowledged(v, t, leader, lambda n: len(among(v)) // 2, by_region=True), "A majority is one of members; you count regions."),
        Misconception("half", lambda v, t, leader: acknowledged(v, t, leader, lambda n: (n + 1) // 2 - 1), "With an even number of members, half of them is not a majority."),
        Misconception("the nearest answer", lambda v, t, leader: acknowledged(v, t, leader, lambda n: min(1, n - 1)), "One answer makes two copies, which is a majority of three at most."),
    ),
    hints=("List the round trips from the leader to each of the other members, one for each member, and sort them.", "Of n members, the leader needs n // 2 answers."),
    praise="The quorum's last answer is the price of a write, and the rest of the cluster may be as slow as it likes.",
)  # fmt: skip

WRITE = GradedTask(
    id="write-ms",
    title="What the client waits for",
    function="write_ms",
    parameters=("voters", "rtt", "leader", "client"),
    visible=((ONE, RTT, US, AP), (ONE, RTT, US, US), ({US: 3, EU: 2, AP: 0}, RTT, US, AP), (TWO, RTT, EU, AP), ({US: 3, EU: 0, AP: 0}, RTT, US, EU)),
    parts=(Part("any client", 3, clients_far_and_near),),
    reference=write_via_nearest,
    misconceptions=(
        Misconception("the commit alone", lambda v, t, leader, client: commit_time(v, t, leader), "That is the leader's time; the write has to get from the client to a member first, and the answer back."),
        Misconception("the leader asked", lambda v, t, leader, client: t[client][leader] + commit_time(v, t, leader), "This client asks the member nearest to it, which hands the write on to the leader."),
        Misconception("no way to the leader", lambda v, t, leader, client: min(t[client][r] for r in among(v)) + commit_time(v, t, leader), "The member that was asked cannot commit by itself: it hands the write on to the leader and waits for its answer."),
        Misconception("half the way", lambda v, t, leader, client: write_via_nearest(v, {a: {b: x / 2 for b, x in row.items()} for a, row in t.items()}, leader, client) + commit_time(v, t, leader) / 2, "Each answer comes back as well, so the whole round trip counts, not half of it."),
        Misconception("regions without a member", lambda v, t, leader, client: t[client][client] + (0.0 if client == leader else t[client][leader]) + commit_time(v, t, leader), "There may be no member in the client's own region; the nearest one is then farther away."),
    ),
    hints=("Three times add up: client to the member asked, that member to the leader, and the commit.", "If the nearest member stands in the leader's region, take it that the leader itself is asked."),
    praise="A far client pays twice: its own way, and the commit that it has no part in.",
)  # fmt: skip

LEADER = GradedTask(
    id="best-leader",
    title="Where the leader should be",
    function="best_leader",
    parameters=("voters", "rtt", "clients"),
    visible=((ONE, RTT, {US: 60, EU: 30, AP: 10}), (ONE, RTT, {AP: 100}), ({US: 2, EU: 0, AP: 1}, RTT, {EU: 50, AP: 50}), (TWO, RTT, {US: 5, EU: 10, AP: 85}), (TWO, RTT, {US: 30, AP: 35}), ({US: 1, EU: 1, AP: 3}, RTT, {EU: 70, US: 30}), (ONE, RTT, {US: 40, EU: 30, AP: 30}), ({US: 1, EU: 1, AP: 2}, RTT, {US: 50, AP: 50})),
    parts=(Part("any clients", 3, lambda chance: with_clients(chance, 50)),),
    reference=best_leader,
    fault=f"{HALF}leader_fault",
    misconceptions=(
        Misconception("where most clients are", lambda v, t, c: max(among(v), key=lambda r: c.get(r, 0)), "Being near to most clients is one half; a leader far from its majority makes everybody wait for the commit."),
        Misconception("the fastest commit", lambda v, t, c: min(among(v), key=lambda r: commit_time(v, t, r)), "The fastest commit is one half; the clients also wait for the way to the leader."),
        Misconception("all clients alike", lambda v, t, c: best_leader(v, t, dict.fromkeys(c, 1)), "The shares of the clients count: a mean by weight."),
        Misconception("nearest to the clients", lambda v, t, c: min(among(v), key=lambda r: sum(w * t[x][r] for x, w in c.items())), "What you give is the region nearest to the clients; from there a majority may be far away, and the commit counts too."),
        Misconception("most members", lambda v, t, c: max(among(v), key=lambda r: v[r]), "The region with most members need not be near to the clients, nor to a majority."),
    ),
    hints=("Go through the regions with a voter; for each, add the mean way of the clients and the commit.", "The mean by weight is the sum of weight times way, over the sum of the weights."),
    praise="You weigh the way to the leader against the way to its majority, which is the whole question of where to put it.",
)  # fmt: skip

BAD_DAY = GradedTask(
    id="bad-day",
    title="The bad day",
    function="bad_day",
    parameters=("voters", "rtt", "clients", "lost"),
    visible=((ONE, RTT, {US: 60, EU: 30, AP: 10}, EU), (ONE, RTT, {US: 60, EU: 30, AP: 10}, AP), ({US: 3, EU: 2, AP: 0}, RTT, {US: 60, EU: 40}, US), ({US: 2, EU: 2, AP: 0}, RTT, {US: 50, EU: 50}, EU), (TWO, RTT, {US: 60, EU: 30, AP: 10}, US), ({US: 3, EU: 1, AP: 1}, RTT, {US: 20, AP: 30}, EU)),
    parts=(Part("writes go on", 2, lambda chance: losses(chance, True, 25)), Part("writes stop", 1, lambda chance: [({US: 2, EU: 2, AP: 0}, RTT, {US: 1, EU: 1}, US), *losses(chance, False, 8), *losses(chance, True, 4)])),
    reference=bad_day,
    misconceptions=(
        Misconception("quorum recounted", lambda v, t, c, lost: bad_day(v, t, c, lost, recount=True), "The quorum is not recounted after a loss: it stays a majority of all voters, also of those that are gone."),
        Misconception("clients of the lost region", lambda v, t, c, lost: bad_day(v, t, c, lost, all_clients=True), "The clients in the lost region are gone with it; the mean is over those that are left."),
        Misconception("half goes on", lambda v, t, c, lost: bad_day(v, t, c, lost, need=(sum(v.values()) + 1) % 2), "Half of the voters cannot go on: they are no majority."),
        Misconception("as on a good day", lambda v, t, c, lost: fastest(v, t, {x: w for x, w in c.items() if x != lost}), "After the loss neither the leader nor the answers can come from there; look for both among what is left."),
    ),
    hints=("First ask whether the voters that are left are more than half of all.", "Then look for the best leader among the regions that are left; it still needs n // 2 answers, from members that are left."),
    praise="The bad day has its own latency, and often it is the tie-breaker's distance.",
)  # fmt: skip

TIMERS = GradedTask(
    id="timers",
    title="Heartbeat and election timeout",
    function="timers",
    parameters=("voters", "rtt"),
    visible=((ONE, RTT), ({US: 3, EU: 2, AP: 0}, RTT), ({US: 3, EU: 0, AP: 0}, RTT), ({"here": 2, "moon": 1}, round_trips({("here", "moon"): 6000.0}))),
    parts=(Part("any layout", 2, lambda chance: [*((v, t) for v, t, _ in with_leader(chance, 14)), *((v, t) for v, t, *_ in few_places(chance, 8)), *((v, t) for v, t, _ in at_home(chance, 3)), ({US: 1, EU: 2, AP: 0}, RTT), ({"a": 1, "b": 2}, round_trips({("a", "b"): 5001.0})), ({"a": 1, "b": 2}, round_trips({("a", "b"): 5000.0}))]),),
    reference=timers,
    fault=f"{HALF}timers_fault",
    misconceptions=(
        Misconception("the defaults", lambda v, t: [100, 1000], "etcd's defaults of 100 and 1000 ms suit round trips of about 70 to 100 ms, and yours are others."),
        Misconception("all regions", lambda v, t: timers(v, t, lambda v, t: t), "Only the members' round trips matter; a region without a voter has no part in an election."),
        Misconception("the mean round trip", mean_trip, "The mean is too short: the leader must hear from the farthest member in time as well."),
        Misconception("as long as can be", lambda v, t: [max(t[a][b] for a in among(v) for b in among(v)), 50_000], "The longest timeout is safe and slow: for so long nobody notices that the leader is gone."),
        Misconception("five heartbeats", lambda v, t: timers(v, t) and [timers(v, t)[0], 5 * timers(v, t)[0]], "Five heartbeats are what etcd accepts; what it advises for the election timeout is ten round trips."),  # type: ignore[index]
        Misconception("never None", lambda v, t: timers(v, t) or [6000.0, 50_000.0], "Ten of these round trips are more than the 50 s that etcd takes, so there is no advised setting; the answer is None."),
    ),
    hints=("Find the longest round trip between any two regions that hold a voter; two members of one region count as well.", "A heartbeat of one such round trip and an election timeout of ten satisfy all the rules, up to 50 s."),
    praise="Timers follow the longest way between voters, and not the map.",
)  # fmt: skip

FASTEST = GradedTask(
    id="fastest-layout",
    title="The fastest layout that survives",
    function="fastest_layout",
    parameters=("rtt", "clients", "most"),
    visible=((RTT, {US: 60, EU: 30, AP: 10}, 5), (RTT, {AP: 100}, 5), (RTT, {US: 50, AP: 50}, 3), (table(Random(4), 4), {"r1": 10, "r2": 20, "r3": 40}, 5), (table(Random(9), 5), {"r1": 10, "r4": 60}, 7)),
    parts=(
        Part("three regions", 1, lambda chance: [(t, weights(chance, t), chance.choice([3, 4, 5, 6, 7])) for t in (table(chance, 3) for _ in range(8))]),
        Part("four and five regions", 3, lambda chance: [(t, weights(chance, t), chance.choice([3, 5, 6])) for t in (table(chance, k) for k in (4, 4, 4, 5, 5, 5))] + [misleading(chance, measure) for measure in (at_heaviest, unweighted) for _ in range(2)]),
    ),
    reference=fastest_layout,
    fault=f"{HALF}layout_fault",
    misconceptions=(
        Misconception("one in each region", lambda t, c, most: dict.fromkeys(list(t)[:most], 1), "One voter in each region may reach far for its majority, and may have more voters than it takes; try the others too."),
        Misconception("all in one region", lambda t, c, most: {nearest_regions(t, c, most)[0]: 3}, "All in one region is the fastest, and does not survive its loss."),
        Misconception("two and two and one", lambda t, c, most: dict(zip(nearest_regions(t, c, most)[:3], (2, 2, 1) if most >= 5 else (1, 1, 1), strict=True)), "Two more voters buy no speed by themselves; where one in each is as fast, the fewest are asked for."),
        Misconception("a majority at home", lambda t, c, most: dict(zip(nearest_regions(t, c, most)[:3], (most // 2 + 1, most - most // 2 - 1, 0), strict=True)), "With a majority in one region its writes are fast, and its loss stops them: no layout has both."),
    ),
    hints=("There are few layouts: itertools.product gives all counts for the regions. Keep those that survive.", "For each, take the best leader of task 3; of those equally fast the one with the fewest voters."),
    praise="You searched the whole space, so when you say that nothing faster survives, it is so. One voter in each of three regions is always among the fastest: its leader needs one answer from outside its region, and every layout that survives needs as much.",
    seconds=60,
)  # fmt: skip

RESTORE = GradedTask(
    id="restore-from",
    title="Which survivor",
    function="restore_from",
    parameters=("logs", "lost"),
    visible=(
        ({"a": {"term": 2, "index": 9}, "b": {"term": 3, "index": 7}, "c": {"term": 2, "index": 8}}, ["c"]), ({"a": {"term": 2, "index": 9}, "b": {"term": 2, "index": 7}, "c": {"term": 5, "index": 12}}, ["c"]),
        ({"a": {"term": 2, "index": 9}, "b": {"term": 3, "index": 12}, "c": {"term": 3, "index": 10}}, ["a"]), ({"a": {"term": 1, "index": 3}}, ["a"]),
        ({"a": {"term": 3, "index": 7}, "b": {"term": 3, "index": 9}, "c": {"term": 2, "index": 9}}, []), ({"a": {"term": 2, "index": 9}, "b": {"term": 4, "index": 8}}, []),
    ),
    parts=(Part("any logs", 2, lambda chance: [({"a": {"term": 2, "index": 9}, "b": {"term": 2, "index": 9}}, ["a", "b"]), ({"a": {"term": 2, "index": 30}, "b": {"term": 4, "index": 4}}, []), ({"a": {"term": 9, "index": 100}, "b": {"term": 10, "index": 99}}, []), ({"a": {"term": 5, "index": 6}, "b": {"term": 5, "index": 8}}, []), *(some_logs(chance) for _ in range(30)), *(long_logs(chance) for _ in range(3))]),),
    reference=restore_from,
    fault=f"{HALF}restore_fault",
    misconceptions=(
        Misconception("the longest log", lambda logs, lost: restore_from(logs, lost, lambda log: log["index"]), "The longest log may be of an old leader that nobody followed any more; the term of the last entry comes first, as in an election."),
        Misconception("the latest term only", lambda logs, lost: restore_from(logs, lost, lambda log: log["term"]), "Of several logs that end in the same term the longer one has more."),
        Misconception("the lost ones too", lambda logs, lost: restore_from(logs, []), "What was on the lost members is not at hand; choose among the survivors."),
        Misconception("added up", lambda logs, lost: restore_from(logs, lost, lambda log: log["term"] + log["index"]), "A term is not a length: a later term beats any length."),
    ),
    hints=("Raft answers the same question in each election: whose log is at least as good as mine?", "Compare the pairs (term, index), as Python compares tuples."),
    praise="It is the election restriction, done by hand; what was acknowledged on lost members alone may still be gone.",
)  # fmt: skip

PROPOSAL = Essay(
    "proposal",
    "Your proposal",
    (
        ("Names a layout by region and count, and the leader's region, that survives the loss of any one region, or says plainly that it does not and what that saves.", 1),
        ("Gives the write latency on a good day for each of the three groups of clients, with how it was computed.", 1),
        ("Gives the bad day: which region's loss is the worst, what writes take then, who leads, and what the timers are set to.", 1),
        ("Says how reads are served in Mumbai, whether they may be stale, and for which data of the brief that is acceptable.", 1),
        ("Answers the colleague: two sites do not survive the loss of the larger, whatever their numbers, and why.", 1),
        ("Names one thing that the proposal does not survive, and what people do then (restore, what may be lost, who decides).", 1),
    ),
)  # fmt: skip

LAB = Lab(
    "multi-region",
    "A multi-region proposal",
    (COMMIT, WRITE, LEADER, BAD_DAY, TIMERS, FASTEST, RESTORE, PROPOSAL),
)
