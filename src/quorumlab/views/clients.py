"""What clients can still do while their only coordinator is away, and what a lock keeps them from."""

from typing import TYPE_CHECKING

from quorumlab.arguments import number
from quorumlab.timing import FIRST_NUMBER, Bill, bills, works_for
from quorumlab.views.draw import beside, name_rows, note
from quorumlab.views.style import ACCENT, MUTED, PAPER, PLACES, VERMILION
from quorumlab.views.view import Table, View

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REASON_TO_STOP = {"hold a lock": "then it must stop", "find a service": "then the copy is stale"}


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
        f"The only node is away for {_long(outage, outage)}. Of {len(lasts)} things its clients do, "
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
    axes.set_xticks(
        [0, outage / 2, outage], ["crash", _long(outage / 2, outage), f"back: {_long(outage, outage)}"]
    )
    axes.grid(visible=False)


def _outcome(activity: str, seconds: float, outage: float) -> str:
    if seconds >= outage:
        return "goes on throughout"
    if seconds == 0:
        return "stops at once"
    return f"{_long(seconds)}, {REASON_TO_STOP[activity]}"


def _stop(count: int) -> str:
    return f"{count or 'none'} {'stops' if count <= 1 else 'stop'}"


def _long(seconds: float, whole: float = 0.0) -> str:
    """A length as the controls say it, part of a ``whole``: in seconds, and in minutes from ten of them on."""
    return f"{seconds / 60:.4g} min" if max(seconds, whole) >= 600 else f"{seconds:.3g} s"


WORKERS = ("Ada", "Bob")
AFTERWARDS = 1.3
"""How much longer than all that happens the picture is, for the words beside it."""


def sleeper_view(asleep_s: float, lease_s: float, checks: bool = False) -> View:
    """Two workers and one lock: Ada falls asleep while she holds it, and the receiver of bills ``checks`` their numbers or not.

    See ``timing.bills``. Raises ValueError for a negative time or a lease of 0 s, TypeError for what is no number.
    """
    sent = bills(asleep_s, lease_s, checks)
    asleep, lease = float(asleep_s), float(lease_s)
    rows = [(f"{b.at_s:g} s", b.sender, b.number, "taken" if b.taken else "turned away") for b in sent]
    customer = f"the customer gets {'two bills' if sum(bill.taken for bill in sent) == 2 else 'one bill'}"
    if len(sent) == 1:
        sentence = f"Ada sleeps for {asleep:g} s and wakes within her lease of {lease:g} s: {customer}."
    else:
        older, newer = FIRST_NUMBER, FIRST_NUMBER + 1
        turned = (
            f"The receiver has seen {newer} and turns {older} away" if checks else "The receiver takes both"
        )
        sentence = (
            f"Ada sleeps for {asleep:g} s. Her lease ends after {lease:g} s, and Bob gets the lock, with number {newer}, and sends the "
            f"bill. Ada wakes and sends it with number {older}. {turned}: {customer}."
        )
    alt = "Three rows over time, Ada, Bob and the receiver. " + "; ".join(
        f"after {at} a bill from {who} with number {n} is {what}" for at, who, n, what in rows
    )
    return View(
        sentence,
        f"{alt}.",
        Table.of(("after", "who sends the bill", "number of the lock", "the receiver"), rows),
        lambda figure: _draw_sleeper(figure, asleep, lease, sent),
        (7.0, 3.2),
        (1.1, 0.3, 0.5, 0.65),
    )


def _draw_sleeper(figure: "Figure", asleep: float, lease: float, sent: tuple[Bill, ...]) -> None:
    axes = figure.add_subplot(title="Two workers, one lock", xlabel="time since Ada looked")
    end = AFTERWARDS * max(asleep, lease)
    lost = len(sent) > 1
    held = [(0.0, lease if lost else end), *([(lease, end)] if lost else [])]
    for row, (begin, until) in enumerate(held):
        axes.barh(row, until - begin, left=begin, height=0.34, color=PLACES[0], edgecolor=ACCENT)
        note(axes, f"lock, number {FIRST_NUMBER + row}", (begin, row - 0.36), (2, 0), ACCENT)
    axes.barh(0.36, asleep, height=0.12, color=MUTED)
    note(axes, "asleep", (asleep, 0.36), (5, 0), MUTED)
    for bill in sent:
        colour, late = ACCENT if bill.taken else VERMILION, bill.sender == "Ada" and lost
        arrow = {"arrowstyle": "->", "color": colour}
        begin_y = 0.42 if bill.sender == "Ada" else 1.2
        axes.annotate("", (bill.at_s, 1.86), (bill.at_s, begin_y), arrowprops=arrow)
        axes.plot([bill.at_s], [2], color=colour, marker="o" if bill.taken else "X", markersize=10, zorder=3)
        words = f"bill {bill.number} {'taken' if bill.taken else 'turned away'}"
        ha = "left" if late or bill.at_s < 0.15 * end else "right"
        inwards = -3 if lost else 4  # two bills may come at the same moment
        note(axes, words, (bill.at_s, 2.42), (-inwards if ha == "left" else inwards, 0), colour, ha=ha)
    name_rows(axes, [*WORKERS, "receiver"], above=0.75, below=0.75)
    axes.set_xlim(0, end)
    axes.xaxis.set_major_formatter(lambda seconds, _: f"{seconds:g} s")
    axes.grid(visible=False)
