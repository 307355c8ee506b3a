"""Real runs that ship with the course, for machines on which no etcd can run: what an experiment answered, and on what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from quorumlab.cluster.trace import Trace

Answer = bool | float | str | None
FOLDER = files("quorumlab.etcd").joinpath("recorded")


@dataclass(frozen=True)
class Recording:
    """What an experiment answered, question by question, on a real cluster: of which etcd, on which day, on what kind of machine."""

    experiment: str
    etcd: str
    date: str
    machine: str
    answers: Mapping[str, Answer]

    @property
    def label(self) -> str:
        """Where it comes from, in words."""
        return label(self.etcd, self.date, self.machine)

    def to_json(self) -> str:
        """The recording as JSON text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class RecordedScene:
    """What happened in a scene on a real cluster, as it is played: of which etcd, on which day, on what kind of machine."""

    scene: str
    etcd: str
    date: str
    machine: str
    trace: Trace

    @property
    def label(self) -> str:
        """Where it comes from, in words."""
        return label(self.etcd, self.date, self.machine)

    def to_json(self) -> str:
        """The recording as JSON text, the trace as it is always kept."""
        told = {"scene": self.scene, "etcd": self.etcd, "date": self.date, "machine": self.machine}
        return (
            json.dumps(
                told | {"trace": json.loads(self.trace.to_json())}, ensure_ascii=False, separators=(",", ":")
            )
            + "\n"
        )


def label(etcd: str, date: str, machine: str) -> str:
    """Where a recording comes from, in words."""
    return f"a recorded run: etcd {etcd}, {date}, {machine}"


def recorded_scene(scene: str) -> RecordedScene:
    """The run of that scene that ships with the course. Raises LookupError if there is none."""
    told = json.loads(_text(FOLDER.joinpath("scenes", f"{scene}.json"), scene))
    return RecordedScene(**told | {"trace": Trace.from_json(json.dumps(told["trace"]), f"the scene {scene}")})


def recorded(experiment: str) -> Recording:
    """The run of that experiment that ships with the course. Raises LookupError if there is none."""
    return Recording(**json.loads(_text(FOLDER.joinpath(f"{experiment}.json"), experiment)))


def _text(file: Traversable, what: str) -> str:
    if not file.is_file():
        raise LookupError(f"No run of {what!r} has been recorded; run make recordings where etcd can run.")
    return file.read_text(encoding="utf-8")
