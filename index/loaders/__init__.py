"""One small module for each kind of document: bytes -> Document.

To read another kind, add a module with a `load(path, data) -> Document`, teach `kinds` to tell it, and name it here. A
loader is a pure function: it executes nothing, fetches nothing and writes nothing. It runs in a worker process
(`worker`), for whoever wrote the file may have meant it to harm.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType

from index.errors import DocumentError
from index.loaders.blocks import refuse_too_long
from index.loaders.kinds import Kind, kind_of
from index.records import Document, LeftOut

Loader = Callable[[str, bytes], Document]

# Modules by name: their libraries take time to import, and most folders hold few kinds.
_MODULES: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.TEXT: "text",
        Kind.MARKDOWN: "markdown",
        Kind.RST: "rst",
        Kind.HTML: "html",
        Kind.PDF: "pdf",
        Kind.DOCX: "docx",
        Kind.ODT: "odt",
        Kind.EPUB: "epub",
        Kind.EML: "eml",
    }
)
_MAILS_DEEP = 5
# How the reasons begin after which a process may be left in any state.
OUT_OF_MEMORY, NOT_PARSED = "too large: reading it takes more memory", "damaged: cannot be parsed"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave: its document first, then those attached to it; and the attachments left out."""

    documents: tuple[Document, ...]
    left_out: tuple[LeftOut, ...] = ()


def loader_for(kind: Kind) -> Loader:
    """A kind -> its loader."""
    load: Loader = import_module(f"index.loaders.{_MODULES[kind]}").load
    return load


def load_document(path: str, data: bytes) -> Document:
    """A file's name and bytes -> the document, without what is attached to it.

    Raises:
        DocumentError: it cannot be read; the message begins with one of: encrypted, damaged, empty, too large,
            unknown type, no text.
    """
    document = loader_for(kind_of(path, data))(path, data)
    if not document.paragraphs:
        raise DocumentError("empty")
    refuse_too_long(len(document.text))
    return document


def load_file(path: str, data: bytes, *, attached: bool = True) -> Loaded:
    """A file's name and bytes -> its documents; one attached to a mail is called `mail.eml/name`.

    Args:
        path: the file's name.
        data: its bytes.
        attached: whether to read what is attached to a mail, too.

    Raises:
        DocumentError: the file itself cannot be read.
    """
    documents = [load_document(path, data)]
    left_out: list[LeftOut] = []
    waiting = [(path, data, 1)] if attached and kind_of(path, data) is Kind.EML else []
    while waiting:
        mail, contents, depth = waiting.pop(0)
        for name, part in _attached(mail, contents, left_out):
            try:
                document = load_document(name, part)
                refuse_too_long(sum(len(before.text) for before in (*documents, document)))
                documents.append(document)
                is_mail = kind_of(name, part) is Kind.EML
            except Exception as error:  # noqa: BLE001 - whatever is wrong with an attachment, its mail is read
                reason = reason_of(error)
                # Signatures and logos come with most mails; nobody expects them to be quoted.
                left_out.append(LeftOut(name, reason, failed=not reason.startswith("unknown type")))
                continue
            if is_mail and depth < _MAILS_DEEP:
                waiting.append((name, part, depth + 1))
            elif is_mail:
                left_out.append(LeftOut(name, f"too large: holds mails within mails, more than {_MAILS_DEEP} deep"))
    return Loaded(tuple(documents), tuple(left_out))


def reason_of(error: Exception) -> str:
    """What went wrong while a file was read -> why it is left out, in one line."""
    match error:
        case DocumentError():
            return str(error)
        case MemoryError():
            return f"{OUT_OF_MEMORY} than it may; split it"
        case RecursionError():
            return "damaged: is nested too deeply"
        case _:  # a defect of a loader's own: those of the libraries are DocumentErrors by now
            return f"{NOT_PARSED} ({type(error).__name__})"


def part_of(path: str, data: bytes, part: str) -> bytes:
    """A mail's name and bytes, and the name of a document attached to it, however deep -> that file's bytes.

    Raises:
        DocumentError: it is not there.
    """
    while part != path:
        inner = next((a for a in _attached(path, data, []) if part == a[0] or part.startswith(f"{a[0]}/")), None)
        if inner is None:
            raise DocumentError("is gone")
        path, data = inner
    return data


def _attached(mail: str, data: bytes, left_out: list[LeftOut]) -> list[tuple[str, bytes]]:
    from index.loaders.eml import attachments  # noqa: PLC0415 - as loaders are, only for those who need it

    found = []
    try:
        for attachment in attachments(data):
            if attachment.data is None:
                left_out.append(LeftOut(f"{mail}/{attachment.name}", "damaged: cannot be taken out of its mail"))
            else:
                found.append((f"{mail}/{attachment.name}", attachment.data))
    except DocumentError as error:
        left_out.append(LeftOut(mail, str(error)))
    return found
