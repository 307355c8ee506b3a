"""Load of a majority: our time against quoracle's for the same question, in one run on one machine.

Run it as ``python -m benchmarks.bench_load``. Both build the system and then ask for the load at half reads;
quoracle solves a linear program over all quorums, we use the closed form. The last line compares like with
like: both solve a linear program, for a weighted system.
"""

import time
import warnings
from collections.abc import Callable
from statistics import median

import quoracle

from quorumlab.quorums import QuorumSystem, majority, weighted

SIZES = (9, 11, 13)
TARGET_AT_13 = 1_000
READ_FRACTION = 0.5


def main() -> bool:
    """Print the times and ratios; whether ours is at least ``TARGET_AT_13`` times faster for 13 members."""
    warnings.filterwarnings("ignore", category=DeprecationWarning, module="pulp")
    print("Load of a system: time to build it and ask, ours against quoracle")
    print(f"{'system':<16}{'load':>8}{'ours':>12}{'quoracle':>12}{'ratio':>12}")
    ratio = 0.0
    for n in SIZES:
        ratio = compare(
            f"majority({n})", lambda n=n: majority(n), lambda n=n: quoracle_majority(n), repeats=200
        )
    met = ratio >= TARGET_AT_13
    print(f"target at 13 members, {TARGET_AT_13:,} times faster: {'met' if met else 'missed'}")

    seconds, load = timed(lambda: majority(1001).load(READ_FRACTION), repeats=20)
    if load != 501 / 1001:
        raise AssertionError(f"the load of majority(1001) came out as {load}, but is 501/1001")
    print(f"majority(1001): load exactly 501/1001 in {shown(seconds)}")

    weights = {f"m{i}": i for i in range(1, 12)}
    weighted(weights).load(READ_FRACTION)  # scipy is imported once, at the first linear program
    compare(
        "weighted, 11", lambda: weighted(weights), lambda: quoracle_listing(weighted(weights)), repeats=10
    )
    return met


def compare(
    name: str,
    ours: Callable[[], QuorumSystem],
    theirs: Callable[[], quoracle.QuorumSystem],
    repeats: int,
) -> float:
    """Time both, print one line, and return how many times faster ours is; the two loads must agree."""
    our_time, our_load = timed(lambda: ours().load(READ_FRACTION), repeats)
    their_time, their_load = timed(lambda: theirs().load(read_fraction=READ_FRACTION), 3)
    if abs(our_load - their_load) > 1e-6:
        raise AssertionError(f"{name}: our load is {our_load}, quoracle's is {their_load}")
    ratio = their_time / our_time
    print(f"{name:<16}{our_load:>8.4f}{shown(our_time):>12}{shown(their_time):>12}{ratio:>11,.0f}x")
    return ratio


def timed(ask: Callable[[], float], repeats: int) -> tuple[float, float]:
    """The median time in seconds, and the answer."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = ask()
        times.append(time.perf_counter() - start)
    return median(times), answer


def quoracle_majority(n: int) -> quoracle.QuorumSystem:
    nodes = [quoracle.Node(f"etcd-{i}") for i in range(1, n + 1)]
    return quoracle.QuorumSystem(
        reads=quoracle.majority(nodes)
    )  # odd n: reads and writes are the same quorums


def quoracle_listing(s: QuorumSystem) -> quoracle.QuorumSystem:
    """A system that quoracle has no rule for, as the list of its minimal quorums."""
    nodes = {m: quoracle.Node(m) for m in s.members}
    quorums = [quoracle.expr.And([nodes[m] for m in sorted(q)]) for q in s.minimal_quorums()]
    return quoracle.QuorumSystem(reads=quoracle.expr.Or(quorums), writes=quoracle.expr.Or(quorums))


def shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.3f} ms"


if __name__ == "__main__":
    main()
