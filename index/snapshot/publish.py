"""Contents -> the living generation, by one atomic step; the one before it stays, older ones go.

A generation is written beside the others under a name that no reader looks for, flushed, given its own name, and
becomes current when the pointer moves. Whatever dies when, the pointer names a whole generation; what a dead builder
left is cleared away by the next one, which cannot meet a living one: there is one builder at a time.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from index.errors import SnapshotDamaged, SnapshotError, SnapshotMissing, SnapshotUnwritable
from index.locks import nobody_holds, only_builder
from index.snapshot import arrays, documents, manifest, spans
from index.snapshot.blocks import BLOCKS, HASHED_WHOLE, digested
from index.snapshot.contents import Contents
from index.snapshot.layout import (
    CURRENT,
    GENERATIONS,
    LOCK,
    NEW,
    OLD,
    SCRATCH,
    generation_of,
    generations_in,
    refuse_foreign,
    scratches_in,
)
from index.snapshot.pointer import Pointer, move_pointer, read_pointer
from index.snapshot.read import built_at, verify_generation
from index.storage import DISK, Disk, FileFacts, remove_all, write_file


@contextmanager
def builder_of(folder: Path, waiting: Callable[[], object] = lambda: None, disk: Disk = DISK) -> Iterator[None]:
    """An index folder, made if missing -> the right to write it; what a dead builder left is cleared away.

    Args:
        folder: the index folder.
        waiting: called once if another builder is at work; then its end is waited for.
        disk: does it.

    Raises:
        SnapshotForeign: the folder exists and holds something else.
        SnapshotUnwritable: the disk is full, or the folder must not be written.
    """
    refuse_foreign(folder)
    with ExitStack() as until_done:
        with told(folder):
            _make_folders(folder / GENERATIONS, disk)
            if not (folder / CURRENT).exists():  # whoever made them may have died before they were flushed
                disk.flush_folder(folder.parent)
                disk.flush_folder(folder)
            until_done.enter_context(only_builder(folder / LOCK, waiting))
            refuse_foreign(folder)
            _clear(folder, disk)
        yield


def write_snapshot(folder: Path, contents: Contents, build: Mapping[str, Any], disk: Disk = DISK) -> str:
    """Contents -> a new current generation under `folder`; returns its id. Waits for another builder to end.

    Args:
        folder: the index folder; made if missing.
        contents: what to write.
        build: facts about this build that are not part of the contents (time, duration).
        disk: does it.

    Raises:
        SnapshotForeign: the folder exists and holds something else.
        SnapshotUnwritable: the disk is full, or the folder must not be written; the former generation stands, unless
            the message says that the new one is asked already.
    """
    with builder_of(folder, disk=disk):
        return publish(folder, contents, build, disk)


def publish(folder: Path, contents: Contents, build: Mapping[str, Any], disk: Disk = DISK) -> str:
    """As `write_snapshot`, for whoever is the folder's builder already."""
    generations = folder / GENERATIONS
    scratch = generations / f"{NEW}{secrets.token_hex(8)}"
    with told(folder), _cleared(disk, scratch, folder / SCRATCH):
        disk.make_folder(scratch)
        id = _write_generation(scratch, contents, build, disk)
        _name_generation(scratch, generations / id, disk)
        disk.flush_folder(generations)
        before = _pointer_or_none(folder)
        move_pointer(folder, _next_pointer(folder, before, id), disk)
    with suppress(OSError):  # what cannot be removed now is removed by the next build
        _retire(folder, disk, unnamed=_is_whole(folder, before))
    return id


def settle(folder: Path, disk: Disk = DISK) -> None:
    """Leaves the living generation as it is, certain to survive a power cut, with nothing left over beside it.

    For whoever is the folder's builder: whoever moved the pointer may have died before it was on the disk.

    Raises:
        SnapshotUnwritable: the disk does not confirm it.
    """
    with told(folder):
        disk.flush_folder(folder)
    with suppress(OSError):
        _retire(folder, disk, unnamed=_is_whole(folder, read_pointer(folder)))


def roll_back(folder: Path, waiting: Callable[[], object] = lambda: None, disk: Disk = DISK) -> Pointer:
    """Makes the generation before the living one current, once it has been verified; done twice, it undoes itself.

    Raises:
        SnapshotMissing: there is no index, or none before the living one.
        SnapshotError: the one before is damaged or of another format.
        SnapshotUnwritable: the disk is full, or the folder must not be written; nothing was changed.
    """
    read_pointer(folder)  # nothing is made where there is no index
    with builder_of(folder, waiting, disk):
        now = read_pointer(folder)
        if now.previous is None:
            raise SnapshotMissing(f"the index in {folder} has no earlier generation to go back to; nothing was changed")
        try:
            verify_generation(generation_of(folder, now.previous))
        except SnapshotError as error:
            raise SnapshotDamaged(f"the earlier generation cannot be gone back to: {error}") from error
        back = Pointer(now.previous, now.current)
        with told(folder), _cleared(disk, folder / SCRATCH):
            move_pointer(folder, back, disk)
        return back


@contextmanager
def _cleared(disk: Disk, *scratch: Path) -> Iterator[None]:
    """Where writing fails or is interrupted, what was half written goes; what cannot, goes with the next build."""
    try:
        yield
    except BaseException:
        for path in scratch:
            with suppress(OSError):
                remove_all(path, disk)
        raise


@contextmanager
def told(folder: Path, kind: type[OSError] = OSError) -> Iterator[None]:
    """An error of the system's -> a SnapshotUnwritable that says what it means for the index."""
    try:
        yield
    except kind as error:
        now = _pointer_or_none(folder)
        can_be_asked = now is not None and generation_of(folder, now.current).is_dir()
        stands = f"what {folder} held can still be asked" if can_be_asked else f"in {folder} there is nothing to ask"
        raise SnapshotUnwritable(
            f"{error.filename or folder} cannot be written ({error.strerror or error}); {stands}; make room or name "
            f"another folder with --index, and run the same again"
        ) from error


def _write_generation(scratch: Path, contents: Contents, build: Mapping[str, Any], disk: Disk) -> str:
    """Writes every file, the manifest last; returns the generation's id."""
    files: dict[str, FileFacts] = {}
    digests = bytearray()

    def write(name: str, pieces: Iterable[bytes | memoryview]) -> None:
        watched = pieces if name in HASHED_WHOLE else digested(pieces, digests)
        files[name] = write_file(scratch / name, watched, disk)

    starts: list[int] = []
    write(documents.DOCUMENTS, documents.documents_to_lines(contents.documents, starts))
    write(documents.TEXTS, documents.texts_of(contents.documents))
    write(documents.NOTES, [documents.notes_to_bytes(contents.warnings, contents.left_out)])
    whole = {
        documents.DOCUMENTS_AT: documents.starts_to_bytes(starts),
        spans.SENTENCES: spans.sentences_to_table(contents.sentences),
        spans.PASSAGES: spans.passages_to_table(contents.passages),
        spans.KEYS: spans.keys_to_table(contents.keys),
        **arrays.vectors_to_bytes(contents.vectors),
        **arrays.terms_to_bytes(contents.terms),
        **arrays.words_to_bytes(contents.words),
    }
    for name, data in whole.items():
        write(name, [data])
    write(BLOCKS, [bytes(digests)])
    described = manifest.to_bytes(manifest.manifest_of(contents, files))
    write_file(scratch / manifest.BUILD, [manifest.build_to_bytes(build)], disk)
    write_file(scratch / manifest.NAME, [described], disk)
    disk.flush_folder(scratch)
    return manifest.id_of(described)


def _name_generation(scratch: Path, final: Path, disk: Disk) -> None:
    """Gives what was written its name. The same contents may be there already, and others may be reading them."""
    if _is_sound(final):
        if not _has_build(final):  # the one file that no hash of the manifest's counts in
            disk.replace(scratch / manifest.BUILD, final / manifest.BUILD)
            disk.flush_folder(final)
        remove_all(scratch, disk)
        return
    if final.exists():  # damaged, or it would be sound
        disk.replace(final, final.with_name(f"{OLD}{final.name}-{secrets.token_hex(4)}"))
    disk.replace(scratch, final)


def _next_pointer(folder: Path, before: Pointer | None, id: str) -> Pointer:
    """Where the pointer moves. A damaged generation is none to go back to, so then the one before it stays."""
    named = [before.current, before.previous] if before is not None else []
    # Of a pointer that was damaged it is not known what it named: the latest is the likeliest.
    others = [] if _is_whole(folder, before) else sorted(generations_in(folder), key=built_at, reverse=True)
    for candidate in (*named, *(entry.name for entry in others if not entry.name.startswith("."))):
        if candidate not in (None, id) and _is_sound(generation_of(folder, candidate)):
            return Pointer(id, candidate)
    return Pointer(id)


def _is_whole(folder: Path, pointer: Pointer | None) -> bool:
    """Whether a pointer says what it said when it was written: all that it names is there."""
    return pointer is not None and all(
        generation_of(folder, id).is_dir() for id in (pointer.current, pointer.previous) if id is not None
    )


def _retire(folder: Path, disk: Disk, *, unnamed: bool) -> None:
    """Removes what was to be removed, unless it is read; with `unnamed`, all but the living one and the one before.

    Where it is not known which generations were current, all stay until the next build.
    """
    now = read_pointer(folder)
    for entry in generations_in(folder):
        is_old = entry.name.startswith(OLD)
        if entry.name in (now.current, now.previous) or not (is_old or unnamed):
            continue
        with nobody_holds(entry) as is_free:
            if is_free:
                # First its name, so that half of it never passes for the whole.
                remove_all(entry if is_old else _renamed(entry, disk), disk)


def _renamed(entry: Path, disk: Disk) -> Path:
    retired = entry.with_name(f"{OLD}{entry.name}-{secrets.token_hex(4)}")
    disk.replace(entry, retired)
    return retired


def _clear(folder: Path, disk: Disk) -> None:
    """Removes what a builder left that died. Nobody else builds now."""
    for scratch in scratches_in(folder):
        disk.remove(scratch)
    for entry in generations_in(folder):
        if entry.name.startswith(NEW):
            remove_all(entry, disk)
        elif entry.name.startswith(OLD):
            with nobody_holds(entry) as is_free:
                if is_free:
                    remove_all(entry, disk)


def _make_folders(folder: Path, disk: Disk) -> None:
    """A folder with those above it, on the disk when this returns."""
    if folder.is_dir():
        return
    _make_folders(folder.parent, disk)
    with suppress(FileExistsError):
        disk.make_folder(folder)
    disk.flush_folder(folder.parent)


def _is_sound(generation: Path) -> bool:
    try:
        verify_generation(generation)
    except SnapshotError:
        return False
    return True


def _has_build(generation: Path) -> bool:
    try:
        manifest.read_build(generation)
    except SnapshotError:
        return False
    return True


def _pointer_or_none(folder: Path) -> Pointer | None:
    try:
        return read_pointer(folder)
    except SnapshotError:
        return None
