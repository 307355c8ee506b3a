"""What the tutorial page says, and what we found: claims, each with a verdict that is computed."""

from dataclasses import dataclass

from quorumlab.arguments import is_truth
from quorumlab.views.table import Table


@dataclass(frozen=True)
class Claim:
    """One statement of the page, the verdict, and the evidence for it."""

    says: str
    verdict: str
    evidence: str


def claim(says: str, holds: bool, evidence: str, *, but: str = "") -> Claim:
    """A statement with its computed truth.

    ``holds`` is the result of a computation in the notebook; ``but`` refines a statement that is true and incomplete, or names
    what is wrong with its reason. Raises TypeError unless ``holds`` is a bool, so that no verdict is merely written down.
    """
    if not is_truth(holds):
        raise TypeError(
            f"A claim holds or not by a computed True or False, not {holds!r}; compare something."
        )
    verdict = ("✓ true" if holds else "✕ not so") + (f", but {but}" if but else "")
    return Claim(says, verdict, evidence)


def verdicts(*claims: Claim) -> Table:
    """The claims of a topic with their verdicts, as a table."""
    return Table.of(
        ("the page says", "verdict", "what we found"), [(c.says, c.verdict, c.evidence) for c in claims]
    )
