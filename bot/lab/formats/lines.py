"""A question a line: JSON lines, and CSV as a spreadsheet saves it.

Both have `id`, `question` and `gold`. In JSON lines, gold is a list of exact strings, of
`{"document", "start", "end"}` and of `{"document", "text"}`; an empty list says that nothing answers. In CSV, a cell
holds one exact string, or such a list; empty says that nothing answers; the columns `document`, `start` and `end` give
the place instead, or narrow it down.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.lab.questions import Entry, QuestionFile, Wanted, complain
from bot.question import validate
from index.errors import QuestionError, QuestionsError
from index.records import Span

_NEEDED = ("id", "question", "gold")
_MORE = ("kinds", "split", "author")
_PLACES = ("document", "start", "end")
_NAMED_SEPARATOR = re.compile(r"sep=([,;\t])\r?\n")
_GOLD = 'an exact string, {"document", "start", "end"} or {"document", "text"}'


def read_jsonl(path: Path, raw: bytes, sha256: str) -> QuestionFile:
    """The bytes of a file of JSON lines -> its questions; blank lines are passed over.

    Raises:
        QuestionsError: names every line that is wrong.
    """
    found = _Found(path)
    # Not splitlines: a string in JSON may hold U+2028 as it is.
    for number, line in enumerate(_decoded(path, raw).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError) as error:
            found.wrong(number, f"is no JSON ({getattr(error, 'msg', 'too deep, or a number too long')})")
            continue
        if not isinstance(entry, dict):
            found.wrong(number, 'is no JSON object; expected {"id": ..., "question": ..., "gold": [...]}')
            continue
        found.add(number, entry, _NEEDED + _MORE, "key")
    return found.file("JSONL", sha256)


def read_csv(path: Path, raw: bytes, sha256: str) -> QuestionFile:
    """The bytes of a CSV file with a header -> its questions; the separator is `,`, `;` or a tab, as its header has it.

    Raises:
        QuestionsError: names every line that is wrong; a cell with line breaks counts from its first line.
    """
    text = _decoded(path, raw)
    begun_with = 0
    if (named := _NAMED_SEPARATOR.match(text)) is not None:  # Excel's own way to say it
        text, begun_with = text[named.end() :], 1
    header = text.lstrip("\r\n").split("\n", 1)[0]
    separator = named[1] if named is not None else max(",;\t", key=header.count)
    found = _Found(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str] = []
    line = 1 + begun_with
    try:
        for cells in reader:
            begun, line = line, reader.line_num + 1 + begun_with
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = [cell.strip().lower() for cell in _filled(cells)]
                _check_columns(path, begun, columns)
                continue
            if len(cells := _filled(cells)) > len(columns):
                found.wrong(
                    begun, f"has {len(cells)} cells, not {len(columns)}; put a cell with “{separator}” in quotes"
                )
                continue
            row = dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=True))
            try:
                found.add(begun, _from_cells(row), _NEEDED + _MORE, "column")
            except ValueError as error:
                found.wrong(begun, str(error))
    except csv.Error as error:
        found.wrong(line, f"is no CSV ({error}); see whether each quotation mark is closed")
    return found.file("CSV", sha256)


class _Found:
    """Entries and problems, as the lines go by."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[Entry] = []
        self._problems: list[str] = []
        self._lines: dict[str, int] = {}

    def wrong(self, line: int, problem: str) -> None:
        self._problems.append(f"{self._path}, line {line}: {problem}")

    def add(self, line: int, entry: Mapping[str, Any], known: tuple[str, ...], noun: str) -> None:
        if unknown := [name for name in entry if name not in known]:
            self.wrong(line, f"unknown {noun} {unknown[0]!r}; expected {', '.join(known)}")
        elif missing := [name for name in _NEEDED if name not in entry]:
            self.wrong(line, f"has no {missing[0]}; expected {', '.join(_NEEDED)}, gold empty where nothing answers")
        else:
            try:
                made = _entry(line, entry)
            except (ValueError, QuestionError) as error:
                self.wrong(line, str(error))
                return
            before = self._lines.setdefault(made.id, line)
            if before != line:
                self.wrong(line, f"the id {made.id} stands in line {before} already")
            self._entries.append(made)

    def file(self, format: Any, sha256: str) -> QuestionFile:
        complain(self._problems)
        if not self._entries:
            raise QuestionsError((f"{self._path} holds no question; expected a line for each",))
        return QuestionFile(self._path, format, sha256, tuple(self._entries))


def _entry(line: int, entry: Mapping[str, Any]) -> Entry:
    id, question, gold = (entry[name] for name in _NEEDED)
    if not isinstance(id, str | int) or isinstance(id, bool) or not str(id).strip():
        raise ValueError("the id is no text; expected one that no other line has")
    if not isinstance(question, str):
        raise QuestionError("the question is no text")
    validate(question)
    kinds = entry.get("kinds") or []
    if not isinstance(kinds, str | list):
        raise ValueError("the kinds are no list of texts")  # noqa: TRY004 - see _Found.add
    return Entry(
        line=line,
        id=str(id),
        question=question,
        wanted=tuple(_wanted(item) for item in ([gold] if isinstance(gold, str | dict) else _list_of(gold))),
        kinds=tuple(str(kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)),
        split=str(entry.get("split") or ""),
        author=str(entry.get("author") or ""),
    )


def _list_of(gold: Any) -> list[Any]:
    if not isinstance(gold, list):
        raise ValueError(f"the gold is no list; expected one of {_GOLD}, empty where nothing answers")  # noqa: TRY004 - see _Found.add
    return gold


def _wanted(gold: Any) -> Wanted:
    if isinstance(gold, str):
        if not gold.strip():
            raise ValueError("a gold is an empty string; expected an empty list where nothing answers")
        return Wanted(text=gold)
    if isinstance(gold, dict) and isinstance(gold.get("document"), str):
        if set(gold) == {"document", "text"} and isinstance(gold["text"], str) and gold["text"].strip():
            return Wanted(text=gold["text"], document=gold["document"])
        if set(gold) == set(_PLACES):
            start, end = gold["start"], gold["end"]
            if type(start) is not int or type(end) is not int or not 0 <= start < end:
                raise ValueError(f"the gold {start}:{end} is no span; expected 0 <= start < end")
            return Wanted(document=gold["document"], span=Span(start, end))
    raise ValueError(f"the gold {json.dumps(gold, ensure_ascii=False)[:60]} is none; expected {_GOLD}")


def _check_columns(path: Path, line: int, columns: list[str]) -> None:
    known = (*_NEEDED, *_PLACES, *_MORE)
    expected = f"expected {', '.join(known)}"
    where = f"{path}, line {line}: "
    if unknown := [name for name in columns if name not in known]:
        raise QuestionsError((f"{where}unknown column {unknown[0]!r}; {expected}",))
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise QuestionsError((f"{where}the column {twice[0]} stands there twice; {expected}",))
    if missing := [name for name in _NEEDED if name not in columns and not (name == "gold" and "start" in columns)]:
        raise QuestionsError((f"{where}no column {missing[0]}; {expected}",))


def _from_cells(row: Mapping[str, str]) -> dict[str, Any]:
    """The cells of a row -> the entry that JSON lines would have; ValueError says what is wrong with them."""
    cell = row.get("gold", "")
    document, start, end = (row.get(name, "").strip() for name in _PLACES)
    gold: list[Any] = []
    if start or end:
        if not (document and start.isdecimal() and end.isdecimal()):
            raise ValueError(f"the place {document}:{start}:{end} is none; expected document, start and end")
        if cell.strip():
            raise ValueError("has both a gold and a start or end; expected one of them")
        gold = [{"document": document, "start": int(start), "end": int(end)}]
    elif cell.strip().startswith("[") and isinstance(listed := _json_or_none(cell), list):
        gold = listed
    elif cell.strip():
        gold = [{"document": document, "text": cell} if document else cell]
    more = {name: row[name].strip() for name in _MORE if name in row}
    if "kinds" in more:
        more |= {"kinds": more["kinds"].split()}  # type: ignore[dict-item]
    return {"id": row["id"].strip(), "question": row["question"], "gold": gold, **more}


def _filled(cells: list[str]) -> list[str]:
    """Cells without the empty ones at the end, which spreadsheets leave of columns that once held something."""
    last = max((number for number, cell in enumerate(cells, start=1) if cell.strip()), default=0)
    return cells[:last]


def _json_or_none(cell: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise QuestionsError((f"{path}, line {line}: is not UTF-8; save the file as UTF-8",)) from error
