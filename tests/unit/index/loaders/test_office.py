"""DOCX, ODT and EPUB: their text in order, and what they may not do."""

from itertools import pairwise

import pytest

from index.errors import DocumentError
from index.loaders import archives, docx, epub, odt
from index.records import Document
from tests.unit.files import docx_of, epub_of, odt_of, zipped

# Each entity is three of the one before it: 3^24 letters.
BOMB = "".join(
    f'<!ENTITY {name} "&{before};&{before};&{before};">' for before, name in pairwise("abcdefghijklmnopqrstuvwxyz")
)
BOMB = f'<!DOCTYPE x [<!ENTITY a "x">{BOMB}]><a>&z;</a>'


def words(document: Document) -> list[str]:
    return [document.slice(span) for span in document.paragraphs]


def headings(document: Document) -> list[tuple[str, int]]:
    return [(document.heading_text(h), h.level) for h in document.headings]


def test_docx_keeps_headings_paragraphs_and_tables_in_order() -> None:
    """A DOCX file's blocks come in order; a table's row is one paragraph; the title is the one styled so."""
    data = docx_of(
        "! Handbook", "# Leave", "Thirty days.", "## Sick pay", "Six weeks.", [["Who", "How long"], ["All", "6"]]
    )
    document = docx.load("h.docx", data)
    assert document.title == "Handbook"
    assert headings(document) == [("Handbook", 1), ("Leave", 1), ("Sick pay", 2)]
    assert words(document) == ["Thirty days.", "Six weeks.", "Who | How long", "All | 6"]
    assert document.layout.rows == (2, 3)
    assert document.location(document.text.index("All")) == "Leave > Sick pay, paragraph 3"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("<w:p><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:r><w:t>stays</w:t></w:r></w:p>", "stays"),
        ("<w:p><w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:r><w:t> words</w:t></w:r></w:p>", "new words"),
        ("<w:p><w:hyperlink><w:r><w:t>a link</w:t></w:r></w:hyperlink></w:p>", "a link"),
        ("<w:p><w:r><w:t>one</w:t><w:br/><w:t>two</w:t><w:noBreakHyphen/><w:t>x</w:t></w:r></w:p>", "one\ntwo\u2011x"),
        ("<w:p><w:sdt><w:sdtContent><w:r><w:t>a field</w:t></w:r></w:sdtContent></w:sdt></w:p>", "a field"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>shown</w:t></w:r></w:p>", "shown"),
    ],
)
def test_docx_text_is_what_word_shows(xml: str, text: str) -> None:
    """Insertions, links and fields are read; tracked deletions and field codes are not."""
    assert words(docx.load("a.docx", docx_of("After.", one=xml))) == [text, "After."]


def test_odt_keeps_headings_paragraphs_tables_and_notes() -> None:
    """An ODT file's blocks come in order, with its spaces; a note follows its paragraph, a comment is left out."""
    document = odt.load(
        "a.odt",
        odt_of(
            '<text:h text:outline-level="1">Leave</text:h>'
            "<text:p>Thirty<text:s text:c='2'/><text:span>da</text:span>ys<text:note><text:note-body>"
            "<text:p>A note.</text:p></text:note-body></text:note> off<office:annotation><text:p>secret</text:p>"
            "</office:annotation>.</text:p>"
            "<text:list><text:list-item><text:p>Item.</text:p></text:list-item></text:list>"
            "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
            "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
            "<text:tracked-changes><text:p>secret</text:p></text:tracked-changes>"
        ),
    )
    assert words(document) == ["Thirty  days off.", "A note.", "Item.", "a | b"]
    assert headings(document) == [("Leave", 1)]
    assert document.layout.rows == (3,)
    assert "secret" not in document.text


def test_an_encrypted_odt_is_refused() -> None:
    """A password is asked of nobody: the file is refused as encrypted."""
    with pytest.raises(DocumentError, match=r"^encrypted: needs a password"):
        odt.load("a.odt", odt_of("", manifest="<encryption-data/>"))


def test_epub_chapters_come_in_the_order_of_the_spine() -> None:
    """A book is read chapter by chapter as its spine says, under its own title."""
    document = epub.load("b.epub", epub_of("<h1>One</h1><p>First.</p>", "<h1>Two</h1><p>Second.</p>", title="Tales"))
    assert document.title == "Tales"
    assert words(document) == ["First.", "Second."]
    assert document.location(document.text.index("Second")) == "Two, paragraph 1"


def test_a_protected_epub_is_refused() -> None:
    """A book whose text is encrypted is refused; one with obfuscated fonts is read."""
    protected = {
        "META-INF/encryption.xml": "<EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/>"
    }
    with pytest.raises(DocumentError, match=r"^encrypted: is copy-protected"):
        epub.load("b.epub", epub_of("<p>x", **protected))
    fonts = {"META-INF/encryption.xml": "<EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/>"}
    assert words(epub.load("b.epub", epub_of("<p>Text.", **fonts))) == ["Text."]


@pytest.mark.parametrize("href", ["../../../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "http://192.0.2.1/x"])
def test_an_epub_reads_nothing_but_its_own_members(href: str) -> None:
    """A chapter's address is looked up in the archive alone, wherever it leads."""
    assert epub.load("b.epub", epub_of("<p>x", href=href)).text == ""


@pytest.mark.parametrize(
    ("load", "member"),
    [(docx.load, "word/document.xml"), (odt.load, "content.xml"), (epub.load, "META-INF/container.xml")],
)
@pytest.mark.parametrize(
    "xml",
    [
        BOMB,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        "<a>" * 100_000,
        "<a",
        "",
    ],
    ids=["bomb", "external", "deep", "cut", "empty"],
)
def test_hostile_xml_is_refused(load: object, member: str, xml: str) -> None:
    """Entity bombs, entities from files, endless nesting and broken XML give a reason, and nothing of a file."""
    data = zipped({"word/document.xml": "", "META-INF/container.xml": "<a/>", "content.xml": "<a/>", member: xml})
    try:
        document = load("a", data)  # type: ignore[operator]
    except DocumentError as error:
        assert str(error).startswith("damaged")  # noqa: PT017 - both outcomes are right
    else:
        assert "root:" not in document.text


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that unpacks to more than the limit, or has too many parts, is refused by its table of contents."""
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1_000)
    with pytest.raises(DocumentError, match=r"^too large: unpacks to 1,001 bytes; expected at most 1,000"):
        archives.Archive(zipped({"a": "a" * 1001}))
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    with pytest.raises(DocumentError, match=r"^too large: has 3 parts"):
        archives.Archive(zipped({"a": "", "b": "", "c": ""}))


def test_a_member_that_lies_about_its_size_gives_no_more_than_it_says() -> None:
    """The size in the table of contents, by which bombs are known, bounds what reading gives."""
    data = bytearray(zipped({"a": "a" * 100_000}))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (50).to_bytes(4, "little")
    with pytest.raises(DocumentError, match=r"^damaged"):
        archives.Archive(bytes(data)).read("a")


def test_an_encrypted_member_is_refused() -> None:
    """A zip archive with a password is refused as encrypted."""
    data = bytearray(zipped({"a": "a"}))
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(DocumentError, match=r"^encrypted"):
        archives.Archive(bytes(data))
