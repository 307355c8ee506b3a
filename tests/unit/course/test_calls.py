# ruff: noqa: SIM105
"""Calls of a learner's function: ended after some seconds, with the line of an error, and nothing left behind."""

import functools
import itertools
import signal
import sys
import threading
import time

import pytest

from quorumlab.course.answers import Endless, Stopped
from quorumlab.course.calls import Limit, outcome
from quorumlab.course.exercise import Task, judge

DOUBLE = Task(
    "double", ("n",), ((1,), (2,), (3,)), lambda n: 2 * n, (), ("Twice.", "n + n"), "Twice as much."
)


def loops(n):
    while True:
        pass


def counts(n):
    return sum(k for k in itertools.count())


def hides(n):
    while True:
        try:
            time.sleep(0.001)
        except:  # noqa: E722
            pass


def hides_a_sleep(n):
    while True:
        try:
            time.sleep(5)
        except BaseException:
            pass


def hides_and_answers(n):
    try:
        loops(n)
    except BaseException:
        return 2 * n


def takes_its_time(n):
    time.sleep(0.15)
    return 2 * n


ENDLESS = [loops, counts, hides, hides_a_sleep, hides_and_answers, takes_its_time]


@pytest.mark.parametrize("answer", ENDLESS, ids=lambda f: f.__name__)
def test_an_endless_answer_is_ended_with_a_kind_word_and_nothing_stays_behind(answer):
    before = signal.getsignal(signal.SIGALRM), sys.gettrace()
    begun = time.monotonic()
    result = judge(DOUBLE, answer, seconds=0.2)
    assert time.monotonic() - begun < 30
    assert result.outcome == "incorrect"
    assert "your function had not come back after 0.2 s; does its loop end?" in result.message
    assert "not back after 0.2 s" in result.to_text()
    assert (signal.getsignal(signal.SIGALRM), sys.gettrace()) == before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert judge(DOUBLE, lambda n: n + n)


@pytest.mark.parametrize(
    "answer", [loops, counts, hides_and_answers, takes_its_time], ids=lambda f: f.__name__
)
def test_where_there_is_no_timer_it_is_ended_too(answer):
    """As in a browser, on Windows, and in a thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(judge(DOUBLE, answer, seconds=0.2)))
    thread.start()
    thread.join(20)
    assert "had not come back after 0.2 s" in found[0].message


def test_where_there_is_no_timer_nothing_is_said(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    assert judge(DOUBLE, lambda n: n + n).message == "Twice as much."
    assert "does its loop end?" in judge(DOUBLE, loops, seconds=0.1).message


def test_what_is_endless_for_further_inputs_only_is_told_with_the_input():
    wider = Task(**{**vars(DOUBLE), "further": lambda: ((n,) for n in range(4, 9))})
    message = judge(wider, lambda n: 2 * n if n < 6 else loops(n), seconds=0.2).message
    assert message.startswith("For n = 6 your function had not come back")


def test_another_timer_goes_on():
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        judge(DOUBLE, lambda n: 2 * n)
        time.sleep(0.2)
        assert heard == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def slow_to_say(n):
    raise type("SlowError", (Exception,), {"__str__": loops})


def test_an_error_that_never_finds_its_words_is_ended():
    result = judge(DOUBLE, slow_to_say, seconds=0.2)
    assert result.table.rows[0][2] == "stopped with SlowError"
    assert "had not come back" in result.message


def test_interrupting_interrupts_and_tidies_up():
    def interrupted(n):
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(KeyboardInterrupt):
        judge(DOUBLE, interrupted)
    assert signal.getsignal(signal.SIGALRM) is before


def third(numbers):
    ordered = sorted(numbers)
    return [
        ordered[3]
        for _ in numbers
    ]  # fmt: skip


def helper(numbers):
    return numbers[9]


def helped(numbers):
    return helper(numbers)


@functools.lru_cache
def remembered(n):
    return 1 // n


class Holder:
    def method(self, numbers):
        return numbers[5]


@pytest.mark.parametrize(
    ("function", "argument", "line"),
    [
        (third, [1], (4, "ordered[3]")),
        (helped, [1], (2, "return helper(numbers)")),
        (remembered, 0, (3, "return 1 // n")),
        (Holder().method, [1], (2, "return numbers[5]")),
        (int, "x", None),
        (functools.partial(helper), [1], None),
    ],
)
def test_an_error_names_the_line_inside_the_function(function, argument, line):
    with Limit(5) as limit:
        ended = outcome(function, (argument,), limit)
    assert type(ended) is Stopped
    assert ended.line == line


def test_the_time_is_for_all_calls_together():
    with Limit(0.2) as limit:
        first = outcome(takes_its_time, (1,), limit)
        second = outcome(takes_its_time, (2,), limit)
    assert first == 2
    assert type(second) is Endless
