"""The map of the world, on which members are placed, a leader and a client chosen, and a region lost, by hand."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import traitlets

from quorumlab.arguments import shown
from quorumlab.latency import CLOUDS
from quorumlab.latency.situation import regions_of, situation
from quorumlab.views.land import HEIGHT, WIDTH
from quorumlab.views.view import View
from quorumlab.views.world import MOST_IN_REGION, land_view, spots, words_of, world_view
from quorumlab.widgets.base import FixedDict, module
from quorumlab.widgets.shown import Shown

STARTS: Mapping[str, tuple[int, int, int]] = {
    "three in one region": (3, 0, 0),
    "one in each of three": (1, 1, 1),
    "three in each of three": (3, 3, 3),
    "2 + 2 + 1": (2, 2, 1),
    "3 + 1 + 1": (3, 1, 1),
    "a single member": (1, 0, 0),
}
"""Layouts to begin with: members in the eastern United States, in Europe and in India."""

DEFAULT = "one in each of three"
OWN = "as the cell says"
"""The start whose members the cell gave."""

HOMES: Mapping[str, tuple[str, str, str]] = {
    "AWS": ("us-east-1", "eu-west-1", "ap-south-1"),
    "Google Cloud": ("us-east4", "europe-west2", "asia-south1"),
    "Azure": ("eastus", "northeurope", "centralindia"),
}
TOOLS: Mapping[str, str] = {
    "member": "places members (1, 2, 3, none)",
    "leader": "makes it lead",
    "client": "puts the client there",
    "lose": "loses the region (one at a time), or brings it back",
}
"""What a click on a region can do, in the learner's words."""


class WorldMap(Shown):
    """A map of a cloud's regions. A click on one, or Enter, does what is chosen above: it places members, makes it lead, puts the client there, or loses it.

    ``WorldMap()`` begins with a layout of ``STARTS`` by its name in ``start``, or with so many ``members`` in each region; ``leader``
    (None: wherever a commit is quickest), ``client`` and ``lost`` are regions. On a focused region ``+`` and ``-`` change its members, and
    arrows go to the next one. Another start keeps the client where it is, and "Start again" does what the list says once more. Each
    cloud has regions of its own: one that is chosen for the first time begins as the list says, and what stood on another is kept
    there. One region at a time is lost. Round trips that nobody has measured are estimated from the distance, and said to be. Raises
    ValueError, in one sentence, for an unknown cloud, start or region.
    """

    _esm = module("world.js")

    land = traitlets.Bytes().tag(sync=True)
    """What lies beneath every picture, sent once: it is two thirds of what a whole map is."""

    tools = FixedDict(dict(TOOLS)).tag(sync=True)
    clouds = traitlets.Tuple(list(CLOUDS)).tag(sync=True)
    starts = traitlets.Tuple().tag(sync=True)
    spots = traitlets.Tuple().tag(sync=True)
    cloud = traitlets.Enum(list(CLOUDS), default_value="AWS").tag(sync=True)
    start = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        members: Mapping[str, int] | None = None,
        *,
        leader: str | None = None,
        client: str | None = None,
        lost: str | None = None,
        cloud: str = "AWS",
        start: str = DEFAULT,
    ) -> None:
        regions_of(cloud)
        if not isinstance(start, str) or start not in STARTS:
            raise ValueError(
                f"The start is {shown(start)}, but must be one of {', '.join(STARTS)}; choose one."
            )
        if members is not None and not isinstance(members, Mapping):
            raise TypeError(
                f"The members are {shown(members)}, but must be a dict from region to number; write for example {{'us-east-1': 3}}."
            )
        self._note = ""
        # By cloud: its start, and what stood on it when it was left.
        self._elsewhere: dict[str, tuple[str, dict[str, Any]]] = {}
        self._given: dict[str, Any] = {"leader": leader, "client": client, "lost": lost}
        starts = tuple(STARTS)
        if members is not None:
            self._given["members"] = {name: count for name, count in members.items() if count}
            start, starts = OWN, (OWN, *STARTS)
        self._first = start, cloud
        super().__init__(cloud=cloud, starts=starts, start=start, land=_land())
        self._begin()
        self._redraw()
        self.observe(self._on_start, names="start")
        self.observe(self._on_cloud, names="cloud")
        self.on_msg(self._on_message)

    @traitlets.validate("start")
    def _known_start(self, proposal: Any) -> Any:
        if proposal["value"] not in self.starts:
            raise traitlets.TraitError(
                f"The start is {shown(proposal['value'])}, but must be one of {', '.join(self.starts)}; choose one."
            )
        return proposal["value"]

    def _begin(self) -> None:
        """What the list says; and where that is what the cell said, all that it gave."""
        homes = HOMES[self.cloud]
        members = {
            name: count for name, count in zip(homes, STARTS.get(self.start, ()), strict=False) if count
        }
        client = self._given["client"]
        if client is None or (self.cloud != self._first[1] and client not in _names(self.cloud)):
            client = homes[2]
        self._state: dict[str, Any] = {"members": members, "leader": None, "lost": None}
        if (self.start, self.cloud) == self._first:
            self._state |= self._given
        self._state["client"] = client

    def _on_start(self, change: Any) -> None:
        _, first_cloud = self._first
        if self.start == OWN and self.cloud != first_cloud:
            # The members that the cell gave stand in regions of its own cloud.
            self._elsewhere[self.cloud] = change["old"], self._state
            self._elsewhere.pop(first_cloud, None)
            self.cloud = first_cloud
            return
        client, self._note = self._state["client"], ""
        self._begin()
        if (self.start, self.cloud) != self._first:
            self._state["client"] = client
        self._redraw()

    def _on_cloud(self, change: Any) -> None:
        self._elsewhere.setdefault(change["old"], (self.start, self._state))
        start, state = self._elsewhere.pop(self.cloud, (self.start, None))
        if start == OWN and self.cloud != self._first[1]:
            start = DEFAULT
        self.unobserve(self._on_start, names="start")
        self.start = start
        self.observe(self._on_start, names="start")
        if state is None:
            new = f"{self.cloud} has regions of its own, so its map begins as the list says."
            self._note = "" if start == OWN else new  # who asks for what the cell says knows
            self._begin()
        else:
            self._note, self._state = "", state
        self._redraw()

    @property
    def values(self) -> dict[str, Any]:
        """What stands where now: ``members``, ``leader``, ``client``, ``lost``, ``cloud``."""
        return {**self._state, "members": dict(self._state["members"]), "cloud": self.cloud}

    @property
    def view(self) -> View:
        """The map as it stands now, as a still picture with its sentence and table."""
        view = world_view(**self.values)
        return replace(view, sentence=f"{self._note} {view.sentence}".strip())

    def act(self, what: str, region: str = "") -> None:
        """Do to a region what a learner's click would do: "member", "leader", "client" or "lose"; "more" and "less" are + and -.
        "again" needs no region: it begins anew, as the list says.

        What cannot be is said in ``problem``, and nothing changes. Raises ValueError for an unknown act.
        """
        if not isinstance(what, str) or what not in (*TOOLS, "more", "less", "again"):
            raise ValueError(
                f"The act is {shown(what)}, but must be one of {', '.join(TOOLS)}, more, less or again."
            )
        if not isinstance(region, str):
            raise TypeError(
                f"The region is {shown(region)}, but must be a name; write it in quotes, such as 'us-east-1'."
            )
        if what == "lose" and self._is_empty(region):
            self._refuse(
                f"Nothing stands in {region}, so nothing would change if it were lost; lose a region with a member or the client."
            )
            return
        if what == "leader" and region == self._state["lost"] != self._state["leader"]:
            self._refuse(
                f"{region} is lost, so no member there can lead; bring it back first, or choose another region."
            )
            return
        before, self._note = self._state, ""
        self._state = dict(before)
        if what == "again":
            self._begin()
        elif what == "lose":
            self._lose(region)
        elif what in ("leader", "client"):
            self._state[what] = None if self._state[what] == region else region
        else:
            self._place(what, region)
        if not self._redraw():
            self._state = before

    def _is_empty(self, region: str) -> bool:
        """Whether a region of the map has neither a member nor the client, and is not lost already."""
        held = (*self._state["members"], self._state["client"], self._state["lost"])
        return region in _names(self.cloud) and region not in held

    def _lose(self, region: str) -> None:
        lost = self._state["lost"]
        if lost is not None and lost != region:
            self._note = f"The map loses one region at a time, so {lost} is back."
        self._state["lost"] = None if lost == region else region

    def _place(self, what: str, region: str) -> None:
        members = dict(self._state["members"])
        here = members.pop(region, 0)
        most = MOST_IN_REGION
        count = (
            (here + 1) % (most + 1)
            if what == "member"
            else min(here + 1, most)
            if what == "more"
            else max(here - 1, 0)
        )
        if count:
            members[region] = count
        elif self._state["leader"] == region:
            self._state["leader"] = None
        self._state["members"] = members

    def _drawn(self, view: View) -> bytes:
        return world_view(**self.values, land=False).svg(onto=self._figure)

    def _redraw(self, _change: object = None) -> bool:
        done = super()._redraw()
        if done:
            s = situation(**self.values)
            at = spots(self.cloud)
            self.spots = tuple(
                {
                    "name": region.name, "words": f"{region.name}, {region.place}: {words_of(s, region.name)}",
                    "x": 100 * at[region.name][0] / WIDTH, "y": 100 * at[region.name][1] / HEIGHT,
                }
                for region in regions_of(self.cloud)
            )  # fmt: skip
        return done

    def _on_message(self, _widget: object, content: Any, _buffers: object) -> None:
        self.act(str(content.get("act")), str(content.get("region", "")))


def _names(cloud: str) -> list[str]:
    return [region.name for region in regions_of(cloud)]


@cache
def _land() -> bytes:
    return land_view().svg()
