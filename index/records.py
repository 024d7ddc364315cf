"""The records that flow through Quoth: frozen, slotted, made once.

All offsets are half-open and count Unicode code points of `Document.text`. They are made at the
first split and carried from then on: nothing downstream searches for a text again.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any, Self

from index.folding import Folded, repair


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points, `start <= end`.

    Raises:
        ValueError: start is negative or lies after end: a defect in the caller.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"span {self.start}:{self.end}; expected 0 <= start <= end")

    def __len__(self) -> int:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share at least one code point."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: "Span") -> bool:
        """Whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def cover(self, other: "Span") -> "Span":
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it stands in the text; `level` 1 is the highest."""

    span: Span
    level: int


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out of a page because it repeats from page to page: a running header, a footer, its number."""

    page: int
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive characters of a text that are consecutive characters of a page, too.

    Attributes:
        start: the first one's offset in the text.
        length: how many they are.
        first: the first one's number among the characters of its page, as pdfium counts them.
    """

    start: int
    length: int
    first: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How a text lies in its source.

    Attributes:
        pages: where the text of each physical page begins, ascending; empty where the source has no pages.
        rows: ordinals of the paragraphs that are rows of a table, ascending: they are quoted whole.
        runs: where the characters of the pages went, in text order; only for sources whose pages can be shown.
        removed: what was taken out, in page order.
    """

    pages: tuple[int, ...] = ()
    rows: tuple[int, ...] = ()
    runs: tuple[Run, ...] = ()
    removed: tuple[Removed, ...] = ()


@dataclass(frozen=True)
class Document:
    """One document with its canonical text.

    Attributes:
        path: POSIX path relative to the corpus, the document's name everywhere.
        title: what a citation calls it; a heading of the text, or the file's name.
        text: the canonical text (for text files: decoded, byte order mark removed, line ends kept).
        source_sha256: hex digest of the file's bytes.
        headings: in text order.
        paragraphs: the quotable text, in order, without overlap; headings are not among them.
        numbered_by_section: whether a citation counts paragraphs anew under each heading.
        source_bytes: size of the file.
        layout: pages, table rows, and what was taken out.
        title_from_name: whether the title is only the file's name, so that it changes with it.
    """

    path: str
    title: str
    text: str
    source_sha256: str
    headings: tuple[Heading, ...]
    paragraphs: tuple[Span, ...]
    numbered_by_section: bool = False
    source_bytes: int = 0
    layout: Layout = Layout()
    title_from_name: bool = False

    def utf8(self) -> bytes:
        """The canonical text in UTF-8; where the text still lies in a file, it stays there."""
        return self.text.encode()

    @property
    def n_bytes(self) -> int:
        """How many bytes those are."""
        return len(self.utf8())

    @cached_property
    def folded(self) -> Folded:
        """The text as retrieval and readers read it: ligatures and hyphens repaired, with the way back."""
        return repair(self.text)

    def renamed(self, path: str) -> Self:
        """A file's new name -> what its loader would make of it under that name; the text is not looked at."""
        before, after = PurePosixPath(self.path), PurePosixPath(path)
        title = self.title
        if self.title_from_name:
            title = after.name if title == before.name else after.stem
        # Whatever the class: one whose text still lies in its file stays so.
        document = object.__new__(type(self))
        document.__dict__.update(self.__dict__, path=path, title=title)
        return document

    def readable(self, span: Span) -> str:
        """Span -> its words in the folded copy."""
        start, end = self.folded.folded(span.start, span.end)
        return self.folded.text[start:end]

    @cached_property
    def sha256(self) -> str:
        """Hex digest of the canonical text in UTF-8: what a citation is pinned to."""
        return hashlib.sha256(self.utf8()).hexdigest()

    def slice(self, span: Span) -> str:
        """Span -> the very characters of the text.

        Raises:
            ValueError: the span reaches past the end: it belongs to another text.
        """
        if span.end > len(self.text):
            raise ValueError(f"span {span.start}:{span.end} of {self.path}; the text has {len(self.text)} characters")
        return self.text[span.start : span.end]

    def heading_path(self, offset: int) -> tuple[str, ...]:
        """Offset -> the headings it stands under, outermost first; one that is the title is left out."""
        path: list[Heading] = []
        for heading in self.headings:
            if heading.span.start > offset:
                break
            path = [h for h in path if h.level < heading.level] + [heading]
        texts = (self.heading_text(heading) for heading in path)
        return tuple(text for text in texts if self.title_from_name or text != self.title)

    def heading_text(self, heading: Heading) -> str:
        """A heading in one line."""
        return " ".join(self.slice(heading.span).split())

    def section(self, offset: int) -> int:
        """Offset -> how many headings begin at or before it: equal for two offsets with no heading between."""
        return bisect_right(self.headings, offset, key=_heading_start)

    def paragraph_at(self, offset: int) -> int:
        """Offset -> ordinal (0-based) of the paragraph that holds it, or of the last one before it."""
        return max(0, bisect_right(self.paragraphs, offset, key=_start) - 1)

    @property
    def n_pages(self) -> int | None:
        """How many pages the source has, or None where it has none."""
        return len(self.layout.pages) or None

    def page(self, offset: int) -> int | None:
        """Offset -> the physical page (from 1) that it stands on, or None where the source has no pages."""
        return max(1, bisect_right(self.layout.pages, offset)) if self.layout.pages else None

    def place(self, span: Span) -> str:
        """Span -> where a person finds it: `page 12`, `pages 12-13` with a dash, or as `location`."""
        first, last = self.page(span.start), self.page(max(span.start, span.end - 1))
        return f"pages {first}–{last}" if first != last else self.location(span.start)

    def location(self, offset: int) -> str:
        """Offset -> where it is: `page 12` of what has pages; else `paragraph 5`, `Leave > Sick pay, paragraph 3`."""
        if (page := self.page(offset)) is not None:
            return f"page {page}"
        paragraph = self.paragraph_at(offset)
        path = self.heading_path(offset)
        number = paragraph + 1
        if self.numbered_by_section and self.paragraphs:
            section = self.section(self.paragraphs[paragraph].start)
            first = bisect_right(self.paragraphs, section - 1, key=lambda span: self.section(span.start))
            number = paragraph - first + 1
        return f"{' > '.join(path)}, paragraph {number}" if path else f"paragraph {number}"


def document_as_json(document: Document) -> dict[str, Any]:
    """A document -> all of it but its text, as a snapshot stores it and a worker sends it.

    A field that is added to `Document` is added here, and in `fields_from_json`.
    """
    layout = document.layout
    return {
        "path": document.path,
        "title": document.title,
        "title_from_name": document.title_from_name,
        "source_sha256": document.source_sha256,
        "source_bytes": document.source_bytes,
        "sha256": document.sha256,
        "headings": [[h.span.start, h.span.end, h.level] for h in document.headings],
        "paragraphs": [[span.start, span.end] for span in document.paragraphs],
        "numbered_by_section": document.numbered_by_section,
        "pages": list(layout.pages),
        "rows": list(layout.rows),
        "runs": [[run.start, run.length, run.first] for run in layout.runs],
        "removed": [[removed.page, removed.text] for removed in layout.removed],
    }


def fields_from_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What `document_as_json` gave -> the fields of the document, but its text.

    Raises:
        KeyError, TypeError, ValueError: the entry is none of ours.
    """
    return {
        "path": str(entry["path"]),
        "title": str(entry["title"]),
        "title_from_name": bool(entry["title_from_name"]),
        "source_sha256": str(entry["source_sha256"]),
        "headings": tuple(Heading(Span(start, end), level) for start, end, level in entry["headings"]),
        "paragraphs": tuple(Span(start, end) for start, end in entry["paragraphs"]),
        "numbered_by_section": bool(entry["numbered_by_section"]),
        "source_bytes": int(entry["source_bytes"]),
        "layout": Layout(
            pages=tuple(entry["pages"]),
            rows=tuple(entry["rows"]),
            runs=tuple(Run(*run) for run in entry["runs"]),
            removed=tuple(Removed(*removed) for removed in entry["removed"]),
        ),
    }


_start = attrgetter("start")
_heading_start = attrgetter("span.start")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: `document` is the document's ordinal in the snapshot, `paragraph` its ordinal in the document."""

    document: int
    span: Span
    paragraph: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences that are searched as one.

    `sentences` is the range of their ordinals in the snapshot. The span covers them whole, except where one
    sentence is longer than the encoder reads: then the passage is a piece of that one sentence.
    """

    document: int
    span: Span
    sentences: range


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage (by ordinal) that search returned.

    `rrf` is the fused score, `cosine` in -1..1, `bm25` from 0; higher is better. A passage that only
    one of the two rankings returned carries the score of both all the same.
    """

    passage: int
    rrf: float
    cosine: float
    bm25: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file of the corpus that was not indexed, and why; `failed` when the user would expect it to be."""

    path: str
    reason: str
    failed: bool = True


@dataclass(frozen=True, slots=True)
class Corpus:
    """What folders and files gave: documents sorted by path, named from `root`, and the files left out.

    `named` are the folders and files themselves, absolute.
    """

    root: str
    documents: Sequence[Document]
    left_out: tuple[LeftOut, ...] = ()
    named: tuple[str, ...] = ()
