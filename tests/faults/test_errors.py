"""A disk that is full or broken, from any operation on: the old index stands, one line says so, a build heals."""

import errno
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from index.errors import SnapshotMissing, SnapshotUnwritable
from index.snapshot import builder_of, roll_back, settle, write_snapshot
from index.storage import Disk
from tests.faults.worlds import QuickDisk, World, leftovers, world_in

ONE, TWO, THREE = World("Ada"), World("Boole"), World("Curie")


class FailingDisk(QuickDisk):
    """Fails at the n-th operation (from 0), or from there on; a write that fails has written half."""

    def __init__(self, n: int, number: int, *, lasting: bool) -> None:
        self._left = n
        self._number = number
        self._lasting = lasting
        self.failed = False

    def _step(self) -> bool:
        fails = self._left <= 0 if self._lasting else self._left == 0
        self._left -= 1
        self.failed |= fails
        return fails

    def _error(self, path: Path | None = None) -> OSError:
        return OSError(self._number, os.strerror(self._number), *([str(path)] if path is not None else []))

    def make_folder(self, path: Path) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error(path)
        super().make_folder(path)

    def create(self, path: Path) -> int:
        """Fails, or is done."""
        if self._step():
            raise self._error(path)
        return super().create(path)

    def append(self, file: int, data: bytes | memoryview) -> None:
        """Fails half-way, or is done."""
        if self._step():
            super().append(file, bytes(data)[: len(data) // 2])
            raise self._error()
        super().append(file, data)

    def flush(self, file: int) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error()
        super().flush(file)

    def flush_folder(self, path: Path) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error(path)
        super().flush_folder(path)

    def replace(self, source: Path, target: Path) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error(source)
        super().replace(source, target)

    def remove(self, path: Path) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error(path)
        super().remove(path)

    def remove_folder(self, path: Path) -> None:
        """Fails, or is done."""
        if self._step():
            raise self._error(path)
        super().remove_folder(path)


def build(index: Path, disk: Disk) -> object:
    return write_snapshot(index, THREE.contents, {}, disk)


def back(index: Path, disk: Disk) -> object:
    return roll_back(index, disk=disk)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("lasting", ["once", "from there on"])
@pytest.mark.parametrize(
    ("there", "act", "old", "new"),
    [((), build, "none", "Curie"), ((ONE, TWO), build, "Boole", "Curie"), ((ONE, TWO), back, "Boole", "Ada")],
)
def test_every_failing_operation_leaves_old_or_new(  # noqa: PLR0917 - by name, from above
    tmp_path: Path,
    there: tuple[World, ...],
    act: Callable[[Path, Disk], object],
    old: str,
    new: str,
    lasting: str,
    number: int,
) -> None:
    """Whichever operation fails, once or for good, one line says which the index is, old or new; and it heals.

    Where nothing is said the new one is asked: an error that is swallowed would be found out here.
    """
    seen = set()
    n = 0
    while True:
        index = tmp_path / str(n) / "index"
        index.parent.mkdir()
        for earlier in there:
            write_snapshot(index, earlier.contents, {}, QuickDisk())
        disk = FailingDisk(n, number, lasting=lasting != "once")
        said = attempt(partial(act, index, disk))
        if not disk.failed:
            break
        try:
            world = world_in(index)
        except SnapshotMissing:
            world = "none"
        seen.add(world)
        if said is None:  # only clearing away failed
            assert world == new
        else:
            assert os.strerror(number) in said
            assert "\n" not in said
            stands = "there is nothing to ask" if old == "none" else f"what {index} held can still be asked"
            assert ("is asked already" if world == new else stands) in said
        write_snapshot(index, ONE.contents, {}, QuickDisk())
        assert world_in(index) == "Ada"
        assert leftovers(index) == []
        n += 1
    assert seen == {old, new}
    assert n > 4


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_where_nothing_has_changed_no_error_costs_anything(tmp_path: Path, number: int) -> None:
    """Whichever operation fails when only litter is to go, the index answers on; what matters of it is said."""
    index = tmp_path / "index"
    said = []
    n = 0
    while True:
        for world in (ONE, TWO):
            write_snapshot(index, world.contents, {}, QuickDisk())
        (index / "generations" / ".new-0").mkdir()
        (index / "generations" / ("0" * 16)).mkdir()
        disk = FailingDisk(n, number, lasting=False)

        def act(disk: Disk = disk) -> None:
            with builder_of(index, disk=disk):
                settle(index, disk)

        said.append(attempt(act))
        assert world_in(index) == "Boole"
        if not disk.failed:
            break
        n += 1
    # Before the lock's holder may go on, and where the pointer is flushed; not where an old generation stays for once.
    assert [line is not None and os.strerror(number) in line for line in said] == [True, True, False, False, False]


def attempt(act: Callable[[], object]) -> str | None:
    """What is said of a failure; None where nothing is."""
    try:
        act()
    except SnapshotUnwritable as error:
        return str(error)
    return None
