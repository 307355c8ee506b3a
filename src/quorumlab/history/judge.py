"""The judge: asks of each key whether it has a legal order, and puts the answer into words."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from quorumlab.arguments import shortened, shown, whole
from quorumlab.history.operation import NOTHING, Move, Operation, in_ms, in_time_order, move_of
from quorumlab.history.search import Search
from quorumlab.history.window import shrink, unsourced
from quorumlab.words import Prose

LONG_AGO = 1e8
"""ms, more than a day: times beyond it are told from the first call on."""

MOST_OPERATIONS = 100_000
"""Some minutes of judging; what has no end is refused too."""

MOST_TOLD = 12
"""Operations that an explanation tells one by one; more than a reader can follow are only counted."""


@dataclass(frozen=True)
class Verdict(Prose):
    """The judge's answer. ``bool(verdict)`` is true only if the history was shown to be linearizable.

    linearizable  True, False, or None: undecided within ``max_steps``
    explanation   the same in words
    orders        for each key judged legal (an illegal one ends the work): its operations in an order that explains
                  every answer. An unknown operation stands in it only if an answer needs it; what tells nothing (a
                  failed write) does not.
    key           if illegal: the first key that is, in order of appearance
    window        if illegal: operations of that key that prove it, by time of call, of which none can be left out
                  (but see ``minimal``). Others, even fewer, may prove it too, but where an answer cannot stem from
                  any operation, the first such answer is the whole window.
    culprit       the one of them at whose return the last explanation was lost
    minimal       whether every part of the window would prove nothing; False only if ``max_steps`` ended the
                  search for a smaller one
    steps         choices tried for the verdict
    """

    linearizable: bool | None
    explanation: str
    orders: Mapping[Hashable, tuple[Operation, ...]] = field(default_factory=dict)
    key: Hashable = None
    window: tuple[Operation, ...] = ()
    culprit: Operation | None = None
    minimal: bool = True
    steps: int = 0

    def __bool__(self) -> bool:
        return self.linearizable is True

    def __str__(self) -> str:
        return self.explanation


def check_linearizable(history: Iterable[Operation], *, max_steps: int = 300_000) -> Verdict:
    """Judge whether ``history`` is linearizable as a set of registers, one for each key, that begin as None.

    One operation comes before another if it returned strictly before the other was invoked. Where the two times
    are equal they count as concurrent, unless both are of one client, who does one thing after the other. Where its
    times do not tell which came first, because one took no time or nobody knows how long, the order in ``history``
    does. A client may still have several calls in flight: it then counts like several clients.

    ``max_steps`` limits the choices tried for each key, never the seconds, so that the verdict is the same on every
    machine. A key for which they do not suffice is undecided, and so is the history, unless another key is illegal.
    An answer that cannot stem from any operation condemns its key before the first step. Deciding is NP-complete
    (Gibbons and Korach 1997), so some limit is needed; a test with few clients that writes each value once takes a
    few steps for each operation.

    Raises TypeError for anything but Operations and for a ``max_steps`` that is no whole number, ValueError for one below 1.
    """
    whole(max_steps, "max_steps")
    if not isinstance(history, Iterable):
        raise TypeError(
            f"{shown(history)} is no history; give a sequence of operations, such as cluster.history()."
        )
    by_key: dict[Hashable, list[Move]] = {}
    for number, operation in enumerate(history):
        if number == MOST_OPERATIONS:
            raise ValueError(
                f"The history has more than {MOST_OPERATIONS:,} operations, more than can be judged; give a part of it."
            )
        if not isinstance(operation, Operation):
            raise TypeError(f"{shown(operation)} is not an Operation; give a sequence of ql.Operation(...).")
        if (move := move_of(operation)) is not None:
            by_key.setdefault(operation.key, []).append(move)

    orders: dict[Hashable, tuple[Operation, ...]] = {}
    undecided, steps = [], 0
    for key, moves in by_key.items():
        search = Search(in_time_order(moves), max_steps)
        lie = unsourced(search.moves)
        legal = search.run() if lie is None else False
        steps += search.steps
        if legal:
            orders[key] = tuple(move.operation for move in search.order)
        elif legal is None:
            undecided.append(shown(key))
        else:
            window, culprit, minimal = shrink(search) if lie is None else ([lie], lie, True)
            operations = tuple(move.operation for move in window)
            explanation = _explain(key, window, culprit)
            return Verdict(False, explanation, orders, key, operations, culprit.operation, minimal, steps)
    if undecided:
        explanation = (
            f"Undecided: {max_steps:,} steps did not suffice for key {shortened(undecided)}; "
            "raise max_steps or judge a shorter history."
        )
        return Verdict(None, explanation, orders, steps=steps)
    explanation = "Linearizable: each answer can be explained by putting the operations on each key in order."
    return Verdict(True, explanation, orders, steps=steps)


def _explain(key: Hashable, window: Sequence[Move], culprit: Move) -> str:
    """What is wrong with the window, in words. Times that count from long ago, as a computer's clock does, are told from the
    first call on."""
    if window[0].invoked > LONG_AGO:
        return _told_from(window[0].invoked, key, window, culprit)
    why = _anomaly(window, culprit) or (
        f"Each answer before {in_ms(culprit.returned)} can be explained, "
        f"but not together with the one that {culprit.operation.client} got then."
    )
    if len(window) == 1:
        return f"Not linearizable: on key {shown(key)}, {window[0].operation}. {why}"
    told = "; ".join(str(move.operation) for move in window[-MOST_TOLD:])
    if (untold := len(window) - MOST_TOLD) > 0:
        told = f"{untold} earlier operation{'s' if untold > 1 else ''}; {told}"
    return f"Not linearizable: on key {shown(key)}, no order of these operations fits times and answers: {told}. {why}"


def _told_from(origin: float, key: Hashable, window: Sequence[Move], culprit: Move) -> str:
    """The same, with times in ms after ``origin``."""

    def moved(move: Move) -> Move:
        operation = move.operation
        returned = None if operation.returned is None else operation.returned - origin
        return replace(
            move,
            operation=replace(operation, invoked=operation.invoked - origin, returned=returned),
            invoked=move.invoked - origin,
            returned=move.returned - origin,
        )

    later = {id(move): moved(move) for move in window}
    told = _explain(key, list(later.values()), later[id(culprit)])
    return f"{told} (Times are from {window[0].operation.client}'s call on.)"


def _anomaly(window: Sequence[Move], culprit: Move) -> str | None:
    """The well-known anomaly that the window shows, if it is one. The window is closed (see ``Evidence``)."""
    who, value = culprit.operation.client, culprit.sees
    others = [move for move in window if move is not culprit]
    if not others and value is NOTHING:
        return f"Nobody had tried to write anything but {shown(culprit.avoids)} before {who} found something else."
    if not others:
        return f"Nobody had tried to write {shown(value)} before {who} found it."
    if value is NOTHING:
        return None
    asked = f"{who} asked at {in_ms(culprit.invoked)}"

    # What the culprit found was written once, or is the None of the beginning.
    sources = [move for move in others if move.writes == value]
    once = len(sources) + (value is None) == 1
    rest = [move for move in others if move not in sources]
    earlier = [move for move in rest if move.returned < culprit.invoked]
    writes = [move for move in rest if move.changes]
    reads = [move for move in earlier if not move.changes and move.sees is not NOTHING]
    if once and len(rest) == 1 and writes and earlier:
        (new,) = writes
        return (
            f"Stale: {new.operation.client} had written {shown(new.writes)} by {in_ms(new.returned)}, "
            f"so {shown(value)} was gone when {asked}."
        )
    if once and len(rest) == 2 and len(writes) == len(reads) == 1 and reads[0].sees == writes[0].writes:
        (read,) = reads
        return (
            f"Back in time: {read.operation.client} had read {shown(read.sees)} by {in_ms(read.returned)}, "
            f"so {shown(value)} was gone when {asked}."
        )
    takers = [m for m in window if m.certain and m.sees == value and m.changes and m.writes != value]
    if once and len(takers) == 2:
        names = " and ".join(str(move.operation.client) for move in takers)
        return f"{names} both found {shown(value)} and replaced it, but only the first to do so can have found it."
    return None
