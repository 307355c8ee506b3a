"""How groups overlap, and what quorums of two kinds survive."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from quorumlab.arguments import shown, whole
from quorumlab.quorums import election_quorum, overlap_counts, quorum_size
from quorumlab.views.draw import note, share_axis
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, TEAL, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MOST_DRAWN = 50
"""Members in one picture."""


def teams_view(members: int, size: int, shift: int) -> View:
    """Two teams of ``size`` among ``members`` that stand in a ring: who is in the first, in the second, in both.

    The first team begins with etcd-1, the second ``shift`` members further on round the ring. Raises ValueError unless
    1 ≤ size ≤ members and ``shift`` is at least 0, TypeError for what is no whole number.
    """
    members, shift = whole(members, "members", most=MOST_DRAWN), whole(shift, "shift", least=0)
    size = whole(size, "size", most=members)
    names = [f"etcd-{i + 1}" for i in range(members)]
    one = [i < size for i in range(members)]
    two = [(i - shift) % members < size for i in range(members)]
    both = [name for name, a, b in zip(names, one, two, strict=True) if a and b]
    if both:
        same = len(both) == size > 2
        shared = "both have the same members" if same else f"{listed(both)} {_is(both)} in both"
        sentence = (
            f"Two teams of {size} out of {members}: {shared}. Each team hears of what the other decided."
        )
    else:
        sentence = f"Two teams of {size} out of {members}: they miss each other, so each can decide without the other."
    rows = [(name, _yes(a), _yes(b), _yes(a and b)) for name, a, b in zip(names, one, two, strict=True)]
    alt = f"A row of {plural(members, 'member')}, with a band above for the first team and one below for the second. {sentence}"
    return View(
        sentence, alt, Table.of(("member", "first team", "second team", "in both"), rows),
        lambda figure: _draw_teams(figure, names, one, two), (7.0, 2.3), (1.25, 0.2, 0.15, 0.1),
    )  # fmt: skip


def _draw_teams(figure: "Figure", names: Sequence[str], one: Sequence[bool], two: Sequence[bool]) -> None:
    from matplotlib.patches import Rectangle

    axes = figure.add_subplot()
    axes.set_axis_off()
    for level, team, colour in ((0.62, one, VERMILION), (-0.9, two, TEAL)):
        for i, inside in enumerate(team):
            if inside:
                axes.add_patch(Rectangle((i - 0.5, level), 1.0, 0.2, color=colour, linewidth=0.8))
        words = "first team" if level > 0 else "second team"
        axes.text(-0.62, level + 0.1, words, ha="right", va="center", color=colour)
    for i, name in enumerate(names):
        shared = one[i] and two[i]
        axes.plot(
            [i], [0.12], marker="o", markersize=30, markeredgewidth=2, linestyle="",
            markerfacecolor=ACCENT if shared else PAPER, markeredgecolor=ACCENT if shared else MUTED,
        )  # fmt: skip
        words = f"{name}\nin both" if shared else name
        axes.text(i, -0.2, words, ha="center", va="top", color=ACCENT if shared else INK)
    axes.set_xlim(-0.55, max(len(names), 6) - 0.4)
    axes.set_ylim(-1.0, 0.95)


def overlap_view(members: int, group: int) -> View:
    """All pairs of two different groups of ``group`` out of ``members``, by how many members they share.

    Raises ValueError unless 1 ≤ group ≤ members, TypeError for what is no whole number.
    """
    members, group = whole(members, "members", least=0, most=MOST_DRAWN), whole(group, "group", least=None)
    if not 1 <= group <= members:
        raise ValueError(
            f"A group of {shown(group)} cannot be drawn from {plural(members, 'member')}; choose 1 to {shown(members)}."
        )
    # Counted are pairs in both orders, and each group with itself, which is the one pair that shares all.
    counts = [count // 2 for count in overlap_counts(members, group)[:-1]]
    total, strangers = sum(counts), counts[0]
    if not total:
        sentence = f"Groups of {group} out of {members}: there is only one, so there is no pair."
    elif strangers:
        sentence = (
            f"Groups of {group} out of {members}: {strangers:,} of {total:,} pairs share nobody, "
            f"so two groups of {group} can decide without hearing of each other."
        )
    else:
        sentence = (
            f"Groups of {group} out of {members}: all {total:,} pairs share someone, because "
            f"{group} + {group} = {2 * group} is more than {members}."
        )
    rows = [
        (shared, f"{count:,}", f"{100 * count / (total or 1):.1f} %") for shared, count in enumerate(counts)
    ]
    alt = (
        f"Bar chart of all pairs of groups ({total:,}): {strangers:,} without a shared member, "
        f"{total - strangers:,} with at least one."
    )
    table = Table.of(("shared members", "pairs", "of all"), rows)
    title = f"Pairs of groups of {group} out of {members}"
    return View(sentence, alt, table, lambda figure: _draw_overlaps(figure, title, counts))


def _draw_overlaps(figure: "Figure", title: str, counts: Sequence[int]) -> None:
    axes = figure.add_subplot(
        title=title, xlabel="members that the two groups share", ylabel="share of all pairs"
    )
    total, sizes = sum(counts) or 1, range(len(counts))
    shares = [count / total for count in counts]
    bars = axes.bar(sizes, shares, color=[VERMILION, *[ACCENT] * (len(counts) - 1)], width=0.62)
    bars[0].set_hatch("//")
    bars[0].set_edgecolor("white")
    for shared, (share, count) in enumerate(zip(shares, counts, strict=True)):
        words = f"{count:,}" if count else "none"
        axes.text(shared, share, words, ha="center", va="bottom", color=VERMILION if not shared else INK)
    axes.set_xticks(sizes)
    axes.set_ylim(0, (max(shares) or 1) * 1.18)
    axes.set_xlim(-0.6, max(len(counts), 3) - 0.4)
    share_axis(axes.yaxis)


def two_quorums_view(members: int, commit: int) -> View:
    """What a smaller commit quorum buys and costs: crashes that writes survive, and crashes that elections survive.

    ``members`` in the cluster, ``commit`` of them commit a write; elections use ``quorums.election_quorum``. Raises ValueError
    unless 1 ≤ commit ≤ majority, TypeError for what is no whole number.
    """
    members, commit = whole(members, "members", most=MOST_DRAWN), whole(commit, "commit", least=None)
    elect = election_quorum(members, commit)
    most = quorum_size(members)
    choices = range(1, most + 1)
    tolerated = {c: (members - c, members - election_quorum(members, c)) for c in choices}
    writes, elections = tolerated[commit]
    sentence = (
        f"{plural(members, 'member')}: a write waits for {commit}, a new leader needs {plural(elect, 'vote')}. "
        f"Writes under a living leader survive {_crashes(writes)}, electing a new one survives {_crashes(elections)}. "
    )
    if commit == most:
        sentence += "This is the majority for both."
    elif elections == tolerated[most][1]:
        sentence += (
            f"A majority for both would wait for {most}, and its elections would survive {_crashes(elections)} too. "
            "So this step costs the elections nothing. Its price: one copy of each write fewer at its commit."
        )
    else:
        survived = _crashes(tolerated[most][1])
        sentence += f"A majority for both would wait for {most}, and its elections would survive {survived}."
    rows = [(c, election_quorum(members, c), *tolerated[c], "shown" if c == commit else "") for c in choices]
    alt = (
        f"Two lines over the size of the commit quorum, 1 to {most} of {members}: writes survive {members - 1} down to "
        f"{members - most} crashes, elections 0 up to {members - most}. A dotted line marks {commit}: {writes} and {elections}."
    )
    columns = ("commit", "elect", "crashes that writes survive", "crashes that elections survive", "")
    title = f"{plural(members, 'member')}, commits by {commit}, elections by {elect}"
    return View(
        sentence, alt, Table.of(columns, rows),
        lambda figure: _draw_tolerated(figure, title, members, commit, tolerated), (7.0, 3.6),
    )  # fmt: skip


def _draw_tolerated(
    figure: "Figure", title: str, members: int, commit: int, tolerated: Mapping[int, tuple[int, int]]
) -> None:
    axes = figure.add_subplot(title=title, xlabel="members that commit a write", ylabel="crashes survived")
    axes.axvline(commit, color=MUTED, linestyle=":", linewidth=1.6)
    writes, elections = zip(*tolerated.values(), strict=True)
    _labelled(axes, writes, ACCENT, "o", "-", "writes, while the leader lives")
    _labelled(axes, elections, TEAL, "^", "--", "electing a new leader")
    axes.set_xticks(list(tolerated))
    axes.set_xlim(0.8, len(tolerated) + 0.2)
    axes.set_ylim(-0.12 * members, 1.08 * members - 0.6)
    axes.set_yticks(range(members))


def _labelled(axes: "Axes", crashes: Sequence[int], colour: str, marker: str, line: str, words: str) -> None:
    sizes = range(1, len(crashes) + 1)
    axes.plot(sizes, crashes, color=colour, marker=marker, linestyle=line, markersize=9)
    # Both lines end at the same point, at the majority; a label there would belong to either.
    note(axes, words, (1, crashes[0]), (10, 9 if crashes[0] > crashes[-1] else -9), colour)


def _crashes(count: int) -> str:
    return plural(count, "crash", "crashes") if count else "none"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _yes(holds: bool) -> str:
    return "yes" if holds else "–"


MOST_ROWS = 5
"""Of small clusters, one below the other: those of six members. The picture is as high for fewer, so that what stands below does not move."""


def fatal_sets_view(members: int) -> View:
    """Every smallest set of crashes that stops a majority of ``members``, those without the newest member beside those with it.

    Raises ValueError for other than 2 to 6 members (more sets than can be drawn), TypeError for what is no whole number.
    """
    members = whole(members, "members", least=2, most=6)
    names, fatal = [f"etcd-{i + 1}" for i in range(members)], members - quorum_size(members) + 1
    sets = list(combinations(range(members), fatal))
    without = [s for s in sets if members - 1 not in s]
    with_it = [s for s in sets if members - 1 in s]
    newest = names[-1]
    sentence = (
        f"{members} members stop when {fatal} of them {'is' if fatal == 1 else 'are'} down, which can be any of {len(sets)} sets: "
        f"{len(without)} without {newest}, {len(with_it)} with it."
    )
    rows = [
        (listed(names[i] for i in s), "with it" if members - 1 in s else "without it")
        for s in (*without, *with_it)
    ]
    alt = f"Two columns of small clusters, one for each set of {fatal} crashes. {sentence}"
    return View(
        sentence, alt, Table.of(("these are down", newest), rows),
        lambda figure: _draw_fatal_sets(figure, members, (f"without {newest}: {len(without)}", without), (f"with {newest}: {len(with_it)}", with_it)),
        (7.0, 2.85), (0.2, 0.2, 0.15, 0.1),
    )  # fmt: skip


def _rows(sets: Sequence[object]) -> int:
    return (len(sets) + 1) // 2 if len(sets) > 5 else len(sets)


def _draw_fatal_sets(figure: "Figure", members: int, *halves: tuple[str, Sequence[tuple[int, ...]]]) -> None:
    axes = figure.add_subplot()
    axes.set_axis_off()
    top = (MOST_ROWS - max(_rows(sets) for _, sets in halves)) / 4  # few sets do not cling to their heading
    for half, (words, sets) in enumerate(halves):
        colour = VERMILION if half else INK
        left, deep = 17.5 * half, _rows(sets)
        axes.text(left, -0.95, words, ha="left", va="center", weight="bold", color=colour)
        for number, down in enumerate(sets):
            for i in range(members):
                newest = half == 1 and i == members - 1
                x, y = left + 8 * (number // deep) + 0.5 + 1.2 * i, top + number % deep
                _draw_small(axes, x, y, i in down, VERMILION if newest else INK)
    axes.set_xlim(-0.5, 34.5)
    axes.set_ylim(MOST_ROWS - 0.4, -1.4)


def _draw_small(axes: "Axes", x: float, y: float, down: bool, colour: str) -> None:
    """A member as a small disc: solid if it is up, hollow and crossed if it is down."""
    axes.plot(
        [x], [y], marker="o", markersize=14, markeredgewidth=1.8, linestyle="",
        markerfacecolor=PAPER if down else MUTED, markeredgecolor=colour if down else MUTED,
    )  # fmt: skip
    if down:
        axes.plot([x], [y], marker="x", markersize=6, markeredgewidth=1.8, color=colour, linestyle="")
