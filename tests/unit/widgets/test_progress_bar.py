"""The progress bar, without a front end."""

import pytest

from quorumlab.widgets import progress_bar
from quorumlab.widgets.progress_bar import ProgressBar, with_progress


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[ProgressBar]:
    bars: list[ProgressBar] = []
    monkeypatch.setattr(progress_bar, "display", bars.append)
    return bars


@pytest.mark.parametrize("total", [1, 7, 100, 1000, 1999])
def test_everything_is_passed_on_and_the_bar_is_full_at_the_end(shown: list[ProgressBar], total: int) -> None:
    moves = []
    items = with_progress(range(total), total, "elections")
    (bar,) = shown
    bar.observe(lambda change: moves.append(change["new"]), names="done")
    assert bar.done == 0
    assert list(items) == list(range(total))
    assert moves[-1] == bar.done == total
    assert len(moves) <= 2 * progress_bar.UPDATES and moves == sorted(moves)


def test_an_interrupted_bar_does_not_claim_to_be_done(shown: list[ProgressBar]) -> None:
    items = with_progress(range(1000), 1000, "elections")
    for _ in range(501):
        next(items)
    assert shown[0].done == 500


def test_a_saved_page_keeps_words_and_no_bar() -> None:
    data, _ = ProgressBar(label="<elections>", total=1000)._repr_mimebundle_()
    assert data["text/plain"] == "1,000 <elections>"
    assert data["text/html"] == '<p class="ql-alive">1,000 &lt;elections&gt;</p>'


def test_nothing_to_wait_for_is_refused(shown: list[ProgressBar]) -> None:
    with pytest.raises(ValueError, match="total=0 is nothing to wait for"):
        with_progress([], 0, "elections")
    assert not shown
