"""Documents -> the list in which a person sees what there is, and ticks what to ask."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.counting import counted
from bot.page.places import short_sha
from index.records import Document

# How many entries are sent at a time.
LISTED = 200
_UNITS = ("bytes", "KB", "MB")
_THOUSAND = 1000


def shelve(documents: Iterable[Document], built_at: str, *, mine: bool = False) -> list[dict[str, Any]]:
    """Documents and when they were indexed (ISO 8601) -> an entry each.

    An entry has the `title`, `facts` in one line, the `address` of the document's beginning, its `sha` and `path`,
    whether it is `mine`: put there by the person who sees it, and the `tick` by which it is chosen.
    """
    when = _date(built_at)
    return [
        {
            "title": document.title,
            "facts": " · ".join(filter(None, (facts(document), when and f"indexed {when}"))),
            "address": f"cite:{short_sha(document)}:0:0",
            "sha": short_sha(document),
            "path": document.path,
            "mine": mine,
            "tick": _tick(document, mine=mine),
        }
        for document in documents
    ]


def listing(documents: Sequence[Document], built_at: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Documents, when they were indexed, and what a browser sent, whatever it is -> a part of the list.

    A browser sends what its person seeks (`find`, in titles and file names), how many it has (`start`), and its ticks.

    Returns:
        `documents`, the entries from `start` on, at most `LISTED`; `found`, how many there are to list; `count`, how
        many documents there are at all, and `facts`, the same in words; `but`, as much of the ticks as still exists.
    """
    find, start = sent.get("find"), sent.get("start")
    words = find.casefold().split() if isinstance(find, str) else []
    found = [document for document in documents if _holds(document, words)]
    start = start if type(start) is int and start > 0 else 0
    _, but = _ticks(sent)
    return {
        "documents": shelve(found[start : start + LISTED], built_at),
        "found": len(found),
        "count": len(documents),
        "facts": counted(len(documents), "document"),
        "but": sorted(but & {_tick(document, mine=False) for document in documents}) if but else [],
    }


def facts(document: Document) -> str:
    """A document -> its file, extent, size and hash in one line."""
    # What has pages is called as its file is.
    parts = [] if document.n_pages and document.path == document.title else [document.path]
    parts.append(_extent(document))
    if document.source_bytes:
        parts.append(_size(document.source_bytes))
    return " · ".join([*parts, f"sha256 {short_sha(document)}"])


def ticked(documents: Sequence[Document], sent: Mapping[str, Any], *, mine: bool = False) -> frozenset[str] | None:
    """What a browser sent, whatever it is -> paths of the documents to ask, or None for all.

    Args:
        documents: that could be asked.
        sent: under `ticks`, whether `all` are ticked, and `but`: the ticks of those for which it is the other way.
        mine: whether the person who asks put them there.
    """
    everything, but = _ticks(sent)
    chosen = frozenset(document.path for document in documents if (_tick(document, mine=mine) in but) is not everything)
    return chosen if len(chosen) < len(documents) else None


def _ticks(sent: Mapping[str, Any]) -> tuple[bool, frozenset[str]]:
    ticks = sent.get("ticks")
    ticks = ticks if isinstance(ticks, dict) else {}
    but = ticks.get("but")
    but = frozenset(tick for tick in but if isinstance(tick, str)) if isinstance(but, list) else frozenset()
    return ticks.get("all") is not False, but


def _holds(document: Document, words: Iterable[str]) -> bool:
    named = f"{document.title} {document.path}".casefold()
    return all(word in named for word in words)


def _tick(document: Document, *, mine: bool) -> str:
    """A document -> what it is chosen by: its file, so that it stays chosen or not when its text has changed."""
    return f"{'mine' if mine else 'index'}:{document.path}"


def _extent(document: Document) -> str:
    if document.n_pages is not None:
        return counted(document.n_pages, "page")
    return counted(len(document.paragraphs), "paragraph")


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
