"""PDF, by pdfium: pages -> lines in reading order -> paragraphs, without what repeats in the margins.

Nothing in a PDF is run, and no link of it is followed. pdfium is not thread-safe; each worker process has its own.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from index.errors import DocumentError
from index.loaders.blocks import refuse_too_long
from index.loaders.document import document_of
from index.loaders.pdf_margins import repeated
from index.loaders.pdf_page import Line, read_lines
from index.records import Document, Heading, Layout, Removed, Run, Span

MAX_PAGES = 5_000
_REFUSED = {
    pdfium_c.FPDF_ERR_PASSWORD: "encrypted: needs a password; save it without one",
    pdfium_c.FPDF_ERR_SECURITY: "encrypted: in a way that is not known",
}
# A paragraph ends where the next line is this much further down than lines usually are.
_WIDER = 1.3
# Or where it is indented by this many font heights, or in another size.
_INDENT = 0.9
_OTHER_SIZE = 0.12
_ENDS = tuple(".!?:;")
_CLOSING = "\"'”’)]»"
_SHORT = 0.85
_ITEM = re.compile(r"(?:[•●▪◦‣○■□–—*-]|\(?[a-z]{1,4}\)|\(?\d{1,3}[.)]|\(\d{1,3}\)|\d+(?:\.\d+)+\.?|[A-Z]\.)\s")
_HEADING_SIZE = 1.12
_HEADING_CHARACTERS = 150
_MAX_HEADINGS = 0.3


def load(path: str, data: bytes) -> Document:
    """A PDF -> Document; its title is the file's name.

    Raises:
        DocumentError: the file is damaged, encrypted, too large, or has no text layer.
    """
    document = open_pdf(data)
    try:
        if len(document) > MAX_PAGES:
            raise DocumentError(f"too large: has {len(document):,} pages; expected at most {MAX_PAGES:,}")
        pages = list(_read_pages(document))
    finally:
        document.close()
    if not any(lines for _, lines in pages):
        raise DocumentError("no text (scanned?); run text recognition (OCR) over it first")
    margins = repeated(pages)
    writer = _Writer(_heading_sizes(pages, margins))
    for (_, lines), running in zip(pages, margins, strict=True):
        writer.page([line for n, line in enumerate(lines) if n not in running], [lines[n] for n in sorted(running)])
    return writer.document(path, data)


def open_pdf(data: bytes) -> Any:
    """Bytes -> an open pdfium document.

    Raises:
        DocumentError: the file is damaged or encrypted.
    """
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        raise DocumentError(_REFUSED.get(code, "damaged: is no whole PDF")) from None
    if len(document) < 1:
        document.close()
        raise DocumentError("damaged: is a PDF without pages")
    return document


def _read_pages(document: Any) -> Iterator[tuple[float, list[Line]]]:
    """An open document -> each page's height and lines; a page that cannot be opened has none."""
    characters = 0
    for number in range(len(document)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            yield 0.0, []
            continue
        try:
            lines = read_lines(page, is_first=number == 0)
            yield page.get_size()[1], lines
        except pdfium.PdfiumError:
            yield 0.0, []
            continue
        finally:
            page.close()
        characters += sum(len(line.text) for line in lines)
        refuse_too_long(characters)


def _heading_sizes(
    pages: Sequence[tuple[float, Sequence[Line]]], margins: Sequence[frozenset[int]]
) -> dict[float, int]:
    """Which sizes of letters are those of headings, and of what level; most text has none of them."""
    sizes: Counter[float] = Counter()
    lines_of: Counter[float] = Counter()
    for (_, lines), running in zip(pages, margins, strict=True):
        for n, line in enumerate(lines):
            if n not in running:
                sizes[_rounded(line.size)] += len(line.text)
                lines_of[_rounded(line.size)] += 1
    if not sizes:
        return {}
    body = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size >= _HEADING_SIZE * body), reverse=True)
    if sum(lines_of[size] for size in larger) > _MAX_HEADINGS * sum(lines_of.values()):
        return {}
    return {size: min(6, level) for level, size in enumerate(larger, start=1)}


def _rounded(size: float) -> float:
    return round(size * 2) / 2


@dataclass(slots=True)
class _Writer:
    """Puts lines one after another into the text, and keeps where everything went."""

    heading_sizes: dict[float, int]
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    pages: list[int] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    paragraphs: list[Span] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)
    last: Line | None = None
    open_paragraph: bool = False

    def page(self, lines: Sequence[Line], running: Sequence[Line]) -> None:
        """Adds a page: its lines in reading order, and those that were taken out of it."""
        number = len(self.pages) + 1
        self.removed.extend(Removed(number, line.text) for line in running)
        usual = _usual_distance(lines)
        begun = False
        for n, line in enumerate(lines):
            level = self._heading_level(line)
            previous = self.last
            if previous is None:
                goes_on = False
            elif n == 0:
                goes_on = level is None and self.open_paragraph and _crosses(previous, line)
            else:
                goes_on = _same_paragraph(previous, line, usual) and (level is None) == self.open_paragraph
            self._separate("\n" if goes_on else "\n\n")
            if not begun:
                self.pages.append(self.length)
                begun = True
            self._add(line, level, goes_on=goes_on)
            self.last = line
        if not begun:
            self.pages.append(self.length)

    def document(self, path: str, data: bytes) -> Document:
        """All of it -> the document."""
        text = "".join(self.pieces)
        return document_of(
            path,
            data,
            text,
            headings=self.headings,
            paragraphs=self.paragraphs,
            by_heading=False,
            with_ending=True,
            numbered_by_section=False,
            layout=Layout(
                pages=tuple(min(start, len(text)) for start in self.pages),
                runs=tuple(self.runs),
                removed=tuple(self.removed),
            ),
        )

    def _heading_level(self, line: Line) -> int | None:
        level = self.heading_sizes.get(_rounded(line.size))
        is_one = len(line.text) <= _HEADING_CHARACTERS and any(c.isalpha() for c in line.text)
        return level if is_one else None

    def _separate(self, separator: str) -> None:
        if self.pieces:
            self.pieces.append(separator)
            self.length += len(separator)

    def _add(self, line: Line, level: int | None, *, goes_on: bool) -> None:
        start = self.length
        self.pieces.append(line.text)
        self.length += len(line.text)
        span = Span(start, self.length)
        self._note_runs(line, start)
        if level is None:
            if goes_on and self.paragraphs:
                self.paragraphs[-1] = self.paragraphs[-1].cover(span)
            else:
                self.paragraphs.append(span)
        elif goes_on and self.headings and self.headings[-1].level == level:
            self.headings[-1] = Heading(self.headings[-1].span.cover(span), level)
        else:
            self.headings.append(Heading(span, level))
        self.open_paragraph = level is None

    def _note_runs(self, line: Line, start: int) -> None:
        at = 0
        while at < len(line.numbers):
            stop = at + 1
            while (
                stop < len(line.numbers) and line.numbers[stop] == line.numbers[stop - 1] + 1 and line.numbers[at] >= 0
            ):
                stop += 1
            if line.numbers[at] >= 0:
                self.runs.append(Run(start + at, stop - at, line.numbers[at]))
            at = stop


def _usual_distance(lines: Sequence[Line]) -> float:
    """How far apart two lines of one paragraph usually are on a page."""
    distances = [
        a.box.bottom - b.box.bottom
        for a, b in pairwise(lines)
        if 0 < a.box.bottom - b.box.bottom < 3 * max(a.size, b.size) and abs(a.size - b.size) < _OTHER_SIZE * a.size
    ]
    return statistics.median(distances) if distances else 0.0


def _same_paragraph(above: Line, line: Line, usual: float) -> bool:
    """Whether a line goes on with the paragraph of the one before it on its page."""
    distance = above.box.bottom - line.box.bottom
    if distance <= 0:
        return _crosses(above, line)  # the next column
    if abs(above.size - line.size) > _OTHER_SIZE * above.size or distance > max(_WIDER * usual, 1.2 * line.size):
        return False
    ended = above.text.rstrip(_CLOSING).endswith(_ENDS)
    if _ITEM.match(line.text) and ended:
        return False
    column = above.right - above.left
    if ended and above.box.right < above.left + _SHORT * column:
        return False
    indented = line.box.left - above.box.left > _INDENT * line.size
    return not (indented and abs(above.box.left - above.left) < _INDENT * line.size and ended)


def _crosses(above: Line, line: Line) -> bool:
    """Whether a sentence goes on from the end of a page or column to the beginning of the next."""
    if abs(above.size - line.size) > _OTHER_SIZE * above.size or _ITEM.match(line.text):
        return False
    first = next((c for c in line.text if c.isalnum()), "")
    return not above.text.rstrip(_CLOSING).endswith(_ENDS) and (
        first.islower() or above.text.endswith((",", "-")) or _is_running(above)
    )


def _is_running(line: Line) -> bool:
    """Whether a line fills its column, as one within a sentence does."""
    return line.box.right > line.left + _SHORT * (line.right - line.left) and len(line.text.split()) > 4  # noqa: PLR2004
