"""Readings -> quotes: whole sentences, best first, without overlap, near-duplicates folded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.answer import Occurrence, Quote
from bot.confidence import Confidence
from bot.context import attributed, context_of
from bot.question import Kind
from bot.reader import Reading
from index.records import Span
from index.snapshot import Contents
from index.terms import words_of

MAX_QUOTES = 3
MAX_JOINED_SENTENCES = 3
# Two sentences with this share of their words in common (Jaccard) say the same.
_SAME = 0.85


@dataclass(frozen=True, slots=True)
class _Draft:
    document: int
    numbers: range
    reading: Reading


def make_quotes(
    readings: Sequence[Reading], kind: Kind, contents: Contents, confidence: Confidence
) -> tuple[Quote, ...]:
    """Readings, best first -> at most `MAX_QUOTES` quotes.

    Args:
        readings: of one question.
        kind: why and how join neighbouring sentences.
        contents: of the snapshot that was read.
        confidence: gives each quote its probability.
    """
    drafts: list[_Draft] = []
    seen: list[tuple[frozenset[str], list[Occurrence]]] = []
    for reading in readings:
        draft = _draft(reading, readings, kind, contents)
        document = contents.documents[draft.document]
        span = _span(draft.numbers, contents)
        if any(d.document == draft.document and _span(d.numbers, contents).overlaps(span) for d in drafts):
            continue
        words = frozenset(words_of(document.slice(span)))
        twin = next((places for other, places in seen if alike(words, other)), None)
        if twin is not None:
            twin.append(Occurrence(document, span))
        elif len(drafts) < MAX_QUOTES:
            drafts.append(draft)
            seen.append((words, []))
    quotes = [
        _quote(draft, tuple(places), contents, confidence) for draft, (_, places) in zip(drafts, seen, strict=True)
    ]
    return tuple(_never_rising(quotes))


def _never_rising(quotes: Iterable[Quote]) -> Iterator[Quote]:
    """Quotes, best first -> the same, none more probable than the one before: the ranking knows more than that."""
    highest = 1.0
    for quote in quotes:
        highest = min(highest, quote.probability)
        yield replace(quote, probability=highest)


def as_list(quotes: Sequence[Quote], threshold: float) -> tuple[Quote, ...]:
    """Quotes, best first -> the pieces of a list: those probable enough to be one, in document order."""
    pieces = [quote for quote in quotes if quote.probability >= threshold] or quotes[:1]
    return tuple(sorted(pieces, key=lambda quote: (quote.document.path, quote.span)))


def _draft(reading: Reading, readings: Sequence[Reading], kind: Kind, contents: Contents) -> _Draft:
    sentences = contents.sentences
    number = reading.sentence
    ordinal = sentences[number].document
    document = contents.documents[ordinal]
    numbers = attributed(document, sentences, number)
    if kind is Kind.WHY_HOW:
        best = {other.sentence for other in readings[:MAX_QUOTES]}
        numbers = _join(numbers, best, contents)
    return _Draft(ordinal, numbers, reading)


def _join(numbers: range, best: set[int], contents: Contents) -> range:
    """Grows the range by neighbours that are among the best themselves, within the paragraph."""
    sentences = contents.sentences
    here = sentences[numbers.start]

    def joins(number: int) -> bool:
        if number not in best or not 0 <= number < len(sentences):
            return False
        other = sentences[number]
        return (other.document, other.paragraph) == (here.document, here.paragraph)

    start, stop = numbers.start, numbers.stop
    while stop - start < MAX_JOINED_SENTENCES and joins(stop):
        stop += 1
    while stop - start < MAX_JOINED_SENTENCES and joins(start - 1):
        start -= 1
    return range(start, stop)


def _quote(draft: _Draft, also_in: tuple[Occurrence, ...], contents: Contents, confidence: Confidence) -> Quote:
    document = contents.documents[draft.document]
    return Quote(
        document=document,
        span=_span(draft.numbers, contents),
        probability=confidence.probability(draft.reading.evidence),
        answer=draft.reading.answer,
        context=context_of(document, contents.sentences, draft.numbers),
        also_in=also_in,
    )


def _span(numbers: range, contents: Contents) -> Span:
    return contents.sentences[numbers.start].span.cover(contents.sentences[numbers.stop - 1].span)


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences, each the set of its words, say the same but for a word or two."""
    if not one or not other:
        return one == other
    return len(one & other) >= _SAME * len(one | other)
