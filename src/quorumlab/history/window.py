"""If a history is illegal: the few operations that prove it."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Sequence

from quorumlab.history.operation import NOTHING, Move
from quorumlab.history.search import Search, bits, bitset, own_predecessors


class Evidence:
    """Which parts of an illegal history can prove it illegal: the closed ones.

    To leave out operations at will proves nothing: without its write, any read looks wrong. Call a part *closed* if
    for each of its operations that observed the register (a read, a cas) it holds

    (a) every write that can have left what was observed. That is every write of such a value, except those called
        after the observer had returned (at that very moment, if its own client called them next), and those that a
        certain write of the part is known to have replaced (it was called after they returned, and returned before
        the observer was called);
    (b) at least one write of such a value not called after the observer had returned, if there is any, so that the
        reader sees where the value came from.

    Suppose the whole history had a legal order, and keep only a closed part of that order. Each observer saw the
    last write before it. By (a) this write is in the part, and there too it is the last. So the part has a legal
    order. Hence a closed part without a legal order proves that the whole history has none, whatever else happened.

    Parts are bitsets over ``moves``, which are sorted by ``in_time_order``.
    """

    def __init__(self, moves: Sequence[Move]) -> None:
        self.settled = bitset(i for i, move in enumerate(moves) if move.certain and move.changes)
        self.returned_before = _returned_before(moves)
        self.sources = _sources(moves)
        self.observers = bitset(self.sources)
        self.may_have_seen: dict[int, int] = {}
        for observer, sources in self.sources.items():
            for i in bits(sources):
                self.may_have_seen[i] = self.may_have_seen.get(i, 0) | 1 << observer

    def closed(self, part: int) -> int:
        """The largest closed part of ``part``: take out the observers that lack a write, until none does.

        Without a move, only those that may have seen what it wrote can lack something that they did not lack before; or anybody, if it
        replaced others.
        """
        asked = self.observers
        while asked := asked & part:
            taken = 0
            for i in bits(asked):
                if self._lacks(i, part):
                    part &= ~(1 << i)
                    taken |= 1 << i
            asked = self.observers if taken & self.settled else 0
            for i in bits(taken):
                asked |= self.may_have_seen.get(i, 0)
        return part

    def _lacks(self, observer: int, part: int) -> bool:
        sources = self.sources[observer]
        # Of the writes that had returned by then, the one called last has replaced all that the others have.
        replacements = part & self.settled & self.returned_before[observer]
        replaced = self.returned_before[replacements.bit_length() - 1] if replacements else 0
        return bool(sources & ~replaced & ~part) or bool(sources and not sources & part)


def _returned_before(moves: Sequence[Move]) -> list[int]:
    """For each move the set of those that had returned when it was called."""
    by_return = sorted((move.returned, i) for i, move in enumerate(moves) if move.certain)
    result, returned, position = [], 0, 0
    for move in moves:
        while position < len(by_return) and by_return[position][0] < move.invoked:
            returned |= 1 << by_return[position][1]
            position += 1
        result.append(returned)
    return result


def _sources(moves: Sequence[Move]) -> dict[int, int]:
    """For each observer the writes of a value that it can have observed, but for those called after it returned.

    Its client's next move was called after it even if that was at the moment of its return.
    """
    writers: dict[Hashable, int] = {}
    for i, move in enumerate(moves):
        if move.changes:
            writers[move.writes] = writers.get(move.writes, 0) | 1 << i
    all_writers = sum(writers.values())
    calls = [move.invoked for move in moves]
    own_next: dict[int, int] = {}
    for i, predecessors in enumerate(own_predecessors(moves)):
        for predecessor in bits(predecessors):
            own_next[predecessor] = own_next.get(predecessor, 0) | 1 << i
    result = {}
    for i, move in enumerate(moves):
        if move.observes:
            seen = move.sees is not NOTHING
            fitting = writers.get(move.sees, 0) if seen else all_writers & ~writers.get(move.avoids, 0)
            called_by_then = (1 << bisect_right(calls, move.returned)) - 1
            result[i] = fitting & called_by_then & ~(1 << i) & ~own_next.get(i, 0)
    return result


def unsourced(moves: Sequence[Move]) -> Move | None:
    """The answer that came first of those that nobody can have caused, or None if each has a possible cause.

    No write of what it found had been called by its return, nor did the register begin with it. So it is a closed
    part (see ``Evidence``) of one move without a legal order: a proof that needs no search.
    """
    lies = [
        moves[i]
        for i, writes in _sources(moves).items()
        if moves[i].certain and not writes and not moves[i].allows(None)
    ]
    return min(lies, key=lambda move: move.returned, default=None)


def shrink(search: Search) -> tuple[list[Move], Move, bool]:
    """A window that proves what ``search`` found illegal: (its moves, the culprit, whether minimal).

    It is a closed part (see ``Evidence``) without a legal order, of which every smaller closed part has one, so that
    nothing can be left out of it. A different part may prove it with fewer moves; to find the fewest would take a
    search over all parts.

    What was called after the search got stuck is left out first, then halves, quarters, ... single operations, early
    ones before late ones. One pass over the single ones suffices, because a closed part of a part that has a legal
    order has one too. All this may take as many steps as the verdict was allowed; a window cut short by them is
    still a proof, but perhaps not minimal.
    """
    moves, culprit = search.moves, search.moves[search.culprit]
    evidence, steps_left, minimal = Evidence(moves), search.max_steps, True
    kept = (1 << len(moves)) - 1

    def leave_out(dropped: Iterable[int]) -> None:
        nonlocal kept, culprit, steps_left, minimal
        part = evidence.closed(kept & ~bitset(dropped))
        if part == kept or not minimal:
            return
        trial = Search([moves[i] for i in bits(part)], steps_left)
        legal = trial.run()
        steps_left -= trial.steps
        if legal is None:
            minimal = False
        elif not legal:
            kept, culprit = part, trial.moves[trial.culprit]

    leave_out(i for i, move in enumerate(moves) if move.invoked > search.deadline)
    size = max(1, kept.bit_count() // 2)
    while size:
        left = list(bits(kept))
        for start in range(0, len(left), size):
            leave_out(left[start : start + size])
        size //= 2
    return [moves[i] for i in bits(kept)], culprit, minimal
