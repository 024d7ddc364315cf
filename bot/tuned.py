"""`tuned.json`: how an index is searched, as `quoth tune --keep` found it best."""

from dataclasses import asdict, dataclass
from pathlib import Path

from bot.kept import damaged, read_kept, write_kept
from index.doctor import Finding
from index.errors import SnapshotDamaged
from index.search import SearchSettings
from index.snapshot.layout import TUNED


@dataclass(frozen=True, slots=True)
class KeptSearch:
    """Settings, and on which questions they were tuned, in words."""

    search: SearchSettings
    tuned_on: str

    @property
    def note(self) -> str:
        """What an answer says of it."""
        return f"How passages are searched was tuned on {self.tuned_on}."


def read_search(folder: Path) -> KeptSearch | None:
    """Index folder -> what was tuned for it, or None where nothing was.

    Raises:
        SnapshotDamaged: the file is none of ours, or cut short.
    """
    entry = read_kept(folder, TUNED)
    if entry is None:
        return None
    entry = {"term_percent": SearchSettings().term_percent, **entry}  # which an earlier version did not know
    numbers = {name: number for name in SearchSettings.__slots__ if type(number := entry.get(name)) is int}
    if len(numbers) < len(SearchSettings.__slots__) or min(numbers.values()) <= 0:
        raise damaged(folder, TUNED)
    return KeptSearch(SearchSettings(**numbers), str(entry.get("tuned_on")))


def write_search(folder: Path, kept: KeptSearch) -> None:
    """Keeps it with the index; errors as `write_kept`."""
    write_kept(folder, TUNED, {**asdict(kept.search), "tuned_on": kept.tuned_on})


def examine_search(folder: Path) -> Finding | None:
    """Index folder -> what `quoth doctor` says of it; None where nothing was tuned."""
    try:
        kept = read_search(folder)
    except SnapshotDamaged as error:
        return Finding(TUNED, str(error))
    return None if kept is None else Finding(f"{TUNED}: search tuned on {kept.tuned_on}")
