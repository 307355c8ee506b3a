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


# ---------------------------------------------------------------- notebook 08


def of_two_sites() -> Iterator[str]:
    """What may be asked of the members of two sites, and how often it is so."""
    n = "(a + b)"
    enough = (f"quorum_size{n}", f"{n} // 2", f"{n} / 2", f"{n} // 2 + 2", f"({n} + 1) // 2", f"({n} - 1) // 2", f"{n} - 1", "2", "3", "1", "max(a, b)", "min(a, b)", "min(a, b) + 1", "quorum_size(max(a, 1))", "abs(a - b)")  # fmt: skip
    each = ("(a, b)", "(a + 1, b + 1)", "(a - 1, b - 1)", "(2 * a, 2 * b)", "(max(a, b),)", "(min(a, b),)", "(a,)", "{a, b}")  # fmt: skip
    yield from filled("{f}(left {o} {q} for left in {e})", f=("sum", "any", "all"), o=(">=", ">", "<=", "<", "=="), q=enough, e=each)  # fmt: skip
    compared = list(filled("{x} {o} {y}", x=("a", "a + 1", "2 * a", f"{n} % 2", n, "abs(a - b)", "max(a, b)", "a * b", "min(a, b)", "max(a, b) - min(a, b)"), o=COMPARISONS, y=("b", "0", "1", "2", "3", "5", f"quorum_size{n}", f"{n} / 2")))  # fmt: skip
    yield from filled("{y} if {c} else {z}", y=("0", "1", "2"), c=compared, z=("0", "1", "2"))
    yield from filled("int({c})", c=compared)
    yield from filled("int({c} {j} {d})", c=compared[::5], j=("and", "or"), d=compared[::9])


def of_third_sites() -> Iterator[str]:
    """Votes out of sums, differences, the bigger and the smaller of two numbers, and of quorums."""
    big, small, n = "max(a, b)", "min(a, b)", "(a + b)"
    parts = ("a", "b", big, small, n, "abs(a - b)", "(a - b)", "(b - a)", f"quorum_size{n}", f"quorum_size({big})", f"{n} // 2", f"{n} % 2", "1", "2")  # fmt: skip
    ends = ("", " + 1", " - 1", " + 2")
    yield from filled("{x}{e}", x=parts, e=ends)
    yield from filled("{x} {s} {y}{e}", x=parts, s="+-*", y=parts, e=ends)
    yield from filled(
        "max({k}, {x} {s} {y}{e})", k=("0", "1", "2"), x=parts[:11], s="+-", y=parts[:11], e=ends
    )
    yield from filled("{x}{e} if {x} {o} {y} else {z}", x=parts[:6], e=ends[:2], o=(">", "=="), y=parts[:5], z=("1", "2", "abs(a - b) + 1"))  # fmt: skip


def of_survivors() -> Iterator[str]:
    """Comparisons of who is left, who is lost and the quorum, and two of them together."""
    left = ("left", "n - left", "2 * left", "left + 1", "left - 1", "n - left - 1", "n - left + 1", "n")
    right = ("n", "n / 2", "n // 2", "n // 2 + 1", "(n + 1) // 2", "(n - 1) / 2", "(n - 1) // 2", "quorum_size(n)", "quorum_size(left)", "quorum_size(n) - 1", "quorum_size(n) + 1", "left", "n - left", "1", "2", "3", "0", ".6 * n", "ceil(n / 2)", "round(n / 2)")  # fmt: skip
    single = list(filled("{a} {o} {b}", a=left, o=COMPARISONS, b=right))
    yield from single
    yield from filled("not {a}", a=single)
    near = list(filled("{a} {o} {b}", a=("left", "n - left", "2 * left"), o=(">=", "<", "=="), b=("n", "n / 2", "quorum_size(n)", "1")))  # fmt: skip
    yield from filled("{a} {j} {b}", a=near, j=("and", "or"), b=near)
    yield from filled("{a} {j} n % 2 {p}", a=single[::3], j=("and", "or"), p=("== 0", "== 1"))


RULES |= {"sites-that-may-go": of_two_sites, "third-site": of_third_sites, "may-lack": of_survivors}
DOMAIN |= {
    "sites-that-may-go": lambda: ((a, b) for a in range(12) for b in range(12) if a + b),
    "third-site": lambda: product(range(1, 12), repeat=2),
    "may-lack": lambda: ((n, left) for n in range(1, 14) for left in range(1, n + 1)),
}


# ---------------------------------------------------------------- notebook 06


def of_shares() -> Iterator[str]:
    """Shares of time added, multiplied and turned round, in all ways of one, two and three parts."""
    a, s = ("alone", "(1 - alone)"), ("shared_up", "(1 - shared_up)")
    yield from filled("{n}({f}({p}, {q}){e})", n=("", "1 - "), f=("max", "min", "sum_", "mul", "mean_"), p=a, q=s, e=("", " / 2", " * 2"))  # fmt: skip
    products = [f"{p} {o} {q}" for o in "*+-" for p in a for q in s]
    yield from filled(
        "{n}({x}) {o} {c} * ({y})", n=("", "1 - ", "2 - "), x=products, o="+-", c=(1, 2, 0.5), y=products
    )
    yield from filled(
        "{p} {o} {q} {i} {x}", p=(*a, 1), o="+-*", q=(*s, 1), i="+-*", x=(*products, *a, *s, 0, 1)
    )


def of_losses() -> Iterator[str]:
    """Sums over how many of the lost vote, with ends and parts that are right or not."""
    tops = ("(voters - 1) // 2", "voters // 2", "voters // 2 + 1", "voters - quorum_size(voters)", "quorum_size(voters)", "(voters + spares - 1) // 2",
            "lost", "voters", "0", "1", "spares")  # fmt: skip
    parts = ("comb(voters, k) * comb(spares, lost - k)", "comb(voters, k) + comb(spares, lost - k)", "comb(voters, k)", "comb(spares, lost - k)",
             "comb(voters + spares, k)", "comb(voters, k) * comb(spares, k)", "comb(voters, lost - k) * comb(spares, k)", "comb(voters + spares, lost)", "1")  # fmt: skip
    yield from filled(
        "sum({p} for k in range({l}, min({t}, lost) + {e})){b}",
        p=parts, l=(0, 1), t=tops, e=(0, 1, 2), b=("", " + 1", " - 1", " * lost", " // 2"),
    )  # fmt: skip
    n = ("voters", "voters + spares", "spares")
    yield from filled("comb({n}, {k}) if lost {o} {t} else {z}", n=n, k=("lost", "min(lost, voters)"), o=("<=", "<", ">="), t=tops, z=(0, 1, "spares", "lost"))  # fmt: skip


RULES |= {"shared-fate": of_shares, "ways-to-lose": of_losses}
NAMES |= {"sum_": lambda p, q: p + q, "mul": lambda p, q: p * q, "mean_": lambda p, q: (p + q) / 2}
DOMAIN |= {
    "shared-fate": lambda: product((0.02, 0.25, 0.6, 0.85), (0.3, 0.75, 0.95)),
    "ways-to-lose": lambda: ((v, s, k) for v in range(1, 7) for s in range(3) for k in range(v + s + 1)),
}


# ---------------------------------------------------------------- notebook 07


def of_zones() -> Iterator[str]:
    """Comparisons of one zone's members with a share of all, of what is left with a quorum, and of how many zones there are."""
    of_one = (
        "max(counts)",
        "min(counts)",
        "counts[0]",
        "counts[-1]",
        "sum(counts) / len(counts)",
        "len(counts)",
        "median(counts)",
    )
    all_of = ("sum(counts)", "len(counts)", "max(counts)")
    shares = (
        "{n} // 2",
        "({n} - 1) // 2",
        "{n} / 2",
        "{n} // 2 + 1",
        "{n} // 3",
        "{n} - quorum_size({n})",
        "quorum_size({n})",
        "{n} - 1",
    )
    bounds = [share.replace("{n}", n) for n in all_of for share in shares]
    yield from filled("{k}{e} {o} {b}", k=of_one, e=("", " + 1", " - 1"), o=COMPARISONS, b=(*bounds, 1, 2, 3))
    left = [f"{n} - {k}" for n in all_of[:2] for k in of_one]
    yield from filled("{k}{e} {o} {b}", k=left, e=("", " - 1", " + 1"), o=COMPARISONS, b=bounds)
    yield from filled(
        "len(counts) {o} {c} {i} {k} {p} {b}",
        o=(">=", ">"),
        c=(2, 3),
        i=("and", "or"),
        k=of_one[:3],
        p=("<", "<="),
        b=bounds,
    )


def of_copies() -> Iterator[str]:
    """What is sent, by members and by zones, with parts that are left out or not."""
    parts = (
        "sum(counts)",
        "counts[zone]",
        "len(counts)",
        "max(counts)",
        "min(counts)",
        "quorum_size(sum(counts))",
        "1",
        "0",
        "zone",
        "sum(counts) // 2",
    )
    yield from filled("{f}({a} {o} {b}{e}){g}", f=("", "abs", "max_0"), a=parts, o=("-", "+", "*"), b=parts, e=("", " - 1", " + 1"), g=("", " * 2", " - 1"))  # fmt: skip


def of_fewest() -> Iterator[str]:
    """The first size of a series that is enough, by rules that are right or not; and formulas."""
    full = ("-(-n // zones)", "n // zones", "n / zones", "n // zones + 1", "zones", "1", "2", "3")
    enough = (
        "(n - 1) // 2",
        "n // 2",
        "n - quorum_size(n)",
        "quorum_size(n)",
        "n / 2",
        "n - 1",
        "(n - 2) // 2",
        "(n + 1) // 2",
    )
    yield from filled(
        "next(n for n in range({s}, 999, {d}) if {f}{e} {o} {b})", s=(1, 2, 3), d=(1, 2), f=full, e=("", " + 1", " + 2"), o=("<", "<="), b=enough,
    )  # fmt: skip
    yield from of_one_number("zones")


RULES |= {"any-zone": of_zones, "copies-between-zones": of_copies, "zone-and-one": of_fewest}
NAMES |= {"max_0": lambda n: max(0, n)}
DOMAIN |= {
    "any-zone": lambda: ((list(c),) for zones in (1, 2, 3, 4) for c in product((1, 2, 3, 5), repeat=zones)),
    "copies-between-zones": lambda: (
        (list(c), z) for zones in (1, 2, 3) for c in product((1, 2, 4), repeat=zones) for z in range(zones)
    ),
    "zone-and-one": lambda: ((zones,) for zones in range(3, 30)),
}
# ---------------------------------------------------------------- notebook 09: regions


def of_regions() -> Iterator[str]:
    """Places in a list of round trips to members, listed in ways that are right or not."""
    lists = (
        "[ms for count, ms in zip(members, rtt) for _ in range(count)]",
        "[ms for count, ms in zip([members[0] - 1, *members[1:]], rtt) for _ in range(count)]",
        "[0.0, *(ms for count, ms in zip([members[0] - 1, *members[1:]], rtt) for _ in range(count))]",
        "[ms for count, ms in zip(members, rtt) if count]", "[*rtt]", "[*rtt[1:]]", "[ms for count, ms in zip(members[1:], rtt[1:]) for _ in range(count)]",
    )  # fmt: skip
    sizes = ("sum(members)", "len(members)", "max(members)")
    places = [
        f"{base.format(n=n)}{end}"
        for n in sizes
        for base in ("{n} // 2", "({n} + 1) // 2", "({n} - 1) // 2", "round({n} / 2)", "int({n} * .6)", "-({n} // 2)", "{n}")
        for end in ("", " - 1", " + 1", " - 2")
    ] + ["0", "-1", "1"]  # fmt: skip
    yield from filled("{s}({l})[{i}]", s=("sorted", "list"), l=lists, i=places)
    yield from filled("sorted({l})[max({i}, 0)]", l=lists, i=places)
    yield from filled("({s}({l})[{i}] if sum(members) > 1 else 0)", s=("sorted", "list"), l=lists, i=places)
    yield from filled("sorted({l})[{i}] / 2", l=lists, i=places)
    yield from filled("{f}({l})", f=("max", "min", "mean", "median", "sum"), l=lists)
    yield from filled("{f}(sorted({l})[:{i}])", f=("max", "mean"), l=lists, i=places)


def of_losses() -> Iterator[str]:
    """What is left of members in regions, compared with what it takes."""
    left = (
        "sum(members)", "sum(members) - max(members)", "sum(members) - max(members) - 1", "sum(members) - max(members) - 2", "sum(members) - min(members)",
        "sum(members) - min(members) - 1", "sum(members) - members[0] - 1", "sum(members) - members[-1] - 1", "sum(members) - mean(members) - 1",
        "2 * (sum(members) - max(members) - 1)", "sum(sorted(members)[:-1])", "sum(sorted(members)[:-1]) - 1", "sum(sorted(members)[:-2])", "len(members)",
        "len(members) - 1", "min(members)", "sum(members[1:]) - 1", "sum(members) // 2 - 1", "sum(members) - 1", "max(members)", "max(members) + 1",
    )  # fmt: skip
    right = (
        "quorum_size(sum(members))", "sum(members) // 2", "sum(members) / 2", "sum(members) // 2 + 1", "(sum(members) + 1) // 2", "(sum(members) - 1) // 2",
        "(sum(members) + 1) / 2", "round(sum(members) / 2)", "quorum_size(max(sum(members) - max(members), 1))", "quorum_size(max(sum(members) - max(members) - 1, 1))",
        "sum(members)", "max(members)", "max(members) + 1", "2", "3", "4", "5", "len(members)", "quorum_size(len(members))", "2 * max(members)",
    )  # fmt: skip
    yield from filled("{a} {o} {b}", a=left, o=COMPARISONS, b=right)
    yield from filled(
        "len(members) >= {k} and {a} {o} {b}", k=(2, 3), a=left[1:8], o=(">=", ">"), b=right[:10]
    )


def of_homes() -> Iterator[str]:
    """Comparisons of who is left with the two quorums."""
    left = ("n - home", "n - home + 1", "n - home - 1", "n", "home", "2 * (n - home)", "n - 2 * home")
    right = (
        "commit", "elect", "max(commit, elect)", "min(commit, elect)", "commit + elect", "commit + elect - n", "quorum_size(n)", "n // 2", "n / 2",
        "commit + 1", "elect + 1", "commit - 1", "elect - 1", "home", "home + 1", "max(commit, elect) + 1", "max(commit, elect) - 1", "abs(commit - elect)", "1", "2",
    )  # fmt: skip
    yield from filled("{a} {o} {b}", a=left, o=COMPARISONS, b=right)
    yield from filled(
        "{a} {o} {b} {j} {a} {p} {c}",
        a=left[:4],
        o=(">=", ">"),
        b=right[:9],
        j=("and", "or"),
        p=(">=", ">"),
        c=right[:9],
    )


def layouts() -> Iterator[tuple[Any, ...]]:
    for rtt in ([2.0], [2.0, 80.0], [2.0, 150.0, 60.0], [2.0, 60.0, 150.0]):
        for rest in product(range(3), repeat=len(rtt) - 1):
            yield from (([home, *rest], rtt) for home in (1, 2, 3, 4))


RULES |= {"commit-over-regions": of_regions, "region-plus-one": of_losses, "home-is-lost": of_homes}
DOMAIN |= {
    "commit-over-regions": layouts,
    "region-plus-one": lambda: (([*c],) for r in (1, 2, 3, 4) for c in product((1, 2, 3, 5), repeat=r)),
    "home-is-lost": lambda: ((h, n, c, e) for n in (1, 2, 3, 5, 6) for h in range(n + 1) for c in range(1, n + 1) for e in range(n - c + 1, n + 1)),
}  # fmt: skip
# ---------------------------------------------------------------- notebook 10


def of_replacements() -> Iterator[str]:
    """What runs, less a majority of what counts, each right or not."""
    run = ("up", "up + started", "up + started + dead", "up + started - removed", "up + started + dead - removed", "n + started", "n + started - removed", "up + dead", "n")  # fmt: skip
    count = ("n", "n + started", "n + started + dead", "n + started + dead - removed", "n + started - removed", "n + dead - removed", "n - removed", "n + dead", "up", "up + started", "up + started + dead")  # fmt: skip
    ways = (
        "quorum_size({c})",
        "(({c}) // 2)",
        "(({c}) / 2)",
        "(({c} + 1) // 2)",
        "(({c}) // 2 + 2)",
        "({c})",
    )
    for way in ways:
        majorities = [way.format(c=c) for c in count]
        yield from filled("{r} - {m}{e}", r=run, m=majorities, e=("", " + 1", " - 1"))
        yield from filled("max(0, {r} - {m})", r=run, m=majorities)
        yield from filled("{r} {o} {m}", r=run, o=(">=", ">"), m=majorities)


def of_logs() -> Iterator[str]:
    """Members of a dict, by what stands under them; and what is no member."""
    ends = ("logs[m]", "logs[m][0]", "logs[m][1]", "logs[m][::-1]", "sum(logs[m])", "logs[m][0] * logs[m][1]", "(logs[m][0], -logs[m][1])", "(-logs[m][0], logs[m][1])", "m", "m[-1]", "logs[m][1] / logs[m][0]", "logs[m][0] - logs[m][1]", "abs(logs[m][0] - logs[m][1])", "(logs[m][0], m)", "(logs[m][1], m)", "logs[m][0] * {k} + logs[m][1]")  # fmt: skip
    keys = [end.format(k=k) for end in ends for k in (range(1, 90) if "{k}" in end else (0,))]
    pools = ("logs", "sorted(logs)", "reversed(logs)", "list(logs)[1:]", "list(logs)[:2]", "list(logs)[:-1]", "sorted(logs, reverse=True)")  # fmt: skip
    yield from filled("{f}({p}, key=lambda m: {k})", f=("max", "min"), p=pools, k=keys)
    yield from filled("sorted({p}, key=lambda m: {k})[{i}]", p=("logs", "sorted(logs)", "reversed(logs)"), k=keys, i=(0, -1, 1, -2))  # fmt: skip
    yield from filled("{f}(logs{w})", f=("max", "min", "list", "sorted"), w=("", ".values()", ".items()"))


def of_restores() -> Iterator[str]:
    """Differences of revisions, with and without their bounds."""
    ends = ("", " + 1", " - 1", " + 2")
    apart = [f"{d}{e}" for d in ("seen - snapshot", "snapshot - seen", "abs(seen - snapshot)", "seen", "snapshot", "seen - snapshot - written", "snapshot + written - seen", "seen + written - snapshot") for e in ends]  # fmt: skip
    most = [f"written{e}" for e in ends] + ["seen", "snapshot", "2 * written", "written // 2"]
    yield from apart
    yield from filled("{f}({w}, {d})", f=("min", "max"), w=[*most, "0", "1"], d=apart)
    yield from filled("{f}({w}, {g}({z}, {d}))", f=("min", "max"), w=most, g=("max", "min"), z=("0", "1", "-1"), d=apart)  # fmt: skip
    yield from filled("{w} - {f}({v}, max(0, {d}))", w=most, f=("min", "max"), v=most[:2], d=apart)
    yield from filled("{d} if {a} {o} {b} else {z}", d=[*apart[:6], "written"], a=("seen", "seen + 1"), o=COMPARISONS, b=("snapshot", "snapshot + written"), z=("0", "written"))  # fmt: skip


RULES |= {"crashes-left": of_replacements, "freshest-survivor": of_logs, "events-missed": of_restores}

DOMAIN |= {
    "crashes-left": lambda: (
        (n, up, s, d, r)
        for n in range(1, 6)
        for up, s, d, r in product(range(n + 1), (0, 1, 2), (0, 1), (0, 1, 2))
        if r <= n - up + d and n + s + d > r
    ),
    "freshest-survivor": lambda: (
        (dict(zip(names, ends, strict=True)),)
        for names in (("b", "a"), ("a", "b"), ("c", "a", "b"))
        for ends in product(((1, 2), (1, 9), (2, 1), (2, 3), (3, 2)), repeat=len(names))
        if len(set(ends)) == len(ends)
    ),
    "events-missed": lambda: product(range(1, 8), range(1, 8), range(7)),
}


# ---------------------------------------------------------------- notebook 11


def of_plans() -> Iterator[str]:
    """The first number of voters with a property that is right or not; and plain formulas."""
    fullest = ("-(-n // zones)", "n // zones", "n / zones", "n // zones + 1", "round(n / zones)", "1", "0", "ceil(n / 3)", "-(-n // (zones - 1 or 1))")  # fmt: skip
    limit = ("(n - 1) // 2", "n // 2", "n / 2", "(n - 1) / 2", "(n + 1) // 2", "n - quorum_size(n)", "n - n // 2", "n // 2 - 1", "n // 3")  # fmt: skip
    first = "next((n for n in range({a}, 70{s}) if {f}{m} {o} {l}), None)"
    every = list(filled(first, a=("1", "3", "zones"), s=("", ", 2", ", zones"), f=fullest, m=(" + more", "", " + more + 1", " + 2 * more"), o=("<=", "<"), l=limit))  # fmt: skip
    yield from filled("{e} if zones >= 3 else None", e=every[::3])
    yield from every[1::4]
    yield from filled("{a} * {b}{c} if zones {o} {k} else {z}", a=("2", "3", "zones"), b=("more", "(more + 1)", "(more + 2)"), c=("", " + 1", " - 1"), o=(">=", ">"), k=("2", "3"), z=("None", "0"))  # fmt: skip


def of_zones_lost() -> Iterator[str]:
    """Counts of zones until enough is lost, in several orders; and plain formulas."""
    n = "sum(votes)"
    orders = ("sorted(votes, reverse=True)", "sorted(votes)", "votes", "votes[::-1]", "sorted(votes)[::-1]", "sorted(set(votes), reverse=True)")  # fmt: skip
    lost = [f"sum({order}[:k{e}])" for order in orders for e in ("", " + 1", " - 1")]
    left = (f"{n} / 2", f"{n} // 2", f"({n} - 1) // 2", f"({n} + 1) // 2", f"quorum_size({n})", f"{n} - quorum_size({n})", "len(votes) / 2", "max(votes)", f"{n} - 1", "2")  # fmt: skip
    yield from filled("next((k for k in range({a}, len(votes) + 2) if {x} {o} {l}), {z})", a=("0", "1", "2"), x=lost, o=(">=", ">"), l=left, z=("None", "len(votes)"))  # fmt: skip
    yield from filled("sum({x} {o} {l} for k in range(len(votes){e})){c}", x=lost, o=("<", "<=", ">="), l=left, e=("", " + 1"), c=("", " + 1"))  # fmt: skip
    yield from filled("{a}{b}{c}", a=("len(votes)", n, "max(votes)", "min(votes)"), b=(" // 2", "", " - max(votes)", " / 2"), c=("", " + 1", " - 1"))  # fmt: skip


RULES |= {"fewest-voters": of_plans, "zones-to-stop": of_zones_lost}

DOMAIN |= {
    "fewest-voters": lambda: product(range(1, 9), range(5)),
    "zones-to-stop": lambda: ((list(v),) for k in range(1, 5) for v in product((1, 2, 3), repeat=k)),
}
