"""One JupyterLab and one Chromium for all browser tests, over a copy of the notebooks that may be saved to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tools.browser import ROOT, Lab, browser, chromium, serve

# Patience for a shared, noisy machine; nothing waits longer than the page needs.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium() or "browser" in os.environ.get("QUORUMLAB_REQUIRE", ""):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("course")
    shutil.copytree(
        ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints")
    )
    # Real etcd runs where pages are compared (nbval), and on a stage of its own (test_live); here it would only take time.
    with serve(folder, etcd=False) as running:
        yield running


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    opened = chrome.new_page(viewport={"width": 1180, "height": 1000})
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()
