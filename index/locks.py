"""Who builds, and who reads: locks that the system itself takes back from a process that dies.

One builder at a time holds `lock` in the index folder. A reader holds the generation that it reads, and many may hold
the same; a generation is removed only by the builder, and only when nobody holds it. Both are `flock` locks: they need
a file system that has them, as every local one does.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class Hold:
    """A generation's folder that nobody removes while this lives."""

    def __init__(self, handle: int) -> None:
        """Takes over the open, locked folder."""
        self._handle = handle

    def __del__(self) -> None:
        os.close(self._handle)


def hold(folder: Path) -> Hold:
    """A generation's folder -> a hold on it.

    Raises:
        FileNotFoundError: it is not there, or was removed just now.
        OSError: it cannot be opened.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    held = Hold(handle)
    fcntl.flock(handle, fcntl.LOCK_SH)  # waits at most until a builder has removed it
    if not os.path.samestat(os.fstat(handle), folder.stat()):
        raise FileNotFoundError(folder)
    return held


@contextmanager
def nobody_holds(folder: Path) -> Iterator[bool]:
    """A generation's folder -> whether nobody reads it; where that is so, nobody begins to before this ends.

    A file in a folder's place is read by nobody.
    """
    if not folder.is_dir():
        yield True
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


@contextmanager
def only_builder(file: Path, waiting: Callable[[], object]) -> Iterator[None]:
    """A lock file, made if missing -> the right to write the index; `waiting` is called once if another has it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
