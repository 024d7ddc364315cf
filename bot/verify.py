"""A file of answers + the corpus as it is now -> is every quote in it true?

Needs no index and no model: a quote names its document, the hash of the text and its place, and that is checked
against the files. Where a file is the same but is read differently than it was (by another version of a PDF library,
for instance), the words are looked up in the folded copy of its text.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.batch import read_lines
from index.documents import read_document
from index.errors import AnswersError, DocumentError
from index.folding import even_out
from index.records import Document, Span

Finding = Literal["verified", "absent", "cannot check"]


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one quote: its line in the file (from 1), the document it names, and why."""

    line: int
    document: str
    finding: Finding
    reason: str = ""


def verify_file(file: Path, corpus: Path) -> list[Check]:
    """Answers, a JSON line each -> a check for every quote, those of `nearest` included, in order.

    Raises:
        AnswersError: the file cannot be read, or a line is no answer.
    """
    documents = _Documents(corpus)
    checks: list[Check] = []
    for number, line in enumerate(read_lines(file), start=1):
        for quote in _quotes(file, number, line):
            try:
                checks.append(_check(number, quote, documents))
            except (KeyError, TypeError, ValueError) as error:
                raise AnswersError(
                    f"{file}, line {number}: a quote lacks or garbles {error}; expected an answer of quoth ask --json"
                ) from error
    return checks


def _quotes(file: Path, number: int, line: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        answer = json.loads(line)
        quotes = [*answer["quotes"], *answer["nearest"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise AnswersError(f"{file}, line {number}: is no answer; expected the JSON of quoth ask --json") from None
    for quote in quotes:
        if not isinstance(quote, dict):
            raise AnswersError(f"{file}, line {number}: holds a quote that is no JSON object")
        yield quote


def _check(line: int, quote: Mapping[str, Any], documents: "_Documents") -> Check:
    path = str(quote["document"])
    document = documents.named(path)
    if document is None:
        return Check(line, path, "cannot check", "the document is gone")
    pieces = [quote, *(quote[name] for name in ("answer", "context") if quote.get(name) is not None)]
    if document.sha256 != quote["sha256"]:
        places = [_find(document, piece["text"]) for piece in pieces]
        if document.source_sha256 == quote["source_sha256"]:
            is_there = all(place is not None for place in places)
            return Check(line, path, "verified") if is_there else Check(line, path, "absent", "not in its text")
        still = f"; the words stand at {places[0].start}:{places[0].end} now" if places[0] is not None else ""
        return Check(line, path, "cannot check", f"the document has changed{still}")
    for piece in pieces:
        start, end = _offset(piece["start"]), _offset(piece["end"])
        if not start < end <= len(document.text) or document.slice(Span(start, end)) != piece["text"]:
            return Check(line, path, "absent", f"not what stands at {start}:{end}")
    return Check(line, path, "verified")


class _Documents:
    """The documents that quotes name, each read once, when it is asked for."""

    def __init__(self, corpus: Path) -> None:
        self._corpus = corpus
        self._read: dict[str, Document | None] = {}

    def named(self, path: str) -> Document | None:
        """A document's path -> the document as it is now, or None where it cannot be read."""
        if path not in self._read:
            try:
                self._read[path] = read_document(self._corpus, path)
            except DocumentError:
                self._read[path] = None
        return self._read[path]


def _find(document: Document, text: object) -> Span | None:
    """Words -> where they stand in a document, spaces, quotation marks and hyphens at line ends aside, or None."""
    if not isinstance(text, str):
        raise TypeError(f"the text {text!r}")
    place = even_out(document.text).find(even_out(text))
    return Span(*place) if place is not None else None


def _offset(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"the offset {value!r}")
    return value
