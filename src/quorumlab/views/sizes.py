"""How many members: what two more of them save, what each costs the leader's line, and what a fourth machine is good for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from quorumlab.arguments import default_names, mapping, number, probability, time_ms, whole
from quorumlab.availability import unavailability
from quorumlab.quorums import fault_tolerance, majority, quorum_size
from quorumlab.topology import Topology
from quorumlab.views.draw import LOG_SCALE, beside, name_rows, note
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import a_year, percent, plural, times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ODD_SIZES = (1, 3, 5, 7, 9)
ROUNDING = 1e-15
"""A share of the time that is only what binary arithmetic leaves over."""


def down_alone_and_shared(size: int, member_up: float, shared_up: float) -> tuple[float, float]:
    """The share of time without a majority: if members fail one by one only, and if what they all share fails as well."""
    alone = unavailability(majority(size), member_up)
    room = Topology.of({"room": size})
    return float(alone), float(unavailability(room, member_up, shared_up))


def returns_view(size: int, member_up: float, shared_up: float = 1.0) -> View:
    """What each two members more save, for odd sizes up to 9, where members fail one by one and all share something that may fail.

    ``size`` (odd, 1 to 9) is the one talked about; ``member_up`` and ``shared_up`` are the probabilities that a member, and that
    what they all share, is up: a building, a switch, a release, a certificate; 1 is nothing that fails. Raises ValueError for other
    sizes and probabilities, TypeError for what is no number.
    """
    if whole(size, "size", most=ODD_SIZES[-1]) not in ODD_SIZES:
        raise ValueError(f"size is {size}, but only odd sizes are drawn; choose one of 1, 3, 5, 7 and 9.")
    member_up = float(probability(member_up, "member_up", strictly=True))
    shared_up = float(probability(shared_up, "shared_up"))
    if not shared_up:
        raise ValueError("shared_up is 0, but what is never up needs no members; choose a number above 0.")
    down = {n: down_alone_and_shared(n, member_up, shared_up) for n in ODD_SIZES}
    floor = 1 - shared_up
    sentence = _returns(size, {n: both for n, (_, both) in down.items()}, floor)
    rows = [
        (n, quorum_size(n), fault_tolerance(n), a_year(alone), a_year(both), _saved(n, down))
        for n, (alone, both) in down.items()
    ]
    columns = (
        "members",
        "quorum",
        "may crash",
        "down a year, one by one",
        "with what all share",
        "two fewer are down",
    )
    shared = f", and what they all share {percent(shared_up)}" if floor else ""
    alt = (
        f"Two lines over 1, 3, 5, 7 and 9 members on a logarithmic axis, each member up {percent(member_up)} of the time{shared}: "
        f"one by one from {down[1][0]:.2g} to {down[9][0]:.2g}, with what all share from {down[1][1]:.2g} to {down[9][1]:.2g}. "
        f"A ring marks {plural(size, 'member')}."
    )
    return View(
        sentence, alt, Table.of(columns, rows), lambda figure: _draw_returns(figure, size, down, floor), (7.0, 3.8),
    )  # fmt: skip


def _returns(size: int, down: Mapping[int, float], floor: float) -> str:
    state = f"{plural(size, 'member')}: no majority for {a_year(down[size])} a year"
    if floor:
        state += f"; {a_year(floor)} of that would be left with any number of them"
    if size == ODD_SIZES[-1]:
        return f"{state}."
    more = down[size] / down[size + 2]
    if more >= 2:
        return f"{state}. Two more would leave {a_year(down[size + 2])}, {times(1 / more)} of it."
    saved = down[size] - down[size + 2]
    return f"{state}. Two more would save {a_year(saved) if saved > ROUNDING else 'nothing'}."


def _saved(n: int, down: Mapping[int, tuple[float, float]]) -> str:
    if n == 1:
        return "–"
    ratio = down[n - 2][1] / down[n][1]
    return "just as long" if 0.995 < ratio < 1.005 else f"{times(ratio)} as long"


def _draw_returns(figure: Figure, size: int, down: Mapping[int, tuple[float, float]], floor: float) -> None:
    axes = figure.add_subplot(
        title=f"{plural(size, 'member')}: no majority {down[size][1]:.3g} of the time",
        xlabel="members",
        ylabel=f"without a majority {LOG_SCALE}",
        yscale="log",
    )
    sizes = list(down)
    alone, both = ([pair[i] for pair in down.values()] for i in (0, 1))
    axes.plot(sizes, alone, color=MUTED, marker="s", markerfacecolor=PAPER, linestyle="--")
    note(axes, "failing one by one", (sizes[-1], alone[-1]), (11, -7), MUTED, on=PAPER)
    if floor:
        axes.axhline(floor, color=VERMILION, linestyle=":", marker="", linewidth=1.6)
        # Below its line, at the end at which the other line is not.
        at, ha = (0.6, "left") if down[ODD_SIZES[1]][0] > floor or down[1][0] < floor else (12.3, "right")
        note(axes, "what all share", (at, floor), (0, -10), VERMILION, on=PAPER, ha=ha)
        axes.plot(sizes, both, color=ACCENT, marker="o")
        note(axes, "both", (sizes[-1], both[-1]), (11, 9), ACCENT, on=PAPER)
    axes.plot([size], [down[size][1]], color=INK, marker="o", markersize=19, fillstyle="none", clip_on=False)
    axes.set_xticks(sizes)
    axes.set_xlim(0.5, 12.4)
    axes.margins(y=0.12)  # for the words below the lowest line
    axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0e}".replace("e-0", "e-"))
    axes.minorticks_off()


def fan_out_view(measured: Mapping[int, float], line_ms: float) -> View:
    """Writes a second that got through, by the number of members, beside what the leader's line lets through.

    ``measured`` is ``{members: writes a second}``, ``line_ms`` how long the line is busy with one copy: a leader of n members sends n − 1
    copies of each write, so 1000 / ((n − 1) × line_ms) writes fit into a second. Raises ValueError for a time of 0 or a size below 2.
    """
    line = time_ms(line_ms, "line_ms")
    sizes = sorted(whole(n, "size", least=2) for n in mapping(measured, "The writes measured", "{3: 450.0}"))
    measured = {n: float(number(measured[n], f"The writes of {n}", least=0)) for n in sizes}
    if not line or not sizes:
        raise ValueError(
            "A line that is never busy lets any number through; give a time above 0 ms, and a size."
        )
    fits = {n: 1000 / ((n - 1) * line) for n in sizes}
    rows = [(n, n - 1, f"{fits[n]:,.0f}", f"{measured[n]:,.0f}") for n in sizes]
    first, last = sizes[0], sizes[-1]
    sentence = (
        f"{plural(last, 'member')} take {measured[last]:,.0f} writes a second"
        + (f", {plural(first, 'member')} {measured[first]:,.0f}" if first != last else "")
        + f": the leader sends {plural(last - 1, 'copy', 'copies')} of each"
        + (f" instead of {first - 1}." if first != last else ".")
    )
    alt = "A bar for each size, with a mark where the leader's line would be full: " + "; ".join(
        f"{n} members {got} measured, {fit} fit" for n, _, fit, got in rows
    )

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(
            title="Writes a second, by the number of members",
            xlabel="writes a second     │ as many as fit on the leader's line",
        )
        for row, n in enumerate(sizes):
            axes.barh([row], [measured[n]], height=0.5, color=ACCENT)
            axes.plot(
                [fits[n]] * 2, [row - 0.38, row + 0.38], color=INK, marker="", linestyle="-", linewidth=2
            )
            beside(axes, f"{measured[n]:,.0f}", (max(fits[n], measured[n]), row), INK)
        name_rows(axes, [plural(n, "member") for n in sizes], above=0.7, below=0.6)
        axes.set_xlim(0, 1.2 * max(*fits.values(), *measured.values()))
        axes.grid(axis="y", visible=False)

    columns = (
        "members",
        "copies the leader sends",
        "writes that fit on its line",
        "writes a second, simulated",
    )
    return View(
        sentence,
        f"{alt}.",
        Table.of(columns, rows),
        draw,
        (7.0, 0.95 + 0.55 * len(sizes) + 0.25),
        (1.2, 0.3, 0.5, 0.65),
    )


USES = {"four voters": 4, "three voters and a spare": 3}
"""The uses of four machines: how many of them vote."""


def fourth_machine_view(lost: int = 2) -> View:
    """Four machines as four voters, and as three voters and a spare: every way to lose ``lost`` of them at once.

    Raises ValueError unless ``lost`` is 1, 2 or 3, TypeError for what is no whole number.
    """
    lost = whole(lost, "lost", most=3)
    machines = default_names(4)
    ways = list(combinations(range(4), lost))
    goes_on = {
        use: [sum(i not in gone for i in range(voters)) >= quorum_size(voters) for gone in ways]
        for use, voters in USES.items()
    }
    said = [f"{use} write on in {sum(on)} of {len(ways)}" for use, on in goes_on.items()]
    rows = [
        (
            " and ".join(machines[i] for i in gone),
            *("writes go on" if goes_on[use][at] else "writes stop" for use in USES),
        )
        for at, gone in enumerate(ways)
    ]
    sentence = f"Of the {len(ways)} ways to lose {lost} of four machines at once, {said[0]}, and {said[1]}."
    alt = f"Two rows of {len(ways)} small clusters of four, each with {lost} crossed out. {sentence} The spare is the fourth, dotted."

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(title=f"Every way to lose {lost} of four machines at once")
        for row, (use, voters) in enumerate(USES.items()):
            for at, gone in enumerate(ways):
                _draw_four(axes, (at * 1.0, row * 1.0), voters, gone, goes_on[use][at])
        axes.set_xlim(-0.55, len(ways) - 0.45)
        axes.set_ylim(1.55, -0.45)
        axes.set_yticks(range(len(USES)), ["four\nvoters", "three and\na spare"])
        axes.set_xticks([])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params("y", length=0)

    return View(sentence, alt, Table.of(("lost", *USES), rows), draw, (7.2, 3.0), (1.0, 0.1, 0.5, 0.1))


def _draw_four(axes: Axes, middle: tuple[float, float], voters: int, gone: Sequence[int], on: bool) -> None:
    """Four machines in a square: a solid disc votes, a dotted one is the spare, a cross is lost."""
    x, y = middle
    for i in range(4):
        at_x, at_y = x - 0.14 + 0.28 * (i % 2), y - 0.12 + 0.28 * (i // 2)
        spare, colour = i >= voters, VERMILION if i in gone else ACCENT
        fill = PAPER if spare or i in gone else ACCENT
        axes.scatter(
            [at_x],
            [at_y],
            s=240,
            facecolor=fill,
            edgecolor=colour,
            linewidth=1.8,
            linestyle=":" if spare else "-",
        )
        if i in gone:
            axes.plot(
                [at_x], [at_y], marker="x", markersize=9, linestyle="", color=VERMILION, markeredgewidth=2.2
            )
    axes.text(x, y + 0.42, "goes on" if on else "stops", ha="center", va="center", color=INK if on else VERMILION,
              weight="bold" if on else "normal")  # fmt: skip
