"""A progress bar around anything that is gone through one by one."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import anywidget
import traitlets
from IPython.display import display

from quorumlab.arguments import shown
from quorumlab.widgets.base import HERE, STILL, module, with_static

UPDATES = 100
"""How often a bar moves: a message to the browser for every step would cost more than the steps."""

T = TypeVar("T")


class ProgressBar(anywidget.AnyWidget):
    """``label`` says what is counted; ``done`` of ``total`` are. On a page where nothing runs only the label is left."""

    _esm = module("progress_bar.js")
    _css = HERE / "progress_bar.css"

    label = traitlets.Unicode().tag(sync=True)
    done = traitlets.Int().tag(sync=True)
    total = traitlets.Int().tag(sync=True)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        words = f"{self.total:,} {self.label}"
        return with_static(super()._repr_mimebundle_(**kwargs), f"<p {STILL}>{html.escape(words)}</p>", words)


def with_progress(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Show a bar and give ``items`` one by one, of which there are ``total``; ``label`` says what they are, as in "elections".

    Raises ValueError if ``total`` is below 1.
    """
    if total < 1:
        raise ValueError(f"total={shown(total)} is nothing to wait for; give a number of at least 1.")
    bar = ProgressBar(label=label, total=total)
    display(bar)  # type: ignore[no-untyped-call]
    return _counted(items, bar)


def _counted(items: Iterable[T], bar: ProgressBar) -> Iterator[T]:
    step = max(1, bar.total // UPDATES)
    for number, item in enumerate(items, 1):
        yield item
        if number % step == 0 or number == bar.total:
            bar.done = number
