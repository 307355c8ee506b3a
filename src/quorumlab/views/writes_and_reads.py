"""Pictures of notebook 04: which writes outlive their leader, what a request costs through each member, and how long a
read may be stale. Each is computed by simulation, with the arithmetic beside it. Last, a history to judge."""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from quorumlab.cluster.events import Mode, State
from quorumlab.history import Operation
from quorumlab.quorums import quorum_size
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.quorum_math import commit_time
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RUNS = 20
"""Simulated runs for each bar: seeds 1 to 20."""

ONE_WAY_MS = 10.0
"""One-way time of every message in `crash_leader`."""

DISK_MS = 6.0
FAR_RTT_MS = 80.0
NEAR_RTTS_MS = (10.0, 20.0, 30.0, 40.0)
NEAR_ONE_WAY_MS = (5.0, 10.0, 20.0)

Request = Literal["write", "linearizable read", "serializable read"]
REQUESTS: tuple[Request, ...] = ("write", "linearizable read", "serializable read")


class Fate(NamedTuple):
    """What became of a write: what its client was told ("done" or an error), and whether it is there under the next leader."""

    told: str
    survived: bool


@cache
def crash_leader(members: int, copies: int, heard_back: bool, seed: int = 7) -> Fate:
    """Crash the leader when `copies` of `members` have a write, itself included, and look for the write under the next leader.

    Messages take 10 ms one way. The leader crashes 15 ms after the request, when the answers of its followers are still
    under way, or with `heard_back` after 25 ms, when they have arrived. Raises ValueError for other than 3 to 7 members, or
    copies that cannot be.
    """
    _check_members(members)
    if not 1 <= copies <= members:
        raise ValueError(f"{copies} of {members} members cannot have the write; choose 1 to {members}.")
    cluster = SimulatedCluster(members, seed=seed, leader="etcd-1", latency_ms=ONE_WAY_MS, record=False)
    cluster.partition(cluster.members[:copies])  # the others do not hear of it
    write = cluster.submit("write", "lock", "ada", via="etcd-1")
    cluster.run_for((2.5 if heard_back else 1.5) * ONE_WAY_MS / 1000)
    cluster.crash("etcd-1")
    cluster.heal()
    cluster.run_until(lambda: cluster.agreed_leader is not None and write.outcome is not None, within=60)
    assert write.outcome is not None
    return Fate(write.outcome.error or "done", cluster.get("lock").value == "ada")


def outlives_any_leader(members: int, copies: int) -> bool:
    """Whether a write that `copies` of `members` have, the crashed leader among them, is sure to be in the next leader's log.

    A member without it gets no vote from those that have it (Raft §5.4.1), so it wins only if the members without it are a
    quorum.
    """
    return members - copies < quorum_size(members)


def crash_view(members: int, heard_back: bool) -> View:
    """Writes whose leader crashed, by how many members had them: in how many of 20 simulated runs they are still there.

    `heard_back` says whether the leader crashed after its followers' answers arrived. Raises ValueError for other than 3 to
    7 members.
    """
    _check_members(members)
    needed = quorum_size(members)
    fates = {
        copies: [crash_leader(members, copies, heard_back, seed) for seed in range(1, RUNS + 1)]
        for copies in range(1, members + 1)
    }
    kept = {copies: sum(fate.survived for fate in runs) for copies, runs in fates.items()}
    told = {copies: " or ".join(sorted({fate.told for fate in runs})) for copies, runs in fates.items()}
    fewer = listed([str(kept[copies]) for copies in range(1, needed)])
    more = min(kept[copies] for copies in range(needed, members + 1))
    held = (
        "only the leader" if needed == 2 else f"{', '.join(map(str, range(1, needed - 1)))} or {needed - 1}"
    )
    sentence = (
        f"{members} members. Where {held} had the write, it was there afterwards in {fewer} of {RUNS} runs; "
        f"where {needed} or more had it, in {more} of {RUNS}. With {needed}, the client had been told: {told[needed]}."
    )
    rows = [
        (
            copies,
            "a quorum" if copies >= needed else "no quorum",
            f"{kept[copies]} of {RUNS} runs",
            "never" if copies == 1 else "always" if outlives_any_leader(members, copies) else "not always",
            told[copies],
        )
        for copies in fates
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"Writes that outlived their leader, of {RUNS}",
            xlabel="members that had the write when the leader crashed, and what its client was told",
            ylabel="runs",
        )
        for copies, count in kept.items():
            safe = copies >= needed
            axes.bar(
                copies,
                count,
                color=ACCENT if safe else PAPER,
                edgecolor=ACCENT if safe else VERMILION,
                hatch="" if safe else "//",
                width=0.62,
            )
            axes.text(copies, count + 0.4, str(count), ha="center", va="bottom", color=INK)
        axes.axvline(needed - 0.5, color=INK, linestyle="--", linewidth=1.4)
        axes.annotate(
            "a quorum from here",
            (needed - 0.5, RUNS * 1.19),
            (5, 0),
            textcoords="offset points",
            color=INK,
            va="center",
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
        )
        axes.set_xticks(range(1, members + 1), [f"{copies}\n{words}" for copies, words in told.items()])
        axes.set_xlim(0.4, members + 0.6)
        axes.set_ylim(0, RUNS * 1.28)
        axes.set_yticks(range(0, RUNS + 1, 5))

    alt = "Bar chart of the runs that kept the write: " + ", ".join(
        f"{count} of {RUNS} with {copies} holding it" for copies, count in kept.items()
    )
    columns = ("members that have it", "that is", "kept it", "by arithmetic", "the client was told")
    return View(
        sentence,
        f"{alt}. A line marks the quorum of {needed}.",
        Table.of(columns, rows),
        draw,
        (7.0, 3.8),
        (0.85, 0.3, 0.5, 0.85),
    )


def request_cost(request: Request, rtts: Sequence[float], disk: float = 0.0) -> list[float]:
    """What a request costs through each member, in ms: through the leader first, then through each follower.

    `rtts` are the round trips from the leader to its followers, `disk` the time of a disk write, all in ms. A write waits for
    the quorum-th disk (Raft §5.3); a linearizable read for one round of heartbeats, no disk (ReadIndex, dissertation §6.4);
    through a follower add its round trip to the leader. A serializable read waits for nobody. Raises ValueError for another
    request.
    """
    if request not in REQUESTS:
        raise ValueError(f"The request {request!r} is unknown; choose one of {', '.join(REQUESTS)}.")
    if request == "serializable read":
        return [0.0] * (len(rtts) + 1)
    wait = disk if request == "write" else 0.0
    agreed = commit_time([wait, *(rtt + wait for rtt in rtts)])
    return [agreed, *(rtt + agreed for rtt in rtts)]


@cache
def simulated_cost(request: Request, rtts: tuple[float, ...], disk: float = 0.0) -> list[float]:
    """The same, measured in a simulation in which `etcd-1` leads: the latency of one request through each member."""
    cluster = _star([rtt / 2 for rtt in rtts], disk_ms=disk)
    costs = []
    for name in cluster.members:
        if request == "write":
            outcome = cluster.put("lock", "ada", via=name)
        else:
            outcome = cluster.get(
                "lock", via=name, mode="serializable" if request == "serializable read" else "linearizable"
            )
        assert outcome.ok, outcome
        costs.append(outcome.latency)
        cluster.run_for(1.0)
    return costs


def request_cost_view(request: Request, far: int) -> View:
    """What a request costs through each of five members when `far` of the four followers are 80 ms away from the leader.

    The others are 10, 20, 30 and 40 ms away, there and back, and a disk write takes 6 ms. Bars are simulated, diamonds
    computed. Raises ValueError for another request, or other than 0 to 4 far followers.
    """
    if not 0 <= far <= len(NEAR_RTTS_MS):
        raise ValueError(f"{far} of 4 followers cannot be far; choose 0 to {len(NEAR_RTTS_MS)}.")
    rtts = (*NEAR_RTTS_MS[: len(NEAR_RTTS_MS) - far], *[FAR_RTT_MS] * far)
    computed, simulated = request_cost(request, rtts, DISK_MS), simulated_cost(request, rtts, DISK_MS)
    names = ["etcd-1 (leader)", *(f"etcd-{i}" for i in range(2, len(rtts) + 2))]
    agree = all(abs(a - b) < 0.01 for a, b in zip(computed, simulated, strict=True))
    cheapest, dearest = min(simulated), max(simulated)
    article = f"A {request}"
    if request == "serializable read":
        sentence = f"{article} costs {dearest:g} ms through every member: it asks nobody else."
    else:
        sentence = (
            f"{article} costs {cheapest:g} ms through the leader and {dearest:g} ms through the farthest follower, "
            f"with {plural(far, 'far follower')} of 4."
        )
    sentence += " Simulation and arithmetic agree." if agree else " Simulation and arithmetic differ."
    rows = [
        (name, f"{rtt:g} ms", f"{a:g} ms", f"{b:g} ms")
        for name, rtt, a, b in zip(names, (0.0, *rtts), computed, simulated, strict=True)
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{article} through each member", xlabel="ms until the client has its answer"
        )
        for i, (a, b) in enumerate(zip(computed, simulated, strict=True)):
            axes.barh(i, b, color=ACCENT, height=0.5)
            axes.plot(
                [a], [i], color=INK, marker="D", markerfacecolor=PAPER, linestyle="", clip_on=False, zorder=5
            )
            axes.annotate(f"{b:g} ms", (b, i), (11, 0), textcoords="offset points", va="center", color=INK)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.6)
        axes.set_xlim(0, 2.3 * FAR_RTT_MS)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)
        axes.text(0.98, 0.06, "bar: simulated\n◇ computed", transform=axes.transAxes, ha="right", color=MUTED)

    alt = f"Bars of the latency of a {request}: " + ", ".join(
        f"{ms:g} ms through {name}" for name, ms in zip(names, simulated, strict=True)
    )
    columns = ("through", "round trip to the leader", "computed", "simulated")
    return View(
        sentence, f"{alt}.", Table.of(columns, rows), draw, (7.0, 3.6), margins=(1.45, 0.3, 0.5, 0.65)
    )


class Freshness(NamedTuple):
    """One member after a write: its one-way time from the leader, when its serializable reads began to return the new value
    (both in ms, the second after the client was told), and what such a read returned at the moment looked at."""

    member: str
    one_way: float
    fresh_after: float
    answer: str


@cache
def freshness(after: float, farthest: float) -> list[Freshness]:
    """Write through the leader of five and read from every member, serializably, `after` ms after the client was told.

    Followers are 5, 10, 20 and `farthest` ms from the leader, one way. Raises ValueError for a negative or missing time.
    """
    if not 0 <= after <= 1000:
        raise ValueError(f"A read {after!r} ms after the write cannot be shown; choose 0 to 1000 ms.")
    if not 0 < farthest <= 500:
        raise ValueError(f"A member {farthest!r} ms away cannot be shown; choose more than 0 to 500 ms.")
    delays = [*NEAR_ONE_WAY_MS, farthest]
    cluster = _star(delays)
    cluster.put("lock", "old")
    cluster.run_for(2.0)
    cluster.put("lock", "new")
    told = cluster.now
    cluster.run_for(after / 1000)
    answers = {name: cluster.get("lock", via=name, mode="serializable").value for name in cluster.members}
    index = cluster.status()["etcd-1"].commit_index
    cluster.run_for(2.0)
    knew = {
        event.member: event.t / 1e6
        for event in reversed(cluster.trace.events)
        if isinstance(event, State) and isinstance(event.commit, int) and event.commit >= index
    }
    return [
        Freshness(name, delay, round(1000 * (knew[name] - told), 6), str(answers[name]))
        for name, delay in zip(cluster.members, [0.0, *delays], strict=True)
    ]


def stale_reads_view(after: float, farthest: float) -> View:
    """What each of five members answers to a serializable read, `after` ms after the writer was told "done".

    Followers are 5, 10, 20 and `farthest` ms from the leader, one way. Raises ValueError for times out of range.
    """
    found = freshness(after, farthest)
    stale = [row.member for row in found if row.answer == "old"]
    if stale:
        verb = "answers" if len(stale) == 1 else "answer"
        sentence = f"{after:g} ms after the writer was told, {listed(stale)} still {verb} with the old value."
    else:
        sentence = f"{after:g} ms after the writer was told, all five members answer with the new value."
    longest = max(row.fresh_after for row in found)
    last = [row.member for row in found if row.fresh_after == longest]
    sentence += f" The last to know {'is' if len(last) == 1 else 'are'} {listed(last)}, {longest:g} ms after."
    rows = [(r.member, f"{r.one_way:g} ms", f"{r.fresh_after:g} ms", r.answer) for r in found]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"A serializable read {after:g} ms after the write",
            xlabel='ms after the writer was told "done"',
        )
        end = 100.0
        for i, row in enumerate(found):
            fresh = min(row.fresh_after, end)
            axes.plot([0, fresh], [i, i], color=VERMILION, linestyle=(0, (1.5, 1.2)), linewidth=4, marker="")
            axes.plot(
                [fresh, end],
                [i, i],
                color=ACCENT,
                linestyle="-",
                linewidth=7,
                solid_capstyle="butt",
                marker="",
            )
            old = row.answer == "old"
            axes.plot(
                [after], [i], color=INK, marker="o", markersize=10, markerfacecolor=PAPER if old else INK
            )
            axes.text(
                end + 2,
                i,
                f"says {row.answer}",
                va="center",
                color=VERMILION if old else ACCENT,
                weight="bold",
            )
        axes.axvline(after, color=INK, linewidth=1.2, linestyle="--", zorder=1)
        axes.set_yticks(
            range(len(found)), [f"{r.member}{' (leader)' if not i else ''}" for i, r in enumerate(found)]
        )
        axes.set_ylim(len(found) - 0.4, -0.6)
        axes.set_xlim(-2, end)
        axes.grid(axis="y", visible=False)
        axes.grid(axis="x", visible=True)

    alt = (
        f"A line for each member, dotted while it answers with the old value; read {after:g} ms after the write: "
        + ", ".join(f"{row.member} says {row.answer}" for row in found)
    )
    columns = ("member", "one way from the leader", "new value from", "answer now")
    return View(
        sentence, f"{alt}.", Table.of(columns, rows), draw, (7.0, 3.5), margins=(1.45, 1.1, 0.5, 0.65)
    )


@cache
def busy_history(mode: Mode, seed: int = 7) -> tuple[Operation, ...]:
    """What six clients of five members saw in a bad time: 360 operations on one key, half of them reads in this `mode`.

    Every 100 ms for six seconds three clients write and three read, each round through other members. After two seconds the
    leader crashes; after four the next leader is cut off. Raises ValueError for another mode
    than "linearizable" and "serializable".
    """
    cluster = SimulatedCluster(5, seed=seed, timeout_ms=1000)
    cluster.run_for(2 - cluster.now)
    names = cluster.members
    for moment in range(60):
        if moment == 20 and cluster.leader is not None:
            cluster.crash(cluster.leader)
        if moment == 40 and cluster.leader is not None:
            cluster.partition({cluster.leader})
        for i in range(3):
            via = names[(moment + i) % 5]
            cluster.submit("write", "lock", f"w{i + 1}.{moment}", via=via, client=f"writer {i + 1}")
            cluster.submit("read", "lock", via=via, mode=mode, client=f"reader {i + 1}")
        cluster.run_for(0.1)
    return tuple(cluster.history())


def _star(delays: Sequence[float], disk_ms: float = 0.0) -> SimulatedCluster:
    """A cluster led by `etcd-1`, whose followers are `delays` ms away, one way."""
    cluster = SimulatedCluster(len(delays) + 1, leader="etcd-1", latency_ms=0, disk_ms=disk_ms)
    for name, ms in zip(cluster.members[1:], delays, strict=True):
        cluster.delay("etcd-1", name, ms=ms)
    cluster.run_for(2.0)
    return cluster


def _check_members(members: int) -> None:
    if members not in range(3, 8):
        raise ValueError(f"The experiment has 3 to 7 members, not {members!r}; choose one of these sizes.")
