"""The names in an index folder, and what is no part of one."""

import re
from contextlib import suppress
from pathlib import Path

from index.errors import SnapshotForeign

CURRENT, LOCK, GENERATIONS = "current", "lock", "generations"
# The pointer while it is written; left over only by a builder that died.
SCRATCH = ".current-new"
# A generation that is being written, and one that is being removed: whoever finds one finds what a builder left that
# died, or that somebody still reads.
NEW, OLD = ".new-", ".old-"
REBUILD = "run: quoth index FOLDER"
_IN_GENERATIONS = re.compile(r"[0-9a-f]{16}|\.(?:new|old)-.*")


def generation_of(folder: Path, id: str) -> Path:
    """Index folder and a generation's id -> its folder."""
    return folder / GENERATIONS / id


def refuse_foreign(folder: Path) -> None:
    """Nothing is ever written into, or removed from, a folder that is not an index.

    Raises:
        SnapshotForeign: it is a file, or holds something that is no part of an index.
    """
    if folder.exists() and not folder.is_dir():
        raise SnapshotForeign(f"{folder} is a file; name a folder with --index")
    if folder.is_dir():
        generations = folder / GENERATIONS
        ours = {CURRENT, SCRATCH, LOCK, GENERATIONS}
        # Names that an earlier version gave the pointer while it was written.
        strangers = [e.name for e in folder.iterdir() if e.name not in ours and not e.name.startswith(".current-")]
        if generations.is_dir():
            with suppress(FileNotFoundError):
                strangers += [
                    f"{GENERATIONS}/{entry.name}"
                    for entry in generations.iterdir()
                    if not _IN_GENERATIONS.fullmatch(entry.name)
                ]
        elif generations.exists():
            strangers.append("a file generations")
        if strangers:
            raise SnapshotForeign(
                f"{folder} holds {min(strangers)}, which is no part of an index; name another folder with --index"
            )
