"""The address of a place in a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.page.places import Place, document_at, place_of, read_address, read_range, short_sha, write_range
from index.loaders.text import load
from index.records import Span


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_an_address_leads_back_to_its_place(start: int, length: int) -> None:
    """Written and read, with the hash sign of a URL or without it, a place stays what it is."""
    place = Place("0123456789ab", Span(start, start + length))
    assert read_address(place.address) == place
    assert read_address(f"#{place.address}") == place
    assert read_range(write_range(place.span)) == place.span


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "#",
            "cite:",
            "cite:0123456789ab",
            "cite:0123456789ab:1",
            "cite:0123456789ab:2:1",
            "cite:0123456789AB:1:2",
        ),
        *("cite:0123456789abc:1:2", "cite:0123456789ab:1:2 ", "cite:0123456789ab:-1:2", "cite:0123456789ab:1:2:3"),
        *("cite:0123456789ab:١:٢", "cite:0123456789ab:1:99999999999", "javascript:alert(1)", "##cite:0123456789ab:1:2"),
        *(None, 7, [], {}, b"cite:0123456789ab:1:2"),
    ],
)
def test_what_is_no_address_is_none(address: object) -> None:
    """Whatever a browser sends that is not exactly an address gives nothing, and never an error."""
    assert read_address(address) is None


@pytest.mark.parametrize("text", ["", ":", "1", "1:", ":1", "2:1", "-1:2", "1:2:3", " 1:2", "1:٢", None, 7, []])
def test_what_is_no_range_is_none(text: object) -> None:
    """The same for the answer and the context that a link carries."""
    assert read_range(text) is None


def test_a_changed_text_is_not_found() -> None:
    """The address is pinned to the text: one letter more, and it leads nowhere rather than to other words."""
    document = load("a.txt", b"Some words.")
    changed = load("a.txt", b"Some words!")
    place = place_of(document, Span(0, 4))
    assert document_at([changed, document], place.sha) is document
    assert document_at([changed], place.sha) is None
    assert write_range(None) == ""


def test_a_file_is_preferred_among_those_with_one_text() -> None:
    """The one that is asked for, or the first; a file whose text is another is none of them."""
    one, two, other = load("a.txt", b"Same."), load("b.txt", b"Same."), load("c.txt", b"Other.")
    documents = [one, two, other]
    assert document_at(documents, short_sha(one), "b.txt") is two
    for path in ("a.txt", "c.txt", None, 7, ["b.txt"]):
        assert document_at(documents, short_sha(one), path) is one
    assert document_at(documents, "0" * 12, "a.txt") is None
