"""EML: a mail's headers that matter, its text, and its attachments as files of their own."""

import base64
import binascii
import contextlib
import email
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import EmailPolicy
from pathlib import PurePosixPath
from typing import Any, TypeVar

from index.errors import DocumentError
from index.loaders.blocks import Blocks
from index.loaders.encoding import decode
from index.loaders.html import read_body
from index.loaders.text import split_blocks
from index.loaders.xml import parse_html
from index.records import Document

_HEADERS = ("From", "To", "Cc", "Date")
MAX_ATTACHMENTS = 100
_MAX_PARTS = 1_000
_TEXT_KINDS = ("text/plain", "text/html")
_MAIL_KINDS = frozenset({"message/rfc822", "message/global"})
# What an attachment without a name is called after, where its contents alone would not tell what it is.
_ENDINGS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/x-rst": ".rst",
    **dict.fromkeys(_MAIL_KINDS, ".eml"),
}
_T = TypeVar("_T")
# In characters: headers that are longer are not taken apart, for that takes more and more time the longer they are.
# Those of parts are asked for again and again.
_MAX_HEADER, _MAX_PART_HEADER = 16_000, 4_000
_MAX_PARAMETERS = 100


class _Policy(EmailPolicy):
    """That of the standard library, but for headers that are made to harm, or that hundreds of people stand in."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """A header as it came -> what it says; one that is too long as it came, that of a part without parameters."""
        if name.lower().startswith("content-"):
            if len(value) > _MAX_PART_HEADER or value.count(";") > _MAX_PARAMETERS:
                value = value[:_MAX_PART_HEADER].partition(";")[0]
        elif len(value) > _MAX_HEADER:
            return "".join(value.splitlines()).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        return super().header_fetch_parse(name, value)


_POLICY = _Policy()
# A mail attached is taken out as it came, its headers not written anew.
_AS_IT_CAME = _POLICY.clone(refold_source="none")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail.

    Attributes:
        name: the last part of the one it was sent under, or what stands for one.
        data: the file; None where it cannot be taken out of the mail.
    """

    name: str
    data: bytes | None


def load(path: str, data: bytes) -> Document:
    """A mail -> Document: subject as heading and title, sender, recipients and date, then its text.

    Of a text in two forms (multipart/alternative) the plain one is read; all other texts one after the other.

    Raises:
        DocumentError: it is no mail.
    """
    message = _parse(data)
    blocks = Blocks()
    subject = " ".join(_header(message, "Subject").split())
    if subject:
        blocks.heading(subject, 1)
    blocks.paragraph("\n".join(f"{name}: {value}" for name in _HEADERS if (value := _header(message, name))))
    for part in _text_parts(message):
        text = decode(_payload(part) or b"", declared=_safely(part.get_content_charset))
        if _kind(part) == "text/html":
            root = parse_html(text)
            if root is not None:
                read_body(root, blocks)
        else:
            for lines in split_blocks(text):
                blocks.paragraph(text[lines[0].start : lines[-1].end])
    return blocks.document(path, data, subject)


def attachments(data: bytes) -> list[Attachment]:
    """A mail -> the files attached to it, mails among them, in order; names made unique.

    Raises:
        DocumentError: it is no mail, or has more than 100 of them.
    """
    found: list[Attachment] = []
    names: set[str] = set()
    message = _parse(data)
    not_attached = {id(part) for part in (*_text_parts(message), *_other_forms(message))}
    for part in _leaves(message):
        name = _safely(part.get_filename)
        if id(part) in not_attached or (not name and not _is_file(part)):
            continue
        if len(found) == MAX_ATTACHMENTS:
            raise DocumentError(f"too large: has more than {MAX_ATTACHMENTS} attachments")
        fallback = ("message" if _kind(part) in _MAIL_KINDS else "attachment") + _ENDINGS.get(_kind(part), "")
        unique = _unique(_safe(name or fallback), names)
        names.add(unique)
        found.append(Attachment(unique, _payload(part)))
    return found


def _parse(data: bytes) -> Message:
    message = _safely(lambda: email.message_from_bytes(data, policy=_POLICY))
    if message is None:
        raise DocumentError("damaged: is no readable mail")
    if not message.keys():
        raise DocumentError("damaged: is no mail; it has no headers")
    return message


def _safely(read: Callable[[], _T]) -> _T | None:
    """What a function of the standard library's `email` gives; None where it fails.

    On damaged mails it fails in ways that nobody has listed, each new version in others; then what was asked for alone
    is lost, not the mail.
    """
    try:
        return read()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whichever it is
        return None


def _header(message: Message, name: str) -> str:
    return _safely(lambda: str(message.get(name, "")).strip()) or ""


def _kind(part: Message) -> str:
    return _safely(part.get_content_type) or "application/octet-stream"


def _children(part: Message) -> list[Message]:
    """The parts of a part; an attached mail counts as one, unopened, and so does whatever else is no multipart."""
    # What is no multipart is not asked for its payload here: how it is encoded stands in a header, and may be garbled.
    if not part.is_multipart() or _kind(part) in _MAIL_KINDS:
        return []
    return [child for child in part.get_payload() if isinstance(child, Message)]


def _leaves(message: Message) -> Iterator[Message]:
    """A mail's parts that hold something, in order."""
    waiting: list[Message] = _children(message) or [message]
    waiting.reverse()
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if children := _children(part):
            waiting.extend(reversed(children))
        else:
            yield part
    raise DocumentError(f"too large: has more than {_MAX_PARTS:,} parts")


def _text_parts(message: Message) -> list[Message]:
    """The parts that are the mail's own words: all of them, but of those that say the same only one."""
    others = {id(part) for part in _other_forms(message)}
    return [part for part in _leaves(message) if _is_text(part) and id(part) not in others]


def _other_forms(message: Message) -> list[Message]:
    """The parts that say the same as others that are read: of an alternative in several forms, all texts but one."""
    found: list[Message] = []
    waiting = [message]
    for _ in range(_MAX_PARTS):
        if not waiting:
            break
        part = waiting.pop()
        forms = _children(part)
        if _kind(part) == "multipart/alternative":
            texts = [[leaf for leaf in _leaves(form) if _is_text(leaf)] for form in forms]
            read = next((n for kind in _TEXT_KINDS for n, form in enumerate(texts) if _says(form, kind)), None)
            found.extend(leaf for n, form in enumerate(texts) if n != read for leaf in form)
            forms = [] if read is None else [forms[read]]
        waiting.extend(forms)
    return found


def _says(texts: list[Message], kind: str) -> bool:
    """Whether one of the texts is of a kind, and holds words."""
    return any(_kind(text) == kind and (_payload(text) or b"").strip() for text in texts)


def _is_text(part: Message) -> bool:
    """Whether a part is of the mail's own words: a text shown with it, under no name."""
    return _kind(part) in _TEXT_KINDS and not _is_file(part) and not _safely(part.get_filename)


def _is_file(part: Message) -> bool:
    """Whether a part without a name is attached: it says so, or is no text and holds something."""
    if _safely(part.get_content_disposition) == "attachment" or _kind(part) in _MAIL_KINDS:
        return True
    return _kind(part) not in _TEXT_KINDS and not part.is_multipart() and bool(_payload(part))


def _payload(part: Message) -> bytes | None:
    """A part -> its bytes, as they were before they were encoded for sending; None where that fails."""
    if _kind(part) not in _MAIL_KINDS:
        payload = _safely(lambda: part.get_payload(decode=True))
        return payload if isinstance(payload, bytes) else None
    inner = part.get_payload(0) if part.is_multipart() and part.get_payload() else None
    if not isinstance(inner, Message):
        return None
    data = _safely(lambda: inner.as_bytes(policy=_AS_IT_CAME))
    if data is None or _header(part, "Content-Transfer-Encoding").lower() != "base64":
        return data
    # By the standard an attached mail is not encoded; some programs do.
    with contextlib.suppress(binascii.Error, ValueError):
        return base64.b64decode(data)
    return data


def _safe(name: str) -> str:
    """A name somebody chose -> its last part, without what a path or a terminal would obey."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    words = "".join(character for character in last if character.isprintable()).strip(". ")
    return words.encode("utf-8", "replace").decode()[-120:] or "attachment"


def _unique(name: str, taken: set[str]) -> str:
    path, number = PurePosixPath(name), 2
    while name in taken:
        name = f"{path.stem} ({number}){path.suffix}"
        number += 1
    return name
