"""What clients saw, and whether it was linearizable.

A history is legal (linearizable, Herlihy & Wing 1990) when each operation can be given one instant between its call and its
return such that, done one after the other in the order of these instants, every operation gets the answer it got.

The search is Wing & Gong's (1993): among the operations nobody else finished before, choose one, do it, go on with the rest;
where nothing fits, take the last choice back. Lowe (2017) adds a memory of configurations already found hopeless, and the fact
that a history is legal exactly when the part of each key is (Horn & Kroening 2015 call it P-compositionality) makes each search
small. Porcupine and Knossos do the same.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Operation", "Verdict", "check_linearizable"]

Kind = Literal["read", "write", "cas"]


@dataclass(frozen=True)
class Operation:
    """One call of one client, as the client saw it. Times are ms on one clock that all clients share.

    client    who called
    kind      "read", "write" or "cas" (compare-and-set)
    key       which register; a key nobody wrote reads None, and writing None deletes
    value     what a read returned, what a write wrote, or the pair (expected, new) of a cas
    invoked   when it was called
    returned  when the answer came, or None where none came
    ok        True: it succeeded. False: it certainly did not happen; a cas with ok=False found something else than it expected.
              None: nobody knows.

    The result is unknown where `returned` or `ok` is None. An unknown write or cas may take effect at any time after `invoked`
    (also after `returned`: a client that gave up does not stop the request), or never. An unknown read tells nothing, and so
    does a read or write with ok=False.

    Raises ValueError or TypeError with one sentence for an unknown kind, a cas value that is no pair, a value or key that is not
    hashable, a time that is no finite number, an answer before its call, and an `ok` other than True, False and None.
    """

    client: Hashable
    kind: Kind
    key: Hashable
    value: Any
    invoked: float
    returned: float | None = None
    ok: bool | None = True

    def __post_init__(self) -> None:
        if self.kind not in ("read", "write", "cas"):
            raise ValueError(f"kind {self.kind!r} is unknown; use 'read', 'write' or 'cas'.")
        if self.kind == "cas":
            if not (isinstance(self.value, tuple | list) and len(self.value) == 2):
                raise ValueError(f"the value of a cas is a pair (expected, new), not {self.value!r}.")
            object.__setattr__(self, "value", tuple(self.value))
        for name in ("client", "key", "value"):
            try:
                hash(getattr(self, name))
            except TypeError:
                raise TypeError(
                    f"{name} {getattr(self, name)!r} cannot be hashed; use a string, number or tuple."
                ) from None
        for name, time in (("invoked", self.invoked), ("returned", self.returned)):
            if time is None and name == "returned":
                continue
            if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
                unanswered = ", or None where no answer came" if name == "returned" else ""
                raise ValueError(f"{name}={time!r} is no time; give a finite number of ms{unanswered}.")
        if self.returned is not None and self.returned < self.invoked:
            raise ValueError(
                f"the operation returned at {self.returned} ms, before it was invoked at {self.invoked} ms; "
                "check the clock or the order of the arguments."
            )
        if not (self.ok is None or isinstance(self.ok, bool)):
            raise ValueError(f"ok={self.ok!r} is no outcome; use True, False or None for unknown.")

    @property
    def known(self) -> bool:
        """Whether the client learned the result."""
        return self.returned is not None and self.ok is not None

    def __str__(self) -> str:
        """The operation in a learner's words, such as ``b read 1 (40–50 ms)``."""
        expected, new = self.value if self.kind == "cas" else (None, self.value)
        if self.kind == "read":
            deed = f"read {new!r}" if self.known and self.ok else "tried to read"
        elif not self.known:
            deed = f"tried to {'write' if self.kind == 'write' else f'change {expected!r} to'} {new!r}"
        elif self.kind == "write":
            deed = f"wrote {new!r}" if self.ok else f"failed to write {new!r}"
        else:
            deed = (
                f"changed {expected!r} to {new!r}" if self.ok else f"found something other than {expected!r}"
            )
        times = (
            f"{_ms(self.invoked)}–{_ms(self.returned)}"
            if self.returned is not None
            else f"from {_ms(self.invoked)}"
        )
        return f"{self.client} {deed} ({times} ms{'' if self.known else ', result unknown'})"


@dataclass(frozen=True)
class Verdict:
    """The judge's answer. ``bool(verdict)`` is true only if the history was shown to be linearizable.

    linearizable  True, False, or None: undecided within `max_steps`
    explanation   the same in words
    orders        for every key found legal: its operations in an order that explains all answers. An unknown operation stands in
                  it only if an answer needs it; what tells nothing (a failed write, say) is left out.
    key, window   if illegal: the key, and the fewest of its operations that prove it, by time of call (see `_shrink`)
    culprit       the operation of the window at whose return the last explanation was lost
    minimal       whether leaving out any of the window would lose the proof; False only where `max_steps` cut the shrinking short
    steps         choices tried to reach the verdict, the shrinking not counted
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


def check_linearizable(history: Iterable[Operation], *, max_steps: int = 1_000_000) -> Verdict:
    """Judge whether `history` is linearizable as a set of registers, one per key, each of which begins as None.

    One operation comes before another if it returned strictly before the other was invoked; where the two times are equal they
    count as concurrent, unless both are of one client, who does one thing after the other. A client may have several calls in
    flight: only the times count then, as if each were a client of its own.

    `max_steps` limits the choices tried on each key, never the seconds, so that a verdict is the same on every machine. A key on
    which they do not suffice is undecided, and so is the history unless another key proves it illegal.

    Raises TypeError for anything but `Operation`s and ValueError for a `max_steps` below 1.
    """
    if isinstance(max_steps, bool) or not isinstance(max_steps, int) or max_steps < 1:
        raise ValueError(f"max_steps={max_steps!r} is no limit; use a whole number of at least 1.")
    by_key: dict[Hashable, list[_Move]] = {}
    for operation in history:
        if not isinstance(operation, Operation):
            raise TypeError(f"a history consists of ql.Operation, not {operation!r}.")
        if (move := _as_move(operation)) is not None:
            by_key.setdefault(operation.key, []).append(move)

    orders: dict[Hashable, tuple[Operation, ...]] = {}
    undecided: list[Hashable] = []
    steps = 0
    for key, moves in by_key.items():
        moves.sort(key=lambda m: (m.invoked, m.returned))
        search = _Search(moves, max_steps)
        legal = search.run()
        steps += search.steps
        if legal:
            orders[key] = tuple(move.operation for move in search.order)
        elif legal is None:
            undecided.append(key)
        else:
            window, culprit, minimal = _shrink(search)
            explanation = _explain(key, window, culprit)
            operations = tuple(move.operation for move in window)
            return Verdict(False, explanation, orders, key, operations, culprit.operation, minimal, steps)
    if undecided:
        names = ", ".join(map(repr, undecided))
        explanation = f"Undecided: {max_steps:,} steps did not suffice for key {names}; raise max_steps or judge a shorter history."
        return Verdict(None, explanation, orders, steps=steps)
    count = sum(map(len, orders.values()))
    explanation = f"Linearizable: {_count(count, 'operation')} on {_count(len(orders), 'key')} can be put in an order that explains every answer."
    return Verdict(True, explanation, orders, steps=steps)


_ANYTHING: Any = object()  # None is a value a register can hold, so it cannot stand for "no condition"


@dataclass(frozen=True, slots=True, eq=False)
class _Move:
    """What an operation does to its register: finds `sees` or anything but `avoids` there, and leaves `writes`."""

    operation: Operation
    sees: Any = _ANYTHING
    avoids: Any = _ANYTHING
    writes: Any = _ANYTHING
    certain: bool = True
    invoked: float = 0.0
    returned: float = math.inf  # of an uncertain move: it may take effect as late as it likes

    @property
    def observes(self) -> bool:
        return self.sees is not _ANYTHING or self.avoids is not _ANYTHING

    @property
    def changes(self) -> bool:
        return self.writes is not _ANYTHING

    def allows(self, value: Hashable) -> bool:
        """Whether the move can happen while the register holds `value`."""
        return (self.sees is _ANYTHING or bool(self.sees == value)) and (
            self.avoids is _ANYTHING or bool(self.avoids != value)
        )


def _as_move(operation: Operation) -> _Move | None:
    """The operation as a move, or None where it constrains nothing."""
    value, invoked, returned = operation.value, operation.invoked, operation.returned
    if returned is None or operation.ok is None:
        if operation.kind == "read":
            return None
        sees, writes = value if operation.kind == "cas" else (_ANYTHING, value)
        return _Move(operation, sees=sees, writes=writes, certain=False, invoked=invoked)
    if operation.kind == "cas":
        if operation.ok:
            return _Move(operation, sees=value[0], writes=value[1], invoked=invoked, returned=returned)
        return _Move(operation, avoids=value[0], invoked=invoked, returned=returned)
    if not operation.ok:
        return None
    if operation.kind == "read":
        return _Move(operation, sees=value, invoked=invoked, returned=returned)
    return _Move(operation, writes=value, invoked=invoked, returned=returned)


def _bits(mask: int) -> Iterator[int]:
    """The positions of the ones in `mask`, lowest first."""
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1


def _mask(positions: Iterable[int]) -> int:
    return sum(1 << i for i in positions)


def _own_predecessors(moves: Sequence[_Move]) -> list[int]:
    """For each move the bitset of those its own client finished at the very moment of its call."""
    finished: dict[tuple[Hashable, float], int] = {}
    masks = []
    for i, move in enumerate(moves):
        masks.append(finished.get((move.operation.client, move.invoked), 0))
        if move.certain:
            at = (move.operation.client, move.returned)
            finished[at] = finished.get(at, 0) | 1 << i
    return masks


class _OutOfStepsError(Exception):
    """The search has used up its steps."""


class _Search:
    """Wing & Gong's search over the moves of one key, which come sorted by call.

    A configuration is (done, spent, value): the certain moves that have happened, the uncertain ones that have, both as bitsets,
    and what the register holds. The search ends when all certain moves are done; an uncertain one need never happen.

    Four facts keep it small without changing its answer:
    1. A configuration that led nowhere need not be tried again (Lowe's memory), nor one that differs only by having spent more.
    2. A read that fits now may as well happen now: it changes nothing, and nothing forbids it.
    3. An uncertain move waits until the move after it needs it, as it stays possible for ever.
    4. Of uncertain moves that do the same, the first will do.
    """

    def __init__(self, moves: Sequence[_Move], max_steps: int) -> None:
        self.moves = moves
        self.certain = _mask(i for i, move in enumerate(moves) if move.certain)
        self.uncertain = [i for i, move in enumerate(moves) if not move.certain]
        self.own_predecessors = _own_predecessors(moves)
        self.max_steps = max_steps
        self.steps = 0
        self.order: list[_Move] = []
        self.deadline = -math.inf  # the latest return that some explanation of all earlier ones had to meet
        self.culprit = -1  # whose return that was
        self._spent_before: dict[tuple[int, Hashable], list[int]] = {}

    def run(self) -> bool | None:
        """Whether there is a legal order (then in `order`); None if `max_steps` did not suffice."""
        try:
            return self._run()
        except _OutOfStepsError:
            return None

    def _run(self) -> bool:
        path: list[tuple[int, ...]] = []
        untried = [self._choices(0, 0, None)]  # of each configuration on the path, the choices not tried yet
        while untried and self.certain:
            choice = next(untried[-1], None)
            if choice is None:
                untried.pop()
                del path[-1:]
                continue
            self._count_step()
            made, done, spent, value = choice
            if done == self.certain:
                self.order = [self.moves[i] for moves in (*path, made) for i in moves]
                return True
            if self._is_new(done, spent, value):
                path.append(made)
                untried.append(self._choices(done, spent, value))
        return not self.certain

    def _count_step(self) -> None:
        if self.steps >= self.max_steps:
            raise _OutOfStepsError
        self.steps += 1

    def _is_new(self, done: int, spent: int, value: Hashable) -> bool:
        """Remember the configuration, unless one as good was tried before."""
        tried = self._spent_before.setdefault((done, value), [])
        if any(less & spent == less for less in tried):
            return False
        tried.append(spent)
        return True

    def _choices(
        self, done: int, spent: int, value: Hashable
    ) -> Iterator[tuple[tuple[int, ...], int, int, Hashable]]:
        """Each way to do one more certain move: (the moves made, done, spent, value)."""
        first, deadline = self._first(done)
        for i in first:
            move = self.moves[i]
            if not move.changes and move.allows(value):
                yield (i,), done | 1 << i, spent, value
                return
        ready = [
            i
            for i in self.uncertain
            if not spent >> i & 1
            and self.moves[i].invoked <= deadline
            and not self.own_predecessors[i] & ~done
        ]
        for i in first:
            move = self.moves[i]
            ways = [((), value)] if move.allows(value) else self._help(move, value, ready)
            for helpers, found in ways:
                left = move.writes if move.changes else found
                yield (*helpers, i), done | 1 << i, spent | _mask(helpers), left

    def _first(self, done: int) -> tuple[list[int], float]:
        """The moves that may come next, i.e. were called before any other that is left returned; and that first return."""
        deadline, culprit, first = math.inf, -1, []
        for i in _bits(self.certain & ~done):
            move = self.moves[i]
            if move.invoked > deadline:
                break
            first.append(i)
            if move.returned < deadline:
                deadline, culprit = move.returned, i
        if first and deadline > self.deadline:
            self.deadline, self.culprit = deadline, culprit
        return [i for i in first if not self.own_predecessors[i] & ~done], deadline

    def _help(
        self, goal: _Move, value: Hashable, ready: Sequence[int], passed: tuple[Hashable, ...] = ()
    ) -> Iterator[tuple[tuple[int, ...], Hashable]]:
        """Each shortest chain of uncertain moves after which `goal` can happen: (the chain, the value it leaves).

        Only the first can be a plain write, since a later one would make those before it pointless.
        """
        tried = set()
        for i in ready:
            move = self.moves[i]
            if (move.sees, move.writes) in tried or not move.allows(value) or move.writes in (value, *passed):
                continue
            if passed and not move.observes:
                continue
            tried.add((move.sees, move.writes))
            self._count_step()
            if goal.allows(move.writes):
                yield (i,), move.writes
            else:
                for chain, left in self._help(goal, move.writes, ready, (*passed, value)):
                    yield (i, *chain), left


class _Evidence:
    """Which parts of an illegal history prove it illegal: the closed ones.

    Just dropping operations proves nothing: without the write, its read looks wrong. Call a part *closed* if for each of its
    operations that observed the register (a read, a cas) it holds
    (a) every write that can have left what was observed, that is, every write of such a value that was not called after the
        observer had returned, and that no write of the part is known to have replaced: called after it returned, and returned
        before the observer was called;
    (b) at least one write of such a value not called after the observer had returned, if there is any, so that a reader sees
        where the value came from.
    Suppose the whole history had a legal order, and keep only a closed part of that order. An observer saw the last write before
    it. By (a) that write is in the part, and it still is the last. So the part has a legal order too. Hence: a closed part that
    has none proves that the whole history has none, whatever else happened.
    """

    def __init__(self, moves: Sequence[_Move]) -> None:
        self.moves = moves
        calls = [move.invoked for move in moves]
        by_return = sorted(
            (i for i, move in enumerate(moves) if move.certain), key=lambda i: moves[i].returned
        )
        self.returned_before: list[int] = []  # of each move: those that had returned when it was called
        mask = position = 0
        for move in moves:
            while position < len(by_return) and moves[by_return[position]].returned < move.invoked:
                mask |= 1 << by_return[position]
                position += 1
            self.returned_before.append(mask)
        self.settled = _mask(i for i, move in enumerate(moves) if move.certain and move.changes)

        writers: dict[Hashable, int] = {}
        for i, move in enumerate(moves):
            if move.changes:
                writers[move.writes] = writers.get(move.writes, 0) | 1 << i
        all_writers = _mask(i for i, move in enumerate(moves) if move.changes)
        self.sources = {}  # of each observer: the writes that can have left what it observed, were it not for other writes
        for i, move in enumerate(moves):
            if move.observes:
                fitting = (
                    all_writers & ~writers.get(move.avoids, 0)
                    if move.sees is _ANYTHING
                    else writers.get(move.sees, 0)
                )
                called_by_then = (1 << bisect_right(calls, move.returned)) - 1
                self.sources[i] = fitting & called_by_then & ~(1 << i)

    def closed(self, part: int) -> int:
        """The largest closed part of `part`: take out the observers that lack a write, until none does."""
        while True:
            lacking = _mask(i for i in _bits(part) if i in self.sources and self._lacks(i, part))
            if not lacking:
                return part
            part &= ~lacking

    def _lacks(self, observer: int, part: int) -> bool:
        sources = self.sources[observer]
        replacements = part & self.settled & self.returned_before[observer]
        replaced = self.returned_before[replacements.bit_length() - 1] if replacements else 0
        return bool(sources & ~replaced & ~part) or bool(sources and not sources & part)


def _shrink(search: _Search) -> tuple[list[_Move], _Move, bool]:
    """The smallest window of an illegal history: (its moves by time of call, the culprit, whether it is minimal).

    It is a closed part (see `_Evidence`) that has no legal order while every closed part of it has one. First everything called
    after the moment at which the search got stuck is left out, then halves, quarters, ... single operations, early ones first.
    One pass over the single operations is enough: a closed part of a legal closed part is legal. All this may take as many
    steps as the search for the verdict was allowed; after that the window is still a proof, but perhaps not minimal.
    """
    moves, culprit = search.moves, search.moves[search.culprit]
    evidence, steps_left, minimal = _Evidence(moves), search.max_steps, True
    kept = (1 << len(moves)) - 1

    def leave_out(dropped: Iterable[int]) -> None:
        nonlocal kept, culprit, steps_left, minimal
        part = evidence.closed(kept & ~_mask(dropped))
        if part == kept or not minimal:
            return
        trial = _Search([moves[i] for i in _bits(part)], steps_left)
        legal = trial.run()
        steps_left -= trial.steps
        if legal is None or steps_left < 1:
            minimal = False
        if legal is False:
            kept, culprit = part, trial.moves[trial.culprit]

    leave_out(i for i, move in enumerate(moves) if move.invoked > search.deadline)
    size = kept.bit_count() // 2
    while size:
        left = list(_bits(kept))
        for start in range(0, len(left), size):
            leave_out(left[start : start + size])
        size //= 2
    return [moves[i] for i in _bits(kept)], culprit, minimal


def _explain(key: Hashable, window: Sequence[_Move], culprit: _Move) -> str:
    """What is wrong with a minimal window, in words. A pattern is named only where the window proves it."""
    told = "; ".join(str(move.operation) for move in window)
    start = f"Not linearizable: on key {key!r} no order of these operations fits their times and their answers: {told}."
    if (why := _pattern(window, culprit)) is None:
        why = (
            f"Every answer before {_ms(culprit.returned)} ms can be explained; "
            f"with what {culprit.operation.client} was told at {_ms(culprit.returned)} ms none of the explanations holds."
        )
    return f"{start} {why}"


def _pattern(window: Sequence[_Move], culprit: _Move) -> str | None:
    """The name of the anomaly, if it is one of the well-known ones. `window` is closed and minimal."""
    who, value = culprit.operation.client, culprit.sees
    others = [move for move in window if move is not culprit]
    if value is _ANYTHING:
        return None
    if not any(move.writes == value for move in others) and value is not None:
        return f"When {who} was told {value!r}, nobody had written it."
    earlier = [move for move in others if move.returned < culprit.invoked]
    replacing = [move for move in earlier if move.changes and move.writes != value]
    witnesses = [move for move in earlier if not move.changes and move.sees != value]
    if len(others) == len(replacing) + (value is not None) == 1 + (value is not None):
        new = replacing[0]
        return (
            f"Stale: {new.operation.client} had already replaced {value!r} with {new.writes!r} by {_ms(new.returned)} ms, "
            f"before {who} asked at {_ms(culprit.invoked)} ms."
        )
    if len(witnesses) == 1 and len(others) == 2 + (value is not None):
        witness = witnesses[0]
        return (
            f"Back in time: {witness.operation.client} had seen {witness.sees!r} by {_ms(witness.returned)} ms, so when {who} "
            f"asked at {_ms(culprit.invoked)} ms, the older {value!r} was gone."
        )
    takers = [
        move
        for move in window
        if move.sees == value and move.changes and move.writes != value and move.certain
    ]
    supply = sum(move.writes == value for move in window) + (value is None)
    if len(takers) > supply:
        names = " and ".join(str(move.operation.client) for move in takers)
        return (
            f"{names} each found {value!r} and replaced it, but it was there only {_count(supply, 'time')}."
        )
    return None


def _ms(time: float) -> str:
    return f"{round(time, 3):.12g}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
