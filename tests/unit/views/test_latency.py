"""Commits and costs in pictures, over all that the controls allow."""

import xml.etree.ElementTree as ET

import pytest

from quorumlab.quorums import REQUESTS, commit_time, quorum_size
from quorumlab.views.latency import commit_view, request_cost_view, slow_followers_view


@pytest.mark.parametrize(
    "times", [[2], [2, 3], [2, 3, 9], [9, 3, 2], [2, 3, 4, 80], [60, 1, 5, 7, 9], [5, 5, 5, 5], [0.5, 0.25]]
)
def test_a_write_is_committed_when_a_majority_has_acknowledged(times):
    at = commit_time(times)
    assert at in times
    assert 2 * sum(t <= at for t in times) > len(times)
    assert 2 * sum(t < at for t in times) <= len(times)
    shown = commit_view(times)
    assert f"committed after {at:g} ms" in shown.sentence
    counted = [float(row[1].removesuffix(" ms")) for row in shown.table.rows if row[2] == "counted"]
    assert len(counted) == quorum_size(len(times))
    assert max(counted) == at
    ET.fromstring(shown.svg())


@pytest.mark.parametrize("members", range(1, 10))
def test_slow_followers_over_all_extremes(members):
    for slow in range(members):
        shown = slow_followers_view(members, slow, 80)
        waits = slow > members - quorum_size(members)
        assert ("committed after 80 ms" in shown.sentence) == waits
        assert len(shown.table.rows) == members


@pytest.mark.parametrize("slow", [-1, 3, 9])
def test_more_slow_followers_than_followers_are_refused(slow):
    with pytest.raises(ValueError, match="choose 0 to 2"):
        slow_followers_view(3, slow, 80)


def test_as_many_members_as_the_picture_has_room_for():
    assert len(slow_followers_view(9, 4, 80).table.rows) == 9
    with pytest.raises(
        ValueError, match=r"^members is 10, but must be a whole number from 1 to 9; choose a smaller"
    ):
        slow_followers_view(10, 4, 80)


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
    monkeypatch.setattr("quorumlab.views.latency.request_cost", lambda *_: [1.0] * 5)
    assert request_cost_view("write", 0).sentence.endswith("Simulation and arithmetic differ.")


def test_more_far_followers_than_followers_are_refused() -> None:
    with pytest.raises(ValueError, match="far is 5, but must be a whole number from 0 to 4"):
        request_cost_view("write", 5)
