"""Work that is alike within a class, by ``copydetect`` (winnowing: Schleimer, Wilkerson and Aiken 2003), on this machine only.

Names and comments count for nothing. What the lab itself hands out, and what many students wrote, is no sign of copying and is left
out; so it looks for what two have in common and hardly anybody else. A pair is a reason to look, and no proof.
"""

import io
from collections import Counter
from collections.abc import Sequence
from importlib import import_module
from itertools import combinations
from typing import Any

from quorumlab.grading.report import Pair

GRAM = 18
"""Characters, names counted as one, that must be the same to count at all."""
WINDOW = 1
COMMON = 0.06
"""What so many of the class have, as a share, is everybody's."""
ALIKE = 0.5
"""The share of what is one's own, in both works, from which on a pair is listed."""
SMALLEST = 10
LEAST = 40
"""Fingerprints of its own that a work must have to be compared."""


class SimilarityError(Exception):
    """Works cannot be compared; the message says why, and what to do."""


def pairs(works: Sequence[tuple[str, str]]) -> list[Pair]:
    """The pairs of students whose work is alike, the most alike first; ``works`` has each student's code.

    Raises SimilarityError without ``copydetect``, and for a class too small to know what everybody writes.
    """
    if len(works) < SMALLEST:
        raise SimilarityError(
            f"Copied work was not looked for: with {len(works)} works nobody can tell what everybody writes; {SMALLEST} are needed."
        )
    prints = {student: _fingerprints(code) for student, code in works}
    spread = Counter(each for own in prints.values() for each in own)
    many = max(2, COMMON * len(works))
    own = {student: {each for each in some if spread[each] <= many} for student, some in prints.items()}
    compared = [student for student, some in own.items() if len(some) >= LEAST]
    alike = [Pair(one, other, _share(own[one], own[other])) for one, other in combinations(compared, 2)]
    return sorted((pair for pair in alike if pair.share >= ALIKE), key=lambda p: (-p.share, p.one, p.other))


def _share(one: set[int], other: set[int]) -> float:
    return len(one & other) / max(len(one), len(other))


def _fingerprints(code: str) -> set[int]:
    made: Any = _library().CodeFingerprint(
        "work.py", GRAM, WINDOW, filter=True, language="python", fp=io.StringIO(code)
    )
    return {int(each) for each in made.hashes}


def _library() -> Any:
    try:
        copydetect: Any = import_module("copydetect")
    except ModuleNotFoundError:
        raise SimilarityError(
            "Looking for copied work needs copydetect; install it with python -m pip install 'quorumlab[grading]'."
        ) from None
    return copydetect
