"""Real runs that ship with the course, for machines on which no etcd can run: what an experiment answered, and on what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files

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
        return f"a recorded run: etcd {self.etcd}, {self.date}, {self.machine}"

    def to_json(self) -> str:
        """The recording as JSON text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


def recorded(experiment: str) -> Recording:
    """The run of that experiment that ships with the course. Raises LookupError if there is none."""
    file = FOLDER.joinpath(f"{experiment}.json")
    if not file.is_file():
        raise LookupError(
            f"No run of {experiment!r} has been recorded; run make recordings where etcd can run."
        )
    return Recording(**json.loads(file.read_text(encoding="utf-8")))
