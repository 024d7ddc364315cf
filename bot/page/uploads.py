"""Files that a person drops into the page: read, asked and forgotten, seen by nobody else, written nowhere.

They belong to a visit: a number that a browser's tab draws by lot, and that only it knows. What it brought is held in
memory until it removes it, does nothing for a while, or the page is stopped.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from zlib import crc32

import anyio
from fastapi import FastAPI
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from bot.answer import Answer
from bot.page.places import short_sha
from bot.page.shelf import shelve
from index.build import Progress
from index.errors import DocumentError
from index.records import Document, LeftOut
from index.workers import SHARED, Workers

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_FILES = 20
# Of a visit's texts together. Reading a thousand characters takes some 10 to 30 ms.
MAX_CHARACTERS = 3_000_000
# Files of all visits that are read at once; further ones wait, and whoever asks something does not.
_AT_ONCE = 2
_LOCKS = 64
# Of all visits together; the one that was idle longest gives way.
_MAX_BYTES = 400 * 1024 * 1024
_MAX_VISITS = 200
# Its text, and its share of vectors, terms, sentences and places.
_BYTES_OF_A_CHARACTER = 12
_IDLE_S = 2 * 3600
_VISIT = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NAME_CHARACTERS = 120


class Asked(Protocol):
    """What answers from documents, and can be made to answer from others."""

    def answer(self, question: str, previous: str | None = None, *, documents: frozenset[str] | None = None) -> Answer:
        """A question, how the one before it was read, and which documents to ask -> its answer."""

    def over(
        self, documents: Sequence[Document], progress: Progress = lambda *_: None, previous: Any = None
    ) -> "Asked":
        """Documents -> what answers from those alone, made sooner where there is one over some of them already."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was dropped in, and the documents in it."""

    name: str
    data: bytes
    documents: tuple[Document, ...]
    added_at: str


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What one visit brought: its files, what answers from them, and when it was last heard of."""

    files: tuple[File, ...]
    asked: Asked | None
    seen: float

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents, file by file."""
        return tuple(document for file in self.files for document in file.documents)


class Uploads:
    """What all visits brought."""

    def __init__(self, base: Asked, workers: Workers = SHARED, clock: Callable[[], float] = time.monotonic) -> None:
        """Has nothing yet.

        Args:
            base: makes what answers from the files.
            workers: the processes that read them.
            clock: seconds, for telling idle visits.
        """
        self._base = base
        self._workers = workers
        self._clock = clock
        self._visits: dict[str, Brought] = {}
        # Held while a visit's files are made ready: one for each visit, or for few of them.
        self._adding = tuple(threading.Lock() for _ in range(_LOCKS))
        self._read: dict[str, float] = {}
        # Held for no longer than it takes to put a visit in its place: whoever asks waits for it.
        self._changing = threading.Lock()

    def of(self, visit: object) -> Brought:
        """A visit's number as a browser sent it -> what it brought; nothing where it is none."""
        brought = self._visits.get(visit) if isinstance(visit, str) else None
        return brought if brought is not None else Brought((), None, self._clock())

    def add(self, visit: str, name: str, data: bytes) -> tuple[LeftOut, ...]:
        """Reads a file and keeps it for the visit -> what is attached to it and could not be read.

        Raises:
            DocumentError: it cannot be read, is there already, or is one too many.
        """
        if len(data) > MAX_FILE_BYTES:
            raise DocumentError(f"too large: has {len(data):,} bytes; expected at most {MAX_FILE_BYTES:,}")
        if not data:
            raise DocumentError("empty")
        self._must_have_room(visit)
        loaded = self._workers.load(_safe(name), data)
        documents = loaded.documents
        with self._one_at_a_time(visit):
            self._must_have_room(visit)
            brought = self.of(visit)
            here = {document.sha256 for document in brought.documents}
            if any(document.sha256 in here for document in documents):
                raise DocumentError("is here already")
            n_characters = sum(len(document.text) for document in (*brought.documents, *documents))
            if n_characters > MAX_CHARACTERS:
                raise DocumentError(
                    f"too much text: with it, your files have {n_characters:,} characters; expected at most "
                    f"{MAX_CHARACTERS:,}; remove another, or index it with: quoth index"
                )
            name = _unique(_safe(name), {file.name for file in brought.files})
            if name != documents[0].path:
                loaded = self._workers.load(name, data)
                documents = loaded.documents
            added_at = datetime.now(UTC).isoformat(timespec="seconds")
            self._keep(visit, (*brought.files, File(name, data, documents, added_at)))
        return loaded.left_out

    def remove(self, visit: str, sha: str) -> None:
        """Forgets the file that holds the document whose hash begins so; the documents attached to it go with it."""
        with self._one_at_a_time(visit):
            files = self.of(visit).files
            kept = tuple(file for file in files if all(short_sha(document) != sha for document in file.documents))
            if len(kept) < len(files):
                self._keep(visit, kept)

    def progress(self, visit: str) -> float | None:
        """A visit -> how much of what it is adding has been read, 0..1; None where nothing is, or is not yet."""
        return self._read.get(visit)

    def shelf(self, visit: str) -> list[dict[str, object]]:
        """A visit -> its documents as the list shows them."""
        files = self.of(visit).files
        return [entry for file in files for entry in shelve(file.documents, file.added_at, mine=True)]

    def file_of(self, visit: object, document: Document) -> tuple[str, bytes]:
        """A visit and a document of its -> the name and bytes of the file that it is or is attached to.

        Raises:
            DocumentError: it is not there any more.
        """
        for file in self.of(visit).files:
            if document in file.documents:
                return file.name, file.data
        raise DocumentError("is gone")

    def heard_of(self, visit: object) -> Brought:
        """A visit that asks for something -> what it brought; it is not idle from now."""
        with self._changing:
            brought = self.of(visit)
            if isinstance(visit, str) and visit in self._visits:
                self._put(visit, Brought(brought.files, brought.asked, self._clock()))
        return brought

    def _must_have_room(self, visit: str) -> None:
        if len(self.of(visit).files) >= MAX_FILES:
            raise DocumentError(f"too many files; expected at most {MAX_FILES}; remove one first")

    def _keep(self, visit: str, files: tuple[File, ...]) -> None:
        # Takes long: what was there before is there until it is done.
        documents = [document for file in files for document in file.documents]

        def progress(step: str, done: int, total: int) -> None:
            if step == "encoding":  # what takes long
                self._read[visit] = done / max(total, 1)

        try:
            asked = self._base.over(documents, progress, self.of(visit).asked) if files else None
        finally:
            self._read.pop(visit, None)
        with self._changing:
            self._put(visit, Brought(files, asked, self._clock()) if files else None)

    def _one_at_a_time(self, visit: str) -> threading.Lock:
        return self._adding[crc32(visit.encode()) % _LOCKS]

    def _put(self, visit: str, brought: Brought | None) -> None:
        """Puts a visit last, in the place of what it was, and lets go of what is idle or too much."""
        now = self._clock()
        others = self._visits.items()
        visits = {v: kept for v, kept in others if v != visit and now - kept.seen <= _IDLE_S}
        if brought is not None:
            visits[visit] = brought
        # The longest idle one comes first, the present one last; it is never given up for itself.
        while len(visits) > 1 and (len(visits) > _MAX_VISITS or _size(visits.values()) > _MAX_BYTES):
            del visits[next(iter(visits))]
        # In one step: whoever looks meanwhile sees the old ones or the new ones.
        self._visits = visits


def _size(visits: Iterable[Brought]) -> int:
    """Visits -> about what they take in memory, in bytes."""
    return sum(
        len(file.data) + _BYTES_OF_A_CHARACTER * sum(len(document.text) for document in file.documents)
        for brought in visits
        for file in brought.files
    )


def mount(app: FastAPI, uploads: Uploads) -> None:
    """Lets the application take files in, list and remove them; a refusal is JSON with its reason."""
    reading = anyio.CapacityLimiter(_AT_ONCE)

    @app.get("/quoth/upload/{visit}/progress")
    async def progress(visit: str) -> Response:
        return JSONResponse(uploads.progress(visit))

    @app.get("/quoth/upload/{visit}")
    def list_files(visit: str) -> Response:
        uploads.heard_of(visit)
        return JSONResponse(uploads.shelf(visit) if _VISIT.fullmatch(visit) else [])

    @app.post("/quoth/upload/{visit}")
    async def add_file(visit: str, name: str, request: Request) -> Response:
        if _VISIT.fullmatch(visit) is None:
            return _refusal("this visit has no number")
        data = bytearray()
        try:
            async for piece in request.stream():
                data += piece
                if len(data) > MAX_FILE_BYTES:
                    return _refusal(f"too large; expected at most {MAX_FILE_BYTES:,} bytes")
            left_out = await anyio.to_thread.run_sync(uploads.add, visit, name, bytes(data), limiter=reading)
        except DocumentError as error:
            return _refusal(str(error))
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"left_out": [f"{item.path}: {item.reason}" for item in left_out if item.failed]})

    @app.delete("/quoth/upload/{visit}/{sha}")
    def remove_file(visit: str, sha: str) -> Response:
        uploads.remove(visit, sha)
        return Response(status_code=204)


def _refusal(reason: str) -> Response:
    return JSONResponse({"refused": reason}, status_code=422)


def _safe(name: str) -> str:
    """A name that somebody gave -> its last part, without what a path or a terminal would obey."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    words = "".join(character for character in last if character.isprintable()).strip(". ")
    return words.encode("utf-8", "replace").decode()[-_NAME_CHARACTERS:] or "file"


def _unique(name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    number = 2
    unique = name
    while unique in taken:
        unique = f"{stem or ending} ({number}){dot}{ending if stem else ''}"
        number += 1
    return unique
