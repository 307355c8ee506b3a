"""Clusters over regions: formula and simulation agree, recorded etcd agrees with both, and the bad day is what it should be."""

from functools import partial

import pytest

import quorumlab as ql
from quorumlab.etcd import EtcdCluster
from quorumlab.etcd.recordings import recorded
from quorumlab.experiments.regions import (
    BEHIND,
    GIVES_UP_MS,
    HOME,
    HOME_MAJORITY,
    INDIA,
    LOST_AT_S,
    ONE_EACH,
    ONE_REGION,
    THREE_EACH,
    WITNESSED,
    bad_day,
    local_or_alive,
    nine_or_three,
    nine_or_three_computed,
    quickest,
    replica_serves,
    stopped_s,
)
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.witnesses import agree

EVERY = pytest.mark.parametrize("experiment", WITNESSED, ids=lambda e: e.__name__)


def test_formula_and_simulation_agree_within_two_percent() -> None:
    computed = nine_or_three_computed()
    assert list(computed.values()) == pytest.approx([69.7, 69.7, 260.8, 260.8, 0.0])
    assert nine_or_three(SimulatedCluster) == pytest.approx(computed, rel=0.02, abs=0.1)


def test_what_is_quick_ends_with_its_region() -> None:
    assert list(local_or_alive(SimulatedCluster).values()) == [True, False, False, True]


def test_a_learner_serves_serializable_reads_and_nothing_else() -> None:
    found = replica_serves(SimulatedCluster)
    assert found[BEHIND] == pytest.approx(ql.RTT[HOME, INDIA] / 2, abs=1)
    assert [answer for question, answer in found.items() if question != BEHIND] == [
        True,
        False,
        False,
        False,
        False,
        True,
    ]


@EVERY
def test_the_recorded_run_agrees_with_the_simulation(experiment) -> None:
    simulated, recording = experiment(SimulatedCluster), recorded(experiment.__name__)
    assert list(simulated) == list(recording.answers)
    assert all(agree(both) for both in zip(simulated.values(), recording.answers.values(), strict=True))


@pytest.mark.etcd
@EVERY
def test_real_etcd_agrees(experiment) -> None:
    """Words and yes or no exactly; times up to what a busy machine adds, which grows with the members on it."""
    simulated, real = experiment(SimulatedCluster), experiment(EtcdCluster)
    for question, answer in simulated.items():
        if isinstance(answer, bool):
            assert real[question] == answer, question
        else:
            assert 0.6 * answer <= real[question] <= 1.5 * answer + 60, question


@pytest.mark.parametrize("layout", [ONE_EACH, THREE_EACH])
@pytest.mark.parametrize("lost", [HOME, "eu-west-1", INDIA])
def test_the_bad_day_ends_at_the_latency_that_arithmetic_foresees(layout: ql.Topology, lost: str) -> None:
    puts = bad_day(layout, lost, seconds=9)
    assert len(puts) == 90 and puts[0].asked_s == 0 and puts[-1].asked_s == pytest.approx(8.9)
    via = next(name for name in layout.members if layout.region_of[name] != lost)
    down = layout.lost(region=lost)
    possible = [ql.write_latency(layout, name, via, down=down) for name in layout.members if name not in down]
    assert any(puts[-1].waited_ms == pytest.approx(p, rel=0.02) for p in possible)
    stopped = stopped_s(puts)
    assert stopped is not None and 0 < stopped < 6


def test_who_loses_the_majority_writes_no_more() -> None:
    puts = bad_day(HOME_MAJORITY)
    assert stopped_s(puts) is None
    before = [p.waited_ms for p in puts if p.asked_s < LOST_AT_S - 0.2]
    assert before == pytest.approx([70.7] * len(before), rel=0.02)
    assert all(p.waited_ms is None for p in puts if p.asked_s >= LOST_AT_S)
    led_from_india = stopped_s(bad_day(HOME_MAJORITY, INDIA))
    assert led_from_india is not None and led_from_india < 6


def test_a_longer_timeout_is_a_longer_silence() -> None:
    silent = [stopped_s(bad_day(ONE_EACH, election_ms=t, seconds=12)) for t in (1000, 2000, 4000)]
    assert silent == sorted(silent) and silent[0] < silent[2]


def test_nobody_is_left_to_ask_where_the_whole_cluster_is_lost() -> None:
    with pytest.raises(ValueError, match="All members stand in us-east-1"):
        bad_day(ONE_REGION)


def test_a_client_gives_up_after_its_time_and_the_quickest_of_a_few_counts() -> None:
    puts = bad_day(ONE_EACH)
    assert max(p.waited_ms for p in puts if p.waited_ms is not None) <= GIVES_UP_MS
    times = iter([5.0, 3.0, 9.0, 4.0, 7.0])
    assert quickest(partial(next, times)) == 3.0
