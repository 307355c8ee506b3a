"""What clients can still do while their only coordinator is away."""

from datetime import timedelta
from typing import TYPE_CHECKING

from quorumlab.arguments import number
from quorumlab.timing import works_for
from quorumlab.views.draw import beside, name_rows
from quorumlab.views.style import ACCENT, PAPER, VERMILION
from quorumlab.views.view import Table, View
from quorumlab.words import in_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REASON_TO_STOP = {"hold a lock": "then the lease ends", "find a service": "then the copy is stale"}


def clients_view(outage_s: float, lease_s: float, copy_s: float) -> View:
    """What the clients of a single coordinator can still do while it is away for ``outage_s`` seconds (see ``timing.works_for``).

    Raises ValueError unless the outage is longer than 0 s and the other times are 0 s or more, TypeError for what is no number.
    """
    outage = float(number(outage_s, "the outage", above=0, unit="s"))
    lasts = works_for(lease_s, copy_s)
    at_once = sum(s == 0 for s in lasts.values())
    throughout = sum(s >= outage for s in lasts.values())
    later = len(lasts) - at_once - throughout
    rows = [(activity, _outcome(activity, seconds, outage)) for activity, seconds in lasts.items()]
    sentence = (
        f"The only node is away for {in_words(timedelta(seconds=outage))}. Of {len(lasts)} things its clients do, "
        f"{_stop(at_once)} at once, {_stop(later)} later, and "
        f"{throughout} {'goes' if throughout == 1 else 'go'} on throughout with what was already known."
    )
    alt = (
        f"A bar for each of {len(lasts)} activities, as long as it goes on during the outage: "
        + "; ".join(f"{activity}: {what}" for activity, what in rows)
        + "."
    )
    table = Table.of(("clients want to", "while the only node is away"), rows)
    return View(
        sentence,
        alt,
        table,
        lambda figure: _draw(figure, outage, lasts, dict(rows)),
        margins=(2.2, 0.6, 0.5, 0.65),
    )


def _draw(figure: "Figure", outage: float, lasts: dict[str, float], words: dict[str, str]) -> None:
    axes = figure.add_subplot(title="What clients can still do", xlabel="time since the crash")
    for i, (activity, seconds) in enumerate(lasts.items()):
        end = min(seconds, outage)
        axes.barh(i, end, height=0.5, color=ACCENT)
        if seconds < outage:
            axes.plot([end], [i], color=VERMILION, marker="X", markersize=9, clip_on=False, zorder=3)
        if end > 0.55 * outage:
            beside(axes, words[activity], (end, i), PAPER, left=True, on=ACCENT)
        else:
            beside(axes, words[activity], (end, i), VERMILION)
    name_rows(axes, list(lasts))
    axes.set_xlim(0, outage)
    axes.set_xticks([0, outage / 2, outage], ["crash", _short(outage / 2), f"back: {_short(outage)}"])
    axes.grid(visible=False)


def _outcome(activity: str, seconds: float, outage: float) -> str:
    if seconds >= outage:
        return "goes on throughout"
    if seconds == 0:
        return "stops at once"
    return f"{in_words(timedelta(seconds=seconds))}, {REASON_TO_STOP[activity]}"


def _stop(count: int) -> str:
    return f"{count or 'none'} {'stops' if count <= 1 else 'stop'}"


def _short(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 60 else f"{seconds / 60:.3g} min"
