"""The on-disk layout: written once, validated when read.

    DIR/current                     the id of the living generation, one line
    DIR/generations/<id>/
        manifest.json               format, settings, encoder, counts; size and sha256 of every file below
        build.json                  when and how long: the one file that two equal builds differ in
        documents.jsonl             a document a line: names, hashes, headings, paragraphs, pages, place of its text
        texts.utf8                  the canonical texts, one after another
        sentences.npy               (n_sentences, 4) int64: document, start, end, paragraph
        passages.npy                (n_passages, 5) int64: document, start, end, first sentence, end sentence
        vectors.faiss               a row a passage
        terms/                      bm25s: arrays and a vocabulary, a row a passage
        words.json                  every word of the corpus with its number of occurrences

A generation is written beside the living one, flushed, and becomes current by one atomic replacement.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.encoder import Encoder
from index.errors import SettingsError, SnapshotDamaged, SnapshotForeign, SnapshotMissing
from index.records import Document, Passage, Sentence, Span, document_as_json, document_from_json
from index.settings import IndexSettings
from index.terms import TermIndex, load_terms
from index.vectors import VectorIndex, load_vectors

FORMAT = "quoth-index"
FORMAT_VERSION = 2
_REBUILD = "run: quoth index FOLDER"
# A generation, or one that was never finished.
_GENERATION = re.compile(r"[0-9a-f]{16}|\.new-.*")


@dataclass(frozen=True, slots=True)
class EncoderId:
    """Which model made the vectors: a question must be encoded by the same one."""

    name: str
    fingerprint: str
    dimension: int
    max_tokens: int

    @classmethod
    def of(cls, encoder: Encoder) -> "EncoderId":
        """The identity of a loaded encoder."""
        return cls(encoder.name, encoder.fingerprint, encoder.dimension, encoder.max_tokens)


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything a snapshot holds, in memory. Rows of `vectors` and `terms` are passages."""

    corpus_root: str
    settings: IndexSettings
    encoder: EncoderId
    documents: tuple[Document, ...]
    sentences: tuple[Sentence, ...]
    passages: tuple[Passage, ...]
    vectors: VectorIndex
    terms: TermIndex
    words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation of an index, immutable; `id` names it in answers, `built_at` (ISO 8601) is "" where unknown."""

    id: str
    contents: Contents
    built_at: str = ""

    def document_named(self, path: str) -> Document | None:
        """A document's path -> the document, or None."""
        return next((document for document in self.contents.documents if document.path == path), None)


def write_snapshot(folder: Path, contents: Contents, build: Mapping[str, Any]) -> str:
    """Contents -> a new current generation under `folder`; returns its id.

    Args:
        folder: the index folder; made if missing.
        contents: what to write.
        build: facts about this build that are not part of the contents (time, duration).

    Raises:
        SnapshotForeign: the folder exists and holds something else.
        OSError: the disk is full or not writable; the former generation stands.
    """
    refuse_foreign(folder)
    generations = folder / "generations"
    generations.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".new-", dir=generations))
    try:
        _write_files(scratch, contents)
        manifest = _manifest(scratch, contents)
        manifest_text = _json(manifest)
        snapshot_id = hashlib.sha256(manifest_text.encode()).hexdigest()[:16]
        _write(scratch / "build.json", _json(dict(build)).encode())
        _write(scratch / "manifest.json", manifest_text.encode())
        for path in sorted(scratch.rglob("*"), reverse=True):
            _flush(path)
        _flush(scratch)
        final = generations / snapshot_id
        if _is_intact(
            final, manifest_text.encode(), manifest["files"]
        ):  # the same contents again: others may be reading them
            shutil.rmtree(scratch)
        else:
            shutil.rmtree(final, ignore_errors=True)
            scratch.rename(final)
        _flush(generations)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    pointer = folder / f".current-{snapshot_id}"
    _write(pointer, f"{snapshot_id}\n".encode())
    _flush(pointer)
    pointer.replace(folder / "current")
    _flush(folder)
    for other in generations.iterdir():
        if other.name != snapshot_id:
            shutil.rmtree(other, ignore_errors=True)
    for other in folder.glob(".current-*"):
        other.unlink(missing_ok=True)
    return snapshot_id


def current_id(folder: Path) -> str:
    """Index folder -> the id of its living generation.

    Raises:
        SnapshotMissing: there is no index.
        SnapshotForeign: the folder holds something else.
    """
    try:
        pointer = (folder / "current").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        if folder.is_dir():
            refuse_foreign(folder)
        raise SnapshotMissing(f"there is no index in {folder}; {_REBUILD}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotForeign(f"{folder} is not an index of Quoth's; name another folder with --index") from error
    if not pointer.isalnum():
        raise SnapshotDamaged(f"the index in {folder} does not say which generation is current; {_REBUILD}")
    return pointer


def read_manifest(folder: Path) -> dict[str, Any]:
    """Index folder -> the living generation's manifest.

    Raises:
        SnapshotMissing, SnapshotForeign, SnapshotDamaged: as `load_snapshot`.
    """
    return _read_manifest(folder, current_id(folder))


def check_snapshot(folder: Path) -> dict[str, Any]:
    """Index folder -> the living generation's manifest, every file checked against size and sha256.

    Raises:
        SnapshotMissing, SnapshotForeign, SnapshotDamaged: as `load_snapshot`.
    """
    snapshot_id = current_id(folder)
    manifest = _read_manifest(folder, snapshot_id)
    _verify(folder / "generations" / snapshot_id, manifest["files"])
    return manifest


def load_snapshot(folder: Path) -> Snapshot:
    """Index folder -> its living generation, every file checked against size and sha256 before it is parsed.

    Raises:
        SnapshotMissing: there is no index.
        SnapshotForeign: not an index, or one of another format version.
        SnapshotDamaged: a file is missing, cut short or altered.
    """
    snapshot_id = current_id(folder)
    while True:
        try:
            return _load(folder, snapshot_id)
        except SnapshotDamaged:
            # A rebuild may have taken the generation away while it was read.
            living = current_id(folder)
            if living == snapshot_id:
                raise
            snapshot_id = living


def _load(folder: Path, snapshot_id: str) -> Snapshot:
    manifest = _read_manifest(folder, snapshot_id)
    generation = folder / "generations" / snapshot_id
    try:
        _verify(generation, manifest["files"])
        return Snapshot(snapshot_id, _read_files(generation, manifest), _built_at(generation))
    # Of files whose checksums are right: FAISS raises RuntimeError, numpy EOFError.
    except (KeyError, TypeError, ValueError, IndexError, RuntimeError, EOFError, OSError, SettingsError) as error:
        raise SnapshotDamaged(f"the index in {folder} cannot be read ({type(error).__name__}); {_REBUILD}") from error


def _built_at(generation: Path) -> str:
    """When a generation was built; nothing depends on it, so whatever is wrong with the file, it is just unknown."""
    try:
        built_at = json.loads((generation / "build.json").read_bytes())["built_at"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return built_at if isinstance(built_at, str) else ""


def _read_manifest(folder: Path, snapshot_id: str) -> dict[str, Any]:
    file = folder / "generations" / snapshot_id / "manifest.json"
    try:
        data = file.read_bytes()
        manifest = json.loads(data)
    except FileNotFoundError:
        raise SnapshotDamaged(f"the index in {folder} lacks {file.relative_to(folder)}; {_REBUILD}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise SnapshotDamaged(f"the index in {folder} has an unreadable manifest.json; {_REBUILD}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise SnapshotForeign(f"{folder} is not an index of Quoth's; name another folder with --index")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise SnapshotForeign(
            f"the index in {folder} has format {manifest.get('format_version')}; this version of Quoth reads "
            f"{FORMAT_VERSION}; {_REBUILD}"
        )
    if hashlib.sha256(data).hexdigest()[:16] != snapshot_id:
        raise SnapshotDamaged(f"manifest.json of the index in {folder} was altered; {_REBUILD}")
    return manifest


def refuse_foreign(folder: Path) -> None:
    """Nothing is ever written into, or removed from, a folder that is not an index.

    Raises:
        SnapshotForeign: it is a file, or holds something that is no part of an index.
    """
    if folder.exists() and not folder.is_dir():
        raise SnapshotForeign(f"{folder} is a file; name a folder with --index")
    if folder.is_dir():
        strangers = [
            entry.name
            for entry in folder.iterdir()
            if entry.name not in {"current", "generations"} and not entry.name.startswith(".current-")
        ]
        generations = folder / "generations"
        if generations.is_dir():
            strangers += [
                f"generations/{entry.name}" for entry in generations.iterdir() if not _GENERATION.fullmatch(entry.name)
            ]
        elif generations.exists():
            strangers.append("a file generations")
        if strangers:
            raise SnapshotForeign(
                f"{folder} holds {min(strangers)}, which is no part of an index; name another folder with --index"
            )


def _write_files(folder: Path, contents: Contents) -> None:
    texts = bytearray()
    lines = []
    for document in contents.documents:
        encoded = document.text.encode()
        lines.append(_json({**document_as_json(document), "text": [len(texts), len(texts) + len(encoded)]}))
        texts += encoded
    _write(folder / "documents.jsonl", "".join(lines).encode())
    _write(folder / "texts.utf8", bytes(texts))
    _write_table(
        folder / "sentences.npy", 4, [(s.document, s.span.start, s.span.end, s.paragraph) for s in contents.sentences]
    )
    _write_table(
        folder / "passages.npy",
        5,
        [(p.document, p.span.start, p.span.end, p.sentences.start, p.sentences.stop) for p in contents.passages],
    )
    contents.vectors.save(folder / "vectors.faiss")
    contents.terms.save(folder / "terms")
    _write(folder / "words.json", _json(dict(sorted(contents.words.items()))).encode())


def _read_files(folder: Path, manifest: Mapping[str, Any]) -> Contents:
    texts = (folder / "texts.utf8").read_bytes()
    documents = []
    for line in (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        entry = json.loads(line)
        document = document_from_json(entry, texts[slice(*entry["text"])].decode())
        if document.sha256 != entry["sha256"]:
            raise SnapshotDamaged(f"the text of {document.path} in the index was altered; {_REBUILD}")
        documents.append(document)
    sentences = tuple(
        Sentence(document, Span(start, end), paragraph)
        for document, start, end, paragraph in np.load(folder / "sentences.npy", allow_pickle=False).tolist()
    )
    passages = tuple(
        Passage(document, Span(start, end), range(first, stop))
        for document, start, end, first, stop in np.load(folder / "passages.npy", allow_pickle=False).tolist()
    )
    found = {"documents": len(documents), "sentences": len(sentences), "passages": len(passages)}
    if found != manifest["counts"]:
        raise SnapshotDamaged(f"the index holds {found} for {manifest['counts']}; {_REBUILD}")
    vectors = load_vectors(folder / "vectors.faiss")
    terms = load_terms(folder / "terms", len(passages))
    encoder = EncoderId(**manifest["encoder"])
    if len(vectors) != len(passages) or vectors.dimension != encoder.dimension:
        raise SnapshotDamaged(f"the index holds {len(vectors)} vectors for {len(passages)} passages; {_REBUILD}")
    return Contents(
        corpus_root=manifest["corpus_root"],
        settings=IndexSettings(**manifest["settings"]),
        encoder=encoder,
        documents=tuple(documents),
        sentences=sentences,
        passages=passages,
        vectors=vectors,
        terms=terms,
        words=json.loads((folder / "words.json").read_text(encoding="utf-8")),
    )


def _manifest(folder: Path, contents: Contents) -> dict[str, Any]:
    encoder = contents.encoder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "corpus_root": contents.corpus_root,
        "settings": contents.settings.as_json(),
        "encoder": {
            "name": encoder.name,
            "fingerprint": encoder.fingerprint,
            "dimension": encoder.dimension,
            "max_tokens": encoder.max_tokens,
        },
        "counts": {
            "documents": len(contents.documents),
            "sentences": len(contents.sentences),
            "passages": len(contents.passages),
        },
        "sources": {document.path: document.source_sha256 for document in contents.documents},
        "files": {
            path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": _sha256_of(path)}
            for path in files
        },
    }


def _verify(folder: Path, files: Mapping[str, Mapping[str, Any]]) -> None:
    for name, expected in files.items():
        path = folder / name
        try:
            size = path.stat().st_size
            intact = size == expected["bytes"] and _sha256_of(path) == expected["sha256"]
        except OSError:
            raise SnapshotDamaged(f"the index lacks {name}; {_REBUILD}") from None
        if size != expected["bytes"]:
            raise SnapshotDamaged(f"{name} of the index has {size} bytes, expected {expected['bytes']}; {_REBUILD}")
        if not intact:
            raise SnapshotDamaged(f"{name} of the index was altered since it was built; {_REBUILD}")


def _is_intact(folder: Path, manifest: bytes, files: Mapping[str, Mapping[str, Any]]) -> bool:
    try:
        _verify(folder, files)
        return (folder / "manifest.json").read_bytes() == manifest
    except (SnapshotDamaged, OSError):
        return False


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _write_table(path: Path, columns: int, rows: list[tuple[int, ...]]) -> None:
    table: npt.NDArray[np.int64] = np.array(rows, dtype=np.int64).reshape(len(rows), columns)
    np.save(path, table, allow_pickle=False)


def _flush(path: Path) -> None:
    """Forces a file, or a folder's own entries, to the disk, so that a power cut finds them there."""
    if path.is_dir() and os.name != "posix":  # elsewhere a folder cannot be opened
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
