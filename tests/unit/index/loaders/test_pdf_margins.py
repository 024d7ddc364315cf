"""The margins of a PDF's pages: what is a page number."""

import pytest

from index.loaders.pdf_margins import _page_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("Page 12 of 30", 12),
        ("- xiv -", 14),
        ("IX", 9),
        ("Ix", 9),
        ("words", None),
        ("\u0131", None),
        ("\u0130x", None),
    ],
)
def test_a_page_number_is_arabic_or_roman(text: str, number: int | None) -> None:
    """Turkish letters that only look like a numeral in another case are none."""
    assert _page_number(text) == number
