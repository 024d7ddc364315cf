"""A file's name and bytes -> what kind of document it is. Contents decide; a name decides between kinds of text."""

import re
from enum import StrEnum
from pathlib import PurePosixPath

from index.errors import DocumentError
from index.loaders.archives import Archive


class Kind(StrEnum):
    """The kinds of document that there is a loader for."""

    TEXT = "TXT"
    MARKDOWN = "MD"
    RST = "RST"
    HTML = "HTML"
    PDF = "PDF"
    DOCX = "DOCX"
    ODT = "ODT"
    EPUB = "EPUB"
    EML = "EML"


SUFFIXES = {
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".rst": Kind.RST,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".pdf": Kind.PDF,
    ".docx": Kind.DOCX,
    ".odt": Kind.ODT,
    ".epub": Kind.EPUB,
    ".eml": Kind.EML,
}
_ARCHIVES = {Kind.DOCX, Kind.ODT, Kind.EPUB}
_MIMETYPES = {
    b"application/epub+zip": Kind.EPUB,
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
    b"application/vnd.oasis.opendocument.text-template": Kind.ODT,
}
_PDF_WITHIN = 1024
_HTML = re.compile(
    # A comment ends at its first "-->": were it free to go on, many comments could be divided in ever more ways.
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_HTML_WITHIN = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_OTHERS = (
    (b"{\\rtf", "rich text (RTF)"),
    (b"\x89PNG\r\n", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"%!PS", "PostScript"),
)
_CONTENT_TYPES, _WORD_TEXT = "[Content_Types].xml", b"wordprocessingml.document.main+xml"
_OFFICE = {"xl/workbook.xml": "a spreadsheet (XLSX)", "ppt/presentation.xml": "slides (PPTX)"}


def kind_of(path: str, data: bytes) -> Kind:
    """A file's name and bytes -> its kind.

    Raises:
        DocumentError: there is no loader for it, or it is not what its name says.
    """
    suffix = PurePosixPath(path).suffix.lower()
    named = SUFFIXES.get(suffix)
    if b"%PDF-" in data[:_PDF_WITHIN] and (named is Kind.PDF or data.lstrip()[:5] == b"%PDF-"):
        return Kind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    _refuse_others(data)
    if named not in {Kind.MARKDOWN, Kind.RST, Kind.TEXT, Kind.EML} and _HTML.match(data[:_HTML_WITHIN]):
        return Kind.HTML
    if named is None:
        raise DocumentError(f"unknown type{f' {suffix}' if suffix else ''}; {expected()}")
    if named is Kind.PDF or named in _ARCHIVES:
        if not data.strip():
            raise DocumentError("empty")
        raise DocumentError(f"damaged: is named {suffix} but is no {named}")
    return named


def _refuse_others(data: bytes) -> None:
    """Raises DocumentError for bytes that are known to be something else."""
    if data.startswith(_OLE):
        if _ENCRYPTED_OFFICE in data:
            raise DocumentError("encrypted: needs a password; save it without one")
        raise DocumentError("unknown type: an Office file of before 2007; save it as DOCX")
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise DocumentError(f"unknown type: is {what}; {expected()}")


def expected() -> str:
    """What there is a loader for, in words."""
    return f"expected {', '.join(Kind)}"


def _kind_of_archive(data: bytes) -> Kind:
    archive = Archive(data)
    if "mimetype" in archive.names:
        kind = _MIMETYPES.get(archive.read("mimetype").strip())
        if kind is not None:
            return kind
    if "word/document.xml" in archive.names:
        return Kind.DOCX
    # A text may have another name than most programs give it.
    if _CONTENT_TYPES in archive.names and _WORD_TEXT in archive.read(_CONTENT_TYPES):
        return Kind.DOCX
    if "META-INF/container.xml" in archive.names:
        return Kind.EPUB
    if "content.xml" in archive.names and "META-INF/manifest.xml" in archive.names:
        manifest = archive.read("META-INF/manifest.xml")
        if b"opendocument.text" in manifest:
            return Kind.ODT
    what = next((what for name, what in _OFFICE.items() if name in archive.names), "a zip archive of something else")
    raise DocumentError(f"unknown type: is {what}; {expected()}")
