"""What comes back for a question: quotes, each cut out of its document, and their JSON form.

A `Quote` holds a document and spans, never a text of its own: there is no way to make one whose words do not
stand in the document. `docs/answer.schema.json` describes the JSON.
"""

from dataclasses import dataclass
from typing import Any, Literal

from index.records import Document, Span

SCHEMA_VERSION = 1
Verdict = Literal["answered", "not_found", "error"]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Another place that says the same."""

    document: Document
    span: Span

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {"document": self.document.path, "start": self.span.start, "end": self.span.end}


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim piece of a document, with its citation.

    Attributes:
        document: where it stands.
        span: whole sentences.
        probability: that the question is answered here, 0..1.
        answer: the phrase in `span` that answers, where the reader marks one.
        context: sentences before `span` without which it would not make sense; they need not touch it.
        also_in: other places with nearly the same words.

    Raises:
        ValueError: a span does not lie in the document, the answer not in the quote, or the context not
            before it: a defect in the caller.
    """

    document: Document
    span: Span
    probability: float
    answer: Span | None = None
    context: Span | None = None
    also_in: tuple[Occurrence, ...] = ()

    def __post_init__(self) -> None:
        self.document.slice(self.span)
        if not len(self.span):
            raise ValueError(f"an empty quote at {self.span.start} of {self.document.path}")
        if self.answer is not None and not self.span.contains(self.answer):
            raise ValueError(f"the answer {self.answer} lies outside the quote {self.span}")
        if self.context is not None and self.context.end > self.span.start:
            raise ValueError(f"the context {self.context} does not lie before the quote {self.span}")
        if not 0.0 <= self.probability <= 1.0:
            raise ValueError(f"probability {self.probability}; expected 0 to 1")

    @property
    def text(self) -> str:
        """The very characters of the document."""
        return self.document.slice(self.span)

    @property
    def location(self) -> str:
        """Where a person finds it: `paragraph 5`, `page 12`."""
        return self.document.place(self.span)

    @property
    def citation(self) -> str:
        """Title and place in one line: `Putin's Pivot, paragraph 5`."""
        return f"{self.document.title}, {self.location}"

    def as_json(self) -> dict[str, Any]:
        """The contract's form; every offset counts code points of the canonical text."""
        return {
            "text": self.text,
            "document": self.document.path,
            "title": self.document.title,
            "source_sha256": self.document.source_sha256,
            "sha256": self.document.sha256,
            "start": self.span.start,
            "end": self.span.end,
            "location": self.location,
            "page": self.document.page(self.span.start),
            "answer": _piece(self.document, self.answer),
            "context": _piece(self.document, self.context),
            "also_in": [occurrence.as_json() for occurrence in self.also_in],
            "probability": self.probability,
        }


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the steps took, in milliseconds of wall time."""

    encode: float = 0.0
    retrieve: float = 0.0
    read: float = 0.0
    total: float = 0.0

    def as_json(self) -> dict[str, float]:
        """The contract's form, rounded to microseconds."""
        return {name: round(getattr(self, name), 3) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        question: as it was asked.
        resolved_question: as it was read: corrected, or expanded from the question before it.
        verdict: `answered`, `not_found`, or `error`.
        threshold: the probability from which a question counts as answered.
        quotes: best first, in document order for a list; empty unless answered.
        nearest: the closest passages, no answers; empty unless not found.
        reader: which reader chose, or None on an error.
        index: the snapshot's id, or "" without one.
        reason: why nothing was found or what went wrong, in one line.
        notes: what the user should know: a correction, an expansion, a limit.
        id: the caller's own name for the question.
    """

    question: str
    resolved_question: str
    verdict: Verdict
    threshold: float
    quotes: tuple[Quote, ...] = ()
    nearest: tuple[Quote, ...] = ()
    reader: str | None = None
    index: str = ""
    reason: str | None = None
    notes: tuple[str, ...] = ()
    timings: Timings = Timings()
    id: str | None = None

    @property
    def probability(self) -> float | None:
        """That the first quote answers (when not found: the first of the nearest); None on an error."""
        if self.verdict == "error":
            return None
        shown = self.quotes or self.nearest
        return shown[0].probability if shown else 0.0

    def as_json(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "schema_version": SCHEMA_VERSION,
            "id": self.id,
            "question": self.question,
            "resolved_question": self.resolved_question,
            "verdict": self.verdict,
            "reason": self.reason,
            "probability": self.probability,
            "threshold": self.threshold,
            "quotes": [quote.as_json() for quote in self.quotes],
            "nearest": [quote.as_json() for quote in self.nearest],
            "reader": self.reader,
            "index": self.index,
            "notes": list(self.notes),
            "timings_ms": self.timings.as_json(),
        }


def failed(question: str, reason: str, *, threshold: float, index: str = "", id: str | None = None) -> Answer:
    """A question that could not be asked -> its Answer, verdict `error`."""
    return Answer(question, question, "error", threshold, index=index, reason=reason, id=id)


def _piece(document: Document, span: Span | None) -> dict[str, Any] | None:
    if span is None:
        return None
    return {"text": document.slice(span), "start": span.start, "end": span.end}
