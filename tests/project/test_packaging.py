"""The ways in: environment.yml says what pyproject.toml says, the locks satisfy both, and nothing names an index or a machine."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
CONDA_NAMES = {"matplotlib-base": "matplotlib"}
ONLY_CONDA = {"python", "pip"}
# Split, so that this file does not name what it looks for.
FORBIDDEN = "|".join(
    ["py" + r"pi\.org", "python" + "hosted", r"registry\.n" + r"pmjs", r"deb\.deb" + r"ian\.org"]
)
OWN_PATHS = re.compile(r"(?<![\w.])/(work|farm|root|home)/")


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def requirements(*texts: str) -> dict[str, Requirement]:
    return {canonicalize_name(r.name): r for r in map(Requirement, texts)}


def learners() -> dict[str, Requirement]:
    return requirements(*project()["project"]["dependencies"])


def declared() -> dict[str, Requirement]:
    extras = project()["project"]["optional-dependencies"]
    groups = project()["dependency-groups"]
    return learners() | requirements(*extras["test"], *extras["grading"], *extras["dask"], *groups["build"])


def conda() -> dict[str, Requirement]:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    found = requirements(*(entry for entry in listed if isinstance(entry, str)))
    for entry in listed:
        if isinstance(entry, dict):
            found |= requirements(*entry["pip"])
    return {CONDA_NAMES.get(name, name): spec for name, spec in found.items()}


def locked(lock: str) -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE
    ):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("this copy of the project is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_conda_users_get_all_that_learners_need_and_nbval() -> None:
    assert set(learners()) | {"nbval"} <= set(conda())


def test_conda_and_pip_ask_for_the_same_versions() -> None:
    ours = declared()
    for name, spec in conda().items():
        if name in ONLY_CONDA:
            continue
        assert name in ours, f"{name} is in environment.yml and not in pyproject.toml"
        assert spec.specifier == ours[name].specifier, name
    assert conda()["python"].specifier.contains("3.11") and not conda()["python"].specifier.contains("3.10")


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [("requirements.txt", learners), ("requirements-dev.txt", declared)],
    ids=["lab", "dev"],
)
def test_every_locked_version_satisfies_what_is_declared(lock: str, wanted) -> None:
    versions = locked(lock)
    for name, spec in wanted().items():
        assert name in versions, f"{name} is missing from {lock}; run make lock"
        for version in versions[name]:
            assert spec.specifier.contains(version), f"{name}=={version} in {lock} is not {spec}"


def test_every_locked_package_has_hashes_and_dev_extends_lab() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        for block in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / lock).read_text().split("\n", 2)[2]):
            assert "--hash=sha256:" in block, block.splitlines()[0]
    lab, dev = locked("requirements.txt"), locked("requirements-dev.txt")
    assert all(dev[name] == versions for name, versions in lab.items())


def test_nothing_committed_names_a_package_index_or_a_folder_of_one_machine() -> None:
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not re.search(FORBIDDEN, text), f"{path.name} names a package index"
        assert not OWN_PATHS.search(text), f"{path.name} names a folder of this machine"


def test_relative_links_lead_somewhere() -> None:
    for path in tracked():
        if path.suffix not in {".md", ".ipynb"}:
            continue
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8").replace('\\"', '"')):
            if re.match(r"[a-z]+:", target):
                continue
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"
