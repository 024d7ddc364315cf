"""What a person takes away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.answer import Answer, Quote
from bot.page.copying import copied, in_one_line
from bot.page.export import as_markdown, escape_markdown
from bot.page.words import in_words
from index.records import Document, Span


def make(text: str, title: str = "Title", path: str = "a.txt") -> Document:
    return Document(path, title, text, "0" * 64, (), (Span(0, len(text)),))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_escaped_markdown_reads_as_the_text(text: str) -> None:
    """Rendered, an escaped text is the text in one line, whatever is in it."""
    tokens = MarkdownIt("commonmark").parse(f"x {escape_markdown(text)} x")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    shown = "".join(child.content for child in children)
    assert in_one_line(shown) == in_one_line(f"x {text.replace(chr(0), '␀')} x")


def test_every_quote_is_saved_with_its_citation() -> None:
    """Question, how it was read, context, quote, place in the file and in the text, probability."""
    document = make("Putin spoke.\nMuch else.\nHe\npraised it.")
    quote = Quote(document, Span(24, 38), 0.93, context=Span(0, 12))
    text = as_markdown([Answer("And he?", "What of him?", "answered", 0.5, quotes=(quote,))])
    plain = text.replace("\\", "")
    assert "## And he?\n" in plain
    assert "Read as: What of him?\n" in plain
    assert "> Putin spoke. […] He praised it.\n" in plain
    place = f"`cite:{document.sha256[:12]}:24:38`"
    assert f"> — Title, paragraph 1 (a.txt, characters 0–12 and 24–38, {place}; very likely, 93%)\n" in plain


def test_refusals_and_errors_are_saved_too() -> None:
    """What was not answered is told as such, without any quote."""
    refused = Answer(
        "why?", "why?", "not_found", 0.5, nearest=(Quote(make("Near."), Span(0, 5), 0.1),), reason="Too low."
    )
    failed = Answer("", "", "error", 0.5, reason="no words")
    plain = as_markdown([refused, failed]).replace("\\", "")
    assert "The documents don’t answer this. Too low.\n" in plain
    assert "Near" not in plain
    assert "\nNo words.\n" in plain


def test_nothing_asked_saves_a_title_only() -> None:
    """An empty conversation is a file all the same."""
    assert as_markdown([]) == "# Quoth\n\nAnswers only in quotes.\n"


def test_a_file_says_that_it_lacks_what_came_before() -> None:
    """Once, at its beginning."""
    assert as_markdown([], forgotten=True).endswith("quotes.\n\nWhat was asked before is no longer remembered.\n")


def test_a_copied_quote_is_one_line() -> None:
    """Line breaks are collapsed, in the quote and in what names its place."""
    quote = Quote(make("One\r\n two\tthree.", "A\ntitle", "dir/a b.txt"), Span(0, 16), 0.9)
    assert copied(quote) == "“One two three.” (A title, paragraph 1; dir/a b.txt, characters 0–16)"


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "Very likely"), (0.9, "Very likely"), (0.89, "Likely"), (0.4, "Possible"), (0.39, "Unlikely")],
)
def test_a_probability_in_words(probability: float, words: str) -> None:
    """Each word begins at its own probability."""
    assert in_words(probability) == words
