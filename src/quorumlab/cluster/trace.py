"""What happened in a cluster: which world it was, and its events, from which the situation at any moment follows."""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quorumlab.arguments import cut, seconds_within, shown
from quorumlab.cluster.events import SECOND, Damage, Event, Joined, Lost, Message, plain, read_events
from quorumlab.cluster.moments import Situation, fold

FORMAT, VERSION = "quorumlab-trace", 2
MOST_OF_A_PATH = 200  # characters that a sentence shows


class TraceError(ValueError):
    """A file or text that is not a trace this version can read. The message says which, and what is wrong."""


@dataclass(frozen=True)
class Trace:
    """A recording.

    world     which world it was: "simulation" or "etcd"
    settings  what the cluster was made of, as JSON holds it: members, heartbeat_ms, election_ms, …; of a simulation the seed, of
              etcd its version
    until     when the recording ends, in µs
    events    in order of time
    """

    world: str
    settings: Mapping[str, Any]
    until: int = 0
    events: tuple[Event, ...] = ()

    def to_json(self) -> str:
        """The trace as JSON text, byte for byte the same for the same run on every platform."""
        whole = {
            "format": FORMAT,
            "version": VERSION,
            "world": self.world,
            "settings": self.settings,
            "until": self.until,
            "events": [plain(event) for event in self.events],
        }
        return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str, source: str = "this text") -> Trace:
        """Read what ``to_json`` wrote. Raises TraceError if ``text`` is damaged, foreign or of another version."""
        if not isinstance(text, str | bytes):
            raise TypeError(
                f"a trace is read from a text, not from {shown(text)}; give what trace.to_json() gave."
            )
        try:
            whole = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TraceError(
                f"{source} is no JSON ({error}); it may be cut short, so save the trace again."
            ) from None
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise TraceError(f"{source} is not a trace of quorumlab; save one with trace.save(path).")
        if whole.get("version") != VERSION:
            raise TraceError(
                f"{source} is a trace of version {shown(whole.get('version'))}, but this quorumlab reads version {VERSION}; "
                "record the run again with this one."
            )
        try:
            trace = cls(*_header(whole), read_events(whole["events"], whole["until"]))
            fold(trace.events)
        except (Damage, ValueError) as damage:
            raise TraceError(f"{source} is a damaged trace: {damage}; save it again.") from None
        return trace

    def save(self, path: str | Path) -> None:
        """Write ``to_json`` to a file, as UTF-8.

        Raises TypeError for what is no path, OSError where that cannot be, TraceError for a name or a text that no file can have.
        """
        _check_path(path)
        try:
            text = self.to_json().encode()
        except UnicodeEncodeError as error:
            raise TraceError(
                f"This trace cannot be written: a text in it holds half a character ({error.object[error.start]!a}); record the run "
                "again without it."
            ) from None
        try:
            Path(path).write_bytes(text)
        except OSError as error:
            raise type(error)(
                f"{cut(str(path), MOST_OF_A_PATH)} cannot be written ({error.strerror}); name a file in a folder that you may write to."
            ) from None
        except ValueError as error:  # a NUL in the name, or half a character
            raise TraceError(
                f"{cut(str(path), MOST_OF_A_PATH)} cannot be written ({error}); name another file."
            ) from None

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Raises TraceError for what is no trace, TypeError for what is no path, and OSError where there is no such file."""
        _check_path(path)
        named = cut(str(path), MOST_OF_A_PATH)
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise TraceError(f"{named} is not text, so no trace; save one with trace.save(path).") from None
        except OSError as error:
            raise type(error)(
                f"{named} cannot be read ({error.strerror}); name a file that trace.save(path) wrote."
            ) from None
        except ValueError:  # a NUL in it
            raise TraceError(
                f"{named} cannot be the name of a file; name one that trace.save(path) wrote."
            ) from None
        return cls.from_json(text, named)

    @property
    def members(self) -> tuple[str, ...]:
        """All members that ever were, in the order they joined."""
        return tuple(dict.fromkeys(e.member for e in self.events if isinstance(e, Joined)))

    def at(self, seconds: float) -> Situation:
        """What is told of the cluster ``seconds`` after the start. Errors as for ``micros``."""
        now = self.micros(seconds)
        return fold(self.events[: bisect_right(self.events, now, key=lambda event: event.t)])

    def ended_at(self, until: int) -> Trace:
        """The same recording, ended at ``until`` µs."""
        return Trace(self.world, self.settings, until, tuple(e for e in self.events if e.t <= until))

    def micros(self, seconds: float) -> int:
        """A moment of this trace in µs. Raises TypeError if ``seconds`` is no number, ValueError if it lies outside."""
        return seconds_within(seconds, self.until / SECOND)

    def in_flight(self, seconds: float) -> tuple[Message, ...]:
        """The messages on their way ``seconds`` after the start. Errors as for ``micros``."""
        now = self.micros(seconds)
        lost = {e.id for e in self.events if isinstance(e, Lost) and e.t <= now}
        return tuple(
            e
            for e in self.events
            if isinstance(e, Message)
            and e.t <= now
            and e.arrives is not None
            and e.arrives > now
            and e.id not in lost
        )


def _check_path(path: object) -> None:
    """Raises TypeError for what can name no file: a number would be taken as a file that is open already."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"The path is {shown(path)}, but must be a text; write it in quotes, such as 'run.json'."
        )


def _header(whole: dict[str, Any]) -> tuple[str, dict[str, Any], int]:
    world, settings, until = whole.get("world"), whole.get("settings"), whole.get("until")
    if not isinstance(world, str) or not isinstance(settings, dict):
        raise Damage("it has no world or no settings")
    if type(until) is not int or not isinstance(whole.get("events"), list):
        raise Damage("it has no end or no events")
    return world, settings, until
