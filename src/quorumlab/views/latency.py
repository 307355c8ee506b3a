"""When a write is committed, and what a request costs through each member."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from quorumlab.arguments import time_ms, whole
from quorumlab.experiments import measured_cost
from quorumlab.quorums import RequestKind, commit_time, quorum_size, request_cost
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.draw import beside, lines_across, name_rows, note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import ms, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DISK_MS = 6.0
FAR_RTT_MS = 80.0
NEAR_RTTS_MS = (10.0, 20.0, 30.0, 40.0)
MOST_ROWS = 9
"""Members that the picture of slow followers has room for."""


def commit_view(acknowledged: Sequence[float]) -> View:
    """A write on paper: who acknowledged it when, and when it was committed.

    ``acknowledged[0]`` is the leader's own disk; the others are the followers, in ms after the request arrived. Raises ValueError
    if there is none or one is negative, TypeError for what is no number.
    """
    times = [time_ms(time, "an acknowledgement") for time in acknowledged]
    n, needed = len(times), quorum_size(len(times))
    committed = float(commit_time(times))
    counted = sorted(range(n), key=lambda i: times[i])[:needed]
    names = ["leader", *(f"follower {i}" for i in range(1, n))]
    rows = [
        (name, ms(time), "counted" if i in counted else "not needed")
        for i, (name, time) in enumerate(zip(names, times, strict=True))
    ]
    sentence = (
        f"{plural(n, 'member')}, quorum {needed}: the write is committed after {ms(committed)}, "
        f"when acknowledgement number {needed} is in; {plural(n - needed, 'other acknowledgement')} not needed."
    )
    alt = f"A line for each member up to its acknowledgement; the commit line stands at {ms(committed)}."
    return View(
        sentence, alt, Table.of(("member", "acknowledged", "for the commit"), rows),
        lambda figure: _draw_commit(figure, names, times, counted, committed), (7.0, 1.2 + 0.42 * n),
    )  # fmt: skip


def _draw_commit(
    figure: "Figure", names: Sequence[str], times: Sequence[float], counted: Sequence[int], committed: float
) -> None:
    axes = figure.add_subplot(title="One write", xlabel="ms after the request")
    for i, time in enumerate(times):
        colour = ACCENT if i in counted else MUTED
        axes.plot([0, time], [i, i], color=colour, linestyle="-" if i in counted else ":", marker="")
        axes.plot([time], [i], color=colour, marker="o", fillstyle="full" if i in counted else "none")
        note(axes, f"{time:g}", (time, i), (9, 0), colour, on=PAPER)
    axes.axvline(committed, color=VERMILION, linestyle="--", linewidth=1.6)
    note(axes, "committed", (committed, -0.75), (6, 0), VERMILION)
    name_rows(axes, names, above=1.1)
    axes.set_xlim(0, max(times) * 1.12)
    axes.grid(axis="y", visible=False)


def slow_followers_view(members: int, slow: int, slow_ms: float) -> View:
    """A write when some followers are slow: the leader's disk takes 2 ms, quick followers 3, 4, 5 … ms, slow ones ``slow_ms``.

    Raises ValueError for more than 9 members, more slow followers than there are, or a negative time, TypeError for what is no number.
    """
    members = whole(members, "members", most=MOST_ROWS)
    slow = whole(slow, "slow", least=None)
    if not 0 <= slow < members:
        raise ValueError(
            f"{plural(slow, 'follower')} of {plural(members, 'member')} cannot be slow; choose 0 to {members - 1}."
        )
    quick = [3.0 + i for i in range(members - 1 - slow)]
    # As high for any number of members: what stands below does not move.
    return replace(commit_view([2.0, *quick, *[slow_ms] * slow]), size=(7.0, 4.2))


@cache
def _measured(kind: RequestKind, rtts: tuple[float, ...]) -> list[float]:
    return measured_cost(
        kind, rtts, partial(SimulatedCluster, leader="etcd-1", latency_ms=0, disk_ms=DISK_MS)
    )


def request_cost_view(request: RequestKind, far: int) -> View:
    """What a request costs through each of five members when ``far`` of the four followers are 80 ms away from the leader.

    The others are 10, 20, 30 and 40 ms away, there and back, and a disk write takes 6 ms. Bars are simulated, diamonds
    computed. Raises ValueError for another request, or other than 0 to 4 far followers, TypeError for what is no whole number.
    """
    far = whole(far, "far", least=0, most=len(NEAR_RTTS_MS))
    rtts = (*NEAR_RTTS_MS[: len(NEAR_RTTS_MS) - far], *[FAR_RTT_MS] * far)
    computed, simulated = request_cost(request, rtts, DISK_MS), _measured(request, rtts)
    names = ["etcd-1 (leader)", *(f"etcd-{i}" for i in range(2, len(rtts) + 2))]
    agree = all(abs(a - b) < 0.01 for a, b in zip(computed, simulated, strict=True))
    cheapest, dearest = min(simulated), max(simulated)
    if request == "serializable read":
        sentence = f"A {request} costs {ms(dearest)} through every member: it asks nobody else."
    else:
        sentence = (
            f"A {request} costs {ms(cheapest)} through the leader and {ms(dearest)} through the farthest follower, "
            f"with {plural(far, 'far follower')} of 4."
        )
    sentence += " Simulation and arithmetic agree." if agree else " Simulation and arithmetic differ."
    rows = [
        (name, ms(rtt), ms(a), ms(b))
        for name, rtt, a, b in zip(names, (0.0, *rtts), computed, simulated, strict=True)
    ]
    alt = f"Bars of the latency of a {request}: " + ", ".join(
        f"{ms(cost)} through {name}" for name, cost in zip(names, simulated, strict=True)
    )
    columns = ("through", "round trip to the leader", "computed", "simulated")
    return View(
        sentence, f"{alt}.", Table.of(columns, rows),
        lambda figure: _draw_costs(figure, f"A {request} through each member", names, computed, simulated),
        (7.0, 3.6), margins=(1.45, 0.3, 0.5, 0.65),
    )  # fmt: skip


def _draw_costs(
    figure: "Figure", title: str, names: Sequence[str], computed: Sequence[float], simulated: Sequence[float]
) -> None:
    # What signs mean stands below the axis, where no bar is, however long.
    signs = "ms until the client has its answer     bar: simulated   ◇ computed"
    axes = figure.add_subplot(title=title, xlabel=signs)
    for i, (a, b) in enumerate(zip(computed, simulated, strict=True)):
        axes.barh(i, b, color=ACCENT, height=0.5)
        axes.plot(
            [a], [i], color=INK, marker="D", markerfacecolor=PAPER, linestyle="", clip_on=False, zorder=5
        )
        beside(axes, ms(b), (b, i), INK, on=None)
    name_rows(axes, names)
    axes.set_xlim(0, 2.6 * FAR_RTT_MS)
    lines_across(axes)
