"""ODT: the text of an OpenDocument file in its order; no macro runs, no link is followed."""

from collections.abc import Iterator

from lxml import etree

from index.errors import DocumentError
from index.loaders.archives import Archive
from index.loaders.blocks import Blocks
from index.loaders.xml import local_name, parse_xml
from index.records import Document

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_CONTENT, _META, _MANIFEST = "content.xml", "meta.xml", "META-INF/manifest.xml"
_LEFT_OUT = frozenset({"annotation", "annotation-end", "tracked-changes", "forms", "note", "sequence-decls", "desc"})
# What describes a picture; the field of a text that is called so, too, is part of its words.
_SVG_TITLE = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}title"
_PARAGRAPHS = (f"{_TEXT}p", f"{_TEXT}h")
_BOX = "text-box"
_TITLE_STYLE = "Title"


def load(path: str, data: bytes) -> Document:
    """An ODT file -> Document; footnotes follow their paragraph, heading or table.

    Comments and tracked deletions are left out.

    Raises:
        DocumentError: the file is damaged, encrypted, or unpacks to too much.
    """
    archive = Archive(data)
    if _MANIFEST in archive.names and b"encryption-data" in archive.read(_MANIFEST):
        raise DocumentError("encrypted: needs a password; save it without one")
    root = parse_xml(archive.read(_CONTENT), _CONTENT)
    body = next((element for element in root.iter() if local_name(element) == "text"), None)
    if body is None:
        raise DocumentError("damaged: holds no text document")
    blocks = Blocks()
    titles: list[str] = []
    for element in _outer(body):
        if element.tag == f"{_TABLE}table":
            _read_table(element, blocks)
        elif element.tag == f"{_TEXT}h":
            level = element.get(f"{_TEXT}outline-level") or "1"
            blocks.heading(_words(element), int(level) if level.isdecimal() else 1)
        elif element.get(f"{_TEXT}style-name") == _TITLE_STYLE:
            titles.append(" ".join(_words(element).split()))
            blocks.heading(_words(element), 1)
        else:
            blocks.paragraph(_words(element))
        for note in element.iter(f"{_TEXT}note-body"):
            blocks.paragraph("\n".join(_words(part) for part in note.iter(*_PARAGRAPHS)))
    title = next(filter(None, titles), None) or blocks.first_heading or _meta_title(archive)
    return blocks.document(path, data, title)


def _outer(root: etree._Element) -> Iterator[etree._Element]:
    """An element -> its outermost paragraphs, headings and tables in order; those of a box follow its paragraph."""
    for element in _outermost(root, *_PARAGRAPHS, f"{_TABLE}table"):
        yield element
        if element.tag in _PARAGRAPHS:
            for box in _outermost(element, _BOX):
                yield from _outer(box)


def _outermost(root: etree._Element, *tags: str) -> Iterator[etree._Element]:
    """An element -> those in it that are read and have one of the names, but not those within them.

    The name of a box is told by its last part alone.
    """
    waiting = [iter(root)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag in tags or (_BOX in tags and local_name(element) == _BOX):
            yield element
        elif not _is_left_out(element):
            waiting.append(iter(element))


def _is_left_out(element: etree._Element) -> bool:
    return local_name(element) in _LEFT_OUT or element.tag == _SVG_TITLE


def _words(paragraph: etree._Element) -> str:
    """A paragraph -> its text, with the spaces, tabs and line ends that elements stand for."""
    pieces = [_collapsed(paragraph.text)]
    waiting = [(iter(paragraph), paragraph)]
    while waiting:
        element = next(waiting[-1][0], None)
        if element is None:
            _, done = waiting.pop()
            if done is not paragraph:
                pieces.append(_collapsed(done.tail))
            continue
        name = local_name(element)
        if name == "s":
            count = element.get(f"{_TEXT}c") or "1"
            pieces.append(" " * min(int(count) if count.isdecimal() else 1, 1000))
        elif name in {"tab", "line-break"}:
            pieces.append("\t" if name == "tab" else "\n")
        if _is_left_out(element) or name == _BOX or not isinstance(element.tag, str):
            pieces.append(_collapsed(element.tail))
        else:
            pieces.append(_collapsed(element.text))
            waiting.append((iter(element), element))
    return "".join(pieces)


def _collapsed(text: str | None) -> str:
    """XML's line ends and indents are spaces in OpenDocument."""
    return (text or "").replace("\r", " ").replace("\n", " ").replace("\t", " ")


def _read_table(table: etree._Element, blocks: Blocks) -> None:
    """Adds a table's rows; a table within a cell is read as the cell's text."""
    for row in _outermost(table, f"{_TABLE}table-row"):
        cells = _outermost(row, f"{_TABLE}table-cell")
        blocks.row([" ".join(map(_words, _all_paragraphs(cell))) for cell in cells])
    blocks.end_table()


def _all_paragraphs(cell: etree._Element) -> Iterator[etree._Element]:
    """A cell -> its paragraphs and headings in order, those of tables and boxes in it, too."""
    for element in _outer(cell):
        if element.tag in _PARAGRAPHS:
            yield element
        else:
            for inner in _outermost(element, f"{_TABLE}table-cell"):
                yield from _all_paragraphs(inner)


def _meta_title(archive: Archive) -> str:
    if _META not in archive.names:
        return ""
    title = parse_xml(archive.read(_META), _META).find(f".//{_DC_TITLE}")
    return " ".join((title.text or "").split()) if title is not None else ""
