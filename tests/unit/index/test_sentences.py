"""Sentences: exact spans, and ends where a reader sees them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Span
from index.sentences import split_sentences
from tests.unit.fakes import awkward_texts


def split(text: str) -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, Span(0, len(text)))]


@given(awkward_texts(), st.data())
def test_nothing_but_white_space_is_lost(text: str, data: st.DataObject) -> None:
    """Within any paragraph the sentences are in order, trimmed, apart, and leave out white space alone."""
    start = data.draw(st.integers(0, len(text)))
    paragraph = Span(start, data.draw(st.integers(start, len(text))))
    spans = split_sentences(text, paragraph)
    end = paragraph.start
    for span in spans:
        assert text[end : span.start].strip() == ""
        assert text[span.start : span.end] == text[span.start : span.end].strip() != ""
        end = span.end
    assert text[end : paragraph.end].strip() == ""
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert all(paragraph.contains(span) for span in spans)


def test_offsets_count_in_the_whole_text() -> None:
    """The spans are offsets of the document, wherever the paragraph begins in it."""
    text = "Before. One here. Two there. After."
    assert split_sentences(text, Span(8, 28)) == [Span(8, 17), Span(18, 28)]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u2028"])
def test_white_space_has_no_sentence(text: str) -> None:
    """An empty paragraph, or one of white space, gives no sentence."""
    assert split(text) == []


@pytest.mark.parametrize(
    "sentences",
    [
        ("It lies in the south.", "Moscow lies further north."),
        ("He is human.", "They sleep."),
        ("Dr. Hart met Mrs. Lee on St. Mary’s pier.", "They talked."),
        ("It opened at the St. Petersburg International Economic Forum.", "He spoke."),
        ("The U.S. pivot to Asia came first.", "Russia followed."),
        ("See fig. 3 and pp. 12–14 of vol. 2.", "They show it."),
        ("It costs 3.50 or 1,000.25.", "That is cheap."),
        ("Is it so?", "Yes!", "Good."),
        ("He said, “Stop.”", "She stopped."),
        ("He said “Stop.” and left.",),
        ("(There have been none since 2006.)", "China is frustrated, too: it waits."),
        ("Prices rose, e.g. for oil, i.e. crude.", "Gas did not."),
        ("Meet at 10 a.m. on Tuesday.", "Bring tea."),
        ("The firm is Hart & Co. of Leeds.", "It built cranes."),
    ],
)
def test_sentences_end_where_a_reader_sees_them(sentences: tuple[str, ...]) -> None:
    """Abbreviations, numbers, initials and quotations end no sentence; a plain word before a full stop does."""
    assert split(" ".join(sentences)) == list(sentences)


def test_an_ellipsis_inside_a_sentence_loses_nothing() -> None:
    """Spaced full stops stay with their words, whichever side of a boundary they fall on."""
    text = "We’re not frightened. China does not worry us . . . China will cooperate.” He laughed."
    assert split(text)[0] == "We’re not frightened."
    assert " ".join(split(text)) == text
    assert split(text)[-1] == "He laughed."


def test_splitting_twice_gives_the_same() -> None:
    """The splitter learns nothing from what it splits: the same text always gives the same sentences."""
    text = "The harbour of Ald. is old. Ald. was dredged. See Ald. too."
    first = split(text)
    split("Ald. Ald. Ald. goes on. " * 50)
    assert split(text) == first


def test_a_piece_without_words_belongs_to_the_sentence_before_it() -> None:
    """The bar that ends a table's row, or dots after the full stop, are no sentence of their own."""
    text = "| 1 | It was so. |"
    spans = split_sentences(text, Span(0, len(text)))
    assert [text[span.start : span.end] for span in spans] == [text]
