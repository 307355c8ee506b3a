"""The grader's half of the lab *a topology that survives*: what is asked, and the right answers."""

from random import Random

from quorumlab.course.exercise import Misconception
from quorumlab.grading.lab import Facts, GradedTask, Lab, Part
from quorumlab.grading.layouts import (
    ZONES,
    balanced,
    best_spread,
    beyond_mending,
    crowded,
    dealt,
    drawn,
    even_spread,
    fatal,
    mended,
    over_regions,
    regions_that_cannot,
    remarks,
    too_few_zones,
    with_learners,
    with_third,
    with_voters,
    zone_and_one,
)
from quorumlab.topology import Topology

HALF = "quorumlab.course.labs.surviving_topology:"
CITIES = (
    "bremen",
    "dresden",
    "freiburg",
    "hamburg",
    "kassel",
    "leipzig",
    "munster",
    "potsdam",
    "rostock",
    "stuttgart",
)
HALLS = (
    "bridge",
    "castle",
    "foundry",
    "garden",
    "harbour",
    "market",
    "meadow",
    "orchard",
    "quarry",
    "station",
)
STORES = ("annex", "archive", "depot", "granary", "storehouse", "warehouse")


def facts(chance: Random) -> Facts:
    """A student's own bakery: where its halls are and how they are called, and the same of its store."""
    city, far = chance.sample(CITIES, 2)
    return {"city": city, "halls": chance.sample(HALLS, 3), "far": far, "store": chance.choice(STORES)}


THREE = "us-east-1a: 2, us-east-1b: 2, us-east-1c: 1"
BAKERY = GradedTask(
    id="by-hand",
    title="By hand",
    function="bakery",
    parameters=("asked",),
    visible=(("members",), ("halls",), ("learner",), ("any hall",)),
    # The answer is one text, so there is nothing that a seed could vary: the hidden cases ask the same four things as the visible ones,
    # and each judges a property that many texts have. What differs between students is the bakery.
    parts=(Part("members and places", 1, lambda chance, own: [("members",), ("halls",), ("learner",)]), Part("any hall may be lost", 1, lambda chance, own: [("any hall",)])),
    reference=lambda asked, own: own,
    personal=True,
    praise="The file says where everybody stands, who votes, and that a hall may burn.",
    hints=("The page's example has etcd-cluster:, nodes:, and for each node a name and a zone; region: and role: are written in the same way.", "Two voters in one hall, two in another, one in the third; the learner has the line role: learner."),
    call=f"{HALF}whatever_is_asked",
    fault=f"{HALF}bakery_fault",
)  # fmt: skip

REMARKS = GradedTask(
    id="remarks",
    title="Three remarks",
    function="remarks",
    parameters=("voters", "learners"),
    visible=((THREE, None), ("us-east-1a: 2, us-east-1b: 2", None), ("a: 1, b: 1, c: 1", None), ("a: 2, b: 1, c: 1", None), ("a: 1, b: 1, c: 1, d: 1, e: 1", None), ("a: 1, b: 1, c: 1", "a: 1"), ("a: 2, b: 2, c: 2", None)),
    parts=(
        Part("voters only", 1, lambda chance: [(y, None) for y in ("a: 1", "a: 3, b: 3, c: 3", "a: 2, b: 2, c: 2", "a: 3, b: 1, c: 1", "a: 3, b: 3", *(drawn(chance, (2, 3, 4, 5)) for _ in range(20)))]),
        Part("with learners", 1, with_learners),
    ),
    reference=remarks,
    misconceptions=(
        Misconception("learners counted", lambda v, extra: remarks(v, extra, counted=True), "A learner has the data and no vote: it counts neither among the members that decide nor in its zone."),
        Misconception("a zone with the majority", lambda v, extra: remarks(v, extra, majority=True), "A zone need not hold a majority for its loss to stop writes: half of the voters is enough."),
        Misconception("tight though broken", lambda v, extra: remarks(v, extra, plain_tight=True), "A layout is tight only if it does survive the loss of any zone; one that does not is worse than tight."),
        Misconception("never tight", lambda v, extra: [w for w in remarks(v, extra) if w != "tight"], "After the loss of the fullest zone there may be a majority with nobody to spare; that is called tight."),
        Misconception("even layouts stop", lambda v, extra: sorted({*remarks(v, extra), *(["zone"] if "even" in remarks(v, extra) else [])}), "An even number of voters is no reason for a zone's loss to stop writes: 2 + 2 + 2 survives any of them."),
    ),
    hints=("ql.Topology.of(voters, learners=learners) reads both; votes_in(\"zone\") counts the voters of each zone.", "What matters is how many voters are left without the fullest zone, and whether they are more than half of all."),
    praise="Half of the votes in one place is enough to be stopped by it, and surviving exactly is not surviving well.",
)  # fmt: skip

FATAL = GradedTask(
    id="fatal-losses",
    title="What must not happen together",
    function="fatal_losses",
    parameters=("layout",),
    visible=((THREE,), ("a: 3, b: 1, c: 1",), ("d: 1, a: 2, b: 1, c: 1",), ("a: 2, b: 2",), ("a: 3, b: 2, c: 2, d: 1, e: 1",)),
    parts=(
        Part("up to three zones", 1, lambda chance: [("b: 1",), ("b: 2, a: 1",), ("c: 1, b: 1, a: 1",), *((drawn(chance, (2, 3)),) for _ in range(10))]),
        Part("four and five zones", 2, lambda chance: [("c: 1, b: 1, a: 1, d: 1, e: 1",), ("c: 3, b: 1, a: 1, d: 1",), ("a: 2, b: 2, c: 2, d: 1, e: 1",), ("a: 3, b: 1, c: 1, d: 1, e: 1",), *((drawn(chance, (4, 5)),) for _ in range(16))]),
    ),
    reference=fatal,
    misconceptions=(
        Misconception("single zones", lambda y: fatal(y, sizes=lambda zones: [1]), "You look at the loss of one zone at a time; two or more may be lost together."),
        Misconception("pairs", lambda y: fatal(y, sizes=lambda zones: [2]), "You look at pairs only; one zone may be fatal by itself, or it may take three."),
        Misconception("all that stop writes", lambda y: fatal(y, minimal=False), "Some of your sets contain another one of them; leave out what is fatal already without one of its zones."),
        Misconception("half is enough", lambda y: fatal(y, half=True), "When only half of the voters are left, that is no majority, so the loss of the other half is fatal too."),
        Misconception("up to two", lambda y: fatal(y, sizes=lambda zones: [1, 2]), "It may take the loss of three zones or more to stop writes."),
    ),
    hints=("Begin with single zones, then pairs, and so on; itertools.combinations gives them in order.", "Leave out every set that contains one that you have already."),
    praise="These are the sentences for the risk register: each names places that must not share a cause.",
)  # fmt: skip

MENDED = GradedTask(
    id="mended",
    title="Mended by moving",
    function="mended",
    parameters=("layout",),
    visible=(("us-east-1a: 3, us-east-1b: 1, us-east-1c: 1",), ("us-east-1a: 2, us-east-1b: 1",), (THREE,), ("us-east-1a: 5, us-east-1b: 1, us-east-1c: 1",), ("us-east-1a: 2, us-east-1b: 1, us-east-1c: 1",)),
    parts=(Part("layouts that can be mended", 2, lambda chance: [c for c in crowded(chance) if mended(*c)]), Part("layouts that cannot", 1, lambda chance: [c for c in crowded(chance) if not mended(*c)] + beyond_mending(chance))),
    reference=mended,
    fault=f"{HALF}mended_fault",
    misconceptions=(
        Misconception("left as it is", lambda y: Topology.of(y).to_yaml(), "You give the layout back as it came; where one zone is too full, somebody has to move."),
        Misconception("dealt out anew", lambda y: balanced(y) if mended(y) else None, "You deal all members out anew; a move copies all the data, so as few as possible should move."),
        Misconception("never None", lambda y: mended(y) or balanced(y), "With two zones, one holds half of the voters or more, wherever they stand; then the answer is None."),
        Misconception("one more zone", lambda y: mended(y) if mended(y) == Topology.of(y).to_yaml() else with_voters(y, "another zone", 1), "A member more, in a new zone, may help, but here only the zones of the members may change."),
    ),
    hints=("How many of n voters may one zone hold at most? Move members out of zones that hold more.", "topology.moved(name, zone) gives a new topology; (n − 1) // 2 is the most that a zone may hold."),
    praise="The rule ⌊(n−1)/2⌋ says who must move, and three zones are the least that can satisfy it.",
)  # fmt: skip

THIRD = GradedTask(
    id="third-site",
    title="A third site",
    function="with_third",
    parameters=("layout", "site"),
    visible=tuple((f"Oslo: {a}, Bergen: {b}", "Hamar") for a, b in ((2, 1), (2, 2), (3, 2), (4, 1))),
    parts=(Part("all sizes", 3, lambda chance: [(f"Lyon: {a}, Metz: {b}", "Nice") for a, b in [(1, 1), (1, 2), (3, 3), (2, 5), *((chance.randrange(1, 7), chance.randrange(1, 7)) for _ in range(12))]]),),
    reference=with_third,
    fault=f"{HALF}third_fault",
    misconceptions=(
        Misconception("one voter", lambda y, site: with_voters(y, site, 1), "One voter in the third site is enough only where the two others hold equally many."),
        Misconception("as many as the larger site", lambda y, site: with_voters(y, site, max(Topology.of(y).votes_in("zone").values())), "As many as the larger site has are safe, but mostly more than are needed."),
        Misconception("the difference", lambda y, site: with_voters(y, site, 2 * max(Topology.of(y).votes_in("zone").values()) - len(Topology.of(y).voters)), "Without the larger site you are left with exactly half of the voters; one more is needed."),
    ),
    hints=("Without the larger site, the smaller one and the new one must be more than half of all.", "Call the sites a ≥ b and the new one c: b + c > a."),
    praise="The tie-breaker has to outweigh the difference of the two, not to equal either.",
)  # fmt: skip

ZONE_AND_ONE = GradedTask(
    id="zone-and-one",
    title="A zone, and one more",
    function="zone_and_one",
    parameters=("zones",),
    visible=((list(ZONES[:3]),), (list(ZONES[:2]),), (list(ZONES[:5]),), (list(ZONES[:4]),)),
    parts=(
        Part("three to seven zones", 2, lambda chance: [([f"{name}{i}" for i in range(k)],) for k in (3, 4, 5, 6, 7) for name in [chance.choice(["zone ", "hall-", "rack "])]]),
        Part("too few", 1, too_few_zones),
    ),
    reference=zone_and_one,
    fault=f"{HALF}zone_and_one_fault",
    misconceptions=(
        Misconception("one in each", lambda zones: dealt(zones, len(zones)) if len(zones) > 2 else None, "One member in each zone survives a zone and one more only from five zones on."),
        Misconception("the zone alone", lambda zones: zone_and_one(zones, 0), "Yours survives the loss of a zone; the day on which that happens, one more member may be down."),
        Misconception("three in each", lambda zones: dealt(zones, 3 * len(zones)) if len(zones) > 2 else None, "Three members in each zone will do, but with more than three zones fewer will."),
        Misconception("always five", lambda zones: dealt(zones, 5) if len(zones) > 2 else None, "Five members are enough with five zones; with three of them, a zone takes two of the five."),
        Misconception("never None", lambda zones: zone_and_one(zones) or dealt(zones, 9), "With one or two zones no number of members will do; then the answer is None."),
    ),
    hints=("Try sizes from one up: dealt out as evenly as can be, how many are left without the fullest zone and one more?", "Topology.of({zone: count, …}) makes a topology, and survives_any_plus_one(\"zone\") answers for it."),
    praise="Nine over three zones, seven over four, five over five: more places are cheaper than more members.",
)  # fmt: skip

SPREAD = GradedTask(
    id="best-spread",
    title="The best spread",
    function="best_spread",
    parameters=("n", "zones", "member_up", "zone_up"),
    visible=((5, 3, 0.99, 0.999), (3, 2, 0.99, 0.999), (5, 5, 0.99, 0.999), (5, 3, 0.99, 0.4), (4, 2, 0.99, 0.999), (4, 3, 0.9, 0.99)),
    parts=(
        Part("three zones and more", 2, lambda chance: [(5, 4, 0.7, 0.97), (5, 4, 0.97, 0.6), (6, 3, 0.97, 0.8), *((n, z, m, u) for n, z in ((3, 3), (5, 3), (5, 4), (7, 3), (6, 3), (7, 4), (4, 4)) for m, u in [(chance.choice([0.9, 0.97, 0.995]), chance.choice([0.99, 0.999]))])]),
        Part("two zones", 1, lambda chance: [(n, 2, chance.choice([0.9, 0.99]), chance.choice([0.99, 0.999])) for n in (2, 3, 4, 5, 6, 7)] + [(5, 1, 0.9, 0.9)]),
        Part("places worse than members", 1, lambda chance: [(n, z, chance.choice([0.98, 0.999]), chance.choice([0.3, 0.42, 0.45])) for n, z in ((3, 3), (5, 3), (5, 4), (4, 3))]),
    ),
    reference=best_spread,
    fault=f"{HALF}spread_fault",
    misconceptions=(
        Misconception("as even as can be", lambda n, z, m, u: even_spread(n, z), "An even spread is not always best: over two zones the loss of one of them stops writes anyway, and the other only adds something to fail."),
        Misconception("all in one", lambda n, z, m, u: [n] + [0] * (z - 1), "With all in one zone its loss stops everything; three zones or more can do better."),
        Misconception("one in each, the rest in the first", lambda n, z, m, u: sorted([max(0, n - (z - 1)), *[1] * min(z - 1, n - 1), *[0] * max(0, z - n)], reverse=True)[:z], "Your fullest zone holds too much: its loss takes a majority away."),
        Misconception("two to a zone", lambda n, z, m, u: sorted([*[2] * min(z - 1, n // 2), n - 2 * min(z - 1, n // 2), *[0] * z][:z], reverse=True), "Pairs are not the point: try every spread, and let ql.unavailability decide."),
    ),
    hints=("There are few spreads: try them all.", "ql.unavailability(topology, member_up=…, zone_up=…, region_up=1.0) answers for each; zones that hold 0 are left out of the topology."),
    praise="Over two zones it gets worse, over three mostly better, and where zones or members are poor one zone may be best: you let the numbers decide.",
    seconds=40,
)  # fmt: skip

REGIONS = GradedTask(
    id="over-regions",
    title="Regions and their zones",
    function="over_regions",
    parameters=("regions", "n"),
    visible=(({"us": ["us-1", "us-2"], "eu": ["eu-1", "eu-2"], "ap": ["ap-1"]}, 5), ({"us": ["us-1", "us-2"], "eu": ["eu-1", "eu-2"]}, 5), ({"us": ["us-1"], "eu": ["eu-1"], "ap": ["ap-1"]}, 4), ({"us": ["us-1", "us-2", "us-3"], "eu": ["eu-1", "eu-2", "eu-3"], "ap": ["ap-1", "ap-2"]}, 9), ({"us": ["us-1"], "eu": ["eu-1"], "ap": ["ap-1"]}, 3)),
    parts=(
        Part("it can be done", 2, lambda chance: [({r: [f"{r}/{i}" for i in range(3)] for r in ("red", "green", "blue")}, 9), *(({r: [f"{r}/{i}" for i in range(chance.randrange(1, 4))] for r in ("red", "green", "blue", "grey")[:k]}, n) for k, n in ((3, 3), (3, 5), (3, 6), (3, 7), (3, 9), (4, 4), (4, 5), (4, 7), (4, 8)))]),
        Part("it cannot", 1, regions_that_cannot),
    ),
    reference=over_regions,
    fault=f"{HALF}region_fault",
    misconceptions=(
        Misconception("never None", lambda regions, n: over_regions(regions, n, check=False), "No layout of so many voters over so many regions survives the loss of each; then the answer is None."),
        Misconception("regions not told", lambda regions, n: over_regions(regions, n, told=False), "Your YAML does not say which region a zone is in, and these names do not tell; give regions= to Topology.of, or write region: in the text."),
        Misconception("one zone in each region", lambda regions, n: over_regions(regions, n, even=False), "You put all of a region's voters into its first zone; spread them over its zones."),
        Misconception("three regions are enough", lambda regions, n: over_regions(regions, n, check=len(regions) < 3), "Three regions are not enough for every number of voters: of four, one region holds two, and half is too many."),
    ),
    hints=("First deal the voters out over the regions, as evenly as can be; then those of each region over its zones.", "If the fullest region holds more than (n − 1) // 2, no other spread does better."),
    praise="Even over the regions, even inside each: and you know when the honest answer is that it cannot be done.",
)  # fmt: skip

LAB = Lab(
    "surviving-topology",
    "A topology that survives",
    (BAKERY, REMARKS, FATAL, MENDED, THIRD, ZONE_AND_ONE, SPREAD, REGIONS),
    facts=facts,
    told={
        "city": lambda own: f"`{own['city']}`",
        "halls": lambda own: "`{}`, `{}` and `{}`".format(*own["halls"]),
        "far": lambda own: f"`{own['far']}`",
        "store": lambda own: f"`{own['store']}`",
    },
)
