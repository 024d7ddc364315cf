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
    document = Document("", "", text, "", (), (Span(0, len(text)),))
    # The encoder's own limit is far above these budgets, so its count need not be taken.
    budget = Budget(tokens, 1, count_tokens, encoder_tokens=512, encoder_count=lambda _: 0)
    sentences = sentences_of(document, 0)
    return tuple(passage.span for passage, _ in passages_of(document, sentences, 0, budget, prefix=False))
