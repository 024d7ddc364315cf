"""A log of operations on files -> states in which a power cut may leave the disk, at every point of the log.

The model is the strictest that POSIX allows, and stricter than any one file system. Until a file is flushed each of its
writes may be lost, wholly or in part, or leave zeros. Until a folder is flushed each change to its names may be lost or
kept, whatever becomes of the others; one rename is one change, which happens or does not, or two, one in each folder.

Of all that this allows, these are enumerated. Of the changes to names: none; all; of one folder's, one alone, or the
first few, with none or all of the other folders' changes, or all but one, with all of the others'. Of the unflushed
writes, in every file alike: nothing, all, the first half, or zeros. Not that some files lose theirs while others keep
them, nor other mixtures.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from index.storage import Disk

Operation = tuple[str, Path, Path | bytes | None]


class RecordingDisk(Disk):
    """Does all but wait for the disk, and notes what it does; `forgets` names an operation that it does not note."""

    def __init__(self, forgets: str = "") -> None:
        self.log: list[Operation] = []
        self._paths: dict[int, Path] = {}
        self._forgets = forgets

    def make_folder(self, path: Path) -> None:
        """Done and noted."""
        super().make_folder(path)
        self.log.append(("make_folder", path, None))

    def create(self, path: Path) -> int:
        """Done and noted."""
        file = super().create(path)
        self._paths[file] = path
        self.log.append(("create", path, None))
        return file

    def append(self, file: int, data: bytes | memoryview) -> None:
        """Done and noted."""
        super().append(file, data)
        self.log.append(("append", self._paths[file], bytes(data)))

    def flush(self, file: int) -> None:
        """Done and noted."""
        if self._forgets != "flush":
            self.log.append(("flush", self._paths[file], None))

    def flush_folder(self, path: Path) -> None:
        """Done and noted."""
        if self._forgets != "flush_folder":
            self.log.append(("flush_folder", path, None))

    def replace(self, source: Path, target: Path) -> None:
        """Done and noted."""
        super().replace(source, target)
        self.log.append(("replace", source, target))

    def remove(self, path: Path) -> None:
        """Done and noted."""
        super().remove(path)
        self.log.append(("remove", path, None))

    def remove_folder(self, path: Path) -> None:
        """Done and noted."""
        super().remove_folder(path)
        self.log.append(("remove", path, None))


@dataclass(eq=False)
class File:
    """Bytes on the disk, and writes that are not yet there."""

    safe: bytes = b""
    pending: bytes = b""


@dataclass(eq=False)
class Folder:
    """Names as they are, names on the disk, and changes that are not yet there, in order."""

    now: dict[str, "File | Folder"] = field(default_factory=dict)
    safe: dict[str, "File | Folder"] = field(default_factory=dict)
    pending: list[dict[str, "File | Folder | None"]] = field(default_factory=list)

    def change(self, names: dict[str, "File | Folder | None"]) -> None:
        """Some names, all at once."""
        self.pending.append(names)
        _apply(self.now, names)


# A state of the disk: a relative path -> the file's bytes, or None for a folder.
State = tuple[tuple[str, bytes | None], ...]


class Replay:
    """A disk in memory, beginning as a real folder with everything flushed."""

    def __init__(self, root: Path) -> None:
        self._root_path = root
        self._root = _read(root)

    def do(self, operation: Operation) -> None:
        """One operation of the log."""
        name, path, more = operation
        if name == "flush_folder":
            flushed = self._at(path)
            flushed.safe, flushed.pending = dict(flushed.now), []
            return
        folder, last = self._at(path.parent), path.name
        if name == "make_folder":
            folder.change({last: Folder()})
        elif name == "create":
            folder.change({last: File()})
        elif name == "append":
            assert isinstance(more, bytes)
            self._file(path).pending += more
        elif name == "flush":
            file = self._file(path)
            file.safe, file.pending = file.safe + file.pending, b""
        elif name == "replace":
            assert isinstance(more, Path)
            if more.parent == path.parent:
                folder.change({last: None, more.name: folder.now[last]})
            else:  # a change in each folder, of which either may be lost
                self._at(more.parent).change({more.name: folder.now[last]})
                folder.change({last: None})
        else:
            folder.change({last: None})

    def states(self) -> set[State]:
        """The states, of those enumerated above, in which the disk may be found if the power goes now."""
        found = set()
        for names in self._choices():
            for data in ("none", "all", "torn", "zeros"):
                found.add(tuple(_materialise(self._root, "", names, data)))
        return found

    def _choices(self) -> Iterator[dict[int, list[int]]]:
        """For each folder with changes pending, by its identity: which of them reach the disk."""
        folders = [folder for folder in _folders(self._root) if folder.pending]
        every = {id(folder): list(range(len(folder.pending))) for folder in folders}
        yield {}
        yield every
        for key, changes in every.items():
            for number in changes:
                yield {key: [number]}
                yield {key: changes[: number + 1]}
                yield {**every, key: changes[: number + 1]}
                yield {**every, key: [other for other in changes if other != number]}

    def _at(self, path: Path) -> Folder:
        folder = self._root
        for part in path.relative_to(self._root_path).parts:
            inner = folder.now[part]
            assert isinstance(inner, Folder)
            folder = inner
        return folder

    def _file(self, path: Path) -> File:
        file = self._at(path.parent).now[path.name]
        assert isinstance(file, File)
        return file


def crashes(log: list[Operation], before: Path) -> Iterator[tuple[int, set[State]]]:
    """A log and the folder it began with -> (operations done, states) for every point at which the power may go."""
    replay = Replay(before)
    yield 0, replay.states()
    for number, operation in enumerate(log, start=1):
        replay.do(operation)
        yield number, replay.states()


def lay_out(state: State, root: Path) -> None:
    """A state -> the files, in an empty folder."""
    for name, data in state:
        if data is None:
            (root / name).mkdir()
        else:
            (root / name).write_bytes(data)


def moved(log: list[Operation], here: Path, there: Path) -> list[Operation]:
    """A log that was recorded in one folder -> the same in another."""
    return [
        (name, there / path.relative_to(here), there / more.relative_to(here) if isinstance(more, Path) else more)
        for name, path, more in log
    ]


def _apply(names: dict[str, File | Folder], change: dict[str, File | Folder | None]) -> None:
    for name, entry in change.items():
        if entry is None:
            names.pop(name, None)
        else:
            names[name] = entry


def _read(path: Path) -> Folder:
    entries: dict[str, File | Folder] = {
        entry.name: _read(entry) if entry.is_dir() else File(entry.read_bytes()) for entry in sorted(path.iterdir())
    }
    return Folder(dict(entries), dict(entries))


def _folders(folder: Folder) -> list[Folder]:
    """A folder and all below it that the disk may show, once each."""
    found: dict[int, Folder] = {}
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if id(here) not in found:
            found[id(here)] = here
            entries = chain(here.now.values(), here.safe.values(), *(change.values() for change in here.pending))
            waiting.extend(entry for entry in entries if isinstance(entry, Folder))
    return list(found.values())


def _materialise(folder: Folder, at: str, names: dict[int, list[int]], data: str) -> Iterator[tuple[str, bytes | None]]:
    seen = dict(folder.safe)
    for number in names.get(id(folder), []):
        _apply(seen, folder.pending[number])
    for name, entry in sorted(seen.items()):
        path = f"{at}{name}"
        if isinstance(entry, Folder):
            yield path, None
            yield from _materialise(entry, f"{path}/", names, data)
        else:
            half = entry.pending[: len(entry.pending) // 2]
            lost = {"none": b"", "all": entry.pending, "torn": half, "zeros": bytes(len(entry.pending))}
            yield path, entry.safe + lost[data]
