"""Elections: votes that elect nobody, times without a leader, and terms that run away."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from statistics import mean, median
from typing import TYPE_CHECKING, Any

from quorumlab.arguments import is_number, mapping, number, sequence, shown, time_ms, truth, whole
from quorumlab.experiments import leaderless
from quorumlab.experiments.figure_16 import SHARES, Measured
from quorumlab.experiments.timers import Moment
from quorumlab.quorums import elects_nobody, quorum_size
from quorumlab.views.draw import LOG_SCALE, log_time_axis, note, parity_look, share_axis
from quorumlab.views.style import ACCENT, MUTED, PAPER, PLACES, SERIES, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import listed, parity, plural, upper_first, whole_ms

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DASHES = ("-", "--", "-.", ":")
VOTING_SIZES = range(3, 10)
"""With two members nobody can be elected once the leader has crashed."""


def split_vote_view(candidates: int, leader_crashed: bool) -> View:
    """How often several candidates at once leave 3 to 9 members without a leader, odd sizes beside even ones.

    ``candidates`` members stand for election at the same moment; ``leader_crashed`` says whether one member is down. See
    ``quorums.elects_nobody`` for what is counted. Raises ValueError if there are no candidates, or more than any size here has
    members, TypeError for what is no whole number.
    """
    crashed = int(truth(leader_crashed, "leader_crashed"))
    candidates = whole(candidates, "candidates", least=None)
    if not 1 <= candidates <= VOTING_SIZES[-1] - crashed:
        raise ValueError(
            f"{plural(candidates, 'candidate')} cannot stand here; choose 1 to {VOTING_SIZES[-1] - crashed}."
        )
    share = {n: elects_nobody(n, candidates, crashed) for n in VOTING_SIZES if candidates <= n - crashed}
    who = "the old leader down" if leader_crashed else "everyone up"
    title = f"{plural(candidates, 'candidate')} at once, {who}"
    sentence = f"{title}: {_found(share)}"
    rows = [
        (
            n,
            parity(n),
            n - crashed,
            quorum_size(n),
            f"{share[n]} ({100 * float(share[n]):.1f} %)" if n in share else "–",
        )
        for n in VOTING_SIZES
    ]
    alt = (
        "A stem for each size from 3 to 9 members, as high as the share of ways to vote that elect nobody: "
        + (", ".join(f"{n} members {p}" for n, p in share.items()) + ".")
    )
    columns = ("members", "odd or even", "can vote", "votes needed", "elects nobody")
    return View(
        sentence, alt, Table.of(columns, rows), lambda figure: _draw_split_votes(figure, title, share),
        (7.0, 3.7), (0.85, 0.3, 0.5, 0.85),
    )  # fmt: skip


def _draw_split_votes(figure: "Figure", title: str, share: Mapping[int, Fraction]) -> None:
    axes = figure.add_subplot(title=title, xlabel="members", ylabel="ways to vote that elect nobody")
    for n in VOTING_SIZES:
        if n not in share:
            axes.text(n, 0.03, "too few\nmembers", ha="center", va="bottom", color=MUTED)
            continue
        look, height = parity_look(n), float(share[n])
        axes.plot([n, n], [0, height], color=look["color"], marker="", linestyle="-" if n % 2 else "--")
        axes.plot([n], [height], **look, markersize=10, clip_on=False)
        words = "never" if not share[n] else "always" if share[n] == 1 else str(share[n])
        note(axes, words, (n, height), (0, 9), look["color"], ha="center", va="baseline")
    axes.set_xticks(VOTING_SIZES, [f"{n}\n{parity(n)}" for n in VOTING_SIZES])
    axes.set_xlim(2.4, 9.6)
    axes.set_ylim(0, 1.18)
    axes.set_yticks([0, 0.5, 1])
    share_axis(axes.yaxis)


def _found(share: Mapping[int, Fraction]) -> str:
    """What the shares of all sizes come to, with five and six members as examples where they are among them."""
    if not any(share.values()):
        return "every size elects somebody."
    odd = any(p for n, p in share.items() if n % 2)
    found = (
        "odd sizes can fail to elect a leader too"
        if odd
        else "even sizes can fail to elect a leader, odd ones cannot"
    )
    sure = [str(n) for n, p in share.items() if p == 1]
    never = f" With {listed(sure).replace(' and ', ' or ')} members nobody can win." if sure else ""
    if share.get(5, 1) == 1:
        return f"{found}.{never}"
    return f"{found}. With 5 members {_outcome(share[5])}, with 6 {_outcome(share[6])}.{never}"


def _outcome(share: Fraction) -> str:
    if not share:
        return "somebody always wins"
    return f"nobody wins in {share.numerator} of {share.denominator} ways to vote"


def downtimes_view(
    runs: Mapping[str, Sequence[float]],
    title: str = "Time without a leader",
    published: Mapping[str, Measured] | None = None,
) -> View:
    """For each run the share of its elections that were over after a time, as in Figure 16 of the Raft paper.

    ``runs`` maps a label to the times without a leader, in ms; where ``published`` has that label too, what was measured
    elsewhere is marked beside the curve. Raises ValueError for no run, more than four, or a run in which there is no election
    or one that took no time, TypeError for what is no number.
    """
    published = {label: row for label, row in (published or {}).items() if label in runs}
    ordered = _ordered(runs)
    rows, said, curves = [], [], []
    for label, times in ordered.items():
        row = (
            label, f"{len(times):,}", *map(whole_ms, (times[0], median(times), mean(times), times[-1]))
        )  # fmt: skip
        rows.append(row)
        half = f"half of {row[1]} elections were over after {row[3]}, the longest took {row[5]}"
        said.append(half if len(runs) == 1 else f"{label}: {half}")
        curves.append(f"{label} from {row[2]} to {row[5]}, its middle at {row[3]}")
        if label in published:
            at, average, longest = published[label]
            middle = at[SHARES.index(0.5)]
            rows.append((f"{label}, published", "1,000", "–", *map(whole_ms, (middle, average, longest))))
    sentence = upper_first("; ".join(said)) + (". Circles: as published." if published else ".")
    alt = "Rising curves over a logarithmic axis of time, one for each run: " + "; ".join(curves)
    circles = ". Open circles mark what was published, for the shares from 1 to 99 %" if published else ""
    columns = ("run", "elections", "shortest", "median", "mean", "longest")
    return View(
        sentence, f"{alt}{circles}.", Table.of(columns, rows),
        lambda figure: _draw_downtimes(figure, title, ordered, published), (7.0, 3.6),
    )  # fmt: skip


def _ordered(runs: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Each run's times as floats, the shortest first; refuses what ``downtimes_view`` cannot show."""
    mapping(runs, "The runs", "{'mine': [300, 450]}")
    if not 1 <= len(runs) <= len(SERIES):
        raise ValueError(f"{plural(len(runs), 'run')} cannot be told apart here; give 1 to {len(SERIES)}.")
    ordered = {}
    for label, given in runs.items():
        times = sequence(given, f"The times of {shown(label)}", "[300, 450]")
        if not times or any(is_number(time) and not time > 0 for time in times):
            raise ValueError(
                f"The run {shown(label)} needs elections that took more than 0 ms; give one number for each."
            )
        ordered[label] = sorted(
            float(number(time, f"a time of {shown(label)}", above=0, unit="ms")) for time in times
        )
    return ordered


def _draw_downtimes(
    figure: "Figure", title: str, runs: Mapping[str, Sequence[float]], published: Mapping[str, Measured]
) -> None:
    axes = figure.add_subplot(
        title=title,
        xlabel=f"time without a leader {LOG_SCALE}",
        ylabel="elections that were over",
        xscale="log",
    )
    for (label, times), colour, dash in zip(runs.items(), SERIES, DASHES, strict=False):
        shares = [(i + 1) / len(times) for i in range(len(times))]
        axes.plot([times[0], *times], [0, *shares], color=colour, linestyle=dash, marker="", label=label)
        if label in published:
            _circles(axes, published[label].at, SHARES, colour, markersize=7, markeredgewidth=1.4)
    if published:
        _circles(axes, (), (), MUTED, label="published")
    if len(runs) > 1:
        axes.legend(loc="lower right")
    else:
        (times,) = runs.values()
        middle = median(times)
        axes.plot([middle], [0.5], color=SERIES[0], marker="o", markersize=9)
        note(axes, f"half: {whole_ms(middle)}", (middle, 0.5), (12, 0), SERIES[0])
    shortest = min(t[0] for t in runs.values()) / 1.15
    longest = max(t[-1] for t in runs.values()) * (2 if len(runs) > 1 else 1.3)
    axes.set_xlim(shortest, longest)
    log_time_axis(axes.xaxis, shortest, longest)
    axes.set_ylim(0, 1.03)
    share_axis(axes.yaxis)


def _circles(axes: "Axes", xs: Sequence[float], ys: Sequence[float], colour: str, **look: Any) -> None:
    axes.plot(xs, ys, color=colour, linestyle="", marker="o", markerfacecolor="none", **look)


def gaps_view(
    real: Sequence[float], simulated: Sequence[float], apart_ms: float, provenance: str = ""
) -> View:
    """Kills of a real leader, one mark each, over the share of simulated gaps that were over after a time.

    ``real`` and ``simulated`` are times without a leader, in ms; ``apart_ms`` is the time of a message one way that was measured, and
    given to the simulation; ``provenance`` a sentence on where the real ones come from. Raises ValueError for no time or one that is
    not above 0, TypeError for what is no number.
    """
    apart_ms = time_ms(apart_ms, "apart_ms")
    if not isinstance(provenance, str):
        raise TypeError(f"provenance is {shown(provenance)}, but must be a sentence; write it in quotes.")
    ours, theirs = (
        _ordered({"simulation": simulated})["simulation"],
        _ordered({"real etcd": real})["real etcd"],
    )
    off = median(theirs) / median(ours) - 1
    near = (
        "the two middles are equal to the percent"
        if abs(off) < 0.005
        else f"etcd’s middle is {100 * abs(off):.0f} % {'later' if off > 0 else 'earlier'}"
    )
    sentence = (
        f"Half of {len(theirs)} kills on real etcd were over after {whole_ms(median(theirs))}, half of {len(ours):,} simulated ones "
        f"after {whole_ms(median(ours))}: {near}."
    )
    rows = [
        (who, f"{len(times):,}", *map(whole_ms, (times[0], median(times), times[-1])))
        for who, times in (("real etcd", theirs), ("simulation", ours))
    ]
    alt = (
        f"A rising curve: simulated times without a leader, from {rows[1][2]} to {rows[1][4]}, middle {rows[1][3]}. Rings beside it, one for "
        f"each kill on real etcd: from {rows[0][2]} to {rows[0][4]}, middle {rows[0][3]}. Messages take {apart_ms:.1f} ms one way."
    )
    columns = ("who", "kills", "shortest", "median", "longest")
    return View(
        f"{sentence} {provenance}".strip(), alt, Table.of(columns, rows),
        lambda figure: _draw_gaps(figure, theirs, ours), (7.0, 3.6),
    )  # fmt: skip


def _draw_gaps(figure: "Figure", real: Sequence[float], simulated: Sequence[float]) -> None:
    axes = figure.add_subplot(
        title="Real kills over the simulated curve",
        xlabel="time without a leader",
        ylabel="kills that were over",
    )
    shares = [(i + 1) / len(simulated) for i in range(len(simulated))]
    axes.plot([simulated[0], *simulated], [0, *shares], color=ACCENT, linestyle="-", marker="")
    axes.plot(
        real, [(i + 0.5) / len(real) for i in range(len(real))], color=VERMILION, linestyle="", marker="o",
        markersize=8, markerfacecolor=PAPER, markeredgewidth=1.6,
    )  # fmt: skip
    note(
        axes,
        "○ each a kill on real etcd",
        (1.0, 0.34),
        (-6, 0),
        VERMILION,
        ha="right",
        xycoords=axes.transAxes,
    )
    note(
        axes,
        f"— {len(simulated):,} simulated kills",
        (1.0, 0.22),
        (-6, 0),
        ACCENT,
        ha="right",
        xycoords=axes.transAxes,
    )
    axes.set_xlim(0, 1.06 * max(simulated[-1], real[-1]))
    axes.set_ylim(0, 1.03)
    share_axis(axes.yaxis)
    axes.xaxis.set_major_formatter(lambda time, _: f"{time / 1000:g} s")


def terms_view(runs: Mapping[str, Sequence[Moment]], away: Sequence[tuple[float, float]] = ()) -> View:
    """How terms grow over time, and when there was no leader, for one or two runs.

    ``runs`` maps a label to looks taken at equal intervals (``experiments.watch``); ``away`` are the times, from and to in
    seconds, at which a member was cut off. Raises ValueError for no run, more than two, or a run of fewer than two looks.
    """
    if not 1 <= len(runs) <= 2:
        raise ValueError(f"{plural(len(runs), 'run')} cannot be shown here; give one or two.")
    for label, looks in runs.items():
        if len(looks) < 2:
            raise ValueError(f"The run {shown(label)} has {plural(len(looks), 'look')}; give at least two.")
    facts = {label: (looks[0].term, looks[-1].term, leaderless(looks)) for label, looks in runs.items()}
    sentence = upper_first("; ".join(f"{label} {_course(*fact)}" for label, fact in facts.items())) + "."
    rows = [(label, first, last, f"{without:.2f} s") for label, (first, last, without) in facts.items()]
    alt = (
        "Steps that rise with the term, one line for each run, hatched below where there was no leader. "
        + sentence
    )
    columns = ("run", "first term", "last term", "without a leader")
    return View(
        sentence, alt, Table.of(columns, rows), lambda figure: _draw_terms(figure, runs, away), (7.0, 3.6)
    )


def _course(first: int, last: int, without_s: float) -> str:
    """What became of the term, and of the leader."""
    term = f"the term stays {first}" if first == last else f"the term goes from {first} to {last}"
    return f"{term}, and " + (f"nobody leads for {without_s:.2f} s" if without_s else "somebody always leads")


def _draw_terms(
    figure: "Figure", runs: Mapping[str, Sequence[Moment]], away: Sequence[tuple[float, float]]
) -> None:
    from matplotlib.ticker import MaxNLocator

    axes = figure.add_subplot(title="Terms, and times without a leader", xlabel="seconds", ylabel="term")
    top = max(look.term for looks in runs.values() for look in looks)
    for start, end in away:
        axes.axvspan(start, end, color=PLACES[4], linewidth=0)
    signs = [" grey: one member is cut off"] if away else []
    if any(not look.led for looks in runs.values() for look in looks):
        signs.append(" hatched: nobody leads")
    left = away[0][0] if away else min(looks[0].seconds for looks in runs.values())
    axes.text(left, top * 1.28, "\n".join(signs), color=MUTED, va="top", ha="left")
    for (label, looks), colour, dash in zip(runs.items(), (VERMILION, ACCENT), DASHES, strict=False):
        times, terms = [look.seconds for look in looks], [look.term for look in looks]
        axes.step(times, terms, where="post", color=colour, linestyle=dash, marker="")
        axes.fill_between(
            times, terms, step="post", where=[not look.led for look in looks], facecolor=PAPER,
            edgecolor=colour, hatch="////", linewidth=0,
        )  # fmt: skip
        note(axes, label, (times[-1], terms[-1]), (-4, 9), colour, ha="right", va="baseline")
    axes.set_ylim(0, top * 1.3 + 0.4)
    axes.set_xlim(
        min(looks[0].seconds for looks in runs.values()), max(looks[-1].seconds for looks in runs.values())
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
