"""Mapped files: what is looked at is verified, and what changed under an open map is refused."""

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SnapshotDamaged
from index.snapshot.blocks import BLOCK_BYTES, DIGEST_BYTES, MappedFile, digested, n_blocks


def refuse(name: str) -> NoReturn:
    raise SnapshotDamaged(name)


def written(file: Path, data: bytes) -> MappedFile:
    """Bytes -> their file, mapped."""
    file.write_bytes(data)
    digests = bytearray()
    assert b"".join(bytes(piece) for piece in digested([data], digests)) == data
    return MappedFile(file, len(data), bytes(digests), refuse)


@given(st.lists(st.integers(0, 3 * BLOCK_BYTES), max_size=6))
@settings(max_examples=30)
def test_digests_do_not_depend_on_the_pieces(sizes: list[int]) -> None:
    """However a file is cut into pieces to be written, its blocks have the same digests, the last one too."""
    data = np.random.default_rng(1).bytes(sum(sizes))
    cuts = np.cumsum([0, *sizes]).tolist()
    pieces = [data[start:stop] for start, stop in pairwise(cuts)]
    one, other = bytearray(), bytearray()
    assert b"".join(bytes(piece) for piece in digested(pieces, one)) == data
    assert b"".join(bytes(piece) for piece in digested([memoryview(data)], other)) == data
    assert one == other
    assert len(one) == DIGEST_BYTES * n_blocks(len(data))


def test_only_what_is_looked_at_is_verified(tmp_path: Path) -> None:
    """A turned bit is found by whoever looks at its block, at both of its ends, and by nobody else."""
    data = np.random.default_rng(2).bytes(5 * BLOCK_BYTES + 7)
    file = tmp_path / "file"
    written(file, data)
    digests = bytearray()
    list(digested([data], digests))
    bad = 2 * BLOCK_BYTES + 5
    file.write_bytes(data[:bad] + bytes([data[bad] ^ 1]) + data[bad + 1 :])
    mapped = MappedFile(file, len(data), bytes(digests), refuse)
    mapped.verify(0, 2 * BLOCK_BYTES)
    mapped.verify(3 * BLOCK_BYTES, len(data))
    mapped.verify_each(np.array([0, 3 * BLOCK_BYTES, len(data) - 9]), 9)
    for start, stop in (
        (2 * BLOCK_BYTES - 1, 2 * BLOCK_BYTES + 1),
        (3 * BLOCK_BYTES - 1, 3 * BLOCK_BYTES),
        (0, len(data)),
    ):
        with pytest.raises(SnapshotDamaged, match="file"):
            mapped.verify(start, stop)
    for start, size in ((2 * BLOCK_BYTES - 1, 2), (0, len(data)), (BLOCK_BYTES - 1, BLOCK_BYTES + 2)):
        with pytest.raises(SnapshotDamaged, match="file"):
            mapped.verify_each(np.array([start]), size)


def cut_short(file: Path) -> None:
    os.truncate(file, 5)


def written_to(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(b"other")
    os.utime(file, (1, 1))  # a clock that is too coarse would not tell


@pytest.mark.parametrize("change", [cut_short, written_to])
def test_what_changes_under_a_map_is_refused(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """A file that is cut short or written to while it is mapped is refused, seen before or not: nobody crashes."""
    mapped = written(tmp_path / "file", bytes(3 * BLOCK_BYTES))
    mapped.verify(0, BLOCK_BYTES)
    change(tmp_path / "file")
    for start in (0, BLOCK_BYTES):
        with pytest.raises(SnapshotDamaged, match="file"):
            mapped.verify(start, start + 1)
    with pytest.raises(SnapshotDamaged, match="file"):
        mapped.verify_each(np.array([0]), 1)


def test_a_removed_file_can_still_be_read(tmp_path: Path) -> None:
    """A builder may remove a file that somebody has mapped."""
    mapped = written(tmp_path / "file", b"abc")
    (tmp_path / "file").unlink()
    mapped.verify(0, 3)
    assert mapped.array("u1", (3,)).tolist() == list(b"abc")


def test_an_empty_file_is_mapped_too(tmp_path: Path) -> None:
    """Nothing can be looked at in it."""
    mapped = written(tmp_path / "file", b"")
    mapped.verify(0, 0)
    assert mapped.array("<i4", (0, 4)).shape == (0, 4)
