"""The trained reader reads the folded copy, and answers in offsets of the text."""

import pytest

from bot.question import read_question
from bot.reader.extractive import load_extractive
from bot.respond import Responder
from tests.unit.fakes import FakeEncoder, contents_of, responder_of

pytestmark = pytest.mark.real


def test_an_answer_across_a_line_end_is_found_and_marked() -> None:
    """A phrase that the file breaks in two is understood whole, and is marked with its hyphen and line end."""
    text = "The machine was built by the great engi-\nneer Ada Hartfield of Leeds, and it lifted nine tons."
    contents = contents_of({"a.txt": text}, FakeEncoder(max_tokens=99))
    made = responder_of(contents, FakeEncoder(max_tokens=99))
    responder = Responder(made.snapshot, made.encoder, load_extractive(), made.confidence, made.speller)
    reading = responder.read(read_question("What was the profession of Ada Hartfield?", made.speller, None)).readings[0]
    assert reading.answer is not None
    marked = text[reading.answer.start : reading.answer.end]
    assert "engi-\nneer" in marked
