"""Nothing jumps: what stands below a widget, or beside what changes in it, stays where it is."""

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page

import quorumlab as ql
from quorumlab.views.clients import sleeper_view
from quorumlab.views.latency import slow_followers_view
from quorumlab.views.quorums import fatal_sets_view, overlap_view
from quorumlab.views.sites import left_view
from quorumlab.views.timing import TIMEOUTS_MS, election_time_view
from quorumlab.widgets.explorer import Control
from quorumlab.widgets.playback import play
from tools.bare_page import show

pytestmark = pytest.mark.browser
TOP = "node => node.getBoundingClientRect().top"
# The picture is told apart from the words: the browser may still be drawing it, so its place is kept as its size in the page.
SHOWN = """([news, svg]) => new Promise(resolve => {
    const image = document.querySelector('.ql-figure img');
    image.addEventListener('load', () => requestAnimationFrame(() => resolve(
        [...document.querySelectorAll('.ql-sentence, .ql-button')].map(node => node.getBoundingClientRect().top)
            .concat([...document.querySelectorAll('.ql-control input')].map(node => node.getBoundingClientRect().left)))), { once: true });
    model.tell({ ...news, picture: new DataView(new TextEncoder().encode(svg).buffer) });
})"""


def in_ms(time: int) -> str:
    return f"{time:,} ms"


EXPLORERS: dict[str, tuple[Any, dict[str, Control]]] = {
    "the sentence grows by two lines": (
        sleeper_view,
        {
            "asleep_s": ql.slider("Ada sleeps for", [5, 8, 15, 30, 60], 5, text=lambda s: f"{s} s"),
            "lease_s": ql.slider("lease of the lock", [5, 10, 20, 40], 10, text=lambda s: f"{s} s"),
            "checks": ql.switch("the receiver checks the number of the lock"),
        },
    ),
    "some places are refused": (
        overlap_view,
        {"members": ql.slider("members", range(5, 10), 5), "group": ql.slider("size of each group", range(1, 9), 2)},
    ),
    "more rows in the picture": (
        slow_followers_view,
        {
            "members": ql.choice("members", {"5": 5, "7": 7, "9": 9}, 5),
            "slow": ql.slider("followers that are slow", range(5), 4),
            "slow_ms": ql.slider("a slow one answers after", [20, 40, 80, 160], 80, text=in_ms),
        },
    ),
    "more sets in the picture": (fatal_sets_view, {"members": ql.slider("members", range(2, 7), 3)}),
    "a third site": (
        left_view, {"in_a": ql.slider("in A", range(1, 6), 3), "in_b": ql.slider("in B", range(1, 6), 2), "in_c": ql.slider("in C", range(6), 0)},
    ),
    "a value widens": (
        election_time_view,
        {
            "timeout_ms": ql.slider("election timeout T", TIMEOUTS_MS, 200, text=in_ms),
            "rtt_ms": ql.slider("round trip", [1, 10, 20, 70, 190], 20, text=in_ms),
            "crashed": ql.choice("members down", {"the leader": 1, "the leader and one more": 2}, 1),
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("what", "width"), [*((what, 1280) for what in EXPLORERS), ("the sentence grows by two lines", 760)]
)
def test_an_explorer_keeps_everything_in_its_place(page: Page, what: str, width: int) -> None:
    view, controls = EXPLORERS[what]
    explorer = ql.Explorer(view, **controls)
    page.set_viewport_size({"width": width, "height": 900})
    show(page, explorer)
    ends = [sorted({0, c.start, len(c.options) - 1}) for c in controls.values()]
    places = set()
    for positions in product(*ends):
        explorer.positions = dict(zip(controls, positions, strict=True))
        news = {
            name: getattr(explorer, name)
            for name in ("positions", "sentence", "problem", "alt", "table", "width")
        }
        places.add(tuple(page.evaluate(SHOWN, [news, explorer.picture.decode()])))
    assert len(places) == 1


def the_stages() -> dict[str, ql.Stage]:
    return {
        "one": ql.Stage(1),
        "five": ql.Stage(5),
        "nine": ql.Stage(9),
        "with a cut": ql.Stage(ql.threshold(4, 2), cut=0),
        "weighted": ql.Stage(ql.weighted({"a (2)": 2, "b": 1, "c": 1, "d": 1})),
    }


@pytest.mark.parametrize("which", the_stages())
@pytest.mark.parametrize("width", [1280, 420])
def test_a_stage_keeps_what_stands_below_in_its_place(page: Page, which: str, width: int) -> None:
    stage = the_stages()[which]
    page.set_viewport_size({"width": width, "height": 900})
    show(page, stage)
    names = list(stage.system.members)
    below = page.get_by_role("button", name="Revive all")
    places = set()
    for count, cut in product(range(len(names) + 1), range(len(names) + 1) if stage.with_cut else [0]):
        page.evaluate("news => model.tell(news)", {"down": names[:count], "cut": cut})
        places.add(below.evaluate(TOP))
    assert len(places) == 1


def test_what_python_says_is_down_is_what_the_browser_shows(page: Page) -> None:
    stage = ql.Stage(3)
    show(page, stage)
    with pytest.raises(AttributeError):
        stage.down.append("etcd-1")
    stage.observe(
        lambda change: page.evaluate("down => model.tell({ down })", list(change["new"])), names="down"
    )
    stage.down = ["etcd-1"]
    assert stage.view.sentence in page.get_by_role("status").inner_text()


def test_entries_of_a_log_stay_where_they_are_when_others_come(page: Page) -> None:
    cluster = ql.SimulatedCluster(5, leader="etcd-1")
    for number in range(5):
        cluster.put("x", str(number))
    show(page, play(cluster))
    seen: dict[str, set[float]] = {}
    for part in range(1, 41):
        page.evaluate("time => model.tell({ time })", cluster.now * part / 40)
        for name, left in page.evaluate(
            "() => [...document.querySelectorAll('.ql-member')].flatMap(m => [...m.querySelectorAll('.ql-entry rect')].slice(0, 1)"
            ".map(e => [m.dataset.member, e.getBoundingClientRect().left]))"
        ):
            seen.setdefault(name, set()).add(round(left, 1))
    assert len(seen) == 5
    assert all(len(lefts) == 1 for lefts in seen.values()), seen


def test_what_stands_below_a_play_stays_where_it_is_while_signs_come(page: Page) -> None:
    cluster = ql.SimulatedCluster(3, seed=5)
    cluster.run_for(2)
    cluster.put("x", "1")
    cluster.run_for(1)
    show(page, play(cluster, start=0))
    below, signs = page.get_by_role("button", name="Show as table"), page.locator(".ql-legend > span")
    places, counts = set(), []
    for part in range(21):
        page.evaluate("time => model.tell({ time })", cluster.now * part / 20)
        places.add(below.evaluate(TOP))
        counts.append(signs.count())
    assert counts == sorted(counts) and counts[-1] - counts[0] >= 6
    assert len(places) == 1


def test_a_story_does_not_tell_what_has_not_been_played(page: Page) -> None:
    cluster = ql.SimulatedCluster(5, seed=7)
    cluster.run_for(1.5)
    widget = play(cluster, start=1.2)
    widget.change("crash", "etcd-1", at=1.3)
    show(page, widget)
    story, told = page.locator(".ql-story li"), widget.future.story
    assert any("becomes leader of term 2" in words for _, words in told)
    assert story.all_inner_texts()[-1].endswith("etcd-1 crashes.")
    for back in (3.0, 1.25):  # what has been played stays, wherever one goes
        page.evaluate("time => model.tell({ time })", back)
        assert story.count() == sum(1_200_000 <= t <= 3_000_000 for t, _ in told)


def test_a_stage_says_when_too_few_are_up_to_elect_anybody(page: Page) -> None:
    cluster = ql.SimulatedCluster(5, leader="etcd-1")
    cluster.crash("etcd-1")
    first = cluster.now
    cluster.crash("etcd-2")
    cluster.run_for(0.1)
    cluster.crash("etcd-3")
    cluster.run_for(0.1)
    cluster.restart("etcd-1")
    cluster.partition(*({name} for name in cluster.members))
    cluster.run_for(0.1)
    show(page, play(cluster))
    said = page.get_by_role("status")
    for after, words in (
        (0.05, "Nobody leads, so writes wait. etcd-1 and etcd-2 are down."),
        (0.15, "Nobody can be elected: 2 of 5 voters are up, and a leader needs 3."),
        (0.25, "Nobody can be elected: a leader needs 3 of 5 voters, and none reaches so many."),
    ):
        page.evaluate("time => model.tell({ time })", first + after)
        assert words in said.inner_text()
