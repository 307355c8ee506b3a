"""What clients can still do, over everything the controls can ask for."""

import re

import pytest

from quorumlab.views.clients import clients_view, sleeper_view

UNIT_SECONDS = {"min": 60, "s": 1}


def seconds_in(words: str) -> float:
    """The length that words such as `90 s` stand for."""
    number, unit = words.split(" ", 1)
    return float(number) * UNIT_SECONDS[unit]


@pytest.mark.parametrize("outage_s", [5, 30, 90, 600])
@pytest.mark.parametrize("lease_s", [5, 10, 30, 60])
@pytest.mark.parametrize("copy_s", [10, 60, 300])
def test_clients_view_says_who_stops_when(outage_s: int, lease_s: int, copy_s: int) -> None:
    view = clients_view(outage_s, lease_s, copy_s)
    outcomes = dict(view.table.rows)
    assert outcomes["take a new lock"] == outcomes["start up and read settings"] == "stops at once"
    assert outcomes["run on settings read before"] == "goes on throughout"
    for activity, seconds in (("hold a lock", lease_s), ("find a service", copy_s)):
        if seconds >= outage_s:
            assert outcomes[activity] == "goes on throughout"
        else:
            assert seconds_in(outcomes[activity].split(",")[0]) == seconds
    throughout = 1 + (lease_s >= outage_s) + (copy_s >= outage_s)
    later = 3 - throughout
    counts = re.findall(r"(\d|none) (?:stops?|goe?s?) (at once|later|on)", view.sentence)
    assert counts == [("2", "at once"), (str(later or "none"), "later"), (str(throughout), "on")]
    assert seconds_in(re.search(r"away for (.*?)\.", view.sentence)[1]) == outage_s  # type: ignore[index]
    ticks = [label.get_text() for label in view.figure().axes[0].get_xticklabels()]
    assert [seconds_in(words.removeprefix("back: ")) for words in ticks[1:]] == [outage_s / 2, outage_s]
    assert len({words.split(" ")[-1] for words in ticks[1:]}) == 1  # one unit on an axis
    assert all(f"{activity}: {outcome}" in view.alt for activity, outcome in outcomes.items())


def test_times_that_cannot_be_are_refused_in_one_sentence() -> None:
    with pytest.raises(ValueError, match="the outage is 0 s, but must be a finite number, above 0 s; choose"):
        clients_view(0, 10, 60)
    with pytest.raises(ValueError, match="the lease is -1 s"):
        clients_view(5, -1, 60)


def test_a_sleep_within_the_lease_costs_nobody_a_second_bill() -> None:
    view = sleeper_view(5, 10)
    assert (
        view.sentence == "Ada sleeps for 5 s and wakes within her lease of 10 s: the customer gets one bill."
    )
    assert view.table.rows == (("5 s", "Ada", "7", "taken"),)


@pytest.mark.parametrize(
    ("checks", "bills", "what"), [(False, "two bills", "taken"), (True, "one bill", "turned away")]
)
def test_a_longer_sleep_is_caught_by_the_receiver_or_by_nobody(checks: bool, bills: str, what: str) -> None:
    view = sleeper_view(15, 10, checks)
    assert view.sentence.endswith(f": the customer gets {bills}.")
    assert view.table.rows == (("10 s", "Bob", "8", "taken"), ("15 s", "Ada", "7", what))
    assert f"after 15 s a bill from Ada with number 7 is {what}" in view.alt
