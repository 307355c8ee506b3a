"""Small rules around the exercises of notebooks 06 to 11; see ``rules.py``."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from tests.unit.course.exercises.rules import COMPARISONS, filled, of_one_number

NAMES: dict[str, Any] = {}
RULES: dict[str, Callable[[], Iterable[str]]] = {}
DOMAIN: dict[str, Callable[[], Iterable[tuple[Any, ...]]]] = {}


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
