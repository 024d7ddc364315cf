"""EML: a mail's headers that matter, its text, and its attachments as files of their own."""

import email
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import default
from pathlib import PurePosixPath

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


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail; the name is the last part of the one it was sent under."""

    name: str
    data: bytes


def load(path: str, data: bytes) -> Document:
    """A mail -> Document: subject as heading and title, sender, recipients and date, then its text.

    Of a text in two forms the plain one is read.

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
        text = _decoded(part)
        if part.get_content_type() == "text/html":
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
    texts = {id(part) for part in _text_parts(message)}
    for part in _leaves(message):
        name = part.get_filename()
        if id(part) in texts or (not name and part.get_content_type() != "message/rfc822"):
            continue
        if len(found) == MAX_ATTACHMENTS:
            raise DocumentError(f"too large: has more than {MAX_ATTACHMENTS} attachments")
        unique = _unique(_safe(name or "message.eml"), names)
        names.add(unique)
        found.append(Attachment(unique, _payload(part)))
    return found


def _parse(data: bytes) -> EmailMessage:
    try:
        message = email.message_from_bytes(data, policy=default)
    except (ValueError, LookupError, TypeError, IndexError, RecursionError) as error:
        raise DocumentError(f"damaged: is no readable mail ({type(error).__name__})") from None
    if not message.keys():
        raise DocumentError("damaged: is no mail; it has no headers")
    return message


def _header(message: Message, name: str) -> str:
    try:
        return str(message.get(name, "")).strip()
    # The standard library's parser of headers fails in many ways on damaged ones.
    except Exception:  # noqa: BLE001 - whichever it is, the header alone is lost
        return ""


def _leaves(message: Message) -> Iterator[Message]:
    """A mail's parts that hold something, in order; an attached mail counts as one, unopened."""
    waiting: list[Message] = [message]
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if part.get_content_type() == "message/rfc822" and part is not message:
            yield part
        elif part.is_multipart():
            waiting.extend(reversed([child for child in part.get_payload() if isinstance(child, Message)]))
        else:
            yield part
    raise DocumentError(f"too large: has more than {_MAX_PARTS:,} parts")


def _text_parts(message: Message) -> list[Message]:
    """The parts that are the mail's own words: all plain ones, or, where there are none, all of HTML."""
    own = [
        part
        for part in _leaves(message)
        if part.get_content_disposition() != "attachment" and not part.get_filename() and not part.is_multipart()
    ]
    for kind in _TEXT_KINDS:
        if found := [part for part in own if part.get_content_type() == kind and _payload(part).strip()]:
            return found
    return []


def _payload(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and inner and isinstance(inner[0], Message) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _decoded(part: Message) -> str:
    return decode(_payload(part), declared=part.get_content_charset())


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
