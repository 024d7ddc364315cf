"""The whole way from a question to an answer, with a model without weights."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import respond
from bot.question import MAX_CHARACTERS
from bot.respond import Responder, open_responder
from index.errors import EncoderError, SnapshotMissing
from index.records import Span
from tests.unit.fakes import TEXTS, FakeEncoder, awkward_corpora, contents_of, responder_of

questions = st.one_of(
    st.sampled_from(
        (
            "When was the harbour dredged?",
            "Why did she use a crane from Leeds?",
            "Which cranes and harbours are there?",
            "Is it unbroken?",
            "What did Dr. Hart say?",
            "hrabour?",
        )
    ),
    st.text(st.characters(codec=None), max_size=40),
)


@given(awkward_corpora(), questions, st.none() | questions)
def test_every_quote_is_the_documents_own_text(texts: dict[str, str], question: str, previous: str | None) -> None:
    """Over any corpus and question, every piece of every quote is the document's text at its offsets.

    Quotes are whole sentences or runs of them, at most three, and none overlaps another; context lies before its
    quote; whatever was asked, there is an answer and no exception.
    """
    contents = contents_of(texts)
    answer = responder_of(contents, threshold=0.6).answer(question, previous)
    shown = answer.quotes or answer.nearest
    assert len(shown) <= 3
    assert bool(answer.quotes) == (answer.verdict == "answered")
    assert answer.verdict == "error" or shown
    starts = {(contents.documents[s.document].path, s.span.start) for s in contents.sentences}
    ends = {(contents.documents[s.document].path, s.span.end) for s in contents.sentences}
    for quote in answer.as_json()["quotes"] + answer.as_json()["nearest"]:
        text = texts[quote["document"]]
        pieces = [quote, *(quote[name] for name in ("answer", "context") if quote[name])]
        for piece in pieces:
            assert text[piece["start"] : piece["end"]] == piece["text"] != ""
        assert (quote["document"], quote["start"]) in starts
        assert (quote["document"], quote["end"]) in ends
        assert quote["context"] is None or quote["context"]["end"] <= quote["start"]
        for other in quote["also_in"]:
            assert texts[other["document"]][other["start"] : other["end"]]
    for one, other in combinations(shown, 2):
        assert one.document is not other.document or not one.span.overlaps(other.span)


def responder(threshold: float = 0.6) -> Responder:
    return responder_of(contents_of(TEXTS), threshold=threshold)


def test_an_answer_names_index_reader_and_question() -> None:
    """An answer carries what was asked, how it was read, by which reader, in which snapshot."""
    answer = responder().answer("  Who dredged the harbour of Aldwick in 1904? ", id="7")
    assert answer.verdict == "answered"
    assert answer.question == "  Who dredged the harbour of Aldwick in 1904? "
    assert answer.resolved_question == "Who dredged the harbour of Aldwick in 1904?"
    assert (answer.id, answer.reader, answer.index) == ("7", "sentences", "0123456789abcdef")
    assert answer.quotes[0].text.startswith("The harbour of Aldwick was dredged")
    assert answer.reason is None
    assert answer.timings.total >= answer.timings.encode + answer.timings.retrieve + answer.timings.read > 0


def test_the_threshold_decides() -> None:
    """From the threshold on a question is answered; just above it, the same quotes are only the nearest."""
    best = responder().answer("Who dredged the harbour?").probability
    assert best is not None
    at, above = (responder(threshold).answer("Who dredged the harbour?") for threshold in (best, best + 1e-9))
    assert (at.verdict, above.verdict) == ("answered", "not_found")
    assert [quote.span for quote in at.quotes] == [quote.span for quote in above.nearest]
    assert above.quotes == ()
    assert above.reason == f"The closest passage scored just under {best:.0%}; an answer needs {best:.0%}."


@pytest.mark.parametrize("question", ["", " ", "?", "x" * 10_000, "why\x00", "why\udcff", "\x1b]0;x\x07"])
def test_what_cannot_be_asked_is_an_error_in_one_line(question: str) -> None:
    """A question that cannot be asked gives an answer that says why, in one printable line, and no exception."""
    answer = responder().answer(question, id="7")
    assert (answer.verdict, answer.id, answer.question) == ("error", "7", question)
    assert answer.reason
    assert answer.reason.isprintable()


def test_a_question_of_unknown_words_is_declined() -> None:
    """A question that shares nothing with the documents is declined with the closest passages."""
    answer = responder().answer("zebra quagga okapi")
    assert answer.verdict == "not_found"
    assert 1 <= len(answer.nearest) <= 3
    assert all(quote.answer is None for quote in answer.nearest)


def test_a_question_of_stop_words_is_read_all_the_same() -> None:
    """Without any content word a question is searched by meaning alone."""
    assert responder().answer("what is it?").verdict in {"answered", "not_found"}


def test_duplicates_are_named_once() -> None:
    """A sentence that stands in two documents is one quote that names both places."""
    answer = responder().answer("When was the lighthouse painted red?")
    first = answer.quotes[0]
    assert first.text == "The lighthouse was painted red in 1931."
    places = [first.document.path, *(other.document.path for other in first.also_in)]
    assert sorted(places) == ["harbour.txt", "rules/leave.md"]
    assert [quote.text for quote in answer.quotes].count(first.text) == 1


def test_a_list_is_in_document_order() -> None:
    """Quotes of a question for a list come by document and place."""
    answer = responder(threshold=0.5).answer("Which boats and cranes and weeks are there?")
    places = [(quote.document.path, quote.span) for quote in answer.quotes]
    assert len(places) > 1
    assert places == sorted(places)


def test_a_correction_and_a_follow_up_are_shown() -> None:
    """What was read in the place of what was typed stands in the answer, with a note for each change."""
    answer = responder().answer("And the lighthuose?", previous="When was Ada dredging?")
    assert "lighthouse" in answer.resolved_question
    assert answer.notes == ("Read with the question before it.", "Read “lighthuose” as “lighthouse”.")


def test_a_question_beyond_the_model_says_so() -> None:
    """A question longer than the model reads is answered, with a note."""
    answer = responder().answer("harbour " * (MAX_CHARACTERS // 8))
    assert answer.notes == ("The question has 252 tokens; the model reads the first 48 of them.",)


def test_another_models_percentages_are_qualified() -> None:
    """With a model other than the one that was calibrated, each answer says so."""
    other = responder()
    other = replace(other, confidence=replace(other.confidence, encoder="all-MiniLM-L6-v2"))
    assert other.answer("Who?").notes == ("Percentages were calibrated with all-MiniLM-L6-v2, not fake.",)


def test_the_same_question_gives_the_same_answer() -> None:
    """Asked twice, a question gives the same quotes with the same probabilities."""
    shared = responder()
    one, other = (shared.answer("Who dredged the harbour?") for _ in range(2))
    assert one.quotes == other.quotes


def test_opening_takes_the_model_of_the_index(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model that the index was built with answers; one that has changed since is refused with the remedy."""
    asked = []

    def load(name: str) -> FakeEncoder:
        asked.append(name)
        return FakeEncoder()

    monkeypatch.setattr(respond, "load_encoder", load)
    assert open_responder(index).answer("Who dredged the harbour?").quotes[0].span == Span(24, 92)
    assert asked == ["fake"]
    monkeypatch.setattr(respond, "load_encoder", lambda _: FakeEncoder(fingerprint="0" * 64))
    with pytest.raises(EncoderError, match=r"has changed since .* was built; run: quoth index FOLDER"):
        open_responder(index)


def test_opening_nothing_says_what_to_run(tmp_path: Path) -> None:
    """Without an index the error says how to build one, before any model is loaded."""
    with pytest.raises(SnapshotMissing, match="run: quoth index"):
        open_responder(tmp_path / "none")
