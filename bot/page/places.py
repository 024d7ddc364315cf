"""A place in a document and its address in the page: `cite:<first 12 of the text's sha256>:<start>:<end>`.

The address is pinned to the text, not to the file's name: opened after the document has changed, it finds
nothing rather than other words.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.records import Document, Span

SHA_CHARACTERS = 12
# Ten digits reach beyond any document; more would only cost time to parse.
_ADDRESS = re.compile(rf"#?cite:([0-9a-f]{{{SHA_CHARACTERS}}}):([0-9]{{1,10}}):([0-9]{{1,10}})", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,10}):([0-9]{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """The span of a text, named by the beginning of the text's hash."""

    sha: str
    span: Span

    @property
    def address(self) -> str:
        """What stands in the page's URL after `#`."""
        return f"cite:{self.sha}:{self.span.start}:{self.span.end}"


def short_sha(document: Document) -> str:
    """A document -> what addresses call it."""
    return document.sha256[:SHA_CHARACTERS]


def place_of(document: Document, span: Span) -> Place:
    """A span of a document -> its place."""
    return Place(short_sha(document), span)


def read_address(address: object) -> Place | None:
    """What a browser sent -> the place, or None where it is no address."""
    match = _ADDRESS.fullmatch(address) if isinstance(address, str) else None
    if match is None:
        return None
    span = _span(match[2], match[3])
    return Place(match[1], span) if span is not None else None


def read_range(text: object) -> Span | None:
    """What a browser sent, `start:end` -> the span, or None where it is none."""
    match = _RANGE.fullmatch(text) if isinstance(text, str) else None
    return _span(match[1], match[2]) if match is not None else None


def write_range(span: Span | None) -> str:
    """A span -> `start:end`; "" for none."""
    return f"{span.start}:{span.end}" if span is not None else ""


def document_at(documents: Iterable[Document], sha: str, path: object = None) -> Document | None:
    """The beginning of a text's hash, and which file is preferred of those that have it -> the document, or None."""
    found = [document for document in documents if short_sha(document) == sha]
    return next((document for document in found if document.path == path), found[0] if found else None)


def _span(start: str, end: str) -> Span | None:
    return Span(int(start), int(end)) if int(start) <= int(end) else None
