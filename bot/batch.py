"""A file of questions -> a file of answers: one line out for each line in, in order, bad ones included."""

import errno
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

from bot.answer import Answer, failed
from bot.respond import Responder
from index.errors import AnswersError


def to_line(answer: Mapping[str, Any]) -> str:
    """An answer's JSON -> one line; text that UTF-8 cannot hold is escaped."""
    line = json.dumps(answer, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(answer, ensure_ascii=True)
    return line + "\n"


def read_lines(file: Path) -> list[bytes]:
    """A file -> its lines without their ends; the end of the last line starts no new one.

    Raises:
        AnswersError: the file cannot be opened.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise AnswersError(f"{file} cannot be opened ({error.strerror}); expected a file of JSON lines") from error
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [line.removesuffix(b"\r") for line in (lines[:-1] if lines[-1] == b"" else lines)]


def answer_lines(lines: Iterable[bytes], responder: Responder) -> Iterator[Answer]:
    """Lines of `{"id", "question"}` -> an Answer each; a bad line gives one with verdict `error`."""
    for number, line in enumerate(lines, start=1):
        yield _answer_line(number, line, responder)


def write_answers(answers: Iterable[Answer], file: Path) -> int:
    """Answers -> `file`, a line each; returns how many were errors.

    A regular file appears, or is replaced, only when it is whole; a pipe or a device is written straight through.

    Raises:
        AnswersError: the file cannot be written.
    """
    if file.exists() and not file.is_file() and not file.is_dir():
        with file.open("w", encoding="utf-8", newline="\n") as out:
            return _write_lines(answers, out)
    target = file.resolve()  # through a link to the file that it names
    try:
        if target.is_dir():  # found out before the work, not after it
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    except OSError as error:
        raise AnswersError(f"{file} cannot be written ({error.strerror}); name another file with --out") from error
    scratch = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            n_errors = _write_lines(answers, out)
        scratch.chmod(_mode_of_new_files())
        scratch.replace(target)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return n_errors


def _write_lines(answers: Iterable[Answer], out: TextIO) -> int:
    n_errors = 0
    for answer in answers:
        n_errors += answer.verdict == "error"
        out.write(to_line(answer.as_json()))
    return n_errors


def _mode_of_new_files() -> int:
    """The permissions that a new file would have got; a temporary one is its owner's alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _answer_line(number: int, line: bytes, responder: Responder) -> Answer:
    def bad(reason: str, id: str | None = None, question: str = "") -> Answer:
        return failed(
            question,
            f"line {number}: {reason}",
            threshold=responder.confidence.threshold,
            index=responder.snapshot.id,
            id=id,
        )

    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return bad('is no JSON; expected {"id": ..., "question": ...}')
    if not isinstance(entry, dict):
        return bad('is no JSON object; expected {"id": ..., "question": ...}')
    given, question = entry.get("id"), entry.get("question")
    id = given if isinstance(given, str) or given is None else json.dumps(given)
    if not isinstance(question, str):
        return bad("has no question; expected a text under the key question", id)
    return responder.answer(question, id=id)
