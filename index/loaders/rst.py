"""reStructuredText: the file's own text is canonical; only where headings and paragraphs lie is found out."""

import re

from index.loaders.document import document_of
from index.loaders.encoding import decode
from index.loaders.text import split_blocks
from index.records import Document, Heading, Span

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+")
# Targets, substitutions, comments and directives; those of the second kind hold words of the document.
_EXPLICIT = re.compile(r"\.\.(?:\s|$)")
_DIRECTIVE = re.compile(r"\.\.\s+([\w:-]+)::\s*")
_READ = frozenset(
    "note warning tip hint important caution danger error attention admonition seealso topic sidebar epigraph "
    "highlights pull-quote compound container versionadded versionchanged deprecated code code-block sourcecode "
    "parsed-literal table list-table csv-table line-block rubric centered glossary".split()
)
_OPTION = re.compile(r":[\w -]+:")
# Nobody indents further; what a line is indented by is looked for no further back.
_MOST_INDENT = 1000
_GRID = re.compile(r"[+=\-| ]+")


def load(path: str, data: bytes) -> Document:
    """An RST file -> Document.

    A line under- or overlined by punctuation is a heading, its level given by the order in which styles appear.
    Comments, targets and directives without words of their own (images, contents) are left out; every other block is a
    paragraph, with its marks as they stand in the file.

    Raises:
        DocumentError: the bytes cannot be decoded.
    """
    text = decode(data)
    styles: list[str] = []
    headings: list[Heading] = []
    paragraphs: list[Span] = []
    skipped_indent: int | None = None
    for lines in split_blocks(text):
        indent = _indent(text, lines[0])
        if skipped_indent is not None and indent > skipped_indent:
            continue
        skipped_indent = None
        used = 0
        while (found := _heading(text, lines[used : used + 3])) is not None:
            span, style, n_lines = found
            if style not in styles:
                styles.append(style)
            headings.append(Heading(span, min(6, styles.index(style) + 1)))
            used += n_lines
        remaining = lines[used:]
        if not remaining:
            continue
        first = text[remaining[0].start : remaining[0].end]
        if _EXPLICIT.match(first):
            directive = _DIRECTIVE.match(first)
            if directive is None or directive[1].lower() not in _READ:
                skipped_indent = indent
                continue
            remaining = _body(text, remaining, directive)
        words = [line for line in remaining if not _GRID.fullmatch(text[line.start : line.end])]
        if any(any(c.isalnum() for c in text[line.start : line.end]) for line in words):
            paragraphs.append(Span(words[0].start, words[-1].end))
    return document_of(path, data, text, headings=headings, paragraphs=paragraphs)


def _indent(text: str, line: Span) -> int:
    before = text[max(0, line.start - _MOST_INDENT) : line.start]
    return len(before) - len(before.rstrip(" \t"))


def _heading(text: str, lines: list[Span]) -> tuple[Span, str, int] | None:
    """Three lines of a block -> the heading they begin with, its style, and how many lines it takes; or None."""
    words = [text[line.start : line.end] for line in lines]
    overlined = (
        len(words) == 3  # noqa: PLR2004 - line, title, line
        and words[0] == words[2]
        and _is_adornment(words[0])
        and not _is_adornment(words[1])
        and len(words[0]) >= len(words[1])
    )
    if overlined:
        return lines[1], words[0][0] * 2, 3
    underlined = (
        len(words) > 1
        and _is_adornment(words[1])
        and not _is_adornment(words[0])
        and not _indent(text, lines[0])
        and len(words[1]) >= len(words[0])  # shorter than the title, it is a transition or a table's
    )
    return (lines[0], words[1][0], 2) if underlined else None


def _is_adornment(line: str) -> bool:
    return _ADORNMENT.fullmatch(line) is not None


def _body(text: str, lines: list[Span], directive: re.Match[str]) -> list[Span]:
    """A directive's lines -> those of its words: without its name and options."""
    first = Span(lines[0].start + directive.end(), lines[0].end)
    rest = [line for line in lines[1:] if not _OPTION.match(text, line.start, line.end)]
    # What follows the name of a block of code is its language.
    keeps = len(first) > 0 and directive[1].lower() not in {"code", "code-block", "sourcecode"}
    return [first, *rest] if keeps else rest
