"""The names in an index folder, and what is no part of one."""

import re
from contextlib import suppress
from pathlib import Path
from shlex import quote

from index.errors import SnapshotForeign

CURRENT, LOCK, GENERATIONS = "current", "lock", "generations"
# The pointer while it is written; left over only by a builder that died.
SCRATCH = ".current-new"
# What whoever asks has fitted for this index: never read here, kept by every build.
FITTED, TUNED = "fitted.json", "tuned.json"
# What an earlier version called it by: the generation that it was to name.
_SCRATCHES = re.compile(rf"{re.escape(SCRATCH)}|\.current-[0-9a-f]{{16}}")
# A generation that is being written, and one that is being removed: whoever finds one finds what a builder left that
# died, or that somebody still reads.
NEW, OLD = ".new-", ".old-"
# The index folder where none is named.
DEFAULT_FOLDER = Path(".quoth")
_IN_GENERATIONS = re.compile(r"[0-9a-f]{16}|\.(?:new|old)-.*")

# What systems leave in any folder that somebody has looked into, shares or synchronises: no part of an index, and no
# sign that the folder is another's.
_STRAY = re.compile(
    r"\.DS_Store|\._.*|\.localized|Icon\r|Thumbs\.db|desktop\.ini|\.directory|\.nfs[0-9a-f]+|\.fuse_hidden.*"
    r"|\.(?:Spotlight-V100|Trashes|fseventsd|TemporaryItems|stfolder)|lost\+found|System Volume Information",
    re.IGNORECASE,
)


def generation_of(folder: Path, id: str) -> Path:
    """Index folder and a generation's id -> its folder."""
    return folder / GENERATIONS / id


def index_of(generation: Path) -> Path:
    """A generation's folder -> the index folder that it lies in."""
    return generation.parent.parent


def at_index(folder: Path) -> str:
    """Index folder -> what is added to a command, to have it take that one: nothing where it does so anyway."""
    return f" --index {quote(str(folder))}" if folder != DEFAULT_FOLDER else ""


def rebuilding(folder: Path) -> str:
    """Index folder -> what to do where it cannot be used."""
    return f"run: quoth index FOLDER{at_index(folder)}"


def generations_in(folder: Path) -> list[Path]:
    """Index folder -> its generations, and what builders left of some, by name; none where there are none.

    Raises:
        OSError: the folder cannot be read.
    """
    try:
        entries = sorted((folder / GENERATIONS).iterdir())
    except FileNotFoundError:
        return []
    return [entry for entry in entries if _IN_GENERATIONS.fullmatch(entry.name)]


def scratch_of(kept: str) -> str:
    """The name of `FITTED` or `TUNED` -> the name that it has while it is written."""
    return f".{kept}-new"


def scratches_in(folder: Path) -> list[Path]:
    """Index folder -> the pointers in it that a builder was writing when it died, by name.

    Raises:
        OSError: the folder cannot be read.
    """
    return [entry for entry in sorted(folder.iterdir()) if _SCRATCHES.fullmatch(entry.name)]


def refuse_foreign(folder: Path) -> None:
    """Nothing is ever written into, or removed from, a folder that is not an index.

    Raises:
        SnapshotForeign: it is a file, cannot be read, or holds something that is no part of an index.
    """
    try:
        _refuse_strangers(folder)
    except OSError as error:
        raise SnapshotForeign(
            f"{folder} cannot be read ({error.strerror}); let this user read it, or name another folder with --index"
        ) from error


def _refuse_strangers(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise SnapshotForeign(f"{folder} is a file; name a folder with --index")
    if folder.is_dir():
        generations = folder / GENERATIONS
        ours = {CURRENT, LOCK, GENERATIONS, FITTED, TUNED, scratch_of(FITTED), scratch_of(TUNED)}
        strangers = [
            entry.name
            for entry in folder.iterdir()
            if entry.name not in ours and not _SCRATCHES.fullmatch(entry.name) and not _STRAY.fullmatch(entry.name)
        ]
        if (folder / CURRENT).is_dir():
            strangers.append("a folder current")
        if generations.is_dir():
            with suppress(FileNotFoundError):
                strangers += [
                    f"{GENERATIONS}/{entry.name}"
                    for entry in generations.iterdir()
                    if not _IN_GENERATIONS.fullmatch(entry.name) and not _STRAY.fullmatch(entry.name)
                ]
        elif generations.exists():
            strangers.append("a file generations")
        if strangers:
            raise SnapshotForeign(
                f"{folder} holds {min(strangers)}, which is no part of an index; name another folder with --index"
            )
