"""DOCX: paragraphs and tables in the order of the document, by python-docx; no macro runs, no link is followed."""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from index.errors import DocumentError
from index.loaders.archives import UNPACKING_ERRORS, Archive
from index.loaders.blocks import Blocks
from index.loaders.xml import parse_xml
from index.records import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONS, _MAIN_RELATION, _NOTES_RELATIONS = "_rels/.rels", "/officeDocument", ("/footnotes", "/endnotes")
# What a tracked change took out, what stands for the same again, and what is no text of the reader's.
_LEFT_OUT = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}instrText", f"{_W}rPr", f"{_W}pPr"})
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "\u2011",
    f"{_W}softHyphen": "\u00ad",
}
_STOPS = frozenset({f"{_W}txbxContent", f"{_W}t", *_SIGNS})
_STYLES_DEEP = 20
# What python-docx raises on damaged files, besides what unpacking does.
_UNREADABLE = (
    *UNPACKING_ERRORS, PackageNotFoundError, KeyError, AttributeError, TypeError, IndexError, etree.XMLSyntaxError
)  # fmt: skip


def load(path: str, data: bytes) -> Document:
    """A DOCX file -> Document.

    Headings are the paragraphs whose style, or own setting, has an outline level. Tracked deletions and hidden runs are
    left out; text boxes and content controls are read where they stand, foot- and endnotes at the end. The title is the
    paragraph styled as such, else the first heading, else the file's name.

    Raises:
        DocumentError: the file is damaged, encrypted, or unpacks to too much.
    """
    archive = Archive(data)
    main = _main_part(archive)
    parse_xml(archive.read(main), main)  # refuses what is not well-formed before a library sees it
    try:
        opened = docx.Document(io.BytesIO(data))
        body = opened.element.body
        levels = _levels(opened)
        notes = {str(rel.target_part.partname): rel.target_part.blob for rel in _relations_to_notes(opened)}
    except _UNREADABLE as error:
        raise DocumentError(f"damaged: is no whole DOCX file ({type(error).__name__})") from None
    blocks = Blocks()
    titles: list[str] = []
    before = ""
    for element in _blocks(body):
        if element.tag == f"{_W}tbl":
            _read_table(element, blocks)
            continue
        text = before + _text(element)
        # Where the end of a paragraph is deleted, what follows goes on with it.
        before = text if element.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None else ""
        if before:
            continue
        level = _level(element, levels)
        if level == 0:
            titles.append(" ".join(text.split()))
        if level is None:
            blocks.paragraph(text)
        else:
            blocks.heading(text, max(1, level))
    blocks.paragraph(before)
    for name, xml in notes.items():
        for note in parse_xml(xml, name):
            if note.get(f"{_W}type") is None:  # the others are the lines between text and notes
                blocks.paragraph("\n".join(filter(str.strip, map(_text, _within(note, f"{_W}p")))))
    title = next(filter(None, titles), None)
    return blocks.document(path, data, title)


def _main_part(archive: Archive) -> str:
    """The name of the part that holds the text, which most programs call word/document.xml.

    Raises:
        DocumentError: the archive does not say.
    """
    relations = parse_xml(archive.read(_RELATIONS), _RELATIONS)
    targets = (e.get("Target") or "" for e in relations if (e.get("Type") or "").endswith(_MAIN_RELATION))
    main = next(targets, "").lstrip("/")
    if not main:
        raise DocumentError("damaged: does not say where its text is")
    return main


def _relations_to_notes(opened: Any) -> list[Any]:
    """What leads from the text to its footnotes, and then to its endnotes."""
    relations = [rel for rel in opened.part.rels.values() if not rel.is_external]
    return [rel for ending in _NOTES_RELATIONS for rel in relations if rel.reltype.endswith(ending)]


def _levels(opened: Any) -> dict[str, int]:
    """Style id -> outline level 1 to 9 of its paragraphs, 0 for the title's; other styles are not in it."""
    levels: dict[str, int] = {}
    styles = {style.get(f"{_W}styleId") or "": style for style in opened.styles.element.iter(f"{_W}style")}
    for name in styles:
        found, here = None, name
        for _ in range(_STYLES_DEEP):
            style = styles.get(here)
            if style is None:
                break
            label = style.find(f"{_W}name")
            called = (label.get(f"{_W}val") or "").lower() if label is not None else ""
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            if called == "title":
                found = 0
            elif called.startswith("heading ") and called[8:].isdecimal():
                found = int(called[8:])
            elif outline is not None and (outline.get(f"{_W}val") or "").isdecimal():
                number = int(outline.get(f"{_W}val"))
                found = number + 1 if number < 9 else None  # noqa: PLR2004 - 9 is body text
            based = style.find(f"{_W}basedOn")
            if found is not None or based is None:
                break
            here = based.get(f"{_W}val") or ""
        if found is not None:
            levels[name] = found
    return levels


def _level(paragraph: Any, levels: dict[str, int]) -> int | None:
    own = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
    if own is not None and (own.get(f"{_W}val") or "").isdecimal():
        number = int(own.get(f"{_W}val"))
        return number + 1 if number < 9 else None  # noqa: PLR2004 - 9 is body text
    style = paragraph.find(f"{_W}pPr/{_W}pStyle")
    return levels.get(style.get(f"{_W}val") or "") if style is not None else None


def _within(root: Any, tag: str) -> Iterator[Any]:
    """An element -> all elements of a name in it that are read, in order."""
    return (element for element in _walk(root) if element.tag == tag)


def _outermost(root: Any, *tags: str) -> Iterator[Any]:
    """An element -> those in it that are read and have one of the names, but not those within them."""
    return (element for element in _walk(root, frozenset(tags)) if element.tag in tags)


def _walk(root: Any, stops: frozenset[str] = frozenset()) -> Iterator[Any]:
    """An element -> those in it, in order, but for what is left out, and what lies within one of the `stops`."""
    waiting = [iter(root)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag not in _LEFT_OUT and not _is_deleted(element) and not _is_hidden(element):
            yield element
            if element.tag not in stops:
                waiting.append(iter(element))


def _is_deleted(element: Any) -> bool:
    """Whether a tracked change took out a row of a table, or a cell."""
    return (element.tag == f"{_W}tr" and element.find(f"{_W}trPr/{_W}del") is not None) or (
        element.tag == f"{_W}tc" and element.find(f"{_W}tcPr/{_W}cellDel") is not None
    )


def _is_hidden(element: Any) -> bool:
    """Whether a run says of itself that it is not shown."""
    hidden = element.find(f"{_W}rPr/{_W}vanish") if element.tag == f"{_W}r" else None
    return hidden is not None and hidden.get(f"{_W}val") not in {"0", "false", "off"}


def _blocks(body: Any) -> Iterator[Any]:
    """The body -> its paragraphs and tables in order; those of a text box follow the paragraph that it hangs on."""
    for element in _outermost(body, f"{_W}p", f"{_W}tbl"):
        yield element
        if element.tag == f"{_W}p":
            for box in _outermost(element, f"{_W}txbxContent"):
                yield from _blocks(box)


def _text(paragraph: Any) -> str:
    """A paragraph -> its text, without that of text boxes in it."""
    pieces: list[str] = []
    for element in _walk(paragraph, _STOPS):
        if element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in _SIGNS:
            pieces.append(_SIGNS[element.tag])
    return "".join(pieces)


def _read_table(table: Any, blocks: Blocks) -> None:
    """Adds a table's rows; a table or text box within a cell is read as the cell's text."""
    for row in _outermost(table, f"{_W}tr"):
        cells = _outermost(row, f"{_W}tc")
        blocks.row([" ".join(map(_text, _within(cell, f"{_W}p"))) for cell in cells])
    blocks.end_table()
