"""The same schedule of faults on the simulation and on real etcd: what clients can observe must agree.

Where it does not, the simulation is wrong until shown otherwise. ``make test`` runs the written schedules and a few random ones,
``make differential`` many (QUORUMLAB_DIFFERENTIAL says how many).
"""

import importlib.util
import os
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, note, settings

from quorumlab.etcd import EtcdCluster
from quorumlab.simulation import SimulatedCluster

# Tests are no package: their helpers are loaded by their place.
SPEC = importlib.util.spec_from_file_location("schedules", Path(__file__).with_name("schedules.py"))
schedules = sys.modules["schedules"] = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(schedules)
Act, Schedule, run = schedules.Act, schedules.Schedule, schedules.run

RANDOM = int(os.environ.get("QUORUMLAB_DIFFERENTIAL", "4"))

WRITTEN = (
    Schedule(3, (Act("crash", 0), Act("crash", 1), Act("restart", 0))),
    Schedule(5, (Act("isolate", 0), Act("heal", 0))),
    Schedule(3, (Act("mute", 0), Act("heal", 0), Act("deafen", 0))),
    Schedule(4, (Act("split", 2), Act("heal", 0))),
    Schedule(2, (Act("crash", 1), Act("remove", 1))),
    Schedule(1, (Act("pause", 0), Act("add_learner", 0))),
    Schedule(3, (Act("add_learner", 0), Act("promote", 3))),
    Schedule(3, (Act("pause", 0), Act("resume", 0), Act("transfer", 2), Act("stop", 2))),
    Schedule(5, (Act("isolate", 2), Act("add_learner", 0), Act("heal", 0), Act("add_learner", 0))),
    Schedule(5, (Act("deafen", 2), Act("remove", 3), Act("crash", 4), Act("restart", 4), Act("remove", 4))),
    Schedule(3, (Act("pause", 2), Act("resume", 2), Act("add_learner", 0))),
    Schedule(3, (Act("pause", 2), Act("add_learner", 0), Act("resume", 2), Act("promote", 3))),
    Schedule(4, (Act("pause", 0), Act("add_learner", 0), Act("crash", 0), Act("remove", 0))),
    # A new member that waits: cut off from whom it waits for, killed, and told anew who belongs.
    Schedule(
        3, (Act("pause", 2), Act("add_learner", 0), Act("isolate", 2), Act("heal", 0), Act("resume", 2))
    ),
    Schedule(
        3,
        (
            Act("pause", 2),
            Act("add_learner", 0),
            Act("crash", 3),
            Act("crash", 2),
            Act("remove", 2),
            Act("restart", 3),
        ),
    ),
    Schedule(3, (Act("part", 1), Act("part_to", 2), Act("part_from", 0), Act("crash", 0))),
)


def compare(schedule):
    """Fail with the first act after which the two worlds differ."""
    simulated, real = run(SimulatedCluster, schedule), run(EtcdCluster, schedule)
    for number, (ours, theirs) in enumerate(zip(simulated, real, strict=True)):
        after = f"{schedule}, after {schedule.acts[number - 1] if number else 'the start'}"
        assert ours == theirs, f"{after}:\n  simulation {ours}\n  real etcd  {theirs}"


@pytest.mark.etcd
@pytest.mark.parametrize("schedule", WRITTEN, ids=str)
def test_written_schedules_look_the_same_to_clients_of_both_worlds(schedule):
    compare(schedule)


@pytest.mark.etcd
@settings(
    max_examples=RANDOM, derandomize="QUORUMLAB_DIFFERENTIAL" not in os.environ, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(schedules.schedules())
def test_random_schedules_look_the_same_to_clients_of_both_worlds(schedule):
    note(str(schedule))
    compare(schedule)


# Would it see? The other world is a simulation with one fault, and some random schedule must tell the two apart.


class HealsNothing(SimulatedCluster):
    def heal(self, *link):
        pass


class CutsOneWay(SimulatedCluster):
    def partition(self, *groups):
        inside = {name for group in groups for name in group}
        for a in self.members:
            for b in self.members:
                if a in inside and b not in inside:
                    self.cut(a, b, one_way=True)


class PausesByCrashing(SimulatedCluster):
    def pause(self, *names):
        self.crash(*names)

    def resume(self, *names):
        pass


class ReadsWhateverIsThere(SimulatedCluster):
    def submit(self, kind, key, value=None, **how):
        if kind == "read":
            how["mode"] = "serializable"
        return super().submit(kind, key, value, **how)


class LosesWrites(SimulatedCluster):
    def history(self, *, serializable=True):
        """As a client would see it of a store that forgets: each write is answered, and no later read finds it."""
        return [
            replace(o, value=None) if o.kind == "read" else o
            for o in super().history(serializable=serializable)
        ]


class SaysEveryRemovalIsDone(SimulatedCluster):
    def remove(self, name):
        outcome = super().remove(name)
        return outcome if outcome.ok else type(outcome)(True, None, 0.0, None, outcome.via, None)


@pytest.mark.parametrize(
    "world",
    [HealsNothing, CutsOneWay, PausesByCrashing, ReadsWhateverIsThere, LosesWrites, SaysEveryRemovalIsDone],
)
def test_a_fault_planted_into_one_world_is_seen(world):
    for number in count():
        assert number < 200, f"200 schedules did not see {world.__name__}"
        chance = Random(f"planted {number}")
        acts = tuple(Act(chance.choice(schedules.VERBS), chance.randrange(5)) for _ in range(4))
        schedule = Schedule(chance.randint(1, 5), acts)
        try:
            if run(world, schedule) != run(SimulatedCluster, schedule):
                return
        except AssertionError:
            return


def test_the_simulation_agrees_with_itself_whatever_its_seed():
    """What is compared does not depend on chance: other timeouts, other leaders, the same observations."""
    for number in range(25):
        chance = Random(f"itself {number}")
        acts = tuple(Act(chance.choice(schedules.VERBS), chance.randrange(5)) for _ in range(5))
        schedule = Schedule(chance.randint(1, 5), acts)
        one, other = (
            run(lambda size, seed=seed, **how: SimulatedCluster(size, seed=seed, **how), schedule)
            for seed in (1, 2)
        )
        assert one == other, schedule
