"""Make the README's picture anew: notebook 02 as it looks after a prediction and two crashes.

`python -m tools.readme_picture`
"""

import shutil
import tempfile
from pathlib import Path

from tools.browser import ROOT, browser, command, open_notebook, run_all, serve, show_cell

NOTEBOOK = "02-quorum-math.ipynb"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "notebooks" / NOTEBOOK, folder)
        with serve(Path(folder)) as lab, browser() as chrome:
            page = chrome.new_page(viewport={"width": 1120, "height": 1080}, device_scale_factor=1.5)
            open_notebook(page, lab, NOTEBOOK)
            command(page, "application:toggle-left-area")
            run_all(page)
            question = show_cell(page, 'ql.predict("two-of-five")')
            question.get_by_label("only reads").check()
            question.get_by_role("button", name="Commit").click()
            stage = show_cell(page, "ql.Stage(5)")
            for member in ("etcd-2", "etcd-4"):
                stage.get_by_role("switch", name=member, exact=True).click()
            show_cell(page, 'ql.predict("two-of-five")')
            page.evaluate("document.activeElement.blur()")
            page.mouse.move(5, 5)
            page.wait_for_timeout(500)
            page.screenshot(path=ROOT / "docs" / "course.png")


if __name__ == "__main__":
    main()
