"""Every statement of the tutorial page with the verdicts of the course's pages, and every bet of the course with what came of it.

What the pages found is read off them as they are stored, by ``python -m tools.found``, and ships as ``found.json``: the pages are the
one source, and a test holds the file to them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, NamedTuple

FOLDER = files("quorumlab.course")
OWN = re.compile(r"\(faq\)", re.I)
"""What marks a claim of a page about something else than the tutorial page."""


class Judged(NamedTuple):
    """What one page says of a statement: the page's file name, the claim, its verdict and the evidence."""

    page: str
    claim: str
    verdict: str
    evidence: str


class Statement(NamedTuple):
    """One statement of the tutorial page, the part where it stands, the number of a page that has to judge it, and what pages say."""

    says: str
    part: str
    page: str
    judged: tuple[Judged, ...]


@cache
def found() -> Mapping[str, Any]:
    """What the stored pages found: ``claims``, and for each prediction its page and its ``outcomes``."""
    return MappingProxyType(json.loads(FOLDER.joinpath("found.json").read_text(encoding="utf-8")))


def claims() -> tuple[Judged, ...]:
    """All claims of all pages, in reading order."""
    return tuple(Judged(*claim) for claim in found()["claims"])


def statements(judged: tuple[Judged, ...] | None = None) -> tuple[Statement, ...]:
    """All statements of the tutorial page in its order, each with what the pages (by default those that ship) say of it."""
    made = claims() if judged is None else judged
    entries = tomllib.loads(FOLDER.joinpath("statements.toml").read_text(encoding="utf-8"))["statement"]
    chosen = [_belongs(claim.claim, entries) for claim in made]
    return tuple(
        Statement(
            entry["says"], entry["part"], entry["page"],
            tuple(claim for claim, number in zip(made, chosen, strict=True) if number == i),
        )
        for i, entry in enumerate(entries)
    )  # fmt: skip


def verdict_kind(verdict: str) -> str:
    """The kind of a verdict, without what it adds: "true", "true, but", "not quite" or "false"."""
    return next(kind for kind in ("true, but", "true", "not quite", "false") if verdict.startswith(kind))


def contradicted(judged: tuple[Judged, ...] | None = None) -> list[Statement]:
    """The statements that one page calls true, with or without a word more, and another one not."""
    return [
        statement
        for statement in statements(judged)
        if len({verdict_kind(j.verdict).startswith("true") for j in statement.judged}) > 1
    ]


def orphans(judged: tuple[Judged, ...] | None = None) -> list[Judged]:
    """Claims that belong to no statement of the tutorial page, and do not say that they are about something else."""
    made = claims() if judged is None else judged
    kept = {claim for statement in statements(made) for claim in statement.judged}
    return [claim for claim in made if claim not in kept and not OWN.search(claim.claim)]


def _belongs(claim: str, entries: list[dict[str, Any]]) -> int | None:
    """The number of the statement that a claim is about: of those whose words it contains, the one with most of them."""
    said = _plain(claim)
    lengths = [
        max(
            (len(words) for text in entry["claimed_as"] if f" {(words := _plain(text))} " in f" {said} "),
            default=0,
        )
        for entry in entries
    ]
    best = max(lengths)
    return lengths.index(best) if best else None


def _plain(words: str) -> str:
    """Letters and figures only, so that signs and capitals make no difference."""
    return " ".join(re.findall(r"[a-z0-9]+", words.lower()))
