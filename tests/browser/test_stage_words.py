"""The stage answers in the browser; here its words are held against Python's, over every state of several clusters."""

from itertools import combinations

import pytest
from playwright.sync_api import Page

import quorumlab as ql
from quorumlab.views.stage import describe
from quorumlab.widgets.base import module

pytestmark = pytest.mark.browser
SYSTEMS = {
    **{f"majority of {n}": ql.majority(n) for n in (1, 2, 3, 4, 5, 7)},
    "any two of four": ql.threshold(4, 2),
    "weighted": ql.weighted({"a": 3, "b": 1, "c": 1, "d": 1, "e": 1}),
    "grid": ql.grid(2, 3),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_browser_and_python_say_the_same(page: Page, name: str) -> None:
    system = SYSTEMS[name]
    names = list(system.members)
    quorums = [[names.index(m) for m in quorum] for quorum in system.minimal_quorums()]
    states = [
        (list(down), cut)
        for k in range(len(names) + 1)
        for down in combinations(names, k)
        for cut in range(len(names) + 1)
    ]
    page.goto("about:blank")
    said = page.evaluate(
        """async ({ source, names, quorums, states }) => {
            const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
            return states.map(([down, cut]) => module.describe({ names, quorums, down, cut, word: 'majority' }));
        }""",
        {
            "source": module("stage.js"),
            "names": names,
            "quorums": quorums,
            "states": states,
        },
    )
    for (down, cut), words in zip(states, said, strict=True):
        assert tuple(words) == describe(system, down, cut=cut), (down, cut)
