"""HTML: what a reader sees, in its order; no script runs, nothing is fetched."""

import re

from lxml import etree

from index.loaders.blocks import Blocks, one_line
from index.loaders.encoding import decode
from index.loaders.xml import local_name, parse_html
from index.records import Document

_LEFT_OUT = frozenset(
    "script style nav noscript template svg math iframe object embed applet canvas audio video select button "
    "textarea input datalist map head title meta link".split()
)
_BLOCKS = frozenset(
    "html body p div section article main header footer aside address blockquote ul ol dl li dt dd pre hr form "
    "fieldset legend figure figcaption details summary center table caption thead tbody tfoot tr td th "
    "h1 h2 h3 h4 h5 h6".split()
)
_CELLS = frozenset({"td", "th"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# A heading longer than this, or with others, lists or tables within, is none: somebody forgot to close it.
_LONGEST_HEADING = 300
_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOT_READ_ROLES = frozenset({"navigation", "menu", "menubar", "search"})
# A table with a cell longer than this, or with headings, lists or tables within, only arranges the page.
_LONGEST_CELL = 400
_ARRANGED = _HEADINGS | {"table", "ul", "ol", "form", "article", "section"}


def load(path: str, data: bytes) -> Document:
    """An HTML file -> Document.

    Headings, paragraphs, list items and table rows keep their order; entities are decoded. Scripts, styles,
    navigation, controls and what is hidden are left out. The title is the page's own, else its first heading.

    Raises:
        DocumentError: the bytes cannot be decoded.
    """
    root = parse_html(decode(data))
    blocks = Blocks()
    title = ""
    if root is not None:
        # Pictures drawn in the page (SVG) have titles, too.
        title = one_line(next((node.text or "" for node in root.iter("title")), ""))
        read_body(root, blocks)
    return blocks.document(path, data, title)


def read_body(root: etree._Element, blocks: Blocks) -> None:
    """A tree of HTML -> its blocks, added in reading order."""
    _Reader(blocks).read(root)


class _Reader:
    """Walks a tree without recursion: a page may be nested as deeply as it likes."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._words: list[str] = []
        self._cells: list[str] | None = None
        self._heading: etree._Element | None = None
        self._preformatted = 0
        self._tables: list[bool] = []  # of each open table, whether it holds data

    def read(self, root: etree._Element) -> None:
        steps = etree.iterwalk(root, events=("start", "end"))
        left_out: etree._Element | None = None
        for event, element in steps:
            if left_out is not None:
                if event == "end" and element is left_out:
                    left_out = None
                    self._text(element.tail)
                continue
            if event == "start":
                if _is_left_out(element):
                    left_out = element
                    continue
                self._start(element, local_name(element))
                self._text(element.text)
            else:
                self._end(element, local_name(element))
                if element is not root:
                    self._text(element.tail)
        self._flush()

    def _start(self, element: etree._Element, name: str) -> None:
        if name == "br":
            self._words.append("\n")
        elif name in _CELLS and self._in_data:
            self._words.clear()
        elif name in _BLOCKS:
            self._flush()
        if name in _HEADINGS and self._heading is None and self._cells is None and _is_heading(element):
            self._heading = element
        if name == "pre":
            self._preformatted += 1
        elif name == "table":
            self._tables.append(_holds_data(element))
        elif name == "tr" and self._in_data:
            self._cells = []

    def _end(self, element: etree._Element, name: str) -> None:
        if name in _CELLS and self._in_data and self._cells is not None:
            self._cells.append("".join(self._words))
            self._words.clear()
        elif name == "tr" and self._in_data and self._cells is not None:
            self._blocks.row(self._cells)
            self._cells = None
            self._words.clear()
        elif element is self._heading:
            self._blocks.heading("".join(self._words), int(name[1]))
            self._words.clear()
            self._heading = None
        elif name in _BLOCKS:
            self._flush()
        if name == "pre":
            self._preformatted -= 1
        elif name == "table" and self._tables:
            self._tables.pop()
            self._blocks.end_table()

    @property
    def _in_data(self) -> bool:
        return bool(self._tables) and self._tables[-1]

    def _text(self, text: str | None) -> None:
        if text:
            self._words.append(text if self._preformatted else text.replace("\n", " ").replace("\r", " "))

    def _flush(self) -> None:
        """Ends a paragraph; within a cell or a heading, only a word."""
        if self._cells is not None or self._heading is not None:
            self._words.append(" ")
            return
        text = "".join(self._words)
        self._words.clear()
        if self._preformatted:
            self._blocks.paragraph(text)
            return
        lines = [one_line(line) for line in text.split("\n")]
        for part in re.split(r"\n{2,}", "\n".join(lines)):
            self._blocks.paragraph(part)


def _is_left_out(element: etree._Element) -> bool:
    if not isinstance(element.tag, str) or local_name(element) in _LEFT_OUT:
        return True
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (element.get("role") or "").lower() in _NOT_READ_ROLES
        or _HIDDEN_STYLE.search(element.get("style") or "") is not None
    )


def _is_heading(element: etree._Element) -> bool:
    """Whether what is marked as a heading is one by what it holds."""
    length = 0
    for inner in element.iter():
        if local_name(inner) in _ARRANGED and inner is not element:
            return False
        length += len((inner.text or "").strip()) + (len((inner.tail or "").strip()) if inner is not element else 0)
        if length > _LONGEST_HEADING:
            return False
    return True


def _holds_data(table: etree._Element) -> bool:
    """Whether a table's rows say something together, rather than arrange a page."""
    length = 0
    for element in table.iterdescendants():
        name = local_name(element)
        if name in _ARRANGED:
            return False
        if name in _CELLS:
            length = 0
        length += len((element.text or "").strip()) + len((element.tail or "").strip())
        if length > _LONGEST_CELL:
            return False
    return True
