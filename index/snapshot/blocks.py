"""Mapped files: a digest for each block of 16 KiB, so that what is looked at is verified and the rest is not read.

blocks.sha256   the first 16 bytes of the SHA-256 of every block of every mapped file, in the order of the manifest; it
                is hashed itself when an index is opened
"""

import hashlib
import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

BLOCKS = "blocks.sha256"
# These are read, not mapped: a text is compared with its document's digest, the others are parsed at opening.
HASHED_WHOLE = frozenset({BLOCKS, "notes.json", "texts.utf8"})
BLOCK_BYTES, DIGEST_BYTES = 16_384, 16


def n_blocks(n_bytes: int) -> int:
    """A file's size -> how many blocks it has, the last one perhaps a short one."""
    return -(-n_bytes // BLOCK_BYTES)


def digested(pieces: Iterable[bytes | memoryview], digests: bytearray) -> Iterator[bytes | memoryview]:
    """Pieces of a file -> the same, while the digest of each of its blocks is added to `digests`."""
    rest, n_bytes = hashlib.sha256(), 0
    for piece in pieces:
        if not (view := memoryview(piece)).nbytes:
            continue
        data, at = view.cast("B"), 0
        while at < len(data):
            part = data[at : at + BLOCK_BYTES - n_bytes]
            rest.update(part)
            at, n_bytes = at + len(part), n_bytes + len(part)
            if n_bytes == BLOCK_BYTES:
                digests += rest.digest()[:DIGEST_BYTES]
                rest, n_bytes = hashlib.sha256(), 0
        yield piece
    if n_bytes:
        digests += rest.digest()[:DIGEST_BYTES]


class MappedFile:
    """A file in memory as the system pages it in; each block is verified when something in it is first looked at.

    A file that is written to, or cut short, after it was mapped is refused from then on: no byte beyond its end is
    ever asked for, which would end the process.
    """

    def __init__(self, file: Path, n_bytes: int, digests: bytes, refuse: Callable[[str], NoReturn]) -> None:
        """Takes a file, its size, the digests of its blocks, and what raises SnapshotDamaged, given its name.

        Raises:
            OSError: it cannot be opened, or has another size.
        """
        self._name, self._digests, self._refuse = file.name, digests, refuse
        self._seen = bytearray(n_blocks(n_bytes))
        self._handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self._handle)
        self._as_mapped = status.st_size, status.st_mtime_ns
        if status.st_size != n_bytes:
            refuse(file.name)
        self._bytes = mmap.mmap(self._handle, 0, access=mmap.ACCESS_READ) if n_bytes else b""

    def __del__(self) -> None:
        if (handle := self.__dict__.pop("_handle", None)) is not None:
            os.close(handle)

    def array(self, dtype: str, shape: tuple[int, ...]) -> npt.NDArray[np.generic]:
        """Its bytes as numbers, not verified: for `Stored`, with this as what verifies them."""
        return np.frombuffer(self._bytes, dtype).reshape(shape)

    def verify(self, start: int, stop: int) -> None:
        """Bytes from `start` to `stop` are what was written, and still there, when this returns."""
        self._still_there()
        first, end = start // BLOCK_BYTES, n_blocks(stop)
        block = self._seen.find(0, first, end)
        while block >= 0:
            self._compare(block)
            block = self._seen.find(0, block + 1, end)

    def verify_each(self, starts: npt.NDArray[np.int64], size: int) -> None:
        """The same for `size` bytes from each of the starts."""
        self._still_there()
        if len(starts) and size:
            spread = np.arange(0, size + BLOCK_BYTES - 1, BLOCK_BYTES).clip(max=size - 1)
            blocks = np.unique((starts[:, None] + spread) // BLOCK_BYTES)
            for block in blocks.tolist():
                if not self._seen[block]:
                    self._compare(block)

    def _still_there(self) -> None:
        status = os.fstat(self._handle)
        if (status.st_size, status.st_mtime_ns) != self._as_mapped:
            self._refuse(self._name)

    def _compare(self, block: int) -> None:
        data = self._bytes[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]
        if hashlib.sha256(data).digest()[:DIGEST_BYTES] != self._digests[block * DIGEST_BYTES :][:DIGEST_BYTES]:
            self._refuse(self._name)
        self._seen[block] = 1
