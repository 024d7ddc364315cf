"""A file of answers + the corpus as it is now -> is every quote in it true?

Needs no index and no model: a quote names its document, the hash of the text and its place, and that is checked
against the files.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bot.batch import read_lines
from index.documents import read_corpus
from index.errors import AnswersError, CorpusError
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
    try:
        documents = {document.path: document for document in read_corpus(corpus).documents}
    except CorpusError:  # every document is gone, and each quote says so
        documents = {}
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


def _check(line: int, quote: Mapping[str, Any], documents: Mapping[str, Document]) -> Check:
    path = str(quote["document"])
    document = documents.get(path)
    if document is None:
        return Check(line, path, "cannot check", "the document is gone")
    if document.sha256 != quote["sha256"]:
        return Check(line, path, "cannot check", "the document has changed")
    pieces = [quote, *(quote[name] for name in ("answer", "context") if quote.get(name) is not None)]
    for piece in pieces:
        start, end = _offset(piece["start"]), _offset(piece["end"])
        if not start < end <= len(document.text) or document.slice(Span(start, end)) != piece["text"]:
            return Check(line, path, "absent", f"not what stands at {start}:{end}")
    return Check(line, path, "verified")


def _offset(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"the offset {value!r}")
    return value
