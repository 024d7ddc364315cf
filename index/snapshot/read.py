"""Index folder -> the living generation, held and verified."""

from contextlib import suppress
from pathlib import Path

from index.errors import SettingsError, SnapshotDamaged, SnapshotError
from index.locks import Hold, hold
from index.snapshot.arrays import read_terms, read_vectors, read_words
from index.snapshot.contents import Contents, Snapshot
from index.snapshot.documents import StoredDocuments, read_notes
from index.snapshot.files import Files
from index.snapshot.layout import generation_of, rebuilding
from index.snapshot.manifest import Manifest, read_build, read_generation
from index.snapshot.pointer import Pointer, current_id, read_pointer
from index.snapshot.spans import read_keys, read_passages, read_sentences

# A generation is gone between two looks only if two builds ended meanwhile: as often as this it is lost.
_TRIES = 10


def load_snapshot(folder: Path) -> Snapshot:
    """Index folder -> its living generation, which is not removed while the snapshot lives.

    The manifest and every file's size are checked, and the sha256 of the two small files that are parsed; all else is
    mapped, and verified when it is first looked at: then whoever looks gets a SnapshotDamaged.

    Raises:
        SnapshotMissing: there is no index.
        SnapshotForeign: not an index, or one of another format version.
        SnapshotDamaged: a file is missing, cut short or altered.
    """
    id, held = _hold_current(folder)
    return read_snapshot(generation_of(folder, id), held)


def read_snapshot(generation: Path, held: Hold | None) -> Snapshot:
    """A generation's folder -> the generation; errors as `load_snapshot`."""
    manifest = read_generation(generation)
    files = Files(generation, manifest.files)
    files.check_sizes()
    try:
        return Snapshot(generation.name, _read_contents(files, manifest, held), built_at(generation), held)
    # Of files whose checksums are right: they were written by something else.
    except (KeyError, TypeError, ValueError, IndexError, EOFError, OSError, RecursionError, SettingsError) as error:
        raise SnapshotDamaged(
            f"the index in {generation} cannot be read ({type(error).__name__}); {files.rebuilding}"
        ) from error


def read_manifest(folder: Path) -> Manifest:
    """Index folder -> the living generation's manifest; errors as `load_snapshot`."""
    id, _held = _hold_current(folder)
    return read_generation(generation_of(folder, id))


def sound_snapshot(folder: Path) -> Snapshot | None:
    """Index folder -> its living generation with every file verified, or None where there is none to build upon."""
    try:
        snapshot = load_snapshot(folder)
        verify_generation(generation_of(folder, snapshot.id))
    except SnapshotError:
        return None
    return snapshot


def verify_generation(generation: Path) -> Manifest:
    """A generation's folder -> its manifest, every file compared with it; errors as `load_snapshot`."""
    manifest = read_generation(generation)
    files = Files(generation, manifest.files)
    for name in files.names:
        files.verify(name)
    return manifest


def hold_named(folder: Path) -> tuple[Pointer, tuple[Hold, ...]]:
    """Index folder -> its pointer, and a hold on each generation that it names, where that can be had.

    Raises:
        SnapshotMissing, SnapshotForeign, SnapshotDamaged: as `read_pointer`.
    """
    pointer = read_pointer(folder)
    for _ in range(_TRIES):
        holds = []
        for id in filter(None, (pointer.current, pointer.previous)):
            with suppress(OSError):
                holds.append(hold(generation_of(folder, id)))
        before, pointer = pointer, read_pointer(folder)
        if pointer == before:  # else what is not held may have gone because it was named no longer
            break
    return pointer, tuple(holds)


def _hold_current(folder: Path) -> tuple[str, Hold]:
    """Takes hold of the living generation, though it may be followed by others, and go, at any moment."""
    for _ in range(_TRIES):
        id = current_id(folder)
        try:
            return id, hold(generation_of(folder, id))
        except FileNotFoundError:
            continue
        except OSError as error:
            raise SnapshotDamaged(
                f"generations/{id} of the index in {folder} cannot be opened ({error.strerror}); expected a folder "
                f"that this user may read; {rebuilding(folder)}"
            ) from error
    raise SnapshotDamaged(f"the index in {folder} lacks generations/{id}; {rebuilding(folder)}")


def built_at(generation: Path) -> str:
    """A generation's folder -> when it was built (ISO 8601); "" where that file is damaged: nothing depends on it."""
    try:
        moment = read_build(generation).get("built_at")
    except SnapshotDamaged:
        return ""
    return moment if isinstance(moment, str) else ""


def _read_contents(files: Files, manifest: Manifest, held: Hold | None) -> Contents:
    counts = manifest.counts
    notes = read_notes(files)
    return Contents(
        corpus_root=manifest.corpus_root,
        named=manifest.named,
        settings=manifest.settings,
        encoder=manifest.encoder,
        made_with=manifest.made_with,
        documents=StoredDocuments(files, counts["documents"], held),
        sentences=read_sentences(files, counts["sentences"]),
        passages=read_passages(files, counts["passages"]),
        keys=read_keys(files, counts["passages"]),
        vectors=read_vectors(files, counts["passages"], manifest.encoder.dimension, float(manifest.vectors["limit"])),
        terms=read_terms(files, counts["passages"], counts["terms"]),
        words=read_words(files, counts["words"], counts["stems"]),
        warnings=notes.warnings,
        left_out=notes.left_out,
    )
