"""Variants: each student's own numbers, and answers planted from another's, with no false accusation."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from quorumlab.grading.any_rule import OWN_CLUSTER
from quorumlab.grading.judging import answers_of, judged
from quorumlab.grading.lab import Lab
from quorumlab.grading.labs.quorum_math import LAB
from quorumlab.grading.release import ReleaseError, release_variants
from quorumlab.grading.store import Record
from quorumlab.grading.submissions import Student
from quorumlab.grading.variants import with_remarks
from tests.grading.conftest import ROOT


def cluster_source(facts: Any, wrong: bool = False) -> str:
    whole = "sum(v for m, v in votes.items() if m not in away)" if wrong else "sum(votes.values())"
    return f"""
from itertools import product
def own_cluster(away):
    up, votes = {facts["up"]!r}, {facts["votes"]!r}
    left = [m for m in up if m not in away]
    total = 0.0
    for state in product([True, False], repeat=len(left)):
        held = sum(votes[m] for m, s in zip(left, state) if s)
        if 2 * held > {whole}:
            p = 1.0
            for m, s in zip(left, state):
                p *= up[m] if s else 1 - up[m]
            total += p
    return total
"""


def record(student: str, source: str, keep_text: bool = True) -> Record:
    names: dict[str, Any] = {}
    exec(source, names)
    facts = LAB.facts_of(student)
    answers = answers_of(OWN_CLUSTER, names["own_cluster"], "s", facts)
    result = judged(OWN_CLUSTER, answers, facts)
    return Record(
        student,
        LAB.name,
        "d",
        "a",
        {OWN_CLUSTER.id: answers},
        (result,),
        cells=(source,) if keep_text else (),
    )


def test_two_hundred_honest_ones_are_not_accused_and_every_planted_one_is_named() -> None:
    students = [f"s{n:03}" for n in range(200)]
    # A third of the honest ones make the common mistake.
    honest = [record(s, cluster_source(LAB.facts_of(s), wrong=n % 3 == 0)) for n, s in enumerate(students)]
    assert [r.student for r in with_remarks(LAB, honest) if r.remarks] == []
    assert sum(r.results[0].points == 2 for r in honest) == sum(n % 3 != 0 for n in range(200))
    chance = Random(1)
    for keep_text in (True, False):
        planted = {s: chance.choice([t for t in students if t != s]) for s in chance.sample(students, 20)}
        mixed = [
            record(s, cluster_source(LAB.facts_of(planted[s])), keep_text) if s in planted else h
            for s, h in zip(students, honest, strict=True)
        ]
        named = {r.student: r.remarks for r in with_remarks(LAB, mixed) if r.remarks}
        assert named.keys() == planted.keys()
        assert all(any(repr(planted[s]) in remark for remark in remarks) for s, remarks in named.items())


def test_each_student_gets_their_own_lab_and_the_same_one_twice(tmp_path: Path) -> None:
    students = [Student("ann"), Student("../bob")]
    assert release_variants(ROOT / "solutions", LAB.name, students, tmp_path / "out") == 2
    texts = [path.read_text() for path in sorted((tmp_path / "out").rglob("*.ipynb"))]
    assert len(texts) == 2 and texts[0] != texts[1] and not any("{{" in text for text in texts)
    assert all(path.is_relative_to(tmp_path / "out") for path in tmp_path.rglob("*.ipynb"))
    visible = json.loads((tmp_path / "out" / "ann" / LAB.name / "visible.json").read_text())
    own = LAB.facts_of("ann")
    assert visible["tasks"]["own-cluster"]["cases"] == [[[]], *([[name]] for name in own["up"])]
    assert all(
        f"`{name}` | {p}" in next(t for t in texts if "`" + name + "`" in t and str(p) in t)
        for name, p in own["up"].items()
    )
    release_variants(ROOT / "solutions", LAB.name, students, tmp_path / "again")
    assert [path.read_text() for path in sorted((tmp_path / "again").rglob("*.ipynb"))] == texts


def test_a_lab_without_variants_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quorumlab.grading.release.found", lambda: {"plain": Lab("plain", "Plain", ())})
    with pytest.raises(ReleaseError, match="The lab 'plain' has no variants"):
        release_variants(ROOT / "solutions", "plain", [Student("a")], tmp_path)
