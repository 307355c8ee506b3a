"""Pictures of notebook 03: what an extra member does, how often a vote elects nobody, and quorums of two kinds."""

from datetime import timedelta
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from quorumlab.availability import downtime, unavailability
from quorumlab.quorums import majority, quorum_size
from quorumlab.views.style import ACCENT, INK, MUTED, PAPER, TEAL, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import in_words, percent, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES = range(1, 10)
VOTING_SIZES = range(3, 10)
"""With two members nobody can be elected once the leader has crashed."""

REPLICATION_AT_MOST = 3
"""TigerBeetle's default `quorum_replication_max`."""


def extra_member_view(member_up: float, size: int) -> View:
    """How often a majority of 1 to 9 members is missing, odd sizes against even ones, on a logarithmic scale.

    `member_up` is the probability that a member is up, strictly between 0 and 1, members failing independently; `size` is the
    number of members that the sentence is about. Exact binomial sums, from `quorumlab.availability`. Raises ValueError for a
    probability or size outside the picture.
    """
    if not 0 < member_up < 1:
        raise ValueError(f"A member cannot be up {member_up!r} of the time here; choose between 0 and 1.")
    if size not in SIZES:
        raise ValueError(f"The picture has 1 to 9 members, not {size!r}; choose a size from 1 to 9.")
    up_exactly = Fraction(str(member_up))  # 1 - 0.995 as floats is not quite 0.005
    down = {n: float(unavailability(majority(n), up_exactly)) for n in SIZES}
    up = f"{'each ' if size > 1 else ''}up {percent(member_up)} of the time"
    state = f"{plural(size, 'member')}, {up}: no majority for {_a_year(down[size])} a year"
    if size == 1:
        sentence = f"{state}."
    elif size % 2:
        sentence = f"{state}; {size - 1} would have {_times(down[size - 1] / down[size])} that."
    else:
        sentence = (
            f"{state}, {_times(down[size] / down[size - 1])} what {plural(size - 1, 'member')} would have."
        )
    rows = [
        (
            n,
            _parity(n),
            f"{down[n]:.3g}",
            _a_year(down[n]),
            "–" if n == 1 else _times(down[n] / down[n - 1]),
        )
        for n in SIZES
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{plural(size, 'member')}: no majority {down[size]:.3g} of the time",
            xlabel="members",
            ylabel="share of time without a majority",
            yscale="log",
        )
        for start, colour, marker, fill in ((1, ACCENT, "o", ACCENT), (2, VERMILION, "s", PAPER)):
            sizes = range(start, 10, 2)
            axes.plot(
                sizes,
                [down[n] for n in sizes],
                color=colour,
                marker=marker,
                markerfacecolor=fill,
                markersize=9,
                linestyle="-" if start == 1 else "--",
            )
            axes.annotate(
                f"{_parity(start)} sizes",
                (sizes[-1], down[sizes[-1]]),
                (14, 0),
                textcoords="offset points",
                color=colour,
                va="center",
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1},
            )
        axes.plot([size], [down[size]], color=INK, marker="o", markersize=19, fillstyle="none", clip_on=False)
        axes.set_xticks(SIZES)
        axes.set_xlim(0.5, 10.4)
        axes.yaxis.set_major_formatter(lambda share, _: _power_of_ten(share))
        axes.minorticks_off()

    alt = (
        f"Two falling lines over 1 to 9 members, members up {percent(member_up)} of the time. Filled circles are odd sizes, "
        f"hollow squares even ones; each even size lies above the odd size before it. A ring marks {plural(size, 'member')}, "
        f"at {down[size]:.3g}."
    )
    columns = ("members", "odd or even", "without a majority", "a year", "against one member fewer")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.8))


def elects_nobody(members: int, candidates: int, crashed: int = 0) -> Fraction:
    """The share of all ways to vote in which no candidate gets a majority of `members`: exact, by going through all of them.

    Each candidate votes for itself, as in Raft (§5.2); each other member that is up votes for any one candidate, and all these
    ways are equally likely. `crashed` members do not vote and still count. Raises ValueError unless
    1 ≤ candidates ≤ members − crashed.
    """
    others = members - crashed - candidates
    if candidates < 1 or crashed < 0 or others < 0:
        raise ValueError(
            f"{plural(candidates, 'candidate')} cannot stand among {plural(members, 'member')} of which {crashed} crashed; "
            f"choose 1 to {members - crashed} candidates."
        )
    needed = quorum_size(members)
    ways = list(product(range(candidates), repeat=others))
    lost = sum(all(1 + votes.count(c) < needed for c in range(candidates)) for votes in ways)
    return Fraction(lost, len(ways))


def split_vote_view(candidates: int, leader_crashed: bool) -> View:
    """How often several candidates at once leave 3 to 9 members without a leader, odd sizes beside even ones.

    `candidates` members stand for election at the same moment; `leader_crashed` says whether one member is down. See
    `elects_nobody` for what is counted. Raises ValueError if there are no candidates, or more than any size here has members.
    """
    crashed = int(leader_crashed)
    if not 1 <= candidates <= VOTING_SIZES[-1] - crashed:
        raise ValueError(
            f"{plural(candidates, 'candidate')} cannot stand here; choose 1 to {VOTING_SIZES[-1] - crashed}."
        )
    share = {n: elects_nobody(n, candidates, crashed) for n in VOTING_SIZES if candidates <= n - crashed}
    odd_too = any(p for n, p in share.items() if n % 2)
    who = "the old leader down" if leader_crashed else "everyone up"
    sentence = f"{plural(candidates, 'candidate')} at once, {who}: " + (
        "odd sizes fail to elect a leader too"
        if odd_too
        else "no odd size fails to elect a leader"
        + (", even ones do" if any(share.values()) else ", and no even one either")
    )
    if {5, 6} <= share.keys():
        sentence += f"; with five members {_outcome(share[5])}, with six {_outcome(share[6])}"
    rows = [
        (
            n,
            _parity(n),
            n - crashed,
            quorum_size(n),
            f"{share[n]} ({float(share[n]):.1%})" if n in share else "–",
        )
        for n in VOTING_SIZES
    ]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{plural(candidates, 'candidate')} at once, {who}",
            xlabel="members",
            ylabel="ways to vote that elect nobody",
        )
        for n in VOTING_SIZES:
            if n not in share:
                axes.text(n, 0.03, "too few\nmembers", ha="center", va="bottom", color=MUTED)
                continue
            colour, marker, fill = (ACCENT, "o", ACCENT) if n % 2 else (VERMILION, "s", PAPER)
            height = float(share[n])
            axes.plot([n, n], [0, height], color=colour, marker="", linestyle="-" if n % 2 else "--")
            axes.plot(
                [n], [height], color=colour, marker=marker, markerfacecolor=fill, markersize=10, clip_on=False
            )
            words = str(share[n]) if share[n] else "never"
            axes.annotate(words, (n, height), (0, 9), textcoords="offset points", ha="center", color=colour)
        axes.set_xticks(VOTING_SIZES, [f"{n}\n{_parity(n)}" for n in VOTING_SIZES])
        axes.set_xlim(2.4, 9.6)
        axes.set_ylim(0, 1.18)
        axes.set_yticks([0, 0.5, 1])
        axes.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")

    alt = (
        "A stem for each size from 3 to 9 members, as high as the share of ways to vote that elect nobody: "
        + (", ".join(f"{n} members {p}" for n, p in share.items()) + ".")
    )
    columns = ("members", "odd or even", "can vote", "votes needed", "elects nobody")
    return View(f"{sentence}.", alt, Table.of(columns, rows), draw, (7.0, 3.7), (0.85, 0.3, 0.5, 0.85))


def election_quorum(members: int, commit: int) -> int:
    """The fewest votes that may elect a leader if `commit` members commit a write.

    More than `members` − `commit`, so that every election meets every commit (Howard, Malkhi and Spiegelman 2016), and a
    majority, because two candidates may stand in one term of Raft. Raises ValueError unless 1 ≤ commit ≤ majority.
    """
    most = quorum_size(members)
    if not 1 <= commit <= most:
        raise ValueError(
            f"Of {plural(members, 'member')}, {commit} cannot usefully commit: a majority is always enough; choose 1 to {most}."
        )
    return max(members + 1 - commit, most)


def tigerbeetle_quorums(replicas: int) -> tuple[int, int]:
    """(replication, view change): how many replicas TigerBeetle wants to commit, and to change its leader.

    Source: `quorums` in TigerBeetle's `src/vsr.zig`, with the default of at most three to replicate. Two replicas are an
    exception there: both are asked for both, so that every write has two copies.
    """
    if replicas == 2:
        return 2, 2
    replication = min(REPLICATION_AT_MOST, (replicas + 1) // 2)
    return replication, replicas - replication + 1


def two_quorums_view(members: int, commit: int) -> View:
    """What a smaller commit quorum buys and costs: crashes that writes survive, and crashes that elections survive.

    `members` in the cluster, `commit` of them commit a write; elections use `election_quorum`. Raises ValueError unless
    1 ≤ commit ≤ majority.
    """
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
        sentence += f"The majority for both would wait for {most} and elect no more safely: this choice costs no election, only a copy of each write at its commit."
    else:
        sentence += (
            f"The majority for both would wait for {most} and elect after {_crashes(tolerated[most][1])}."
        )
    rows = [(c, election_quorum(members, c), *tolerated[c], "shown" if c == commit else "") for c in choices]

    def draw(figure: "Figure") -> None:
        axes = figure.add_subplot(
            title=f"{plural(members, 'member')}, commits by {commit}, elections by {elect}",
            xlabel="members that commit a write",
            ylabel="crashes survived",
        )
        axes.axvline(commit, color=MUTED, linestyle=":", linewidth=1.6)
        _labelled(
            axes, [tolerated[c][0] for c in choices], ACCENT, "o", "-", "writes, while the leader lives"
        )
        _labelled(axes, [tolerated[c][1] for c in choices], TEAL, "^", "--", "electing a new leader")
        axes.set_xticks(choices)
        axes.set_xlim(0.8, most + 0.2)
        axes.set_ylim(-0.12 * members, 1.08 * members - 0.6)
        axes.set_yticks(range(members))

    alt = (
        f"Two lines over the size of the commit quorum, 1 to {most} of {members}: writes survive {members - 1} down to "
        f"{members - most} crashes, elections 0 up to {members - most}. A dotted line marks {commit}: {writes} and {elections}."
    )
    columns = ("commit", "elect", "crashes that writes survive", "crashes that elections survive", "")
    return View(sentence, alt, Table.of(columns, rows), draw, (7.0, 3.6))


def _labelled(axes: "Axes", crashes: list[int], colour: str, marker: str, line: str, words: str) -> None:
    sizes = range(1, len(crashes) + 1)
    axes.plot(sizes, crashes, color=colour, marker=marker, linestyle=line, markersize=9)
    # Both lines end at the same point, at the majority; a label there would belong to either.
    above = 9 if crashes[0] > crashes[-1] else -9
    axes.annotate(words, (1, crashes[0]), (10, above), textcoords="offset points", color=colour, va="center")


def _parity(n: int) -> str:
    return "odd" if n % 2 else "even"


def _crashes(count: int) -> str:
    return plural(count, "crash", "crashes") if count else "none"


def _outcome(share: Fraction) -> str:
    if share in (0, 1):
        return "nobody can win" if share else "somebody always wins"
    return f"nobody wins in {share.numerator} of {share.denominator} ways to vote"


def _times(ratio: float) -> str:
    if ratio < 1:
        return f"1/{1 / ratio:,.0f}" if ratio <= 0.001 else f"1/{1 / ratio:.3g}"
    return f"{ratio:,.0f} times" if ratio >= 1000 else f"{ratio:.3g} times"


def _a_year(share: float) -> str:
    # A timedelta would round the smallest shares here to no time at all.
    return in_words(max(downtime(share), timedelta.resolution))


def _power_of_ten(share: float) -> str:
    # An exponent set as a superscript would be smaller than the style sheet's text.
    return f"{share:g}" if share >= 1e-3 else f"{share:.0e}".replace("e-0", "e-")
