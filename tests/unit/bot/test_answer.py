"""Quotes and answers: what cannot be made, and the JSON that comes out, against its schema."""

import dataclasses
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError

from bot.answer import Answer, Occurrence, Quote, Timings, failed
from index.records import Document, Span
from tests.unit.fakes import TEXTS, contents_of, document_of, responder_of

DOCUMENT = document_of("The Harbour\n\nIt was dredged in 1904. The crane came from Leeds.")
SENTENCE = Span(37, 63)
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "answer.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def quote(**values: Any) -> Quote:
    return Quote(**{"document": DOCUMENT, "span": SENTENCE, "probability": 0.5, **values})


def test_a_quote_takes_no_text() -> None:
    """A quote is made of a document and spans: none of its parts is a string that someone could write."""
    kinds = {field.name: str(field.type) for field in dataclasses.fields(Quote)}
    assert set(kinds) == {"document", "span", "probability", "answer", "context", "also_in"}
    assert not any("str" in kind for kind in kinds.values())
    assert not [name for name, _ in inspect.getmembers(Quote, inspect.ismethod)], "no other constructor"
    with pytest.raises(dataclasses.FrozenInstanceError):
        quote().span = Span(0, 3)  # type: ignore[misc]


@given(st.text(min_size=1), st.data())
def test_a_quotes_text_is_the_documents(text: str, data: st.DataObject) -> None:
    """For any text and place, a quote's text is the document's from start to end."""
    document = Document("a.txt", "a", text, "0" * 64, (), (Span(0, len(text)),))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert Quote(document, Span(start, end), 1.0).text == text[start:end]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"span": Span(37, 6400)}, "the text has"),
        ({"span": Span(5, 5)}, "an empty quote"),
        ({"answer": Span(36, 40)}, "lies outside the quote"),
        ({"answer": Span(60, 64)}, "lies outside the quote"),
        ({"context": Span(13, 38)}, "does not lie before the quote"),
        ({"context": Span(63, 63)}, "does not lie before the quote"),
        ({"probability": 1.1}, "expected 0 to 1"),
        ({"probability": -0.1}, "expected 0 to 1"),
        ({"probability": float("nan")}, "expected 0 to 1"),
    ],
)
def test_a_wrong_quote_cannot_be_made(values: dict[str, Any], said: str) -> None:
    """Outside the text, empty, with an answer outside or a context not before: there is no such quote."""
    with pytest.raises(ValueError, match=said):
        quote(**values)


def test_a_quote_may_touch_its_context_and_be_its_answer() -> None:
    """The context may end where the quote begins, and the answer may be the whole quote."""
    assert quote(context=Span(13, 37), answer=SENTENCE).as_json()["answer"]["text"] == quote().text


def test_a_citation_is_title_and_place() -> None:
    """A quote is cited by the document's title and the place a person finds it at."""
    assert quote().citation == "The Harbour, paragraph 1"


def test_every_piece_of_the_json_is_the_documents() -> None:
    """The quote's, the answer's and the context's text are each the document's at the offsets beside them."""
    made = quote(answer=Span(41, 46), context=Span(13, 36), also_in=(Occurrence(DOCUMENT, Span(13, 36)),)).as_json()
    for piece in (made, made["answer"], made["context"]):
        assert DOCUMENT.text[piece["start"] : piece["end"]] == piece["text"]
    assert made["also_in"] == [{"document": "notes.txt", "start": 13, "end": 36}]
    assert (made["sha256"], made["source_sha256"]) == (DOCUMENT.sha256, DOCUMENT.source_sha256)
    assert made["page"] is None


def test_the_probability_is_of_what_is_shown_first() -> None:
    """An answer's probability is its first quote's, the first of the nearest when refused, none on an error."""
    quotes = (quote(probability=0.9), quote(span=Span(13, 36), probability=0.4))
    assert Answer("q", "q", "answered", 0.5, quotes=quotes).probability == 0.9
    assert Answer("q", "q", "not_found", 0.5, nearest=quotes[1:]).probability == 0.4
    assert Answer("q", "q", "not_found", 0.5).probability == 0.0
    assert failed("q", "why", threshold=0.5).probability is None


def answers() -> dict[str, Answer]:
    responder = responder_of(contents_of(TEXTS), threshold=0.6)
    return {
        "answered": responder.answer("Who dredged the harbour of Aldwick in 1904?", id="7"),
        "leaning": responder.answer("She used a steam crane from Leeds"),
        "twice": responder.answer("When was the lighthouse painted red?"),
        "not_found": responder.answer("zebra quagga okapi"),
        "error": responder.answer(""),
        "everything": Answer(
            "q",
            "r",
            "answered",
            0.5,
            quotes=(quote(answer=Span(41, 46), context=Span(13, 36), also_in=(Occurrence(DOCUMENT, Span(13, 36)),)),),
            reader="sentences",
            index="0" * 16,
            notes=("A note.",),
            timings=Timings(1.0, 2.0, 3.0, 6.5),
            id="x",
        ),
    }


def test_the_schema_is_one() -> None:
    """docs/answer.schema.json is a schema of draft 2020-12, and admits no key that the contract does not name."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["$defs"]["quote"]["additionalProperties"] is False


@pytest.mark.parametrize("name", ["answered", "leaning", "twice", "not_found", "error", "everything"])
def test_answers_are_as_the_schema_says(name: str) -> None:
    """Answers of every verdict, as they come out of the whole, are valid against docs/answer.schema.json."""
    answer = answers()[name]
    if name in {"answered", "not_found", "error"}:
        assert answer.verdict == name
    VALIDATOR.validate(json.loads(json.dumps(answer.as_json())))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("answered", {"quotes": []}),
        ("answered", {"probability": None}),
        ("answered", {"reason": "because"}),
        ("answered", {"extra": 1}),
        ("answered", {"schema_version": 2}),
        ("answered", {"id": 7}),
        ("answered", {"reader": None}),
        ("not_found", {"reason": None}),
        ("not_found", {"reason": "two\nlines"}),
        ("not_found", {"probability": 1.5}),
        ("error", {"probability": 0.0}),
        ("error", {"reason": None}),
        ("error", {"reader": "sentences"}),
        ("error", {"verdict": "maybe"}),
    ],
)
def test_the_schema_refuses_what_the_contract_forbids(name: str, values: dict[str, Any]) -> None:
    """The schema says which fields are null when: an answer altered against the contract is not valid."""
    with pytest.raises(ValidationError):
        VALIDATOR.validate(json.loads(json.dumps(answers()[name].as_json())) | values)


@pytest.mark.parametrize("key", sorted(SCHEMA["required"]))
def test_the_schema_needs_every_field(key: str) -> None:
    """No field of an answer may be missing."""
    answer = answers()["answered"].as_json()
    del answer[key]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(answer)


def test_an_errors_reason_is_one_line() -> None:
    """A failed answer carries its reason, the question as it was asked, and nothing else."""
    answer = answers()["error"]
    assert (answer.question, answer.resolved_question, answer.quotes, answer.nearest) == ("", "", (), ())
    assert answer.reason == "the question has no words; type what you want to know"
