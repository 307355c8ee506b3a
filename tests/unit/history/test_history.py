"""Histories everybody should know, what the judge says of them, and what it refuses."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from quorumlab.history import Operation, check_linearizable
from quorumlab.views.history import history_view


def read(
    client: str, value: Any, invoked: float, returned: float | None, ok: bool | None = True
) -> Operation:
    return Operation(client, "read", "x", value, invoked, returned, ok)


def write(
    client: str, value: Any, invoked: float, returned: float | None, ok: bool | None = True
) -> Operation:
    return Operation(client, "write", "x", value, invoked, returned, ok)


def cas(
    client: str, old: Any, new: Any, invoked: float, returned: float | None, ok: bool | None = True
) -> Operation:
    return Operation(client, "cas", "x", (old, new), invoked, returned, ok)


LEGAL = {
    "nothing happened": [],
    "a key nobody wrote reads None": [read("a", None, 0, 1)],
    "a read during a write may find the old value": [write("a", 1, 0, 10), read("b", None, 5, 6)],
    "a read during a write may find the new value": [write("a", 1, 0, 10), read("b", 1, 5, 6)],
    "two writes at once, each found last": [write("a", 1, 0, 10), write("b", 2, 0, 10), read("c", 1, 11, 12)],
    "a ghost write: timed out, then there": [
        write("a", 1, 0, 10),
        write("b", 2, 20, None, None),
        read("c", 1, 30, 40),
        read("c", 2, 50, 60),
    ],
    "a ghost write that never came": [
        write("a", 1, 0, 10),
        write("b", 2, 20, None, None),
        read("c", 1, 30, 40),
    ],
    "a ghost write after its client heard of the timeout": [
        write("b", 2, 0, 10, ok=None),
        read("b", None, 20, 30),
        read("b", 2, 40, 50),
    ],
    "an unknown cas that happened": [write("a", 1, 0, 1), cas("b", 1, 2, 5, None), read("c", 2, 10, 11)],
    "an unknown cas that did not": [write("a", 1, 0, 1), cas("b", 1, 2, 5, None), read("c", 1, 10, 11)],
    "one unknown cas made the next possible": [
        cas("a", None, 1, 0, None),
        cas("b", 1, 2, 0, None),
        read("c", 2, 10, 11),
    ],
    "of two ghosts that leave 2, the write is kept for when the cas cannot do it": [
        write("a", 2, 0, None),
        cas("b", 1, 2, 0, None),
        write("c", 1, 10, 11),
        read("c", 2, 20, 21),
        write("c", 3, 30, 31),
        read("c", 2, 40, 41),
    ],
    "an unknown cas that happened fails another": [
        write("a", 1, 0, 1),
        cas("b", 1, 2, 5, None),
        cas("c", 1, 3, 10, 11, ok=False),
    ],
    "an unknown read tells nothing": [read("a", "anything", 0, None), read("b", None, 5, 6)],
    "a failed read tells nothing": [read("a", "anything", 0, 1, ok=False)],
    "a failed write did not happen": [write("a", 1, 0, 1, ok=False), read("b", None, 5, 6)],
    "a failed cas found another value": [write("a", 1, 0, 1), cas("b", 2, 3, 5, 6, ok=False)],
    "a write of None deletes": [write("a", 1, 0, 1), write("a", None, 2, 3), read("b", None, 5, 6)],
    "two of three compare-and-sets in a row": [
        cas("a", None, 1, 0, 9),
        cas("b", 1, 2, 0, 9),
        cas("c", None, 3, 0, 9, ok=False),
    ],
    "returned when the other was called, by two clients: at the same time": [
        write("a", 1, 0, 10),
        read("b", None, 10, 20),
    ],
    "keys do not mix": [write("a", 1, 0, 1), Operation("a", "read", "y", None, 2, 3)],
    "a client with two calls in flight": [write("a", 1, 0, 10), write("a", 2, 5, 15), read("b", 1, 20, 21)],
    "a ghost write given up at once, found at the same ms": [
        write("a", 1, 8, 8, ok=None),
        read("a", 1, 8, 8),
    ],
    "a ghost write without an answer, found at the same ms": [write("a", 1, 8, None), read("a", 1, 8, 8)],
    "a ghost cas given up at once, found at the same ms": [
        write("a", 1, 5, 8),
        cas("a", 1, 2, 8, 8, ok=None),
        read("a", 1, 8, 8),
        read("a", 2, 8, 8),
    ],
}

ILLEGAL = {
    "a stale read": (
        [write("a", 1, 0, 10), write("b", 2, 20, 30), read("c", 1, 40, 50)],
        {0, 1, 2},
        "Stale: b had written 2 by 30 ms, so 1 was gone when c asked at 40 ms.",
    ),
    "a write nobody finds": (
        [write("a", 1, 0, 10), read("b", None, 20, 30)],
        {0, 1},
        "Stale: a had written 1 by 10 ms, so None was gone when b asked at 20 ms.",
    ),
    "new, then old": (
        [write("a", 1, 0, 10), write("b", 2, 20, 90), read("c", 2, 30, 40), read("d", 1, 50, 60)],
        {0, 1, 2, 3},
        "Back in time: c had read 2 by 40 ms, so 1 was gone when d asked at 50 ms.",
    ),
    "a read of what was never written": (
        [write("a", 1, 0, 10), read("b", 7, 20, 30)],
        {1},
        "Nobody had tried to write 7 before b found it.",
    ),
    "a read of what was written only later": (
        [read("b", 7, 0, 5), write("a", 7, 10, 20)],
        {0},
        "Nobody had tried to write 7 before b found it.",
    ),
    "a lost update: both took the same ticket": (
        [write("a", 0, 0, 5), cas("b", 0, 1, 10, 20), cas("c", 0, 1, 12, 22), read("a", 1, 30, 40)],
        {0, 1, 2},
        "b and c both found 0 and replaced it, but only the first to do so can have found it.",
    ),
    "split brain: two leaders, each with the lock": (
        [cas("b", None, "b", 0, 10), cas("c", None, "c", 1, 9)],
        {0, 1},
        "b and c both found None and replaced it, but only the first to do so can have found it.",
    ),
    "a ghost write happens once": (
        [
            write("a", 1, 0, 1),
            write("b", 2, 2, None),
            read("c", 2, 10, 11),
            write("a", 3, 12, 13),
            read("c", 2, 20, 21),
        ],
        {1, 2, 3, 4},
        "Each answer before 21 ms can be explained, but not together with the one that c got then.",
    ),
    "an unknown write is not there before it is called": (
        [read("c", 2, 0, 1), write("b", 2, 5, None)],
        {0},
        "Nobody had tried to write 2 before c found it.",
    ),
    "a failed write was seen": (
        [write("a", 1, 0, 1, ok=False), read("b", 1, 5, 6)],
        {1},
        "Nobody had tried to write 1 before b found it.",
    ),
    "a cas failed on the value it expected": (
        [write("a", 1, 0, 1), cas("b", 1, 2, 5, 6, ok=False)],
        {0, 1},
        "Each answer before 6 ms can be explained, but not together with the one that b got then.",
    ),
    "a cas found another value where nobody had written": (
        [cas("b", None, 1, 5, 6, ok=False), write("a", None, 0, 1)],
        {0},
        "Nobody had tried to write anything but None before b found something else.",
    ),
    "one client called when it had its answer, and no answer came": (
        [read("a", 1, 5, 8), write("a", 1, 8, None)],
        {0},
        "Nobody had tried to write 1 before a found it.",
    ),
    "one client, one thing after the other, at the same ms": (
        [write("a", 1, 0, 10), read("a", None, 10, 20)],
        {0, 1},
        "Each answer before 20 ms can be explained, but not together with the one that a got then.",
    ),
}


@pytest.mark.parametrize("name", LEGAL)
def test_legal(name: str) -> None:
    verdict = check_linearizable(LEGAL[name])
    assert verdict.linearizable is True and bool(verdict)
    assert verdict.window == () and verdict.culprit is None and verdict.key is None


@pytest.mark.parametrize("name", ILLEGAL)
def test_illegal(name: str) -> None:
    history, window, why = ILLEGAL[name]
    verdict = check_linearizable(reversed(history))
    assert verdict.linearizable is False and not verdict
    assert verdict.window == tuple(sorted((history[i] for i in window), key=lambda op: op.invoked))
    assert verdict.minimal and verdict.key == "x" and verdict.orders == {}
    assert verdict.explanation.endswith(why)
    for operation in verdict.window:
        assert str(operation) in verdict.explanation


def test_the_order_of_a_ghost_write_shows_when_it_happened() -> None:
    history = LEGAL["a ghost write: timed out, then there"]
    first, ghost, old, new = history
    assert check_linearizable(history).orders == {"x": (first, old, ghost, new)}


def test_the_culprit_is_whose_answer_came_last_not_who_asked_last() -> None:
    first, second = ILLEGAL["split brain: two leaders, each with the lock"][0]
    assert first.invoked < second.invoked and first.returned > second.returned
    assert check_linearizable([first, second]).culprit == first


def test_one_bad_key_among_good_ones() -> None:
    good = [Operation("a", "write", "good", n, 10 * n, 10 * n + 5) for n in range(20)]
    bad = ILLEGAL["a stale read"][0]
    verdict = check_linearizable([*good, *bad])
    assert verdict.linearizable is False and verdict.key == "x" and verdict.window == tuple(bad)
    assert verdict.orders == {"good": tuple(good)}


def tangle(value: int) -> list[Operation]:
    """Twelve writes at once, each value found afterwards but in no order that all can share."""
    writes = [write(f"w{n}", n, 0, 100) for n in range(12)]
    return [*writes, read("r", 3, 110, 120), read("s", value, 130, 140)]


def test_too_few_steps_are_no_verdict() -> None:
    verdict = check_linearizable(tangle(5), max_steps=50)
    assert verdict.linearizable is None and not verdict
    assert verdict.explanation == (
        "Undecided: 50 steps did not suffice for key 'x'; raise max_steps or judge a shorter history."
    )
    assert verdict.steps == 50
    assert check_linearizable(tangle(5)).linearizable is False
    assert check_linearizable(tangle(3)).linearizable is True


def test_an_answer_that_nobody_can_have_caused_is_found_however_tangled_the_rest() -> None:
    """Of two such answers it is the one that came first, though it was asked for last."""
    later, first = read("t", 98, 140, 160), read("u", 99, 150, 155)
    verdict = check_linearizable([*tangle(5), later, first], max_steps=50)
    assert verdict.linearizable is False and verdict.minimal
    assert verdict.window == (first,) and verdict.culprit == first
    assert verdict.explanation == (
        "Not linearizable: on key 'x', u read 99 (150–155 ms). Nobody had tried to write 99 before u found it."
    )


def test_one_operation_is_the_proof_if_one_suffices_even_where_others_fail_earlier() -> None:
    phantom = read("c", 7, 60, 70)
    for history, window, _ in ILLEGAL.values():
        verdict = check_linearizable([*history, phantom])
        assert verdict.window == (phantom,) or len(window) == len(verdict.window) == 1


def test_at_the_same_ms_the_list_tells_what_one_client_did_first() -> None:
    for ghost in (write("a", 1, 8, 8, ok=None), write("a", 1, 8, None), cas("a", None, 1, 8, 8, ok=None)):
        assert check_linearizable([ghost, read("a", 1, 8, 8)]).linearizable is True
        assert check_linearizable([read("a", 1, 8, 8), ghost]).linearizable is False
        assert check_linearizable([read("b", 1, 8, 8), ghost]).linearizable is True


def test_an_illegal_key_decides_even_if_another_is_undecided() -> None:
    lie = Operation("z", "read", "y", 1, 0, 1)
    verdict = check_linearizable([*tangle(5), lie], max_steps=50)
    assert verdict.linearizable is False and verdict.window == (lie,)


def test_a_window_that_could_not_be_made_smaller_says_so() -> None:
    history = [read("e", None, 0, 1), *ILLEGAL["a ghost write happens once"][0]]
    needed = check_linearizable(history).steps
    verdict = check_linearizable(history, max_steps=needed)
    assert verdict.linearizable is False and not verdict.minimal
    assert set(check_linearizable(history).window) < set(verdict.window)


def test_writes_that_a_later_one_has_replaced_are_no_part_of_the_proof() -> None:
    """A register that went back and forth: one write of what the stale read found, the one that replaced it, and the read."""
    writes = [Operation("a", "write", "x", 1 + n % 2, 10 * n, 10 * n + 5) for n in range(20)]
    stale = Operation("b", "read", "x", 1, 300, 310)
    verdict = check_linearizable([*writes, stale])
    assert verdict.linearizable is False and verdict.minimal
    assert len(verdict.window) == 3 and verdict.window[-2:] == (writes[-1], stale)


def test_a_long_window_is_told_from_its_end() -> None:
    """Five ghosts can explain that a 2 comes back five times, not six times. The first w0 is not needed."""
    ghosts = [write(f"g{n}", 2, n, None) for n in range(5)]
    rounds = [
        op
        for n in range(6)
        for op in (write("w", f"w{n}", 100 * n + 10, 100 * n + 20), read("r", 2, 100 * n + 30, 100 * n + 40))
    ]
    verdict = check_linearizable([*ghosts, *rounds])
    assert verdict.linearizable is False and verdict.minimal and len(verdict.window) == 16
    assert "answers: 4 earlier operations; g4 tried to write 2" in verdict.explanation
    assert check_linearizable([*ghosts, *rounds[:-1]])


def test_the_verdict_does_not_depend_on_the_order_of_the_list() -> None:
    history = ILLEGAL["a ghost write happens once"][0]
    assert check_linearizable(history) == check_linearizable(history[::-1])


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (read("a", 1, 0, 1.25), "a read 1 (0–1.25 ms)"),
        (read("a", None, 0, None), "a tried to read (from 0 ms, no answer)"),
        (write("a", "v", 0, 1), "a wrote 'v' (0–1 ms)"),
        (write("a", 1, 0, 1, False), "a failed to write 1 (0–1 ms)"),
        (write("a", 1, 0, 1, None), "a tried to write 1 (0–1 ms, result unknown)"),
        (cas("a", 1, 2, 0, 1), "a changed 1 to 2 (0–1 ms)"),
        (cas("a", 1, 2, 0, 1, False), "a found something other than 1 (0–1 ms)"),
        (cas("a", 1, 2, 0, None), "a tried to change 1 to 2 (from 0 ms, no answer)"),
    ],
)
def test_operations_in_words(operation: Operation, words: str) -> None:
    assert str(operation) == words


def test_an_answer_without_an_outcome_given_is_a_success_and_no_answer_is_unknown() -> None:
    assert Operation("a", "write", "x", 1, 0, 1).known
    assert not Operation("a", "write", "x", 1, 0).known


def test_a_cas_value_read_from_json_is_a_pair_too() -> None:
    assert Operation("a", "cas", "x", [1, 2], 0, 1).value == (1, 2)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ("a", "delete", "x", 1, 0, 1),
            ValueError,
            "The kind 'delete' is unknown; use 'read', 'write' or 'cas'.",
        ),
        (("a", "cas", "x", "ab", 0, 1), ValueError, "a pair (expected, new), not 'ab'"),
        (("a", "cas", "x", (1, 2, 3), 0, 1), ValueError, "a pair (expected, new), not (1, 2, 3)"),
        (("a", "write", "x", 1, 9, 3), ValueError, "returned at 3 ms, before it was invoked at 9 ms"),
        (("a", "write", "x", 1, float("nan"), 3), ValueError, "invoked=nan is no time"),
        (("a", "write", "x", 1, None, 3), ValueError, "invoked=None is no time"),
        (("a", "write", "x", 1, True, 3), ValueError, "invoked=True is no time"),
        (
            ("a", "write", "x", 1, 0, float("inf")),
            ValueError,
            "returned=inf is no time; give a finite number of ms, or",
        ),
        (
            ("a", "write", "x", 1, 0, 1, "yes"),
            ValueError,
            "The outcome ok='yes' is unknown; use True, False or None.",
        ),
        (
            ("a", "write", "x", [1], 0, 1),
            TypeError,
            "The value [1] cannot be hashed; use a string, number or tuple.",
        ),
        (("a", "write", {}, 1, 0, 1), TypeError, "The key {} cannot be hashed"),
    ],
)
def test_bad_operations_are_refused_in_a_sentence(
    arguments: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as caught:
        Operation(*arguments)
    assert message in str(caught.value) and str(caught.value).endswith(".")


def test_a_history_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match=r"not an Operation; give a sequence of ql\.Operation"):
        check_linearizable([("a", "read", "x", 1, 0, 1)])  # type: ignore[list-item]


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, None])
def test_a_limit_that_is_none_is_refused(limit: Any) -> None:
    with pytest.raises(
        (TypeError, ValueError), match=r"max_steps is .*, but must be a whole number of 1 or more"
    ):
        check_linearizable([], max_steps=limit)


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_timeline_of_a_proof_marks_the_culprit_in_picture_table_and_words() -> None:
    history = [*ILLEGAL["a stale read"][0], read("d", 2, 60, 70)]
    verdict = check_linearizable(history)
    view = history_view(history, verdict)
    assert view.sentence == verdict.explanation
    assert texts(view.figure()) == ["write 1", "write 2", "✗ read 1", "read 2"]
    assert [row[-1] for row in view.table.rows] == ["yes", "yes", "culprit", "no"]
    assert all(str(operation) in view.alt for operation in history)


def test_the_timeline_of_a_legal_history_numbers_the_order() -> None:
    history = LEGAL["a ghost write: timed out, then there"]
    view = history_view(history, check_linearizable(history))
    assert texts(view.figure()) == ["1: write 1", "3: write 2 ?", "2: read 1", "4: read 2"]
    assert [row[-1] for row in view.table.rows] == ["1", "3", "2", "4"]


def dots(view: Any) -> list[float]:
    """Where the moments stand, from the first bar on."""
    lines = view.figure().axes[0].lines
    return [float(line.get_xdata()[0]) for line in lines if line.get_marker() == "o"]


def test_a_legal_history_shows_a_moment_for_each_operation_within_its_bar_and_in_order() -> None:
    history = LEGAL["a ghost write: timed out, then there"]
    view = history_view(history, check_linearizable(history))
    times = dots(view)
    assert len(times) == len(history)
    assert [n for _, n in sorted(zip(times, (1, 3, 2, 4), strict=True))] == [1, 2, 3, 4]
    assert "Dots mark a moment for each: " in view.alt
    assert dots(history_view(history)) == []
    illegal = [write("a", 1, 0, 10), read("b", None, 20, 30)]
    assert dots(history_view(illegal, check_linearizable(illegal))) == []


def test_moments_of_operations_that_take_no_time_and_of_equal_ones() -> None:
    history = [write("a", 1, 0, 40), read("b", None, 20, 20), *[read("c", 1, 20, 50)] * 2]
    view = history_view(history, check_linearizable(history))
    assert [row[-1] for row in view.table.rows] == ["2", "1", "3", "4"]
    times = dots(view)
    assert times[1] == 1.0 and times[1] < times[0] < times[2] < times[3] < 2.0


def test_a_history_not_judged_or_undecided_is_drawn_without_marks() -> None:
    history = [*tangle(5), Operation("a", "cas", "y", (1, 2), 5, 6, False)]
    for verdict in (None, check_linearizable(history, max_steps=5)):
        view = history_view(history, verdict)
        assert len(view.table.columns) == 5
        assert {"x: write 0", "y: cas 1→2 failed"} <= set(texts(view.figure()))


def test_labels_of_one_row_do_not_touch() -> None:
    history = [write("a", "a rather long value", n, n + 0.5) for n in range(8)]
    view = history_view([*history, write("a", "at the same time", 0.2, 9)])
    figure = view.figure()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    by_row: dict[int, list[Any]] = {}
    for box in sorted(boxes, key=lambda box: box.x0):
        by_row.setdefault(round(box.y0), []).append(box)
    assert len(by_row) > 1
    assert all(left.x1 < right.x0 for row in by_row.values() for left, right in pairwise(row))


@pytest.mark.parametrize(("count", "message"), [(0, "at least one operation"), (25, "at most 24")])
def test_a_history_that_cannot_be_drawn_is_refused(count: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        history_view([write("a", 1, n, n + 0.5) for n in range(count)])


def test_times_of_a_computer_s_clock_are_told_from_the_first_call_on() -> None:
    t = 1_732_575_600_123.0
    history = [
        Operation("ada", "write", "x", 1, t, t + 3),
        Operation("bob", "write", "x", 2, t + 10, t + 15),
        Operation("eve", "read", "x", 1, t + 20, t + 22),
    ]
    verdict = check_linearizable(history)
    assert verdict.window[-1] is history[-1]
    assert "bob had written 2 by 15 ms, so 1 was gone when eve asked at 20 ms." in verdict.explanation
    assert verdict.explanation.endswith("(Times are from ada's call on.)")


def test_a_history_is_told_alike_by_a_computer_s_clock_and_from_zero_on_also_what_got_no_answer() -> None:
    def told(t: float) -> str:
        return check_linearizable(
            [
                Operation("ada", "write", "x", "1", t, t + 10),
                Operation("bob", "write", "x", "2", t + 5, None, None),
                Operation("eve", "read", "x", "2", t + 20, t + 30),
                Operation("eve", "read", "x", "1", t + 40, t + 50),
            ]
        ).explanation

    assert told(1_732_575_600_123.0) == f"{told(0)} (Times are from ada's call on.)"
    assert "bob tried to write '2' (from 5 ms, no answer); eve read '2' (20–30 ms)" in told(0)


def test_times_below_a_microsecond_are_told_apart() -> None:
    assert str(Operation("b", "read", "x", 1, 0.0001, 0.00025)) == "b read 1 (0.0001–0.00025 ms)"
    assert str(Operation("b", "read", "x", 1, 0, 12.5)) == "b read 1 (0–12.5 ms)"


def test_a_long_chain_of_unknown_changes_is_followed_to_its_end() -> None:
    chain = [Operation(f"c{i}", "cas", "x", (i, i + 1), 2) for i in range(1500)]
    start = Operation("w", "write", "x", 0, 0, 1)
    assert check_linearizable([start, *chain, Operation("r", "read", "x", 1500, 9, 10)])


def test_what_is_no_history_is_refused_in_one_sentence() -> None:
    nan = float("nan")
    for call, error, says in (
        (lambda: check_linearizable(5), TypeError, "5 is no history; give a sequence of operations"),
        (lambda: check_linearizable([], max_steps=0), ValueError, "max_steps is 0"),
        (lambda: check_linearizable([], max_steps=True), TypeError, "max_steps is True"),
        (lambda: Operation("a", "write", "x", nan, 0, 1), ValueError, "nan equals nothing, not even itself"),
        (lambda: Operation("a", "cas", "x", (1, nan), 0, 1), ValueError, "nan equals nothing"),
    ):
        with pytest.raises(error, match=says):
            call()
    assert check_linearizable(
        [Operation("a", "read", "x", None, np.int64(0), np.float64(1))], max_steps=np.int64(5)
    )
