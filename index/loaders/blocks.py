"""Blocks as a loader finds them (headings, paragraphs, table rows) -> the canonical text with its places."""

import re

from index.errors import DocumentError
from index.loaders.document import document_of
from index.records import Document, Heading, Layout, Span

MAX_CHARACTERS = 50_000_000
CELL_SEPARATOR = " | "
# A row longer than this is split into sentences like a paragraph: nobody reads it as one.
_ROW_CHARACTERS = 600
_SPACE = re.compile(r"[ \t\r\n\f\v]+")


def one_line(text: str) -> str:
    """A text -> the same with runs of white space, but not no-break spaces, made one space."""
    return _SPACE.sub(" ", text).strip(" ")


def refuse_too_long(n_characters: int) -> None:
    """Raises DocumentError where a file, with all that is attached to it, holds more text than is read."""
    if n_characters > MAX_CHARACTERS:
        raise DocumentError(f"too large: holds more than {MAX_CHARACTERS:,} characters of text; split it")


class Blocks:
    """Collects blocks in reading order; an empty line goes between two of them, a line end between rows."""

    def __init__(self) -> None:
        """Starts with none."""
        self._pieces: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._paragraphs: list[Span] = []
        self._rows: list[int] = []
        self._after_row = False

    def heading(self, text: str, level: int) -> None:
        """Adds a heading, level 1 to 6; one without words is passed over."""
        if words := one_line(text):
            self._headings.append(Heading(self._add(words, "\n\n"), max(1, min(6, level))))
            self._after_row = False

    def paragraph(self, text: str) -> None:
        """Adds a paragraph as it is, without the white space around it; one without words is passed over."""
        if words := text.strip():
            self._paragraphs.append(self._add(words, "\n\n"))
            self._after_row = False

    def row(self, cells: list[str]) -> None:
        """Adds the row of a table, its cells in order; empty cells at the end are left off."""
        words = [one_line(cell) for cell in cells]
        while words and not words[-1]:
            words.pop()
        if any(words):
            text = CELL_SEPARATOR.join(words).strip()
            self._paragraphs.append(self._add(text, "\n" if self._after_row else "\n\n"))
            if len(text) <= _ROW_CHARACTERS:
                self._rows.append(len(self._paragraphs) - 1)
            self._after_row = True

    def end_table(self) -> None:
        """The next row begins another table."""
        self._after_row = False

    @property
    def first_heading(self) -> str | None:
        """The words of the first heading, or None."""
        if not self._headings:
            return None
        span = self._headings[0].span
        return "".join(self._pieces)[span.start : span.end]

    def document(self, path: str, data: bytes, title: str | None) -> Document:
        """All that was added -> the document.

        Args:
            path: its name.
            data: the file.
            title: what a citation calls it, where that is not the first heading or the file's name.
        """
        return document_of(
            path,
            data,
            "".join(self._pieces),
            headings=self._headings,
            paragraphs=self._paragraphs,
            title=title,
            layout=Layout(rows=tuple(self._rows)),
        )

    def _add(self, text: str, separator: str) -> Span:
        if self._pieces:
            self._pieces.append(separator)
            self._length += len(separator)
        start = self._length
        self._pieces.append(text)
        self._length += len(text)
        refuse_too_long(self._length)
        return Span(start, self._length)
