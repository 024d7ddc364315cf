"""A file of questions: one line out for each line in, whatever stands in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.answer import Answer, failed
from bot.batch import answer_lines, read_lines, to_line, write_answers
from bot.respond import Responder
from index.errors import AnswersError
from tests.unit.fakes import TEXTS, contents_of, responder_of

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[3] / "docs" / "answer.schema.json").read_text("utf-8"))
)


@pytest.fixture(scope="module")
def responder() -> Responder:
    return responder_of(contents_of(TEXTS), threshold=0.6)


def asked(responder: Responder, *lines: bytes) -> list[dict[str, Any]]:
    """Lines -> what stands in the file of answers."""
    return [json.loads(to_line(answer.as_json())) for answer in answer_lines(lines, responder)]


def test_every_line_has_its_answer_in_order(responder: Responder) -> None:
    """Good lines and bad ones, each gives one answer in its place, which says which line was wrong and how."""
    answers = asked(
        responder,
        b'{"id": "a", "question": "Who dredged the harbour of Aldwick in 1904?"}',
        b"not JSON",
        b"",
        b"[1]",
        b"null",
        b'{"id": "b"}',
        b'{"id": "c", "question": 7}',
        b'{"id": "d", "question": ""}',
        b'{"question": "Who dredged the harbour of Aldwick in 1904?", "more": 1}',
        b"\xff\xfe",
    )
    verdicts = ["answered", *["error"] * 7, "answered", "error"]
    assert [answer["verdict"] for answer in answers] == verdicts
    assert [answer["id"] for answer in answers] == ["a", None, None, None, None, "b", "c", "d", None, None]
    for number in (2, 3, 4, 5, 6, 7, 10):
        assert answers[number - 1]["reason"].startswith(f"line {number}: ")
    for answer in answers:
        SCHEMA.validate(answer)


@pytest.mark.parametrize(
    ("id", "expected"),
    [('"a"', "a"), ("7", "7"), ("1.5", "1.5"), ("true", "true"), ("null", None), ('["x"]', '["x"]'), ("NaN", "NaN")],
)
def test_an_id_comes_back_as_text(responder: Responder, id: str, expected: str | None) -> None:
    """An id that is a text comes back as it is, any other as the JSON it was written in, none as null."""
    assert asked(responder, f'{{"id": {id}, "question": "Who?"}}'.encode())[0]["id"] == expected


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b'{"id": ' + b"[" * 400 + b"]" * 400 + b', "question": "Who?"}',
        b'{"question": ' + b"9" * 5000 + b"}",
        b'{"question": "why\\u0000"}',
        b'{"question": "\\ud800"}',
        b'{"id": "\\udfff", "question": "Who?"}',
        b'{"question": "Who\xed\xa0\x80?"}',
        b'\x00{"question": "Who?"}',
        b'"' + b"x" * 100_000 + b'"',
    ],
)
def test_no_line_stops_the_batch(responder: Responder, line: bytes) -> None:
    """Nesting, huge numbers, NUL and halves of surrogates: each gives a valid answer in UTF-8, and no exception."""
    answer, after = asked(responder, line, b'{"question": "Who dredged the harbour of Aldwick in 1904?"}')
    SCHEMA.validate(answer)
    assert after["verdict"] == "answered"


@given(st.lists(st.binary(max_size=30) | st.just(b'{"question": "Who?"}'), max_size=6))
def test_any_bytes_give_as_many_answers(responder: Responder, lines: list[bytes]) -> None:
    """Whatever the lines hold, there are as many answers, and each is valid against the schema."""
    answers = asked(responder, *lines)
    assert len(answers) == len(lines)
    for answer in answers:
        SCHEMA.validate(answer)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\n\n", [b"a", b""]),
        (b"\n", [b""]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"\xef\xbb\xbfa\nb", [b"a", b"b"]),
        ("a\u2028b\x0bc\x85d\n".encode(), ["a\u2028b\x0bc\x85d".encode()]),
    ],
)
def test_lines_end_at_line_feeds(tmp_path: Path, data: bytes, lines: list[bytes]) -> None:
    """A byte order mark, CR LF and a missing last line end do no harm; empty lines are lines; U+2028 ends none."""
    file = tmp_path / "questions.jsonl"
    file.write_bytes(data)
    assert read_lines(file) == lines


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A missing file, or a folder, is an error in one line that names it."""
    for file in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(AnswersError, match=r"cannot be opened .*expected a file of JSON lines"):
            read_lines(file)


@given(st.text(st.characters(codec=None)))
def test_a_line_is_one_line_of_utf_8(text: str) -> None:
    """Whatever an answer holds, its line is UTF-8, one line, and gives the same answer when read."""
    answer = failed(text, "reason", threshold=0.5, id=text).as_json()
    line = to_line(answer)
    assert line.encode().count(b"\n") == 1
    assert line.endswith("\n")
    assert json.loads(line) == answer


def test_plain_text_stays_readable() -> None:
    """Letters beyond ASCII are written as themselves."""
    assert "été" in to_line({"question": "été"})


def test_the_file_appears_whole(tmp_path: Path) -> None:
    """While answers are being written the file is not there; then it holds a line each, and nothing lies beside it."""
    file = tmp_path / "answers.jsonl"

    def answers() -> Iterator[Answer]:
        for number in range(3):
            assert not file.exists()
            yield failed(f"q{number}", "why", threshold=0.5)

    assert write_answers(answers(), file) == 3
    assert [json.loads(line)["question"] for line in file.read_text("utf-8").splitlines()] == ["q0", "q1", "q2"]
    assert list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    """An error in the middle leaves an existing file of answers as it was, and nothing beside it."""
    file = tmp_path / "answers.jsonl"
    file.write_text("old", "utf-8")

    def answers() -> Iterator[Answer]:
        yield failed("q", "why", threshold=0.5)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_answers(answers(), file)
    assert file.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder that is not there, or a folder in the file's place, is an error in one line that names --out."""
    (tmp_path / "folder").mkdir()
    for file in (tmp_path / "none" / "answers.jsonl", tmp_path / "folder"):
        with pytest.raises(AnswersError, match="name another file with --out"):
            write_answers([], file)


def test_errors_are_counted(tmp_path: Path, responder: Responder) -> None:
    """The number of lines that could not be asked comes back."""
    answers = answer_lines([b'{"question": "Who?"}', b"", b"x"], responder)
    assert write_answers(answers, tmp_path / "a.jsonl") == 2
