"""The operations on files that writing an index takes. Only `locks` writes too: the empty lock file.

What must survive a power cut is flushed by whoever writes it: a file's bytes with `flush`, the names in a folder with
`flush_folder`. Tests give another `Disk`, which records, fails, or forgets what was not flushed.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# What a file system says that knows no F_FULLFSYNC.
_UNKNOWN = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOTTY}


class Disk:
    """The file system as it is."""

    def make_folder(self, path: Path) -> None:
        """A new folder."""
        path.mkdir()

    def create(self, path: Path) -> int:
        """A new, empty file -> a handle to write to it."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)

    def append(self, file: int, data: bytes | memoryview) -> None:
        """Writes all of the bytes, which the system may take in portions."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]

    def flush(self, file: int) -> None:
        """Forces a file's bytes to the disk."""
        _flush(file)

    def close(self, file: int) -> None:
        """Gives the handle back."""
        os.close(file)

    def flush_folder(self, path: Path) -> None:
        """Forces the names in a folder to the disk."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            _flush(handle)
        finally:
            os.close(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Gives a file or folder another name in one step; a file there is replaced, an empty folder too."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Removes a file."""
        path.unlink()

    def remove_folder(self, path: Path) -> None:
        """Removes an empty folder."""
        path.rmdir()


def _flush(handle: int) -> None:
    """An open file or folder -> it is on the disk, as far as the file system can see to that."""
    if hasattr(fcntl, "F_FULLFSYNC"):  # macOS: its fsync leaves them in the drive's own memory
        try:
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
        else:
            return
    os.fsync(handle)


DISK = Disk()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file must be: its size and the hex digest of its bytes."""

    bytes: int
    sha256: str


def write_file(path: Path, pieces: Iterable[bytes | memoryview], disk: Disk = DISK) -> FileFacts:
    """Pieces, one after another -> a new file, flushed; returns what it is.

    Raises:
        OSError: it exists, or cannot be written; names the file.
    """
    digest, size = hashlib.sha256(), 0
    try:
        file = disk.create(path)
        try:
            for piece in pieces:
                if (view := memoryview(piece)).nbytes:
                    data = view.cast("B")
                    disk.append(file, data)
                    digest.update(data)
                    size += data.nbytes
            disk.flush(file)
        finally:
            disk.close(file)
    except OSError as error:  # of what is written to a handle, the system names no file
        error.filename = error.filename or str(path)
        raise
    return FileFacts(size, digest.hexdigest())


def remove_all(path: Path, disk: Disk = DISK) -> None:
    """A file or folder that is there, with all in it -> nothing. Links are removed, not followed."""
    if path.is_dir() and not path.is_symlink():
        for entry in sorted(path.iterdir()):
            remove_all(entry, disk)
        disk.remove_folder(path)
    else:
        disk.remove(path)
