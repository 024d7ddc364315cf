"""What a snapshot holds, in memory."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from index.encoder import Encoder
from index.locks import Hold
from index.records import Document, LeftOut, Passage, Sentence
from index.settings import IndexSettings
from index.terms import TermIndex
from index.vectors import VectorIndex


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
    """Everything a snapshot holds. Rows of `keys`, `vectors` and `terms` are passages.

    Attributes:
        corpus_root: the folder that the documents were read from, and are named from.
        named: the folders and files in it that were asked for: what to build again.
        settings: how they were divided.
        encoder: which model made the vectors.
        made_with: what else decided how they were read: see `index.versions`.
        documents: sorted by path.
        sentences: of all documents, in their order.
        passages: the same.
        keys: a digest of what the model read for each passage: equal texts have equal vectors.
        vectors: of the passages.
        terms: of the passages.
        words: every word of the texts with its number of occurrences.
        warnings: why the model serves a document badly, by the document's path.
        left_out: what is attached to a document and was left out, by the document's path.
    """

    corpus_root: str
    named: tuple[str, ...]
    settings: IndexSettings
    encoder: EncoderId
    made_with: Mapping[str, str]
    documents: Sequence[Document]
    sentences: Sequence[Sentence]
    passages: Sequence[Passage]
    keys: Sequence[bytes]
    vectors: VectorIndex
    terms: TermIndex
    words: Mapping[str, int]
    warnings: Mapping[str, str]
    left_out: Mapping[str, tuple[LeftOut, ...]]

    def ordinal_of(self, path: str) -> int | None:
        """A document's path -> its ordinal, or None."""
        number = bisect_left(self.documents, path, key=attrgetter("path"))
        return number if number < len(self.documents) and self.documents[number].path == path else None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One generation of an index, immutable. While it lives, its files are not removed.

    `id` names it in answers; `built_at` (ISO 8601) is "" where it is not known.
    """

    id: str
    contents: Contents
    built_at: str = ""
    hold: Hold | None = field(default=None, repr=False, compare=False)

    def document_named(self, path: str) -> Document | None:
        """A document's path -> the document, or None."""
        number = self.contents.ordinal_of(path)
        return self.contents.documents[number] if number is not None else None
