"""XML and HTML -> trees, by parsers that resolve no entity, load no DTD, ask no network and refuse huge trees."""

from lxml import etree

from index.errors import DocumentError


def parse_xml(data: bytes, what: str) -> etree._Element:
    """Bytes of XML -> its root.

    Args:
        data: as they stand in the file.
        what: the part's name, for the error.

    Raises:
        DocumentError: it is not well-formed, too deep, or expands entities without end.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DocumentError(f"damaged: {what} is no well-formed XML ({_first_line(error)})") from None


def parse_html(text: str) -> etree._Element | None:
    """A page of HTML, decoded -> its root as browsers would have it, or None where it holds nothing."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, recover=True
    )
    # NUL would end the page there.
    data = text.replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(data, parser) if data.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: etree._Element) -> str:
    """An element -> its name without namespace, in lower case; "" for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["?"])[0][:120]
