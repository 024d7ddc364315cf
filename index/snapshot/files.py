"""The files of a generation: nobody sees a byte of one before its size and sha256 have been compared."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.errors import SnapshotDamaged
from index.snapshot.layout import index_of, rebuilding
from index.storage import FileFacts


class Files:
    """The files of one generation, as its manifest describes them."""

    def __init__(self, folder: Path, facts: Mapping[str, FileFacts]) -> None:
        """Takes a generation's folder and what its files must be."""
        self.folder = folder
        self.rebuilding = rebuilding(index_of(folder))
        self._facts = facts

    @property
    def names(self) -> list[str]:
        """The files' names."""
        return list(self._facts)

    def check_sizes(self) -> None:
        """Compares every file's size: what an opening looks at that reads nothing.

        Raises:
            SnapshotDamaged: a file is missing, or has another size.
        """
        for name in self._facts:
            self.check_size(name)

    def check_size(self, name: str) -> None:
        """Compares a file's size.

        Raises:
            SnapshotDamaged: it is missing, or has another size.
        """
        file = self.folder / name
        try:
            size = file.stat().st_size if file.is_file() else -1
        except OSError:
            size = -1
        if size < 0:
            raise SnapshotDamaged(f"the index lacks {name}; {self.rebuilding}")
        expected = self._facts[name].bytes
        if size != expected:
            raise SnapshotDamaged(f"{name} of the index has {size} bytes, expected {expected}; {self.rebuilding}")

    def read(self, name: str) -> bytes:
        """A file's name -> its bytes, verified.

        Raises:
            SnapshotDamaged: it is missing, cut short or altered.
        """
        if name not in self._facts:
            raise SnapshotDamaged(f"the manifest of the index does not know {name}; {self.rebuilding}")
        try:
            data = (self.folder / name).read_bytes()
        except OSError as error:
            raise SnapshotDamaged(
                f"{name} of the index cannot be read ({error.strerror}); {self.rebuilding}"
            ) from error
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def array(self, name: str, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
        """A file's name -> its bytes, verified, as a read-only array.

        Raises:
            SnapshotDamaged: as `read`, or it has another shape.
        """
        data = self.read(name)
        if len(data) != np.dtype(dtype).itemsize * int(np.prod(shape)):
            raise SnapshotDamaged(f"{name} of the index does not hold {shape} numbers; {self.rebuilding}")
        return np.frombuffer(data, dtype).reshape(shape)

    def verify(self, name: str) -> None:
        """Compares a file's size and hash, however large it is.

        Raises:
            SnapshotDamaged: it is missing, cut short or altered.
        """
        self.check_size(name)
        try:
            with (self.folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise SnapshotDamaged(
                f"{name} of the index cannot be read ({error.strerror}); {self.rebuilding}"
            ) from error
        self._compare(name, found)

    def _compare(self, name: str, sha256: str) -> None:
        if sha256 != self._facts[name].sha256:
            raise SnapshotDamaged(f"{name} of the index was altered since it was built; {self.rebuilding}")
