"""The list of documents, and which of them to ask."""

from typing import Any

import pytest

from bot.page.places import short_sha
from bot.page.shelf import LISTED, count_of, shelve, ticked
from index.loaders.pdf import load as load_pdf
from index.loaders.text import load
from tests.unit.files import lines, pdf

TEXT = load("a/b.txt", b"Words of it.")
LEASE = load_pdf("lease.pdf", pdf(lines("One."), lines("Two.")))


def test_an_entry_tells_what_a_document_is() -> None:
    """File, pages or paragraphs, size, hash and day stand in one line; the address is that of its beginning."""
    one, other = shelve([TEXT, LEASE], "2026-01-02T12:00:00+00:00")
    assert one["facts"].startswith(
        f"a/b.txt · 1 paragraph · 12 bytes · sha256 {short_sha(TEXT)} · indexed 2 January 2026"
    )
    assert other["facts"].startswith(f"2 pages · {LEASE.source_bytes} bytes · ")
    assert one["address"] == f"cite:{short_sha(TEXT)}:0:0"
    assert (one["sha"], one["mine"]) == (short_sha(TEXT), False)


def test_an_unknown_day_is_left_out() -> None:
    """An index that does not tell when it was built is no error."""
    assert "indexed" not in shelve([TEXT], "")[0]["facts"]


def test_a_long_list_is_cut() -> None:
    """The page is sent so many entries, and says so."""
    assert len(shelve([TEXT] * (LISTED + 1), "")) == LISTED
    assert count_of([TEXT] * (LISTED + 1)) == f"{LISTED + 1} documents, the first {LISTED} of them here"
    assert count_of([TEXT]) == "1 document"


@pytest.mark.parametrize(
    ("sent", "paths"),
    [
        ({}, None),
        ({"without": []}, None),
        ({"without": ["index:a/b.txt"]}, {"lease.pdf"}),
        ({"without": ["index:a/b.txt", "index:lease.pdf"]}, set()),
        ({"without": ["index:gone.txt", "mine:lease.pdf", 7, None]}, None),
        ({"without": "all"}, None),
    ],
)
def test_what_is_not_ticked_is_not_asked(sent: dict[str, Any], paths: set[str] | None) -> None:
    """Hashes of documents that are not ticked leave the others; whatever else a browser sends leaves all."""
    assert ticked([TEXT, LEASE], sent) == paths
