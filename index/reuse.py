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

from index.documents import Known, file_of, nothing_known
from index.lines import Lines, StoredDocument, facts_of
from index.loaders import Loaded
from index.passages import title_in
from index.records import Document
from index.settings import IndexSettings
from index.snapshot import Contents, EncoderId, Snapshot
from index.tables import Keys, Passages, Rows, Sentences
from index.terms import TermIndex, words_of
from index.vectors import VectorIndex
from index.versions import made_with

# Of a key, so many are searched for; the others are compared.
_KEY_BYTES = 8


@dataclass(frozen=True, slots=True)
class Taken:
    """A document's share of the older snapshot, numbered for the new one; `rows` are its passages in the older.

    `sentences` and `passages` are rows of their tables (`index.tables`), `keys` those of the passages.
    """

    sentences: Rows
    passages: Rows
    keys: npt.NDArray[np.uint8]
    rows: range
    warning: str | None


class Older:
    """What an older snapshot offers for a new one of these settings and this model."""

    def __init__(self, contents: Contents | None, settings: IndexSettings, encoder: EncoderId) -> None:
        """Takes the older contents, or None where there are none."""
        self._vectors_of = contents if contents is not None and contents.encoder == encoder else None
        same = self._vectors_of is not None and _divided_alike(self._vectors_of, settings)
        self._contents = self._vectors_of if same else None
        # Each older document is taken once; one more like it is read anew.
        self._taken: set[int] = set()
        if self._contents is not None:
            self._sentences = Sentences.of(self._contents.sentences)
            self._passages = Passages.of(self._contents.passages)
            self._keys = Keys.of(self._contents.keys)
            n_documents = len(self._contents.documents)
            self._sentences_at, self._passages_at = (
                table.starts(n_documents) for table in (self._sentences, self._passages)
            )

    def take(self, document: Document, number: int, n_sentences: int) -> Taken | None:
        """A document, its ordinal, and how many sentences stand before its own -> its share, or None."""
        contents = self._contents
        if contents is None or (old := self._like(document)) is None:
            return None
        self._taken.add(old)
        first, end = self._sentences_at[old : old + 2]
        rows = range(*self._passages_at[old : old + 2])
        sentences = self._sentences.rows[first:end].copy()
        passages = self._passages.rows[rows.start : rows.stop].copy()
        sentences[:, 0] = passages[:, 0] = number
        passages[:, 3:] += n_sentences - first
        warning = contents.warnings.get(contents.documents[old].path) if contents.warnings else None
        return Taken(sentences, passages, self._keys.rows[rows.start : rows.stop], rows, warning)

    def _like(self, document: Document) -> int | None:
        """A document -> the number of an older one that is not taken yet and gives the same, or None."""
        documents = self._contents.documents if self._contents is not None else ()
        own = _number_among(documents, document)
        if own is not None and own not in self._taken:
            return own
        wanted = _identity(document)
        return next(
            (
                number
                for number in self._by_text.get(document.sha256, ())
                if number not in self._taken and _identity(documents[number]) == wanted
            ),
            None,
        )

    @cached_property
    def _by_text(self) -> Mapping[str, Sequence[int]]:
        """The digest of a text -> the older documents that have it."""
        numbers: dict[str, list[int]] = {}
        for number, facts in enumerate(facts_of(self._contents.documents if self._contents is not None else ())):
            numbers.setdefault(facts.sha256, []).append(number)
        return numbers

    def row_of(self, key: bytes) -> int:
        """A passage's key -> the older row with the same vector, or -1."""
        wanted = int.from_bytes(key[:_KEY_BYTES], "little")
        heads, rows = self._rows
        at = int(np.searchsorted(heads, np.uint64(wanted)))
        while at < len(heads) and int(heads[at]) == wanted:
            if self._vectors_of is not None and self._vectors_of.keys[int(rows[at])] == key:
                return int(rows[at])
            at += 1
        return -1

    @property
    def vectors(self) -> VectorIndex | None:
        """The vectors of the older rows that `row_of` gives."""
        return self._vectors_of.vectors if self._vectors_of is not None else None

    @property
    def terms(self) -> TermIndex | None:
        """The terms of the older rows."""
        return self._contents.terms if self._contents is not None else None

    @property
    def words(self) -> Counter[str]:
        """The words of the older documents that were taken, with their number of occurrences."""
        words: Counter[str] = Counter()
        if self._contents is not None:
            words.update(self._contents.words)
            for number in set(range(len(self._contents.documents))) - self._taken:
                words.subtract(words_in(self._contents.documents[number]))
        return words

    @cached_property
    def _rows(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
        """The first bytes of all older keys as numbers, rising, and the row of each."""
        keys = Keys.of(self._vectors_of.keys if self._vectors_of is not None else ()).rows
        heads = np.ascontiguousarray(keys[:, :_KEY_BYTES]).view("<u8").ravel()
        rows = np.argsort(heads, kind="stable")
        return heads[rows], rows


def known_files(snapshot: Snapshot | None) -> Known:
    """A sound snapshot, or None -> what the loaders would make of the files in it."""
    if snapshot is None or snapshot.contents.made_with != made_with():
        return nothing_known
    contents = snapshot.contents
    every = list(facts_of(contents.documents))
    paths = {facts.path for facts in every}
    numbers: dict[str, list[int]] = {}
    for number, facts in enumerate(every):
        numbers.setdefault(file_of(facts.path, paths) or facts.path, []).append(number)
    # A file's own document comes first, as paths are sorted.
    sources = {path: every[own[0]].source_sha256 for path, own in numbers.items()}
    by_kind = {(_ending(path), sha256): path for path, sha256 in sources.items()}

    def loaded(path: str, source_sha256: str) -> Loaded | None:
        same = sources.get(path) == source_sha256
        former = path if same else by_kind.get((_ending(path), source_sha256))
        if former is None:
            return None
        documents = tuple(contents.documents[number] for number in numbers[former])
        found = Loaded(documents, contents.left_out.get(former, ()))
        return found if same else _renamed(found, former, path)

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


def _number_among(documents: Sequence[Document], document: Document) -> int | None:
    """Documents, and one -> its number where it was taken out of those, under whatever name; else None."""
    if isinstance(documents, Lines) and isinstance(document, StoredDocument) and document.origin[0] is documents.mark:
        return document.origin[1]
    return None


def _divided_alike(contents: Contents, settings: IndexSettings) -> bool:
    return contents.settings == settings and contents.made_with == made_with()


def _identity(document: Document) -> Hashable:
    """All of a document that its sentences, passages and what the model reads depend on."""
    return document.sha256, document.headings, document.paragraphs, document.layout.rows, title_in(document)


def words_in(document: Document) -> list[str]:
    """A document -> its words in order, in lower case."""
    return [word for word in words_of(document.folded.text) if word]
