"""Where what is large lies while an index is being built: in memory, or in files without names, which go by themselves.

In files, memory holds no more than what is just being worked on, and of that no more than there is room for.
"""

import mmap
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import SettingsError
from index.storage import DISK, Disk

# What a build may take of memory, unless it is told otherwise; the least that it can be told.
MEMORY_BYTES, LEAST_BYTES = 2 << 30, 512 << 20
# What the interpreter, its libraries and the model take.
_TAKEN_BYTES = 384 << 20


class NoRoom(OSError):
    """The disk is full, or the folder must not be written; names the folder."""


class Room:
    """Room for arrays that grow a piece at a time."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        prefix: str = "",
        memory_bytes: int = MEMORY_BYTES,
        disk: Disk = DISK,
    ) -> None:
        """Takes where the files lie; None: in memory.

        Args:
            folder: an existing folder.
            prefix: how names begin there, for the moment that files have some on systems that know no files without.
            memory_bytes: what the whole process may take.
            disk: writes.

        Raises:
            SettingsError: that is less than anything can be done with.
        """
        if memory_bytes < LEAST_BYTES:
            raise SettingsError(
                f"{memory_bytes >> 20:,} MB of memory is too little to build an index; expected at least "
                f"{LEAST_BYTES >> 20} MB"
            )
        self._folder, self._prefix, self._disk = folder, prefix, disk
        self._memory_bytes = memory_bytes - _TAKEN_BYTES

    def at_once(self, each_bytes: int) -> int:
        """What one thing takes while it is worked on -> how many may be worked on at a time."""
        return self._memory_bytes // each_bytes

    def array(self, dtype: npt.DTypeLike, columns: int | None = None) -> "Growing":
        """The kind of numbers, and how many a row has -> an array without rows; None: its rows are single numbers.

        Raises:
            NoRoom: the folder must not be written.
        """
        if self._folder is None:
            return _InMemory(dtype, columns)
        with _told(self._folder), tempfile.TemporaryFile(dir=self._folder, prefix=self._prefix) as file:
            return _InFile(dtype, columns, os.dup(file.fileno()), self._folder, self._disk)


class Growing(ABC):
    """An array (n,) or (n, columns) to which rows are added."""

    def __init__(self, dtype: npt.DTypeLike, columns: int | None) -> None:
        """Takes the kind of its rows."""
        self._dtype = np.dtype(dtype)
        self._shape = (-1,) if columns is None else (-1, columns)

    @abstractmethod
    def append(self, rows: npt.NDArray[Any]) -> None:
        """Adds rows, which may be changed afterwards.

        Raises:
            NoRoom: the disk is full.
        """

    @abstractmethod
    def finish(self) -> npt.NDArray[Any]:
        """All rows, to be read; nothing is added any more.

        Raises:
            NoRoom: the file cannot be read.
        """

    def _of(self, data: bytes | mmap.mmap | bytearray) -> npt.NDArray[Any]:
        return np.frombuffer(data, self._dtype).reshape(self._shape)


class _InMemory(Growing):
    def __init__(self, dtype: npt.DTypeLike, columns: int | None) -> None:
        super().__init__(dtype, columns)
        self._bytes = bytearray()

    def append(self, rows: npt.NDArray[Any]) -> None:
        self._bytes += np.ascontiguousarray(rows, self._dtype).data.cast("B") if len(rows) else b""

    def finish(self) -> npt.NDArray[Any]:
        return self._of(self._bytes)


class _InFile(Growing):
    def __init__(self, dtype: npt.DTypeLike, columns: int | None, handle: int, folder: Path, disk: Disk) -> None:
        self._handle, self._folder, self._disk = handle, folder, disk  # first the handle: it is closed whatever fails
        super().__init__(dtype, columns)
        self._n_bytes = 0

    def __del__(self) -> None:
        os.close(self._handle)

    def append(self, rows: npt.NDArray[Any]) -> None:
        if len(rows):
            data = np.ascontiguousarray(rows, self._dtype).data.cast("B")
            with _told(self._folder):
                self._disk.append(self._handle, data)
            self._n_bytes += data.nbytes

    def finish(self) -> npt.NDArray[Any]:
        if not self._n_bytes:
            return self._of(b"")
        with _told(self._folder):  # the mapping keeps the file, and both go when nobody looks at the array any more
            return self._of(mmap.mmap(self._handle, self._n_bytes, access=mmap.ACCESS_READ))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # of what has no name, the system names none
        raise NoRoom(error.errno, error.strerror or str(error), str(folder)) from error
