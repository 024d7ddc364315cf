"""The operations on files: what is flushed is on the disk, as far as the system lets anybody say so."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from index import storage
from index.storage import DISK

FULL = 51


def flush_file(path: Path) -> None:
    """A new file, flushed."""
    file = DISK.create(path / "file")
    try:
        DISK.flush(file)
    finally:
        DISK.close(file)


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What fsync was called for: "fsync" each time."""
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
    return calls


def on_macos(monkeypatch: pytest.MonkeyPatch, calls: list[str], number: int | None = None) -> None:
    """Has `fcntl` know F_FULLFSYNC, which notes its calls and fails with an error number, if one is given."""

    def fcntl(_handle: int, command: int) -> int:
        assert command == FULL
        calls.append("full")
        if number is not None:
            raise OSError(number, os.strerror(number))
        return 0

    monkeypatch.setattr(storage, "fcntl", SimpleNamespace(F_FULLFSYNC=FULL, fcntl=fcntl))


FLUSHES = pytest.mark.parametrize("flush", [flush_file, DISK.flush_folder], ids=["file", "folder"])


@FLUSHES
def test_without_a_better_call_fsync_it_is(
    tmp_path: Path, flushed: list[str], flush: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system has no F_FULLFSYNC, a file and a folder are flushed by fsync."""
    monkeypatch.setattr(storage, "fcntl", SimpleNamespace())
    flush(tmp_path)
    assert flushed == ["fsync"]


@FLUSHES
def test_the_drive_is_told_to_flush_as_well(
    tmp_path: Path, flushed: list[str], flush: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On macOS, where fsync stops at the drive's own memory, a file and a folder are flushed to the medium."""
    on_macos(monkeypatch, flushed)
    flush(tmp_path)
    assert flushed == ["full"]


@FLUSHES
@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOTTY])
def test_a_volume_that_cannot_is_flushed_as_far_as_it_can(
    tmp_path: Path, flushed: list[str], flush: Callable[[Path], None], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that knows no F_FULLFSYNC, such as a network's, is flushed by fsync: a build there goes through."""
    on_macos(monkeypatch, flushed, number)
    flush(tmp_path)
    assert flushed == ["full", "fsync"]


@FLUSHES
def test_a_disk_that_fails_is_said_to(
    tmp_path: Path, flushed: list[str], flush: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk's own is no lack of the call: nothing weaker hides it."""
    on_macos(monkeypatch, flushed, errno.EIO)
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        flush(tmp_path)
    assert flushed == ["full"]
