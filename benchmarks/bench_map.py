"""From placing a member on the map to seeing the new picture, in one browser run: `interact` with inline pictures against ours.

Measured as in `bench_widgets`, with the same figure on both sides: from the key press to the moment the new picture is decoded.
"""

import statistics

from benchmarks.bench_widgets import MOVES, ROUNDS, THERE_AND_BACK, moves_ms
from benchmarks.page import opened
from tools.browser import chromium, run_all

AT_MOST = 0.7

SETUP = """import quorumlab as ql
from quorumlab.views.world import world_view"""
OURS = "ql.WorldMap()"
PEER = """%config InlineBackend.figure_formats = ["png"]
from ipywidgets import IntSlider, interact
import matplotlib.pyplot as plt
def draw(members):
    view = world_view({"us-east-1": members, "eu-west-1": 1, "ap-south-1": 1}, client="ap-south-1")
    figure = plt.figure(figsize=view.size)
    figure.add_axes((0, 0, 1, 1)).axis("off")  # inline, a figure without axes is not shown
    view.draw(figure)
    plt.show()
_ = interact(draw, members=IntSlider(1, 1, 9))"""


def main() -> bool:
    """Print the medians and the ratio; whether the target was met."""
    if chromium() is None:
        print("map: not measured, there is no Chromium on this machine")
        return False
    peer: list[float] = []
    ours: list[float] = []
    with opened(SETUP, PEER, OURS) as page:
        run_all(page)
        # Taken in turns, so that a busy moment of the machine falls on both.
        for _ in range(ROUNDS):
            peer += moves_ms(page, "interact(", ".noUi-handle", THERE_AND_BACK, "chart")
            # Enter on the first region places 1, 2, 3 and 0 members there.
            ours += moves_ms(page, OURS, ".ql-spot", ["Enter"] * len(THERE_AND_BACK), "chart")
    theirs, mine = statistics.median(peer), statistics.median(ours)
    print(f"member to picture, interact + inline   {theirs:6.1f} ms   (median of {MOVES})")
    print(
        f"member to picture, the map             {mine:6.1f} ms   ratio {mine / theirs:.2f}, at most {AT_MOST}"
    )
    met = mine / theirs <= AT_MOST
    print(f"map: target {'met' if met else 'missed'}")
    return met


if __name__ == "__main__":
    main()
