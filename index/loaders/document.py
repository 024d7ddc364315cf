"""A file, its text, and where headings and paragraphs lie in it -> the document: how every loader ends."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath

from index.records import Document, Heading, Layout, Span

_NO_LAYOUT = Layout()


def document_of(
    path: str,
    data: bytes,
    text: str,
    *,
    headings: Sequence[Heading],
    paragraphs: Sequence[Span],
    title: str | None = None,
    by_heading: bool = True,
    with_ending: bool = False,
    numbered_by_section: bool = True,
    layout: Layout = _NO_LAYOUT,
) -> Document:
    """What a loader found -> the document.

    Args:
        path: its name.
        data: the file.
        text: the canonical text.
        headings: in text order.
        paragraphs: in text order.
        title: what a citation calls it; where there is none, its first heading, else the file's name without ending.
        by_heading: whether its first heading may be its title.
        with_ending: whether the file's name is told with its ending.
        numbered_by_section: whether paragraphs are counted anew under each heading.
        layout: pages, table rows, and what was taken out.
    """
    if not title and headings and by_heading:
        title = " ".join(text[headings[0].span.start : headings[0].span.end].split())
    return Document(
        path=path,
        title=title or (PurePosixPath(path).name if with_ending else PurePosixPath(path).stem),
        title_from_name=not title,
        text=text,
        source_sha256=hashlib.sha256(data).hexdigest(),
        headings=tuple(headings),
        paragraphs=tuple(paragraphs),
        numbered_by_section=numbered_by_section,
        source_bytes=len(data),
        layout=layout,
    )
