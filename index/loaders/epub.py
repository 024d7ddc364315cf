"""EPUB: the chapters of a book in the order of its spine, each read as HTML."""

import posixpath
from urllib.parse import unquote

from lxml import etree

from index.errors import DocumentError
from index.loaders.archives import Archive
from index.loaders.blocks import Blocks
from index.loaders.encoding import decode
from index.loaders.html import read_body
from index.loaders.xml import local_name, parse_html, parse_xml
from index.records import Document

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
# Fonts are often obfuscated, which hides no text.
_OBFUSCATION = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
_CHAPTERS = frozenset({"application/xhtml+xml", "text/html"})


def load(path: str, data: bytes) -> Document:
    """An EPUB file -> Document: its chapters but the table of contents; the title is the book's own.

    Raises:
        DocumentError: the file is damaged, copy-protected, or unpacks to too much.
    """
    archive = Archive(data)
    if _ENCRYPTION in archive.names:
        encryption = archive.read(_ENCRYPTION)
        if encryption.count(b"EncryptionMethod") > sum(map(encryption.count, _OBFUSCATION)):
            raise DocumentError("encrypted: is copy-protected (DRM)")
    container = parse_xml(archive.read(_CONTAINER), _CONTAINER)
    package_name = next((e.get("full-path") for e in container.iter() if local_name(e) == "rootfile"), None)
    if not package_name:
        raise DocumentError("damaged: does not say where its contents are")
    package = parse_xml(archive.read(package_name), package_name)
    blocks = Blocks()
    for name in _chapters(package, package_name):
        if name in archive.names:
            root = parse_html(decode(archive.read(name)))
            if root is not None:
                read_body(root, blocks)
    titles = (" ".join((e.text or "").split()) for e in package.iter() if local_name(e) == "title")
    title = next(filter(None, titles), None)
    return blocks.document(path, data, title)


def _chapters(package: etree._Element, package_name: str) -> list[str]:
    """The package -> names of its chapters in the archive, in reading order."""
    items = {}
    for element in package.iter():
        is_chapter = local_name(element) == "item" and element.get("media-type") in _CHAPTERS
        if is_chapter and "nav" not in (element.get("properties") or "").split():
            items[element.get("id")] = element.get("href") or ""
    folder = posixpath.dirname(package_name)
    chosen = (e.get("idref") for e in package.iter() if local_name(e) == "itemref")
    # Only a name to look up in the archive: where it leads elsewhere, nothing is there.
    return [posixpath.normpath(posixpath.join(folder, unquote(items[ref]))) for ref in chosen if ref in items]
