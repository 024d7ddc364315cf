"""Who holds what: a hold is on the folder that lies under its name, or there is none."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

from index.locks import hold, nobody_holds


def taken(folder: Path) -> None:
    """What a builder does that removes a generation."""
    folder.rename(folder.with_name(".old-0"))


def replaced(folder: Path) -> None:
    """What a builder does that puts a sound generation in a damaged one's place."""
    taken(folder)
    folder.mkdir()


@pytest.mark.parametrize("meanwhile", [taken, replaced])
def test_a_folder_that_is_no_longer_there_is_not_held(
    tmp_path: Path, meanwhile: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a builder takes away between a reader's opening it and locking it is gone for the reader, and free."""
    folder = tmp_path / "generation"
    folder.mkdir()
    flock = fcntl.flock

    def late(handle: int, operation: int) -> None:
        meanwhile(folder)
        flock(handle, operation)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", late)
        with pytest.raises(FileNotFoundError):
            hold(folder)
    with nobody_holds(tmp_path / ".old-0") as is_free:
        assert is_free


def test_a_folder_that_stays_is_held(tmp_path: Path) -> None:
    """A hold lasts as long as it lives, and no longer."""
    held = hold(tmp_path)
    with nobody_holds(tmp_path) as is_free:
        assert not is_free
    del held
    with nobody_holds(tmp_path) as is_free:
        assert is_free
