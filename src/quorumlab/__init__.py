"""Quorum by Experiment: what a notebook imports, as ``import quorumlab as ql``.

Importing is silent and quick: a name is loaded from its room when it is first used, so neither matplotlib nor the widgets are
loaded until a picture is asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorumlab.availability import availability, downtime, nines, unavailability
    from quorumlab.course.checks import check
    from quorumlab.course.claims import claim, verdicts
    from quorumlab.course.environment import check_environment
    from quorumlab.course.progress import reset_progress
    from quorumlab.course.questions import predict, quick_check, reveal
    from quorumlab.quorums import (
        QuorumSystem,
        fault_tolerance,
        flexible,
        grid,
        hierarchical,
        majority,
        quorum_size,
        threshold,
        weighted,
    )
    from quorumlab.widgets.explorer import Explorer, choice, slider, switch
    from quorumlab.widgets.stage import Stage

__version__ = "0.1.0"

_ROOMS = {
    "quorumlab.quorums": (
        "QuorumSystem", "fault_tolerance", "flexible", "grid", "hierarchical", "majority", "quorum_size", "threshold",
        "weighted",
    ),
    "quorumlab.availability": ("availability", "downtime", "nines", "unavailability"),
    "quorumlab.widgets.explorer": ("Explorer", "choice", "slider", "switch"),
    "quorumlab.widgets.stage": ("Stage",),
    "quorumlab.course.questions": ("predict", "quick_check", "reveal"),
    "quorumlab.course.checks": ("check",),
    "quorumlab.course.claims": ("claim", "verdicts"),
    "quorumlab.course.progress": ("reset_progress",),
    "quorumlab.course.environment": ("check_environment",),
}  # fmt: skip
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted(_ROOM_OF)  # noqa: PLE0605  (names are loaded when first used)


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"quorumlab has no {name!r}; it has {', '.join(__all__)}.")
    value = globals()[name] = getattr(import_module(_ROOM_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
