"""Markdown: where headings and paragraphs lie in the file's own text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from index.loaders.markdown import load
from index.records import Document
from tests.unit.fakes import awkward_texts


def made(text: str) -> Document:
    return load("docs/page.md", text.encode())


def parts(text: str) -> tuple[list[str], list[str]]:
    document = made(text)
    return [document.heading_text(h) for h in document.headings], [document.slice(p) for p in document.paragraphs]


blocks = st.lists(
    st.sampled_from(
        (
            "# One", "## Two ##", "###### Six", "Set\n===", "Set two\nlines\n---", "A paragraph.\nGoes on.", "> quoted",
            "> > twice", "> # Head in quote", "- item", "- item\n  goes on", "- outer\n  - inner",
            "1. first\n2. second",
            "- [x] done", "```py\ncode # no heading\n```", "~~~\nopen", "    indented code",
            "| a | b |\n|---|---|\n| c | d |",
            "<div>\nhtml\n</div>", "***", "[ref]: http://example.org", "\\# no heading", "#nospace", "#",
            "# #", "é\u0301 \U0001f680",
            "", "\t", "- # head in item", "> Set\n> ===", "- Set\n  ===", "Text | with bar", "a  \nb", "* * *",
        )
    ),
    min_size=1,
    max_size=9,
)  # fmt: skip


@given(blocks, st.sampled_from(("\n", "\n\n")), st.sampled_from(("\n", "\r\n", "\r")))
def test_spans_lie_in_the_text_in_order(pieces: list[str], joint: str, end: str) -> None:
    """Whatever blocks follow each other, headings and paragraphs are in order, trimmed, and never overlap."""
    text = joint.join(pieces).replace("\n", end)
    document = made(text)
    assert document.text == text
    check(document)


@given(awkward_texts())
def test_any_text_is_read_without_moving_an_offset(text: str) -> None:
    """Also over text that is hardly Markdown the spans are in order, trimmed, and never overlap."""
    if text.startswith("\ufeff") or text.count("\0") * 10 > len(text):
        return
    document = made(text)
    assert document.text == text
    check(document)


def check(document: Document) -> None:
    spans = sorted([*document.paragraphs, *(heading.span for heading in document.headings)])
    assert list(document.paragraphs) == sorted(document.paragraphs)
    assert list(document.headings) == sorted(document.headings, key=lambda heading: heading.span)
    for span, following in pairwise(spans):
        assert span.end <= following.start
    for span in spans:
        words = document.slice(span)
        assert words == words.strip() != ""


@given(blocks, st.sampled_from(("\n", "\r\n")))
def test_headings_are_those_of_the_parser(pieces: list[str], end: str) -> None:
    """Every heading that CommonMark sees is one, with the words that stand in it and without its marks."""
    text = "\n\n".join(pieces)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    expected = [
        " ".join(tokens[i + 1].content.split()) for i, token in enumerate(tokens) if token.type == "heading_open"
    ]
    headings, _ = parts(text.replace("\n", end))
    assert headings == [heading for heading in expected if heading]


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# One\n\nText.", ["One"]),
        ("## Two ##\n\nText.", ["Two"]),
        ("## C# ##\n", ["C#"]),
        ("## Not closed#\n", ["Not closed#"]),
        ("# # #\n", ["#"]),
        ("### ###\n", []),
        ("#\n\nText.", []),
        ("One\n===\n\nText.", ["One"]),
        ("Two\nlines\n---\n", ["Two lines"]),
        ("> Quoted\n> ===\n", ["Quoted"]),
        ("> # Quoted\n", ["Quoted"]),
        ("- # In an item\n", ["In an item"]),
        ("   ### Three spaces\n", ["Three spaces"]),
        ("#NoSpace\n", []),
        ("```\n# code\n```\n", []),
        ("    # code\n", []),
    ],
)
def test_a_heading_is_its_words_alone(text: str, headings: list[str]) -> None:
    """Marks before, after and below a heading are no part of it; code is never one."""
    assert parts(text)[0] == headings
    assert parts(text.replace("\n", "\r\n"))[0] == headings


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("One.\nGoes on.\n\nTwo.", ["One.\nGoes on.", "Two."]),
        ("- a\n- b\n  more\n", ["a", "b\n  more"]),
        ("* a\n\n  second of a\n", ["a", "second of a"]),
        ("1. a\n   - b\n10) c\n", ["a", "b", "c"]),
        ("- [x] done\n- [ ] open\n", ["done", "open"]),
        ("> said\n> more\n", ["said\n> more"]),
        ("> - a\n>   - b\n", ["a", "b"]),
        ("-5 degrees.\n", ["-5 degrees."]),
        ("+1 for it.\n", ["+1 for it."]),
        ("```\n- x\n\ny\n```\n", ["```\n- x\n\ny\n```"]),
        ("    code\n    more\n", ["code\n    more"]),
        ("<p>html</p>\n", ["<p>html</p>"]),
        ("| a | b |\n|---|---|\n| c | d |\n", ["| a | b |", "| c | d |"]),
        ("***\n\nText.\n", ["Text."]),
        ("[x]: http://example.org\n\nText.\n", ["Text."]),
        ("No line end", ["No line end"]),
        ("", []),
        ("\n\n", []),
    ],
)
def test_blocks_are_paragraphs(text: str, paragraphs: list[str]) -> None:
    """Paragraphs, items, rows, code and HTML are quotable, from their first word on, whatever the line ends."""
    assert parts(text)[1] == paragraphs
    assert parts(text.replace("\n", "\r\n"))[1] == [piece.replace("\n", "\r\n") for piece in paragraphs]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("close", ["---", "..."])
def test_front_matter_is_passed_over(close: str, end: str) -> None:
    """Metadata between two lines of dashes at the top is neither heading nor quotable; offsets count it."""
    text = end.join(("---", "title: x", close, "# One", "", "Text.", ""))
    document = made(text)
    assert parts(text) == (["One"], ["Text."])
    assert document.text == text
    assert document.paragraphs[0].start == text.index("Text.")


@pytest.mark.parametrize("text", ["---\n\nText.\n", "Text.\n\n---\nMore.\n---\n"])
def test_a_rule_is_no_front_matter(text: str) -> None:
    """A thematic break that nothing closes, or that stands further down, hides no text."""
    assert parts(text)[1]


def test_front_matter_alone_leaves_nothing() -> None:
    """A file of metadata alone has nothing to quote, and is read without an error."""
    assert parts("---\na: b\n---") == ([], [])


def test_the_first_heading_is_the_title() -> None:
    """The title is the first heading's words, or the file's name where there is none."""
    assert made("Intro.\n\n## The *rules*\n").title == "The *rules*"
    assert made("Intro.").title == "page"
