"""Small rules around each exercise's reference: what a learner may write who has one or two things wrong, and thousands more.

A rule is the text of one expression over the exercise's parameters. ``DOMAIN`` gives, for each exercise, small inputs that were
chosen apart from those of the exercise itself.
"""

import math
import statistics
from collections.abc import Iterable, Iterator
from itertools import combinations_with_replacement, islice, product
from typing import Any

from quorumlab.quorums import quorum_size

NAMES = {
    "quorum_size": quorum_size, "comb": math.comb, "ceil": math.ceil, "floor": math.floor, "median": statistics.median,
    "median_low": statistics.median_low, "median_high": statistics.median_high, "mean": statistics.mean,
}  # fmt: skip
COMPARISONS = (">=", ">", "<=", "<", "==", "!=")


def filled(template: str, **parts: Iterable[object]) -> Iterator[str]:
    """The template with every choice of its parts."""
    for chosen in product(*parts.values()):
        yield template.format(**dict(zip(parts, chosen, strict=True)))


def of_one_number(x: str) -> Iterator[str]:
    """Formulas in one whole number: halves, rounded in all ways, multiples, and what is done at the smallest."""
    ends = ("", " + 1", " - 1", " + 2", " - 2")
    yield from filled("({x}{a}) {d}{b}", x=[x], a=ends, d=("// 2", "/ 2", "// 3", "/ 3", "// 4", "% 2", "* 2", "* 3", "** 2"), b=ends)  # fmt: skip
    yield from filled(
        "{r}(({x}{a}) * {c}){b}", r=("int", "round", "ceil", "floor", ""), x=[x], a=ends,
        c=(0.4, 0.49, 0.5, 0.51, 0.55, 0.6, 0.66, 0.75, 1.5, 2), b=ends,
    )  # fmt: skip
    yield from filled("{r}({x} / 2 {s} {c})", r=("int", "round", "ceil", "floor"), x=[x], s="+-", c=(0, 0.1, 0.4, 0.5, 0.6, 0.9, 1, 1.1, 1.5))  # fmt: skip
    yield from filled("{x} - ({x}{a}) // {d}{b}", x=[x], a=ends, d=(2, 3), b=ends)
    yield from filled("{f}({x} // 2{a}, {c})", f=("max", "min"), x=[x], a=ends, c=(0, 1, 2, 3))
    yield from filled("{x} // 2{a} if {x} % 2 else {x} // 2{b}", x=[x], a=ends, b=ends)
    yield from filled("{x} // 2{a} if {x} {o} {c} else {x} // 2{b}", x=[x], a=ends, o=COMPARISONS, c=(1, 2, 3, 4), b=ends)  # fmt: skip
    yield from filled("{k} * {x}{b}", k=(-1, 0, 1, 2, 3, 4), x=[x], b=ends)


def of_chances() -> Iterator[str]:
    """Powers of p and of 1 - p, and sums of them over numbers of members up."""
    powers = [f"({base}) ** {e}" for base in ("p", "1 - p") for e in ("n", "(n - 1)", "(n + 1)", "(n // 2)", "(n // 2 + 1)", "quorum_size(n)", "2")]  # fmt: skip
    terms = [*powers, "p", "(1 - p)", "n * p", "n * (1 - p)", "p / n", "0.5", "1"]
    yield from terms
    yield from filled("{c} {s} {t}", c=("1", "n", "p", "0"), s="+-", t=terms)
    yield from filled("{a} {s} {b}", a=terms, s="+-*", b=terms)
    yield from filled("{c} - {a} * {b}", c=("1",), a=terms, b=terms)
    yield from filled("{f}({c}, {t})", f=("min", "max"), c=("1", "0"), t=terms)
    least = ("0", "1", "2", "n // 2", "n // 2 + 1", "n // 2 + 2", "(n + 1) // 2", "n - n // 2", "round(n / 2)", "n - 1", "n", "n // 3 + 1", "2 * n // 3 + 1")  # fmt: skip
    most = ("n + 1", "n", "n // 2 + 1", "n // 2 + 2", "n - 1")
    ways = ("comb(n, k) * ", "", "n * ", "k * ", "comb(n - 1, k - 1) * if_k ", "comb(n, 2) * ")
    chance = ("p ** k * (1 - p) ** (n - k)", "p ** k", "(1 - p) ** k", "p ** (n - k) * (1 - p) ** k", "(1 - p) ** (n - k)", "0.5 ** n")  # fmt: skip
    ways = tuple(w for w in ways if "if_k" not in w)
    sums = "{c}sum({w}{x} for k in range({a}, {b}))"
    yield from filled(sums, c=("", "1 - ", "p * "), w=ways, x=chance, a=least, b=most)


def of_times() -> Iterator[str]:
    """Places in a list of times, sorted or not; and what else may be asked of a list."""
    a, q = "acknowledged", "quorum_size(len(acknowledged))"
    n = f"len({a})"
    places = [
        f"{base}{end}"
        for base in (q, f"{n} // 2", f"({n} + 1) // 2", f"({n} - 1) // 2", f"round({n} / 2)", f"int({n} * .6)", n, f"-({n} // 2)", f"-{q}", f"min(2, {n} - 1)", f"-({n} + 1) // 2", "0", "-1", "1")
        for end in ("", " - 1", " + 1", " - 2")
    ]  # fmt: skip
    lists = (a, f"sorted({a})", f"sorted({a}, reverse=True)", f"sorted({a})[1:]", f"sorted(set({a}))", f"{a}[1:]", f"sorted({a}[1:])", f"{a}[::-1]", f"sorted({a})[::-1]")  # fmt: skip
    yield from filled("{l}[{i}]", l=lists, i=places)
    yield from filled("{f}({l}[:{i}])", f=("max", "min", "sum", "mean", "median"), l=lists, i=places)
    yield from filled("{f}({l}{e})", f=("max", "min", "sum", "len", "mean", "median", "median_low", "median_high"), l=lists, e=("", " or [0]"))  # fmt: skip
    yield from filled("{l}[max({i}, {c})]", l=lists, i=places, c=(0, 1))


def of_sides() -> Iterator[str]:
    """Comparisons of what a side of a cut may count, and two of them together."""
    left = ("here", "here + 1", "here - 1", "2 * here", "here + there", "here - there", "there", "2 * here - 1", "n - here")  # fmt: skip
    right = ("n", "n // 2", "n / 2", "n // 2 + 1", "(n + 1) // 2", "(n + 1) / 2", "(n - 1) / 2", "round(n / 2)", "ceil(n / 2)", ".6 * n", ".51 * n", "2 * n / 3", "n // 3", "there", "there + 1", "n - here", "n - there", "n - here - there", "quorum_size(n)", "quorum_size(here + there)", "2", "3", "0", "n - 1")  # fmt: skip
    single = list(filled("{a} {o} {b}", a=left, o=COMPARISONS, b=right))
    yield from single
    near = list(filled("{a} {o} {b}", a=("here", "here + there", "there"), o=(">=", ">", "=="), b=("n / 2", "n // 2", "quorum_size(n)", "there", "3", "1")))  # fmt: skip
    yield from filled("{a} {j} {b}", a=near, j=("and", "or"), b=near)
    yield from filled("here >= {c} and here > n / 2 or n == {k}", c=(1, 2, 3, 4), k=(1, 2, 3))


def of_commits() -> Iterator[str]:
    """Which entry, and when its term will do."""
    m, n, q = "match_index", "len(match_index)", "quorum_size(len(match_index))"
    lists = (m, f"sorted({m})", f"sorted({m}, reverse=True)", f"sorted({m}[1:], reverse=True)", f"sorted({m}[1:])", f"sorted(set({m}))")  # fmt: skip
    places = [f"{base}{end}" for base in (q, f"{n} // 2", f"({n} - 1) // 2", f"({n} + 1) // 2", f"-{q}", f"-({n} // 2)", "0", "-1") for end in ("", " - 1", " + 1", " - 2")]  # fmt: skip
    chosen = [*filled("{l}[{i}]", l=lists, i=places), f"max({m})", f"min({m})", f"sum({m}) // {n}", f"median_low({m})", f"median_high({m})", "len(log_terms)"]  # fmt: skip
    entries = ("log_terms[i - 1]", "log_terms[i]", "log_terms[-1]", "log_terms[0]", "max(log_terms)", "log_terms[min(i, len(log_terms) - 1)]")  # fmt: skip
    terms = ("current_term", "current_term - 1", "current_term + 1", "log_terms[-1]")
    tests = [*filled("{e} {o} {t}", e=entries[:2], o=COMPARISONS, t=terms), *filled("{e} == current_term", e=entries), "True"]  # fmt: skip
    few = ["True", *filled("{e} {o} {t}", e=entries[:2], o=("==", ">="), t=terms[:2]), *filled("{e} == current_term", e=entries[2:])]  # fmt: skip
    yield from filled("(lambda i: {y} if {t} else {z})({c})", y=("i",), t=few, z=("0",), c=chosen)
    exact = (f"sorted({m}, reverse=True)[{q} - 1]", f"sorted({m})[({n} - 1) // 2]")
    yield from filled("(lambda i: {y} if {a}{t} else {z})({c})", y=("i", "i - 1", "i + 1"), a=("", "i > 0 and ", "i > 1 and "), t=tests, z=("0", "i - 1", "-1"), c=exact)  # fmt: skip
    counted = "max((i for i in range({f}, len(log_terms){l}) if {t} and {c}sum(x {o} i for x in match_index{w}) {p} {q}), default=0)"  # fmt: skip
    yield from filled(counted, f=(1,), l=("", " + 1"), t=tests, c=("", "1 + "), o=(">=",), w=("", "[1:]"), p=(">=", ">"), q=(f"{n} / 2", q, f"{n} // 2"))  # fmt: skip


def of_votes() -> Iterator[str]:
    """Who gives the first its vote, how many these are, and what they are compared with."""
    every = ("timeouts", "set(timeouts)", "sorted(timeouts)[1:]", "timeouts[1:]")
    first = ("min(timeouts)", "timeouts[0]", "sorted(timeouts)[1]")
    margin = ("", " + one_way", " + 2 * one_way", " - one_way", " + one_way + 1")
    enough = ("quorum_size(n)", "quorum_size(len(timeouts))", "n // 2", "n / 2", "n - 1", "n", "len(timeouts) / 2", "2")  # fmt: skip
    yield from filled("{c}sum(t {o} {f}{m} for t in {e}) {p} {q}", c=("", "1 + "), o=(">=", ">", "<"), f=first, m=margin, e=every, p=("<", "<=", ">="), q=enough)  # fmt: skip
    yield from filled("sorted(timeouts)[{i}] - {f} {o} {m}", i=("1", "-1", "n // 2", "len(timeouts) // 2", "quorum_size(n) - 1", "min(n // 2, len(timeouts) - 1)"), f=first, o=COMPARISONS, m=("one_way", "2 * one_way", "0", "n"))  # fmt: skip
    yield from filled("timeouts.count({f}) {o} {c}", f=first, o=COMPARISONS, c=("1", "0", "2", "n // 2"))
    yield from ("True", "False", "None", "len(timeouts) < n", "len(timeouts) == n", "n % 2 == 0")


def of_requests() -> Iterator[str]:
    """The three parts of the rule for a vote, each in ways that are right or not, joined in ways that are right or not."""
    terms = ("its_term >= term", "its_term > term", "its_term == term", "its_term != term", "its_term <= term", "its_term in (term, term + 1)", "True")  # fmt: skip
    free = ("voted_for in (None, candidate)", "voted_for is None", "voted_for == candidate", "voted_for != candidate", "its_term > term", "True",
            "(its_term > term or voted_for in (None, candidate))", "its_term > term or voted_for in (None, candidate)", "(its_term > term or voted_for is None)",
            "(its_term >= term or voted_for in (None, candidate))", "(its_term > term + 1 or voted_for in (None, candidate))")  # fmt: skip
    logs = ("its_last >= last", "its_last > last", "its_last == last", "its_last[0] >= last[0]", "its_last[1] >= last[1]", "its_last <= last", "True",
            "its_last[0] >= last[0] and its_last[1] >= last[1]", "(its_last[0] >= last[0] or its_last[1] >= last[1])", "its_last[0] >= last[0] or its_last[1] >= last[1]",
            "(its_last[0] > last[0] or its_last[0] == last[0] and its_last[1] >= last[1])", "(its_last[0] > last[0] or its_last[1] >= last[1])",
            "sum(its_last) >= sum(last)", "its_last[1] > last[1]", "its_last[0] > last[0]", "its_term >= last[0]")  # fmt: skip
    joined = ("{a} {i} {b} {j} {c}", "{b} {i} {c} {j} {a}")
    for way in joined:
        yield from filled(way, a=terms, i=("and", "or"), b=free, j=("and", "or"), c=logs)
    same = ("voted_for in (None, candidate)", "voted_for is None", "voted_for == candidate", "True", "False")
    yield from filled("{t} and (({s} and {l}) if its_term {o} term else {k})", t=terms[:2], s=same, l=logs, o=("==", "<="), k=logs[:4])  # fmt: skip


RULES = {
    "quorum-size": lambda: of_one_number("n"),
    "fault-tolerance": lambda: of_one_number("n"),
    "smallest-cluster": lambda: of_one_number("f"),
    "any-one-enough": of_chances,
    "majority-availability": of_chances,
    "commit-time": of_times,
    "side-of-a-cut": of_sides,
    "commit-index": of_commits,
    "split-vote": of_votes,
    "grants-vote": of_requests,
}


def leaders() -> Iterator[tuple[Any, ...]]:
    """Every leader with a log of up to three entries, and up to three other members."""
    for length in (1, 2, 3):
        for terms in combinations_with_replacement((1, 2, 3), length):
            for current, others in product(range(terms[-1], 5), range(4)):
                for rest in product(range(length + 1), repeat=others):
                    yield [length, *rest], list(terms), current


def requests() -> Iterator[tuple[Any, ...]]:
    """Every request between logs of the first three terms."""
    logs = [(0, 0), (1, 1), (1, 3), (2, 2), (2, 3), (3, 1)]
    for voted, last, its_term, its_last in product((None, "b", "c"), logs, (1, 2, 3, 4, 5, 6), logs):
        if its_last[0] <= its_term:
            yield 3, voted, last, "b", its_term, its_last


DOMAIN = {
    "quorum-size": lambda: ((n,) for n in range(1, 120)),
    "fault-tolerance": lambda: ((n,) for n in range(1, 120)),
    "smallest-cluster": lambda: ((f,) for f in range(1, 40)),
    "any-one-enough": lambda: product(range(1, 8), (0.2, 0.4, 0.7, 0.95)),
    "majority-availability": lambda: product(range(1, 8), (0.2, 0.4, 0.7, 0.95)),
    "commit-time": lambda: ((list(t),) for n in range(1, 6) for t in product((2, 3, 7), repeat=n)),
    "side-of-a-cut": lambda: ((h, t, n) for n in range(1, 12) for h in range(1, n + 1) for t in range(n - h + 1)),
    "commit-index": lambda: islice(leaders(), 0, None, 5),
    "split-vote": lambda: islice(((list(t), 4, n) for a in (2, 3, 4) for t in product((9, 11, 13, 14, 18), repeat=a) for n in range(a, 6)), 0, None, 3),
    "grants-vote": requests,
}  # fmt: skip
"""Small inputs of each exercise, chosen apart from its own; larger ones where a rule parts from the right one late."""
