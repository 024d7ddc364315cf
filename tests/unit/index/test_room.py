"""Room for what is large: the same arrays in memory and in files, and nothing left behind."""

import gc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SettingsError
from index.room import LEAST_BYTES, MEMORY_BYTES, NoRoom, Room
from index.storage import Disk

PARTS = st.lists(st.integers(0, 40), max_size=6)


@given(PARTS, st.sampled_from(["u1", "<i4", "<f4"]), st.sampled_from([None, 1, 3]))
@settings(max_examples=60)
def test_an_array_is_what_was_added(parts: list[int], dtype: str, columns: int | None) -> None:
    """However many pieces it comes in, in files as in memory: all rows in order, of that kind and shape."""
    chance = np.random.default_rng(len(parts))
    rows = [chance.integers(0, 99, (n,) if columns is None else (n, columns)).astype(dtype) for n in parts]
    empty = np.empty((0,) if columns is None else (0, columns), dtype)
    for room in (Room(), Room(Path("/tmp"))):  # noqa: S108 - any folder: the files have no names
        growing = room.array(dtype, columns)
        for part in rows:
            growing.append(part)
        found = growing.finish()
        assert found.dtype == np.dtype(dtype)
        np.testing.assert_array_equal(found, np.concatenate([empty, *rows]))


def test_what_is_added_may_be_changed_afterwards() -> None:
    """In memory, too, the rows are copied."""
    growing, rows = Room().array("u1"), np.arange(3, dtype=np.uint8)
    growing.append(rows)
    rows += 7
    assert growing.finish().tolist() == [0, 1, 2]


def test_files_leave_nothing_behind(tmp_path: Path) -> None:
    """They have no names, and neither handle nor map of them outlives whoever looks at the array."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    growing = Room(tmp_path).array("<i4")
    growing.append(np.arange(100_000, dtype=np.int32))
    found = growing.finish()
    assert not list(tmp_path.iterdir())
    assert int(found.sum()) == 99_999 * 50_000
    del growing, found
    gc.collect()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert str(tmp_path) not in Path("/proc/self/maps").read_text("ascii", "replace")


def test_a_full_disk_names_the_folder(tmp_path: Path) -> None:
    """Whatever the system says, the error names where there is no room."""

    class Full(Disk):
        def append(self, *_: object) -> None:
            raise OSError(28, "No space left on device")

    growing = Room(tmp_path, disk=Full()).array("u1")
    with pytest.raises(NoRoom, match="No space left") as told:
        growing.append(np.zeros(3, np.uint8))
    assert told.value.filename == str(tmp_path)
    with pytest.raises(NoRoom, match="No such file"):
        Room(tmp_path / "none").array("u1")


def test_what_is_worked_on_fits_what_may_be_taken() -> None:
    """More memory, more at a time; all of it with what a process takes anyway stays below; too little is refused."""
    for memory in (LEAST_BYTES, MEMORY_BYTES, 1 << 36):
        n = Room(memory_bytes=memory).at_once(200)
        assert 0 < n * 200 < memory
    assert Room(memory_bytes=1 << 33).at_once(200) > Room().at_once(200) > Room(memory_bytes=LEAST_BYTES).at_once(200)
    with pytest.raises(SettingsError, match=r"511 MB of memory is too little .* expected at least 512 MB"):
        Room(memory_bytes=LEAST_BYTES - 1)
