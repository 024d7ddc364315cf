"""The list of documents, and which of them to ask."""

from typing import Any

import pytest

from bot.page.places import short_sha
from bot.page.shelf import LISTED, listing, shelve, ticked
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


def test_a_long_list_comes_in_parts() -> None:
    """The page is sent so many entries at a time, from where it asks on, and is told how many there are."""
    many = [load(f"{n}.txt", b"Words.") for n in range(LISTED + 2)]
    first = listing(many, "", {})
    assert [entry["title"] for entry in first["documents"]] == [str(n) for n in range(LISTED)]
    assert (first["found"], first["count"], first["facts"]) == (LISTED + 2, LISTED + 2, f"{LISTED + 2} documents")
    rest = listing(many, "", {"start": LISTED})
    assert [entry["title"] for entry in rest["documents"]] == [str(LISTED), str(LISTED + 1)]
    assert listing([TEXT], "", {})["facts"] == "1 document"
    for nonsense in (-1, "1", None, 1.5, True):
        assert listing(many, "", {"start": nonsense})["documents"] == first["documents"]


def test_a_document_is_found_by_words_of_its_name() -> None:
    """All words, in whatever case and order, in its title or its file's name; nothing sought finds all."""
    documents = [load("a/Lease.txt", b"Lease of a crane\n\nWords."), load("b/crane.txt", b"Other\n\nWords."), TEXT]

    def found(find: object) -> list[int]:
        shas = [short_sha(document) for document in documents]
        return [shas.index(entry["sha"]) for entry in listing(documents, "", {"find": find})["documents"]]

    assert found("CRANE") == [0, 1]
    assert found("crane lease") == [0]
    assert found("b/") == [1]
    assert found("zebra") == []
    assert found("") == found(None) == found(7) == [0, 1, 2]
    assert listing(documents, "", {"find": "crane"})["count"] == 3


def test_ticks_of_what_is_gone_are_dropped() -> None:
    """The page learns which of its ticks still are somebody's."""
    ticks = {"all": True, "but": ["index:a/b.txt", "index:gone.txt", 7]}
    assert listing([TEXT, LEASE], "", {"ticks": ticks})["but"] == ["index:a/b.txt"]
    assert listing([TEXT, LEASE], "", {})["but"] == []


@pytest.mark.parametrize(
    ("ticks", "paths"),
    [
        (None, None),
        ({"all": True, "but": []}, None),
        ({"but": ["index:a/b.txt"]}, {"lease.pdf"}),
        ({"all": True, "but": ["index:a/b.txt", "index:lease.pdf"]}, set()),
        ({"all": True, "but": ["index:gone.txt", "mine:lease.pdf", 7, None]}, None),
        ({"all": False, "but": ["index:gone.txt", "index:lease.pdf"]}, {"lease.pdf"}),
        ({"all": False, "but": []}, set()),
        ({"all": False, "but": ["index:a/b.txt", "index:lease.pdf"]}, None),
        ({"all": "no", "but": "all"}, None),
        ([1], None),
    ],
)
def test_what_is_not_ticked_is_not_asked(ticks: Any, paths: set[str] | None) -> None:
    """All but some, or some alone; whatever else a browser sends leaves all."""
    assert ticked([TEXT, LEASE], {"ticks": ticks}) == paths
