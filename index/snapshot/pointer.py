"""`current`: two lines, the living generation's id and the one's before it, or `-` where there is none.

It is replaced as a whole, in one step: that step is what makes a generation current.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from index.errors import SnapshotDamaged, SnapshotForeign, SnapshotMissing, SnapshotUnwritable
from index.snapshot.layout import CURRENT, SCRATCH, rebuilding, refuse_foreign
from index.storage import DISK, Disk, write_file

_FORM = re.compile(r"([0-9a-f]{16})\n(?:([0-9a-f]{16})|-)\n")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which generation is asked, and which one `quoth index --rollback` goes back to."""

    current: str
    previous: str | None = None


def read_pointer(folder: Path) -> Pointer:
    """Index folder -> its pointer.

    Raises:
        SnapshotMissing: there is no index.
        SnapshotForeign: the folder is something else.
        SnapshotDamaged: it is cut short or altered.
    """
    try:
        text = (folder / CURRENT).read_bytes().decode("ascii", "replace")
    except FileNotFoundError:
        refuse_foreign(folder)
        raise SnapshotMissing(f"there is no index in {folder}; {rebuilding(folder)}") from None
    except OSError as error:
        raise SnapshotForeign(f"{folder} is not an index of Quoth's; name another folder with --index") from error
    found = _FORM.fullmatch(text)
    if found is None:
        raise SnapshotDamaged(
            f"the file current of the index in {folder} does not name two generations: it was altered, or written by "
            f"an earlier version of Quoth; {rebuilding(folder)}"
        )
    return Pointer(found[1], found[2])


def current_id(folder: Path) -> str:
    """Index folder -> the id of its living generation.

    Raises:
        SnapshotMissing, SnapshotForeign, SnapshotDamaged: as `read_pointer`.
    """
    return read_pointer(folder).current


def move_pointer(folder: Path, pointer: Pointer, disk: Disk = DISK) -> None:
    """Makes a generation, which is on the disk already, the living one; on the disk when this returns.

    Raises:
        SnapshotUnwritable: it is the living one, but the disk did not confirm that.
        OSError: it is not.
    """
    scratch = folder / SCRATCH
    write_file(scratch, [f"{pointer.current}\n{pointer.previous or '-'}\n".encode()], disk)
    disk.replace(scratch, folder / CURRENT)
    try:
        disk.flush_folder(folder)
    except OSError as error:
        raise SnapshotUnwritable(
            f"{folder} is not yet safe on the disk ({error.strerror or error}); generation {pointer.current} is asked "
            f"already, but a power cut may undo that; look after the disk, then run: sync"
        ) from error
