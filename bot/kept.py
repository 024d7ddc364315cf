"""Files that a user's own questions have led to: `fitted.json` (see `fitted`) and `tuned.json` (see `tuned`).

They lie in the index folder beside the generations, so that a rebuild does not lose them.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index.errors import AnswersError, SnapshotDamaged
from index.snapshot.layout import FITTED, TUNED, refuse_foreign, scratch_of

FORMAT_VERSION = 1
_AGAIN = {FITTED: "quoth calibrate QUESTIONS --force", TUNED: "quoth tune QUESTIONS --keep --force"}


def read_kept(folder: Path, name: str) -> dict[str, Any] | None:
    """Index folder and a file's name -> its JSON object, or None where there is none.

    Raises:
        SnapshotDamaged: it is none of ours, of another version, or cut short.
    """
    try:
        entry = json.loads((folder / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(folder, name) from error
    if not isinstance(entry, dict) or entry.get("format_version") != FORMAT_VERSION:
        raise damaged(folder, name)
    return entry


def damaged(folder: Path, name: str) -> SnapshotDamaged:
    """The error of a file that cannot be used, with the remedy."""
    return SnapshotDamaged(f"{folder / name} is damaged, or another version's; run: {_AGAIN[name]}")


def write_kept(folder: Path, name: str, entry: Mapping[str, Any]) -> None:
    """Keeps an object in the place of what was there; the file appears only when it is whole.

    Raises:
        SnapshotForeign: the folder is no index.
        AnswersError: it cannot be written.
    """
    refuse_foreign(folder)
    scratch = folder / scratch_of(name)
    try:
        scratch.write_text(json.dumps({"format_version": FORMAT_VERSION, **entry}) + "\n", encoding="utf-8")
        scratch.replace(folder / name)
    except OSError as error:
        raise AnswersError(f"{folder / name} cannot be written ({error.strerror}); nothing was kept") from error


def forget_kept(folder: Path, name: str) -> bool:
    """Removes it -> whether there was one.

    Raises:
        SnapshotForeign: the folder is no index.
    """
    refuse_foreign(folder)
    was_there = (folder / name).exists()
    (folder / name).unlink(missing_ok=True)
    return was_there


def file_state(file: Path) -> tuple[int, int, int] | None:
    """A file -> what changes when it does: inode, time and size; None where it is not there."""
    try:
        facts = file.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns, facts.st_size
