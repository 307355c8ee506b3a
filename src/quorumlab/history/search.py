"""Is there a legal order? Wing and Gong's search with Lowe's memory.

Wing and Gong (1993): among the operations that no other had finished before, choose one, do it, go on with the
rest; where nothing fits, take the last choice back. Lowe (2017) remembers the configurations that led nowhere.
Horn and Kroening (2015) observe that a history is legal exactly if the part of each key is, which keeps each search
small; so this one looks at one key. Porcupine works in the same way.
"""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence, Set

from quorumlab.history.operation import Move

Choice = tuple[tuple[int, ...], int, int, Hashable]
"""One step of the search: the moves made, then the configuration they lead to (done, spent, value)."""


class OutOfStepsError(Exception):
    """The search has used up its steps."""


class Search:
    """The search over the moves of one key, sorted by ``in_time_order``.

    A configuration is (done, spent, value): the certain moves that have happened, the uncertain ones that have,
    both as bitsets over ``moves``, and what the register holds. The search ends when all certain moves are done; an
    uncertain one need never happen.

    Four facts keep it small without changing its answer:

    1. A configuration that led nowhere need not be tried again (Lowe's memory), nor one that differs from it only
       by having spent more.
    2. A read that fits now may as well happen now: it changes nothing, so the others fit as they did.
    3. An uncertain move waits until the move after it needs it, because it stays possible for ever.
    4. Of uncertain moves that do the same, the first will do.
    """

    def __init__(self, moves: Sequence[Move], max_steps: int) -> None:
        self.moves = moves
        self.certain = bitset(i for i, move in enumerate(moves) if move.certain)
        self.uncertain = [i for i, move in enumerate(moves) if not move.certain]
        self.own_predecessors = own_predecessors(moves)
        self.max_steps = max_steps
        self.steps = 0
        self.order: list[Move] = []
        # How far it got: the latest return up to which everything earlier could be explained, and whose it was.
        self.deadline, self.culprit = -math.inf, -1
        self._spent_before: dict[tuple[int, Hashable], list[int]] = {}

    def run(self) -> bool | None:
        """Whether there is a legal order (then in ``order``); None if ``max_steps`` did not suffice."""
        try:
            return self._run()
        except OutOfStepsError:
            return None

    def _run(self) -> bool:
        path: list[tuple[int, ...]] = []
        untried = [self._choices(0, 0, None)]  # one list of choices for each configuration on the path
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
            raise OutOfStepsError
        self.steps += 1

    def _is_new(self, done: int, spent: int, value: Hashable) -> bool:
        """Remember the configuration, unless one at least as good was tried before."""
        tried = self._spent_before.setdefault((done, value), [])
        if any(less & spent == less for less in tried):
            return False
        tried.append(spent)
        return True

    def _choices(self, done: int, spent: int, value: Hashable) -> Iterator[Choice]:
        """Each way to do one more certain move, the most promising first."""
        first, deadline = self._first(done)
        fitting = [i for i in first if self.moves[i].allows(value)]
        for i in fitting:
            if not self.moves[i].changes:
                yield (i,), done | 1 << i, spent, value
                return
        for i in fitting:
            yield (i,), done | 1 << i, spent, self.moves[i].writes

        ready = [i for i in self.uncertain if not spent >> i & 1 and self._may_happen(i, done, deadline)]
        for i in first:
            if i not in fitting:
                move = self.moves[i]
                for helpers, left in self._help(move, value, ready):
                    left = move.writes if move.changes else left
                    yield (*helpers, i), done | 1 << i, spent | bitset(helpers), left

    def _first(self, done: int) -> tuple[list[int], float]:
        """The certain moves that may come next, the most urgent first, and the earliest return of those left.

        A move may come next if none of those left had returned when it was called.
        """
        deadline, culprit, called = math.inf, -1, []
        for i in bits(self.certain & ~done):
            move = self.moves[i]
            if move.invoked > deadline:
                break
            called.append(i)
            if move.returned < deadline:
                deadline, culprit = move.returned, i
        if deadline > self.deadline:
            self.deadline, self.culprit = deadline, culprit
        first = [i for i in called if self._may_happen(i, done, deadline)]
        return sorted(first, key=lambda i: self.moves[i].returned), deadline

    def _may_happen(self, i: int, done: int, deadline: float) -> bool:
        return self.moves[i].invoked <= deadline and not self.own_predecessors[i] & ~done

    def _help(
        self, goal: Move, value: Hashable, ready: Sequence[int]
    ) -> Iterator[tuple[tuple[int, ...], Hashable]]:
        """Each shortest chain of uncertain moves after which ``goal`` can happen, and the value it leaves.

        A chain may be as long as there are uncertain moves, so it is kept here and not on Python's stack.
        """
        chain: list[int] = []
        passed = {value}
        seeing: dict[Hashable, list[int]] = {}
        for i in ready:
            seeing.setdefault(self.moves[i].sees, []).append(i)
        levels = [self._next_in_chain(value, passed, ready)]
        while levels:
            i = next(levels[-1], -1)
            if i < 0:
                levels.pop()
                if chain:
                    passed.discard(self.moves[chain.pop()].writes)
                continue
            left = self.moves[i].writes
            if goal.allows(left):
                yield (*chain, i), left
            else:
                chain.append(i)
                passed.add(left)
                levels.append(self._next_in_chain(left, passed, seeing.get(left, ())))

    def _next_in_chain(self, value: Hashable, passed: Set[Hashable], ready: Sequence[int]) -> Iterator[int]:
        """The moves of ``ready`` that may come next in a chain which has ``passed`` some values and left ``value``.

        Only the first of a chain can be a plain write, since a later one would make those before it pointless, so after it those
        are ready that see what it left. For the same reason no value comes twice.
        """
        tried = set()
        for i in ready:
            move = self.moves[i]
            if (move.sees, move.writes) in tried or not move.allows(value) or move.writes in passed:
                continue
            tried.add((move.sees, move.writes))
            self._count_step()
            yield i


def own_predecessors(moves: Sequence[Move]) -> list[int]:
    """For each move the set of those before it that its own client finished at the very moment of its call."""
    finished: dict[tuple[Hashable, float], int] = {}
    predecessors = []
    for i, move in enumerate(moves):
        client = move.operation.client
        predecessors.append(finished.get((client, move.invoked), 0))
        if move.certain:
            finished[client, move.returned] = finished.get((client, move.returned), 0) | 1 << i
    return predecessors


def bitset(positions: Iterable[int]) -> int:
    """The set of ``positions`` as the ones of an integer."""
    return sum(1 << i for i in positions)


def bits(mask: int) -> Iterator[int]:
    """The positions of the ones in ``mask``, lowest first."""
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1
