"""The modules of the widgets, joined into one text each."""

import copy
import pickle
import re
from collections.abc import Callable
from typing import Any

import pytest
import traitlets

import quorumlab as ql
from quorumlab.views.quorums import overlap_view
from quorumlab.widgets.base import ALIVE, HERE, STILL, Fixed, FixedDict, module, with_static
from quorumlab.widgets.playback import Playback, play

ENTRIES = [
    "editor.js",
    "explorer.js",
    "playback.js",
    "progress_bar.js",
    "question.js",
    "stage.js",
    "world.js",
]
DECLARED = re.compile(r"^(?:export )?(?:const|let|class|function) (\w+)", re.MULTILINE)


@pytest.mark.parametrize("name", ENTRIES)
def test_a_joined_module_imports_nothing_and_exports_what_its_own_file_does(name: str) -> None:
    text = module(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    own = (HERE / name).read_text(encoding="utf-8")
    assert re.findall(r"^export .*", text, re.MULTILINE) == re.findall(r"^export .*", own, re.MULTILINE)


@pytest.mark.parametrize("name", ENTRIES)
def test_no_two_modules_declare_the_same_name(name: str) -> None:
    names = DECLARED.findall(module(name))
    assert sorted(names) == sorted(set(names))


def test_each_file_belongs_to_a_widget() -> None:
    joined = "".join(module(name) for name in ENTRIES)
    for file in HERE.glob("*.js"):
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("// ") and first in joined, file.name


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda fixed: pickle.loads(pickle.dumps(fixed))])
def test_what_is_fixed_is_copied_as_a_dict_of_its_own(again: Callable[[Any], Any]) -> None:
    fixed = Fixed(members=3, inner=[1])
    copied = again(fixed)
    assert copied == {"members": 3, "inner": [1]}
    copied["members"] = 4
    assert fixed["members"] == 3


def test_a_still_picture_says_how_it_comes_alive_and_the_browser_knows_it_by_the_same_mark() -> None:
    assert with_static({"x": 1}, "<p>here</p>", "here")[0] == {
        "x": 1, "text/html": f"<p>here</p>{ALIVE}", "text/plain": "here",
    }  # fmt: skip
    own = f"<p {STILL}>Run this cell to answer.</p>"
    assert with_static(None, own, "")[0]["text/html"] == own
    assert f"const STILL = '{STILL}';" in (HERE / "dom.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("widget", "name"),
    [
        (lambda: ql.Stage(3), "positions"),
        (lambda: play(ql.SimulatedCluster(3), until=0.1), "positions"),
        (lambda: ql.WorldMap(), "tools"),
        (lambda: ql.Explorer(overlap_view, members=ql.slider("members", [3]), group=ql.slider("group", [2])), "positions"),
        (lambda: ql.Explorer(overlap_view, members=ql.slider("members", [3]), group=ql.slider("group", [2])), "table"),
    ],
)  # fmt: skip
def test_a_dict_of_a_widget_is_changed_only_by_giving_another(widget: Callable[[], Any], name: str) -> None:
    shared = getattr(widget(), name)
    with pytest.raises(TypeError, match="assign a new dict"):
        shared["height"] = 3
    copied = copy.deepcopy(shared)
    copied["height"] = 3
    assert copied != shared


def test_every_dict_of_a_widget_is_fixed() -> None:
    for cls in (ql.Stage, ql.Explorer, ql.Editor, ql.WorldMap, Playback):
        for name, trait in cls.class_traits(sync=True).items():
            if isinstance(trait, traitlets.Dict) and not name.startswith("_"):
                assert isinstance(trait, FixedDict), (cls, name)
