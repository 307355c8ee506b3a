"""A cluster on the map of the world: where its members stand, who leads, where the client is, what is lost, and the milliseconds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from quorumlab.latency.regions import detour
from quorumlab.latency.situation import Situation, Times, awaited_regions, regions_of, situation, times
from quorumlab.views.draw import Sheet, crown
from quorumlab.views.labels import Box, Line, Point, free_place
from quorumlab.views.land import HEIGHT, WIDTH, coasts, on_map
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import CSS_PIXELS_PER_INCH, Table, View
from quorumlab.words import listed, plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure

APART = 30.0
"""Pixels between two regions at least: nearer ones are pushed apart, so that each can be hit."""

MOST_IN_REGION = 3
LAND = "#e3e6ea"
COAST = "#7b838b"
"""Apart from land and sea by 3:1 in either theme, and thin: the map is there to be read, the lines of the cluster to be seen."""

LETTER = 8.0
"""Pixels of a letter, on average."""


SIZE = (WIDTH / CSS_PIXELS_PER_INCH, HEIGHT / CSS_PIXELS_PER_INCH)


def land_view() -> View:
    """The land alone, which never changes: a map that is redrawn often sends it once."""
    return View(
        "The land of the earth.",
        "A map of the world.",
        Table.of(("what",), [("land",)]),
        lambda figure: _draw_land(Sheet.over(figure, WIDTH, HEIGHT)),
        SIZE,
        (0, 0, 0, 0),
    )


def world_view(
    members: Mapping[str, int],
    leader: str | None = None,
    client: str | None = None,
    lost: str | None = None,
    cloud: str = "AWS",
    *,
    land: bool = True,
) -> View:
    """The cluster of ``situation`` on the map: lines from the leader to those who vote, with their round trips.

    A full line leads to a region whose answer the leader waits for, a dotted one to a region that answers too late to matter. An
    estimate has ``≈`` before it. With ``land=False`` nothing is drawn beneath, for whoever lays it on ``land_view``. Raises ValueError as ``situation`` does.
    """
    s = situation(members, leader, client, lost, cloud)
    before, now = times(s, lost=False), times(s, lost=True)
    return View(
        _sentence(s, now), _alt(s), _table(s, before, now), lambda figure: _draw(figure, s, land), SIZE, (0, 0, 0, 0),
    )  # fmt: skip


@cache
def spots(cloud: str) -> Mapping[str, Point]:
    """Where each region of a cloud is drawn, in pixels: where it is, or beside it if another is too near."""
    at = {region.name: on_map(region.lat, region.lon) for region in regions_of(cloud)}
    for _ in range(60):
        for one in at:
            for other in at:
                at[one] = _pushed(at[one], at[other]) if one != other else at[one]
    return at


def _pushed(point: Point, other: Point) -> Point:
    """A point, moved half of what it is too near to another one."""
    gap = math.dist(point, other)
    if gap >= APART:
        return point
    way = (point[0] - other[0], point[1] - other[1]) if gap else (1.0, 0.0)
    step = (APART - gap) / 2 / (gap or 1.0) + 0.001
    return point[0] + way[0] * step, point[1] + way[1] * step


# ---------------------------------------------------------------- words


def words_of(s: Situation, name: str) -> str:
    """What stands in a region, in a few words."""
    here = len(s.t.regions.get(name, ()))
    parts = [plural(here, "member") if here else "no member"]
    parts += ["leads"] if s.now_leads and name == s.t.region_of[s.now_leads] else []
    parts += ["the client is here"] if name == s.client else []
    parts += ["lost"] if name == s.lost else []
    return ", ".join(parts)


def _sentence(s: Situation, now: Times) -> str:
    t, voters = s.t, len(s.t.voters)
    where = f"{plural(voters, 'member')} in {plural(len(t.regions), 'region')}, quorum {t.quorum}"
    if now.commit is None:
        stale = ""
        if now.serializable is not None:
            stale = f" A client in {s.client} still gets serializable reads, perhaps stale, after {_ms(now.serializable)}."
        by_hand = f" {s.after.operator}" if s.after else ""
        return f"{where}. {s.lost} is lost, and {voters - len(s.down)} of {voters} are no quorum: no write can be committed.{stale}{by_hand}"
    lead = t.region_of[s.now_leads or s.leader]
    loss = "" if s.lost is None else f" {s.lost} is lost;"
    spare = t.spare if s.after is None else s.after.spare
    more = (
        f"writes go on if {'any one more member is' if spare == 1 else f'any {spare} more are'} lost"
        if spare
        else "no further member may be lost"
    )
    parts = [f"{where}.{loss} {lead} leads: a write is committed after {_ms(now.commit)}, and {more}."]
    if now.write is not None:
        parts.append(
            f"A client in {s.client} waits {_ms(now.write)} for its write, {_ms(now.linearizable)} for a linearizable "
            f"read and {_ms(now.serializable)} for a serializable one."
        )
    elif s.client is not None:
        parts.append(f"The client in {s.client} is lost as well.")
    return " ".join([*parts, _guesses(s)]).strip()


def _guesses(s: Situation) -> str:
    """Which round trips are estimates, and how they are made; "" if none is."""
    if not s.apart.estimated:
        return ""
    pairs = sorted(s.apart.estimated)
    which = (
        "All round trips between regions are estimates"
        if len(pairs) == len(s.apart.table)
        else f"{'This round trip is an estimate' if len(pairs) == 1 else 'These round trips are estimates'}: {listed([f'{a}–{b}' for a, b in pairs[:3]])}{' and others' if len(pairs) > 3 else ''}"
    )
    return f"{which} (≈), {detour():.2f} × the time of light in a straight fibre, there and back; they may be off by half."


def _alt(s: Situation) -> str:
    drawn = [*s.t.regions, *(name for name in (s.client, s.lost) if name and name not in s.t.regions)]
    places = "; ".join(f"{name}: {words_of(s, name)}" for name in dict.fromkeys(drawn))
    home = s.t.region_of[s.now_leads] if s.now_leads else s.lost
    lines = ", ".join(
        f"{name} {_rtt(s, home, name)}" for name in s.t.regions if home and name not in (home, s.lost)
    )
    return f"A map of the world. {places}." + (
        f" Round trips from {home}: {lines}." if lines and s.now_leads else ""
    )


def _table(s: Situation, before: Times, now: Times) -> Table:
    client = s.client or "nowhere"
    labels = (
        "a commit at the leader", f"a write, client in {client}", f"a linearizable read, client in {client}",
        f"a serializable read, client in {client}",
    )  # fmt: skip
    shown_now = s.lost is not None
    columns = ("what takes how long", "all is well", *((f"without {s.lost}",) if shown_now else ()))
    rows = [
        (label, _ms(a), *((_ms(b),) if shown_now else ()))
        for i, (label, a, b) in enumerate(zip(labels, before, now, strict=True))
        if s.client is not None or i == 0
    ]
    spare = s.after.spare if s.after else s.t.spare
    rows.append(
        (
            "further members that may be lost",
            s.t.spare,
            *((max(spare, 0) if spare >= 0 else "no quorum",) if shown_now else ()),
        )
    )
    rows += [(f"in {name}", words_of(s, name), *(("",) if shown_now else ())) for name in s.t.regions]
    rows += [
        (f"round trip {s.leads}–{name}", _rtt(s, s.leads, name), *(("",) if shown_now else ()))
        for name in s.t.regions
        if name != s.leads
    ]
    return Table.of(columns, rows)


def _ms(time: float | None) -> str:
    if time is None:
        return "no answer"
    return f"{time:.0f} ms" if time >= 100 else f"{time:.1f} ms" if time else "0 ms"


def _rtt(s: Situation, one: str, other: str) -> str:
    pair = (min(one, other), max(one, other))
    return f"{'≈' if pair in s.apart.estimated else ''}{s.apart.table[pair]:.0f} ms"


# ---------------------------------------------------------------- picture


def _draw(figure: Figure, s: Situation, land: bool) -> None:
    sheet = Sheet.over(figure, WIDTH, HEIGHT)
    if land:
        _draw_land(sheet)
    figure.patch.set_visible(land)
    at = spots(s.cloud)
    links = _links(s, at)
    for link in links:
        sheet.plot(*zip(*link.line, strict=True), marker="", **link.look)
    empty = [spot for name, spot in at.items() if name not in s.t.regions]
    sheet.plot(
        [x for x, _ in empty], [y for _, y in empty], marker="o", markersize=8, color=MUTED, markerfacecolor=PAPER,
        markeredgewidth=1.6, linestyle="", zorder=4,
    )  # fmt: skip
    for name in s.t.regions:
        _draw_members(sheet, s, name, at[name])
    _draw_signs(sheet, s, at)
    _write_names(sheet, s, at, [link.line for link in links])


def _write_names(sheet: Sheet, s: Situation, at: Mapping[str, Point], lines: list[Line]) -> None:
    """A name beside each region where something is, on no line and no other name if there is such a place."""
    taken: list[Box] = [(x - 13, y - 13, x + 13, y + 13) for x, y in at.values()]
    if s.now_leads is not None:
        x, y = at[s.t.region_of[s.now_leads]]
        taken.append((x - 12, y - 26, x + 12, y))  # the crown
    if s.client is not None:
        x, y = at[s.client]
        taken.append((x - 15, y - 15, x + 15, y + 15))
    patch = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    for name in dict.fromkeys((*s.t.regions, *filter(None, (s.client, s.lost)))):
        words, colour = _label(s, name)
        place = free_place(at[name], len(words) * LETTER, taken, lines, (WIDTH, HEIGHT))
        behind = None if place.clear else patch
        sheet.text(place.x, place.y, words, ha=place.side, va="center", color=colour, bbox=behind, zorder=6)


def _label(s: Situation, name: str) -> tuple[str, str]:
    """What is written beside a region, and in which colour: its round trip to the leader, where that is elsewhere."""
    if name == s.lost:
        return f"{name} · lost", VERMILION
    home = None if s.now_leads is None else s.t.region_of[s.now_leads]
    parts = [name]
    if home is not None and name != home and name in s.t.regions:
        parts.append(_rtt(s, home, name))
    if name == s.client:
        parts.append("client")
    return " · ".join(parts), INK


def _draw_land(sheet: Sheet) -> None:
    from matplotlib.patches import PathPatch

    sheet.add(PathPatch(_land_path(), facecolor=LAND, edgecolor=COAST, linewidth=0.6, zorder=0), clip=True)


@cache
def _land_path() -> Any:
    """All coasts as one path: made and drawn sixty times as quickly as one after the other."""
    from matplotlib.path import Path

    return Path.make_compound_path(*(Path(ring, closed=True) for ring in coasts()))


class Link(NamedTuple):
    """A line of the picture, and how it is drawn."""

    line: Line
    look: Mapping[str, Any]


NEEDED = {"color": ACCENT, "linestyle": "-", "linewidth": 2, "zorder": 2}
LATE = {"color": MUTED, "linestyle": ":", "linewidth": 1.6, "zorder": 2}
ASKS = {"color": INK, "linestyle": "--", "linewidth": 1.2, "zorder": 1}


def _links(s: Situation, at: Mapping[str, Point]) -> list[Link]:
    """From the leader to each region whose answer it waits for or hears late, and to the client."""
    if s.now_leads is None:
        return []
    home, awaited = s.t.region_of[s.now_leads], awaited_regions(s)
    away = [name for name in s.t.regions if name not in (home, s.lost)]
    links = [Link((at[home], at[name]), NEEDED if name in awaited else LATE) for name in away]
    if s.client and s.client not in (home, s.lost):
        (x0, y0), (x1, y1) = at[home], at[s.client]
        links.append(Link(((x0, y0 + 3), (x1, y1 + 3)), ASKS))
    return links


def _draw_members(sheet: Sheet, s: Situation, name: str, spot: Point) -> None:
    (x, y), lost = spot, name == s.lost
    sheet.plot(
        [x], [y], marker="o", markersize=15, color=VERMILION if lost else ACCENT, markerfacecolor=PAPER if lost else ACCENT,
        markeredgewidth=1.6, linestyle="", zorder=4,
    )  # fmt: skip
    sheet.text(
        x, y + 0.5, "" if lost else str(len(s.t.regions[name])), ha="center", va="center_baseline", color=PAPER,
        weight="bold", zorder=5,
    )  # fmt: skip


def _draw_signs(sheet: Sheet, s: Situation, at: Mapping[str, Point]) -> None:
    """A crown for who leads, a square around the client, a cross over what is lost."""
    if s.now_leads is not None:
        x, y = at[s.t.region_of[s.now_leads]]
        sheet.plot([x], [y - 15], marker=crown(), markersize=13, color=INK, linestyle="", zorder=5)
    if s.client is not None:
        x, y = at[s.client]
        sheet.plot(
            [x],
            [y],
            marker="s",
            markersize=21,
            markerfacecolor="none",
            color=INK,
            markeredgewidth=1.4,
            linestyle="",
            zorder=4,
        )
    if s.lost is not None:
        x, y = at[s.lost]
        sheet.plot(
            [x - 9, x + 9, math.nan, x - 9, x + 9],
            [y - 9, y + 9, math.nan, y + 9, y - 9],
            color=VERMILION,
            linewidth=2,
            marker="",
            zorder=5,
        )
