"""Plain text: bytes become the canonical text, its headings and its paragraphs."""

import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import DocumentError
from index.loaders.encoding import decode
from index.loaders.text import load, split_blocks
from index.records import Document, Span
from tests.unit.fakes import awkward_texts


def parts(document: Document) -> tuple[list[str], list[str]]:
    return [document.heading_text(h) for h in document.headings], [document.slice(p) for p in document.paragraphs]


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
@given(text=awkward_texts())
def test_every_encoding_gives_the_same_text(bom: bytes, encoding: str, text: str) -> None:
    """Whatever marked encoding a file has, its canonical text is the same, the mark gone and each line end kept."""
    # UTF-16 that begins with NUL looks like UTF-32, and nothing tells the two apart.
    if text.startswith(("\ufeff", "\0")) or text.count("\0") * 10 > len(text):
        return
    assert decode(bom + text.encode(encoding)) == text


def test_only_one_byte_order_mark_is_removed() -> None:
    """A second mark is a character of the text, and counts as one."""
    assert decode(codecs.BOM_UTF8 * 2 + b"a") == "\ufeffa"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (codecs.BOM_UTF16_LE + b"a", "is not UTF-16-LE"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "is not UTF-16-LE"),
        (codecs.BOM_UTF32_LE + b"\xff\xff\xff\xff", "is not UTF-32-LE"),
    ],
)
def test_undecodable_bytes_are_refused_with_their_place(data: bytes, said: str) -> None:
    """A file that is not what it says is refused by the offset of the first bad byte, never read with substitutes."""
    with pytest.raises(DocumentError, match=said):
        decode(data)


def test_binary_data_is_refused() -> None:
    """Data that happens to decode but is full of NUL is no text."""
    with pytest.raises(DocumentError, match="binary"):
        decode(b"\x00\x01\x02\x00ab")


def test_a_stray_nul_is_kept() -> None:
    """A single NUL in a long text neither moves an offset nor costs the document."""
    assert decode(b"a sentence with\x00one in it") == "a sentence with\0one in it"


@given(st.binary(max_size=60))
def test_any_bytes_give_a_document_or_a_reason(data: bytes) -> None:
    """Whatever bytes a file holds, loading gives a document or a DocumentError."""
    with suppress(DocumentError):
        load("a.txt", data).text.encode()


@given(awkward_texts())
def test_blocks_leave_out_white_space_alone(text: str) -> None:
    """The lines of all blocks lie in the text in order, trimmed, and what lies between them is white space."""
    end = 0
    for line in (line for block in split_blocks(text) for line in block):
        assert text[end : line.start].strip() == ""
        words = text[line.start : line.end]
        assert words
        assert words == words.strip()
        end = line.end
    assert text[end:].strip() == ""


@given(awkward_texts())
def test_headings_and_paragraphs_take_every_word_once(text: str) -> None:
    """Headings and paragraphs lie in order, do not overlap, and leave out nothing but white space."""
    if text.startswith("\ufeff") or text.count("\0") * 10 > len(text):
        return
    document = load("a.txt", text.encode())
    assert document.text == text
    spans = sorted([*document.paragraphs, *(heading.span for heading in document.headings)])
    assert list(document.paragraphs) == sorted(document.paragraphs)
    assert list(document.headings) == sorted(document.headings, key=lambda heading: heading.span)
    end = 0
    for span in spans:
        assert text[end : span.start].strip() == ""
        assert text[span.start : span.end].strip() == text[span.start : span.end] != ""
        end = span.end
    assert text[end:].strip() == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_separates_paragraphs_and_stays(end: str) -> None:
    """Line feed, carriage return and both are kept in the text, and a blank line of each parts two paragraphs."""
    text = f"First line.{end}Still the first.{end}{end}Second."
    document = load("a.txt", text.encode())
    assert document.text == text
    assert parts(document) == ([], [f"First line.{end}Still the first.", "Second."])


def test_lines_nobody_wrapped_are_paragraphs_each() -> None:
    """Where lines run longer than a hand would wrap them, each line is a paragraph of its own."""
    long = "word " * 40 + "end."
    assert parts(load("a.txt", f"{long}\nShort one.\n".encode()))[1] == [long, "Short one."]


def test_a_later_heading_is_no_title() -> None:
    """Where the first line is none, the file's name is: a heading further on heads only what is below it."""
    document = load("a/notes.txt", b"It begins with a sentence.\n\nCHAPTER ONE\n\nMore of it.")
    assert [document.heading_text(heading) for heading in document.headings] == ["CHAPTER ONE"]
    assert (document.title, document.title_from_name) == ("notes", True)


def test_a_short_first_line_is_the_title() -> None:
    """A first line by itself without a full stop names the document and is not quoted."""
    document = load("essay.txt", b"On  Harbours\n\nThey silt up.")
    assert document.title == "On Harbours"
    assert parts(document) == (["On Harbours"], ["They silt up."])


@pytest.mark.parametrize("text", ["Only one line", "Only one line\n", "ONLY CAPITALS\n\n", "1. One line\n"])
def test_a_one_line_file_is_quotable(text: str) -> None:
    """A file of one line has that line as its paragraph, however much it looks like a heading."""
    document = load("notes/one.txt", text.encode())
    assert parts(document) == ([], [text.strip()])
    assert document.title == "one"


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("CHAPTER ONE", True),
        ("Chapter 1", True),
        ("2.1 The crane", True),
        ("3 Cranes", True),
        ("WE STOPPED.", False),
        ("The crane", False),
        ("1904", False),
        ("***", False),
        ("A" * 81, False),
        ("1. he asked,", False),
    ],
)
def test_only_numbered_or_capital_lines_are_headings(line: str, *, is_heading: bool) -> None:
    """Further in, a line by itself is a heading when it is numbered or in capitals, short, and no sentence."""
    document = load("a.txt", f"A first paragraph.\n\n{line}\n\nA last paragraph.".encode())
    assert parts(document)[0] == ([line] if is_heading else [])


def test_a_line_that_ends_the_file_is_no_heading() -> None:
    """Nothing follows it, so a last line in capitals is quoted and heads nothing."""
    assert parts(load("a.txt", b"A first paragraph.\n\nTHE END"))[0] == []


@pytest.mark.parametrize("text", ["", " \n\t\r\n", "\u2028\u3000"])
def test_white_space_alone_has_no_paragraph(text: str) -> None:
    """A file of white space gives a document with nothing to quote."""
    assert load("a.txt", text.encode()).paragraphs == ()
    assert split_blocks(text) == []


def test_an_offset_counts_code_points() -> None:
    """Emoji count by their code points, not by bytes or UTF-16 units."""
    document = load("a.txt", "\U0001f469\U0001f3fd\u200d\U0001f680 flew. He landed.".encode())
    assert document.paragraphs == (Span(0, 21),)
