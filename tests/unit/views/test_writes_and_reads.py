"""The pictures of notebook 04 against arithmetic made another way, over all that the notebook's controls allow."""

import re

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import quorumlab as ql
from quorumlab.views.view import View
from quorumlab.views.writes_and_reads import (
    REQUESTS,
    busy_history,
    crash_leader,
    crash_view,
    freshness,
    outlives_any_leader,
    request_cost,
    request_cost_view,
    simulated_cost,
    stale_reads_view,
)

SIZES = (3, 5, 7)
RTTS = [
    (10,),
    (10, 20),
    (10, 80),
    (7, 7, 7),
    (10, 20, 40, 80),
    (80, 80, 1, 1),
    (9, 8, 7, 6, 5),
    (1, 2, 3, 60, 70, 80),
]


def may_win_without_it(members: int, copies: int) -> bool:
    """Whether some survivor without the write finds a majority of voters that do not have it either, one by one."""
    has_it = [n < copies for n in range(members)]
    survivors = range(1, members)  # member 0 was the leader
    return any(
        2 * sum(not has_it[voter] for voter in survivors) > members for n in survivors if not has_it[n]
    )


@pytest.mark.parametrize(("members", "copies"), [(n, c) for n in range(1, 10) for c in range(1, n + 1)])
def test_a_write_outlives_any_leader_if_nobody_without_it_can_win(members: int, copies: int) -> None:
    assert outlives_any_leader(members, copies) == (not may_win_without_it(members, copies))


@pytest.mark.parametrize("heard_back", [False, True])
@pytest.mark.parametrize("members", SIZES)
def test_crash_view_tells_what_the_runs_found(members: int, heard_back: bool) -> None:
    view, needed = crash_view(members, heard_back), members // 2 + 1
    for copies, row in enumerate(view.table.rows, 1):
        runs = [crash_leader(members, copies, heard_back, seed) for seed in range(1, 21)]
        count = sum(run.survived for run in runs)
        assert row[:3] == (
            str(copies),
            "a quorum" if copies >= needed else "no quorum",
            f"{count} of 20 runs",
        )
        assert row[3] == ("never" if copies == 1 else "always" if copies >= needed else "not always")
        assert row[4] == ("done" if heard_back and copies >= needed else "timeout")
        assert f"{count} of 20 with {copies} holding it" in view.alt
        # The simulation agrees with the arithmetic, both ways: what may be lost is lost in some run.
        assert (count == 20) == (not may_win_without_it(members, copies))
        assert (count == 0) == (copies == 1)
    assert f"where {needed} or more had it, in 20 of 20" in view.sentence
    assert f"a quorum of {needed}" in view.alt or f"quorum of {needed}" in view.alt
    assert view.sentence.endswith("done." if heard_back else "timeout.")


@pytest.mark.parametrize(("members", "copies"), [(2, 1), (8, 1), (3, 0), (3, 4)])
def test_crash_leader_refuses_what_cannot_be(members: int, copies: int) -> None:
    with pytest.raises(ValueError, match="choose"):
        crash_leader(members, copies, False)


def test_crash_view_refuses_other_sizes() -> None:
    with pytest.raises(ValueError, match="choose one of these sizes"):
        crash_view(9, False)


def followers_needed(members: int) -> int:
    """The ⌊n/2⌋ of the rule: how many followers complete a quorum with their leader."""
    return members // 2


@pytest.mark.parametrize("disk", [0, 6])
@pytest.mark.parametrize("rtts", RTTS, ids=str)
def test_simulated_costs_are_those_of_the_rule(rtts: tuple[float, ...], disk: float) -> None:
    nearest = sorted(rtts)[followers_needed(len(rtts) + 1) - 1]
    for request in REQUESTS:
        simulated = simulated_cost(request, rtts, disk)
        if request == "serializable read":
            expected = [0.0] * (len(rtts) + 1)
        else:
            agreed = nearest + (disk if request == "write" else 0)
            expected = [agreed, *(rtt + agreed for rtt in rtts)]
        assert simulated == expected == request_cost(request, rtts, disk)


@pytest.mark.parametrize("far", range(5))
@pytest.mark.parametrize("request_kind", REQUESTS)
def test_request_cost_view_over_all_its_controls(request_kind: str, far: int) -> None:
    view = request_cost_view(request_kind, far)  # type: ignore[arg-type]
    rtts = [0, *sorted([10, 20, 30, 40][: 4 - far] + [80] * far)]
    agreed = 0 if request_kind == "serializable read" else rtts[2] + 6 * (request_kind == "write")
    costs = [agreed + (rtt if agreed else 0) for rtt in rtts]
    assert [row[1:] for row in view.table.rows] == [
        (f"{rtt} ms", f"{cost} ms", f"{cost} ms") for rtt, cost in zip(rtts, costs, strict=True)
    ]
    assert view.sentence.startswith(f"A {request_kind} costs {costs[0]} ms through")
    assert "Simulation and arithmetic agree." in view.sentence
    assert all(
        f"{cost} ms through {row[0]}" in view.alt for row, cost in zip(view.table.rows, costs, strict=True)
    )


def test_the_view_would_say_that_simulation_and_arithmetic_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quorumlab.views.writes_and_reads.request_cost", lambda *_: [1.0] * 5)
    assert request_cost_view("write", 0).sentence.endswith("Simulation and arithmetic differ.")


def test_request_costs_refuse_unknown_requests_and_numbers() -> None:
    with pytest.raises(ValueError, match="'lease read' is unknown; choose one of write"):
        request_cost("lease read", (1, 2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="choose 0 to 4"):
        request_cost_view("write", 5)


@pytest.mark.parametrize("farthest", [20, 40, 80])
@pytest.mark.parametrize("after", [0, 2, 5, 10, 15, 20, 30, 40, 60, 80])
def test_a_member_lags_by_its_one_way_time(after: float, farthest: float) -> None:
    delays = [0, 5, 10, 20, farthest]
    assert [(r.one_way, r.fresh_after) for r in freshness(after, farthest)] == [(d, d) for d in delays]
    view = stale_reads_view(after, farthest)
    answers = ["old" if after < delay else "new" for delay in delays]
    assert [row[3] for row in view.table.rows] == answers
    for number, answer in enumerate(answers, 1):
        assert f"etcd-{number} says {answer}" in view.alt
    lagging = [f"etcd-{n}" for n, answer in enumerate(answers, 1) if answer == "old"]
    said = re.match(r"\d+ ms after the writer was told, (.*?) (?:still answers?|answer) with", view.sentence)
    assert said
    assert re.findall(r"etcd-\d", said[1]) == lagging or said[1] == "all five members"
    last = "are etcd-4 and etcd-5" if farthest == 20 else "is etcd-5"
    assert view.sentence.endswith(f" The last to know {last}, {farthest} ms after.")


@pytest.mark.parametrize(("after", "farthest"), [(-1, 40), (2000, 40), (10, 0), (10, 501)])
def test_stale_reads_refuse_times_out_of_range(after: float, farthest: float) -> None:
    with pytest.raises(ValueError, match="choose"):
        stale_reads_view(after, farthest)


def test_a_busy_history_is_legal_unless_reads_ask_nobody() -> None:
    histories = {mode: busy_history(mode) for mode in ("linearizable", "serializable")}
    for history in histories.values():
        assert len(history) == 360
        assert {op.kind for op in history} == {"read", "write"}
        assert sum(op.returned is None for op in history) > 10  # the faults did bite
    assert ql.check_linearizable(histories["linearizable"]).linearizable is True
    assert ql.check_linearizable(histories["serializable"]).linearizable is False
    with pytest.raises(ValueError, match="mode"):
        busy_history("quick")


EXTREMES = (
    *((crash_view, (n, heard)) for n in SIZES for heard in (False, True)),
    *((request_cost_view, (request, far)) for request in REQUESTS for far in (0, 4)),
    *((stale_reads_view, (after, farthest)) for after in (0, 80) for farthest in (20, 80)),
)


@pytest.mark.parametrize(("make", "arguments"), EXTREMES, ids=lambda x: getattr(x, "__name__", str(x)))
def test_every_picture_is_drawn_with_all_its_words_inside(make, arguments) -> None:  # type: ignore[no-untyped-def]
    view: View = make(*arguments)
    assert view.svg().endswith(b"</svg>\n")
    figure = view.figure()
    FigureCanvasAgg(figure).draw()
    drawn = figure.get_tightbbox()  # in inches, labels included
    assert min(drawn.p0) >= 0 and drawn.x1 <= view.size[0] and drawn.y1 <= view.size[1], drawn
