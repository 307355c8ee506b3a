"""What the tutorial page says, and what we found: claims, each with a verdict that is computed."""

from dataclasses import dataclass

from quorumlab.arguments import is_truth, shown
from quorumlab.views.table import Table


@dataclass(frozen=True)
class Claim:
    """One statement of the page, the verdict, and the evidence for it."""

    says: str
    verdict: str
    evidence: str


def claim(says: str, holds: bool, evidence: str, *, but: str = "", quite: bool = True) -> Claim:
    """A statement with its computed truth: "true", "true, but ...", "not quite: ..." or "false".

    ``holds`` is the result of a computation in the notebook. ``quite``, computed too, is False where the rule holds and something
    else that the statement says does not, such as the reason that it gives or how far it reaches: the verdict is then "not
    quite". ``but`` says what is missing or wrong; of a false statement nothing needs refining. Raises TypeError unless ``holds`` and
    ``quite`` are True or False (numpy's too), so that no verdict is merely written down.
    """
    holds, quite = _computed(holds, "holds"), _computed(quite, "is quite so")
    for part in (says, evidence, but):
        if not isinstance(part, str):
            raise TypeError(
                f"A claim is told in words, not {shown(part)}; write what is said, found and missing as texts."
            )
    if not holds:
        return Claim(says, "false", evidence)
    if not quite:
        return Claim(says, f"not quite: {but}" if but else "not quite", evidence)
    return Claim(says, f"true, but {but}" if but else "true", evidence)


def verdicts(*claims: Claim) -> Table:
    """The claims of a topic with their verdicts, as a table; raises TypeError for what is no claim."""
    for given in claims:
        if not isinstance(given, Claim):
            raise TypeError(
                f"{shown(given)} is no claim; make each with ql.claim, and give them one after another: "
                "ql.verdicts(first, second)."
            )
    return Table.of(
        ("the page says", "verdict", "what we found"), [(c.says, c.verdict, c.evidence) for c in claims]
    )


def _computed(value: object, what: str) -> bool:
    """``value`` as a bool; numpy has a type of its own for the outcome of a comparison."""
    if is_truth(value):
        return bool(value)
    raise TypeError(
        f"A claim {what} or not by a computed True or False, not {shown(value)}; compare something, for example x == 3."
    )
