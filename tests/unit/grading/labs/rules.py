"""Small rules around each task's reference: what a student may write who has one or two things wrong, and many more.

A rule is the text of one expression over the task's parameters and over ``NAMES``, which has the pieces that such answers are made of.
"""

import math
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import combinations
from typing import Any

from quorumlab.course.labs.surviving_topology import spread
from quorumlab.grading import histories as h
from quorumlab.grading import layouts as t
from quorumlab.grading.labs import multi_region as m
from quorumlab.grading.labs import odd_sizes as o
from quorumlab.quorums import quorum_size
from quorumlab.topology import Topology
from tests.unit.course.exercises.rules import COMPARISONS, filled

ENDS = ("", " + 1", " - 1")


@lru_cache(maxsize=40_000)
def after(
    layout: str, moves: tuple[tuple[str, str], ...]
) -> tuple[Topology, dict[str, int], Callable[[], str]]:
    """The topology after moves, its voters by zone, and its text; many rules make the same moves."""
    topology = after(layout, moves[:-1])[0].moved(*moves[-1]) if moves else Topology.of(layout)
    return topology, dict(topology.votes_in("zone")), cache(topology.to_yaml)


def moved_down_to(
    layout: str, most: int, pick: Callable[[Any, str], str], to: Callable[[dict[str, int]], str]
) -> str:
    """The layout after moves out of zones that hold more than ``most``, at most twenty."""
    moves: tuple[tuple[str, str], ...] = ()
    for _ in range(20):
        topology, held, _text = after(layout, moves)
        fullest = max(held, key=lambda z: held[z])
        if held[fullest] <= most:
            break
        moves = (*moves, (pick(topology, fullest), to(held)))
    return after(layout, moves)[2]()


def answers(voters: dict[str, int], rtt: Any, leader: str, own: int = 1) -> list[float]:
    """Round trips to the other members, sorted."""
    return sorted(rtt[leader][r] for r, c in voters.items() for _ in range(c - own * (r == leader)))


def way(rtt: Any, clients: dict[str, float], leader: str) -> float:
    """The mean way of the clients to a leader."""
    return sum(w * rtt[c][leader] for c, w in clients.items()) / sum(clients.values())


NAMES: dict[str, Any] = {
    "comb": math.comb, "ceil": math.ceil, "q": quorum_size, "tol": lambda n: (n - 1) // 2, "combinations": combinations,
    "hours": o.hours_below, "total": o.total_hours, "fewest": o.fewest, "lost_ok": o.losses_survived, "survived": o.survived,
    "over": h.over_before, "begun": h.begun_before, "touching": h.touching_too, "unknown": h.unknown_too, "never": lambda *_: False,
    "stale": h.stale_reads, "explains": h.explains, "could": h.could_read, "writes_of": h.last_writes,
    "remarks_of": t.remarks, "fatal": t.fatal, "moved_down_to": moved_down_to, "balanced": t.balanced, "with_voters": t.with_voters, "dealt": t.dealt,
    "Topology": Topology, "spreads": t.spreads, "spread": spread, "even": t.even_spread, "placed": t.over_regions,
    "answers": answers, "among": m.among, "commit": m.commit_time, "way": way, "fastest": m.fastest, "survives": m.survives_any,
    "layouts": m.layouts, "timers_of": m.timers, "bad": m.bad_day, "write": m.write_time, "restore": m.restore_from,
}  # fmt: skip


def more_members() -> Iterator[str]:
    crashes = ("tol(n + more) - tol(n)", "more // 2", "(n + more) // 2 - n // 2", "more", "tol(n + more)", "tol(more)", "tol(more + 1)", "(more + 1) // 2", "q(n + more) - q(n)", "0", "1", "(n + more) % 2", "more // 2 + (n % 2 == 0)", "(more + (n % 2 == 0)) // 2", "(more + 1 - n % 2) // 2")  # fmt: skip
    waits = ("q(n + more) - q(n)", "more // 2", "(more + 1) // 2", "more", "q(n + more)", "q(more)", "tol(n + more) - tol(n)", "1", "n % 2", "(more + n % 2) // 2", "(n + more) // 2 - n // 2 - 1", "max(1, more // 2)")  # fmt: skip
    yield from filled("[{a}, {b}]", a=crashes, b=waits)
    yield from filled("[({a}){d}, ({b}){e}]", a=crashes[:3], d=ENDS, b=waits[:3], e=ENDS)


def cuts() -> Iterator[str]:
    up = ("(n - crashed)", "n")
    lows, highs = ("0", "1"), ("{u}", "{u} + 1", "{u} // 2 + 1")
    tests = [*filled("{s} < {q}", s=("k", "{u} - k", "max(k, {u} - k)"), q=("q(n)", "q({u})", "n / 2", "(n + 1) // 2", "q(n) + 1", "{u} / 2")), "True"]  # fmt: skip
    for u in up:
        yield from (
            text.replace("{u}", u)
            for text in filled("sum({w} for k in range({a}, {b}) if {c} and {d}){e}", w=("comb({u}, k)", "1"), a=lows, b=highs, c=tests, d=tests[:8], e=("", " // 2", " / 2"))
        )  # fmt: skip


def losses() -> Iterator[str]:
    most = ("(voters - 1) // 2", "voters // 2", "q(voters)", "voters - 1", "(voters + spares - 1) // 2", "lost", "voters", "lost // 2", "max(0, voters - 2)", "(voters + 1) // 2")  # fmt: skip
    kinds = ("comb(voters, k) * comb(spares, max(0, lost - k))", "comb(voters, k)", "comb(voters, k) * comb(spares, lost)", "comb(voters + spares, k)", "comb(lost, k)", "comb(voters, k) + comb(spares, max(0, lost - k))", "comb(voters, k) * comb(voters + spares - k, max(0, lost - k))", "1")  # fmt: skip
    yield from filled("sum({c} for k in range({a}, min({b}, lost){d} + 1))", c=kinds, a=("0", "1", "max(0, lost - spares)"), b=most, d=ENDS)  # fmt: skip
    left = ("comb(voters - 1, k) * comb(spares, max(0, lost - k))", "comb(voters - 1, k)", "comb(voters - 1, max(0, k - 1)) * comb(spares, max(0, lost - k))", "comb(voters - 1, k) * comb(spares, max(0, lost - k - 1))", "comb(voters + spares - 1, k)", "comb(voters - 1, k) * comb(voters + spares - 1 - k, max(0, lost - k))")  # fmt: skip
    yield from filled("sum({c} for k in range({a}, min({b}, lost){d} + 1))", c=left, a=("0", "1", "max(0, lost - spares)"), b=most, d=ENDS)  # fmt: skip
    yield from filled("comb(voters + spares{n}, lost) if lost {o} {b}{d} else 0", n=("", " - 1"), o=COMPARISONS, b=most, d=ENDS)  # fmt: skip


def hours_of_list() -> Iterator[str]:
    lists = ("ups", "sorted(ups)", "sorted(ups)[1:]", "ups[1:] or ups", "[min(ups)] * len(ups)", "[max(ups)] * len(ups)", "[sum(ups) / len(ups)] * len(ups)", "[math.prod(ups) ** (1 / len(ups))] * len(ups)", "ups[:3]", "[sorted(ups)[len(ups) // 2]] * len(ups)")  # fmt: skip
    needs = ("q(len(ups))", "len(ups)", "1", "2", "len(ups) // 2", "(len(ups) + 1) // 2", "q(len(ups)) + 1", "q(len(ups)) - 1", "len(ups) - 1", "3")  # fmt: skip
    for text in filled("hours({l}, {n}){f}", l=lists, n=needs, f=("", " * 360 / 365", " / 24", " * 366 / 365", " * 365.25 / 365")):  # fmt: skip
        yield text
        yield f"365 * 24 - {text}"


def under_one_roof() -> Iterator[str]:
    ups, roofs = ("up", "up * shared", "up ** 2", "min(up, shared)", "max(up, shared)"), ("shared", "1.0", "shared ** 2", "shared * up", "1 - (1 - shared) / 2")  # fmt: skip
    needs = (
        "q",
        "lambda _: 1",
        "lambda n: n",
        "lambda n: (n + 1) // 2",
        "lambda n: n // 2",
        "lambda n: max(1, n - 1)",
    )
    sizes = ("range(1, 16)", "range(1, 16, 2)", "range(3, 16)", "range(1, 15)", "range(2, 16)", "range(1, 10)", "range(1, 8)", "range(1, 6, 2)", "(1, 3, 5, 7)")  # fmt: skip
    yield from filled("fewest(lambda n: total(n, {u}, {r}, {q}) {o} hours_, {s}){e}", u=ups, r=roofs, q=needs, o=("<=", ">="), s=sizes[:4], e=("",))  # fmt: skip
    yield from filled("fewest(lambda n: total(n, {u}, {r}) <= hours_{f}, {s}){e}", u=ups[:2], r=roofs[:2], f=("", " * 2", " / 2", " + 8.76", " - 8.76", "* 365 / 360"), s=sizes, e=("", " or 15", " or 0"))  # fmt: skip
    yield from filled("fewest(lambda n: 8760 * (1 - shared) + {h} <= hours_, {s})", h=("hours([up] * n, q(n))", "hours([up] * n, q(n)) / shared", "shared * hours([up] * n, q(n))", "hours([up * shared] * n, q(n))", "hours([up] * n, q(n)) * (1 - shared)"), s=sizes)  # fmt: skip


def two_quorums() -> Iterator[str]:
    commits = ("n + 1 - e", "n - e", "n + 2 - e", "q(n)", "max(n + 1 - e, 1)", "max(n + 1 - e, 2)", "min(n + 1 - e, q(n))", "e", "1", "n // 2", "max(n + 1 - e, q(n))")  # fmt: skip
    ranges = ("range(n, n // 2, -1)", "range(n, q(n), -1)", "range(n, 0, -1)", "range(q(n), n + 1)", "range(1, n + 1)", "range(n - 1, n // 2, -1)", "range(n, (n + 1) // 2 - 1, -1)", "range(n, n // 2 - 1, -1)", "range(n, (n - 1) // 2, -1)", "[q(n)]", "[n, q(n)]", "range(n, max(n - 3, n // 2), -1)")  # fmt: skip
    yield from filled("{x}[{a} for e in {r}]{y}", x=("",), a=[f"[{c}, e{d}]" for c in commits for d in ENDS], r=ranges, y=("",))  # fmt: skip
    yield from filled("sorted([{c}, e] for e in {r})", c=commits, r=ranges)
    yield from filled("[[e, {c}] for e in {r}]", c=commits, r=ranges)


def votes_for() -> Iterator[str]:
    sizes = ("range(1, machines + 1)", "range(1, machines + 1, 2)", "range(1, machines)", "range(2, machines + 1)", "range(3, machines + 1)", "range(machines // 2 + 1, machines + 1)", "range(1, machines - lost + 1)", "range(1, min(8, machines + 1))")  # fmt: skip
    keys = ("(lost_ok(v, machines - v, lost), v)", "(lost_ok(v, machines - v, lost), -v)", "lost_ok(v, machines - v, lost)", "(survived(v, machines - v, lost, v // 2), v)", "(lost_ok(v, machines - v, min(lost, v)), v)", "(lost_ok(v, machines - v, lost), v % 2, v)", "(comb(v, min(lost, v)), v)", "(lost_ok(v, 0, min(lost, v)), v)", "v", "(lost_ok(v, machines - v, lost - 1), v)", "(lost_ok(v, machines - v, lost) > 0, v)", "(tol(v), v)", "(tol(v) >= lost, v)", "(tol(v) >= lost, -v)")  # fmt: skip
    yield from filled("max({s}, key=lambda v: {k}, default=1){e}", s=sizes, k=keys, e=ENDS)
    plain = ("machines", "machines - lost", "2 * lost + 1", "machines - 1 + machines % 2", "1", "3", "machines - lost + 1", "machines // 2 + 1", "min(machines, 2 * lost + 1)")  # fmt: skip
    tests = [f"{a} {c} {b}" for a in ("lost", "2 * lost", "machines - lost") for c in COMPARISONS for b in ("machines", "machines / 2", "2", "machines - 1")]  # fmt: skip
    yield from filled("{a} if {t} else {b}", a=plain, t=tests, b=plain)


def before() -> Iterator[str]:
    fields = ("one.invoked", "one.returned", "other.invoked", "other.returned")
    known = (
        "one.returned is not None",
        "other.returned is not None",
        "one.returned is None",
        "other.returned is None",
        "True",
    )
    simple = list(filled("({a} or 0) {c} ({b} or 0)", a=fields, c=COMPARISONS, b=fields)) + list(filled("({a} or 999) {c} ({b} or 999)", a=fields, c=COMPARISONS[:4], b=fields))  # fmt: skip
    yield from filled("{k} {j} {s}", k=known, j=("and", "or"), s=simple)
    yield from filled("{k} and {s} and {r}", k=known[:2], s=simple[:96:3], r=simple[1:96:5])


def stale() -> Iterator[str]:
    later = ("over(o, r)", "begun(o, r)", "touching(o, r)", "unknown(o, r)", "True", "o.returned is not None", "(o.returned or 0) < (r.returned or 0)", "(o.returned or 999) < (r.returned or 0)", "(o.returned or 999) <= r.invoked", "o.invoked < (r.returned or 0)", "history.index(o) < history.index(r)")  # fmt: skip
    values = ("o.value > r.value", "o.value >= r.value", "o.value != r.value", "o.value == r.value", "o.value > r.value + 1", "o.value < r.value", "r.value == 0")  # fmt: skip
    kinds = ("o.kind == 'write'", "True", "o.kind == 'read'")
    yield from filled("[{i} for i, r in enumerate(history) if r.kind == {k} and {f}({w} and {v} and {b} for o in history)]", i=("i", "i + 1", "r.value"), k=("'read'", "'write'"), f=("any", "all"), w=kinds, v=values, b=later)  # fmt: skip


def explanations() -> Iterator[str]:
    yield from filled("explains(history, {o}, {b}, whole={w}, once={n}, answers={a}){e}", o=("order", "order[::-1]", "sorted(order)", "list(dict.fromkeys(order))"), b=("over", "begun", "touching", "unknown", "never"), w=("True", "False"), n=("True", "False"), a=("True", "False"), e=("", " and len(order) == len(history)", " and len(order) > 0", " or not history", " or len(order) < len(history)", " and len(order) <= len(history)"))  # fmt: skip


def reads() -> Iterator[str]:
    orders_by = ("over", "begun", "touching", "unknown", "never")
    yield from filled("could(history, {i}, {r}, {b}, unknown={u}){s}", i=("invoked", "returned", "invoked - 1", "0"), r=("returned", "invoked", "returned + 1", "999"), b=orders_by, u=("'maybe'", "'never'", "'surely'"), s=("", "[-1:]", "[::-1]"))  # fmt: skip
    yield from filled("sorted({{{a}, *(o.value for o in history if {t})}})", a=("0", "max((o.value for o in history), default=0)"), t=("True", "o.kind == 'write'", "o.kind == 'write' and o.invoked < returned", "o.returned is None", "(o.returned or 999) > invoked"))  # fmt: skip
    yield "writes_of(history, invoked, returned)"


def words() -> Iterator[str]:
    count = ("sum(held.values())", "len(held)", "sum(every.values())", "max(held.values())")
    left = ("n - f", "n - f - 1", "n - g")
    evens = filled("{n} % 2 == {k}", n=count, k=(0, 1))
    zones = [
        *filled("{l} {o} {r}", l=left, o=("<", "<="), r=("n / 2", "q(n)", "n // 2", "q(n) - 1")),
        "len(held) < 3",
        "False",
    ]
    tights = [*filled("{l} == {r}", l=left, r=("q(n)", "q(n) - 1", "n / 2", "q(n) + 1", "n // 2")), *filled("n - f {o} q(n)", o=("<=", ">", "<", ">=")), "len(held) == 3", "False"]  # fmt: skip
    template = "(lambda held, every: (lambda n, f, g: sorted(w for w, ok in (('even', {e}), ('tight', {t}), ('zone', {z})) if ok))(sum(held.values()), max(held.values()), max(every.values())))(*held_by(voters, learners))"  # fmt: skip
    for e in evens:
        yield from filled(template.replace("{e}", e), t=tights, z=zones)


def fatal_sets() -> Iterator[str]:
    sizes = ("lambda z: range(1, z + 1)", "lambda z: [1]", "lambda z: [2]", "lambda z: [1, 2]", "lambda z: [1, 2, 3]", "lambda z: range(2, z + 1)", "lambda z: range(1, z)", "lambda z: [z]", "lambda z: range(z, 0, -1)", "lambda z: range(1, 5)", "lambda z: range(1, z // 2 + 2)", "lambda z: range(1, z // 2 + 1)")  # fmt: skip
    calls = list(filled("fatal(layout, sizes={s}, minimal={m}, half={h})", s=sizes, m=("True", "False"), h=("True", "False")))  # fmt: skip
    yield from calls
    yield from filled("{f}({c})", f=("sorted", "len"), c=calls)
    yield from filled("[{e} for s in {c}{w}]", e=("s", "s[0]", "s[::-1]", "sorted(s)", "set(s)"), c=calls, w=("", "[:1]", "[:3]", "[::-1]", " if len(s) < 3", " if len(s) > 1"))  # fmt: skip


def mendings() -> Iterator[str]:
    counts = "(lambda held, n: {body})(dict(Topology.of(layout).votes_in('zone')), len(Topology.of(layout).voters))"
    most = ("(n - 1) // 2", "n // 2", "q(n)", "1", "2", "ceil(n / len(held))", "n // 3", "(n - 1) // 2 - 1", "max(1, (n - 1) // 2)", "n // 2 - 1")  # fmt: skip
    never = ("len(held) < 3", "False", "n < 3", "n % 2 == 0", "(n - 1) // 2 * len(held) < n", "len(held) < 2", "n < 4", "max(held.values()) > n / 2", "len(held) < 3 or n == 4", "n // 2 * len(held) < n")  # fmt: skip
    to = ("lambda held: min(held, key=held.get)", "lambda held: list(held)[-1]", "lambda held: list(held)[0]", "lambda held: 'us-east-1z'", "lambda held: max(held, key=held.get)")  # fmt: skip
    picks = (
        "lambda t, z: t.zones[z][0]",
        "lambda t, z: t.zones[z][-1]",
        "lambda t, z: t.members[0]",
        "lambda t, z: t.members[-1]",
    )
    yield from (counts.replace("{body}", body) for body in filled("None if {v} else moved_down_to(layout, {m}, {p}, {t})", v=never, m=most, p=picks, t=to))  # fmt: skip


def thirds() -> Iterator[str]:
    numbers = ("a - b + 1", "a - b", "a", "b", "1", "2", "abs(a - b) + 1", "abs(a - b)", "max(a, b)", "min(a, b)", "2 * max(a, b) + 1 - a - b", "2 * max(a, b) - a - b", "(a + b + 1) // 2", "(a + b) // 2", "a + b", "max(a, b) - 1", "abs(a - b) + 2", "max(1, abs(a - b))", "1 + (a != b)", "max(1, a - b + 1)", "(a + b + 1) % 2 + 1", "(a + b) % 2 + 1")  # fmt: skip
    ends = ("", " + 1", " - 1", " + (a + b) % 2", " - (a + b) % 2", " + (a > b)", " + (a < b)", " + (a == b)")
    where = ("site", "list(Topology.of(layout).zones)[0]", "list(Topology.of(layout).zones)[1]")
    yield from filled("(lambda a, b: with_voters(layout, {w}, max(0, {n}{e})))(*Topology.of(layout).votes_in('zone').values())", w=where, n=numbers, e=ends)  # fmt: skip


def zones_and_one() -> Iterator[str]:
    by_number = ("{3: 9, 4: 7}.get(z, 5)", "9", "5", "7", "2 * z + 1", "2 * z - 1", "3 * z", "z + 2", "{3: 9, 4: 8}.get(z, 5)", "{3: 9, 4: 7, 5: 5}.get(z, z)", "{3: 9, 4: 7}.get(z, 6)", "{3: 8, 4: 7}.get(z, 5)", "{3: 7, 4: 7}.get(z, 5)", "{3: 9, 4: 6}.get(z, 5)", "max(5, 15 - 2 * z)", "{3: 9}.get(z, 5)", "{3: 9}.get(z, 7)", "max(5, 12 - z)", "z if z > 4 else 9", "{3: 9, 4: 7, 6: 6}.get(z, 5)")  # fmt: skip
    none = ("z < 3", "z < 2", "False", "z < 4", "z == 2", "z == 1", "z > 6", "z < 3 or z > 5", "z % 2 == 0")
    places = (
        "zones",
        "zones[:3]",
        "zones[:5]",
        "zones[::-1]",
        "zones[1:]",
        "zones[:-1]",
        "zones[:2]",
        "sorted(zones)",
        "zones[:1]",
    )
    yield from filled(
        "(lambda z: None if {n} else dealt({p}, {b}))(len(zones))", n=none, p=places, b=by_number
    )


def best_spreads() -> Iterator[str]:
    best = "list(min({s}, key=lambda c: spread(c, {m}, {z})))"
    yield from filled(best, s=("spreads(n, zones)", "spreads(n, zones)[1:] or spreads(n, zones)", "[c for c in spreads(n, zones) if max(c) - min(c) < 2]", "[c for c in spreads(n, zones) if min(c) or n < zones] or spreads(n, zones)", "[c for c in spreads(n, zones) if max(c) < n] or spreads(n, zones)", "[c for c in spreads(n, zones) if max(c) <= n // 2] or spreads(n, zones)"), m=("member_up", "1.0", "zone_up", "0.9"), z=("zone_up", "1.0", "0.999", "member_up"))  # fmt: skip
    simple = ("even(n, zones)", "[n] + [0] * (zones - 1)", "list(spreads(n, zones)[-1])", "list(spreads(n, zones)[0])", "even(n, min(zones, 3)) + [0] * (zones - 3)", "list(spreads(n, zones)[len(spreads(n, zones)) // 2])")  # fmt: skip
    tests = ("zones < 3", "zones == 2", "zone_up < 0.5", "zone_up < member_up", "n % 2 == 0", "zones < 3 or zone_up < 0.5", "n < zones", "zone_up < 0.9", "zones > 2", "member_up > 0.98", "n > 4", "zone_up < 0.45", "zone_up < 0.4")  # fmt: skip
    yield from filled("{a} if {t} else {b}", a=simple, t=tests, b=simple)


def over_regions() -> Iterator[str]:
    none = ("r < 3", "n < 3", "n % 2 == 0", "r < 3 or n < 3", "ceil(n / r) > (n - 1) // 2", "ceil(n / r) > n // 2", "n // r > (n - 1) // 2", "False", "r < 3 or n == 4", "r < 3 or n % r", "n < r", "r < 2", "r < 3 or n < r", "n / r >= n / 2", "ceil(n / r) >= (n - 1) // 2", "r < 3 or n in (1, 2)", "r < 4 and n < 5")  # fmt: skip
    given = ("regions", "dict(list(regions.items())[:3])", "dict(list(regions.items())[::-1])", "{k: v[:1] for k, v in regions.items()}", "{k: v[::-1] for k, v in regions.items()}", "dict(list(regions.items())[1:] or regions.items())", "{k: v[:2] for k, v in regions.items()}")  # fmt: skip
    yield from filled("(lambda r: None if {x} else placed({g}, {n}, check=False, told={t}, even={e}))(len(regions))", x=none, g=given, n=("n", "n + 1", "n - n % 2 + 1", "n - n % len(regions)"), t=("True", "False"), e=("True", "False"))  # fmt: skip


def commits() -> Iterator[str]:
    n = ("sum(voters.values())", "len(among(voters))", "len(voters)", "max(voters.values())")
    lists = ("answers(voters, rtt, leader)", "answers(voters, rtt, leader, 0)", "[0.0, *answers(voters, rtt, leader)]", "sorted(rtt[leader][r] for r in among(voters))", "sorted(rtt[leader].values())", "answers(voters, rtt, leader)[::-1]", "sorted(rtt[leader][r] for r in among(voters) if r != leader)", "sorted(set(answers(voters, rtt, leader)))", "sorted(rtt[r][x] for r in among(voters) for x in among(voters))")  # fmt: skip
    places = [f"{b}{e}" for x in n for b in (f"{x} // 2", f"({x} + 1) // 2", f"q({x})", x, f"({x} - 1) // 2") for e in ("", " - 1", " + 1", " - 2")]  # fmt: skip
    yield from filled("(lambda a, i: a[i] if 0 <= i < len(a) else {d})({a}, {i})", d=("0.0", "1.0"), a=lists, i=(*places, "0", "-1"))  # fmt: skip
    yield from filled("{f}({a} or [0.0])", f=("max", "min", "sum"), a=lists)


def client_writes() -> Iterator[str]:
    near = ("min(among(voters), key=lambda r: rtt[client][r])", "min(rtt, key=lambda r: rtt[client][r])", "client", "leader", "among(voters)[0]", "max(among(voters), key=lambda r: voters[r])", "max(among(voters), key=lambda r: rtt[client][r])", "min(among(voters), key=lambda r: rtt[leader][r])")  # fmt: skip
    asks = (
        "rtt[client][a]",
        "rtt[client][leader]",
        "0.0",
        "rtt[client][client]",
        "rtt[client][a] / 2",
        "2 * rtt[client][a]",
    )
    hops = ("(0.0 if a == leader else rtt[a][leader])", "rtt[a][leader]", "0.0", "rtt[a][leader] / 2", "(0.0 if client == leader else rtt[client][leader])", "(0.0 if a == leader else rtt[client][leader])", "(0.0 if a == client else rtt[a][leader])")  # fmt: skip
    last = ("commit(voters, rtt, leader)", "commit(voters, rtt, a if voters.get(a) else leader)", "0.0", "2 * commit(voters, rtt, leader)", "max(answers(voters, rtt, leader) or [0.0])", "rtt[leader][leader]", "commit(voters, rtt, leader) / 2")  # fmt: skip
    yield from filled("(lambda a: {x} + {y} + {z})({n})", x=asks, y=hops, z=last, n=near)


def leaders() -> Iterator[str]:
    terms = ("way(rtt, clients, r)", "commit(voters, rtt, r)", "0.0", "-clients.get(r, 0)", "-voters[r]", "way(rtt, dict.fromkeys(clients, 1), r)", "max(rtt[c][r] for c in clients)", "min(rtt[c][r] for c in clients)", "sum(rtt[r].values())", "max(answers(voters, rtt, r) or [0.0])", "way(rtt, voters, r)", "sum(rtt[c][r] for c in clients)", "sum(w * rtt[c][r] for c, w in clients.items())")  # fmt: skip
    yield from filled("{f}({s}, key=lambda r: {a} {j} {k} * {b})", f=("min", "max"), s=("among(voters)", "[r for r in among(voters) if r in clients] or among(voters)", "rtt"), a=terms, j="+-", k=("1", "2", ".5"), b=terms[:8])  # fmt: skip


def bad_days() -> Iterator[str]:
    yield from filled("bad({v}, rtt, {c}, {x}, recount={r}, all_clients={a}, need={n})", v=("voters", "{**voters, lost: 0}", "{k: v for k, v in voters.items() if v > 1} or voters", "dict.fromkeys(among(voters), 1)"), c=("clients", "dict.fromkeys(clients, 1)", "{c: w for c, w in clients.items() if voters.get(c)} or clients"), x=("lost", "'nowhere'", "max(among(voters), key=voters.get)", "max(clients, key=clients.get)"), r=("True", "False"), a=("True", "False"), n=("0", "1", "-1", "(sum(voters.values()) + 1) % 2", "9"))  # fmt: skip
    left = "{{k: v for k, v in voters.items() if v and k != lost}}"
    yield from filled("(lambda v, c: None if {t} else {f}({k} for r in v))(" + left + ", {{k: w for k, w in clients.items() if k != lost}})", t=("2 * sum(v.values()) <= sum(voters.values())", "2 * sum(v.values()) < sum(voters.values())", "not v", "False", "len(v) < 2"), f=("min", "max"), k=("write(v, rtt, c, r)", "write(voters, rtt, c, r)", "way(rtt, c, r)", "commit(voters, rtt, r)", "commit(v, rtt, r)", "way(rtt, clients, r) + commit(v, rtt, r)"))  # fmt: skip


def timings() -> Iterator[str]:
    regions = (
        "among(voters)",
        "rtt",
        "list(voters)",
        "among(voters)[:2]",
        "[max(among(voters), key=voters.get)]",
        "among(voters)[:1]",
    )
    trips = [f"{f}(rtt[a][b] for a in {x} for b in {y})" for f in ("max", "min", "sum") for x, y in zip(regions, regions, strict=True)]  # fmt: skip
    beats, elections = ("R", "100", "R / 2", "2 * R", "1.5 * R", "R / 4", "0.5 * R", "0.4 * R", "R + 1", "R + 100", "1.6 * R", "min(R, 100)", "max(R, 100)"), ("10 * R", "1000", "5 * R", "20 * R", "50_000", "9 * R", "21 * R", "15 * R", "max(10 * R, 1000)", "30 * R", "min(10 * R, 50_000)", "10 * R + 100", "5 * H")  # fmt: skip
    none = (
        "10 * R > 50_000",
        "False",
        "R > 50_000",
        "5 * R > 50_000",
        "10 * R >= 50_000",
        "R > 1000",
        "10 * R > 60_000",
        "R > 5_500",
    )
    for trip in trips:
        yield from (text.replace("(BODY)", f"({trip})") for text in filled("(lambda R: None if {n} else (lambda H: [H, {e}])({h}))(BODY)", n=none, h=beats, e=elections))  # fmt: skip


def fastest_layouts() -> Iterator[str]:
    tests = ("survives(v)", "True", "len(among(v)) > 2", "max(v.values()) <= sum(v.values()) / 2", "max(v.values()) == 1", "len(among(v)) > 1", "survives(v) and sum(v.values()) % 2", "survives(v) and sum(v.values()) == most", "survives(v) and max(v.values()) < 2", "survives(v) and all(v.get(c) for c in clients)", "survives(v) and len(among(v)) == 3")  # fmt: skip
    keys = ("(round(fastest(v, rtt, clients), 9), sum(v.values()))", "fastest(v, rtt, clients)", "(round(fastest(v, rtt, clients), 9), -sum(v.values()))", "sum(v.values())", "min(commit(v, rtt, r) for r in among(v))", "round(min(way(rtt, clients, r) for r in among(v)), 9)", "round(fastest(v, rtt, dict.fromkeys(clients, 1)), 9)", "round(write(v, rtt, clients, max(among(v), key=lambda r: clients.get(r, 0))), 9)", "max(write(v, rtt, clients, r) for r in among(v))")  # fmt: skip
    yield from filled("min((v for v in layouts(rtt, {m}) if {t}), key=lambda v: {k})", m=("most", "3", "min(most, 5)", "most - 1"), t=tests, k=keys)  # fmt: skip


def survivors() -> Iterator[str]:
    keys = ("(g['term'], g['index'])", "(g['index'], g['term'])", "g['term']", "g['index']", "g['term'] + g['index']", "g['term'] * g['index']", "10 * g['term'] + g['index']", "(-g['term'], g['index'])", "(g['term'], -g['index'])", "100 * g['term'] + g['index']", "str(g['term']) + str(g['index'])", "-g['index']", "(str(g['term']), g['index'])", "(g['term'], str(g['index']))", "5 * g['term'] + g['index']", "1")  # fmt: skip
    lists = ("[m for m in logs if m not in lost]", "list(logs)", "lost", "[m for m in logs if m in lost]", "[m for m in sorted(logs) if m not in lost][1:]", "[m for m in logs if m not in lost[:1]]", "[m for m in logs if m not in lost][:2]")  # fmt: skip
    yield from filled("{f}({l}, key=lambda m: (lambda g: {k})(logs[m]), default={d})", f=("max", "min"), l=lists, k=keys, d=("None", "''", "next(iter(logs))"))  # fmt: skip


RULES: dict[str, Callable[[], Iterator[str]]] = {
    "what-more-buys": more_members, "cuts-that-stop": cuts, "without-election": losses, "hours-down": hours_of_list, "fewest-members": under_one_roof,
    "quorum-pairs": two_quorums, "best-use": votes_for,
    "came-before": before, "stale-reads": stale, "explains": explanations, "could-read": reads,
    "remarks": words, "fatal-losses": fatal_sets, "mended": mendings, "third-site": thirds, "zone-and-one": zones_and_one, "best-spread": best_spreads,
    "over-regions": over_regions,
    "commit-ms": commits, "write-ms": client_writes, "best-leader": leaders, "bad-day": bad_days, "timers": timings, "fastest-layout": fastest_layouts,
    "restore-from": survivors,
}  # fmt: skip
