"""Plain text: bytes -> canonical text, title, headings, paragraphs."""

import re

from index.loaders.document import document_of
from index.loaders.encoding import decode
from index.records import Document, Heading, Span

_TITLE_CHARACTERS = 160
_HEADING_CHARACTERS = 80
# A line longer than this was not wrapped by hand: where there is one, every line is a paragraph.
_UNWRAPPED_CHARACTERS = 160
_NUMBERED = re.compile(r"(?:chapter|section|part|article|appendix)\b|\d+(?:\.\d+)*\.?\s+\S", re.IGNORECASE)


def split_blocks(text: str) -> list[list[Span]]:
    """A text -> its blocks (separated by blank lines), each a list of the spans of its lines."""
    blocks: list[list[Span]] = [[]]
    offset = 0
    for line in text.splitlines(keepends=True):
        start = offset + len(line) - len(line.lstrip())
        end = offset + len(line.rstrip())
        offset += len(line)
        if start < end:
            blocks[-1].append(Span(start, end))
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def load(path: str, data: bytes) -> Document:
    """A plain-text file -> Document.

    The first block is the title where it is one short line without a full stop; a later line by itself is a
    heading only when it is numbered or in capitals. Everything else is paragraphs.

    Raises:
        DocumentError: the bytes cannot be decoded.
    """
    text = decode(data)
    blocks = split_blocks(text)
    headings: list[Heading] = []
    paragraphs: list[Span] = []
    title = ""
    for number, lines in enumerate(blocks):
        last = number == len(blocks) - 1
        first_line = text[lines[0].start : lines[0].end]
        if len(lines) == 1 and not last and number == 0 and _may_head(first_line, _TITLE_CHARACTERS):
            headings.append(Heading(lines[0], level=1))
            title = " ".join(first_line.split())
        elif len(lines) == 1 and not last and _is_heading(first_line):
            headings.append(Heading(lines[0], level=2))
        elif any(len(line) > _UNWRAPPED_CHARACTERS for line in lines):
            paragraphs.extend(lines)
        else:
            paragraphs.append(Span(lines[0].start, lines[-1].end))
    return document_of(
        path,
        data,
        text,
        headings=headings,
        paragraphs=paragraphs,
        title=title,
        by_heading=False,
        numbered_by_section=False,
    )


def _may_head(line: str, limit: int) -> bool:
    return len(line) <= limit and line[-1] not in ".!?…:;,”\"'’" and any(c.isalpha() for c in line)


def _is_heading(line: str) -> bool:
    return _may_head(line, _HEADING_CHARACTERS) and (line.isupper() or _NUMBERED.match(line) is not None)
