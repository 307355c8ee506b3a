"""Copied work in a class: ten renamed copies among a hundred, found, and hardly anybody else named."""

import json
import re
from random import Random

import pytest

from quorumlab.grading.similarity import pairs
from tests.grading.conftest import ROOT, code

pytest.importorskip("copydetect")

WAYS = {
    "members_needed(crashes, away)": [
        "    return 2 * (crashes + away) + 1",
        "    gone = crashes + away\n    return gone + gone + 1",
        "    n = 1\n    while 2 * (n - crashes - away) <= n:\n        n += 1\n    return n",
        "    for n in range(1, 1000):\n        left = n - away - crashes\n        if left >= ql.quorum_size(n):\n            return n",
        "    n = crashes + away\n    while n - crashes - away < n // 2 + 1:\n        n = n + 1\n    return n",
    ],
    "commit_time(acknowledged)": [
        "    heard = sorted(t for t in acknowledged if t is not None)\n    need = len(acknowledged) // 2 + 1\n    return heard[need - 1] if len(heard) >= need else None",
        "    heard = [t for t in acknowledged if t is not None]\n    heard.sort()\n    q = ql.quorum_size(len(acknowledged))\n    if len(heard) < q:\n        return None\n    return heard[q - 1]",
        "    import math\n    times = sorted(math.inf if t is None else t for t in acknowledged)\n    t = times[len(times) // 2]\n    return None if t == math.inf else t",
        "    best = None\n    for t in acknowledged:\n        if t is None:\n            continue\n        count = sum(1 for o in acknowledged if o is not None and o <= t)\n        if 2 * count > len(acknowledged) and (best is None or t < best):\n            best = t\n    return best",
    ],
    "piece_that_goes_on(votes, pieces)": [
        "    for piece in pieces:\n        if 2 * sum(votes[m] for m in piece) > sum(votes.values()):\n            return piece\n    return None",
        "    total = sum(votes.values())\n    for p in pieces:\n        w = 0\n        for m in p:\n            w += votes[m]\n        if w > total / 2:\n            return p",
        "    rule = ql.weighted(votes)\n    good = [p for p in pieces if rule.is_quorum(p)]\n    return good[0] if good else None",
        "    whole = 0\n    for m in votes:\n        whole = whole + votes[m]\n    weight = lambda group: sum(map(votes.get, group))\n    return next(filter(lambda g: weight(g) * 2 > whole, pieces), None)",
    ],
    "disjoint_quorums(members, is_quorum)": [
        "    for size in range(1, len(members)):\n        for some in combinations(members, size):\n            group, rest = set(some), set(members) - set(some)\n            if is_quorum(group) and is_quorum(rest):\n                return group, rest\n    return None",
        "    everyone = set(members)\n    for bits in range(1, 2 ** len(members) - 1):\n        a = {m for i, m in enumerate(members) if bits >> i & 1}\n        if is_quorum(a) and is_quorum(everyone - a):\n            return a, everyone - a\n    return None",
        "    for sides in product((0, 1, 2), repeat=len(members)):\n        left = {m for m, s in zip(members, sides) if s == 1}\n        right = {m for m, s in zip(members, sides) if s == 2}\n        if left and right and is_quorum(left) and is_quorum(right):\n            return left, right\n    return None",
        "    found = []\n    for k in range(len(members) + 1):\n        found += [set(c) for c in combinations(members, k) if is_quorum(set(c))]\n    for a in found:\n        for b in found:\n            if not a & b:\n                return a, b\n    return None",
    ],
    "chance_of_quorum(up_chance, is_quorum)": [
        "    total = 0\n    for state in product([True, False], repeat=len(up_chance)):\n        up = {m for m, s in zip(up_chance, state) if s}\n        p = 1\n        for m, q in up_chance.items():\n            p *= q if m in up else 1 - q\n        total += p * is_quorum(up)\n    return total",
        "    def walk(up, rest):\n        if not rest:\n            return 1.0 if is_quorum(up) else 0.0\n        (m, p), *others = rest\n        return p * walk(up | {m}, others) + (1 - p) * walk(up, others)\n    return walk(set(), list(up_chance.items()))",
        "    names = list(up_chance)\n    answer = 0.0\n    for k in range(len(names) + 1):\n        for up in combinations(names, k):\n            if is_quorum(set(up)):\n                part = 1.0\n                for n in names:\n                    part = part * (up_chance[n] if n in up else 1.0 - up_chance[n])\n                answer = answer + part\n    return answer",
        "    states = [(set(), 1.0)]\n    for m, p in up_chance.items():\n        new = []\n        for up, q in states:\n            new.append((up | {m}, q * p))\n            new.append((up, q * (1 - p)))\n        states = new\n    return sum(q for up, q in states if is_quorum(up))",
    ],
}
HABITS = [
    "    # {w}\n",
    "    assert {v} is not None\n",
    "    print('{w}', {v})\n",
    "    if not isinstance({v}, object):\n        raise TypeError('{w}')\n",
    "    debug = []\n    debug.append({v})\n    if len(debug) > {n}:\n        return None\n",
    "    {v} = {v}\n",
    "    count = 0\n    for _ in range({n}):\n        count += {n}\n",
    "    try:\n        repr({v})\n    except ValueError:\n        pass\n",
    "    seen = dict(x={n}, y='{w}')\n    seen['z'] = seen['x'] * {n}\n",
]
OWN_CELLS = [
    "print([{f}(i, {n}) for i in range({n})])\n",
    "for a in range({n}):\n    for b in range({m}):\n        print(a, b, members_needed(a, b))\n",
    "example = {{'a': 0.{n}, 'b': 0.{m}}}\nchance_of_quorum(example, lambda up: len(up) > {n})\n",
    "import random\nrandom.seed({n})\ntimes = [random.randrange({m}) for _ in range({n})]\ncommit_time(times)\n",
    "def helper_{n}(x):\n    y = x * {n}\n    while y > {m}:\n        y = y - {n}\n    return [y, x, {m}]\n",
    "votes = dict(zip('abcdef', range({n})))\npiece_that_goes_on(votes, [set('abc'), set('de')])\n",
    "disjoint_quorums(list('abcd'), lambda g: len(g) >= {n} or 'a' in g)\n",
]


def honest(chance: Random) -> str:
    """One student's work: a way for each task, a student's own habits, and cells for trying things out."""
    words = ["first", "now", "ok", "why", "check this", "works", "see above"]
    cells = []
    for head, ways in WAYS.items():
        first = head.split("(")[1].split(",")[0].rstrip(")")
        lines = chance.choice(ways).split("\n")
        for _ in range(chance.choice((0, 1, 1, 2))):
            habit = chance.choice(HABITS).format(v=first, w=chance.choice(words), n=chance.randrange(2, 99))
            lines.insert(0, habit.rstrip("\n"))
        cells.append(f"def {head}:\n" + "\n".join(lines) + "\n")
        for _ in range(chance.choice((0, 1, 1, 2))):
            cells.append(
                chance.choice(OWN_CELLS).format(
                    f="members_needed", n=chance.randrange(2, 9), m=chance.randrange(10, 99)
                )
            )
    return "\n".join(cells)


def renamed(work: str, chance: Random) -> str:
    """A copy by someone who hides it: every name of their own changed, comments too, another layout, one more cell."""
    keep = {"members_needed", "commit_time", "piece_that_goes_on", "disjoint_quorums", "chance_of_quorum"}
    given = sorted(
        set(
            re.findall(
                r"\b(?:crashes|away|acknowledged|votes|pieces|members|is_quorum|up_chance|heard|need|total|group|rest|some|size|state|up|best|count|names|answer|part|states|new|left|right|times|rule|found|debug|seen)\b",
                work,
            )
        )
        - keep
    )
    for name in given:
        work = re.sub(rf"\b{name}\b", f"my_{name}_{chance.randrange(100)}", work)
    work = re.sub(r"#.*", "# my own idea", work)
    return work + chance.choice(OWN_CELLS).format(f="members_needed", n=3, m=77)


@pytest.mark.parametrize("seed", range(3))
def test_ten_of_ten_copies_are_found_and_hardly_anybody_else(seed: int) -> None:
    chance = Random(seed)
    works = {f"s{n:02}": honest(chance) for n in range(90)}
    sources = chance.sample(sorted(works), 10)
    copies = {f"copy{n}": (source, renamed(works[source], chance)) for n, source in enumerate(sources)}
    everyone = [*works.items(), *((name, text) for name, (_, text) in copies.items())]
    chance.shuffle(everyone)
    handed_out = "\n".join(code(json.loads((ROOT / "labs/quorum-math/quorum-math.ipynb").read_text())))
    found = {frozenset((p.one, p.other)) for p in pairs([(s, f"{handed_out}\n{own}") for s, own in everyone])}
    planted = {frozenset((name, source)) for name, (source, _) in copies.items()}
    assert planted <= found
    accused = {student for pair in found - planted for student in pair} - {
        s for pair in planted for s in pair
    }
    assert len(accused) <= 1, "at most 1 % of the class"
