"""Verification: true quotes pass, and nothing else does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.batch import to_line
from bot.verify import Check, verify_file
from index.errors import AnswersError
from tests.unit.fakes import TEXTS, contents_of, responder_of, write_corpus

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    """An answer with three quotes, the second with context."""
    responder = responder_of(contents_of(TEXTS), threshold=0.5)
    answer = responder.answer("Who used the steam crane and dredged the harbour?").as_json()
    assert answer["verdict"] == "answered"
    assert any(quote["context"] for quote in answer["quotes"])
    return answer


def checks_of(tmp_path: Path, corpus: Path, *answers: dict[str, Any]) -> list[Check]:
    file = tmp_path / "answers.jsonl"
    file.write_text("".join(map(to_line, answers)), "utf-8")
    return verify_file(file, corpus)


def changed(answer: dict[str, Any], change: Change) -> dict[str, Any]:
    """The answer with its first quote changed."""
    copy: dict[str, Any] = json.loads(json.dumps(answer))
    change(copy["quotes"][0])
    return copy


def test_true_quotes_are_verified(tmp_path: Path, corpus: Path, answer: dict[str, Any]) -> None:
    """Every quote as Quoth gave it is verified, those of `nearest` included, each with its line."""
    nearest = {**answer, "verdict": "not_found", "quotes": [], "nearest": answer["quotes"]}
    checks = checks_of(tmp_path, corpus, answer, nearest)
    assert [(check.line, check.finding) for check in checks] == [(1, "verified")] * 3 + [(2, "verified")] * 3


def test_an_answer_without_quotes_has_nothing_to_check(tmp_path: Path, corpus: Path) -> None:
    """An error's answer, and an empty file, give no checks."""
    assert checks_of(tmp_path, corpus, {"quotes": [], "nearest": []}) == []
    assert checks_of(tmp_path, corpus) == []


def with_answer(**values: Any) -> Change:
    return lambda quote: quote.update(answer={"text": quote["text"][:3], "start": 24, "end": 27, **values})


@pytest.mark.parametrize(
    "change",
    [
        lambda quote: quote.update(text=quote["text"][:-2] + "x."),
        lambda quote: quote.update(text=quote["text"] + " "),
        lambda quote: quote.update(text=quote["text"].upper()),
        lambda quote: quote.update(text=""),
        lambda quote: quote.update(text=None),
        lambda quote: quote.update(text=[]),
        lambda quote: quote.update(start=quote["start"] + 1),
        lambda quote: quote.update(end=quote["end"] - 1),
        lambda quote: quote.update(start=quote["end"], end=quote["start"]),
        lambda quote: quote.update(start=0, end=0, text=""),
        lambda quote: quote.update(end=10**30),
        lambda quote: quote.update(start=10**30, end=10**30 + 1),
        with_answer(text="No!"),
        with_answer(end=10**9),
        lambda quote: quote.update(context={"text": "He denied it.", "start": 0, "end": 13}),
    ],
)
def test_a_forged_quote_is_absent(tmp_path: Path, corpus: Path, answer: dict[str, Any], change: Change) -> None:
    """Another text, another place, a forged answer or context: the quote is absent, and the others are verified."""
    checks = checks_of(tmp_path, corpus, changed(answer, change))
    assert [check.finding for check in checks] == ["absent", "verified", "verified"]
    assert checks[0].document == answer["quotes"][0]["document"]
    assert checks[0].reason.startswith("not what stands at ")


@pytest.mark.parametrize(
    "change",
    [
        lambda quote: quote.update(start=-1),
        lambda quote: quote.update(end=-1),
        lambda quote: quote.update(start=True),
        lambda quote: quote.update(start=1.0),
        lambda quote: quote.update(start="24"),
        lambda quote: quote.update(start=None),
        lambda quote: quote.pop("text"),
        lambda quote: quote.pop("start"),
        lambda quote: quote.pop("document"),
        lambda quote: quote.pop("sha256"),
        lambda quote: quote.update(answer=[]),
        lambda quote: quote.update(answer="The"),
        lambda quote: quote.update(answer=7),
        lambda quote: quote.update(context={}),
        lambda quote: quote.update(context={"text": "a", "start": False, "end": True}),
    ],
)
def test_a_garbled_quote_is_named(tmp_path: Path, corpus: Path, answer: dict[str, Any], change: Change) -> None:
    """A quote without a part, or with offsets that are no numbers, is an error that names the file and the line."""
    with pytest.raises(AnswersError, match=r"answers\.jsonl, line 2: ") as raised:
        checks_of(tmp_path, corpus, answer, changed(answer, change))
    assert "\n" not in str(raised.value)


def test_a_changed_document_cannot_be_checked(tmp_path: Path, corpus: Path, answer: dict[str, Any]) -> None:
    """A document that is not the one that was quoted cannot be checked; where the words stand in it now is told."""
    quote = answer["quotes"][0]
    file = corpus / "harbour.txt"
    file.write_text("Today. " + file.read_text("utf-8"), "utf-8")
    check = checks_of(tmp_path, corpus, answer)[0]
    place = f"{quote['start'] + 7}:{quote['end'] + 7}"
    assert (check.finding, check.reason) == (
        "cannot check",
        f"the document has changed; the words stand at {place} now",
    )
    file.write_text("Nothing of it.", "utf-8")
    assert checks_of(tmp_path, corpus, answer)[0].reason == "the document has changed"


def test_the_same_file_read_differently_is_checked_by_its_words(
    tmp_path: Path, corpus: Path, answer: dict[str, Any]
) -> None:
    """Where the file is the same and only its extracted text is not, quotes are looked up in the folded copy."""

    def reread(quote: dict[str, Any]) -> None:
        words = quote["text"].replace("engineer", "engi-\nneer").replace(" ", "\n", 1)
        quote.update(sha256="0" * 64, start=7, end=9, text=words)

    assert [check.finding for check in checks_of(tmp_path, corpus, changed(answer, reread))] == ["verified"] * 3

    def forge(quote: dict[str, Any]) -> None:
        quote.update(sha256="0" * 64, text=quote["text"] + " It was not.")

    check = checks_of(tmp_path, corpus, changed(answer, forge))[0]
    assert (check.finding, check.reason) == ("absent", "not in its text")


def test_line_ends_are_part_of_the_text(tmp_path: Path, corpus: Path, answer: dict[str, Any]) -> None:
    """A file whose line ends were converted is another text."""
    file = corpus / "harbour.txt"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert checks_of(tmp_path, corpus, answer)[0].finding == "cannot check"


def test_another_encoding_is_the_same_text(tmp_path: Path, corpus: Path, answer: dict[str, Any]) -> None:
    """A file saved in UTF-16 holds the same canonical text, and its quotes are verified."""
    file = corpus / "harbour.txt"
    file.write_bytes(b"\xff\xfe" + file.read_bytes().decode().encode("utf-16-le"))
    assert {check.finding for check in checks_of(tmp_path, corpus, answer)} == {"verified"}


@pytest.mark.parametrize(
    "name",
    [
        "gone.txt",
        "../secret.txt",
        "/etc/passwd",
        "",
        ".",
        "HARBOUR.txt",
        "harbour.txt\x00",
        "./harbour.txt",
        None,
        7,
        ["x"],
    ],
)
def test_a_document_that_is_not_in_the_corpus_is_gone(
    tmp_path: Path, corpus: Path, answer: dict[str, Any], name: Any
) -> None:
    """A name of no document of the corpus, paths out of it included, is never opened: it cannot be checked."""
    write_corpus(tmp_path, {"secret.txt": TEXTS["harbour.txt"]})
    checks = checks_of(tmp_path, corpus, changed(answer, lambda quote: quote.update(document=name)))
    assert (checks[0].finding, checks[0].reason) == ("cannot check", "the document is gone")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"quotes": []}',
        b'{"quotes": 7, "nearest": []}',
        b'{"quotes": [7], "nearest": []}',
        b'{"quotes": {"a": 1}, "nearest": []}',
        b'{"quotes": "text", "nearest": []}',
        b"[" * 100_000,
        b"\xff",
        b"answer",
    ],
)
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, corpus: Path, line: bytes) -> None:
    """A line that is no answer is an error in one line, with the file and the line's number."""
    file = tmp_path / "answers.jsonl"
    file.write_bytes(b'{"quotes": [], "nearest": []}\n' + line + b"\n")
    with pytest.raises(AnswersError, match=r"answers\.jsonl, line 2: .*(no answer|no JSON object)"):
        verify_file(file, corpus)


def test_missing_files_are_named(tmp_path: Path, corpus: Path) -> None:
    """No file of answers is an error that names it."""
    with pytest.raises(AnswersError, match="cannot be opened"):
        verify_file(tmp_path / "none.jsonl", corpus)


def test_without_a_corpus_nothing_can_be_checked(tmp_path: Path, answer: dict[str, Any]) -> None:
    """The folder is gone, and every document with it: each quote says so."""
    checks = checks_of(tmp_path, tmp_path / "nowhere", answer)
    assert checks
    assert {(check.finding, check.reason) for check in checks} == {("cannot check", "the document is gone")}
