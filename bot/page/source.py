"""A place -> the part of its document that the source panel shows, cut by the server.

The browser gets texts in pieces and only puts them one after another: its strings count UTF-16 units, ours code
points, so nothing there may count. A long document comes in windows.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from bot.page.places import SHA_CHARACTERS, document_at, read_address, read_range
from bot.page.shelf import facts
from index.records import Document, Heading, Span

# To each side of a quote, and per "show more": about four screens of text, so that opening any place of any
# document sends and lays out the same little.
WINDOW = 6_000

CHANGED = "This document has changed since it was cited, or is no longer among the documents."
UNREADABLE = "This address doesn’t name a place in a document."

Mark = Literal["", "context", "quote", "answer"]


@dataclass(frozen=True, slots=True)
class Highlights:
    """What is marked in the source: a quote, in it the answer, before it the context; None marks nothing."""

    quote: Span | None = None
    answer: Span | None = None
    context: Span | None = None

    def mark_at(self, offset: int) -> Mark:
        """An offset -> how the character there is marked."""
        for span, mark in ((self.answer, "answer"), (self.quote, "quote"), (self.context, "context")):
            if span is not None and span.start <= offset < span.end:
                return mark  # type: ignore[return-value] # the tuple's literals are widened to str
        return ""

    def edges(self) -> set[int]:
        """Where marking may change."""
        return {edge for span in (self.quote, self.answer, self.context) if span for edge in (span.start, span.end)}


def open_place(
    documents: Sequence[Document],
    asked: Mapping[str, Any],
    pictures: Callable[[Document, Highlights], list[dict[str, Any]]] = lambda *_: [],
) -> dict[str, Any]:
    """A place as a browser names it -> its surroundings with the place highlighted.

    Args:
        documents: of the snapshot.
        asked: `address`, as in the URL; optionally `answer` and `context`, each `start:end`, and `path`:
            which file is meant of those with the same text.
        pictures: a document and what is marked in it -> pictures of its pages there.

    Returns:
        `found` False and a `message`; or `found` True, the document's `title`, `facts`, `sha`, `path`, `pages`, and
        `blocks` with the offsets `before` and `after` from which more can be had (None at the document's ends).
    """
    place = read_address(asked.get("address"))
    if place is None:
        return {"found": False, "message": UNREADABLE}
    document = document_at(documents, place.sha, asked.get("path"))
    if document is None:
        return {"found": False, "message": CHANGED}
    if place.span.end > len(document.text):
        return {"found": False, "message": UNREADABLE}
    highlights = Highlights(
        quote=place.span if len(place.span) else None,
        answer=_inside(read_range(asked.get("answer")), document),
        context=_inside(read_range(asked.get("context")), document),
    )
    start, end = place.span.start, min(place.span.end, place.span.start + WINDOW)
    if highlights.context is not None:
        start = max(min(start, highlights.context.start), start - WINDOW)
    shown = Span(_snap_start(document, start - WINDOW), _snap_end(document, end + WINDOW))
    return {
        "found": True,
        "address": place.address,
        "sha": place.sha,
        "path": document.path,
        "title": document.title,
        "facts": facts(document),
        "pages": pictures(document, highlights),
        **_part(document, shown, highlights),
    }


def open_more(documents: Sequence[Document], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Where a window ended -> the next one.

    Args:
        documents: of the snapshot.
        asked: `sha`, and `before` or `after` as an earlier call gave it; the rest as there.

    Returns:
        As `open_place`, without the document's title and facts.
    """
    sha, before, after = asked.get("sha"), asked.get("before"), asked.get("after")
    document = (
        document_at(documents, sha, asked.get("path")) if isinstance(sha, str) and len(sha) == SHA_CHARACTERS else None
    )
    if document is None:
        return {"found": False, "message": CHANGED}
    place = read_address(asked.get("address"))
    highlights = Highlights(
        quote=_inside(place.span, document) if place is not None and place.sha == sha else None,
        answer=_inside(read_range(asked.get("answer")), document),
        context=_inside(read_range(asked.get("context")), document),
    )
    if type(before) is int and 0 <= before <= len(document.text):
        shown = Span(_snap_start(document, before - WINDOW), before)
    elif type(after) is int and 0 <= after <= len(document.text):
        shown = Span(after, _snap_end(document, after + WINDOW))
    else:
        return {"found": False, "message": UNREADABLE}
    return {"found": True, **_part(document, shown, highlights)}


def _part(document: Document, shown: Span, highlights: Highlights) -> dict[str, Any]:
    return {
        "blocks": _blocks(document, shown, highlights),
        "before": shown.start if shown.start > 0 else None,
        "after": shown.end if shown.end < len(document.text) else None,
    }


def _snap_start(document: Document, start: int) -> int:
    """Where a window should begin -> where it does: after a paragraph that it would cut, if that ends soon."""
    start = max(0, start)
    paragraphs = document.paragraphs
    cut = bisect_right(paragraphs, start, key=lambda span: span.start) - 1
    if cut >= 0 and paragraphs[cut].start < start < paragraphs[cut].end <= start + WINDOW // 2:
        return paragraphs[cut].end
    return start


def _snap_end(document: Document, end: int) -> int:
    """Where a window should end -> where it does: before a paragraph that it would cut, if that began just now."""
    end = min(len(document.text), end)
    paragraphs = document.paragraphs
    cut = bisect_right(paragraphs, end, key=lambda span: span.start) - 1
    if cut >= 0 and end - WINDOW // 2 <= paragraphs[cut].start < end < paragraphs[cut].end:
        return paragraphs[cut].start
    return end


def _blocks(document: Document, shown: Span, highlights: Highlights) -> list[dict[str, Any]]:
    headings = [
        heading
        for heading in document.headings
        if heading.span.overlaps(shown) and document.heading_text(heading) != document.title
    ]
    blocks: list[tuple[Span, dict[str, Any]]] = [
        (heading.span, {"kind": "heading", "level": level})
        for heading, level in zip(headings, _levels(headings), strict=True)
    ]
    paragraphs = document.paragraphs
    first = max(0, bisect_right(paragraphs, shown.start, key=lambda span: span.start) - 1)
    for span in paragraphs[first:]:
        if span.start >= shown.end:
            break
        if span.overlaps(shown):
            number = document.location(span.start).rsplit(" ", 1)[-1]
            blocks.append((span, {"kind": "paragraph", "number": number if span.start >= shown.start else ""}))
    return [
        {**block, "pieces": _pieces(document, _clip(span, shown), highlights)}
        for span, block in sorted(blocks, key=lambda item: item[0])
    ]


def _levels(headings: Iterable[Heading]) -> Iterator[int]:
    """Headings in a row -> their levels on the page, below the panel's own (2), without a gap."""
    above: list[int] = []
    for heading in headings:
        while above and above[-1] >= heading.level:
            above.pop()
        above.append(heading.level)
        yield min(6, 2 + len(above))


def _pieces(document: Document, span: Span, highlights: Highlights) -> list[tuple[str, Mark]]:
    """A span -> its text in pieces, each marked in one way."""
    edges = sorted({span.start, span.end, *(edge for edge in highlights.edges() if span.start < edge < span.end)})
    return [(document.text[start:end], highlights.mark_at(start)) for start, end in pairwise(edges)]


def _clip(span: Span, shown: Span) -> Span:
    return Span(max(span.start, shown.start), min(span.end, shown.end))


def _inside(span: Span | None, document: Document) -> Span | None:
    return span if span is not None and len(span) > 0 and span.end <= len(document.text) else None
