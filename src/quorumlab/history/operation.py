"""What one client saw of one call, and the move it makes on its register."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Literal

from quorumlab.arguments import is_finite, is_number, is_truth, shown

Kind = Literal["read", "write", "cas"]


@dataclass(frozen=True)
class Operation:
    """One call of one client, as the client saw it. Times are ms on one clock that all clients share.

    client    who called
    kind      "read", "write" or "cas" (compare-and-set)
    key       which register; a key nobody wrote reads None, and writing None deletes
    value     what a read returned, what a write wrote, or the pair (expected, new) of a cas
    invoked   when it was called
    returned  when the answer came, or None if none came
    ok        True: it succeeded. False: it certainly did not happen; a cas with ok=False found something other
              than it expected. None: nobody knows.

    The result is unknown if ``returned`` or ``ok`` is None. An unknown write or cas may take effect at any time
    after ``invoked`` (also after ``returned``: a client that gave up does not stop its request), or never. An
    unknown read tells nothing, and neither does a read or write with ok=False.

    Raises ValueError for an unknown kind, a cas value that is no pair, a time that is no finite number, an answer
    before its call and an ``ok`` other than True, False and None; TypeError for a client, key or value that cannot
    be hashed.
    """

    client: Hashable
    kind: Kind
    key: Hashable
    value: Any
    invoked: float
    returned: float | None = None
    ok: bool | None = True

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in ("read", "write", "cas"):
            raise ValueError(f"The kind {shown(self.kind)} is unknown; use 'read', 'write' or 'cas'.")
        if self.kind == "cas":
            if not (isinstance(self.value, tuple | list) and len(self.value) == 2):
                raise ValueError(
                    f"The value of a cas is a pair (expected, new), not {shown(self.value)}; give both values."
                )
            object.__setattr__(self, "value", tuple(self.value))
        for name in ("client", "key", "value"):
            _check_hashable(name, getattr(self, name))
        for value in self.value if self.kind == "cas" else (self.value,):
            if value != value:
                raise ValueError(
                    f"The value {shown(value)} equals nothing, not even itself, so no read can find it; use another."
                )
        _check_time("invoked", self.invoked, "a finite number of ms")
        if self.returned is not None:
            _check_time("returned", self.returned, "a finite number of ms, or None if no answer came")
            if self.returned < self.invoked:
                raise ValueError(
                    f"The operation returned at {shown(self.returned)} ms, before it was invoked at {shown(self.invoked)} ms; "
                    "give the times in the order invoked, returned."
                )
        if self.ok is not None:
            if not is_truth(self.ok):
                raise ValueError(f"The outcome ok={shown(self.ok)} is unknown; use True, False or None.")
            object.__setattr__(self, "ok", bool(self.ok))

    @property
    def known(self) -> bool:
        """Whether the client learned the result."""
        return self.returned is not None and self.ok is not None

    @property
    def deed(self) -> str:
        """What the client did or tried, such as ``read 1``."""
        if self.kind == "cas":
            expected, new = self.value
            if not self.known:
                return f"tried to change {shown(expected)} to {shown(new)}"
            return (
                f"changed {shown(expected)} to {shown(new)}"
                if self.ok
                else f"found something other than {shown(expected)}"
            )
        if self.kind == "read":
            return f"read {shown(self.value)}" if self.known and self.ok else "tried to read"
        if not self.known:
            return f"tried to write {shown(self.value)}"
        return f"{'wrote' if self.ok else 'failed to write'} {shown(self.value)}"

    def __str__(self) -> str:
        """The operation in plain words, such as ``b read 1 (40–50 ms)``."""
        if self.returned is None:
            return f"{self.client} {self.deed} (from {in_ms(self.invoked)}, no answer)"
        unknown = "" if self.known else ", result unknown"
        return f"{self.client} {self.deed} ({_number(self.invoked)}–{in_ms(self.returned)}{unknown})"


def in_ms(time: float) -> str:
    """``12.5 ms``: a time, to the microsecond, or to four digits where it is shorter than that."""
    return f"{_number(time)} ms"


def _number(time: float) -> str:
    return f"{time:.4g}" if abs(time) < 0.001 else f"{round(time, 3):.12g}"


def _check_hashable(name: str, value: object) -> None:
    try:
        hash(value)
    except TypeError:
        raise TypeError(
            f"The {name} {shown(value)} cannot be hashed; use a string, number or tuple."
        ) from None


def _check_time(name: str, time: object, allowed: str) -> None:
    if not is_number(time) or not is_finite(time):
        below = ", below 1e308" if isinstance(time, int) else ""
        raise ValueError(f"{name}={shown(time)} is no time; give {allowed}{below}.")


NOTHING: Any = object()
"""Stands for "no condition" and "no change", because None is a value that a register can hold."""


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """What an operation does to its register: it finds ``sees``, or anything but ``avoids``, and leaves ``writes``.

    A certain move happens between ``invoked`` and ``returned``. One that is not certain happens as late as it likes
    after ``invoked``, or never; its ``returned`` is infinite.
    """

    operation: Operation
    sees: Any = NOTHING
    avoids: Any = NOTHING
    writes: Any = NOTHING
    certain: bool = True
    invoked: float = 0.0
    returned: float = math.inf

    @property
    def observes(self) -> bool:
        """Whether it depends on what the register holds."""
        return self.sees is not NOTHING or self.avoids is not NOTHING

    @property
    def changes(self) -> bool:
        """Whether it writes."""
        return self.writes is not NOTHING

    def allows(self, value: Hashable) -> bool:
        """Whether it can happen while the register holds ``value``."""
        return (self.sees is NOTHING or bool(self.sees == value)) and (
            self.avoids is NOTHING or bool(self.avoids != value)
        )


def move_of(operation: Operation) -> Move | None:
    """The operation as a move, or None if it constrains nothing."""
    value, invoked, returned = operation.value, operation.invoked, operation.returned
    if returned is None or operation.ok is None:
        if operation.kind == "read":
            return None
        sees, writes = value if operation.kind == "cas" else (NOTHING, value)
        return Move(operation, sees=sees, writes=writes, certain=False, invoked=invoked)
    if operation.kind == "cas":
        if operation.ok:
            return Move(operation, sees=value[0], writes=value[1], invoked=invoked, returned=returned)
        return Move(operation, avoids=value[0], invoked=invoked, returned=returned)
    if not operation.ok:
        return None
    if operation.kind == "read":
        return Move(operation, sees=value, invoked=invoked, returned=returned)
    return Move(operation, writes=value, invoked=invoked, returned=returned)


def in_time_order(moves: list[Move]) -> list[Move]:
    """The moves by call, then by return, then as given; the order that ``Search`` and ``shrink`` expect.

    Where one of a client's moves was called at the very moment another returned, the one that stands first is the one
    that the client did first. An uncertain move counts as returned at its call: its client may have given up at once,
    so that only the order given tells whether what it did at that moment came before or after.
    """
    return sorted(moves, key=lambda move: (move.invoked, move.returned if move.certain else move.invoked))
