"""DOCX: paragraphs and tables in the order of the document, by python-docx; no macro runs, no link is followed."""

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml import etree

from index.errors import DocumentError
from index.loaders.archives import Archive
from index.loaders.blocks import Blocks
from index.loaders.xml import parse_xml
from index.records import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MAIN, _FOOTNOTES, _ENDNOTES = "word/document.xml", "word/footnotes.xml", "word/endnotes.xml"
# What a tracked change took out, what stands for the same again, and what is no text of the reader's.
_LEFT_OUT = frozenset({f"{_W}del", f"{_W}moveFrom", f"{_MC}Fallback", f"{_W}instrText", f"{_W}rPr", f"{_W}pPr"})
_SIGNS = {
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "\u2011",
    f"{_W}softHyphen": "\u00ad",
}
_STYLES_DEEP = 20


def load(path: str, data: bytes) -> Document:
    """A DOCX file -> Document.

    Headings are the paragraphs whose style, or own setting, has an outline level. Tracked deletions are left out;
    text boxes and content controls are read where they stand, foot- and endnotes at the end. The title is the paragraph
    styled as such, else the first heading, else the file's name.

    Raises:
        DocumentError: the file is damaged, encrypted, or unpacks to too much.
    """
    archive = Archive(data)
    parse_xml(archive.read(_MAIN), _MAIN)  # refuses what is not well-formed before a library sees it
    try:
        opened = docx.Document(io.BytesIO(data))
        body = opened.element.body
        levels = _levels(opened)
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, etree.XMLSyntaxError, OSError) as error:
        raise DocumentError(f"damaged: is no whole DOCX file ({type(error).__name__})") from None
    blocks = Blocks()
    titles: list[str] = []
    for element in _blocks(body):
        if element.tag == f"{_W}tbl":
            _read_table(element, blocks)
            continue
        text = _text(element)
        level = _level(element, levels)
        if level == 0:
            titles.append(" ".join(text.split()))
        if level is None:
            blocks.paragraph(text)
        else:
            blocks.heading(text, max(1, level))
    for name in (_FOOTNOTES, _ENDNOTES):
        if name in archive.names:
            for note in parse_xml(archive.read(name), name):
                if note.get(f"{_W}type") is None:  # the others are the lines between text and notes
                    blocks.paragraph("\n".join(filter(str.strip, map(_text, note.iter(f"{_W}p")))))
    title = next(filter(None, titles), None)
    return blocks.document(path, data, title or blocks.first_heading)


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


def _blocks(body: Any) -> Iterator[Any]:
    """The body -> its paragraphs and tables in order, those within content controls and text boxes too."""
    waiting = [iter(body)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == f"{_W}tbl":
            yield element
        elif element.tag == f"{_W}p":
            yield element
            boxes = [box for box in element.iter(f"{_W}txbxContent") if not _falls_back(box, element)]
            waiting.extend(iter(box) for box in reversed(boxes))
        elif element.tag not in _LEFT_OUT:
            waiting.append(iter(element))


def _falls_back(box: Any, paragraph: Any) -> bool:
    """Whether a text box stands in another one, which is read as a whole, or repeats one for older programs."""
    for ancestor in box.iterancestors():
        if ancestor is paragraph:
            return False
        if ancestor.tag in {f"{_MC}Fallback", f"{_W}txbxContent"}:
            return True
    return False


def _text(paragraph: Any) -> str:
    """A paragraph -> its text, without that of text boxes in it."""
    pieces: list[str] = []
    waiting = [iter(paragraph)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == f"{_W}t":
            pieces.append(element.text or "")
        elif element.tag in _SIGNS:
            pieces.append(_SIGNS[element.tag])
        elif element.tag not in _LEFT_OUT and element.tag != f"{_W}txbxContent":
            waiting.append(iter(element))
    return "".join(pieces)


def _read_table(table: Any, blocks: Blocks) -> None:
    """Adds a table's rows; a table within a cell is read as the cell's text."""
    for row in table.iter(f"{_W}tr"):
        if next(row.iterancestors(f"{_W}tbl")) is table:
            cells = [cell for cell in row.iter(f"{_W}tc") if next(cell.iterancestors(f"{_W}tr")) is row]
            blocks.row([" ".join(_text(paragraph) for paragraph in cell.iter(f"{_W}p")) for cell in cells])
    blocks.end_table()
