"""The modules of the widgets, joined into one text each."""

import re

import pytest

from quorumlab.widgets.base import ALIVE, HERE, STILL, module, with_static

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


def test_a_still_picture_says_how_it_comes_alive_and_the_browser_knows_it_by_the_same_mark() -> None:
    assert with_static({"x": 1}, "<p>here</p>", "here")[0] == {
        "x": 1, "text/html": f"<p>here</p>{ALIVE}", "text/plain": "here",
    }  # fmt: skip
    own = f"<p {STILL}>Run this cell to answer.</p>"
    assert with_static(None, own, "")[0]["text/html"] == own
    assert f"const STILL = '{STILL}';" in (HERE / "dom.js").read_text(encoding="utf-8")
