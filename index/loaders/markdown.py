"""Markdown: the file's own text is canonical; the parser only says where headings and paragraphs lie."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.loaders.document import document_of
from index.loaders.encoding import decode
from index.records import Document, Heading, Span

_LINE_END = re.compile(r"\r\n?|\n")
_HEADING_MARKS = re.compile(r"[ \t]*#{1,6}[ \t]+")
# What stands before the words of a paragraph: quotation marks of a block quote, bullets, list numbers.
_BLOCK_MARKS = re.compile(r"(?:[ \t]+|>|(?:[-*+]|\d{1,9}[.)])(?=[ \t])(?:[ \t]*\[[ xX]\](?=[ \t]))?)*")
_FRONT_MATTER_LINES = 100


def load(path: str, data: bytes) -> Document:
    """A Markdown file (CommonMark and tables) -> Document.

    Paragraphs, list items, table rows and blocks of code or HTML are paragraphs, each with its marks as they
    stand in the file; front matter is left out.

    Raises:
        DocumentError: the bytes cannot be decoded.
    """
    text = decode(data)
    lines = _line_spans(text)
    skipped = _front_matter(text, lines)
    parsed = "\n" * skipped + text[lines[skipped].start :] if skipped < len(lines) else ""
    headings: list[Heading] = []
    paragraphs: list[Span] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(parsed)
    for position, token in enumerate(tokens):
        if token.map is None:
            continue
        span = _trim(text, Span(lines[token.map[0]].start, lines[max(token.map[0], token.map[1] - 1)].end))
        if token.type == "heading_open":
            heading = _heading_span(text, span, token, lines)
            if heading is not None:
                headings.append(Heading(heading, level=int(token.tag[1:])))
        elif _is_block(tokens, position):
            words = span if token.type in {"fence", "code_block"} else _past_block_marks(text, span)
            if len(words):
                paragraphs.append(words)
    return document_of(path, data, text, headings=headings, paragraphs=paragraphs)


def _line_spans(text: str) -> list[Span]:
    """The lines as the parser counts them, without their ends; an empty text has one empty line."""
    spans, start = [], 0
    for end in _LINE_END.finditer(text):
        spans.append(Span(start, end.start()))
        start = end.end()
    spans.append(Span(start, len(text)))
    return spans


def _front_matter(text: str, lines: list[Span]) -> int:
    """How many lines the metadata at the top takes: 0 where there is none."""
    if text[lines[0].start : lines[0].end].rstrip() != "---":
        return 0
    for number, line in enumerate(lines[1:_FRONT_MATTER_LINES], start=1):
        if text[line.start : line.end].rstrip() in {"---", "..."}:
            return number + 1
    return 0


def _is_block(tokens: list[Token], position: int) -> bool:
    token = tokens[position]
    if token.type == "inline":
        return tokens[position - 1].type == "paragraph_open"
    return token.type in {"tr_open", "fence", "code_block", "html_block"}


def _heading_span(text: str, span: Span, token: Token, lines: list[Span]) -> Span | None:
    if token.markup in {"=", "-"} and token.map is not None:  # the last line is the underline
        if token.map[1] - 2 < token.map[0]:
            return None
        return _past_block_marks(text, Span(span.start, lines[token.map[1] - 2].end)) or None
    marks = _HEADING_MARKS.match(text, _past_block_marks(text, span).start, span.end)
    if marks is None:
        return None
    # The white space after the opening marks may also be that before the closing ones: "### ###" is empty.
    words = text[marks.end() - 1 : span.end].rstrip(" \t")
    bare = words.rstrip("#")
    end = span.end if bare == words or not bare.endswith((" ", "\t")) else marks.end() - 1 + len(bare.rstrip(" \t"))
    return _trim(text, Span(marks.end(), max(marks.end(), end))) or None


def _past_block_marks(text: str, span: Span) -> Span:
    marks = _BLOCK_MARKS.match(text, span.start, span.end)
    return _trim(text, Span(marks.end() if marks else span.start, span.end))


def _trim(text: str, span: Span) -> Span:
    body = text[span.start : span.end]
    if not body.strip():
        return Span(span.start, span.start)
    return Span(span.start + len(body) - len(body.lstrip()), span.start + len(body.rstrip()))
