"""What a learner answered, kept in one small file between sessions.

The file is JSON: ``{"version": 1, "predictions": {id: text}, "checks": {id: attempts}, "exercises": {id: attempts}}``, where
attempts are ``{"correct": true or false, "misses": number}``. It lies in the user's data folder, or where the environment variable QUORUMLAB_PROGRESS points. A course must never fail because of it: a
damaged file is put aside and a folder that cannot be written costs a warning.
"""

import json
import os
import tempfile
import warnings
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

VERSION = 1
SECTIONS = ("predictions", "checks", "exercises")

_unsaved: dict[str, dict[str, Any]] = {}


def progress_path() -> Path:
    """Where progress is kept."""
    chosen = os.environ.get("QUORUMLAB_PROGRESS")
    return (
        Path(chosen).expanduser()
        if chosen
        else user_data_path("quorumlab", appauthor=False) / "progress.json"
    )


def load() -> dict[str, Any]:
    """All that is kept. A file that cannot be understood is renamed to a backup, with a warning, and we start afresh."""
    path = progress_path()
    fresh: dict[str, Any] = {"version": VERSION, **{section: {} for section in SECTIONS}}
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        kept = fresh
    except (OSError, UnicodeDecodeError) as error:
        _put_aside(path, str(error))
        kept = fresh
    else:
        try:
            kept = json.loads(text)
            if not _well_formed(kept):
                raise ValueError("it is not a progress file of this course")
        except (ValueError, RecursionError) as error:
            _put_aside(path, str(error))
            kept = fresh
    for section in SECTIONS:
        kept[section] = {**kept.get(section, {}), **_unsaved.get(section, {})}
    return kept


def _well_formed(kept: Any) -> bool:
    if not isinstance(kept, dict) or kept.get("version") != VERSION:
        return False
    predictions, *attempts = (kept.get(section, {}) for section in SECTIONS)
    if not all(isinstance(section, dict) for section in (predictions, *attempts)):
        return False
    return all(isinstance(answer, str) for answer in predictions.values()) and all(
        isinstance(a, dict) and isinstance(a.get("correct"), bool) and isinstance(a.get("misses"), int)
        for section in attempts
        for a in section.values()
    )


def record(section: str, key: str, value: Any) -> None:
    """Keep one answer: read, change, and replace the file in one step, so that no moment leaves it half written.

    A file that cannot be written costs a warning. Raises TypeError if the value is not JSON.
    """
    kept = load()
    kept[section][key] = value
    text = json.dumps(kept, indent=1, sort_keys=True)
    path = progress_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, text)
        _unsaved.clear()
    except OSError as error:
        _unsaved.setdefault(section, {})[key] = value
        warnings.warn(
            f"Your answer is kept only until this kernel stops, because {path} cannot be written ({error}); "
            "set QUORUMLAB_PROGRESS to a file you may write.",
            stacklevel=2,
        )


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".progress-", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)  # there still is one only if a line above failed


def recall(section: str, key: str) -> Any:
    """One kept answer, or None."""
    return load()[section].get(key)


def reset_progress() -> None:
    """Start the course afresh; the old file stays beside the new one as a backup."""
    _unsaved.clear()
    path = progress_path()
    try:
        if path.exists():
            print(f"Your earlier answers are kept in {_backup(path)}.")
    except OSError as error:
        warnings.warn(
            f"Your earlier answers stay, because {path} cannot be renamed ({error}); "
            "set QUORUMLAB_PROGRESS to another file to start afresh.",
            stacklevel=2,
        )


def _put_aside(path: Path, reason: str) -> None:
    try:
        where = f"it was put aside as {_backup(path)}"
    except OSError:
        where = "it could not be put aside"
    warnings.warn(
        f"The progress file could not be read ({reason}); {where}, and you start afresh.", stacklevel=3
    )


def _backup(path: Path) -> Path:
    number = 1
    while (backup := path.with_name(f"{path.name}.backup-{number}")).exists():
        number += 1
    path.rename(backup)
    return backup
