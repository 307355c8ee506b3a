"""The grader's half of the lab *odd sizes and availability*: what is asked, and the right answers."""

from collections.abc import Callable, Iterable, Sequence
from math import comb
from random import Random

from quorumlab.course.exercise import Misconception
from quorumlab.grading.lab import Case, GradedTask, Lab, Part

HOURS = 365 * 24
MOST = 15


def quorum(n: int) -> int:
    """More than half."""
    return n // 2 + 1


def gains(n: int, more: int) -> list[int]:
    """What so many members more add: crashes survived, and acknowledgements that each write waits for."""
    return [(n + more - 1) // 2 - (n - 1) // 2, quorum(n + more) - quorum(n)]


def cuts(up: int, need: int) -> int:
    """In how many ways ``up`` members can be cut in two so that neither side has ``need`` of them."""
    return sum(comb(up, left) for left in range(1, up) if left < need and up - left < need) // 2


def survived(voters: int, spares: int, lost: int, bearable: int) -> int:
    """How many ways to lose ``lost`` machines take at most ``bearable`` of the voters."""
    return sum(comb(voters, k) * comb(spares, lost - k) for k in range(min(bearable, lost) + 1))


def losses_survived(voters: int, spares: int, lost: int) -> int:
    """The same for the voters that a majority can do without."""
    return survived(voters, spares, lost, (voters - 1) // 2)


def without_election(voters: int, spares: int, lost: int) -> int:
    """How many of them leave the leader in office, too: all lost machines are among the others."""
    return survived(voters - 1, spares, lost, (voters - 1) // 2)


def up_counts(ups: Sequence[float]) -> list[float]:
    """The probability of each number of members up, from none to all, member by member."""
    chances = [1.0]
    for up in ups:
        longer = [0.0] * (len(chances) + 1)
        for k, chance in enumerate(chances):
            longer[k] += chance * (1 - up)
            longer[k + 1] += chance * up
        chances = longer
    return chances


def hours_below(ups: Sequence[float], need: int) -> float:
    """Hours a year in which fewer than ``need`` are up."""
    return HOURS * sum(up_counts(ups)[:need])


def hours_down(ups: Sequence[float]) -> float:
    """Hours a year without a majority."""
    return hours_below(ups, quorum(len(ups)))


def total_hours(n: int, up: float, shared: float, need: Callable[[int], int] = quorum) -> float:
    """Hours a year in which what all share is down, or else too few members are up."""
    return HOURS * (1 - shared) + shared * hours_below([up] * n, need(n))


def added_up(n: int, up: float, shared: float) -> float:
    """The same with the hours in which both are missing counted twice."""
    return HOURS * (1 - shared) + hours_below([up] * n, quorum(n))


def fewest(fits: Callable[[int], bool], sizes: Iterable[int] = range(1, MOST + 1)) -> int | None:
    """The first size that fits, or None."""
    return next((n for n in sizes if fits(n)), None)


def pairs(n: int, least_elect: int, together: int) -> list[list[int]]:
    """Commit and election quorums of ``together`` members in sum, the election quorum from all members downwards."""
    return [[together - elect, elect] for elect in range(n, least_elect - 1, -1)]


def best_use(machines: int, lost: int, sizes: Callable[[int], Iterable[int]] | None = None) -> int:
    """How many of the machines should vote so that most losses are survived; of several the most."""
    among = sizes(machines) if sizes else range(1, machines + 1)
    return max(among, key=lambda voters: (losses_survived(voters, machines - voters, lost), voters))


def machines_and_losses(chance: Random) -> list[Case]:
    """Losses of less than half, of half and of more."""
    every = [(m, lost) for m in range(2, 15) for lost in range(1, m)]
    few = [(4, 2), (5, 2), (6, 3), (6, 4), (8, 3), (9, 5), (7, 6), (10, 5), (3, 2), (4, 1)]
    return [*few, *chance.sample(every, 25)]


def roofs(chance: Random, number: int) -> list[Case]:
    """Members and what they share, and somewhat more hours than what they share is down for."""
    every = []
    for _ in range(number):
        up, shared = round(chance.uniform(0.8, 0.985), 3), round(chance.uniform(0.995, 0.9999), 4)
        every.append((up, shared, round(HOURS * (1 - shared) + 10 ** chance.uniform(-0.5, 2.7), 2)))
    return every


def poor_roofs(chance: Random) -> list[Case]:
    """Roofs so poor that it matters how their hours and those of the members go together: some size fits, and would not if they were added up."""
    every = []
    for n in (1, 3, 3, 5, 7):
        up, shared = round(chance.uniform(0.65, 0.9), 3), round(chance.uniform(0.8, 0.93), 3)
        every.append((up, shared, round((total_hours(n, up, shared) + added_up(n, up, shared)) / 2, 2)))
    return every


def roofs_too_poor(chance: Random) -> list[Case]:
    """No size will do, since the roof alone is down for longer, or since members are down half of the time; and a few that will."""
    fixed = [(0.99, 0.99, 87), (0.999, 0.9999, 0.8), (0.5, 0.999, 4000), (0.45, 1.0, 4000), (0.99, 0.999, 8.7), (0.6, 1.0, 500)]  # fmt: skip
    for _ in range(6):
        up, shared = round(chance.uniform(0.9, 0.965), 3), round(chance.uniform(0.97, 0.9999), 4)
        fixed.append((up, shared, round(HOURS * (1 - shared) * chance.uniform(0.6, 0.99), 2)))
    fixed += [
        (round(chance.uniform(0.3, 0.5), 3), 1.0, round(chance.uniform(3000, 4000), 1)) for _ in range(3)
    ]
    return [*fixed, *roofs(chance, 4)]


def members_that_differ(chance: Random, sizes: Sequence[int], low: float, high: float) -> list[Case]:
    """A list of chances for each size."""
    return [([round(chance.uniform(low, high), 3) for _ in range(n)],) for n in sizes]


ONE_MORE = GradedTask(
    id="what-more-buys",
    title="What more members buy",
    function="what_more_buys",
    parameters=("n", "more"),
    visible=((3, 1), (4, 1), (3, 2), (1, 1), (2, 3), (6, 2)),
    parts=(
        Part("one more", 1, lambda chance: [(n, 1) for n in chance.sample(range(1, 40), 20)]),
        Part("several more", 1, lambda chance: [(chance.randrange(1, 30), chance.randrange(2, 12)) for _ in range(30)]),
    ),
    reference=gains,
    misconceptions=(
        Misconception("each buys one", lambda n, more: [more, more], "Not every new member raises both: try 3 and then 4 members by hand."),
        Misconception("half of them, whatever n is", lambda n, more: [more // 2, more // 2], "It depends on where you begin: from 3 to 4 and from 4 to 5 are one member each, and buy different things."),
        Misconception("the other way round", lambda n, more: gains(n, more)[::-1], "Your two numbers are in the other order: first the crashes, then what a write waits for."),
        Misconception("half may crash", lambda n, more: [(n + more) // 2 - n // 2, quorum(n + more) - quorum(n)], "When half of the members have crashed, the other half is not a majority."),
        Misconception("totals", lambda n, more: [(n + more - 1) // 2, quorum(n + more)], "That is what the larger cluster has; the question is what it has more than before."),
    ),
    hints=("Write down the majority and the tolerance of 3, 4, 5 and 6 members, one under the other.", "Compute both numbers for n + more, and subtract those for n."),
    praise="An even step raises one number, the next one raises the other: only two more members together buy a crash.",
)  # fmt: skip

CUTS = GradedTask(
    id="cuts-that-stop",
    title="Cuts that stop everybody",
    function="cuts_that_stop",
    parameters=("n", "crashed"),
    visible=((4, 0), (5, 0), (5, 1), (6, 0), (3, 1), (7, 2), (5, 3)),
    parts=(
        Part("nobody crashed", 1, lambda chance: [(n, 0) for n in (*range(1, 10), *chance.sample(range(10, 40), 8))]),
        Part("some crashed", 2, lambda chance: [(2, 1), (2, 2), (3, 2), (4, 1), (4, 2), (7, 1), (8, 1), (9, 3), (6, 4), *((n, chance.randrange(1, n)) for n in chance.choices(range(5, 20), k=20))]),
    ),
    reference=lambda n, crashed: cuts(n - crashed, quorum(n)),
    misconceptions=(
        Misconception("sides told apart", lambda n, crashed: 2 * cuts(n - crashed, quorum(n)), "You count each cut twice: a and b against c and d is the same cut as c and d against a and b."),
        Misconception("sizes counted", lambda n, crashed: sum(k < quorum(n) and n - crashed - k < quorum(n) for k in range(1, (n - crashed) // 2 + 1)), "You count how many sizes the sides can have; the members have names, so one size stands for several cuts."),
        Misconception("majority of the living", lambda n, crashed: cuts(n - crashed, quorum(n - crashed)), "A majority is one of all n members; those that crashed still count."),
        Misconception("the dead cut too", lambda n, crashed: cuts(n, quorum(n)), "Members that crashed stand on neither side; only the living are cut in two."),
        Misconception("half is enough", lambda n, crashed: cuts(n - crashed, (n + 1) // 2), "A side with half of the members cannot go on: the other half could say the same."),
    ),
    hints=("How many of the living may stand on the left, so that neither side has a majority of all n?", "math.comb(up, left) counts the groups of one size. Each cut has two sides, so it is counted twice."),
    praise="Only even sizes can be halved while all are up, but after one crash every size from three on has a cut that stops it.",
)  # fmt: skip

SPARES = GradedTask(
    id="without-election",
    title="Spares and the leader",
    function="without_election",
    parameters=("voters", "spares", "lost"),
    visible=((3, 1, 2), (4, 0, 2), (3, 0, 1), (5, 2, 3), (3, 3, 3), (1, 2, 2), (4, 2, 1)),
    parts=(
        Part("no spares", 1, lambda chance: [(v, 0, lost) for v in (*range(1, 9), *chance.sample(range(9, 40), 6)) for lost in {1, (v - 1) // 2, (v + 1) // 2, v} - {0}]),
        Part("with spares", 2, lambda chance: [(3, 1, 4), (2, 2, 2), (5, 1, 3), (1, 4, 5), (1, 3, 2), *((v, s, chance.randrange(1, v + s + 1)) for v, s in ((chance.randrange(1, 9), chance.randrange(1, 6)) for _ in range(30)))]),
    ),
    reference=without_election,
    misconceptions=(
        Misconception("the leader among the lost", losses_survived, "You count the losses after which a new leader is elected, too; here the old one must be left."),
        Misconception("only those with an election", lambda v, s, lost: losses_survived(v, s, lost) - without_election(v, s, lost), "You count the losses that take the leader; the question is those that leave it."),
        Misconception("spares vote", lambda v, s, lost: comb(v + s - 1, lost) if lost <= (v + s - 1) // 2 else 0, "A spare has no vote, so it counts neither in the majority nor towards it."),
        Misconception("half may be lost", lambda v, s, lost: survived(v - 1, s, lost, v // 2), "When half of the voters are lost, the other half is not a majority, even with the leader in it."),
        Misconception("the leader is enough", lambda v, s, lost: comb(v + s - 1, lost), "A leader that is left without a majority cannot commit a write."),
        Misconception("majority of the followers", lambda v, s, lost: survived(v - 1, s, lost, max(0, v - 2) // 2), "The leader counts in the majority, too: it is one of the voters that are left."),
    ),
    hints=("The leader must be left, so choose the lost machines from the others.", "Go through how many of the other voters are among the lost: none, one, … up to what a majority can do without. With k of them there are comb(voters - 1, k) * comb(spares, lost - k) ways."),
    praise="Three voters and a spare, two lost: three of the six ways are survived, and after two of those nobody waits for an election.",
)  # fmt: skip

HOURS_DOWN = GradedTask(
    id="hours-down",
    title="Members that differ",
    function="hours_down",
    parameters=("ups",),
    visible=(([0.99],), ([0.99, 0.99, 0.99],), ([0.99, 0.9, 0.5],), ([0.9, 0.9, 0.9, 0.9],), ([0.9, 0.8],)),
    parts=(
        Part("a few members", 2, lambda chance: [([0.5],), ([1.0, 0.9, 0.9],), ([0.0, 0.9, 0.9],), *members_that_differ(chance, (2, 3, 3, 4, 5, 5, 6, 7), 0.5, 0.97)]),
        Part("many members", 1, lambda chance: members_that_differ(chance, (25, 30, 36, 40, 40), 0.45, 0.7)),
    ),
    reference=hours_down,
    misconceptions=(
        Misconception("all alike", lambda ups: hours_down([sum(ups) / len(ups)] * len(ups)), "You take all members for average ones, and the members differ: with one bad member among good ones that is not the same."),
        Misconception("all must be up", lambda ups: hours_below(ups, len(ups)), "Not all members must be up, only a majority."),
        Misconception("any one is enough", lambda ups: hours_below(ups, 1), "One member is enough only alone; among several it takes a majority."),
        Misconception("half is enough", lambda ups: hours_below(ups, (len(ups) + 1) // 2), "Half of the members up is not a majority."),
        Misconception("hours up", lambda ups: HOURS - hours_down(ups), "Those are the hours in which there is a majority; the question is the hours without."),
        Misconception("a year of 360 days", lambda ups: hours_down(ups) * 360 / 365, "A year has 365 days of 24 hours here."),
    ),
    hints=("Keep a list: the probability that 0, 1, 2, … of the members so far are up. One more member turns it into a longer list.", "With a member that is up with chance p, the new chance of k up is old[k] * (1 - p) + old[k - 1] * p."),
    praise="Member by member, forty of them take forty short steps; counting the states one by one would take a trillion.",
    seconds=20,
)  # fmt: skip

FEWEST = GradedTask(
    id="fewest-members",
    title="Under one roof",
    function="fewest_members",
    parameters=("up", "shared", "hours"),
    visible=((0.99, 0.999, 10), (0.99, 0.999, 8), (0.99, 1.0, 3), (0.9, 0.9999, 100), (0.4, 0.999, 1000), (0.99, 0.97, 300), (0.9, 0.999, 900), (0.8, 0.999, 50), (0.9, 0.9, 1100)),
    parts=(
        Part("sizes that will do", 2, lambda chance: [(0.99, 0.999, 95), (0.99, 0.999, 100), (0.9, 1.0, 1000), (0.95, 0.999, 10.5), (0.98, 0.999, 453.2), (0.8, 0.999, 50), (0.8, 0.999, 80), (0.7, 0.999, 900), (0.7, 0.999, chance.choice([450, 500, 550])), (0.7, 0.9, 2650), (0.95, 0.85, 1700), *poor_roofs(chance), *roofs(chance, 20)]),
        Part("none that will do", 1, roofs_too_poor),
    ),
    reference=lambda up, shared, hours: fewest(lambda n: total_hours(n, up, shared) <= hours),
    misconceptions=(
        Misconception("what is shared forgotten", lambda up, shared, hours: fewest(lambda n: total_hours(n, up, 1.0) <= hours), "When what all share is down, all are down, however many they are; your function leaves that out."),
        Misconception("added up", lambda up, shared, hours: fewest(lambda n: added_up(n, up, shared) <= hours), "Added up, the time in which the roof and the majority are both missing counts twice."),
        Misconception("shared as one more member", lambda up, shared, hours: fewest(lambda n: total_hours(n, up * shared, 1.0) <= hours), "What all share takes all down at the same moment; your function lets each member have its own."),
        Misconception("any one is enough", lambda up, shared, hours: fewest(lambda n: total_hours(n, up, shared, lambda _: 1) <= hours), "One member that is up is not enough; it takes a majority."),
        Misconception("the most where none will do", lambda up, shared, hours: fewest(lambda n: total_hours(n, up, shared) <= hours) or MOST, "Where no size will do the answer is None: no number of members makes up for what they share."),
        Misconception("from three on", lambda up, shared, hours: fewest(lambda n: total_hours(n, up, shared) <= hours, range(3, MOST + 1, 2)), "One member may be enough: begin at 1."),
    ),
    hints=("The cluster works when what all share is up and a majority of the members is.", "Multiply the two chances of being up, take that from 1, and turn it into hours."),
    praise="Beyond some size the shared thing is all that is left of the downtime, and members are no cure for it.",
)  # fmt: skip

PAIRS = GradedTask(
    id="quorum-pairs",
    title="Two quorums of their own",
    function="quorum_pairs",
    parameters=("n",),
    visible=((3,), (4,), (6,), (1,)),
    parts=(
        Part("small clusters", 2, lambda chance: [(n,) for n in (2, 5, 7, 8, 9, *chance.sample(range(10, 25), 6))]),
        Part("large clusters", 1, lambda chance: [(n,) for n in chance.sample(range(25, 90), 12)]),
    ),
    reference=lambda n: pairs(n, quorum(n), n + 1),
    misconceptions=(
        Misconception("elections may miss each other", lambda n: pairs(n, 1, n + 1), "Two of your election quorums can miss each other, and two candidates could win the same term."),
        Misconception("just the majority", lambda n: [[quorum(n), quorum(n)]], "The majority for both is the usual choice, and not the only safe one."),
        Misconception("one too few", lambda n: pairs(n, quorum(n), n), "A commit and an election of your sizes can miss each other: together they must be more than all members."),
        Misconception("commits meet each other", lambda n: [[max(c, quorum(n)), e] for c, e in pairs(n, quorum(n), n + 1)], "Two commits need not meet each other: the same leader makes both, or the later leader has heard of the first. Some of your commit quorums can be lowered."),
        Misconception("commit and election swapped", lambda n: [[e, c] for c, e in pairs(n, quorum(n), n + 1)], "Your pairs have the election quorum first; the commit quorum comes first."),
        Misconception("largest commit first", lambda n: pairs(n, quorum(n), n + 1)[::-1], "The pairs are right, and the order is not: the smallest commit quorum comes first."),
        Misconception("the majority kept at the end", lambda n: pairs(n, quorum(n), n + 1) + ([] if n % 2 else [[quorum(n), quorum(n)]]), "In your last pair one number can be lowered: for an even size commits may do with one member fewer than a majority."),
    ),
    hints=("What is the smallest election quorum, so that any two of them meet?", "For each election quorum from there up to n, the smallest commit quorum that must meet it is n + 1 less it."),
    praise="For an even size the last pair commits with half of the members: the one free step that an even cluster has.",
)  # fmt: skip

BEST_USE = GradedTask(
    id="best-use",
    title="How many should vote",
    function="best_use",
    parameters=("machines", "lost"),
    visible=((4, 2), (5, 2), (6, 4), (8, 3), (6, 3), (3, 2), (2, 1)),
    parts=(Part("few and many lost", 3, machines_and_losses),),
    reference=best_use,
    misconceptions=(
        Misconception("all of them", lambda m, lost: m, "With an even number of voters the majority is one larger than it need be."),
        Misconception("the largest odd number", lambda m, lost: m - (m % 2 == 0), "Where fewer than half are lost, an even number may be as good and larger. And try 6 machines of which 4 are lost at once."),
        Misconception("the fewest of several", lambda m, lost: min(range(1, m + 1), key=lambda v: (-losses_survived(v, m - v, lost), v)), "Where several numbers are as good, the largest is asked for."),
        Misconception("odd numbers only", lambda m, lost: best_use(m, lost, lambda m: range(1, m + 1, 2)), "Even numbers are left out; where several numbers are as good, the largest is asked for, which may be even."),
    ),
    hints=("How many losses a choice survives was counted in an exercise of page 06: with k voters lost there are comb(voters, k) * comb(spares, lost - k) ways.", "max(range(1, machines + 1), key=…) with a key that is a pair: the losses survived, then the number."),
    praise="An even number of voters never beats the odd one below it, and when more than half of the machines go at once, one voter is the best bet.",
)  # fmt: skip

LAB = Lab(
    "odd-sizes", "Odd sizes and availability", (ONE_MORE, CUTS, SPARES, HOURS_DOWN, FEWEST, PAIRS, BEST_USE)
)
