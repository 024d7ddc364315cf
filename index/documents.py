"""Folders and files -> their documents, in the order of their paths."""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from index.errors import CorpusError, DocumentError
from index.gathered import Gatherer
from index.lines import facts_of
from index.loaders import Loaded
from index.loaders.kinds import Kind
from index.records import Corpus, Document, LeftOut
from index.workers import SHARED, Workers

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
# At the top of the folder it tells people about the corpus; it is not one of the documents, unless it is named.
ABOUT_THE_CORPUS = "README.md"

Progress = Callable[[str, int, int], None]
# (path, sha256 of the file) -> what the file gave when it was read before, or None.
Known = Callable[[str, str], Loaded | None]
# So many files are being read, or wait until those before them have been.
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, by what its documents are called: its POSIX path below the root; or what is listed, but not read.

    Attributes:
        path: what its documents are called.
        left_out: why it is not read, where that is known before it is opened.
    """

    path: str
    left_out: LeftOut | None = None

    def file(self, root: Path) -> Path:
        """The root -> where the file is."""
        return root if root.is_file() else root / self.path


def nothing_known(_path: str, _source_sha256: str) -> Loaded | None:
    """No file was read before."""
    return None


def read_corpus(
    *sources: Path,
    known: Known = nothing_known,
    strict: bool = False,
    workers: Workers = SHARED,
    progress: Progress = lambda *_: None,
    gatherer: Gatherer | None = None,
) -> Corpus:
    """Folders and files -> their documents and what was left out.

    Hidden files and folders are passed over; links that lead out of the folder are left out, so that only
    what lies in it is ever quoted. So are folders that cannot be opened, and whatever is no file. One bad file
    never stops the rest, unless `strict`.

    Args:
        sources: one folder, one file, or several of both; documents of several are named from the folder that holds
            them all.
        known: files that were read before; they are not parsed again.
        strict: the first file that cannot be read stops it all.
        workers: the processes that read the files.
        progress: called with ("loading", done, total).
        gatherer: where the documents are put; by default they stay in memory.

    Raises:
        CorpusError: nothing there, or under a path that is not UTF-8, or nothing in it that can be read, or, when
            strict, a file that cannot.
    """
    refuse_unusable(sources)
    root = _root(sources)
    kept: list[Document] = []
    keep = kept.append if gatherer is None else gatherer.add
    left_out: list[LeftOut] = []
    found = list(_files(root, sources))
    reading: deque[Loaded | Future[Loaded]] = deque()
    with ThreadPoolExecutor(workers.n_processes) as pool:
        try:
            for number, loaded in enumerate(_in_order(found, root, known, workers, pool, reading), start=1):
                for document in loaded.documents:
                    keep(document)
                left_out.extend(loaded.left_out)
                progress("loading", number, len(found))
                if strict:
                    _refuse_failed(loaded.left_out)
        except BaseException:
            # Stopped, by Ctrl-C for one: nobody waits for what is still being read.
            for future in reading:
                if isinstance(future, Future):
                    future.cancel()
            workers.close()
            raise
    kept.sort(key=lambda document: document.path)
    documents = tuple(kept) if gatherer is None else gatherer.finish()
    if not documents:
        reasons = "; ".join(f"{item.path}: {item.reason}" for item in left_out[:3])
        named = sources[0] if len(sources) == 1 else root
        raise CorpusError(
            f"{named} holds no document that can be read{f' ({reasons})' if reasons else ''}; "
            f"put {_kinds()} files there"
        )
    return Corpus(str(root), documents, tuple(left_out), tuple(str(source.resolve()) for source in sources))


def refuse_unusable(sources: Sequence[Path]) -> None:
    """Folders and files -> nothing, if they are there and an index can name them.

    Raises:
        CorpusError: one of them is not there, or lies under a name that is no text.
    """
    for source in sources:
        if not source.exists():
            raise CorpusError(f"there is no folder or file {source}; expected one with {_kinds()} files")
        if not _is_text(path := str(source.resolve())):  # the root of several lies above them all
            raise CorpusError(
                f"{os.fsencode(path).decode(errors='replace')} has a path that is not UTF-8; expected one that an "
                f"index can name; rename what is not, or index a copy elsewhere"
            )


def file_of(path: str, documents: Collection[str]) -> str | None:
    """A path, and those of all documents -> which of these is the file that it is or is attached to, or None."""
    parts = path.split("/")
    paths = ("/".join(parts[:n]) for n in range(1, len(parts) + 1))
    return next((file for file in paths if file in documents), None)


def left_out_by_file(corpus: Corpus) -> dict[str, tuple[LeftOut, ...]]:
    """A corpus -> the path of a document -> what is attached to it and was left out."""
    if not corpus.left_out:
        return {}
    paths = {facts.path for facts in facts_of(corpus.documents)}
    attached: dict[str, tuple[LeftOut, ...]] = {}
    for item in corpus.left_out:
        if (file := file_of(item.path, paths)) is not None:
            attached[file] = (*attached.get(file, ()), item)
    return attached


def read_document(root: Path, path: str, workers: Workers = SHARED) -> Document:
    """One document of the folder, read anew; one attached to a mail by its whole name.

    Raises:
        DocumentError: it is gone, lies outside the folder, or cannot be read.
    """
    source = source_of(root, path)
    loaded = _read(root, source, workers)
    document = next((document for document in loaded.documents if document.path == path), None)
    if document is None:
        raise DocumentError("is gone")
    return document


def read_source(root: Path, path: str) -> tuple[str, bytes]:
    """The root and a document's path -> the name and bytes of the file that it is, or is attached to.

    Raises:
        DocumentError: it is gone, lies outside the folder, or cannot be opened.
    """
    source = source_of(root, path)
    return source.path, _bytes_of(root, source)


def source_of(root: Path, path: str) -> _Found:
    """The root and a document's path -> the file that holds it.

    Raises:
        DocumentError: it is gone.
    """
    if root.is_file():
        if path == root.name or path.startswith(f"{root.name}/"):
            return _Found(root.name)
        raise DocumentError("is gone")
    parts = path.split("/")
    if "\0" in path or not {"", ".", ".."}.isdisjoint(parts):  # no document is called so
        raise DocumentError("is gone")
    for n in range(len(parts), 0, -1):
        name = "/".join(parts[:n])
        if (root / name).is_file():
            return _Found(name)
    raise DocumentError("is gone")


def _root(sources: Sequence[Path]) -> Path:
    """What documents are named from: the one source, or the folder that holds all of several."""
    if len(sources) == 1:
        return sources[0].resolve()
    folders = [source.resolve() if source.is_dir() else source.resolve().parent for source in sources]
    return Path(os.path.commonpath(folders))


def _files(root: Path, sources: Sequence[Path]) -> Iterator[_Found]:
    """The root, and folders and files -> all files in them, and what else a person would look for, by their paths."""
    if root.is_file():
        yield _Found(root.name)
        return
    found: dict[str, _Found] = {}
    for source in (source.resolve() if len(sources) > 1 else root for source in sources):
        items = [_Found(source.relative_to(root).as_posix())] if source.is_file() else _walk(root, source)
        for item in items:
            # A file that is named is read, whatever a walk thinks of it.
            if item.path not in found or item.left_out is None:
                found[item.path] = item
    yield from (item for _, item in sorted(found.items()))


def _walk(root: Path, source: Path) -> Iterator[_Found]:
    """The root and a folder in it -> what is in it, but for hidden files and folders."""
    failed: list[OSError] = []
    for folder, folders, names in os.walk(source, onerror=failed.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*names, *folders):
            file = Path(folder) / name
            path = file.relative_to(root).as_posix()
            if not name.startswith(".") and (name in names or file.is_symlink()):
                yield _Found(path, _left_out_unopened(root, file, path))
    for error in failed:
        here = Path(error.filename)
        path = here.relative_to(root).as_posix()
        yield _Found(path, LeftOut(path, f"is a folder that cannot be opened ({error.strerror})"))


def _left_out_unopened(root: Path, file: Path, path: str) -> LeftOut | None:
    """What a walk finds -> why it is left out without being opened, or None."""
    if path == ABOUT_THE_CORPUS:
        return LeftOut(path, "tells about the corpus, is not quoted", failed=False)
    if file.is_file():
        return None
    if file.is_dir():
        if file.resolve().is_relative_to(root):
            return LeftOut(path, "is a link to a folder; its files are read where they are", failed=False)
        return LeftOut(path, "is a link that leads out of the folder")
    if file.is_symlink():
        return LeftOut(path, "is a link that leads nowhere")
    return LeftOut(path, "is no file", failed=False)


def _refuse_failed(left_out: Sequence[LeftOut]) -> None:
    for item in left_out:
        if item.failed:
            raise CorpusError(f"{item.path}: {item.reason}; leave out --strict to index the others")


def _in_order(  # noqa: PLR0917 - all that reading takes
    found: Iterable[_Found],
    root: Path,
    known: Known,
    workers: Workers,
    pool: ThreadPoolExecutor,
    reading: deque[Loaded | Future[Loaded]],
) -> Iterator[Loaded]:
    """Files -> what each gave, in order; `reading` has those that are under way."""
    for item in found:
        # A closure for each, so that a file's bytes live no longer than its reading.
        reading.append(_known(root, item, known) or pool.submit(_read_or_refuse, root, item, workers))
        while reading and (len(reading) > _AHEAD or isinstance(reading[0], Loaded) or reading[0].done()):
            yield _result(reading.popleft())
    while reading:
        yield _result(reading.popleft())


def _result(reading: Loaded | Future[Loaded]) -> Loaded:
    return reading if isinstance(reading, Loaded) else reading.result()


def _known(root: Path, item: _Found, known: Known) -> Loaded | None:
    """What a file gave when it was read before; None where it was not; why it cannot be, its reader says."""
    if known is nothing_known or item.left_out is not None:
        return None
    try:
        return known(item.path, hashlib.sha256(_bytes_of(root, item)).hexdigest())
    except DocumentError:
        return None


def _read_or_refuse(root: Path, item: _Found, workers: Workers) -> Loaded:
    if item.left_out is not None:
        return Loaded((), (item.left_out,))
    try:
        return _read(root, item, workers)
    except DocumentError as error:
        return Loaded((), (LeftOut(item.path, str(error)),))


def _read(root: Path, item: _Found, workers: Workers) -> Loaded:
    data = _bytes_of(root, item)
    if not data:
        raise DocumentError("empty")
    return workers.load(item.path, data)


def _bytes_of(root: Path, item: _Found) -> bytes:
    if not _is_text(item.path):
        raise DocumentError("has a name that is not UTF-8; rename it")
    file = item.file(root)
    real = os.path.realpath(file)
    if real != str(file) and root.is_dir() and not Path(real).is_relative_to(root.resolve()):
        raise DocumentError("is a link that leads out of the folder")
    try:
        size = file.stat().st_size
        if size > MAX_DOCUMENT_BYTES:
            raise DocumentError(f"too large: has {size:,} bytes; expected at most {MAX_DOCUMENT_BYTES:,}")
        return file.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot be opened ({error.strerror})") from error


def _is_text(name: str) -> bool:
    """Whether a file's name is more than bytes: an answer could not cite it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kinds() -> str:
    return ", ".join(Kind)
