"""Bytes -> text, in whatever encoding they are."""

import codecs
import re
import unicodedata

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
# Where a file declares its encoding: XML and pages, which begin with markup, and texts by a mark for editors in one of
# the first two lines. Anywhere else, a text only speaks of one.
_NAME = rb"""\s*["']?\s*([A-Za-z0-9_:.-]{2,40})"""
_DECLARED_IN_MARKUP = re.compile(rb"(?:\A\s*<\?xml\s[^>]*?encoding|<meta\s[^>]*?charset)\s*=" + _NAME, re.IGNORECASE)
_DECLARED_IN_TEXT = re.compile(rb"(?:[^\r\n]*(?:\r\n?|\n))?[^\r\n]*-\*-[^\r\n]*?coding:" + _NAME + rb"[^\r\n]*-\*-")
_DECLARED_WITHIN = 2_048
# All that texts are written in, as Python's codecs call it. Python knows more: escapes of programs, names of hosts, and
# EBCDIC, in which every letter would be another.
_TEXT_ENCODINGS = frozenset(
    """
    ascii utf-7 utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be
    iso8859-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-t koi8-u kz1048 ptcp154 hp-roman8 tis-620
    cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp874 cp1006 cp1125
    cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869
    mac-arabic mac-croatian mac-cyrillic mac-farsi mac-greek mac-iceland mac-latin2 mac-roman mac-romanian mac-turkish
    big5 big5hkscs cp932 cp949 cp950 euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hz johab
    shift_jis shift_jis_2004 shift_jisx0213
    iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr
    """.split()
)
# Encodings of many bytes a character, each as Python's codecs call it. What declares one of them may by accident be
# valid UTF-8 too, but then of the two-byte characters alone, which no text in these scripts is made of.
_MANY_BYTES = frozenset("gb2312 gbk gb18030 big5 big5hkscs cp950 shift_jis cp932 euc_jp euc_kr cp949 johab".split())
_LAST_OF_TWO_BYTES = "\u07ff"
# Escape sequences by which 7-bit East Asian mail and pages are known.
_ESCAPES = ((re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])"), "iso2022_jp_ext"), (re.compile(rb"\x1b\$\)C"), "iso2022_kr"))
# One that could be read in the bytes themselves would not be theirs.
_NOT_DECLARED = ("utf-16", "utf-32", "utf_16", "utf_32", "utf-7", "utf_7")
# As much as tells an encoding; detection takes time.
_SAMPLE_BYTES = 256 * 1024
# NUL and the other control characters that no text holds, by which binary data are known.
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\v\f\r\x1a\x1b")
_MAX_CONTROL = 0.1
# Control characters, private ones, and those that are not assigned.
_NO_TEXT = frozenset({"Cc", "Co", "Cn", "Cs"})
# The upper bytes of what Unicode has.
_LAST_PLANE = 0x10
# Where one of these is detected in Western text, cp1252 is what it was: it has all their letters, and quotation marks.
_WESTERN = frozenset({"cp1252", "latin_1", "iso8859_15", "cp1250", "cp1254", "cp1257", "cp1258", "mac_roman", "cp437"})
_DECODED = "expected UTF-8, UTF-16, UTF-32 or another known encoding; save the file as UTF-8"
# Letters of English text and its neighbours that cp1252 holds beyond ASCII, and the signs that typing puts there.
_USUAL_1252 = frozenset("€‚„…‘’“”•–—™£©«»°·àáâãäåæçèéêëìíîïñòóôõöøùúûüßÀÁÂÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖØÙÚÛÜ\u00a0§®¿¡")


def decode(data: bytes, *, declared: str | None = None) -> str:
    """Bytes -> their text: byte order mark removed, line ends kept.

    A byte order mark decides; then 7-bit East Asian encodings are known by their escape sequences; then what is valid
    UTF-8 is UTF-8, unless it declares an East Asian encoding that fits better, or is mostly zero bytes; then UTF-16 and
    UTF-32 are known by the zero bytes of their spaces; then comes what the bytes are declared to be, where that makes
    text of them; then what they look like. What is UTF-8 but for a few bytes is refused: in any other encoding, all its
    letters beyond ASCII would be wrong.

    Args:
        data: of a whole text.
        declared: the encoding that a header names; one that the bytes themselves declare (a `meta` element of HTML,
            the first line of XML, an editor's `-*- coding: … -*-` in the first two lines) is found there.

    Raises:
        DocumentError: no encoding fits, or the bytes are no text.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _checked(_strict(data[len(bom) :], name))
    says = [name for name in (declared, _declaration(data)) if name is not None]
    if (text := _evident(data, says)) is not None:
        return _checked(text)
    if _n_control(data) > len(data) * _MAX_CONTROL / 2:
        raise DocumentError("unknown type: holds binary data, not text; remove it or give it another ending")
    if not any(map(_has_many_bytes, says)):
        _refuse_almost_utf8(data)
    for name in says:
        if (text := _try(data, name)) is not None and _is_readable(text[:_SAMPLE_BYTES]):
            return _checked(text)
    likely = _looks_like(data)
    if likely is not None and (text := _try(data, likely)) is not None:
        return _checked(text)
    raise DocumentError(f"damaged: its encoding is not recognised; {_DECODED}")


def _evident(data: bytes, says: list[str]) -> str | None:
    """Bytes without a mark, and what they declare -> their text in UTF-8, 16, 32 or ISO-2022, or None."""
    for escape, name in _ESCAPES:
        if data.isascii() and escape.search(data) and (text := _try(data, name)) is not None:
            return text
    try:
        as_utf8 = data.decode("utf-8")
    except UnicodeDecodeError:
        as_utf8 = None
    # UTF-16 may be valid UTF-8, too, but then all its upper bytes are control characters.
    if as_utf8 is not None and (not data.isascii() or _n_control(data) <= len(data) / 4):
        return _as_east_asian(data, as_utf8, says) or as_utf8
    wide = _wide(data)
    return as_utf8 if wide is None else _strict(data, wide)


def _has_many_bytes(name: str) -> bool:
    try:
        return codecs.lookup(name).name in _MANY_BYTES
    except (LookupError, ValueError):
        return False


def _as_east_asian(data: bytes, as_utf8: str, says: list[str]) -> str | None:
    """Bytes that are valid UTF-8, and what they declare -> their text where they are East Asian in truth, or None."""
    if data.isascii() or max(as_utf8) > _LAST_OF_TWO_BYTES:
        return None
    return next((text for name in says if _has_many_bytes(name) and (text := _try(data, name)) is not None), None)


def _refuse_almost_utf8(data: bytes) -> None:
    """Raises DocumentError where there are more whole UTF-8 characters beyond ASCII than places that are none."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    if sum(not character.isascii() for character in text) - text.count("\ufffd") > bad:
        _strict(data, "utf-8", " as the rest is")


def _n_control(data: bytes) -> int:
    return sum(data.count(code) for code in _CONTROL)


def _strict(data: bytes, name: str, more: str = "") -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        raise DocumentError(f"damaged: byte {error.start:,} is not {name.upper()}{more}; {_DECODED}") from None


def _try(data: bytes, name: str) -> str | None:
    try:
        encoding = codecs.lookup(name).name
        if encoding not in _TEXT_ENCODINGS:
            return None
        # What browsers read as cp1252 too: the rarer signs of Latin 1 are never meant.
        return data.decode("cp1252" if encoding in {"iso8859-1", "ascii"} else encoding)
    except (LookupError, UnicodeError, ValueError, AssertionError):
        return None


def _wide(data: bytes) -> str | None:
    """Bytes without a mark -> the UTF-16 or UTF-32 that their zero bytes show, or None.

    Every script has spaces, line ends or digits, whose upper bytes are zero; no text of single bytes has any.
    """
    sample = data[: _SAMPLE_BYTES // 4 * 4]
    if len(sample) < 4 or not sample.count(0):  # noqa: PLR2004 - one character of UTF-32
        return None
    if len(sample) % 4 == 0:
        if not any(sample[3::4]) and max(sample[2::4]) <= _LAST_PLANE:
            return "utf-32-le"
        if not any(sample[0::4]) and max(sample[1::4]) <= _LAST_PLANE:
            return "utf-32-be"
    # The upper bytes vary less than the lower ones: a text is of one script, or of few.
    orders = (("utf-16-le", sample[1::2], sample[0::2]), ("utf-16-be", sample[0::2], sample[1::2]))
    for name, upper, lower in orders:
        # Half of a text of English, or a few percent of one in other letters.
        if upper.count(0) > lower.count(0) and len(set(upper)) < len(set(lower)) and _is_plausible(sample, name):
            return name
    return None


def _is_plausible(sample: bytes, name: str) -> bool:
    """Whether bytes, read so, are letters, signs and spaces that people write, but for one in fifty."""
    text = sample.decode(name, "replace")
    return _is_readable(text) and sum(c.isalpha() for c in text) * 4 >= len(text)


def _is_readable(text: str) -> bool:
    """Whether all of a text but one character in fifty is assigned, and none that controls a machine."""
    odd = sum(c == "\ufffd" or (unicodedata.category(c) in _NO_TEXT and not c.isspace()) for c in text)
    return odd * 50 <= len(text)


def _declaration(data: bytes) -> str | None:
    head = data[:_DECLARED_WITHIN]
    found = _DECLARED_IN_MARKUP.search(head) if head.lstrip().startswith(b"<") else _DECLARED_IN_TEXT.match(head)
    name = found[1].decode("ascii") if found else ""
    return name if name and not name.lower().startswith(_NOT_DECLARED) else None


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
