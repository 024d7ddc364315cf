"""Bytes -> text, in whatever encoding they are."""

import codecs
import re

from charset_normalizer import from_bytes

from index.errors import DocumentError

_BOMS = (
    # The longer first: UTF-32's little-endian mark begins with UTF-16's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""")
_DECLARED_WITHIN = 2_048
# As much as tells an encoding; detection takes time.
_SAMPLE_BYTES = 256 * 1024
# NUL and the other control characters that no text holds, by which binary data are known.
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
_MAX_CONTROL = 0.1
# Where one of these is detected in Western text, cp1252 is what it was: it has all their letters, and quotation marks.
_WESTERN = frozenset({"cp1252", "latin_1", "iso8859_15", "cp1250", "cp1254", "cp1257", "cp1258", "mac_roman", "cp437"})
_DECODED = "expected UTF-8, UTF-16, UTF-32 or another known encoding; save the file as UTF-8"
# Letters of English text and its neighbours that cp1252 holds beyond ASCII, and the signs that typing puts there.
_USUAL_1252 = frozenset("€‚„…‘’“”•–—™£©«»°·àáâãäåæçèéêëìíîïñòóôõöøùúûüßÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜ\u00a0§®¿¡")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Bytes -> their text: byte order mark removed, line ends kept.

    A byte order mark decides; then what is valid UTF-8 is UTF-8; then zero bytes give UTF-16 and UTF-32 away; then what
    the bytes are declared to be; then what they look like.

    Args:
        data: of a whole text.
        declared: the encoding that a header names; one named in the bytes themselves (HTML, XML) is found there.

    Raises:
        DocumentError: no encoding fits, or the bytes are no text.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _checked(_strict(data[len(bom) :], name))
    wide = _wide(data)
    if wide is not None:
        return _checked(_strict(data, wide))
    try:
        return _checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    if sum(data.count(code) for code in _CONTROL) > len(data) * _MAX_CONTROL / 2:
        raise DocumentError("unknown type: holds binary data, not text; remove it or give it another ending")
    for likely in (declared, _declaration(data), _looks_like(data)):
        if likely is not None and (text := _try(data, likely)) is not None:
            return _checked(text)
    raise DocumentError(f"damaged: its encoding is not recognised; {_DECODED}")


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise DocumentError(f"damaged: byte {error.start} is not {name.upper()}; {_DECODED}") from None


def _try(data: bytes, name: str) -> str | None:
    try:
        info = codecs.lookup(name)
        # What browsers read as cp1252 too: the rarer signs of Latin 1 are never meant.
        return data.decode("cp1252" if info.name in {"iso8859-1", "ascii"} else info.name)
    # Codecs such as base64 are no text encodings.
    except (LookupError, UnicodeError, ValueError, AssertionError):
        return None


def _wide(data: bytes) -> str | None:
    """Bytes without a mark -> the UTF-16 or UTF-32 that their zero bytes show, or None."""
    sample = data[: _SAMPLE_BYTES // 4 * 4]
    n = len(sample)
    if n < 4 or not sample.count(0):  # noqa: PLR2004 - one character of UTF-32
        return None
    zeros = [sample[place::4].count(0) * 4 / n for place in range(4)]
    much, little = 0.7, 0.2
    if n % 4 == 0 and all(share > much for share in zeros[1:]) and zeros[0] < little:
        return "utf-32-le"
    if n % 4 == 0 and all(share > much for share in zeros[:3]) and zeros[3] < little:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > much and even < little:
        return "utf-16-le"
    return "utf-16-be" if even > much and odd < little else None


def _declaration(data: bytes) -> str | None:
    found = _DECLARED.search(data[:_DECLARED_WITHIN])
    return found[1].decode("ascii") if found else None


def _looks_like(data: bytes) -> str | None:
    sample = data[:_SAMPLE_BYTES]
    if (text := _try(sample, "cp1252")) is not None:
        beyond = [character for character in text if ord(character) > 127]  # noqa: PLR2004 - ASCII's last
        # A few signs in much ASCII: detection by letters has nothing to go by, and this is what programs write.
        if all(character in _USUAL_1252 for character in beyond) and len(beyond) * 4 <= len(text):
            return "cp1252"
    best = from_bytes(sample).best()
    if best is None:
        return None
    return "cp1252" if best.encoding in _WESTERN - {"cp1250", "cp1254", "cp1257", "cp1258"} else best.encoding


def _checked(text: str) -> str:
    if text.count("\0") > len(text) * _MAX_CONTROL:
        raise DocumentError("unknown type: holds binary data, not text; remove it or give it another ending")
    return text
