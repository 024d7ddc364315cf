"""Questions with known answers: the records, and gold found in the documents.

A file of questions is read by `formats` into entries, whose gold is what its author wrote; `locate` finds that in the
documents, so that from there on gold is a place. Both name every line that is wrong, and all of them at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from bot.counting import counted
from index.errors import QuestionsError
from index.records import Document, Span

Format = Literal["JSONL", "CSV", "SQuAD", "BEIR"]
# A person mends a handful of lines and asks again.
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, order=True)
class Gold:
    """A place that answers. `relevance` is 1, or the grade that a BEIR file gives."""

    document: str
    span: Span
    relevance: int = 1


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question with the places that answer it; none: the documents do not answer it."""

    id: str
    question: str
    gold: tuple[Gold, ...]
    kinds: tuple[str, ...] = ()
    split: str = ""
    author: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer it."""
        return bool(self.gold)

    def is_right(self, document: Document, span: Span) -> bool:
        """Whether a span overlaps gold."""
        return self.relevance_of(document, span) > 0

    def relevance_of(self, document: Document, span: Span) -> int:
        """A span -> the highest relevance of the gold that it overlaps; 0 for none."""
        return max(
            (gold.relevance for gold in self.gold if gold.document == document.path and span.overlaps(gold.span)),
            default=0,
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """Gold as it was written: a text, a document with offsets, or a text in a document."""

    text: str | None = None
    document: str | None = None
    span: Span | None = None
    relevance: int = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A question as it was written, and the line of the file it begins on."""

    line: int
    id: str
    question: str
    wanted: tuple[Wanted, ...]
    kinds: tuple[str, ...] = ()
    split: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """A file or folder of questions that has been read.

    Attributes:
        path: as it was named.
        format: what it was read as.
        sha256: hex digest of the bytes that were read.
        entries: in order, ids without duplicates.
        documents: the corpus, where the file brings its own; else None.
        paragraphs: SQuAD: id of a question -> the paragraph it was asked of, in the document of its gold.
        whole_documents: BEIR: gold is whole documents, and it is documents that are ranked.
    """

    path: Path
    format: Format
    sha256: str
    entries: tuple[Entry, ...]
    documents: tuple[Document, ...] | None = None
    paragraphs: Mapping[str, Span] | None = None
    whole_documents: bool = False


def locate(file: QuestionFile, documents: Sequence[Document], split: str | None = None) -> list[LabelledQuestion]:
    """Questions as they were written -> the same with their gold's places; `split` leaves only those of one split.

    A text counts as found where it stands character by character, except that white space matches white space.

    Raises:
        QuestionsError: gold is not in the documents, or in several places; or no question has that split.
    """
    named = {document.path: document for document in documents}
    problems: list[str] = []
    questions = []
    for entry in file.entries:
        if split is not None and entry.split != split:
            continue
        gold = []
        for wanted in entry.wanted:
            try:
                gold.append(_place(wanted, named))
            except ValueError as error:
                problems.append(f"{file.path}, line {entry.line}: {error}")
        found = tuple(dict.fromkeys(gold))
        questions.append(LabelledQuestion(entry.id, entry.question, found, entry.kinds, entry.split, entry.author))
    if split is not None and not questions:
        known = ", ".join(sorted({entry.split for entry in file.entries if entry.split})) or "none"
        problems.append(f"{file.path}: no question has the split {split}; it has {known}")
    complain(problems)
    return questions


def complain(problems: Sequence[str]) -> None:
    """Lines that say what is wrong -> an error that holds them, if there are any.

    Raises:
        QuestionsError: there are.
    """
    if problems:
        raise QuestionsError(_first(problems))


def _first(problems: Sequence[str]) -> tuple[str, ...]:
    if len(problems) <= MOST_PROBLEMS:
        return tuple(problems)
    return (*problems[:MOST_PROBLEMS], f"and {len(problems) - MOST_PROBLEMS:,} more like these")


def _place(wanted: Wanted, named: Mapping[str, Document]) -> Gold:
    """Gold as it was written -> its place; ValueError says in one line why there is none."""
    if wanted.document is not None and wanted.document not in named:
        some = ", ".join(sorted(named)[:3])
        raise ValueError(f"the corpus has no document {wanted.document}; it has {some}{' …' if len(named) > 3 else ''}")  # noqa: PLR2004 - those named
    if wanted.span is not None and wanted.document is not None:
        document = named[wanted.document]
        if wanted.span.end > len(document.text):
            raise ValueError(
                f"the gold {wanted.span.start}:{wanted.span.end} lies outside {document.path}, which has"
                f" {len(document.text):,} characters"
            )
        return Gold(document.path, wanted.span, wanted.relevance)
    text = wanted.text or ""
    where = list(named.values()) if wanted.document is None else [named[wanted.document]]
    for find in (_exactly, partial(_loosely, re.compile(r"\s+".join(map(re.escape, text.split()))))):
        places = [(document, span) for document in where for span in find(text, document.text)]
        if len(places) == 1:
            return Gold(places[0][0].path, places[0][1], wanted.relevance)
        if places:
            paths = sorted({document.path for document, _ in places})
            raise ValueError(
                f"the gold “{_short(text)}” stands in {len(places):,} places ({', '.join(paths[:2])}"
                f"{' …' if len(paths) > 2 else ''}); give more of the sentence, or document, start and end"  # noqa: PLR2004 - those named
            )
    whole = counted(len(where), "document") if wanted.document is None else wanted.document
    raise ValueError(
        f"the gold “{_short(text)}” does not stand in {whole}; copy it character by character, or leave gold empty"
        f" where nothing answers"
    )


def _exactly(text: str, whole: str) -> Iterator[Span]:
    start = whole.find(text)
    while start >= 0:
        yield Span(start, start + len(text))
        start = whole.find(text, start + len(text))


def _loosely(pattern: re.Pattern[str], _: str, whole: str) -> Iterator[Span]:
    return (Span(*match.span()) for match in pattern.finditer(whole))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"  # noqa: PLR2004 - what one glance takes
