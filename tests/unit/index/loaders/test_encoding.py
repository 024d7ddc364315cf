"""Bytes become text, whatever encoding they are in; what cannot be decoded is refused."""

import pytest

from index.errors import DocumentError
from index.loaders.encoding import decode

ENGLISH = "“It’s the café’s naïve idea,” she said – for €5. " + "The harbour was dredged by an engineer in 1904. " * 4
POLISH = (
    "Zażółć gęślą jaźń. Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. "
    "Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa. "
) * 3
RUSSIAN = (
    "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью "
    "и должны поступать в отношении друг друга в духе братства. "
) * 3
JAPANESE = (
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"
    "人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。"
) * 3


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize(
    "text", [ENGLISH, "Ja.", RUSSIAN, "Да, и нет.", f"{JAPANESE}\n", f"{POLISH}{RUSSIAN}", "Ναι ή όχι;"]
)
def test_wide_encodings_need_no_mark(text: str, encoding: str) -> None:
    """UTF-16 and UTF-32 without a byte order mark are known in any script, by zero bytes."""
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", ["A\0few\0zero bytes in a text of single ones.", "\0".join(POLISH)])
def test_stray_zero_bytes_make_no_wide_encoding(text: str) -> None:
    """A text of single bytes with zeros in it is not read as Chinese."""
    try:
        found = decode(text.encode())
    except DocumentError as error:
        assert str(error).startswith("unknown type: holds binary data")  # noqa: PT017 - either is right
    else:
        assert found == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (ENGLISH, "cp1252"),
        ("caf\u00e9", "cp1252"),
        ("Stra\u00dfe und \u00c4pfel", "latin-1"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
    ],
)
def test_other_encodings_are_detected(text: str, encoding: str) -> None:
    """Text in an encoding that nothing declares is read by what its bytes look like."""
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "head", [b'<meta charset="windows-1251">', b"<meta content='text/html; charset=windows-1251'>", b""]
)
def test_a_declared_encoding_is_believed(head: bytes) -> None:
    """What a page's head, or a header, declares decides where the bytes alone do not."""
    text = decode(head + "Да".encode("cp1251"), declared=None if head else "windows-1251")
    assert text.endswith("Да")


@pytest.mark.parametrize(
    "head",
    [
        '<?xml version="1.0" encoding="windows-1251"?>\n<p>',
        "\n <!DOCTYPE html>\n<html><head><META http-equiv=a content='text/html; charset=windows-1251'>",
        "<!-- a page --><meta name=a><meta\ncharset = windows-1251>",
        ".. -*- coding: windows-1251 -*-\n\n",
        "Title\n# -*- mode: text; coding: windows-1251; -*-\n",
    ],
)
def test_a_declaration_in_its_place_is_believed(head: str) -> None:
    """Pages declare their encoding in a meta element, XML in its first line, texts by a mark in the first two lines."""
    data = (head + "Да").encode("cp1251")
    assert decode(data) == head + "Да"


@pytest.mark.parametrize(
    "text",
    [
        "In this memo we set encoding = koi8-r as an example for all cafés in town.",
        'Of charset="windows-1251" it says: “no”, as the café does.',
        'One writes <meta charset="windows-1251"> for it in a café.',
        'In XML: <?xml version="1.0" encoding="koi8-r"?> and so on, in a café.',
        "<p>The café writes charset=koi8-r.</p>",
        "One.\nTwo.\n-*- coding: koi8-r -*- is what the café says.",
        "The coding: koi8-r is what the café has.",
    ],
)
def test_a_text_that_speaks_of_an_encoding_declares_none(text: str) -> None:
    """What only mentions an encoding is read as if it did not."""
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    "name",
    ["cp037", "cp500", "EBCDIC-CP-BE", "unicode_escape", "raw-unicode-escape", "idna", "punycode", "rot13", "charmap"],
)
def test_what_is_no_encoding_of_texts_is_no_encoding(name: str) -> None:
    """Codecs of programs, and of machines whose letters are all others, are never what a declaration means."""
    text = f'<meta charset="{name}"><p>C:\\new \\x41 \\u0041, said the café.'
    assert decode(text.encode("cp1252")) == text
    assert decode(text.encode("cp1252"), declared=name) == text


def test_a_declaration_that_makes_no_text_is_passed_over() -> None:
    """Where the declared encoding makes control characters of the bytes, it is not theirs."""
    text = "“So,” she said – “it’s…”"
    assert decode(text.encode("cp1252"), declared="iso-8859-5") == text


def test_a_wrong_declaration_is_passed_over() -> None:
    """Valid UTF-8 is UTF-8, whatever it declares; an unknown or absurd encoding is no encoding."""
    assert decode('<meta charset="latin-1">é'.encode()).endswith("é")
    assert decode(b"caf\xe9", declared="base64") == "café"
    assert decode(b"caf\xe9", declared="no such thing") == "café"


@pytest.mark.parametrize("encoding", ["iso2022_jp", "iso2022_jp_ext", "iso2022_kr"])
def test_seven_bit_encodings_are_known_by_their_escapes(encoding: str) -> None:
    """Mail and pages in ISO-2022 look like ASCII, and are none."""
    text = "안녕하세요. Hello." if encoding.endswith("kr") else f"{JAPANESE} Hello."
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding", "declared"),
    [("万三上", "euc_kr", "euc-kr"), ("丌专业", "gbk", "gb2312"), ("丳亃仱", "big5", "Big5")],
)
def test_what_declares_an_east_asian_encoding_may_look_like_utf8(text: str, encoding: str, declared: str) -> None:
    """A few characters may be valid UTF-8 by accident: of two bytes each, and then the declaration decides."""
    data = text.encode(encoding)
    assert data.decode("utf-8") != text
    page = f'<meta charset="{declared}">'
    assert decode(page.encode() + data) == page + text
    assert decode(data, declared=declared) == text


def test_utf8_that_declares_otherwise_stays_utf8() -> None:
    """A page converted to UTF-8 keeps its letters, though its head tells what it was before."""
    for name in ("gb2312", "shift_jis", "windows-1251", "utf-16", "utf-7"):
        assert decode(f'<meta charset="{name}">{JAPANESE}'.encode()).endswith(JAPANESE)


@pytest.mark.parametrize("declared", [None, "utf-8", "windows-1252"])
@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH, JAPANESE])
def test_utf8_with_a_bad_byte_is_refused_by_its_place(text: str, declared: str | None) -> None:
    """One bad byte does not turn every other letter into two of cp1252: the file is refused, with the byte's place."""
    good = text.encode()
    with pytest.raises(DocumentError, match=rf"^damaged: byte {len(good) + 1:,} is not UTF-8 as the rest is;"):
        decode(good + b"\n\xe9 and so on\n", declared=declared)


def test_binary_data_are_no_text() -> None:
    """Bytes full of control characters are refused as such."""
    with pytest.raises(DocumentError, match="unknown type: holds binary data"):
        decode(bytes(range(256)) * 4)
