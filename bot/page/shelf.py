"""Documents -> the list in which a person sees what there is, and ticks what to ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.page.places import short_sha
from index.records import Document

LISTED = 200
_UNITS = ("bytes", "KB", "MB")
_THOUSAND = 1000


def shelve(documents: Sequence[Document], built_at: str, *, mine: bool = False) -> list[dict[str, Any]]:
    """Documents and when they were indexed (ISO 8601) -> an entry each, the first `LISTED` of them.

    An entry has the `title`, `facts` in one line, the `address` of the document's beginning, its `sha`, whether it is
    `mine`: put there by the person who sees it, and the `tick` by which it is chosen.
    """
    when = _date(built_at)
    return [
        {
            "title": document.title,
            "facts": " · ".join(filter(None, (facts(document), when and f"indexed {when}"))),
            "address": f"cite:{short_sha(document)}:0:0",
            "sha": short_sha(document),
            "mine": mine,
            "tick": _tick(document, mine=mine),
        }
        for document in documents[:LISTED]
    ]


def facts(document: Document) -> str:
    """A document -> its file, extent, size and hash in one line."""
    # What has pages is called as its file is.
    parts = [] if document.n_pages and document.path == document.title else [document.path]
    parts.append(_extent(document))
    if document.source_bytes:
        parts.append(_size(document.source_bytes))
    return " · ".join([*parts, f"sha256 {short_sha(document)}"])


def count_of(documents: Sequence[Document]) -> str:
    """Documents -> how many there are, and how many are listed."""
    counted = _counted(len(documents), "document")
    return counted if len(documents) <= LISTED else f"{counted}, the first {LISTED} of them here"


def ticked(documents: Sequence[Document], asked: Mapping[str, Any], *, mine: bool = False) -> frozenset[str] | None:
    """What a browser sent, whatever it is -> paths of the documents to ask, or None for all.

    Args:
        documents: that could be asked.
        asked: under `without`, the ticks of those that are not ticked; what is no document any more is passed over.
        mine: whether the person who asks put them there.
    """
    without = asked.get("without")
    left_out = {tick for tick in without if isinstance(tick, str)} if isinstance(without, list) else set()
    chosen = frozenset(document.path for document in documents if _tick(document, mine=mine) not in left_out)
    return chosen if len(chosen) < len(documents) else None


def _tick(document: Document, *, mine: bool) -> str:
    """A document -> what it is chosen by: its file, so that it stays chosen or not when its text has changed."""
    return f"{'mine' if mine else 'index'}:{document.path}"


def _extent(document: Document) -> str:
    if document.n_pages is not None:
        return _counted(document.n_pages, "page")
    return _counted(len(document.paragraphs), "paragraph")


def _counted(n: int, noun: str) -> str:
    return f"1 {noun}" if n == 1 else f"{n:,} {noun}s"


def _size(n_bytes: int) -> str:
    size, unit = float(n_bytes), 0
    while size >= _THOUSAND and unit < len(_UNITS) - 1:
        size, unit = size / _THOUSAND, unit + 1
    return f"{size:,.0f} {_UNITS[unit]}" if unit == 0 or size >= 10 else f"{size:.1f} {_UNITS[unit]}"  # noqa: PLR2004


def _date(built_at: str) -> str:
    try:
        day = datetime.fromisoformat(built_at).astimezone()
    except ValueError:
        return ""
    return f"{day.day} {day:%B %Y, %H:%M}"
