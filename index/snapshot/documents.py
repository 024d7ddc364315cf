"""Documents: a line each, which becomes a record when it is looked at; and their texts, read when those are.

documents.jsonl  a document a line, in the order of their paths, without what is empty, false or said already
documents.at     (n_documents + 1,) uint32 or int64: where each line begins
texts.utf8       their canonical texts, one after another
notes.json       by a document's path what is rarely there: why the model serves it badly, what it left out

Line and text are verified when they are first looked at: no character of them is seen before.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.errors import SnapshotDamaged
from index.lines import Facts, Lines, StoredDocument, as_json, entry_of, fields_of
from index.locks import Hold
from index.records import Document, LeftOut
from index.snapshot.files import Files, smallest

DOCUMENTS, DOCUMENTS_AT, TEXTS, NOTES = "documents.jsonl", "documents.at", "texts.utf8", "notes.json"
# So many documents, and those of their texts that were read, stay in memory, unless they have more bytes together.
_REMEMBERED, _REMEMBERED_BYTES = 1024, 1 << 27


class StoredDocuments(Lines):
    """The documents of a generation, each read when it is looked at; equal to any other sequence of equal ones."""

    def __init__(self, files: Files, count: int, hold: Hold | None) -> None:
        """Takes files of a generation, how many documents they hold, and what is kept until all texts have been read.

        Raises:
            SnapshotDamaged: their files are cut short.
        """
        super().__init__()
        self._files, self._hold = files, hold
        self._lines = files.stored(DOCUMENTS, "u1", (files.size(DOCUMENTS),))
        self._starts = files.starts(DOCUMENTS_AT, count, files.size(DOCUMENTS))
        self._lock = threading.Lock()
        self._made: dict[int, StoredDocument] = {}
        self._made_bytes = 0

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # what is compared like a list is hashed like one

    def _at(self, number: int) -> StoredDocument:
        """An ordinal -> its document, the same one as long as it is remembered: its text is read once."""
        document = self._made.get(number)
        if document is None:
            document = self.read(number)
            with self._lock:
                if number not in self._made:
                    self._remember(number, document)
                document = self._made.get(number, document)
        return document

    def _remember(self, number: int, document: StoredDocument) -> None:
        """Keeps it, and forgets what came first."""
        self._made[number] = document
        self._made_bytes += document.n_bytes
        while len(self._made) > _REMEMBERED or (self._made_bytes > _REMEMBERED_BYTES and len(self._made) > 1):
            self._made_bytes -= self._made.pop(next(iter(self._made))).n_bytes

    def facts(self) -> Iterator[Facts]:
        """What tells each of them from another, in order."""
        for entry, _ in self.entries():
            source = entry["source_sha256"]
            yield Facts(entry["path"], source, entry.get("sha256", source))

    def entry(self, number: int) -> tuple[dict[str, Any], int]:
        """An ordinal -> what stands in its line, but for the place of its text, and how many bytes that has."""
        with self._understood():
            entry, place = self._line(number)
            return entry, len(place)

    def read(self, number: int) -> StoredDocument:
        """An ordinal -> its document, made anew and not remembered."""
        with self._understood():
            entry, place = self._line(number)
            values = fields_of(entry)
            sha256 = str(entry.get("sha256", values["source_sha256"]))
            text = _Text(self._files, place, values["path"], sha256, self._hold)
            return StoredDocument(values, sha256, (self.mark, number), len(place), text.read)

    def _line(self, number: int) -> tuple[dict[str, Any], range]:
        """An ordinal -> what stands in its line, and where its text lies."""
        start, stop = self._starts.part(number, number + 2).tolist()
        entry = json.loads(self._lines.part(start, stop).tobytes())
        return entry, range(*entry.pop("text"))

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        # Of lines whose checksum is right: they were written by something else.
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise SnapshotDamaged(
                f"{DOCUMENTS} of the index cannot be read ({type(error).__name__}); {self._files.rebuilding}"
            ) from error


def documents_to_lines(documents: Sequence[Document], starts: list[int]) -> Iterator[bytes]:
    """Documents -> the lines of `documents.jsonl`; where each begins, and the last ends, is added to `starts`."""
    entries = (
        documents.entries()
        if isinstance(documents, Lines)
        else ((entry_of(document), document.n_bytes) for document in documents)
    )
    start = at = 0
    starts.append(at)
    for entry, n_bytes in entries:
        line = as_json({**entry, "text": [start, start + n_bytes]})
        start, at = start + n_bytes, at + len(line)
        starts.append(at)
        yield line


def starts_to_bytes(starts: Sequence[int]) -> memoryview:
    """Where lines begin -> the bytes of `documents.at`."""
    return smallest(np.array(starts, np.int64)).data


def texts_of(documents: Iterable[Document]) -> Iterator[bytes]:
    """Documents -> the pieces of `texts.utf8`."""
    return (document.utf8() for document in documents)


def notes_to_bytes(warnings: Mapping[str, str], left_out: Mapping[str, Sequence[LeftOut]]) -> bytes:
    """By a document's path, why the model serves it badly and what it left out -> the bytes of `notes.json`."""
    return as_json(
        {
            "warnings": dict(sorted(warnings.items())),
            "left_out": {
                path: [[item.path, item.reason, item.failed] for item in items]
                for path, items in sorted(left_out.items())
                if items
            },
        }
    )


@dataclass(frozen=True, slots=True)
class Notes:
    """What stands in `notes.json`; the fields are those of `Contents`."""

    warnings: Mapping[str, str]
    left_out: Mapping[str, tuple[LeftOut, ...]]


def read_notes(files: Files) -> Notes:
    """Files of a generation -> what else there is to say of its documents.

    Raises:
        SnapshotDamaged: their file is cut short or altered.
    """
    notes = json.loads(files.read(NOTES))
    left_out = {path: tuple(LeftOut(*item) for item in items) for path, items in notes["left_out"].items()}
    return Notes(dict(notes["warnings"]), left_out)


class _Text:
    """Where a text lies."""

    def __init__(self, files: Files, place: range, path: str, sha256: str, hold: Hold | None) -> None:
        self._files, self._place, self._path, self._sha256, self._hold = files, place, path, sha256, hold

    def read(self) -> bytes:
        """The text's bytes, verified."""
        try:
            with (self._files.folder / TEXTS).open("rb") as file:
                file.seek(self._place.start)
                data = file.read(len(self._place))
        except OSError as error:
            raise SnapshotDamaged(
                f"{TEXTS} of the index cannot be read ({error.strerror}); {self._files.rebuilding}"
            ) from error
        if hashlib.sha256(data).hexdigest() != self._sha256:
            raise SnapshotDamaged(
                f"the text of {self._path} in {TEXTS} of the index was altered; {self._files.rebuilding}"
            )
        return data
