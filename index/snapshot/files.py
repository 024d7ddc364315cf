"""The files of a generation: nobody sees a byte before its file's size and its own digest are compared."""

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from index.errors import SnapshotDamaged
from index.snapshot.blocks import BLOCKS, DIGEST_BYTES, HASHED_WHOLE, MappedFile, n_blocks
from index.snapshot.layout import index_of, rebuilding
from index.storage import FileFacts
from index.stored import Stored, Strings


def smallest(numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Numbers from 0 -> the same as uint32, or as int64 where one of them does not fit."""
    fits = int(numbers.max(initial=0)) <= np.iinfo(np.uint32).max
    return numbers.astype("<u4" if fits else "<i8", copy=False)


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

    def stored(self, name: str, dtype: str, shape: tuple[int, ...]) -> Stored[Any]:
        """A mapped file's name -> its numbers, of which each block is verified when it is first looked at.

        Raises:
            SnapshotDamaged: it is missing, or has another shape.
        """
        n_bytes = np.dtype(dtype).itemsize * int(np.prod(shape))
        if name not in self._blocks:
            raise SnapshotDamaged(f"the manifest of the index does not know {name}; {self.rebuilding}")
        if n_bytes != self._facts[name].bytes:
            raise SnapshotDamaged(f"{name} of the index does not hold {shape} numbers; {self.rebuilding}")
        try:
            mapped = MappedFile(self.folder / name, n_bytes, self._blocks[name], self._refuse_altered)
        except OSError as error:
            raise SnapshotDamaged(
                f"{name} of the index cannot be read ({error.strerror}); {self.rebuilding}"
            ) from error
        return Stored(mapped.array(dtype, shape), mapped)

    def counts(self, name: str, count: int) -> Stored[Any]:
        """A mapped file's name -> so many numbers, as `smallest` gave them; errors as `stored`."""
        return self.stored(name, "<u4" if self.size(name) == 4 * count else "<i8", (count,))

    def size(self, name: str) -> int:
        """A file's name -> how many bytes it has by the manifest; 0 where that does not know it."""
        return self._facts[name].bytes if name in self._facts else 0

    def strings(self, text: str, starts: str, count: int) -> Strings:
        """Names of two mapped files -> the strings in them; errors as `stored`."""
        n_bytes = self.size(text)
        return Strings(self.stored(text, "u1", (n_bytes,)), self.starts(starts, count, n_bytes))

    def starts(self, name: str, count: int, end: int) -> Stored[Any]:
        """A mapped file's name -> where each of so many things begins, and where the last ends; errors as `stored`."""
        starts = self.counts(name, count + 1)
        if starts.part(count, count + 1).tolist() != [end]:
            raise SnapshotDamaged(f"{name} of the index does not end at {end}; {self.rebuilding}")
        return starts

    @cached_property
    def _blocks(self) -> Mapping[str, bytes]:
        """Each mapped file's name -> the digests of its blocks."""
        data, at, blocks = self.read(BLOCKS), 0, {}
        for name in self._facts:
            if name in HASHED_WHOLE:
                continue
            end = at + DIGEST_BYTES * n_blocks(self._facts[name].bytes)
            blocks[name] = data[at:end]
            at = end
        if at != len(data):
            raise SnapshotDamaged(f"{BLOCKS} of the index does not fit its files; {self.rebuilding}")
        return blocks

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
            self._refuse_altered(name)

    def _refuse_altered(self, name: str) -> NoReturn:
        raise SnapshotDamaged(f"{name} of the index was altered since it was built; {self.rebuilding}")
