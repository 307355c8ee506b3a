"""A design review as a picture: the layout on the left, every check on the right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from quorumlab.arguments import shown, whole
from quorumlab.experiments.briefs import PAYMENTS, Brief
from quorumlab.experiments.design_review import DesignReview, design_review, in_its_places, layout
from quorumlab.topology import Topology
from quorumlab.views.style import ACCENT, INK, PLACES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 8
CHARACTERS = 46
"""Of a check that fit on its line."""


def brief_table(brief: Brief) -> Table:
    """What a brief asks, as a table."""
    survive = " and ".join(level.replace("+1", " and one machine more") for level in brief.survive)
    rows = [
        ("in their words", brief.words),
        ("places", ", ".join(brief.places)), ("clients in", brief.client), ("to survive", f"the loss of any one {survive}"),
        ("a write", f"{brief.write_ms:g} ms at most"), ("a commit on the bad day", f"{brief.bad_day_ms:g} ms at most"),
        ("out of service a year", f"{plural(int(brief.hours_a_year), 'hour')} at most"), ("voters", f"{brief.members} at most"),
    ]  # fmt: skip
    return Table.of(("what is asked", "how much of it"), rows)


def review_view(t: Topology, review: DesignReview) -> View:
    """What the reviewer says of a layout; raises TypeError for what is no review."""
    if not isinstance(review, DesignReview):
        raise TypeError(f"{shown(review)} is no review; give what design_review gives.")
    t = in_its_places(t, review.brief)
    rows = [(check.asked, check.found, "✓" if check.holds else "✕") for check in review.checks]
    held = t.votes_in("zone")
    places = ", ".join(f"{zone} {votes}" for zone, votes in held.items())
    failing = sum(not check.holds for check in review.checks)
    alt = f"Voters by zone: {places}. Beside them {len(rows)} checks, of which {failing or 'none'} {'fails' if failing == 1 else 'fail'}."
    height = 0.75 + 0.3 * max(len(held), len(rows))
    return View(
        str(review), alt, Table.of(("asked", "found", "holds"), rows),
        lambda figure: _draw(figure, t, review), (7.0, height), (0.15, 0.15, 0.45, 0.1),
    )  # fmt: skip


def proposal_view(virginia: int, ohio: int, dublin: int, mumbai: int) -> View:
    """The review of so many voters in each region of the brief on payments, two zones in turn where there are two.

    Raises ValueError if nobody votes, TypeError for what is no whole number.
    """
    counts = [whole(n, "the number of voters", least=0, most=9) for n in (virginia, ohio, dublin, mumbai)]
    zones = (("us-east-1a", "us-east-1b"), ("us-east-2a", "us-east-2b"), ("eu-west-1a",), ("ap-south-1a",))
    held = {
        zone: count // len(names) + (i < count % len(names))
        for count, names in zip(counts, zones, strict=True)
        for i, zone in enumerate(names)
    }
    if not any(held.values()):
        raise ValueError("Nobody votes; place one voter at least.")
    t = layout({zone: count for zone, count in held.items() if count}, PAYMENTS)
    view = review_view(t, design_review(t, PAYMENTS))
    return replace(view, size=(7.0, 0.75 + 0.3 * MOST_ROWS))


def _draw(figure: Figure, t: Topology, review: DesignReview) -> None:
    held, regions = t.votes_in("zone"), list(t.regions)
    rows = max(len(held), len(review.checks), round((figure.get_figheight() - 0.75) / 0.3))
    axes = figure.add_subplot(title="✓  I would sign this" if review.passes else "✕  I cannot sign this yet")
    for row, (zone, votes) in enumerate(held.items()):
        region = t.region_of[t.zones[zone][0]]
        axes.barh(row, 2.35, left=0, height=0.8, color=PLACES[regions.index(region) % len(PLACES)])
        axes.text(0.08, row, zone if len(zone) <= 13 else f"{zone[:12]}…", va="center", color=INK)
        shown = min(votes, 5)
        axes.plot(
            [1.45 + 0.15 * i for i in range(shown)],
            [row] * shown,
            color=INK,
            marker="o",
            linestyle="",
            markersize=7,
        )
        if votes > shown:
            axes.text(1.45 + 0.15 * shown, row, f"{votes}", va="center", color=INK)
    for row, check in enumerate(review.checks):
        colour = ACCENT if check.holds else VERMILION
        words = check.asked if len(check.asked) <= CHARACTERS else f"{check.asked[: CHARACTERS - 1]}…"
        axes.text(2.5, row, "✓" if check.holds else "✕", va="center", color=colour, weight="bold")
        axes.text(2.75, row, words, va="center", color=INK if check.holds else VERMILION)
    axes.set_xlim(0, 6.7)
    axes.set_ylim(rows - 0.5, -0.6)
    axes.axis("off")
