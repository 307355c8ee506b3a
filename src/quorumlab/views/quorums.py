"""How groups overlap, and what quorums of two kinds survive."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from quorumlab.arguments import whole
from quorumlab.quorums import election_quorum, overlap_counts, quorum_size
from quorumlab.views.draw import note, share_axis
from quorumlab.views.style import ACCENT, INK, MUTED, TEAL, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def overlap_view(members: int, group: int) -> View:
    """All pairs of groups of ``group`` out of ``members``, by how many members they share.

    Raises ValueError unless 1 ≤ group ≤ members, TypeError for what is no whole number.
    """
    members, group = whole(members, "members", least=None), whole(group, "group", least=None)
    if not 1 <= group <= members:
        raise ValueError(
            f"A group of {group} cannot be drawn from {plural(members, 'member')}; choose 1 to {members}."
        )
    counts = overlap_counts(members, group)
    total, strangers = sum(counts), counts[0]
    everyone = "the only pair shares" if total == 1 else f"all {total:,} pairs share"
    if strangers:
        sentence = (
            f"Groups of {group} out of {members}: {strangers:,} of {total:,} pairs share nobody, "
            f"so two groups of {group} can decide without hearing of each other."
        )
    else:
        sentence = (
            f"Groups of {group} out of {members}: {everyone} someone, because "
            f"{group} + {group} = {2 * group} is more than {members}."
        )
    rows = [(shared, f"{count:,}", f"{count / total:.1%}") for shared, count in enumerate(counts)]
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
    total, sizes = sum(counts), range(len(counts))
    shares = [count / total for count in counts]
    bars = axes.bar(sizes, shares, color=[VERMILION, *[ACCENT] * (len(counts) - 1)], width=0.62)
    bars[0].set_hatch("//")
    bars[0].set_edgecolor("white")
    for shared, (share, count) in enumerate(zip(shares, counts, strict=True)):
        words = f"{count:,}" if count else "none"
        axes.text(shared, share, words, ha="center", va="bottom", color=VERMILION if not shared else INK)
    axes.set_xticks(sizes)
    axes.set_ylim(0, max(shares) * 1.18)
    share_axis(axes.yaxis)


def two_quorums_view(members: int, commit: int) -> View:
    """What a smaller commit quorum buys and costs: crashes that writes survive, and crashes that elections survive.

    ``members`` in the cluster, ``commit`` of them commit a write; elections use ``quorums.election_quorum``. Raises ValueError
    unless 1 ≤ commit ≤ majority, TypeError for what is no whole number.
    """
    members, commit = whole(members, "members"), whole(commit, "commit", least=None)
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
            f"The majority for both would wait for {most} and elect no more safely: this choice costs no election, "
            "only a copy of each write at its commit."
        )
    else:
        sentence += (
            f"The majority for both would wait for {most} and elect after {_crashes(tolerated[most][1])}."
        )
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
