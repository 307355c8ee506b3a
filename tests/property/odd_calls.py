"""The public surface, one argument at a time: what ``test_odd_arguments`` passes odd values to.

Each call is a function of the odd value; all other arguments are good. Those of layouts and latency stand in the test itself.
"""

import inspect
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any

import quorumlab as ql
from quorumlab.arguments import shown
from quorumlab.course.questions import bank
from quorumlab.etcd.settings import EtcdSettings, founders
from quorumlab.experiments.restoring import after_restore, told_in_words
from quorumlab.latency import spread_over
from quorumlab.latency.situation import situation
from quorumlab.planning import decide, over_sites
from quorumlab.quorums import commit_time, election_quorum, elects_nobody, request_cost, tigerbeetle_quorums
from quorumlab.quorums.counts import overlap_counts
from quorumlab.timing import bills, expected_ms, split_vote_probability, tuning, works_for
from quorumlab.views import (
    availability,
    elections,
    history,
    latency,
    quorums,
    regions,
    sites,
    sizes,
    topology,
    writes,
)
from quorumlab.views.clients import clients_view, sleeper_view
from quorumlab.views.design_review import proposal_view
from quorumlab.views.logs import logs_view
from quorumlab.views.operating import watcher_view
from quorumlab.views.timers import timers_view
from quorumlab.views.timing import election_time_view, tuning_view
from quorumlab.views.view import View
from quorumlab.views.world import world_view
from quorumlab.words import a_year, percent

Call = Callable[[Any], object]
Op = ql.Operation
SITES = {"us-east-1": 2, "us-west-2": 2, "eu-west-1": 1}


def each_argument(function: Callable[..., object], *good: object, **named: object) -> dict[str, Call]:
    """For each argument of ``function`` a call with an odd value in its place, the others being good."""
    asked = inspect.signature(function).bind(*good, **named)

    def call(name: str, value: object) -> object:
        changed = inspect.signature(function).bind(*good, **named)
        changed.arguments[name] = value
        return function(*changed.args, **changed.kwargs)

    return {f"{function.__qualname__} {name}": partial(call, name) for name in asked.arguments}


def _steady() -> ql.SimulatedCluster:
    cluster = ql.SimulatedCluster(3)
    cluster.put("x", "1")
    return cluster


CLUSTER, PLAYED = _steady(), _steady()
"""To the first things are done."""
TRACE = PLAYED.trace
HISTORY = [Op("a", "write", "x", 1, 0, 1), Op("b", "read", "x", 1, 2, 3)]


def shown_view(size: int) -> View:
    """A view to explore."""
    return quorums.fatal_sets_view(size)


COUNTING: dict[str, Call] = {
    "majority": ql.majority,
    "threshold": lambda v: ql.threshold(v, 2),
    "size": lambda v: ql.threshold(3, v),
    "weighted": ql.weighted,
    "weight": lambda v: ql.weighted({"a": v, "b": 1}),
    "grid": lambda v: ql.grid(v, 2),
    "columns": lambda v: ql.grid(2, v),
    "grid of": lambda v: ql.grid(1, 1, members=v),
    "hierarchical": ql.hierarchical,
    "group": lambda v: ql.hierarchical([v, v]),
    "flexible": lambda v: ql.flexible(v, commit=1, elect=1),
    "commit": lambda v: ql.flexible(3, commit=v, elect=3),
    "elect": lambda v: ql.flexible(3, commit=3, elect=v),
    "quorum_size": ql.quorum_size,
    "fault_tolerance": ql.fault_tolerance,
    "is_quorum": lambda v: ql.majority(3).is_quorum(v),
    "is_quorum of": lambda v: ql.majority(3).is_quorum([v]),
    "kind of quorum": lambda v: ql.majority(3).is_quorum([], kind=v),
    "load": lambda v: ql.majority(3).load(v),
    "capacity": lambda v: ql.majority(3).capacity(v),
    "strategy": lambda v: ql.majority(3).strategy(v),
    "availability": lambda v: ql.availability(v, 0.9),
    "member_up": lambda v: ql.availability(ql.majority(3), v),
    "member_up of": lambda v: ql.availability(ql.majority(1), {"etcd-1": v}),
    "nines": ql.nines,
    "nines of": lambda v: ql.nines(unavailability=v),
    "downtime": ql.downtime,
    "percent": percent,
    "a_year": a_year,
    **each_argument(elects_nobody, 5, 2, crashed=1),
    **each_argument(election_quorum, 5, 2),
    **each_argument(overlap_counts, 5, 2),
    **each_argument(commit_time, [1, 2, 3]),
    "an acknowledgement": lambda v: commit_time([1, v, 3]),
    **each_argument(request_cost, "write", [1, 2], disk=1),
    **each_argument(tigerbeetle_quorums, 6),
    **each_argument(split_vote_probability, 5, 4, 0.1),
    **each_argument(expected_ms, 1000, 10, 4, members=5),
    **each_argument(tuning, 10, 100, 1000),
    **each_argument(bills, 60, 10, True),
    **each_argument(works_for, 10, 60),
    **each_argument(decide, SITES, home="us-east-1", member_up=0.99, site_up=0.999),
    **each_argument(over_sites, SITES),
    **each_argument(spread_over, SITES),
    **each_argument(situation, SITES, "us-east-1", "eu-west-1", "us-west-2", "AWS"),
    **each_argument(after_restore, 9, 5, 3, bump=0, compacted=False),
    **each_argument(told_in_words, 3, True),
}

HISTORIES: dict[str, Call] = {
    **each_argument(Op, "a", "read", "x", 1, 0, 1, True),
    "cas": lambda v: Op("a", "cas", "x", (v, v), 0),
    "history": ql.check_linearizable,
    "operation": lambda v: ql.check_linearizable([v]),
    "max_steps": lambda v: ql.check_linearizable(HISTORY, max_steps=v),
    "judged": lambda v: ql.check_linearizable(
        [Op("a", "read", "x", "w", 0, 1), Op("a", "write", "x", v, 2, 3)]
    ),
    "history_view": history.history_view,
    "its verdict": lambda v: history.history_view(HISTORY, v),
}

GOOD: Mapping[str, object] = {
    "seed": 7, "heartbeat_ms": 100, "election_ms": 1000, "latency_ms": 10, "disk_ms": 0, "disk_blocks": False, "line_ms": 0,
    "loss": 0, "duplication": 0, "reorder": False, "pre_vote": True, "check_quorum": True, "snapshot_every": 100, "max_entries": 9,
    "max_learners": 1, "strict_reconfig_check": True, "timeout_ms": 100, "leader": "etcd-1", "client": None, "client_ms": None,
    "rtt": None, "record": True, "record_heartbeats": False, "member_class": None, "etcd_version": "3.5.1",
}  # fmt: skip
ETCD: Mapping[str, Any] = {
    "founders": founders(3), "learners": (), "heartbeat_ms": 100, "election_ms": 1000, "pre_vote": True, "timeout_ms": None,
    "leader": None, "latency_ms": 0, "jitter_ms": 0, "loss": 0, "client_ms": {}, "max_learners": 1, "settle": True, "record": True,
}  # fmt: skip


def _made(name: str, value: object) -> object:
    return ql.SimulatedCluster(3, settle=False, **{name: value})


CLUSTERS: dict[str, Call] = {
    "SimulatedCluster": lambda v: ql.SimulatedCluster(v, settle=False),
    "settle": lambda v: ql.SimulatedCluster(1, settle=v),
    **{f"cluster {name}": partial(_made, name) for name in GOOD},
    "latency between": lambda v: ql.SimulatedCluster(2, settle=False, latency_ms={("etcd-1", "etcd-2"): v}),
    "latency from": lambda v: ql.SimulatedCluster(2, settle=False, latency_ms=(v, 2)),
    "election from": lambda v: ql.SimulatedCluster(2, settle=False, election_ms=(v, 2)),
    "client to": lambda v: ql.SimulatedCluster(2, settle=False, client_ms={("a", "etcd-1"): v}),
    "put": lambda v: CLUSTER.put(v, "1"),
    "put value": lambda v: CLUSTER.put("x", v),
    "put via": lambda v: CLUSTER.put("x", "1", via=v),
    "put by": lambda v: CLUSTER.put("x", "1", client=v),
    "get mode": lambda v: CLUSTER.get("x", mode=v),
    "cas expected": lambda v: CLUSTER.cas("x", v, "1"),
    "submit": lambda v: CLUSTER.submit(v, "x"),
    "submit value": lambda v: CLUSTER.submit("cas", "x", v),
    **{f"{verb} it": lambda v, verb=verb: getattr(CLUSTER, verb)(v) for verb in ("crash", "stop", "restart", "pause", "resume", "time_out", "drop", "promote", "transfer")},
    "partition": lambda v: CLUSTER.partition(v),
    "cut": lambda v: CLUSTER.cut("etcd-1", v),
    "one_way": lambda v: CLUSTER.cut("etcd-1", "etcd-2", one_way=v),
    "delay": lambda v: CLUSTER.delay("etcd-1", "etcd-2", ms=v),
    "heal": lambda v: CLUSTER.heal("etcd-1", v),
    "slow_disk": lambda v: CLUSTER.slow_disk("etcd-1", ms=v),
    "add_learner": lambda v: PLAYED.fork().add_learner(v),
    "zone": lambda v: PLAYED.fork().add_voter(zone=v),
    "remove": lambda v: PLAYED.fork().remove(v),
    "run_for": lambda v: PLAYED.fork().run_for(v),
    "run_until": lambda v: CLUSTER.run_until(v, within=0.1) if not callable(v) else None,
    "within": lambda v: CLUSTER.run_until(lambda: True, within=v),
    "fork": lambda v: PLAYED.fork(at=v),
    "fork with heartbeats": lambda v: PLAYED.fork(record_heartbeats=v),
    **{f"etcd {name}": lambda v, name=name: EtcdSettings(**{**ETCD, name: v}) for name in ETCD if name not in ("founders", "learners")},
    "etcd founders": founders,
    "from_json": ql.Trace.from_json,
    "load": ql.Trace.load,
    "save": lambda v: TRACE.save(v),
    "at": lambda v: TRACE.at(v),
    "in_flight": lambda v: TRACE.in_flight(v),
}  # fmt: skip

STAGE = ql.Stage(3, cut=1)
EXPLORER = ql.Explorer(shown_view, size=ql.slider("members", [3, 5]))
PLAYBACK = ql.play(PLAYED)
MAP = ql.WorldMap()
WIDGETS: dict[str, Call] = {
    **each_argument(ql.slider, "members", [3, 5], start=3),
    "slider text": lambda v: ql.slider("members", [3], text=v) if not callable(v) else None,
    **each_argument(ql.choice, "members", {"three": 3}, start=3),
    "choice worded": lambda v: ql.choice("members", {v: 3}) if isinstance(v, Hashable) else None,
    **each_argument(ql.switch, "on", start=True),
    "explored": lambda v: ql.Explorer(v, size=ql.slider("a", [3])) if not callable(v) else None,
    "explored gives": lambda v: ql.Explorer(lambda size: v, size=ql.slider("a", [3])),
    "control": lambda v: ql.Explorer(shown_view, size=v),
    "another control": lambda v: ql.Explorer(shown_view, **{shown(v)[:9]: ql.switch("a")}),
    "set": lambda v: EXPLORER.set(size=v),
    "Stage": ql.Stage,
    "stage down": lambda v: ql.Stage(3, down=v),
    "stage down one": lambda v: ql.Stage(3, down=[v]),
    "places": lambda v: ql.Stage(3, places=v),
    "place": lambda v: ql.Stage(3, places={"etcd-1": v}),
    "place of": lambda v: ql.Stage(3, places={v: "a"}) if isinstance(v, Hashable) else None,
    "stage cut": lambda v: ql.Stage(3, cut=v),
    "word": lambda v: ql.Stage(3, word=v),
    "play": ql.play,
    **{f"play {name}": lambda v, name=name: ql.play(PLAYED, **{name: v}) for name in ("start", "until", "speed", "places", "acts", "clients")},
    "play acts of": lambda v: ql.play(PLAYED, acts=[v]),
    "play trace until": lambda v: ql.play(TRACE, until=v),
    "change": lambda v: PLAYBACK.change(v),
    "change name": lambda v: PLAYBACK.change("crash", v),
    "change at": lambda v: PLAYBACK.change("crash", "etcd-1", at=v),
    **{f"map {name}": lambda v, name=name: ql.WorldMap(**{name: v}) for name in ("members", "leader", "client", "lost", "cloud", "start")},
    "map number": lambda v: ql.WorldMap({"us-east-1": v}),
    "act": lambda v: MAP.act(v, "us-east-1"),
    "act on": lambda v: MAP.act("member", v),
    "edited by": lambda v: ql.Editor(v, "a: 1") if not callable(v) else None,
    "edited": lambda v: ql.Editor(topology.reviewed, v),
    "edited under": lambda v: ql.Editor(topology.reviewed, "a: 1", label=v),
}  # fmt: skip

QUESTION = next(id for id, question in bank().items() if hasattr(question, "told_by"))
ANSWER = bank()[QUESTION].choices[0].text
COURSE: dict[str, Call] = {
    "check": lambda v: ql.check(v, len),
    "check answer": lambda v: ql.check("quorum-size", v),
    "predict": ql.predict,
    "quick_check": ql.quick_check,
    "reveal": lambda v: ql.reveal(v, "x"),
    "revealed": lambda v: ql.reveal(QUESTION, v),
    "reveal show": lambda v: ql.reveal(QUESTION, ANSWER, show=v),
    "answer": lambda v: ql.predict(QUESTION).answer(v),
    **each_argument(ql.claim, "a", True, "b", but="c", quite=True),
    "verdicts": ql.verdicts,
    **{f.__name__: lambda v, f=f: f(v) if not callable(v) else None for f in (ql.compare, ql.on_real_etcd, ql.real_scene)},
    "computed": lambda v: ql.compare(len, v) if not isinstance(v, dict) and v else None,
    "lab": ql.lab,
    "lab task": lambda v: ql.lab("quorum-math")(v),
    "lab elsewhere": lambda v: ql.lab(v)("a") if isinstance(v, str) else None,
}  # fmt: skip

LAYOUTS = {"one": over_sites(SITES)}
VIEWS: dict[str, Call] = {
    **each_argument(availability.downtime_view, 0.99, days=365),
    **each_argument(availability.extra_member_view, 0.99, 3),
    **each_argument(availability.one_two_three_view, 0.9, any_one=True),
    **each_argument(availability.series_parallel_view, 3, 0.9),
    **each_argument(clients_view, 10, 5, 60),
    **each_argument(sleeper_view, 10, 5, checks=True),
    **each_argument(proposal_view, 2, 1, 1, 1),
    **each_argument(elections.downtimes_view, {"a": [1, 2]}, title="t"),
    "a run": lambda v: elections.downtimes_view({"a": v}),
    "a time of a run": lambda v: elections.downtimes_view({"a": [v]}),
    **each_argument(elections.gaps_view, [1, 2], [1, 2], 10.0, provenance="p"),
    **each_argument(elections.split_vote_view, 2, True),
    **each_argument(latency.request_cost_view, "write", 4),
    **each_argument(latency.slow_followers_view, 5, 1, 100),
    **each_argument(logs_view, TRACE, {"now": 0.0}),
    "a moment": lambda v: logs_view(TRACE, {"now": v}),
    **each_argument(watcher_view, 1, 2, True, False),
    **each_argument(quorums.fatal_sets_view, 5),
    **each_argument(quorums.overlap_view, 5, 3),
    **each_argument(quorums.teams_view, 5, 3, 1),
    **each_argument(quorums.two_quorums_view, 5, 3),
    **each_argument(regions.losses_view, LAYOUTS, leader="etcd-1"),
    **each_argument(sites.decision_view, SITES, home="us-east-1", member_up=0.99, site_up=0.9),
    **each_argument(sites.left_view, 2, 2, 1),
    **each_argument(sites.price_view, member_up=0.9, site_up=0.9),
    **each_argument(sites.third_site_view, "us-east-1", "us-west-2", "eu-west-1", each=1),
    **each_argument(sizes.fan_out_view, {1: 100.0, 3: 90.0}, 1.0),
    **each_argument(sizes.fourth_machine_view, lost=1),
    **each_argument(sizes.returns_view, 5, 0.9, shared_up=0.99),
    **each_argument(timers_view, 1000, 10, 100),
    **each_argument(election_time_view, 1000, 10, 1),
    **each_argument(tuning_view, 10, 100, 1000),
    **each_argument(topology.layouts_view, 0.9, 0.9),
    **each_argument(topology.reviewed, "a: 1"),
    **each_argument(world_view, SITES, leader="us-east-1", client="eu-west-1", lost="us-west-2", cloud="AWS"),
    **each_argument(writes.crash_view, 5, True),
}

ALL: dict[str, Call] = {**COUNTING, **HISTORIES, **CLUSTERS, **WIDGETS, **COURSE, **VIEWS}
"""Of all the dictionaries above."""
