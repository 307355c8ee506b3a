"""Run every experiment and scene of the course on real etcd, and keep what it answered, or what happened: ``make recordings``."""

import argparse
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from quorumlab.cluster import Trace
from quorumlab.etcd import EtcdCluster, find_etcd
from quorumlab.etcd.leases import lease_over_outage
from quorumlab.etcd.recordings import RecordedScene, Recording
from quorumlab.experiments import operating
from quorumlab.experiments.design_review import designs_lose_a_place
from quorumlab.experiments.restoring import watch_over_restore
from quorumlab.experiments.scenes import SCENES
from quorumlab.experiments.witnesses import ALL

FOLDER = Path(__file__).resolve().parent.parent / "src" / "quorumlab" / "etcd" / "recorded"


def main() -> None:
    """Record the experiments named, or all."""
    known = {
        experiment.__name__: experiment
        for experiment in (
            *ALL,
            lease_over_outage,
            *operating.ALL,
            watch_over_restore,
            designs_lose_a_place,
            *SCENES,
        )
    }
    parser = argparse.ArgumentParser(description="Record the course's experiments on real etcd.")
    parser.add_argument("experiments", nargs="*", choices=[[], *known], help="by default all")
    chosen = parser.parse_args().experiments or list(known)
    (FOLDER / "scenes").mkdir(parents=True, exist_ok=True)
    machine = f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"
    for name in chosen:
        today = datetime.now(UTC).date().isoformat()
        found = known[name](EtcdCluster)
        if isinstance(found, Trace):
            scene = RecordedScene(name, find_etcd().version, today, machine, found)
            (FOLDER / "scenes" / f"{name}.json").write_text(scene.to_json(), encoding="utf-8")
            print(f"{name}: {len(found.events)} events")
        else:
            recording = Recording(name, find_etcd().version, today, machine, found)
            (FOLDER / f"{name}.json").write_text(recording.to_json(), encoding="utf-8")
            print(f"{name}: {len(found)} answers")


if __name__ == "__main__":
    main()
