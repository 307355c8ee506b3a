"""What clients asked and were told, and the history made of it: once, for every world."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from quorumlab.cluster.events import Mode
from quorumlab.cluster.protocol import Outcome
from quorumlab.history import Operation

Kind = Literal["read", "write", "cas"]
Change = Literal["add_learner", "add_voter", "promote", "remove"]
Value = str | tuple[str | None, str] | None
"""What to write; the pair (expected, new) of a cas; None of all else."""


@dataclass(slots=True)
class Pending:
    """One request of one client, as ``submit`` returns it: look at ``done`` and ``outcome`` as time passes.

    ``outcome`` and ``returned`` are None while the request is under way; ``invoked`` and ``returned`` are in ms since the start
    of the cluster. The ``key`` of a membership change is the member's name.
    """

    client: str
    kind: Kind | Change
    key: str
    value: Value
    via: str
    mode: Mode
    invoked: float
    outcome: Outcome | None = None
    returned: float | None = None

    @property
    def done(self) -> bool:
        """Whether there is an outcome."""
        return self.outcome is not None


def history(asked: Iterable[Pending], *, serializable: bool = True) -> list[Operation]:
    """All reads, writes and compare-and-sets as clients saw them, for ``check_linearizable``; times in ms.

    What was not answered is unknown. A cas that was never tried says nothing and is left out, and so are, with
    ``serializable=False``, the reads of that mode.
    """
    return [
        _operation(request)
        for request in asked
        if request.kind in ("read", "write", "cas")
        and (serializable or request.mode != "serializable")
        and not _never_tried(request)
    ]


def _never_tried(request: Pending) -> bool:
    outcome = request.outcome
    return (
        request.kind == "cas"
        and outcome is not None
        and outcome.error not in (None, "compare_failed", "timeout")
    )


def _operation(request: Pending) -> Operation:
    outcome = request.outcome
    known = outcome is not None and not outcome.unknown
    return Operation(
        client=request.client,
        kind=request.kind,  # type: ignore[arg-type]  # a membership change has been left out
        key=request.key,
        value=outcome.value if outcome and request.kind == "read" else request.value,
        invoked=request.invoked,
        returned=request.returned if known else None,
        ok=outcome.ok if outcome and known else None,
    )
