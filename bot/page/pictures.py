"""A place in a PDF -> pictures of its pages, with the words laid over: the witness of what was extracted.

A page is drawn by a worker process from the file itself, which must still be the one that was indexed.
"""

import atexit
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bot.page.source import Highlights
from index.errors import DocumentError
from index.records import Document, Span
from index.workers import Limits, Workers

# A quote reaches over two pages at most, but for freaks; each picture takes some 200 KB.
_PAGES = 3
_KEPT = 48
# Of their own, and quick: who looks at a source does not wait for files that somebody drops in.
DRAWING = Workers(Limits(seconds=10), n_processes=1)
atexit.register(DRAWING.close)

FileOf = Callable[[Document], tuple[str, bytes]]


class Pictures:
    """Pictures of pages, drawn when first asked for and kept for a while."""

    def __init__(self, file_of: FileOf, workers: Workers = DRAWING) -> None:
        """Draws from files.

        Args:
            file_of: a document -> the name and bytes of the file that it is or is attached to; raises DocumentError.
            workers: the processes that draw.
        """
        self._file_of = file_of
        self._workers = workers
        self._kept: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def of_place(self, document: Document, highlights: Highlights) -> list[dict[str, Any]]:
        """A document and what is marked in it -> its pages there, first to last.

        Returns:
            For each page its `number`, its picture's `width` and `height` in pixels, and `boxes`: `mark` and `left`,
            `top`, `width`, `height` as shares of the page. Empty for a document without pages, and where the file is
            gone or is not the one that was indexed.
        """
        if document.n_pages is None:
            return []
        spans = [span for span in (highlights.quote, highlights.context) if span is not None]
        start = min((span.start for span in spans), default=0)
        end = max((span.end for span in spans), default=1)
        first, last = document.page(start) or 1, document.page(max(start, end - 1)) or 1
        try:
            return [
                self._page(document, number, highlights) for number in range(first, min(last, first + _PAGES - 1) + 1)
            ]
        except DocumentError:
            return []

    def png(self, document: Document, number: int) -> bytes | None:
        """A document and a page (from 1) -> the picture, or None where there is none."""
        if document.n_pages is None or not 1 <= number <= document.n_pages:
            return None
        with self._lock:
            kept = self._kept.get((document.sha256, number))
            if kept is not None:
                self._kept.move_to_end((document.sha256, number))
                return kept
        try:
            self._draw(document, number, [])
        except DocumentError:
            return None
        with self._lock:
            return self._kept.get((document.sha256, number))

    def _page(self, document: Document, number: int, highlights: Highlights) -> dict[str, Any]:
        runs = list(_runs(document, number, highlights))
        header = self._draw(document, number, [run for run, _ in runs])
        boxes = [
            {"mark": mark, "left": left, "top": top, "width": width, "height": height}
            for (_, mark), found in zip(runs, header["boxes"], strict=True)
            for left, top, width, height in found
        ]
        return {"number": number, "width": header["width"], "height": header["height"], "boxes": boxes}

    def _draw(self, document: Document, number: int, runs: Sequence[tuple[int, int]]) -> Mapping[str, Any]:
        path, data = self._file_of(document)
        request = {
            "task": "picture",
            "path": path,
            "part": document.path,
            "sha256": document.source_sha256,
            "page": number,
            "runs": runs,
        }
        reply = self._workers.ask(request, data)
        with self._lock:
            self._kept[document.sha256, number] = reply.body
            self._kept.move_to_end((document.sha256, number))
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return reply.header


def _runs(document: Document, number: int, highlights: Highlights) -> Iterable[tuple[tuple[int, int], str]]:
    """What is marked on a page -> runs of its characters (first, length), each with its mark."""
    pages = document.layout.pages
    page = Span(pages[number - 1], pages[number] if number < len(pages) else len(document.text))
    for run in document.layout.runs:
        start, end = max(run.start, page.start), min(run.start + run.length, page.end)
        if start >= end:
            continue
        edges = sorted({start, end, *(edge for edge in highlights.edges() if start < edge < end)})
        for begin, stop in pairwise(edges):
            if mark := highlights.mark_at(begin):
                yield (run.first + begin - run.start, stop - begin), mark
