"""DOCX, ODT and EPUB: their text in order, and what they may not do."""

from itertools import pairwise
from pathlib import Path

import pytest

from index.errors import DocumentError
from index.loaders import Loader, archives, docx, epub, html, odt
from index.loaders.kinds import Kind, kind_of
from index.records import Document
from tests.unit.files import docx_of, epub_of, odt_of, unzipped, zipped

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
        ("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>gone</w:t></w:r><w:r><w:t>shown</w:t></w:r></w:p>", "shown"),
        ("<w:p><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>shown</w:t></w:r></w:p>", "shown"),
        ("<w:p><w:r><w:instrText>PAGE</w:instrText><w:t>shown</w:t></w:r></w:p>", "shown"),
    ],
)
def test_docx_text_is_what_word_shows(xml: str, text: str) -> None:
    """Insertions, links and fields are read; tracked deletions, hidden text and field codes are not."""
    assert words(docx.load("a.docx", docx_of("After.", one=xml))) == [text, "After."]


_R = "<w:r><w:t>{}</w:t></w:r>"
_ROW = "<w:tr>{}<w:tc>{}<w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"


def with_body(xml: str) -> bytes:
    """The XML of a body -> a DOCX file of it."""
    members = unzipped(docx_of())
    text = members["word/document.xml"].decode()
    start, stop = text.index("<w:body>") + len("<w:body>"), text.index("</w:body>")
    return zipped({**members, "word/document.xml": text[:start] + xml + text[stop:]})


def test_docx_tables_are_without_deleted_rows_and_cells() -> None:
    """A row or cell that a tracked change took out is left out, also of a table within a table."""
    table = "<w:tbl>{}</w:tbl>"
    gone = _ROW.format("<w:trPr><w:del w:id='1' w:author='a'/></w:trPr>", "", "gone")
    cell = _ROW.format("", "<w:tcPr><w:cellDel w:id='2' w:author='a'/></w:tcPr>", "gone")
    inner = table.format(gone + _ROW.format("", "", "inner"))
    rows = _ROW.format("", "", "first") + gone + cell + f"<w:tr><w:tc>{inner}<w:p/></w:tc></w:tr>"
    document = docx.load("a.docx", with_body(table.format(rows)))
    assert [text.strip() for text in words(document)] == ["first", "inner"]


def test_docx_paragraphs_whose_end_is_deleted_are_one() -> None:
    """Where a tracked change took out the mark between two paragraphs, they are read as one."""
    mark = "<w:pPr><w:rPr><w:del w:id='1' w:author='a'/></w:rPr></w:pPr>"
    body = f"<w:p>{mark}{_R.format('One ')}</w:p><w:p>{_R.format('two.')}</w:p><w:p>{mark}{_R.format('Last.')}</w:p>"
    assert words(docx.load("a.docx", with_body(body))) == ["One two.", "Last."]


@pytest.mark.parametrize("place", ["<w:p>{}</w:p>", "<w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>"])
def test_docx_text_boxes_are_read_once(place: str) -> None:
    """Of a text box in two forms, for newer and older programs, one is read: in a paragraph, a cell, another box."""
    content = "<w:txbxContent><w:p>{}</w:p></w:txbxContent>"

    def box(inside: str) -> str:
        inside = content.format(inside)
        return (
            f'<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f'<mc:Choice Requires="wps">{inside}</mc:Choice><mc:Fallback>{inside}</mc:Fallback>'
            "</mc:AlternateContent></w:r>"
        )

    document = docx.load(
        "a.docx", with_body(place.format(_R.format("Outside.") + box(_R.format("In.") + box(_R.format("Inmost.")))))
    )
    assert " ".join(document.text.split()) == "Outside. In. Inmost."


def test_a_docx_may_call_its_parts_as_it_likes() -> None:
    """Where its text and notes are is said by the file; the usual names are none that it must have."""
    data = docx_of("# One", "Words.")
    renamed = {
        name.replace("word/document.xml", "word/main2.xml").replace("word/_rels/document", "word/_rels/main2"): (
            contents.replace(b"word/document.xml", b"word/main2.xml")
        )
        for name, contents in unzipped(data).items()
    }
    assert kind_of("a.docx", zipped(renamed)) is Kind.DOCX
    assert docx.load("a.docx", zipped(renamed)).text == docx.load("a.docx", data).text


def test_odt_notes_and_comments_are_where_they_belong() -> None:
    """A note in a heading follows it, one in a cell its table; a comment in a cell is none of its words."""
    note = "<text:note><text:note-body><text:p>{}</text:p></text:note-body></text:note>"
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>"
    comment = "<office:annotation><text:p>secret</text:p></office:annotation>"
    rows = "".join(
        f"<table:table-row>{cell.format(a)}{cell.format(b)}</table:table-row>"
        for a, b in (("a", f"b{note.format('Of b.')}"), (f"c{comment}", "d"))
    )
    document = odt.load(
        "a.odt",
        odt_of(
            f'<text:h text:outline-level="1">Leave{note.format("Of Leave.")}</text:h><text:p>Days.</text:p>'
            f"<table:table>{rows}</table:table><text:p>After.</text:p>"
        ),
    )
    assert words(document) == ["Of Leave.", "Days.", "a | b", "c | d", "Of b.", "After."]
    assert headings(document) == [("Leave", 1)]


def test_odt_what_describes_a_picture_is_no_text() -> None:
    """The title of a picture is not read into the sentence that it hangs on; the field of that name is."""
    spaces = 'xmlns:draw="urn:draw" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    picture = f"<draw:frame {spaces}><svg:title>A crane</svg:title><svg:desc>Of steam</svg:desc></draw:frame>"
    data = odt_of(f"<text:p>The <text:title>Report</text:title> says{picture} so.</text:p>")
    assert words(odt.load("a.odt", data)) == ["The Report says so."]


def test_odt_text_boxes_follow_their_paragraph() -> None:
    """What stands in a box is no part of the sentence that the box hangs on."""
    box = "<draw:frame xmlns:draw='urn:d'><draw:text-box><text:p>In the box.</text:p></draw:text-box></draw:frame>"
    assert words(odt.load("a.odt", odt_of(f"<text:p>Out{box}side.</text:p>"))) == ["Outside.", "In the box."]


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
    ("load", "sound", "member"),
    [
        (docx.load, docx_of("A."), "word/document.xml"),
        (odt.load, odt_of("<text:p>A.</text:p>"), "content.xml"),
        (epub.load, epub_of("<p>A."), "META-INF/container.xml"),
    ],
)
@pytest.mark.parametrize("xml", [BOMB, "<a>" * 100_000, "<a", ""], ids=["bomb", "deep", "cut", "empty"])
def test_hostile_xml_is_refused(load: Loader, sound: bytes, member: str, xml: str) -> None:
    """Entity bombs, endless nesting and broken XML, where a sound file has its text, give a reason."""
    assert load("a", sound).text == "A."
    with pytest.raises(DocumentError, match=f"^damaged: {member} is no well-formed XML"):
        load("a", zipped({**unzipped(sound), member: xml}))


@pytest.mark.parametrize("entity", ['"secret"', 'SYSTEM "{}"'], ids=["internal", "external"])
@pytest.mark.parametrize(
    ("load", "data"),
    [
        (docx.load, docx_of("! HERE", "# HERE", "Before HERE after.", [["HERE"]])),
        (odt.load, odt_of("<text:h>HERE</text:h><text:p>Before HERE after.</text:p>")),
        (epub.load, epub_of("<h1>HERE</h1><p>Before HERE after.", title="HERE")),
        (html.load, b"<html><title>HERE</title><h1>HERE</h1><p>Before HERE after."),
    ],
)
def test_an_entity_brings_in_nothing(load: Loader, data: bytes, entity: str, tmp_path: Path) -> None:
    """An otherwise sound file with an entity where words are: the text of the file that it names stands nowhere."""
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    doctype = f"<!DOCTYPE x [<!ENTITY x {entity.format(outside.as_uri())}>]>"

    def with_entity(xml: bytes) -> bytes:
        if b"HERE" not in xml:
            return xml
        declaration, end, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
        return declaration + end + doctype.encode() + rest.replace(b"HERE", b"&x;")

    if data.startswith(b"PK"):
        hostile = zipped({name: with_entity(contents) for name, contents in unzipped(data).items()})
    else:
        hostile = with_entity(data)
    assert hostile != data
    document = load("a", hostile)
    assert "Before" in document.text
    assert "secret" not in repr(document)


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
