"""Spans and documents: the arithmetic that every quote rests on."""

import dataclasses
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.loaders.text import load
from index.records import (
    Document,
    Heading,
    Layout,
    Removed,
    Run,
    Sentence,
    Span,
    document_as_json,
    fields_from_json,
)
from tests.unit.fakes import document_of

spans = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda ends: Span(min(ends), max(ends)))


def points(span: Span) -> set[int]:
    return set(range(span.start, span.end))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (-3, -2)])
def test_a_span_runs_forwards_from_zero(start: int, end: int) -> None:
    """A span that is negative or ends before it starts cannot be made."""
    with pytest.raises(ValueError, match="expected 0 <= start <= end"):
        Span(start, end)


@given(spans, spans)
def test_spans_behave_as_sets_of_positions(one: Span, other: Span) -> None:
    """Length, overlap and containment are those of the sets of positions between start and end."""
    assert len(one) == len(points(one))
    if one and other:
        assert one.overlaps(other) == bool(points(one) & points(other))
        assert one.contains(other) == (points(other) <= points(one))
    assert one.overlaps(other) == other.overlaps(one)


@given(spans, spans)
def test_cover_is_the_smallest_span_over_both(one: Span, other: Span) -> None:
    """The cover contains both spans and begins and ends where one of them does."""
    cover = one.cover(other)
    assert cover.contains(one)
    assert cover.contains(other)
    assert cover.start in {one.start, other.start}
    assert cover.end in {one.end, other.end}


def test_records_cannot_be_changed() -> None:
    """Whoever holds a span, sentence or document holds it as it was made."""
    document = document_of("Text.")
    for record, name in ((Span(0, 1), "start"), (Sentence(0, Span(0, 1), 0), "span"), (document, "text")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(record, name, None)


@given(st.text() | st.text("a \n\u2028", min_size=1), st.integers(0, 40), st.integers(0, 40))
def test_a_slice_is_the_text_or_an_error(text: str, start: int, end: int) -> None:
    """Slicing gives exactly text[start:end]; a span beyond the end is refused, never cut short in silence."""
    document = Document("a.txt", "a", text, "", (), ())
    span = Span(min(start, end), max(start, end))
    if span.end <= len(text):
        assert document.slice(span) == text[span.start : span.end]
    else:
        with pytest.raises(ValueError, match=r"a\.txt"):
            document.slice(span)


def test_the_hash_is_of_the_canonical_text_in_utf_8() -> None:
    """A citation is pinned to the text's own hash, which the file's encoding and byte order mark do not change."""
    plain, marked = document_of("é."), document_of("\ufeffé.")
    assert plain.sha256 == marked.sha256 == hashlib.sha256(b"\xc3\xa9.").hexdigest()
    assert plain.source_sha256 != marked.source_sha256


def test_text_counts_its_paragraphs_through() -> None:
    """In plain text the paragraphs are numbered from one to the last, headings not counted."""
    text = "A Title\n\nFirst one.\n\nSECOND PART\n\nSecond one.\n\nThird one."
    document = document_of(text)
    assert document.location(text.index("First")) == "paragraph 1"
    assert document.location(text.index("Second one")) == "SECOND PART, paragraph 2"
    assert document.location(text.index("Third")) == "SECOND PART, paragraph 3"


def test_markdown_counts_anew_under_each_heading() -> None:
    """In Markdown a location is the path of headings and the paragraph's number under the last of them."""
    text = "# Rules\n\nFirst.\n\nSecond.\n\n## Leave\n\nThird.\n\n### Sick pay\n\nFourth.\n\nFifth.\n\n## Dress\n\n6th."
    document = document_of(text, "rules.md")
    found = {word: document.location(text.index(word)) for word in ("First", "Second", "Third", "Fifth", "6th")}
    assert found == {
        "First": "paragraph 1",
        "Second": "paragraph 2",
        "Third": "Leave, paragraph 1",
        "Fifth": "Leave > Sick pay, paragraph 2",
        "6th": "Dress, paragraph 1",
    }


def test_a_heading_of_equal_level_closes_the_one_before() -> None:
    """The heading path keeps the headings above and drops those of the same or a lower level."""
    text = "0123456789"
    headings = tuple(Heading(Span(i, i + 1), level) for i, level in enumerate((1, 2, 3, 2, 4)))
    document = Document("a.md", "title", text, "", headings, ())
    paths = [document.heading_path(offset) for offset in range(6)]
    assert paths == [("0",), ("0", "1"), ("0", "1", "2"), ("0", "3"), ("0", "3", "4"), ("0", "3", "4")]


@given(st.lists(st.integers(0, 30), unique=True).map(sorted), st.integers(0, 30), st.integers(0, 30))
def test_sections_differ_exactly_where_a_heading_lies_between(starts: list[int], one: int, other: int) -> None:
    """Two offsets have the same section if and only if no heading begins after the first and up to the second."""
    document = Document("a.md", "t", "x" * 40, "", tuple(Heading(Span(s, s + 1), 1) for s in starts), ())
    low, high = min(one, other), max(one, other)
    assert (document.section(low) == document.section(high)) == (not any(low < start <= high for start in starts))


def test_a_paged_document_is_cited_by_page() -> None:
    """Pages count from one, an empty one too; a span over two names both; text before the first page is on it."""
    text = "First. Second goes on. Fourth."
    document = Document("a.pdf", "a.pdf", text, "0" * 64, (), (Span(0, 30),), layout=Layout(pages=(0, 7, 23, 23)))
    assert document.n_pages == 4
    assert [document.page(text.index(word)) for word in ("First", "Second", "Fourth")] == [1, 2, 4]
    assert document.location(8) == "page 2"
    assert document.place(Span(7, 22)) == "page 2"
    assert document.place(Span(10, 30)) == "pages 2–4"
    assert document.place(Span(0, 0)) == "page 1"


def test_a_document_without_pages_has_none() -> None:
    """What has no pages is cited by paragraph, and has no page."""
    document = load("a.txt", b"Words.")
    assert (document.n_pages, document.page(0)) == (None, None)
    assert document.place(Span(0, 5)) == "paragraph 1"


def test_a_document_comes_back_from_its_json() -> None:
    """All of a document but its text is in its JSON: places, rows, runs, and what was taken out."""
    layout = Layout((0, 3), (0,), (Run(0, 2, 7),), (Removed(1, "Head"),))
    document = Document(
        "a.pdf",
        "T",
        "ab cd",
        "0" * 64,
        (Heading(Span(0, 2), 1),),
        (Span(3, 5),),
        numbered_by_section=True,
        source_bytes=99,
        layout=layout,
    )
    entry = json.loads(json.dumps(document_as_json(document)))
    assert Document(**fields_from_json(entry), text=document.text) == document


def test_the_folded_copy_of_a_span_is_its_words() -> None:
    """What retrieval reads of a span is the span's own words, mended."""
    document = load("a.txt", "The mat-\nters of the o\ufb03ce. More.".encode())
    assert document.readable(document.paragraphs[0]) == "The matters of the office. More."
    start = document.text.index("ters")
    assert document.readable(Span(start, start + 4)) == "ters"
