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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

import numpy as np

from index.errors import SnapshotDamaged
from index.locks import Hold
from index.records import Document, LeftOut, document_as_json, fields_from_json
from index.snapshot.files import Files, smallest
from index.snapshot.manifest import as_json

DOCUMENTS, DOCUMENTS_AT, TEXTS, NOTES = "documents.jsonl", "documents.at", "texts.utf8", "notes.json"
# So many documents, and those of their texts that were read, stay in memory.
_REMEMBERED = 1024


class StoredDocument(Document):
    """A document whose text still lies in its file.

    Raises (whoever looks at its text first):
        SnapshotDamaged: the text was altered since it was written.
    """

    def __init__(self, values: Mapping[str, Any], sha256: str, read: Callable[[], str]) -> None:
        """Takes the fields but `text`, the hash that is in `sha256`'s place, and how to read the text."""
        self.__dict__.update(values, sha256=sha256, _read=read)

    def __getattr__(self, name: str) -> Any:
        if name != "text" or "_read" not in self.__dict__:
            raise AttributeError(name)
        # Two threads may both read it; both get the same. Then its file is needed no longer.
        read = self.__dict__.get("_read")
        text = read() if read is not None else self.__dict__["text"]
        self.__dict__["text"] = text
        self.__dict__["_read"] = None
        return text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and all(
            getattr(self, entry.name) == getattr(other, entry.name) for entry in fields(Document)
        )

    def __hash__(self) -> int:
        return hash((self.path, self.sha256))


class StoredDocuments(Sequence[Document]):
    """The documents of a generation, each read when it is looked at; equal to any other sequence of equal ones."""

    def __init__(self, files: Files, count: int, hold: Hold | None) -> None:
        """Takes files of a generation, how many documents they hold, and what is kept until all texts have been read.

        Raises:
            SnapshotDamaged: their files are cut short.
        """
        self._files, self._hold = files, hold
        self._lines = files.stored(DOCUMENTS, "u1", (files.size(DOCUMENTS),))
        self._starts = files.starts(DOCUMENTS_AT, count, files.size(DOCUMENTS))
        self._lock = threading.Lock()
        self._made: dict[int, Document] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, at: int) -> Document: ...
    @overload
    def __getitem__(self, at: slice) -> list[Document]: ...
    def __getitem__(self, at: int | slice) -> Document | list[Document]:
        if isinstance(at, slice):
            return [self._at(number) for number in range(len(self))[at]]
        return self._at(range(len(self))[at])

    def __iter__(self) -> Iterator[Document]:
        return map(self._at, range(len(self)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment] # what is compared like a list is hashed like one

    def _at(self, number: int) -> Document:
        """An ordinal -> its document, the same one as long as it is remembered: its text is read once."""
        document = self._made.get(number)
        if document is None:
            document = self._read(number)
            with self._lock:
                document = self._made.setdefault(number, document)
                if len(self._made) > _REMEMBERED:
                    del self._made[next(iter(self._made))]
        return document

    def _read(self, number: int) -> Document:
        start, stop = self._starts.part(number, number + 2).tolist()
        try:
            entry = json.loads(self._lines.part(start, stop).tobytes())
            values = fields_from_json({**_EMPTY, **entry})
            sha256 = str(entry.get("sha256", values["source_sha256"]))
            text = _Text(self._files, range(*entry["text"]), values["path"], sha256, self._hold)
            return StoredDocument(values, sha256, text.read)
        # Of lines whose checksum is right: they were written by something else.
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise SnapshotDamaged(
                f"{DOCUMENTS} of the index cannot be read ({type(error).__name__}); {self._files.rebuilding}"
            ) from error


# What a line leaves out where it is so.
_EMPTY: Mapping[str, Any] = {
    "title_from_name": False,
    "numbered_by_section": False,
    **dict.fromkeys(("headings", "paragraphs", "pages", "rows", "runs", "removed"), ()),
}


def documents_to_lines(documents: Iterable[Document], starts: list[int]) -> Iterator[bytes]:
    """Documents -> the lines of `documents.jsonl`; where each begins, and the last ends, is added to `starts`."""
    start = at = 0
    starts.append(at)
    for document in documents:
        end = start + len(document.text.encode())
        entry = {name: value for name, value in document_as_json(document).items() if value or name not in _EMPTY}
        if entry["sha256"] == entry["source_sha256"]:  # as of most text files
            del entry["sha256"]
        line = as_json({**entry, "text": [start, end]})
        start, at = end, at + len(line)
        starts.append(at)
        yield line


def starts_to_bytes(starts: Sequence[int]) -> memoryview:
    """Where lines begin -> the bytes of `documents.at`."""
    return smallest(np.array(starts, np.int64)).data


def texts_of(documents: Iterable[Document]) -> Iterator[bytes]:
    """Documents -> the pieces of `texts.utf8`."""
    return (document.text.encode() for document in documents)


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

    def read(self) -> str:
        """The text, verified."""
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
        return data.decode()
