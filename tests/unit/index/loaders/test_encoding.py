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
def test_wide_encodings_need_no_mark(encoding: str) -> None:
    """UTF-16 and UTF-32 without a byte order mark are known by their zero bytes."""
    assert decode(ENGLISH.encode(encoding)) == ENGLISH


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


def test_a_wrong_declaration_is_passed_over() -> None:
    """Valid UTF-8 is UTF-8, whatever it declares; an unknown or absurd encoding is no encoding."""
    assert decode('<meta charset="latin-1">é'.encode()).endswith("é")
    assert decode(b"caf\xe9", declared="base64") == "café"
    assert decode(b"caf\xe9", declared="no such thing") == "café"


def test_binary_data_are_no_text() -> None:
    """Bytes full of control characters are refused as such."""
    with pytest.raises(DocumentError, match="unknown type: holds binary data"):
        decode(bytes(range(256)) * 4)
