"""Pictures of pages: drawn from the file that was indexed, and from no other."""

from pathlib import Path

import pytest

from bot.page.pictures import Pictures
from bot.page.source import Highlights
from index.documents import read_corpus, read_source
from index.records import Document, Span
from tests.unit.fakes import write_corpus
from tests.unit.files import eml_of, lines, pdf

TWO_PAGES = pdf(
    lines("A sentence on the first page that goes on and on and"), lines("ends on the second. Another one.")
)


def made(tmp_path: Path, name: str = "a.pdf", data: bytes = TWO_PAGES) -> tuple[Pictures, list[Document]]:
    root = write_corpus(tmp_path, {name: data})
    documents = read_corpus(root).documents
    return Pictures(lambda document: read_source(root, document.path)), list(documents)


def test_a_quote_over_two_pages_is_shown_on_both(tmp_path: Path) -> None:
    """Each page has the boxes of the words that stand on it, the answer's apart from the quote's."""
    pictures, (document,) = made(tmp_path)
    text = document.text
    quote, answer = Span(0, text.index(" Another")), Span(text.index("second"), text.index(". Another"))
    pages = pictures.of_place(document, Highlights(quote=quote, answer=answer))
    assert [page["number"] for page in pages] == [1, 2]
    assert [{box["mark"] for box in page["boxes"]} for page in pages] == [{"quote"}, {"quote", "answer"}]
    for page in pages:
        for box in page["boxes"]:
            assert 0 <= box["left"] < box["left"] + box["width"] <= 1
            assert 0 <= box["top"] < box["top"] + box["height"] <= 1
    assert (pictures.png(document, 1) or b"").startswith(b"\x89PNG")


def test_a_page_is_drawn_when_asked_for(tmp_path: Path) -> None:
    """A picture that nobody has opened is drawn all the same; a page that is not there is none."""
    pictures, (document,) = made(tmp_path)
    assert (pictures.png(document, 2) or b"").startswith(b"\x89PNG")
    assert pictures.png(document, 3) is None
    assert pictures.png(document, 0) is None


def test_an_attached_pdf_is_drawn_out_of_its_mail(tmp_path: Path) -> None:
    """A PDF in a mail has its pages, too; the mail itself has none."""
    pictures, (mail, lease) = made(tmp_path, "m.eml", eml_of("Dear all.", {"lease.pdf": TWO_PAGES}))
    assert lease.path == "m.eml/lease.pdf"
    assert len(pictures.of_place(lease, Highlights(quote=Span(0, 5)))) == 1
    assert pictures.of_place(mail, Highlights(quote=Span(0, 5))) == []


@pytest.mark.parametrize("change", ["other", "gone"])
def test_another_file_is_no_witness(tmp_path: Path, change: str) -> None:
    """Where the file was altered or removed since it was indexed, there is no picture."""
    pictures, (document,) = made(tmp_path)
    if change == "other":
        (tmp_path / "a.pdf").write_bytes(pdf(lines("Something else."), lines("On two pages.")))
    else:
        (tmp_path / "a.pdf").unlink()
    assert pictures.of_place(document, Highlights(quote=Span(0, 5))) == []
    assert pictures.png(document, 1) is None
