"""Since when two members are connected, and what breaks that."""

from quorumlab.simulation.connections import Connections

S = 1_000_000


def connected(*names):
    """Members that have all run from the start."""
    made = Connections()
    for name in names:
        made.process(0, name, "up")
    return made


def test_from_when_both_run():
    made = connected("a")
    assert made.active_since("a", "b") is None
    made.process(2 * S, "b", "up")
    assert made.active_since("a", "b") == made.active_since("b", "a") == 2 * S


def test_a_process_that_ends_breaks_it_at_once():
    for condition in ("down", "removed"):
        made = connected("a", "b")
        made.process(1 * S, "a", condition)
        assert made.active_since("a", "b") is None
        made.process(1 * S, "a", "up")
        assert made.active_since("a", "b") == 1 * S


def test_a_pause_breaks_nothing_but_nobody_connects_during_one():
    """As measured: etcd since 3.5.0 never notices the silence."""
    made = connected("a", "b")
    made.process(10 * S, "b", "paused")
    assert made.for_long("a", "ab", 100 * S) == 2
    made.process(100 * S, "b", "up")
    assert made.active_since("a", "b") == 0
    made.process(110 * S, "b", "paused")
    made.link(111 * S, "a", "b", True)
    assert made.active_since("a", "b") is None
    made.link(112 * S, "a", "b", False)
    assert made.active_since("a", "b") is None
    made.process(120 * S, "b", "up")
    assert made.active_since("a", "b") == 120 * S


def test_a_cut_in_either_direction_breaks_it_at_once():
    for a, b in ("ab", "ba"):
        made = connected("a", "b")
        made.link(1 * S, a, b, True)
        assert made.active_since("a", "b") is None
        made.link(2 * S, a, b, False)
        assert made.active_since("a", "b") == 2 * S


def test_both_directions_have_to_heal():
    made = connected("a", "b")
    made.link(0, "a", "b", True)
    made.link(0, "b", "a", True)
    made.link(1 * S, "a", "b", False)
    assert made.active_since("a", "b") is None
    made.link(7 * S, "b", "a", False)
    assert made.active_since("a", "b") == 7 * S


def test_a_crash_during_a_pause():
    made = connected("a", "b")
    made.process(1 * S, "b", "paused")
    made.process(2 * S, "b", "down")
    assert made.active_since("a", "b") is None
    made.process(3 * S, "b", "up")
    assert made.active_since("a", "b") == 3 * S


def test_what_happens_to_others_changes_nothing():
    made = connected("a", "b", "c")
    made.process(1 * S, "c", "down")
    made.link(1 * S, "a", "c", True)
    assert made.active_since("a", "b") == 0


def test_for_long_and_longest():
    made = connected("a", "b", "c", "d")
    made.process(1 * S, "b", "down")
    made.process(2 * S, "b", "up")
    made.process(3 * S, "d", "down")
    assert made.for_long("a", "abcd", 5 * S) == 1  # itself; more than five seconds are asked for
    assert made.for_long("a", "abcd", 6 * S) == 2
    assert made.for_long("a", "abcd", 8 * S) == 3
    assert made.for_long("a", "bcd", 8 * S) == 2
    assert made.longest("a", "abcd") == "c"
    assert made.longest("a", ["a", "b", "d"]) == "b"
    assert made.longest("a", "ad") is None
