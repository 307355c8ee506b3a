"""What every quorum system can answer."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from quorumlab.arguments import Real, as_set, bounded, probability, shown
from quorumlab.quorums.strategy import Strategy
from quorumlab.words import Prose

Quorum = frozenset[str]
KINDS = ("commit", "elect")


class Chance(NamedTuple):
    """The probability of being up and that of being down, both kept.

    They sum to 1, yet a tiny ``down`` computed as ``1 - up`` would have lost its digits.
    """

    up: Real
    down: Real


@dataclass(frozen=True)
class Intersection(Prose):
    """Whether what ``claim`` says is so; truthy when it is.

    ``counterexample`` holds two quorums without a common member when it is not, and None otherwise.
    """

    holds: bool
    counterexample: tuple[Quorum, Quorum] | None = None
    claim: str = field(default="any two quorums share a member", compare=False)

    def __bool__(self) -> bool:
        return self.holds

    def __str__(self) -> str:
        if self.counterexample is None:
            return self.claim
        one, other = (as_set(sorted(quorum, key=_by_number)) for quorum in self.counterexample)
        return f"{one} and {other} are both quorums and share no member"


@dataclass(frozen=True, repr=False)
class QuorumSystem(ABC):
    """A rule that says which sets of members are quorums.

    Immutable; equal rules over equal members are equal. Most systems have one kind of quorum for everything.
    A ``flexible`` system has two, ``"commit"`` and ``"elect"``; methods take ``kind=`` to ask about one of
    them, and without it a quorum is a set that can do both.
    """

    members: tuple[str, ...]

    def is_quorum(self, members: Iterable[str], *, kind: str | None = None) -> bool:
        """Whether these members form a quorum. ValueError names members the system does not have."""
        return self.of_kind(kind)._holds(self._known(members))

    def minimal_quorums(self, *, kind: str | None = None) -> Iterator[Quorum]:
        """The quorums that stop being one when anybody leaves: lazily, each once, in the same order."""
        return self.of_kind(kind)._minimal()

    @property
    def fault_tolerance(self) -> int:
        """The largest f such that after *any* f members crash, a quorum (of both kinds) remains."""
        return self.of_kind(None)._tolerance()

    def always_intersects(self) -> Intersection:
        """Whether any two quorums share a member; in a flexible system, every commit and election quorum."""
        pair = self._disjoint_pair()
        return Intersection(pair is None, pair)

    def load(self, read_fraction: Real) -> float:
        """The least load that the busiest member can have: the fraction of all operations it must serve.

        The minimum over all strategies, after Naor and Wool (1998), with a read fraction as in Whittaker et
        al. (2021), and with members of equal capacity. Where reads and writes use the same quorums (all
        systems but flexible) the read fraction does not matter. In a flexible system a write needs a commit
        quorum, and a read an election quorum, the smallest set that is sure to meet every commit: phase 2 and
        phase 1 of Flexible Paxos. (A leader that serves a read itself asks a commit quorum instead, which is
        sure to meet every election.)

        Raises TypeError or ValueError unless ``read_fraction`` is a number from 0 to 1, and ValueError when
        the optimum needs linear programming over more quorums than can be listed.
        """
        return float(self._load(_fraction(read_fraction)))

    def capacity(self, read_fraction: Real) -> float:
        """Operations a second for the whole system if each member can do one a second: 1 / load."""
        return float(1 / self._load(_fraction(read_fraction)))

    def strategy(self, read_fraction: Real) -> Strategy:
        """A way to choose quorums at random that reaches ``load(read_fraction)``; errors as there."""
        reads, writes = self._choices()
        return Strategy(self.members, reads, writes, _fraction(read_fraction))

    def of_kind(self, kind: str | None) -> "Rule":
        """The system of one kind of quorum alone: "commit", "elect", or None for sets that can do both."""
        if kind is not None and (not isinstance(kind, str) or kind not in KINDS):
            raise ValueError(
                f"kind is {shown(kind)}, but must be 'commit', 'elect' or None; leave it out to ask for a set "
                f"that can do both."
            )
        return self._of_kind(kind)

    def chance(self, members: Sequence[Chance]) -> Chance:
        """The exact chance that the members that are up hold a quorum, members failing independently.

        ``members`` has one Chance for each of ``self.members``, in that order. Every step adds and multiplies
        numbers that are not negative, so nothing cancels and a tiny probability keeps its digits. Fractions
        stay exact. ``quorumlab.availability`` is the door to this for users.
        """
        return self.of_kind(None)._chance(members)

    @abstractmethod
    def _of_kind(self, kind: str | None) -> "Rule": ...

    @abstractmethod
    def _load(self, read_fraction: Fraction) -> Real: ...

    @abstractmethod
    def _choices(self) -> tuple[Mapping[Quorum, Real], Mapping[Quorum, Real]]:
        """Optimal probabilities of read quorums and of write quorums."""

    def _disjoint_pair(self) -> tuple[Quorum, Quorum] | None:
        return None

    def _known(self, names: Iterable[str]) -> Quorum:
        if isinstance(names, str) or not isinstance(names, Iterable):
            raise TypeError(
                f"the members asked about are {shown(names)}, but must be a set of names; write for example "
                f"{{{shown(self.members[0])}}}."
            )
        asked, known = bounded(names, "the members asked about"), set(self.members)
        unknown = {
            each if isinstance(each, str) else shown(each)
            for each in asked
            if not isinstance(each, str) or each not in known
        }
        if unknown:
            raise ValueError(
                f"{as_set(sorted(unknown))} are unknown to {shown(self)}, whose members are "
                f"{as_set(self.members)}; ask about those only."
            )
        return frozenset(asked)


class Rule(QuorumSystem):
    """A system with one kind of quorum, and what each such rule has to supply for the methods above."""

    @abstractmethod
    def _holds(self, up: Quorum) -> bool: ...

    @abstractmethod
    def _minimal(self) -> Iterator[Quorum]: ...

    @abstractmethod
    def _tolerance(self) -> int: ...

    @abstractmethod
    def _chance(self, members: Sequence[Chance]) -> Chance: ...

    @abstractmethod
    def _least_load(self) -> Real: ...

    @abstractmethod
    def _choice(self) -> Mapping[Quorum, Real]:
        """Probabilities of quorums that reach the least load."""

    def _of_kind(self, kind: str | None) -> "Rule":
        return self

    def _load(self, read_fraction: Fraction) -> Real:
        return self._least_load()

    def _choices(self) -> tuple[Mapping[Quorum, Real], Mapping[Quorum, Real]]:
        choice = self._choice()
        return choice, choice


def _by_number(name: str) -> tuple[int, str]:
    return len(name), name  # etcd-2 before etcd-10


def _fraction(read_fraction: Real) -> Fraction:
    return Fraction(probability(read_fraction, "read_fraction"))
