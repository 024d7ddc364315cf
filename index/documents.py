"""A corpus folder -> its documents, in the order of their paths."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from index.errors import CorpusError, DocumentError
from index.loaders import LOADERS, loader_for
from index.records import Corpus, Document, LeftOut

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
# At the top of the folder it tells people about the corpus; it is not one of the documents.
ABOUT_THE_CORPUS = "README.md"


# (path, sha256 of the file) -> the document, where it has been read before.
Known = Callable[[str, str], Document | None]


def read_corpus(root: Path, known: Known = lambda *_: None) -> Corpus:
    """Folder (or one file) -> its documents and what was left out.

    A file that is `known` is not parsed again.

    Hidden files and folders are passed over; links that lead out of the folder are left out, so that only
    what lies in it is ever quoted. One bad file never stops the rest.

    Raises:
        CorpusError: nothing there, or nothing in it that can be read.
    """
    if not root.exists():
        raise CorpusError(f"there is no folder {root}; expected one with {_kinds()} files")
    documents: list[Document] = []
    left_out: list[LeftOut] = []
    for file, path in _files(root):
        if path == ABOUT_THE_CORPUS and root.is_dir():
            left_out.append(LeftOut(path, "tells about the corpus, is not quoted", failed=False))
            continue
        try:
            documents.append(_read(root, file, path, known))
        except DocumentError as error:
            left_out.append(LeftOut(path, str(error)))
    if not documents:
        reasons = "; ".join(f"{item.path}: {item.reason}" for item in left_out[:3])
        raise CorpusError(
            f"{root} holds no document that can be read{f' ({reasons})' if reasons else ''}; put {_kinds()} files there"
        )
    return Corpus(str(root.resolve()), tuple(documents), tuple(left_out))


def read_document(root: Path, path: str) -> Document:
    """One document of the folder, read anew.

    Raises:
        DocumentError: it is gone, lies outside the folder, or cannot be read.
    """
    file = root / path if root.is_dir() else root
    if not file.is_file():
        raise DocumentError("is gone")
    return _read(root, file, path)


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    if root.is_file():
        yield root, root.name
        return
    found = []
    for file in root.rglob("*"):
        relative = file.relative_to(root)
        if file.is_file() and not any(part.startswith(".") for part in relative.parts):
            found.append((file, relative.as_posix()))
    yield from sorted(found, key=lambda item: item[1])


def _read(root: Path, file: Path, path: str, known: Known = lambda *_: None) -> Document:
    if not _is_text(path):
        raise DocumentError("has a name that is not UTF-8; rename it")
    load = loader_for(path)
    if load is None:
        raise DocumentError(f"is of an unknown kind; this version reads {_kinds()}")
    if root.is_dir() and not file.resolve().is_relative_to(root.resolve()):
        raise DocumentError("is a link that leads out of the folder")
    try:
        size = file.stat().st_size
        if size > MAX_DOCUMENT_BYTES:
            raise DocumentError(f"has {size:,} bytes; expected at most {MAX_DOCUMENT_BYTES:,}")
        data = file.read_bytes()
        document = known(path, hashlib.sha256(data).hexdigest()) or load(path, data)
    except OSError as error:
        raise DocumentError(f"cannot be opened ({error.strerror})") from error
    if not document.paragraphs:
        raise DocumentError("is empty")
    return document


def _is_text(name: str) -> bool:
    """Whether a file's name is more than bytes: an answer could not cite it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kinds() -> str:
    return ", ".join(LOADERS)
