"""Which kind a file is of: contents decide, and a name between kinds of text."""

import pytest

from index.errors import DocumentError
from index.loaders import load_document
from index.loaders.kinds import Kind, kind_of
from tests.unit.files import docx_of, eml_of, epub_of, lines, odt_of, pdf, zipped

PDF = pdf(lines("Words of a page."))


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", b"words", Kind.TEXT),
        ("a.Text", b"words", Kind.TEXT),
        ("a.MARKDOWN", b"words", Kind.MARKDOWN),
        ("b/c.rst", b"words", Kind.RST),
        ("a.htm", b"words", Kind.HTML),
        ("a.xhtml", b"<p>words", Kind.HTML),
        ("a.eml", b"From: a\n\nwords", Kind.EML),
        ("a.pdf", PDF, Kind.PDF),
        ("a.docx", docx_of("Words."), Kind.DOCX),
        ("a.odt", odt_of("<text:p>Words.</text:p>"), Kind.ODT),
        ("a.epub", epub_of("<p>Words.</p>"), Kind.EPUB),
        # Contents, where the name says something else or nothing.
        ("a.txt", PDF, Kind.PDF),
        ("a", PDF, Kind.PDF),
        ("a.doc", docx_of("Words."), Kind.DOCX),
        ("a.zip", epub_of("<p>Words.</p>"), Kind.EPUB),
        ("a.pdf", b"<!DOCTYPE html><p>words", Kind.HTML),
        ("page", b"\n<html lang=en>words", Kind.HTML),
        # More comments than there would be time for, were each way to divide them tried.
        ("page", b"<!-- a -->" * 60 + b"<html>words", Kind.HTML),
        ("a.htm", b"<!-- a -->" * 60 + b"<p>words", Kind.HTML),
        # A text about another kind is a text.
        ("a.md", b"<html>words", Kind.MARKDOWN),
        ("a.txt", b"It begins with %PDF-1.4.", Kind.TEXT),
    ],
)
def test_the_kind_is_found(name: str, data: bytes, kind: Kind) -> None:
    """A file is what its contents are, and a text is what its name's ending says, in capitals or not."""
    assert kind_of(name, data) is kind


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a", b"words", "unknown type; expected TXT, MD, RST, HTML, PDF, DOCX, ODT, EPUB, EML"),
        (".md", b"words", "unknown type; expected"),
        ("a.xyz", b"words", "unknown type .xyz; expected"),
        ("a.txt", b"\x89PNG\r\n\x1a\n", "unknown type: is a picture"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "unknown type: an Office file of before 2007"),
        ("a.xlsx", zipped({"xl/workbook.xml": ""}), "unknown type: is a spreadsheet"),
        ("a.docx", zipped({"a.txt": "A."}), "unknown type: is a zip archive of something else"),
        ("a.docx", b"words", "damaged: is named .docx but is no DOCX"),
        ("a.pdf", b"words", "damaged: is named .pdf but is no PDF"),
        ("a.pdf", b"", "empty"),
        ("a.docx", docx_of("Words.")[:-30], "damaged: is no whole zip archive"),
        (
            "a.docx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "encrypted: needs a password",
        ),
    ],
)
def test_what_there_is_no_loader_for_is_refused(name: str, data: bytes, said: str) -> None:
    """What cannot be read is refused with what it is and what was expected."""
    with pytest.raises(DocumentError, match=said):
        kind_of(name, data)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_a_loader_that_finds_the_same_words(kind: Kind) -> None:
    """The same sentence in a file of each kind is a paragraph of its document, with the file's own size and hash."""
    sentence = "The harbour was dredged in 1904."
    data = {
        Kind.PDF: pdf(lines(sentence)),
        Kind.DOCX: docx_of(sentence),
        Kind.ODT: odt_of(f"<text:p>{sentence}</text:p>"),
        Kind.EPUB: epub_of(f"<p>{sentence}</p>"),
        Kind.EML: eml_of(sentence),
    }.get(kind, sentence.encode())
    document = load_document(f"a.{kind.lower()}", data)
    assert sentence in [document.slice(span) for span in document.paragraphs]
    assert document.source_bytes == len(data)
