"""Writes that outlive their leader, in a picture and by arithmetic made another way."""

import pytest

from quorumlab.experiments.writes import crash_leader, ten_ms_apart
from quorumlab.views.writes import crash_view

SIZES = (3, 5, 7)


def may_win_without_it(members: int, copies: int) -> bool:
    """Whether some survivor without the write finds a majority of voters that do not have it either, one by one."""
    has_it = [n < copies for n in range(members)]
    survivors = range(1, members)  # member 0 was the leader
    return any(
        2 * sum(not has_it[voter] for voter in survivors) > members for n in survivors if not has_it[n]
    )


@pytest.mark.parametrize("heard_back", [False, True])
@pytest.mark.parametrize("members", SIZES)
def test_crash_view_tells_what_the_runs_found(members: int, heard_back: bool) -> None:
    view, needed = crash_view(members, heard_back), members // 2 + 1
    for copies, row in enumerate(view.table.rows, 1):
        runs = [crash_leader(members, copies, heard_back, ten_ms_apart(seed)) for seed in range(1, 21)]
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


def test_crash_view_refuses_other_sizes() -> None:
    with pytest.raises(ValueError, match="members is 9, but must be a whole number from 3 to 7"):
        crash_view(9, False)
