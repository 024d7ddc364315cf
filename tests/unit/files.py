"""Small files of every kind, made here: what the loaders are tested on."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

import docx
from docx.oxml import parse_xml

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@dataclass(frozen=True)
class Words:
    """A line of Helvetica on a page: where it begins, in points from the left and the bottom, and its size."""

    x: float
    y: float
    text: str
    size: float = 11


_UPRIGHT = (1, 0, 0, 1, 0, 0)


def pdf(
    *pages: Sequence[Words],
    encrypt: bool = False,
    box: str = "/MediaBox[0 0 595 842]",
    turn: tuple[float, ...] = _UPRIGHT,
) -> bytes:
    """Pages of words, A4 -> a PDF; `encrypt` says so in it, with a password that nobody has.

    `box` is what each page says of its size and how it is turned; `turn` the matrix by which all words are drawn.
    """
    objects: list[bytes] = [b"", b"", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    kids = []
    for page in pages:
        drawn = b"".join(b"BT /F1 %g Tf %g %g Td (%s) Tj ET\n" % (w.size, w.x, w.y, _escaped(w.text)) for w in page)
        packed = zlib.compress((b"%g %g %g %g %g %g cm\n" % turn if turn != _UPRIGHT else b"") + drawn)
        objects.append(b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed))
        objects.append(
            b"<</Type/Page/Parent 2 0 R%s/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (box.encode(), len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[0] = b"<</Type/Catalog/Pages 2 0 R>>"
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    locked = b"/Encrypt<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P -4>>/ID[<00><00>]" % (b"11" * 32, b"22" * 32)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        locked if encrypt else b"",
        start,
    )
    return bytes(out)


def lines(*texts: str, x: float = 72, top: float = 760, step: float = 14, size: float = 11) -> list[Words]:
    """Texts -> lines below each other; an empty one leaves a gap."""
    return [Words(x, top - step * n, text, size) for n, text in enumerate(texts) if text]


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """Names and contents -> a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in members.items():
            archive.writestr(name, contents)
    return file.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    """A zip archive -> its members by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def docx_of(*blocks: str | list[list[str]], **more: str) -> bytes:
    """Blocks -> DOCX: `# `, `## ` begin headings, `! ` the title, lists of rows are tables; `more` are XML."""
    made = docx.Document()
    for block in blocks:
        if isinstance(block, list):
            table = made.add_table(rows=0, cols=len(block[0]))
            for row in block:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
        elif block.startswith("! "):
            made.add_paragraph(block[2:], style="Title")
        elif block.startswith("#"):
            marks, _, text = block.partition(" ")
            made.add_heading(text, len(marks))
        else:
            made.add_paragraph(block)
    for xml in more.values():
        made.element.body.insert(0, parse_xml(xml.replace("<w:p>", f'<w:p xmlns:w="{_W}">', 1)))
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def odt_of(body: str, *, manifest: str = "") -> bytes:
    """The XML of a text's body -> ODT."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table")
    )
    content = f"<office:document-content {spaces}><office:body><office:text>{body}</office:text></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"{content}</office:document-content>",
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def epub_of(*chapters: str, title: str = "A Book", href: str = "c{}.xhtml", **members: str) -> bytes:
    """Chapters (bodies of HTML) -> EPUB, listed in the manifest in reverse, in the spine in order."""
    numbers = range(len(chapters))
    items = "".join(
        f'<item id="i{n}" href="{href.format(n)}" media-type="application/xhtml+xml"/>' for n in reversed(numbers)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n in numbers)
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OPS/book.opf": package,
            **{f"OPS/c{n}.xhtml": f"<html><body>{body}</body></html>" for n, body in enumerate(chapters)},
            **members,
        }
    )


def eml_of(text: str, attachments: Mapping[str, bytes] | None = None, *, html: str = "", **headers: str) -> bytes:
    """Text, files and headers -> a mail."""
    message = EmailMessage()
    for name, value in {"From": "Ann <ann@example.org>", "Subject": "Notes", **headers}.items():
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in (attachments or {}).items():
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
