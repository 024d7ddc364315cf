"""What the source panel gets."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.page.places import place_of
from bot.page.source import CHANGED, UNREADABLE, WINDOW, open_more, open_place
from index.loaders import markdown
from index.loaders.text import load
from index.records import Document, Span


def words_of(part: dict[str, Any]) -> str:
    return "".join(text for block in part["blocks"] for text, _ in block["pieces"])


def marked(part: dict[str, Any], *marks: str) -> str:
    return "".join(text for block in part["blocks"] for text, mark in block["pieces"] if mark in marks)


def make(text: str) -> Document:
    return load("a.txt", text.encode())


@given(
    st.text(st.sampled_from("a b.\n\r👩🏽‍🚀é̂שׁ\u202e𝔘"), min_size=1, max_size=200).filter(
        lambda text: text.strip() != ""
    ),
    st.data(),
)
def test_the_highlight_is_exactly_the_span(text: str, data: st.DataObject) -> None:
    """Whatever characters there are, the pieces marked as the quote are the cited ones, and no piece is altered."""
    document = Document("a.txt", "t", text, "0" * 64, (), (Span(0, len(text)),))
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    part = open_place([document], {"address": "#" + place_of(document, Span(start, end)).address})
    assert part["found"]
    assert marked(part, "quote", "answer") == text[start:end]
    assert words_of(part) == text
    json.dumps(part)


def test_the_answer_is_marked_inside_the_quote_and_context_before_it() -> None:
    """Three marks, each where the link said."""
    document = make("Title\n\nHe came. He saw six ships. He left.")
    place = place_of(document, Span(16, 33))
    part = open_place([document], {"address": place.address, "answer": "23:26", "context": "7:15"})
    assert marked(part, "answer") == "six"
    assert marked(part, "quote", "answer") == document.text[16:33]
    assert marked(part, "context") == "He came."


@pytest.mark.parametrize("paragraph", [300, 4_000, 9_000, 200_000])
def test_windows_tile_a_long_document(paragraph: int) -> None:
    """Opening in the middle sends little; going on in both directions gives every character once, in order."""
    text = "\n\n".join(f"{n} " + "word " * (paragraph // 5) + "end." for n in range(400_000 // paragraph))
    document = make(text)
    whole = "".join(document.slice(span) for span in document.paragraphs)
    middle = document.paragraphs[len(document.paragraphs) // 2].start
    place = place_of(document, Span(middle, middle + 3))
    part = open_place([document], {"address": place.address})
    assert len(words_of(part)) <= 3 * WINDOW
    assert marked(part, "quote") == document.text[middle : middle + 3]
    words = words_of(part)
    before, after = part["before"], part["after"]
    for _ in range(400):
        if before is not None:
            more = open_more([document], {"sha": place.sha, "before": before})
            words, before = words_of(more) + words, more["before"]
        if after is not None:
            more = open_more([document], {"sha": place.sha, "after": after})
            words, after = words + words_of(more), more["after"]
    assert before is after is None
    assert words == whole


def test_a_changed_document_is_told_from_a_wrong_address() -> None:
    """A hash that no document has says so; what is no address, or points past the text, is called unreadable."""
    document = make("Some words.")
    assert open_place([document], {"address": "#cite:000000000000:0:4"}) == {"found": False, "message": CHANGED}
    past = place_of(document, Span(0, 500)).address
    for address in (
        past,
        "",
        None,
        7,
        "#cite:xyz:1:2",
        "cite:000000000000:9:4",
        ["a"],
        "#cite:000000000000:0:99999999999",
    ):
        assert open_place([document], {"address": address}) == {"found": False, "message": UNREADABLE}


@pytest.mark.parametrize("bad", [None, -1, 10**12, "0", 1.5, True, [], {}])
def test_what_a_browser_sends_is_checked(bad: object) -> None:
    """Anything but an offset of the text gets a message, never an error."""
    document = make("Some words.")
    sha = place_of(document, Span(0, 1)).sha
    assert not open_more([document], {"sha": sha, "before": bad, "after": bad})["found"]
    assert not open_more([document], {"sha": bad, "after": 0})["found"]
    part = open_place([document], {"address": f"cite:{sha}:0:4", "answer": bad, "context": bad})
    assert marked(part, "quote") == "Some"


def test_paragraphs_are_numbered_as_citations_count_them() -> None:
    """The number beside a paragraph is the one that a citation names."""
    document = make("Title\n\nFirst words.\n\nSecond words.")
    part = open_place([document], {"address": place_of(document, document.paragraphs[1]).address})
    assert [block["number"] for block in part["blocks"]] == ["1", "2"]
    assert document.location(document.paragraphs[1].start) == "paragraph 2"


@given(st.lists(st.integers(1, 6), max_size=12))
def test_headings_skip_no_level(levels: list[int]) -> None:
    """Under the panel's title (2) each heading is at most one deeper than the one before; siblings stay so."""
    text = "# Title\n\n" + "".join(f"{'#' * level} Heading {n}\n\nText.\n\n" for n, level in enumerate(levels))
    document = markdown.load("a.md", text.encode())
    part = open_place([document], {"address": place_of(document, Span(0, 0)).address})
    shown = [block["level"] for block in part["blocks"] if block["kind"] == "heading"]
    assert len(shown) == len(levels)
    assert all(here <= before + 1 for before, here in pairwise([2, *shown]))
    for (before, here), (wrote_before, wrote) in zip(pairwise(shown), pairwise(levels), strict=True):
        assert wrote != wrote_before or here == before
        assert wrote <= wrote_before or here == min(6, before + 1)
