"""A responder without a model, for tests of the page: it quotes the sentences that share most words with a question."""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from bot.answer import Answer, Quote, failed
from bot.percent import shortfall
from bot.question import validate
from index.errors import QuestionError
from index.loaders.text import load
from index.records import Document, Span
from index.snapshot import Snapshot

THRESHOLD = 0.5
_SENTENCE = re.compile(r"[^.!?\s][^.!?]*[.!?]*[”\"]?")
_WORD = re.compile(r"\w+")


def make_document(text: str, path: str = "notes.txt", title: str | None = None) -> Document:
    """A text -> the document that the loader makes of it, under another title where one is given."""
    document = load(path, text.encode("utf-8", "surrogatepass"))
    if title is None:
        return document
    return Document(path, title, document.text, document.source_sha256, document.headings, document.paragraphs)


def sentences_of(document: Document) -> list[Span]:
    """A document -> spans of its sentences, roughly."""
    return [
        Span(match.start(), match.start() + len(match.group().rstrip()))
        for paragraph in document.paragraphs
        for match in _SENTENCE.finditer(document.text, paragraph.start, paragraph.end)
    ]


@dataclass
class FakeResponder:
    """Answers at once, and the same every time.

    A question with the word "crash" raises; one with "wait" waits until `go` is set.
    """

    documents: Sequence[Document]
    scripted: dict[str, Answer] = field(default_factory=dict)
    go: threading.Event = field(default_factory=threading.Event)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    corpus_root: str = "nowhere"
    generation: str = "fake"

    @property
    def snapshot(self) -> Snapshot:
        """What the page reads of a snapshot: its id and documents."""
        contents: Any = SimpleNamespace(documents=self.documents, corpus_root=self.corpus_root)
        built_at = "2026-01-02T03:04:05+00:00"
        return cast("Snapshot", SimpleNamespace(id=self.generation, contents=contents, built_at=built_at))

    def now(self) -> "FakeResponder":
        """Itself: nothing is rebuilt here."""
        return self

    def over(self, documents: Sequence[Document], *_: object) -> "FakeResponder":
        """Documents -> one that answers from those."""
        return FakeResponder(tuple(documents))

    def answer(self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None) -> Answer:
        """A question -> quotes of the sentences that share at least two words with it, or the nearest."""
        self.asked.append((question, previous))
        if question in self.scripted:
            return self.scripted[question]
        try:
            words = set(_WORD.findall(validate(question).lower()))
        except QuestionError as error:
            return failed(question, str(error), threshold=THRESHOLD)
        if "crash" in words:
            raise RuntimeError("a defect with <b>details</b>")
        if "wait" in words:
            self.go.wait(timeout=30)
        resolved = question.strip()
        if previous and resolved.lower().startswith("and "):
            resolved = f"{previous} {resolved}"
            words |= set(_WORD.findall(previous.lower()))
        scored = sorted(
            (
                (-len(words & set(_WORD.findall(document.slice(span).lower()))), number, document, span)
                for document in self.documents
                if documents is None or document.path in documents
                for number, span in enumerate(sentences_of(document))
            ),
            key=lambda item: item[:2],
        )[:3]
        quotes = tuple(
            Quote(document, span, probability=min(0.97, 0.2 - score * 0.18), answer=_answer(document, span))
            for score, _, document, span in scored
        )
        if scored[0][0] <= -2:
            return Answer(question, resolved, "answered", THRESHOLD, quotes=quotes, reader="fake", index="fake")
        reason = shortfall(quotes[0].probability, THRESHOLD)
        return Answer(
            question, resolved, "not_found", THRESHOLD, nearest=quotes, reader="fake", index="fake", reason=reason
        )


def _answer(document: Document, span: Span) -> Span | None:
    """The second to fourth word of a sentence, as if they were the answer."""
    words = list(_WORD.finditer(document.text, span.start, span.end))[1:4]
    return Span(words[0].start(), words[-1].end()) if words else None
