"""An older snapshot -> what a new one need not work out again.

A document whose text, headings and paragraphs are those of an older document keeps its sentences, passages, terms and
vectors; of a changed one, each passage that reads as an older one did keeps its vector. Names do not count: a renamed
document is the older one. Nothing is taken over that other settings, another model or other versions of what reads the
text would have made in another way.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import splitext

import numpy as np
import numpy.typing as npt

from index.documents import Known, file_of
from index.encoder import Vectors
from index.loaders import Loaded
from index.passages import title_in
from index.records import Document
from index.settings import IndexSettings
from index.snapshot import Contents, EncoderId, Snapshot
from index.tables import Passages, Rows, Sentences
from index.terms import TermIndex, words_of
from index.versions import made_with


@dataclass(frozen=True, slots=True)
class Taken:
    """A document's share of the older snapshot, numbered for the new one; `rows` are its passages in the older.

    `sentences` and `passages` are rows of their tables (`index.tables`).
    """

    sentences: Rows
    passages: Rows
    keys: Sequence[bytes]
    rows: range
    warning: str | None


class Older:
    """What an older snapshot offers for a new one of these settings and this model."""

    def __init__(self, contents: Contents | None, settings: IndexSettings, encoder: EncoderId) -> None:
        """Takes the older contents, or None where there are none."""
        self._encoder = encoder
        self._vectors_of = contents if contents is not None and contents.encoder == encoder else None
        same = self._vectors_of is not None and _divided_alike(self._vectors_of, settings)
        self._contents = self._vectors_of if same else None
        # Each older document is taken once; one more like it is read anew.
        self._left: dict[Hashable, list[int]] = {}
        if self._contents is not None:
            for number, document in enumerate(self._contents.documents):
                self._left.setdefault(_identity(document), []).append(number)
            self._sentences = Sentences.of(self._contents.sentences).starts(len(self._contents.documents))
            self._passages = Passages.of(self._contents.passages).starts(len(self._contents.documents))
        self._taken: dict[int, int] = {}

    def take(self, document: Document, number: int, n_sentences: int) -> Taken | None:
        """A document, its ordinal, and how many sentences stand before its own -> its share, or None."""
        contents = self._contents
        if contents is None or not (like := self._left.get(_identity(document))):
            return None
        old = self._taken[number] = like.pop(0)
        first, end = self._sentences[old : old + 2]
        rows = range(*self._passages[old : old + 2])
        sentences = Sentences.of(contents.sentences).rows[first:end].copy()
        passages = Passages.of(contents.passages).rows[rows.start : rows.stop].copy()
        sentences[:, 0] = passages[:, 0] = number
        passages[:, 3:] += n_sentences - first
        warning = contents.warnings.get(contents.documents[old].path)
        return Taken(sentences, passages, contents.keys[rows.start : rows.stop], rows, warning)

    def row_of(self, key: bytes) -> int:
        """A passage's key -> the older row with the same vector, or -1."""
        return self._rows.get(key, -1)

    def vectors(self, origin: npt.NDArray[np.int64], fresh: Vectors) -> Vectors:
        """(n,) older rows or -1, and the vectors of the latter in order -> (n, dimension) float32."""
        if self._vectors_of is None or not len(self._vectors_of.vectors):
            return fresh
        rows = np.empty((len(origin), fresh.shape[1]), np.float32)
        rows[origin < 0] = fresh
        rows[origin >= 0] = self._vectors_of.vectors.take(origin[origin >= 0])
        return rows

    @property
    def terms(self) -> TermIndex | None:
        """The terms of the older rows."""
        return self._contents.terms if self._contents is not None else None

    def words(self, documents: Sequence[Document]) -> dict[str, int]:
        """All documents, after each was offered to `take` -> their words with their number of occurrences."""
        words: Counter[str] = Counter()
        if self._contents is not None:
            words.update(self._contents.words)
            kept = set(self._taken.values())
            for number, document in enumerate(self._contents.documents):
                if number not in kept:
                    words.subtract(_words(document))
        for number, document in enumerate(documents):
            if number not in self._taken:
                words.update(_words(document))
        return {word: count for word, count in words.items() if count}

    @cached_property
    def _rows(self) -> Mapping[bytes, int]:
        keys = self._vectors_of.keys if self._vectors_of is not None else ()
        return {key: row for row, key in enumerate(keys)}


def known_files(snapshot: Snapshot | None) -> Known:
    """A sound snapshot, or None -> what the loaders would make of the files in it."""
    if snapshot is None or snapshot.contents.made_with != made_with():
        return lambda *_: None
    contents = snapshot.contents
    paths = {document.path for document in contents.documents}
    documents: dict[str, list[Document]] = {}
    for document in contents.documents:
        documents.setdefault(file_of(document.path, paths) or document.path, []).append(document)
    known: dict[tuple[str, str], Loaded] = {}
    by_kind: dict[tuple[str, str], str] = {}
    for path, found in documents.items():
        # A file's own document comes first, as paths are sorted.
        known[path, found[0].source_sha256] = Loaded(tuple(found), contents.left_out.get(path, ()))
        by_kind[_ending(path), found[0].source_sha256] = path

    def loaded(path: str, source_sha256: str) -> Loaded | None:
        if (same := known.get((path, source_sha256))) is not None:
            return same
        former = by_kind.get((_ending(path), source_sha256))
        return _renamed(known[former, source_sha256], former, path) if former is not None else None

    return loaded


def _ending(path: str) -> str:
    """A file's name -> the part of it that may decide how the file is read."""
    return splitext(path)[1].lower()


def _renamed(loaded: Loaded, former: str, path: str) -> Loaded:
    """What a file gave under its former name -> what it gives under another of the same ending."""

    def name(of: str) -> str:
        return path + of.removeprefix(former)

    return Loaded(
        tuple(document.renamed(name(document.path)) for document in loaded.documents),
        tuple(replace(item, path=name(item.path)) for item in loaded.left_out),
    )


def _divided_alike(contents: Contents, settings: IndexSettings) -> bool:
    return contents.settings == settings and contents.made_with == made_with()


def _identity(document: Document) -> Hashable:
    """All of a document that its sentences, passages and what the model reads depend on."""
    return document.sha256, document.headings, document.paragraphs, document.layout.rows, title_in(document)


def _words(document: Document) -> list[str]:
    return [word for word in words_of(document.folded.text) if word]
