"""The cluster stage: members in their places, to be failed and revived by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

import anywidget
import traitlets

from quorumlab.arguments import bounded, plain, shortened, shown
from quorumlab.quorums import QuorumSystem, majority
from quorumlab.topology import Topology
from quorumlab.views.layout import Place, arrange, place_words, places_of
from quorumlab.views.stage import describe, stage_view
from quorumlab.views.view import View
from quorumlab.widgets.base import HERE, FixedDict, module, with_static

MOST_MEMBERS = 9
"""The browser looks through the minimal quorums at every click, and a ring of more members is too crowded to read."""


class Stage(anywidget.AnyWidget):
    """A live picture of a cluster: click a member, or press Enter on it, to fail or revive it.

    ``Stage(5)`` is a majority of five; ``Stage(topology)`` the voters of a topology in their places; ``Stage(ql.weighted(...))``
    any quorum system of at most nine members with one kind of quorum: of a flexible one, ask for ``system.of_kind("commit")`` or
    ``"elect"``. ``places`` maps members to the zone they stand in, or to their region and zone. With ``cut=0`` the members stand
    in a row and a cut can be dragged between them; the number is how many stand left of it. The browser answers each move by
    itself; ``down`` and ``cut`` follow here, and whoever sets them here moves the picture.
    """

    _esm = module("stage.js")
    _css = HERE / "quorumlab.css"

    members = traitlets.Tuple().tag(sync=True)
    positions = FixedDict().tag(sync=True)
    quorums = traitlets.Tuple().tag(sync=True)
    word = traitlets.Unicode().tag(sync=True)
    with_cut = traitlets.Bool(False).tag(sync=True)
    down = traitlets.Tuple().tag(sync=True)
    cut = traitlets.Int(0).tag(sync=True)

    def __init__(
        self,
        cluster: int | QuorumSystem | Topology,
        *,
        down: tuple[str, ...] | list[str] = (),
        places: Mapping[str, Place] | Topology | None = None,
        cut: int | None = None,
        word: str | None = None,
    ) -> None:
        if isinstance(down, str) or not isinstance(down, Iterable):
            example = shown(down) if isinstance(down, str) else "'etcd-1'"
            raise TypeError(f"down is {shown(down)}, but must be a list of names; write [{example}].")
        down = bounded(down, "the members down")
        cut_at = plain(cut)
        if not (cut is None or isinstance(cut_at, int)):
            raise TypeError(
                f"cut is {shown(cut)}, but must be a whole number, of members on its left; write for example 1."
            )
        if not isinstance(word, str | None):
            raise TypeError(
                f"word is {shown(word)}, but must be a text; write it in quotes, such as 'majority'."
            )
        if isinstance(cluster, Topology):
            places = cluster if places is None else places
            cluster = cluster.quorum_system
        self.system = cluster if isinstance(cluster, QuorumSystem) else majority(cluster)
        if self.system.of_kind("commit") != self.system.of_kind("elect"):
            raise ValueError(
                f"{shown(self.system)} has two kinds of quorum, one to commit and one to elect, and a stage shows one; "
                'show one kind: ql.Stage(system.of_kind("commit")).'
            )
        names = self.system.members
        if len(names) > MOST_MEMBERS:
            raise ValueError(
                f"A stage shows at most {MOST_MEMBERS} members, not {len(names)}; use a smaller cluster."
            )
        self._places = places_of(places)
        if isinstance(places, Topology):  # its learners do not vote, so they are on no stage
            self._places = {name: place for name, place in self._places.items() if name in names}
        if problem := self._unknown_member([*down, *self._places]) or self._misplaced(int(cut_at or 0)):
            raise ValueError(problem)
        index = {name: i for i, name in enumerate(names)}
        super().__init__(
            members=[{"name": name, "place": place_words(self._places.get(name, ""))} for name in names],
            positions=arrange(
                {m: self._places.get(m, "") for m in names}, in_a_row=cut_at is not None
            ).plain(),
            quorums=[sorted(index[m] for m in quorum) for quorum in self.system.minimal_quorums()],
            word=word or ("majority" if self.system == majority(list(names)) else "quorum"),
            with_cut=cut_at is not None,
            down=[name for name in names if name in down],
            cut=int(cut_at or 0),
        )

    def _unknown_member(self, asked: Iterable[str]) -> str:
        names = self.system.members
        for name in asked:
            if name not in names:
                return f"There is no member {shown(name)} here; the members are {shortened(names, at_most=MOST_MEMBERS)}."
        return ""

    def _misplaced(self, cut: int) -> str:
        n = len(self.system.members)
        if 0 <= cut <= n:
            return ""
        return f"The cut cannot have {shown(cut)} members on its left; give a number from 0 to {n}."

    @traitlets.validate("down")
    def _known_down(self, proposal: Any) -> Any:
        if problem := self._unknown_member(proposal["value"]):
            raise traitlets.TraitError(problem)
        return proposal["value"]

    @traitlets.validate("cut")
    def _placed_cut(self, proposal: Any) -> Any:
        cut = proposal["value"]
        if cut and not self.with_cut:
            raise traitlets.TraitError("This stage has no cut to move; make it with Stage(..., cut=0).")
        if problem := self._misplaced(cut):
            raise traitlets.TraitError(problem)
        return cut

    @property
    def up(self) -> list[str]:
        """The members that are up, in order."""
        return [name for name in self.system.members if name not in self.down]

    @property
    def writes_go_on(self) -> bool:
        """Whether some side of the cluster has a quorum of live members."""
        return describe(self.system, self.down, cut=self.cut)[0] != "off"

    @property
    def view(self) -> View:
        """The stage as it stands now, as a still picture with its sentence and table."""
        return stage_view(
            self.system,
            self.down,
            places=self._places,
            word=self.word,
            cut=self.cut if self.with_cut else None,
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_static(super()._repr_mimebundle_(**kwargs), self.view.to_html(), self.view.to_text())
