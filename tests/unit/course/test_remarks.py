# ruff: noqa: RET503, RET505
"""What can be said of a wrong answer without knowing its task: of real functions, as learners write them."""

import random
from itertools import product

import pytest

import quorumlab as ql
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import judge
from quorumlab.quorums import quorum_size

states = [(True, True, True), (True, True, False)]


def returns_inside(n, p):
    for state in product([True, False], repeat=n):
        if 2 * sum(state) > n:
            return p ** sum(state)
        else:
            return 0.0


def returns_inside_a_sum(n, p):
    total = 0
    for state in product([True, False], repeat=n):
        total += p ** sum(state) * (1 - p) ** (n - sum(state))
        return total


def left_over(n, p):
    return sum(p ** sum(s) * (1 - p) ** (3 - sum(s)) for s in states)


def sorts_in_place(acknowledged):
    acknowledged = acknowledged.sort()
    return acknowledged[len(acknowledged) // 2]


def gives_the_sort(acknowledged):
    return acknowledged.sort()


def prints(n):
    print(n // 2 + 1)


def one_way_ends(term, voted_for, last, candidate, its_term, its_last):
    if its_term >= term and its_last >= last:
        return True


def sampled(n, p):
    return sum(sum(random.random() < p for _ in range(n)) > n / 2 for _ in range(1000)) / 1000


SAID = [
    ("majority-availability", returns_inside, "The return inside your loop ends it in its first round"),
    ("majority-availability", returns_inside_a_sum, "The return inside your loop ends it in its first round"),
    ("majority-availability", left_over, "Your function reads states from an earlier cell, which stays the same whatever n and p are."),
    ("majority-availability", sampled, "Your function gives another answer each time"),
    ("majority-availability", lambda n, p: 3 - p * n, "A probability lies between 0 and 1, and your function gives"),
    ("majority-availability", lambda n, p: 100 * exercises()["majority-availability"].reference(n, p), "Your function gives percent"),
    ("any-one-enough", lambda n, p: round(1 - (1 - p) ** n, 2), "Your function rounds"),
    ("any-one-enough", lambda n, p: 1 - (1 - p) ^ n, "In Python ^ is no power"),
    ("any-one-enough", lambda n, p: f"{1 - (1 - p) ** n}", "Your function gives a text where a plain number is asked for"),
    ("any-one-enough", lambda n: 0.9, "Your function has 1 parameter, and is called with 2 arguments."),
    ("commit-time", sorts_in_place, "Calling .sort() changes the list itself and gives None; sorted(…) gives a sorted list."),
    ("commit-time", gives_the_sort, "Your function gives nothing back: .sort() changes the list itself and gives None"),
    ("fault-tolerance", lambda n: n - ql.quorum_size(7), "Your function is right for n = 7, and has the number 7 in it. If that stands for the size, take it from n."),
    ("commit-time", sorted, "Your function gives a list where a plain number is asked for"),
    ("quorum-size", prints, "Your function prints its answer and gives nothing back"),
    ("quorum-size", lambda n: 3, "Your function gives 3 for every input that was tried."),
    ("quorum-size", lambda n: n / 3 + 1, "The answer is always a whole number, and your function gives 1.3"),
    ("quorum-size", lambda n: n >= 3, "Your function gives False where a plain number is asked for"),
    ("fault-tolerance", lambda n: (n + 1) // 2, "Each of your answers is one too large."),
    ("smallest-cluster", lambda f: 2 * f + (f > 0), "All is right but for the smallest input"),
    ("smallest-cluster", quorum_size, "That is a majority of f members"),
    ("split-vote", lambda timeouts, one_way, n: 0 if n > 4 else len(timeouts), "Answer True or False"),
    ("side-of-a-cut", lambda here, there, n: not here > n / 2, "Your function always says the opposite of what is right."),
    ("split-vote", lambda timeouts, one_way, n: False, "Your function gives False for every input that was tried."),
    ("grants-vote", one_way_ends, "For some inputs your function gives nothing back: one of its ways ends without a return."),
]  # fmt: skip


@pytest.mark.parametrize(("id", "answer", "words"), SAID)
def test_the_commonest_mistakes_get_their_own_words(id, answer, words):
    random.seed(1)  # two samples may come out the same: of a thousand draws, one time in forty
    result = judge(exercises()[id], answer)
    assert result.outcome == "incorrect"
    assert result.message.startswith(words)


def right_from_a_loop(acknowledged):
    for time in sorted(acknowledged)[quorum_size(len(acknowledged)) - 1 :]:
        return time


def test_nothing_is_said_of_what_is_right_however_it_is_written():
    assert judge(exercises()["commit-time"], right_from_a_loop)


def test_the_difference_shown_is_not_that_of_the_smallest_input():
    for id, answer, _ in SAID:
        smallest = repr(min(exercises()[id].cases)[0]) if id != "grants-vote" else None
        message = judge(exercises()[id], answer).message
        if "the answer is" in message and "All is right but" not in message:
            assert f"For {exercises()[id].parameters[0]} = {smallest}," not in message


def test_the_table_is_folded_away_once_all_is_right_and_open_before():
    task = exercises()["side-of-a-cut"]
    right = judge(task, lambda here, there, n: 2 * here > n).to_html()
    assert right.index("<details><summary>Your") < right.index("<table>") < right.index("</details>")
    assert "<details>" not in judge(task, lambda here, there, n: here > 2).to_html()
