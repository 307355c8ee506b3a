"""Look at a notebook as a learner sees it: run it in JupyterLab under headless Chromium and save one picture a screenful.

`python -m tools.screenshots notebooks/02-quorum-math.ipynb [--dark] [--width 1180] [--out build/screenshots]`
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from tools.browser import ROOT, browser, cell_errors, chromium, command, open_notebook, run_all, serve

SCREENFUL = 900
SCROLLER = ".jp-NotebookPanel .jp-WindowedPanel-outer"


def main() -> None:
    parser = argparse.ArgumentParser(description="Run a notebook in JupyterLab and save what it looks like.")
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--dark", action="store_true", help="in the dark theme")
    parser.add_argument("--width", type=int, default=1180, help="of the window, in CSS pixels")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots")
    options = parser.parse_args()
    if chromium() is None:
        parser.exit(1, "There is no Chromium on this machine; install it and try again.\n")
    options.out.mkdir(parents=True, exist_ok=True)
    theme = "JupyterLab Dark" if options.dark else "JupyterLab Light"
    name = f"{options.notebook.stem}-{'dark' if options.dark else 'light'}"
    # A copy: JupyterLab saves what it has run.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(options.notebook, folder)
        visible = ROOT / "labs" / options.notebook.stem / "visible.json"
        if visible.exists():  # a lab's own check reads it beside the notebook
            shutil.copy(visible, folder)
        with serve(Path(folder), theme) as lab, browser() as chrome:
            page = chrome.new_page(viewport={"width": options.width, "height": SCREENFUL + 100})
            page.on("console", lambda m: print(f"console: {m.text}") if m.type == "error" else None)
            open_notebook(page, lab, options.notebook.name)
            command(page, "application:toggle-left-area")
            run_all(page)
            for error in cell_errors(page):
                print(f"cell error: {error}")
            number = top = 0
            while top < page.evaluate(f"document.querySelector('{SCROLLER}').scrollHeight"):
                page.evaluate(f"document.querySelector('{SCROLLER}').scrollTop = {top}")
                page.wait_for_timeout(350)
                page.screenshot(path=options.out / f"{name}-{number:02d}.png")
                number, top = number + 1, top + SCREENFUL
    print(f"{number} pictures in {options.out}")


if __name__ == "__main__":
    main()
