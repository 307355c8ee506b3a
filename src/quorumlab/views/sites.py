"""Clusters over two sites or three: who is left when one is lost, how often there is no quorum, and what the bad day costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quorumlab.arguments import cut, name, probability
from quorumlab.availability import unavailability
from quorumlab.latency import RTT
from quorumlab.latency.paths import Rtt
from quorumlab.planning import Decision, decide, over_sites
from quorumlab.views.draw import LOG_SCALE, beside, lines_across, name_rows, note, ticks_in_words
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import a_year, listed, ms, percent, times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STOPS, GO_ON = "writes stop", "writes go on"


def left_view(in_a: int, in_b: int, in_c: int = 0) -> View:
    """Who is left of the members in two or three sites when each site is lost, against the quorum.

    Raises ValueError for no members at all or more than fifteen in a site, TypeError for what is no number.
    """
    t = over_sites({"A": in_a, "B": in_b, "C": in_c})
    votes, n = dict(t.votes_in("region")), len(t.voters)
    left = {site: n - count for site, count in votes.items()}
    goes_on = {site: count >= t.quorum for site, count in left.items()}
    shape = " + ".join(str(count) for count in votes.values())
    outcomes = [
        f"without {site}, {left[site] or 'none'} {'is' if left[site] == 1 else 'are'} left: {GO_ON if goes_on[site] else STOPS}"
        for site in votes
    ]
    sentence = f"{shape}, and a quorum is {t.quorum} of {n}; {'; '.join(outcomes)}."
    rows = [("nothing is lost", n, t.quorum, GO_ON)]
    rows += [(f"{site} is lost", left[site], t.quorum, GO_ON if goes_on[site] else STOPS) for site in votes]
    alt = f"Rows of {n} members, solid where up and hollow where lost, and a line at the quorum of {t.quorum}. {sentence}"
    return View(
        sentence,
        alt,
        Table.of(("", "left", "needed", "writes"), rows),
        lambda figure: _draw_left(figure, votes, t.quorum),
        (7.0, 3.5),  # as high with a third site as without one
        margins=(1.25, 1.25, 0.5, 0.3),
    )


def _draw_left(figure: Figure, votes: Mapping[str, int], quorum: int) -> None:
    n = sum(votes.values())
    size = min(21.0, 300.0 / n)
    axes = figure.add_subplot(title=f"A quorum is {quorum} of {n}")
    for row, lost in enumerate([None, *votes]):
        stand = [site for site in votes if site != lost]
        order = [site for site in [*stand, *([lost] if lost else [])] for _ in range(votes[site])]
        for at, site in enumerate(order, 1):
            up = site != lost
            fill = PLACES["ABC".index(site)] if up else PAPER
            axes.plot(
                [at], [row], marker="o", markersize=size, markerfacecolor=fill, linestyle="",
                color=INK if up else MUTED, markeredgewidth=1.4 if up else 0.8,
            )  # fmt: skip
            if size > 16:  # else the words would be smaller than the page's
                axes.text(
                    at, row, site if up else "✕", ha="center", va="center", color=INK if up else VERMILION
                )
        goes_on = sum(votes[site] for site in stand) >= quorum
        words, colour = (GO_ON, ACCENT) if goes_on else (STOPS, VERMILION)
        note(axes, words, (n + 0.5, row), (10, 0), colour, annotation_clip=False)
    axes.axvline(quorum - 0.5, color=INK, linestyle="--", linewidth=1.2)
    note(axes, "a quorum from here", (quorum - 0.5, len(votes) + 0.65), (6, 4), INK, va="bottom")
    name_rows(axes, ["all are up", *(f"{site} is lost" for site in votes)], above=0.65, below=0.65)
    axes.set_xlim(0.4, max(n, 5) + 0.5)
    axes.set_xticks([])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params("y", length=0)


COMPARED: Mapping[str, tuple[int, ...]] = {
    "3 in one site": (3,),
    "2 + 1": (2, 1),
    "1 + 1 + 1": (1, 1, 1),
    "5 in one site": (5,),
    "3 + 2": (3, 2),
    "2 + 2 + 1": (2, 2, 1),
    "2 + 2": (2, 2),
    "3 + 3": (3, 3),
}
"""Layouts by name: the members in each site."""


YEAR_S = 365 * 24 * 3600
IN_A_YEAR = {
    seconds / YEAR_S: words
    for seconds, words in (
        (0.01, "10 ms"), (1, "1 s"), (60, "1 minute"), (600, "10 minutes"), (3600, "1 hour"), (36_000, "10 hours"),
        (4 * 86_400, "4 days"), (40 * 86_400, "40 days"),
    )
}  # fmt: skip
"""Shares of the time, and what they come to in a year."""


def without_quorum(layout: Sequence[int], member_up: float = 0.99, site_up: float = 0.999) -> float:
    """The probability of no quorum for so many members in each of some sites; members and sites fail independently."""
    return float(unavailability(over_sites(dict(zip("ABC", layout, strict=False))), member_up, site_up))


def price_view(member_up: float = 0.99, site_up: float = 0.999) -> View:
    """How long eight layouts over one, two and three sites are without a quorum, exactly, on a logarithmic axis.

    The probabilities must lie strictly between 0 and 1: ValueError, TypeError for what is no number.
    """
    up = float(probability(member_up, "member_up", strictly=True))
    site = float(probability(site_up, "site_up", strictly=True))
    down = {name: without_quorum(layout, up, site) for name, layout in COMPARED.items()}
    first = down["3 in one site"]
    rows = [
        (name, len(COMPARED[name]), f"{u:.3e}", f"{8760 * u:.3g}", "–" if u == first else times(u / first))
        for name, u in down.items()
    ]
    sentence = (
        f"A member up {percent(up)}, a site {percent(site)}: three in one site are without a quorum for {a_year(first)} a year, "
        f"2 + 1 over two for {a_year(down['2 + 1'])}, 2 + 2 for {a_year(down['2 + 2'])}, 1 + 1 + 1 over three for {a_year(down['1 + 1 + 1'])}."
    )
    alt = "A dot for each layout on a logarithmic axis: " + "; ".join(
        f"{name} {a_year(u)}" for name, u in down.items()
    )
    return View(
        sentence,
        f"{alt}.",
        Table.of(("layout", "sites", "share of time", "hours a year", "against 3 in one site"), rows),
        lambda figure: _draw_prices(figure, down),
        (7.0, 4.0),
        margins=(1.35, 0.3, 0.5, 0.65),
    )


def _draw_prices(figure: Figure, down: Mapping[str, float]) -> None:
    signs = "left is better     ● one site     □ two sites     ◆ three sites"
    axes = figure.add_subplot(title=f"Without a quorum, in a year {LOG_SCALE}", xlabel=signs, xscale="log")
    low, high = min(down.values()) / 3, max(down.values()) * 3
    looks = {1: (MUTED, "o", MUTED), 2: (VERMILION, "s", PAPER), 3: (ACCENT, "D", ACCENT)}
    for row, (layout, u) in enumerate(down.items()):
        colour, marker, fill = looks[len(COMPARED[layout])]
        axes.plot([u], [row], color=colour, marker=marker, markerfacecolor=fill, markersize=9, linestyle="")
        beside(axes, a_year(u), (u, row), colour, left=u > (low * high) ** 0.5)
    name_rows(axes, list(down))
    axes.set_xlim(low, high)
    ticks_in_words(axes.xaxis, IN_A_YEAR, low, high)
    lines_across(axes)


def decision_view(
    sites: Mapping[str, int],
    rtt: Rtt = RTT,
    home: str | None = None,
    *,
    member_up: float = 0.99,
    site_up: float = 0.999,
) -> View:
    """What a layout over sites costs on a usual day and on each bad one, and what would mend it; arguments and errors as in ``decide``."""
    found = decide(sites, rtt, home, member_up=member_up, site_up=site_up)
    t = found.topology
    days: dict[str, float | None] = {"a usual day": found.usual}
    days |= {f"{site} is lost": after.commit_latency for site, after in found.lost.items()}
    rows = [("a usual day", "go on", _time(found.usual), t.region_of[found.leader], t.spare, "nothing", "–")]
    for site, after in found.lost.items():
        leads = t.region_of[after.leader] if after.leader else "nobody"
        rows.append(
            (
                f"{site} is lost", "go on" if after.goes_on else "stop", _time(after.commit_latency), leads,
                max(after.spare, 0), after.operator or "nothing", after.at_risk or "–",
            )
        )  # fmt: skip
    columns = ("day", "writes", "a write takes", "led from", "further members that may be lost", "what somebody must do", "what may be lost")  # fmt: skip
    alt = "A row for each day with what a write takes: " + "; ".join(
        f"{day}: {_time(time)}" for day, time in days.items()
    )
    return View(
        _decided(found),
        f"{alt}.",
        Table.of(columns, rows),
        lambda figure: _draw_days(figure, _shape(t.votes_in("region")), days),
        (7.0, 1.8 + 0.5 * len(sites)),  # also where a site has no member
        margins=(1.75, 0.3, 0.5, 0.65),
    )


# What a reviewer calls zones that are not there yet, in the words of this page.
NEW_SITES = {"another zone": "another site", "another zone 2": "a third site"}


def _decided(found: Decision) -> str:
    """The layout in words: its verdict, its price, and the smallest change."""
    t, n = found.topology, len(found.topology.voters)
    alone = len(t.regions) == 1
    shape = f"{_shape(t.votes_in('region'))}{'' if alone else f', led from {t.region_of[found.leader]}'}"
    if found.stops:
        either = "either " if len(found.stops) == 2 else ""
        verdict = f"the loss of {either}{' or '.join(found.stops)} stops writes"
    else:
        verdict = "any one site may be lost"
    against = "" if alone else f"; {n} in one site would have none for {a_year(found.in_one_site)}"
    said = f"{shape}: {verdict}. {_price(found)}. There is no quorum for {a_year(found.unavailability)} a year{against}."
    if found.mended is None:
        return said
    votes = found.mended.votes_in("region")
    mended = {NEW_SITES.get(place, place): votes[place] for place in sorted(votes, key=_new)}
    return f"{said} The smallest change that survives any one site: {_shape(mended)}."


def _new(place: str) -> int:
    return list(NEW_SITES).index(place) + 1 if place in NEW_SITES else 0


def _price(found: Decision) -> str:
    usual = f"takes {_time(found.usual)}" if found.usual else "waits for no other site"
    if len(found.stops) == len(found.lost):
        return f"A write {usual} on a usual day"
    bad = "when another site is lost" if found.stops else "on a bad one"
    if found.worst == found.usual:
        return f"A write {usual}, on a usual day and {bad}"
    return f"A write {usual} on a usual day, and takes up to {_time(found.worst)} {bad}"


def _shape(votes: Mapping[str, int]) -> str:
    return listed([f"{count} in {site}" for site, count in votes.items()])


def _time(time: float | None) -> str:
    if time is None:
        return "–"
    return ms(round(time, 1)) if time else "no trip"


def third_site_view(here: str, there: str, third: str, each: int = 1) -> View:
    """``each`` members in two AWS regions, the leader kept ``here``, and one member in a third; by ``ql.RTT``.

    Raises ValueError if two of the regions are the same one, or for a region that is not in the table.
    """
    named = [name(site, "The sites include") for site in (here, there, third)]
    if len(set(named)) < 3:
        raise ValueError(
            f"The sites are {listed(map(cut, named))}, but must be three; choose another region."
        )
    return decision_view({here: each, there: each, third: 1}, RTT, here)


def _draw_days(figure: Figure, title: str, days: Mapping[str, float | None]) -> None:
    axes: Axes = figure.add_subplot(title=title, xlabel="ms until a write is committed")
    longest = max(1.0, *(time or 0.0 for time in days.values()))
    for row, (day, time) in enumerate(days.items()):
        if time is None:
            beside(axes, f"✕ {STOPS}", (0, row), VERMILION)
            continue
        colour = MUTED if day == "a usual day" else ACCENT
        axes.barh(row, time, height=0.5, color=colour)
        beside(axes, _time(time), (time, row), INK)
    name_rows(axes, list(days))
    axes.set_xlim(0, 1.3 * longest)
    if not any(days.values()):
        axes.set_xticks([0])  # no other number says anything where nobody waits
    lines_across(axes)
