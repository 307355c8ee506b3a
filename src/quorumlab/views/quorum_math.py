"""Pictures of notebook 02: how groups overlap, and when a write is committed."""

from collections.abc import Sequence
from math import comb
from typing import TYPE_CHECKING

from quorumlab.quorums import quorum_size
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import plural

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def overlap_counts(members: int, group: int) -> tuple[int, ...]:
    """How many pairs of groups share 0, 1, … `group` members: ordered pairs of groups of one size, counted exactly.

    The first group is any of C(n, k); the second takes j members from the first and k − j from the rest.
    """
    return tuple(
        comb(members, group) * comb(group, shared) * comb(members - group, group - shared)
        for shared in range(group + 1)
    )


def overlap_view(members: int, group: int) -> View:
    """All pairs of groups of `group` out of `members`, by how many members they share.

    Raises ValueError unless 1 ≤ group ≤ members.
    """
    if not 1 <= group <= members:
        raise ValueError(
            f"A group of {group} cannot be drawn from {plural(members, 'member')}; choose 1 to {members}."
        )
    counts = overlap_counts(members, group)
    total = sum(counts)
    strangers = counts[0]
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

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"Pairs of groups of {group} out of {members}",
            xlabel="members that the two groups share",
            ylabel="share of all pairs",
        )
        shares = [count / total for count in counts]
        bars = axes.bar(range(group + 1), shares, color=[VERMILION, *[ACCENT] * group], width=0.62)
        bars[0].set_hatch("//")
        bars[0].set_edgecolor("white")
        for shared, (share, count) in enumerate(zip(shares, counts, strict=True)):
            words = f"{count:,}" if count else "none"
            axes.text(shared, share, words, ha="center", va="bottom", color=VERMILION if not shared else INK)
        axes.set_xticks(range(group + 1))
        axes.set_ylim(0, max(shares) * 1.18)
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")

    alt = (
        f"Bar chart of all pairs of groups ({total:,}): {strangers:,} without a shared member, "
        f"{total - strangers:,} with at least one."
    )
    return View(sentence, alt, Table.of(("shared members", "pairs", "of all"), rows), draw)


def commit_time(acknowledged: Sequence[float]) -> float:
    """When a write is committed: the time of the quorum-th acknowledgement, the leader's own included (Raft §5.3).

    `acknowledged` holds one time per member, in ms after the request. Raises ValueError if there is none.
    """
    return sorted(acknowledged)[quorum_size(len(acknowledged)) - 1]


def commit_view(acknowledged: Sequence[float]) -> View:
    """A write on paper: who acknowledged it when, and when it was committed.

    `acknowledged[0]` is the leader's own disk; the others are the followers, in ms after the request arrived. Raises ValueError if
    there is none.
    """
    n, needed = len(acknowledged), quorum_size(len(acknowledged))
    committed = commit_time(acknowledged)
    counted = sorted(range(n), key=lambda i: acknowledged[i])[:needed]
    names = ["leader", *(f"follower {i}" for i in range(1, n))]
    rows = [
        (name, f"{ms:g} ms", "counted" if i in counted else "not needed")
        for i, (name, ms) in enumerate(zip(names, acknowledged, strict=True))
    ]
    sentence = (
        f"{plural(n, 'member')}, quorum {needed}: the write is committed after {committed:g} ms, "
        f"when acknowledgement number {needed} is in; {plural(n - needed, 'other acknowledgement')} not needed."
    )

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(title="One write", xlabel="ms after the request")
        for i, ms in enumerate(acknowledged):
            colour = ACCENT if i in counted else MUTED
            axes.plot([0, ms], [i, i], color=colour, linestyle="-" if i in counted else ":", marker="")
            axes.plot([ms], [i], color=colour, marker="o", fillstyle="full" if i in counted else "none")
            axes.annotate(
                f"{ms:g}",
                (ms, i),
                (9, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
            )
        axes.axvline(committed, color=VERMILION, linestyle="--", linewidth=1.6)
        axes.annotate(
            "committed", (committed, -0.75), (6, 0), textcoords="offset points", color=VERMILION, va="center"
        )
        axes.set_yticks(range(n), names)
        axes.set_ylim(n - 0.5, -1.1)
        axes.set_xlim(0, max(acknowledged) * 1.12)
        axes.grid(axis="y", visible=False)

    alt = f"A line for each member up to its acknowledgement; the commit line stands at {committed:g} ms."
    return View(
        sentence,
        alt,
        Table.of(("member", "acknowledged", "for the commit"), rows),
        draw,
        (7.0, 1.2 + 0.42 * n),
    )


def slow_followers_view(members: int, slow: int, slow_ms: float) -> View:
    """A write when some followers are slow: the leader's disk takes 2 ms, quick followers 3, 4, 5 … ms, slow ones `slow_ms`.

    Raises ValueError if more followers are slow than there are.
    """
    if not 0 <= slow < members:
        raise ValueError(
            f"{plural(slow, 'follower')} of {plural(members, 'member')} cannot be slow; choose 0 to {members - 1}."
        )
    quick = [3.0 + i for i in range(members - 1 - slow)]
    return commit_view([2.0, *quick, *[float(slow_ms)] * slow])
