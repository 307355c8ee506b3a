"""The futures of a playback, and how they are sent to the browser: each without what another one has."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from quorumlab.cluster import Trace
from quorumlab.cluster.events import SECOND, Disk, Event, Invoke, Link, Process, plain
from quorumlab.cluster.story import Teller
from quorumlab.widgets.sources import Line, Source

ORIGINAL = "the original"


@dataclass(frozen=True)
class Future:
    """One way things went: what the learner did, and what followed. Its first ``kept`` events and ``lines`` of the story are those
    of future number ``base``.

    ``path`` is all that was done, each with its moment in seconds: so far as the same run went on from there. ``parent`` is the number
    of the future that was shown when the last of it was done. ``anew`` says what was recorded later and does not happen here, "" if
    nothing was.
    """

    label: str
    source: Source
    trace: Trace
    story: tuple[Line, ...]
    base: int | None = None
    kept: int = 0
    lines: int = 0
    path: tuple[tuple[str, float], ...] = ()
    parent: int = 0
    anew: str = ""

    @property
    def fork(self) -> dict[str, Any]:
        """Where the browser goes back to: the parent, when the last and the first thing were done, in seconds; and what is not done again."""
        moments = [moment for _, moment in self.path] or [0.0]
        return {"parent": self.parent, "last": moments[-1], "first": moments[0], "anew": self.anew}


def path_words(number: int, path: Sequence[tuple[str, float]]) -> str:
    """A future by all that was done: ``future 2: crashed etcd-1 at 1.000 s, then a write of x = 2 at 1.200 s``."""
    return f"future {number}: {', then '.join(f'{done} at {moment:.3f} s' for done, moment in path)}"


def left_out(original: Future, since: float) -> str:
    """What of the recorded run does not happen in a future that parts from it at ``since`` seconds: somebody asked for it, or did it, later.
    "" if there is nothing of the kind."""
    events = original.trace.events
    found = next((i for i, e in enumerate(events) if e.t > round(since * SECOND) and _was_done(e)), None)
    if found is None:
        return ""
    when, kind, teller = events[found].t, type(events[found]), Teller()
    teller.tell(events[:found])
    line = next(
        (words for _, words in teller.tell([e for e in events[found:] if e.t == when and type(e) is kind])),
        "",
    )
    return line and (
        f"From {since:.3f} s on everything is simulated anew. What was recorded after that does not happen by itself; "
        f"at {when / SECOND:.3f} s that was “{line}”"
    )


def _was_done(event: Event) -> bool:
    """Whether it does not follow from what came before: a client or a fault is behind it."""
    return isinstance(event, Invoke | Link | Disk) or (
        isinstance(event, Process) and event.condition != "removed"
    )


def piece(number: int, future: Future) -> dict[str, Any]:
    """A future as it is sent: what its base has is left out. Times in µs."""
    return {
        "future": number,
        "base": future.base,
        "kept": future.kept,
        "lines": future.lines,
        "until": future.trace.until,
        "heartbeats": bool(future.trace.settings.get("record_heartbeats")),
        "events": [plain(event) for event in future.trace.events[future.kept :]],
        "story": future.story[future.lines :],
    }


def as_json(pieces: Sequence[dict[str, Any]]) -> bytes:
    """Pieces as they travel."""
    return json.dumps(pieces, ensure_ascii=False, separators=(",", ":")).encode()


def common(one: Sequence[object], other: Sequence[object]) -> int:
    """How many of two sequences agree from their beginning on."""
    for count, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return count
    return min(len(one), len(other))
