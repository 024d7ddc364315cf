"""`manifest.json`: what a generation is; its sha256 names the generation. And `build.json`, which no hash counts in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from index.errors import SettingsError, SnapshotDamaged, SnapshotForeign
from index.lines import as_json
from index.settings import IndexSettings
from index.snapshot.contents import Contents, EncoderId
from index.snapshot.layout import index_of, rebuilding
from index.storage import FileFacts
from index.words import Words

FORMAT = "quoth-index"
FORMAT_VERSION = 6
NAME = "manifest.json"
BUILD = "build.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation is.

    Attributes:
        corpus_root: the folder that the documents were read from.
        named: the folders and files in it that were asked for.
        settings: how they were divided.
        encoder: which model made the vectors.
        made_with: see `index.versions`.
        counts: how many documents, sentences, passages, terms, postings, words and stems: the shapes of the arrays.
        vectors: how they are searched, in words, and `limit`, which no number in them lies beyond.
        files: a file's name -> what it must be.
    """

    corpus_root: str
    named: tuple[str, ...]
    settings: IndexSettings
    encoder: EncoderId
    made_with: Mapping[str, str]
    counts: Mapping[str, int]
    vectors: Mapping[str, Any]
    files: Mapping[str, FileFacts]


def manifest_of(contents: Contents, files: Mapping[str, FileFacts]) -> Manifest:
    """Contents and the files that they were written to -> their manifest."""
    return Manifest(
        corpus_root=contents.corpus_root,
        named=contents.named,
        settings=contents.settings,
        encoder=contents.encoder,
        made_with=contents.made_with,
        counts={
            "documents": len(contents.documents),
            "sentences": len(contents.sentences),
            "passages": len(contents.passages),
            "terms": len(contents.terms.postings.terms),
            "postings": len(contents.terms.postings),
            "words": len(contents.words),
            "stems": len(Words.of(contents.words).stems),
        },
        vectors={"search": contents.vectors.kind, "limit": contents.vectors.limit},
        files=files,
    )


def to_bytes(manifest: Manifest) -> bytes:
    """A manifest -> the bytes of its file."""
    return as_json({"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(manifest)})


def id_of(data: bytes) -> str:
    """The bytes of a manifest -> its generation's id."""
    return hashlib.sha256(data).hexdigest()[:16]


def read_generation(generation: Path) -> Manifest:
    """A generation's folder -> its manifest, verified against the folder's name.

    Raises:
        SnapshotForeign: not ours, or of another format version.
        SnapshotDamaged: it is missing, cut short or altered.
    """
    file, folder = generation / NAME, index_of(generation)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise SnapshotDamaged(f"the index in {folder} lacks {file.relative_to(folder)}; {rebuilding(folder)}") from None
    except OSError as error:
        raise SnapshotDamaged(
            f"manifest.json of the index in {folder} cannot be read ({error.strerror}); {rebuilding(folder)}"
        ) from error
    if id_of(data) != generation.name:  # before a word of it is believed, that it is another program's for one
        raise SnapshotDamaged(f"manifest.json of the index in {folder} was altered; {rebuilding(folder)}")
    try:
        entries = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SnapshotDamaged(f"the index in {folder} has an unreadable manifest.json; {rebuilding(folder)}") from error
    if not isinstance(entries, dict) or entries.get("format") != FORMAT:
        raise SnapshotForeign(f"{folder} is not an index of Quoth's; name another folder with --index")
    if entries.get("format_version") != FORMAT_VERSION:
        raise SnapshotForeign(
            f"the index in {folder} has format {entries.get('format_version')}; this version of Quoth reads "
            f"{FORMAT_VERSION}; {rebuilding(folder)}"
        )
    try:
        return _from_json(entries)
    except (KeyError, TypeError, ValueError, AttributeError, SettingsError) as error:
        raise SnapshotDamaged(
            f"manifest.json of the index in {folder} lacks what it must say; {rebuilding(folder)}"
        ) from error


def build_to_bytes(facts: Mapping[str, Any]) -> bytes:
    """Facts about a build -> the bytes of `build.json`, which carry their own hash."""
    return as_json({**facts, "sha256": hashlib.sha256(as_json(facts)).hexdigest()})


def read_build(generation: Path) -> dict[str, Any]:
    """A generation's folder -> when and how it was built.

    Raises:
        SnapshotDamaged: it is missing, cut short or altered.
    """
    try:
        data = (generation / BUILD).read_bytes()
        facts = json.loads(data)
        facts.pop("sha256", None)
        if build_to_bytes(facts) == data:
            return dict(facts)
    except (OSError, ValueError, RecursionError, AttributeError, TypeError) as error:
        raise SnapshotDamaged(
            f"build.json of the index cannot be read; {rebuilding(index_of(generation))} --force"
        ) from error
    raise SnapshotDamaged(
        f"build.json of the index was altered since it was built; {rebuilding(index_of(generation))} --force"
    )


def _from_json(entries: Mapping[str, Any]) -> Manifest:
    return Manifest(
        corpus_root=str(entries["corpus_root"]),
        named=tuple(map(str, entries["named"])),
        settings=IndexSettings(**entries["settings"]),
        encoder=EncoderId(**entries["encoder"]),
        made_with=dict(entries["made_with"]),
        counts=dict(entries["counts"]),
        vectors=dict(entries["vectors"]),
        files={name: FileFacts(**facts) for name, facts in entries["files"].items()},
    )
