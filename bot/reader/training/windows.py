"""Training texts -> the windows that the reader will meet as passages."""

from functools import cache

from index.passages import Budget, count_tokens, passages_of, sentences_of
from index.records import Document, Span

# As `index.settings` cuts passages by default, and half of it: documents have short paragraphs too, and a
# short window costs half the time.
FULL, HALF = 96, 48


@cache
def windows_of(text: str, tokens: int = FULL) -> tuple[Span, ...]:
    """A text and a budget in cl100k tokens -> its passages' spans, cut as `index.passages` does; empty for none."""
    document = _document_of(text)
    # The encoder's own limit is far above these budgets, so its count need not be taken.
    budget = Budget(tokens, 1, count_tokens, encoder_tokens=512, encoder_count=lambda _: 0)
    sentences = sentences_of(document, 0)
    return tuple(passage.span for passage, _ in passages_of(document, sentences, 0, budget, prefix=False))


def sentences_with(text: str, span: Span) -> Span:
    """A text and a span in it -> the span of the whole sentences that it touches; itself where it touches none."""
    touched = [one.span for one in sentences_of(_document_of(text), 0) if one.span.overlaps(span)]
    return Span(touched[0].start, touched[-1].end) if touched else span


def _document_of(text: str) -> Document:
    return Document("", "", text, "", (), (Span(0, len(text)),))
