"""A topology under review: its zones, and what the loss of each leaves; and layouts side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from quorumlab.arguments import probability, shown
from quorumlab.availability import unavailability
from quorumlab.latency.traffic import traffic_cost
from quorumlab.topology import Topology
from quorumlab.topology.placement import LEARNER, WITNESS
from quorumlab.views.draw import LOG_SCALE, beside, lines_across, name_rows
from quorumlab.views.style import ACCENT, INK, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import a_year, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_ROWS = 12
"""More zones than fit on a picture are told in words: the fullest are drawn, and the table has all."""
MOST_DISCS = 7


class Loss(NamedTuple):
    """What is left when a zone is lost; ``spare`` are the voters that may be lost then, below 0 those that are missing."""

    zone: str
    region: str
    members: tuple[str, ...]
    votes: int
    left: int
    spare: int

    @property
    def words(self) -> str:
        """What that means, in a few words."""
        if self.spare < 0:
            return "writes stop"
        return "goes on, " + (f"{self.spare} to spare" if self.spare else "none to spare")


def losses(t: Topology) -> list[Loss]:
    """What the loss of each zone leaves, in the order of the topology."""
    votes = t.votes_in("zone")
    return [
        Loss(
            zone, t.region_of[names[0]], names, votes[zone], len(t.voters) - votes[zone], t.spare_after_loss_of(zone=zone)
        )
        for zone, names in t.zones.items()
    ]  # fmt: skip


def review_view(t: Topology) -> View:
    """A topology zone by zone: who stands there, and whether writes go on without it; the sentence is the reviewer's verdict."""
    found = losses(t)
    several = len(t.regions) > 1
    rows = [
        (x.zone, *([x.region] if several else []), _named(x.members), x.votes, f"{x.left} of {len(t.voters)}", x.words)
        for x in found
    ]  # fmt: skip
    columns = (
        "zone",
        *(["region"] if several else []),
        "members",
        "votes",
        "left without it",
        "if it is lost",
    )
    drawn = found
    if len(found) > MOST_ROWS:
        drawn = sorted(found, key=lambda x: -x.votes)[:MOST_ROWS]
    told = "; ".join(f"{x.zone} holds {plural(x.votes, 'voter')}, without it: {x.words}" for x in drawn)
    alt = (
        f"A row for each zone with a disc for each member. A quorum is {t.quorum} of {len(t.voters)}. {told}."
    )
    return View(
        str(t.verdict()), alt, Table.of(columns, rows), lambda figure: _draw_zones(figure, t, drawn),
        (7.2, 0.95 + 0.62 * len(drawn)), (1.35, 0.1, 0.62, 0.1),
    )  # fmt: skip


def reviewed(text: str) -> View:
    """The review of a topology in YAML. Raises ValueError, in one sentence that names the line, for what is none."""
    if not isinstance(text, str):
        raise TypeError(f"The topology is {shown(text)}, but must be a YAML text; write it in quotes.")
    return review_view(Topology.from_yaml(f"{text}\n"))  # with a line's end it is no path


def _named(members: Sequence[str]) -> str:
    more = len(members) - MOST_ROWS
    return ", ".join(members[:MOST_ROWS]) + (f" and {more} more" if more > 0 else "")


def _draw_zones(figure: Figure, t: Topology, drawn: Sequence[Loss]) -> None:
    axes = figure.add_subplot(
        title=f"A quorum is {t.quorum} of {plural(len(t.voters), 'voter')}. Lost one at a time:"
    )
    places = list(t.zones)
    for row, loss in enumerate(drawn):
        _draw_band(axes, row, PLACES[places.index(loss.zone) % len(PLACES)])
        for at, name in enumerate(loss.members[:MOST_DISCS]):
            _draw_disc(axes, (0.55 + at * 0.62, row), name, t.role_of[name])
        if (more := len(loss.members) - MOST_DISCS) > 0:
            axes.text(0.2 + MOST_DISCS * 0.62, row, f"+ {more}", va="center", color=INK)
        colour = VERMILION if loss.spare < 0 else INK
        axes.text(
            7.4,
            row,
            loss.words,
            ha="right",
            va="center",
            color=colour,
            weight="bold" if loss.spare < 0 else "normal",
        )
    axes.set_xlim(0, 7.5)
    name_rows(axes, [_short(loss.zone) for loss in drawn], above=0.5, below=0.5)
    axes.set_xticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params("y", length=0)


def _short(name: str, most: int = 14) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _draw_band(axes: Axes, row: int, colour: str) -> None:
    axes.axhspan(row - 0.44, row + 0.44, facecolor=colour, edgecolor="none", zorder=0)


def _draw_disc(axes: Axes, at: tuple[float, float], name: str, role: str) -> None:
    """A solid disc votes and holds the data; a dotted one is a learner; a hollow one a witness. The name stands in it by its end."""
    x, y = at
    solid = role not in (LEARNER, WITNESS)
    axes.scatter(
        [x], [y], s=620, facecolor=ACCENT if solid else PAPER, edgecolor=ACCENT, linewidth=1.8,
        linestyle=":" if role == LEARNER else "-", zorder=2,
    )  # fmt: skip
    end = name.rsplit("-", 1)[-1][:3]
    axes.text(x, y, end, ha="center", va="center", color=PAPER if solid else INK, weight="bold", zorder=3)


LAYOUTS: Mapping[str, str] = {
    "5 in one zone": "a: 5",
    "3 + 1 + 1": "a: 3, b: 1, c: 1",
    "1 + 1 + 1": "a: 1, b: 1, c: 1",
    "2 + 2 + 2": "a: 2, b: 2, c: 2",
    "2 + 2 + 1": "a: 2, b: 2, c: 1",
    "5 × 1": "a: 1, b: 1, c: 1, d: 1, e: 1",
    "3 + 3 + 3": "a: 3, b: 3, c: 3",
}
"""Ways to place members in zones of one region, as ``Topology.of`` takes them."""


def zoned(layout: str) -> Topology:
    """One of ``LAYOUTS`` as a topology of one region."""
    return Topology.of(
        LAYOUTS[layout], regions=dict.fromkeys("abcde"[: LAYOUTS[layout].count(":")], "region")
    )


def layouts_view(member_up: float, zone_up: float) -> View:
    """How long ways to place members in zones are without a majority, members and zones failing independently, and what they cost.

    Raises ValueError for probabilities of 0 or 1, TypeError for what is no number.
    """
    up = Fraction(str(probability(member_up, "member_up", strictly=True)))
    zone = Fraction(str(probability(zone_up, "zone_up", strictly=True)))
    placed = {name: zoned(name) for name in LAYOUTS}
    down = {name: float(unavailability(t, up, zone)) for name, t in placed.items()}
    rows = [
        (
            name, len(t.voters), "yes" if t.survives_any("zone") else "no", "yes" if t.survives_any_plus_one("zone") else "no",
            f"{down[name]:.3g}", a_year(down[name]), f"${traffic_cost(t):.2f}",
        )
        for name, t in placed.items()
    ]  # fmt: skip
    columns = (
        "layout",
        "members",
        "survives any zone",
        "and one more",
        "without a majority",
        "a year",
        "traffic for a GB written",
    )
    best = min(down, key=lambda name: down[name])
    sentence = (
        f"Members up {percent(member_up)} and zones {percent(zone_up)}: 2 + 2 + 1 is down {a_year(down['2 + 2 + 1'])} a year, five in "
        f"one zone {a_year(down['5 in one zone'])}, and {best} least, {a_year(down[best])}."
    )
    alt = "A dot for each layout on a logarithmic axis of time without a majority: " + "; ".join(
        f"{name} {a_year(share)} a year" for name, share in down.items()
    )

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot(
            title="Without a majority, by where the members stand",
            xlabel=f"share of time {LOG_SCALE}   ● survives the loss of any one zone   ✖ does not",
            xscale="log",
        )
        low, high = min(down.values()) / 3, max(down.values()) * 3
        for row, (name, share) in enumerate(down.items()):
            safe = bool(placed[name].survives_any("zone"))
            colour = ACCENT if safe else VERMILION
            axes.plot([share], [row], marker="o" if safe else "X", color=colour, linestyle="", markersize=10)
            beside(axes, f"{a_year(share)} a year", (share, row), INK, left=share > (low * high) ** 0.5)
        name_rows(axes, list(down))
        lines_across(axes)
        axes.set_xlim(low, high)
        axes.xaxis.set_major_formatter(lambda share, _: f"{share:.0e}".replace("e-0", "e-"))
        axes.minorticks_off()

    return View(sentence, f"{alt}.", Table.of(columns, rows), draw, (7.2, 3.9), (1.35, 0.3, 0.5, 0.75))
