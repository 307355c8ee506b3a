"""What callers may pass: numpy's scalars count as the numbers they are everywhere, booleans (numpy's too) never, and each
refusal is one sentence."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

import quorumlab as ql
from quorumlab import arguments, experiments, quorums, timing, words
from quorumlab.etcd.settings import SWITCHES as ETCD_SWITCHES
from quorumlab.etcd.settings import EtcdSettings
from quorumlab.etcd.snapshots import Restoring, Snapshot
from quorumlab.experiments.writes import ten_ms_apart
from quorumlab.simulation.settings import SWITCHES
from quorumlab.views import availability, clients, elections, latency, reads, stage, writes
from quorumlab.views import quorums as quorum_views
from quorumlab.views import timing as timing_views
from quorumlab.views.witnesses import agree
from tests.property.odd_calls import ETCD


def numpys(value):
    """The same argument as numpy would hold it, as deep as lists and dicts go."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, float):
        return np.float64(value)
    if isinstance(value, list | tuple):
        return type(value)(numpys(each) for each in value)
    if isinstance(value, dict):
        return {key: numpys(each) for key, each in value.items()}
    return value


FUNCTIONS = [
    (ql.quorum_size, (5,)),
    (ql.fault_tolerance, (5,)),
    (quorums.overlap_counts, (5, 3)),
    (quorums.elects_nobody, (5, 2, 1)),
    (quorums.election_quorum, (6, 3)),
    (quorums.tigerbeetle_quorums, (6,)),
    (quorums.outlives_any_leader, (5, 3)),
    (quorums.commit_time, ([2, 3.5, 80],)),
    (quorums.request_cost, ("write", [10, 20.5], 6)),
    (ql.majority, (5,)),
    (ql.threshold, (5, 2)),
    (ql.grid, (2, 3)),
    (ql.hierarchical, ([3, 3, 3],)),
    (partial(ql.flexible, commit=np.int64(3), elect=np.int64(4)), (6,)),
    (ql.weighted, ({"a": 2, "b": 1.5, "c": 0.1},)),
    (lambda p: ql.unavailability(ql.majority(3), p), (0.99,)),
    (lambda p: ql.availability(ql.majority(3), p), ({"etcd-1": 0.9, "etcd-2": 1, "etcd-3": 0.5},)),
    (ql.nines, (0.999,)),
    (ql.downtime, (0.001,)),
    (lambda share: ql.majority(3).load(share), (0.5,)),
    (timing.split_vote_probability, (5, 4, 0.1)),
    (timing.expected_election_time, (5, 4, 0.1, 0.01)),
    (timing.expected_ms, (200, 20, 4)),
    (timing.tuning, (70, 100, 1000)),
    (timing.works_for, (10, 60)),
    (timing.bills, (15, 10, True)),
    (words.plural, (1, "member")),
    (words.percent, (0.9995,)),
    (words.times, (33.6,)),
    (words.ms, (12.5,)),
    (words.whole_ms, (12_345.6,)),
    (words.a_year, (0.01,)),
    (experiments.writes_survive, (3, 1)),
    (experiments.crash_table, ([1, 2],)),
    (experiments.sides_that_write, ((1, 2),)),
    (lambda *a: experiments.crash_leader(*a, make=ten_ms_apart(1)), (3, 2, True)),
    (experiments.measured_cost, ("write", [10, 20])),
    (experiments.freshness, (10, 40)),
    (experiments.without_leader, (0.5,)),
    (lambda *a: list(experiments.elections((100, 200), *a, one_way_ms=10)), (2, 1)),
    (lambda *a: ql.Operation("a", "write", "x", 1, *a), (1, 2.5)),
    (lambda steps: ql.check_linearizable([], max_steps=steps).linearizable, (5,)),
    (lambda ok: ql.Operation("a", "read", "x", 1, 0, 1, ok), (True,)),
    (lambda ok: ql.Operation("a", "read", "x", 1, 0, 1, ok), (False,)),
    (lambda ok: ql.check_linearizable([ql.Operation("a", "read", "x", 1, 0, 1, ok)]).explanation, (True,)),
    (lambda on: ql.SimulatedCluster(3, **dict.fromkeys(SWITCHES, on)).trace.to_json(), (True,)),
    (lambda on: EtcdSettings(**{**ETCD, **dict.fromkeys(ETCD_SWITCHES, on)}).plain("3.5.1"), (False,)),
    (lambda on: Restoring(Snapshot("a", 1, "2", 3, b""), 5, on), (True,)),
    (lambda on: one_way(on).trace.to_json(), (True,)),
    (lambda on: ql.play(one_way(True), clients=on).clients, (True,)),
    (lambda until: ql.play(one_way(True), until=until).future.trace.to_json(), (1.0,)),
    (lambda start, speed: ql.play(one_way(True), start=start, speed=speed).speed, (1, 1)),
    (lambda on: ql.switch("on", on), (True,)),
    (lambda on: ql.choice("on", {"no": False, "one": 1, "yes": True}, on).start, (True,)),
    (lambda holds, quite: ql.claim("a", holds, "b", quite=quite), (True, False)),
    (lambda on: agree([on, True]), (True,)),
    (lambda on: ql.Stage(3, cut=on).cut, (1,)),
]


def one_way(value):
    """A cluster with a link cut in one direction."""
    cluster = ql.SimulatedCluster(3)
    cluster.cut("etcd-1", "etcd-2", one_way=value)
    return cluster


VIEWS = [
    (clients.clients_view, (90, 10, 60)),
    (clients.sleeper_view, (15, 10)),
    (availability.downtime_view, (0.99, 365)),
    (availability.series_parallel_view, (3, 0.9)),
    (availability.one_two_three_view, (0.99,)),
    (availability.extra_member_view, (0.995, 4)),
    (quorum_views.overlap_view, (5, 3)),
    (quorum_views.two_quorums_view, (6, 3)),
    (latency.commit_view, ([2, 3.5, 80],)),
    (latency.slow_followers_view, (5, 2, 80)),
    (latency.request_cost_view, ("write", 2)),
    (writes.crash_view, (3, False)),
    (reads.stale_reads_view, (10, 40)),
    (elections.split_vote_view, (2, True)),
    (elections.downtimes_view, ({"one": [100.5, 200, 300]},)),
    (timing_views.election_time_view, (200, 20, 1)),
    (timing_views.tuning_view, (70, 100, 1000)),
    (stage.stage_view, (ql.majority(3),)),
]


def shown(result):
    """A result as plain facts, to be compared and printed; a quorum system by what it is."""
    if isinstance(result, ql.QuorumSystem):
        return result.members, set(result.minimal_quorums())
    return result


@pytest.mark.parametrize(("function", "given"), FUNCTIONS, ids=lambda x: getattr(x, "__name__", "given"))
def test_numpys_scalars_give_what_pythons_numbers_give(function, given):
    plain, numpy = shown(function(*given)), shown(function(*numpys(given)))
    assert plain == numpy


@pytest.mark.parametrize(("view", "given"), VIEWS, ids=lambda x: getattr(x, "__name__", "given"))
def test_views_say_and_draw_the_same_for_numpys_scalars(view, given):
    plain, numpy = view(*given), view(*numpys(given))
    assert (plain.sentence, plain.alt, plain.table) == (numpy.sentence, numpy.alt, numpy.table)
    assert plain.svg() == numpy.svg()
    assert "np." not in numpy.to_text()


@pytest.mark.parametrize("truth", [True, np.True_], ids=["bool", "numpy's"])
@pytest.mark.parametrize(
    "function",
    [
        ql.quorum_size,
        ql.majority,
        lambda v: ql.hierarchical([3, v]),
        lambda v: ql.weighted({"a": v, "b": 1}),
        lambda v: ql.unavailability(ql.majority(3), v),
        lambda v: timing.tuning(v, 100, 1000),
        lambda v: timing.split_vote_probability(5, 4, v),
        lambda v: quorums.commit_time([1, v]),
        lambda v: experiments.freshness(v, 40),
        lambda v: experiments.writes_survive(3, v),
        lambda v: availability.downtime_view(v),
        lambda v: quorum_views.overlap_view(5, v),
        lambda v: ql.check_linearizable([], max_steps=v),
    ],
)
def test_a_truth_is_no_number(function, truth):
    with pytest.raises(TypeError, match=r"(is|are|include) .*(True|true)") as refused:
        function(truth)
    assert str(refused.value).endswith(".") and ";" in str(refused.value)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (3, 3), (0.5, 0.5), (Fraction(1, 3), Fraction(1, 3)), (np.int8(3), 3), (np.float32(0.5), 0.5), (np.array(3), 3),
        (True, None), (np.True_, None), ("3", None), (None, None), (1j, None), (np.array([1, 2]), None), (np.array([True]), None),
    ],
)  # fmt: skip
def test_plain_numbers(value, found):
    assert arguments.plain(value) == found and type(arguments.plain(value)) is type(found)


@pytest.mark.parametrize(
    ("value", "truth"),
    [(True, True), (False, True), (np.False_, True), (1, False), (np.int64(0), False), (np.array([True]), False), (None, False)],
)  # fmt: skip
def test_what_counts_as_a_truth(value, truth):
    assert arguments.is_truth(value) is truth


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: arguments.whole(2.0, "n"), TypeError, "n is 2.0 (float), but must be a whole number of 1 or more; write it as an int, for example 5."),
        (lambda: arguments.whole(0, "n"), ValueError, "n is 0, but must be a whole number of 1 or more; choose a larger one, for example 5."),
        (lambda: arguments.whole(9, "n", most=7), ValueError, "n is 9, but must be a whole number from 1 to 7; choose a smaller one, for example 7."),
        (lambda: arguments.whole("x", "n", least=None), TypeError, "n is 'x' (str), but must be a whole number; write it as an int, for example 5."),
        (lambda: arguments.time_ms(-1, "the trip"), ValueError, "the trip is -1 ms, but must be a finite number, 0 ms or more; choose such a number."),
        (lambda: arguments.time_ms(0, "the trip", zero=False), ValueError, "the trip is 0 ms, but must be a finite number, above 0 ms; choose such a number."),
        (lambda: arguments.time_ms(math.inf, "the trip"), ValueError, "the trip is inf ms, but must be a finite number, 0 ms or more; choose such a number."),
        (lambda: arguments.number("1", "x", above=0, most=5), TypeError, "x is '1' (str), but must be a finite number, above 0 and at most 5; write it as a number, for example 5."),
        (lambda: arguments.number(math.nan, "x"), ValueError, "x is nan, but must be a finite number; choose such a number."),
        (lambda: arguments.probability(1, "p", strictly=True), ValueError, "p is 1, but must lie between 0 and 1, both excluded; choose 0.99, for example."),
        (lambda: arguments.name("", "members include"), TypeError, "members include '', but every name must be a text that is not empty; write it in quotes, for example 'a'."),
    ],
    ids=lambda x: x[:30] if isinstance(x, str) else "",
)  # fmt: skip
def test_a_refusal_is_one_sentence(call, error, sentence):
    with pytest.raises(error) as refused:
        call()
    assert str(refused.value) == sentence


def test_bounds_are_kept_and_kinds_stay():
    assert arguments.number(Fraction(1, 3), "x", least=0, most=1) == Fraction(1, 3)
    assert isinstance(arguments.number(3, "x"), int)
    assert arguments.number(5, "x", most=5) == 5 and arguments.whole(0, "n", least=0) == 0
    assert arguments.time_ms(np.int64(3), "t") == 3.0
